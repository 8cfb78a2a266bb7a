//! `HALT`: while it exists, no order is sent. A person creates and removes it.

use std::fs;

use crate::store::read::{StateFile, read_state_file};
use crate::store::state_dir::StateDir;

/// Longest reason that is shown.
const MAX_REASON_CHARS: usize = 200;

/// Why trading is halted: the file's first line; `None` when there is no such file. Whatever stands under that name
/// halts, readable or not.
pub fn reason(dir: &StateDir) -> Option<String> {
    let path = dir.halt();
    fs::symlink_metadata(&path).ok()?;
    let text = match read_state_file(&path, 64 * 1024) {
        StateFile::Bytes { bytes, .. } => String::from_utf8_lossy(&bytes).into_owned(),
        _ => String::new(),
    };
    let line: String =
        text.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(MAX_REASON_CHARS).collect();
    let line = line.trim();
    Some(if line.is_empty() { format!("{} exists", path.display()) } else { line.to_owned() })
}
