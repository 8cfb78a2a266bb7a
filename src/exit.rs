//! Every way a run can end: exit codes, stable reason words, and the failure that carries both to the user.

use std::fmt;

use serde::Serialize;

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
    /// The state directory can't be written.
    StateUnwritable = 74,
    /// Try again later: a lock is held past the wait, or KIS limits the rate.
    TryAgain = 75,
    /// Credentials refused, or no usable token.
    Credentials = 77,
    /// Configuration, environment or state directory of another account.
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
#[allow(missing_docs, reason = "each word is its own description; README.md explains them to users")]
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
    Usage,
    Unexpected,
}

impl Reason {
    /// The word as it stands in JSON.
    pub fn word(self) -> String {
        serde_json::to_value(self).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// A run that failed: what, why, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// How the process ends.
    pub exit: Exit,
    /// The stable word.
    pub reason: Reason,
    /// What failed.
    pub what: String,
    /// Why, in one line; may be empty.
    pub because: String,
    /// What to do next, in one line; may be empty.
    pub next: String,
}

impl Failure {
    /// A failure of which only the fact is known so far.
    pub fn new(exit: Exit, reason: Reason, what: impl Into<String>) -> Failure {
        Failure { exit, reason, what: what.into(), because: String::new(), next: String::new() }
    }

    /// Adds the cause.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Failure {
        self.because = cause.to_string();
        self
    }

    /// Adds the next step.
    #[must_use]
    pub fn next(mut self, step: impl Into<String>) -> Failure {
        self.next = step.into();
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if !self.because.is_empty() {
            write!(f, ": {}", self.because)?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}
