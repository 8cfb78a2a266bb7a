//! The latest months of own fills, summed so that nobody has to read the journal of those months again.
//!
//! A snapshot of the journal drops the orders that nothing changes any more. Each is counted when that happens; those that the
//! journal still holds are added when somebody asks. Together they are all orders, each once.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{OwnOrder, Profit, Tally};
use crate::decide::fold::{Entry, JournalState};
use crate::domain::market_session::session_of;
use crate::domain::{Side, Symbol, Usd};

/// Months kept, the running one included.
const MONTHS: u32 = 12;
/// Trades kept one by one.
const MAX_TRADES: usize = 60;

/// Own orders that filled and that no snapshot holds any more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// By month of the trading date, as `2027-03`.
    months: BTreeMap<String, Month>,
    /// What was traded on each trading date.
    dates: BTreeMap<NaiveDate, BTreeSet<Side>>,
    /// The latest trades, oldest first.
    trades: Vec<Trade>,
}

/// One month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Month {
    /// The first trading date with a fill.
    since: NaiveDate,
    /// USD of all fills, buys and sells.
    turnover: Usd,
    /// Sells whose cost is not known.
    without_cost: u64,
    /// Symbols with sells.
    symbols: BTreeMap<Symbol, Tally>,
}

/// One own order that filled, as far as it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trade {
    /// When its latest fill was seen.
    pub at: DateTime<Utc>,
    /// Its trading date.
    pub date: NaiveDate,
    /// Ticker.
    pub symbol: Symbol,
    /// Buy or sell.
    pub side: Side,
    /// Shares.
    pub quantity: u64,
    /// USD a share, on average.
    pub price: Usd,
    /// USD for all of them.
    pub amount: Usd,
    /// USD won or lost, in cents; `None` for buys, and for sells whose cost is not known.
    pub profit: Option<Usd>,
}

/// What people see of the latest months.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recent {
    /// All of it summed.
    pub profit: Profit,
    /// The latest trades, oldest first.
    pub trades: Vec<Trade>,
    /// When something was bought or sold; at the close of its session what lies before the trades above.
    pub traded: Vec<(DateTime<Utc>, Side)>,
}

impl Settled {
    /// Counts the orders of one fold of the journal that a later one has dropped.
    pub fn count_dropped(&mut self, before: &JournalState, after: &JournalState) {
        let is_kept = |entry: &Entry| {
            let same = after.entries.get(&entry.intent.id);
            same.is_some_and(|same| same.submitted.at == entry.submitted.at)
        };
        before.entries.values().filter(|entry| !is_kept(entry)).for_each(|entry| self.count(entry));
    }

    /// What people see on a date: this, and the orders that the journal holds.
    #[must_use]
    pub fn recent(&self, journal: &JournalState, today: NaiveDate) -> Recent {
        let mut all = self.clone();
        journal.entries.values().for_each(|entry| all.count(entry));
        let Settled { months, dates, trades } = all.pruned(today);
        let mut profit = Profit { since: months.values().map(|month| month.since).min(), ..Profit::default() };
        for (name, month) in months {
            profit.add(name, month);
        }
        let first = trades.first().map(|trade| trade.date);
        let earlier = dates.into_iter().filter(|(date, _)| Some(*date) < first);
        let earlier = earlier.filter_map(|(date, sides)| Some((session_of(date)?.closes_at, sides)));
        let earlier = earlier.flat_map(|(at, sides)| sides.into_iter().map(move |side| (at, side)));
        let traded = earlier.chain(trades.iter().map(|trade| (trade.at, trade.side))).collect();
        Recent { profit, trades, traded }
    }

    /// The same without the months that are no longer shown on a date.
    #[must_use]
    pub fn pruned(mut self, today: NaiveDate) -> Settled {
        let first = today.with_day(1).and_then(|first| first.checked_sub_months(Months::new(MONTHS - 1)));
        let first = first.unwrap_or(today);
        self.months = self.months.split_off(&month_of(first));
        self.dates = self.dates.split_off(&first);
        self.trades.retain(|trade| trade.date >= first);
        self.trades.sort_by(|one, other| (one.at, &one.symbol).cmp(&(other.at, &other.symbol)));
        self.trades.drain(..self.trades.len().saturating_sub(MAX_TRADES));
        self
    }

    fn count(&mut self, entry: &Entry) {
        let order = OwnOrder::of(entry);
        if !order.amount.is_positive() {
            return;
        }
        let OwnOrder { trading_date: date, side, filled_at: at, quantity, price, amount, profit, symbol } = order;
        let new = Month { since: date, turnover: Usd::ZERO, without_cost: 0, symbols: BTreeMap::new() };
        let month = self.months.entry(month_of(date)).or_insert(new);
        month.since = month.since.min(date);
        month.turnover = month.turnover + amount;
        if side == Side::Sell {
            month.without_cost += u64::from(profit.is_none());
            month.symbols.entry(symbol.clone()).or_default().count(profit);
        }
        self.dates.entry(date).or_default().insert(side);
        self.trades.push(Trade { at, date, symbol, side, quantity, price, amount, profit });
    }
}

impl Profit {
    /// Adds a month.
    fn add(&mut self, name: String, month: Month) {
        self.turnover = self.turnover + month.turnover;
        self.sells_without_cost += month.without_cost;
        for (symbol, tally) in month.symbols {
            let of_month = self.months.entry(name.clone()).or_default();
            let of_symbol = self.symbols.entry(symbol).or_default();
            for sum in [&mut self.total, of_month, of_symbol] {
                sum.add(tally);
            }
        }
    }
}

impl Tally {
    fn add(&mut self, other: Tally) {
        let Tally { realised, sells, wins } = other;
        (self.realised, self.sells, self.wins) = (self.realised + realised, self.sells + sells, self.wins + wins);
    }
}

fn month_of(date: NaiveDate) -> String {
    date.format("%Y-%m").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::profit::OwnFills;
    use crate::decide::test_support::*;
    use crate::domain::{Intent, IntentId, IntentState};

    /// Orders on a trading date each: a buy, or a sell with its cost.
    fn trade(journal: &mut TestJournal, day: NaiveDate, side: Side, cost: Option<&str>) {
        let number = u32::try_from(journal.state.entries.len()).unwrap() + 1;
        let plain = intent(number, side, "SOUN", 10, "10");
        let id = IntentId::new(day, number);
        let id = journal.accept("10:00:00", Intent { id, trading_date: day, average_cost: cost.map(usd), ..plain });
        journal.sees(&id, IntentState::Filled, 10, 0, "11");
    }

    #[test]
    fn whatever_was_dropped_when_the_sum_is_that_of_all_fills() {
        let today = date("2027-03-09");
        let (mut journal, mut settled, mut all) = (TestJournal::default(), Settled::default(), OwnFills::default());
        for (n, day) in (0..120).map(|n| (n, today - chrono::TimeDelta::days(200) + chrono::TimeDelta::days(n))) {
            trade(
                &mut journal,
                day,
                if n % 3 == 0 { Side::Buy } else { Side::Sell },
                [None, Some("10"), Some("12")][n as usize % 5 % 3],
            );
            all.take(&journal.state);
            let recent = settled.recent(&journal.state, today);
            assert_eq!(recent.profit, all.profit_since(None), "{n}");
            assert_eq!(recent.trades.len(), (n as usize + 1).min(MAX_TRADES), "{n}");
            let traded: Vec<Side> = recent.traded.iter().map(|(_, side)| *side).collect();
            assert!(
                traded.len() <= n as usize + 1
                    && traded.ends_with(&recent.trades.iter().map(|trade| trade.side).collect::<Vec<_>>())
            );
            // A snapshot now and then, which keeps the latest orders.
            if n % 7 == 6 {
                let mut after = journal.state.clone();
                after.entries.retain(|_, entry| entry.intent.trading_date > day - chrono::TimeDelta::days(3));
                settled.count_dropped(&journal.state, &after);
                settled = settled.pruned(today);
                journal.state = after;
            }
        }
        let text = serde_json::to_string(&settled).unwrap();
        assert_eq!(serde_json::from_str::<Settled>(&text).unwrap(), settled);
    }

    #[test]
    fn months_before_the_last_twelve_are_left_out() {
        let mut journal = TestJournal::default();
        for day in ["2026-03-31", "2026-04-01", "2027-03-09"] {
            trade(&mut journal, date(day), Side::Sell, Some("10"));
        }
        let recent = Settled::default().recent(&journal.state, date("2027-03-31"));
        assert_eq!((recent.profit.since, recent.profit.total.sells), (Some(date("2026-04-01")), 2));
        assert_eq!((recent.trades.len(), recent.traded.len()), (2, 2));
        assert_eq!(Settled::default().recent(&JournalState::default(), date("2027-03-31")), Recent::default());
    }
}
