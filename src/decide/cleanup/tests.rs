//! Tables for `decide::cleanup`, written from the trading rules.

use std::time::Duration;

use super::*;
use crate::decide::test_support::*;

const MINUTE: Duration = Duration::from_secs(60);

fn settings(buys: Option<u32>, sells: Option<u32>) -> CleanupSettings {
    let minutes = |minutes: Option<u32>| minutes.map(|minutes| MINUTE * minutes);
    CleanupSettings { cancel_buys_after: minutes(buys), cancel_sells_after: minutes(sells) }
}

/// Symbols to cancel and symbols to keep.
fn plan(journal: &TestJournal, settings: &CleanupSettings, now: &Stamp) -> (Vec<String>, Vec<(String, Rule)>) {
    let (cancel, kept) = plan_cancels(&journal.state, settings, now);
    let cancel = cancel.iter().map(|entry| entry.intent.symbol.to_string()).collect();
    (cancel, kept.into_iter().map(|kept| (kept.symbol.to_string(), kept.reason)).collect())
}

#[test]
fn only_what_is_older_than_its_sides_limit_is_cancelled() {
    let mut journal = TestJournal::default();
    journal.open(Side::Buy, "AA", 1, "10");
    journal.open(Side::Sell, "BB", 1, "10");
    for (buys, sells, now, cancelled) in [
        (Some(20), Some(30), "10:19:59", &[][..]),
        (Some(20), Some(30), "10:20:00", &[]),
        (Some(20), Some(30), "10:20:01", &["AA"]),
        (Some(20), Some(30), "10:30:01", &["AA", "BB"]),
        (Some(30), Some(20), "10:20:01", &["BB"]),
        (None, Some(20), "15:59:59", &["BB"]),
        (Some(20), None, "15:59:59", &["AA"]),
        (None, None, "15:59:59", &[]),
    ] {
        let (cancel, kept) = plan(&journal, &settings(buys, sells), &stamp(at(now)));
        assert_eq!(cancel, cancelled, "{buys:?} {sells:?} {now}");
        assert_eq!(kept.len(), 2 - cancel.len());
        assert!(kept.iter().all(|(_, reason)| *reason == Rule::TooYoung));
    }
}

#[test]
fn only_accepted_limit_orders_with_something_left_are_cancelled() {
    let mut journal = TestJournal::default();
    journal.unknown(Side::Buy, "AA", 2, "10");
    journal.filled(Side::Buy, "BB", 2, "10");
    journal.listed(Side::Buy, "CC", 2, "10", (IntentState::Accepted, 0, 0, "0"));
    journal.listed(Side::Buy, "DD", 2, "10", (IntentState::Accepted, 1, 1, "10"));
    let order_kind = OrderKind::Loc;
    journal.accept("10:00:00", Intent { order_kind, ..intent(9, Side::Sell, "EE", 2, "10") });
    let (cancel, kept) = plan(&journal, &settings(Some(20), Some(20)), &stamp(at("15:00:00")));
    assert_eq!((cancel, kept), (vec!["DD".to_owned()], vec![]));
}

#[test]
fn the_oldest_goes_first() {
    let mut journal = TestJournal::default();
    for (number, name, wall) in [(1, "AA", "10:03:00"), (2, "BB", "10:01:00"), (3, "CC", "10:02:00")] {
        journal.accept(wall, intent(number, Side::Buy, name, 1, "10"));
    }
    assert_eq!(plan(&journal, &settings(Some(20), None), &stamp(at("11:00:00"))).0, ["BB", "CC", "AA"]);
}

#[test]
fn within_one_boot_the_age_is_that_of_the_machine() {
    let boot = |boot: &str, wall: &str, up_minutes: u64| Stamp {
        at: at(wall),
        boot: boot.to_owned(),
        up_ms: up_minutes * 60_000,
    };
    for (sent, now, is_cancelled) in [
        // The wall clock went back half an hour, then forward an hour.
        (boot("a", "11:00:00", 100), boot("a", "10:30:00", 121), true),
        (boot("a", "10:00:00", 100), boot("a", "11:00:00", 101), false),
        // After a reboot only the wall clock is left.
        (boot("a", "10:00:00", 100), boot("b", "10:20:01", 1), true),
        (boot("a", "11:00:00", 100), boot("b", "10:00:00", 900), false),
    ] {
        let mut journal = TestJournal::default();
        let id = journal.open(Side::Buy, "AA", 1, "10");
        journal.state.entries.get_mut(&id).unwrap().submitted = sent.clone();
        let (cancel, _) = plan(&journal, &settings(Some(20), None), &now);
        assert_eq!(!cancel.is_empty(), is_cancelled, "{sent:?} {now:?}");
    }
}
