//! The token stage of every opening: load, renew when due, save, unlock; and once more if KIS refuses the token.
//!
//! Performs what [`decide::refresh`](crate::decide::refresh) asks for. Must not decide by itself.

mod files;

use std::ops::ControlFlow;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::clock::Clock;
use crate::config::TokenSettings;
use crate::decide::refresh::{
    Effect, Event, LIFE_MAX, Moment, Policy, Purpose, TokenOutcome, TokenRun, Usable, cause, refusal, span,
};
use crate::domain::access_token::AccessToken;
use crate::domain::kis_error::KisError;
use crate::domain::notice::{Notice, NoticeKind, Words};
use crate::exit::Failure;
use crate::report::wording;
use crate::store::lock::Holder;
use crate::store::state_dir::StateDir;
use crate::store::token_file::TokenOwner;
use files::TokenFiles;

/// What the stage works with.
#[derive(Clone)]
pub struct TokenTools<'a> {
    /// Where the files are.
    pub state_dir: &'a StateDir,
    /// The only clock.
    pub clock: &'a Clock,
    /// Whose tokens may be used.
    pub owner: TokenOwner,
    /// `[token]`
    pub settings: TokenSettings,
    /// `[lock] wait_seconds`
    pub lock_wait: Duration,
    /// This run, for those who wait for it.
    pub holder: Holder,
    /// Asks KIS for a token, once.
    pub issue: &'a dyn Fn() -> Result<AccessToken, KisError>,
    /// Asks KIS to revoke a token.
    pub revoke: &'a dyn Fn(&AccessToken) -> Result<(), KisError>,
}

/// The token as the result shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenState {
    /// It lives.
    Valid,
    /// It was renewed in this run.
    Renewed,
    /// It is dead, or KIS refused it.
    Expired,
    /// There is none.
    Missing,
}

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
    /// Something could not be written: the run does its work and ends with 74.
    pub save_failed: Option<Failure>,
    /// `--force` came too soon: when KIS may be asked again.
    pub too_soon: Option<Duration>,
}

/// The end of a run without a token.
#[derive(Clone, Debug)]
pub struct NoToken {
    /// How the program ends.
    pub failure: Failure,
    /// `Expired` or `Missing`; `None` when the file could not be looked at.
    pub state: Option<TokenState>,
    /// The death of the dead token.
    pub expires_at: Option<DateTime<Utc>>,
    /// Sentences for people.
    pub warnings: Vec<String>,
}

/// The token's part of one run.
pub struct TokenStage<'a> {
    files: TokenFiles<'a>,
    run: TokenRun,
    boot: String,
    notices: Vec<Notice>,
    /// Why KIS gave no token at the last attempt.
    last_refusal: String,
}

impl<'a> TokenStage<'a> {
    /// A stage that has not begun.
    pub fn new(tools: TokenTools<'a>, purpose: Purpose) -> TokenStage<'a> {
        let policy = Policy {
            purpose,
            renew_at_left: TimeDelta::from_std(tools.settings.renew_at_left).unwrap_or(LIFE_MAX),
            attempts: tools.settings.attempts,
            retry_delay: tools.settings.retry_delay,
        };
        let boot = if tools.clock.is_rehearsal() { String::new() } else { tools.clock.boot_id() };
        TokenStage {
            files: TokenFiles::new(tools, purpose),
            run: TokenRun::new(policy),
            boot,
            notices: Vec::new(),
            last_refusal: "an earlier run asked just now".to_owned(),
        }
    }

    /// Loads the token and renews it when due.
    ///
    /// `on_wait` waits between two attempts, after letting go of whatever locks the caller holds, and takes them again.
    /// This stage holds none meanwhile.
    ///
    /// # Errors
    ///
    /// [`NoToken`] with 65, 69, 74, 75, 77 or 78, and what `on_wait` returns.
    pub fn run(&mut self, on_wait: &mut dyn FnMut(Duration) -> Result<(), Failure>) -> Result<TokenReport, NoToken> {
        let first = self.run.begin();
        self.perform_all(first, on_wait)
    }

    /// Gets another token after KIS refused this one with `words`, once a run; never waits for another attempt.
    ///
    /// # Errors
    ///
    /// As [`TokenStage::run`]. The next run goes on where this one stopped.
    pub fn after_refusal(&mut self, refused: &AccessToken, words: &str) -> Result<TokenReport, NoToken> {
        let left = refused.time_left(self.files.tools.clock.now());
        log::info!("token: refused by KIS ({words}), print {}, {} left by its file", refused.print(), span(left));
        self.note(NoticeKind::TokenRefused, wording::refused(words, left), Some(left));
        let first = self.run.after_refusal(&refused.print());
        self.perform_all(first, &mut |_| Ok(()))
    }

    /// What a human should hear of, so far.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    fn perform_all(
        &mut self,
        first: Effect,
        on_wait: &mut dyn FnMut(Duration) -> Result<(), Failure>,
    ) -> Result<TokenReport, NoToken> {
        let mut effect = first;
        loop {
            match self.perform(effect, on_wait) {
                Ok(ControlFlow::Continue(event)) => effect = self.run.step(&self.moment(), event),
                Ok(ControlFlow::Break(outcome)) => return self.report(outcome),
                Err(failure) => {
                    self.files.unlock();
                    return Err(self.no_token(failure, None, None));
                }
            }
        }
    }

    fn perform(
        &mut self,
        effect: Effect,
        on_wait: &mut dyn FnMut(Duration) -> Result<(), Failure>,
    ) -> Result<ControlFlow<TokenOutcome, Event>, Failure> {
        let event = match effect {
            Effect::LoadShared => Event::Loaded(self.files.load_shared()?),
            Effect::LockAndLoad => self.files.lock_and_load()?,
            Effect::SaveAttempt(attempt) => match self.files.save_attempt(&attempt) {
                Ok(()) => Event::AttemptSaved,
                Err(failure) => Event::AttemptNotSaved(failure),
            },
            Effect::Issue => match (self.files.tools.issue)() {
                Ok(token) => Event::Issued(whole_seconds(token)),
                Err(error) => {
                    self.last_refusal = refusal(&error);
                    Event::NotIssued(error)
                }
            },
            Effect::SaveToken(token) => match self.files.save_token(&token) {
                Ok(()) => Event::TokenSaved,
                Err(failure) => Event::TokenNotSaved(failure),
            },
            Effect::Revoke(token) => Event::Revoked((self.files.tools.revoke)(&token)),
            Effect::Wait(delay) => {
                self.files.unlock();
                log::warn!("token: {} s until another attempt; {}", delay.as_secs(), self.last_refusal);
                on_wait(delay)?;
                Event::Waited
            }
            Effect::Done(outcome) => {
                self.files.unlock();
                return Ok(ControlFlow::Break(*outcome));
            }
        };
        Ok(ControlFlow::Continue(event))
    }

    fn report(&mut self, outcome: TokenOutcome) -> Result<TokenReport, NoToken> {
        let (usable, too_soon) = match outcome {
            TokenOutcome::Usable(usable) => (usable, None),
            TokenOutcome::TooSoon { token, wait } => {
                (Usable { token, is_renewed: false, not_renewed: None, not_saved: None }, Some(wait))
            }
            TokenOutcome::Without { failure, last } => {
                let state = if last.is_some() { TokenState::Expired } else { TokenState::Missing };
                return Err(self.no_token(failure, Some(state), last.map(|token| token.expires_at)));
            }
        };
        self.say(&usable);
        Ok(TokenReport {
            state: if usable.is_renewed { TokenState::Renewed } else { TokenState::Valid },
            renewed: usable.is_renewed,
            token: usable.token,
            warnings: self.files.take_warnings(),
            save_failed: usable.not_saved,
            too_soon,
        })
    }

    fn no_token(&mut self, failure: Failure, state: Option<TokenState>, expires_at: Option<DateTime<Utc>>) -> NoToken {
        let left = expires_at.map(|at| at - self.files.tools.clock.now());
        log::info!("token: refused, {failure}, {} left", span(left.unwrap_or_default()));
        self.note(NoticeKind::TokenRenewalFailed, wording::no_token(&failure), left);
        NoToken { failure, state, expires_at, warnings: self.files.take_warnings() }
    }

    /// Notes what a human should hear of. `--offline` tells nobody else.
    fn note(&mut self, kind: NoticeKind, words: Words, left: Option<TimeDelta>) {
        if !self.files.is_offline() {
            let seconds_left = left.map(|left| left.num_seconds());
            self.notices.push(Notice { seconds_left, ..Notice::hourly(kind, words) });
        }
    }

    /// One log line, and the warnings about the token's life.
    fn say(&mut self, usable: &Usable) {
        let tools = &self.files.tools;
        let left = usable.token.time_left(tools.clock.now());
        let is_low = TimeDelta::from_std(tools.settings.warn_at_left).is_ok_and(|limit| left < limit);
        let life = span(left);
        match &usable.not_renewed {
            None if usable.is_renewed => {
                log::info!("token: renewed, {life} left");
                self.note(NoticeKind::TokenRenewed, wording::renewed(left), Some(left));
            }
            None => log::info!("token: valid, {life} left"),
            Some(failure) => {
                let why = cause(failure);
                log::info!("token: valid, {life} left, not renewed: {why}");
                let then = if usable.is_renewed { "" } else { ", the old one is used" };
                self.files.warn(format!("the token was not renewed{then}: {why}"));
                let words = wording::not_renewed(failure, then, left);
                self.note(NoticeKind::TokenRenewalFailed, words, Some(left));
            }
        }
        if let Some(failure) = &usable.not_saved {
            self.files.warn(format!("the token serves this run only: {failure}"));
        }
        if left > LIFE_MAX {
            self.files.warn(format!("the token claims to live for {life}, more than KIS gives: check the clock"));
        } else if is_low {
            self.files.warn(format!("the token lives for {life} only"));
            self.note(NoticeKind::TokenExpiring, wording::expiring(left), Some(left));
        }
    }

    fn moment(&self) -> Moment {
        let clock = self.files.tools.clock;
        let up_ms = u64::try_from(clock.since_boot().as_millis()).unwrap_or(u64::MAX);
        Moment { now: clock.now(), up_ms, boot: self.boot.clone() }
    }
}

/// The file keeps whole seconds; this run shows the same time as the next.
fn whole_seconds(mut token: AccessToken) -> AccessToken {
    if let Some(instant) = DateTime::from_timestamp(token.expires_at.timestamp(), 0) {
        token.expires_at = instant;
    }
    token
}

#[cfg(test)]
mod tests;
