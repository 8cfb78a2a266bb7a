//! Keep or renew the token: rules, and a step machine that asks for effects and is told events.
//!
//! Pure. The caller performs one [`Effect`] after the other and reports what became of it, so that the same machine
//! runs against real files and in a simulated year. Whatever dies between two effects, the files tell the next run
//! enough to go on:
//!
//! - An attempt is recorded and synced before the request, so that no crash makes us ask too often.
//! - The old token stays in the file until a new one is there.
//! - After the lock is taken everything is read again, so that of many runs one asks.
//! - Nothing is locked while a run waits.

mod known;
mod life;
mod limit;
mod run;
mod words;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::access_token::AccessToken;
use crate::domain::kis_error::KisError;
use crate::exit::Failure;

pub use life::{LIFE_MAX, Life};
pub use limit::{LIMIT, LIMIT_AFTER_THREE, limit_left};
pub use run::TokenRun;
pub use words::{cause, refusal, span};

/// What the token is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Another job. With a live token it tries once to renew and goes on.
    Work,
    /// `token-check`. It repeats, also with a live token.
    Check,
    /// `token-check --force`. It renews before that is due.
    ForcedCheck,
    /// `token-check --offline`. It sends nothing and writes nothing.
    OfflineLook,
}

/// The settings of one run.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// What the token is wanted for.
    pub purpose: Purpose,
    /// Renew when this much life or less is left.
    pub renew_at_left: TimeDelta,
    /// Attempts in all, of those that repeat.
    pub attempts: u32,
    /// Wait between two attempts.
    pub retry_delay: Duration,
}

/// This instant, by the wall clock and by the time since boot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The wall clock.
    pub now: DateTime<Utc>,
    /// Milliseconds since boot.
    pub up_ms: u64,
    /// The boot; blank when unknown, and in a rehearsal, where ages come from the wall clock alone.
    pub boot: String,
}

/// The record of the last token request, shared by all runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// One more with each change of the record.
    pub serial: u64,
    /// When the request was about to be sent.
    pub last_attempt: DateTime<Utc>,
    /// The boot at that time; blank when ages must come from the wall clock.
    pub boot: String,
    /// Milliseconds since that boot.
    pub up_ms: u64,
    /// What came of it.
    pub result: AttemptResult,
    /// KIS wants no request before this.
    pub not_before: Option<DateTime<Utc>>,
    /// Answers EGW00133 since the last token.
    pub refused_in_a_row: u32,
    /// Print of the token that KIS refused although its time was not over.
    pub bad_print: Option<String>,
    /// Print of the dead token that was revoked to get another one.
    pub revoked_print: Option<String>,
}

/// What came of a token request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptResult {
    /// Not known: the run is at it, or died.
    Pending,
    /// A token.
    Issued,
    /// EGW00133.
    TooSoon,
    /// No answer, or an odd one.
    Failed,
    /// The credentials were refused.
    Refused,
}

/// What the files say at one moment.
#[derive(Clone, Debug)]
pub struct Look {
    /// The token, dead or alive.
    pub token: Option<AccessToken>,
    /// The record of the last request.
    pub attempt: AttemptLook,
}

/// What the record's file says.
#[derive(Clone, Debug)]
pub enum AttemptLook {
    /// No token was ever asked for.
    None,
    /// The record.
    Known(Attempt),
    /// It can't be read. Nobody may ask for a token until a person has looked.
    Damaged(Failure),
}

/// What the caller is to do next.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Read both files under the shared lock; when that is not had in time, without it. Answer: [`Event::Loaded`].
    LoadShared,
    /// Take the exclusive lock, set a bad token file aside, read both files. Keep the lock until [`Effect::Wait`] or
    /// [`Effect::Done`]. Answer: [`Event::Locked`] or [`Event::LockNotHad`].
    LockAndLoad,
    /// Replace and sync the record. Answer: [`Event::AttemptSaved`] or [`Event::AttemptNotSaved`].
    SaveAttempt(Attempt),
    /// Ask KIS for a token, once. Answer: [`Event::Issued`] or [`Event::NotIssued`].
    Issue,
    /// Replace the token file and read it back. Answer: [`Event::TokenSaved`] or [`Event::TokenNotSaved`].
    SaveToken(AccessToken),
    /// Ask KIS to revoke a token that it refuses and yet returns. Answer: [`Event::Revoked`].
    Revoke(AccessToken),
    /// Let go of all locks, then wait. Answer: [`Event::Waited`].
    Wait(Duration),
    /// Let go of the lock. Nothing is left to do.
    Done(Box<TokenOutcome>),
}

/// What became of an effect.
#[derive(Clone, Debug)]
pub enum Event {
    /// The files, read without the exclusive lock.
    Loaded(Look),
    /// The files, read under the exclusive lock.
    Locked(Look),
    /// The lock was busy, or can't be taken at all.
    LockNotHad(Failure),
    /// The record is on disk.
    AttemptSaved,
    /// The record is not on disk.
    AttemptNotSaved(Failure),
    /// KIS answered with a token.
    Issued(AccessToken),
    /// KIS gave none.
    NotIssued(KisError),
    /// The token is on disk.
    TokenSaved,
    /// The token is not on disk.
    TokenNotSaved(Failure),
    /// The revocation was answered, or not.
    Revoked(Result<(), KisError>),
    /// The wait is over.
    Waited,
}

/// How the run ends.
#[derive(Clone, Debug)]
pub enum TokenOutcome {
    /// There is a token to work with.
    Usable(Usable),
    /// `--force` came within the issue limit; the token is the old one.
    TooSoon {
        /// The live token.
        token: AccessToken,
        /// When KIS may be asked again.
        wait: Duration,
    },
    /// There is none.
    Without {
        /// How the program ends.
        failure: Failure,
        /// The dead or refused token of the file, if there was one.
        last: Option<AccessToken>,
    },
}

/// A token to work with.
#[derive(Clone, Debug)]
pub struct Usable {
    /// The token.
    pub token: AccessToken,
    /// True when KIS answered a token request in this run and the file was written from it.
    pub is_renewed: bool,
    /// Why an old token is used although a new one was wanted, or why the new one is no better.
    pub not_renewed: Option<Failure>,
    /// Why something that had to be written is not on disk; the run ends with 74.
    pub not_saved: Option<Failure>,
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod years;
