//! What is to happen at a moment to come, whatever is traded: splits, transfers, reserved orders.

use crate::account_id::AccountId;
use crate::events::{About, Kind};
use crate::gateway::reserved;
use crate::splits::Ratio;
use crate::world::World;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// The pinned last price of a symbol goes over to new units.
    SplitLast {
        /// Ticker.
        symbol: String,
        /// How many shares become how many.
        ratio: Ratio,
    },
    /// The pinned close before goes over to new units.
    SplitBase {
        /// Ticker.
        symbol: String,
        /// How many shares become how many.
        ratio: Ratio,
    },
    /// Holdings go over to new units.
    SplitHolding {
        /// Whose; none means everybody's.
        account: Option<AccountId>,
        /// Ticker.
        symbol: String,
        /// How many shares become how many.
        ratio: Ratio,
    },
    /// Cash comes or goes.
    Transfer {
        /// Whose.
        account: AccountId,
        /// USD that come in; negative ones go out.
        usd: Decimal,
        /// Whether they come from won collateral, or become it.
        is_exchange: bool,
        /// From when the present balance shows it.
        balance_at: DateTime<Utc>,
    },
    /// Reserved orders go to the market.
    SendReserved {
        /// Whose.
        account: AccountId,
    },
}

/// What is to happen, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agenda {
    entries: Vec<(DateTime<Utc>, Happening)>,
}

impl Agenda {
    /// Puts something on it.
    pub fn add(&mut self, at: DateTime<Utc>, happening: Happening) {
        let index = self.entries.partition_point(|entry| entry.0 <= at);
        self.entries.insert(index, (at, happening));
    }

    /// Takes off the earliest thing that is due.
    pub fn take_due(&mut self, now: DateTime<Utc>) -> Option<(DateTime<Utc>, Happening)> {
        let is_due = self.entries.first().is_some_and(|entry| entry.0 <= now);
        is_due.then(|| self.entries.remove(0))
    }
}

/// Makes it happen.
pub fn carry_out(world: &mut World, at: DateTime<Utc>, happening: Happening) {
    match happening {
        Happening::SplitLast { symbol, ratio } => {
            world.events.add(at, Kind::QuoteSplit, None, About::symbol(&symbol));
            if let Some(last) = pinned(world, &symbol).and_then(|pinned| pinned.last.as_mut()) {
                *last = ratio.price(*last);
            }
        }
        Happening::SplitBase { symbol, ratio } => {
            if let Some(base) = pinned(world, &symbol).and_then(|pinned| pinned.base.as_mut()) {
                *base = ratio.price(*base);
            }
        }
        Happening::SplitHolding { account, symbol, ratio } => {
            world.events.add(at, Kind::HoldingSplit, account, About::symbol(&symbol));
            let accounts = world.accounts.iter_mut().filter(|each| account.is_none_or(|only| only == each.id));
            for position in accounts.filter_map(|account| account.positions.get_mut(&symbol)) {
                position.split(at, ratio);
            }
        }
        Happening::Transfer { account, usd, is_exchange, balance_at } => {
            world.account_mut(account).transfer(usd, is_exchange, balance_at);
            world.events.add(at, Kind::Transfer, Some(account), About { usd: Some(usd), ..About::default() });
        }
        Happening::SendReserved { account } => reserved::send(world, account, at),
    }
}

fn pinned<'a>(world: &'a mut World, symbol: &str) -> Option<&'a mut crate::overrides::Override> {
    world.market.overrides.get_mut(symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_comes_first_and_nothing_before_its_time() {
        let at = |minute: u32| format!("2026-03-10T14:{minute:02}:00Z").parse::<DateTime<Utc>>().unwrap();
        let split = |symbol: &str| Happening::SplitLast { symbol: symbol.into(), ratio: Ratio { from: 1, to: 2 } };
        let mut agenda = Agenda::default();
        for (minute, symbol) in [(5, "B"), (1, "A"), (5, "C"), (9, "D")] {
            agenda.add(at(minute), split(symbol));
        }
        assert_eq!(agenda.take_due(at(0)), None);
        let due: Vec<_> = std::iter::from_fn(|| agenda.take_due(at(5))).collect();
        assert_eq!(due, [(at(1), split("A")), (at(5), split("B")), (at(5), split("C"))]);
    }
}
