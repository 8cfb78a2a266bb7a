//! A full disk, a clock that jumps, a token beyond belief, runs that are killed.

use super::*;

#[test]
fn a_full_disk_costs_no_live_token_and_no_request() {
    let mut live = world().with_token("old", HOUR);
    live.attempt_save = Err(disk_full());
    let outcome = usable(live.work());
    assert_eq!((outcome.token.expose(), outcome.not_renewed), ("old", Some(disk_full())));
    assert_eq!((live.steps().as_str(), outcome.not_saved), ("look lock record", None));
}

#[test]
fn a_full_disk_without_a_token_gives_one_for_this_run() {
    let mut nothing = world().issuing("new");
    nothing.attempt_save = Err(disk_full());
    nothing.token_save = Err(disk_full());
    let mut run = TokenRun::new(policy(Purpose::Work));
    let first = run.begin();
    let outcome = usable(nothing.drive(&mut run, first));
    assert_eq!((outcome.token.expose(), outcome.is_renewed, outcome.not_saved), ("new", false, Some(disk_full())));

    // The attempt that is only in memory keeps this run from a second request.
    let first = run.after_refusal(&outcome.token.fingerprint());
    assert_eq!(exit(nothing.drive(&mut run, first)), ends(75, "rate_limited"));
    assert_eq!(nothing.requests_at.len(), 1);
}

#[test]
fn a_token_that_cannot_be_saved_leaves_the_old_file() {
    let mut world = world().with_token("old", HOUR).issuing("new");
    world.token_save = Err(disk_full());
    let outcome = usable(world.work());
    assert_eq!((outcome.token.expose(), outcome.is_renewed, outcome.not_saved), ("new", false, Some(disk_full())));
    assert_eq!(world.token.as_ref().unwrap().expose(), "old");
}

#[test]
fn an_unbelievable_token_is_nonsense() {
    for left in [0, 25 * HOUR + 1] {
        let answer = token("new", start() + seconds(left));
        let mut world = world().answering([Ok(answer)]);
        let once = Policy { attempts: 1, ..policy(Purpose::Work) };
        assert_eq!(exit(world.run(once)), ends(69, "gateway_nonsense"), "{left}");
        assert!(world.token.is_none());
    }
}

#[test]
fn a_token_that_claims_too_much_is_renewed_and_tried_if_that_fails() {
    let mut renewed = world().with_token("old", 26 * HOUR).issuing("new");
    assert_eq!(usable(renewed.work()).token.expose(), "new");
    let mut kept = world().with_token("old", 26 * HOUR).answering([Err(unreachable())]);
    let outcome = usable(kept.work());
    assert_eq!((outcome.token.expose(), outcome.not_renewed.is_some()), ("old", true));
}

#[test]
fn clock_jumps_never_loop_or_block_for_long() {
    // Forward by two days: the token looks dead, KIS returns the same one, dead as well by our clock.
    let mut forward = world().with_token("old", 20 * HOUR);
    forward.another_run_asks(AttemptResult::Issued);
    forward.now.at += seconds(48 * HOUR);
    forward.now.up_ms += 100_000;
    let same = token("old", start() + seconds(20 * HOUR));
    let mut forward = forward.answering(vec![Ok(same); 3]);
    assert_eq!(exit(forward.work()), ends(69, "gateway_nonsense"));
    assert_eq!(forward.requests_at.len(), 3);

    // Back by an hour, after a reboot: the attempt lies in the future and counts for nothing.
    let mut back = world().issuing("new");
    back.another_run_asks(AttemptResult::Pending);
    back.now = Stamp { at: start() - seconds(HOUR), up_ms: 1, boot: "next boot".to_owned() };
    back.answers = VecDeque::from([Ok(token("new", start()))]);
    assert!(usable(back.work()).is_renewed);
    assert!(!back.trace.contains(&"wait"));
}

#[test]
fn a_damaged_record_forbids_requests() {
    let damaged = || AttemptLook::Damaged(failure(Reason::StateUnreadable));
    let mut fresh = world().with_token("old", 20 * HOUR);
    fresh.attempt = damaged();
    assert!(usable(fresh.work()).not_renewed.is_none());
    let mut due = world().with_token("old", HOUR);
    due.attempt = damaged();
    assert!(usable(due.work()).not_renewed.is_some());
    let mut none = world();
    none.attempt = damaged();
    assert_eq!(exit(none.work()), ends(65, "state_unreadable"));
    let mut refused = world().with_token("old", 20 * HOUR);
    refused.attempt = damaged();
    assert_eq!(exit(refused.refuse(policy(Purpose::Work))), ends(65, "state_unreadable"));
}

#[test]
fn an_event_out_of_step_is_an_unexpected_failure() {
    let mut run = TokenRun::new(policy(Purpose::Work));
    let now = world().now;
    match run.step(&now, Event::Waited) {
        Effect::Done(outcome) => assert_eq!(exit(*outcome), ends(1, "unexpected")),
        other => panic!("{other:?}"),
    }
}

/// Runs start every 20 s, each is killed after some number of effects, KIS answers at random (a fixed sequence).
#[test]
fn killed_runs_never_ask_more_often_than_the_limit() {
    let mut random: u64 = 20_270_309;
    let mut next = |bound: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % bound
    };
    let mut world = world().with_token("old", 6 * HOUR);
    let mut renewals = 0;
    for number in 0..20_000 {
        let purpose = [Purpose::Work, Purpose::Check, Purpose::ForcedCheck][usize::try_from(next(3)).unwrap()];
        let mut run = TokenRun::new(policy(purpose));
        let mut effect = run.begin();
        for _ in 0..next(20) {
            let fresh = token(&format!("token-{number}"), world.now.at + seconds(24 * HOUR));
            let answers = [Ok(fresh), Err(too_soon()), Err(unreachable())];
            world.answers = VecDeque::from([answers[usize::try_from(next(3)).unwrap()].clone()]);
            if let Effect::Done(outcome) = effect {
                if let TokenOutcome::Usable(usable) = *outcome {
                    assert!(usable.token.is_live(world.now.at));
                    renewals += u32::from(usable.is_renewed);
                }
                break;
            }
            let event = world.perform(&effect);
            effect = run.step(&world.now, event);
        }
        world.pass(20);
    }
    assert!(renewals > 100, "{renewals}");
    let closest = world.requests_at.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap();
    assert!(closest >= LIMIT, "{closest}");
}
