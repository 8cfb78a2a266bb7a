//! Tables for the guards of strategies' symbols.

use super::*;
use crate::decide::test_support::{TestJournal, day, intent, limits, position, quotes, symbol, usd};
use crate::domain::{Intent, IntentState, Lot, OrderKind, SheetLine};

/// What a run has read, with nothing odd in it.
struct Read {
    journal: TestJournal,
    positions: BTreeMap<Symbol, Position>,
    odd_rows: OddRows,
    quotes: BTreeMap<Symbol, Quoted>,
}

impl Read {
    fn new(last: &str, base: &str) -> Read {
        Read {
            journal: TestJournal::default(),
            positions: BTreeMap::new(),
            odd_rows: OddRows { holdings: Vec::new(), orders: Vec::new() },
            quotes: quotes(&[("AA", last, base)]),
        }
    }

    fn holding(mut self, quantity: u64, average_cost: Option<&str>) -> Read {
        let held = Position { average_cost: average_cost.map(usd), ..position("AA", quantity) };
        self.positions.insert(held.symbol.clone(), held);
        self
    }

    fn account(&self) -> Account<'_> {
        let Read { journal, positions, odd_rows, quotes } = self;
        Account { journal: &journal.state, trading_date: day(), positions, odd_rows, quotes }
    }
}

fn rule_of<T>(checked: Result<T, Skip>) -> Option<Rule> {
    checked.err().map(|skip| skip.rule)
}

fn order(side: Side, quantity: u64, price: &str) -> SheetOrder {
    let kind = OrderKind::Loc;
    SheetOrder { symbol: symbol("AA"), side, kind, quantity, limit_price: usd(price), parts: Vec::new() }
}

#[test]
fn a_price_is_believed_when_its_base_is_yesterdays_close_and_the_move_is_possible() {
    for (last, base, close, is_believed) in [
        ("75", "75", None, true),
        // A half of one percent from the close that is known.
        ("75", "75.37", Some("75"), true),
        ("75", "75.38", Some("75"), false),
        ("75", "74.63", Some("75"), true),
        ("75", "74.62", Some("75"), false),
        ("75", "80", None, true),
        // 60 % up and down; SOXL rose 54.79 % in a day.
        ("160", "100", None, true),
        ("160.01", "100", None, false),
        ("40", "100", None, true),
        ("39.99", "100", None, false),
        ("154.79", "100", Some("100"), true),
    ] {
        let read = Read::new(last, base);
        let rule = rule_of(read.account().check_symbol(&symbol("AA"), close.map(usd)));
        let wanted = (!is_believed).then_some(Rule::PriceSuspicious);
        assert_eq!(rule, wanted, "last {last}, base {base}, close {close:?}");
    }
    assert_eq!(rule_of(Read::new("", "75").account().check_symbol(&symbol("AA"), None)), Some(Rule::PriceUnknown));
    assert_eq!(rule_of(Read::new("75", "75").account().check_symbol(&symbol("BB"), None)), Some(Rule::PriceUnknown));
    let mut on_credit = Read::new("75", "75").holding(5, Some("75"));
    on_credit.positions.values_mut().for_each(|position| position.on_credit = true);
    assert_eq!(rule_of(on_credit.account().check_symbol(&symbol("AA"), None)), Some(Rule::LoanHolding));
}

#[test]
fn own_shares_and_their_cost_are_those_of_the_account() {
    // Shares by today's fills, in the morning, and in the account; the average of the account.
    for (own, morning, held, average, fits) in [
        (29, 29, 29, Some("69.75"), true),
        (29, 29, 28, Some("69.75"), false),
        (29, 29, 30, Some("69.75"), false),
        (29, 29, 0, None, false),
        (0, 0, 0, None, true),
        (0, 0, 1, Some("75"), false),
        // The balance may still be this morning's; then the average is, too.
        (32, 29, 32, Some("70.24"), true),
        (32, 29, 29, Some("69.75"), true),
        (32, 29, 31, Some("70"), false),
        (0, 29, 29, Some("69.75"), true),
        (0, 29, 0, None, true),
        // 1.5 % of 69.75.
        (29, 29, 29, Some("70.79"), true),
        (29, 29, 29, Some("70.80"), false),
        (29, 29, 29, Some("68.71"), true),
        (29, 29, 29, Some("68.70"), false),
        // A holding whose average KIS does not say.
        (29, 29, 29, None, true),
    ] {
        let read = if held > 0 { Read::new("75", "75").holding(held, average) } else { Read::new("75", "75") };
        let lot = Lot { quantity: morning, average_cost: usd("69.75") };
        let lots = (morning > 0).then(|| (symbol("AA"), lot)).into_iter().collect();
        let ledger = Ledger { cash: usd("1000"), lots };
        let rule = rule_of(read.account().check_ledger(&symbol("AA"), own, &ledger));
        let wanted = (!fits).then_some(Rule::LedgerMismatch);
        assert_eq!(rule, wanted, "own {own} of {morning}, held {held} at {average:?}");
    }
}

#[test]
fn an_order_waits_for_one_of_unknown_outcome_and_stays_within_kis_band() {
    let read = Read::new("25", "25").holding(9, Some("25"));
    assert_eq!(rule_of(read.account().check_order(&order(Side::Sell, 3, "75"), usd("25"))), None);
    assert_eq!(
        rule_of(read.account().check_order(&order(Side::Sell, 3, "75.01"), usd("25"))),
        Some(Rule::PriceBand),
        "more than three times the last price"
    );
    assert_eq!(rule_of(read.account().check_order(&order(Side::Buy, 3, "99"), usd("25"))), None);
    for (side, blocks_buy, blocks_sell) in [(Side::Buy, true, false), (Side::Sell, true, true)] {
        let mut read = Read::new("25", "25").holding(9, Some("25"));
        read.journal.unknown(side, "AA", 1, "24");
        let is_blocked =
            |side| rule_of(read.account().check_order(&order(side, 3, "25"), usd("25"))) == Some(Rule::OrderUnknown);
        assert_eq!((is_blocked(Side::Buy), is_blocked(Side::Sell)), (blocks_buy, blocks_sell), "an unknown {side}");
    }
    // Sells of one sheet do not block each other.
    let mut read = Read::new("25", "25").holding(9, Some("25"));
    read.journal.open(Side::Sell, "AA", 2, "30");
    assert_eq!(rule_of(read.account().check_order(&order(Side::Sell, 3, "25"), usd("25"))), None);
}

#[test]
fn a_buy_stays_within_the_limits_that_a_person_set() {
    let most = limits();
    assert_eq!((most.max_order, most.max_buy_per_day), (usd("2000"), usd("5000")));
    let check = |journal: &TestJournal, price, lot_cost: &str| {
        rule_of(check_limits(&journal.state, day(), &most, &order(Side::Buy, 10, price), usd(lot_cost)))
    };
    let nothing = TestJournal::default();
    assert_eq!(check(&nothing, "200", "3000"), None);
    assert_eq!(check(&nothing, "200.01", "0"), Some(Rule::DayLimit), "one order");
    assert_eq!(check(&nothing, "200", "3000.01"), Some(Rule::PositionLimit), "shares at their cost");
    let mut spent = TestJournal::default();
    for _ in 0..2 {
        spent.filled(Side::Buy, "BB", 10, "160");
    }
    assert_eq!(check(&spent, "180", "0"), None);
    assert_eq!(check(&spent, "180.01", "0"), Some(Rule::DayLimit), "the day");
    let mut open = TestJournal::default();
    open.open(Side::Buy, "AA", 10, "100");
    assert_eq!(check(&open, "100", "3000"), None);
    assert_eq!(check(&open, "100.01", "3000"), Some(Rule::PositionLimit), "with what is open");
}

#[test]
fn no_sheet_before_every_earlier_order_has_come_to_its_end() {
    let of = |strategy: &str, intent: Intent| {
        let line = SheetLine { strategy: strategy.to_owned(), order: Some(0), parts: Vec::new() };
        Intent { line: Some(line), ..intent }
    };
    let today = day().succ_opt().unwrap();
    for (strategy, state, on, is_settled) in [
        ("s", Some(IntentState::Filled), today, true),
        ("s", Some(IntentState::Expired), today, true),
        ("s", Some(IntentState::Cancelled), today, true),
        ("s", None, today, false),
        // Its own orders of the date, and other strategies', do not count.
        ("s", None, day(), true),
        ("other", None, today, true),
    ] {
        let mut journal = TestJournal::default();
        let id = journal.accept("10:00:00", of(strategy, intent(1, Side::Buy, "AA", 5, "10")));
        if let Some(state) = state {
            let filled = if state == IntentState::Filled { 5 } else { 0 };
            journal.sees(&id, state, filled, 0, if filled > 0 { "10" } else { "0" });
        }
        let wanted = (!is_settled).then_some(Rule::YesterdayUnsettled);
        assert_eq!(rule_of(check_settled(&journal.state, "s", on)), wanted, "{strategy} {state:?} on {on}");
    }
}
