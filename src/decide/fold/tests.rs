//! Tables for `decide::fold`, written from the trading rules.

mod memory;

use super::*;
use crate::decide::test_support::*;
use crate::domain::intent::{Intent, OutcomeClass, Purpose, Refusal};
use crate::domain::record::{CancelPhase, HumanVerdict, ListSeen, Observed, Outcome, Record, Resolved, Verdict};
use crate::domain::stamp::Stamp;

fn seen(wall: &str) -> ListSeen {
    ListSeen { at: at(wall), complete: true, rows: 3 }
}

fn resolved(id: &IntentId, verdict: Verdict, number: Option<&str>, candidates: &[&str]) -> Record {
    Record::Resolved(Resolved {
        intent: id.clone(),
        verdict,
        order_id: number.map(order_id),
        candidates: candidates.iter().map(|number| order_id(number)).collect(),
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
    let mut past = Past::default();
    let id = past.unknown(Side::Buy, "AA", 3, "61.23");
    let entry = past.entry(&id);
    assert_eq!((entry.state, entry.posts, entry.order_id.clone()), (IntentState::Unknown, 0, None));
    assert_eq!((entry.filled_quantity, entry.remaining_quantity), (0, 3));
    assert_eq!((entry.committed(), entry.open_value()), (usd("183.69"), usd("183.69")));
    assert_eq!(entry.submitted, stamp(at("10:00:00")));
    assert_eq!((past.state.live().count(), past.state.unknown().count()), (1, 1));
}

#[test]
fn an_outcome_moves_its_intent() {
    use OutcomeClass::{Accepted, NotSent, Refused, Rejected, Unknown};
    for (class, number, is_final, state) in [
        (Accepted, Some("1001"), true, IntentState::Accepted),
        (Accepted, None, true, IntentState::Unknown),
        (Rejected, None, true, IntentState::Rejected),
        (Rejected, None, false, IntentState::Rejected),
        (Refused, None, false, IntentState::Unknown),
        (Refused, None, true, IntentState::NotSent),
        (NotSent, None, false, IntentState::Unknown),
        (NotSent, None, true, IntentState::NotSent),
        (Unknown, None, false, IntentState::Unknown),
        (Unknown, None, true, IntentState::Unknown),
    ] {
        let mut past = Past::default();
        let id = past.unknown(Side::Buy, "AA", 3, "10");
        let mut line = Outcome { is_final, attempt: 2, ..outcome(&id, class, number) };
        (line.answer.refusal, line.answer.msg) = (Some(Refusal::Cash), "word".to_owned());
        past.tell(Record::Outcome(line));
        let entry = past.entry(&id);
        assert_eq!(entry.state, state, "{class:?} {number:?} {is_final}");
        assert_eq!((entry.posts, entry.refusal, entry.note.as_str()), (2, Some(Refusal::Cash), "word"));
        assert_eq!(entry.order_id, number.map(order_id));
    }
}

#[test]
fn an_unseen_intent_keeps_its_first_list() {
    let mut past = Past::default();
    let id = past.unknown(Side::Buy, "AA", 3, "10");
    for wall in ["10:05:00", "10:06:00"] {
        past.tell(Record::Unseen { intent: id.clone(), list: seen(wall) });
    }
    assert_eq!(past.entry(&id).first_unseen, Some(seen("10:05:00")));
    assert_eq!(past.entry(&id).state, IntentState::Unknown);
}

#[test]
fn a_verdict_moves_its_intent() {
    for (verdict, number, candidates, state) in [
        (Verdict::Accepted, Some("1001"), &[][..], IntentState::Accepted),
        (Verdict::Absent, None, &[], IntentState::Absent),
        (Verdict::Ambiguous, None, &["1001", "1002"], IntentState::Ambiguous),
        (Verdict::Accepted, None, &[], IntentState::Ambiguous),
    ] {
        let mut past = Past::default();
        let id = past.unknown(Side::Buy, "AA", 3, "10");
        past.tell(resolved(&id, verdict, number, candidates));
        let entry = past.entry(&id);
        assert_eq!(entry.state, state, "{verdict:?}");
        assert_eq!(entry.order_id, number.map(order_id));
        assert_eq!(entry.candidates.len(), candidates.len());
    }
}

#[test]
fn an_ambiguous_intent_blocks_and_counts_until_a_person_decides() {
    let mut past = Past::default();
    let id = past.unknown(Side::Buy, "AA", 3, "10");
    past.tell(resolved(&id, Verdict::Ambiguous, None, &["1001", "1002"]));
    assert_eq!((past.state.unknown().count(), past.state.bought_on(day())), (1, usd("30")));
    let mut by_order = past.clone();
    by_order.tell(Record::Human(HumanVerdict::IsOrder { intent: id.clone(), order_id: order_id("1002") }));
    assert_eq!(by_order.entry(&id).state, IntentState::Accepted);
    assert!(
        by_order.state.is_claimed(day(), &order_id("1002")) && !by_order.state.is_claimed(day(), &order_id("1001"))
    );
    past.tell(Record::Human(HumanVerdict::IsAbsent { intent: id.clone() }));
    assert_eq!(past.entry(&id).state, IntentState::Absent);
    assert_eq!(past.state.bought_on(day()), Usd::ZERO);
}

#[test]
fn a_foreign_order_is_fine_on_its_date_only() {
    let mut past = Past::default();
    past.tell(Record::Human(HumanVerdict::ForeignIsFine { date: day(), order_id: order_id("77") }));
    assert_eq!(past.state.fine_foreign, BTreeSet::from([(day(), order_id("0000000077"))]));
}

#[test]
fn a_cancel_request_is_remembered_and_changes_no_state() {
    let mut past = Past::default();
    let id = past.open(Side::Buy, "AA", 3, "10");
    for phase in [CancelPhase::Planned, CancelPhase::Done, CancelPhase::Refused, CancelPhase::Unknown] {
        past.tell(Record::Cancel { order_id: order_id("1001"), intent: id.clone(), phase, msg: None });
        assert_eq!((past.entry(&id).cancel, past.entry(&id).state), (Some(phase), IntentState::Accepted));
    }
}

#[test]
fn a_repair_changes_nothing_but_the_time() {
    let mut past = Past::default();
    past.open(Side::Buy, "AA", 3, "10");
    let mut after = past.clone();
    after.tell_at("10:20:00", Record::Repair { bytes: 3, cut_crc: "00000000".to_owned() });
    assert_eq!(after.state.newest_at, Some(at("10:20:00")));
    after.state.newest_at = past.state.newest_at;
    assert_eq!(after.state, past.state);
}

#[test]
fn the_newest_time_never_goes_back() {
    let mut past = Past::default();
    let repair = Record::Repair { bytes: 0, cut_crc: String::new() };
    for (wall, newest) in [("10:20:00", "10:20:00"), ("10:10:00", "10:20:00"), ("10:21:00", "10:21:00")] {
        past.tell_at(wall, repair.clone());
        assert_eq!(past.state.newest_at, Some(at(newest)));
    }
}

#[test]
fn lines_about_an_intent_nobody_declared_are_refused() {
    let (past, ghost) = (Past::default(), IntentId::new(day(), 9));
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
        Record::Human(HumanVerdict::IsOrder { intent: ghost.clone(), order_id: order_id("1") }),
        Record::Human(HumanVerdict::IsAbsent { intent: ghost.clone() }),
    ] {
        assert_eq!(refused(&past.state, &record), FoldError::UnknownIntent(ghost.clone()), "{record:?}");
    }
}

#[test]
fn an_intent_is_declared_once() {
    let mut past = Past::default();
    let id = past.filled(Side::Buy, "AA", 3, "10");
    let again = Record::Intent(intent(1, Side::Buy, "BB", 1, "20"));
    assert_eq!(refused(&past.state, &again), FoldError::DeclaredTwice(id));
}

#[test]
fn a_number_belongs_to_one_intent_of_its_day() {
    let mut past = Past::default();
    past.open(Side::Buy, "AA", 3, "10");
    let second = past.unknown(Side::Buy, "BB", 3, "10");
    let twice = FoldError::ClaimedTwice { order_id: order_id("1001"), intent: second.clone() };
    for record in [
        Record::Outcome(outcome(&second, OutcomeClass::Accepted, Some("0000001001"))),
        resolved(&second, Verdict::Accepted, Some("1001"), &[]),
        Record::Human(HumanVerdict::IsOrder { intent: second.clone(), order_id: order_id("1001") }),
    ] {
        assert_eq!(refused(&past.state, &record), twice, "{record:?}");
    }
    let mut tomorrow = intent(1, Side::Buy, "AA", 3, "10");
    tomorrow.trading_day = date("2027-03-10");
    tomorrow.id = IntentId::new(tomorrow.trading_day, 1);
    let id = tomorrow.id.clone();
    past.tell(Record::Intent(tomorrow));
    past.tell(Record::Outcome(outcome(&id, OutcomeClass::Accepted, Some("1001"))));
    assert_eq!((past.entry(&id).state, past.state.claims.len()), (IntentState::Accepted, 2), "numbers start again");
}

#[test]
fn an_intent_has_one_number() {
    let mut past = Past::default();
    let id = past.open(Side::Buy, "AA", 3, "10");
    let renumbered = FoldError::Renumbered { intent: id.clone(), order_id: order_id("1009") };
    let mut observed = past.observation(&id, IntentState::Filled, 3, 0, "10");
    if let Record::Observed(observed) = &mut observed {
        observed.order_id = order_id("1009");
    }
    for record in [
        Record::Outcome(outcome(&id, OutcomeClass::Accepted, Some("1009"))),
        resolved(&id, Verdict::Accepted, Some("1009"), &[]),
        Record::Human(HumanVerdict::IsOrder { intent: id.clone(), order_id: order_id("1009") }),
        observed,
    ] {
        assert_eq!(refused(&past.state, &record), renumbered, "{record:?}");
    }
}

#[test]
fn fills_grow_and_their_price_is_the_latest() {
    let mut past = Past::default();
    let id = past.open(Side::Buy, "AA", 10, "10");
    for (wall, filled, remaining, average, spent, filled_at) in [
        ("10:01:00", 2, 8, "9", "98", "10:01:00"),
        ("10:02:00", 2, 8, "9", "98", "10:01:00"),
        ("10:03:00", 6, 4, "9.5", "97", "10:03:00"),
        ("10:04:00", 10, 0, "9.6", "96", "10:04:00"),
    ] {
        let state = if remaining == 0 { IntentState::Filled } else { IntentState::Accepted };
        let record = past.observation(&id, state, filled, remaining, average);
        past.tell_at(wall, record);
        let entry = past.entry(&id);
        assert_eq!((entry.state, entry.filled_quantity, entry.remaining_quantity), (state, filled, remaining));
        assert_eq!((entry.average_price, entry.filled_at), (usd(average), Some(at(filled_at))));
        assert_eq!(past.state.bought_on(day()), usd(spent), "{wall}");
    }
}

#[test]
fn last_sells_come_from_fills_of_sells() {
    let mut past = Past::default();
    past.filled(Side::Buy, "AA", 3, "10");
    past.open(Side::Sell, "AA", 3, "11");
    past.unknown(Side::Sell, "BB", 3, "11");
    past.ended(OutcomeClass::Rejected, Side::Sell, "CC", 3, "11");
    assert!(past.state.last_sells.is_empty(), "accepted is not filled");
    let id = past.open(Side::Sell, "DD", 3, "11");
    for (wall, filled, average) in [("10:01:00", 1, "11.5"), ("10:02:00", 3, "11.2")] {
        let record = past.observation(&id, IntentState::Accepted, filled, 3 - filled, average);
        past.tell_at(wall, record);
        let expected = LastSell { price: usd(average), at: at(wall) };
        assert_eq!(past.state.last_sells, BTreeMap::from([(symbol("DD"), expected)]));
    }
    past.filled(Side::Sell, "DD", 1, "9");
    assert_eq!(past.state.last_sells[&symbol("DD")].price, usd("9"), "the latest one counts");
}

#[test]
fn a_cool_down_begins_with_a_fill_of_a_stop_loss() {
    for (reason, filled, begins) in [
        (Purpose::StopLoss, 0, false),
        (Purpose::StopLoss, 1, true),
        (Purpose::TakeProfit, 3, false),
        (Purpose::FallbackTakeProfit, 3, false),
    ] {
        let mut past = Past::default();
        let sell = Intent { reason, ..intent(1, Side::Sell, "AA", 3, "8") };
        let id = sell.id.clone();
        past.tell(Record::Intent(sell));
        past.tell(Record::Outcome(outcome(&id, OutcomeClass::Accepted, Some("1001"))));
        past.sees(&id, IntentState::Cancelled, filled, 0, "8");
        let expected = if begins { BTreeMap::from([(symbol("AA"), day())]) } else { BTreeMap::new() };
        assert_eq!(past.state.stop_losses, expected, "{reason:?}, {filled} filled");
    }
}

#[test]
fn an_old_stop_loss_seen_late_does_not_shorten_the_cool_down() {
    let mut past = Past::default();
    for (number, trading_day) in [(1, "2027-03-09"), (2, "2027-03-08")] {
        let trading_day = date(trading_day);
        let id = IntentId::new(trading_day, number);
        let sell =
            Intent { id: id.clone(), reason: Purpose::StopLoss, trading_day, ..intent(1, Side::Sell, "AA", 3, "8") };
        past.tell(Record::Intent(sell));
        past.tell(Record::Outcome(outcome(&id, OutcomeClass::Accepted, Some(&format!("100{number}")))));
        past.sees(&id, IntentState::Filled, 3, 0, "8");
    }
    assert_eq!(past.state.stop_losses, BTreeMap::from([(symbol("AA"), day())]));
}

#[test]
fn ages_need_one_boot_or_the_wall_clock() {
    let stamp = |boot: &str, wall: &str, up_ms| Stamp { at: at(wall), boot: boot.to_owned(), up_ms };
    for (from, to, seconds) in [
        (stamp("a", "10:00:00", 5_000), stamp("a", "09:00:00", 65_000), 60),
        (stamp("a", "10:00:00", 5_000), stamp("a", "12:00:00", 5_000), 0),
        (stamp("a", "10:00:00", 5_000), stamp("a", "12:00:00", 4_000), 0),
        (stamp("a", "10:00:00", 5_000), stamp("b", "10:01:00", 999_000), 60),
        (stamp("", "10:00:00", 5_000), stamp("", "10:01:00", 999_000), 60),
        (stamp("a", "10:00:00", 5_000), stamp("", "09:59:00", 999_000), -60),
    ] {
        assert_eq!(from.age_at(&to), TimeDelta::seconds(seconds), "{from:?} {to:?}");
    }
}
