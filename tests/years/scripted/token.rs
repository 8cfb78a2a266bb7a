//! The story at a desk made of values: the files, the clocks and KIS.

mod refusals;
mod trouble;
mod waits;

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kis_trade::config::{Settings, TokenSettings};
use kis_trade::decide::invariants::Binding;
use kis_trade::decide::token_life::{Attempt, AttemptLook, AttemptResult, LIMIT, Look};
use kis_trade::domain::access_token::AccessToken;
use kis_trade::domain::event::Event;
use kis_trade::domain::job::{Job, Task, TokenPurpose};
use kis_trade::domain::kis_error::KisError;
use kis_trade::domain::stamp::Stamp;
use kis_trade::exit::{Failure, Reason};
use kis_trade::story::desk::{Locks, Machine, TokenLock, TokenOffice};
use kis_trade::story::token::{NoToken, TokenReport, TokenRun};

use super::{block_on, border, poll_times};

type Hook = fn(&mut World);
type Answer = Result<AccessToken, KisError>;
type End = Result<TokenReport, NoToken>;

/// Files, clock and KIS as values. What the story does to them is written down in `trace`.
struct World {
    settings: TokenSettings,
    at: Stamp,
    token: Option<AccessToken>,
    attempt: AttemptLook,
    answers: VecDeque<Answer>,
    /// Answers once there are no others.
    then: Option<Box<dyn FnMut(DateTime<Utc>) -> Answer>>,
    revoke_answer: Result<(), KisError>,
    lock: Result<(), Failure>,
    attempt_save: Result<(), Failure>,
    /// A failed save replaced the record: only the last sync of the folder failed.
    is_renamed_all_the_same: bool,
    token_save: Result<(), Failure>,
    before_lock: Option<Hook>,
    during_wait: Option<Hook>,
    holds_token: bool,
    holds_account: bool,
    trace: Vec<&'static str>,
    requests_at: Vec<DateTime<Utc>>,
    /// What the disk said while KIS was asked.
    records_at_requests: Vec<Attempt>,
}

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

fn start() -> DateTime<Utc> {
    "2027-03-09T14:30:00Z".parse().unwrap()
}

fn world() -> World {
    World {
        settings: TokenSettings {
            renew_at_left: Duration::from_secs(4 * 3600),
            warn_at_left: Duration::from_secs(2 * 3600),
            attempts: 3,
            retry_delay: Duration::from_secs(65),
        },
        at: Stamp { at: start(), up_ms: 5_000_000, boot: "boot".to_owned() },
        token: None,
        attempt: AttemptLook::None,
        answers: VecDeque::new(),
        then: None,
        revoke_answer: Ok(()),
        lock: Ok(()),
        attempt_save: Ok(()),
        is_renamed_all_the_same: false,
        token_save: Ok(()),
        before_lock: None,
        during_wait: None,
        holds_token: false,
        holds_account: true,
        trace: Vec::new(),
        requests_at: Vec::new(),
        records_at_requests: Vec::new(),
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

fn nonsense() -> KisError {
    KisError::Nonsense { detail: String::new() }
}

fn rate_limited() -> KisError {
    KisError::RateLimited { code: "EGW00201".to_owned(), message: String::new() }
}

fn credentials_refused() -> KisError {
    KisError::CredentialsRefused { code: "EGW00105".to_owned(), message: String::new() }
}

impl Machine for World {
    fn task(&self) -> Task {
        Task::of(Job::Buy)
    }

    fn settings(&self) -> Rc<Settings> {
        panic!("the account is free")
    }

    fn binding(&self) -> Binding {
        panic!("no order is sent")
    }

    fn now(&self) -> Stamp {
        self.at.clone()
    }

    async fn wait(&mut self, time: Duration) {
        border().await;
        assert!(!self.holds_token && !self.holds_account, "nothing is locked while a run waits");
        self.trace.push("wait");
        self.pass(i64::try_from(time.as_secs()).unwrap());
        if let Some(hook) = self.during_wait.take() {
            hook(self);
        }
    }
}

impl Locks for World {
    async fn lock_account(&mut self, _wait: Duration) -> Result<(), Failure> {
        border().await;
        self.holds_account = true;
        Ok(())
    }

    fn unlock_account(&mut self) {
        self.holds_account = false;
    }

    fn holds_account(&self) -> bool {
        self.holds_account
    }

    fn is_account_held(&self) -> bool {
        self.holds_account
    }

    async fn announce_sell(&mut self) {}

    fn withdraw_sell(&mut self) {}

    fn sell_waits(&self) -> bool {
        false
    }
}

impl TokenOffice for World {
    async fn look_at_token(&mut self) -> Result<Look, Failure> {
        border().await;
        self.trace.push("look");
        Ok(self.look())
    }

    async fn lock_token(&mut self) -> Result<TokenLock, Failure> {
        border().await;
        self.trace.push("lock");
        if let Some(hook) = self.before_lock.take() {
            hook(self);
        }
        self.holds_token = self.lock.is_ok();
        Ok(match &self.lock {
            Ok(()) => TokenLock::Held(self.look()),
            Err(failure) => TokenLock::NotHeld(failure.clone()),
        })
    }

    fn unlock_token(&mut self) {
        self.holds_token = false;
    }

    async fn save_attempt(&mut self, attempt: &Attempt) -> Result<(), Failure> {
        self.act_under_the_lock("record").await;
        if self.attempt_save.is_ok() || self.is_renamed_all_the_same {
            self.attempt = AttemptLook::Known(attempt.clone());
        }
        self.attempt_save.clone()
    }

    async fn save_token(&mut self, token: &AccessToken) -> Result<(), Failure> {
        self.act_under_the_lock("save").await;
        if self.token_save.is_ok() {
            self.token = Some(token.clone());
        }
        self.token_save.clone()
    }

    async fn issue_token(&mut self) -> Answer {
        self.act_under_the_lock("issue").await;
        self.requests_at.push(self.at.at);
        if let AttemptLook::Known(attempt) = &self.attempt {
            self.records_at_requests.push(attempt.clone());
        }
        let now = self.at.at;
        self.answers.pop_front().unwrap_or_else(|| self.then.as_mut().expect("an answer")(now))
    }

    async fn revoke_token(&mut self, _token: &AccessToken) -> Result<(), KisError> {
        self.act_under_the_lock("revoke").await;
        self.revoke_answer.clone()
    }
}

impl World {
    fn with_token(mut self, text: &str, seconds_left: i64) -> World {
        self.token = Some(token(text, self.at.at + seconds(seconds_left)));
        self
    }

    fn answering(mut self, answers: impl IntoIterator<Item = Answer>) -> World {
        self.answers.extend(answers);
        self
    }

    fn issuing(self, text: &str) -> World {
        let expires_at = self.at.at + seconds(24 * HOUR);
        self.answering([Ok(token(text, expires_at))])
    }

    fn pass(&mut self, count: i64) {
        self.at.at += seconds(count);
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
            last_attempt: at.at,
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
        Look::new(self.token.clone(), self.attempt.clone())
    }

    async fn act_under_the_lock(&mut self, step: &'static str) {
        border().await;
        assert!(self.holds_token, "{step}");
        self.trace.push(step);
    }

    fn story(&self, purpose: TokenPurpose) -> TokenRun {
        TokenRun::new(purpose, &self.settings)
    }

    fn acquire(&mut self, run: &mut TokenRun) -> End {
        self.trace.clear();
        let end = block_on(run.acquire(self));
        assert!(!self.holds_token && self.holds_account);
        end
    }

    fn replace(&mut self, run: &mut TokenRun, refused: &AccessToken) -> End {
        self.trace.clear();
        let end = block_on(run.after_refusal(self, refused, "EGW00123"));
        assert!(!self.holds_token && self.holds_account);
        end
    }

    fn run(&mut self, purpose: TokenPurpose) -> End {
        let mut run = self.story(purpose);
        self.acquire(&mut run)
    }

    fn work(&mut self) -> End {
        self.run(TokenPurpose::Work)
    }

    /// Begins as a job does, then hears that KIS refuses the token.
    fn refuse(&mut self) -> End {
        let mut run = self.story(TokenPurpose::Work);
        let token = usable(self.acquire(&mut run)).token;
        self.replace(&mut run, &token)
    }

    fn steps(&self) -> String {
        self.trace.join(" ")
    }
}

fn usable(end: End) -> TokenReport {
    let report = end.unwrap();
    assert_eq!(report.too_soon, None);
    report
}

/// Why the token in use is not a new one with more life, if one was wanted.
fn not_renewed(report: &TokenReport) -> Option<Failure> {
    report.events.iter().find_map(|event| match event {
        Event::TokenNotRenewed { failure, .. } => Some(failure.clone()),
        _ => None,
    })
}

fn exit(end: End) -> (u8, String) {
    let failure = end.unwrap_err().failure;
    (failure.exit().code(), failure.reason.word())
}

fn ends(code: u8, reason: &str) -> (u8, String) {
    (code, reason.to_owned())
}

#[test]
fn one_second_over_four_hours_is_kept_and_four_hours_are_renewed() {
    let mut kept = world().with_token("old", 4 * HOUR + 1);
    let report = usable(kept.work());
    assert_eq!((kept.steps().as_str(), report.renewed, report.token.expose()), ("look", false, "old"));

    let mut renewed = world().with_token("old", 4 * HOUR).issuing("new");
    let report = usable(renewed.work());
    assert_eq!(renewed.steps(), "look lock record issue save record");
    assert_eq!((report.renewed, report.token.expose()), (true, "new"));
    assert!(not_renewed(&report).is_none() && report.save_failed.is_none());
    assert_eq!(renewed.record().result, AttemptResult::Issued);
}

#[test]
fn a_renewal_that_gains_no_life_is_told_as_none() {
    for (left, has_moved) in [(HOUR - 1, false), (HOUR, false), (HOUR + 1, true)] {
        let mut world = world().with_token("old", HOUR);
        let expires_at = world.at.at + seconds(left);
        world.answers.push_back(Ok(token("new", expires_at)));
        let report = usable(world.work());
        assert_eq!((report.renewed, not_renewed(&report).is_none()), (true, has_moved), "{left}");
    }
    // A life beyond all reason is put right by a shorter one.
    let mut world = world().with_token("old", 365 * 24 * HOUR).issuing("new");
    assert_eq!(not_renewed(&usable(world.work())), None);
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
    world.before_lock = Some(|world| world.token = Some(token("theirs", world.at.at + seconds(24 * HOUR))));
    let report = usable(world.work());
    assert_eq!((world.steps().as_str(), report.token.expose(), report.renewed), ("look lock", "theirs", false));
}

#[test]
fn the_attempt_is_on_disk_before_the_request() {
    let mut world = world().issuing("new");
    usable(world.work());
    let [record] = &world.records_at_requests[..] else { panic!("{:?}", world.records_at_requests) };
    assert_eq!((record.result, record.last_attempt), (AttemptResult::Pending, start()));
}

#[test]
fn a_live_token_survives_every_refusal_with_one_request() {
    let errors =
        [too_soon(), unreachable(), credentials_refused(), nonsense(), rate_limited(), KisError::NotSent(disk_full())];
    for error in errors {
        let mut world = world().with_token("old", HOUR).answering([Err(error.clone())]);
        let report = usable(world.work());
        assert_eq!((report.token.expose(), report.renewed), ("old", false), "{error:?}");
        assert!(not_renewed(&report).is_some(), "{error:?}");
        assert_eq!(world.steps(), "look lock record issue record");
    }
}

#[test]
fn token_check_repeats_with_a_live_token_and_ends_well() {
    let mut world = world().with_token("old", HOUR).answering(vec![Err(unreachable()); 3]);
    let report = usable(world.run(TokenPurpose::Check));
    assert_eq!((report.token.expose(), report.renewed), ("old", false));
    assert_eq!(world.requests_at.len(), 3);

    let mut fresh = self::world().with_token("old", 5 * HOUR);
    assert!(!usable(fresh.run(TokenPurpose::Check)).renewed);
    assert_eq!(fresh.steps(), "look");
}

#[test]
fn force_renews_what_is_not_due_but_not_within_the_limit() {
    let mut world = world().with_token("old", 20 * HOUR).issuing("new");
    assert!(usable(world.run(TokenPurpose::ForcedCheck)).renewed);
    world.pass(64);
    let report = world.run(TokenPurpose::ForcedCheck).unwrap();
    assert_eq!((report.token.expose(), report.too_soon), ("new", Some(Duration::from_secs(1))));
    assert_eq!(world.requests_at.len(), 1);
    world.pass(1);
    let mut world = world.issuing("new");
    assert!(usable(world.run(TokenPurpose::ForcedCheck)).renewed);
}

#[test]
fn force_obeys_not_before() {
    let mut world = world().with_token("old", 20 * HOUR);
    world.another_run_asks(AttemptResult::TooSoon);
    if let AttemptLook::Known(attempt) = &mut world.attempt {
        attempt.not_before = Some(start() + seconds(300));
    }
    world.pass(4 * MINUTE);
    assert_eq!(world.run(TokenPurpose::ForcedCheck).unwrap().too_soon, Some(Duration::from_secs(60)));
}

#[test]
fn force_without_a_live_token_waits_like_any_run() {
    let mut world = world().issuing("new");
    world.another_run_asks(AttemptResult::Pending);
    assert!(usable(world.run(TokenPurpose::ForcedCheck)).renewed);
    assert!(world.trace.contains(&"wait"));
}

#[test]
fn offline_only_looks() {
    for left in [1, HOUR, 20 * HOUR, 25 * HOUR] {
        let mut world = world().with_token("old", left);
        assert!(!usable(world.run(TokenPurpose::OfflineLook)).renewed, "{left}");
        assert_eq!(world.steps(), "look");
    }
    for mut world in [world(), world().with_token("old", 0), world().with_token("old", 25 * HOUR + 1)] {
        assert_eq!(exit(world.run(TokenPurpose::OfflineLook)), ends(77, "token_refused"));
        assert_eq!(world.steps(), "look");
    }
}

#[test]
fn what_people_may_hear_of() {
    let of = |mut world: World, purpose| world.run(purpose).map_or_else(|none| none.events, |report| report.events);
    let day = seconds(24 * HOUR);
    assert_eq!(of(world().issuing("new"), TokenPurpose::Work), [Event::TokenRenewed { left: day }]);
    assert_eq!(of(world().with_token("old", 20 * HOUR), TokenPurpose::Work), []);

    let kept = world().with_token("old", HOUR).answering([Err(unreachable())]);
    let failure = kis_trade::decide::token_life::not_issued(unreachable());
    let left = seconds(HOUR);
    let not_renewed = Event::TokenNotRenewed { failure: failure.clone(), is_renewed: false, left };
    assert_eq!(of(kept, TokenPurpose::Work), [not_renewed, Event::TokenExpiring { left }]);

    let dead = world().with_token("old", -60).answering(vec![Err(unreachable()); 3]);
    let left = Some(seconds(-60 - 130));
    assert_eq!(of(dead, TokenPurpose::Work), [Event::NoToken { failure, left }]);

    for left in [60, 0] {
        assert_eq!(of(world().with_token("old", left), TokenPurpose::OfflineLook), [], "{left}: nobody else is told");
    }
}
