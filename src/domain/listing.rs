//! Where symbols are listed, as far as runs have found out.

use std::collections::BTreeMap;

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
}
