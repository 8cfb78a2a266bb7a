//! The step machine against a model of the files, the clock and KIS.

mod refusals;
mod trouble;
mod waits;

use std::collections::VecDeque;

use super::*;
use crate::exit::Reason;

type Hook = fn(&mut World);

/// Files, clock and gateway as values. Effects are performed on it, and written down in `trace`.
struct World {
    now: Stamp,
    token: Option<AccessToken>,
    attempt: AttemptLook,
    answers: VecDeque<Result<AccessToken, KisError>>,
    revoke_answer: Result<(), KisError>,
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
        now: Stamp { at: start(), up_ms: 5_000_000, boot: "boot".to_owned() },
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

fn failure(reason: Reason) -> Failure {
    Failure::new(reason, "made up")
}

fn disk_full() -> Failure {
    failure(Reason::StateUnwritable)
}

fn too_soon() -> KisError {
    KisError::TooSoon { message: "EGW00133".to_owned() }
}

fn unreachable() -> KisError {
    KisError::Unreachable { detail: "timeout".to_owned(), advice: None }
}

fn credentials_refused() -> KisError {
    KisError::CredentialsRefused { code: "EGW00105".to_owned(), message: String::new() }
}

fn policy(purpose: Purpose) -> Policy {
    Policy { purpose, renew_at_left: TimeDelta::hours(4), attempts: 3, retry_delay: Duration::from_secs(65) }
}

impl World {
    fn with_token(mut self, text: &str, seconds_left: i64) -> World {
        self.token = Some(token(text, self.now.at + seconds(seconds_left)));
        self
    }

    fn answering(mut self, answers: impl IntoIterator<Item = Result<AccessToken, KisError>>) -> World {
        self.answers.extend(answers);
        self
    }

    fn issuing(self, text: &str) -> World {
        let expires_at = self.now.at + seconds(24 * HOUR);
        self.answering([Ok(token(text, expires_at))])
    }

    fn pass(&mut self, count: i64) {
        self.now.at += seconds(count);
        self.now.up_ms += u64::try_from(count).unwrap() * 1000;
    }

    fn record(&self) -> &Attempt {
        match &self.attempt {
            AttemptLook::Known(attempt) => attempt,
            other => panic!("{other:?}"),
        }
    }

    /// Another run asks for a token at this moment.
    fn another_run_asks(&mut self, result: AttemptResult) {
        let (now, serial) = (self.now.clone(), 1 + self.attempt_serial());
        self.attempt = AttemptLook::Known(Attempt {
            serial,
            last_attempt: now.at,
            boot: now.boot,
            up_ms: now.up_ms,
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
                self.requests_at.push(self.now.at);
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
                    effect = run.step(&self.now, event);
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
        let first = run.after_refusal(&token.fingerprint());
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
        TokenOutcome::Without { failure, .. } => (failure.exit().code(), failure.reason.word()),
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
        let expires_at = world.now.at + seconds(left);
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
    world.before_lock = Some(|world| world.token = Some(token("theirs", world.now.at + seconds(24 * HOUR))));
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
        effect = run.step(&world.now, event);
    }
    assert_eq!((world.record().result, world.record().last_attempt), (AttemptResult::Pending, start()));
}

#[test]
fn a_live_token_survives_every_refusal_with_one_request() {
    let errors = [
        too_soon(),
        unreachable(),
        credentials_refused(),
        KisError::Nonsense { detail: String::new() },
        KisError::RateLimited { code: String::new(), message: String::new() },
        KisError::NotSent(disk_full()),
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
