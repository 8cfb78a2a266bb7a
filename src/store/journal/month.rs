//! The files of the journal, one a month.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chrono::NaiveDate;
use rustix::fs::OFlags;

use crate::exit::Failure;
use crate::store::journal::unreadable;

const PREFIX: &str = "orders-";
const SUFFIX: &str = ".jsonl";

/// The name of a month's file.
pub(super) fn file_name(month: &str) -> String {
    format!("{PREFIX}{month}{SUFFIX}")
}

/// The newest month that has a file, as `2027-03`.
///
/// # Errors
/// 65 when the directory can't be read.
pub(super) fn find_newest(dir: &Path) -> Result<Option<String>, Failure> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(dir, &error.to_string())),
    };
    let mut newest = None;
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(dir, &error.to_string()))?;
        let name = entry.file_name();
        let month = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX));
        if let Some(month) = month.filter(|month| is_month(month)) {
            newest = newest.max(Some(month.to_owned()));
        }
    }
    Ok(newest)
}

fn is_month(text: &str) -> bool {
    NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").is_ok() && text.len() == 7
}

/// Reads a month's file; never through a symlink, never waiting for a FIFO.
///
/// # Errors
/// 65 when it can't be read.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let mut file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)
        .map_err(|error| unreadable(path, &error.to_string()))?;
    let is_file = file.metadata().map(|metadata| metadata.is_file()).unwrap_or(false);
    if !is_file {
        return Err(unreadable(path, "it is not a regular file"));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|error| unreadable(path, &error.to_string()))?;
    Ok(bytes)
}
