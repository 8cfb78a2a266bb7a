//! Buying power: how much can be ordered of one symbol at one price.

use crate::domain::account::{AccountNumber, BuyingPower};
use crate::domain::mode::Mode;
use crate::domain::money::Usd;
use crate::domain::symbol::{Exchange, Symbol};
use crate::kis::endpoint::{Answer, Endpoint, Payload, Query};
use crate::kis::error::Nonsense;
use crate::kis::json::Object;
use crate::kis::wire::{self, MayBeAbsent};

/// 해외주식 매수가능금액조회, GET `/uapi/overseas-stock/v1/trading/inquire-psamount`, real TTTS3007R, paper VTTS3007R
/// (portal workbook of 2026-06-03).
///
/// Oddities: price and symbol are required; amounts and quantities hold for them only. KIS holds back about half a
/// per cent on real and one per cent on paper. On real `ord_psbl_frcr_amt` is without the sale proceeds, on paper
/// they are inside it. Fields named "통합" count won as well and are not used, except `frcr_ord_psbl_amt1` on paper,
/// where `ovrs_ord_psbl_amt` was seen missing.
pub(crate) struct BuyingPowerOf<'a> {
    pub(crate) exchange: Exchange,
    pub(crate) symbol: &'a Symbol,
    pub(crate) price: Usd,
}

impl Endpoint for BuyingPowerOf<'_> {
    const PATH: &'static str = "/uapi/overseas-stock/v1/trading/inquire-psamount";

    fn tr_id(&self, mode: Mode) -> &'static str {
        match mode {
            Mode::Real => "TTTS3007R",
            Mode::Paper => "VTTS3007R",
        }
    }

    fn payload(&self, _: Mode, account: &AccountNumber) -> Payload {
        Payload::Query(vec![
            ("CANO", account.number().to_owned()),
            ("ACNT_PRDT_CD", account.product().to_owned()),
            ("OVRS_EXCG_CD", self.exchange.code().to_owned()),
            ("OVRS_ORD_UNPR", wire::price_text(self.price)),
            ("ITEM_CD", self.symbol.as_str().to_owned()),
        ])
    }
}

impl Query for BuyingPowerOf<'_> {
    type Answer = BuyingPower;
    const IS_LEDGER: bool = true;

    fn read(&self, answer: &Answer<'_>) -> Result<BuyingPower, Nonsense> {
        let rows = wire::rows(answer.body, "output", MayBeAbsent::No)?;
        let [row] = rows[..] else { return Err(Nonsense::new("the buying power is not one row")) };
        let currency = wire::text(row, "tr_crcy_cd")?;
        if currency != "USD" {
            return Err(Nonsense::of_field("tr_crcy_cd", currency, "not USD"));
        }
        Ok(BuyingPower {
            orderable: orderable(row, answer.mode)?,
            cash: required(row, "ord_psbl_frcr_amt")?,
            sale_proceeds: required(row, "sll_ruse_psbl_amt")?,
            max_quantity: wire::quantity(row, "max_ord_psbl_qty")?,
        })
    }
}

/// The foreign-currency amount; on paper the integrated one where that is missing or zero. There is no won in a
/// paper account's orders, and callers never go beyond the dollars in cash anyway.
fn orderable(row: &Object, mode: Mode) -> Result<Usd, Nonsense> {
    const FOREIGN: &str = "ovrs_ord_psbl_amt";
    const INTEGRATED: &str = "frcr_ord_psbl_amt1";
    let stands_in = mode == Mode::Paper && row.get(INTEGRATED).is_some();
    let foreign = if stands_in && row.get(FOREIGN).is_none() { None } else { wire::amount(row, FOREIGN)? };
    match foreign {
        Some(amount) if amount != Usd::ZERO || !stands_in => Ok(amount),
        _ if stands_in => required(row, INTEGRATED),
        _ => Err(Nonsense::new(format!("{FOREIGN} is blank"))),
    }
}

fn required(row: &Object, key: &str) -> Result<Usd, Nonsense> {
    wire::amount(row, key)?.ok_or_else(|| Nonsense::new(format!("{key} is blank")))
}
