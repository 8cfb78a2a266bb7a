//! Holdings as the balance shows them, and rows of it that are none of ours.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::domain::money::percent_change;
use crate::domain::{Exchange, Percent, Symbol, Usd};
use crate::language::Sentence;

/// One holding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Ticker.
    pub symbol: Symbol,
    /// Its name in KIS's words, cleaned; may be blank.
    pub name: String,
    /// Listing exchange as the balance row says it; on paper the row says nothing and this is `None`.
    pub exchange: Option<Exchange>,
    /// Shares held.
    pub quantity: u64,
    /// Shares that may be sold now.
    pub sellable_quantity: u64,
    /// Average cost a share in USD; `None` when blank or zero.
    pub average_cost: Option<Usd>,
    /// The balance's own price in USD, of unknown freshness; `None` when blank or zero.
    pub balance_price: Option<Usd>,
    /// USD that the balance says the whole holding is worth; `None` when blank or zero.
    pub balance_value: Option<Usd>,
    /// True for rows bought on credit.
    pub on_credit: bool,
}

impl Position {
    /// Profit in percent of cost at `last`; `None` without a cost.
    pub fn profit_percent(&self, last: Usd) -> Option<Percent> {
        percent_change(self.average_cost?, last)
    }

    /// USD a share by the value that the balance states for the whole.
    pub fn value_of_share(&self) -> Option<Usd> {
        let share = self.balance_value?.0.checked_div(Decimal::from(self.quantity))?;
        Some(Usd(share.round_dp(4)))
    }
}

/// A row of the balance that can't be read as a holding: a fraction of a share, another currency, a temporary code. It is
/// set aside by name and stops nothing but its own symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OddHolding {
    /// The row's code in KIS's spelling, cleaned; may be blank.
    pub code: String,
    /// The code as a ticker, when it is one.
    pub symbol: Option<Symbol>,
    /// Why it can't be read.
    pub why: Sentence,
    /// USD that it is worth by the balance's own word; `None` when that is blank or in another currency.
    pub value: Option<Usd>,
}

/// What is known of the exchange codes by which the balance is asked for. Of paper they are said to select nothing; should one
/// select its own exchange, all of them together show everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BalanceScope {
    /// A code may show its own exchange's holdings alone.
    #[default]
    Unknown,
    /// NASDAQ's code shows the holdings of all exchanges.
    All,
}

/// The whole balance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// What these answers prove.
    pub scope: BalanceScope,
    /// The holdings.
    pub positions: Vec<Position>,
    /// The rows that were set aside.
    pub odd: Vec<OddHolding>,
}

/// Merges rows of the same symbol: KIS shows one holding under two exchange codes, so the row with the larger
/// sellable quantity is kept and nothing is ever added. Rows without shares are dropped; credit taints the whole.
pub fn merge_by_symbol(rows: impl IntoIterator<Item = Position>) -> BTreeMap<Symbol, Position> {
    let mut merged: BTreeMap<Symbol, Position> = BTreeMap::new();
    for row in rows.into_iter().filter(|row| row.quantity > 0) {
        let kept = merged.entry(row.symbol.clone()).or_insert_with(|| row.clone());
        let on_credit = kept.on_credit || row.on_credit;
        if row.sellable_quantity > kept.sellable_quantity {
            *kept = row;
        }
        kept.on_credit = on_credit;
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(symbol: &str, quantity: u64, sellable: u64) -> Position {
        Position {
            symbol: symbol.parse().unwrap(),
            name: String::new(),
            exchange: Some(Exchange::Nasdaq),
            quantity,
            sellable_quantity: sellable,
            average_cost: None,
            balance_price: None,
            balance_value: None,
            on_credit: false,
        }
    }

    #[test]
    fn the_same_holding_under_two_exchanges_is_never_added() {
        let merged = merge_by_symbol([row("AAPL", 10, 4), row("AAPL", 10, 10), row("TSLA", 0, 0)]);
        assert_eq!(merged.len(), 1);
        assert_eq!(merged[&"AAPL".parse().unwrap()].sellable_quantity, 10);
    }
}
