//! NYSE's calendar and the day's sessions as instants.
//!
//! Owns the holiday table; knows nothing of orders or prices. Outside 2022–2032 every weekday counts as a
//! full trading day.

use crate::wall_time::WallTime;
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::America::New_York;

/// Closed days and early closes (13:00) a year, as month × 100 + day. 2025-01-09 was a day of mourning.
const YEARS: [(i32, &[u32], &[u32]); 11] = [
    (2022, &[117, 221, 415, 530, 620, 704, 905, 1124, 1226], &[1125]),
    (2023, &[102, 116, 220, 407, 529, 619, 704, 904, 1123, 1225], &[703, 1124]),
    (2024, &[101, 115, 219, 329, 527, 619, 704, 902, 1128, 1225], &[703, 1129, 1224]),
    (2025, &[101, 109, 120, 217, 418, 526, 619, 704, 901, 1127, 1225], &[703, 1128, 1224]),
    (2026, &[101, 119, 216, 403, 525, 619, 703, 907, 1126, 1225], &[1127, 1224]),
    (2027, &[101, 118, 215, 326, 531, 618, 705, 906, 1125, 1224], &[1126]),
    (2028, &[117, 221, 414, 529, 619, 704, 904, 1123, 1225], &[703, 1124]),
    (2029, &[101, 115, 219, 330, 528, 619, 704, 903, 1122, 1225], &[703, 1123, 1224]),
    (2030, &[101, 121, 218, 419, 527, 619, 704, 902, 1128, 1225], &[703, 1129, 1224]),
    (2031, &[101, 120, 217, 411, 526, 619, 704, 901, 1127, 1225], &[703, 1128, 1224]),
    (2032, &[101, 119, 216, 326, 531, 618, 705, 906, 1125, 1224], &[1126]),
];

/// How far Korea's clocks are ahead of UTC.
const KOREA_HOURS: i64 = 9;

/// The close of a full day in New York.
const FULL_DAY_CLOSE: WallTime = WallTime::new(16, 0);

/// Days searched for the next session; the longest closure is four days.
const SEARCH_DAYS: usize = 15;

/// One trading day's instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// New York date.
    pub date: NaiveDate,
    /// Start of the pre-market, 04:00.
    pub pre_open: DateTime<Utc>,
    /// Start of the regular session, 09:30.
    pub open: DateTime<Utc>,
    /// End of the regular session, 16:00 or 13:00.
    pub close: DateTime<Utc>,
    /// End of the after-market, 07:00 in Korea; no later than 17:00 in New York on half days.
    pub after_close: DateTime<Utc>,
    /// End of the after-market for accounts that applied for its extension, 20:00 or 17:00 in New York.
    pub extended_close: DateTime<Utc>,
}

impl Session {
    /// The instant of a time of this day.
    pub fn at(&self, time: WallTime) -> DateTime<Utc> {
        new_york(self.date, time)
    }

    /// The instant that is as long before this day's close as `time` is before that of a full day.
    pub fn before_close(&self, time: WallTime) -> DateTime<Utc> {
        self.close - (FULL_DAY_CLOSE.0 - time.0)
    }
}

/// When orders are taken and matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hours {
    /// The regular session: paper.
    Regular,
    /// From the pre-market to the end of the after-market: real.
    WithAfterMarket,
    /// The same with the extension of the after-market.
    WithExtension,
    /// The Korean day market, 10:00 to 18:00 in Korea before each New York session.
    DayMarket,
}

impl Hours {
    /// Start and end on a day.
    pub fn on(self, session: &Session) -> (DateTime<Utc>, DateTime<Utc>) {
        match self {
            Hours::Regular => (session.open, session.close),
            Hours::WithAfterMarket => (session.pre_open, session.after_close),
            Hours::WithExtension => (session.pre_open, session.extended_close),
            Hours::DayMarket => (korean(session.date, 10), korean(session.date, 18)),
        }
    }

    /// The date of the session to which an instant belongs: New York's, or Korea's in its day market.
    pub fn date(self, at: DateTime<Utc>) -> NaiveDate {
        if self == Hours::DayMarket { in_korea(at).date_naive() } else { new_york_date(at) }
    }
}

/// The session of a New York date, or nothing on a closed day.
pub fn session_on(date: NaiveDate) -> Option<Session> {
    if matches!(date.weekday(), Weekday::Sat | Weekday::Sun) {
        return None;
    }
    let (closed, half) = exceptions(date.year());
    let key = date.month() * 100 + date.day();
    if closed.contains(&key) {
        return None;
    }
    let (close, extended_close) = if half.contains(&key) { (13, 17) } else { (16, 20) };
    let extended_close = new_york(date, WallTime::new(extended_close, 0));
    Some(Session {
        date,
        pre_open: new_york(date, WallTime::new(4, 0)),
        open: new_york(date, WallTime::new(9, 30)),
        close: new_york(date, WallTime::new(close, 0)),
        after_close: korean(date, 24 + 7).min(extended_close),
        extended_close,
    })
}

/// The first session, from the date of `at` on, that `ends` strictly after `at`.
pub fn session_ending_after(at: DateTime<Utc>, ends: impl Fn(&Session) -> DateTime<Utc>) -> Option<Session> {
    new_york_date(at).iter_days().take(SEARCH_DAYS).filter_map(session_on).find(|session| ends(session) > at)
}

/// The trading date `count` sessions after `date`.
pub fn trading_days_after(date: NaiveDate, count: usize) -> NaiveDate {
    let mut days = date.iter_days().skip(1).filter(|day| session_on(*day).is_some());
    days.nth(count.saturating_sub(1)).unwrap_or(date)
}

/// The New York date of an instant.
pub fn new_york_date(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&New_York).date_naive()
}

/// New York wall clock of an instant.
pub fn new_york_time(at: DateTime<Utc>) -> NaiveTime {
    at.with_timezone(&New_York).time()
}

/// An instant on Korea's wall clock, which knows no daylight saving.
pub fn in_korea(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    match FixedOffset::east_opt(KOREA_HOURS as i32 * 3600) {
        Some(korea) => at.with_timezone(&korea),
        None => at.fixed_offset(),
    }
}

fn exceptions(year: i32) -> (&'static [u32], &'static [u32]) {
    let row = YEARS.iter().find(|row| row.0 == year);
    row.map_or((&[], &[]), |row| (row.1, row.2))
}

/// The hour of a date in Korea, which knows no daylight saving.
fn korean(date: NaiveDate, hour: i64) -> DateTime<Utc> {
    date.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(hour - KOREA_HOURS)
}

/// The instant of a time on New York's wall clock. No time of a session falls into a daylight-saving gap, so the fallback is never
/// taken.
pub fn new_york(date: NaiveDate, time: WallTime) -> DateTime<Utc> {
    let local = date.and_time(time.0);
    New_York.from_local_datetime(&local).earliest().map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn closed_days() {
        for day in ["2025-01-09", "2026-07-03", "2022-06-20", "2027-12-24", "2024-03-29", "2026-03-07", "2026-03-08"] {
            assert_eq!(session_on(date(day)), None, "{day}");
        }
        for day in ["2022-01-03", "2026-07-02", "2028-01-03", "2027-12-23", "2023-01-03"] {
            assert!(session_on(date(day)).is_some(), "{day}");
        }
    }

    #[test]
    fn hours_follow_daylight_saving_and_half_days() {
        let cases = [
            ("2026-03-06", "2026-03-06T14:30:00Z", "2026-03-06T21:00:00Z", "2026-03-06T22:00:00Z"),
            ("2026-03-09", "2026-03-09T13:30:00Z", "2026-03-09T20:00:00Z", "2026-03-09T22:00:00Z"),
            ("2026-11-27", "2026-11-27T14:30:00Z", "2026-11-27T18:00:00Z", "2026-11-27T22:00:00Z"),
        ];
        for (day, open, close, after) in cases {
            let session = session_on(date(day)).unwrap();
            assert_eq!(session.open, open.parse::<DateTime<Utc>>().unwrap(), "{day}");
            assert_eq!(session.close, close.parse::<DateTime<Utc>>().unwrap(), "{day}");
            assert_eq!(session.after_close, after.parse::<DateTime<Utc>>().unwrap(), "{day}");
        }
    }

    #[test]
    fn next_sessions() {
        let friday_close = "2026-03-06T21:00:00Z".parse().unwrap();
        assert_eq!(session_ending_after(friday_close, |s| s.close).unwrap().date, date("2026-03-09"));
        assert_eq!(session_ending_after(friday_close, |s| s.after_close).unwrap().date, date("2026-03-06"));
        assert_eq!(trading_days_after(date("2025-01-08"), 1), date("2025-01-10"));
        assert_eq!(trading_days_after(date("2025-01-08"), 2), date("2025-01-13"));
    }
}
