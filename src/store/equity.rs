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
    let mut first: Option<Sample> = None;
    for command in COMMANDS {
        if let Some(samples) = load(dir, command)?.dates.get(&date)
            && first.is_none_or(|known| samples.first.at < known.at)
        {
            first = Some(samples.first);
        }
    }
    Ok(first)
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
