//! Tables for `decide::invariants`, written from the trading rules.

use super::*;
use crate::decide::test_support::*;
use crate::domain::{IntentState, OutcomeClass, Usd};
use crate::exit::Exit;

fn binding() -> Binding {
    Binding { mode: Mode::Paper, account_fingerprint: "5be1c0de".to_owned() }
}

/// The invariant that stops the intent, if any.
fn broken(journal: &TestJournal, intent: &Intent) -> Option<String> {
    let failure =
        check_before_intent(&journal.state, intent, tr_id(intent.side), &binding(), &limits(), usd("10")).err()?;
    assert_eq!((failure.exit(), failure.reason), (Exit::Unexpected, Reason::Unexpected));
    failure.said.what.split_whitespace().nth(1).map(str::to_owned)
}

fn stops(name: &str) -> Option<String> {
    Some(name.to_owned())
}

#[test]
fn a_sound_order_leaves() {
    let mut journal = TestJournal::default();
    journal.filled(Side::Buy, "AA", 5, "10");
    journal.ended(OutcomeClass::Rejected, Side::Sell, "AA", 5, "10");
    journal.open(Side::Buy, "BB", 5, "10");
    for side in [Side::Buy, Side::Sell] {
        assert_eq!(broken(&journal, &intent(9, side, "AA", 5, "10")), None, "{side}");
    }
}

#[test]
fn a_live_twin_stops_an_order() {
    let mut journal = TestJournal::default();
    let id = journal.open(Side::Buy, "AA", 5, "10");
    assert_eq!(broken(&journal, &intent(9, Side::Buy, "AA", 5, "10.00")), stops("I2"));
    assert_eq!(broken(&journal, &intent(9, Side::Buy, "AA", 5, "10.01")), None);
    assert_eq!(broken(&journal, &intent(9, Side::Buy, "AA", 4, "10")), None);
    journal.sees(&id, IntentState::Cancelled, 0, 0, "0");
    assert_eq!(broken(&journal, &intent(9, Side::Buy, "AA", 5, "10")), None);
}

#[test]
fn account_mode_and_tr_id_must_be_those_of_the_run() {
    let bent: [fn(&mut Intent); 3] = [
        |intent| intent.mode = Mode::Real,
        |intent| intent.account_fingerprint = "00000000".to_owned(),
        |intent| intent.tr_id = "TTTT1002U".to_owned(),
    ];
    for bend in bent {
        let mut intent = intent(1, Side::Buy, "AA", 5, "10");
        bend(&mut intent);
        assert_eq!(broken(&TestJournal::default(), &intent), stops("I11"));
    }
    let mut real = intent(1, Side::Buy, "AA", 5, "10");
    (real.mode, real.tr_id) = (Mode::Real, "TTTT1002U".to_owned());
    let binding = Binding { mode: Mode::Real, ..binding() };
    let check = |mode| {
        let tr_id = TrId { id: "TTTT1002U", mode };
        check_before_intent(&JournalState::default(), &real, tr_id, &binding, &limits(), usd("10"))
    };
    assert_eq!(check(Mode::Real), Ok(()));
    assert!(check(Mode::Paper).unwrap_err().said.what.starts_with("invariant I11"), "a gateway of the other mode");
}

#[test]
fn an_unknown_order_blocks_buys_and_an_unknown_sell_blocks_sells() {
    for (unknown, wanted, name) in [
        (Side::Buy, Side::Buy, stops("I13")),
        (Side::Sell, Side::Buy, stops("I13")),
        (Side::Sell, Side::Sell, stops("I13")),
        (Side::Buy, Side::Sell, None),
    ] {
        let mut journal = TestJournal::default();
        journal.unknown(unknown, "AA", 3, "9");
        assert_eq!(broken(&journal, &intent(9, wanted, "AA", 5, "10")), name, "{unknown}, then {wanted}");
        assert_eq!(broken(&journal, &intent(9, wanted, "BB", 5, "10")), None);
    }
}

#[test]
fn never_more_is_sold_than_can_be() {
    let mut journal = TestJournal::default();
    let mut sell = intent(9, Side::Sell, "AA", 5, "10");
    sell.witness.sellable = 4;
    assert_eq!(broken(&journal, &sell), stops("I6"));
    sell.witness.sellable = 5;
    assert_eq!(broken(&journal, &sell), None);
    let open = journal.open(Side::Sell, "AA", 3, "11");
    assert_eq!(broken(&journal, &sell), stops("I6"), "an own sell is open");
    journal.sees(&open, IntentState::Filled, 3, 0, "11");
    assert_eq!(broken(&journal, &sell), None);
}

#[test]
fn an_empty_order_is_stopped() {
    let mut empty = intent(1, Side::Buy, "AA", 0, "10");
    assert_eq!(broken(&TestJournal::default(), &empty), stops("I7"));
    empty.quantity = 1;
    empty.limit_price = Usd::ZERO;
    assert_eq!(broken(&TestJournal::default(), &empty), stops("I7"));
}

#[test]
fn no_buy_spends_more_than_any_limit_says() {
    let caps =
        Limits { max_order: usd("100"), max_buy_per_day: usd("150"), max_position: Some(usd("120")), ..limits() };
    let stopped = |journal: &TestJournal, held: u64, quantity: u64| {
        let mut buy = intent(9, Side::Buy, "AA", quantity, "10");
        buy.witness.held = held;
        check_before_intent(&journal.state, &buy, tr_id(Side::Buy), &binding(), &caps, usd("10"))
            .err()
            .map(|failure| failure.said.because)
    };
    let none = TestJournal::default();
    assert_eq!(stopped(&none, 0, 10), None);
    assert!(stopped(&none, 0, 11).unwrap().contains("max_order_usd"));
    assert_eq!(stopped(&none, 2, 10), None);
    assert!(stopped(&none, 3, 10).unwrap().contains("max_position_usd"));
    let mut journal = TestJournal::default();
    journal.open(Side::Buy, "BB", 6, "10");
    assert_eq!(stopped(&journal, 0, 9), None);
    assert!(stopped(&journal, 0, 10).unwrap().contains("max_buy_usd_per_day"));
    let mut journal = TestJournal::default();
    journal.unknown(Side::Buy, "BB", 6, "10");
    assert!(stopped(&journal, 0, 10).unwrap().contains("max_buy_usd_per_day"), "unknown counts in full");
    // A limit that is off is none.
    let off = Limits { max_position: None, ..caps.clone() };
    let mut buy = intent(9, Side::Buy, "AA", 10, "10");
    buy.witness.held = 1000;
    assert_eq!(check_before_intent(&none.state, &buy, tr_id(Side::Buy), &binding(), &off, usd("10")), Ok(()));
}

#[test]
fn each_request_for_an_order_must_be_allowed_by_the_one_before() {
    let mut journal = TestJournal::default();
    let unknown = journal.unknown(Side::Buy, "AA", 5, "10");
    let accepted = journal.open(Side::Buy, "BB", 5, "10");
    let good = journal.state.entries[&unknown].intent.clone();
    let ended = journal.state.entries[&accepted].intent.clone();
    let posting = Posting {
        intent: &good,
        is_synced: true,
        has_write_failed: false,
        list_age: TimeDelta::seconds(5),
        posts: 1,
        last: None,
    };
    let stopped = |posting: &Posting<'_>| {
        let failure = check_before_post(&journal.state, posting).err()?;
        failure.said.what.split_whitespace().nth(1).map(str::to_owned)
    };
    let cases: [(Posting<'_>, Option<&str>); 14] = [
        (posting, None),
        (Posting { intent: &ended, ..posting }, Some("I1")),
        (Posting { posts: 2, ..posting }, Some("I3")),
        (Posting { posts: 3, last: Some(OutcomeClass::NotSent), ..posting }, None),
        (Posting { posts: 4, last: Some(OutcomeClass::NotSent), ..posting }, Some("I3")),
        (Posting { posts: 2, last: Some(OutcomeClass::TurnedAway), ..posting }, None),
        (Posting { posts: 3, last: Some(OutcomeClass::TurnedAway), ..posting }, Some("I3")),
        (Posting { posts: 2, last: Some(OutcomeClass::Unknown), ..posting }, Some("I3")),
        (Posting { posts: 2, last: Some(OutcomeClass::Accepted), ..posting }, Some("I3")),
        (Posting { posts: 2, last: Some(OutcomeClass::Rejected), ..posting }, Some("I3")),
        (Posting { is_synced: false, ..posting }, Some("I8")),
        (Posting { list_age: TimeDelta::minutes(11), ..posting }, Some("I9")),
        (Posting { list_age: TimeDelta::minutes(-11), ..posting }, Some("I9")),
        (Posting { has_write_failed: true, ..posting }, Some("I10")),
    ];
    for (place, (posting, name)) in cases.iter().enumerate() {
        assert_eq!(stopped(posting).as_deref(), *name, "case {place}: {posting:?}");
    }
    let nowhere = intent(77, Side::Buy, "CC", 5, "10");
    assert_eq!(stopped(&Posting { intent: &nowhere, ..posting }).as_deref(), Some("I8"), "no line declares it");
}
