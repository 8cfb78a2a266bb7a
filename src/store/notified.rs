//! `notified.json`: when each event was last told to a human. What that means is decided elsewhere.

use std::io;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::exit::Failure;
use crate::store::atomic::replace_versioned;
use crate::store::read::load_versioned;

const VERSION: u64 = 1;

/// Reads the record; nothing when no event was ever told.
///
/// # Errors
///
/// 65 when it can't be read or is of a newer version; it stays as it is.
pub fn load_notified<T: DeserializeOwned + Default>(path: &Path) -> Result<T, Failure> {
    Ok(load_versioned(path, VERSION)?.map(|loaded| loaded.value).unwrap_or_default())
}

/// Replaces the record. The caller holds its lock.
///
/// # Errors
///
/// What the system says.
pub fn save_notified(path: &Path, told: &impl Serialize) -> io::Result<()> {
    replace_versioned(path, VERSION, told)
}
