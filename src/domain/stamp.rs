//! An instant by both clocks: ages that must survive a clock being set come from the time since boot. And how far the wall
//! clock is from KIS's.

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

/// Farthest that this machine's clock may be from KIS's.
pub const MAX_CLOCK_OFFSET: TimeDelta = TimeDelta::seconds(120);

/// How far this machine's clock was from KIS's when a run last saw KIS's `Date`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockOffset {
    /// KIS's clock minus ours, in seconds.
    pub seconds: i64,
    /// When it was seen, by our clocks.
    #[serde(flatten)]
    pub seen: Stamp,
}

impl ClockOffset {
    /// Farthest back that a sighting says anything of the clock now.
    const FRESH: TimeDelta = TimeDelta::hours(1);

    /// Reports whether the clock was too far off to trade by.
    pub fn is_wrong(&self) -> bool {
        TimeDelta::seconds(self.seconds).abs() > MAX_CLOCK_OFFSET
    }

    /// Reports whether it was seen within the hour. A reboot may have set the clock.
    pub fn is_fresh(&self, now: &Stamp) -> bool {
        self.seen.boot == now.boot && self.seen.age_if_plausible_at(now).abs() < ClockOffset::FRESH
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sighting_counts_for_an_hour_of_the_same_boot() {
        let at: DateTime<Utc> = "2027-03-09T14:30:00Z".parse().unwrap();
        let stamp =
            |boot: &str, wall: i64, up_ms| Stamp { at: at + TimeDelta::seconds(wall), boot: boot.to_owned(), up_ms };
        let offset = |seconds, boot: &str| ClockOffset { seconds, seen: stamp(boot, 0, 5_000) };
        for (boot, then, wall, up_ms, is_fresh) in [
            ("a", "a", 50_000, 6_000, true),
            ("a", "a", 0, 3_604_999, true),
            ("a", "a", 0, 3_605_000, false),
            ("a", "b", 1, 6_000, false),
            ("", "", 3_599, 0, true),
            ("", "", -3_599, 0, true),
            ("", "", 3_600, 0, false),
            ("", "", -3_600, 0, false),
        ] {
            assert_eq!(
                offset(0, boot).is_fresh(&stamp(then, wall, up_ms)),
                is_fresh,
                "{boot:?} {then:?} {wall} {up_ms}"
            );
        }
        for (seconds, is_wrong) in [(0, false), (120, false), (-120, false), (121, true), (-121, true)] {
            assert_eq!(offset(seconds, "").is_wrong(), is_wrong, "{seconds}");
        }
    }

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
