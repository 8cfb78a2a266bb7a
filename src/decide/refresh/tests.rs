//! The step machine against a model of the files, the clock and KIS.

use std::collections::VecDeque;

use super::*;
use crate::exit::{Exit, Reason};

type Hook = fn(&mut World);

/// Files, clock and gateway as values. Effects are performed on it, and written down in `trace`.
struct World {
    at: Moment,
    token: Option<AccessToken>,
    attempt: AttemptLook,
    answers: VecDeque<Result<AccessToken, IssueError>>,
    revoke_answer: Result<(), IssueError>,
    lock: Result<(), Failure>,
    attempt_save: Result<(), Failure>,
    /// A failed save replaced the record: only the last sync of the folder failed.
    is_renamed_all_the_same: bool,
    token_save: Result<(), Failure>,
    before_lock: Option<Hook>,
    during_wait: Option<Hook>,
    trace: Vec<&'static str>,
    requests_at: Vec<DateTime<Utc>>,
}

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

fn start() -> DateTime<Utc> {
    "2027-03-09T14:30:00Z".parse().unwrap()
}

fn world() -> World {
    World {
        at: Moment { now: start(), up_ms: 5_000_000, boot: "boot".to_owned() },
        token: None,
        attempt: AttemptLook::None,
        answers: VecDeque::new(),
        revoke_answer: Ok(()),
        lock: Ok(()),
        attempt_save: Ok(()),
        is_renamed_all_the_same: false,
        token_save: Ok(()),
        before_lock: None,
        during_wait: None,
        trace: Vec::new(),
        requests_at: Vec::new(),
    }
}

fn token(text: &str, expires_at: DateTime<Utc>) -> AccessToken {
    AccessToken::new(text.to_owned(), start(), expires_at)
}

fn seconds(count: i64) -> TimeDelta {
    TimeDelta::seconds(count)
}

fn failure(exit: Exit, reason: Reason) -> Failure {
    Failure::new(exit, reason, "made up")
}

fn disk_full() -> Failure {
    failure(Exit::StateUnwritable, Reason::StateUnwritable)
}

fn too_soon() -> IssueError {
    IssueError::TooSoon { message: "EGW00133".to_owned() }
}

fn unreachable() -> IssueError {
    IssueError::Unreachable { detail: "timeout".to_owned() }
}

fn credentials_refused() -> IssueError {
    IssueError::CredentialsRefused { code: "EGW00105".to_owned(), message: String::new() }
}

fn policy(purpose: Purpose) -> Policy {
    Policy { purpose, renew_at_left: TimeDelta::hours(4), attempts: 3, retry_delay: Duration::from_secs(65) }
}

impl World {
    fn with_token(mut self, text: &str, seconds_left: i64) -> World {
        self.token = Some(token(text, self.at.now + seconds(seconds_left)));
        self
    }

    fn answering(mut self, answers: impl IntoIterator<Item = Result<AccessToken, IssueError>>) -> World {
        self.answers.extend(answers);
        self
    }

    fn issuing(self, text: &str) -> World {
        let expires_at = self.at.now + seconds(24 * HOUR);
        self.answering([Ok(token(text, expires_at))])
    }

    fn pass(&mut self, count: i64) {
        self.at.now += seconds(count);
        self.at.up_ms += u64::try_from(count).unwrap() * 1000;
    }

    fn record(&self) -> &Attempt {
        match &self.attempt {
            AttemptLook::Known(attempt) => attempt,
            other => panic!("{other:?}"),
        }
    }

    /// Another run asks for a token at this moment.
    fn another_run_asks(&mut self, result: AttemptResult) {
        let (at, serial) = (self.at.clone(), 1 + self.attempt_serial());
        self.attempt = AttemptLook::Known(Attempt {
            serial,
            last_attempt: at.now,
            boot: at.boot,
            up_ms: at.up_ms,
            result,
            not_before: None,
            refused_in_a_row: 0,
            bad_print: None,
            revoked_print: None,
        });
    }

    fn attempt_serial(&self) -> u64 {
        if let AttemptLook::Known(attempt) = &self.attempt { attempt.serial } else { 0 }
    }

    fn look(&self) -> Look {
        Look { token: self.token.clone(), attempt: self.attempt.clone() }
    }

    fn perform(&mut self, effect: &Effect) -> Event {
        match effect {
            Effect::LoadShared => {
                self.trace.push("look");
                Event::Loaded(self.look())
            }
            Effect::LockAndLoad => {
                self.trace.push("lock");
                if let Some(hook) = self.before_lock.take() {
                    hook(self);
                }
                match &self.lock {
                    Ok(()) => Event::Locked(self.look()),
                    Err(failure) => Event::LockNotHad(failure.clone()),
                }
            }
            Effect::SaveAttempt(attempt) => {
                self.trace.push("record");
                if self.attempt_save.is_ok() || self.is_renamed_all_the_same {
                    self.attempt = AttemptLook::Known(attempt.clone());
                }
                match &self.attempt_save {
                    Ok(()) => Event::AttemptSaved,
                    Err(failure) => Event::AttemptNotSaved(failure.clone()),
                }
            }
            Effect::Issue => {
                self.trace.push("issue");
                self.requests_at.push(self.at.now);
                self.answers.pop_front().expect("an answer").map_or_else(Event::NotIssued, Event::Issued)
            }
            Effect::SaveToken(token) => {
                self.trace.push("save");
                match &self.token_save {
                    Ok(()) => {
                        self.token = Some(token.clone());
                        Event::TokenSaved
                    }
                    Err(failure) => Event::TokenNotSaved(failure.clone()),
                }
            }
            Effect::Revoke(_) => {
                self.trace.push("revoke");
                Event::Revoked(self.revoke_answer.clone())
            }
            Effect::Wait(delay) => {
                self.trace.push("wait");
                self.pass(i64::try_from(delay.as_secs()).unwrap());
                if let Some(hook) = self.during_wait.take() {
                    hook(self);
                }
                Event::Waited
            }
            Effect::Done(_) => panic!("nothing to perform"),
        }
    }

    fn drive(&mut self, run: &mut TokenRun, first: Effect) -> TokenOutcome {
        self.trace.clear();
        let mut effect = first;
        for _ in 0..100 {
            match effect {
                Effect::Done(outcome) => return *outcome,
                other => {
                    let event = self.perform(&other);
                    effect = run.step(&self.at, event);
                }
            }
        }
        panic!("endless: {:?}", self.trace)
    }

    fn run(&mut self, policy: Policy) -> TokenOutcome {
        let mut run = TokenRun::new(policy);
        let first = run.begin();
        self.drive(&mut run, first)
    }

    fn work(&mut self) -> TokenOutcome {
        self.run(policy(Purpose::Work))
    }

    /// Begins as a job does, then reports that KIS refused the token.
    fn refuse(&mut self, policy: Policy) -> TokenOutcome {
        let mut run = TokenRun::new(policy);
        let first = run.begin();
        let token = usable(self.drive(&mut run, first)).token;
        let first = run.after_refusal(&token.print());
        self.drive(&mut run, first)
    }

    fn steps(&self) -> String {
        self.trace.join(" ")
    }
}

fn usable(outcome: TokenOutcome) -> Usable {
    match outcome {
        TokenOutcome::Usable(usable) => usable,
        other => panic!("{other:?}"),
    }
}

fn exit(outcome: TokenOutcome) -> (u8, String) {
    match outcome {
        TokenOutcome::Without { failure, .. } => (failure.exit.code(), failure.reason.word()),
        other => panic!("{other:?}"),
    }
}

fn ends(code: u8, reason: &str) -> (u8, String) {
    (code, reason.to_owned())
}

#[test]
fn one_second_over_four_hours_is_kept_and_four_hours_are_renewed() {
    let mut kept = world().with_token("old", 4 * HOUR + 1);
    let outcome = usable(kept.work());
    assert_eq!((kept.steps().as_str(), outcome.is_renewed, outcome.token.expose()), ("look", false, "old"));

    let mut renewed = world().with_token("old", 4 * HOUR).issuing("new");
    let outcome = usable(renewed.work());
    assert_eq!(renewed.steps(), "look lock record issue save record");
    assert_eq!((outcome.is_renewed, outcome.token.expose()), (true, "new"));
    assert!(outcome.not_renewed.is_none() && outcome.not_saved.is_none());
    assert_eq!(renewed.record().result, AttemptResult::Issued);
}

#[test]
fn a_renewal_that_gains_no_life_is_told_as_none() {
    for (left, has_moved) in [(HOUR - 1, false), (HOUR, false), (HOUR + 1, true)] {
        let mut world = world().with_token("old", HOUR);
        let expires_at = world.at.now + seconds(left);
        world.answers.push_back(Ok(token("new", expires_at)));
        let outcome = usable(world.work());
        assert_eq!((outcome.is_renewed, outcome.not_renewed.is_none()), (true, has_moved), "{left}");
    }
    // A life beyond all reason is put right by a shorter one.
    let mut world = world().with_token("old", 365 * 24 * HOUR).issuing("new");
    assert!(usable(world.work()).not_renewed.is_none());
}

#[test]
fn a_dead_or_missing_token_is_renewed() {
    for mut world in [world().issuing("new"), world().with_token("old", 0).issuing("new")] {
        assert_eq!(usable(world.work()).token.expose(), "new");
        assert_eq!(world.steps(), "look lock record issue save record");
    }
}

#[test]
fn the_second_look_finds_what_another_run_renewed() {
    let mut world = world().with_token("old", HOUR);
    world.before_lock = Some(|world| world.token = Some(token("theirs", world.at.now + seconds(24 * HOUR))));
    let outcome = usable(world.work());
    assert_eq!((world.steps().as_str(), outcome.token.expose(), outcome.is_renewed), ("look lock", "theirs", false));
}

#[test]
fn the_attempt_is_on_disk_before_the_request() {
    let mut world = world();
    let mut run = TokenRun::new(policy(Purpose::Work));
    let mut effect = run.begin();
    while !matches!(effect, Effect::Issue) {
        let event = world.perform(&effect);
        effect = run.step(&world.at, event);
    }
    assert_eq!((world.record().result, world.record().last_attempt), (AttemptResult::Pending, start()));
}

#[test]
fn a_live_token_survives_every_refusal_with_one_request() {
    let errors = [
        too_soon(),
        unreachable(),
        credentials_refused(),
        IssueError::Nonsense { detail: String::new() },
        IssueError::RateLimited { detail: String::new() },
        IssueError::Local(disk_full()),
    ];
    for error in errors {
        let mut world = world().with_token("old", HOUR).answering([Err(error.clone())]);
        let outcome = usable(world.work());
        assert_eq!((outcome.token.expose(), outcome.is_renewed), ("old", false), "{error:?}");
        assert!(outcome.not_renewed.is_some(), "{error:?}");
        assert_eq!(world.steps(), "look lock record issue record");
    }
}

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
        assert!(usable(world.work()).not_renewed.is_some());
        assert_eq!(world.steps(), steps, "after {pause} s");
        assert_eq!(world.record().not_before, Some(world.record().last_attempt + seconds(hold)));
    }
    world.pass(300);
    world.answers.clear();
    let expires_at = world.at.now + seconds(24 * HOUR);
    world.answers.push_back(Ok(token("new", expires_at)));
    assert!(usable(world.work()).is_renewed);
    assert_eq!((world.record().refused_in_a_row, world.record().not_before), (0, None));
}

#[test]
fn without_a_live_token_attempts_are_repeated() {
    for (error, code, reason) in [
        (too_soon(), 75, "rate_limited"),
        (unreachable(), 69, "gateway_unreachable"),
        (IssueError::Nonsense { detail: String::new() }, 69, "gateway_nonsense"),
        (IssueError::RateLimited { detail: String::new() }, 75, "rate_limited"),
    ] {
        let mut world = world().with_token("dead", -1).answering(vec![Err(error); 3]);
        assert_eq!(exit(world.work()), ends(code, reason));
        let times: Vec<i64> = world.requests_at.iter().map(|at| (*at - start()).num_seconds()).collect();
        assert_eq!(times, [0, 65, 130]);
    }
    let mut world = world().answering([Err(too_soon()), Err(unreachable())]).issuing("new");
    assert!(usable(world.work()).is_renewed);
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
    assert_eq!(exit(world.run(Policy { attempts: 1, ..policy(Purpose::Work) })), ends(75, "rate_limited"));
    assert!(!world.trace.contains(&"wait"));
}

#[test]
fn a_fresh_attempt_of_an_earlier_run_is_waited_for_as_an_attempt() {
    let mut world = world().issuing("new");
    world.another_run_asks(AttemptResult::Pending);
    world.pass(10);
    assert!(usable(world.work()).is_renewed);
    assert_eq!(world.steps(), "look lock wait lock record issue save record");
}

#[test]
fn after_its_own_wait_a_run_asks_whatever_the_wall_clock_says() {
    let mut world = world().issuing("new");
    world.another_run_asks(AttemptResult::TooSoon);
    let now = Policy { retry_delay: Duration::ZERO, ..policy(Purpose::Work) };
    assert!(usable(world.run(now)).is_renewed);
    assert_eq!(world.steps(), "look lock wait lock record issue save record");
}

#[test]
fn an_attempt_of_another_run_during_the_wait_is_waited_for_again() {
    let mut world = world().issuing("new");
    world.another_run_asks(AttemptResult::Pending);
    world.during_wait = Some(|world| world.another_run_asks(AttemptResult::TooSoon));
    assert!(usable(world.work()).is_renewed);
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
        assert!(usable(world.work()).is_renewed);
        assert_eq!(world.steps(), "look lock record issue record wait lock wait lock record issue save record");
    }
}

#[test]
fn a_record_of_our_own_that_was_not_saved_and_is_there_is_no_attempt_of_another_run() {
    let mut world = world().answering([Err(too_soon())]).issuing("new");
    world.attempt_save = Err(disk_full());
    world.is_renamed_all_the_same = true;
    world.during_wait = Some(|world| world.is_renamed_all_the_same = false);
    assert!(usable(world.work()).is_renewed);
    assert_eq!(world.steps(), "look lock record issue record wait lock record issue save record");
}

#[test]
fn what_another_run_renewed_during_the_wait_is_used() {
    let mut world = world().answering([Err(too_soon())]);
    world.during_wait = Some(|world| {
        world.another_run_asks(AttemptResult::Issued);
        world.token = Some(token("theirs", world.at.now + seconds(24 * HOUR)));
    });
    let outcome = usable(world.work());
    assert_eq!((outcome.token.expose(), outcome.is_renewed), ("theirs", false));
    assert_eq!(world.steps(), "look lock record issue record wait lock");
}

#[test]
fn all_attempts_spent_on_waiting_end_with_75() {
    let mut world = world();
    world.another_run_asks(AttemptResult::Pending);
    let twice = Policy { attempts: 1, ..policy(Purpose::Work) };
    assert_eq!(exit(world.run(twice)), ends(75, "rate_limited"));
    assert!(world.requests_at.is_empty());
}

#[test]
fn token_check_repeats_with_a_live_token_and_ends_well() {
    let mut world = world().with_token("old", HOUR).answering(vec![Err(unreachable()); 3]);
    let outcome = usable(world.run(policy(Purpose::Check)));
    assert_eq!((outcome.token.expose(), outcome.is_renewed), ("old", false));
    assert_eq!(world.requests_at.len(), 3);

    let mut fresh = self::world().with_token("old", 5 * HOUR);
    assert!(!usable(fresh.run(policy(Purpose::Check))).is_renewed);
    assert_eq!(fresh.steps(), "look");
}

#[test]
fn force_renews_what_is_not_due_but_not_within_the_limit() {
    let mut world = world().with_token("old", 20 * HOUR).issuing("new");
    assert!(usable(world.run(policy(Purpose::ForcedCheck))).is_renewed);
    world.pass(64);
    match world.run(policy(Purpose::ForcedCheck)) {
        TokenOutcome::TooSoon { token, wait } => assert_eq!((token.expose(), wait.as_secs()), ("new", 1)),
        other => panic!("{other:?}"),
    }
    assert_eq!(world.requests_at.len(), 1);
    world.pass(1);
    let mut world = world.issuing("new");
    assert!(usable(world.run(policy(Purpose::ForcedCheck))).is_renewed);
}

#[test]
fn force_obeys_not_before() {
    let mut world = world().with_token("old", 20 * HOUR);
    world.another_run_asks(AttemptResult::TooSoon);
    if let AttemptLook::Known(attempt) = &mut world.attempt {
        attempt.not_before = Some(start() + seconds(300));
    }
    world.pass(4 * MINUTE);
    match world.run(policy(Purpose::ForcedCheck)) {
        TokenOutcome::TooSoon { wait, .. } => assert_eq!(wait.as_secs(), 60),
        other => panic!("{other:?}"),
    }
}

#[test]
fn force_without_a_live_token_waits_like_any_run() {
    let mut world = world().issuing("new");
    world.another_run_asks(AttemptResult::Pending);
    assert!(usable(world.run(policy(Purpose::ForcedCheck))).is_renewed);
    assert!(world.trace.contains(&"wait"));
}

#[test]
fn offline_only_looks() {
    for left in [1, HOUR, 20 * HOUR, 25 * HOUR] {
        let mut world = world().with_token("old", left);
        assert!(!usable(world.run(policy(Purpose::OfflineLook))).is_renewed, "{left}");
        assert_eq!(world.steps(), "look");
    }
    for mut world in [world(), world().with_token("old", 0), world().with_token("old", 25 * HOUR + 1)] {
        assert_eq!(exit(world.run(policy(Purpose::OfflineLook))), ends(77, "token_refused"));
        assert_eq!(world.steps(), "look");
    }
}

#[test]
fn a_busy_lock_hurts_only_without_a_live_token() {
    let busy = failure(Exit::TryAgain, Reason::LockBusy);
    let mut live = world().with_token("old", HOUR);
    live.lock = Err(busy.clone());
    assert_eq!(usable(live.work()).not_renewed, Some(busy.clone()));
    let mut dead = world().with_token("old", 0);
    dead.lock = Err(busy);
    assert_eq!(exit(dead.work()), ends(75, "lock_busy"));
}

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
    let first = run.after_refusal(&outcome.token.print());
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
    forward.at.now += seconds(48 * HOUR);
    forward.at.up_ms += 100_000;
    let same = token("old", start() + seconds(20 * HOUR));
    let mut forward = forward.answering(vec![Ok(same); 3]);
    assert_eq!(exit(forward.work()), ends(69, "gateway_nonsense"));
    assert_eq!(forward.requests_at.len(), 3);

    // Back by an hour, after a reboot: the attempt lies in the future and counts for nothing.
    let mut back = world().issuing("new");
    back.another_run_asks(AttemptResult::Pending);
    back.at = Moment { now: start() - seconds(HOUR), up_ms: 1, boot: "next boot".to_owned() };
    back.answers = VecDeque::from([Ok(token("new", start()))]);
    assert!(usable(back.work()).is_renewed);
    assert!(!back.trace.contains(&"wait"));
}

#[test]
fn a_damaged_record_forbids_requests() {
    let damaged = || AttemptLook::Damaged(failure(Exit::StateUnreadable, Reason::StateUnreadable));
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
fn after_a_refusal_the_token_of_another_run_is_used_without_a_request() {
    let mut world = world().with_token("old", 20 * HOUR);
    world.before_lock = Some(|world| world.token = Some(token("theirs", world.at.now + seconds(HOUR))));
    assert_eq!(usable(world.refuse(policy(Purpose::Work))).token.expose(), "theirs");
    assert_eq!(world.steps(), "lock");
}

#[test]
fn after_a_refusal_the_print_is_marked_and_one_token_asked_for() {
    let mut world = world().with_token("old", 20 * HOUR).issuing("new");
    let outcome = usable(world.refuse(policy(Purpose::Work)));
    assert_eq!((outcome.token.expose(), outcome.is_renewed), ("new", true));
    assert_eq!(world.steps(), "lock record issue save record");
    assert_eq!(world.record().bad_print, Some(token("old", start()).print()));
}

#[test]
fn a_refusal_within_the_limit_is_left_to_the_next_run() {
    let mut world = world().with_token("old", 20 * HOUR);
    world.another_run_asks(AttemptResult::Issued);
    world.pass(30);
    assert_eq!(exit(world.refuse(policy(Purpose::Work))), ends(75, "rate_limited"));
    assert_eq!(world.steps(), "lock record");
    world.pass(35);
    let mut world = world.issuing("new");
    assert_eq!(usable(world.work()).token.expose(), "new");
}

#[test]
fn a_marked_token_is_never_used_from_the_file() {
    let mut world = world().with_token("old", 20 * HOUR).answering([Err(unreachable())]);
    assert_eq!(exit(world.refuse(policy(Purpose::Work))), ends(69, "gateway_unreachable"));
    world.pass(HOUR);
    assert_eq!(exit(world.run(policy(Purpose::OfflineLook))), ends(77, "token_refused"));
    let mut world = world.answering(vec![Err(unreachable()); 3]);
    assert_eq!(exit(world.work()), ends(69, "gateway_unreachable"));
    assert_eq!(world.requests_at.len(), 4);
}

#[test]
fn a_token_that_could_not_be_saved_and_is_refused_leaves_the_mark_of_the_files_token() {
    let mut world = world().with_token("old", 20 * HOUR).answering([Err(unreachable())]);
    assert_eq!(exit(world.refuse(policy(Purpose::Work))), ends(69, "gateway_unreachable"));
    world.pass(HOUR);
    let mut world = world.issuing("new");
    world.token_save = Err(disk_full());
    assert_eq!(exit(world.refuse(policy(Purpose::Work))), ends(75, "rate_limited"));
    assert_eq!(world.record().bad_print, Some(token("old", start()).print()));
}

/// The record holds one mark; our own may have replaced it.
#[test]
fn a_dead_token_is_known_although_the_files_token_is_refused_too() {
    let mut world = world().with_token("old", 20 * HOUR).issuing("new");
    world.another_run_asks(AttemptResult::Issued);
    if let AttemptLook::Known(attempt) = &mut world.attempt {
        attempt.bad_print = Some(token("new", start()).print());
    }
    world.pass(HOUR);
    assert_eq!(exit(world.refuse(policy(Purpose::Work))), ends(75, "rate_limited"));
    assert_eq!(world.steps(), "lock record issue revoke record");
}

#[test]
fn the_same_dead_token_is_revoked_once_and_the_next_run_asks_again() {
    let mut world = world().with_token("old", 20 * HOUR).issuing("old");
    assert_eq!(exit(world.refuse(policy(Purpose::Work))), ends(75, "rate_limited"));
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
    let now = Policy { retry_delay: Duration::ZERO, ..policy(Purpose::Work) };
    let mut world = world().with_token("old", 20 * HOUR).issuing("old").issuing("new");
    assert_eq!(usable(world.refuse(now)).token.expose(), "new");
    assert_eq!(world.steps(), "lock record issue revoke record record issue save record");
    let mut dead = self::world().with_token("old", 20 * HOUR).issuing("old").issuing("old");
    assert_eq!(exit(dead.refuse(now)), ends(77, "token_refused"));
    assert_eq!(dead.requests_at.len(), 2);
}

#[test]
fn a_run_without_a_token_revokes_the_returned_dead_one_and_waits() {
    let mut world = world().with_token("old", 20 * HOUR).issuing("old").issuing("new");
    world.another_run_asks(AttemptResult::Failed);
    if let AttemptLook::Known(attempt) = &mut world.attempt {
        attempt.bad_print = Some(token("old", start()).print());
    }
    world.pass(HOUR);
    assert_eq!(usable(world.work()).token.expose(), "new");
    assert_eq!(world.steps(), "look lock record issue revoke record wait lock record issue save record");
}

#[test]
fn a_revocation_that_got_lost_is_tried_again_by_the_next_run() {
    let mut world = world().with_token("old", 20 * HOUR).issuing("old");
    world.revoke_answer = Err(unreachable());
    assert_eq!(exit(world.refuse(policy(Purpose::Work))), ends(75, "rate_limited"));
    assert_eq!(world.record().revoked_print, None);
}

#[test]
fn a_second_refusal_in_one_run_is_the_end() {
    let mut world = world().with_token("old", 20 * HOUR).issuing("new");
    let mut run = TokenRun::new(policy(Purpose::Work));
    let first = run.begin();
    usable(world.drive(&mut run, first));
    let first = run.after_refusal(&token("old", start()).print());
    let new = usable(world.drive(&mut run, first)).token;
    let first = run.after_refusal(&new.print());
    assert_eq!(exit(world.drive(&mut run, first)), ends(77, "token_refused"));
    assert_eq!(world.steps(), "");
}

#[test]
fn an_event_out_of_step_is_an_unexpected_failure() {
    let mut run = TokenRun::new(policy(Purpose::Work));
    let at = world().at;
    match run.step(&at, Event::Waited) {
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
            let fresh = token(&format!("token-{number}"), world.at.now + seconds(24 * HOUR));
            let answers = [Ok(fresh), Err(too_soon()), Err(unreachable())];
            world.answers = VecDeque::from([answers[usize::try_from(next(3)).unwrap()].clone()]);
            if let Effect::Done(outcome) = effect {
                if let TokenOutcome::Usable(usable) = *outcome {
                    assert!(usable.token.is_live(world.at.now));
                    renewals += u32::from(usable.is_renewed);
                }
                break;
            }
            let event = world.perform(&effect);
            effect = run.step(&world.at, event);
        }
        world.pass(20);
    }
    assert!(renewals > 100, "{renewals}");
    let closest = world.requests_at.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap();
    assert!(closest >= LIMIT, "{closest}");
}
