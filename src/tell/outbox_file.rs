//! `notified.json`, the outbox on disk: read without a lock, since the file is always complete, and changed under its own.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::exit::Failure;
use crate::language::Sentence;
use crate::store::atomic::replace_versioned;
use crate::store::lock::{FileLock, LockMode};
use crate::store::read::load_versioned;
use crate::tell::Notifier;
use crate::tell::outbox::Outbox;
use crate::tell::words::delivery as words;

const VERSION: u64 = 1;

/// Reads the outbox; an empty one when there is no file.
pub fn load(path: &Path) -> Result<Outbox, Failure> {
    Ok(load_versioned(path, VERSION)?.map(|loaded| loaded.value).unwrap_or_default())
}

/// Changes the outbox under its lock, which is released before anything is sent. One that can't be read or written stays as
/// it is; the error is a warning.
pub fn update<T>(
    notifier: &Notifier<'_>,
    wait: Duration,
    change: impl FnOnce(&mut Outbox) -> T,
) -> Result<T, Sentence> {
    let Notifier { clock, dir, job, .. } = *notifier;
    let path = dir.notified();
    // Without the lock, what another run writes at this moment would be lost.
    let lock = FileLock::acquire(&dir.notified_lock(), LockMode::Exclusive, wait, clock, job.word());
    let _lock = lock.map_err(|failure| failure.sentence())?;
    let before = load(&path).map_err(|failure| failure.sentence())?;
    let mut outbox = before.clone();
    let done = change(&mut outbox);
    if outbox != before {
        replace_versioned(&path, VERSION, &outbox).map_err(|error| words::outbox_unwritable(&path, &error))?;
    }
    Ok(done)
}

/// Names this process uniquely until the next boot: its id, and when it began.
pub fn this_process() -> String {
    process_name(std::process::id())
}

pub fn is_running(name: &str) -> bool {
    let pid = name.split('-').next().and_then(|pid| pid.parse().ok());
    pid.is_some_and(|pid| process_name(pid) == name)
}

fn process_name(pid: u32) -> String {
    // The second field is the program's name in parentheses, and may hold anything.
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let began = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(19)).unwrap_or_default();
    format!("{pid}-{began}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_told_from_a_later_one_of_its_number() {
        let name = this_process();
        assert!(is_running(&name), "{name}");
        let pid = std::process::id();
        for other in [format!("{pid}-1"), format!("{pid}-"), format!("{pid}"), "4194305-".to_owned(), String::new()] {
            assert!(!is_running(&other) || other == "4194305-", "{other}");
        }
    }
}
