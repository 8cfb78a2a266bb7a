//! Control of the broker's books: fills that are corrected, and lists of many orders.

use super::Outcome;
use crate::account_id::AccountId;
use crate::control::orders::Wanted;
use crate::events::Kind;
use crate::orders::{Fill, OrderState, OrderType, Part, Side, cost_of, order_number_text};
use crate::ticket::Ticket;
use crate::world::World;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::json;

/// More orders than anybody's list has.
const MOST_SEEDED: u32 = 20_000;

/// `POST /orders/correct`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    account: Option<AccountId>,
    order_id: String,
    branch: Option<String>,
    filled_quantity: u64,
    price: Option<Decimal>,
    #[serde(default)]
    list_only: bool,
}

/// The exchange corrects what an order filled, up or down, in shares or price. Cash, holding and fills follow, by
/// wish only the order. What it takes from a done order is not open again.
///
/// # Errors
/// No such order, more than was ordered, or no price.
pub fn correct(world: &mut World, correction: Correction) -> Outcome {
    let wanted =
        Wanted { account: correction.account, order_id: &correction.order_id, branch: correction.branch.as_deref() };
    let (account_id, index) = wanted.find_plain(world)?;
    let now = world.clock.now();
    let account = world.account_mut(account_id);
    let order = &mut account.orders[index];
    let (quantity, price) = (correction.filled_quantity, correction.price.unwrap_or(order.average_price()));
    if quantity > order.quantity {
        return Err(format!("{} shares were ordered", order.quantity));
    }
    if price <= Decimal::ZERO {
        return Err("price must be above zero".to_owned());
    }
    let (old_quantity, old_amount) = (order.filled_quantity, order.filled_amount);
    let amount = Decimal::from(quantity) * price;
    let first_at = order.parts.first().map_or(now, |part| part.at);
    (order.filled_quantity, order.filled_amount) = (quantity, amount);
    order.parts = vec![Part { at: first_at, listed_at: None, quantity, amount }];
    let order = order.clone();
    world.note_order(Kind::FillCorrected, account_id, index, now, Some((quantity, price)));
    let account = world.account_mut(account_id);
    if correction.list_only {
        return Ok(json!({ "order_id": order_number_text(order.number) }));
    }
    let cost = cost_of(old_amount, order.hold_percent) - cost_of(amount, order.hold_percent);
    let returned = match order.side {
        Side::Buy => old_amount - amount + cost,
        Side::Sell => amount - old_amount + cost,
    };
    account.correct_cash(now, returned);
    let fewer = i64::try_from(old_quantity).unwrap_or(i64::MAX) - i64::try_from(quantity).unwrap_or(i64::MAX);
    if let Some(position) = account.positions.get_mut(&order.symbol) {
        position.correct(order.side, now, fewer, old_amount - amount);
    }
    let is_of_order = |fill: &Fill| {
        fill.number == order.number && fill.branch == order.branch && fill.symbol == order.symbol && fill.at >= first_at
    };
    let place = account.fills.iter().position(is_of_order).unwrap_or(account.fills.len());
    account.fills.retain(|fill| !is_of_order(fill));
    if quantity > 0 {
        let (number, branch, symbol, side) = (order.number, order.branch, order.symbol, order.side);
        account.fills.insert(place, Fill { number, branch, at: first_at, symbol, side, quantity, price });
    }
    Ok(json!({ "order_id": order_number_text(order.number) }))
}

/// `POST /orders/seed`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    #[serde(default)]
    account: AccountId,
    count: u32,
    symbol: String,
    #[serde(default = "buy")]
    side: Side,
    #[serde(default = "one")]
    quantity: u64,
    #[serde(default = "dollar")]
    limit_price: Decimal,
    #[serde(default = "cancelled")]
    state: OrderState,
    medium: Option<String>,
}

/// Books many orders of another hand at once, which never meet the market: cancelled, expired or rejected, or open.
///
/// # Errors
/// None or too many, an unknown symbol, no shares, no price, or filled ones.
pub fn seed(world: &mut World, seed: Seed) -> Outcome {
    let exchange = world.market.exchange(&seed.symbol).ok_or_else(|| format!("no such symbol: {}", seed.symbol))?;
    if !(1..=MOST_SEEDED).contains(&seed.count) {
        return Err(format!("count must be 1 to {MOST_SEEDED}"));
    }
    if seed.quantity == 0 || seed.limit_price <= Decimal::ZERO {
        return Err("quantity and limit_price must be above zero".to_owned());
    }
    if seed.state == OrderState::Filled {
        return Err("filled orders are not seeded".to_owned());
    }
    let ticket = Ticket {
        symbol: seed.symbol,
        exchange,
        side: seed.side,
        order_type: OrderType::Limit,
        quantity: seed.quantity,
        limit_price: seed.limit_price,
        medium: seed.medium.unwrap_or_else(|| crate::control::orders::ANOTHER_HAND.to_owned()),
        branch: None,
        number: None,
        is_day_market: false,
    };
    let now = world.clock.now();
    let mut numbers = Vec::new();
    for _ in 0..seed.count {
        let order = world.book(seed.account, ticket.clone(), now);
        order.state = seed.state;
        numbers.push(order.number);
    }
    let text = |number: Option<&u64>| number.copied().map(order_number_text);
    Ok(json!({ "first_order_id": text(numbers.first()), "last_order_id": text(numbers.last()) }))
}

fn buy() -> Side {
    Side::Buy
}

fn one() -> u64 {
    1
}

fn dollar() -> Decimal {
    Decimal::ONE
}

fn cancelled() -> OrderState {
    OrderState::Cancelled
}
