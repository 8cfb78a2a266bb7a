//! Watches every effect of a run that concerns its token, and judges requests, revocations and files.

use chrono::TimeDelta;
use kis_trade::decide::token_life::{Attempt, AttemptResult};
use kis_trade::domain::{AccessToken, KisError};

use super::books::{Answer, Refusals, Request, Stamp, Watch};
use crate::machine::{HOUR_MS, MINUTE_MS, Machine, SECOND_MS};
use crate::office::number_of;
use crate::world::World;

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

impl World {
    /// A run looks for its token.
    pub fn begin_watch(&self, watch: &mut Watch) {
        watch.begin(self.now_ms, self.machine.steps);
    }

    /// A run does something for its token.
    pub fn count_effect(&self, watch: &mut Watch) {
        watch.effects += 1;
        self.holds(watch.effects <= EFFECTS_MAX, "4: a run does not end");
    }

    /// A run wants the token's lock.
    pub fn judge_reach_for_lock(&self, watch: &Watch) {
        let may_only_look = watch.refused.is_none() && !watch.has_waited && !watch.is_forced;
        let is_fresh = self.left_at_hand(watch).is_some_and(|left| left > MARGIN && left <= LIFE_MAX);
        self.holds(!(may_only_look && is_fresh), "5: a fresh token, and the run wants the lock");
    }

    /// A run is about to replace the record.
    pub fn watch_record(&self, watch: &mut Watch, attempt: &Attempt) {
        if attempt.result == AttemptResult::Pending && attempt.last_attempt == self.stamp().at {
            watch.stamp = Some(self.stamp_of_request());
            watch.last_stamp = watch.stamp;
            watch.is_recorded = false;
        }
    }

    /// A run is about to ask for a token.
    pub fn count_request(&self, watch: &mut Watch) {
        watch.requests += 1;
        let most = if watch.refused.is_some() { 1 } else { 3 };
        self.holds(watch.requests <= most, "4: too many requests in one run");
    }

    /// A run is about to replace the token's file.
    pub fn judge_save(&self, watch: &mut Watch, token: &AccessToken) {
        watch.saves += 1;
        let number = number_of(token);
        let is_older = watch.file_token.is_some_and(|(in_file, _)| in_file > number);
        self.holds(watch.saves == 1, "4: a second renewal in one run");
        self.holds(watch.given == Some(number) && !is_older, "3: the file changes to a token that is not new");
    }

    /// The token's file is on the disk, as its run hears.
    pub fn book_save(&mut self, watch: &mut Watch) {
        (watch.has_saved, watch.is_saved) = (true, true);
        watch.hold_given();
        // Nobody removed it meanwhile.
        if self.disk.files.token.cached.as_ref().map(number_of) == watch.given {
            self.token.books.saved = self.token.books.saved.max(watch.given);
        }
    }

    /// A run hears what came of its request.
    pub fn hear_issue(&self, watch: &mut Watch, answer: &Result<AccessToken, KisError>) {
        watch.answer = Some(match answer {
            Ok(token) => {
                let left = token.time_left(self.wall());
                let is_believable = left > TimeDelta::zero() && left <= LIFE_MAX;
                watch.given = Some(number_of(token));
                watch.given_until = Some(token.expires_at);
                watch.wall_given = self.wall();
                if is_believable { Answer::Token } else { Answer::Other }
            }
            Err(KisError::TooSoon { .. }) => Answer::TooSoon,
            Err(_) => Answer::Other,
        });
    }

    /// A record is there for all to see.
    pub fn book_record(&mut self, watch: &mut Watch, attempt: &Attempt) {
        if let Some(print) = &attempt.bad_fingerprint {
            self.token.books.marked.entry(print.clone()).or_insert(self.now_ms);
        }
        if watch.last_stamp.map(|stamp| stamp.at_ms) > self.token.books.stamp.map(|stamp| stamp.at_ms) {
            self.token.books.stamp = watch.last_stamp;
        }
        self.token.books.revoked.extend(watch.revoked.take());
        let refusals = &mut self.token.books.refusals;
        match (watch.answer.take(), &self.token.books.request) {
            (Some(Answer::TooSoon), Some(request)) => {
                refusals.in_a_row += 1;
                refusals.heard_ms = self.now_ms;
                refusals.is_doubtful |= watch.could_not_save;
                let is_known = request.stamp.steps == self.machine.steps && !refusals.is_doubtful;
                refusals.last = is_known.then_some(request.stamp);
                if refusals.in_a_row == 3 {
                    self.note_of(watch.run, "three EGW00133 in a row", 0);
                }
            }
            (Some(Answer::Token), _) => *refusals = Refusals::default(),
            (Some(Answer::Other), _) => refusals.last = None,
            _ => {}
        }
    }

    /// A token request leaves. From the moment at which the last one was about to be sent 65 s must have passed, unless
    /// nobody could know: its record could not be saved, or lies behind a boot and a step of the wall clock.
    pub fn judge_token_request(&mut self, watch: &mut Watch) {
        self.holds(!watch.saw_damage, "2: a request although the record can't be read");
        let is_recorded = watch.stamp.is_some() && watch.is_recorded;
        let stamp = watch.stamp.take().unwrap_or(self.stamp_of_request());
        let is_needed = self.left_at_hand(watch).is_none_or(|left| left <= TimeDelta::zero());
        let may_be_lost = watch.could_not_save && is_needed;
        self.holds(is_recorded || may_be_lost, "2: a request that is not recorded, or needless then");
        if let Some(last) = self.token.books.request {
            let is_known = last.is_recorded && !self.is_age_a_guess(last.stamp);
            let is_early = self.now_ms < last.stamp.at_ms + LIMIT_MS;
            self.holds(!is_known || !is_early, "2: a request within 65 s of the last");
            if is_early {
                self.note_of(watch.run, "a request within 65 s, for nobody could know", 0);
            }
        }
        // Within a run its own waits decide; and a hold is a stretch of the wall clock.
        let refusals = &self.token.books.refusals;
        if let (Some(refused), 3.., false) = (refusals.last, refusals.in_a_row, watch.has_waited) {
            let is_steady = (refused.boot, refused.steps) == (self.machine.boot, self.machine.steps);
            let is_late = self.now_ms >= refused.at_ms + LIMIT_AFTER_THREE_MS;
            self.holds(!is_steady || is_late, "2: a request within 300 s of three EGW00133");
        }
        self.token.books.request = Some(Request { stamp, is_recorded });
    }

    /// The life left in the file's token as the run last saw it; `None` when KIS refused it, or there is none.
    pub fn left_at_hand(&self, watch: &Watch) -> Option<TimeDelta> {
        let is_good =
            |number| watch.refused != Some(number) && watch.marked.as_deref() != Some(self.office.print(number));
        let (_, expires_at) = watch.file_token.filter(|(number, _)| is_good(*number))?;
        Some(expires_at - self.wall())
    }

    fn stamp_of_request(&self) -> Stamp {
        let Machine { off_ms, boot, steps, .. } = self.machine;
        Stamp { at_ms: self.now_ms, boot, off_ms, steps }
    }

    /// Behind a boot and a step of the wall clock nobody knows how old a record is.
    pub fn is_age_a_guess(&self, last: Stamp) -> bool {
        last.boot != self.machine.boot && last.off_ms != self.machine.off_ms
    }

    /// KIS answers with a token. In calm that is the token's life less four hours after the last time.
    pub fn book_issue(&mut self, watch: &Watch, number: u64) {
        if watch.is_forced {
            self.token.calm.disturb(self.now_ms);
        }
        if let Some(last_ms) = self.token.books.issue_ms.filter(|last_ms| self.is_calm_since(*last_ms)) {
            let gap_ms = self.now_ms - last_ms;
            let life_ms = u64::try_from(self.office.read_life().num_milliseconds()).unwrap();
            let least_ms = life_ms - MARGIN_MS - SECOND_MS;
            let is_in_time = (least_ms..=least_ms + BETWEEN_RUNS_MS).contains(&gap_ms);
            self.holds(is_in_time, "5: renewed at another time than with 4 h left");
            self.note_of(watch.run, "renewed in calm", gap_ms);
        }
        let is_new = self.office.issued_ms(number) == self.now_ms;
        self.token.books.issue_ms = is_new.then_some(self.now_ms);
    }

    /// Only a token that KIS refuses is revoked, and no second time once that is on disk.
    pub fn judge_revocation(&mut self, watch: &mut Watch, number: u64) {
        watch.has_revoked = true;
        watch.revoking = Some(number);
        self.holds(!self.office.takes(number, self.now_ms), "4: a good token is revoked");
        self.holds(!self.token.books.revoked.contains(&number), "4: a token is revoked a second time");
    }

    pub fn judge_file_after_power_cut(&mut self) {
        let in_file = self.disk.files.token.cached.as_ref().map(number_of);
        self.holds(in_file >= self.token.books.saved, "3: the power cut took a token that was saved");
    }

    /// Reports whether nothing unusual was since then, the clock being right.
    pub fn is_calm_since(&self, then_ms: u64) -> bool {
        !self.token.faults.is_any_open() && self.machine.off_ms == 0 && self.token.calm.disturbed_ms < then_ms
    }
}
