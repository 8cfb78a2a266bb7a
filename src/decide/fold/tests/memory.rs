//! What is remembered, for how long, and what a snapshot keeps of it.

use super::*;

#[test]
fn names_go_on_within_a_day() {
    let mut journal = TestJournal::default();
    assert_eq!(journal.state.next_id(day()).as_str(), "20270309-0001");
    journal.unknown(Side::Buy, "AA", 1, "10");
    journal.tell(Record::Intent(intent(9_999, Side::Buy, "BB", 1, "10")));
    assert_eq!(journal.state.next_id(day()).as_str(), "20270309-10000");
    assert_eq!(journal.state.next_id(date("2027-03-10")).as_str(), "20270310-0001");
}

#[test]
fn old_ended_intents_are_forgotten_and_nothing_else() {
    let mut journal = TestJournal::default();
    journal.filled(Side::Sell, "AA", 1, "10");
    journal.ended(OutcomeClass::Rejected, Side::Buy, "BB", 1, "10");
    journal.open(Side::Buy, "CC", 1, "10");
    journal.unknown(Side::Buy, "DD", 1, "10");
    journal.tell(fine(day(), "77"));
    journal.tell(Record::DayClosed { date: day() });
    journal.state.stop_losses.insert(symbol("AA"), day());
    let pruned_on = |wall: &str| {
        let mut later = journal.state.clone();
        later.newest_at = Some(format!("{wall}T12:00:00-05:00").parse().unwrap());
        later.pruned()
    };
    let left = |state: &JournalState| -> Vec<String> {
        state.entries.values().map(|entry| entry.intent.symbol.to_string()).collect()
    };
    assert_eq!(journal.state.pruned(), journal.state);
    let numbers = BTreeMap::from([(day(), BTreeSet::from([key("1001"), key("1003")]))]);
    for (wall, symbols) in [("2027-03-10", ["BB", "CC", "DD"]), ("2027-06-01", ["BB", "CC", "DD"])] {
        let pruned = pruned_on(wall);
        assert_eq!(left(&pruned), symbols, "what may live stays, and what may turn up beside it");
        assert_eq!(pruned.claims, numbers, "the list is read from the oldest live order on");
        assert_eq!((&pruned.last_sells, &pruned.stop_losses), (&journal.state.last_sells, &journal.state.stop_losses));
    }
}

#[test]
fn numbers_stay_claimed_for_nine_days() {
    let mut journal = TestJournal::default();
    journal.filled(Side::Sell, "AA", 1, "10");
    journal.ended(OutcomeClass::Rejected, Side::Buy, "BB", 1, "10");
    journal.tell(fine(day(), "77"));
    let unclosed = JournalState { newest_at: Some(at("12:00:00") + TimeDelta::days(8)), ..journal.state.clone() };
    assert_eq!(unclosed.pruned().entries.len(), 2, "until its date is closed, an order may have filled after all");
    journal.tell(Record::DayClosed { date: day() });
    // Nine days: five trading days and a long weekend.
    for (wall, is_there) in [("2027-03-18T23:59:59-04:00", true), ("2027-03-19T00:00:00-04:00", false)] {
        let mut later = journal.state.clone();
        later.newest_at = Some(wall.parse().unwrap());
        let pruned = later.pruned();
        assert_eq!(pruned.is_claimed(day(), &key("1001")), is_there, "{wall}");
        let left: Vec<&str> = pruned.entries.values().map(|entry| entry.intent.symbol.as_str()).collect();
        assert_eq!(
            (left, pruned.fine_foreign.len()),
            (if is_there { vec!["BB"] } else { vec![] }, is_there.into()),
            "{wall}"
        );
    }
}

#[test]
fn a_fill_seen_late_is_kept_until_it_is_reported() {
    let mut journal = TestJournal::default();
    let id = journal.open(Side::Buy, "AA", 1, "10");
    let record = journal.observation(&id, IntentState::Filled, 1, 0, "10");
    // The machine was off for weeks; its next run sees the fill and dies before `trades.csv` is written.
    let late = stamp("2027-04-02T14:00:00Z".parse().unwrap());
    journal.state.apply(&late, &record).unwrap();
    assert_eq!(journal.state.pruned(), journal.state);
}

#[test]
fn a_claimed_number_outlasts_its_intent() {
    let mut journal = TestJournal::default();
    journal.filled(Side::Sell, "AA", 1, "10");
    journal.tell_at("10:00:00", Record::Repair { bytes: 0, cut_crc: String::new() });
    journal.state.entries.clear();
    let id = journal.unknown(Side::Buy, "BB", 1, "10");
    let taken = Record::Outcome(outcome(&id, OutcomeClass::Accepted, Some("1001")));
    assert_eq!(refused(&journal.state, &taken), FoldError::ClaimedTwice(order_id("1001"), id));
}

#[test]
fn a_snapshot_is_the_whole_state() {
    let mut journal = TestJournal::default();
    journal.filled(Side::Sell, "BRK/B", 1, "10.5");
    let id = journal.open(Side::Buy, "AA", 3, "10");
    journal.sees(&id, IntentState::Accepted, 1, 2, "9.99");
    let lost = journal.unknown(Side::Buy, "BB", 3, "0.1234");
    journal.tell(Record::Unseen { intent: lost.clone(), list: seen("10:05:00") });
    journal.tell(resolved(&lost, Verdict::Ambiguous, None, &["7", "8"]));
    journal.tell(fine(day(), "77"));
    journal.tell(Record::Cancel { order_id: order_id("1002"), intent: id, phase: CancelPhase::Unknown, msg: None });
    journal.state.stop_losses.insert(symbol("AA"), day());
    let text = serde_json::to_string(&journal.state).unwrap();
    let restored = |text: &str, wall| serde_json::from_str::<JournalState>(text).unwrap().restored(at(wall));
    assert_eq!(restored(&text, "09:00:00"), journal.state);
    assert_eq!(restored(&text, "12:00:00").newest_at, Some(at("12:00:00")), "its line's own time counts");
    let mut earlier: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(earlier.as_object_mut().unwrap().remove("claims").is_some());
    assert_eq!(restored(&earlier.to_string(), "09:00:00"), journal.state, "an earlier program wrote no claims");
}

#[test]
fn every_kind_of_line_survives_its_text() {
    let mut journal = TestJournal::default();
    let id = journal.open(Side::Sell, "AA", 3, "10");
    let human = [
        is_order(&id, "7"),
        HumanVerdict::IsAbsent { intent: id.clone() },
        HumanVerdict::ForeignIsFine { date: day(), order_id: order_id("7"), branch: "00950".to_owned() },
        HumanVerdict::IsFilled {
            intent: id.clone(),
            filled_quantity: 2,
            average_price: usd("10"),
            state: IntentState::Expired,
        },
    ];
    let mut records = vec![
        Record::Intent(intent(2, Side::Buy, "BRK/B", 3, "61.2300")),
        Record::Outcome(outcome(&id, OutcomeClass::Accepted, Some("1001"))),
        Record::Unseen { intent: id.clone(), list: seen("10:00:00") },
        resolved(&id, Verdict::Ambiguous, None, &["1", "2"]),
        journal.observation(&id, IntentState::Filled, 3, 0, "10"),
        Record::Cancel { order_id: order_id("1"), intent: id, phase: CancelPhase::Done, msg: Some("말".to_owned()) },
        Record::Repair { bytes: 9, cut_crc: "0123abcd".to_owned() },
    ];
    let line = r#"{"kind":"outcome","intent":"20270309-0001","class":"accepted","order_id":"0000001001","branch":null,"refusal":null,"http":null,"msg_cd":null,"msg":"","elapsed_ms":0,"attempt":1,"is_final":true}"#;
    assert_eq!(serde_json::to_string(&records[1]).unwrap(), line, "the answer's fields are the line's own");
    records.extend(human.map(Record::Human));
    for record in records {
        let text = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), record, "{text}");
    }
}

#[test]
fn a_fill_that_shows_after_the_sale_of_its_shares_leaves_none() {
    let mut journal = TestJournal::default();
    let own = |journal: &TestJournal| journal.state.own_shares(&symbol("AA"));
    let id = journal.open(Side::Buy, "AA", 10, "10");
    let sale = journal.open(Side::Sell, "AA", 10, "11");
    let seen = |journal: &mut TestJournal, wall: &str, id: &IntentId, filled: u64| {
        let observation = journal.observation(id, IntentState::Cancelled, filled, 0, "10");
        journal.tell_at(wall, observation);
    };
    seen(&mut journal, "10:40:00", &sale, 10);
    seen(&mut journal, "11:00:00", &id, 7);
    assert_eq!(own(&journal), 0, "they were sold before the list showed them");
    seen(&mut journal, "11:05:00", &id, 10);
    assert_eq!(own(&journal), 0);
    journal.filled(Side::Buy, "AA", 4, "10");
    assert_eq!(own(&journal), 4);
}

#[test]
fn own_shares_are_what_own_fills_brought_and_own_sales_left() {
    let mut journal = TestJournal::default();
    let own = |journal: &TestJournal| journal.state.own_shares(&symbol("AA"));
    assert_eq!(own(&journal), 0);
    let id = journal.open(Side::Buy, "AA", 10, "10");
    journal.sees(&id, IntentState::Accepted, 4, 6, "10");
    assert_eq!(own(&journal), 4);
    journal.sees(&id, IntentState::Cancelled, 7, 0, "10");
    assert_eq!(own(&journal), 7, "each share counts once");
    journal.filled(Side::Sell, "AA", 3, "11");
    journal.filled(Side::Sell, "BB", 3, "11");
    assert_eq!((own(&journal), journal.state.own_shares(&symbol("BB"))), (4, 0));
    // A month later the intents are gone, and the shares are still ours.
    let mut later = journal.clone();
    later.state.newest_at = Some("2027-05-03T12:00:00-04:00".parse().unwrap());
    later.state = later.state.pruned();
    assert_eq!((later.state.entries.len(), own(&later)), (0, 4));
    journal.filled(Side::Sell, "AA", 6, "11");
    journal.filled(Side::Buy, "AA", 1, "11");
    assert_eq!(own(&journal), 1, "a sale beyond our own shares took somebody else's");
    // An earlier program's snapshot says nothing of them; its intents say some.
    let mut text = serde_json::to_value(&later.state).unwrap();
    assert!(text.as_object_mut().unwrap().remove("own_shares").is_some());
    let earlier: JournalState = serde_json::from_value(text).unwrap();
    assert_eq!(earlier.restored(at("12:00:00")).own_shares(&symbol("AA")), 0);
    let mut text = serde_json::to_value(&journal.state).unwrap();
    text.as_object_mut().unwrap().remove("own_shares");
    let earlier: JournalState = serde_json::from_value(text).unwrap();
    assert_eq!(earlier.restored(at("12:00:00")).own_shares(&symbol("AA")), 0, "bought 8, sold 9");
}
