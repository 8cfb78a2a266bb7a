//! Self-trade (자전거래): an order that could meet an open one of the same account is refused.
//!
//! Whoever placed the open order: to the exchange all of an account's orders are one person's.

use crate::account_id::AccountId;
use crate::mode::Mode;
use crate::orders::{Order, Side};
use crate::quirks::SelfTrade;
use crate::wire::answer::Answer;
use crate::wire::codes;
use crate::world::World;
use rust_decimal::Decimal;

/// What an order would be: as much of it as decides whom it could meet.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// Ticker.
    pub symbol: &'a str,
    /// Buy or sell.
    pub side: Side,
    /// USD; zero for market types, which only sells have.
    pub limit_price: Decimal,
}

/// Checks an order against the open ones of its account on the other side.
///
/// # Errors
/// APBK1943.
pub fn check(world: &World, account: AccountId, terms: Terms) -> Result<(), Answer> {
    let is_allowed = match world.quirks.self_trade_refused {
        SelfTrade::Real => account.mode == Mode::Paper,
        SelfTrade::Both => false,
        SelfTrade::Never => true,
    };
    let meets = |order: &Order| order.remaining_quantity() > 0 && could_meet(terms, of_order(order));
    if is_allowed || !world.account(account).orders.iter().any(meets) {
        return Ok(());
    }
    Err(Answer::refusal(codes::SELF_TRADE))
}

fn of_order(order: &Order) -> Terms<'_> {
    Terms { symbol: &order.symbol, side: order.side, limit_price: order.limit_price }
}

/// Two orders meet when the buy's limit is not below the sell's; a market sell, at zero, meets every buy.
fn could_meet(one: Terms, other: Terms) -> bool {
    if one.symbol != other.symbol || one.side == other.side {
        return false;
    }
    let (buy, sell) = if one.side == Side::Buy { (one, other) } else { (other, one) };
    buy.limit_price >= sell.limit_price
}
