//! What runs record for later: samples of the total, how runs ended, tokens seen, reasons.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{Percent, Symbol, Usd};

/// The account's total at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// When.
    pub at: DateTime<Utc>,
    /// Cash, positions and reserved buys in USD.
    pub total: Usd,
}

/// How the account's total moved on a trading date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyLoss {
    /// New York date.
    pub trading_date: NaiveDate,
    /// The first total of the date in USD.
    pub first_total: Usd,
    /// From the first to the latest, in percent; negative for a loss.
    pub change: Percent,
    /// `max_daily_loss_percent`.
    pub limit: Percent,
    /// True when nothing more is bought on this date.
    pub is_past_limit: bool,
}

/// How one run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunEnd {
    /// When.
    pub at: DateTime<Utc>,
    /// Its exit code.
    pub exit_code: u8,
    /// The reason word; `None` when done.
    pub reason: Option<String>,
}

/// A token as the first run that had it saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TokenSeen {
    /// When that run ended.
    pub at: DateTime<Utc>,
    /// Until when the token lives.
    pub expires_at: DateTime<Utc>,
}

/// Why a run ordered what it ordered, and why it passed the rest over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reasons {
    /// When the run ended.
    pub at: DateTime<Utc>,
    /// The reason word of a run that had nothing to do; `None` when it did something.
    pub reason: Option<String>,
    /// The run in a sentence.
    pub detail: String,
    /// One line a symbol.
    pub lines: Vec<ReasonLine>,
}

/// One symbol, the rule that decided, and its numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonLine {
    /// Ticker.
    pub symbol: Symbol,
    /// The rule's word.
    pub rule: String,
    /// The numbers, for people.
    pub detail: String,
}
