//! A token that KIS refuses in the middle of a run: marked, replaced once, revoked when it comes back.

use super::*;

#[test]
fn after_a_refusal_the_token_of_another_run_is_used_without_a_request() {
    let mut world = world().with_token("old", 20 * HOUR);
    world.before_lock = Some(|world| world.token = Some(token("theirs", world.at.at + seconds(HOUR))));
    assert_eq!(usable(world.refuse()).token.expose(), "theirs");
    assert_eq!(world.steps(), "lock");
}

#[test]
fn after_a_refusal_the_print_is_marked_and_one_token_asked_for() {
    let mut world = world().with_token("old", 20 * HOUR).issuing("new");
    let report = usable(world.refuse());
    assert_eq!((report.token.expose(), report.renewed), ("new", true));
    assert_eq!(world.steps(), "lock record issue save record");
    assert_eq!(world.record().bad_print, Some(token("old", start()).fingerprint()));
}

#[test]
fn a_refusal_within_the_limit_is_left_to_the_next_run() {
    let mut world = world().with_token("old", 20 * HOUR);
    world.another_run_asks(AttemptResult::Issued);
    world.pass(30);
    assert_eq!(exit(world.refuse()), ends(75, "rate_limited"));
    assert_eq!(world.steps(), "lock record");
    world.pass(35);
    let mut world = world.issuing("new");
    assert_eq!(usable(world.work()).token.expose(), "new");
}

#[test]
fn a_marked_token_is_never_used_from_the_file() {
    let mut world = world().with_token("old", 20 * HOUR).answering([Err(unreachable())]);
    assert_eq!(exit(world.refuse()), ends(69, "gateway_unreachable"));
    world.pass(HOUR);
    assert_eq!(exit(world.run(TokenPurpose::OfflineLook)), ends(77, "token_refused"));
    let mut world = world.answering(vec![Err(unreachable()); 3]);
    assert_eq!(exit(world.work()), ends(69, "gateway_unreachable"));
    assert_eq!(world.requests_at.len(), 4);
}

#[test]
fn a_token_that_could_not_be_saved_and_is_refused_leaves_the_mark_of_the_files_token() {
    let mut world = world().with_token("old", 20 * HOUR).answering([Err(unreachable())]);
    assert_eq!(exit(world.refuse()), ends(69, "gateway_unreachable"));
    world.pass(HOUR);
    let mut world = world.issuing("new");
    world.token_save = Err(disk_full());
    assert_eq!(exit(world.refuse()), ends(75, "rate_limited"));
    assert_eq!(world.record().bad_print, Some(token("old", start()).fingerprint()));
}

/// The record holds one mark; our own may have replaced it.
#[test]
fn a_dead_token_is_known_although_the_files_token_is_refused_too() {
    let mut world = world().with_token("old", 20 * HOUR).issuing("new");
    world.another_run_asks(AttemptResult::Issued);
    if let AttemptLook::Known(attempt) = &mut world.attempt {
        attempt.bad_print = Some(token("new", start()).fingerprint());
    }
    world.pass(HOUR);
    assert_eq!(exit(world.refuse()), ends(75, "rate_limited"));
    assert_eq!(world.steps(), "lock record issue revoke record");
}

#[test]
fn the_same_dead_token_is_revoked_once_and_the_next_run_asks_again() {
    let mut world = world().with_token("old", 20 * HOUR).issuing("old");
    assert_eq!(exit(world.refuse()), ends(75, "rate_limited"));
    assert_eq!(world.steps(), "lock record issue revoke record");
    assert_eq!(world.record().revoked_print, world.record().bad_print);
    world.pass(65);
    let mut still_dead = World { attempt: world.attempt.clone(), ..world.issuing("old") };
    assert_eq!(exit(still_dead.work()), ends(77, "token_refused"));
    assert_eq!(still_dead.steps(), "look lock record issue record");
    still_dead.pass(65);
    let mut alive = still_dead.issuing("new");
    assert_eq!(usable(alive.work()).token.expose(), "new");
}

#[test]
fn with_no_delay_the_second_request_follows_at_once() {
    let mut world = world().with_token("old", 20 * HOUR).issuing("old").issuing("new");
    world.settings.retry_delay = Duration::ZERO;
    assert_eq!(usable(world.refuse()).token.expose(), "new");
    assert_eq!(world.steps(), "lock record issue revoke record record issue save record");
    let mut dead = self::world().with_token("old", 20 * HOUR).issuing("old").issuing("old");
    dead.settings.retry_delay = Duration::ZERO;
    assert_eq!(exit(dead.refuse()), ends(77, "token_refused"));
    assert_eq!(dead.requests_at.len(), 2);
}

#[test]
fn two_dead_tokens_in_turn_are_not_asked_for_without_end() {
    let mut world = world().with_token("old", 20 * HOUR).issuing("older").issuing("old").issuing("older");
    world.settings.retry_delay = Duration::ZERO;
    world.another_run_asks(AttemptResult::Failed);
    if let AttemptLook::Known(attempt) = &mut world.attempt {
        attempt.bad_print = Some(token("older", start()).fingerprint());
    }
    world.pass(HOUR);
    assert_eq!(exit(world.refuse()), ends(75, "rate_limited"));
    assert_eq!(world.requests_at.len(), 2);
}

#[test]
fn a_run_without_a_token_revokes_the_returned_dead_one_and_waits() {
    let mut world = world().with_token("old", 20 * HOUR).issuing("old").issuing("new");
    world.another_run_asks(AttemptResult::Failed);
    if let AttemptLook::Known(attempt) = &mut world.attempt {
        attempt.bad_print = Some(token("old", start()).fingerprint());
    }
    world.pass(HOUR);
    assert_eq!(usable(world.work()).token.expose(), "new");
    assert_eq!(world.steps(), "look lock record issue revoke record wait lock record issue save record");
}

#[test]
fn a_revocation_that_got_lost_is_tried_again_by_the_next_run() {
    let mut world = world().with_token("old", 20 * HOUR).issuing("old");
    world.revoke_answer = Err(unreachable());
    assert_eq!(exit(world.refuse()), ends(75, "rate_limited"));
    assert_eq!(world.record().revoked_print, None);
}

#[test]
fn a_second_refusal_in_one_run_is_the_end() {
    let mut world = world().with_token("old", 20 * HOUR).issuing("new");
    let mut run = world.story(TokenPurpose::Work);
    let old = usable(world.acquire(&mut run)).token;
    let new = usable(world.replace(&mut run, &old)).token;
    assert_eq!(exit(world.replace(&mut run, &new)), ends(77, "token_refused"));
    assert_eq!(world.steps(), "");
}

#[test]
fn people_hear_of_the_refusal_first() {
    let mut world = world().with_token("old", 20 * HOUR).issuing("new");
    let refused = Event::TokenRefused { words: "EGW00123".to_owned(), left: seconds(20 * HOUR) };
    assert_eq!(world.refuse().unwrap().events, [refused, Event::TokenRenewed { left: seconds(24 * HOUR) }]);
}
