//! Where symbols are listed, as far as runs have found out, and what was seen of their prices and holdings.

mod unpriced;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::market_session::{new_york_date, previous_trading_date, session_of};
use crate::domain::{BalanceScope, Exchange, Holding, Position, Symbol, Usd};
use crate::ordered::Ordered;
use unpriced::Unpriced;

/// A price seen this shortly before the end of a session counts as its close.
const NEAR_CLOSE: TimeDelta = TimeDelta::hours(1);

/// What is remembered of one symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// Where it was found.
    pub exchange: Exchange,
    /// Its last known price in USD.
    pub last: Option<Usd>,
}

/// What was seen of a symbol; it outlasts its listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    /// New York date of the first sight.
    since: NaiveDate,
    /// The latest price.
    last: Option<SeenPrice>,
    /// The close of an earlier session, as far as known.
    close: Option<Close>,
    /// What the balance showed last.
    held: Option<SeenHolding>,
    /// The latest date whose step from the close before was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    step_seen: Option<NaiveDate>,
    /// The last such date before a gap of whole sessions, until it is known whether the gap hid a split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    missed_since: Option<NaiveDate>,
    /// True while it is not known whether a holding that appeared in the gap was bought before a split in it.
    #[serde(default, skip_serializing_if = "is_false")]
    appeared_in_gap: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SeenPrice {
    usd: Usd,
    date: NaiveDate,
    /// True when it was seen in the last hour of the session.
    is_near_close: bool,
}

/// How a session ended for a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Close {
    date: NaiveDate,
    /// USD; `None` when KIS was asked and has none.
    usd: Option<Usd>,
}

/// A holding, and since when the balance has shown it like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenHolding {
    /// New York date.
    pub since: NaiveDate,
    /// The holding.
    #[serde(flatten)]
    pub holding: Holding,
}

/// The memory of listings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listings {
    symbols: BTreeMap<Symbol, Listing>,
    #[serde(default)]
    seen: BTreeMap<Symbol, Seen>,
    /// Searches under way: which exchanges were asked for a symbol, and whether they gave a price.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    searched: BTreeMap<Symbol, BTreeMap<Exchange, bool>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    unpriced: BTreeMap<Symbol, Unpriced>,
    /// The latest New York date on which one exchange's code was proven to show the whole balance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope_proven: Option<NaiveDate>,
    /// New York date of the last whole balance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    balance_seen: Option<NaiveDate>,
    /// True when the memory could not be read: any symbol may have been seen before.
    #[serde(skip)]
    is_lost: bool,
}

impl Listings {
    /// A memory that could not be read.
    pub fn lost() -> Listings {
        Listings { is_lost: true, ..Listings::default() }
    }

    /// What is known of a symbol.
    pub fn get(&self, symbol: &Symbol) -> Option<Listing> {
        self.symbols.get(symbol).copied()
    }

    /// Remembers where a symbol was found and its price, when it has one.
    pub fn remember(&mut self, symbol: &Symbol, exchange: Exchange, last: Option<Usd>) {
        let last = last.or_else(|| self.get(symbol).and_then(|known| known.last));
        self.symbols.insert(symbol.clone(), Listing { exchange, last });
        self.unpriced.remove(symbol);
    }

    /// Forgets where a symbol is listed, so that the next run asks again.
    pub fn forget(&mut self, symbol: &Symbol) {
        self.symbols.remove(symbol);
    }

    /// Takes note of a price, before it is remembered. The last one of a session's last hour is kept as its close.
    pub fn see_price(&mut self, symbol: &Symbol, usd: Usd, now: DateTime<Utc>) {
        let date = new_york_date(now);
        let is_near_close =
            session_of(date).is_some_and(|session| (session.closes_at - NEAR_CLOSE..session.closes_at).contains(&now));
        // An earlier program kept a price without its date: that was on another day.
        let was_known = self.get(symbol).is_some_and(|known| known.last.is_some());
        let seen = self.seen_mut(symbol, if was_known { date - TimeDelta::days(1) } else { date });
        if let Some(before) = seen.last.filter(|before| before.date < date && before.is_near_close) {
            seen.close = Some(Close { date: before.date, usd: Some(before.usd) });
        }
        seen.last = Some(SeenPrice { usd, date, is_near_close });
    }

    /// The price with which a symbol ended a session: `None` when that was never seen nor asked, `Some(None)` when KIS has
    /// none.
    pub fn close_of(&self, symbol: &Symbol, date: NaiveDate) -> Option<Option<Usd>> {
        let seen = self.seen.get(symbol)?;
        let last = seen.last.filter(|last| last.date == date && last.is_near_close).map(|last| Some(last.usd));
        last.or_else(|| seen.close.filter(|close| close.date == date).map(|close| close.usd))
    }

    /// Remembers the close that KIS gave for a session.
    pub fn take_close(&mut self, symbol: &Symbol, date: NaiveDate, usd: Option<Usd>) {
        self.seen_mut(symbol, date).close = Some(Close { date, usd });
    }

    /// Takes note that a date's step from the close before was looked at.
    pub fn see_step(&mut self, symbol: &Symbol, date: NaiveDate) {
        let missed_since = self.missed_since(symbol, date);
        if let Some(seen) = self.seen.get_mut(symbol) {
            (seen.step_seen, seen.missed_since) = (Some(date), missed_since);
        }
    }

    /// The latest date whose step was looked at before whole sessions without a look, until [`Listings::end_gap`].
    pub fn missed_since(&self, symbol: &Symbol, date: NaiveDate) -> Option<NaiveDate> {
        let seen = self.seen.get(symbol)?;
        seen.missed_since.or(seen.step_seen.filter(|step_seen| *step_seen < previous_trading_date(date)))
    }

    /// It is known what became of the symbol in the sessions before a date, or it does not matter.
    pub fn end_gap(&mut self, symbol: &Symbol, date: NaiveDate) {
        if let Some(seen) = self.seen.get_mut(symbol) {
            (seen.step_seen, seen.missed_since) = (seen.step_seen.max(Some(previous_trading_date(date))), None);
            seen.appeared_in_gap = false;
        }
    }

    /// Reports whether a holding appeared in sessions without a look at the balance, until [`Listings::end_gap`].
    pub fn appeared_in_gap(&self, symbol: &Symbol) -> bool {
        self.seen.get(symbol).is_some_and(|seen| seen.appeared_in_gap)
    }

    /// Reports whether a symbol was seen before a date.
    pub fn is_known_before(&self, symbol: &Symbol, date: NaiveDate) -> bool {
        self.is_lost || self.seen.get(symbol).is_some_and(|seen| seen.since < date)
    }

    /// What the balance showed of a symbol last.
    pub fn held(&self, symbol: &Symbol) -> Option<SeenHolding> {
        self.seen.get(symbol)?.held
    }

    /// Takes note of a whole balance. Of symbols that `may_be_held` all the same nothing is forgotten.
    pub fn see_balance(
        &mut self,
        positions: &BTreeMap<Symbol, Position>,
        date: NaiveDate,
        may_be_held: impl Fn(&Symbol) -> bool,
    ) {
        let is_gone = |symbol: &Symbol| !positions.contains_key(symbol) && !may_be_held(symbol);
        for (_, seen) in self.seen.iter_mut().filter(|(symbol, _)| is_gone(symbol)) {
            (seen.held, seen.appeared_in_gap) = (None, false);
        }
        let yesterday = previous_trading_date(date);
        let balance_before = self.balance_seen.replace(date).filter(|before| *before < yesterday);
        for (symbol, position) in positions {
            let (seen, holding) = (self.seen_mut(symbol, date), Holding::from(position));
            if seen.held.is_none() {
                // Without a price of today it may have been bought in the previous session; if no balance of that session was
                // seen, in any session since the last balance.
                let has_price = seen.last.is_some_and(|last| last.date == date);
                let bought = if has_price { date } else { yesterday };
                seen.step_seen = balance_before.or(seen.step_seen.max(Some(bought)));
                (seen.missed_since, seen.appeared_in_gap) = (None, balance_before.is_some());
            }
            if seen.held.is_none_or(|known| known.holding != holding) {
                seen.held = Some(SeenHolding { since: date, holding });
            }
        }
    }

    /// New York date of the last whole balance; `None` before the first.
    pub fn balance_seen(&self) -> Option<NaiveDate> {
        self.balance_seen
    }

    /// What answers of a date have proven of the balance's exchange codes.
    pub fn balance_scope(&self, date: NaiveDate) -> BalanceScope {
        if self.scope_proven == Some(date) { BalanceScope::All } else { BalanceScope::Unknown }
    }

    /// Takes note of what a balance has proven. A balance that contradicts the journal proves nothing.
    pub fn set_balance_scope(&mut self, scope: BalanceScope, date: NaiveDate) {
        self.scope_proven = (scope == BalanceScope::All).then_some(date);
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
        Some(asked.into_iter().filter(|(_, has_price)| *has_price).map(|(exchange, _)| exchange).ordered())
    }

    fn seen_mut(&mut self, symbol: &Symbol, since: NaiveDate) -> &mut Seen {
        let new = || Seen {
            since,
            last: None,
            close: None,
            held: None,
            step_seen: None,
            missed_since: None,
            appeared_in_gap: false,
        };
        self.seen.entry(symbol.clone()).or_insert_with(new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Usd {
        text.parse().unwrap()
    }

    fn symbol() -> Symbol {
        "SOXL".parse().unwrap()
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_last_hour_of_a_session_stands_for_its_close() {
        // By New York's wall on 2027-03-09, seen again on the 10th at 10:00.
        for (wall, is_half_day, close) in [
            ("2027-03-09T14:59:59-05:00", false, None),
            ("2027-03-09T15:00:00-05:00", false, Some(Some(usd("100.2")))),
            ("2027-03-09T15:59:59-05:00", false, Some(Some(usd("100.2")))),
            ("2027-03-09T16:00:00-05:00", false, None),
            // The day after Thanksgiving closes at 13:00.
            ("2027-11-26T12:10:00-05:00", true, Some(Some(usd("100.2")))),
            ("2027-11-26T11:59:59-05:00", true, None),
        ] {
            let mut listings = Listings::default();
            listings.see_price(&symbol(), usd("100.2"), wall.parse().unwrap());
            let (day, next) = if is_half_day { ("2027-11-26", "2027-11-29") } else { ("2027-03-09", "2027-03-10") };
            assert_eq!(listings.close_of(&symbol(), date(day)), close, "{wall}");
            assert!(!listings.is_known_before(&symbol(), date(day)), "{wall}");
            listings.see_price(&symbol(), usd("33.4"), format!("{next}T10:00:00-05:00").parse().unwrap());
            assert_eq!(listings.close_of(&symbol(), date(day)), close, "{wall}: also after today's price");
            assert_eq!(listings.close_of(&symbol(), date(next)), None, "{wall}");
            assert!(listings.is_known_before(&symbol(), date(next)), "{wall}");
        }
    }

    #[test]
    fn a_close_that_was_asked_for_is_not_asked_for_again() {
        let mut listings = Listings::default();
        listings.see_price(&symbol(), usd("34"), "2027-03-10T10:00:00-05:00".parse().unwrap());
        assert_eq!(listings.close_of(&symbol(), date("2027-03-09")), None);
        listings.take_close(&symbol(), date("2027-03-09"), None);
        assert_eq!(listings.close_of(&symbol(), date("2027-03-09")), Some(None));
        listings.forget(&symbol());
        assert_eq!(listings.close_of(&symbol(), date("2027-03-09")), Some(None), "a lost listing takes no price along");
    }

    #[test]
    fn sessions_without_a_look_are_remembered_until_they_are_asked_after() {
        let seen = |days: &[&str]| {
            let mut listings = Listings::default();
            listings.see_price(&symbol(), usd("34"), "2027-03-01T10:00:00-05:00".parse().unwrap());
            days.iter().for_each(|day| listings.see_step(&symbol(), date(day)));
            listings
        };
        let missed = |days: &[&str]| seen(days).missed_since(&symbol(), date(days.last().unwrap()));
        // From Friday to Monday no session is missed.
        assert_eq!(missed(&["2027-03-05", "2027-03-08", "2027-03-09"]), None);
        assert_eq!(missed(&["2027-03-05", "2027-03-09", "2027-03-10"]), Some(date("2027-03-05")));
        assert_eq!(missed(&["2027-03-02", "2027-03-05", "2027-03-09"]), Some(date("2027-03-02")));
        let mut listings = seen(&["2027-03-05"]);
        assert_eq!(listings.missed_since(&symbol(), date("2027-03-08")), None);
        assert_eq!(listings.missed_since(&symbol(), date("2027-03-09")), Some(date("2027-03-05")), "before it is seen");
        listings.end_gap(&symbol(), date("2027-03-09"));
        assert_eq!(listings.missed_since(&symbol(), date("2027-03-09")), None);
        assert_eq!(
            listings.missed_since(&symbol(), date("2027-03-10")),
            Some(date("2027-03-08")),
            "that day's own step"
        );
    }

    #[test]
    fn a_price_that_an_earlier_program_kept_was_seen_before_today() {
        let mut listings = Listings::default();
        listings.remember(&symbol(), Exchange::Amex, Some(usd("100.2")));
        listings.see_price(&symbol(), usd("33.4"), "2027-03-10T10:00:00-05:00".parse().unwrap());
        assert!(listings.is_known_before(&symbol(), date("2027-03-10")));
    }

    #[test]
    fn a_holding_is_remembered_since_it_changed_and_forgotten_when_it_is_gone() {
        let mut position = Position {
            symbol: symbol(),
            name: String::new(),
            exchange: None,
            quantity: 30,
            sellable_quantity: 30,
            average_cost: Some(usd("98")),
            balance_price: None,
            balance_value: None,
            on_credit: false,
        };
        let balance = |position: &Position| BTreeMap::from([(symbol(), position.clone())]);
        let mut listings = Listings::default();
        listings.see_balance(&balance(&position), date("2027-03-08"), |_| false);
        position.sellable_quantity = 0;
        listings.see_balance(&balance(&position), date("2027-03-09"), |_| false);
        assert_eq!(listings.held(&symbol()).map(|held| held.since), Some(date("2027-03-08")));
        position.quantity = 31;
        listings.see_balance(&balance(&position), date("2027-03-10"), |_| false);
        let held = listings.held(&symbol()).unwrap();
        assert_eq!((held.since, held.holding), (date("2027-03-10"), Holding::from(&position)));
        let text = serde_json::to_string(&listings).unwrap();
        assert_eq!(serde_json::from_str::<Listings>(&text).unwrap(), listings, "{text}");
        listings.see_balance(&BTreeMap::new(), date("2027-03-10"), |_| false);
        assert_eq!(listings.held(&symbol()), None);
        listings.see_step(&symbol(), date("2027-03-12"));
        assert_eq!(
            listings.missed_since(&symbol(), date("2027-03-12")),
            Some(date("2027-03-05")),
            "no price of that day"
        );
        listings.see_balance(&balance(&position), date("2027-03-17"), |_| false);
        assert_eq!(
            listings.missed_since(&symbol(), date("2027-03-17")),
            Some(date("2027-03-10")),
            "it may have been bought, and split, in any session since the balance without it"
        );
        assert!(listings.appeared_in_gap(&symbol()));
        listings.end_gap(&symbol(), date("2027-03-17"));
        assert!(!listings.appeared_in_gap(&symbol()));
        listings.see_balance(&BTreeMap::new(), date("2027-03-17"), |_| false);
        listings.see_balance(&balance(&position), date("2027-03-18"), |_| false);
        assert_eq!(listings.missed_since(&symbol(), date("2027-03-18")), None, "what is new has missed nothing");
        assert_eq!(serde_json::from_str::<Listings>(r#"{"symbols":{}}"#).unwrap(), Listings::default());
    }
}
