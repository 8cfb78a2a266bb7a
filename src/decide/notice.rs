//! Which notices a human hears of now: of equal ones, one an hour.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::notice::Notice;

/// An event is told again no sooner than this after the last time.
const TELL_AGAIN_AFTER: TimeDelta = TimeDelta::hours(1);

/// When each event was last told, by its word. Words of other releases are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    last: BTreeMap<String, DateTime<Utc>>,
}

impl Told {
    /// Keeps the notices that are to be told at `now`, each once, and remembers that they are.
    ///
    /// A time far ahead of the clock is no reason to keep silent until the clock has caught up; one a little ahead counts
    /// as just now, for rehearsals from one start time differ by as much.
    pub fn keep_due(&mut self, mut notices: Vec<Notice>, now: DateTime<Utc>) -> Vec<Notice> {
        notices.retain(|notice| {
            let is_due = |last: &DateTime<Utc>| (now - *last).abs() >= TELL_AGAIN_AFTER;
            let is_due = self.last.get(notice.kind.word()).is_none_or(is_due);
            if is_due {
                self.last.insert(notice.kind.word().to_owned(), now);
            }
            is_due
        });
        notices
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::notice::NoticeKind;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2027-03-09T{text}Z").parse().unwrap()
    }

    fn notice(kind: NoticeKind) -> Notice {
        Notice { kind, detail: String::new(), seconds_left: None }
    }

    #[test]
    fn the_same_event_is_told_once_an_hour() {
        let mut told = Told::default();
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
        let mut told = Told::default();
        let both = || vec![notice(NoticeKind::TokenRenewalFailed), notice(NoticeKind::TokenExpiring)];
        assert_eq!(told.keep_due([both(), both()].concat(), at("10:00:00")), both());
        assert_eq!(told.keep_due(vec![notice(NoticeKind::TokenRefused)], at("10:00:01")).len(), 1);
    }
}
