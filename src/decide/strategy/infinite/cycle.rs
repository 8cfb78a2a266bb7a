//! The money of a cycle: what it began with, and what is left of it.

use serde::{Deserialize, Serialize};

use crate::config::InfiniteSettings;
use crate::decide::strategy::infinite::morning::Morning;
use crate::decide::strategy::infinite::words;
use crate::domain::{LineFill, Side, Usd};
use crate::language::Sentence;

/// The running cycle, or the next one while nothing is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cycle {
    /// USD left to the cycle.
    pub cash: Usd,
    /// USD that the cycle began with.
    pub principal: Usd,
    /// `principal_usd` when the cycle began.
    pub principal_usd: Usd,
    /// `splits` when the cycle began.
    pub splits: u32,
    /// Cycles that ended.
    pub cycles: u32,
}

impl Cycle {
    /// The first cycle, before it began.
    pub fn new(settings: &InfiniteSettings) -> Cycle {
        let principal = settings.principal;
        Cycle { cash: principal, principal, principal_usd: principal, splits: settings.splits, cycles: 0 }
    }

    /// Takes a fill's dollars in or out.
    pub fn book(&mut self, fill: &LineFill) {
        let value = fill.price.times(fill.quantity).unwrap_or(Usd::ZERO).to_cents();
        self.cash = match fill.side {
            Side::Sell => self.cash + value,
            Side::Buy => self.cash - value,
        };
    }

    /// Provides the next cycle with money, by the settings as they are now. A compounding strategy goes on with what the last
    /// cycle left, unless its principal was changed; otherwise profit is set aside. No cycle gets more than there is.
    pub fn provide(&mut self, morning: &Morning<'_>) {
        let settings = morning.settings;
        if !settings.compound || self.principal_usd != settings.principal {
            self.cash = settings.principal;
        }
        self.cash = self.cash.min(morning.own_cash);
        self.principal = self.cash;
        self.principal_usd = settings.principal;
        self.splits = settings.splits;
    }

    /// Says that changed settings wait for the next cycle.
    pub fn note_changes(&self, settings: &InfiniteSettings, notes: &mut Vec<Sentence>) {
        if self.principal_usd != settings.principal || self.splits != settings.splits {
            notes.push(words::from_next_cycle(self.principal_usd, self.splits));
        }
    }
}
