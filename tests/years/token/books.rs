//! What is written down about runs and requests, to judge them by.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use kis_trade::decide::token_life::Look;

use crate::office::number_of;

/// One run's dealings with its token as seen from outside. All begins anew when the run starts over to make way for a sell;
/// what is said of "this drive" also when KIS refuses the token.
#[derive(Debug, Default)]
pub struct Watch {
    pub run: u64,
    /// A person forces the renewal.
    pub is_forced: bool,
    /// When the run first looked for its token, and when it did so in this telling.
    pub first_ms: u64,
    pub started_ms: u64,
    /// From the first look, or a refusal, until the run has a token.
    pub is_under_way: bool,
    /// A token file was written in this run.
    pub has_saved: bool,
    /// And in this drive.
    pub is_saved: bool,
    /// The account's lock was not had.
    pub has_lost_account: bool,
    /// When the token's lock was last let go of, which is when the run made up its mind: the wall clock, the life at hand, and
    /// the file's token.
    pub wall_behind: DateTime<Utc>,
    pub left_behind: Option<TimeDelta>,
    pub file_behind: Option<u64>,
    /// Effects of this drive.
    pub effects: u32,
    /// Token requests of this drive.
    pub requests: u32,
    /// Token files written in this drive.
    pub saves: u32,
    /// When this drive began.
    pub drive_ms: u64,
    /// Number of the token that KIS gave to this drive.
    pub given: Option<u64>,
    /// Its death.
    pub given_until: Option<DateTime<Utc>>,
    /// The wall clock when KIS gave it.
    pub wall_given: DateTime<Utc>,
    /// True when this drive asked for a revocation.
    pub has_revoked: bool,
    /// Number of the token that KIS refused to this run; after it the run is in its second drive.
    pub refused: Option<u64>,
    /// The token of the file at the last look, or the one that this run tried to put there: number and death.
    pub file_token: Option<(u64, DateTime<Utc>)>,
    /// The print that the record marked as refused, at the last look that could read it.
    pub marked: Option<String>,
    /// The record of this run's next request, until that is sent.
    pub stamp: Option<Stamp>,
    /// The last of these: every later record of this run carries it.
    pub last_stamp: Option<Stamp>,
    /// Whether `stamp` is on disk.
    pub is_recorded: bool,
    /// What the last request came to, until it is recorded.
    pub answer: Option<Answer>,
    /// The token whose revocation is asked for.
    pub revoking: Option<u64>,
    /// The token whose revocation KIS answered, until that is recorded.
    pub revoked: Option<u64>,
    /// The last look found a record that can't be read.
    pub saw_damage: bool,
    /// Steps of the clock before this run began.
    pub steps: u64,
    /// The run waited to ask, in this drive.
    pub has_waited: bool,
    /// When the run last let go of the lock, the last request seemed just made.
    pub was_held_up: bool,
    /// The lock was not had.
    pub was_locked_out: bool,
    /// Something was not saved.
    pub could_not_save: bool,
}

/// What a token request came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Token,
    TooSoon,
    Other,
}

/// A moment at which a request was recorded, hence about to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub at_ms: u64,
    pub boot: u64,
    /// The error of the wall clock.
    pub off_ms: i64,
    /// Steps of the clock until then.
    pub steps: u64,
}

impl Stamp {
    /// The age by the wall clock, whose error is `off_ms` now; `None` when the record's own error is unknown.
    pub fn seeming_age_ms(self, now_ms: u64, off_ms: i64) -> Option<i64> {
        let written_ms = self.at_ms.cast_signed().checked_add(self.off_ms)?;
        Some(now_ms.cast_signed() + off_ms - written_ms)
    }
}

/// The last token request of any run.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    pub stamp: Stamp,
    /// Whether the record came to the disk.
    pub is_recorded: bool,
}

/// Answers EGW00133 since the last token, as recorded.
#[derive(Clone, Debug, Default)]
pub struct Refusals {
    pub in_a_row: u32,
    /// When the last of them was heard: KIS's limit counts from there.
    pub heard_ms: u64,
    /// Stamp of the last of these requests; `None` when a later one came to something else.
    pub last: Option<Stamp>,
    /// The files may count fewer: a record was not saved, or undone.
    pub is_doubtful: bool,
}

/// All that must be remembered across runs.
#[derive(Debug, Default)]
pub struct Books {
    pub request: Option<Request>,
    pub refusals: Refusals,
    /// When a request was last recorded, sent or not.
    pub stamp: Option<Stamp>,
    /// When the last request was sent, if it was answered with a token issued for it.
    pub issue_ms: Option<u64>,
    /// The newest token whose file a run was told to be on disk.
    pub saved: Option<u64>,
    /// Tokens whose revocation is on disk.
    pub revoked: BTreeSet<u64>,
    /// Tokens that KIS refused to a run of ours.
    pub refused: BTreeSet<u64>,
    /// When the print of each was first marked in the record.
    pub marked: BTreeMap<String, u64>,
    /// When a person last deleted the token file.
    pub file_lost_ms: u64,
    /// When KIS last answered a request with a dead token.
    pub dead_ms: u64,
    /// When a run last left a refused token to the next one.
    pub left_ms: Option<u64>,
}

impl Watch {
    /// A run that has not looked yet.
    pub fn new(run: u64, is_forced: bool) -> Watch {
        Watch { run, is_forced, ..Watch::default() }
    }

    /// The run tells its story, for the first time or anew.
    pub fn begin(&mut self, now_ms: u64, steps: u64) {
        *self = Watch {
            first_ms: if self.started_ms == 0 { now_ms } else { self.first_ms },
            started_ms: now_ms,
            drive_ms: now_ms,
            is_under_way: true,
            has_saved: self.has_saved,
            steps,
            ..Watch::new(self.run, self.is_forced)
        };
    }

    /// What the files say.
    pub fn see(&mut self, look: &Look) {
        self.file_token = look.token.as_ref().map(|token| (number_of(token), token.expires_at));
        self.saw_damage = look.attempt.is_err();
        // What the run read in a record that a person removed since, it still knows.
        if let Ok(Some(attempt)) = &look.attempt {
            self.marked.clone_from(&attempt.bad_print);
        }
    }

    /// The token that KIS gave takes the place of the file's, in the eyes of the run.
    pub fn hold_given(&mut self) {
        self.file_token = self.given.zip(self.given_until);
    }

    /// What came of a revocation.
    pub fn hear_revocation(&mut self, is_answered: bool) {
        self.answer = Some(Answer::Token);
        if is_answered {
            self.revoked = self.revoking;
        }
    }

    /// The run begins again, for KIS refused the token of this number.
    pub fn begin_again(&mut self, now_ms: u64, number: u64) {
        self.is_under_way = true;
        self.effects = 0;
        self.requests = 0;
        self.saves = 0;
        self.is_saved = false;
        self.drive_ms = now_ms;
        self.given = None;
        self.has_revoked = false;
        self.has_waited = false;
        self.refused = Some(number);
    }
}

impl Books {
    /// What a record said may be undone: an older one is in its place.
    pub fn doubt_record(&mut self) {
        self.stamp = self.stamp.map(|stamp| Stamp { off_ms: i64::MAX, ..stamp });
        self.refusals.last = None;
        self.refusals.is_doubtful = true;
        self.revoked.clear();
        self.marked.clear();
    }

    /// A person removed the record; what runs knew from it is gone.
    pub fn forget_record(&mut self) {
        self.refusals = Refusals::default();
        self.revoked.clear();
        self.marked.clear();
    }
}
