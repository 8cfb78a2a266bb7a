//! The five time fields of a crontab line, as Debian's cron reads them.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};

use crate::language::Sentence;
use crate::schedule::words::line as words;

/// The minutes at which a line starts: one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// True when neither day field begins with `*`: then either is enough.
    is_either_day: bool,
}

/// One of the five fields of time.
#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
    /// Its name in Korean.
    pub korean: &'static str,
    least: u32,
    most: u32,
    /// Names of the values from 0 on.
    names: &'static [&'static str],
}

pub const FIELDS: [Field; 5] = [
    Field { name: "minute", korean: "분", least: 0, most: 59, names: &[] },
    Field { name: "hour", korean: "시", least: 0, most: 23, names: &[] },
    Field { name: "day of the month", korean: "일", least: 1, most: 31, names: &[] },
    Field {
        name: "month",
        korean: "월",
        least: 1,
        most: 12,
        names: &["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    },
    // Both 0 and 7 are Sunday.
    Field {
        name: "weekday",
        korean: "요일",
        least: 0,
        most: 7,
        names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    },
];

/// Longer than any field that makes sense.
const MOST_SHOWN: usize = 24;

impl Times {
    /// Reads minute, hour, day of the month, month and weekday; the error describes the first field that cron refuses, or that
    /// never matches.
    pub fn of_fields(fields: [&str; 5]) -> Result<Times, Sentence> {
        let mut bits = [0_u64; 5];
        for ((bits, field), text) in bits.iter_mut().zip(&FIELDS).zip(fields) {
            *bits = field.read(text)?;
        }
        let [minutes, hours, days, months, mut weekdays] = bits;
        if weekdays & 1 << 7 != 0 {
            weekdays |= 1;
        }
        let is_either_day = !fields[2].starts_with('*') && !fields[4].starts_with('*');
        Ok(Times { minutes, hours, days, months, weekdays, is_either_day })
    }

    /// Reads `@hourly` and its like; `None` for `@reboot`.
    pub fn of_nickname(word: &str) -> Result<Option<Times>, Sentence> {
        let fields = match word.to_ascii_lowercase().as_str() {
            "@reboot" => return Ok(None),
            "@yearly" | "@annually" => ["0", "0", "1", "1", "*"],
            "@monthly" => ["0", "0", "1", "*", "*"],
            "@weekly" => ["0", "0", "*", "*", "0"],
            "@daily" | "@midnight" => ["0", "0", "*", "*", "*"],
            "@hourly" => ["0", "*", "*", "*", "*"],
            _ if word.len() > MOST_SHOWN => return Err(words::unknown_nickname()),
            _ => return Err(words::unknown_nickname_shown(word)),
        };
        Times::of_fields(fields).map(Some)
    }

    pub fn starts_at(&self, at: NaiveDateTime) -> bool {
        has(self.minutes, at.minute()) && has(self.hours, at.hour()) && self.starts_on(at.date())
    }

    fn starts_on(&self, date: NaiveDate) -> bool {
        let day = has(self.days, date.day());
        let weekday = has(self.weekdays, date.weekday().num_days_from_sunday());
        has(self.months, date.month()) && if self.is_either_day { day || weekday } else { day && weekday }
    }

    /// The same minutes in every hour of every day.
    #[must_use]
    pub fn round_the_clock(&self) -> Times {
        Times { hours: !0, days: !0, months: !0, weekdays: !0, is_either_day: false, ..*self }
    }

    /// The first hour and minute at which both start on one of these dates.
    pub fn shared_with(&self, other: &Times, dates: impl IntoIterator<Item = NaiveDate>) -> Option<(u32, u32)> {
        let (hours, minutes) = (self.hours & other.hours, self.minutes & other.minutes);
        let is_shared =
            hours != 0 && minutes != 0 && dates.into_iter().any(|date| self.starts_on(date) && other.starts_on(date));
        is_shared.then(|| (hours.trailing_zeros(), minutes.trailing_zeros()))
    }
}

impl Field {
    fn read(&self, text: &str) -> Result<u64, Sentence> {
        let mut bits = 0;
        for part in text.split(',') {
            let (range, step) = match part.split_once('/') {
                Some((range, step)) => (range, Some(number(step).filter(|step| *step > 0))),
                None => (part, None),
            };
            let ends = match range.split_once('-') {
                _ if range == "*" => Some((self.least, self.most)),
                Some((first, last)) => self.value(first).zip(self.value(last)),
                // A step needs a range: cron refuses 5/10, which elsewhere means 5-59/10.
                None if step.is_some() => None,
                None => self.value(range).map(|value| (value, value)),
            };
            let (Some((first, last)), Some(step)) = (ends, step.unwrap_or(Some(1))) else {
                return Err(self.refusal(text, range, part));
            };
            if first > last {
                return Err(words::runs_backwards(self, range));
            }
            bits |= (first..=last).step_by(usize::try_from(step).unwrap_or(1)).fold(0, |bits, value| bits | 1 << value);
        }
        Ok(bits)
    }

    /// A long text is not shown: it could hold anything.
    fn refusal(&self, text: &str, range: &str, part: &str) -> Sentence {
        if text.is_empty() {
            words::field_missing(self)
        } else if let (Some(first), Some((_, step))) = (self.value(range), part.split_once('/')) {
            words::step_without_range(self, first, self.most, step)
        } else if text.len() > MOST_SHOWN {
            words::field_too_long(self, text.chars().count())
        } else {
            words::bad_field(self, text)
        }
    }

    fn value(&self, text: &str) -> Option<u32> {
        let named = self.names.iter().position(|name| !name.is_empty() && name.eq_ignore_ascii_case(text));
        let value = named.and_then(|index| u32::try_from(index).ok()).or_else(|| number(text))?;
        (self.least..=self.most).contains(&value).then_some(value)
    }
}

fn number(text: &str) -> Option<u32> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits.then(|| text.parse().ok()).flatten()
}

fn has(bits: u64, value: u32) -> bool {
    value < 64 && bits & 1 << value != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(text: &str) -> Result<Times, Sentence> {
        let fields: Vec<&str> = text.split(' ').collect();
        Times::of_fields(fields.try_into().unwrap())
    }

    #[test]
    fn what_debians_cron_takes_and_refuses() {
        // As `crontab -n` of Debian's cron 3.0pl1-162 said.
        for text in [
            "*/90 * * * *",
            "* * * * 7",
            "* * * * mon-fri",
            "*,5 * * * *",
            "* * 31 2 *",
            "1-5/2,7 * * * *",
            "* * * JAN Sun",
        ] {
            assert!(times(text).is_ok(), "{text}: {:?}", times(text));
        }
        for text in [
            "5/10 * * * *",
            "5x * * * *",
            "*/0 * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * * mon *",
            "1,, * * * *",
            "* * * * MONDAY",
            "-5 * * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 8",
            "~ * * * *",
            " * * * *",
            "99999999999 * * * *",
        ] {
            assert!(times(text).is_err(), "{text}");
        }
        // Cron takes these and never starts anything: worse than a refusal.
        for text in ["50-10 * * * *", "* 22-5 * * *", "* * * * fri-mon"] {
            assert!(times(text).unwrap_err().contains("runs backwards"), "{text}");
        }
    }

    #[test]
    fn starts_at_the_minutes_it_says() {
        let at = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        for (text, yes, no) in [
            ("*/10 * * * *", "2027-03-09T14:50:00", "2027-03-09T14:55:00"),
            ("2-59/10 * * * *", "2027-03-09T14:52:00", "2027-03-09T14:50:00"),
            ("0 9-17 * * 1-5", "2027-03-09T09:00:00", "2027-03-13T09:00:00"),
            ("0 0 * * 7", "2027-03-14T00:00:00", "2027-03-13T00:00:00"),
            ("0 0 * * 0", "2027-03-14T00:00:00", "2027-03-15T00:00:00"),
            ("0 0 1 * mon", "2027-03-15T00:00:00", "2027-03-16T00:00:00"),
            ("0 0 1 * mon", "2027-04-01T00:00:00", "2027-04-02T00:00:00"),
            ("0 0 */2 * mon", "2027-03-15T00:00:00", "2027-03-22T00:00:00"),
        ] {
            let times = times(text).unwrap();
            assert!(times.starts_at(at(yes)), "{text} at {yes}");
            assert!(!times.starts_at(at(no)), "{text} at {no}");
        }
    }

    #[test]
    fn nicknames_are_short_for_fields() {
        assert_eq!(Times::of_nickname("@hourly").unwrap(), Some(times("0 * * * *").unwrap()));
        assert_eq!(Times::of_nickname("@Midnight").unwrap(), Some(times("0 0 * * *").unwrap()));
        assert_eq!(Times::of_nickname("@reboot"), Ok(None));
        assert_eq!(Times::of_nickname("@every_minute"), Err(words::unknown_nickname_shown("@every_minute")));
    }

    #[test]
    fn the_first_shared_minute_is_found() {
        let dates = || (1..=31).filter_map(|day| NaiveDate::from_ymd_opt(2027, 3, day));
        let shared = |a: &str, b: &str| times(a).unwrap().shared_with(&times(b).unwrap(), dates());
        assert_eq!(shared("*/10 * * * *", "5,30 9-17 * * *"), Some((9, 30)));
        assert_eq!(shared("5 * * * *", "10 * * * *"), None);
        assert_eq!(shared("5 1-3 * * *", "5 4 * * *"), None);
        assert_eq!(shared("5 * * * mon", "5 * * * tue"), None, "never on one date");
    }
}
