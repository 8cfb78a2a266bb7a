//! When things were: by the reader's own clock first, the other market's beside it, and today's date left out.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::domain::market_session::{korea_as, new_york_as, new_york_date};
use crate::language::{Language, Sentence};
use crate::report::json::rfc3339;
use crate::report::page::Page;
use crate::report::page::html::muted;
use crate::report::page::words::{head, times};

/// Wall time of a zone in a format of chrono's.
type Wall = fn(DateTime<Utc>, &str) -> String;

/// The next page is expected after so long when no run before this one tells.
const REFRESH: TimeDelta = TimeDelta::minutes(5);
const MIN_REFRESH: TimeDelta = TimeDelta::minutes(1);
const MAX_REFRESH: TimeDelta = TimeDelta::hours(1);

impl Page<'_> {
    /// Reports whether a trading date is New York's of now.
    pub fn is_today(&self, date: NaiveDate) -> bool {
        new_york_date(self.report.at) == date
    }

    /// When the next page may be there. The program does not know the crontab: it takes the time since the `status` before this
    /// one, within bounds.
    pub fn refresh_after(&self) -> TimeDelta {
        let before = self.status.last_runs.as_ref().and_then(|runs| runs.get("status"));
        let gap = before.map(|run| self.report.at - run.at).filter(|gap| *gap > TimeDelta::zero());
        gap.unwrap_or(REFRESH).clamp(MIN_REFRESH, MAX_REFRESH)
    }

    /// The reader's wall, and that of the other market.
    fn walls(&self) -> (Wall, Wall) {
        match self.language {
            Language::English => (new_york_as, korea_as),
            Language::Korean => (korea_as, new_york_as),
        }
    }

    fn clock_format(&self) -> &'static str {
        match self.language {
            Language::English => "%H:%M %Z",
            Language::Korean => "%H:%M",
        }
    }

    pub fn as_of(&self) -> String {
        let at = self.report.at;
        let here = self.walls().0(at, &format!("%F {}", self.clock_format()));
        self.say(&head::as_of(&here, &self.elsewhere(at)))
    }

    /// `10:14 EDT`, with its date when that is not today's: `05-23 10:14 EDT`. Text.
    pub fn when(&self, at: DateTime<Utc>) -> String {
        let (here, now) = (self.walls().0, self.report.at);
        let is_same = |part: &str| here(at, part) == here(now, part);
        let date = match (is_same("%F"), is_same("%Y")) {
            (true, _) => "",
            (false, true) => "%m-%d ",
            (false, false) => "%F ",
        };
        here(at, &format!("{date}{}", self.clock_format()))
    }

    /// The same instant in the other market, with its date when that is another one. Text.
    fn elsewhere(&self, at: DateTime<Utc>) -> String {
        let (here, there) = self.walls();
        let date = if here(at, "%F") == there(at, "%F") { "" } else { "%m-%d " };
        let clock = there(at, &format!("{date}{}", self.clock_format()));
        times::elsewhere(&clock).in_language(self.language).to_owned()
    }

    /// Both, as markup.
    pub fn time(&self, at: DateTime<Utc>) -> String {
        let (here, there) = (self.when(at), muted(&self.elsewhere(at)));
        format!("<time datetime=\"{}\"><span>{here}</span> {there}</time>", rfc3339(at))
    }

    /// `10:14 EDT / 23:14 KST`. Text.
    pub fn clocks(&self, at: DateTime<Utc>) -> String {
        let (here, there) = self.walls();
        let there = there(at, self.clock_format());
        format!("{} / {}", here(at, self.clock_format()), times::elsewhere(&there).in_language(self.language))
    }

    /// The date by the reader's wall. Text.
    pub fn date(&self, at: DateTime<Utc>) -> String {
        self.walls().0(at, "%F")
    }

    /// A label of a chart's axis that spans so long.
    pub fn axis_label(&self, at: DateTime<Utc>, span: TimeDelta) -> String {
        let format = match span {
            span if span <= TimeDelta::hours(30) => Sentence::verbatim("%H:%M"),
            span if span <= TimeDelta::days(4) => times::hour_of_day(),
            span if span <= TimeDelta::days(300) => times::day(),
            _ => times::month(),
        };
        self.walls().0(at, format.in_language(self.language))
    }
}

/// A span of time in its two largest units.
pub fn age(age: TimeDelta) -> Sentence {
    let seconds = age.num_seconds().max(0);
    match (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60) {
        (0, 0, 0) => times::seconds(seconds),
        (0, 0, minutes) => times::minutes(minutes),
        (0, hours, 0) => times::whole_hours(hours),
        (0, hours, minutes) => times::hours(hours, minutes),
        (days, hours, _) => times::days(days, hours),
    }
}
