//! Splits in the fold: symbols set aside, and what is kept of them in old units.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::JournalState;
use crate::domain::market_session::new_york_date;
use crate::domain::{SplitSuspicion, Stamp, Symbol, Unit, Usd};

/// How long a suspicion that ended is remembered: an account that follows this late is known for what it is.
const REMEMBERED: TimeDelta = TimeDelta::days(60);

/// A symbol for which a split was suspected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// What was seen.
    pub suspicion: SplitSuspicion,
    /// When.
    pub since: DateTime<Utc>,
    /// False while the symbol is set aside.
    pub is_over: bool,
}

impl SetAside {
    pub(super) fn is_needed(&self, newest_at: DateTime<Utc>) -> bool {
        !self.is_over || self.since >= newest_at - REMEMBERED
    }
}

impl JournalState {
    /// The suspicion for which a symbol is set aside.
    pub fn set_aside(&self, symbol: &Symbol) -> Option<&SetAside> {
        self.splits.get(symbol).filter(|split| !split.is_over)
    }

    /// USD at which a share of a symbol that is set aside counts meanwhile.
    pub fn counted_price(&self, symbol: &Symbol) -> Option<Usd> {
        self.set_aside(symbol)?.suspicion.counts_at()
    }

    pub(super) fn suspect_split(&mut self, stamp: &Stamp, suspicion: &SplitSuspicion) {
        let set_aside = SetAside { suspicion: suspicion.clone(), since: stamp.at, is_over: false };
        self.splits.insert(suspicion.symbol.clone(), set_aside);
    }

    pub(super) fn end_split(&mut self, symbol: &Symbol) {
        if let Some(split) = self.splits.get_mut(symbol) {
            split.is_over = true;
        }
    }

    /// Brings what was kept in old units into new ones.
    pub(super) fn take_unit(&mut self, unit: &Unit) {
        self.splits.remove(&unit.symbol);
        if let Some(sold) = self.last_sells.get_mut(&unit.symbol)
            && sold.day.unwrap_or_else(|| new_york_date(sold.at)) < unit.from
        {
            sold.price = unit.factor.price_after(sold.price).map_or(sold.price, |price| Usd(price.0.round_dp(4)));
        }
        let own = self.own_shares.get_or_insert_default();
        if let Some(shares) = own.get_mut(&unit.symbol) {
            *shares = unit.factor.shares_after(*shares);
        }
        own.retain(|_, shares| *shares > 0);
        self.units.insert(unit.symbol.clone(), unit.clone());
    }
}
