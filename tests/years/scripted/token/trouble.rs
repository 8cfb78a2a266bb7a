//! A full disk, a clock that jumps, a token beyond belief, runs that are killed.

use super::*;

#[test]
fn a_full_disk_costs_no_live_token_and_no_request() {
    let mut live = desk().with_token("old", HOUR);
    live.office.attempt_save = Err(disk_full());
    let report = usable(live.work());
    assert_eq!((report.token.expose(), report.not_renewed), ("old", Some(disk_full())));
    assert_eq!((live.steps().as_str(), &live.office.heard.save_failed), ("look lock record", &None));
}

#[test]
fn a_full_disk_without_a_token_gives_one_for_this_run() {
    let mut nothing = desk().issuing("new");
    nothing.office.attempt_save = Err(disk_full());
    nothing.office.token_save = Err(disk_full());
    let mut run = nothing.token_run(TokenPurpose::Work);
    let report = usable(nothing.acquire(&mut run));
    assert_eq!((report.token.expose(), report.renewed), ("new", false));
    assert_eq!(nothing.office.heard.save_failed, Some(disk_full()));

    // The attempt that is only in memory keeps this run from a second request.
    assert_ends(nothing.replace(&mut run, &report.token), 75, "rate_limited");
    assert_eq!(nothing.office.requests_at.len(), 1);
}

#[test]
fn a_token_that_cannot_be_saved_leaves_the_old_file() {
    let mut desk = desk().with_token("old", HOUR).issuing("new");
    desk.office.token_save = Err(disk_full());
    let report = usable(desk.work());
    assert_eq!((report.token.expose(), report.renewed), ("new", false));
    assert_eq!(desk.office.heard.save_failed, Some(disk_full()));
    assert_eq!(desk.office.token.as_ref().unwrap().expose(), "old");
}

#[test]
fn an_unbelievable_token_is_nonsense() {
    for left in [0, 25 * HOUR + 1] {
        let answer = token("new", start() + seconds(left));
        let mut desk = desk().answering([Ok(answer)]);
        desk.settings.token.attempts = 1;
        assert_ends(desk.work(), 69, "gateway_nonsense");
        assert!(desk.office.token.is_none());
    }
}

#[test]
fn a_token_that_claims_too_much_is_renewed_and_tried_if_that_fails() {
    let mut renewed = desk().with_token("old", 26 * HOUR).issuing("new");
    assert_eq!(usable(renewed.work()).token.expose(), "new");
    let mut kept = desk().with_token("old", 26 * HOUR).answering([Err(unreachable())]);
    let report = usable(kept.work());
    assert_eq!((report.token.expose(), report.not_renewed.is_some()), ("old", true));
}

#[test]
fn clock_jumps_never_loop_or_block_for_long() {
    // Forward by two days: the token looks dead, KIS returns the same one, dead as well by our clock.
    let mut forward = desk().with_token("old", 20 * HOUR);
    forward.another_run_asks(AttemptResult::Issued);
    forward.at.at += seconds(48 * HOUR);
    forward.at.up_ms += 100_000;
    let same = token("old", start() + seconds(20 * HOUR));
    let mut forward = forward.answering(vec![Ok(same); 3]);
    assert_ends(forward.work(), 69, "gateway_nonsense");
    assert_eq!(forward.office.requests_at.len(), 3);

    // Back by an hour, after a reboot: the attempt lies in the future and counts for nothing.
    let mut back = desk().issuing("new");
    back.another_run_asks(AttemptResult::Pending);
    back.at = Stamp { at: start() - seconds(HOUR), up_ms: 1, boot: "next boot".to_owned() };
    back.script = [Answer::Issued(Ok(token("new", start())))].into();
    assert!(usable(back.work()).renewed);
    assert!(!back.office.steps.contains(&"wait"));
}

#[test]
fn a_damaged_record_forbids_requests() {
    let damaged = || Err(failure(Reason::StateUnreadable));
    let mut fresh = desk().with_token("old", 20 * HOUR);
    fresh.office.attempt = damaged();
    assert_eq!(usable(fresh.work()).not_renewed, None);
    let mut due = desk().with_token("old", HOUR);
    due.office.attempt = damaged();
    assert!(usable(due.work()).not_renewed.is_some());
    let mut none = desk();
    none.office.attempt = damaged();
    assert_ends(none.work(), 65, "state_unreadable");
    let mut refused = desk().with_token("old", 20 * HOUR);
    refused.office.attempt = damaged();
    assert_ends(refused.refuse(), 65, "state_unreadable");
}

/// Numbers under a bound that look random and are always the same.
fn numbers(seed: u64) -> impl FnMut(u32) -> u32 {
    let mut state = seed;
    move |bound| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((state >> 33) % u64::from(bound)).unwrap()
    }
}

/// Runs start every 20 s, each is killed before one of its effects, KIS answers at random (a fixed sequence).
#[test]
fn killed_runs_never_ask_more_often_than_the_limit() {
    let mut kills = numbers(20_270_309);
    let mut answers = numbers(9_030_227);
    let mut desk = desk().with_token("old", 6 * HOUR);
    let mut renewals = 0;
    for number in 0..20_000 {
        let answer = match answers(3) {
            0 => Ok(token(&format!("token-{number}"), desk.at.at + seconds(24 * HOUR))),
            1 => Err(too_soon()),
            _ => Err(unreachable()),
        };
        desk.script = vec![Answer::Issued(answer); 3].into();
        let purpose = match kills(3) {
            0 => TokenPurpose::Work,
            1 => TokenPurpose::Check,
            _ => TokenPurpose::ForcedCheck,
        };
        let mut run = desk.token_run(purpose);
        if let Some(Ok(report)) = poll_times(run.acquire(&mut desk), kills(20)) {
            assert!(report.token.is_live(desk.at.at));
            renewals += u32::from(report.renewed);
        }
        // The kernel lets go of what a killed run held.
        (desk.office.is_locked, desk.holds_account) = (false, true);
        desk.pass_seconds(20);
    }
    assert!(renewals > 100, "{renewals}");
    let closest = desk.office.requests_at.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap();
    assert!(closest >= LIMIT, "{closest}");
}
