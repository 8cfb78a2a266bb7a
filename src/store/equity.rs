//! The account's total over time, one pair of files a command, so that `buy` and `status` never write the same one. There is no
//! lock: of two runs of `status` at the same moment, one sample may be lost.
//!
//! `equity_<command>.json` holds the latest trading dates: of each the first sample, the latest, and some between. It is
//! rewritten with every sample, unsynced, and stays small. `equity_days_<command>.json` holds one total a date, later one a week; it is
//! rewritten when a new trading date begins and read only to draw.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::market_session::{previous_trading_date, session_of};
use crate::domain::{Books, Sample, Usd};
use crate::exit::Failure;
use crate::language::Sentence;
use crate::ordered::Ordered;
use crate::store::atomic::{self, unwritten};
use crate::store::read::{Derived, load_derived, load_versioned};
use crate::store::words;

const VERSION: u64 = 1;
/// Trading dates with samples in between.
const RECENT_DATES: usize = 5;
/// Trading dates that the first file may hold while the second can't be written.
const MAX_RECENT_DATES: usize = 60;
/// Least time between two samples in between.
const GAP: TimeDelta = TimeDelta::minutes(20);
/// Trading dates of which each is kept: a year.
const DAILY_DATES: usize = 260;
/// Dates and weeks together: some twenty years.
const MAX_DAYS: usize = 1_300;
/// The commands that learn the total.
const COMMANDS: [&str; 2] = [BUY, "status"];
const BUY: &str = "buy";

impl Days {
    /// Takes other dates over.
    fn extend(&mut self, other: Days) {
        self.days.extend(other.days);
        self.transfers.extend(other.transfers);
    }

    /// Without the dates that are no longer kept.
    fn thinned(self) -> Days {
        let (days, mut transfers) = (thinned(self.days), self.transfers);
        transfers.retain(|date, usd| days.contains_key(date) && *usd != Usd::ZERO);
        Days { days, transfers }
    }
}

/// The samples of one trading date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct DateSamples {
    /// The first of the date.
    first: Sample,
    /// Some between, no two of them close together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    between: Vec<Sample>,
    /// The latest.
    latest: Sample,
}

#[derive(Default, Serialize, Deserialize)]
struct Contents {
    dates: BTreeMap<NaiveDate, DateSamples>,
    /// The cash side at the latest sample; files of earlier programs lack it.
    #[serde(default)]
    books: Option<Books>,
}

#[derive(Default, Serialize, Deserialize)]
struct Days {
    days: BTreeMap<NaiveDate, Usd>,
    /// The sum of all transfers by then, where it is not zero.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    transfers: BTreeMap<NaiveDate, Usd>,
}

/// What the samples of all commands say of a date.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The sample that the date's loss counts from: its first one. When `buy` took that, the last one of the trading date before,
    /// if there is one: a loss of the night is one of the day.
    pub base: Option<Sample>,
    /// The latest sample of the date.
    pub latest: Option<Sample>,
    /// The cash side as the latest sample of any date left it.
    pub books: Option<Books>,
}

/// The latest samples of all commands, read once a run. A file that can't be read takes no samples, and the others do.
pub struct Samples {
    files: [(&'static str, Result<Derived<Contents>, Failure>); 2],
}

impl Samples {
    /// Loads them, whichever command took them.
    pub fn load(dir: &Path) -> Samples {
        Samples { files: COMMANDS.map(|command| (command, load(dir, command))) }
    }

    /// What is known of a date.
    ///
    /// # Errors
    /// 65 when a file can't be read.
    pub fn known(&self, date: NaiveDate) -> Result<Known, Failure> {
        let (mut firsts, mut latest, mut before) = (Vec::new(), None, None);
        let mut found: Vec<&Books> = Vec::new();
        let later = |known: Option<Sample>, sample: Sample| match known {
            Some(known) if known.at >= sample.at => Some(known),
            _ => Some(sample),
        };
        for (command, file) in &self.files {
            let Some(Contents { dates, books }) = &file.as_ref().map_err(Clone::clone)?.value else { continue };
            found.extend(books);
            if let Some(samples) = dates.get(&date) {
                firsts.push((samples.first, *command));
                latest = later(latest, samples.latest);
            }
            if let Some(samples) = dates.get(&previous_trading_date(date)) {
                before = later(before, samples.latest);
            }
        }
        let first = firsts.into_iter().min_by_key(|(first, _)| first.at);
        let base = match first {
            Some((first, command)) if command != BUY => Some(first),
            first => before.or(first.map(|(first, _)| first)),
        };
        let books = found.into_iter().max_by_key(|books| books.at).cloned();
        Ok(Known { base, latest, books })
    }

    /// Adds a sample to a command's file; when a trading date begins, moves the oldest date to the second file. Returns that the
    /// file was torn, or why that date could not be moved; it stays in the first file meanwhile.
    ///
    /// # Errors
    /// 65 when the file can't be read, 74 when it can't be written.
    pub fn add(
        &mut self,
        dir: &Path,
        command: &str,
        date: NaiveDate,
        sample: Sample,
        books: &Books,
    ) -> Result<Option<Sentence>, Failure> {
        let Some((_, file)) = self.files.iter_mut().find(|(name, _)| *name == command) else { return Ok(None) };
        let file = file.as_mut().map_err(|failure| failure.clone())?;
        let contents = file.value.get_or_insert_default();
        contents.books = Some(books.clone());
        match contents.dates.get_mut(&date) {
            Some(samples) => samples.take(sample),
            None => {
                contents.dates.insert(date, DateSamples { first: sample, between: Vec::new(), latest: sample });
            }
        }
        let unmoved = if contents.dates.len() > RECENT_DATES { move_old_dates(dir, command, contents) } else { None };
        atomic::replace_derived(&path_of(dir, command), VERSION, contents)
            .map_err(|error| unwritten(words::total_not_kept(), error))?;
        Ok(file.warning.take().or(unmoved))
    }
}

/// Loads every sample kept, oldest first, for a drawing; a date of the second files has its last total, at the close. What
/// can't be read is left out, and named.
pub fn history(dir: &Path) -> (Vec<Sample>, Vec<Sentence>) {
    let (mut days, mut recent, mut warnings) = (Days::default(), Vec::new(), Vec::new());
    for command in COMMANDS {
        match load_versioned::<Days>(&days_path_of(dir, command), VERSION) {
            Ok(loaded) => days.extend(loaded.map(|loaded| loaded.value).unwrap_or_default()),
            Err(unreadable) => warnings.push(Failure::from(unreadable).sentence()),
        }
        match load(dir, command) {
            Ok(loaded) => {
                let dates = loaded.value.unwrap_or_default().dates;
                recent.extend(dates.into_values().flat_map(DateSamples::into_samples));
            }
            Err(failure) => warnings.push(failure.sentence()),
        }
    }
    recent.sort_by_key(|sample| sample.at);
    recent.dedup();
    let first_recent = recent.first().map(|sample| sample.at);
    let Days { days, transfers } = days;
    let days = days.into_iter().filter_map(|(date, total)| {
        let transfers = transfers.get(&date).copied().unwrap_or_default();
        Some(Sample { at: close_of(date)?, total, transfers, ..Sample::default() })
    });
    let mut samples: Vec<Sample> = days.filter(|day| first_recent.is_none_or(|first| day.at < first)).collect();
    samples.append(&mut recent);
    (samples, warnings)
}

fn close_of(date: NaiveDate) -> Option<DateTime<Utc>> {
    match session_of(date) {
        Some(session) => Some(session.closes_at),
        // Beyond the calendar's years.
        None => Some(date.and_hms_opt(20, 0, 0)?.and_utc()),
    }
}

impl DateSamples {
    /// Adds the latest sample. The one before it stays when the line bends there and it is not close to its neighbour.
    fn take(&mut self, sample: Sample) {
        let before = self.between.last().copied().unwrap_or(self.first);
        let is_flat = before.total == self.latest.total && self.latest.total == sample.total;
        if !is_flat && self.latest.at - before.at >= GAP {
            self.between.push(self.latest);
        }
        self.latest = sample;
    }

    fn into_samples(self) -> impl Iterator<Item = Sample> {
        [self.first].into_iter().chain(self.between).chain([self.latest])
    }
}

/// Moves all but the latest dates into the second file. They leave the first only once they are in the second.
fn move_old_dates(dir: &Path, command: &str, contents: &mut Contents) -> Option<Sentence> {
    let path = days_path_of(dir, command);
    let kept_from = contents.dates.keys().rev().nth(RECENT_DATES - 1).copied()?;
    let write = || -> Result<(), Sentence> {
        let loaded = load_versioned::<Days>(&path, VERSION).map_err(|error| Failure::from(error).sentence())?;
        let mut days = loaded.map(|loaded| loaded.value).unwrap_or_default();
        let moved = || contents.dates.range(..kept_from).map(|(date, samples)| (*date, samples.latest));
        days.extend(Days {
            days: moved().map(|(date, latest)| (date, latest.total)).ordered(),
            transfers: moved().map(|(date, latest)| (date, latest.transfers)).ordered(),
        });
        let days = days.thinned();
        atomic::replace_versioned(&path, VERSION, &days).map_err(|error| words::not_written_because(&path, &error))
    };
    match write() {
        Ok(()) => {
            contents.dates = contents.dates.split_off(&kept_from);
            None
        }
        Err(why) => {
            while contents.dates.len() > MAX_RECENT_DATES {
                contents.dates.pop_first();
            }
            Some(why)
        }
    }
}

/// Each of the latest dates, and of those before them the last of every week.
fn thinned(mut days: BTreeMap<NaiveDate, Usd>) -> BTreeMap<NaiveDate, Usd> {
    let Some(daily_from) = days.keys().rev().nth(DAILY_DATES - 1).copied() else { return days };
    let late = days.split_off(&daily_from);
    // The later date of a week takes the place of the earlier one.
    let weeks: BTreeMap<_, _> = days.into_iter().map(|(date, total)| (date.iso_week(), (date, total))).ordered();
    let mut kept: BTreeMap<NaiveDate, Usd> = weeks.into_values().ordered();
    kept.extend(late);
    while kept.len() > MAX_DAYS {
        kept.pop_first();
    }
    kept
}

fn load(dir: &Path, command: &str) -> Result<Derived<Contents>, Failure> {
    Ok(load_derived(&path_of(dir, command), VERSION)?)
}

fn path_of(dir: &Path, command: &str) -> PathBuf {
    dir.join(format!("equity_{command}.json"))
}

fn days_path_of(dir: &Path, command: &str) -> PathBuf {
    dir.join(format!("equity_days_{command}.json"))
}

#[cfg(test)]
mod tests;
