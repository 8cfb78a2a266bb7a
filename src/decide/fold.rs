//! The journal folded: what the program knows of its own orders. Pure; `store/journal.rs` reads and writes the lines.

mod change;
mod entry;
mod error;
mod splits;
mod strategies;
mod words;

pub use entry::{Correction, Entry, LastSell, SettledFill};
pub use error::FoldError;
pub use splits::SetAside;
pub use strategies::StrategyBook;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::market_session::new_york_date;
use crate::domain::{IntentId, OrderKey, Side, Symbol, Transfer, Unit, Usd};

/// Days that order numbers stay claimed for, and that an intent which ended without one may still turn up: five trading
/// days and a holiday weekend.
const REMEMBERED_DAYS: i64 = 9;
/// How long a transfer is shown.
const TRANSFERS_SHOWN: TimeDelta = TimeDelta::days(31);
/// How long a fill keeps its ended intent, whatever its date: until the run that saw it, and the next one, must have put it
/// into `trades.csv`.
const REPORTED_WITHIN: TimeDelta = TimeDelta::hours(1);

/// The fold of the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalState {
    /// Intents by name.
    pub entries: BTreeMap<IntentId, Entry>,
    /// Orders of ours by trading date; they outlast their intents.
    #[serde(default)]
    pub claims: BTreeMap<NaiveDate, BTreeSet<OrderKey>>,
    /// Last own sell fills.
    pub last_sells: BTreeMap<Symbol, LastSell>,
    /// Trading dates of the latest stop-loss fills.
    pub stop_losses: BTreeMap<Symbol, NaiveDate>,
    /// Shares that own fills brought and own sales have not taken yet, in today's units; zero is left out. `None` where no
    /// line and no snapshot has said so, as in the snapshot of an earlier program.
    #[serde(default)]
    pub own_shares: Option<BTreeMap<Symbol, u64>>,
    /// What own sales took beyond own shares, and when: fills of an earlier buy may show after the sale of its shares.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    sold_beyond: BTreeMap<Symbol, (DateTime<Utc>, u64)>,
    /// Symbols set aside for a split that was suspected, and those that were lately.
    #[serde(default)]
    pub splits: BTreeMap<Symbol, SetAside>,
    /// The latest split of each symbol.
    #[serde(default)]
    pub units: BTreeMap<Symbol, Unit>,
    /// The strategies' sheets and what is their own, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub strategies: BTreeMap<String, StrategyBook>,
    /// External orders that a person declared fine.
    pub fine_foreign: BTreeSet<(NaiveDate, OrderKey)>,
    /// The latest date whose last list was read.
    #[serde(default)]
    pub closed: Option<NaiveDate>,
    /// Since when the balance has been empty although own shares were not sold.
    #[serde(default)]
    pub balance_empty_since: Option<DateTime<Utc>>,
    /// Transfers of the latest month, oldest first.
    #[serde(default)]
    pub transfers: Vec<Transfer>,
    /// When the newest line was written.
    pub newest_at: Option<DateTime<Utc>>,
}

impl JournalState {
    /// The state of a snapshot, at the time of the line that holds it.
    #[must_use]
    pub fn restored(mut self, at: DateTime<Utc>) -> JournalState {
        self.newest_at = self.newest_at.max(Some(at));
        if self.own_shares.is_none() {
            // A snapshot of an earlier program: of older fills nothing is known.
            let filled = self.entries.values().filter(|entry| entry.filled_quantity > 0);
            let fills: Vec<(Side, Symbol, u64)> =
                filled.map(|entry| (entry.intent.side, entry.intent.symbol.clone(), entry.filled_quantity)).collect();
            let (buys, sells): (Vec<_>, Vec<_>) = fills.into_iter().partition(|(side, ..)| *side == Side::Buy);
            buys.iter().chain(&sells).for_each(|(side, symbol, shares)| self.count_own(*side, symbol, *shares));
        }
        // Nor does it list claims beside its intents.
        self.with_claims_of_entries()
    }

    fn with_claims_of_entries(mut self) -> JournalState {
        for entry in self.entries.values() {
            if let Some(key) = entry.key() {
                self.claims.entry(entry.intent.trading_date).or_default().insert(key);
            }
        }
        self
    }

    /// As [`JournalState::pruned`], by a clock that can be trusted: a line ahead of it was written by a wrong one, and no age
    /// counts from it.
    pub fn pruned_at(&self, now: DateTime<Utc>) -> JournalState {
        JournalState { newest_at: self.newest_at.map(|newest| newest.min(now)), ..self.clone() }.pruned()
    }

    /// The state without what is no longer needed: what a snapshot holds. Ages count from the newest line, not from a
    /// clock, so a fill that its run did not live to report is there for the next one, however late it comes.
    #[must_use]
    pub fn pruned(&self) -> JournalState {
        let Some(newest_at) = self.newest_at else { return self.clone() };
        let today = new_york_date(newest_at);
        // The broker's list is read from the oldest live order on: as far back, numbers must be known as taken.
        let oldest_live = self.live().map(|entry| entry.intent.trading_date).min().unwrap_or(today);
        let claimed_from = (today - TimeDelta::days(REMEMBERED_DAYS)).min(oldest_live - TimeDelta::days(1));
        let is_needed = |entry: &Entry| {
            let day = entry.intent.trading_date;
            entry.state.is_live()
                // The limits of a day count all its orders.
                || day >= today
                || entry.filled_at.is_some_and(|filled_at| filled_at >= newest_at - REPORTED_WITHIN)
                // What ended without a number may still turn up at the broker, and what had one may have filled after all.
                || ((entry.order_id.is_none() || self.is_watched(entry)) && day >= claimed_from)
                || entry.correction.is_some()
                || self.is_of_latest_sheet(entry)
        };
        let mut pruned = self.clone();
        pruned.entries.retain(|_, entry| is_needed(entry));
        pruned.claims.retain(|day, _| *day >= claimed_from);
        pruned.fine_foreign.retain(|(day, _)| *day >= claimed_from);
        pruned.transfers.retain(|transfer| transfer.seen >= newest_at - TRANSFERS_SHOWN);
        pruned.own_shares.get_or_insert_default();
        pruned.sold_beyond.retain(|_, (at, _)| new_york_date(*at) >= claimed_from);
        pruned.splits.retain(|_, split| split.is_needed(newest_at));
        pruned.with_claims_of_entries()
    }

    /// Intents that may still be live at the broker.
    pub fn live(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().filter(|entry| entry.state.is_live())
    }

    /// Those of one symbol.
    pub fn live_in(&self, symbol: &Symbol) -> impl Iterator<Item = &Entry> {
        self.live().filter(move |entry| entry.intent.symbol == *symbol)
    }

    /// Those that keep a symbol from being bought: live ones, and ended ones whose fills are in doubt.
    pub fn in_the_way_of_buys(&self, symbol: &Symbol) -> impl Iterator<Item = &Entry> {
        let is_in_the_way = |entry: &&Entry| entry.state.is_live() || entry.correction.is_some();
        self.entries.values().filter(is_in_the_way).filter(move |entry| entry.intent.symbol == *symbol)
    }

    /// Those that keep a holding from being sold. An order that no list ever showed does not: what can be sold is the
    /// balance's word.
    pub fn in_the_way_of_sells(&self, symbol: &Symbol) -> impl Iterator<Item = &Entry> {
        self.live_in(symbol).filter(|entry| entry.intent.side == Side::Sell && !entry.is_unlisted())
    }

    /// Intents whose outcome is unknown.
    pub fn unknown(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().filter(|entry| entry.state.is_unknown())
    }

    /// Intents of one trading date.
    pub fn of_day(&self, day: NaiveDate) -> impl Iterator<Item = &Entry> {
        self.entries.values().filter(move |entry| entry.intent.trading_date == day)
    }

    /// Reports whether an ended order is still compared with the broker's lists: until its date's last one, a fill may show
    /// that the end did not tell of, or be taken back.
    pub fn is_watched(&self, entry: &Entry) -> bool {
        entry.order_id.is_some() && (Some(entry.intent.trading_date) > self.closed || entry.correction.is_some())
    }

    /// Reports whether an order of a date belongs to an intent.
    pub fn is_claimed(&self, date: NaiveDate, key: &OrderKey) -> bool {
        self.claims.get(&date).is_some_and(|known| key.is_among(known))
    }

    /// Reports whether a person said that an order of a date is known and fine.
    pub fn is_fine(&self, date: NaiveDate, key: &OrderKey) -> bool {
        self.fine_foreign.iter().any(|(day, known)| *day == date && known.may_be(key))
    }

    /// Shares of a symbol that own fills brought and own sales have not taken yet, by the journal alone. The balance may show
    /// fewer: external orders sell, too.
    pub fn own_shares(&self, symbol: &Symbol) -> u64 {
        self.own_shares.as_ref().and_then(|own| own.get(symbol)).copied().unwrap_or(0)
    }

    /// A name for the next intent of a date.
    pub fn next_id(&self, date: NaiveDate) -> IntentId {
        let used = self.of_day(date).filter_map(|entry| entry.intent.id.as_str().get(9..)?.parse::<u32>().ok()).max();
        IntentId::new(date, used.unwrap_or(0).saturating_add(1))
    }

    /// USD of the date's buys: open and unknown in full, filled at their price; ended remainders are given back.
    pub fn bought_on(&self, date: NaiveDate) -> Usd {
        self.of_day(date).map(Entry::committed).sum()
    }

    /// Orders of this side of a symbol that KIS refused on a date for their own sake.
    pub fn refused_on(&self, date: NaiveDate, symbol: &Symbol, side: Side) -> impl Iterator<Item = &Entry> {
        let refused = move |entry: &&Entry| {
            let intent = &entry.intent;
            entry.is_refused_for_its_own_sake() && intent.symbol == *symbol && intent.side == side
        };
        self.of_day(date).filter(refused)
    }
}

#[cfg(test)]
mod tests;
