//! One order that `status` shows, of ours or external.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::decide::fold::Entry;
use crate::domain::{BrokerOrder, Exchange, IntentState, OrderId, Side, Symbol, Usd};
use crate::report::json::{as_rfc3339, as_text};

#[derive(Clone, Debug, Serialize)]
pub struct StatusOrder {
    /// `None` for external orders.
    pub intent_id: Option<String>,
    /// `None` while unknown.
    pub order_id: Option<OrderId>,
    pub symbol: Symbol,
    pub exchange: Option<Exchange>,
    pub side: Side,
    pub quantity: u64,
    pub filled_quantity: u64,
    #[serde(serialize_with = "as_text")]
    pub limit_price: Usd,
    /// `None` when KIS does not say.
    #[serde(serialize_with = "as_rfc3339")]
    pub submitted_at: Option<DateTime<Utc>>,
    /// False for an external order.
    #[serde(rename = "own")]
    pub is_own: bool,
    /// Orders it could be; only for unknown ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidates: Option<Vec<OrderId>>,
    /// `None` when an external order ended and KIS does not say how.
    #[serde(skip)]
    pub state: Option<IntentState>,
    /// Average price in USD of the fills; zero without any.
    #[serde(skip)]
    pub average_price: Usd,
    /// When the latest fill was seen.
    #[serde(skip)]
    pub filled_at: Option<DateTime<Utc>>,
    /// KIS's words about it; may be empty.
    #[serde(skip)]
    pub note: String,
}

impl StatusOrder {
    /// An order of ours, as the journal knows it.
    pub fn own(entry: &Entry) -> StatusOrder {
        let intent = &entry.intent;
        StatusOrder {
            intent_id: Some(intent.id.to_string()),
            order_id: entry.order_id.clone(),
            symbol: intent.symbol.clone(),
            exchange: Some(intent.exchange),
            side: intent.side,
            quantity: intent.quantity,
            filled_quantity: entry.filled_quantity,
            limit_price: intent.limit_price,
            submitted_at: Some(entry.submitted.at),
            is_own: true,
            candidates: entry.state.is_unknown().then(|| entry.candidates.clone()),
            state: Some(entry.state),
            average_price: entry.average_price,
            filled_at: entry.filled_at,
            note: entry.note.clone(),
        }
    }

    /// An external order, as KIS lists it.
    pub fn external(row: &BrokerOrder) -> StatusOrder {
        StatusOrder {
            intent_id: None,
            order_id: Some(row.order_id.clone()),
            symbol: row.symbol.clone(),
            exchange: row.exchange,
            side: row.side,
            quantity: row.quantity,
            filled_quantity: row.filled_quantity,
            limit_price: row.limit_price,
            submitted_at: row.ordered_at,
            is_own: false,
            candidates: None,
            state: match row.remaining_quantity {
                0 if row.filled_quantity == row.quantity => Some(IntentState::Filled),
                0 => None,
                _ => Some(IntentState::Accepted),
            },
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
