//! Judges how runs end.

use chrono::TimeDelta;

use super::Year;
use super::crontab::Process;
use super::judge::{HOLD_MAX_MS, LIMIT_AFTER_THREE_MS, LIMIT_MS};
use super::kis::number_of;
use super::machine::MINUTE_MS;
use crate::decide::refresh::{AttemptLook, AttemptResult, Usable};
use crate::exit::{Failure, Reason};

/// After this long without any fault every run must be served at once.
const SETTLING_MS: u64 = 15 * MINUTE_MS;

impl Year {
    /// A run has a token. Returns its number.
    pub fn judge_usable(&mut self, process: &Process, usable: &Usable) -> u64 {
        let (watch, number) = (&process.watch, number_of(&usable.token));
        let wall = self.machine.wall(self.now_ms);
        let in_file = watch.file_token.map(|(in_file, _)| in_file);
        let (is_own, is_of_file) = (watch.given == Some(number), in_file == Some(number));
        self.holds(is_own || is_of_file, "4: a token that neither KIS gave nor the file held");
        self.holds(in_file.is_none_or(|in_file| in_file <= number), "4: a token older than the file's");
        self.holds(watch.marked.as_deref() != Some(self.kis.print(number)), "4: a token that is marked as refused");
        self.holds(watch.refused != Some(number), "4: the token that was refused to this run");
        let was_asleep = self.machine.down_until_ms > process.started_ms;
        let is_steady = watch.steps == self.machine.steps && !was_asleep;
        self.holds(!is_steady || usable.token.is_live(wall), "4: a dead token");
        if usable.is_renewed {
            let is_written = self.disk.token.cached.as_ref().map(number_of) == Some(number);
            let is_lost = self.books.file_lost_ms >= process.started_ms;
            self.holds(is_own && (is_written || is_lost), "4: called renewed, and the file does not hold it");
        }
        if self.is_settled(process) {
            self.judge_served(process, usable);
        }
        match (usable.is_renewed, watch.refused.is_some()) {
            (true, true) => self.note_of(process, "renewed after a refusal", number),
            (false, true) => self.note_of(process, "another token after a refusal", number),
            (true, false) => self.note_of(process, "renewed", number),
            _ if usable.not_renewed.is_some() => self.note_of(process, "the old token for want of a new one", number),
            _ => self.trace.glance(self.now_ms, process.number, "has", number),
        }
        number
    }

    /// A run in calm is served at once: from the file, or with a renewal of its own.
    fn judge_served(&self, process: &Process, usable: &Usable) {
        // A record behind a boot and a step of the clock may look as if just made, and hold a renewal up for a minute.
        let is_limited = usable.not_renewed.as_ref().is_some_and(|failure| failure.reason == Reason::RateLimited);
        if is_limited && self.books.stamp.is_some_and(|last| self.is_age_a_guess(last)) {
            return;
        }
        let number = number_of(&usable.token);
        let is_plain = usable.not_renewed.is_none() && usable.not_saved.is_none() && !process.watch.has_waited;
        let is_in_file = self.disk.token.cached.as_ref().map(number_of) == Some(number);
        let is_fresh = usable.token.time_left(self.machine.wall(self.now_ms)) > TimeDelta::hours(4);
        self.holds(is_plain && is_in_file, "6: in calm, a run was not served at once from the file");
        self.holds(is_fresh, "5: in calm, a run was left with a token that is due");
        self.holds(self.kis.takes(number, self.now_ms), "6: in calm, a run got a token that KIS refuses");
    }

    /// A run ends without a token. With nothing wrong since it began that may be only
    ///
    /// - in the middle of its work: the issue limit forbids a request, or the dead token had to be revoked;
    /// - after waiting three times for the requests of others, to whom KIS gave a token that was dead.
    ///
    /// Then the next run must get one.
    pub fn judge_failure(&mut self, process: &Process, failure: &Failure) {
        self.note_of(process, "ends without a token", u64::from(failure.exit().code()));
        if failure.reason == Reason::TokenRefused {
            self.note_of(process, "KIS goes on returning a revoked token", 0);
        }
        let watch = &process.watch;
        let is_at_hand = self.left_at_hand(process).is_some_and(|left| left > TimeDelta::zero());
        self.holds(!is_at_hand, "1: no token, although a live one is at hand");
        if self.was_in_trouble(process) {
            return;
        }
        let is_left = if watch.refused.is_some() {
            watch.has_revoked || self.is_limited_at(watch.drive_ms)
        } else {
            watch.has_waited && watch.requests < 3 && self.books.dead_ms >= process.started_ms
        };
        self.holds(is_left && failure.reason == Reason::RateLimited, "1: no token, although KIS gives them");
        self.note_of(process, "left to the next run", 0);
        if let Some(left_ms) = self.books.left_ms.filter(|left_ms| self.calm.disturbed_ms < *left_ms) {
            self.holds(process.started_ms < left_ms + LIMIT_MS, "1: the next run after a refusal got no token either");
        }
        self.books.left_ms = Some(self.now_ms);
    }

    /// KIS refused a token for the second time in one run. Nobody may have known that this one, too, is dead.
    pub fn judge_second_refusal(&mut self, process: &Process, number: u64) {
        self.note_of(process, "refused twice", number);
        let marked_ms = self.books.marked.get(self.kis.print(number));
        let is_news = marked_ms.is_none_or(|marked_ms| *marked_ms >= process.started_ms);
        self.holds(is_news || self.was_in_trouble(process), "1: refused twice, the second token known to be dead");
    }

    /// A run's work is done.
    pub fn judge_success(&mut self, process: &Process, number: u64) {
        self.trace.glance(self.now_ms, process.number, "done", number);
        // Where an older token dies when a newer one is issued, a renewal may take it from under a run.
        let is_overtaken = self.books.request.is_some_and(|request| request.stamp.at_ms >= process.started_ms);
        let is_served = process.watch.refused.is_none() || is_overtaken;
        self.holds(is_served || !self.is_settled(process), "6: in calm, KIS refused a token");
    }

    /// The last days of the year were calm.
    pub fn judge_end(&mut self) {
        let is_taken = self.disk.token.cached.as_ref().is_some_and(|token| {
            token.is_live(self.machine.wall(self.now_ms)) && self.kis.takes(number_of(token), self.now_ms)
        });
        self.holds(is_taken && self.disk.token.is_synced, "6: the year ends without a good token on disk");
        let is_recorded = matches!(&self.disk.attempt.cached,
            AttemptLook::Known(attempt) if attempt.result == AttemptResult::Issued);
        self.holds(is_recorded, "6: the year ends with a record of a failure");
    }

    /// Reports whether the last fault was long before this run.
    fn is_settled(&self, process: &Process) -> bool {
        process.started_ms > SETTLING_MS && self.is_calm_since(process.started_ms - SETTLING_MS)
    }

    /// Reports whether anything outside stood between this run and a token. A token that died is no excuse.
    fn was_in_trouble(&self, process: &Process) -> bool {
        let watch = &process.watch;
        self.faults.is_any_open()
            || self.calm.trouble_ms >= process.started_ms
            || self.looks_absurd(process.started_ms)
            || self.looks_absurd(self.now_ms)
            || watch.was_locked_out
            || watch.could_not_save
    }

    /// Reports whether the wall clock is so wrong that what KIS gives looks dead, or alive for more than 25 hours.
    fn looks_absurd(&self, then_ms: u64) -> bool {
        let wall = self.machine.wall(then_ms);
        self.kis.newest().is_some_and(|newest| {
            let left = self.kis.read(newest, wall).time_left(wall);
            left <= TimeDelta::zero() || left > TimeDelta::hours(25)
        })
    }

    /// Reports whether the issue limit forbade a request at that moment. KIS's wish to be asked later is a moment of the
    /// wall clock; once that was stepped, the wish holds for ten minutes at most.
    fn is_limited_at(&self, then_ms: u64) -> bool {
        let refusals = &self.books.refusals;
        let is_steady = refusals.last.is_some_and(|last| last.steps == self.machine.steps);
        let hold_ms = match refusals.in_a_row {
            0 => LIMIT_MS,
            _ if !is_steady => HOLD_MAX_MS,
            1..3 => LIMIT_MS,
            _ => LIMIT_AFTER_THREE_MS,
        };
        self.books.stamp.is_some_and(|last| self.is_age_a_guess(last) || then_ms < last.at_ms + hold_ms)
    }
}
