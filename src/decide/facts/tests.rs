//! Tables for `decide::facts`, written from the trading rules.

use super::*;
use crate::decide::test_support::*;
use crate::domain::{IntentState, Witness};

fn balance(all: &[(&str, u64)]) -> BTreeMap<Symbol, Position> {
    all.iter().map(|(name, quantity)| (symbol(name), position(name, *quantity))).collect()
}

fn held(journal: &TestJournal, all: &[(&str, u64)]) -> Vec<(String, u64)> {
    let held = held_quantities(&balance(all), &journal.state, day());
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
    assert_eq!(held_quantities(&balance(&[]), &journal.state, date("2027-03-10")), BTreeMap::new());
}

#[test]
fn the_total_is_cash_holdings_and_what_buys_reserve() {
    let mut journal = TestJournal::default();
    journal.listed(Side::Buy, "AA", 10, "10", (IntentState::Accepted, 4, 6, "9"));
    journal.unknown(Side::Buy, "BB", 2, "5");
    journal.open(Side::Sell, "CC", 3, "7");
    journal.filled(Side::Buy, "DD", 3, "7");
    let held = BTreeMap::from([(symbol("AA"), 4), (symbol("CC"), 3)]);
    let price =
        |known: &'static [&'static str]| move |symbol: &Symbol| known.contains(&symbol.as_str()).then(|| usd("8"));
    // 100 cash, 7 shares at 8, 6 open at 10, 2 unknown at 5.
    assert_eq!(total_usd(usd("100"), &held, price(&["AA", "CC"]), &journal.state), Some(usd("226")));
    assert_eq!(total_usd(usd("100"), &held, price(&["AA"]), &journal.state), None, "a holding without a price");
    assert_eq!(positions_usd(&held, price(&["AA", "CC"])), Some(usd("56")));
    assert_eq!(positions_usd(&BTreeMap::new(), price(&[])), Some(Usd::ZERO));
    assert_eq!(total_usd(usd("100"), &BTreeMap::new(), price(&[]), &JournalState::default()), Some(usd("100")));
}
