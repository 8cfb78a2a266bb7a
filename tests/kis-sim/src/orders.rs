//! The broker's record of orders and fills.

use crate::calendar;
use crate::exchange::Exchange;
pub use crate::order_type::OrderType;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Buy or sell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// 매수.
    Buy,
    /// 매도.
    Sell,
}

impl Side {
    /// Whether a price is at the limit or better.
    pub fn accepts(self, limit: Decimal, price: Decimal) -> bool {
        match self {
            Side::Buy => price <= limit,
            Side::Sell => price >= limit,
        }
    }

    /// `sll_buy_dvsn_cd`.
    pub fn code(self) -> &'static str {
        match self {
            Side::Buy => "02",
            Side::Sell => "01",
        }
    }
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderState {
    /// Waiting, in part or whole.
    Open,
    /// Nothing remains.
    Filled,
    /// Cancelled or replaced; also the state of cancel rows.
    Cancelled,
    /// Its day ended.
    Expired,
    /// Refused after acceptance.
    Rejected,
}

/// What a row of the order list is, `rvse_cncl_dvsn`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Revision {
    /// An order of its own.
    New,
    /// Replaces an earlier order.
    Modify,
    /// The request that cancelled one.
    Cancel,
}

/// One row of the order list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// ODNO; restarts each trading date, and each branch counts for itself.
    pub number: u64,
    /// Branch; none is the account's own.
    pub branch: Option<String>,
    /// New York date.
    pub date: NaiveDate,
    /// When it was accepted.
    pub at: DateTime<Utc>,
    /// Ticker.
    pub symbol: String,
    /// Listing exchange.
    pub exchange: Exchange,
    /// Buy or sell.
    pub side: Side,
    /// How it is priced.
    pub order_type: OrderType,
    /// Shares ordered.
    pub quantity: u64,
    /// USD; zero for market types and cancel rows.
    pub limit_price: Decimal,
    /// Shares filled.
    pub filled_quantity: u64,
    /// USD paid or received for them, without costs.
    pub filled_amount: Decimal,
    /// The same fill by fill.
    pub parts: Vec<Part>,
    /// Shares cancelled while it stayed open.
    pub cancelled_quantity: u64,
    /// Where it stands.
    pub state: OrderState,
    /// Who sent it, `mdia_dvsn_name`.
    pub medium: String,
    /// What it is.
    pub revision: Revision,
    /// ODNO of the order it cancels or replaces.
    pub original: Option<u64>,
    /// Instant from which no fill is possible.
    pub expires_at: DateTime<Utc>,
    /// Earliest instant of the next fill.
    pub match_from: DateTime<Utc>,
    /// Percent held back on top of the amount.
    pub hold_percent: Decimal,
    /// Why it was refused after acceptance.
    pub reject_reason: Option<String>,
    /// Whether it is for the Korean day market.
    pub is_day_market: bool,
}

/// One fill of an order, and when the lists get to know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// When it happened.
    pub at: DateTime<Utc>,
    /// From when the lists show it, when somebody said so.
    pub listed_at: Option<DateTime<Utc>>,
    /// Shares.
    pub quantity: u64,
    /// USD, without costs.
    pub amount: Decimal,
}

/// How late lists hear of things.
#[derive(Debug, Clone, Copy)]
pub struct Lags {
    /// Of a fill.
    pub fill: TimeDelta,
    /// Of what the closing auction did with an order.
    pub close: TimeDelta,
}

impl Order {
    /// The order as lists show it that hear of things late. One whose last fill they have not heard of looks open,
    /// after its end expired; one whose auction they have not heard of looks open in any case.
    pub fn as_listed(&self, now: DateTime<Utc>, lags: Lags) -> Cow<'_, Order> {
        let is_close_unheard = self.order_type.is_on_close() && now < self.expires_at + lags.close;
        let is_close_unheard = is_close_unheard && !lags.close.is_zero();
        let is_unlisted = |part: &&Part| match part.listed_at {
            Some(listed_at) => now < listed_at,
            None => {
                let is_late = !lags.fill.is_zero() && now < part.at + lags.fill;
                is_late || (is_close_unheard && self.expires_at <= part.at)
            }
        };
        let unlisted: Vec<&Part> = self.parts.iter().filter(is_unlisted).collect();
        let is_end_unheard = is_close_unheard && self.state == OrderState::Expired;
        if unlisted.is_empty() && !is_end_unheard {
            return Cow::Borrowed(self);
        }
        let mut listed = self.clone();
        listed.filled_quantity -= unlisted.iter().map(|part| part.quantity).sum::<u64>();
        listed.filled_amount -= unlisted.iter().map(|part| part.amount).sum::<Decimal>();
        listed.state = match self.state {
            OrderState::Filled | OrderState::Expired if is_close_unheard => OrderState::Open,
            OrderState::Filled if now < self.expires_at => OrderState::Open,
            OrderState::Filled => OrderState::Expired,
            other => other,
        };
        Cow::Owned(listed)
    }

    /// Shares still to fill.
    pub fn remaining_quantity(&self) -> u64 {
        if self.state != OrderState::Open {
            return 0;
        }
        self.quantity.saturating_sub(self.filled_quantity + self.cancelled_quantity)
    }

    /// Average fill price in USD, zero without fills.
    pub fn average_price(&self) -> Decimal {
        self.filled_amount.checked_div(Decimal::from(self.filled_quantity)).unwrap_or_default()
    }

    /// Cash a buy still holds, costs included, to the cent.
    pub fn reserved(&self) -> Decimal {
        if self.side == Side::Sell {
            return Decimal::ZERO;
        }
        let amount = Decimal::from(self.remaining_quantity()) * self.limit_price;
        amount + cost_of(amount, self.hold_percent)
    }

    /// The auction it waits for, if it waits for one.
    pub fn auction(&self) -> Option<DateTime<Utc>> {
        let session = calendar::session_on(self.date)?;
        match self.order_type {
            OrderType::Limit | OrderType::TimeWeighted | OrderType::VolumeWeighted => None,
            OrderType::LimitOnOpen | OrderType::MarketOnOpen => Some(session.open),
            OrderType::LimitOnClose | OrderType::MarketOnClose => Some(session.close),
        }
    }
}

/// Shares that changed hands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fill {
    /// ODNO of the order.
    pub number: u64,
    /// Its branch; none is the account's own.
    pub branch: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// Ticker.
    pub symbol: String,
    /// Buy or sell.
    pub side: Side,
    /// Shares.
    pub quantity: u64,
    /// USD a share.
    pub price: Decimal,
}

/// The share of an amount that is kept as cost, to the cent.
pub fn cost_of(amount: Decimal, percent: Decimal) -> Decimal {
    (amount * percent / Decimal::ONE_HUNDRED)
        .round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
}

/// ODNO as order answers print it.
pub fn order_number_text(number: u64) -> String {
    format!("{number:010}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_round_to_the_cent() {
        // An unfilled order of 18.85 was seen to hold 19.04.
        let amount: Decimal = "18.85".parse().unwrap();
        assert_eq!((amount + cost_of(amount, Decimal::ONE)).to_string(), "19.04");
    }
}
