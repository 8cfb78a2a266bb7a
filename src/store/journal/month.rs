//! The files of the journal, one a month.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Months, NaiveDate, Utc};
use rustix::fs::OFlags;

use crate::exit::Failure;
use crate::language::Sentence;
use crate::store::atomic;
use crate::store::file_id::FileId;
use crate::store::foreign::foreign;
use crate::store::journal::failure::{unreadable, unwritable};
use crate::store::journal::words;
use crate::store::names::each_name;
use crate::store::read::{Oddity, open_state_file, tightened_warning};
use crate::store::words::Subject;

const PREFIX: &str = "orders-";
const SUFFIX: &str = ".jsonl";
/// More than a year of lines; a larger file is not ours.
const MAX_BYTES: u64 = 256 << 20;
/// How long a month's file is kept at least, for people: a year, and the month it is compared with.
const RETENTION: Months = Months::new(13);

/// The name of a month's file.
pub(super) fn file_name(month: &str) -> String {
    format!("{PREFIX}{month}{SUFFIX}")
}

/// The newest month that has a file, as `2027-03`.
pub(super) fn find_newest(dir: &Path) -> Result<Option<String>, Failure> {
    let mut newest = None;
    each_month(dir, |month| {
        if newest.as_deref().is_none_or(|newest| newest < month) {
            newest = Some(month.to_owned());
        }
    })?;
    Ok(newest)
}

/// The newest month's file, when the directory can be read and has one.
pub fn newest_path(dir: &Path) -> Option<PathBuf> {
    find_newest(dir).ok()?.map(|month| dir.join(file_name(&month)))
}

/// The names of the files that are no longer needed: older than thirteen months at `now`, and than the oldest order that may
/// still live. The newest file holds the whole state; these are only its history.
///
/// # Errors
/// 65 when the directory can't be read.
pub fn past_retention(dir: &Path, now: DateTime<Utc>, oldest_live: Option<NaiveDate>) -> Result<Vec<String>, Failure> {
    let kept_from = now.date_naive().checked_sub_months(RETENTION).unwrap_or_default();
    let kept_from = oldest_live.map_or(kept_from, |day| day.min(kept_from)).format("%Y-%m").to_string();
    let mut months = find_all(dir)?;
    // Whatever its age, the newest is the journal itself.
    months.pop();
    Ok(months.iter().filter(|month| **month < kept_from).map(|month| file_name(month)).collect())
}

/// All months that have a file, the newest last.
pub(super) fn find_all(dir: &Path) -> Result<Vec<String>, Failure> {
    let mut months = Vec::new();
    each_month(dir, |month| months.push(month.to_owned()))?;
    months.sort();
    Ok(months)
}

/// Hands each month that has a file to `take`, in no order; a directory that is not there has none.
fn each_month(dir: &Path, mut take: impl FnMut(&str)) -> Result<(), Failure> {
    let take_month = |name: &[u8]| {
        let month = str::from_utf8(name).ok().and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX));
        month.filter(|month| is_month(month)).into_iter().for_each(&mut take);
    };
    match each_name(dir, take_month) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(unreadable(dir, error)),
        _ => Ok(()),
    }
}

fn is_month(text: &str) -> bool {
    let [year @ .., b'-', tens, ones] = text.as_bytes() else { return false };
    let is_year = year.len() == 4 && year.iter().all(u8::is_ascii_digit);
    is_year && matches!((tens, ones), (b'0', b'1'..=b'9') | (b'1', b'0'..=b'2'))
}

/// Opens a month's file for more lines, and syncs its name: the run that created it may have been killed before that, and a
/// power cut would then lose the file with every line synced since.
pub(super) fn open_to_append(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().append(true).custom_flags(OFlags::NOFOLLOW.bits().cast_signed()).open(path)?;
    atomic::sync_folder(path)?;
    Ok(file)
}

/// Opens a month's file, to be read once from its beginning; tells which file it is, and warns when others could read it.
///
/// # Errors
/// 65 when it can't be read, or is no plain file of ours.
pub(super) fn open(path: &Path) -> Result<(impl Read + use<>, Option<FileId>, Option<Sentence>), Failure> {
    // A file of another user, or without permission, may be whole: nobody should move it away.
    if let Some(failure) = foreign(path) {
        return Err(failure);
    }
    let opened = open_state_file(path, MAX_BYTES).map_err(|oddity| match oddity {
        Oddity::Io(error) if error.kind() == ErrorKind::PermissionDenied => {
            unreadable(path, error).next(words::make_readable())
        }
        Oddity::TooLarge => unreadable(path, words::larger_than(MAX_BYTES >> 20)),
        oddity => unreadable(path, oddity.words(Subject::It)),
    })?;
    let opened = opened.ok_or_else(|| unreadable(path, words::gone()))?;
    let warning = opened.tightened.then(|| tightened_warning(path));
    let id = opened.file.metadata().ok().map(|metadata| FileId::of(&metadata));
    Ok((opened.file.take(MAX_BYTES), id, warning))
}

/// Copies the newest month to a fresh file that takes its name: after a failed write the old file's pages in memory can't
/// be trusted to reach the disk. Only for a holder of the account lock, before the journal is loaded.
///
/// # Errors
/// 65 when it can't be read, 74 when the copy can't be written.
pub(super) fn copy_fresh(dir: &Path) -> Result<(), Failure> {
    let Some(month) = find_newest(dir)? else { return Ok(()) };
    let path = dir.join(file_name(&month));
    let (mut reader, ..) = open(&path)?;
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(|error| unreadable(&path, error))?;
    atomic::replace(&path, &bytes).map_err(|error| unwritable(&path, &error))
}
