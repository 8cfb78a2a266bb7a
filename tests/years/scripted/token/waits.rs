//! Waiting: for KIS's minute, for another run, for a lock.

use super::*;

#[test]
fn egw00133_holds_all_runs_up_for_65_s_and_after_three_in_a_row_for_300_s() {
    let mut desk = desk().with_token("old", HOUR);
    for (pause, steps, hold) in [
        (0, "look lock record issue record", 65),
        (64, "look lock", 65),
        (1, "look lock record issue record", 65),
        (65, "look lock record issue record", 300),
        (65, "look lock", 300),
        (234, "look lock", 300),
        (1, "look lock record issue record", 300),
    ] {
        desk.pass_seconds(pause);
        desk.script = [Answer::Issued(Err(too_soon()))].into();
        assert!(usable(desk.work()).not_renewed.is_some());
        assert_eq!(desk.steps(), steps, "after {pause} s");
        assert_eq!(desk.record().not_before, Some(desk.record().last_attempt + seconds(hold)));
    }
    desk.pass_seconds(300);
    desk.script.clear();
    let expires_at = desk.at.at + seconds(24 * HOUR);
    desk.script.push_back(Answer::Issued(Ok(token("new", expires_at))));
    assert!(usable(desk.work()).renewed);
    assert_eq!((desk.record().refused_in_a_row, desk.record().not_before), (0, None));
}

#[test]
fn without_a_live_token_attempts_are_repeated() {
    for (error, code, reason) in [
        (too_soon(), 75, "rate_limited"),
        (unreachable(), 69, "gateway_unreachable"),
        (nonsense(), 69, "gateway_nonsense"),
        (rate_limited(), 75, "rate_limited"),
    ] {
        let mut desk = desk().with_token("dead", -1).answering(vec![Err(error); 3]);
        assert_ends(desk.work(), code, reason);
        let times: Vec<i64> = desk.office.requests_at.iter().map(|at| (*at - start()).num_seconds()).collect();
        assert_eq!(times, [0, 65, 130]);
    }
    let mut desk = desk().answering([Err(too_soon()), Err(unreachable())]).issuing("new");
    assert!(usable(desk.work()).renewed);
    assert_eq!(desk.office.steps.iter().filter(|step| **step == "wait").count(), 2);
}

#[test]
fn refused_credentials_are_not_repeated() {
    let mut desk = desk().answering([Err(credentials_refused())]);
    assert_ends(desk.work(), 77, "credentials_refused");
    assert_eq!(desk.steps(), "look lock record issue record");
}

#[test]
fn a_single_attempt_does_not_wait() {
    let mut desk = desk().answering([Err(too_soon())]);
    desk.settings.token.attempts = 1;
    assert_ends(desk.work(), 75, "rate_limited");
    assert!(!desk.office.steps.contains(&"wait"));
}

#[test]
fn a_fresh_attempt_of_an_earlier_run_is_waited_for_as_an_attempt() {
    let mut desk = desk().issuing("new");
    desk.another_run_asks(AttemptResult::Pending);
    desk.pass_seconds(10);
    assert!(usable(desk.work()).renewed);
    assert_eq!(desk.steps(), "look lock wait lock record issue save record");
}

#[test]
fn after_its_own_wait_a_run_asks_whatever_the_wall_clock_says() {
    let mut desk = desk().issuing("new");
    desk.another_run_asks(AttemptResult::TooSoon);
    desk.settings.token.retry_delay = Duration::ZERO;
    assert!(usable(desk.work()).renewed);
    assert_eq!(desk.steps(), "look lock wait lock record issue save record");
}

#[test]
fn an_attempt_of_another_run_during_the_wait_is_waited_for_again() {
    let mut desk = desk().issuing("new");
    desk.another_run_asks(AttemptResult::Pending);
    desk.office.during_wait = Some(|desk| {
        desk.another_run_asks(AttemptResult::TooSoon);
    });
    assert!(usable(desk.work()).renewed);
    assert_eq!(desk.steps(), "look lock wait lock wait lock record issue save record");
}

/// Its serial proves nothing then: ours went on counting in memory.
#[test]
fn an_attempt_of_another_run_is_seen_although_our_own_record_was_not_saved() {
    for is_renamed in [false, true] {
        let mut desk = desk().answering([Err(too_soon())]).issuing("new");
        desk.office.attempt_save = Err(disk_full());
        desk.office.is_renamed_all_the_same = is_renamed;
        desk.office.during_wait = Some(|desk| {
            desk.office.attempt_save = Ok(());
            desk.another_run_asks(AttemptResult::TooSoon);
        });
        assert!(usable(desk.work()).renewed);
        assert_eq!(desk.steps(), "look lock record issue record wait lock wait lock record issue save record");
    }
}

#[test]
fn a_record_of_our_own_that_was_not_saved_and_is_there_is_no_attempt_of_another_run() {
    let mut desk = desk().answering([Err(too_soon())]).issuing("new");
    desk.office.attempt_save = Err(disk_full());
    desk.office.is_renamed_all_the_same = true;
    desk.office.during_wait = Some(|desk| desk.office.is_renamed_all_the_same = false);
    assert!(usable(desk.work()).renewed);
    assert_eq!(desk.steps(), "look lock record issue record wait lock record issue save record");
}

#[test]
fn what_another_run_renewed_during_the_wait_is_used() {
    let mut desk = desk().answering([Err(too_soon())]);
    desk.office.during_wait = Some(|desk| {
        desk.another_run_asks(AttemptResult::Issued);
        desk.office.token = Some(token("theirs", desk.at.at + seconds(24 * HOUR)));
    });
    let report = usable(desk.work());
    assert_eq!((report.token.expose(), report.renewed), ("theirs", false));
    assert_eq!(desk.steps(), "look lock record issue record wait lock");
}

#[test]
fn all_attempts_spent_on_waiting_end_with_75() {
    let mut desk = desk();
    desk.another_run_asks(AttemptResult::Pending);
    desk.settings.token.attempts = 1;
    assert_ends(desk.work(), 75, "rate_limited");
    assert!(desk.office.requests_at.is_empty());
}

#[test]
fn a_busy_lock_hurts_only_without_a_live_token() {
    let busy = failure(Reason::LockBusy);
    let mut live = desk().with_token("old", HOUR);
    live.office.lock = Err(busy.clone());
    assert_eq!(usable(live.work()).not_renewed, Some(busy.clone()));
    let mut dead = desk().with_token("old", 0);
    dead.office.lock = Err(busy);
    assert_ends(dead.work(), 75, "lock_busy");
}
