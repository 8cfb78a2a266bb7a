//! Problems with keys that are never asked for: what they may have been meant to be.

use std::borrow::Cow;

use toml::de::{DeTable, DeValue};

use crate::config::document::{Document, Problem, label};
use crate::config::strategies;
use crate::config::words::{characters, keys as say, masked_key, strategies as say_strategies};
use crate::language::Sentence;
use crate::visible::visible;

/// The keys of one `[[notify.target]]`.
pub(super) const TARGET: &[&str] = &["kind", "url", "url_file", "token_file", "chat_id", "events", "level"];

/// The keys of the credentials file.
pub(super) const CREDENTIALS: &[&str] = &["app_key", "app_secret", "account_no"];

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
                problems.push(tell(say::write_section(name)));
            }
            None if name == "strategy" => problems.extend(unknown_in_strategies(document, value.get_ref())),
            // A quoted key may have a dot of its own; it is not the dotted name of a known one.
            None | Some(_) if known.contains(&name) && !name.contains('.') => {}
            Some(_) => problems.push(tell(say::unknown_section(&show_key(name), &list_sections(known)))),
            None => problems.push(tell(describe("", name, known))),
        }
        if problems.len() > MOST_TOLD {
            break;
        }
    }
    problems
}

fn unknown_in_strategies(document: &Document<'_>, tables: &DeValue<'_>) -> Vec<Problem> {
    let tables = tables.as_array().into_iter().flatten().filter_map(|entry| entry.get_ref().as_table());
    let is_known = |key: &str| strategies::KEYS.iter().any(|keys| keys.contains(&key));
    let unknown = tables.flat_map(|table| table.keys()).filter(|key| !is_known(key.get_ref())).take(MOST_TOLD);
    let problem = |key: &toml::Spanned<Cow<'_, str>>| {
        let shown = show_key(key.get_ref());
        let text = if is_secret_name(key.get_ref()) {
            say::secret_here("[[strategy]] ", &shown)
        } else {
            say_strategies::unknown_in_strategy(&shown, &strategies::KEYS.concat().join(", "))
        };
        Problem { line: Some(document.line_of(key.span().start)), text }
    };
    unknown.map(problem).collect()
}

fn unknown_in_targets(document: &Document<'_>, notify: &DeTable<'_>) -> Vec<Problem> {
    let entries = notify.get("target").and_then(|target| target.get_ref().as_array()).into_iter().flatten();
    let keys = entries.filter_map(|entry| entry.get_ref().as_table()).flat_map(|table| table.keys());
    let unknown = keys.filter(|key| !TARGET.contains(&key.get_ref().as_ref())).take(MOST_TOLD);
    let problem = |key: &toml::Spanned<Cow<'_, str>>| {
        let shown = show_key(key.get_ref());
        let text = if is_secret_name(key.get_ref()) || key.get_ref().contains("token") {
            say::secret_in_target(&shown)
        } else {
            say::unknown_in_target(&shown, &TARGET.join(", "))
        };
        Problem { line: Some(document.line_of(key.span().start)), text }
    };
    unknown.map(problem).collect()
}

/// Says what to do about one unknown key.
fn describe(section: &str, key: &str, known: &[&str]) -> Sentence {
    let place = if section.is_empty() { String::new() } else { format!("[{section}] ") };
    let shown = &show_key(key);
    if is_secret_name(key) && known != CREDENTIALS {
        return say::secret_here(&place, shown);
    }
    // A slip of one letter is likelier than a key in the wrong section.
    if let Some(slip) = names_in(section, known).find(|name| key.len() < 64 && edit_distance(key, name) == 1) {
        return say::did_you_mean(&place, shown, &label(&format!("{section}.{slip}")));
    }
    let name_of = |known: &&&str| known.rsplit('.').next() == Some(key);
    if let Some(elsewhere) = known.iter().find(name_of) {
        return match elsewhere.split_once('.') {
            Some((home, _)) => say::belongs_under(&place, shown, home),
            None => say::belongs_at_top(&place, shown),
        };
    }
    match nearest(section, key, known) {
        Some(nearest) => say::did_you_mean(&place, shown, &label(nearest)),
        None if section.is_empty() => say::unknown_key(&place, shown, &list_sections(known)),
        None => say::unknown_key(&place, shown, &names_in(section, known).collect::<Vec<_>>().join(", ")),
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
    top.chain(sections).collect::<Vec<_>>().join(", ")
}

/// A key as a message may repeat it; one that is as long as a secret may be one in the wrong place.
fn show_key(key: &str) -> Sentence {
    if key.chars().count() > LONGEST_SHOWN {
        return masked_key(characters(key));
    }
    Sentence::verbatim(format!("`{}`", visible(key)))
}
