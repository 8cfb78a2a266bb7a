//! `[[strategy]]`: rules of the user's own beside the default one, each with its symbols and its money.

mod check;
mod json;
mod read;

pub(super) use read::{KEYS, read_strategies};

use std::time::Duration;

use crate::domain::{Json, ListedSymbol, Percent, Symbol, Usd, words};

/// `[[strategy]]`
#[derive(Clone, Debug)]
pub struct StrategySettings {
    /// Its label in journal, status and messages.
    pub name: String,
    /// What it may order; at least one, and no other strategy's.
    pub symbols: Vec<ListedSymbol>,
    /// The most it may ever hold or spend, in USD.
    pub principal: Usd,
    /// How its sheets are made.
    pub rule: RuleSettings,
}

impl RuleSettings {
    /// As the configuration names it.
    pub fn kind(&self) -> StrategyKind {
        match self {
            RuleSettings::Infinite(infinite) => match infinite.version {
                InfiniteVersion::V40 => StrategyKind::InfiniteV40,
                InfiniteVersion::V22 => StrategyKind::InfiniteV22,
            },
            RuleSettings::Program(_) => StrategyKind::Program,
        }
    }
}

impl StrategySettings {
    /// Reports whether it may order a symbol.
    pub fn trades(&self, symbol: &Symbol) -> bool {
        self.symbols.iter().any(|listed| listed.symbol == *symbol)
    }
}

words! {
    /// `[[strategy]] kind`
    pub enum StrategyKind {
        /// Infinite buying, version 4.0.
        InfiniteV40 = "infinite_v40",
        /// Infinite buying, version 2.2.
        InfiniteV22 = "infinite_v22",
        /// A program of the user's.
        Program = "program",
    }
}

/// How sheets are made.
#[derive(Clone, Debug)]
pub enum RuleSettings {
    /// By infinite buying.
    Infinite(InfiniteSettings),
    /// By a program.
    Program(ProgramSettings),
}

/// The keys of infinite buying. Versions and symbols differ in what is usual.
#[derive(Clone, Debug)]
pub struct InfiniteSettings {
    /// Which version.
    pub version: InfiniteVersion,
    /// The symbol.
    pub symbol: Symbol,
    /// The most it may ever hold or spend, in USD.
    pub principal: Usd,
    /// Into how many daily units the principal is split.
    pub splits: u32,
    /// How far the star price begins over the average cost; V4.0 only.
    pub star_percent: Percent,
    /// Profit at which all but a quarter is sold.
    pub target_percent: Percent,
    /// The highest buy price over the previous close.
    pub first_buy_percent: Percent,
    /// Most rungs of the ladder.
    pub ladder_rungs: u32,
    /// No rung is further under the previous close; `None` for no limit.
    pub ladder_depth_percent: Option<Percent>,
    /// Whether a finished cycle's cash is the next cycle's principal.
    pub compound: bool,
}

/// The versions of infinite buying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InfiniteVersion {
    /// 4.0
    V40,
    /// 2.2
    V22,
}

/// The keys of a program.
#[derive(Clone, Debug)]
pub struct ProgramSettings {
    /// Program and arguments. A program named with a slash is resolved against the file's folder.
    pub command: Vec<String>,
    /// When it is asked.
    pub asks: AskWhen,
    /// Closes handed over.
    pub history_days: u32,
    /// How long it may take.
    pub timeout: Duration,
    /// Passed to the program unchanged.
    pub settings: Json,
}

words! {
    /// `[[strategy]] ask`
    pub enum AskWhen {
        /// Once a trading date.
        Day = "day",
        /// At each sell and buy.
        Run = "run",
    }
}
