//! The token: load it, renew it when due, and once more if KIS refuses it.
//!
//! Wherever a run dies, the next one can go on from the files:
//!
//! - An attempt is recorded and synced before the request, so that no crash makes us ask too often.
//! - The old token stays in the file until a new one is there.
//! - After the lock is taken everything is read again, so that of many runs one asks.
//! - Nothing is locked while a run waits.

mod report;

use chrono::TimeDelta;

use super::clock::check_clock;
use super::desk::{Locks, Machine, TokenLock, TokenOffice};
use super::locks::wait_without_account;
use crate::config::TokenSettings;
use crate::decide::token_life::{
    Attempt, Known, Life, TokenOnDisk, expired_or_missing, implausible, in_whole_seconds, is_settled, limited,
    not_moved, revoked, span, still_dead, why_not_issued,
};
use crate::domain::{AccessToken, Event, KisError, TokenPurpose};
use crate::exit::Failure;

use report::Missed;
pub use report::{TokenNotes, TokenReport};

/// Users filter the token's log lines by this name, which docs/token.md gives them.
const LOG: &str = "kis_trade::cmd::token";

/// Requests of one attempt: one, and one more after a dead token was revoked.
const REQUESTS_AT_ONCE: u32 = 2;

/// What the token's story needs of a desk.
pub trait TokenDesk: Machine + Locks + TokenOffice {}

impl<D: Machine + Locks + TokenOffice> TokenDesk for D {}

/// The token's part of one run.
#[derive(Debug)]
pub struct TokenRun {
    purpose: TokenPurpose,
    settings: TokenSettings,
    known: Known,
    attempts_used: u32,
    not_saved: Option<Failure>,
    /// What people should hear.
    pub notes: TokenNotes,
    /// Why KIS gave no token at the last attempt, for the log.
    last_refusal: String,
}

impl TokenRun {
    /// A run that has read nothing yet.
    pub fn new(purpose: TokenPurpose, settings: &TokenSettings) -> TokenRun {
        TokenRun {
            purpose,
            settings: settings.clone(),
            known: Known::default(),
            attempts_used: 0,
            not_saved: None,
            notes: TokenNotes::default(),
            last_refusal: "an earlier run asked just now".to_owned(),
        }
    }

    /// Loads the token and renews it when due. The token's lock is free afterwards.
    ///
    /// # Errors
    /// 65, 69, 74, 75, 77 or 78.
    pub async fn acquire(&mut self, desk: &mut impl TokenDesk) -> Result<TokenReport, Failure> {
        let end = self.load(desk).await;
        desk.unlock_token();
        self.report(end, desk.now().at)
    }

    /// Gets another token after KIS refused this one with `words`, once a run; never waits for another attempt.
    ///
    /// # Errors
    /// As [`TokenRun::acquire`]. The next run goes on where this one stopped.
    pub async fn after_refusal(
        &mut self,
        desk: &mut impl TokenDesk,
        refused: &AccessToken,
        words: &str,
    ) -> Result<TokenReport, Failure> {
        let left = refused.time_left(desk.now().at);
        let fingerprint = refused.fingerprint();
        log::info!(target: LOG, "token: refused by KIS ({words}), fingerprint {fingerprint}, {} left by its file", span(left));
        self.note(Event::TokenRefused { words: words.to_owned(), left });
        let end = self.replace(desk, fingerprint).await;
        desk.unlock_token();
        self.report(end, desk.now().at)
    }

    /// Reads without the exclusive lock first: mostly the token lives, and nothing else is needed.
    async fn load(&mut self, desk: &mut impl TokenDesk) -> Result<TokenReport, Missed> {
        self.take_files(desk.load_token().await?)?;
        match (self.purpose, self.life(desk)) {
            (TokenPurpose::OfflineLook, Life::Fresh | Life::Due) => self.use_file(None),
            (TokenPurpose::OfflineLook, _) => Err(Missed::Final(expired_or_missing(self.known.token.as_ref()))),
            (TokenPurpose::Work | TokenPurpose::Check, Life::Fresh) => self.use_file(None),
            _ => self.renew(desk).await,
        }
    }

    /// Reports whether KIS refused a token in this run.
    pub(super) fn was_refused(&self) -> bool {
        self.known.refused_fingerprint.is_some()
    }

    /// Replaces a token that KIS refused, unless this run did so before.
    async fn replace(&mut self, desk: &mut impl TokenDesk, fingerprint: String) -> Result<TokenReport, Missed> {
        if self.known.refused_fingerprint.replace(fingerprint).is_some() {
            return Err(Missed::Final(still_dead()));
        }
        // No waiting: the run is in the middle of its work. What the issue limit forbids now is the next run's.
        self.known.has_waited = self.settings.retry_delay.is_zero();
        self.renew(desk).await
    }

    /// As many attempts as this run has and needs; after the last the old token serves if it lives.
    async fn renew(&mut self, desk: &mut impl TokenDesk) -> Result<TokenReport, Missed> {
        loop {
            match self.attempt(desk).await {
                Err(Missed::ForNow(failure)) => {
                    self.attempts_used = self.attempts_used.saturating_add(1);
                    if !self.may_repeat(desk) {
                        return self.fall_back(desk, failure);
                    }
                    self.wait(desk).await?;
                }
                Err(Missed::Final(failure)) => return self.fall_back(desk, failure),
                end => return end,
            }
        }
    }

    /// One attempt: lock, read again, ask if no other run did, save.
    async fn attempt(&mut self, desk: &mut impl TokenDesk) -> Result<TokenReport, Missed> {
        let on_disk = match desk.lock_token().await? {
            TokenLock::Held(on_disk) => on_disk,
            TokenLock::NotHeld(failure) => return Err(Missed::Final(failure)),
        };
        let damage = on_disk.attempt.as_ref().err().cloned();
        self.take_files(on_disk)?;
        if let Some(failure) = damage {
            return Err(Missed::Final(failure));
        }
        let life = self.life(desk);
        let has_another = self.was_refused() && life != Life::Dead;
        if has_another || (life == Life::Fresh && self.purpose != TokenPurpose::ForcedCheck) {
            return self.use_file(None);
        }
        if let Some(left) = self.known.limit_left(&desk.now()) {
            return self.limited(desk, life, left).await;
        }
        for _ in 0..REQUESTS_AT_ONCE {
            let token = self.ask(desk).await?;
            if !self.known.is_bad(&token.fingerprint()) {
                return Ok(self.save(desk, token).await);
            }
            self.revoke(desk, &token).await?;
        }
        Err(Missed::ForNow(revoked()))
    }

    /// Another request would come too soon after the last one, by whatever run.
    async fn limited(&mut self, desk: &mut impl TokenDesk, life: Life, left: TimeDelta) -> Result<TokenReport, Missed> {
        if self.was_refused() {
            // The next run must know of the refused token.
            self.record(desk, |_| {}).await;
            return Err(Missed::Final(limited(left)));
        }
        match (life, self.purpose) {
            (Life::Dead, _) => Err(Missed::ForNow(limited(left))),
            (_, TokenPurpose::ForcedCheck) => {
                self.not_saved = None;
                let too_soon = Some(left.to_std().unwrap_or_default());
                Ok(TokenReport { too_soon, ..self.use_file(None)? })
            }
            _ => Err(Missed::Final(limited(left))),
        }
    }

    /// One request, recorded before it is sent and after it failed.
    async fn ask(&mut self, desk: &mut impl TokenDesk) -> Result<AccessToken, Missed> {
        self.record_request(desk).await?;
        let issued = desk.issue_token().await.map(in_whole_seconds);
        let now = desk.now();
        let error = match issued {
            Ok(token) => match implausible(&token, now.at) {
                None => return Ok(token),
                Some(detail) => KisError::Nonsense { detail },
            },
            Err(error) => {
                self.last_refusal = why_not_issued(&error).en;
                error
            }
        };
        self.record(desk, |attempt| attempt.failed(&error, &now)).await;
        match check_clock(desk) {
            // By a clock that is days off every token looks expired, or impossible.
            Err(failure) if matches!(error, KisError::Nonsense { .. }) => Err(Missed::Final(failure)),
            _ => Err(error.into()),
        }
    }

    /// Records a request. When that fails a live token serves; without one the request is made all the same, for this run.
    async fn record_request(&mut self, desk: &mut impl TokenDesk) -> Result<(), Missed> {
        let now = desk.now();
        let attempt = self.known.update(&now, |attempt| attempt.begin(&now));
        let Err(failure) = desk.save_attempt(&attempt).await else { return Ok(()) };
        if !self.was_refused() && self.life(desk) != Life::Dead {
            self.known.attempt = None;
            return Err(Missed::Final(failure));
        }
        self.not_saved = Some(failure);
        Ok(())
    }

    /// Saves the token; if that fails it serves this run alone.
    async fn save(&mut self, desk: &mut impl TokenDesk, token: AccessToken) -> TokenReport {
        let saved = desk.save_token(&token).await;
        let renewed = saved.is_ok();
        self.not_saved = saved.err().or(self.not_saved.take());
        let not_renewed = (!self.known.gains_life(&token, &desk.now(), &self.settings)).then(not_moved);
        self.record(desk, Attempt::answered).await;
        self.known.token = Some(token.clone());
        TokenReport { token, renewed, not_renewed, too_soon: None }
    }

    /// Revokes a dead token that KIS returned, once: within six hours of an issue it returns the same one, dead or not. The
    /// attempt makes a second request only where no delay is asked for.
    async fn revoke(&mut self, desk: &mut impl TokenDesk, token: &AccessToken) -> Result<(), Missed> {
        let fingerprint = token.fingerprint();
        if self.known.was_revoked(&fingerprint) {
            self.record(desk, Attempt::answered).await;
            return Err(Missed::Final(still_dead()));
        }
        let is_revoked = is_settled(&desk.revoke_token(token).await);
        self.record(desk, |attempt| {
            attempt.answered();
            if is_revoked {
                attempt.revoked_fingerprint = Some(fingerprint);
            }
        })
        .await;
        let may_ask_at_once = self.was_refused() && self.settings.retry_delay.is_zero();
        if is_revoked && may_ask_at_once { Ok(()) } else { Err(Missed::ForNow(revoked())) }
    }

    /// Changes the record. If that fails the run goes on, and ends with 74.
    async fn record(&mut self, desk: &mut impl TokenDesk, change: impl FnOnce(&mut Attempt)) {
        let attempt = self.known.update(&desk.now(), change);
        if let Err(failure) = desk.save_attempt(&attempt).await {
            self.not_saved = Some(failure);
        }
    }

    /// Reports whether this run has another attempt and needs it.
    fn may_repeat(&self, desk: &impl Machine) -> bool {
        let has_enough = self.purpose == TokenPurpose::Work && self.life(desk) != Life::Dead;
        !has_enough && !self.was_refused() && self.attempts_used < self.settings.attempts
    }

    /// Waits for another attempt, holding no lock.
    async fn wait(&mut self, desk: &mut impl TokenDesk) -> Result<(), Missed> {
        desk.unlock_token();
        let delay = self.settings.retry_delay;
        log::warn!(target: LOG, "token: {} s until another attempt; {}", delay.as_secs(), self.last_refusal);
        wait_without_account(desk, delay).await?;
        self.known.has_waited = true;
        Ok(())
    }

    /// Takes over what the files say.
    fn take_files(&mut self, on_disk: TokenOnDisk) -> Result<(), Missed> {
        on_disk.warnings.iter().for_each(|warning| self.warn(warning.clone()));
        if let Some(failure) = on_disk.unusable {
            return Err(Missed::Unusable(failure));
        }
        self.known.see(on_disk);
        Ok(())
    }

    /// Goes on with the old token if it lives.
    fn fall_back(&self, desk: &impl Machine, failure: Failure) -> Result<TokenReport, Missed> {
        if self.life(desk) == Life::Dead { Err(Missed::Final(failure)) } else { self.use_file(Some(failure)) }
    }

    fn use_file(&self, not_renewed: Option<Failure>) -> Result<TokenReport, Missed> {
        let token = self.known.token.clone().ok_or_else(|| Missed::Final(expired_or_missing(None)))?;
        Ok(TokenReport { token, renewed: false, not_renewed, too_soon: None })
    }

    fn life(&self, desk: &impl Machine) -> Life {
        self.known.life(&desk.now(), &self.settings)
    }
}
