//! `fills.json`: own fills of the latest months, summed for the page, and how far the journal was read for it. Derived from the
//! journal: without it the page reads those months once more.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::decide::profit::Settled;
use crate::store::atomic;
use crate::store::journal::Place;
use crate::store::read::load_derived;

const VERSION: u64 = 1;

/// The sums.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fills {
    /// The snapshot whose dropped orders were counted last; `None` before the first.
    pub place: Option<Place>,
    /// What was dropped up to there.
    pub settled: Settled,
}

/// Loads them. What can't be read, or not yet, counts as nothing: the journal is the truth.
pub fn load(dir: &Path) -> Fills {
    load_derived(&path_of(dir), VERSION).ok().and_then(|loaded| loaded.value).unwrap_or_default()
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
