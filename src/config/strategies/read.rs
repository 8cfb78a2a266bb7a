//! How a `[[strategy]]` table is read.

use std::path::Path;
use std::time::Duration;

use rust_decimal::Decimal;

use super::check::check_together;
use super::json::json_of;
use super::{
    AskWhen, InfiniteSettings, InfiniteVersion, ProgramSettings, RuleSettings, StrategyKind, StrategySettings,
};
use crate::config::command::check_command;
use crate::config::document::Found;
use crate::config::reader::{Reader, from_to};
use crate::config::rules::{BuySettings, Limits, SellSettings};
use crate::config::symbols::read_symbols;
use crate::config::words::strategies as say;
use crate::config::words::values::{Note, Range};
use crate::domain::{Json, ListedSymbol, Percent, Symbol, Usd};
use crate::language::Sentence;

/// More strategies than this would not get through within a run.
const MOST: usize = 8;
const LONGEST_NAME: usize = 24;

/// The keys of every table, of infinite buying, and of a program.
pub(in crate::config) const KEYS: [&[&str]; 3] = [
    &["name", "kind", "principal_usd"],
    &[
        "symbol",
        "splits",
        "star_percent",
        "target_percent",
        "first_buy_percent",
        "ladder_rungs",
        "ladder_depth_percent",
        "compound",
    ],
    &["command", "symbols", "ask", "history_days", "timeout_seconds", "settings"],
];

/// Reads all tables and checks them against each other and the other sections.
pub(in crate::config) fn read_strategies(
    reader: &mut Reader<'_>,
    folder: &Path,
    (buy, sell, limits): (&BuySettings, &SellSettings, &Limits),
) -> Vec<StrategySettings> {
    let entries = reader.tables("strategy");
    if entries.len() > MOST {
        reader.object("strategy", |label| say::too_many(label, entries.len(), MOST));
        return Vec::new();
    }
    let mut strategies = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let strategy = Table { reader: &mut *reader, folder, index, entry }.read();
        let Some(strategy) = strategy else { continue };
        for problem in check_together(&strategy, &strategies, buy, sell, limits) {
            reader.complain(entry, problem);
        }
        strategies.push(strategy);
    }
    strategies
}

/// One table being read.
struct Table<'r, 'd> {
    reader: &'r mut Reader<'d>,
    folder: &'r Path,
    index: usize,
    entry: &'r Found<'d>,
}

impl Table<'_, '_> {
    fn key(&self, name: &str) -> String {
        format!("strategy#{}.{name}", self.index)
    }

    fn complain(&mut self, text: Sentence) {
        self.reader.complain(self.entry, text);
    }

    fn read(mut self) -> Option<StrategySettings> {
        let name = self.read_name();
        let kind = self.read_kind();
        let principal = self.read_principal();
        let kind = kind?;
        let is_program = kind == StrategyKind::Program;
        for other in KEYS[if is_program { 1 } else { 2 }] {
            if self.reader.has(&self.key(other)) {
                self.complain(say::takes_no(kind.word(), other));
            }
        }
        let (symbols, rule) = if is_program {
            let symbols = self.read_symbols();
            (symbols, RuleSettings::Program(self.read_program()))
        } else {
            let symbol = self.read_symbol();
            let symbols = symbol.clone().into_iter().collect();
            let ticker = symbol.map(|listed| listed.symbol);
            (symbols, RuleSettings::Infinite(self.read_infinite(kind, ticker?, principal)))
        };
        let is_whole = !symbols.is_empty() && principal.is_positive();
        is_whole.then_some(StrategySettings { name: name?, symbols, principal, rule })
    }

    fn read_name(&mut self) -> Option<String> {
        let key = self.key("name");
        if !self.reader.has(&key) {
            self.complain(say::needs("name"));
        }
        let (found, name) = self.reader.text(&key)?;
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.len() <= LONGEST_NAME && name.bytes().all(is_plain) {
            return Some(name.to_owned());
        }
        self.reader.refuse(&found, say::bad_name(LONGEST_NAME));
        None
    }

    fn read_kind(&mut self) -> Option<StrategyKind> {
        let key = self.key("kind");
        if !self.reader.has(&key) {
            self.complain(say::needs_kind());
        }
        self.reader.word(&key, &StrategyKind::WORDS)
    }

    fn read_principal(&mut self) -> Usd {
        let key = self.key("principal_usd");
        if !self.reader.has(&key) {
            self.complain(say::needs("principal_usd"));
        }
        Usd(self.reader.number(&key, from_to(1, 100_000_000).note(Note::Usd)).unwrap_or_default())
    }

    fn read_symbol(&mut self) -> Option<ListedSymbol> {
        let key = self.key("symbol");
        if !self.reader.has(&key) {
            self.complain(say::needs("symbol"));
        }
        self.reader.symbol(&key)
    }

    fn read_symbols(&mut self) -> Vec<ListedSymbol> {
        let key = self.key("symbols");
        if !self.reader.has(&key) {
            self.complain(say::needs("symbols"));
        }
        let symbols = read_symbols(self.reader, &key, |listed: &ListedSymbol| &listed.symbol, |_| false);
        if symbols.as_ref().is_some_and(Vec::is_empty) {
            self.complain(say::needs("symbols"));
        }
        symbols.unwrap_or_default()
    }

    fn percent(&mut self, name: &str, range: Range, usual: u32) -> Percent {
        let key = self.key(name);
        self.reader.number(&key, range.note(Note::Percent)).unwrap_or(usual.into())
    }

    fn read_infinite(&mut self, kind: StrategyKind, symbol: Symbol, principal: Usd) -> InfiniteSettings {
        // SOXL moves more than the others.
        let is_wide = symbol.as_str() == "SOXL";
        let version = match kind {
            StrategyKind::InfiniteV22 => InfiniteVersion::V22,
            StrategyKind::InfiniteV40 | StrategyKind::Program => InfiniteVersion::V40,
        };
        let (star, target, first) = match (version, is_wide) {
            (InfiniteVersion::V40, false) => (15, 15, 12),
            (InfiniteVersion::V40, true) => (20, 20, 12),
            (InfiniteVersion::V22, false) => (10, 10, 10),
            (InfiniteVersion::V22, true) => (12, 12, 12),
        };
        if version == InfiniteVersion::V22 && self.reader.has(&self.key("star_percent")) {
            self.complain(say::takes_no(kind.word(), "star_percent"));
        }
        let one_to_hundred = || from_to(Decimal::ONE, Decimal::ONE_HUNDRED);
        let (splits, rungs, compound) = (self.key("splits"), self.key("ladder_rungs"), self.key("compound"));
        InfiniteSettings {
            version,
            symbol,
            principal,
            splits: self.reader.small_count(&splits, from_to(2, 200)).unwrap_or(40),
            star_percent: self.percent("star_percent", one_to_hundred(), star),
            target_percent: self.percent("target_percent", one_to_hundred(), target),
            first_buy_percent: self.percent("first_buy_percent", one_to_hundred(), first),
            ladder_rungs: self.reader.small_count(&rungs, from_to(0, 30)).unwrap_or(8),
            ladder_depth_percent: Some(self.percent("ladder_depth_percent", from_to(0, 99), 20))
                .filter(|depth| !depth.is_zero()),
            compound: self.reader.flag(&compound).unwrap_or(false),
        }
    }

    fn read_program(&mut self) -> ProgramSettings {
        let key = self.key("command");
        let written = self.reader.texts(&key);
        if written.as_ref().map_or(!self.reader.has(&key), Vec::is_empty) {
            self.complain(say::needs("command"));
        }
        let mut command = written.unwrap_or_default();
        if let Err(problem) = check_command(&command, self.folder) {
            self.complain(problem);
        }
        // The program works in a directory of its own; what its command names is beside the configuration.
        for (place, word) in command.iter_mut().enumerate() {
            let path = self.folder.join(&*word);
            if (place == 0 && word.contains('/')) || path.is_file() {
                *word = path.to_string_lossy().into_owned();
            }
        }
        let (ask, days, seconds) = (self.key("ask"), self.key("history_days"), self.key("timeout_seconds"));
        ProgramSettings {
            command,
            asks: self.reader.word(&ask, &AskWhen::WORDS).unwrap_or(AskWhen::Day),
            history_days: self.reader.small_count(&days, from_to(0, 400)).unwrap_or(5),
            timeout: Duration::from_secs(self.reader.count(&seconds, from_to(1, 60)).unwrap_or(10)),
            settings: self.read_handed_over(),
        }
    }

    fn read_handed_over(&mut self) -> Json {
        let key = self.key("settings");
        let Some(found) = self.reader.table(&key) else { return Json("{}".to_owned()) };
        match json_of(found.value) {
            Some(text) => Json(text),
            None => {
                self.reader.refuse(&found, say::no_json());
                Json::default()
            }
        }
    }
}
