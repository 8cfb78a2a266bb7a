//! A holding, what it was, and what the balance does not show of it yet.

use crate::exchange::Exchange;
use crate::orders::Side;
use crate::splits::Ratio;
use chrono::{DateTime, Utc};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// A holding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Exchange it is booked under.
    pub exchange: Exchange,
    /// Shares.
    pub quantity: u64,
    /// USD a share, four decimals.
    pub average_cost: Decimal,
    /// Shares held but not for sale.
    pub locked: u64,
    /// `loan_type_cd`; 10 is cash.
    pub loan_type: String,
    /// The balance's own price, when pinned.
    pub now_price: Option<Decimal>,
    /// Quantity and average cost after each change, for balances that lag.
    pub history: Vec<(DateTime<Utc>, u64, Decimal)>,
    /// Trades that the balance does not show until a moment of their own.
    pub late: Vec<LateTrade>,
}

/// A trade that the balance shows late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LateTrade {
    /// From when it shows.
    pub balance_at: DateTime<Utc>,
    /// Buy or sell.
    pub side: Side,
    /// Shares.
    pub quantity: u64,
    /// USD, without costs.
    pub amount: Decimal,
}

impl Position {
    /// A holding of nothing.
    pub fn empty(exchange: Exchange) -> Position {
        Position {
            exchange,
            quantity: 0,
            average_cost: Decimal::ZERO,
            locked: 0,
            loan_type: "10".to_owned(),
            now_price: None,
            history: Vec::new(),
            late: Vec::new(),
        }
    }

    /// Quantity and average cost as a balance that lags shows them at `at`.
    pub fn as_of(&self, at: DateTime<Utc>) -> (u64, Decimal) {
        let seen = self.history.iter().rev().find(|entry| entry.0 <= at);
        seen.map_or((0, Decimal::ZERO), |entry| (entry.1, entry.2))
    }

    /// A quantity and average without the trades that the balance does not show yet.
    pub fn without_late(&self, at: DateTime<Utc>, quantity: u64, average_cost: Decimal) -> (u64, Decimal) {
        let unseen = self.late.iter().filter(|trade| at < trade.balance_at);
        unseen.fold((quantity, average_cost), |(quantity, average_cost), trade| match trade.side {
            Side::Sell => (quantity + trade.quantity, average_cost),
            Side::Buy => {
                let before = quantity.saturating_sub(trade.quantity);
                let cost = Decimal::from(quantity) * average_cost - trade.amount;
                (before, to_four(cost.checked_div(Decimal::from(before)).unwrap_or_default()))
            }
        })
    }

    /// Takes back what a correction of a fill took back: `quantity` shares, or gives them when negative.
    pub fn correct(&mut self, side: Side, at: DateTime<Utc>, quantity: i64, amount: Decimal) {
        match side {
            Side::Sell => self.quantity = self.quantity.saturating_add_signed(quantity),
            Side::Buy => {
                let cost = Decimal::from(self.quantity) * self.average_cost - amount;
                self.quantity = self.quantity.saturating_add_signed(-quantity);
                self.average_cost = to_four(cost.checked_div(Decimal::from(self.quantity)).unwrap_or_default());
            }
        }
        self.history.push((at, self.quantity, self.average_cost));
    }

    /// Goes over to the units after a split.
    pub fn split(&mut self, at: DateTime<Utc>, ratio: Ratio) {
        self.quantity = ratio.shares(self.quantity);
        self.locked = ratio.shares(self.locked);
        self.average_cost = ratio.price(self.average_cost);
        self.now_price = self.now_price.map(|price| ratio.price(price));
        self.history.push((at, self.quantity, self.average_cost));
    }

    /// Books a trade.
    pub fn trade(&mut self, side: Side, at: DateTime<Utc>, quantity: u64, amount: Decimal) {
        match side {
            Side::Buy => {
                let cost = Decimal::from(self.quantity) * self.average_cost + amount;
                self.quantity += quantity;
                self.average_cost = to_four(cost / Decimal::from(self.quantity));
            }
            Side::Sell => self.quantity = self.quantity.saturating_sub(quantity),
        }
        self.history.push((at, self.quantity, self.average_cost));
    }
}

fn to_four(price: Decimal) -> Decimal {
    price.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero)
}
