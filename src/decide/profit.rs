//! What trading won and lost: own fills summed by month and by symbol. For people only; no decision rests on it.

mod settled;

pub use settled::{Recent, Settled, Trade};

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::decide::fold::{Entry, JournalState};
use crate::domain::{IntentId, Percent, Side, Symbol, Usd};

/// Own orders that filled, by intent. A name alone may come twice, when the clock was set back by days.
#[derive(Clone, Debug, Default)]
pub struct OwnFills(BTreeMap<(IntentId, DateTime<Utc>), OwnOrder>);

/// What filled of one order, as it was stated last.
#[derive(Clone, Debug)]
struct OwnOrder {
    trading_date: NaiveDate,
    symbol: Symbol,
    side: Side,
    filled_at: DateTime<Utc>,
    quantity: u64,
    /// USD a share, on average.
    price: Usd,
    /// USD for all shares that filled; zero when none did after all.
    amount: Usd,
    /// USD won or lost, in cents; `None` for buys, and for sells whose cost was not known when they were decided.
    profit: Option<Usd>,
}

/// The profit of a span of trading dates, before fees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profit {
    /// New York date that it counts from; `None` when none was asked for and nothing has filled yet.
    pub since: Option<NaiveDate>,
    /// Everything.
    pub total: Tally,
    /// Sells of `total` whose cost is not known: they count neither as won nor as lost.
    pub sells_without_cost: u64,
    /// USD of all fills, buys and sells.
    pub turnover: Usd,
    /// Months with sells, as `2027-03`.
    pub months: BTreeMap<String, Tally>,
    /// Symbols with sells.
    pub symbols: BTreeMap<Symbol, Tally>,
}

/// Sells summed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// USD won or lost.
    pub realised: Usd,
    /// Sell orders with fills.
    pub sells: u64,
    /// Those that won.
    pub wins: u64,
}

impl OwnFills {
    /// Takes what a later fold of the journal knows: of an order that is known already, its word replaces the earlier one.
    pub fn take(&mut self, journal: &JournalState) {
        for (id, entry) in &journal.entries {
            let key = (id.clone(), entry.submitted.at);
            if entry.filled_quantity > 0 || self.0.contains_key(&key) {
                self.0.insert(key, OwnOrder::of(entry));
            }
        }
    }

    /// Takes what later months know.
    pub fn merge(&mut self, later: OwnFills) {
        self.0.extend(later.0);
    }

    /// Sums the orders of a trading date and later ones, or all of them.
    #[must_use]
    pub fn profit_since(&self, since: Option<NaiveDate>) -> Profit {
        let filled = || self.0.values().filter(|order| order.amount.is_positive());
        let since = since.or_else(|| filled().map(|order| order.trading_date).min());
        let mut profit = Profit { since, ..Profit::default() };
        for order in filled().filter(|order| Some(order.trading_date) >= since) {
            profit.count(order);
        }
        profit
    }
}

impl OwnOrder {
    fn of(entry: &Entry) -> OwnOrder {
        // Fills that KIS's list took back do not count, as long as no person says otherwise.
        let corrected = entry.correction.as_ref().map(|fewer| {
            let (filled_quantity, average_price) = (fewer.filled_quantity, fewer.average_price);
            Entry { filled_quantity, average_price, ..entry.clone() }
        });
        let filled = corrected.as_ref().unwrap_or(entry).filled_beyond(0, Usd::ZERO);
        OwnOrder {
            trading_date: entry.intent.trading_date,
            symbol: entry.intent.symbol.clone(),
            side: entry.intent.side,
            filled_at: entry.filled_at.unwrap_or(entry.submitted.at),
            quantity: filled.quantity,
            price: filled.price,
            amount: filled.amount,
            profit: filled.profit,
        }
    }
}

impl Profit {
    /// What the fees may have been at so many percent a side, rounded to cents.
    pub fn fees(&self, percent: Percent) -> Usd {
        self.turnover.percent(percent).to_cents()
    }

    fn count(&mut self, order: &OwnOrder) {
        self.turnover = self.turnover + order.amount;
        if order.side == Side::Buy {
            return;
        }
        self.sells_without_cost += u64::from(order.profit.is_none());
        let month = self.months.entry(order.trading_date.format("%Y-%m").to_string()).or_default();
        let symbol = self.symbols.entry(order.symbol.clone()).or_default();
        for tally in [&mut self.total, month, symbol] {
            tally.count(order.profit);
        }
    }
}

impl Tally {
    fn count(&mut self, profit: Option<Usd>) {
        self.realised = self.realised + profit.unwrap_or_default();
        self.sells += 1;
        self.wins += u64::from(profit.is_some_and(Usd::is_positive));
    }
}

/// A holding: shares, average cost and last price in USD.
pub type Holding = (u64, Option<Usd>, Option<Usd>);

/// What holdings would bring beyond their cost at the last prices, in cents; `None` when a part is unknown.
pub fn unrealised(mut holdings: impl Iterator<Item = Holding>) -> Option<Usd> {
    let sum = holdings.try_fold(Usd::ZERO, |sum, (shares, cost, last)| sum.plus((last? - cost?).times(shares)?))?;
    Some(sum.to_cents())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::test_support::*;
    use crate::domain::{Corrected, HumanVerdict, Intent, IntentState, ListSeen, Purpose, Record, Stamp, Unit};

    /// A journal, written at any time.
    #[derive(Default)]
    struct Book {
        journal: TestJournal,
        fills: OwnFills,
    }

    impl Book {
        /// An accepted order of a trading date.
        fn order(&mut self, day: &str, side: Side, name: &str, quantity: u64, cost: Option<&str>) -> IntentId {
            let number = u32::try_from(self.journal.state.entries.len()).unwrap() + 1;
            let plain = intent(number, side, name, quantity, "10");
            let id = IntentId::new(date(day), number);
            let dated = Intent { id, trading_date: date(day), average_cost: cost.map(usd), ..plain };
            self.journal.accept("10:00:00", dated)
        }

        /// One that filled at a price.
        fn filled(&mut self, day: &str, side: Side, name: &str, quantity: u64, price: &str, cost: Option<&str>) {
            let id = self.order(day, side, name, quantity, cost);
            self.journal.sees(&id, IntentState::Filled, quantity, 0, price);
        }

        fn corrected(&mut self, id: &IntentId, shares: u64, price: &str) {
            self.journal.tell(Record::Corrected(Corrected {
                intent: id.clone(),
                order_id: self.journal.entry(id).order_id.clone().unwrap(),
                filled_quantity: shares,
                average_price: usd(price),
                list: ListSeen { at: at("11:00:00"), complete: true, rows: 1 },
            }));
        }

        fn profit(&mut self, since: Option<&str>) -> Profit {
            self.fills.take(&self.journal.state);
            self.fills.profit_since(since.map(date))
        }
    }

    fn tally(realised: &str, sells: u64, wins: u64) -> Tally {
        Tally { realised: usd(realised), sells, wins }
    }

    #[test]
    fn nothing_filled_is_no_profit() {
        let mut book = Book::default();
        let id = book.order("2027-01-04", Side::Sell, "AA", 3, Some("9"));
        book.journal.sees(&id, IntentState::Accepted, 0, 3, "0");
        assert_eq!(book.profit(None), Profit::default());
        let asked = book.profit(Some("2027-01-04"));
        assert_eq!(asked, Profit { since: Some(date("2027-01-04")), ..Profit::default() });
    }

    #[test]
    fn sells_count_by_month_and_symbol_and_buys_for_fees_alone() {
        let mut book = Book::default();
        book.filled("2027-01-04", Side::Buy, "AA", 10, "10", None);
        book.filled("2027-01-05", Side::Sell, "AA", 4, "11.50", Some("10"));
        book.filled("2027-01-05", Side::Sell, "AA", 6, "9.995", Some("10"));
        book.filled("2027-01-06", Side::Sell, "BB", 3, "20", Some("20"));
        book.filled("2027-02-01", Side::Sell, "BB", 3, "21.111", Some("20.00004"));
        let profit = book.profit(None);
        assert_eq!(profit.since, Some(date("2027-01-04")));
        // 6.00, -0.03, 0.00, 3.33288 rounded to cents.
        assert_eq!(profit.total, tally("9.30", 4, 2));
        let months = [("2027-01", tally("5.97", 3, 1)), ("2027-02", tally("3.33", 1, 1))];
        assert_eq!(profit.months, months.map(|(month, tally)| (month.to_owned(), tally)).into());
        let symbols = [("AA", tally("5.97", 2, 1)), ("BB", tally("3.33", 2, 1))];
        assert_eq!(profit.symbols, symbols.map(|(name, tally)| (symbol(name), tally)).into());
        // 100 bought; 46 + 59.97 + 60 + 63.333 sold.
        assert_eq!((profit.turnover, profit.fees(percent("0.25"))), (usd("329.303"), usd("0.82")));
        assert_eq!(profit.fees(percent("0")), Usd::ZERO);
    }

    #[test]
    fn of_an_order_that_fills_in_parts_all_of_it_counts_once() {
        let mut book = Book::default();
        let id = book.order("2027-01-05", Side::Sell, "AA", 10, Some("10"));
        for (shares, price, realised) in [(4, "11", "4.00"), (7, "11.10", "7.70"), (7, "11.10", "7.70")] {
            book.journal.sees(&id, IntentState::Accepted, shares, 10 - shares, price);
            assert_eq!(book.profit(None).total, tally(realised, 1, 1), "{shares}");
        }
        book.journal.sees(&id, IntentState::Cancelled, 7, 0, "11.10");
        assert_eq!(book.profit(None).total, tally("7.70", 1, 1));
    }

    #[test]
    fn fills_count_as_they_were_stated_last() {
        let mut book = Book::default();
        let id = book.order("2027-01-05", Side::Sell, "AA", 10, Some("10"));
        book.journal.sees(&id, IntentState::Filled, 10, 0, "11");
        assert_eq!(book.profit(None).total, tally("10.00", 1, 1));
        book.corrected(&id, 3, "10.5");
        assert_eq!(book.profit(None).total, tally("1.50", 1, 1), "taken back in part");
        book.corrected(&id, 10, "11");
        assert_eq!(book.profit(None).total, tally("10.00", 1, 1), "and stated again");
        book.corrected(&id, 0, "0");
        let nothing = book.profit(None);
        assert_eq!((nothing.since, nothing.total, nothing.turnover), (None, Tally::default(), Usd::ZERO));
        let settled = |shares: u64, price: &str| {
            let (intent, average_price) = (id.clone(), usd(price));
            Record::Human(HumanVerdict::IsFilled {
                intent,
                filled_quantity: shares,
                average_price,
                state: IntentState::Filled,
            })
        };
        book.journal.tell(settled(4, "9"));
        assert_eq!(book.profit(None).total, tally("-4.00", 1, 0), "a person has the last word");
        book.journal.tell(settled(0, "0"));
        assert_eq!(book.profit(None), Profit::default());
    }

    #[test]
    fn a_sell_of_unknown_cost_is_no_profit_and_is_counted() {
        let mut book = Book::default();
        book.filled("2027-01-05", Side::Sell, "AA", 4, "11", None);
        book.filled("2027-01-05", Side::Sell, "AA", 4, "11", Some("10"));
        let profit = book.profit(None);
        assert_eq!((profit.total, profit.sells_without_cost), (tally("4.00", 2, 1), 1));
        assert_eq!(profit.turnover, usd("88"));
    }

    #[test]
    fn a_month_is_that_of_the_trading_date_whenever_the_fill_was_seen() {
        let mut book = Book::default();
        let id = book.order("2027-01-31", Side::Sell, "AA", 4, Some("10"));
        let record = book.journal.observation(&id, IntentState::Filled, 4, 0, "11");
        // 1 February by UTC, the month of the file.
        let seen: DateTime<Utc> = "2027-01-31T23:30:00-05:00".parse().unwrap();
        let stamp = Stamp { at: seen, boot: String::new(), up_ms: 0 };
        book.journal.state.apply(&stamp, &record).unwrap();
        assert_eq!(book.profit(None).months, [("2027-01".to_owned(), tally("4.00", 1, 1))].into());
        assert_eq!(book.profit(Some("2027-02-01")).total, Tally::default());
    }

    #[test]
    fn it_counts_from_the_date_asked_for() {
        let mut book = Book::default();
        book.filled("2027-01-04", Side::Buy, "AA", 10, "10", None);
        book.filled("2027-01-05", Side::Sell, "AA", 4, "11", Some("10"));
        book.filled("2027-01-06", Side::Sell, "AA", 6, "12", Some("10"));
        for (since, total, turnover) in [
            ("2027-01-01", tally("16.00", 2, 2), "216"),
            ("2027-01-05", tally("16.00", 2, 2), "116"),
            ("2027-01-06", tally("12.00", 1, 1), "72"),
            ("2027-01-07", tally("0", 0, 0), "0"),
        ] {
            let profit = book.profit(Some(since));
            assert_eq!((profit.since, profit.total, profit.turnover), (Some(date(since)), total, usd(turnover)));
            assert_eq!(profit.months.len(), usize::from(total.sells > 0), "{since}");
        }
    }

    #[test]
    fn what_only_a_snapshot_knows_counts_and_what_both_know_counts_once() {
        let mut january = Book::default();
        january.filled("2027-01-29", Side::Sell, "AA", 4, "11", Some("10"));
        let carried = january.order("2027-01-29", Side::Sell, "BB", 10, Some("10"));
        january.journal.sees(&carried, IntentState::Accepted, 3, 7, "12");
        // February opens with the open order alone, and sees the rest of it fill.
        let mut february = Book::default();
        february.journal.state = january.journal.state.clone();
        february.journal.state.entries.retain(|id, _| *id == carried);
        let opening = february.journal.state.clone();
        february.journal.sees(&carried, IntentState::Filled, 10, 0, "12");
        let mut both = OwnFills::default();
        both.take(&january.journal.state);
        let mut later = OwnFills::default();
        later.take(&opening);
        later.take(&february.journal.state);
        assert_eq!(later.profit_since(None).total, tally("20.00", 1, 1), "the file of January is gone");
        both.merge(later);
        assert_eq!(both.profit_since(None).total, tally("24.00", 2, 2));
    }

    #[test]
    fn a_name_that_was_given_twice_is_two_orders() {
        let (mut first, mut second) = (Book::default(), Book::default());
        first.filled("2027-01-05", Side::Sell, "AA", 4, "11", Some("10"));
        let plain = Intent {
            id: IntentId::new(date("2027-01-05"), 1),
            trading_date: date("2027-01-05"),
            purpose: Purpose::StopLoss,
            ..intent(1, Side::Sell, "AA", 4, "10")
        };
        let id = second.journal.accept("11:00:00", plain);
        second.journal.sees(&id, IntentState::Filled, 4, 0, "9");
        first.fills.take(&second.journal.state);
        assert_eq!(first.profit(None).total, tally("0.00", 2, 1));
    }

    #[test]
    fn a_split_changes_no_dollars() {
        let mut book = Book::default();
        book.filled("2027-01-05", Side::Sell, "AA", 4, "110", Some("100"));
        let (before, last) = (book.profit(None), book.journal.state.last_sells[&symbol("AA")].price);
        let unit = Unit { symbol: symbol("AA"), factor: "10:1".parse().unwrap(), from: date("2027-01-06") };
        book.journal.tell(Record::Unit(unit));
        assert_eq!(book.profit(None), before);
        assert_ne!(book.journal.state.last_sells[&symbol("AA")].price, last, "what must be in today's units is");
        book.filled("2027-01-06", Side::Sell, "AA", 40, "11", Some("10"));
        assert_eq!(book.profit(None).total, tally("80.00", 2, 2));
    }

    #[test]
    fn holdings_are_worth_more_than_they_cost_only_when_all_is_known() {
        let holding = |shares, cost: &str, last: &str| (shares, cost.parse().ok(), last.parse().ok());
        for (holdings, expected) in [
            (vec![], Some("0")),
            (vec![holding(3, "10", "11.335"), holding(2, "5", "4")], Some("2.01")),
            (vec![holding(3, "10", "11"), holding(2, "?", "4")], None),
            (vec![holding(3, "10", "?")], None),
        ] {
            assert_eq!(unrealised(holdings.into_iter()), expected.map(usd));
        }
    }
}
