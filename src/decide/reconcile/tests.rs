//! Tables for `decide::reconcile`, written from the trading rules.

mod absent;
mod ended;

use super::*;
use crate::decide::test_support::*;
use crate::domain::{EndReason, HumanVerdict, OddOrder, OutcomeClass, Usd};

/// The journal against a list, without the account.
fn compare(journal: &TestJournal, list: &OrderList) -> Findings {
    compare_with(journal, list, &BTreeMap::new())
}

fn compare_with(journal: &TestJournal, list: &OrderList, witnesses: &BTreeMap<Symbol, Witness>) -> Findings {
    let stamp = stamp(list.read_at);
    reconcile(&journal.state, &Evidence { list, stamp: &stamp, today: day(), witnesses })
}

/// Compares and writes down what was found, as a run does.
fn reconcile_with(journal: &mut TestJournal, list: &OrderList) -> Findings {
    let findings = compare(journal, list);
    for record in &findings.records {
        journal.state.apply(&stamp(list.read_at), record).unwrap();
    }
    findings
}

/// An unknown buy of 3 AA at 61.23, written at 10:00.
fn lost_buy() -> (TestJournal, IntentId) {
    let mut journal = TestJournal::default();
    let id = journal.unknown(Side::Buy, "AA", 3, "61.2300");
    (journal, id)
}

fn its_row() -> BrokerOrder {
    row("1140", Side::Buy, "AA", 3, "61.23")
}

fn bent(bend: impl FnOnce(&mut BrokerOrder)) -> BrokerOrder {
    let mut row = its_row();
    bend(&mut row);
    row
}

#[test]
fn one_candidate_is_ours() {
    let (mut journal, id) = lost_buy();
    let others = row("1139", Side::Buy, "BB", 3, "61.23");
    let findings = reconcile_with(&mut journal, &list("10:00:10", vec![others, its_row()]));
    let expected = Record::Resolved(Resolved {
        intent: id.clone(),
        verdict: Verdict::Accepted,
        order_id: Some(order_id("1140")),
        branch: String::new(),
        candidates: vec![],
        lists: vec![ListSeen { at: at("10:00:10"), complete: true, rows: 2 }],
    });
    assert_eq!(findings.records, [expected]);
    assert_eq!((journal.entry(&id).state, findings.warnings.len()), (IntentState::Accepted, 0));
    assert_eq!(reconcile_with(&mut journal, &list("10:00:20", vec![its_row()])).records, [], "found once");
}

#[test]
fn what_makes_a_row_a_candidate() {
    type Bend = fn(&mut BrokerOrder);
    let cases: [(&str, bool, Bend); 16] = [
        ("as sent", true, |_| ()),
        ("price with idle zeros", true, |row| row.limit_price = usd("61.23000000")),
        ("filled meanwhile", true, |row| (row.filled_quantity, row.remaining_quantity) = (3, 0)),
        ("refused: it arrived", true, |row| row.is_refused = true),
        ("another exchange, which the row may spell its own way", true, |row| row.exchange = None),
        ("by phone", false, |row| row.may_be_open_api = false),
        ("another day", false, |row| row.date = date("2027-03-08")),
        ("another symbol", false, |row| row.symbol = symbol("AB")),
        ("other side", false, |row| row.side = Side::Sell),
        ("another quantity", false, |row| row.quantity = 4),
        ("a tick above", false, |row| row.limit_price = usd("61.24")),
        ("a tick below", false, |row| row.limit_price = usd("61.22")),
        ("a cancel", false, |row| row.kind = RowKind::Cancel),
        ("a modify", false, |row| row.kind = RowKind::Modify),
        ("about another order", false, |row| row.original_id = Some(order_id("7"))),
        ("listed before it was sent", false, |row| row.order_id = order_id("0000001138")),
    ];
    for (name, is_candidate, bend) in cases {
        let mut journal = TestJournal::default();
        let mut intent = intent(1, Side::Buy, "AA", 3, "61.2300");
        intent.baseline = BTreeSet::from([key("1138")]);
        let id = intent.id.clone();
        journal.tell(Record::Intent(intent));
        reconcile_with(&mut journal, &list("10:00:10", vec![bent(bend)]));
        assert_eq!(journal.entry(&id).order_id.is_some(), is_candidate, "{name}");
        assert_eq!(journal.entry(&id).state.is_unknown(), !is_candidate, "{name}");
    }
}

#[test]
fn a_claimed_or_declared_number_is_no_candidate() {
    let mut journal = TestJournal::default();
    journal.open(Side::Buy, "AA", 3, "61.22");
    let id = journal.unknown(Side::Buy, "AA", 3, "61.23");
    let claimed = bent(|row| row.order_id = order_id("1001"));
    reconcile_with(&mut journal, &list("10:00:10", vec![claimed]));
    assert_eq!(journal.entry(&id).state, IntentState::Unknown, "it belongs to the first intent");
    journal.tell(fine(day(), "1140"));
    reconcile_with(&mut journal, &list("10:00:20", vec![its_row()]));
    assert_eq!(journal.entry(&id).state, IntentState::Unknown, "a person said it is external");
}

#[test]
fn no_candidate_waits_and_several_need_a_person() {
    let (mut journal, id) = lost_buy();
    let findings = reconcile_with(&mut journal, &list("10:00:10", vec![]));
    let seen = ListSeen { at: at("10:00:10"), complete: true, rows: 0 };
    assert_eq!(findings.records, [Record::Unseen { intent: id.clone(), list: seen }]);
    assert_eq!(reconcile_with(&mut journal, &list("10:00:20", vec![])).records, [], "the first list is enough");
    let two = list("10:01:00", vec![its_row(), bent(|row| row.order_id = order_id("1141"))]);
    assert_eq!(reconcile_with(&mut journal, &two).records.len(), 1);
    let entry = journal.entry(&id);
    assert_eq!((entry.state, entry.candidates.as_slice()), (IntentState::Ambiguous, &[key("1140"), key("1141")][..]));
    assert_eq!(reconcile_with(&mut journal, &two).records, [], "said once");
    assert_eq!(compare(&journal, &two).foreign, [], "neither is called foreign while it may be ours");
    reconcile_with(&mut journal, &list("10:02:00", vec![its_row()]));
    assert_eq!(journal.entry(&id).state, IntentState::Ambiguous, "a person decides, also when one row goes away");
}

#[test]
fn two_intents_that_one_row_fits_need_a_person() {
    let mut journal = TestJournal::default();
    let first = journal.unknown(Side::Buy, "AA", 3, "61.23");
    let second = journal.unknown(Side::Buy, "AA", 3, "61.23");
    reconcile_with(&mut journal, &list("10:00:10", vec![its_row()]));
    for id in [&first, &second] {
        assert_eq!(journal.entry(id).state, IntentState::Ambiguous, "{id}");
        assert_eq!(journal.entry(id).candidates, [key("1140")]);
    }
    journal.tell(Record::Human(is_order(&second, "1140")));
    reconcile_with(&mut journal, &list("10:00:20", vec![its_row()]));
    assert_eq!(journal.entry(&first).state, IntentState::Ambiguous);
    assert_eq!(journal.entry(&second).state, IntentState::Accepted);
}

#[test]
fn an_ended_intent_that_turns_up_is_live_again_and_reported() {
    let mut absent = lost_buy().0;
    reconcile_with(&mut absent, &list("17:00:00", vec![]));
    let ended = |class| {
        let mut journal = TestJournal::default();
        journal.ended(class, Side::Buy, "AA", 3, "61.23");
        journal
    };
    let id = IntentId::new(day(), 1);
    for (mut journal, state) in [
        (absent, IntentState::Absent),
        (ended(OutcomeClass::Rejected), IntentState::Rejected),
        (ended(OutcomeClass::TurnedAway), IntentState::NotSent),
        (ended(OutcomeClass::NotSent), IntentState::NotSent),
    ] {
        assert_eq!(journal.entry(&id).state, state);
        let untouched = reconcile_with(&mut journal, &list("10:30:00", vec![]));
        assert_eq!((untouched.records, untouched.warnings.len()), (vec![], 0), "{state:?}");
        let found = bent(|row| (row.filled_quantity, row.remaining_quantity, row.average_price) = (1, 2, usd("61")));
        let findings = reconcile_with(&mut journal, &list("10:31:00", vec![found]));
        assert_eq!(findings.warnings.len(), 1, "{state:?}");
        assert!(findings.warnings[0].contains(state.word()), "{:?}", findings.warnings);
        assert_eq!((journal.entry(&id).state, journal.entry(&id).filled_quantity), (IntentState::Accepted, 1));
        assert_eq!(journal.state.bought_on(day()), usd("183.46"), "and counts: 1 at 61, 2 open at 61.23");
    }
}

#[test]
fn several_rows_that_fit_an_ended_intent_are_foreign() {
    let mut journal = TestJournal::default();
    let id = journal.ended(OutcomeClass::Rejected, Side::Buy, "AA", 3, "61.23");
    let rows = vec![its_row(), bent(|row| row.order_id = order_id("1141"))];
    let findings = reconcile_with(&mut journal, &list("10:31:00", rows.clone()));
    assert_eq!((journal.entry(&id).state, findings.foreign), (IntentState::Rejected, rows));
}

#[test]
fn a_persons_absent_holds_for_the_rows_seen_then() {
    let (mut journal, id) = lost_buy();
    let other = bent(|row| row.order_id = order_id("1141"));
    reconcile_with(&mut journal, &list("10:01:00", vec![its_row(), other.clone()]));
    journal.tell(Record::Human(HumanVerdict::IsAbsent { intent: id.clone() }));
    journal.tell(fine(day(), "1141"));
    let findings = reconcile_with(&mut journal, &list("10:02:00", vec![its_row(), other]));
    assert_eq!((journal.entry(&id).state, findings.foreign), (IntentState::Absent, vec![its_row()]));
    let late = bent(|row| row.order_id = order_id("1150"));
    reconcile_with(&mut journal, &list("10:03:00", vec![its_row(), late]));
    assert_eq!(journal.entry(&id).order_id, Some(order_id("1150")), "a row not seen before may be ours");
}

/// An accepted buy of 5 at 10, order 1001, and what its row says at 10:30, an hour after the close, and an hour after the
/// after-market: while a remainder shows, it may still fill there.
#[test]
fn what_a_row_says_of_an_order_of_ours() {
    use IntentState::{Accepted, Cancelled, Expired, Filled, Rejected};
    type Case = (&'static str, IntentState, IntentState, (u64, u64), fn(&mut BrokerOrder));
    let cases: [Case; 11] = [
        ("untouched", Accepted, Expired, (0, 5), |_| ()),
        ("partly filled", Accepted, Expired, (2, 3), |_| ()),
        ("filled", Filled, Filled, (5, 0), |_| ()),
        ("refused after acceptance", Rejected, Rejected, (0, 0), |row| row.is_refused = true),
        ("refused after a part", Rejected, Rejected, (2, 0), |row| row.is_refused = true),
        ("ended with the session", Expired, Expired, (0, 0), |row| row.end_reason = EndReason::SessionEnd),
        ("cancelled in words", Cancelled, Cancelled, (2, 0), |row| row.end_reason = EndReason::Cancel),
        ("refused in words", Rejected, Rejected, (0, 0), |row| row.end_reason = EndReason::Other),
        ("other words after a part", Accepted, Expired, (2, 0), |row| row.end_reason = EndReason::Other),
        ("paper's silence", Accepted, Expired, (0, 0), |_| ()),
        ("paper's silence after a part", Accepted, Expired, (2, 0), |_| ()),
    ];
    for (name, in_session, at_last, (filled, remaining), bend) in cases {
        let after_close = if remaining > 0 { in_session } else { at_last };
        for (wall, state) in [("10:30:00", in_session), ("17:00:00", after_close), ("21:00:00", at_last)] {
            let mut journal = TestJournal::default();
            let id = journal.open(Side::Buy, "AA", 5, "10");
            let mut row = row("0000001001", Side::Buy, "AA", 5, "10");
            (row.filled_quantity, row.remaining_quantity) = (filled, remaining);
            row.average_price = if filled > 0 { usd("9.9") } else { Usd::ZERO };
            bend(&mut row);
            reconcile_with(&mut journal, &list(wall, vec![row.clone()]));
            let entry = journal.entry(&id);
            assert_eq!(entry.state, state, "{name} at {wall}");
            assert_eq!((entry.filled_quantity, entry.average_price), (filled, row.average_price), "{name}");
            let mut again = reconcile_with(&mut journal, &list(wall, vec![row])).records;
            again.retain(|record| !matches!(record, Record::DayClosed { .. }));
            assert_eq!(again, [], "{name}: written only on change");
        }
    }
}

#[test]
fn a_cancel_shows_as_a_row_beside_the_order() {
    for (kind, filled, remaining, state) in [
        (RowKind::Cancel, 0, 0, IntentState::Cancelled),
        (RowKind::Cancel, 2, 0, IntentState::Cancelled),
        (RowKind::Cancel, 2, 3, IntentState::Accepted),
        (RowKind::Cancel, 5, 0, IntentState::Filled),
        (RowKind::Modify, 0, 0, IntentState::Replaced),
        (RowKind::Modify, 2, 0, IntentState::Replaced),
        (RowKind::Modify, 2, 3, IntentState::Accepted),
    ] {
        let mut journal = TestJournal::default();
        let id = journal.open(Side::Buy, "AA", 5, "10");
        let mut ours = row("1001", Side::Buy, "AA", 5, "10");
        (ours.filled_quantity, ours.remaining_quantity) = (filled, remaining);
        let mut sibling = row("1002", Side::Buy, "AA", 5, "0");
        (sibling.kind, sibling.original_id) = (kind, Some(order_id("0000001001")));
        let findings = reconcile_with(&mut journal, &list("10:30:00", vec![sibling.clone(), ours.clone()]));
        assert_eq!(journal.entry(&id).state, state, "{kind:?} {filled} {remaining}");
        // A cancel request is no order; a modified order lives on under its own number, as an external one.
        let external = if kind == RowKind::Modify { vec![sibling.clone()] } else { vec![] };
        assert_eq!((findings.external, findings.foreign), (external.clone(), external));
        sibling.date = date("2027-03-08");
        let mut journal = TestJournal::default();
        let id = journal.open(Side::Buy, "AA", 5, "10");
        reconcile_with(&mut journal, &list("10:30:00", vec![sibling, ours]));
        let expected = if filled == 5 { IntentState::Filled } else { IntentState::Accepted };
        assert_eq!(journal.entry(&id).state, expected, "numbers start again each day");
    }
}

#[test]
fn an_order_lives_on_under_another_number_as_a_buy_or_as_a_sell_not_as_the_other() {
    for (side, state) in [(Side::Buy, IntentState::Replaced), (Side::Sell, IntentState::Accepted)] {
        let mut journal = TestJournal::default();
        let id = journal.open(Side::Buy, "AA", 5, "10");
        let mut ours = row("1001", Side::Buy, "AA", 5, "10");
        ours.remaining_quantity = 0;
        // Another branch gave its own order this number too, and that one was changed.
        let mut changed = row("1002", side, "AA", 5, "11");
        (changed.kind, changed.original_id) = (RowKind::Modify, Some(order_id("0000001001")));
        reconcile_with(&mut journal, &list("10:30:00", vec![changed, ours]));
        assert_eq!(journal.entry(&id).state, state, "changed into a {side}");
    }
}

#[test]
fn an_accepted_order_may_be_listed_late() {
    let mut journal = TestJournal::default();
    let id = journal.open(Side::Buy, "AA", 5, "10");
    for wall in ["10:00:02", "10:45:00", "16:59:59"] {
        let findings = reconcile_with(&mut journal, &list(wall, vec![]));
        assert_eq!((findings.records, findings.warnings.len()), (vec![], 0), "{wall}");
    }
    let findings = compare(&journal, &list("17:00:00", vec![]));
    assert_eq!(findings.wants_witness, BTreeSet::from([symbol("AA")]), "the last list needs a look at the account");
    assert_eq!(journal.entry(&id).state, IntentState::Accepted);
}

#[test]
fn only_the_row_of_the_same_day_and_symbol_is_ours() {
    type Bend = fn(&mut BrokerOrder);
    let cases: [(&str, Bend); 4] = [
        ("yesterday's number", |row| row.date = date("2027-03-08")),
        ("another branch's number, other symbol", |row| row.symbol = symbol("BB")),
        ("another branch's number, other side", |row| row.side = Side::Sell),
        ("a request that happens to have it", |row| row.kind = RowKind::Cancel),
    ];
    for (name, bend) in cases {
        let mut journal = TestJournal::default();
        let id = journal.open(Side::Buy, "AA", 5, "10");
        let mut theirs = row("1001", Side::Buy, "AA", 5, "10");
        (theirs.filled_quantity, theirs.remaining_quantity, theirs.average_price) = (5, 0, usd("1"));
        bend(&mut theirs);
        reconcile_with(&mut journal, &list("10:30:00", vec![theirs]));
        assert_eq!(
            (journal.entry(&id).state, journal.entry(&id).filled_quantity),
            (IntentState::Accepted, 0),
            "{name}"
        );
    }
}

#[test]
fn external_orders() {
    type Bend = fn(&mut BrokerOrder);
    let cases: [(&str, bool, bool, Bend); 7] = [
        ("another program", true, true, |_| ()),
        ("by phone", true, false, |row| row.may_be_open_api = false),
        ("declared fine", true, false, |row| row.order_id = order_id("77")),
        ("over already", true, true, |row| (row.filled_quantity, row.remaining_quantity) = (3, 0)),
        ("ours", false, false, |row| row.order_id = order_id("0000001001")),
        ("yesterday", false, false, |row| row.date = date("2027-03-08")),
        ("a cancel", false, false, |row| row.kind = RowKind::Cancel),
    ];
    for (name, is_other, is_foreign, bend) in cases {
        let mut journal = TestJournal::default();
        journal.open(Side::Buy, "BB", 5, "10");
        journal.tell(fine(day(), "77"));
        journal.tell(fine(date("2027-03-08"), "1140"));
        let found = compare(&journal, &list("10:30:00", vec![bent(bend)]));
        assert_eq!((found.external.len(), found.foreign.len()), (is_other.into(), is_foreign.into()), "{name}");
    }
}

#[test]
fn the_list_is_asked_for_today_and_for_the_dates_whose_orders_may_change() {
    let mut journal = TestJournal::default();
    let spans = |journal: &TestJournal, today: &str| {
        let spans = list_spans(&journal.state, date(today));
        spans.iter().map(|(from, to)| format!("{from}..{to}")).collect::<Vec<_>>()
    };
    assert_eq!(spans(&journal, "2027-03-09"), ["2027-03-08..2027-03-10"]);
    let ids = [("2027-03-05", 1), ("2027-02-25", 2)].map(|(trading_date, number)| {
        let trading_date = date(trading_date);
        let id = IntentId::new(trading_date, number);
        journal.tell(Record::Intent(Intent { id: id.clone(), trading_date, ..intent(1, Side::Buy, "AA", 5, "10") }));
        id
    });
    let both = ["2027-02-25..2027-02-26", "2027-03-05..2027-03-10"];
    assert_eq!(spans(&journal, "2027-03-09"), both, "a weekend between is asked for along with it");
    assert_eq!(spans(&journal, "2027-02-20"), ["2027-02-19..2027-02-21"], "a clock that is behind");
    journal.tell(Record::Outcome(outcome(&ids[1], OutcomeClass::Rejected, None)));
    assert_eq!(spans(&journal, "2027-03-09"), ["2027-03-05..2027-03-10"]);
    // An order that had a number is asked for until its date is closed, whatever its end.
    journal.tell(Record::Outcome(outcome(&ids[0], OutcomeClass::Accepted, Some("1001"))));
    journal.sees(&ids[0], IntentState::Cancelled, 0, 0, "0");
    assert_eq!(spans(&journal, "2027-03-09"), ["2027-03-05..2027-03-10"]);
    assert_eq!(spans(&journal, "2027-03-15"), ["2027-03-12..2027-03-16"], "from the trading date before, not for ever");
    journal.tell(Record::DayClosed { date: date("2027-03-05") });
    assert_eq!(spans(&journal, "2027-03-09"), ["2027-03-08..2027-03-10"]);
}
