//! How a journal line can fail to fit the lines before it.

use chrono::NaiveDate;

use super::words;
use crate::domain::{IntentId, OrderId};
use crate::language::Sentence;

/// A line that does not fit what came before it: the journal was edited or mixed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoldError {
    /// A line speaks of an intent that no line declared.
    UnknownIntent(IntentId),
    /// An intent is declared twice.
    DeclaredTwice(IntentId),
    /// A number would belong to two intents.
    ClaimedTwice(OrderId, IntentId),
    /// A line speaks of another order than the one that the intent became.
    Renumbered(OrderId, IntentId),
    /// A sheet changes what an earlier line of its date says, or is older than the latest.
    SheetChanged(String, NaiveDate),
}

impl FoldError {
    /// What does not fit.
    pub fn words(&self) -> Sentence {
        match self {
            FoldError::UnknownIntent(id) => words::unknown_intent(id),
            FoldError::DeclaredTwice(id) => words::declared_twice(id),
            FoldError::ClaimedTwice(order_id, id) => words::claimed_twice(order_id, id),
            FoldError::Renumbered(order_id, id) => words::renumbered(order_id, id),
            FoldError::SheetChanged(strategy, date) => words::sheet_changed(strategy, *date),
        }
    }
}

impl From<FoldError> for Sentence {
    fn from(error: FoldError) -> Sentence {
        error.words()
    }
}
