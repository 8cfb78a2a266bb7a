//! Control of cash and holdings.

use super::Outcome;
use crate::account_id::AccountId;
use crate::control::view;
use crate::exchange::Exchange;
use crate::position::Position;
use crate::world::World;
use chrono::DateTime;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::json;

/// `POST /cash`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CashChange {
    #[serde(default)]
    account: AccountId,
    usd: Option<Decimal>,
    won_collateral_usd: Option<Decimal>,
}

/// Sets cash, all of it settled, and collateral.
///
/// # Errors
/// Negative amounts, or nothing to set.
pub fn set_cash(world: &mut World, change: CashChange) -> Outcome {
    if change.usd.is_none() && change.won_collateral_usd.is_none() {
        return Err("usd is missing".to_owned());
    }
    if [change.usd, change.won_collateral_usd].into_iter().flatten().any(|amount| amount < Decimal::ZERO) {
        return Err("amounts must not be negative".to_owned());
    }
    let account = world.account_mut(change.account);
    if let Some(usd) = change.usd {
        account.cash = usd;
        account.unsettled.clear();
    }
    account.won_collateral_usd = change.won_collateral_usd.unwrap_or(account.won_collateral_usd);
    let (usd, collateral) = (account.cash, account.won_collateral_usd);
    Ok(json!({ "account": change.account, "usd": view::money(usd), "won_collateral_usd": view::money(collateral) }))
}

/// `POST /positions`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PositionChange {
    #[serde(default)]
    account: AccountId,
    symbol: String,
    quantity: u64,
    #[serde(default)]
    average_cost: Decimal,
    sellable: Option<u64>,
    exchange: Option<Exchange>,
    loan_type: Option<String>,
    now_price: Option<Decimal>,
}

/// Sets a holding as if it had always been there; quantity 0 removes it.
///
/// # Errors
/// More sellable than held, or a negative price.
pub fn set_position(world: &mut World, change: PositionChange) -> Outcome {
    let sellable = change.sellable.unwrap_or(change.quantity);
    if sellable > change.quantity {
        return Err("sellable must not be above quantity".to_owned());
    }
    if change.average_cost < Decimal::ZERO || change.now_price.is_some_and(|price| price < Decimal::ZERO) {
        return Err("prices must not be negative".to_owned());
    }
    let exchange = change.exchange.or_else(|| world.market.exchange(&change.symbol)).unwrap_or(Exchange::Nasdaq);
    let account = world.account_mut(change.account);
    if change.quantity == 0 {
        account.positions.remove(&change.symbol);
        return Ok(json!({}));
    }
    let position = Position {
        exchange,
        quantity: change.quantity,
        average_cost: change.average_cost,
        locked: change.quantity - sellable,
        loan_type: change.loan_type.unwrap_or_else(|| "10".to_owned()),
        now_price: change.now_price,
        history: vec![(DateTime::UNIX_EPOCH, change.quantity, change.average_cost)],
        late: Vec::new(),
    };
    account.positions.insert(change.symbol, position);
    Ok(json!({}))
}
