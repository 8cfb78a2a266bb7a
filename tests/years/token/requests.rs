//! What becomes of writes and requests that concern the token, and of the runs that make them.

use chrono::TimeDelta;
use kis_trade::domain::{AccessToken, KisError, KisWords};
use kis_trade::language::Sentence;

use super::books::Watch;
use super::faults::{Fault, Happening};
use crate::answers::unreachable;
use crate::border::{Fate, Run, Spot};
use crate::machine::{HOUR_MS, MINUTE_MS, SECOND_MS};
use crate::office::number_of;
use crate::world::World;

/// Whether a failed replacement put the new file in place: it did when only the last sync of the folder failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renamed {
    Yes,
    No,
}

impl World {
    /// What becomes of a run at a border, in a year of tokens.
    pub fn draw_fate_at_token(&mut self, run: &Run, spot: Spot) -> Fate {
        if run.dies_looking && spot == Spot::Looked {
            return Fate::Killed;
        }
        if !self.token.faults.is_rough || !spot.is_of_renewal() {
            return Fate::Lives;
        }
        match self.chance.below(200) {
            0..8 => Fate::Killed,
            8 => Fate::PowerCut,
            _ => Fate::Lives,
        }
    }

    /// Reports whether KIS takes a run's token.
    pub fn takes(&self, token: Option<&AccessToken>) -> bool {
        token.is_some_and(|token| self.office.takes(number_of(token), self.now_ms))
    }

    /// How long the replacement of one of the token's files takes, or how it fails.
    pub fn replace_for_token(&mut self, run: u64) -> Result<u64, Renamed> {
        if self.cannot_write() {
            let is_renamed = self.chance.one_in(6);
            self.note_of(run, if is_renamed { "replaced but not synced" } else { "not saved" }, 0);
            return Err(if is_renamed { Renamed::Yes } else { Renamed::No });
        }
        let longest_ms = if self.token.faults.is_open(Fault::SlowDisk) { 12 * SECOND_MS } else { 50 };
        Ok(self.chance.between(2, longest_ms))
    }

    /// A token request goes out. What is heard of it, and after how long.
    pub fn answer_issue(&mut self, watch: &Watch) -> (Result<AccessToken, KisError>, u64) {
        let asked_at = self.wall();
        let slow_ms = self.chance.between(SECOND_MS, 10 * SECOND_MS);
        let quick_ms = self.chance.between(100, 2 * SECOND_MS);
        if let Some(answer) = self.answer_in_trouble(watch) {
            return (answer, slow_ms);
        }
        let is_lost = self.token.faults.is_rough && self.chance.one_in(20);
        match self.office_issues() {
            None => (Err(self.say_too_soon(watch)), quick_ms),
            Some(number) if is_lost => {
                self.note_of(watch.run, "token's answer lost", number);
                self.token.calm.trouble(self.now_ms + slow_ms);
                (Err(unreachable()), slow_ms)
            }
            Some(number) => {
                self.note_of(watch.run, "issued", number);
                self.book_issue(watch, number);
                (Ok(self.office.read(number, asked_at)), quick_ms)
            }
        }
    }

    /// What KIS, or the network, answers while a fault is open.
    fn answer_in_trouble(&mut self, watch: &Watch) -> Option<Result<AccessToken, KisError>> {
        let reaches_kis = self.chance.one_in(4);
        let (code, message) = (String::new, String::new);
        let (word, error) = if self.read_ms().is_none() {
            ("unreachable", unreachable())
        } else if self.token.faults.is_open(Fault::CredentialsRefused) {
            self.note_of(watch.run, "credentials refused", 0);
            return Some(Err(KisError::CredentialsRefused(KisWords { code: code(), message: message() })));
        } else if self.token.faults.is_open(Fault::RateLimited) {
            self.note_of(watch.run, "rate limited", 0);
            return Some(Err(KisError::RateLimited(KisWords { code: code(), message: message() })));
        } else if self.token.faults.is_open(Fault::OtherProgram) && !self.chance.one_in(20) {
            self.another_program_asks();
            return Some(Err(self.say_too_soon(watch)));
        } else if self.token.faults.is_open(Fault::Nonsense) {
            ("nonsense", KisError::Nonsense { detail: Sentence::verbatim("no token in it") })
        } else {
            return None;
        };
        let number = if reaches_kis { self.office_issues() } else { None };
        if let (Some(number), "nonsense") = (number, word) {
            self.note_of(watch.run, "issued with an absurd life", number);
            let life = TimeDelta::milliseconds(self.chance.pick(&[0, 26 * HOUR_MS, 900 * HOUR_MS]).cast_signed());
            let (token, wall) = (self.office.read(number, self.wall()), self.wall());
            return Some(Ok(AccessToken::new(token.expose().to_owned(), wall, wall + life)));
        }
        self.note_of(watch.run, word, 0);
        Some(Err(error))
    }

    fn say_too_soon(&mut self, watch: &Watch) -> KisError {
        self.note_of(watch.run, "EGW00133", 0);
        KisError::TooSoon { message: "one token a minute".to_owned() }
    }

    fn office_issues(&mut self) -> Option<u64> {
        let before = self.office.newest();
        let number = self.office.issue(self.now_ms)?;
        let word = if before == Some(number) { "KIS returns the same token" } else { "KIS makes a token" };
        self.note(word, number);
        if !self.office.takes(number, self.now_ms) {
            self.token.books.dead_ms = self.now_ms;
            if !self.token.books.refused.contains(&number) {
                // It died before anybody used it: the fault begins here.
                self.note("KIS gives a token that died unseen", number);
                self.token.calm.disturb(self.now_ms);
            }
        }
        Some(number)
    }

    /// A request to revoke a token goes out. What is heard of it, and after how long.
    pub fn answer_revocation(&mut self, watch: &Watch, number: u64) -> (Result<(), KisError>, u64) {
        let ms = self.chance.between(100, 2 * SECOND_MS);
        let is_lost = self.token.faults.is_rough && self.chance.one_in(10);
        if self.read_ms().is_none() || is_lost {
            if self.chance.one_in(2) {
                self.office.revoke(number);
            }
            self.note_of(watch.run, "revocation lost", number);
            self.token.calm.trouble(self.now_ms + ms);
            return (Err(unreachable()), ms);
        }
        if self.token.faults.is_open(Fault::DeafToRevocation) {
            self.note_of(watch.run, "revocation ignored", number);
            // The token comes back for the rest of its six hours.
            self.token.faults.open(Fault::DeafToRevocation);
            let end_ms = (self.office.issued_ms(number) + 6 * HOUR_MS).max(self.now_ms) + MINUTE_MS;
            self.token.faults.add(end_ms, Happening::Closes(Fault::DeafToRevocation));
            return (Ok(()), ms);
        }
        self.note_of(watch.run, "revoked", number);
        self.office.revoke(number);
        (Ok(()), ms)
    }
}
