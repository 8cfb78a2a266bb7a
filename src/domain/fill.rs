//! Fills: what was really traded, as KIS confirmed it.

use crate::domain::{Percent, Usd};

/// Shares of one order that filled beyond those counted before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// How many.
    pub quantity: u64,
    /// Average price in USD.
    pub price: Usd,
    /// USD for all of them.
    pub amount: Usd,
    /// USD won or lost; `None` for buys and where the cost is unknown.
    pub profit: Option<Usd>,
    /// The same in percent of the cost; `None` also where that is nothing.
    pub profit_percent: Option<Percent>,
}
