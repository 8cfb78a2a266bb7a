//! The journal's files on disk: which month is the newest, how one is read, and what is said when that fails.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chrono::NaiveDate;
use rustix::fs::OFlags;

use crate::exit::{Exit, Failure, Reason};

/// A month's file is called `orders-YYYY-MM.jsonl`.
pub const PREFIX: &str = "orders-";
/// See [`PREFIX`].
pub const SUFFIX: &str = ".jsonl";

/// Finds the newest month that has a file.
///
/// # Errors
/// 65 when the folder can't be read.
pub fn newest_month(dir: &Path) -> Result<Option<String>, Failure> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
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

/// Reads a month's file whole.
///
/// # Errors
/// 65 when it can't be read or is no plain file.
pub fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    let flags = no_follow() | OFlags::NONBLOCK.bits().cast_signed();
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
    std::io::Read::read_to_end(&mut file, &mut bytes).map_err(|error| unreadable(path, &error.to_string()))?;
    Ok(bytes)
}

/// The flag that never follows a symlink.
pub fn no_follow() -> i32 {
    OFlags::NOFOLLOW.bits().cast_signed()
}

/// A line that can't be believed.
pub fn damaged(path: &Path, offset: usize, cause: &str) -> Failure {
    unreadable(path, &format!("the line at byte {offset} can't be believed: {cause}"))
}

fn unreadable(path: &Path, cause: &str) -> Failure {
    Failure::new(Exit::StateUnreadable, Reason::StateUnreadable, format!("the order journal {} can't be read", path.display()))
        .because(cause)
        .next("nothing was traded and the file was left as it is; compare it with your orders at KIS, then restore it or move it away")
}

/// A file that can't be written.
pub fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::StateUnwritable, Reason::StateUnwritable, format!("{} can't be written", path.display()))
        .because(error)
        .next("free space or mend the permissions of the state directory; no further order was sent")
}
