//! Reserved orders: taken while New York sleeps, sent when it opens.

use crate::exchange::Exchange;
use crate::orders::{OrderType, Side};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A reserved order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// `OVRS_RSVN_ODNO`, counted anew each Korean date.
    pub number: u64,
    /// Korean date on which it was taken.
    pub received: NaiveDate,
    /// When it was taken.
    pub at: DateTime<Utc>,
    /// When it goes to the market.
    pub sent_at: DateTime<Utc>,
    /// Ticker.
    pub symbol: String,
    /// Listing exchange, as it was said.
    pub exchange: Exchange,
    /// Buy or sell.
    pub side: Side,
    /// How it is priced.
    pub order_type: OrderType,
    /// Shares.
    pub quantity: u64,
    /// USD; zero for market types.
    pub limit_price: Decimal,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a reserved order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It waits.
    Waiting,
    /// It was taken back.
    Cancelled,
    /// It became an order of this number.
    Sent(u64),
    /// It was refused when it was sent, in KIS's words.
    Refused(String),
}
