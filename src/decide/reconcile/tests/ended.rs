//! Orders of ours after their end was written down, and those whose fills the list takes back or never shows.

use super::*;

/// A buy of 5 AA at 10 that ended with two shares filled, as order 1001.
fn cancelled() -> (TestJournal, IntentId) {
    let mut journal = TestJournal::default();
    let id = journal.open(Side::Buy, "AA", 5, "10");
    journal.sees(&id, IntentState::Cancelled, 2, 0, "9.9");
    (journal, id)
}

/// Its row with so many shares filled and open.
fn its_row(filled: u64, open: u64) -> BrokerOrder {
    let mut row = row("1001", Side::Buy, "AA", 5, "10");
    (row.filled_quantity, row.remaining_quantity) = (filled, open);
    row.average_price = if filled > 0 { usd("9.9") } else { Usd::ZERO };
    row
}

#[test]
fn a_fill_that_shows_after_the_end_is_booked() {
    for state in [IntentState::Cancelled, IntentState::Expired, IntentState::Rejected, IntentState::Replaced] {
        let mut journal = TestJournal::default();
        let id = journal.open(Side::Sell, "AA", 5, "10");
        journal.sees(&id, state, 0, 0, "0");
        let mut late = row("1001", Side::Sell, "AA", 5, "10");
        (late.filled_quantity, late.remaining_quantity, late.average_price) = (3, 0, usd("10.1"));
        let findings = reconcile_with(&mut journal, &list("10:30:00", vec![late.clone()]));
        let entry = journal.entry(&id);
        assert_eq!((entry.state, entry.filled_quantity, entry.average_price), (state, 3, usd("10.1")));
        assert_eq!((journal.state.last_sells[&symbol("AA")].price, findings.warnings.len()), (usd("10.1"), 1));
        assert_eq!(reconcile_with(&mut journal, &list("10:31:00", vec![late.clone()])).records, [], "once");
        late.filled_quantity = 5;
        reconcile_with(&mut journal, &list("10:32:00", vec![late]));
        assert_eq!((journal.entry(&id).state, journal.entry(&id).filled_quantity), (IntentState::Filled, 5), "{state}");
    }
}

#[test]
fn an_end_holds_whatever_reason_a_later_list_gives_but_not_against_an_open_remainder() {
    let (mut journal, id) = cancelled();
    let mut refused = its_row(2, 0);
    refused.is_refused = true;
    assert_eq!(reconcile_with(&mut journal, &list("10:30:00", vec![refused])).records, []);
    assert_eq!(reconcile_with(&mut journal, &list("10:30:00", vec![])).records, [], "nor is a missing row news");
    reconcile_with(&mut journal, &list("10:31:00", vec![its_row(2, 3)]));
    assert_eq!(journal.entry(&id).state, IntentState::Accepted, "it lives");
}

/// Until the date's last list, five hours after the close: then its orders are left alone.
#[test]
fn a_date_is_closed_by_its_last_list() {
    let (mut journal, id) = cancelled();
    let last = Record::DayClosed { date: day() };
    assert_eq!(compare(&journal, &list("20:59:59", vec![its_row(2, 0)])).records, []);
    assert_eq!(compare(&journal, &list("21:00:00", vec![its_row(2, 0)])).records, std::slice::from_ref(&last));
    let found = reconcile_with(&mut journal, &list("21:00:00", vec![its_row(4, 0)])).records;
    assert_eq!((found.len(), &found[1], journal.entry(&id).filled_quantity), (2, &last, 4), "with what it says itself");
    assert_eq!(compare(&journal, &list("21:01:00", vec![its_row(5, 0)])).records, [], "closed");
    // An order that lives keeps its date open.
    let mut open = TestJournal::default();
    open.open(Side::Buy, "AA", 5, "10");
    open.listed(Side::Buy, "BB", 5, "10", (IntentState::Cancelled, 0, 0, "0"));
    let end = reconcile_with(&mut open, &list("21:00:00", vec![its_row(2, 0)])).records;
    assert!(!end.contains(&last), "{end:?}");
    assert_eq!(reconcile_with(&mut open, &list("21:10:00", vec![its_row(2, 0)])).records, [last]);
}

#[test]
fn fills_that_shrink_wait_for_a_second_list_and_then_for_a_person() {
    let (mut journal, id) = cancelled();
    let is_blocked = |journal: &TestJournal| journal.state.in_the_way_of_buys(&symbol("AA")).count() == 1;
    let first = reconcile_with(&mut journal, &list("10:30:00", vec![its_row(1, 0)]));
    assert_eq!((first.records.len(), first.warnings.len(), first.shows_fewer_fills), (1, 0, true), "{first:?}");
    assert!(is_blocked(&journal), "not bought while it is in doubt");
    let soon = reconcile_with(&mut journal, &list("10:30:59", vec![its_row(1, 0)]));
    assert_eq!((soon.records, soon.warnings.len()), (vec![], 0), "the same moment again proves nothing");
    let second = reconcile_with(&mut journal, &list("10:31:00", vec![its_row(1, 0)]));
    assert_eq!((second.records.len(), second.warnings.len()), (1, 1));
    assert!(second.warnings[0].contains("cleanup --settle 0000001001=FILLED"), "{:?}", second.warnings);
    let entry = journal.entry(&id);
    assert_eq!((entry.filled_quantity, entry.correction.as_ref().unwrap().is_confirmed), (2, true));
    let third = reconcile_with(&mut journal, &list("10:40:00", vec![its_row(1, 0)]));
    assert_eq!((third.records, third.warnings.len()), (vec![], 1), "written once, and told by each run");
    let late = reconcile_with(&mut journal, &list("21:00:00", vec![its_row(1, 0)]));
    assert_eq!(late.records, [], "its date stays open");

    let mut by_list = journal.clone();
    reconcile_with(&mut by_list, &list("10:41:00", vec![its_row(2, 0)]));
    assert!(!is_blocked(&by_list), "the list shows them again");
    for (said, average) in [(1, "9.9"), (2, "9.9"), (0, "0")] {
        let mut settled = journal.clone();
        settled.tell(Record::Human(HumanVerdict::IsFilled {
            intent: id.clone(),
            filled_quantity: said,
            average_price: usd(average),
            state: IntentState::Cancelled,
        }));
        let after = reconcile_with(&mut settled, &list("10:42:00", vec![its_row(1, 0)]));
        let filled = settled.entry(&id).filled_quantity;
        assert_eq!((after.warnings.len(), is_blocked(&settled)), (usize::from(said == 0), false), "{said}: {after:?}");
        // More than a person said is news again.
        assert_eq!(filled, said.max(1), "{said}");
    }
}

#[test]
fn an_open_order_whose_fills_shrink_goes_on_by_what_is_known() {
    let mut journal = TestJournal::default();
    let id = journal.open(Side::Buy, "AA", 5, "10");
    journal.sees(&id, IntentState::Accepted, 3, 2, "9.9");
    reconcile_with(&mut journal, &list("10:30:00", vec![its_row(1, 4)]));
    let entry = journal.entry(&id);
    assert_eq!((entry.state, entry.filled_quantity, entry.remaining_quantity), (IntentState::Accepted, 3, 2));
    let mut over = its_row(1, 0);
    over.end_reason = EndReason::Cancel;
    reconcile_with(&mut journal, &list("10:31:00", vec![over]));
    let entry = journal.entry(&id);
    assert_eq!((entry.state, entry.filled_quantity, entry.remaining_quantity), (IntentState::Cancelled, 3, 0));
}

#[test]
fn the_account_is_a_witness_for_an_accepted_order_that_no_list_shows() {
    let witness = |held, sellable, cash: &str| Witness { held, sellable, cash: Some(usd(cash)) };
    for (side, now, state) in [
        (Side::Buy, witness(0, 0, "1000"), IntentState::Absent),
        (Side::Buy, witness(5, 5, "1000"), IntentState::Unknown),
        (Side::Buy, witness(0, 0, "950"), IntentState::Unknown),
        (Side::Sell, witness(5, 5, "0"), IntentState::Absent),
        (Side::Sell, witness(0, 0, "0"), IntentState::Unknown),
    ] {
        let mut journal = TestJournal::default();
        let id = journal.open(side, "AA", 5, "10");
        assert_eq!(compare(&journal, &list("16:59:59", vec![])).wants_witness, BTreeSet::new());
        let final_list = list("17:00:00", vec![]);
        let asked = compare(&journal, &final_list);
        assert_eq!((asked.records, asked.wants_witness), (vec![], BTreeSet::from([symbol("AA")])), "{side}");
        let witnesses = BTreeMap::from([(symbol("AA"), now)]);
        let found = compare_with(&journal, &final_list, &witnesses);
        found.records.into_iter().for_each(|record| journal.tell(record));
        let entry = journal.entry(&id);
        assert_eq!((entry.state, entry.is_unlisted()), (state, state == IntentState::Unknown), "{side}");
        assert_eq!(found.warnings.len(), 1);
        let words = if state == IntentState::Absent { "counts as absent" } else { "=filled:QTY@PRICE" };
        assert!(found.warnings[0].contains(words), "{:?}", found.warnings);
        if state == IntentState::Unknown {
            assert_eq!(journal.state.unknown().count(), 1, "until a person decides");
            assert_eq!(journal.state.in_the_way_of_buys(&symbol("AA")).count(), 1);
            assert_eq!(journal.state.in_the_way_of_sells(&symbol("AA")).count(), 0, "sells go by the balance");
            let again = compare(&journal, &list("18:00:00", vec![]));
            assert_eq!((again.records, again.warnings.len(), again.wants_witness.len()), (vec![], 1, 0));
        }
    }
}

#[test]
fn an_order_that_was_listed_once_and_is_gone_at_last_has_expired() {
    let mut journal = TestJournal::default();
    let id = journal.open(Side::Buy, "AA", 5, "10");
    journal.sees(&id, IntentState::Accepted, 2, 3, "9.9");
    reconcile_with(&mut journal, &list("17:00:00", vec![]));
    assert_eq!((journal.entry(&id).state, journal.entry(&id).filled_quantity), (IntentState::Expired, 2));
}

/// Numbers count within a branch: another hand's order may bear the number of ours.
#[test]
fn an_order_is_its_number_in_its_branch() {
    let of_branch = |branch: &str, bend: fn(&mut BrokerOrder)| {
        let mut row = row("1001", Side::Buy, "AA", 5, "10");
        row.branch = branch.to_owned();
        bend(&mut row);
        row
    };
    let theirs = || {
        of_branch("00100", |row| (row.filled_quantity, row.remaining_quantity, row.average_price) = (5, 0, usd("1")))
    };
    let accepted = |branch: Option<&str>, baseline: &[BrokerOrder]| {
        let mut journal = TestJournal::default();
        let mut intent = intent(1, Side::Buy, "AA", 5, "10");
        intent.baseline = baseline.iter().map(BrokerOrder::key).collect();
        let id = intent.id.clone();
        journal.tell(Record::Intent(intent));
        let mut answer = outcome(&id, OutcomeClass::Accepted, Some("1001"));
        answer.answer.branch = branch.map(str::to_owned);
        journal.tell(Record::Outcome(answer));
        (journal, id)
    };
    let ours = || {
        of_branch("01790", |row| (row.filled_quantity, row.remaining_quantity, row.average_price) = (2, 3, usd("9.9")))
    };
    for (branch, baseline) in [(Some("01790"), vec![theirs()]), (Some("1790"), vec![]), (None, vec![theirs()])] {
        for rows in [vec![theirs(), ours()], vec![ours(), theirs()]] {
            let (mut journal, id) = accepted(branch, &baseline);
            let findings = reconcile_with(&mut journal, &list("10:30:00", rows));
            assert_eq!(journal.entry(&id).filled_quantity, 2, "{branch:?}");
            let external = if branch.is_some() { vec![theirs()] } else { vec![] };
            assert_eq!(findings.foreign, external, "{branch:?}: a missing branch fits any");
        }
    }
    // Not listed yet, beside another hand's.
    let (mut journal, id) = accepted(Some("01790"), &[]);
    reconcile_with(&mut journal, &list("10:30:00", vec![theirs()]));
    assert_eq!((journal.entry(&id).state, journal.entry(&id).filled_quantity), (IntentState::Accepted, 0));
    // A lost answer: the row of our branch is a candidate although its number was listed before, in another one.
    let mut journal = TestJournal::default();
    let mut lost = intent(1, Side::Buy, "AA", 5, "10");
    lost.baseline = BTreeSet::from([theirs().key()]);
    journal.tell(Record::Intent(lost));
    reconcile_with(&mut journal, &list("10:30:00", vec![theirs(), ours()]));
    assert_eq!(journal.entry(&IntentId::new(day(), 1)).key(), Some(ours().key()));
}
