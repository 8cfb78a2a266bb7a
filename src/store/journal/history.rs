//! Months before the newest, read again from their first line: for people only, never for a decision.

use std::io::{self, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::decide::fold::JournalState;
use crate::exit::Failure;
use crate::language::Sentence;
use crate::store::journal::chain::{Chain, length};
use crate::store::journal::failure::unreadable;
use crate::store::journal::{line, month, words};

/// All months that have a file, as `2027-03`, the newest last.
///
/// # Errors
/// 65 when the directory can't be read.
pub fn months(dir: &Path) -> Result<Vec<String>, Failure> {
    month::find_all(dir)
}

/// A snapshot of the journal: where a reader of history has got to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The month of its file.
    pub(super) month: String,
    /// Where its line begins in the file.
    pub(super) offset: u64,
}

/// Folds the journal from one snapshot to a later one, from the first month without one, and hands `take` the state before and
/// after each snapshot in between and the later one itself. Returns the warnings that others could read a file.
///
/// # Errors
/// 65 as [`fold_month`]; also when there is no snapshot at the first place or at the later one any more.
pub fn fold_between(
    dir: &Path,
    from: Option<&Place>,
    to: &Place,
    mut take: impl FnMut(&JournalState, &JournalState),
) -> Result<Vec<Sentence>, Failure> {
    let (mut warnings, mut state, mut has_arrived) = (Vec::new(), JournalState::default(), false);
    let is_between = |month: &String| from.is_none_or(|from| *month >= from.month) && *month <= to.month;
    for month in month::find_all(dir)?.into_iter().filter(is_between) {
        let path = dir.join(month::file_name(&month));
        let (mut reader, _, warning) = month::open(&path)?;
        warnings.extend(warning);
        let start = from.filter(|from| from.month == month);
        let mut offset = start.map_or(0, |start| start.offset);
        io::copy(&mut reader.by_ref().take(offset), &mut io::sink()).map_err(|error| unreadable(&path, error))?;
        let mut is_start = start.is_some();
        Chain::read_each(&path, reader, |line, is_snapshot| {
            let is_last = month == to.month && offset == to.offset;
            offset += length(line);
            if has_arrived {
                return Ok(());
            }
            if !is_snapshot {
                let (stamp, record) = line::parse_record(line)?;
                return Ok(state.apply(&stamp, &record)?);
            }
            let after = line::parse_snapshot(line)?;
            if !std::mem::take(&mut is_start) {
                take(&state, &after);
            }
            (state, has_arrived) = (after, is_last);
            Ok(())
        })?;
    }
    if has_arrived { Ok(warnings) } else { Err(unreadable(dir, words::has_changed())) }
}

/// Folds all lines of one month. `take` gets the state that each snapshot replaces, since a snapshot drops what no run needs
/// any more, and the state at the end. Returns the warning that others could read the file.
///
/// # Errors
/// 65 when a line other than a torn last one is unreadable, edited, missing or of a newer version; `take` may have got a
/// part of the month by then.
pub fn fold_month(dir: &Path, month: &str, mut take: impl FnMut(&JournalState)) -> Result<Option<Sentence>, Failure> {
    let path = dir.join(month::file_name(month));
    let (reader, _, warning) = month::open(&path)?;
    let mut state = JournalState::default();
    Chain::read_each(&path, reader, |line, is_snapshot| {
        if is_snapshot {
            take(&state);
            state = line::parse_snapshot(line)?;
            return Ok(());
        }
        let (stamp, record) = line::parse_record(line)?;
        Ok(state.apply(&stamp, &record)?)
    })?;
    take(&state);
    Ok(warning)
}
