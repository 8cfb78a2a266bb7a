//! The record of the last token request, shared by all runs, and KIS's limit of one token a minute, kept by it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{KisError, Stamp};

/// No request sooner after the last one, by whatever run.
pub const LIMIT: TimeDelta = TimeDelta::seconds(65);

/// No request sooner after three answers EGW00133 in a row; KIS also speaks of one token in five minutes.
const LIMIT_AFTER_THREE: TimeDelta = TimeDelta::seconds(300);

/// The longest that any record can hold us up, whatever it says.
const HOLD_MAX: TimeDelta = TimeDelta::seconds(600);

/// The record of the last token request, shared by all runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// One more with each change of the record.
    pub serial: u64,
    /// When the request was about to be sent.
    pub last_attempt: DateTime<Utc>,
    /// The boot at that time; blank when ages must come from the wall clock.
    pub boot: String,
    /// Milliseconds since that boot.
    pub up_ms: u64,
    /// What came of it.
    pub result: AttemptResult,
    /// KIS wants no request before this.
    pub not_before: Option<DateTime<Utc>>,
    /// Answers EGW00133 since the last token.
    pub refused_in_a_row: u32,
    /// Fingerprint of the token that KIS refused before it expired.
    #[serde(rename = "bad_print")]
    pub bad_fingerprint: Option<String>,
    /// Fingerprint of the dead token that was revoked to get another one.
    #[serde(rename = "revoked_print")]
    pub revoked_fingerprint: Option<String>,
}

/// What came of a token request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptResult {
    /// Not known: the run is at it, or died.
    #[default]
    Pending,
    /// A token.
    Issued,
    /// EGW00133.
    TooSoon,
    /// No answer, or one that can't be right.
    Failed,
    /// The credentials were refused.
    Refused,
}

impl Attempt {
    /// When the request was about to be sent, by both clocks.
    fn asked(&self) -> Stamp {
        Stamp { at: self.last_attempt, boot: self.boot.clone(), up_ms: self.up_ms }
    }

    /// A record of nothing, at this moment.
    pub(super) fn first(now: &Stamp) -> Attempt {
        let mut attempt = Attempt::default();
        attempt.begin(now);
        attempt
    }

    /// A request is about to be sent.
    pub fn begin(&mut self, now: &Stamp) {
        self.last_attempt = now.at;
        self.boot.clone_from(&now.boot);
        self.up_ms = now.up_ms;
        self.result = AttemptResult::Pending;
        self.not_before = self.not_before.filter(|instant| *instant > now.at);
    }

    /// KIS gave a token, usable or not.
    pub fn answered(&mut self) {
        self.result = AttemptResult::Issued;
        self.not_before = None;
        self.refused_in_a_row = 0;
    }

    /// KIS gave none.
    pub fn failed(&mut self, error: &KisError, now: &Stamp) {
        self.result = match error {
            KisError::TooSoon { .. } => AttemptResult::TooSoon,
            KisError::CredentialsRefused { .. } | KisError::WrongMode { .. } => AttemptResult::Refused,
            _ => AttemptResult::Failed,
        };
        self.not_before = None;
        if self.result == AttemptResult::TooSoon {
            self.refused_in_a_row = self.refused_in_a_row.saturating_add(1);
            let hold = if self.refused_in_a_row < 3 { LIMIT } else { LIMIT_AFTER_THREE };
            self.not_before = Some(now.at + hold);
        }
    }

    /// The time until the next request is allowed; `None` when it is allowed now.
    ///
    /// The age of the last attempt comes from the time since boot when this is still the same boot, else from the wall
    /// clock. An attempt in the future of the wall clock has no age. Up to the limit ahead it counts as just made, for two
    /// rehearsals from one start time differ by as much; further ahead it does not count, for it would hold us up until
    /// the clock has caught up.
    pub fn limit_left(&self, now: &Stamp) -> Option<TimeDelta> {
        let asked = self.not_before.map_or(LIMIT, |instant| instant - self.last_attempt);
        let hold = asked.clamp(LIMIT, HOLD_MAX);
        let age = self.asked().age_if_plausible_at(now);
        if age <= -LIMIT {
            return None;
        }
        let left = hold - age.max(TimeDelta::zero());
        (left > TimeDelta::zero()).then_some(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(boot: &str, hold_seconds: Option<i64>) -> Attempt {
        let at = "2027-03-09T14:30:00Z".parse().unwrap();
        let not_before = hold_seconds.map(|seconds| at + TimeDelta::seconds(seconds));
        Attempt { not_before, ..Attempt::first(&Stamp { at, boot: boot.to_owned(), up_ms: 1_000_000 }) }
    }

    fn left(attempt: &Attempt, boot: &str, wall_seconds: i64, up_seconds: i64) -> Option<i64> {
        let at = attempt.last_attempt + TimeDelta::seconds(wall_seconds);
        let now = Stamp { at, up_ms: attempt.up_ms.saturating_add_signed(1000 * up_seconds), boot: boot.to_owned() };
        attempt.limit_left(&now).map(|left| left.num_seconds())
    }

    #[test]
    fn the_wall_clock_counts_across_boots_and_in_rehearsals() {
        for (boot, then) in [("", ""), ("a", "b"), ("", "a"), ("a", "")] {
            let cases = [(0, Some(65)), (1, Some(64)), (64, Some(1)), (65, None), (66, None), (86_400, None)];
            for (wall, expected) in cases {
                assert_eq!(left(&attempt(boot, None), then, wall, 0), expected, "{boot:?} {then:?} {wall}");
            }
        }
    }

    #[test]
    fn the_limit_holds_within_bounds_by_either_clock() {
        for (boot, hold, wall, up, expected) in [
            // Within one boot the time since it counts, unless it went back.
            ("a", None, -86_400, 64, Some(1)),
            ("a", None, 86_400, 64, Some(1)),
            ("a", None, -86_400, 65, None),
            ("a", None, 70, -995, None),
            // An attempt in the future never holds up for long.
            ("", None, -1, 0, Some(65)),
            ("", None, -64, 0, Some(65)),
            ("", None, -65, 0, None),
            ("", None, -86_400, 0, None),
            // `not_before` counts from 65 to 600 seconds.
            ("", Some(70), 69, 0, Some(1)),
            ("", Some(70), 70, 0, None),
            ("", Some(305), 304, 0, Some(1)),
            ("", Some(305), 305, 0, None),
            ("", Some(10), 64, 0, Some(1)),
            ("", Some(-500), 65, 0, None),
            ("", Some(1_000_000), 599, 0, Some(1)),
            ("", Some(1_000_000), 600, 0, None),
        ] {
            assert_eq!(left(&attempt(boot, hold), boot, wall, up), expected, "{boot:?} {hold:?} {wall} {up}");
        }
    }
}
