//! Own shares and a balance that shows fewer of them, or nothing at all.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::decide::fold::JournalState;
use crate::decide::words::notices;
use crate::domain::market_session::{previous_trading_date, session_of};
use crate::domain::{BrokerOrder, Notice, NoticeKind, OrderList, Record, Side, Symbol};
use crate::language::Sentence;

/// After a fill the balance may show the old shares this long.
const MAX_BALANCE_LAG: TimeDelta = TimeDelta::minutes(15);

/// A balance beside the journal and the order list of the same run.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// When it was read.
    pub at: DateTime<Utc>,
    /// The trading date.
    pub date: NaiveDate,
    /// The order list, read before.
    pub list: &'a OrderList,
    /// Shares of a symbol that it shows.
    pub shares: &'a dyn Fn(&Symbol) -> u64,
    /// The same of the balance before.
    pub shares_before: &'a dyn Fn(&Symbol) -> u64,
    /// Symbols of which a split may have changed the shares: their cost changed too, or a split is suspected.
    pub recast: &'a BTreeSet<Symbol>,
    /// It shows nothing at all.
    pub is_empty: bool,
}

/// What is made of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Lines to write.
    pub records: Vec<Record>,
    /// Own shares missing from an empty balance that is not believed: no sale explains them.
    pub doubted: Vec<(Symbol, u64)>,
    /// An empty balance that is believed: those shares.
    pub believed: Vec<(Symbol, u64)>,
}

/// Holds the balance against what own fills brought: shares that two balances lack are gone, and those that the list's sales of
/// other hands explain. An empty balance is believed once the list shows the sales, or after a whole
/// session.
pub fn judge(journal: &JournalState, shown: &Shown<'_>) -> Verdict {
    let own = || journal.own_shares.iter().flatten().map(|(symbol, shares)| (symbol, *shares));
    let is_recast = |symbol: &Symbol| shown.recast.contains(symbol) && (shown.shares)(symbol) > 0;
    let is_lacking = |symbol: &Symbol, shares: u64| {
        let gone = shares.saturating_sub((shown.shares)(symbol));
        // A row may be missing for a moment, or be one that can't be read: without sales in the list a second balance must agree.
        let is_new = (shown.shares_before)(symbol) > (shown.shares)(symbol);
        let may_be_there = !shown.is_empty && is_new && sold_elsewhere(journal, shown.list, symbol) < gone;
        gone > 0 && !may_be_there && !is_recast(symbol) && !is_moving(journal, shown, symbol)
    };
    let lacking = own().filter(|(symbol, shares)| is_lacking(symbol, *shares));
    let lacking: Vec<(Symbol, u64)> = lacking.map(|(symbol, shares)| (symbol.clone(), shares)).collect();
    let since = journal.balance_empty_since;
    let mut verdict = Verdict::default();
    let is_sold = |(symbol, shares): &(Symbol, u64)| sold_elsewhere(journal, shown.list, symbol) >= *shares;
    let is_explained = lacking.iter().all(is_sold) || since.is_some_and(|since| has_lasted(since, shown));
    if shown.is_empty && !lacking.is_empty() {
        if !is_explained {
            verdict.records.extend(since.is_none().then_some(Record::BalanceEmpty { is_over: false }));
            verdict.doubted = lacking;
            return verdict;
        }
        verdict.believed.clone_from(&lacking);
    }
    verdict.records.extend(since.is_some().then_some(Record::BalanceEmpty { is_over: true }));
    let line = |(symbol, _): (Symbol, u64)| Record::OwnShares { shares: (shown.shares)(&symbol), symbol };
    verdict.records.extend(lacking.into_iter().map(line));
    verdict
}

/// Reports whether the balance may lag a fill of ours, or a sell of ours may have filled without showing it yet: one that lives, or
/// that ended on a date that is not over.
fn is_moving(journal: &JournalState, shown: &Shown<'_>, symbol: &Symbol) -> bool {
    let mut own = journal.entries.values().filter(|entry| entry.intent.symbol == *symbol);
    own.any(|entry| {
        let is_open = entry.state.is_live() || journal.is_watched(entry);
        let may_fill = is_open && entry.filled_quantity < entry.intent.quantity;
        (entry.intent.side == Side::Sell && may_fill)
            || entry.filled_at.is_some_and(|filled_at| shown.at - filled_at < MAX_BALANCE_LAG)
    })
}

/// Shares of a symbol that the list says other hands sold, in today's units.
fn sold_elsewhere(journal: &JournalState, list: &OrderList, symbol: &Symbol) -> u64 {
    let unit = journal.units.get(symbol);
    let shares = |row: &BrokerOrder| match unit.filter(|unit| row.date < unit.from) {
        Some(unit) => unit.factor.shares_after(row.filled_quantity),
        None => row.filled_quantity,
    };
    let sells = list.rows.iter().filter(|row| row.side == Side::Sell && row.symbol == *symbol);
    sells.filter(|row| !journal.is_claimed(row.date, &row.key())).map(shares).sum()
}

/// Reports whether a whole session has passed: since the same time of an earlier one.
fn has_lasted(since: DateTime<Utc>, shown: &Shown<'_>) -> bool {
    let elapsed = |date, at: DateTime<Utc>| session_of(date).map(|session| at - session.opens_at);
    let first = crate::domain::market_session::market_at(since).trading_date;
    shown.date > first
        && (previous_trading_date(shown.date) > first || elapsed(shown.date, shown.at) >= elapsed(first, since))
}

/// What people hear of a balance that is not believed.
pub fn doubt_notice(doubted: &[(Symbol, u64)], date: NaiveDate) -> Notice {
    Notice::of_date(NoticeKind::BalanceEmpty, date, "doubted", notices::balance_doubted(&listed(doubted)))
}

/// What people hear of one that is believed.
pub fn belief_notice(believed: &[(Symbol, u64)], date: NaiveDate) -> Notice {
    Notice::of_date(NoticeKind::BalanceEmpty, date, "believed", notices::balance_believed(&listed(believed)))
}

fn listed(shares: &[(Symbol, u64)]) -> Sentence {
    let each: Vec<_> = shares.iter().map(|(symbol, shares)| notices::shares_of(*shares, symbol)).collect();
    Sentence::joined(&each, ", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::test_support::*;
    use crate::domain::{IntentState, Ratio, Unit};

    /// What is made of a balance that shows so many AA, of which we bought five at 10:00.
    fn verdict(
        journal: &TestJournal,
        at: DateTime<Utc>,
        date: NaiveDate,
        shares: u64,
        rows: Vec<BrokerOrder>,
    ) -> Verdict {
        let list = list("12:00:00", rows);
        let (shares, recast) = (move |_: &Symbol| shares, BTreeSet::new());
        let is_empty = shares(&symbol("AA")) == 0;
        let shown = Shown { at, date, list: &list, shares: &shares, shares_before: &|_| 5, recast: &recast, is_empty };
        judge(&journal.state, &shown)
    }

    fn bought() -> TestJournal {
        let mut journal = TestJournal::default();
        let id = journal.open(Side::Buy, "AA", 5, "10");
        journal.sees(&id, IntentState::Filled, 5, 0, "10");
        journal
    }

    #[test]
    fn an_empty_balance_is_doubted_until_it_is_explained() {
        let mut journal = bought();
        let five = vec![(symbol("AA"), 5)];
        assert_eq!(verdict(&journal, at("10:05:00"), day(), 0, vec![]), Verdict::default(), "it may lag the fill");
        let doubted = verdict(&journal, at("12:00:00"), day(), 0, vec![]);
        assert_eq!((doubted.doubted, doubted.records.len()), (five.clone(), 1));
        doubted.records.iter().for_each(|record| journal.tell_at("12:00:00", record.clone()));
        let again = verdict(&journal, at("15:00:00"), day(), 0, vec![]);
        assert_eq!((again.doubted, again.records), (five.clone(), vec![]), "written once");
        let sale = BrokerOrder { filled_quantity: 5, remaining_quantity: 0, ..row("77", Side::Sell, "AA", 5, "10") };
        assert_eq!(verdict(&journal, at("15:00:00"), day(), 0, vec![sale]).believed, five, "sold by phone");
        let tomorrow = |wall: &str| verdict(&journal, at(wall) + TimeDelta::days(1), date("2027-03-10"), 0, vec![]);
        assert_eq!(tomorrow("11:59:00").doubted, five);
        let believed = tomorrow("12:00:00");
        assert_eq!((believed.believed, believed.records.len()), (five, 2), "a whole session");
        for record in &believed.records {
            journal.tell_at("15:59:00", record.clone());
        }
        assert_eq!((journal.state.own_shares(&symbol("AA")), journal.state.balance_empty_since), (0, None));
    }

    #[test]
    fn sales_before_a_split_count_in_todays_units() {
        let mut journal = bought();
        let (new, old) = (2, 1);
        let unit = Unit { symbol: symbol("AA"), factor: Ratio { new, old }, from: date("2027-03-10") };
        journal.tell_at("12:00:00", Record::Unit(unit));
        assert_eq!(journal.state.own_shares(&symbol("AA")), 10);
        let sale = |filled| BrokerOrder { filled_quantity: filled, ..row("77", Side::Sell, "AA", 5, "10") };
        let judged = |filled| verdict(&journal, at("12:00:00"), day(), 0, vec![sale(filled)]);
        assert_eq!((judged(4).doubted, judged(5).believed), (vec![(symbol("AA"), 10)], vec![(symbol("AA"), 10)]));
    }

    #[test]
    fn fewer_shares_went_by_hand_and_more_are_others() {
        let mut journal = bought();
        assert_eq!(verdict(&journal, at("12:00:00"), day(), 8, vec![]), Verdict::default());
        let sale = || BrokerOrder { filled_quantity: 2, ..row("77", Side::Sell, "AA", 2, "10") };
        let fewer = |journal: &TestJournal, rows| verdict(journal, at("12:00:00"), day(), 3, rows);
        assert_eq!(fewer(&journal, vec![sale()]).records, [Record::OwnShares { symbol: symbol("AA"), shares: 3 }]);
        assert_eq!(fewer(&journal, vec![]), Verdict::default(), "a row may be missing for a moment");
        let (list, shares, recast) = (list("12:30:00", vec![]), |_: &Symbol| 3, BTreeSet::new());
        let (at, date) = (at("12:30:00"), day());
        let again =
            Shown { at, date, list: &list, shares: &shares, shares_before: &shares, recast: &recast, is_empty: false };
        assert_eq!(judge(&journal.state, &again).records.len(), 1, "and is missing again");
        journal.open(Side::Buy, "AA", 5, "10");
        assert_eq!(fewer(&journal, vec![sale()]).records.len(), 1, "no buy takes shares");
        journal.open(Side::Sell, "AA", 5, "10");
        assert_eq!(fewer(&journal, vec![sale()]), Verdict::default(), "a sell of ours is open");
    }

    #[test]
    fn of_a_balance_that_shows_others_only_the_list_tells_of_a_sale() {
        let (journal, recast) = (bought(), BTreeSet::new());
        let judged = |rows: Vec<BrokerOrder>| {
            let list = list("12:00:00", rows);
            let (at, date, shares) = (at("12:00:00"), day(), &|_: &Symbol| 2);
            judge(
                &journal.state,
                &Shown { at, date, list: &list, shares, shares_before: &|_| 5, recast: &recast, is_empty: false },
            )
        };
        let sale = |filled| BrokerOrder { filled_quantity: filled, ..row("77", Side::Sell, "AA", 5, "10") };
        assert_eq!(judged(vec![]), Verdict::default(), "a row may be missing, or hold the other three");
        assert_eq!(judged(vec![sale(2)]), Verdict::default());
        assert_eq!(judged(vec![sale(3)]).records, [Record::OwnShares { symbol: symbol("AA"), shares: 2 }]);
    }

    #[test]
    fn fewer_shares_after_a_split_are_no_sale() {
        let (journal, list, recast) = (bought(), list("12:00:00", vec![]), BTreeSet::from([symbol("AA")]));
        let judged = |shares: u64| {
            let (at, date, shares) = (at("12:00:00"), day(), move |_: &Symbol| shares);
            let is_empty = shares(&symbol("AA")) == 0;
            let shown =
                Shown { at, date, list: &list, shares: &shares, shares_before: &|_| 5, recast: &recast, is_empty };
            judge(&journal.state, &shown)
        };
        assert_eq!(judged(1), Verdict::default(), "1 for 5");
        assert_eq!(judged(0).doubted, [(symbol("AA"), 5)], "no split takes the last one");
    }
}
