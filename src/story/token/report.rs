//! How the token's story ends, and what people hear of it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{LOG, TokenRun};
use crate::decide::token_life::{LIFE_MAX, cause, is_final, not_issued, span};
use crate::domain::{AccessToken, Event, KisError, TokenPurpose, TokenState};
use crate::exit::Failure;
use crate::language::Sentence;
use crate::story::words;

/// A token to work with.
#[derive(Clone, Debug)]
pub struct TokenReport {
    /// The token.
    pub token: AccessToken,
    /// True when KIS issued it in this run and it is on disk.
    pub renewed: bool,
    /// Why an old token is used although a new one was wanted, or why the new one is no better.
    pub not_renewed: Option<Failure>,
    /// `--force` came too soon: when KIS may be asked again.
    pub too_soon: Option<Duration>,
}

/// What people should hear of the token, until the run's notes take it.
#[derive(Clone, Debug, Default)]
pub struct TokenNotes {
    /// Its state at the end; `None` when the files can't be used at all.
    pub state: Option<TokenState>,
    /// When it expires, or when the expired one died.
    pub expires_at: Option<DateTime<Utc>>,
    /// What could not be written: the run does its work and ends with 74.
    pub save_failed: Option<Failure>,
    /// Sentences for people.
    pub warnings: Vec<Sentence>,
    /// What people may want to hear of.
    pub events: Vec<Event>,
}

/// Why there is no new token.
pub(super) enum Missed {
    /// Another attempt may get one.
    ForNow(Failure),
    /// No attempt of this run can.
    Final(Failure),
    /// The files can't be used, or the account's lock was lost to a wait: the run ends, whatever token lives.
    Unusable(Failure),
}

impl From<Failure> for Missed {
    fn from(failure: Failure) -> Missed {
        Missed::Unusable(failure)
    }
}

impl From<KisError> for Missed {
    fn from(error: KisError) -> Missed {
        if is_final(&error) { Missed::Final(not_issued(&error)) } else { Missed::ForNow(not_issued(&error)) }
    }
}

impl TokenRun {
    /// Ends the story: one log line, the warnings, the events.
    pub(super) fn report(
        &mut self,
        end: Result<TokenReport, Missed>,
        now: DateTime<Utc>,
    ) -> Result<TokenReport, Failure> {
        let (failure, are_files_usable) = match end {
            Ok(report) => {
                self.say(&report, now);
                let state = if report.renewed { TokenState::Renewed } else { TokenState::Valid };
                (self.notes.state, self.notes.expires_at) = (Some(state), Some(report.token.expires_at));
                return Ok(report);
            }
            Err(Missed::ForNow(failure) | Missed::Final(failure)) => (failure, true),
            Err(Missed::Unusable(failure)) => (failure, false),
        };
        let token = self.known.token.as_ref().filter(|_| are_files_usable);
        let expires_at = token.map(|token| token.expires_at);
        let state = if expires_at.is_some() { TokenState::Expired } else { TokenState::Missing };
        (self.notes.state, self.notes.expires_at) = (are_files_usable.then_some(state), expires_at);
        let left = expires_at.map(|at| at - now);
        log::info!(target: LOG, "token: none, {failure}, {} left", span(left.unwrap_or_default()));
        self.note(Event::NoToken { failure: failure.clone(), left });
        Err(failure)
    }

    /// One log line, and the warnings about the token's life.
    fn say(&mut self, report: &TokenReport, now: DateTime<Utc>) {
        let is_renewed = report.renewed;
        let left = report.token.time_left(now);
        let life = span(left);
        match &report.not_renewed {
            None if is_renewed => {
                log::info!(target: LOG, "token: renewed, {life} left");
                self.note(Event::TokenRenewed { left });
            }
            None => log::info!(target: LOG, "token: valid, {life} left"),
            Some(failure) => {
                let why = cause(failure);
                log::info!(target: LOG, "token: valid, {life} left, not renewed: {why}");
                self.warn(if is_renewed { words::token_not_renewed(&why) } else { words::old_token_used(&why) });
                self.note(Event::TokenNotRenewed { failure: failure.clone(), is_renewed, left });
            }
        }
        self.notes.save_failed.clone_from(&self.not_saved);
        if let Some(failure) = &self.not_saved {
            self.warn(words::token_for_this_run(&failure.sentence()));
        }
        if left > LIFE_MAX {
            self.warn(words::token_lives_too_long(&life));
        } else if left < TimeDelta::from_std(self.settings.warn_at_left).unwrap_or_default() {
            self.warn(words::token_lives_shortly(&life));
            self.note(Event::TokenExpiring { left });
        }
    }

    /// Notes what people may want to hear of. `--offline` only answers whoever runs it.
    pub(super) fn note(&mut self, event: Event) {
        if self.purpose != TokenPurpose::OfflineLook {
            self.notes.events.push(event);
        }
    }

    /// Adds a sentence for people, once.
    pub(super) fn warn(&mut self, warning: Sentence) {
        if !self.notes.warnings.contains(&warning) {
            self.notes.warnings.push(warning);
        }
    }
}
