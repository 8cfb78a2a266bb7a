//! Which notices are due now: equal ones once an hour, or once a date.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{Notice, Often};

/// An hourly notice repeats no sooner than this.
const REPEAT_AFTER: TimeDelta = TimeDelta::hours(1);
/// Dates that are remembered: the running one and its neighbours, whichever way a clock was wrong.
const MAX_DATES: usize = 3;

/// When each notice was last due, by its key. Keys of other releases are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeats {
    #[serde(default)]
    last: BTreeMap<String, DateTime<Utc>>,
    #[serde(default)]
    dates: BTreeMap<NaiveDate, BTreeSet<String>>,
}

impl Repeats {
    /// Keeps the notices that are due at `now`, each once, and remembers them.
    ///
    /// A time far ahead of the clock does not silence a notice until the clock has caught up; one a little ahead counts as just
    /// now, since rehearsals from one start time differ by as much.
    pub fn keep_due(&mut self, mut notices: Vec<Notice>, now: DateTime<Utc>) -> Vec<Notice> {
        notices.retain(|notice| match &notice.often {
            Often::Hourly(key) => {
                let is_due = self.last.get(key).is_none_or(|last| (now - *last).abs() >= REPEAT_AFTER);
                if is_due {
                    self.last.insert(key.clone(), now);
                }
                is_due
            }
            Often::OfDate(date, key) => self.is_first_of(*date, key),
        });
        notices
    }

    /// Reports whether something is due for the first time on a date, and remembers it.
    pub fn is_first_of(&mut self, date: NaiveDate, key: &str) -> bool {
        let is_first = self.dates.entry(date).or_default().insert(key.to_owned());
        while self.dates.len() > MAX_DATES {
            self.dates.pop_first();
        }
        is_first
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::NoticeKind;
    use crate::language::Sentence;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2027-03-09T{text}Z").parse().unwrap()
    }

    fn notice(kind: NoticeKind) -> Notice {
        Notice::hourly(kind, Sentence::default())
    }

    #[test]
    fn the_same_event_is_told_once_an_hour() {
        let mut told = Repeats::default();
        for (time, is_told) in [
            ("10:00:00", true),
            ("10:00:00", false),
            ("10:59:59", false),
            ("11:00:00", true),
            ("11:30:00", false),
            ("10:30:00", false),
            ("10:00:00", true),
            ("10:59:59", false),
        ] {
            let due = told.keep_due(vec![notice(NoticeKind::TokenRenewed)], at(time));
            assert_eq!(due.len(), usize::from(is_told), "{time}");
        }
    }

    #[test]
    fn different_notices_do_not_silence_each_other() {
        let mut told = Repeats::default();
        let both = || vec![notice(NoticeKind::TokenRenewalFailed), notice(NoticeKind::TokenExpiring)];
        assert_eq!(told.keep_due([both(), both()].concat(), at("10:00:00")), both());
        assert_eq!(told.keep_due(vec![notice(NoticeKind::TokenRefused)], at("10:00:01")).len(), 1);
    }

    #[test]
    fn a_guard_is_told_once_a_date_and_symbol() {
        let mut told = Repeats::default();
        let mut is_told = |date: &str, symbol: &str| {
            let date = date.parse().unwrap();
            let guard = Notice::of_date(NoticeKind::PriceSuspicious, date, symbol, Sentence::default());
            told.keep_due(vec![guard], at("10:00:00")).len() == 1
        };
        for (date, symbol, expected) in [
            ("2027-03-09", "AA", true),
            ("2027-03-09", "AA", false),
            ("2027-03-09", "BB", true),
            ("2027-03-10", "AA", true),
            ("2027-03-11", "AA", true),
            ("2027-03-09", "AA", false),
            ("2027-03-12", "AA", true),
            ("2027-03-12", "AA", false),
        ] {
            assert_eq!(is_told(date, symbol), expected, "{date} {symbol}");
        }
        assert_eq!(told.dates.len(), MAX_DATES, "and no more dates are kept");
    }
}
