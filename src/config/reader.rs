//! Takes typed values out of a document; what does not fit becomes a problem, and reading goes on.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::config::document::{Document, Found, Problem, label};
use crate::config::numbers::{parse_number, times};
use crate::config::symbols::read_symbol;
use crate::config::words::values::{self, Choice, Note, Range};
use crate::config::words::{characters, masked, strategies};
use crate::domain::{AccountNumber, ListedSymbol};
use crate::language::Sentence;

/// No path without a dot or a dash is as long; an app secret is longer.
const LEAST_SECRET: usize = 100;

/// Reads one document. Every getter gives `None` both for a key that is absent and for one it refused.
pub(super) struct Reader<'d> {
    document: &'d Document<'d>,
    problems: Vec<Problem>,
    asked: Vec<String>,
}

pub(super) fn from_to(low: impl Into<Decimal>, high: impl Into<Decimal>) -> Range {
    Range { low: low.into(), high: high.into(), note: Note::Nothing }
}

impl Range {
    /// Adds an explanation to refusals.
    pub(super) fn note(self, note: Note) -> Range {
        Range { note, ..self }
    }

    fn contains(self, number: Decimal) -> bool {
        self.low <= number && number <= self.high
    }
}

impl<'d> Reader<'d> {
    pub(super) fn new(document: &'d Document<'d>) -> Reader<'d> {
        Reader { document, problems: Vec::new(), asked: Vec::new() }
    }

    /// Ends reading: the problems found, and the keys that were asked for, in that order.
    pub(super) fn finish(self) -> (Vec<Problem>, Vec<String>) {
        (self.problems, self.asked)
    }

    /// Looks a key up, which is known from now on. The keys of a list of tables are listed in `keys.rs`.
    fn find(&mut self, key: &str) -> Option<Found<'d>> {
        if !key.contains('#') && !self.asked.iter().any(|asked| asked == key) {
            self.asked.push(key.to_owned());
        }
        self.document.find(key)
    }

    pub(super) fn has(&mut self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// The same without making the key known: for what another one's section reads.
    pub(super) fn holds(&self, key: &str) -> bool {
        self.document.find(key).is_some()
    }

    pub(super) fn is_text(&mut self, key: &str) -> bool {
        self.find(key).is_some_and(|found| found.value.is_str())
    }

    /// Reports whether the file's syntax is broken, so that what seems absent may only be out of reach.
    pub(super) fn is_broken(&self) -> bool {
        !self.document.syntax.is_empty()
    }

    /// Notes that a value does not fit. `must` ends the sentence.
    pub(super) fn refuse(&mut self, found: &Found<'_>, must: Sentence) {
        self.refuse_as(found, &found.shown(), must);
    }

    /// The same with a text that may be shown in place of the value.
    pub(super) fn refuse_as(&mut self, found: &Found<'_>, shown: &Sentence, must: Sentence) {
        let text = values::refused(&found.label, shown, &must);
        self.problems.push(Problem { line: Some(found.line), text });
    }

    /// Notes that a key is missing, or does not go with others, in a sentence about its label; not with broken syntax, which
    /// may hide those.
    pub(super) fn object(&mut self, key: &str, text: impl FnOnce(&str) -> Sentence) {
        if !self.is_broken() {
            let line = self.document.find(key).map(|found| found.line);
            self.problems.push(Problem { line, text: text(&label(key)) });
        }
    }

    /// A text that is not empty.
    pub(super) fn text(&mut self, key: &str) -> Option<(Found<'d>, &'d str)> {
        let found = self.find(key)?;
        self.text_in(&found).map(|text| (found, text))
    }

    fn text_in(&mut self, found: &Found<'d>) -> Option<&'d str> {
        match found.value.as_str() {
            Some("") => self.refuse(found, values::must_not_be_empty()),
            Some(text) => return Some(text),
            None => self.refuse(found, values::must_be_text()),
        }
        None
    }

    /// A path, which starts at `folder` unless it is absolute.
    pub(super) fn path(&mut self, key: &str, folder: &Path) -> Option<PathBuf> {
        let (found, text) = self.text(key)?;
        if text.contains('\0') {
            self.refuse(&found, values::must_hold_no_nul());
        } else if looks_secret(text) {
            self.refuse_as(&found, &masked(characters(text)), values::path_looks_secret());
        } else if text.starts_with('~') {
            self.refuse(&found, values::path_with_tilde());
        } else {
            return Some(folder.join(text));
        }
        None
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&mut self, key: &str, words: &[(&str, T)]) -> Option<T> {
        let found = self.find(key)?;
        let chosen = words.iter().find(|(word, _)| found.value.as_str() == Some(word)).map(|(_, value)| *value);
        if chosen.is_none() {
            self.refuse(&found, values::must_be(Choice(words.iter().map(|(word, _)| *word).collect())));
        }
        chosen
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        let found = self.find(key)?;
        let flag = found.value.as_bool();
        if flag.is_none() {
            self.refuse(&found, strategies::must_be_flag());
        }
        flag
    }

    /// A table within a table.
    pub(super) fn table(&mut self, key: &str) -> Option<Found<'d>> {
        let found = self.find(key)?;
        if !found.value.is_table() {
            self.refuse(&found, strategies::must_be_table());
            return None;
        }
        Some(found)
    }

    /// A symbol, alone or with its exchange.
    pub(super) fn symbol(&mut self, key: &str) -> Option<ListedSymbol> {
        let found = self.find(key)?;
        read_symbol(self, &found)
    }

    /// A list of such words.
    pub(super) fn words<T: Copy>(&mut self, key: &str, words: &[(&str, T)]) -> Option<Vec<T>> {
        let entries = self.list(key)?;
        let chosen = |entry: &Found<'_>| words.iter().find(|(word, _)| entry.value.as_str() == Some(word));
        for entry in entries.iter().filter(|entry| chosen(entry).is_none()) {
            let words = words.iter().map(|(word, _)| *word).collect::<Vec<_>>();
            self.refuse(entry, values::must_be_one_of(&words.join(", ")));
        }
        Some(entries.iter().filter_map(|entry| Some(chosen(entry)?.1)).collect())
    }

    /// A decimal number, exactly as written.
    pub(super) fn number(&mut self, key: &str, range: Range) -> Option<Decimal> {
        let found = self.find(key)?;
        self.number_in(&found, range)
    }

    /// A whole number.
    pub(super) fn count(&mut self, key: &str, range: Range) -> Option<u64> {
        let found = self.find(key)?;
        if found.value.is_float() {
            self.refuse(&found, values::must_be_whole(range));
            return None;
        }
        self.number_in(&found, range)?.to_u64()
    }

    /// A whole number that fits 32 bits; the range must see to that.
    pub(super) fn small_count(&mut self, key: &str, range: Range) -> Option<u32> {
        self.count(key, range).and_then(|count| u32::try_from(count).ok())
    }

    /// A time in the unit that the key names.
    pub(super) fn time(&mut self, key: &str, unit: Duration, range: Range) -> Option<Duration> {
        self.number(key, range).and_then(|amount| times(unit, amount))
    }

    /// A list; its entries are not checked yet.
    pub(super) fn list(&mut self, key: &str) -> Option<Vec<Found<'d>>> {
        let found = self.find(key)?;
        let entries = self.document.entries(&found);
        if entries.is_none() {
            self.refuse(&found, values::must_be_list());
        }
        entries
    }

    /// The entries of a list that somebody else checks; none when it is no list.
    pub(super) fn entries(&mut self, key: &str) -> Vec<Found<'d>> {
        self.find(key).and_then(|found| self.document.entries(&found)).unwrap_or_default()
    }

    /// The tables of a list of tables; none when it is absent or anything else.
    pub(super) fn tables(&mut self, key: &str) -> Vec<Found<'d>> {
        let Some(found) = self.find(key) else { return Vec::new() };
        match self.document.entries(&found) {
            Some(entries) if entries.iter().all(|entry| entry.value.is_table()) => return entries,
            _ => self.refuse(&found, values::must_be_tables(key)),
        }
        Vec::new()
    }

    /// Notes that a target lacks something, or has too much.
    pub(super) fn complain(&mut self, entry: &Found<'_>, text: Sentence) {
        if !self.is_broken() {
            self.problems.push(Problem { line: Some(entry.line), text });
        }
    }

    /// A list of numbers; `None` when any entry is refused.
    pub(super) fn numbers(&mut self, key: &str, range: Range) -> Option<Vec<Decimal>> {
        let entries = self.list(key)?;
        let numbers = entries.iter().map(|entry| self.number_in(entry, range)).collect::<Vec<_>>();
        numbers.into_iter().collect()
    }

    /// A list of texts, none of them empty; `None` when any entry is refused.
    pub(super) fn texts(&mut self, key: &str) -> Option<Vec<String>> {
        let entries = self.list(key)?;
        let texts = entries.iter().map(|entry| {
            let text = self.text_in(entry)?;
            if text.contains('\0') {
                self.refuse(entry, values::must_hold_no_nul());
            } else if text.starts_with("~/") {
                self.refuse(entry, values::text_with_tilde());
            } else {
                return Some(text.to_owned());
            }
            None
        });
        let texts = texts.collect::<Vec<_>>();
        texts.into_iter().collect()
    }

    fn number_in(&mut self, found: &Found<'_>, range: Range) -> Option<Decimal> {
        match parse_number(found.value) {
            Ok(number) if range.contains(number) => return Some(number),
            Ok(_) => self.refuse(found, values::must_be_within(range)),
            Err(must) => self.refuse(found, must(range)),
        }
        None
    }
}

/// Reports whether a text is a key, a secret or an account number by its form: no part of it may be shown.
fn looks_secret(text: &str) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let is_key = text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_secret = text.len() >= LEAST_SECRET && text.bytes().all(is_sign);
    is_key || is_secret || AccountNumber::parse(text).is_some()
}
