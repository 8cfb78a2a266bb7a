//! `notified.json`, the outbox on disk: read without a lock, since the file is always whole, and changed under its own.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::exit::Failure;
use crate::store::atomic::replace_versioned;
use crate::store::lock::{FileLock, Holder, LockMode};
use crate::store::read::load_versioned;
use crate::tell::Teller;
use crate::tell::outbox::Outbox;

const VERSION: u64 = 1;

/// Reads the outbox; an empty one when there is no file.
///
/// # Errors
///
/// 65 when it can't be read or is of a newer version; it stays as it is.
pub(super) fn load(path: &Path) -> Result<Outbox, Failure> {
    Ok(load_versioned(path, VERSION)?.map(|loaded| loaded.value).unwrap_or_default())
}

/// Changes the outbox under its lock, which is let go before anything is sent.
///
/// # Errors
///
/// For people, when it can't be read or written; then it stays as it was.
pub(super) fn update<T>(
    teller: &Teller<'_>,
    wait: Duration,
    change: impl FnOnce(&mut Outbox) -> T,
) -> Result<T, String> {
    let Teller { clock, dir, command, .. } = *teller;
    let (path, holder) = (dir.notified(), Holder::this_process(command, clock));
    // Without the lock, what another run writes at this moment would be lost.
    let lock = FileLock::acquire(&dir.notified_lock(), LockMode::Exclusive, wait, clock, &holder);
    let _lock = lock.map_err(|error| error.to_string())?;
    // One that can't be read is kept for a person to look at, hence not replaced.
    let before = load(&path).map_err(|failure| failure.to_string())?;
    let mut outbox = before.clone();
    let done = change(&mut outbox);
    if outbox != before {
        replace_versioned(&path, VERSION, &outbox)
            .map_err(|error| format!("{} can't be written: {error}", path.display()))?;
    }
    Ok(done)
}

/// Names this process for as long as the machine runs: its number, and when it began.
pub(super) fn this_process() -> String {
    process_name(std::process::id())
}

/// Reports whether the process of that name still runs.
pub(super) fn is_running(name: &str) -> bool {
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
