//! Performs effects on the model of disk, lock and KIS, and kills processes at their borders.

use chrono::TimeDelta;

use super::Year;
use super::crontab::Process;
use super::faults::Fault;
use super::kis::number_of;
use super::machine::{HOUR_MS, MINUTE_MS, SECOND_MS};
use crate::decide::refresh::{Attempt, AttemptLook, Effect, Event, IssueError};
use crate::domain::access_token::AccessToken;
use crate::exit::{Failure, Reason};

/// The longest wait for the lock.
const LOCK_WAIT_MS: u64 = 15 * SECOND_MS;

/// What becomes of a process at an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Lives,
    KilledBefore,
    KilledAfter,
    PowerCutBefore,
    PowerCutAfter,
}

/// What became of an effect, and how long that took; or the lock is busy.
pub enum Performed {
    Told { event: Event, after_ms: u64 },
    Blocked,
}

/// Whether a failed replacement put the new file in place: it did when only the last sync of the folder failed.
enum Renamed {
    Yes,
    No,
}

impl Year {
    pub fn draw_fate(&mut self, process: &mut Process, effect: &Effect) -> Fate {
        if process.dies_looking {
            return Fate::KilledAfter;
        }
        if !self.faults.is_rough || matches!(effect, Effect::LoadShared) {
            return Fate::Lives;
        }
        match process.random.below(200) {
            0..8 => Fate::KilledBefore,
            8..16 => Fate::KilledAfter,
            16 => Fate::PowerCutBefore,
            17 => Fate::PowerCutAfter,
            _ => Fate::Lives,
        }
    }

    /// Ends a process at an effect, and with the power all others.
    pub fn die(&mut self, process: &Process, fate: Fate, effect: &Effect) {
        let word = match (fate, effect) {
            (Fate::KilledAfter | Fate::PowerCutAfter, Effect::Issue) => "died after the issue, before the save",
            (Fate::KilledAfter | Fate::PowerCutAfter, Effect::SaveAttempt(_)) => "died after the record was replaced",
            (Fate::KilledAfter | Fate::PowerCutAfter, Effect::SaveToken(_)) => "died after the token was replaced",
            (Fate::KilledAfter | Fate::PowerCutAfter, Effect::Revoke(_)) => "died after the revocation",
            (Fate::KilledAfter | Fate::PowerCutAfter, _) => "died after another effect",
            (_, Effect::Issue) => "died before the issue, which is recorded",
            (_, Effect::SaveToken(_)) => "died before the save of an issued token",
            _ => "died before another effect",
        };
        self.note_of(process, word, 0);
        self.unlock(process);
        self.calm.trouble(self.now_ms);
        if matches!(fate, Fate::PowerCutBefore | Fate::PowerCutAfter) {
            self.cut_power();
        }
    }

    pub fn perform(&mut self, process: &mut Process, effect: &Effect, since_ms: u64) -> Performed {
        let (event, after_ms) = match effect {
            Effect::LoadShared => match self.is_locked(process, since_ms) {
                Some(true) => return Performed::Blocked,
                // After the longest wait the files are read without the lock.
                _ => (Event::Loaded(self.disk.look()), 1),
            },
            Effect::LockAndLoad => match self.is_locked(process, since_ms) {
                Some(true) => return Performed::Blocked,
                Some(false) => {
                    self.lock = Some(process.number);
                    (Event::Locked(self.disk.look()), 1)
                }
                None => (Event::LockNotHad(failure(Reason::LockBusy)), 0),
            },
            Effect::SaveAttempt(attempt) => self.save_attempt(process, attempt),
            Effect::Issue => self.issue(process),
            Effect::SaveToken(token) => self.save_token(process, token),
            Effect::Revoke(token) => self.revoke(process, number_of(token)),
            Effect::Wait(delay) => {
                self.unlock(process);
                (Event::Waited, u64::try_from(delay.as_millis()).unwrap())
            }
            Effect::Done(_) => panic!("nothing to perform"),
        };
        Performed::Told { event, after_ms }
    }

    /// Whether another has the lock; `None` when that has lasted too long.
    fn is_locked(&self, process: &Process, since_ms: u64) -> Option<bool> {
        let is_held = self.lock.is_some_and(|holder| holder != process.number) || self.faults.is_open(Fault::LockStuck);
        if is_held && self.now_ms >= since_ms + LOCK_WAIT_MS { None } else { Some(is_held) }
    }

    fn save_attempt(&mut self, process: &mut Process, attempt: &Attempt) -> (Event, u64) {
        let written = self.write(process);
        if !matches!(written, Err(Renamed::No)) {
            self.disk.attempt.rename(AttemptLook::Known(attempt.clone()));
            self.book_record(process, attempt);
        }
        match written {
            Ok(after_ms) => (Event::AttemptSaved, after_ms),
            Err(_) => (Event::AttemptNotSaved(failure(Reason::StateUnwritable)), 5),
        }
    }

    fn save_token(&mut self, process: &mut Process, token: &AccessToken) -> (Event, u64) {
        let written = self.write(process);
        if !matches!(written, Err(Renamed::No)) {
            self.disk.token.rename(Some(token.clone()));
        }
        match written {
            Ok(after_ms) => (Event::TokenSaved, after_ms),
            Err(_) => (Event::TokenNotSaved(failure(Reason::StateUnwritable)), 5),
        }
    }

    /// How long a file's replacement takes, or how it fails.
    fn write(&mut self, process: &mut Process) -> Result<u64, Renamed> {
        if self.faults.is_open(Fault::DiskFull) && !process.random.one_in(4) {
            let is_renamed = process.random.one_in(6);
            self.note_of(process, if is_renamed { "replaced but not synced" } else { "not saved" }, 0);
            return Err(if is_renamed { Renamed::Yes } else { Renamed::No });
        }
        let longest_ms = if self.faults.is_open(Fault::SlowDisk) { 12 * SECOND_MS } else { 50 };
        Ok(process.random.between(2, longest_ms))
    }

    fn issue(&mut self, process: &mut Process) -> (Event, u64) {
        self.judge_request(process);
        let asked_at = self.machine.wall(self.now_ms);
        let slow_ms = process.random.between(SECOND_MS, 10 * SECOND_MS);
        let quick_ms = process.random.between(100, 2 * SECOND_MS);
        if let Some(answer) = self.answer_in_trouble(process) {
            return (answer, slow_ms);
        }
        let is_lost = self.faults.is_rough && process.random.one_in(20);
        match self.kis_issues() {
            None => {
                self.note_of(process, "EGW00133", 0);
                (Event::NotIssued(IssueError::TooSoon { message: String::new() }), quick_ms)
            }
            Some(number) if is_lost => {
                self.note_of(process, "answer lost", number);
                self.calm.trouble(self.now_ms + slow_ms);
                (unreachable(), slow_ms)
            }
            Some(number) => {
                self.note_of(process, "issued", number);
                self.book_issue(process, number);
                (Event::Issued(self.kis.read(number, asked_at)), quick_ms)
            }
        }
    }

    /// What KIS, or the network, answers while a fault is open.
    fn answer_in_trouble(&mut self, process: &mut Process) -> Option<Event> {
        let reaches_kis = process.random.one_in(4);
        let (word, error) = if self.faults.is_open(Fault::Unreachable) {
            ("unreachable", IssueError::Unreachable { detail: String::new() })
        } else if self.faults.is_open(Fault::CredentialsRefused) {
            let error = IssueError::CredentialsRefused { code: String::new(), message: String::new() };
            return self.refuse(process, "credentials refused", error);
        } else if self.faults.is_open(Fault::RateLimited) {
            return self.refuse(process, "rate limited", IssueError::RateLimited { detail: String::new() });
        } else if self.faults.is_open(Fault::OtherProgram) && !process.random.one_in(20) {
            self.another_program_asks();
            return self.refuse(process, "EGW00133", IssueError::TooSoon { message: String::new() });
        } else if self.faults.is_open(Fault::Nonsense) {
            ("nonsense", IssueError::Nonsense { detail: String::new() })
        } else {
            return None;
        };
        let number = if reaches_kis { self.kis_issues() } else { None };
        if let (Some(number), true) = (number, word == "nonsense") {
            self.note_of(process, "issued with an absurd life", number);
            let wall = self.machine.wall(self.now_ms);
            let life = TimeDelta::milliseconds(process.random.pick(&[0, 26 * HOUR_MS, 900 * HOUR_MS]).cast_signed());
            return Some(Event::Issued(AccessToken::new(format!("token-{number}"), wall, wall + life)));
        }
        self.refuse(process, word, error)
    }

    fn refuse(&mut self, process: &Process, word: &'static str, error: IssueError) -> Option<Event> {
        self.note_of(process, word, 0);
        Some(Event::NotIssued(error))
    }

    fn kis_issues(&mut self) -> Option<u64> {
        let before = self.kis.newest();
        let number = self.kis.issue(self.now_ms)?;
        let word = if before == Some(number) { "KIS returns the same token" } else { "KIS makes a token" };
        self.note(word, number);
        if !self.kis.takes(number, self.now_ms) {
            self.books.dead_ms = self.now_ms;
            if !self.books.refused.contains(&number) {
                // It died before anybody used it: the fault begins here.
                self.note("KIS gives a token that died unseen", number);
                self.calm.disturb(self.now_ms);
            }
        }
        Some(number)
    }

    fn revoke(&mut self, process: &mut Process, number: u64) -> (Event, u64) {
        self.judge_revocation(process, number);
        let after_ms = process.random.between(100, 2 * SECOND_MS);
        let is_lost = self.faults.is_rough && process.random.one_in(10);
        if self.faults.is_open(Fault::Unreachable) || is_lost {
            if process.random.one_in(2) {
                self.kis.revoke(number);
            }
            self.note_of(process, "revocation lost", number);
            self.calm.trouble(self.now_ms + after_ms);
            let error = IssueError::Unreachable { detail: String::new() };
            return (Event::Revoked(Err(error)), after_ms);
        }
        if self.faults.is_open(Fault::DeafToRevocation) {
            self.note_of(process, "revocation ignored", number);
            // The token comes back for the rest of its six hours.
            self.faults.open(Fault::DeafToRevocation);
            let end_ms = (self.kis.issued_ms(number) + 6 * HOUR_MS).max(self.now_ms) + MINUTE_MS;
            self.faults.add(end_ms, super::faults::Happening::Closes(Fault::DeafToRevocation));
            return (Event::Revoked(Ok(())), after_ms);
        }
        self.note_of(process, "revoked", number);
        self.kis.revoke(number);
        (Event::Revoked(Ok(())), after_ms)
    }
}

fn unreachable() -> Event {
    Event::NotIssued(IssueError::Unreachable { detail: String::new() })
}

pub fn failure(reason: Reason) -> Failure {
    Failure::new(reason, "made up")
}
