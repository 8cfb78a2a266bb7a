//! `trades.json`: what was written of each order, and rows on their way into the file.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use super::sheet::as_ascii;
use super::{Fill, NAME, words};
use crate::decide::fold::Entry;
use crate::domain::{Filled, OrderId, Usd};
use crate::exit::Failure;
use crate::language::Sentence;
use crate::store::atomic;
use crate::store::read::{Content, Unreadable, load_versioned, read_state_file};

const VERSION: u64 = 1;
const FILE: &str = "trades.json";
/// Orders are remembered for this long, in case an older journal is put back.
const REMEMBERED: TimeDelta = TimeDelta::days(60);
/// A file of a program that did not remember yet: decades of trades.
const MAX_BYTES: u64 = 64 << 20;

/// What was written.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Written {
    /// Shares and dollars of each order, by date and number.
    orders: BTreeMap<NaiveDate, BTreeMap<String, (u64, Usd)>>,
    /// Rows that may not be in the file yet, or only in part.
    #[serde(default)]
    pub(super) pending: Option<Pending>,
    /// True when it was taken from the file and is not saved yet.
    #[serde(skip)]
    pub(super) is_new: bool,
}

/// Rows on their way.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Pending {
    /// The file's name.
    pub(super) file: String,
    /// The file's length before them.
    pub(super) from: u64,
    /// What is appended to it.
    pub(super) text: String,
}

impl Written {
    /// Loads what was written. Where that is not known it is taken from the file this once, and for the last time.
    pub(super) fn load(folder: &Path, fills: &[Fill<'_>]) -> Result<(Written, Option<Sentence>), Failure> {
        match load_versioned(&folder.join(FILE), VERSION) {
            Ok(Some(loaded)) => Ok((loaded.value, loaded.warning)),
            Ok(None) => Ok((Written::read_back(folder, fills), None)),
            Err(Unreadable::Damaged(failure)) => {
                Ok((Written::read_back(folder, fills), Some(words::made_anew(&failure.sentence(), NAME))))
            }
            Err(refused) => Err(refused.into()),
        }
    }

    /// Saves it, without what is long past.
    pub(super) fn save(&mut self, folder: &Path, fills: &[Fill<'_>]) -> io::Result<()> {
        let dates = || fills.iter().map(|(_, _, entry)| entry.intent.trading_date);
        if let Some((oldest, newest)) = dates().min().zip(dates().max()) {
            self.orders.retain(|date, _| *date >= oldest.min(newest - REMEMBERED));
        }
        atomic::replace_versioned(&folder.join(FILE), VERSION, self)
    }

    /// Reports whether all of a fill was written.
    pub(super) fn has_all(&self, (_, order_id, entry): &Fill<'_>) -> bool {
        entry.filled_quantity <= self.of(entry, order_id).0
    }

    /// What of an order was not written yet; it counts as written from now on.
    pub(super) fn take(&mut self, entry: &Entry, order_id: &OrderId) -> Option<Filled> {
        let (shares, dollars) = self.of(entry, order_id);
        if entry.filled_quantity <= shares {
            return None;
        }
        let filled = entry.filled_beyond(shares, dollars);
        self.put(entry, order_id, (entry.filled_quantity, dollars + filled.amount));
        Some(filled)
    }

    fn of(&self, entry: &Entry, order_id: &OrderId) -> (u64, Usd) {
        let of_date = self.orders.get(&entry.intent.trading_date);
        of_date.and_then(|orders| orders.get(&order_id.to_string())).copied().unwrap_or((0, Usd::ZERO))
    }

    fn put(&mut self, entry: &Entry, order_id: &OrderId, written: (u64, Usd)) {
        self.orders.entry(entry.intent.trading_date).or_default().insert(order_id.to_string(), written);
    }

    /// What the file holds of each fill, as far as a person's spreadsheet left it readable. An order that is named there in
    /// whatever form counts as written.
    fn read_back(folder: &Path, fills: &[Fill<'_>]) -> Written {
        let mut written = Written { is_new: true, ..Written::default() };
        let Ok(Some(Content { bytes, .. })) = read_state_file(&folder.join(NAME), MAX_BYTES) else { return written };
        let text = as_ascii(bytes);
        for (_, order_id, entry) in fills {
            let name = entry.intent.id.to_string();
            let sums = text.lines().filter(|line| line.contains(&name)).map(|line| {
                let cells: Vec<&str> = line.split(',').collect();
                Some((cells.get(5)?.parse::<u64>().ok()?, cells.get(7)?.parse::<Usd>().ok()?))
            });
            let sums: Vec<Option<(u64, Usd)>> = sums.collect();
            let all = entry.average_price.times(entry.filled_quantity).unwrap_or_default();
            let sum = sums.iter().try_fold((0, Usd::ZERO), |sum, row| row.map(|row| (sum.0 + row.0, sum.1 + row.1)));
            if !sums.is_empty() {
                written.put(entry, order_id, sum.unwrap_or((entry.filled_quantity, all)));
            }
        }
        written
    }
}
