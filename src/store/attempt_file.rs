//! `token_attempt.json`: when a token was last asked for and what came of it, so that no crash makes us ask too often.
//!
//! What the record means is decided elsewhere. A damaged file is never repaired or guessed at: a run with a live token
//! goes on with a warning and asks for none; a run without one ends with 65 until a person has looked.

use std::io;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::store::atomic::replace_versioned;
use crate::store::read::{Unreadable, Versioned, load_versioned};

const VERSION: u64 = 1;

/// Reads the record; `None` when no token was ever asked for.
///
/// # Errors
///
/// [`Unreadable`]; the file stays as it is.
pub fn load_attempt<T: DeserializeOwned>(path: &Path) -> Result<Option<Versioned<T>>, Unreadable> {
    load_versioned(path, VERSION)
}

/// Replaces the record and syncs it. The caller holds the token's lock exclusively.
///
/// # Errors
///
/// What the system says.
pub fn save_attempt(path: &Path, attempt: &impl Serialize) -> io::Result<()> {
    replace_versioned(path, VERSION, attempt)
}
