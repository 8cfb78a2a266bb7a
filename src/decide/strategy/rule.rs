//! What a rule is told and what it answers: the same for a built-in rule and for a program of the user's.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::decide::rule::Rule;
use crate::domain::{Json, Line, LineFill, Mode, OrderKind, Side, Symbol, Usd};
use crate::language::Sentence;

/// Everything that a rule decides by.
#[derive(Clone, Debug)]
pub struct RuleFacts {
    /// Paper or real.
    pub mode: Mode,
    /// Dates and times.
    pub clock: RuleClock,
    /// The strategy's name.
    pub strategy: String,
    /// The strategy's own cash in USD.
    pub own_cash: Usd,
    /// What of it can be spent now, in USD.
    pub spendable: Usd,
    /// The strategy's own shares, by symbol; without those it holds none of.
    pub positions: Vec<RulePosition>,
    /// A quote for each of its symbols.
    pub quotes: Vec<RuleQuote>,
    /// Closes of earlier trading dates by symbol, oldest first.
    pub closes: BTreeMap<Symbol, Vec<(NaiveDate, Usd)>>,
    /// What filled since the sheet whose state is given back.
    pub fills: Vec<LineFill>,
    /// Earlier orders of this date, and orders of the last answer that were refused.
    pub orders: Vec<RuleOrder>,
    /// What the rule answered last; `null` before its first answer.
    pub state: Json,
}

/// Dates and times.
#[derive(Clone, Copy, Debug)]
pub struct RuleClock {
    /// This moment.
    pub now: DateTime<Utc>,
    /// New York date of the running session.
    pub trading_date: NaiveDate,
    /// The trading date before it.
    pub previous_trading_date: NaiveDate,
    /// When the regular session opens.
    pub opens_at: DateTime<Utc>,
    /// When it closes.
    pub closes_at: DateTime<Utc>,
    /// True when it ends at 13:00.
    pub is_half_day: bool,
    /// Sessions since the strategy's first sheet, which is 1.
    pub session_number: u32,
}

/// The strategy's own shares of a symbol.
#[derive(Clone, Debug)]
pub struct RulePosition {
    /// Ticker.
    pub symbol: Symbol,
    /// Shares.
    pub quantity: u64,
    /// Shares that can be sold now.
    pub sellable: u64,
    /// Average cost a share in USD.
    pub average_cost: Usd,
}

/// What the market says of a symbol.
#[derive(Clone, Debug)]
pub struct RuleQuote {
    /// Ticker.
    pub symbol: Symbol,
    /// Last trade of this date in USD; `None` when unknown.
    pub last: Option<Usd>,
    /// Yesterday's close in USD; `None` when unknown.
    pub previous_close: Option<Usd>,
    /// When it was read.
    pub at: DateTime<Utc>,
}

/// An order as a rule is told of it.
#[derive(Clone, Debug)]
pub struct RuleOrder {
    /// The line's role or tag.
    pub role: String,
    /// Ticker.
    pub symbol: Symbol,
    /// Buy or sell.
    pub side: Side,
    /// How it is to be filled.
    pub kind: OrderKind,
    /// Shares.
    pub quantity: u64,
    /// Limit price in USD.
    pub limit_price: Option<Usd>,
    /// What became of it, as JSON results say it: `accepted`, `filled`, `refused` and so on.
    pub state: &'static str,
    /// Why it was refused.
    pub reason: Option<Rule>,
}

/// What a rule wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleAnswer {
    /// The orders of this date.
    pub lines: Vec<Line>,
    /// To be given back with the next question.
    pub state: Json,
    /// In words; may be blank.
    pub note: Sentence,
    /// Why there are no orders, where the rule has a word for it.
    pub blocked: Option<Rule>,
}
