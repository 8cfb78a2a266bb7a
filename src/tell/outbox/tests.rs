//! Tables for `tell::outbox`.

use super::*;
use crate::decide::test_support::{TestJournal, at, day};
use crate::domain::Side;
use crate::language::Sentence;

fn message(id: &str) -> Message {
    Message { at: at("10:00:00"), ..crate::tell::message::samples::message(id, "") }
}

fn outbox(ids: &[&str]) -> Outbox {
    let mut outbox = Outbox::default();
    outbox.add("a", ids.iter().map(|id| message(id)));
    outbox
}

fn ids(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries.iter().map(|delivery| delivery.message.id.as_str()).collect()
}

#[test]
fn a_message_is_sent_by_one_run_at_a_time_and_crossed_out_once_it_is_taken() {
    let mut outbox = outbox(&["1", "2", "1"]);
    let alive = |claim: &str| claim == "me";
    let deliveries = outbox.claim("me", at("10:00:00"), alive);
    assert_eq!(ids(&deliveries), ["1", "2"]);
    assert_eq!(outbox.claim("other", at("10:00:00"), alive), [], "a living run is at it");
    outbox.record("me", &deliveries[0], &Ok(()), at("10:00:01"));
    outbox.record("me", &deliveries[1], &Err(NotDelivered::surely(Sentence::verbatim("refused"))), at("10:00:01"));
    assert_eq!(ids(&outbox.claim("other", at("10:00:02"), alive)), ["2"], "the next run tries again, and only that");
    // That run died, and its claim is worth nothing.
    let deliveries = outbox.claim("me", at("10:00:03"), alive);
    assert_eq!(ids(&deliveries), ["2"]);
    outbox.record("other", &deliveries[0], &Ok(()), at("10:00:04"));
    assert_eq!(outbox.waiting.len(), 1, "only its claimant crosses a message out");
    outbox.record("me", &deliveries[0], &Ok(()), at("10:00:04"));
    assert_eq!(outbox.waiting, []);
}

#[test]
fn channels_do_not_cross_out_each_others_messages() {
    let mut outbox = outbox(&["1"]);
    outbox.add("b", [message("1")]);
    let deliveries = outbox.claim("me", at("10:00:00"), |_| true);
    assert_eq!(deliveries.len(), 2);
    outbox.record("me", &deliveries[0], &Ok(()), at("10:00:00"));
    assert_eq!((outbox.waiting.len(), outbox.waiting[0].channel.as_str()), (1, "b"));
}

#[test]
fn a_channel_that_never_says_so_is_not_sent_the_same_for_ever() {
    let mut outbox = outbox(&["1"]);
    let mut now = at("10:00:00");
    let mut tries = Vec::new();
    for minute in 0..1000 {
        let deliveries = outbox.claim("me", now, |_| true);
        if let [delivery] = deliveries.as_slice() {
            tries.push(minute);
            outbox.record("me", delivery, &Err(NotDelivered::perhaps(Sentence::verbatim("no answer"))), now);
        }
        outbox.tidy(&["a"], now);
        now += TimeDelta::minutes(1);
    }
    assert_eq!(tries, [0, 1, 2, 3, 4, 14, 34, 74, 134, 194]);
    assert_eq!(outbox.waiting, []);
}

#[test]
fn one_that_was_not_tried_or_refused_waits_for_the_next_run() {
    let mut outbox = outbox(&["1"]);
    for _ in 0..50 {
        let deliveries = outbox.claim("me", at("10:00:00"), |_| true);
        outbox.record("me", &deliveries[0], &Err(NotDelivered::surely(Sentence::verbatim("refused"))), at("10:00:00"));
    }
    assert_eq!(outbox.tidy(&["a"], at("10:00:00")), 0);
    assert_eq!(outbox.waiting.len(), 1);
}

#[test]
fn what_waits_is_bounded_in_number_and_age() {
    let names: Vec<String> = (0..250).map(|number| number.to_string()).collect();
    let mut outbox = outbox(&names.iter().map(String::as_str).collect::<Vec<_>>());
    outbox.add("gone", [message("1")]);
    assert_eq!(outbox.tidy(&["a", "b"], at("10:00:00")), 150, "those of a channel that is gone are nobody's loss");
    assert_eq!((outbox.waiting.len(), outbox.waiting[0].message.id.as_str()), (MAX_WAITING, "150"));
    assert_eq!(outbox.claim("me", at("10:00:00"), |_| true).len(), MAX_PER_RUN);
    assert_eq!(outbox.tidy(&["a"], at("10:00:00") + MAX_AGE), 0);
    assert_eq!(outbox.tidy(&["a"], at("10:00:01") + MAX_AGE), MAX_WAITING);
}

#[test]
fn orders_of_the_last_days_are_news_once_and_older_ones_are_not() {
    let mut past = TestJournal::default();
    past.open(Side::Buy, "AA", 3, "10");
    let entries: Vec<Entry> = past.state.entries.values().cloned().collect();
    for (days, count) in [(0, 1), (4, 1), (5, 0)] {
        let mut outbox = Outbox::default();
        let today = day() + TimeDelta::days(days);
        assert_eq!(outbox.new_events(&entries, today).len(), count, "{days} days later");
        assert_eq!(outbox.new_events(&entries, today).len(), 0);
    }
    let mut outbox = Outbox::default();
    outbox.take_as_announced(&entries);
    assert_eq!(outbox.new_events(&entries, day()).len(), 0);
    assert_eq!(outbox.orders.as_ref().unwrap().len(), 1);
    outbox.new_events(&[], day() + TimeDelta::days(10));
    assert_eq!(outbox.orders.as_ref().unwrap().len(), 0, "and is forgotten in time");
}

#[test]
fn a_record_of_before_is_read() {
    let old = r#"{"last":{"token_renewed":"2027-03-09T10:00:00Z"}}"#;
    let outbox: Outbox = serde_json::from_str(old).unwrap();
    assert_eq!((&outbox.orders, outbox.waiting.len()), (&None, 0));
    let text = serde_json::to_string(&outbox).unwrap();
    assert_eq!(serde_json::from_str::<Outbox>(&text).unwrap(), outbox);
}
