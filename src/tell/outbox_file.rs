//! `notified.json`: what people were told, and what waits to be told. What that means is decided elsewhere.

use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::exit::Failure;
use crate::store::atomic::replace_versioned;
use crate::store::read::load_versioned;

const VERSION: u64 = 1;

/// Reads the record; nothing when there is none.
///
/// # Errors
///
/// 65 when it can't be read or is of a newer version; it stays as it is.
pub fn load_notified<T: DeserializeOwned + Default>(path: &Path) -> Result<T, Failure> {
    Ok(load_versioned(path, VERSION)?.map(|loaded| loaded.value).unwrap_or_default())
}

/// Replaces the record. The caller holds its lock.
///
/// # Errors
///
/// What the system says.
pub fn save_notified(path: &Path, told: &impl Serialize) -> io::Result<()> {
    replace_versioned(path, VERSION, told)
}

/// Names this process for as long as the machine runs: its number, and when it began.
pub fn this_process() -> String {
    process_name(std::process::id())
}

/// Reports whether the process of that name still runs.
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
