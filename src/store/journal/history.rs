//! Months before the newest, read again from their first line: for people only, never for a decision.

use std::path::Path;

use crate::decide::fold::JournalState;
use crate::exit::Failure;
use crate::language::Sentence;
use crate::store::journal::chain::Chain;
use crate::store::journal::{line, month};

/// All months that have a file, as `2027-03`, the newest last.
///
/// # Errors
/// 65 when the directory can't be read.
pub fn months(dir: &Path) -> Result<Vec<String>, Failure> {
    month::find_all(dir)
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
