//! When an order that no list shows is called absent.

use super::*;

#[test]
fn absent_only_late_and_twice() {
    for (side, first, second, may_be_absent) in [
        (Side::Buy, "10:01:00", "10:44:59", false),
        (Side::Buy, "10:01:00", "10:45:00", true),
        (Side::Buy, "10:44:30", "10:45:29", false),
        (Side::Buy, "10:44:30", "10:45:30", true),
        (Side::Sell, "10:01:00", "10:09:59", false),
        (Side::Sell, "10:01:00", "10:10:00", true),
        (Side::Sell, "10:30:00", "10:30:59", false),
        (Side::Sell, "10:30:00", "10:31:00", true),
    ] {
        let mut journal = TestJournal::default();
        let id = journal.unknown(side, "AA", 3, "61.23");
        reconcile_with(&mut journal, &list(first, vec![]));
        let again = list(second, vec![]);
        let asked = compare(&journal, &again);
        assert_eq!(asked.records, [], "{side} {second}: never without a look at the account");
        let wanted = if may_be_absent { BTreeSet::from([symbol("AA")]) } else { BTreeSet::new() };
        assert_eq!(asked.wants_witness, wanted, "{side} {first} {second}");
        let witnesses = BTreeMap::from([(symbol("AA"), journal.entry(&id).intent.witness.clone())]);
        let records = compare_with(&journal, &again, &witnesses).records;
        assert_eq!(records.len(), usize::from(may_be_absent), "{side} {first} {second}");
        if let [Record::Resolved(resolved)] = records.as_slice() {
            assert_eq!((resolved.verdict, resolved.lists.len()), (Verdict::Absent, 2));
        }
    }
}

/// A row that can't be read and may be the order, by what can be read of it.
#[test]
fn not_absent_while_a_row_that_cannot_be_read_may_be_it() {
    let odd = |symbol: Option<Symbol>, side: Option<Side>| OddOrder {
        code: "AA".to_owned(),
        why: crate::language::Sentence::verbatim("ft_ord_qty is no number of shares"),
        is_listed: false,
        date: Some(day()),
        branch: String::new(),
        order_id: "77".parse().ok(),
        symbol,
        side,
        may_be_open_api: true,
    };
    for (row, is_absent) in [
        (odd(Some(symbol("AA")), Some(Side::Buy)), false),
        (odd(None, None), false),
        (odd(Some(symbol("BB")), None), true),
        (odd(None, Some(Side::Sell)), true),
        (OddOrder { may_be_open_api: false, ..odd(None, None) }, true),
    ] {
        let (mut journal, id) = lost_buy();
        reconcile_with(&mut journal, &list("10:01:00", vec![]));
        let again = OrderList { odd: vec![row.clone()], ..list("15:00:00", vec![]) };
        let witnesses = BTreeMap::from([(symbol("AA"), journal.entry(&id).intent.witness.clone())]);
        let findings = compare_with(&journal, &again, &witnesses);
        assert_eq!(findings.records.len(), usize::from(is_absent), "{row:?}");
    }
}

#[test]
fn a_first_late_look_is_not_enough() {
    let (mut journal, id) = lost_buy();
    let witnesses = BTreeMap::from([(symbol("AA"), journal.entry(&id).intent.witness.clone())]);
    let findings = compare_with(&journal, &list("15:00:00", vec![]), &witnesses);
    assert!(matches!(findings.records.as_slice(), [Record::Unseen { .. }]));
    reconcile_with(&mut journal, &list("15:00:00", vec![]));
    assert_eq!(journal.entry(&id).state, IntentState::Unknown);
}

#[test]
fn a_clock_that_jumps_within_one_boot_makes_nothing_late() {
    let mut journal = TestJournal::default();
    let written = Stamp { at: at("10:00:00"), boot: "a".to_owned(), up_ms: 1_000 };
    let intent = intent(1, Side::Buy, "AA", 3, "61.23");
    journal.state.apply(&written, &Record::Intent(intent)).unwrap();
    reconcile_with(&mut journal, &list("10:01:00", vec![]));
    let now = Stamp { at: at("12:00:00"), boot: "a".to_owned(), up_ms: 121_000 };
    let list = list("12:00:00", vec![]);
    let evidence = Evidence { list: &list, stamp: &now, today: day(), witnesses: &BTreeMap::new() };
    assert_eq!(reconcile(&journal.state, &evidence).wants_witness, BTreeSet::new());
}

#[test]
fn absent_only_while_the_account_shows_no_trace() {
    let witness = |held, sellable, cash: Option<&str>| Witness { held, sellable, cash: cash.map(usd) };
    // The buy's intent saw 0 held and 1000 USD; its order is worth 30. The sell's saw 3 sellable.
    for (side, now, is_absent) in [
        (Side::Buy, witness(0, 0, Some("1000")), true),
        (Side::Buy, witness(0, 0, Some("970.01")), true),
        (Side::Buy, witness(0, 0, Some("970")), false),
        (Side::Buy, witness(0, 0, Some("1200")), true),
        (Side::Buy, witness(0, 0, None), false),
        (Side::Buy, witness(3, 3, Some("1000")), false),
        (Side::Buy, witness(1, 0, Some("1000")), false),
        (Side::Sell, witness(3, 3, None), true),
        (Side::Sell, witness(3, 0, None), false),
        (Side::Sell, witness(3, 2, None), false),
        (Side::Sell, witness(4, 4, None), false),
        (Side::Sell, witness(9, 3, None), true),
    ] {
        let mut journal = TestJournal::default();
        journal.unknown(side, "AA", 3, "10");
        reconcile_with(&mut journal, &list("10:01:00", vec![]));
        let witnesses = BTreeMap::from([(symbol("AA"), now.clone())]);
        let findings = compare_with(&journal, &list("10:46:00", vec![]), &witnesses);
        assert_eq!(findings.records.len(), usize::from(is_absent), "{side} {now:?}");
    }
}

#[test]
fn what_other_orders_took_and_brought_is_no_trace() {
    let took = |number, average| bought(number, "BB", 4, average);
    let sold = |number| BrokerOrder { side: Side::Sell, ..bought(number, "CC", 4, "10") };
    let foreign = |side| BrokerOrder { side, ..bought("1999", "DD", 4, "10") };
    let open = row("1001", Side::Buy, "BB", 4, "10");
    // The buy's intent saw 1000 USD; its order is worth 30, each other one 40.
    for (name, baseline, rows, cash, is_absent) in [
        ("own buy filled since", vec![], vec![took("1001", "10")], "960", true),
        ("own buy filled since, and ours arrived", vec![], vec![took("1001", "10")], "930", false),
        ("own buy filled since for less", vec![], vec![took("1001", "5")], "951", true),
        ("own buy filled since for less, and ours arrived", vec![], vec![took("1001", "5")], "950", false),
        ("own buy open since", vec![], vec![open.clone()], "960", true),
        ("own buy open since, and ours arrived", vec![], vec![open.clone()], "930", false),
        ("own buy before", vec!["1001"], vec![took("1001", "10")], "960", false),
        ("own buy that is not listed", vec![], vec![], "960", false),
        ("own sell since", vec![], vec![sold("1002")], "1040", true),
        ("own sell since, and ours arrived", vec![], vec![sold("1002")], "1010", false),
        ("own sell before that fills only now", vec!["1002"], vec![sold("1002")], "1010", false),
        ("an external buy", vec![], vec![foreign(Side::Buy)], "960", false),
        ("an external sell, and ours arrived", vec![], vec![foreign(Side::Sell)], "1010", false),
    ] {
        let mut journal = TestJournal::default();
        journal.open(Side::Buy, "BB", 4, "10");
        journal.open(Side::Sell, "CC", 4, "10");
        let mut lost = intent(3, Side::Buy, "AA", 3, "10");
        lost.baseline = baseline.into_iter().map(key).collect();
        journal.tell(Record::Intent(lost));
        reconcile_with(&mut journal, &list("10:01:00", vec![]));
        let now = Witness { held: 0, sellable: 0, cash: Some(usd(cash)) };
        let findings = compare_with(&journal, &list("10:46:00", rows), &BTreeMap::from([(symbol("AA"), now)]));
        let is_absent_now =
            |record: &Record| matches!(record, Record::Resolved(resolved) if resolved.verdict == Verdict::Absent);
        assert_eq!(findings.records.iter().any(is_absent_now), is_absent, "{name}");
    }
}

#[test]
fn a_sell_that_had_filled_before_was_in_the_cash_already() {
    let mut journal = TestJournal::default();
    journal.filled(Side::Sell, "CC", 4, "10");
    let mut lost = intent(2, Side::Buy, "AA", 3, "10");
    lost.baseline = BTreeSet::from([key("1001")]);
    journal.tell_at("10:00:30", Record::Intent(lost));
    reconcile_with(&mut journal, &list("10:01:30", vec![]));
    let rows = vec![BrokerOrder { side: Side::Sell, ..bought("1001", "CC", 4, "10") }];
    let now = Witness { held: 0, sellable: 0, cash: Some(usd("1000")) };
    let findings = compare_with(&journal, &list("10:46:00", rows), &BTreeMap::from([(symbol("AA"), now)]));
    assert!(matches!(findings.records.as_slice(), [Record::Resolved(_)]), "{findings:?}");
}

/// The row of a buy at 10 that filled at this price.
fn bought(number: &str, name: &str, quantity: u64, average: &str) -> BrokerOrder {
    let untouched = row(number, Side::Buy, name, quantity, "10");
    BrokerOrder { filled_quantity: quantity, remaining_quantity: 0, average_price: usd(average), ..untouched }
}

#[test]
fn a_list_is_final_an_hour_after_the_close() {
    for (now, is_said) in [("16:59:59", false), ("17:00:00", true), ("23:00:00", true)] {
        let (mut journal, id) = lost_buy();
        reconcile_with(&mut journal, &list(now, vec![]));
        let expected = if is_said { IntentState::Absent } else { IntentState::Unknown };
        assert_eq!(journal.entry(&id).state, expected, "{now}");
    }
    for (day, at, is_said) in [
        ("2027-03-09", "2027-03-09T21:59:59Z", false),
        ("2027-03-09", "2027-03-09T22:00:00Z", true),
        ("2027-07-08", "2027-07-08T20:59:59Z", false),
        ("2027-07-08", "2027-07-08T21:00:00Z", true),
        ("2027-11-26", "2027-11-26T18:59:59Z", false),
        ("2027-11-26", "2027-11-26T19:00:00Z", true),
        ("2027-03-10", "2027-03-09T22:00:00Z", false),
    ] {
        assert_eq!(is_final(date(day), at.parse().unwrap()), is_said, "{day} {at}");
    }
}

/// KIS refused in words that are on no list: two lists a minute apart and an account that has not moved make it a refusal.
#[test]
fn a_refusal_in_words_is_one_after_two_lists_and_without_a_trace() {
    for (second, held, state) in [
        ("10:01:59", 0, IntentState::Unknown),
        ("10:02:00", 0, IntentState::Rejected),
        ("10:02:00", 3, IntentState::Unknown),
        ("17:00:00", 3, IntentState::Rejected),
    ] {
        let (mut journal, id) = lost_buy();
        let mut answer = outcome(&id, OutcomeClass::Unknown, None);
        answer.answer.refusal = Some(crate::domain::Refusal::Other);
        journal.tell(Record::Outcome(answer));
        reconcile_with(&mut journal, &list("10:01:00", vec![]));
        let now = Witness { held, ..journal.entry(&id).intent.witness.clone() };
        let witnesses = BTreeMap::from([(symbol("AA"), now)]);
        let findings = compare_with(&journal, &list(second, vec![]), &witnesses);
        findings.records.into_iter().for_each(|record| journal.tell_at(second, record));
        assert_eq!(journal.entry(&id).state, state, "{second} {held}");
    }
}
