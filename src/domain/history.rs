//! What runs record for later: samples of the total, how runs ended, reasons.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{Percent, Symbol, Usd};
use crate::language::Sentence;

/// The account's total at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// When.
    pub at: DateTime<Utc>,
    /// Cash, positions and reserved buys in USD.
    pub total: Usd,
    /// Cash in USD; files of earlier programs lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cash: Option<Usd>,
    /// USD that came from outside since the first sample of all, less what went there.
    #[serde(default)]
    pub transfers: Usd,
}

impl Sample {
    /// The total, had the transfers between the two samples come before this one.
    pub fn as_base_of(&self, later: &Sample) -> Usd {
        self.total + later.transfers - self.transfers
    }
}

/// Money that came from outside, or went there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// USD; negative when it went.
    pub usd: Usd,
    /// When a run saw it first.
    pub seen: DateTime<Utc>,
}

/// A change of cash that nothing explains, seen once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// USD.
    pub usd: Usd,
    /// When.
    pub seen: DateTime<Utc>,
}

/// The cash side of the account at the latest look: what the next one is compared with. All in USD.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Books {
    /// When.
    pub at: DateTime<Utc>,
    /// The trading date.
    pub date: NaiveDate,
    /// Cash, and what open buys of any hand held back.
    pub cash: Usd,
    /// Proceeds of sells that cash did not show yet.
    pub pending: Usd,
    /// Since when there are some.
    pub pending_since: Option<DateTime<Utc>>,
    /// What the fills of the date had brought by then, less what they had taken.
    pub net: Usd,
    /// Value of those fills.
    pub traded: Usd,
    /// Value of the sells among them.
    pub sold: Usd,
    /// Sum of all transfers.
    pub transfers: Usd,
    /// What a look since then could not explain.
    pub doubt: Option<Doubt>,
    /// The latest difference that was small enough to let pass.
    #[serde(default)]
    pub let_pass: Usd,
}

impl Books {
    /// The sum of all transfers, with the one that only one look has seen.
    pub fn moved(&self) -> Usd {
        self.transfers + self.doubt.map_or(Usd::ZERO, |doubt| doubt.usd)
    }

    /// The same when what was in doubt is written down as a transfer.
    #[must_use]
    pub fn booked(self) -> Books {
        Books { transfers: self.moved(), doubt: None, ..self }
    }
}

/// How the account's total moved on a trading date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyLoss {
    /// New York date.
    pub trading_date: NaiveDate,
    /// The total in USD that it counts from, with what came from outside since.
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

/// Why a run ordered what it ordered, and why it passed the rest over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reasons {
    /// When the run ended.
    pub at: DateTime<Utc>,
    /// The reason word of a run that had nothing to do; `None` when it did something.
    pub reason: Option<String>,
    /// The run in a sentence.
    pub detail: Sentence,
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
    pub detail: Sentence,
}
