//! Stock splits as price and account show them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::{Position, Ratio, Symbol, Usd};

/// Shares of one symbol, as the balance shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// Shares held.
    pub quantity: u64,
    /// Average cost a share in USD; `None` when unknown.
    pub average_cost: Option<Usd>,
}

impl From<&Position> for Holding {
    fn from(position: &Position) -> Holding {
        Holding { quantity: position.quantity, average_cost: position.average_cost }
    }
}

words! {
    /// What moved like a split while the other did not.
    pub enum SplitSign {
        /// Yesterday's close, by today's quote.
        Price = "price",
        /// Quantity and average cost of the balance.
        Account = "account",
    }
}

/// A move that looks like a split: until the other side has followed, quote and balance may be in different units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitSuspicion {
    /// Ticker.
    pub symbol: Symbol,
    /// The split that it looks like.
    pub ratio: Ratio,
    /// New York date of the move.
    pub from: NaiveDate,
    /// What moved.
    pub sign: SplitSign,
    /// USD a share before, in old units: a close.
    pub before: Option<Usd>,
    /// The same close as KIS has it now.
    pub base: Option<Usd>,
    /// What was held before, in old units.
    pub held: Option<Holding>,
}

impl SplitSuspicion {
    /// USD at which a share of the balance counts meanwhile, in the balance's units.
    pub fn counts_at(&self) -> Option<Usd> {
        match self.sign {
            SplitSign::Price => self.before,
            SplitSign::Account => self.ratio.price_after(self.before?),
        }
    }
}

/// A split that is certain: what is kept from before `from` is in old units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Ticker.
    pub symbol: Symbol,
    /// New shares for old ones.
    pub factor: Ratio,
    /// First New York date of the new units.
    pub from: NaiveDate,
}
