//! Tables for `decide::invariants`, written from the trading rules.

use super::*;
use crate::decide::test_support::*;
use crate::domain::{IntentState, OutcomeClass, SheetLine, Usd};
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

/// The same intent for a line of a sheet.
fn of_a_sheet(intent: Intent) -> Intent {
    Intent { line: Some(SheetLine { strategy: "s".to_owned(), order: Some(0), parts: Vec::new() }), ..intent }
}

/// KIS's lists show no order type: of a strategy's lines none of a date may have another's price, whatever else they are.
#[test]
fn a_line_has_a_twin_in_every_order_of_its_date_and_price() {
    let order = || of_a_sheet(intent(9, Side::Buy, "AA", 5, "10"));
    let other_kind = |kind| Intent { order_kind: kind, ..order() };
    type Before = fn(&mut TestJournal);
    let befores: [(Before, bool); 9] = [
        (|journal| drop(journal.open(Side::Buy, "AA", 5, "10")), true),
        (|journal| drop(journal.open(Side::Buy, "AA", 4, "10.00")), true),
        (|journal| drop(journal.unknown(Side::Buy, "AA", 4, "10")), true),
        (|journal| drop(journal.filled(Side::Buy, "AA", 4, "10")), true),
        (|journal| drop(journal.ended(OutcomeClass::Rejected, Side::Buy, "AA", 4, "10")), true),
        (|journal| drop(journal.open(Side::Buy, "AA", 5, "10.01")), false),
        (|journal| drop(journal.open(Side::Sell, "AA", 5, "10")), false),
        (|journal| drop(journal.open(Side::Buy, "BB", 5, "10")), false),
        (|_| {}, false),
    ];
    for (place, (before, is_twin)) in befores.into_iter().enumerate() {
        let mut journal = TestJournal::default();
        before(&mut journal);
        let broken_by = |intent: &Intent| broken(&journal, intent).filter(|name| name == "I2");
        assert_eq!(broken_by(&order()).is_some(), is_twin, "{place}");
        for kind in OrderKind::ALL {
            assert_eq!(broken_by(&other_kind(kind)).is_some(), is_twin, "{place}: {kind}");
        }
    }
    let yesterday = Intent { trading_date: date("2026-03-06"), ..order() };
    let mut journal = TestJournal::default();
    journal.open(Side::Buy, "AA", 5, "10");
    assert_eq!(broken(&journal, &yesterday), None, "another date's");
}

/// Paper takes limit orders, real closing orders as well, and sells alone at the market, where an order has no price.
#[test]
fn each_kind_of_order_has_its_mode_side_and_price() {
    use OrderKind::{Limit, Loc, Moc};
    let real = Binding { mode: Mode::Real, ..binding() };
    for (mode, kind, side, price, stopped_by) in [
        (Mode::Paper, Limit, Side::Buy, "10", None),
        (Mode::Paper, Loc, Side::Buy, "10", stops("I11")),
        (Mode::Paper, Loc, Side::Sell, "10", stops("I11")),
        (Mode::Paper, Moc, Side::Sell, "0", stops("I11")),
        (Mode::Real, Limit, Side::Sell, "10", None),
        (Mode::Real, Loc, Side::Buy, "10", None),
        (Mode::Real, Loc, Side::Sell, "10", None),
        (Mode::Real, Loc, Side::Sell, "0", stops("I7")),
        (Mode::Real, Limit, Side::Sell, "0", stops("I7")),
        (Mode::Real, Moc, Side::Sell, "0", None),
        (Mode::Real, Moc, Side::Sell, "10", stops("I7")),
        (Mode::Real, Moc, Side::Buy, "0", stops("I11")),
    ] {
        let binding = if mode == Mode::Real { &real } else { &binding() };
        let tr_id = TrId { mode, ..tr_id(side) };
        let sent = Intent { mode, order_kind: kind, ..of_a_sheet(intent(1, side, "AA", 5, price)) };
        let failed = check_before_intent(&TestJournal::default().state, &sent, tr_id, binding, &limits(), usd("10"));
        let name = failed.err().and_then(|failure| failure.said.what.split_whitespace().nth(1).map(str::to_owned));
        assert_eq!(name, stopped_by, "{mode:?} {kind} {side} at {price}");
    }
}

/// The sells of one sheet do not block each other; together they sell what one balance says, and no more.
#[test]
fn the_sells_of_one_sheet_share_what_can_be_sold() {
    // Orders are accepted at 10:00; a balance read after that has taken them off already.
    for (listed_at, quantity, fits) in
        [("09:59:00", 3, true), ("09:59:00", 4, false), ("10:01:00", 10, true), ("10:01:00", 11, false)]
    {
        let mut journal = TestJournal::default();
        journal.open(Side::Sell, "AA", 7, "11");
        let mut sell = of_a_sheet(intent(9, Side::Sell, "AA", quantity, "10"));
        (sell.witness.sellable, sell.listed_at) = (10, at(listed_at));
        assert_eq!(broken(&journal, &sell).is_none(), fits, "{quantity} by a list of {listed_at}");
        sell.line = None;
        assert_eq!(broken(&journal, &sell), stops("I6"), "without a sheet an open sell stops the next");
    }
    let mut journal = TestJournal::default();
    journal.unknown(Side::Sell, "AA", 7, "11");
    assert_eq!(broken(&journal, &of_a_sheet(intent(9, Side::Sell, "AA", 1, "10"))), stops("I13"));
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
