//! `trades.csv`: fills confirmed by KIS, for people and spreadsheets. Rows are only added.
//!
//! The journal is the truth; this file is derived from it. What it lacks is added at each trading run, so a run killed
//! between a fill and its row loses nothing, and the quantities of one order always add up to what filled.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use rustix::fs::OFlags;

use crate::decide::fold::JournalState;
use crate::domain::money::show_percent;
use crate::domain::{Filled, Intent, OrderId, Usd};
use crate::store::atomic;
use crate::store::read::{Content, Oddity, read_state_file};

const HEADER: &str = "\u{feff}time_utc,trading_date,symbol,exchange,side,quantity,price,amount,order_id,intent_id,profit_usd,profit_percent\r\n";

/// Decades of trades.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// What the file already holds of one order: shares and dollars.
type Written = BTreeMap<String, (u64, Usd)>;

/// Adds a row for every fill of the journal that the file lacks.
///
/// # Errors
/// When the file can't be read or written.
pub fn sync(path: &Path, journal: &JournalState) -> io::Result<()> {
    let filled = journal.entries.values().filter_map(|entry| Some((entry.filled_at?, entry.order_id.as_ref()?, entry)));
    let mut fills: Vec<_> = filled.collect();
    fills.sort_by_key(|(seen_at, order_id, _)| (*seen_at, *order_id));
    if fills.is_empty() {
        return Ok(());
    }
    let mut text = load(path)?;
    if text.is_empty() {
        atomic::replace(path, HEADER.as_bytes())?;
        HEADER.clone_into(&mut text);
    }
    let written = read_written(&text);
    let mut rows = String::new();
    for (seen_at, order_id, entry) in fills {
        let (shares, dollars) = written.get(&entry.intent.id.to_string()).copied().unwrap_or((0, Usd::ZERO));
        if entry.filled_quantity > shares {
            rows.push_str(&row(seen_at, order_id, &entry.intent, &entry.filled_beyond(shares, dollars)));
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    // A crash or a full disk may have cut the last row short. It is completed, so that no shares are listed twice; when its
    // order has grown since, it is only ended.
    let cut = text.rsplit('\n').next().unwrap_or_default();
    let rest = rows.strip_prefix(cut).map_or_else(|| format!("\r\n{rows}"), str::to_owned);
    let flags = OFlags::NOFOLLOW.bits().cast_signed();
    let mut file = OpenOptions::new().append(true).custom_flags(flags).open(path)?;
    file.write_all(rest.as_bytes())?;
    file.sync_data()
}

/// The text of the file; empty when there is none.
fn load(path: &Path) -> io::Result<String> {
    match read_state_file(path, MAX_BYTES) {
        Ok(None) => Ok(String::new()),
        Ok(Some(Content { bytes, .. })) => String::from_utf8(bytes).map_err(io::Error::other),
        Err(Oddity::Io(error)) => Err(error),
        Err(_) => Err(io::Error::other("it is no plain file of ours, or too large")),
    }
}

/// The row for what filled beyond the rows that are there.
fn row(seen_at: DateTime<Utc>, order_id: &OrderId, intent: &Intent, filled: &Filled) -> String {
    let Filled { quantity, price, amount, profit, profit_percent } = filled;
    let profit = profit.map(|profit| profit.to_string()).unwrap_or_default();
    let percent = profit_percent.map(show_percent).unwrap_or_default();
    format!(
        "{},{},{},{},{},{quantity},{price},{amount},{},{},{profit},{percent}\r\n",
        seen_at.to_rfc3339_opts(SecondsFormat::Secs, true),
        intent.trading_day,
        intent.symbol,
        intent.exchange,
        intent.side,
        order_id,
        intent.id,
    )
}

fn read_written(text: &str) -> Written {
    let mut written = Written::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        // A row mangled by a crash or a spreadsheet is ignored.
        if cells.len() != 12 {
            continue;
        }
        // By the intent's name: a spreadsheet rewrites dates and strips zeros from order numbers, but leaves that alone.
        if let (Ok(quantity), Ok(amount)) = (cells[5].parse::<u64>(), cells[7].parse::<Usd>()) {
            let sum = written.entry(cells[9].to_owned()).or_default();
            *sum = (sum.0 + quantity, sum.1 + amount);
        }
    }
    written
}

#[cfg(test)]
mod tests;
