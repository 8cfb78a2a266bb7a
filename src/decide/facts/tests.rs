//! Tables for `decide::facts`, written from the trading rules.

use super::*;
use crate::decide::test_support::*;
use crate::domain::{IntentState, Witness};

fn balance(all: &[(&str, u64)]) -> BTreeMap<Symbol, Position> {
    all.iter().map(|(name, quantity)| (symbol(name), position(name, *quantity))).collect()
}

fn held(journal: &TestJournal, all: &[(&str, u64)]) -> Vec<(String, u64)> {
    let held = held_quantities(&balance(all), &journal.state, day(), &[]);
    held.into_iter().map(|(symbol, quantity)| (symbol.to_string(), quantity)).collect()
}

/// A filled order of AA whose intent saw `before` shares.
fn fill(journal: &mut TestJournal, side: Side, before: u64, quantity: u64) {
    let number = u32::try_from(journal.state.entries.len()).unwrap() + 1;
    let mut intent = intent(number, side, "AA", quantity, &format!("{number}"));
    intent.witness = Witness { held: before, ..intent.witness };
    let id = journal.accept("10:00:00", intent);
    journal.sees(&id, IntentState::Filled, quantity, 0, "10");
}

#[test]
fn own_fills_of_the_date_count_before_the_balance_shows_them() {
    use Side::{Buy, Sell};
    for (fills, shown, expected) in [
        (&[][..], 0, 0),
        (&[], 7, 7),
        // Bought 5: not shown yet, shown, and shown besides an external buy.
        (&[(Buy, 0, 5)], 0, 5),
        (&[(Buy, 0, 5)], 5, 5),
        (&[(Buy, 0, 5)], 8, 8),
        (&[(Buy, 3, 5)], 3, 8),
        (&[(Buy, 3, 5)], 8, 8),
        // Twice: only the first intent of the date saw a balance without either.
        (&[(Buy, 3, 5), (Buy, 8, 2)], 3, 10),
        (&[(Buy, 3, 5), (Buy, 3, 2)], 3, 10),
        (&[(Buy, 3, 5), (Buy, 8, 2)], 10, 10),
        // Sold: the balance's larger number counts, since it only limits buying.
        (&[(Sell, 10, 10)], 0, 0),
        (&[(Sell, 10, 10)], 10, 10),
        (&[(Sell, 10, 10), (Buy, 0, 4)], 0, 4),
        (&[(Sell, 10, 10), (Buy, 0, 4)], 4, 4),
        (&[(Buy, 0, 5), (Sell, 5, 5)], 0, 0),
        (&[(Buy, 0, 5), (Sell, 5, 2)], 0, 3),
    ] {
        let mut journal = TestJournal::default();
        fills.iter().for_each(|(side, before, quantity)| fill(&mut journal, *side, *before, *quantity));
        let expected = if expected == 0 { vec![] } else { vec![("AA".to_owned(), expected)] };
        assert_eq!(held(&journal, &[("AA", shown)]), expected, "{fills:?}, shown {shown}");
    }
}

#[test]
fn only_what_filled_and_only_of_the_date_is_added() {
    let mut journal = TestJournal::default();
    journal.open(Side::Buy, "AA", 5, "10");
    journal.unknown(Side::Buy, "BB", 5, "10");
    assert_eq!(held(&journal, &[("XX", 1)]), [("XX".to_owned(), 1)]);
    journal.listed(Side::Buy, "CC", 5, "10", (IntentState::Cancelled, 2, 0, "10"));
    assert_eq!(held(&journal, &[]), [("CC".to_owned(), 2)]);
    assert_eq!(held_quantities(&balance(&[]), &journal.state, date("2027-03-10"), &[]), BTreeMap::new());
}

#[test]
fn what_other_hands_sold_is_not_held_any_more() {
    use Side::{Buy, Sell};
    let elsewhere =
        |number: &str, side, filled| BrokerOrder { filled_quantity: filled, ..row(number, side, "AA", 9, "10") };
    for (shown, external, expected) in [
        // 5 bought by us, and not shown yet.
        (0, vec![], 5),
        // All of them sold by phone: nothing is held, and nothing is waited for.
        (0, vec![elsewhere("77", Sell, 5)], 0),
        (0, vec![elsewhere("77", Sell, 2)], 3),
        (3, vec![elsewhere("77", Sell, 2)], 3),
        // The balance's larger number counts.
        (5, vec![elsewhere("77", Sell, 5)], 5),
        // Bought and sold elsewhere.
        (0, vec![elsewhere("77", Sell, 4), elsewhere("78", Buy, 4)], 5),
        // What was listed before our intent had been bought by then.
        (0, vec![elsewhere("9", Buy, 4)], 5),
        // Another symbol, another date.
        (0, vec![BrokerOrder { symbol: symbol("BB"), ..elsewhere("77", Sell, 5) }], 5),
        (0, vec![BrokerOrder { date: date("2027-03-08"), ..elsewhere("77", Sell, 5) }], 5),
    ] {
        let mut journal = TestJournal::default();
        let mut intent = intent(1, Buy, "AA", 5, "10");
        intent.baseline = [key("9")].into();
        intent.witness = Witness { held: 0, ..intent.witness };
        let id = journal.accept("10:00:00", intent);
        journal.sees(&id, IntentState::Filled, 5, 0, "10");
        let held = held_quantities(&balance(&[("AA", shown)]), &journal.state, day(), &external);
        assert_eq!(held.get(&symbol("AA")).copied().unwrap_or(0), expected, "{shown} shown, {external:?}");
    }
}

#[test]
fn the_total_is_cash_holdings_and_what_buys_reserve() {
    let mut journal = TestJournal::default();
    journal.listed(Side::Buy, "AA", 10, "10", (IntentState::Accepted, 4, 6, "9"));
    journal.unknown(Side::Buy, "BB", 2, "5");
    journal.open(Side::Sell, "CC", 3, "7");
    journal.filled(Side::Buy, "DD", 3, "7");
    // 100 cash, 56 in shares, 6 open at 10, 2 unknown at 5.
    assert_eq!(total_usd(usd("100"), usd("56"), &journal.state), Some(usd("226")));
    assert_eq!(total_usd(usd("100"), Usd::ZERO, &JournalState::default()), Some(usd("100")));
    assert_eq!(total_usd(Usd(Decimal::MAX), usd("56"), &JournalState::default()), None);
}

#[test]
fn a_holding_without_a_price_counts_by_the_next_best_figure() {
    let worth = |value: Option<&str>, known: Option<&str>| {
        let positions = BTreeMap::from([
            (symbol("AA"), Position { balance_value: value.map(usd), ..position("AA", 4) }),
            (symbol("CC"), position("CC", 3)),
        ]);
        let held = BTreeMap::from([(symbol("AA"), 5), (symbol("CC"), 3)]);
        let price = |asked: &Symbol| (*asked == symbol("CC")).then(|| usd("8"));
        let worth = worth_of(&held, &positions, price, |_| known.map(usd)).unwrap();
        (worth.usd, worth.unpriced.get(&symbol("AA")).copied())
    };
    assert_eq!(worth(Some("40"), Some("7")), (usd("74"), Some(Some(usd("10")))), "5 of which the balance says 10");
    assert_eq!(worth(None, Some("7")), (usd("59"), Some(Some(usd("7")))), "the last known price");
    assert_eq!(worth(None, None), (usd("24"), Some(None)), "nothing");
    let held = BTreeMap::from([(symbol("AA"), 2)]);
    let much = |_: &Symbol| Some(Usd(Decimal::MAX));
    assert_eq!(worth_of(&held, &BTreeMap::new(), much, |_| None), None, "beyond all numbers");
    assert_eq!(worth_of(&held, &BTreeMap::new(), |_| Some(usd("1")), |_| None).unwrap().unpriced, BTreeMap::new());
}
