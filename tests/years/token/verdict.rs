//! Judges what a run's dealings with its token come to.

use chrono::TimeDelta;
use kis_trade::decide::token_life::AttemptResult;
use kis_trade::domain::{AccessToken, Event};
use kis_trade::exit::{Failure, Reason};
use kis_trade::story::notes::Notes;
use kis_trade::story::run::RunOutcome;

use super::books::Watch;
use super::judge::{HOLD_MAX_MS, LIMIT_AFTER_THREE_MS, LIMIT_MS};
use crate::machine::MINUTE_MS;
use crate::office::number_of;
use crate::world::World;

/// After this long without any fault every run must be served at once.
const SETTLING_MS: u64 = 15 * MINUTE_MS;

impl World {
    /// A run lets go of the token's lock, for it has a token, or none, or waits.
    pub fn see_files_behind(&self, watch: &mut Watch) {
        watch.wall_behind = self.wall();
        watch.left_behind = self.left_at_hand(watch);
        watch.file_behind = self.disk.files.token.cached.as_ref().map(number_of);
        watch.was_held_up = self.may_seem_just_asked(watch);
    }

    /// A run goes to work with a token.
    pub fn judge_token(&mut self, watch: &mut Watch, token: &AccessToken) {
        watch.is_under_way = false;
        let number = number_of(token);
        let in_file = watch.file_token.map(|(in_file, _)| in_file);
        let (is_own, is_of_file) = (watch.given == Some(number), in_file == Some(number));
        self.holds(is_own || is_of_file, "4: a token that neither KIS gave nor the file held");
        self.holds(in_file.is_none_or(|in_file| in_file <= number), "4: a token older than the file's");
        self.holds(watch.marked.as_deref() != Some(self.office.print(number)), "4: a token that is marked as refused");
        self.holds(watch.refused != Some(number), "4: the token that was refused to this run");
        let was_asleep = self.machine.down_until_ms > watch.started_ms;
        let is_steady = watch.steps == self.machine.steps && !was_asleep;
        // What KIS gave may die while it is saved.
        let wall = if is_own { watch.wall_given } else { watch.wall_behind };
        self.holds(!is_steady || token.is_live(wall), "4: a dead token");
        if watch.is_saved {
            let is_lost = self.token.books.file_lost_ms >= watch.started_ms;
            let is_written = watch.file_behind == Some(number);
            self.holds(is_own && (is_written || is_lost), "4: renewed, and the file does not hold it");
        }
        if self.is_settled(watch) {
            self.judge_served(watch, token);
        }
        match (watch.is_saved, watch.refused.is_some()) {
            (true, true) => self.note_of(watch.run, "renewed after a refusal", number),
            (false, true) => self.note_of(watch.run, "another token after a refusal", number),
            (true, false) => self.note_of(watch.run, "renewed", number),
            _ => self.trace.glance(self.now_ms, watch.run, "has", number),
        }
    }

    /// A run in calm is served at once: from the file, or with a renewal of its own.
    fn judge_served(&self, watch: &Watch, token: &AccessToken) {
        if self.may_seem_just_asked(watch) {
            return;
        }
        let is_plain = !watch.could_not_save && !watch.has_waited;
        let is_in_file = watch.file_behind == Some(number_of(token));
        let is_fresh = token.time_left(watch.wall_behind) > TimeDelta::hours(4);
        self.holds(is_plain && is_in_file, "6: in calm, a run was not served at once from the file");
        self.holds(is_fresh, "5: in calm, a run was left with a token that is due");
        self.holds(self.office.takes(number_of(token), self.now_ms), "6: in calm, a run got a token that KIS refuses");
    }

    /// Reports whether the last request, behind a boot and a step of the clock, may look to this run as if just made. Then it
    /// holds a renewal up for a minute, or for as long as KIS asked.
    fn may_seem_just_asked(&self, watch: &Watch) -> bool {
        let Some(last) = self.token.books.stamp.filter(|last| self.is_age_a_guess(*last)) else { return false };
        let age_ms = |then_ms: u64| last.seeming_age_ms(then_ms, self.machine.off_ms);
        let (oldest, youngest) = (age_ms(self.now_ms), age_ms(watch.first_ms));
        oldest
            .zip(youngest)
            .is_none_or(|(oldest, youngest)| oldest > -LIMIT_MS.cast_signed() && youngest < HOLD_MAX_MS.cast_signed())
    }

    /// KIS refused a token at work. Nobody may have known that the second one of a run, too, is dead.
    pub fn judge_refusal(&mut self, watch: &Watch, number: u64) {
        self.note_of(watch.run, "refused at work", number);
        self.token.books.refused.insert(number);
        if watch.refused.is_none() {
            return;
        }
        self.note_of(watch.run, "refused twice", number);
        let marked_ms = self.token.books.marked.get(self.office.print(number));
        let is_news = marked_ms.is_none_or(|marked_ms| *marked_ms >= watch.started_ms);
        self.holds(is_news || self.was_in_trouble(watch), "1: refused twice, the second token known to be dead");
    }

    /// A run is over. What it says of its token must be so.
    pub fn judge_token_end(&mut self, watch: &Watch, ended: &RunOutcome, notes: &Notes) {
        let mut has_none = None;
        for event in &notes.events {
            match event {
                Event::TokenRenewed { .. } => {
                    self.holds(watch.has_saved, "4: called renewed, and it never came to the file");
                }
                Event::TokenNotRenewed { failure, is_renewed, .. } => {
                    self.judge_not_renewed(watch, failure, *is_renewed)
                }
                Event::NoToken { failure, .. } => has_none = Some(failure),
                Event::TokenExpiring { .. }
                | Event::TokenRefused { .. }
                | Event::ClockWrong { .. }
                | Event::ForeignOrder(_)
                | Event::Notice(_)
                | Event::SplitOver { .. } => {}
            }
        }
        let is_called_renewed = notes.token.as_ref().is_some_and(|token| token.renewed);
        self.holds(is_called_renewed == watch.has_saved || has_none.is_some(), "4: a renewal that is not told");
        if ended.ending.reason == Some(Reason::TooSoon) {
            self.note_of(watch.run, "forced too soon", 0);
        }
        match has_none {
            Some(failure) if !watch.has_lost_account => self.judge_failure(watch, failure),
            Some(_) => {}
            None if watch.started_ms > 0 => self.judge_work(watch),
            None => {}
        }
    }

    /// A run was left with its old token, or a new one that is no better.
    fn judge_not_renewed(&mut self, watch: &Watch, failure: &Failure, is_renewed: bool) {
        if !is_renewed {
            self.note_of(watch.run, "the old token for want of a new one", 0);
        }
        let was_held_up = failure.reason == Reason::RateLimited && watch.was_held_up;
        self.holds(was_held_up || !self.is_settled(watch), "6: in calm, a token was not renewed");
    }

    /// A run ends without a token. With nothing wrong since it began that may be only
    ///
    /// - in the middle of its work: the issue limit forbids a request, or the dead token had to be revoked;
    /// - after waiting three times for the requests of others, to whom KIS gave a token that was dead.
    ///
    /// Then the next run must get one.
    fn judge_failure(&mut self, watch: &Watch, failure: &Failure) {
        self.note_of(watch.run, "ends without a token", u64::from(failure.exit().code()));
        if failure.reason == Reason::TokenRefused {
            self.note_of(watch.run, "KIS goes on returning a revoked token", 0);
        }
        let is_at_hand = watch.left_behind.is_some_and(|left| left > TimeDelta::zero());
        self.holds(!is_at_hand, "1: no token, although a live one is at hand");
        if self.was_in_trouble(watch) {
            return;
        }
        let is_left = if watch.refused.is_some() {
            watch.has_revoked || self.is_limited_at(watch.drive_ms)
        } else {
            watch.has_waited && watch.requests < 3 && self.token.books.dead_ms >= watch.started_ms
        };
        self.holds(is_left && failure.reason == Reason::RateLimited, "1: no token, although KIS gives them");
        self.note_of(watch.run, "left to the next run", 0);
        if let Some(left_ms) = self.token.books.left_ms.filter(|left_ms| self.token.calm.disturbed_ms < *left_ms) {
            self.holds(watch.started_ms < left_ms + LIMIT_MS, "1: the next run after a refusal got no token either");
        }
        self.token.books.left_ms = Some(self.now_ms);
    }

    /// A run's work is done, as far as its token goes.
    fn judge_work(&mut self, watch: &Watch) {
        self.trace.glance(self.now_ms, watch.run, "done", 0);
        // Where an older token dies when a newer one is issued, a renewal may take it from under a run.
        let is_overtaken = self.token.books.request.is_some_and(|request| request.stamp.at_ms >= watch.started_ms);
        let is_served = watch.refused.is_none() || is_overtaken;
        self.holds(is_served || !self.is_settled(watch), "6: in calm, KIS refused a token");
    }

    /// The last days of the year were calm.
    pub fn judge_end_of_tokens(&self) {
        let files = &self.disk.files;
        let is_good =
            |token: &AccessToken| token.is_live(self.wall()) && self.office.takes(number_of(token), self.now_ms);
        let is_taken = files.token.cached.as_ref().is_some_and(is_good);
        self.holds(is_taken && files.token.is_synced(), "6: the year ends without a good token on disk");
        let is_recorded = matches!(&files.attempt.cached, Ok(Some(attempt)) if attempt.result == AttemptResult::Issued);
        self.holds(is_recorded, "6: the year ends with a record of a failure");
    }

    /// Reports whether the last fault was long before this run.
    fn is_settled(&self, watch: &Watch) -> bool {
        watch.first_ms > SETTLING_MS && self.is_calm_since(watch.first_ms - SETTLING_MS)
    }

    /// Reports whether anything outside stood between this run and a token. A token that died is no excuse.
    fn was_in_trouble(&self, watch: &Watch) -> bool {
        self.token.faults.is_any_open()
            || self.token.calm.trouble_ms >= watch.started_ms
            || self.looks_absurd(watch.started_ms)
            || self.looks_absurd(self.now_ms)
            || watch.was_locked_out
            || watch.could_not_save
    }

    /// Reports whether the wall clock is so wrong that what KIS gives looks dead, or alive for more than 25 hours.
    pub fn looks_absurd(&self, then_ms: u64) -> bool {
        let wall = self.machine.wall(then_ms);
        self.office.newest().is_some_and(|newest| {
            let left = self.office.read(newest, wall).time_left(wall);
            left <= TimeDelta::zero() || left > TimeDelta::hours(25)
        })
    }

    /// Reports whether the issue limit forbade a request at that moment. KIS's wish to be asked later is a moment of the
    /// wall clock; once that was stepped, the wish holds for ten minutes at most.
    fn is_limited_at(&self, then_ms: u64) -> bool {
        let Some(asked) = self.token.books.stamp else { return false };
        let refusals = &self.token.books.refusals;
        let is_steady = refusals.last.is_some_and(|last| last.steps == self.machine.steps);
        let wished_ms = match refusals.in_a_row {
            0 => 0,
            _ if !is_steady => asked.at_ms + HOLD_MAX_MS,
            1..3 => refusals.heard_ms + LIMIT_MS,
            _ => refusals.heard_ms + LIMIT_AFTER_THREE_MS,
        };
        self.is_age_a_guess(asked) || then_ms < wished_ms.max(asked.at_ms + LIMIT_MS)
    }
}
