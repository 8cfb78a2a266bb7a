//! 해외주식 매수가능금액조회, `GET …/trading/inquire-psamount`, TTTS3007R / VTTS3007R.

use crate::account_id::AccountId;
use crate::exchange::Exchange;
use crate::gateway::call::{Call, Outcome};
use crate::gateway::odd_rows;
use crate::gateway::quotes::WON_PER_DOLLAR;
use crate::mode::Mode;
use crate::wire::answer::{Answer, Completeness};
use crate::wire::format::{fixed, fixed_down};
use crate::wire::json::{Fields, fields};
use crate::world::World;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Share of a real account's cash that can be ordered with; the rest is kept for fees.
const REAL_USABLE: Decimal = Decimal::from_parts(99_453, 0, 0, false, 5);

/// Cash for orders, in USD.
#[derive(Debug, Clone, Copy)]
pub struct BuyingPower {
    /// `ord_psbl_frcr_amt`: on paper all cash, on real what is settled.
    pub stated_cash: Decimal,
    /// `sll_ruse_psbl_amt`: proceeds that may be used again; on paper already part of the cash.
    pub reusable_proceeds: Decimal,
    /// What orders may use.
    pub usable: Decimal,
    /// The same with won collateral.
    pub integrated: Decimal,
    /// What orders may use of the stated cash alone.
    pub usable_cash: Decimal,
}

/// The buying power of an account.
pub fn of_account(world: &World, account: AccountId, now: DateTime<Utc>) -> BuyingPower {
    let mode = account.mode;
    let account = world.account(account);
    let available = account.available();
    let proceeds = account.unsettled_sales(world.settled_until(now)).min(available);
    let collateral = account.won_collateral_usd;
    let (stated_cash, share) = match mode {
        Mode::Paper => (available, Decimal::ONE - world.hold_percent(mode) / Decimal::ONE_HUNDRED),
        Mode::Real => (available - proceeds, REAL_USABLE),
    };
    let usable = available * share;
    BuyingPower {
        stated_cash,
        reusable_proceeds: proceeds,
        usable,
        integrated: usable + collateral * share,
        usable_cash: stated_cash * share,
    }
}

/// The answer.
///
/// # Errors
/// A missing query field, a foreign account, a price that is none, or a symbol not listed there.
pub fn buying_power(world: &World, call: &Call) -> Outcome {
    call.check_query_account()?;
    let (exchange, price, symbol) =
        (call.query("OVRS_EXCG_CD")?, call.filled_query("OVRS_ORD_UNPR")?, call.filled_query("ITEM_CD")?);
    let price: Decimal = price.parse().map_err(|_| Answer::refusal("OPSQ2002"))?;
    let listed = world.market.exchange(symbol).map(Exchange::trading_code);
    if listed.is_none() || (listed != Some(exchange) && !exchange.is_empty()) {
        return Err(Answer::refusal("APBK0656"));
    }
    let power = of_account(world, call.account, call.now);
    let foreign = if world.quirks.psamount_includes_collateral { power.integrated } else { power.usable };
    let shares = |amount: Decimal| amount.checked_div(price).and_then(|shares| shares.floor().to_u64()).unwrap_or(0);
    let output: Fields = fields! {
        "tr_crcy_cd" => "USD", "ord_psbl_frcr_amt" => fixed_down(power.stated_cash, 2),
        "sll_ruse_psbl_amt" => fixed_down(power.reusable_proceeds, 2), "ovrs_ord_psbl_amt" => fixed_down(foreign, 2),
        "max_ord_psbl_qty" => shares(foreign), "echm_af_ord_psbl_amt" => "0.00", "echm_af_ord_psbl_qty" => "0",
        "ord_psbl_qty" => shares(power.usable_cash), "exrt" => fixed(WON_PER_DOLLAR, 10),
        "frcr_ord_psbl_amt1" => fixed_down(power.integrated, 6), "ovrs_max_ord_psbl_qty" => shares(power.integrated),
    };
    let output = odd_rows::shown(world, call, "psamount", output).unwrap_or_default();
    Ok(Answer::ledger(call.mode(), Completeness::Complete, fields! { "output" => output }))
}
