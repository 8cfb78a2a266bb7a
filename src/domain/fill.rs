//! Fills: what was really traded, as KIS confirmed it.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::money::Usd;
use crate::domain::order::{OrderId, Side};
use crate::domain::symbol::{Exchange, Symbol};

/// The confirmed state of one own order's fills; it grows while the order fills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilledOrder {
    /// When we saw it.
    pub seen_at: DateTime<Utc>,
    /// New York date of the order.
    pub trading_date: NaiveDate,
    /// Ticker.
    pub symbol: Symbol,
    /// Listing exchange.
    pub exchange: Exchange,
    /// Buy or sell.
    pub side: Side,
    /// Shares filled so far.
    pub quantity: u64,
    /// Average price in USD.
    pub average_price: Usd,
    /// Average cost a share in USD when the order was decided; only sells have one.
    pub average_cost: Option<Usd>,
    /// The broker's number.
    pub order_id: OrderId,
    /// The intent behind it.
    pub intent_id: String,
}
