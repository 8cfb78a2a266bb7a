//! An event in words, as it is sent and as the outbox keeps it. Its JSON is what webhooks and the user's program get.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{Level, Mode, Symbol};
use crate::language::Sentence;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The same however often it is sent.
    pub id: String,
    pub event: String,
    pub level: Level,
    pub mode: Mode,
    pub at: DateTime<Utc>,
    pub run_id: String,
    pub command: String,
    /// In the user's language.
    pub text: String,
    /// The same in English.
    pub detail: String,
    /// Life left in the token, for events of the token.
    pub seconds_left: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbol: Option<Symbol>,
    #[serde(default, flatten, skip_serializing_if = "Option::is_none")]
    pub order: Option<MessageOrder>,
}

/// The numbers of an order's event; decimals are texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageOrder {
    pub intent_id: String,
    pub order_id: Option<String>,
    pub side: String,
    pub quantity: u64,
    pub filled_quantity: u64,
    pub limit_price: String,
    /// Price in USD of the shares that this event is about, when they filled.
    pub price: Option<String>,
    /// Profit of these shares in USD; sells only.
    pub profit_usd: Option<String>,
    /// Their profit in percent of cost; sells only.
    pub profit_percent: Option<String>,
    pub reason: String,
}

/// Why a message may not have arrived, without any secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotDelivered {
    /// True when it may have arrived all the same.
    pub is_doubtful: bool,
    pub why: Sentence,
}

impl NotDelivered {
    pub fn surely(why: Sentence) -> NotDelivered {
        NotDelivered { is_doubtful: false, why }
    }

    pub fn perhaps(why: Sentence) -> NotDelivered {
        NotDelivered { is_doubtful: true, why }
    }
}

#[cfg(test)]
pub mod samples {
    use super::*;

    pub fn message(id: &str, text: &str) -> Message {
        Message {
            id: id.to_owned(),
            event: "order_accepted".to_owned(),
            level: Level::Info,
            mode: Mode::Paper,
            at: crate::decide::test_support::at("10:00:00"),
            run_id: "7K2QX".to_owned(),
            command: "buy".to_owned(),
            text: text.to_owned(),
            detail: "x".to_owned(),
            seconds_left: None,
            symbol: None,
            order: None,
        }
    }
}
