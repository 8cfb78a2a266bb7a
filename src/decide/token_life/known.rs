//! What a run knows about the token: the files as last seen, and what KIS said about a token in use.

use chrono::TimeDelta;

use super::{Attempt, LIFE_MAX, Life, TokenOnDisk};
use crate::config::TokenSettings;
use crate::domain::{AccessToken, Stamp};

/// A run's knowledge.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The token in the file when last read.
    pub token: Option<AccessToken>,
    /// The newest record, on disk or not.
    pub attempt: Option<Attempt>,
    /// The record as last seen, and all that this run wrote since, saved or not: one of them is on disk, unless another
    /// run wrote.
    written: Vec<Attempt>,
    /// Fingerprint of the token that KIS refused to this run.
    pub refused_fingerprint: Option<String>,
    /// True after a wait of our own, as long as no other run recorded an attempt: the limit is kept then.
    pub has_waited: bool,
}

impl Known {
    /// Takes over what the files say. A record of ours that never reached the disk stays until another run writes one:
    /// that one is newer, whatever its serial, for ours was made before the lock was released.
    pub fn see(&mut self, on_disk: TokenOnDisk) {
        self.token = on_disk.token;
        if let Ok(Some(record)) = on_disk.attempt {
            if self.attempt.is_none() || !self.written.contains(&record) {
                self.has_waited = false;
                self.attempt = Some(record.clone());
            }
            self.written = vec![record];
        }
    }

    /// The life of the file's token; one that KIS refused is dead, whatever its time says.
    pub fn life(&self, now: &Stamp, settings: &TokenSettings) -> Life {
        let renew_at_left = TimeDelta::from_std(settings.renew_at_left).unwrap_or(LIFE_MAX);
        match &self.token {
            Some(token) if !self.is_bad(&token.fingerprint()) => Life::of(token, now.at, renew_at_left),
            _ => Life::Dead,
        }
    }

    /// How long another request is forbidden. After a wait of its own a run asks, whatever the clocks say.
    pub fn limit_left(&self, now: &Stamp) -> Option<TimeDelta> {
        self.attempt.as_ref().filter(|_| !self.has_waited)?.limit_left(now)
    }

    /// Reports whether a new token is better than the file's. A renewal that was due must gain life: a token that dies no
    /// later than the old one is as good as none, and a human should know before both are dead.
    pub fn gains_life(&self, new: &AccessToken, now: &Stamp, settings: &TokenSettings) -> bool {
        let old = self.token.as_ref().filter(|_| self.life(now, settings) == Life::Due);
        old.is_none_or(|old| old.expires_at < new.expires_at)
    }

    /// Reports whether KIS refused the token of this fingerprint, in this run or before.
    pub fn is_bad(&self, fingerprint: &str) -> bool {
        let is_marked = |attempt: &Attempt| attempt.bad_fingerprint.as_deref() == Some(fingerprint);
        // Our own mark may have replaced the one that was there.
        self.written.iter().chain(&self.attempt).any(is_marked)
            || self.refused_fingerprint.as_deref() == Some(fingerprint)
    }

    /// Reports whether the token of this fingerprint was revoked already.
    pub fn was_revoked(&self, fingerprint: &str) -> bool {
        self.attempt.as_ref().is_some_and(|attempt| attempt.revoked_fingerprint.as_deref() == Some(fingerprint))
    }

    /// Changes the record, and returns it to be written. It carries the mark of a refused token, unless the file's token is
    /// marked: only the token on disk matters to others, and one that could not be saved is known to this run alone.
    pub fn update(&mut self, now: &Stamp, change: impl FnOnce(&mut Attempt)) -> Attempt {
        let mut attempt = self.attempt.take().unwrap_or_else(|| Attempt::first(now));
        attempt.serial = attempt.serial.saturating_add(1);
        let marked = attempt.bad_fingerprint.as_deref();
        let is_file_marked = self.token.as_ref().is_some_and(|token| marked == Some(&token.fingerprint()));
        if self.refused_fingerprint.is_some() && !is_file_marked {
            attempt.bad_fingerprint.clone_from(&self.refused_fingerprint);
        }
        change(&mut attempt);
        self.written.push(attempt.clone());
        self.attempt = Some(attempt.clone());
        attempt
    }
}
