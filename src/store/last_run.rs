//! `last_run_<command>.json`: how the latest run of each command ended. One file a command, so that no lock is needed.

use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::exit::Failure;
use crate::store::atomic;
use crate::store::read::load_versioned;

const VERSION: u64 = 1;

/// The end of one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRun {
    /// When the run ended.
    pub at: DateTime<Utc>,
    /// Its exit code.
    pub exit_code: u8,
    /// `done`, `nothing_to_do` or `failed`.
    pub result: String,
    /// The reason word; null when done.
    pub reason: Option<String>,
    /// When a run last got far enough to decide about orders; what "ran just now" is measured from.
    pub decided_at: Option<DateTime<Utc>>,
    /// When people were last told of this exit code and reason.
    pub told_at: Option<DateTime<Utc>>,
}

impl LastRun {
    /// Describes a run that ends now.
    pub fn new(at: DateTime<Utc>, exit_code: u8, result: &str, reason: Option<String>) -> LastRun {
        let result = result.to_owned();
        LastRun { at, exit_code, result, reason, decided_at: None, told_at: None }
    }
}

/// Loads the last run of a command; `None` when there is none.
///
/// # Errors
/// 65 when it can't be read or is of a newer version, 78 when it is no plain file of ours; it stays as it is.
pub fn load(dir: &Path, command: &str) -> Result<Option<LastRun>, Failure> {
    Ok(load_versioned(&path_of(dir, command), VERSION)?.map(|loaded| loaded.value))
}

/// Saves the end of a run.
///
/// # Errors
/// When the file can't be replaced.
pub fn save(dir: &Path, command: &str, run: &LastRun) -> io::Result<()> {
    atomic::replace_versioned(&path_of(dir, command), VERSION, run)
}

fn path_of(dir: &Path, command: &str) -> PathBuf {
    dir.join(format!("last_run_{}.json", command.replace('-', "_")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::test_support::at;
    use crate::exit::Exit;

    #[test]
    fn keeps_the_end_of_each_commands_latest_run() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(load(folder.path(), "buy"), Ok(None));
        let mut buy = LastRun::new(at("10:00:00"), 0, "nothing_to_do", Some("filter_not_met".to_owned()));
        buy.decided_at = Some(at("09:59:59"));
        save(folder.path(), "buy", &LastRun::new(at("09:30:00"), 81, "failed", None)).unwrap();
        save(folder.path(), "buy", &buy).unwrap();
        let check = LastRun::new(at("10:01:00"), 0, "done", None);
        save(folder.path(), "token-check", &check).unwrap();
        assert_eq!(load(folder.path(), "buy"), Ok(Some(buy)));
        assert_eq!(load(folder.path(), "token-check"), Ok(Some(check)));
        assert!(folder.path().join("last_run_token_check.json").is_file());
    }

    #[test]
    fn one_that_cannot_be_read_is_not_guessed() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["", "{", "{\"version\":2}"] {
            atomic::replace(&path_of(folder.path(), "buy"), text.as_bytes()).unwrap();
            assert_eq!(load(folder.path(), "buy").unwrap_err().exit, Exit::StateUnreadable, "{text:?}");
        }
    }
}
