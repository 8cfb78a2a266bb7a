//! `fills.json`: own fills of the latest months, summed for the page, and how far the journal was read for it. Derived from the
//! journal: without it the page reads those months once more.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::decide::profit::Settled;
use crate::exit::Failure;
use crate::store::atomic;
use crate::store::journal::Place;
use crate::store::read::{Derived, load_derived};

const VERSION: u64 = 1;

/// The sums.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fills {
    /// The snapshot whose dropped orders were counted last; `None` before the first.
    pub place: Option<Place>,
    /// What was dropped up to there.
    pub settled: Settled,
}

/// Loads them.
///
/// # Errors
/// 65 when the file can't be read or is of a newer version, 78 when it is no plain file of ours; it stays as it is.
pub fn load(dir: &Path) -> Result<Derived<Fills>, Failure> {
    Ok(load_derived(&path_of(dir), VERSION)?)
}

/// Keeps them. Where that fails the next page reads the journal again.
pub fn save(dir: &Path, fills: &Fills) {
    if let Err(error) = atomic::replace_derived(&path_of(dir), VERSION, fills) {
        log::warn!("fills.json could not be written: {error}");
    }
}

fn path_of(dir: &Path) -> PathBuf {
    dir.join("fills.json")
}
