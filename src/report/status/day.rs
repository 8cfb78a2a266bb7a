//! The orders of one session, our own and external ones.

use chrono::{DateTime, NaiveDate, Utc};

use super::OpenOrderLine;
use crate::decide::fold::Entry;
use crate::domain::intent::IntentState;
use crate::domain::money::Usd;
use crate::domain::order::BrokerOrder;

/// One order of the session shown.
#[derive(Clone, Debug)]
pub struct DayOrder {
    /// The order.
    pub order: OpenOrderLine,
    /// Its state; `None` when an external order ended and KIS does not say how.
    pub state: Option<IntentState>,
    /// Average fill price in USD; zero without fills.
    pub average_price: Usd,
    /// When the latest fill was seen.
    pub filled_at: Option<DateTime<Utc>>,
    /// KIS's words about it; may be empty.
    pub note: String,
}

impl DayOrder {
    /// An order of ours, as the journal knows it.
    pub fn own(entry: &Entry) -> DayOrder {
        DayOrder {
            order: OpenOrderLine::own(entry),
            state: Some(entry.state),
            average_price: entry.average_price,
            filled_at: entry.filled_at,
            note: entry.note.clone(),
        }
    }

    /// An external order, as KIS lists it.
    pub fn external(row: &BrokerOrder) -> DayOrder {
        let state = match row.remaining_quantity {
            0 if row.filled_quantity == row.quantity => Some(IntentState::Filled),
            0 => None,
            _ => Some(IntentState::Accepted),
        };
        DayOrder {
            order: OpenOrderLine::external(row),
            state,
            average_price: row.average_price,
            filled_at: None,
            note: row.note.clone(),
        }
    }

    /// Reports whether it may still fill.
    pub fn is_live(&self) -> bool {
        self.state.is_some_and(IntentState::is_live)
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
