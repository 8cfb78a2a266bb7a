//! Where symbols are listed, as far as runs have found out.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::{Exchange, Symbol, Usd};

/// What is remembered of one symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// Where it was found.
    pub exchange: Exchange,
    /// Its last known price in USD.
    pub last: Option<Usd>,
}

/// The memory of listings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listings {
    symbols: BTreeMap<Symbol, Listing>,
    /// Searches under way: which exchanges were asked for a symbol, and whether they gave a price.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    searched: BTreeMap<Symbol, BTreeMap<Exchange, bool>>,
}

impl Listings {
    /// What is known of a symbol.
    pub fn get(&self, symbol: &Symbol) -> Option<Listing> {
        self.symbols.get(symbol).copied()
    }

    /// Remembers where a symbol was found and its price, when it has one.
    pub fn remember(&mut self, symbol: &Symbol, exchange: Exchange, last: Option<Usd>) {
        let last = last.or_else(|| self.get(symbol).and_then(|known| known.last));
        self.symbols.insert(symbol.clone(), Listing { exchange, last });
    }

    /// Forgets a symbol, so that the next run asks again.
    pub fn forget(&mut self, symbol: &Symbol) {
        self.symbols.remove(symbol);
    }

    /// Notes what an exchange said to the search for a symbol.
    pub fn note_search(&mut self, symbol: &Symbol, exchange: Exchange, has_price: bool) {
        self.searched.entry(symbol.clone()).or_default().insert(exchange, has_price);
    }

    /// Reports whether the search for a symbol has asked an exchange.
    pub fn has_searched(&self, symbol: &Symbol, exchange: Exchange) -> bool {
        self.searched.get(symbol).is_some_and(|asked| asked.contains_key(&exchange))
    }

    /// Reports whether an exchange gave a price when the search asked it.
    pub fn gave_price(&self, symbol: &Symbol, exchange: Exchange) -> bool {
        self.searched.get(symbol).and_then(|asked| asked.get(&exchange)).is_some_and(|has_price| *has_price)
    }

    /// Ends the search for a symbol once every exchange was asked: those that gave a price. `None` while one is missing.
    pub fn end_search(&mut self, symbol: &Symbol) -> Option<BTreeSet<Exchange>> {
        let is_whole = Exchange::ALL.into_iter().all(|exchange| self.has_searched(symbol, exchange));
        let asked = if is_whole { self.searched.remove(symbol)? } else { return None };
        Some(asked.into_iter().filter(|(_, has_price)| *has_price).map(|(exchange, _)| exchange).collect())
    }
}
