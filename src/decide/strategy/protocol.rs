//! What a program of the user's is asked, and how its answer is read: version 1 of the protocol that `docs/rules.md` describes.
//! Who starts the program is no matter of this module.

mod answer;
mod question;
#[cfg(test)]
mod tests;
mod words;

pub use answer::{MAX_ANSWER_BYTES, read_answer};
pub use question::question;

use crate::domain::{Json, OrderKind, Symbol, words};
use crate::exit::Reason;
use crate::language::Sentence;

/// The version of the protocol.
const VERSION: u64 = 1;

/// What a question is asked for, and within which bounds. The facts are the rest of it.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Names the question; the program may log it.
    pub id: &'a str,
    /// What for.
    pub purpose: CallPurpose,
    /// `[[strategy]] settings`.
    pub settings: &'a Json,
    /// What the program may order.
    pub symbols: &'a [Symbol],
    /// Kinds of orders that it may use.
    pub kinds: &'a [OrderKind],
    /// Those of them that are emulated, as on paper.
    pub emulated_kinds: &'a [OrderKind],
}

words! {
    /// What a program is asked for.
    pub enum CallPurpose {
        /// A sheet that is written down and sent.
        Plan = "plan",
        /// A sheet that is shown; nothing is stored.
        DryRun = "dry_run",
        /// A sheet of a day that is over.
        Rehearsal = "rehearsal",
    }
}

/// Why a program gave no sheet. Nothing of its answer is used, and its old state is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// The stable word: one of the five that end a run with 76.
    pub reason: Reason,
    /// What is wrong, for people.
    pub detail: Sentence,
}

impl RuleError {
    /// An error by its word.
    pub fn new(reason: Reason, detail: Sentence) -> RuleError {
        RuleError { reason, detail }
    }
}
