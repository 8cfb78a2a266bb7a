//! Lines that are taken, and lines that are refused, each with its number, its key and what to do.

use super::*;

/// As its head explains.
const LINES: &str = include_str!("lines.txt");

/// Section, line, and what becomes of it.
fn lines() -> Vec<(&'static str, &'static str, &'static str)> {
    let mut section = "";
    let mut lines =
        vec![("", "mode = \"p\u{202e}aper\"", "\\u{202e}"), ("buy", "watch = [\"SO\u{202e}UN\"]", "\\u{202e}")];
    for text in LINES.lines().filter(|text| !text.is_empty() && !text.starts_with('#')) {
        match text.split_once(" -> ") {
            Some((line, expected)) => lines.push((section, line, expected)),
            None => section = text.trim_matches(['[', ']']),
        }
    }
    lines
}

/// Section and line of those that are refused.
pub fn refused_lines() -> Vec<(&'static str, &'static str)> {
    let refused = lines().into_iter().filter(|(.., expected)| *expected != "taken");
    refused.map(|(section, line, _)| (section, line)).collect()
}

#[test]
fn every_line_is_taken_or_named_with_its_number_key_and_remedy() {
    assert_eq!(lines().len(), 346);
    for (section, line, expected) in lines() {
        if expected == "taken" {
            let loaded = load_text(with_line(section, line));
            assert!(loaded.is_ok(), "{line}: {loaded:?}");
            continue;
        }
        let because = problems(with_line(section, line));
        let key = line.split(' ').next().unwrap();
        assert!(because.lines().count() == 1, "{line}: {because}");
        assert!(because.starts_with("line 2: "), "{line}: {because}");
        assert!(because.contains(key) && because.contains(expected), "{line}: {because}");
        assert!(!because.contains("sesame") && !because.contains("12345678"), "{because}");
        assert!(!because.chars().any(|c| c.is_control() || c == '\u{202e}'), "{because}");
    }
    assert!(problems(with_line("pong", "url = \"x\"")).starts_with("line 1: unknown section [`pong`]"));
}
