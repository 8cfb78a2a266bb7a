//! TOML text as values that know their lines, and the problems found in it.

use toml::de::{DeTable, DeValue, Error};

use super::numbers::is_with_comma;
use crate::config::words::{self, characters, toml::Fault, toml::comma_in_number, toml::not_toml};
use crate::language::Sentence;
use crate::visible::visible;

/// Longest text of a value that a message repeats: shorter than an app key, longer than any valid word.
const LONGEST_SHOWN: usize = 24;

/// What is wrong in a file, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Problem {
    /// Counted from 1; `None` for what the whole file lacks.
    pub(super) line: Option<usize>,
    pub(super) text: Sentence,
}

pub(super) struct Document<'t> {
    text: &'t str,
    line_starts: Vec<usize>,
    /// The top of the file; with broken syntax, what could be understood of it.
    pub(super) root: DeTable<'t>,
    /// Broken syntax, doubled keys included.
    pub(super) syntax: Vec<Problem>,
}

/// A value of the file, with what a message about it needs.
#[derive(Clone, Debug)]
pub(super) struct Found<'d> {
    /// `[section] key`
    pub(super) label: String,
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) value: &'d DeValue<'d>,
    raw: &'d str,
}

impl<'t> Document<'t> {
    /// Parses all of `text`, however broken.
    pub(super) fn parse(text: &'t str) -> Document<'t> {
        let line_starts =
            std::iter::once(0).chain(text.match_indices('\n').map(|(offset, _)| offset + 1)).collect::<Vec<_>>();
        let (root, errors) = DeTable::parse_recoverable(text);
        let mut document = Document { text, line_starts, root: root.into_inner(), syntax: Vec::new() };
        document.syntax = errors.iter().map(|error| document.syntax_problem(error)).collect();
        document.syntax.sort();
        // One slip often breaks several rules of the grammar; the first one explains it.
        document.syntax.dedup_by_key(|problem| problem.line);
        document
    }

    pub(super) fn line_of(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset)
    }

    /// Looks a key up by its dotted name; `list#INDEX.name` is a key of one table in a list of tables.
    pub(super) fn find(&self, key: &str) -> Option<Found<'_>> {
        let table = match key.split_once('#') {
            Some((list, rest)) => {
                let index = rest.split_once('.')?.0.parse::<usize>().ok()?;
                self.find(list)?.value.as_array()?.get(index)?.get_ref().as_table()?
            }
            None => match key.rsplit_once('.') {
                Some((section, _)) => self.root.get(section)?.get_ref().as_table()?,
                None => &self.root,
            },
        };
        let (name, value) = table.get_key_value(key.rsplit('.').next()?)?;
        Some(self.found(label(key), name.span().start, value))
    }

    fn found<'d>(&'d self, label: String, start: usize, value: &'d toml::Spanned<DeValue<'d>>) -> Found<'d> {
        let raw = self.text.get(value.span()).unwrap_or_default();
        Found { label, line: self.line_of(start), value: value.get_ref(), raw }
    }

    /// The entries of a list; `None` when it is no list.
    pub(super) fn entries<'d>(&'d self, list: &Found<'d>) -> Option<Vec<Found<'d>>> {
        let entry = |entry: &'d toml::Spanned<DeValue<'d>>| self.found(list.label.clone(), entry.span().start, entry);
        Some(list.value.as_array()?.iter().map(entry).collect())
    }

    /// A syntax error by its line and, if one is recognisable, its key; never the line itself, which may hold a secret.
    fn syntax_problem(&self, error: &Error) -> Problem {
        let offset = error.span().map_or(self.text.len(), |span| span.start);
        let line = self.line_of(offset);
        let start = self.line_starts.get(line - 1).copied().unwrap_or_default();
        let source = self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let is_key = |text: &&str| {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
            (1..=LONGEST_SHOWN + 8).contains(&text.len()) && text.chars().all(is_plain)
        };
        let key = source.split_once('=').map(|(key, _)| key.trim()).filter(is_key);
        let place = key.map(|key| format!("{key}: ")).unwrap_or_default();
        let value = source.split_once('=').map_or("", |(_, value)| value.split('#').next().unwrap_or_default());
        if is_with_comma(value) {
            return Problem { line: Some(line), text: comma_in_number(&place) };
        }
        let message = error.message().trim_end_matches(", expected literal string");
        Problem { line: Some(line), text: not_toml(&place, Fault(message)) }
    }
}

impl Found<'_> {
    /// The value as a message may repeat it: short, printable, and masked when it is as long as a secret.
    pub(super) fn shown(&self) -> Sentence {
        match self.value {
            DeValue::String(text) => show_text(text),
            DeValue::Array(_) => Sentence::verbatim("[…]"),
            DeValue::Table(_) => Sentence::verbatim("{…}"),
            _ => Sentence::verbatim(visible(&self.raw.chars().take(LONGEST_SHOWN).collect::<String>())),
        }
    }
}

impl Problem {
    /// What is wrong, and in which line.
    pub(super) fn sentence(&self) -> Sentence {
        match self.line {
            Some(line) => words::at_line(line, &self.text),
            None => self.text.clone(),
        }
    }
}

/// A dotted key as people find it in the file: `[section] key`.
pub(super) fn label(key: &str) -> String {
    match (key.split_once('#'), key.rsplit_once('.')) {
        (Some((list, _)), Some((_, name))) => format!("[[{list}]] {name}"),
        (_, Some((section, name))) => format!("[{section}] {name}"),
        (_, None) => key.to_owned(),
    }
}

/// A text in quotes as a message may repeat it; only its length when it is as long as a secret.
pub(super) fn show_text(text: &str) -> Sentence {
    if text.chars().count() > LONGEST_SHOWN {
        words::masked(characters(text))
    } else {
        Sentence::verbatim(format!("\"{}\"", visible(text)))
    }
}
