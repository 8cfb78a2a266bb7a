//! The orders of one session, our own and external ones.

use chrono::{DateTime, NaiveDate, Utc};

use super::OpenOrderLine;
use crate::decide::fold::Entry;
use crate::domain::money::Usd;
use crate::domain::order::BrokerOrder;

/// One order of the session shown.
#[derive(Clone, Debug)]
pub struct DayOrder {
    /// The order itself.
    pub order: OpenOrderLine,
    /// What became of it, in a word.
    pub state: &'static str,
    /// True while it may still fill.
    pub is_live: bool,
    /// Average fill price in USD; zero without fills.
    pub average_price: Usd,
    /// When the latest fill was seen.
    pub filled_at: Option<DateTime<Utc>>,
    /// KIS's words about it; may be blank.
    pub note: String,
}

impl DayOrder {
    /// An order of ours, as the journal knows it.
    pub fn own(entry: &Entry) -> DayOrder {
        DayOrder {
            order: OpenOrderLine::own(entry),
            state: entry.state.word(),
            is_live: entry.state.is_live(),
            average_price: entry.average_price,
            filled_at: entry.filled_at,
            note: entry.note.clone(),
        }
    }

    /// An external order, as KIS lists it.
    pub fn external(row: &BrokerOrder) -> DayOrder {
        let state = match row.remaining_quantity {
            0 if row.filled_quantity == row.quantity => "filled",
            0 => "ended",
            _ => "accepted",
        };
        DayOrder {
            order: OpenOrderLine::foreign(row),
            state,
            is_live: row.remaining_quantity > 0,
            average_price: row.average_price,
            filled_at: None,
            note: row.note.clone(),
        }
    }
}

/// The orders of one session.
#[derive(Clone, Debug, Default)]
pub struct DayOrders {
    /// New York date; `None` before the journal was read.
    pub date: Option<NaiveDate>,
    /// When the session opens and closes.
    pub hours: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Its orders, oldest first.
    pub orders: Vec<DayOrder>,
}
