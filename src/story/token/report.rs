//! How the token's story ends, and what is said about it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{LOG, TokenRun};
use crate::decide::token_life::{LIFE_MAX, cause, is_final, not_issued, span};
use crate::domain::access_token::{AccessToken, TokenState};
use crate::domain::event::Event;
use crate::domain::job::TokenPurpose;
use crate::domain::kis_error::KisError;
use crate::exit::Failure;

/// A token to work with, and what is to be said about it.
#[derive(Clone, Debug)]
pub struct TokenReport {
    /// The token.
    pub token: AccessToken,
    /// `Valid` or `Renewed`.
    pub state: TokenState,
    /// True when KIS answered a token request in this run and the file was written from it.
    pub renewed: bool,
    /// Sentences for people.
    pub warnings: Vec<String>,
    /// What people may want to hear of.
    pub events: Vec<Event>,
    /// Something could not be written: the run does its work and ends with 74.
    pub save_failed: Option<Failure>,
    /// `--force` came too soon: when KIS may be asked again.
    pub too_soon: Option<Duration>,
}

/// The end of a run without a token.
#[derive(Clone, Debug)]
pub struct NoToken {
    /// How the program ends.
    pub failure: Box<Failure>,
    /// `Expired` or `Missing`; `None` when the files can't be used at all.
    pub state: Option<TokenState>,
    /// The death of the dead token.
    pub expires_at: Option<DateTime<Utc>>,
    /// Sentences for people.
    pub warnings: Vec<String>,
    /// What people may want to hear of.
    pub events: Vec<Event>,
}

/// A token to work with.
pub(super) struct Usable {
    pub token: AccessToken,
    /// True when KIS gave it in this run and it is on disk.
    pub is_renewed: bool,
    /// Why an old token is used although a new one was wanted, or why the new one is no better.
    pub not_renewed: Option<Failure>,
    /// Why something that had to be written is not on disk.
    pub not_saved: Option<Failure>,
    /// How long `--force` came too soon.
    pub too_soon: Option<Duration>,
}

/// Why there is no new token.
pub(super) enum Missed {
    /// Another attempt may get one.
    ForNow(Failure),
    /// No attempt of this run can.
    Final(Failure),
    /// The files can't be used, or the account is not to be had back after a wait: the run ends, whatever token lives.
    Unusable(Failure),
}

impl From<Failure> for Missed {
    fn from(failure: Failure) -> Missed {
        Missed::Unusable(failure)
    }
}

/// What KIS said, for the run that asked.
impl From<KisError> for Missed {
    fn from(error: KisError) -> Missed {
        if is_final(&error) { Missed::Final(not_issued(error)) } else { Missed::ForNow(not_issued(error)) }
    }
}

impl TokenRun {
    /// Closes the story: one log line, the warnings, the events.
    pub(super) fn report(&mut self, end: Result<Usable, Missed>, now: DateTime<Utc>) -> Result<TokenReport, NoToken> {
        let usable = match end {
            Ok(usable) => usable,
            Err(Missed::Unusable(failure)) => return Err(self.no_token(failure, None, None, now)),
            Err(Missed::ForNow(failure) | Missed::Final(failure)) => {
                let last = self.known.token.as_ref().map(|token| token.expires_at);
                let state = if last.is_some() { TokenState::Expired } else { TokenState::Missing };
                return Err(self.no_token(failure, Some(state), last, now));
            }
        };
        self.say(&usable, now);
        Ok(TokenReport {
            state: if usable.is_renewed { TokenState::Renewed } else { TokenState::Valid },
            renewed: usable.is_renewed,
            token: usable.token,
            warnings: std::mem::take(&mut self.warnings),
            events: std::mem::take(&mut self.events),
            save_failed: usable.not_saved,
            too_soon: usable.too_soon,
        })
    }

    fn no_token(
        &mut self,
        failure: Failure,
        state: Option<TokenState>,
        expires_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> NoToken {
        let left = expires_at.map(|at| at - now);
        log::info!(target: LOG, "token: refused, {failure}, {} left", span(left.unwrap_or_default()));
        self.note(Event::NoToken { failure: failure.clone(), left });
        let (warnings, events) = (std::mem::take(&mut self.warnings), std::mem::take(&mut self.events));
        NoToken { failure: Box::new(failure), state, expires_at, warnings, events }
    }

    /// One log line, and the warnings about the token's life.
    fn say(&mut self, usable: &Usable, now: DateTime<Utc>) {
        let left = usable.token.time_left(now);
        let life = span(left);
        match &usable.not_renewed {
            None if usable.is_renewed => {
                log::info!(target: LOG, "token: renewed, {life} left");
                self.note(Event::TokenRenewed { left });
            }
            None => log::info!(target: LOG, "token: valid, {life} left"),
            Some(failure) => {
                let why = cause(failure);
                log::info!(target: LOG, "token: valid, {life} left, not renewed: {why}");
                let then = if usable.is_renewed { "" } else { ", the old one is used" };
                self.warn(format!("the token was not renewed{then}: {why}"));
                let is_renewed = usable.is_renewed;
                self.note(Event::TokenNotRenewed { failure: failure.clone(), is_renewed, left });
            }
        }
        if let Some(failure) = &usable.not_saved {
            self.warn(format!("the token serves this run only: {failure}"));
        }
        if left > LIFE_MAX {
            self.warn(format!("the token claims to live for {life}, more than KIS gives: check the clock"));
        } else if left < TimeDelta::from_std(self.policy.settings.warn_at_left).unwrap_or_default() {
            self.warn(format!("the token lives for {life} only"));
            self.note(Event::TokenExpiring { left });
        }
    }

    /// Notes what people may want to hear of. `--offline` tells nobody else.
    pub(super) fn note(&mut self, event: Event) {
        if self.policy.purpose != TokenPurpose::OfflineLook {
            self.events.push(event);
        }
    }

    /// Adds a sentence for people, once.
    pub(super) fn warn(&mut self, warning: String) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }
}
