//! `last_run_<command>.json`: how the latest run of each command ended, and briefly the ones before it. Runs
//! without the account's lock write it too: `desk/remember.rs` holds `last_run.lock` from reading to replacing.

use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::decide::standing::Standing;
use crate::domain::{Reasons, RunEnd};
use crate::exit::Failure;
use crate::store::atomic;
use crate::store::read::{Derived, load_derived};

const VERSION: u64 = 1;
/// Runs whose end is kept: as many as a strip of the page has room for.
const MAX_RECENT: usize = 24;

/// The end of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRun {
    /// When the run ended.
    pub at: DateTime<Utc>,
    /// Its exit code.
    pub exit_code: u8,
    /// `done`, `nothing_to_do` or `failed`.
    pub result: String,
    /// The reason word; null when done.
    pub reason: Option<String>,
    /// When the latest run that counts ended (well, or after its decisions); `ran_just_now` counts from here.
    pub decided_at: Option<DateTime<Utc>>,
    /// A run could not write, and none that counts has followed.
    #[serde(default)]
    pub is_unwritten: bool,
    /// Why `status --html` could not write its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_failure: Option<String>,
    /// Reasons that last, the oldest first.
    #[serde(default)]
    pub standing: Vec<Standing>,
    /// When a run last printed this exit code and reason: `-q` prints a repeated failure once an hour.
    pub told_at: Option<DateTime<Utc>>,
    /// The latest runs, this one included, oldest first.
    #[serde(default)]
    pub recent: Vec<RunEnd>,
    /// What the latest run that decided said of each symbol; of buy and sell only.
    #[serde(default)]
    pub reasons: Option<Reasons>,
}

impl LastRun {
    /// Describes a run that ends now.
    pub fn new(at: DateTime<Utc>, exit_code: u8, result: &str, reason: Option<String>) -> LastRun {
        let recent = vec![RunEnd { at, exit_code, reason: reason.clone() }];
        LastRun { at, exit_code, result: result.to_owned(), reason, recent, ..LastRun::default() }
    }

    /// Takes over what the run before left for people, and adds this run's reasons.
    #[must_use]
    pub fn following(mut self, before: Option<LastRun>, reasons: Option<Reasons>) -> LastRun {
        if let Some(before) = before {
            self.recent = [before.recent, self.recent].concat();
            self.reasons = before.reasons;
        }
        self.reasons = reasons.or(self.reasons);
        self.recent.drain(..self.recent.len().saturating_sub(MAX_RECENT));
        self
    }
}

/// Loads the last run of a command.
///
/// # Errors
/// 65 when it can't be read or is of a newer version, 78 when it is no plain file of ours; it stays as it is.
pub fn load(dir: &Path, command: &str) -> Result<Derived<LastRun>, Failure> {
    Ok(load_derived(&path_of(dir, command), VERSION)?)
}

/// Saves the end of a run.
///
/// # Errors
/// When the file can't be replaced.
pub fn save(dir: &Path, command: &str, run: &LastRun) -> io::Result<()> {
    atomic::replace_derived(&path_of(dir, command), VERSION, run)
}

fn path_of(dir: &Path, command: &str) -> PathBuf {
    dir.join(format!("last_run_{}.json", command.replace('-', "_")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::test_support::at;
    use crate::language::Sentence;

    #[test]
    fn keeps_the_end_of_each_commands_latest_run() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(load(folder.path(), "buy").unwrap().value, None);
        let mut buy = LastRun::new(at("10:00:00"), 0, "nothing_to_do", Some("filter_not_met".to_owned()));
        buy.decided_at = Some(at("09:59:59"));
        save(folder.path(), "buy", &LastRun::new(at("09:30:00"), 81, "failed", None)).unwrap();
        save(folder.path(), "buy", &buy).unwrap();
        let check = LastRun::new(at("10:01:00"), 0, "done", None);
        save(folder.path(), "token-check", &check).unwrap();
        assert_eq!(load(folder.path(), "buy").unwrap().value, Some(buy));
        assert_eq!(load(folder.path(), "token-check").unwrap().value, Some(check));
        assert!(folder.path().join("last_run_token_check.json").is_file());
    }

    #[test]
    fn a_run_takes_over_what_those_before_it_left_and_the_file_stays_small() {
        let reasons = |detail: &str| Reasons {
            at: at("10:00:00"),
            reason: None,
            detail: Sentence::verbatim(detail),
            lines: Vec::new(),
        };
        let mut run = LastRun::new(at("10:00:00"), 0, "done", None);
        run = run.following(None, Some(reasons("bought")));
        for (exit_code, told, detail) in
            [(0, None, "bought"), (69, None, "bought"), (0, Some("passed over"), "passed over")]
        {
            let next = LastRun::new(at("10:30:00"), exit_code, "done", None);
            run = next.following(Some(run), told.map(reasons));
            assert_eq!(run.reasons.as_ref().unwrap().detail.en, detail);
        }
        assert_eq!(run.recent.iter().map(|end| end.exit_code).collect::<Vec<_>>(), [0, 0, 69, 0]);
        for _ in 0..100 {
            run = LastRun::new(at("10:30:00"), 0, "done", None).following(Some(run), None);
        }
        assert_eq!(run.recent.len(), MAX_RECENT);
    }

    #[test]
    fn a_file_of_an_earlier_program_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let start =
            r#"{"version":1,"at":"2027-03-09T15:00:00Z","exit_code":0,"result":"done","reason":null,"decided_at":null"#;
        let tokens = r#","tokens":[{"at":"2027-03-09T15:00:00Z","expires_at":"2027-03-10T15:00:00Z"}]"#;
        for rest in ["", tokens] {
            let text = format!("{start},\"told_at\":null{rest}}}");
            atomic::replace(&path_of(folder.path(), "buy"), text.as_bytes()).unwrap();
            let loaded = load(folder.path(), "buy").unwrap().value.unwrap();
            assert_eq!((loaded.recent, loaded.reasons), (vec![], None), "{rest}");
        }
    }
}
