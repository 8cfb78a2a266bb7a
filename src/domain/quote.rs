//! What the market said of a symbol, and when we heard it.

use std::time::Duration;

use chrono::NaiveDate;

use crate::domain::money::percent_change;
use crate::domain::{Exchange, Percent, Symbol, Usd};

/// Symbols that one quote request takes on real; on paper there is no request for several.
pub const QUOTES_AT_ONCE: usize = 10;

/// The units of a close of the past (`MODP`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseUnits {
    /// As it was traded.
    Raw,
    /// Today's: splits since are reckoned in.
    Adjusted,
}

/// One session of a symbol. Prices are in USD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DailyBar {
    /// New York date.
    pub date: NaiveDate,
    /// First price.
    pub open: Usd,
    /// Highest price.
    pub high: Usd,
    /// Lowest price.
    pub low: Usd,
    /// Last price.
    pub close: Usd,
    /// Shares traded.
    pub volume: u64,
}

/// One answer of a quote endpoint. Blank, zero and unreadable numbers are `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The ticker asked for.
    pub symbol: Symbol,
    /// The exchange asked at.
    pub exchange: Exchange,
    /// Last trade in USD.
    pub last: Option<Usd>,
    /// Yesterday's regular close in USD.
    pub base: Option<Usd>,
    /// False when KIS says that nothing was traded today; then `last` may be yesterday's.
    pub traded_today: bool,
    /// Monotonic reading at which the answer arrived.
    pub read_at: Duration,
}

/// A quote from which something may be decided: traded today, with a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Last trade in USD, positive.
    pub last: Usd,
    /// Yesterday's regular close in USD, positive; `None` when unknown.
    pub base: Option<Usd>,
}

impl Quote {
    /// Gives the price, or `None` when it is unknown: blank, zero, or not traded today.
    pub fn price(&self) -> Option<Price> {
        let last = self.last.filter(|_| self.traded_today)?;
        Some(Price { last, base: self.base })
    }

    /// Reports whether this exchange lists the symbol: only then KIS fills in a price.
    pub fn is_listed(&self) -> bool {
        self.last.is_some()
    }
}

impl Price {
    /// How far `last` lies above or below `base`, in percent; `None` without a base.
    pub fn change_percent(&self) -> Option<Percent> {
        percent_change(self.base?, self.last)
    }
}
