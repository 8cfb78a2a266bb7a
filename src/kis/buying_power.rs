//! Buying power: how much can be ordered of one symbol at one price.

use crate::domain::{AccountNumber, BuyingPower, Exchange, Mode, Symbol, Usd};
use crate::kis::endpoint::{Answer, Endpoint, Payload, Query};
use crate::kis::error::Nonsense;
use crate::kis::json::Object;
use crate::kis::rate_slot::SlotKind;
use crate::kis::wire::{self, MayBeAbsent};
use crate::kis::words::{self, fields};

/// 해외주식 매수가능금액조회, GET `/uapi/overseas-stock/v1/trading/inquire-psamount`, real TTTS3007R, paper VTTS3007R
/// (portal workbook of 2026-06-03).
///
/// Oddities: price and symbol are required; amounts and quantities hold for them only. KIS holds back about half a
/// per cent on real and one per cent on paper. On real `ord_psbl_frcr_amt` is without the sale proceeds, on paper
/// they are inside it, and it alone is the cap. Fields named "통합" count won as well: they only say how much of it there is,
/// except `frcr_ord_psbl_amt1` on paper, where `ovrs_ord_psbl_amt` was seen missing.
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
            ("OVRS_EXCG_CD", self.exchange.word().to_owned()),
            ("OVRS_ORD_UNPR", wire::price_text(self.price)),
            ("ITEM_CD", self.symbol.as_str().to_owned()),
        ])
    }
}

impl Query for BuyingPowerOf<'_> {
    type Answer = BuyingPower;
    const SLOT: SlotKind = SlotKind::LedgerRead;

    fn read(&self, answer: &Answer<'_>) -> Result<BuyingPower, Nonsense> {
        let rows = wire::rows(answer.body, "output", MayBeAbsent::No)?;
        let [row] = rows[..] else { return Err(Nonsense(words::power_not_one_row())) };
        let currency = wire::text(row, "tr_crcy_cd")?;
        if currency != "USD" {
            return Err(Nonsense(fields::no_dollars("tr_crcy_cd", currency)));
        }
        let (orderable, proceeds) = (orderable(row, answer.mode)?, required(row, "sll_ruse_psbl_amt")?);
        Ok(BuyingPower {
            orderable,
            with_won: integrated(row).map_or(orderable, |amount| amount.max(orderable)),
            cash: required(row, CASH)?,
            sale_proceeds: if answer.mode == Mode::Paper { Usd::ZERO } else { proceeds },
            max_quantity: wire::quantity(row, "max_ord_psbl_qty")?,
        })
    }
}

const CASH: &str = "ord_psbl_frcr_amt";
const FOREIGN: &str = "ovrs_ord_psbl_amt";
const INTEGRATED: &str = "frcr_ord_psbl_amt1";

/// The foreign-currency amount; on paper the integrated one where that is missing, blank or zero, and the cash where that is
/// missing too: callers never go beyond the dollars in cash anyway.
fn orderable(row: &Object<'_>, mode: Mode) -> Result<Usd, Nonsense> {
    if mode == Mode::Real {
        return required(row, FOREIGN);
    }
    let foreign = if row.get(FOREIGN).is_some() { wire::amount(row, FOREIGN)? } else { None };
    match foreign.filter(|amount| *amount != Usd::ZERO) {
        Some(foreign) => Ok(foreign),
        None if row.get(INTEGRATED).is_some() => required(row, INTEGRATED),
        None => foreign.map_or_else(|| required(row, CASH), Ok),
    }
}

/// What orders may use with won counted; decides nothing, so it may be missing or odd.
fn integrated(row: &Object<'_>) -> Option<Usd> {
    wire::read_decimal(wire::description(row, INTEGRATED)).map(Usd)
}

fn required(row: &Object<'_>, key: &str) -> Result<Usd, Nonsense> {
    wire::amount(row, key)?.ok_or_else(|| Nonsense(fields::blank(key)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kis::testing::{self, symbol, usd};

    const REAL: &str = include_str!("../../tests/fixtures/TTTS3007R_usd.json");
    const PAPER: &str = include_str!("../../tests/fixtures/VTTS3007R_usd.json");

    fn read(mode: Mode, body: &str) -> Result<BuyingPower, Nonsense> {
        let symbol = symbol("ZZZQ");
        let query = BuyingPowerOf { exchange: Exchange::Nasdaq, symbol: &symbol, price: usd("103.22") };
        testing::read(&query, mode, "", body)
    }

    #[test]
    fn reads_dollars_and_shares() {
        let power = read(Mode::Real, REAL).unwrap();
        assert_eq!((power.orderable, power.cash), (usd("5092.49"), usd("5000")));
        assert_eq!((power.sale_proceeds, power.max_quantity), (usd("120.50"), 49));
        assert_eq!((power.with_won, power.won()), (usd("5092.490865"), None));
        assert_eq!(read(Mode::Paper, PAPER).unwrap().orderable, usd("5069.29"));
    }

    #[test]
    fn on_paper_the_cash_holds_the_proceeds_already_and_alone_is_the_cap() {
        let with = |amount: &str| PAPER.replace("\"5069.29\"", amount).replace("\"5069.295000\"", "\"9000.000000\"");
        for amount in ["\"\"", "\"0.00\"", "\"9000.00\""] {
            let power = read(Mode::Paper, &with(amount)).unwrap();
            assert_eq!((power.cash_usd(), power.with_won), (usd("5120.50"), usd("9000")), "{amount}");
            assert_eq!(power.won(), Some(usd("3879.50")), "{power:?}");
        }
        let bare = PAPER.replace("\"5069.29\"", "\"\"").replace("frcr_ord_psbl_amt1", "other");
        assert_eq!(read(Mode::Paper, &bare).unwrap().cash_usd(), usd("5120.50"));
    }

    #[test]
    fn won_in_the_integrated_amount_alone_is_seen() {
        let won = REAL.replace("\"5092.490865\"", "\"9000.000000\"");
        let power = read(Mode::Real, &won).unwrap();
        assert_eq!((power.cash_usd(), power.with_won), (usd("5092.49"), usd("9000")));
        for odd in ["\"\"", "\"x\"", "9000"] {
            let power = read(Mode::Real, &REAL.replace("\"5092.490865\"", odd)).unwrap();
            assert_eq!(power.with_won, usd("5092.49"), "{odd}");
        }
    }

    #[test]
    fn paper_falls_back_on_the_integrated_amount_and_real_never() {
        let without = |body: &str| body.replace("\"ovrs_ord_psbl_amt\"", "\"other\"");
        assert_eq!(read(Mode::Paper, &without(PAPER)).unwrap().orderable, usd("5069.295"));
        assert!(read(Mode::Real, &without(REAL)).is_err());
        let zero = REAL.replace("\"5092.49\"", "\"0.00\"");
        assert_eq!(read(Mode::Real, &zero).unwrap().orderable, Usd::ZERO);
        assert_eq!(read(Mode::Paper, &zero).unwrap().orderable, usd("5092.490865"));
    }

    #[test]
    fn refuses_what_is_not_dollars_or_no_number() {
        for (from, to) in [
            ("\"USD\"", "\"KRW\""),
            ("\"USD\"", "\"\""),
            ("\"5000.00\"", "\"5,000.00\""),
            ("\"5000.00\"", "\"\""),
            ("\"5000.00\"", "5000"),
            ("\"max_ord_psbl_qty\"", "\"other\""),
        ] {
            assert!(REAL.contains(from), "{from}");
            assert!(read(Mode::Real, &REAL.replace(from, to)).is_err(), "{from} -> {to}");
        }
        assert!(read(Mode::Real, r#"{"output":[]}"#).is_err());
        assert!(read(Mode::Real, r#"{}"#).is_err());
    }
}
