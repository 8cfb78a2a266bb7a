//! An order before it is booked.

use crate::exchange::Exchange;
use crate::order_type::OrderType;
use crate::orders::Side;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An order about to be accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Ticker.
    pub symbol: String,
    /// Listing exchange.
    pub exchange: Exchange,
    /// Buy or sell.
    pub side: Side,
    /// How it is priced.
    pub order_type: OrderType,
    /// Shares.
    pub quantity: u64,
    /// USD; zero for market types.
    pub limit_price: Decimal,
    /// Who sends it.
    pub medium: String,
    /// Branch it is booked at; none is the account's own.
    pub branch: Option<String>,
    /// Its number, when it is not the next one.
    pub number: Option<u64>,
    /// Whether it is for the Korean day market.
    pub is_day_market: bool,
}
