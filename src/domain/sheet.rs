//! Daily sheets: the orders that a strategy wants on one trading date, and the money and shares that are its own.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::{OrderKind, Part, Side, Symbol, Usd};
use crate::language::Sentence;

/// A value of JSON, kept as the text that it was given as: a program finds its state again to the digit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Json(pub String);

impl Default for Json {
    fn default() -> Json {
        Json("null".to_owned())
    }
}

/// One order that a strategy wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What the strategy calls it: a built-in rule's role, a program's tag.
    pub role: String,
    /// Ticker.
    pub symbol: Symbol,
    /// Buy or sell.
    pub side: Side,
    /// How it is to be filled.
    pub kind: OrderKind,
    /// Shares, at least one.
    pub quantity: u64,
    /// Limit price in USD, on the tick; `None` at the market.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_price: Option<Usd>,
    /// A program's own words about it; may be blank.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// The shares of one symbol that are a strategy's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lot {
    /// Shares.
    pub quantity: u64,
    /// Average cost a share in USD; zero without shares.
    pub average_cost: Usd,
}

/// What is a strategy's own. It is never read from the account: fills alone change it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// USD.
    pub cash: Usd,
    /// Shares by symbol; what is sold out is left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lots: BTreeMap<Symbol, Lot>,
}

impl Ledger {
    /// The lot of a symbol; empty where none is held.
    pub fn lot(&self, symbol: &Symbol) -> Lot {
        self.lots.get(symbol).copied().unwrap_or_default()
    }
}

/// What a strategy's lines of one date came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineFill {
    /// The line's role or tag.
    #[serde(rename = "tag")]
    pub role: String,
    /// New York date.
    pub trading_date: NaiveDate,
    /// Ticker.
    pub symbol: Symbol,
    /// Buy or sell.
    pub side: Side,
    /// Shares filled, at least one.
    pub quantity: u64,
    /// Average price in USD.
    pub price: Usd,
    /// Shares that the line asked for.
    pub ordered: u64,
}

/// One order of a sheet: a line, several of one price, or what netting left of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetOrder {
    /// Ticker.
    pub symbol: Symbol,
    /// Buy or sell.
    pub side: Side,
    /// How it is to be filled.
    pub kind: OrderKind,
    /// Shares.
    pub quantity: u64,
    /// Limit price in USD, on the tick; zero at the market.
    pub limit_price: Usd,
    /// The lines that it stands for; none where netting left it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

impl SheetOrder {
    /// What people call it: the role or tag of its first line.
    pub fn role(&self) -> &str {
        self.parts.first().map_or(NETTED, |part| part.role.as_str())
    }
}

/// The role of what netting left.
const NETTED: &str = "netted";

/// A strategy's orders for one trading date, written down before the first of them is sent and never computed again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// The strategy's name.
    pub strategy: String,
    /// New York date.
    pub date: NaiveDate,
    /// Digest of the facts that the rule was asked with.
    pub facts: String,
    /// The orders as the rule wants them, neither merged nor netted.
    pub lines: Vec<Line>,
    /// The orders that are sent for them, in this order.
    pub orders: Vec<SheetOrder>,
    /// What the rule wants to be given back with its next question.
    pub state: Json,
    /// The rule's words about the whole sheet; may be blank.
    #[serde(default, skip_serializing_if = "Sentence::is_empty")]
    pub note: Sentence,
    /// Shares and cash before any fill of this date.
    pub ledger: Ledger,
    /// Orders of the rule's answers that could not be taken; the rule is told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedLine>,
    /// Fills of this date that the rule was told of already, for one that is asked again within the date.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<LineFill>,
}

/// An order that a rule wants and that can't be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedLine {
    /// The order.
    pub line: Line,
    /// The rule's word by which it is refused.
    pub reason: String,
}

/// A person's word on what is a strategy's own: counts from its next sheet on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopted {
    /// The strategy's name.
    pub strategy: String,
    /// Shares and cash.
    pub ledger: Ledger,
    /// What the rule is given back.
    pub state: Json,
}
