//! Every way a run can end: exit codes, stable reason words, and the failure that carries both to the user.

use std::fmt;

use serde::Serialize;

use crate::language::Sentence;

/// The exit codes; sysexits where one fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, also "nothing to do" and "market closed".
    Done = 0,
    /// Unexpected failure, and an order that KIS rejected.
    Unexpected = 1,
    /// The command line is wrong.
    Usage = 2,
    /// A state file can't be read; it is kept, and named.
    StateUnreadable = 65,
    /// The gateway can't be reached or answers nonsense.
    Gateway = 69,
    /// The machine's clock can't be trusted.
    Clock = 71,
    /// The state directory, or the page, can't be written.
    StateUnwritable = 74,
    /// Try again later: a lock is held past the wait, or KIS limits the rate.
    TryAgain = 75,
    /// A strategy's own program failed.
    RuleProgram = 76,
    /// Credentials refused, or no usable token.
    Credentials = 77,
    /// Configuration or environment is wrong, or the state directory belongs to another account or mode.
    Config = 78,
    /// Trading is halted by the `HALT` file.
    Halted = 80,
    /// An order's outcome is unknown.
    OrderUnknown = 81,
}

impl Exit {
    /// The number the process ends with.
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// Why a run is not simply `done`: one stable word a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each word is its own description; the detail beside it has the numbers")]
pub enum Reason {
    MarketClosed,
    AfterBuyUntil,
    Halted,
    SellOnly,
    ForeignOrder,
    DailyLossLimit,
    TotalUnknown,
    FilterNotMet,
    FilterUnknown,
    CashTooLow,
    NoCandidate,
    NoPosition,
    NothingToSell,
    NothingToCancel,
    RanJustNow,
    TooSoon,
    OrderRejected,
    OrderUnknown,
    LockBusy,
    RateLimited,
    TokenRefused,
    CredentialsRefused,
    GatewayUnreachable,
    GatewayNonsense,
    ClockUntrusted,
    StateUnreadable,
    StateUnwritable,
    StateOfAnotherAccount,
    ConfigInvalid,
    RuleFailed,
    RuleTimeout,
    RuleNonsense,
    RuleVersion,
    RuleInvalid,
    Usage,
    Unexpected,
}

impl Reason {
    /// The exit code that this reason gives: the one place where the two meet.
    pub fn exit(self) -> Exit {
        match self {
            Reason::MarketClosed
            | Reason::AfterBuyUntil
            | Reason::SellOnly
            | Reason::ForeignOrder
            | Reason::DailyLossLimit
            | Reason::TotalUnknown
            | Reason::FilterNotMet
            | Reason::FilterUnknown
            | Reason::CashTooLow
            | Reason::NoCandidate
            | Reason::NoPosition
            | Reason::NothingToSell
            | Reason::NothingToCancel
            | Reason::RanJustNow
            | Reason::TooSoon => Exit::Done,
            Reason::Halted => Exit::Halted,
            Reason::OrderRejected | Reason::Unexpected => Exit::Unexpected,
            Reason::OrderUnknown => Exit::OrderUnknown,
            Reason::LockBusy | Reason::RateLimited => Exit::TryAgain,
            Reason::TokenRefused | Reason::CredentialsRefused => Exit::Credentials,
            Reason::GatewayUnreachable | Reason::GatewayNonsense => Exit::Gateway,
            Reason::ClockUntrusted => Exit::Clock,
            Reason::StateUnreadable => Exit::StateUnreadable,
            Reason::StateUnwritable => Exit::StateUnwritable,
            Reason::StateOfAnotherAccount | Reason::ConfigInvalid => Exit::Config,
            Reason::RuleFailed
            | Reason::RuleTimeout
            | Reason::RuleNonsense
            | Reason::RuleVersion
            | Reason::RuleInvalid => Exit::RuleProgram,
            Reason::Usage => Exit::Usage,
        }
    }

    /// The word in JSON.
    pub fn word(self) -> String {
        serde_json::to_value(self).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// How a run ended, in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunResult {
    /// Did what it is for.
    #[default]
    Done,
    /// Nothing was to be done; `reason` says why.
    NothingToDo,
    /// Failed; `reason` says why.
    Failed,
}

impl RunResult {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            RunResult::Done => "done",
            RunResult::NothingToDo => "nothing_to_do",
            RunResult::Failed => "failed",
        }
    }
}

/// How a run ended: well, with nothing to do, or with a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ending {
    pub(crate) result: RunResult,
    /// The reason word; `None` when done.
    pub reason: Option<Reason>,
    /// What happened.
    pub detail: Sentence,
    /// Cause of a failure; may be blank, like the next step.
    pub because: Sentence,
    pub(crate) next: Sentence,
}

impl Ending {
    /// Did what it is for.
    pub fn done(detail: Sentence) -> Ending {
        Ending { detail, ..Ending::default() }
    }

    /// Nothing was to be done.
    pub fn nothing(reason: Reason, detail: Sentence) -> Ending {
        Ending { result: RunResult::NothingToDo, reason: Some(reason), ..Ending::done(detail) }
    }

    /// Failed in a way the story foresaw.
    pub fn failed(reason: Reason, detail: Sentence, next: Sentence) -> Ending {
        Ending { result: RunResult::Failed, reason: Some(reason), next, ..Ending::done(detail) }
    }

    /// The exit code of the process.
    pub fn exit(&self) -> Exit {
        match self.result {
            RunResult::Failed => self.reason.map_or(Exit::Unexpected, Reason::exit),
            RunResult::Done | RunResult::NothingToDo => Exit::Done,
        }
    }
}

impl From<Failure> for Ending {
    fn from(failure: Failure) -> Ending {
        let Said { what, because, next } = *failure.said;
        Ending { because, ..Ending::failed(failure.reason, what, next) }
    }
}

/// A run that failed: what, why, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The stable word.
    pub reason: Reason,
    // Sentences are large, and every other function may return them.
    pub(crate) said: Box<Said>,
}

/// What is said of a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub what: Sentence,
    /// Why, in one line; may be blank, like the next step.
    pub because: Sentence,
    pub next: Sentence,
}

impl Failure {
    /// A failure without a cause or a next step yet.
    pub fn new(reason: Reason, what: Sentence) -> Failure {
        Failure { reason, said: Box::new(Said { what, ..Said::default() }) }
    }

    /// How the process ends.
    pub fn exit(&self) -> Exit {
        self.reason.exit()
    }

    /// Adds the cause.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Sentence>) -> Failure {
        self.said.because = cause.into();
        self
    }

    /// Adds the cause, and the causes of that.
    #[must_use]
    pub fn caused_by(self, error: impl Into<anyhow::Error>) -> Failure {
        self.because(Sentence::verbatim(format!("{:#}", error.into())))
    }

    /// What failed and why, in one sentence.
    pub fn sentence(&self) -> Sentence {
        self.said.what.clone().and(": ", &self.said.because)
    }

    /// Adds the next step.
    #[must_use]
    pub fn next(mut self, step: Sentence) -> Failure {
        self.said.next = step;
        self
    }
}

/// English, for logs.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sentence().fmt(f)
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the file has no version")]
    struct Versionless(#[source] io::Error);

    #[test]
    fn a_cause_is_given_with_its_own_causes_and_none_twice() {
        let failure = |error: anyhow::Error| {
            Failure::new(Reason::Unexpected, Sentence::verbatim("it failed")).caused_by(error).to_string()
        };
        let system = || io::Error::from_raw_os_error(2);
        let alone = format!("it failed: {}", system());
        assert_eq!(failure(system().into()), alone);
        assert_eq!(failure(io::Error::other(system()).into()), alone);
        let chained = format!("it failed: the file has no version: {}", system());
        assert_eq!(failure(Versionless(system()).into()), chained);
    }
}
