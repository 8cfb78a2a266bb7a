//! Control of orders: another hand's orders, changes and cancels, and what the exchange does to open ones.

use super::Outcome;
use crate::mode::Mode;
use crate::orders::{OrderState, OrderType, Side, order_number_text};
use crate::world::{Ticket, World};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::json;

const ANOTHER_HAND: &str = "모바일";

/// `POST /orders/foreign`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignOrder {
    #[serde(default)]
    account: Mode,
    symbol: String,
    side: Side,
    quantity: u64,
    limit_price: Decimal,
    medium: Option<String>,
}

/// Places an order by another hand, without any of the checks of the gateway, at any time.
///
/// # Errors
/// An unknown symbol, no shares, or no price.
pub fn place_foreign(world: &mut World, order: ForeignOrder) -> Outcome {
    let exchange = world.market.exchange(&order.symbol).ok_or_else(|| format!("no such symbol: {}", order.symbol))?;
    if order.quantity == 0 || order.limit_price <= Decimal::ZERO {
        return Err("quantity and limit_price must be above zero".to_owned());
    }
    let ticket = Ticket {
        symbol: order.symbol,
        exchange,
        side: order.side,
        order_type: OrderType::Limit,
        quantity: order.quantity,
        limit_price: order.limit_price,
        medium: order.medium.unwrap_or_else(|| ANOTHER_HAND.to_owned()),
    };
    let number = world.accept(order.account, ticket);
    Ok(json!({ "order_id": order_number_text(number) }))
}

/// `POST /orders/fill`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForcedFill {
    account: Option<Mode>,
    order_id: String,
    quantity: Option<u64>,
    price: Option<Decimal>,
}

/// Fills an open order now, by default all that remains at its limit.
///
/// # Errors
/// No such open order, or more shares than remain.
pub fn fill(world: &mut World, fill: ForcedFill) -> Outcome {
    let (mode, index) = find_open(world, fill.account, &fill.order_id)?;
    let now = world.clock.now();
    let market_price = world.market.last(&world.account(mode).orders[index].symbol, now);
    let account = world.account_mut(mode);
    let order = &account.orders[index];
    let remaining = order.remaining_quantity();
    let quantity = fill.quantity.unwrap_or(remaining);
    if quantity == 0 || quantity > remaining {
        return Err(format!("{remaining} shares remain"));
    }
    let limit = if order.order_type.is_market() { market_price.ok_or("price is missing")? } else { order.limit_price };
    account.fill(index, now, quantity, fill.price.unwrap_or(limit));
    Ok(
        json!({ "order_id": order_number_text(account.orders[index].number), "remaining_quantity": account.orders[index].remaining_quantity() }),
    )
}

/// `POST /orders/reject`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rejection {
    account: Option<Mode>,
    order_id: String,
    reason: Option<String>,
}

/// The exchange refuses an accepted order.
///
/// # Errors
/// No such open order.
pub fn reject(world: &mut World, rejection: Rejection) -> Outcome {
    let (mode, index) = find_open(world, rejection.account, &rejection.order_id)?;
    let order = &mut world.account_mut(mode).orders[index];
    order.state = OrderState::Rejected;
    order.reject_reason = Some(rejection.reason.unwrap_or_else(|| "거래소 거부".to_owned()));
    Ok(json!({ "order_id": order_number_text(order.number) }))
}

/// `POST /orders/cancel`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignCancel {
    account: Option<Mode>,
    order_id: String,
    medium: Option<String>,
}

/// Another hand cancels an open order; answers the number of the cancel's own row.
///
/// # Errors
/// No such open order.
pub fn cancel(world: &mut World, cancel: ForeignCancel) -> Outcome {
    let (mode, index) = find_open(world, cancel.account, &cancel.order_id)?;
    let now = world.clock.now();
    let account = world.account_mut(mode);
    let remaining = account.orders[index].remaining_quantity();
    let number = account.cancel(index, now, remaining, cancel.medium.as_deref().unwrap_or(ANOTHER_HAND));
    Ok(json!({ "order_id": order_number_text(number) }))
}

/// `POST /orders/modify`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignModify {
    account: Option<Mode>,
    order_id: String,
    quantity: Option<u64>,
    limit_price: Option<Decimal>,
    medium: Option<String>,
}

/// Another hand modifies an open order (정정): the old number is dead, what remained goes on under the number
/// answered, in a row of its own that names the old one.
///
/// # Errors
/// No such open order, nothing to change, more shares than remain, or no price.
pub fn modify(world: &mut World, change: ForeignModify) -> Outcome {
    let (mode, index) = find_open(world, change.account, &change.order_id)?;
    if change.quantity.is_none() && change.limit_price.is_none() {
        return Err("quantity or limit_price is missing".to_owned());
    }
    let now = world.clock.now();
    let account = world.account_mut(mode);
    let order = &account.orders[index];
    let remaining = order.remaining_quantity();
    let quantity = change.quantity.unwrap_or(remaining);
    if quantity == 0 || quantity > remaining {
        return Err(format!("{remaining} shares remain"));
    }
    let limit_price = change.limit_price.unwrap_or(order.limit_price);
    if limit_price <= Decimal::ZERO {
        return Err("limit_price must be above zero".to_owned());
    }
    let medium = change.medium.as_deref().unwrap_or(ANOTHER_HAND);
    let number = account.modify(index, now, quantity, limit_price, medium);
    Ok(json!({ "order_id": order_number_text(number) }))
}

/// The newest order of a number, padded or bare, in the account named or in either.
fn find_open(world: &World, only: Option<Mode>, order_id: &str) -> Result<(Mode, usize), String> {
    let number: u64 = order_id.trim().parse().map_err(|_| format!("not an order number: {order_id}"))?;
    let accounts = world.accounts.iter().filter(|account| only.is_none_or(|only| only == account.mode));
    let mut found = accounts.filter_map(|account| Some((account.mode, account.find_order(number)?)));
    let is_open = |(mode, index): &(Mode, usize)| world.account(*mode).orders[*index].remaining_quantity() > 0;
    found.find(is_open).ok_or_else(|| format!("no open order {order_id}"))
}
