//! Tables for `decide::invariants`, written from the trading rules.

use super::*;
use crate::decide::test_support::*;
use crate::domain::intent::{IntentState, OutcomeClass};
use crate::domain::money::Usd;

fn binding() -> Binding {
    Binding { mode: Mode::Paper, account_print: "5be1c0de".to_owned() }
}

/// The invariant that stops the intent, if any.
fn broken(past: &Past, intent: &Intent) -> Option<String> {
    let failure = check_before_post(&past.state, intent, &binding()).err()?;
    assert_eq!((failure.exit, failure.reason), (Exit::Unexpected, Reason::Unexpected));
    failure.what.split_whitespace().nth(1).map(str::to_owned)
}

fn stops(name: &str) -> Option<String> {
    Some(name.to_owned())
}

#[test]
fn an_order_in_order_leaves() {
    let mut past = Past::default();
    past.filled(Side::Buy, "AA", 5, "10");
    past.ended(OutcomeClass::Rejected, Side::Sell, "AA", 5, "10");
    past.open(Side::Buy, "BB", 5, "10");
    for side in [Side::Buy, Side::Sell] {
        assert_eq!(broken(&past, &intent(9, side, "AA", 5, "10")), None, "{side}");
    }
}

#[test]
fn a_live_twin_stops_an_order() {
    let mut past = Past::default();
    let id = past.open(Side::Buy, "AA", 5, "10");
    assert_eq!(broken(&past, &intent(9, Side::Buy, "AA", 5, "10.00")), stops("I2"));
    assert_eq!(broken(&past, &intent(9, Side::Buy, "AA", 5, "10.01")), None);
    assert_eq!(broken(&past, &intent(9, Side::Buy, "AA", 4, "10")), None);
    past.sees(&id, IntentState::Cancelled, 0, 0, "0");
    assert_eq!(broken(&past, &intent(9, Side::Buy, "AA", 5, "10")), None);
}

#[test]
fn account_mode_and_tr_id_must_be_those_of_the_run() {
    let bent: [fn(&mut Intent); 3] = [
        |intent| intent.env = Mode::Real,
        |intent| intent.account_print = "00000000".to_owned(),
        |intent| intent.tr_id = "TTTT1002U".to_owned(),
    ];
    for bend in bent {
        let mut intent = intent(1, Side::Buy, "AA", 5, "10");
        bend(&mut intent);
        assert_eq!(broken(&Past::default(), &intent), stops("I11"));
    }
    let mut real = intent(1, Side::Buy, "AA", 5, "10");
    (real.env, real.tr_id) = (Mode::Real, "TTTT1002U".to_owned());
    let binding = Binding { mode: Mode::Real, ..binding() };
    assert_eq!(check_before_post(&JournalState::default(), &real, &binding), Ok(()));
}

#[test]
fn an_unknown_order_blocks_buys_and_an_unknown_sell_blocks_sells() {
    for (unknown, wanted, name) in [
        (Side::Buy, Side::Buy, stops("I13")),
        (Side::Sell, Side::Buy, stops("I13")),
        (Side::Sell, Side::Sell, stops("I13")),
        (Side::Buy, Side::Sell, None),
    ] {
        let mut past = Past::default();
        past.unknown(unknown, "AA", 3, "9");
        assert_eq!(broken(&past, &intent(9, wanted, "AA", 5, "10")), name, "{unknown}, then {wanted}");
        assert_eq!(broken(&past, &intent(9, wanted, "BB", 5, "10")), None);
    }
}

#[test]
fn never_more_is_sold_than_can_be() {
    let mut past = Past::default();
    let mut sell = intent(9, Side::Sell, "AA", 5, "10");
    sell.witness.sellable = 4;
    assert_eq!(broken(&past, &sell), stops("I6"));
    sell.witness.sellable = 5;
    assert_eq!(broken(&past, &sell), None);
    let open = past.open(Side::Sell, "AA", 3, "11");
    assert_eq!(broken(&past, &sell), stops("I6"), "an own sell is open");
    past.sees(&open, IntentState::Filled, 3, 0, "11");
    assert_eq!(broken(&past, &sell), None);
}

#[test]
fn nothing_is_no_order() {
    let mut empty = intent(1, Side::Buy, "AA", 0, "10");
    assert_eq!(broken(&Past::default(), &empty), stops("I7"));
    empty.quantity = 1;
    empty.limit_price = Usd::ZERO;
    assert_eq!(broken(&Past::default(), &empty), stops("I7"));
}
