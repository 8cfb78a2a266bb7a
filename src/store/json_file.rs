//! The one way to load a small JSON state file of our own: versioned, and never guessed at.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::exit::{Exit, Failure, Reason};
use crate::store::read::{StateFile, read_state_file};

/// No file of ours comes near this size.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

#[derive(Deserialize)]
struct VersionOnly {
    version: u32,
}

/// Loads the file at `path`; `None` when there is none.
///
/// # Errors
/// 65 when it can't be read, is damaged, or was written by a newer program. It stays as it is.
pub fn load_json<T: DeserializeOwned>(path: &Path, newest_version: u32) -> Result<Option<T>, Failure> {
    let bytes = match read_state_file(path, MAX_BYTES) {
        StateFile::Missing => return Ok(None),
        StateFile::Bytes { bytes, .. } => bytes,
        StateFile::NotAFile(kind) => return Err(unreadable(path, format!("it is {}", kind.word()))),
        StateFile::TooLarge => return Err(unreadable(path, format!("it is larger than {MAX_BYTES} bytes"))),
        StateFile::OtherOwner => return Err(unreadable(path, "it belongs to another user".to_owned())),
        StateFile::Symlink => return Err(unreadable(path, "it is a symlink".to_owned())),
        StateFile::Io(error) => return Err(unreadable(path, error.to_string())),
    };
    let versioned: VersionOnly = serde_json::from_slice(&bytes).map_err(|error| unreadable(path, error.to_string()))?;
    if versioned.version == 0 || versioned.version > newest_version {
        let cause = format!("it has version {}, this program reads up to {newest_version}", versioned.version);
        return Err(unreadable(path, cause));
    }
    serde_json::from_slice(&bytes).map(Some).map_err(|error| unreadable(path, error.to_string()))
}

fn unreadable(path: &Path, cause: String) -> Failure {
    Failure::new(Exit::StateUnreadable, Reason::StateUnreadable, format!("{} can't be read", path.display()))
        .because(cause)
        .next("the file was left as it is; restore it from a backup, or move it away if you know what it held")
}
