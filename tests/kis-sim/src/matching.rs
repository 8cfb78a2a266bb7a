//! When an order fills next, and at what price. Pure: decides, books nothing.

use crate::calendar::{self, Hours, Session};
use crate::market::Market;
use crate::orders::{Order, OrderType, Side};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// How open orders fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FillMode {
    /// Along the price path.
    #[default]
    Path,
    /// Never.
    Never,
    /// At once, at the limit. Auction types still wait for their auction.
    AtOnce,
}

/// How open orders fill, and how fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FillRules {
    /// How.
    #[serde(default)]
    pub mode: FillMode,
    /// Shares an order may fill a minute; auctions fill whole.
    #[serde(default)]
    pub max_quantity_per_minute: Option<u64>,
}

/// The next thing that happens to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A fill.
    Fill {
        /// Shares.
        quantity: u64,
        /// USD a share.
        price: Decimal,
    },
    /// The end of its day or auction.
    Expiry,
}

/// The next event of an open order within `from..=to`.
pub fn next_event(
    order: &Order,
    hours: Hours,
    market: &Market,
    rules: FillRules,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Option<(DateTime<Utc>, Event)> {
    let until = to.min(order.expires_at);
    if let Some((at, price)) = next_fill(order, hours, market, rules, from.max(order.match_from), until) {
        let cap = rules.max_quantity_per_minute.filter(|_| order.order_type == OrderType::Limit);
        let quantity = order.remaining_quantity().min(cap.unwrap_or(u64::MAX));
        return Some((at, Event::Fill { quantity, price }));
    }
    // A clock that went back and forth may meet an expiry that lies behind it.
    (order.expires_at <= to).then_some((order.expires_at.max(from), Event::Expiry))
}

fn next_fill(
    order: &Order,
    hours: Hours,
    market: &Market,
    rules: FillRules,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Option<(DateTime<Utc>, Decimal)> {
    if from > to || rules.max_quantity_per_minute == Some(0) || market.is_halted(&order.symbol) {
        return None;
    }
    match (rules.mode, order.auction()) {
        (FillMode::Never, _) => None,
        (_, Some(auction)) => auction_fill(order, market, auction).filter(|_| (from..=to).contains(&auction)),
        (FillMode::AtOnce, None) => Some((from, order.limit_price)),
        (FillMode::Path, None) => path_fill(order, hours, market, from, to),
    }
}

/// The open auction trades at the day's open, the close auction at its close, or at the pinned price.
fn auction_fill(order: &Order, market: &Market, auction: DateTime<Utc>) -> Option<(DateTime<Utc>, Decimal)> {
    let session = calendar::session_on(order.date)?;
    let from_path = || market.path(&order.symbol, &session).map(|path| path.price_at(auction));
    let price = market.pinned_last(&order.symbol).or_else(from_path)?;
    let within = order.order_type.is_market() || order.side.accepts(order.limit_price, price);
    within.then_some((auction, price))
}

fn path_fill(
    order: &Order,
    hours: Hours,
    market: &Market,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Option<(DateTime<Utc>, Decimal)> {
    let last_day = hours.date(to);
    let days = hours.date(from).iter_days().take_while(|day| *day <= last_day);
    days.filter_map(calendar::session_on).find_map(|session| match market.pinned_last(&order.symbol) {
        Some(price) => pinned_fill(order, hours, &session, price, from, to),
        None => {
            let path = market.path(&order.symbol, &session)?;
            let at = path.first_within(order.side, order.limit_price, from, to)?;
            Some((at, at_limit_or_better(order, path.price_at(at))))
        }
    })
}

/// A pinned price trades in every session the environment takes orders in, the bars only in the regular one.
fn pinned_fill(
    order: &Order,
    hours: Hours,
    session: &Session,
    price: Decimal,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Option<(DateTime<Utc>, Decimal)> {
    let (start, end) = hours.on(session);
    let at = from.max(start);
    let marketable = order.side.accepts(order.limit_price, price);
    (marketable && at < end && at <= to).then_some((at, price))
}

fn at_limit_or_better(order: &Order, price: Decimal) -> Decimal {
    match order.side {
        Side::Buy => price.min(order.limit_price),
        Side::Sell => price.max(order.limit_price),
    }
}
