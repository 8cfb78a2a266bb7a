//! `clock.json`: how far the clock was off when a run last saw KIS's `Date`. Written only while it is wrong, and once it is
//! right again; without a lock, for whatever run comes last knows best.

use crate::domain::ClockOffset;
use crate::exit::Failure;
use crate::store::atomic::{self, unwritten};
use crate::store::read::load_versioned;
use crate::store::state_dir::StateDir;
use crate::store::words;

const VERSION: u64 = 1;

/// Loads what was kept; `None` without a file.
///
/// # Errors
/// 65 when it can't be read or is of a newer version, 78 when it is no plain file of ours; it stays as it is.
pub fn load(dir: &StateDir) -> Result<Option<ClockOffset>, Failure> {
    Ok(load_versioned(&dir.clock(), VERSION)?.map(|loaded| loaded.value))
}

/// Replaces what was kept.
///
/// # Errors
/// 74 when the file can't be replaced.
pub fn save(dir: &StateDir, offset: &ClockOffset) -> Result<(), Failure> {
    let path = dir.clock();
    atomic::replace_versioned(&path, VERSION, offset).map_err(|error| unwritten(words::not_written(&path), error))
}
