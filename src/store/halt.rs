//! `HALT`: while it exists, no order is sent. A person creates and removes it.

use std::fs;
use std::io::ErrorKind;

use crate::language::Sentence;
use crate::store::read::read_state_file;
use crate::store::state_dir::StateDir;
use crate::store::words;
use crate::visible::without_hidden;

/// Longest reason that is shown.
const MAX_REASON_CHARS: usize = 200;

/// Why trading is halted: the file's first line; `None` when there is no such file. Anything of that
/// name halts, readable or not; so does a failure to check.
pub fn reason(dir: &StateDir) -> Option<Sentence> {
    let path = dir.halt();
    if fs::symlink_metadata(&path).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        return None;
    }
    let bytes = read_state_file(&path, 64 * 1024).ok().flatten().map(|content| content.bytes).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let line = without_hidden(text.lines().next().unwrap_or_default());
    let line: String = line.trim().chars().take(MAX_REASON_CHARS).collect();
    Some(if line.is_empty() { words::halt_exists(&path) } else { Sentence::verbatim(line) })
}

/// A file that can be mistaken for `HALT` and halts nothing: `halt`, `HALT.txt`.
pub fn lookalike(dir: &StateDir) -> Option<String> {
    let name = dir.halt().file_name()?.to_string_lossy().into_owned();
    let names = fs::read_dir(dir.path()).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter(|other| *other != name && other.to_uppercase().starts_with(&name)).min()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::store::atomic;

    #[test]
    fn whatever_stands_under_the_name_halts_and_its_first_line_is_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let (dir, _) = StateDir::open(&folder.path().join("state")).unwrap();
        assert_eq!(reason(&dir), None);
        let exists = format!("{} exists", dir.halt().display());
        let long = "x".repeat(300);
        for (text, expected) in [
            ("broker maintenance\nsecond line", "broker maintenance"),
            ("  spaces \r\n", "spaces"),
            ("", exists.as_str()),
            ("\nsecond line", exists.as_str()),
            ("\u{1b}[31mred\u{7}", "[31mred"),
            ("\u{202e}\u{200b}stop\u{2069}", "stop"),
            ("\u{202e}\u{feff}", exists.as_str()),
            (long.as_str(), &long[..200]),
        ] {
            atomic::replace(&dir.halt(), text.as_bytes()).unwrap();
            assert_eq!(reason(&dir).unwrap(), expected, "{text:?}");
        }
        atomic::replace(&dir.halt(), b"\xff\xfe").unwrap();
        assert!(reason(&dir).is_some(), "not UTF-8");
        fs::remove_file(dir.halt()).unwrap();
        fs::create_dir(dir.halt()).unwrap();
        assert_eq!(reason(&dir).unwrap(), exists, "a directory");
        fs::remove_dir(dir.halt()).unwrap();
        symlink("nowhere", dir.halt()).unwrap();
        assert_eq!(reason(&dir).unwrap(), exists, "a symlink to nothing");
        fs::remove_file(dir.halt()).unwrap();
        assert_eq!(reason(&dir), None);
    }

    #[test]
    fn a_name_that_only_looks_like_it_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let (dir, _) = StateDir::open(&folder.path().join("state")).unwrap();
        for (name, expected) in
            [("HALT", None), ("account.json", None), ("halt", Some("halt")), ("HALT.txt", Some("HALT.txt"))]
        {
            atomic::replace(&dir.path().join(name), b"").unwrap();
            assert_eq!(lookalike(&dir).as_deref(), expected, "{name}");
        }
    }
}
