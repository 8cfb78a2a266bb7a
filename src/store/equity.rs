//! `equity_<command>.json`: the account's total, two samples a trading date: the first and the latest. One file a
//! command, so that no lock is needed.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::money::Usd;
use crate::exit::Failure;
use crate::store::atomic;
use crate::store::read::load_versioned;

const VERSION: u64 = 1;
/// Ten years of trading dates.
const MAX_DATES: usize = 2_600;
/// The commands that learn the total.
const COMMANDS: [&str; 2] = ["buy", "status"];

/// One look at the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// When.
    pub at: DateTime<Utc>,
    /// Cash, positions and reserved buys in USD.
    pub total: Usd,
}

/// The samples of one trading date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateSamples {
    /// The first of the date.
    pub first: Sample,
    /// The latest.
    pub latest: Sample,
}

#[derive(Default, Serialize, Deserialize)]
struct Contents {
    dates: BTreeMap<NaiveDate, DateSamples>,
}

/// Finds the first sample of a trading date, whichever command took it.
///
/// # Errors
/// 65 when a file can't be read: the daily loss could not be told.
pub fn first_of(dir: &Path, date: NaiveDate) -> Result<Option<Sample>, Failure> {
    Ok(samples_of(dir, date)?.map(|samples| samples.first))
}

/// Finds the first and the latest sample of a trading date, whichever command took them.
///
/// # Errors
/// 65 when a file can't be read.
pub fn samples_of(dir: &Path, date: NaiveDate) -> Result<Option<DateSamples>, Failure> {
    let mut found: Option<DateSamples> = None;
    for command in COMMANDS {
        let Some(samples) = load(dir, command)?.dates.get(&date).copied() else { continue };
        let known = found.get_or_insert(samples);
        if samples.first.at < known.first.at {
            known.first = samples.first;
        }
        if samples.latest.at > known.latest.at {
            known.latest = samples.latest;
        }
    }
    Ok(found)
}

/// Adds a sample to a command's file.
///
/// # Errors
/// 65 when the file can't be read; as an inner error when it can't be replaced.
pub fn add(dir: &Path, command: &str, date: NaiveDate, sample: Sample) -> Result<io::Result<()>, Failure> {
    let mut contents = load(dir, command)?;
    contents
        .dates
        .entry(date)
        .and_modify(|samples| samples.latest = sample)
        .or_insert(DateSamples { first: sample, latest: sample });
    while contents.dates.len() > MAX_DATES {
        contents.dates.pop_first();
    }
    Ok(atomic::replace_versioned(&path_of(dir, command), VERSION, &contents))
}

fn load(dir: &Path, command: &str) -> Result<Contents, Failure> {
    Ok(load_versioned(&path_of(dir, command), VERSION)?.map(|loaded| loaded.value).unwrap_or_default())
}

fn path_of(dir: &Path, command: &str) -> PathBuf {
    dir.join(format!("equity_{command}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::test_support::{at, date, day, usd};
    use crate::exit::Exit;

    fn sample(wall: &str, total: &str) -> Sample {
        Sample { at: at(wall), total: usd(total) }
    }

    #[test]
    fn the_first_look_of_a_date_counts_whichever_command_took_it() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        assert_eq!(first_of(dir, day()).unwrap(), None);
        for (command, wall, total, first) in [
            ("buy", "10:00:00", "1000", "1000"),
            ("buy", "10:30:00", "900", "1000"),
            ("status", "09:45:00", "1100", "1100"),
            ("status", "11:00:00", "800", "1100"),
        ] {
            add(dir, command, day(), sample(wall, total)).unwrap().unwrap();
            assert_eq!(first_of(dir, day()).unwrap().unwrap().total, usd(first), "{command} {wall}");
        }
        let kept = load(dir, "status").unwrap().dates[&day()];
        assert_eq!((kept.first, kept.latest), (sample("09:45:00", "1100"), sample("11:00:00", "800")));
        assert_eq!(samples_of(dir, day()).unwrap(), Some(kept));
        add(dir, "buy", day(), sample("11:30:00", "850")).unwrap().unwrap();
        assert_eq!(samples_of(dir, day()).unwrap().unwrap().latest, sample("11:30:00", "850"));
        assert_eq!(first_of(dir, date("2027-03-10")).unwrap(), None, "another date begins anew");
    }

    #[test]
    fn the_oldest_dates_make_room() {
        let folder = tempfile::tempdir().unwrap();
        let dates = (0..=MAX_DATES as u64).map(|days| (day() + chrono::Days::new(days), sample("10:00:00", "1")));
        let dates = dates.map(|(date, sample)| (date, DateSamples { first: sample, latest: sample })).collect();
        atomic::replace_versioned(&path_of(folder.path(), "buy"), VERSION, &Contents { dates }).unwrap();
        add(folder.path(), "buy", date("2099-01-02"), sample("10:00:00", "5")).unwrap().unwrap();
        let kept = load(folder.path(), "buy").unwrap().dates;
        assert_eq!(kept.len(), MAX_DATES);
        assert!(!kept.contains_key(&day()) && kept.contains_key(&date("2099-01-02")));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_not_guessed() {
        let folder = tempfile::tempdir().unwrap();
        for command in COMMANDS {
            atomic::replace(&path_of(folder.path(), command), b"{\"version\":2,\"dates\":{}}").unwrap();
            assert_eq!(first_of(folder.path(), day()).unwrap_err().exit, Exit::StateUnreadable, "{command}");
            assert!(add(folder.path(), command, day(), sample("10:00:00", "1")).is_err(), "{command}");
            std::fs::remove_file(path_of(folder.path(), command)).unwrap();
        }
    }
}
