//! Problems with keys that are never asked for: what they may have been meant to be.

use std::borrow::Cow;

use toml::de::DeTable;

use crate::config::document::{Document, Problem, label};
use crate::visible::visible;

/// The keys of one `[[notify.target]]`.
pub(super) const TARGET: &[&str] = &["kind", "url", "url_file", "token_file", "chat_id", "events", "level"];

/// The keys of the credentials file.
pub(super) const CREDENTIALS: &[&str] = &["app_key", "app_secret", "account_no"];

const MOVE_SECRET: &str = "move it to the credentials file, named by [account] credentials_file";

/// Longer keys are not repeated: longer than any of ours, shorter than an app key.
const LONGEST_SHOWN: usize = 32;

/// More unknown keys than this are no typos.
const MOST_TOLD: usize = 100;

/// Names every key of the file that is not among `known`, and every section written as something else. Messages list
/// the known ones in their order; the keys of a section stand together.
pub(super) fn unknown_keys(document: &Document<'_>, known: &[&str]) -> Vec<Problem> {
    let is_section =
        |name: &str| known.iter().any(|key| key.split_once('.').is_some_and(|(section, _)| section == name));
    let mut problems = Vec::new();
    for (name, value) in document.root.iter() {
        let line = document.line_of(name.span().start);
        let name: &str = name.get_ref();
        let tell = |text| Problem { line: Some(line), text };
        match value.get_ref().as_table() {
            Some(section) if is_section(name) => {
                let unknown =
                    section.keys().filter(|key| !known.contains(&format!("{name}.{}", key.get_ref()).as_str()));
                problems.extend(unknown.take(MOST_TOLD).map(|key| Problem {
                    line: Some(document.line_of(key.span().start)),
                    text: describe(name, key.get_ref(), known),
                }));
                if name == "notify" {
                    problems.extend(unknown_in_targets(document, section));
                }
            }
            None if is_section(name) => {
                problems.push(tell(format!(
                    "{name} is a section: write [{name}] on a line of its own, once, and its keys below it"
                )));
            }
            // A quoted key may have a dot of its own; it is not the dotted name of a known one.
            None | Some(_) if known.contains(&name) && !name.contains('.') => {}
            Some(_) => problems.push(tell(format!("unknown section [{}]; {}", show_key(name), list_sections(known)))),
            None => problems.push(tell(describe("", name, known))),
        }
        if problems.len() > MOST_TOLD {
            break;
        }
    }
    problems
}

fn unknown_in_targets(document: &Document<'_>, notify: &DeTable<'_>) -> Vec<Problem> {
    let entries = notify.get("target").and_then(|target| target.get_ref().as_array()).into_iter().flatten();
    let keys = entries.filter_map(|entry| entry.get_ref().as_table()).flat_map(|table| table.keys());
    let unknown = keys.filter(|key| !TARGET.contains(&key.get_ref().as_ref())).take(MOST_TOLD);
    let problem = |key: &toml::Spanned<Cow<'_, str>>| {
        let shown = show_key(key.get_ref());
        let text = if is_secret_name(key.get_ref()) || key.get_ref().contains("token") {
            format!(
                "[[notify.target]] {shown} does not belong here (value not shown): secrets belong in files, named by token_file or url_file"
            )
        } else {
            format!("[[notify.target]] unknown key {shown}; known here: {}", TARGET.join(", "))
        };
        Problem { line: Some(document.line_of(key.span().start)), text }
    };
    unknown.map(problem).collect()
}

/// Says what to do about one unknown key.
fn describe(section: &str, key: &str, known: &[&str]) -> String {
    let place = if section.is_empty() { String::new() } else { format!("[{section}] ") };
    let shown = show_key(key);
    if is_secret_name(key) && known != CREDENTIALS {
        return format!("{place}{shown} does not belong here (value not shown): {MOVE_SECRET}");
    }
    // A slip of one letter is likelier than a key in the wrong section.
    if let Some(slip) = names_in(section, known).find(|name| key.len() < 64 && edit_distance(key, name) == 1) {
        return format!("{place}unknown key {shown}; did you mean {}?", label(&format!("{section}.{slip}")));
    }
    let name_of = |known: &&&str| known.rsplit('.').next() == Some(key);
    if let Some(elsewhere) = known.iter().find(name_of) {
        let home = elsewhere
            .split_once('.')
            .map_or("at the top, before the first [section]".to_owned(), |(home, _)| format!("under [{home}]"));
        return format!("{place}unknown key {shown} here; it belongs {home}");
    }
    match nearest(section, key, known) {
        Some(nearest) => format!("{place}unknown key {shown}; did you mean {}?", label(nearest)),
        None if section.is_empty() => format!("unknown key {shown}; {}", list_sections(known)),
        None => format!(
            "{place}unknown key {shown}; known here: {}",
            names_in(section, known).collect::<Vec<_>>().join(", ")
        ),
    }
}

/// Reports whether a key is a usual name of a secret, in any spelling.
fn is_secret_name(key: &str) -> bool {
    let plain = key.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_ascii_lowercase();
    let plain = plain.strip_prefix("kis").unwrap_or(&plain);
    ["appkey", "appsecret", "secretkey", "accountno", "accountnumber", "account", "cano", "password", "accesstoken"]
        .contains(&plain)
        || plain.contains("secret")
}

/// The closest known key, those of the same section first; `None` when none is close.
fn nearest<'k>(section: &str, key: &str, known: &[&'k str]) -> Option<&'k str> {
    let key = key.chars().take(64).collect::<String>().to_ascii_lowercase().replace('-', "_");
    let distance = |candidate: &&&str| {
        let (home, name) = candidate.split_once('.').unwrap_or(("", candidate));
        let is_part = key.len() >= 4 && (name.contains(&key) || key.contains(name));
        let edits = if is_part { 1 } else { edit_distance(&key, name) };
        (edits <= 1 + name.len() / 4).then_some((edits, home != section, name.len()))
    };
    known.iter().filter_map(|candidate| Some((distance(&candidate)?, *candidate))).min().map(|(_, candidate)| candidate)
}

/// Levenshtein's distance: how many letters to add, drop or change.
fn edit_distance(a: &str, b: &str) -> usize {
    let b = b.chars().collect::<Vec<_>>();
    let mut row = (0..=b.len()).collect::<Vec<_>>();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, to) in b.iter().enumerate() {
            let changed = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

fn names_in<'k>(section: &str, known: &[&'k str]) -> impl Iterator<Item = &'k str> {
    known.iter().filter_map(move |key| key.split_once('.').filter(|(home, _)| *home == section).map(|(_, name)| name))
}

fn list_sections(known: &[&str]) -> String {
    let mut sections = known
        .iter()
        .filter_map(|key| key.split_once('.'))
        .map(|(section, _)| format!("[{section}]"))
        .collect::<Vec<_>>();
    sections.dedup();
    let top = known.iter().filter(|key| !key.contains('.')).map(|key| (*key).to_owned());
    format!("known here: {}", top.chain(sections).collect::<Vec<_>>().join(", "))
}

/// A key as a message may repeat it; one that is as long as a secret may be one in the wrong place.
fn show_key(key: &str) -> String {
    let length = key.chars().count();
    if length > LONGEST_SHOWN { format!("`…` ({length} characters)") } else { format!("`{}`", visible(key)) }
}
