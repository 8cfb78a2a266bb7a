//! KIS's limit of one token a minute, kept across runs.

use chrono::TimeDelta;

use super::Attempt;
use crate::domain::stamp::Stamp;

/// No request sooner after the last one, by whatever run.
pub const LIMIT: TimeDelta = TimeDelta::seconds(65);

/// No request sooner after three answers EGW00133 in a row; KIS also speaks of one token in five minutes.
pub const LIMIT_AFTER_THREE: TimeDelta = TimeDelta::seconds(300);

/// The longest that any record can hold us up, whatever it says.
const HOLD_MAX: TimeDelta = TimeDelta::seconds(600);

/// The time until the next request is allowed; `None` when it is allowed now.
///
/// The age of the last attempt comes from the time since boot when this is still the same boot, else from the wall
/// clock. An attempt in the future of the wall clock has no age. Up to the limit ahead it counts as just made, for two
/// rehearsals from one start time differ by as much; further ahead it does not count, for it would hold us up until
/// the clock has caught up.
pub fn limit_left(attempt: &Attempt, now: &Stamp) -> Option<TimeDelta> {
    let asked = attempt.not_before.map_or(LIMIT, |instant| instant - attempt.last_attempt);
    let hold = asked.clamp(LIMIT, HOLD_MAX);
    let age = attempt.asked().age_if_plausible_at(now);
    if age <= -LIMIT {
        return None;
    }
    let left = hold - age.max(TimeDelta::zero());
    (left > TimeDelta::zero()).then_some(left)
}

#[cfg(test)]
mod tests {
    use super::super::AttemptResult;
    use super::*;

    fn attempt(boot: &str, hold_seconds: Option<i64>) -> Attempt {
        let last_attempt = "2027-03-09T14:30:00Z".parse().unwrap();
        Attempt {
            serial: 1,
            last_attempt,
            boot: boot.to_owned(),
            up_ms: 1_000_000,
            result: AttemptResult::Pending,
            not_before: hold_seconds.map(|seconds| last_attempt + TimeDelta::seconds(seconds)),
            refused_in_a_row: 0,
            bad_print: None,
            revoked_print: None,
        }
    }

    fn left(attempt: &Attempt, boot: &str, wall_seconds: i64, up_seconds: u64) -> Option<i64> {
        let at = attempt.last_attempt + TimeDelta::seconds(wall_seconds);
        let now = Stamp { at, up_ms: attempt.up_ms + 1000 * up_seconds, boot: boot.to_owned() };
        limit_left(attempt, &now).map(|left| left.num_seconds())
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
    fn the_time_since_boot_does_not_care_for_the_wall_clock() {
        for wall in [-86_400, 0, 86_400] {
            assert_eq!(left(&attempt("a", None), "a", wall, 64), Some(1));
            assert_eq!(left(&attempt("a", None), "a", wall, 65), None);
        }
    }

    #[test]
    fn a_time_since_boot_before_the_attempt_is_no_age() {
        let attempt = attempt("a", None);
        let now = Stamp { at: attempt.last_attempt + TimeDelta::seconds(70), up_ms: 5, boot: "a".to_owned() };
        assert_eq!(limit_left(&attempt, &now), None);
    }

    #[test]
    fn an_attempt_in_the_future_never_holds_up_for_long() {
        for (wall, expected) in [(-1, Some(65)), (-64, Some(65)), (-65, None), (-3600, None), (-86_400, None)] {
            assert_eq!(left(&attempt("", None), "", wall, 0), expected, "{wall}");
        }
    }

    #[test]
    fn not_before_holds_up_within_bounds() {
        for (hold, wall, expected) in [
            (70, 69, Some(1)),
            (70, 70, None),
            (305, 304, Some(1)),
            (305, 305, None),
            (10, 64, Some(1)),
            (-500, 65, None),
            (1_000_000, 599, Some(1)),
            (1_000_000, 600, None),
        ] {
            assert_eq!(left(&attempt("", Some(hold)), "", wall, 0), expected, "{hold} {wall}");
        }
    }
}
