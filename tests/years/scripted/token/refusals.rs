//! A token that KIS refuses in the middle of a run: marked, replaced once, revoked when it comes back.

use super::*;

#[test]
fn after_a_refusal_the_token_of_another_run_is_used_without_a_request() {
    let mut desk = desk().with_token("old", 20 * HOUR);
    desk.office.before_lock = Some(|desk| desk.office.token = Some(token("theirs", desk.at.at + seconds(HOUR))));
    assert_eq!(usable(desk.refuse()).token.expose(), "theirs");
    assert_eq!(desk.steps(), "lock");
}

#[test]
fn after_a_refusal_the_print_is_marked_and_one_token_asked_for() {
    let mut desk = desk().with_token("old", 20 * HOUR).issuing("new");
    let report = usable(desk.refuse());
    assert_eq!((report.token.expose(), report.renewed), ("new", true));
    assert_eq!(desk.steps(), "lock record issue save record");
    assert_eq!(desk.record().bad_fingerprint, Some(token("old", start()).fingerprint()));
}

#[test]
fn a_refusal_within_the_limit_is_left_to_the_next_run() {
    let mut desk = desk().with_token("old", 20 * HOUR);
    desk.another_run_asks(AttemptResult::Issued);
    desk.pass_seconds(30);
    assert_ends(desk.refuse(), 75, "rate_limited");
    assert_eq!(desk.steps(), "lock record");
    desk.pass_seconds(35);
    let mut desk = desk.issuing("new");
    assert_eq!(usable(desk.work()).token.expose(), "new");
}

#[test]
fn a_marked_token_is_never_used_from_the_file() {
    let mut desk = desk().with_token("old", 20 * HOUR).answering([Err(unreachable())]);
    assert_ends(desk.refuse(), 69, "gateway_unreachable");
    desk.pass_seconds(HOUR);
    assert_ends(desk.run(TokenPurpose::OfflineLook), 77, "token_refused");
    let mut desk = desk.answering(vec![Err(unreachable()); 3]);
    assert_ends(desk.work(), 69, "gateway_unreachable");
    assert_eq!(desk.office.requests_at.len(), 4);
}

#[test]
fn a_token_that_could_not_be_saved_and_is_refused_leaves_the_mark_of_the_files_token() {
    let mut desk = desk().with_token("old", 20 * HOUR).answering([Err(unreachable())]);
    assert_ends(desk.refuse(), 69, "gateway_unreachable");
    desk.pass_seconds(HOUR);
    let mut desk = desk.issuing("new");
    desk.office.token_save = Err(disk_full());
    assert_ends(desk.refuse(), 75, "rate_limited");
    assert_eq!(desk.record().bad_fingerprint, Some(token("old", start()).fingerprint()));
}

/// The record holds one mark; our own may have replaced it.
#[test]
fn a_dead_token_is_known_although_the_files_token_is_refused_too() {
    let mut desk = desk().with_token("old", 20 * HOUR).issuing("new");
    desk.another_run_asks(AttemptResult::Issued).bad_fingerprint = Some(token("new", start()).fingerprint());
    desk.pass_seconds(HOUR);
    assert_ends(desk.refuse(), 75, "rate_limited");
    assert_eq!(desk.steps(), "lock record issue revoke record");
}

#[test]
fn the_same_dead_token_is_revoked_once_and_the_next_run_asks_again() {
    let mut desk = desk().with_token("old", 20 * HOUR).issuing("old");
    assert_ends(desk.refuse(), 75, "rate_limited");
    assert_eq!(desk.steps(), "lock record issue revoke record");
    assert_eq!(desk.record().revoked_fingerprint, desk.record().bad_fingerprint);
    desk.pass_seconds(65);
    let mut still_dead = desk.issuing("old");
    assert_ends(still_dead.work(), 77, "token_refused");
    assert_eq!(still_dead.steps(), "look lock record issue record");
    still_dead.pass_seconds(65);
    let mut alive = still_dead.issuing("new");
    assert_eq!(usable(alive.work()).token.expose(), "new");
}

#[test]
fn with_no_delay_the_second_request_follows_at_once() {
    let mut desk = desk().with_token("old", 20 * HOUR).issuing("old").issuing("new");
    desk.settings.token.retry_delay = Duration::ZERO;
    assert_eq!(usable(desk.refuse()).token.expose(), "new");
    assert_eq!(desk.steps(), "lock record issue revoke record record issue save record");
    let mut dead = self::desk().with_token("old", 20 * HOUR).issuing("old").issuing("old");
    dead.settings.token.retry_delay = Duration::ZERO;
    assert_ends(dead.refuse(), 77, "token_refused");
    assert_eq!(dead.office.requests_at.len(), 2);
}

#[test]
fn two_dead_tokens_in_turn_are_not_asked_for_without_end() {
    let mut desk = desk().with_token("old", 20 * HOUR).issuing("older").issuing("old").issuing("older");
    desk.settings.token.retry_delay = Duration::ZERO;
    desk.another_run_asks(AttemptResult::Failed).bad_fingerprint = Some(token("older", start()).fingerprint());
    desk.pass_seconds(HOUR);
    assert_ends(desk.refuse(), 75, "rate_limited");
    assert_eq!(desk.office.requests_at.len(), 2);
}

#[test]
fn a_run_without_a_token_revokes_the_returned_dead_one_and_waits() {
    let mut desk = desk().with_token("old", 20 * HOUR).issuing("old").issuing("new");
    desk.another_run_asks(AttemptResult::Failed).bad_fingerprint = Some(token("old", start()).fingerprint());
    desk.pass_seconds(HOUR);
    assert_eq!(usable(desk.work()).token.expose(), "new");
    assert_eq!(desk.steps(), "look lock record issue revoke record wait lock record issue save record");
}

#[test]
fn a_revocation_that_got_lost_is_tried_again_by_the_next_run() {
    let mut desk = desk().with_token("old", 20 * HOUR).issuing("old");
    desk.office.revoke_answer = Err(unreachable());
    assert_ends(desk.refuse(), 75, "rate_limited");
    assert_eq!(desk.record().revoked_fingerprint, None);
}

#[test]
fn a_second_refusal_in_one_run_is_the_end() {
    let mut desk = desk().with_token("old", 20 * HOUR).issuing("new");
    let mut run = desk.token_run(TokenPurpose::Work);
    let old = usable(desk.acquire(&mut run)).token;
    let new = usable(desk.replace(&mut run, &old)).token;
    assert_ends(desk.replace(&mut run, &new), 77, "token_refused");
    assert_eq!(desk.steps(), "");
}

#[test]
fn people_hear_of_the_refusal_first() {
    let mut desk = desk().with_token("old", 20 * HOUR).issuing("new");
    let refused = Event::TokenRefused { words: "EGW00123".to_owned(), left: seconds(20 * HOUR) };
    desk.refuse().unwrap();
    assert_eq!(desk.office.heard.events, [refused, Event::TokenRenewed { left: seconds(24 * HOUR) }]);
}
