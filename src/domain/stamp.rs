//! An instant by both clocks: ages that must survive a clock being set come from the time since boot.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// An instant by the wall clock, and by the time since a named boot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Wall clock.
    pub at: DateTime<Utc>,
    /// Boot id; blank where unknown, and in a rehearsal, where ages come from the wall clock alone.
    pub boot: String,
    /// Milliseconds since that boot.
    pub up_ms: u64,
}

impl Stamp {
    /// The time from `self` to `later`: by time since boot within one boot, which no clock step can bend; else by
    /// the wall clock. Within one boot it is never negative.
    pub fn age_at(&self, later: &Stamp) -> TimeDelta {
        if self.is_of_boot(later) {
            let ms = later.up_ms.saturating_sub(self.up_ms);
            return TimeDelta::milliseconds(i64::try_from(ms).unwrap_or(i64::MAX / 2));
        }
        later.at - self.at
    }

    /// As [`Stamp::age_at`], for a stamp that a file may hold wrongly: a time since boot that went back is not believed,
    /// and the wall clock counts instead.
    pub fn age_if_plausible_at(&self, later: &Stamp) -> TimeDelta {
        let went_back = self.is_of_boot(later) && later.up_ms < self.up_ms;
        if went_back { later.at - self.at } else { self.age_at(later) }
    }

    fn is_of_boot(&self, later: &Stamp) -> bool {
        !self.boot.is_empty() && self.boot == later.boot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_ages_differ_where_the_time_since_boot_went_back() {
        let start: DateTime<Utc> = "2027-03-09T14:30:00Z".parse().unwrap();
        let stamp =
            |boot: &str, wall: i64, up_ms| Stamp { at: start + TimeDelta::seconds(wall), boot: boot.to_owned(), up_ms };
        let cases = [
            ("a", "a", 70, 6_000, 1, 1),
            ("a", "a", -70, 6_000, 1, 1),
            ("a", "a", 70, 5_000, 0, 0),
            ("a", "a", 70, 4_999, 0, 70),
            ("a", "a", -70, 4_999, 0, -70),
            ("a", "b", 70, 6_000, 70, 70),
            ("a", "b", -70, 6_000, -70, -70),
            ("", "", 70, 4_999, 70, 70),
        ];
        for (boot, then, wall, up_ms, age, plausible) in cases {
            let (from, to) = (stamp(boot, 0, 5_000), stamp(then, wall, up_ms));
            assert_eq!(from.age_at(&to), TimeDelta::seconds(age), "{from:?} {to:?}");
            assert_eq!(from.age_if_plausible_at(&to), TimeDelta::seconds(plausible), "{from:?} {to:?}");
        }
    }
}
