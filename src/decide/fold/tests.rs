//! Tables for `decide::fold`, written from the trading rules.

mod memory;
mod strategies;

use super::*;
use crate::decide::test_support::*;
use crate::domain::{
    CancelPhase, HumanVerdict, Intent, IntentState, ListSeen, Observed, Outcome, OutcomeClass, Purpose, Record,
    Refusal, Resolved, Verdict,
};

fn seen(wall: &str) -> ListSeen {
    ListSeen { at: at(wall), complete: true, rows: 3 }
}

fn resolved(id: &IntentId, verdict: Verdict, number: Option<&str>, candidates: &[&str]) -> Record {
    Record::Resolved(Resolved {
        intent: id.clone(),
        verdict,
        order_id: number.map(order_id),
        branch: String::new(),
        candidates: candidates.iter().map(|number| key(number)).collect(),
        lists: vec![seen("10:30:00")],
    })
}

fn refused(state: &JournalState, record: &Record) -> FoldError {
    let mut after = state.clone();
    let error = after.apply(&stamp(at("11:00:00")), record).unwrap_err();
    assert_eq!(after, *state, "what contradicts changes nothing");
    assert_eq!(state.check(record), Err(error.clone()));
    error
}

#[test]
fn an_intent_without_outcome_is_unknown_and_counts_in_full() {
    let mut journal = TestJournal::default();
    let id = journal.unknown(Side::Buy, "AA", 3, "61.23");
    let entry = journal.entry(&id);
    assert_eq!((entry.state, entry.posts, entry.order_id.clone()), (IntentState::Unknown, 0, None));
    assert_eq!((entry.filled_quantity, entry.remaining_quantity), (0, 3));
    assert_eq!((entry.committed(), entry.open_value()), (usd("183.69"), usd("183.69")));
    assert_eq!(entry.submitted, stamp(at("10:00:00")));
    assert_eq!((journal.state.live().count(), journal.state.unknown().count()), (1, 1));
}

#[test]
fn an_outcome_moves_its_intent() {
    use OutcomeClass::{Accepted, NotSent, Rejected, TurnedAway, Unknown};
    for (class, number, is_final, state) in [
        (Accepted, Some("1001"), true, IntentState::Accepted),
        (Accepted, None, true, IntentState::Unknown),
        (Rejected, None, true, IntentState::Rejected),
        (Rejected, None, false, IntentState::Rejected),
        (TurnedAway, None, false, IntentState::Unknown),
        (TurnedAway, None, true, IntentState::NotSent),
        (NotSent, None, false, IntentState::Unknown),
        (NotSent, None, true, IntentState::NotSent),
        (Unknown, None, false, IntentState::Unknown),
        (Unknown, None, true, IntentState::Unknown),
    ] {
        let mut journal = TestJournal::default();
        let id = journal.unknown(Side::Buy, "AA", 3, "10");
        let mut line = Outcome { is_final, attempt: 2, ..outcome(&id, class, number) };
        (line.answer.refusal, line.answer.msg) = (Some(Refusal::Cash), "word".to_owned());
        journal.tell(Record::Outcome(line));
        let entry = journal.entry(&id);
        assert_eq!(entry.state, state, "{class:?} {number:?} {is_final}");
        assert_eq!((entry.posts, entry.refusal, entry.note.as_str()), (2, Some(Refusal::Cash), "word"));
        assert_eq!(entry.order_id, number.map(order_id));
    }
}

#[test]
fn an_unseen_intent_keeps_its_first_list() {
    let mut journal = TestJournal::default();
    let id = journal.unknown(Side::Buy, "AA", 3, "10");
    for wall in ["10:05:00", "10:06:00"] {
        journal.tell(Record::Unseen { intent: id.clone(), list: seen(wall) });
    }
    assert_eq!(journal.entry(&id).first_unseen, Some(seen("10:05:00")));
    assert_eq!(journal.entry(&id).state, IntentState::Unknown);
}

#[test]
fn a_verdict_moves_its_intent() {
    for (verdict, number, candidates, state) in [
        (Verdict::Accepted, Some("1001"), &[][..], IntentState::Accepted),
        (Verdict::Absent, None, &[], IntentState::Absent),
        (Verdict::Ambiguous, None, &["1001", "1002"], IntentState::Ambiguous),
        (Verdict::Accepted, None, &[], IntentState::Ambiguous),
    ] {
        let mut journal = TestJournal::default();
        let id = journal.unknown(Side::Buy, "AA", 3, "10");
        journal.tell(resolved(&id, verdict, number, candidates));
        let entry = journal.entry(&id);
        assert_eq!(entry.state, state, "{verdict:?}");
        assert_eq!(entry.order_id, number.map(order_id));
        assert_eq!(entry.candidates.len(), candidates.len());
    }
}

#[test]
fn an_ambiguous_intent_blocks_and_counts_until_a_person_decides() {
    let mut journal = TestJournal::default();
    let id = journal.unknown(Side::Buy, "AA", 3, "10");
    journal.tell(resolved(&id, Verdict::Ambiguous, None, &["1001", "1002"]));
    assert_eq!((journal.state.unknown().count(), journal.state.bought_on(day())), (1, usd("30")));
    let mut by_order = journal.clone();
    by_order.tell(Record::Human(is_order(&id, "1002")));
    assert_eq!(by_order.entry(&id).state, IntentState::Accepted);
    assert!(by_order.state.is_claimed(day(), &key("1002")) && !by_order.state.is_claimed(day(), &key("1001")));
    journal.tell(Record::Human(HumanVerdict::IsAbsent { intent: id.clone() }));
    assert_eq!(journal.entry(&id).state, IntentState::Absent);
    assert_eq!(journal.state.bought_on(day()), Usd::ZERO);
}

#[test]
fn a_cancel_request_is_remembered_and_changes_no_state() {
    let mut journal = TestJournal::default();
    let id = journal.open(Side::Buy, "AA", 3, "10");
    for phase in [CancelPhase::Planned, CancelPhase::Done, CancelPhase::Refused, CancelPhase::Unknown] {
        journal.tell(Record::Cancel { order_id: order_id("1001"), intent: id.clone(), phase, msg: None });
        assert_eq!((journal.entry(&id).cancel, journal.entry(&id).state), (Some(phase), IntentState::Accepted));
    }
}

#[test]
fn a_repair_changes_nothing_but_the_time_which_never_goes_back() {
    let mut journal = TestJournal::default();
    journal.open(Side::Buy, "AA", 3, "10");
    let before = journal.state.clone();
    for (wall, newest) in [("10:20:00", "10:20:00"), ("10:10:00", "10:20:00"), ("10:21:00", "10:21:00")] {
        journal.tell_at(wall, Record::Repair { bytes: 3, cut_crc: "00000000".to_owned() });
        assert_eq!(journal.state, JournalState { newest_at: Some(at(newest)), ..before.clone() });
    }
}

#[test]
fn lines_about_an_undeclared_intent_are_refused() {
    let (journal, ghost) = (TestJournal::default(), IntentId::new(day(), 9));
    let observed = Observed {
        intent: ghost.clone(),
        order_id: order_id("1"),
        state: IntentState::Filled,
        filled_quantity: 1,
        remaining_quantity: 0,
        average_price: usd("1"),
        note: String::new(),
    };
    for record in [
        Record::Outcome(outcome(&ghost, OutcomeClass::Rejected, None)),
        Record::Unseen { intent: ghost.clone(), list: seen("10:00:00") },
        resolved(&ghost, Verdict::Absent, None, &[]),
        resolved(&ghost, Verdict::Accepted, Some("1"), &[]),
        Record::Observed(observed),
        Record::Cancel { order_id: order_id("1"), intent: ghost.clone(), phase: CancelPhase::Done, msg: None },
        Record::Human(is_order(&ghost, "1")),
        Record::Human(HumanVerdict::IsAbsent { intent: ghost.clone() }),
    ] {
        assert_eq!(refused(&journal.state, &record), FoldError::UnknownIntent(ghost.clone()), "{record:?}");
    }
}

#[test]
fn an_intent_is_declared_once() {
    let mut journal = TestJournal::default();
    let id = journal.filled(Side::Buy, "AA", 3, "10");
    let again = Record::Intent(intent(1, Side::Buy, "BB", 1, "20"));
    assert_eq!(refused(&journal.state, &again), FoldError::DeclaredTwice(id));
}

#[test]
fn a_number_belongs_to_one_intent_of_its_day() {
    let mut journal = TestJournal::default();
    journal.open(Side::Buy, "AA", 3, "10");
    let second = journal.unknown(Side::Buy, "BB", 3, "10");
    let twice = FoldError::ClaimedTwice(order_id("1001"), second.clone());
    for record in [
        Record::Outcome(outcome(&second, OutcomeClass::Accepted, Some("0000001001"))),
        resolved(&second, Verdict::Accepted, Some("1001"), &[]),
        Record::Human(is_order(&second, "1001")),
    ] {
        assert_eq!(refused(&journal.state, &record), twice, "{record:?}");
    }
    let trading_date = date("2027-03-10");
    let id = IntentId::new(trading_date, 1);
    let tomorrow = Intent { id: id.clone(), trading_date, ..intent(1, Side::Buy, "AA", 3, "10") };
    journal.tell(Record::Intent(tomorrow));
    journal.tell(Record::Outcome(outcome(&id, OutcomeClass::Accepted, Some("1001"))));
    assert_eq!(
        (journal.entry(&id).state, journal.state.claims.len()),
        (IntentState::Accepted, 2),
        "numbers start again"
    );
}

#[test]
fn an_intent_has_one_number() {
    let mut journal = TestJournal::default();
    let id = journal.open(Side::Buy, "AA", 3, "10");
    let renumbered = FoldError::Renumbered(order_id("1009"), id.clone());
    let mut observed = journal.observation(&id, IntentState::Filled, 3, 0, "10");
    if let Record::Observed(observed) = &mut observed {
        observed.order_id = order_id("1009");
    }
    for record in [
        Record::Outcome(outcome(&id, OutcomeClass::Accepted, Some("1009"))),
        resolved(&id, Verdict::Accepted, Some("1009"), &[]),
        Record::Human(is_order(&id, "1009")),
        observed,
    ] {
        assert_eq!(refused(&journal.state, &record), renumbered, "{record:?}");
    }
}

#[test]
fn fills_grow_and_their_price_is_the_latest() {
    let mut journal = TestJournal::default();
    let id = journal.open(Side::Buy, "AA", 10, "10");
    for (wall, filled, remaining, average, spent, filled_at) in [
        ("10:01:00", 2, 8, "9", "98", "10:01:00"),
        ("10:02:00", 2, 8, "9", "98", "10:01:00"),
        ("10:03:00", 6, 4, "9.5", "97", "10:03:00"),
        ("10:04:00", 10, 0, "9.6", "96", "10:04:00"),
    ] {
        let state = if remaining == 0 { IntentState::Filled } else { IntentState::Accepted };
        let record = journal.observation(&id, state, filled, remaining, average);
        journal.tell_at(wall, record);
        let entry = journal.entry(&id);
        assert_eq!((entry.state, entry.filled_quantity, entry.remaining_quantity), (state, filled, remaining));
        assert_eq!((entry.average_price, entry.filled_at), (usd(average), Some(at(filled_at))));
        assert_eq!(journal.state.bought_on(day()), usd(spent), "{wall}");
    }
}

#[test]
fn last_sells_come_from_fills_of_sells() {
    let mut journal = TestJournal::default();
    journal.filled(Side::Buy, "AA", 3, "10");
    journal.open(Side::Sell, "AA", 3, "11");
    journal.unknown(Side::Sell, "BB", 3, "11");
    journal.ended(OutcomeClass::Rejected, Side::Sell, "CC", 3, "11");
    assert!(journal.state.last_sells.is_empty(), "accepted is not filled");
    let id = journal.open(Side::Sell, "DD", 3, "11");
    for (wall, filled, average) in [("10:01:00", 1, "11.5"), ("10:02:00", 3, "11.2")] {
        let record = journal.observation(&id, IntentState::Accepted, filled, 3 - filled, average);
        journal.tell_at(wall, record);
        let expected = LastSell { price: usd(average), at: at(wall), day: Some(day()) };
        assert_eq!(journal.state.last_sells, BTreeMap::from([(symbol("DD"), expected)]));
    }
    journal.filled(Side::Sell, "DD", 1, "9");
    assert_eq!(journal.state.last_sells[&symbol("DD")].price, usd("9"), "the latest one counts");
}

#[test]
fn a_cool_down_begins_with_a_fill_of_a_stop_loss() {
    for (purpose, filled, begins) in [
        (Purpose::StopLoss, 0, false),
        (Purpose::StopLoss, 1, true),
        (Purpose::TakeProfit, 3, false),
        (Purpose::FallbackTakeProfit, 3, false),
    ] {
        let mut journal = TestJournal::default();
        let sell = Intent { purpose, ..intent(1, Side::Sell, "AA", 3, "8") };
        let id = journal.accept("10:00:00", sell);
        journal.sees(&id, IntentState::Cancelled, filled, 0, "8");
        let expected = if begins { BTreeMap::from([(symbol("AA"), day())]) } else { BTreeMap::new() };
        assert_eq!(journal.state.stop_losses, expected, "{purpose:?}, {filled} filled");
    }
}

#[test]
fn an_old_stop_loss_seen_late_does_not_shorten_the_cool_down() {
    let mut journal = TestJournal::default();
    for (number, trading_date) in [(1, "2027-03-09"), (2, "2027-03-08")] {
        let trading_date = date(trading_date);
        let (id, purpose) = (IntentId::new(trading_date, number), Purpose::StopLoss);
        let id =
            journal.accept("10:00:00", Intent { id, purpose, trading_date, ..intent(1, Side::Sell, "AA", 3, "8") });
        journal.sees(&id, IntentState::Filled, 3, 0, "8");
    }
    assert_eq!(journal.state.stop_losses, BTreeMap::from([(symbol("AA"), day())]));
}
