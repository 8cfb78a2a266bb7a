//! `account.json`: which account and mode a state directory belongs to.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::StateDir;
use crate::clock::Clock;
use crate::domain::Mode;
use crate::exit::{Failure, Reason};
use crate::store::atomic;
use crate::store::read::{Versioned, load_versioned, read_beginning};

const VERSION: u64 = 1;

/// Enough of a journal to meet its first intent, past a month's snapshot.
const JOURNAL_BYTES_MAX: u64 = 256 << 10;

#[derive(Serialize, Deserialize)]
struct AccountFile {
    #[serde(rename = "account_print")]
    account_fingerprint: String,
    mode: Mode,
    created_at: DateTime<Utc>,
}

impl StateDir {
    /// Makes sure that the directory belongs to this account and mode, and marks one that has no mark yet.
    ///
    /// A directory with nothing but an old `api_token.json` is adopted. Returns a warning when the mark can't be
    /// written; the run fails with 74 once it has to write something.
    ///
    /// # Errors
    /// 78 for a directory of another account or mode, 65 for an `account.json` that can't be read.
    pub fn bind(&self, account_fingerprint: &str, mode: Mode, clock: &Clock) -> Result<Option<String>, Failure> {
        let path = self.account();
        let mark = load_versioned::<AccountFile>(&path, VERSION)?;
        if let Some(Versioned { value, .. }) = &mark {
            compare(self, &value.account_fingerprint, &value.mode.to_string(), account_fingerprint, mode)?;
        }
        if let Some(journal) = newest_journal(self.path()) {
            let text = read_beginning(&journal, JOURNAL_BYTES_MAX);
            let fingerprint = first_text(&text, "account_print").unwrap_or_else(|| account_fingerprint.to_owned());
            let env = first_text(&text, "env").unwrap_or_else(|| mode.to_string());
            compare(self, &fingerprint, &env, account_fingerprint, mode)?;
        }
        if let Some(Versioned { warning, .. }) = mark {
            return Ok(warning);
        }
        let file = AccountFile { account_fingerprint: account_fingerprint.to_owned(), mode, created_at: clock.now() };
        let written = atomic::replace_versioned(&path, VERSION, &file);
        Ok(written.err().map(|error| format!("{} can't be written: {error}", path.display())))
    }
}

fn compare(
    dir: &StateDir,
    its_fingerprint: &str,
    its_mode: &str,
    fingerprint: &str,
    mode: Mode,
) -> Result<(), Failure> {
    if its_fingerprint == fingerprint && its_mode == mode.to_string() {
        return Ok(());
    }
    let what = format!("state directory {} belongs to another account or mode", dir.path().display());
    let cause = format!(
        "it is of account {its_fingerprint} in {its_mode} mode, this run is of account {fingerprint} in {mode} mode"
    );
    Err(Failure::new(Reason::StateOfAnotherAccount, what)
        .because(cause)
        .next("give each account and mode a state directory of its own (--state-dir)"))
}

fn newest_journal(folder: &Path) -> Option<PathBuf> {
    let names = fs::read_dir(folder).ok()?.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let journals = names.filter(|name| name.starts_with("orders-") && name.ends_with(".jsonl"));
    journals.max().map(|name| folder.join(name))
}

/// The first value of `"key":"value"` in a text that need not be whole.
fn first_text(text: &[u8], key: &str) -> Option<String> {
    let text = String::from_utf8_lossy(text);
    let (_, rest) = text.split_once(&format!("\"{key}\":\""))?;
    rest.split_once('"').map(|(value, _)| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    const CLOCK_AT: &str = "2027-03-09T14:30:00Z";

    fn clock() -> Clock {
        Clock::starting_at(CLOCK_AT.parse().unwrap())
    }

    fn state_dir() -> (tempfile::TempDir, StateDir) {
        let folder = tempfile::tempdir().unwrap();
        let (dir, _) = StateDir::open(&folder.path().join("state")).unwrap();
        (folder, dir)
    }

    #[test]
    fn marks_a_directory_once_and_refuses_others() {
        let (_folder, dir) = state_dir();
        atomic::replace(&dir.token(), b"{}").unwrap();
        assert!(dir.bind("5be1c0de", Mode::Paper, &clock()).unwrap().is_none());
        let written = fs::read_to_string(dir.account()).unwrap();
        assert!(written.contains("\"account_print\": \"5be1c0de\""), "{written}");
        assert!(written.contains("\"mode\": \"paper\""), "{written}");
        dir.bind("5be1c0de", Mode::Paper, &clock()).unwrap();
        assert_eq!(fs::read_to_string(dir.account()).unwrap(), written);
        for (print, mode) in [("5be1c0de", Mode::Real), ("00000000", Mode::Paper)] {
            let failure = dir.bind(print, mode, &clock()).unwrap_err();
            assert_eq!((failure.exit(), failure.reason), (Exit::Config, Reason::StateOfAnotherAccount));
            let words = format!("account 5be1c0de in paper mode, this run is of account {print} in {mode} mode");
            assert!(failure.to_string().contains(&words), "{failure}");
            assert!(failure.what.contains(dir.path().to_str().unwrap()));
        }
    }

    #[test]
    fn a_journal_tells_whose_the_directory_is_even_without_the_mark() {
        let line = r#"{"v":1,"kind":"intent","env":"paper","account_print":"5be1c0de","symbol":"SOXL"}"#;
        let cases = [("5be1c0de", Mode::Paper, true), ("5be1c0de", Mode::Real, false), ("0", Mode::Paper, false)];
        for (print, mode, is_ours) in cases {
            let (_folder, dir) = state_dir();
            atomic::replace(&dir.file("orders-2027-02.jsonl"), b"{\"v\":1,\"account_print\":\"old\"").unwrap();
            atomic::replace(&dir.file("orders-2027-03.jsonl"), line.as_bytes()).unwrap();
            let bound = dir.bind(print, mode, &clock());
            assert_eq!(bound.is_ok(), is_ours, "{print} {mode}");
            assert_eq!(dir.account().exists(), is_ours);
        }
    }

    #[test]
    fn a_mark_that_cannot_be_read_is_kept() {
        for (text, words) in [("{", "EOF"), (r#"{"version":1,"mode":"paper"}"#, "missing field")] {
            let (_folder, dir) = state_dir();
            atomic::replace(&dir.account(), text.as_bytes()).unwrap();
            let failure = dir.bind("5be1c0de", Mode::Paper, &clock()).unwrap_err();
            assert_eq!((failure.exit(), failure.reason), (Exit::StateUnreadable, Reason::StateUnreadable), "{text}");
            assert!(failure.because.contains(words), "{failure}");
            assert_eq!(fs::read_to_string(dir.account()).unwrap(), text);
        }
    }

    #[test]
    fn a_mark_that_cannot_be_written_is_a_warning() {
        let (_folder, dir) = state_dir();
        let temp = format!(".tmp-account.json-{}", std::process::id());
        fs::create_dir(dir.file(&temp)).unwrap();
        let warning = dir.bind("5be1c0de", Mode::Paper, &clock()).unwrap().unwrap();
        assert!(warning.contains("can't be written"), "{warning}");
    }
}
