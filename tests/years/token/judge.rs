//! Watches every effect and every event of a run, and judges requests, revocations and files.

use chrono::TimeDelta;

use super::Year;
use super::books::{Answer, Refusals, Request, Stamp};
use super::crontab::{Job, Process};
use super::kis::number_of;
use super::machine::{HOUR_MS, MINUTE_MS, Machine, SECOND_MS};
use crate::decide::refresh::{Attempt, AttemptLook, AttemptResult, Effect, Event, IssueError, Look};
use crate::domain::access_token::AccessToken;

/// Three times look, record, ask, revoke, record and wait; nothing longer is sensible.
const EFFECTS_MAX: u32 = 20;
pub const LIMIT_MS: u64 = 65 * SECOND_MS;
pub const LIMIT_AFTER_THREE_MS: u64 = 300 * SECOND_MS;
pub const HOLD_MAX_MS: u64 = 600 * SECOND_MS;
const MARGIN_MS: u64 = 4 * HOUR_MS;
const MARGIN: TimeDelta = TimeDelta::hours(4);
const LIFE_MAX: TimeDelta = TimeDelta::hours(25);
/// Runs are at most five minutes apart; the rest is for the whole seconds of the file and the start of a run.
const BETWEEN_RUNS_MS: u64 = 5 * MINUTE_MS + 10 * SECOND_MS;

impl Year {
    /// Looks at what a run asks for.
    pub fn watch_effect(&mut self, process: &mut Process, effect: &Effect) {
        let watch = &mut process.watch;
        watch.effects += 1;
        self.holds(watch.effects <= EFFECTS_MAX, "4: a run does not end");
        match effect {
            Effect::SaveAttempt(attempt) => {
                let is_new = attempt.last_attempt == self.machine.wall(self.now_ms);
                if attempt.result == AttemptResult::Pending && is_new {
                    watch.stamp = Some(self.stamp());
                    watch.last_stamp = watch.stamp;
                    watch.is_recorded = false;
                }
            }
            Effect::Issue => {
                watch.requests += 1;
                let most = if watch.refused.is_some() { 1 } else { 3 };
                self.holds(watch.requests <= most, "4: too many requests in one run");
            }
            Effect::SaveToken(token) => {
                watch.saves += 1;
                let number = number_of(token);
                let is_older = watch.file_token.is_some_and(|(in_file, _)| in_file > number);
                self.holds(watch.saves == 1, "4: a second renewal in one run");
                self.holds(watch.given == Some(number) && !is_older, "3: the file changes to a token that is not new");
            }
            Effect::LockAndLoad => {
                let is_first = watch.refused.is_none() && !watch.has_waited;
                let may_only_look = is_first && process.job != Job::ForcedTokenCheck;
                let is_fresh = self.left_at_hand(process).is_some_and(|left| left > MARGIN && left <= LIFE_MAX);
                self.holds(!(may_only_look && is_fresh), "5: a fresh token, and the run wants the lock");
            }
            Effect::Wait(_) => {
                watch.has_waited = true;
                self.note_of(process, "waits", 0);
            }
            _ => {}
        }
    }

    /// Looks at what a run is told.
    pub fn watch_event(&mut self, process: &mut Process, event: &Event) {
        match event {
            Event::Loaded(look) => watch_look(process, look),
            Event::Locked(look) => {
                let before = process.watch.file_token;
                watch_look(process, look);
                if before.is_some() && before < process.watch.file_token {
                    self.note_of(process, "the second look found a newer token", 0);
                }
            }
            Event::LockNotHad(_) => {
                process.watch.was_locked_out = true;
                self.note_of(process, "lock not had", 0);
            }
            Event::AttemptSaved => {
                self.disk.sync();
                process.watch.is_recorded = true;
            }
            Event::TokenSaved => {
                self.disk.sync();
                self.books.saved = self.books.saved.max(process.watch.given);
                process.watch.hold_given();
            }
            Event::AttemptNotSaved(_) => {
                process.watch.could_not_save = true;
                process.watch.revoked = None;
            }
            Event::TokenNotSaved(_) => {
                process.watch.could_not_save = true;
                process.watch.hold_given();
            }
            Event::Issued(token) => {
                let left = token.time_left(self.machine.wall(self.now_ms));
                let is_believable = left > TimeDelta::zero() && left <= LIFE_MAX;
                process.watch.given = Some(number_of(token));
                process.watch.given_until = Some(token.expires_at);
                process.watch.answer = Some(if is_believable { Answer::Token } else { Answer::Other });
            }
            Event::NotIssued(IssueError::TooSoon { .. }) => process.watch.answer = Some(Answer::TooSoon),
            Event::NotIssued(_) => process.watch.answer = Some(Answer::Other),
            Event::Revoked(Ok(())) => {
                process.watch.answer = Some(Answer::Token);
                process.watch.revoked = process.watch.revoking;
            }
            Event::Revoked(Err(_)) => process.watch.answer = Some(Answer::Token),
            Event::Waited => {}
        }
    }

    /// A record is there for all to see.
    pub fn book_record(&mut self, process: &mut Process, attempt: &Attempt) {
        if let Some(print) = &attempt.bad_print {
            self.books.marked.entry(print.clone()).or_insert(self.now_ms);
        }
        let watch = &mut process.watch;
        if watch.last_stamp.map(|stamp| stamp.at_ms) > self.books.stamp.map(|stamp| stamp.at_ms) {
            self.books.stamp = watch.last_stamp;
        }
        self.books.revoked.extend(watch.revoked.take());
        let refusals = &mut self.books.refusals;
        match (watch.answer.take(), &self.books.request) {
            (Some(Answer::TooSoon), Some(request)) => {
                refusals.in_a_row += 1;
                refusals.is_doubtful |= watch.could_not_save;
                let is_known = request.stamp.steps == self.machine.steps && !refusals.is_doubtful;
                refusals.last = is_known.then_some(request.stamp);
                if refusals.in_a_row == 3 {
                    self.note_of(process, "three EGW00133 in a row", 0);
                }
            }
            (Some(Answer::Token), _) => *refusals = Refusals::default(),
            (Some(Answer::Other), _) => refusals.last = None,
            _ => {}
        }
    }

    /// A token request leaves. From the moment at which the last one was about to be sent 65 s must have passed, unless
    /// nobody could know: its record could not be saved, or lies behind a boot and a step of the wall clock.
    pub fn judge_request(&mut self, process: &mut Process) {
        let watch = &mut process.watch;
        self.holds(!watch.saw_damage, "2: a request although the record can't be read");
        let is_recorded = watch.stamp.is_some() && watch.is_recorded;
        let stamp = watch.stamp.take().unwrap_or(self.stamp());
        let is_needed = self.left_at_hand(process).is_none_or(|left| left <= TimeDelta::zero());
        let may_be_lost = process.watch.could_not_save && is_needed;
        self.holds(is_recorded || may_be_lost, "2: a request that is not recorded, or needless then");
        if let Some(last) = self.books.request {
            let is_known = last.is_recorded && !self.is_age_a_guess(last.stamp);
            let is_early = self.now_ms < last.stamp.at_ms + LIMIT_MS;
            self.holds(!is_known || !is_early, "2: a request within 65 s of the last");
            if is_early {
                self.note_of(process, "a request within 65 s, for nobody could know", 0);
            }
        }
        // Within a run its own waits decide; and a hold is a stretch of the wall clock.
        let refusals = &self.books.refusals;
        if let (Some(refused), 3.., false) = (refusals.last, refusals.in_a_row, process.watch.has_waited) {
            let is_steady = (refused.boot, refused.steps) == (self.machine.boot, self.machine.steps);
            let is_late = self.now_ms >= refused.at_ms + LIMIT_AFTER_THREE_MS;
            self.holds(!is_steady || is_late, "2: a request within 300 s of three EGW00133");
        }
        self.books.request = Some(Request { stamp, is_recorded });
    }

    /// The life left in the file's token as the run last saw it; `None` when KIS refused it, or there is none.
    pub fn left_at_hand(&self, process: &Process) -> Option<TimeDelta> {
        let watch = &process.watch;
        let is_good = |number| watch.refused != Some(number) && watch.marked.as_deref() != Some(self.kis.print(number));
        let (_, expires_at) = watch.file_token.filter(|(number, _)| is_good(*number))?;
        Some(expires_at - self.machine.wall(self.now_ms))
    }

    fn stamp(&self) -> Stamp {
        let Machine { off_ms, boot, steps, .. } = self.machine;
        Stamp { at_ms: self.now_ms, boot, off_ms, steps }
    }

    /// Behind a boot and a step of the wall clock nobody knows how old a record is.
    pub fn is_age_a_guess(&self, last: Stamp) -> bool {
        last.boot != self.machine.boot && last.off_ms != self.machine.off_ms
    }

    /// KIS answers with a token. In calm that is the token's life less four hours after the last time.
    pub fn book_issue(&mut self, process: &Process, number: u64) {
        if process.job == Job::ForcedTokenCheck {
            self.calm.disturb(self.now_ms);
        }
        if let Some(last_ms) = self.books.issue_ms.filter(|last_ms| self.is_calm_since(*last_ms)) {
            let gap_ms = self.now_ms - last_ms;
            let life_ms = u64::try_from(self.kis.read_life().num_milliseconds()).unwrap();
            let least_ms = life_ms - MARGIN_MS - SECOND_MS;
            let is_in_time = (least_ms..=least_ms + BETWEEN_RUNS_MS).contains(&gap_ms);
            self.holds(is_in_time, "5: renewed at another time than with 4 h left");
            self.note_of(process, "renewed in calm", gap_ms);
        }
        let is_new = self.kis.issued_ms(number) == self.now_ms;
        self.books.issue_ms = is_new.then_some(self.now_ms);
    }

    /// Only a token that KIS refuses is revoked, and no second time once that is on disk.
    pub fn judge_revocation(&mut self, process: &mut Process, number: u64) {
        process.watch.has_revoked = true;
        process.watch.revoking = Some(number);
        self.holds(!self.kis.takes(number, self.now_ms), "4: a good token is revoked");
        self.holds(!self.books.revoked.contains(&number), "4: a token is revoked a second time");
    }

    pub fn judge_file_after_power_cut(&mut self) {
        let in_file = self.disk.token.cached.as_ref().map(number_of);
        self.holds(in_file >= self.books.saved, "3: the power cut took a token that was saved");
    }

    /// Reports whether nothing unusual was since then, the clock being right.
    pub fn is_calm_since(&self, then_ms: u64) -> bool {
        !self.faults.is_any_open() && self.machine.off_ms == 0 && self.calm.disturbed_ms < then_ms
    }

    pub fn holds(&self, is_so: bool, otherwise: &str) {
        if !is_so {
            let (seed, steps, text) = (self.seed, self.trace.steps, self.trace.text());
            panic!("seed {seed}, step {steps}, at {} ms: {otherwise}\n{text}", self.now_ms);
        }
    }
}

fn watch_look(process: &mut Process, look: &Look) {
    let watch = &mut process.watch;
    watch.file_token = look.token.as_ref().map(|token: &AccessToken| (number_of(token), token.expires_at));
    watch.saw_damage = matches!(look.attempt, AttemptLook::Damaged(_));
    match &look.attempt {
        AttemptLook::Known(attempt) => watch.marked.clone_from(&attempt.bad_print),
        AttemptLook::None => watch.marked = None,
        AttemptLook::Damaged(_) => {}
    }
}
