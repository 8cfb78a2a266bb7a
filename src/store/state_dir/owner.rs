//! `account.json`: which account and mode a state directory belongs to.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{StateDir, words};
use crate::clock::Clock;
use crate::domain::Mode;
use crate::exit::{Failure, Reason};
use crate::language::Sentence;
use crate::store::atomic;
use crate::store::journal::newest_path;
use crate::store::read::{self, Versioned, load_versioned, read_beginning};
use crate::store::words::unwritable_because;

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
    /// Makes sure that nothing was ever ordered from the directory for another account or mode. Returns a warning when others
    /// could read its mark.
    ///
    /// # Errors
    /// 78 for a directory of another account or mode, 65 for an `account.json` that can't be read.
    pub fn check_owner(&self, account_fingerprint: &str, mode: Mode) -> Result<Option<Sentence>, Failure> {
        self.load_mark(account_fingerprint, mode).map(|mark| mark.and_then(|mark| mark.warning))
    }

    /// Checks the same again in a run that checked it before. Others may have come in between, and whoever ordered something
    /// left a mark first: while the mark is ours, so is everything else. Returns whether it is.
    ///
    /// # Errors
    /// As [`StateDir::check_owner`].
    pub fn check_owner_again(&self, account_fingerprint: &str, mode: Mode) -> Result<bool, Failure> {
        let is_ours = self.has_mark_of(account_fingerprint, mode)?;
        if !is_ours {
            self.load_mark(account_fingerprint, mode)?;
        }
        Ok(is_ours)
    }

    /// Marks the directory as this account's, after KIS gave a good answer about it. One that nothing was ever ordered from
    /// changes hands: a number or a mode may have been mistyped before. Without the account's lock a mark is written only where
    /// there is none. Returns what people should know.
    ///
    /// # Errors
    /// As [`StateDir::check_owner`].
    pub fn bind(
        &self,
        account_fingerprint: &str,
        mode: Mode,
        clock: &Clock,
        holds_account: bool,
    ) -> Result<Option<Sentence>, Failure> {
        if self.has_mark_of(account_fingerprint, mode)? {
            return Ok(None);
        }
        let changes_hands = self.load_mark(account_fingerprint, mode)?.is_some();
        if changes_hands && !holds_account {
            return Ok(None);
        }
        let file = AccountFile { account_fingerprint: account_fingerprint.to_owned(), mode, created_at: clock.now() };
        let path = self.account();
        let written = match holds_account {
            true => atomic::replace_versioned(&path, VERSION, &file),
            false => atomic::create_versioned(&path, VERSION, &file),
        };
        if let Err(error) = written {
            return Ok(Some(unwritable_because(&path, &error)));
        }
        Ok(changes_hands.then(|| {
            remove_samples(self.path());
            words::changed_hands(self.path())
        }))
    }

    fn has_mark_of(&self, account_fingerprint: &str, mode: Mode) -> Result<bool, Failure> {
        let mark = load_versioned::<AccountFile>(&self.account(), VERSION)?;
        Ok(mark.is_some_and(|mark| mark.value.is_of(account_fingerprint, mode)))
    }

    /// The mark, when there is one. It counts as soon as something was ordered; so does the journal itself.
    fn load_mark(&self, account_fingerprint: &str, mode: Mode) -> Result<Option<Versioned<AccountFile>>, Failure> {
        let mark = load_versioned::<AccountFile>(&self.account(), VERSION)?;
        let is_ours = mark.as_ref().is_some_and(|mark| mark.value.is_of(account_fingerprint, mode));
        if let Some((fingerprint, env)) = find_intent(self.path(), is_ours) {
            let fingerprint = fingerprint.unwrap_or_else(|| account_fingerprint.to_owned());
            compare(self, &fingerprint, &env.unwrap_or_else(|| mode.to_string()), account_fingerprint, mode)?;
            if let Some(Versioned { value, .. }) = &mark {
                compare(self, &value.account_fingerprint, &value.mode.to_string(), account_fingerprint, mode)?;
            }
        }
        Ok(mark)
    }
}

impl AccountFile {
    fn is_of(&self, account_fingerprint: &str, mode: Mode) -> bool {
        self.account_fingerprint == account_fingerprint && self.mode == mode
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
    Err(Failure::new(Reason::StateOfAnotherAccount, words::of_another(dir.path()))
        .because(words::both_owners(its_fingerprint, its_mode, fingerprint, mode.word()))
        .next(words::one_directory_each()))
}

/// Whose account, and in which mode, an intent of the journal was. A directory that is marked as ours is believed when the
/// newest month begins without one; else every line of every month is read, whatever a copy
/// of one is called.
fn find_intent(folder: &Path, is_marked_ours: bool) -> Option<(Option<String>, Option<String>)> {
    let of_text = |text: &[u8]| {
        let fingerprint = first_text(text, "account_print");
        fingerprint.is_some().then(|| (fingerprint, first_text(text, "env")))
    };
    if is_marked_ours {
        return of_text(&read_beginning(&newest_path(folder)?, JOURNAL_BYTES_MAX));
    }
    let names = fs::read_dir(folder).ok()?.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut journals: Vec<String> =
        names.filter(|name| name.starts_with("orders-") && name.ends_with(".jsonl")).collect();
    journals.sort();
    journals.iter().rev().find_map(|name| {
        let lines = BufReader::new(read::open(&folder.join(name)).ok()?).split(b'\n');
        lines.map_while(Result::ok).find_map(|line| of_text(&line))
    })
}

/// The account's total belongs to the account. What can't be removed is of no account's trading date soon.
fn remove_samples(folder: &Path) {
    let names = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    for name in names.filter(|name| name.as_bytes().starts_with(b"equity_") && name.as_bytes().ends_with(b".json")) {
        let _ = fs::remove_file(folder.join(name));
    }
}

/// The first value of `"key":"value"` in a text that need not be whole.
fn first_text(text: &[u8], key: &str) -> Option<String> {
    let key = format!("\"{key}\":\"");
    let value_in = |text: &str| text.split_once(&key)?.1.split_once('"').map(|(value, _)| value.to_owned());
    match str::from_utf8(text) {
        Ok(text) => value_in(text),
        Err(_) => text.utf8_chunks().find_map(|chunk| value_in(chunk.valid())),
    }
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

    const INTENT: &str = r#"{"v":1,"kind":"intent","env":"paper","account_print":"5be1c0de","symbol":"SOXL"}"#;

    #[test]
    fn marks_a_directory_once_and_refuses_others_after_an_order() {
        let (_folder, dir) = state_dir();
        atomic::replace(&dir.token(), b"{}").unwrap();
        assert!(dir.check_owner("5be1c0de", Mode::Paper).unwrap().is_none());
        assert!(!dir.account().exists(), "only a good answer of KIS's binds");
        assert!(dir.bind("5be1c0de", Mode::Paper, &clock(), true).unwrap().is_none());
        let written = fs::read_to_string(dir.account()).unwrap();
        assert!(written.contains("\"account_print\": \"5be1c0de\""), "{written}");
        assert!(written.contains("\"mode\": \"paper\""), "{written}");
        dir.bind("5be1c0de", Mode::Paper, &clock(), true).unwrap();
        assert_eq!(fs::read_to_string(dir.account()).unwrap(), written);
        atomic::replace(&dir.file("orders-2027-03.jsonl"), format!("{INTENT}\n").as_bytes()).unwrap();
        for (print, mode) in [("5be1c0de", Mode::Real), ("00000000", Mode::Paper)] {
            let bound = dir.bind(print, mode, &clock(), true).unwrap_err();
            let failure = dir.check_owner(print, mode).unwrap_err();
            assert_eq!(bound, failure);
            assert_eq!((failure.exit(), failure.reason), (Exit::Config, Reason::StateOfAnotherAccount));
            let words = format!("account 5be1c0de in paper mode, this run is of account {print} in {mode} mode");
            assert!(failure.to_string().contains(&words), "{failure}");
            assert!(failure.said.what.contains(dir.path().to_str().unwrap()));
        }
    }

    #[test]
    fn before_the_first_order_it_changes_hands_under_the_lock() {
        let (_folder, dir) = state_dir();
        dir.bind("00000000", Mode::Paper, &clock(), false).unwrap();
        let typed = fs::read_to_string(dir.account()).unwrap();
        let opening = br#"{"v":1,"kind":"snapshot","state":{"entries":{}}}"#;
        for (name, bytes) in
            [("equity_buy.json", &b"{}"[..]), ("equity_days_buy.json", b"{}"), ("orders-2027-03.jsonl", opening)]
        {
            atomic::replace(&dir.file(name), bytes).unwrap();
        }
        assert_eq!(dir.bind("5be1c0de", Mode::Real, &clock(), false), Ok(None));
        assert_eq!(fs::read_to_string(dir.account()).unwrap(), typed, "not without the lock");
        let warning = dir.bind("5be1c0de", Mode::Real, &clock(), true).unwrap().unwrap();
        assert!(warning.contains("which never ordered anything"), "{warning}");
        assert!(fs::read_to_string(dir.account()).unwrap().contains("5be1c0de"));
        assert!(!dir.file("equity_buy.json").exists() && !dir.file("equity_days_buy.json").exists());
        // An intent of an older month, far behind its beginning, counts as well.
        let far = [vec![b'x'; 300 << 10], b"\n".to_vec(), INTENT.into()].concat();
        atomic::replace(&dir.file("orders-2027-02.jsonl"), &far).unwrap();
        assert!(dir.bind("00000000", Mode::Paper, &clock(), true).is_err());
    }

    #[test]
    fn a_journal_tells_whose_the_directory_is_even_without_the_mark() {
        let cases = [("5be1c0de", Mode::Paper, true), ("5be1c0de", Mode::Real, false), ("0", Mode::Paper, false)];
        for (print, mode, is_ours) in cases {
            let (_folder, dir) = state_dir();
            atomic::replace(&dir.file("orders-2027-02.jsonl"), b"{\"v\":1,\"account_print\":\"old\"").unwrap();
            atomic::replace(&dir.file("orders-2027-03.jsonl"), INTENT.as_bytes()).unwrap();
            assert_eq!(dir.check_owner(print, mode).is_ok(), is_ours, "{print} {mode}");
            assert_eq!(dir.bind(print, mode, &clock(), true).is_ok(), is_ours, "{print} {mode}");
            assert_eq!(dir.account().exists(), is_ours);
        }
    }

    #[test]
    fn a_copy_of_a_month_does_not_hide_the_journal() {
        let (_folder, dir) = state_dir();
        assert_eq!(dir.bind("00000000", Mode::Paper, &clock(), true), Ok(None));
        atomic::replace(&dir.file("orders-2027-03.jsonl"), INTENT.as_bytes()).unwrap();
        atomic::replace(&dir.file("orders-old.jsonl"), b"").unwrap();
        let failure = dir.check_owner("00000000", Mode::Paper).unwrap_err();
        assert_eq!(failure.reason, Reason::StateOfAnotherAccount);
    }

    #[test]
    fn a_mark_that_cannot_be_read_is_kept() {
        for (text, words) in [("{", "EOF"), (r#"{"version":1,"mode":"paper"}"#, "missing field")] {
            let (_folder, dir) = state_dir();
            atomic::replace(&dir.account(), text.as_bytes()).unwrap();
            let failure = dir.check_owner("5be1c0de", Mode::Paper).unwrap_err();
            assert_eq!((failure.exit(), failure.reason), (Exit::StateUnreadable, Reason::StateUnreadable), "{text}");
            assert!(failure.said.because.contains(words), "{failure}");
            assert_eq!(fs::read_to_string(dir.account()).unwrap(), text);
        }
    }

    #[test]
    fn a_mark_that_cannot_be_written_is_a_warning() {
        let (_folder, dir) = state_dir();
        let temp = format!(".tmp-account.json-{}", std::process::id());
        fs::create_dir(dir.file(&temp)).unwrap();
        let warning = dir.bind("5be1c0de", Mode::Paper, &clock(), true).unwrap().unwrap();
        assert!(warning.contains("can't be written"), "{warning}");
    }
}
