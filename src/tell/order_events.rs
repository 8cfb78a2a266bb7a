//! Which events of an order are not announced yet, by the journal.
//!
//! An order that filled is told once, when it ends: what filled in all, and what became of the rest. A stop loss is told so
//! under its own name. What fills before the end is an event of its own, for those who choose it.
//!
//! The journal is the truth; what is announced only grows. So a run that was killed before it announced anything leaves its
//! events to the next one, and none is announced twice.

use serde::{Deserialize, Serialize};

use crate::decide::fold::Entry;
use crate::domain::{Filled, IntentState, NoticeKind, Purpose, Usd};

/// What is announced of one order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    pub accepted: bool,
    pub unknown: bool,
    pub ambiguous: bool,
    /// Shares.
    pub filled: u64,
    /// USD paid or received for them.
    pub dollars: Usd,
    /// Fills that KIS's list took back.
    #[serde(default)]
    pub corrected: bool,
    pub end: Option<IntentState>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderEvent {
    pub kind: NoticeKind,
    /// Unique within the order.
    pub name: String,
    pub filled: Option<Filled>,
}

/// The events that are not announced yet, in the order in which they happened, and what is announced with them.
pub fn events_of(entry: &Entry, known: &Announced) -> (Vec<OrderEvent>, Announced) {
    let mut now = known.clone();
    let mut events = Vec::new();
    let mut add = |kind, name: &str, filled| events.push(OrderEvent { kind, name: name.to_owned(), filled });
    if entry.state == IntentState::Unknown && !entry.is_unlisted() && !known.unknown {
        now.unknown = true;
        add(NoticeKind::OrderUnknown, "unknown", None);
    }
    if entry.state == IntentState::Ambiguous && !known.ambiguous {
        (now.unknown, now.ambiguous) = (true, true);
        add(NoticeKind::OrderUnknown, "ambiguous", None);
    }
    if entry.order_id.is_some() && !known.accepted {
        now.accepted = true;
        add(NoticeKind::OrderAccepted, "accepted", None);
    }
    let has_ended = !entry.state.is_live();
    let (shares, has_grown) = (entry.filled_quantity, entry.filled_quantity > known.filled);
    if has_grown {
        let filled = entry.filled_beyond(known.filled, known.dollars);
        (now.filled, now.dollars) = (shares, known.dollars + filled.amount);
        if !has_ended {
            add(NoticeKind::OrderPartlyFilled, &format!("partly_filled/{shares}"), Some(filled));
        }
    }
    // Also when KIS books a fill after the end.
    if has_ended && shares > 0 && (has_grown || known.end != Some(entry.state)) {
        now.end = Some(entry.state);
        let is_stop = entry.intent.purpose == Purpose::StopLoss;
        let (kind, name) =
            if is_stop { (NoticeKind::StopLoss, "stop_loss") } else { (NoticeKind::OrderFilled, "filled") };
        add(kind, &format!("{name}/{shares}"), Some(entry.filled_beyond(0, Usd::ZERO)));
    }
    if entry.correction.as_ref().is_some_and(|correction| correction.is_confirmed) && !known.corrected {
        now.corrected = true;
        add(NoticeKind::OrderUnknown, "corrected", None);
    }
    let end = match entry.state {
        // KIS took it and never listed it: a person decides.
        IntentState::Unknown if entry.is_unlisted() => Some(NoticeKind::OrderUnknown),
        _ if shares > 0 => None,
        IntentState::Rejected => Some(NoticeKind::OrderRejected),
        IntentState::Cancelled | IntentState::Replaced => Some(NoticeKind::OrderCancelled),
        // Most lines of a sheet do not fill: that is what they are for.
        IntentState::Expired if entry.strategy().is_some() => None,
        IntentState::Expired => Some(NoticeKind::OrderExpired),
        // An order never announced needs no "absent" message.
        IntentState::Absent if now.unknown => Some(NoticeKind::OrderAbsent),
        _ => None,
    };
    if let Some(kind) = end.filter(|_| known.end != Some(entry.state)) {
        now.end = Some(entry.state);
        add(kind, if entry.is_unlisted() { "unlisted" } else { entry.state.word() }, None);
    }
    (events, now)
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::decide::test_support::{TestJournal, intent, order_id, outcome, usd};
    use crate::domain::{HumanVerdict, IntentId, OutcomeClass, Record, Resolved, Side, Verdict};

    /// What is new, by name; it counts as announced from now on.
    fn news(past: &TestJournal, id: &IntentId, announced: &mut Announced) -> Vec<String> {
        let (events, now) = events_of(past.entry(id), announced);
        *announced = now;
        events.into_iter().map(|event| event.name).collect()
    }

    fn resolve(past: &mut TestJournal, id: &IntentId, verdict: Verdict, number: Option<&str>) {
        past.tell(Record::Resolved(Resolved {
            intent: id.clone(),
            verdict,
            order_id: number.map(order_id),
            branch: String::new(),
            candidates: Vec::new(),
            lists: Vec::new(),
        }));
    }

    #[test]
    fn each_event_is_announced_once_however_late() {
        let mut past = TestJournal::default();
        let id = past.unknown(Side::Buy, "AA", 3, "10");
        let mut announced = Announced::default();
        assert_eq!(news(&past, &id, &mut announced), ["unknown"]);
        assert_eq!(news(&past, &id, &mut announced), [""; 0]);
        resolve(&mut past, &id, Verdict::Accepted, Some("1001"));
        let early = past.clone();
        assert_eq!(news(&past, &id, &mut announced), ["accepted"]);
        past.sees(&id, IntentState::Accepted, 1, 2, "10");
        assert_eq!(news(&past, &id, &mut announced), ["partly_filled/1"]);
        past.sees(&id, IntentState::Filled, 3, 0, "10");
        assert_eq!(news(&past, &id, &mut announced), ["filled/3"]);
        assert_eq!(news(&past, &id, &mut announced), [""; 0]);
        // After runs that were killed, the next one announces all that happened since.
        assert_eq!(news(&past, &id, &mut Announced::default()), ["accepted", "filled/3"]);
        // An older view adds nothing to a newer one.
        assert_eq!(news(&early, &id, &mut announced), [""; 0]);
    }

    #[test]
    fn every_end_is_announced_but_that_of_an_order_never_announced() {
        use IntentState::{Absent, Cancelled, Expired, Rejected};
        for (state, filled, names) in [
            (Rejected, 0, vec!["accepted", "rejected"]),
            (Rejected, 1, vec!["accepted", "filled/1"]),
            (Cancelled, 0, vec!["accepted", "cancelled"]),
            (Cancelled, 1, vec!["accepted", "filled/1"]),
            (Expired, 0, vec!["accepted", "expired"]),
            (Expired, 2, vec!["accepted", "filled/2"]),
        ] {
            let mut past = TestJournal::default();
            let id = past.open(Side::Buy, "AA", 3, "10");
            past.sees(&id, state, filled, 0, "10");
            let mut announced = Announced::default();
            assert_eq!(news(&past, &id, &mut announced), names);
            assert_eq!(news(&past, &id, &mut announced), [""; 0]);
        }
        let mut past = TestJournal::default();
        let id = past.ended(OutcomeClass::Rejected, Side::Buy, "AA", 3, "10");
        assert_eq!(news(&past, &id, &mut Announced::default()), ["rejected"]);
        let id = past.ended(OutcomeClass::NotSent, Side::Buy, "BB", 3, "10");
        assert_eq!(news(&past, &id, &mut Announced::default()), [""; 0], "the failed run says so itself");
        let id = past.unknown(Side::Buy, "CC", 3, "10");
        let mut announced = Announced::default();
        assert_eq!(news(&past, &id, &mut announced), ["unknown"]);
        resolve(&mut past, &id, Verdict::Ambiguous, None);
        assert_eq!(news(&past, &id, &mut announced), ["ambiguous"]);
        past.tell(Record::Human(HumanVerdict::IsAbsent { intent: id.clone() }));
        assert_eq!(past.entry(&id).state, Absent);
        assert_eq!(news(&past, &id, &mut announced), ["absent"]);
        assert_eq!(news(&past, &id, &mut Announced::default()), [""; 0]);
    }

    #[test]
    fn what_fills_after_the_end_is_announced_with_all_that_filled() {
        let mut past = TestJournal::default();
        let id = past.open(Side::Buy, "AA", 4, "12");
        let mut announced = Announced::default();
        past.sees(&id, IntentState::Cancelled, 0, 0, "0");
        assert_eq!(news(&past, &id, &mut announced), ["accepted", "cancelled"]);
        past.sees(&id, IntentState::Cancelled, 1, 0, "12");
        assert_eq!(news(&past, &id, &mut announced), ["filled/1"]);
        past.sees(&id, IntentState::Filled, 4, 0, "12");
        let (events, _) = events_of(past.entry(&id), &announced);
        assert_eq!(events[0].filled.as_ref().unwrap().quantity, 4);
        assert_eq!(news(&past, &id, &mut announced), ["filled/4"]);
        assert_eq!(news(&past, &id, &mut announced), [""; 0]);
    }

    #[test]
    fn a_fill_that_grows_is_announced_by_its_difference_and_at_the_end_as_a_whole() {
        let mut past = TestJournal::default();
        let id = past.open(Side::Sell, "AA", 4, "12");
        past.sees(&id, IntentState::Accepted, 1, 3, "12");
        let (events, announced) = events_of(past.entry(&id), &Announced::default());
        let first = events[1].filled.clone().unwrap();
        assert_eq!((first.quantity, first.price, first.amount), (1, usd("12"), usd("12")));
        past.sees(&id, IntentState::Accepted, 3, 1, "13");
        let (events, announced) = events_of(past.entry(&id), &announced);
        let second = events[0].filled.clone().unwrap();
        assert_eq!((events.len(), second.quantity, second.price, second.amount), (1, 2, usd("13.5"), usd("27")));
        assert_eq!((second.profit, second.profit_percent), (Some(usd("7")), Some(Decimal::from(35))));
        past.sees(&id, IntentState::Filled, 4, 0, "13.5");
        let (events, _) = events_of(past.entry(&id), &announced);
        let all = events[0].filled.clone().unwrap();
        assert_eq!((events.len(), all.quantity, all.price, all.amount), (1, 4, usd("13.5"), usd("54")));
        assert_eq!((all.profit, all.profit_percent), (Some(usd("14")), Some(Decimal::from(35))));
        let id = past.filled(Side::Buy, "BB", 4, "12");
        assert_eq!(events_of(past.entry(&id), &Announced::default()).0[1].filled.clone().unwrap().profit, None);
    }

    #[test]
    fn a_stop_loss_that_filled_is_announced_at_its_end_and_once() {
        let mut past = TestJournal::default();
        let stop = crate::domain::Intent { purpose: Purpose::StopLoss, ..intent(1, Side::Sell, "AA", 4, "8") };
        let id = stop.id.clone();
        past.tell(Record::Intent(stop));
        past.tell(Record::Outcome(outcome(&id, OutcomeClass::Accepted, Some("1001"))));
        let mut announced = Announced::default();
        assert_eq!(news(&past, &id, &mut announced), ["accepted"]);
        past.sees(&id, IntentState::Accepted, 1, 3, "8");
        assert_eq!(news(&past, &id, &mut announced), ["partly_filled/1"]);
        let mut cancelled = past.clone();
        cancelled.sees(&id, IntentState::Cancelled, 1, 0, "8");
        assert_eq!(news(&cancelled, &id, &mut announced.clone()), ["stop_loss/1"]);
        past.sees(&id, IntentState::Filled, 4, 0, "8");
        assert_eq!(news(&past, &id, &mut announced), ["stop_loss/4"]);
        assert_eq!(news(&past, &id, &mut announced), [""; 0]);
    }
}
