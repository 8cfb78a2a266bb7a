//! `trades.csv`: fills confirmed by KIS, for people and spreadsheets. Rows are only added.
//!
//! The journal is the truth; this file is derived from it, and whatever becomes of it never stops trading. People open and
//! save it as they like, so it is not read back: `trades.json` remembers what was written of each order, and of the file
//! itself only head and tail are looked at. While it can't take rows they go to `trades.csv.new` beside it.
//!
//! A run killed at any point loses nothing and writes nothing twice: the rows are in `trades.json` before they are appended,
//! and the next run completes what is missing of them.

mod sheet;
mod words;
mod written;

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use rustix::fs::OFlags;

use crate::decide::fold::{Entry, JournalState};
use crate::domain::money::show_percent;
use crate::domain::{Filled, Intent, OrderId};
use crate::exit::Failure;
use crate::language::Sentence;
use crate::store::atomic::{self, unwritten};
use crate::store::words::Subject;
use sheet::{Sheet, look};
use written::{Pending, Written};

/// The file for people.
const NAME: &str = "trades.csv";
/// Takes the rows while that one can't.
const NEW_NAME: &str = "trades.csv.new";
/// The byte order mark tells Excel that it is UTF-8.
const HEADER: &str = "\u{feff}time_utc,trading_date,symbol,exchange,side,quantity,price,amount,order_id,intent_id,profit_usd,profit_percent\r\n";

/// A fill, when it was seen, and its order.
type Fill<'a> = (DateTime<Utc>, &'a OrderId, &'a Entry);

/// Adds a row for every fill of the journal that was not written yet, to the file in `folder`. Returns what people should know
/// of it.
///
/// # Errors
/// 74 when no file can take the rows: they stay in the journal, and the next run adds them. 65 or 78 when `trades.json` must
/// not be touched.
pub fn sync(folder: &Path, journal: &JournalState) -> Result<Option<Sentence>, Failure> {
    let filled = journal.entries.values().filter_map(|entry| Some((entry.filled_at?, entry.order_id.as_ref()?, entry)));
    let mut fills: Vec<Fill<'_>> = filled.collect();
    fills.sort_by_key(|(seen_at, order_id, _)| (*seen_at, *order_id));
    let (mut written, warning) = Written::load(folder, &fills)?;
    let is_settled = fills.is_empty() || !written.is_new;
    if written.pending.is_none() && is_settled && fills.iter().all(|fill| written.has_all(fill)) {
        return Ok(warning);
    }
    let added = add(folder, &mut written, &fills);
    let added = added.map_err(|why| unwritten(words::not_written(&folder.join(NAME)), why))?;
    Ok([warning, added].into_iter().flatten().reduce(|one, other| one.and("; ", &other)))
}

fn add(folder: &Path, written: &mut Written, fills: &[Fill<'_>]) -> Result<Option<Sentence>, Sentence> {
    let mut rows = String::new();
    if let Some(pending) = written.pending.take() {
        rows.push_str(&complete(folder, &pending)?);
    }
    for (seen_at, order_id, entry) in fills {
        if let Some(filled) = written.take(entry, order_id) {
            rows.push_str(&row(*seen_at, order_id, &entry.intent, &filled));
        }
    }
    let mut warning = None;
    if !rows.is_empty() {
        let (name, sheet, why) = find_target(folder)?;
        warning = why;
        written.pending = Some(Pending { file: name.to_owned(), from: sheet.length, text: sheet.led_in(&rows) });
        written.save(folder, fills)?;
        append(&folder.join(name), written.pending.as_ref().map_or(b"", |pending| pending.text.as_bytes()))?;
        written.pending = None;
    }
    written.save(folder, fills)?;
    Ok(warning)
}

/// Appends what is missing of rows that a run began to write; returns those that have to be written anew, because somebody has
/// changed the file since.
fn complete(folder: &Path, pending: &Pending) -> io::Result<String> {
    let path = folder.join(&pending.file);
    if let Ok(there) = sheet::read_from(&path, pending.from, pending.text.len())
        && let Some(rest) = pending.text.as_bytes().strip_prefix(there.as_slice())
    {
        append(&path, rest)?;
        return Ok(String::new());
    }
    let tail = sheet::tail(&path);
    let rows = pending.text.split_inclusive('\n').filter(|row| row.contains(','));
    Ok(rows.filter(|row| !HEADER.ends_with(row) && !tail.contains(intent_of(row))).collect())
}

/// The intent's name in a row: a spreadsheet rewrites dates and strips zeros from order numbers, but leaves that alone.
fn intent_of(row: &str) -> &str {
    row.split(',').nth(9).unwrap_or(row)
}

/// The file that takes rows now; when it is not the usual one, why.
fn find_target(folder: &Path) -> Result<(&'static str, Sheet, Option<Sentence>), Sentence> {
    let why = match look(&folder.join(NAME)) {
        Ok(sheet) => return Ok((NAME, sheet, None)),
        Err(why) => why,
    };
    let sheet = look(&folder.join(NEW_NAME))
        .map_err(|also| why.words(Subject::It).and("; ", &also.words(Subject::Named(NEW_NAME))))?;
    let path = folder.join(NAME);
    let warning = words::rows_go_beside(&why.words(Subject::At(&path)), NEW_NAME);
    Ok((NEW_NAME, sheet, Some(warning)))
}

fn append(path: &Path, text: &[u8]) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let flags = OFlags::NOFOLLOW.bits().cast_signed();
    let mut file = OpenOptions::new().append(true).create(true).mode(0o600).custom_flags(flags).open(path)?;
    file.write_all(text)?;
    file.sync_data()?;
    atomic::sync_folder(path)
}

/// The row for what filled beyond the rows that are there.
fn row(seen_at: DateTime<Utc>, order_id: &OrderId, intent: &Intent, filled: &Filled) -> String {
    let Filled { quantity, price, amount, profit, profit_percent } = filled;
    let profit = profit.map(|profit| profit.to_string()).unwrap_or_default();
    let percent = profit_percent.map(show_percent).unwrap_or_default();
    format!(
        "{},{},{},{},{},{quantity},{price},{amount},{},{},{profit},{percent}\r\n",
        seen_at.to_rfc3339_opts(SecondsFormat::Secs, true),
        intent.trading_date,
        intent.symbol,
        intent.exchange,
        intent.side,
        order_id,
        intent.id,
    )
}

#[cfg(test)]
mod tests;
