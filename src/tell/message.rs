//! An event in words, as it is sent to people. Its JSON is what webhooks and the user's program get.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::mode::Mode;
use crate::domain::notice::Level;
use crate::domain::symbol::Symbol;

/// One event as it is sent, and kept until it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The event's own name: the same however often it is sent.
    pub id: String,
    /// The event's word.
    pub event: String,
    /// How much it matters.
    pub level: Level,
    /// Paper or real.
    pub mode: Mode,
    /// When the run saw it.
    pub at: DateTime<Utc>,
    /// The run that saw it.
    pub run_id: String,
    /// That run's command.
    pub command: String,
    /// What people read, in their language.
    pub text: String,
    /// The same in English.
    pub detail: String,
    /// Seconds of life left in the token, for events of the token.
    pub seconds_left: Option<i64>,
    /// The symbol it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbol: Option<Symbol>,
    /// The order it is about.
    #[serde(default, flatten, skip_serializing_if = "Option::is_none")]
    pub order: Option<MessageOrder>,
}

/// The numbers of an order's event, as texts where they are decimals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageOrder {
    /// Name in the journal.
    pub intent_id: String,
    /// The broker's number, once known.
    pub order_id: Option<String>,
    /// `buy` or `sell`.
    pub side: String,
    /// Shares ordered.
    pub quantity: u64,
    /// Shares filled so far.
    pub filled_quantity: u64,
    /// Limit price in USD.
    pub limit_price: String,
    /// Price in USD of the shares that this event is about, when they filled.
    pub price: Option<String>,
    /// Their profit in USD; sells only.
    pub profit_usd: Option<String>,
    /// Their profit in percent of cost; sells only.
    pub profit_percent: Option<String>,
    /// Why it was ordered.
    pub reason: String,
}
