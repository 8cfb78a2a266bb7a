//! Waiting: for KIS's minute, for another run, for a lock.

use super::*;

#[test]
fn egw00133_holds_all_runs_up_for_65_s_and_after_three_in_a_row_for_300_s() {
    let mut world = world().with_token("old", HOUR);
    for (pause, steps, hold) in [
        (0, "look lock record issue record", 65),
        (64, "look lock", 65),
        (1, "look lock record issue record", 65),
        (65, "look lock record issue record", 300),
        (65, "look lock", 300),
        (234, "look lock", 300),
        (1, "look lock record issue record", 300),
    ] {
        world.pass(pause);
        world.answers = VecDeque::from([Err(too_soon())]);
        assert!(not_renewed(&usable(world.work())).is_some());
        assert_eq!(world.steps(), steps, "after {pause} s");
        assert_eq!(world.record().not_before, Some(world.record().last_attempt + seconds(hold)));
    }
    world.pass(300);
    world.answers.clear();
    let expires_at = world.at.at + seconds(24 * HOUR);
    world.answers.push_back(Ok(token("new", expires_at)));
    assert!(usable(world.work()).renewed);
    assert_eq!((world.record().refused_in_a_row, world.record().not_before), (0, None));
}

#[test]
fn without_a_live_token_attempts_are_repeated() {
    for (error, code, reason) in [
        (too_soon(), 75, "rate_limited"),
        (unreachable(), 69, "gateway_unreachable"),
        (nonsense(), 69, "gateway_nonsense"),
        (rate_limited(), 75, "rate_limited"),
    ] {
        let mut world = world().with_token("dead", -1).answering(vec![Err(error); 3]);
        assert_eq!(exit(world.work()), ends(code, reason));
        let times: Vec<i64> = world.requests_at.iter().map(|at| (*at - start()).num_seconds()).collect();
        assert_eq!(times, [0, 65, 130]);
    }
    let mut world = world().answering([Err(too_soon()), Err(unreachable())]).issuing("new");
    assert!(usable(world.work()).renewed);
    assert_eq!(world.trace.iter().filter(|step| **step == "wait").count(), 2);
}

#[test]
fn refused_credentials_are_not_repeated() {
    let mut world = world().answering([Err(credentials_refused())]);
    assert_eq!(exit(world.work()), ends(77, "credentials_refused"));
    assert_eq!(world.steps(), "look lock record issue record");
}

#[test]
fn a_single_attempt_does_not_wait() {
    let mut world = world().answering([Err(too_soon())]);
    world.settings.attempts = 1;
    assert_eq!(exit(world.work()), ends(75, "rate_limited"));
    assert!(!world.trace.contains(&"wait"));
}

#[test]
fn a_fresh_attempt_of_an_earlier_run_is_waited_for_as_an_attempt() {
    let mut world = world().issuing("new");
    world.another_run_asks(AttemptResult::Pending);
    world.pass(10);
    assert!(usable(world.work()).renewed);
    assert_eq!(world.steps(), "look lock wait lock record issue save record");
}

#[test]
fn after_its_own_wait_a_run_asks_whatever_the_wall_clock_says() {
    let mut world = world().issuing("new");
    world.another_run_asks(AttemptResult::TooSoon);
    world.settings.retry_delay = Duration::ZERO;
    assert!(usable(world.work()).renewed);
    assert_eq!(world.steps(), "look lock wait lock record issue save record");
}

#[test]
fn an_attempt_of_another_run_during_the_wait_is_waited_for_again() {
    let mut world = world().issuing("new");
    world.another_run_asks(AttemptResult::Pending);
    world.during_wait = Some(|world| world.another_run_asks(AttemptResult::TooSoon));
    assert!(usable(world.work()).renewed);
    assert_eq!(world.steps(), "look lock wait lock wait lock record issue save record");
}

/// Its serial says nothing then: ours went on counting in memory.
#[test]
fn an_attempt_of_another_run_is_seen_although_our_own_record_was_not_saved() {
    for is_renamed in [false, true] {
        let mut world = world().answering([Err(too_soon())]).issuing("new");
        world.attempt_save = Err(disk_full());
        world.is_renamed_all_the_same = is_renamed;
        world.during_wait = Some(|world| {
            world.attempt_save = Ok(());
            world.another_run_asks(AttemptResult::TooSoon);
        });
        assert!(usable(world.work()).renewed);
        assert_eq!(world.steps(), "look lock record issue record wait lock wait lock record issue save record");
    }
}

#[test]
fn a_record_of_our_own_that_was_not_saved_and_is_there_is_no_attempt_of_another_run() {
    let mut world = world().answering([Err(too_soon())]).issuing("new");
    world.attempt_save = Err(disk_full());
    world.is_renamed_all_the_same = true;
    world.during_wait = Some(|world| world.is_renamed_all_the_same = false);
    assert!(usable(world.work()).renewed);
    assert_eq!(world.steps(), "look lock record issue record wait lock record issue save record");
}

#[test]
fn what_another_run_renewed_during_the_wait_is_used() {
    let mut world = world().answering([Err(too_soon())]);
    world.during_wait = Some(|world| {
        world.another_run_asks(AttemptResult::Issued);
        world.token = Some(token("theirs", world.at.at + seconds(24 * HOUR)));
    });
    let report = usable(world.work());
    assert_eq!((report.token.expose(), report.renewed), ("theirs", false));
    assert_eq!(world.steps(), "look lock record issue record wait lock");
}

#[test]
fn all_attempts_spent_on_waiting_end_with_75() {
    let mut world = world();
    world.another_run_asks(AttemptResult::Pending);
    world.settings.attempts = 1;
    assert_eq!(exit(world.work()), ends(75, "rate_limited"));
    assert!(world.requests_at.is_empty());
}

#[test]
fn a_busy_lock_hurts_only_without_a_live_token() {
    let busy = failure(Reason::LockBusy);
    let mut live = world().with_token("old", HOUR);
    live.lock = Err(busy.clone());
    assert_eq!(not_renewed(&usable(live.work())), Some(busy.clone()));
    let mut dead = world().with_token("old", 0);
    dead.lock = Err(busy);
    assert_eq!(exit(dead.work()), ends(75, "lock_busy"));
}
