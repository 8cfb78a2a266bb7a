//! The token's story, written from the rules about KIS's tokens.

mod refusals;
mod trouble;
mod waits;

use std::time::Duration;

use kis_trade::decide::token_life::{AttemptResult, LIMIT};
use kis_trade::domain::{Event, Job, KisError, KisWords, Stamp, TokenPurpose};
use kis_trade::exit::{Failure, Reason};
use kis_trade::language::Sentence;
use kis_trade::story::token::TokenReport;

use super::office::{End, token};
use super::{Answer, ScriptedDesk, poll_times, seconds, start, unreachable};

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

/// A desk without a token.
fn desk() -> ScriptedDesk {
    let mut desk = ScriptedDesk::new(Job::Buy);
    desk.office.token = None;
    desk
}

fn failure(reason: Reason) -> Failure {
    Failure::new(reason, Sentence::verbatim("made up"))
}

fn disk_full() -> Failure {
    failure(Reason::StateUnwritable)
}

fn too_soon() -> KisError {
    KisError::TooSoon { message: "EGW00133".to_owned() }
}

fn nonsense() -> KisError {
    KisError::Nonsense { detail: Sentence::default() }
}

fn rate_limited() -> KisError {
    KisError::RateLimited(KisWords { code: "EGW00201".to_owned(), message: String::new() })
}

fn credentials_refused() -> KisError {
    KisError::CredentialsRefused(KisWords { code: "EGW00105".to_owned(), message: String::new() })
}

fn usable(end: End) -> TokenReport {
    let report = end.unwrap();
    assert_eq!(report.too_soon, None);
    report
}

#[track_caller]
fn assert_ends(end: End, code: u8, reason: &str) {
    let failure = end.unwrap_err();
    assert_eq!((failure.exit().code(), failure.reason.word().as_str()), (code, reason));
}

#[test]
fn one_second_over_four_hours_is_kept_and_four_hours_are_renewed() {
    let mut kept = desk().with_token("old", 4 * HOUR + 1);
    let report = usable(kept.work());
    assert_eq!((kept.steps().as_str(), report.renewed, report.token.expose()), ("look", false, "old"));

    let mut renewed = desk().with_token("old", 4 * HOUR).issuing("new");
    let report = usable(renewed.work());
    assert_eq!(renewed.steps(), "look lock record issue save record");
    assert_eq!((report.renewed, report.token.expose()), (true, "new"));
    assert!(report.not_renewed.is_none() && renewed.office.heard.save_failed.is_none());
    assert_eq!(renewed.record().result, AttemptResult::Issued);
}

#[test]
fn a_renewal_that_gains_no_life_is_told_as_none() {
    for (left, has_moved) in [(HOUR - 1, false), (HOUR, false), (HOUR + 1, true)] {
        let mut desk = desk().with_token("old", HOUR);
        let expires_at = desk.at.at + seconds(left);
        desk.script.push_back(Answer::Issued(Ok(token("new", expires_at))));
        let report = usable(desk.work());
        assert_eq!((report.renewed, report.not_renewed.is_none()), (true, has_moved), "{left}");
    }
    // A life beyond all reason is put right by a shorter one.
    let mut desk = desk().with_token("old", 365 * 24 * HOUR).issuing("new");
    assert_eq!(usable(desk.work()).not_renewed, None);
}

#[test]
fn a_dead_or_missing_token_is_renewed() {
    for mut desk in [desk().issuing("new"), desk().with_token("old", 0).issuing("new")] {
        assert_eq!(usable(desk.work()).token.expose(), "new");
        assert_eq!(desk.steps(), "look lock record issue save record");
    }
}

#[test]
fn the_second_look_finds_what_another_run_renewed() {
    let mut desk = desk().with_token("old", HOUR);
    desk.office.before_lock = Some(|desk| desk.office.token = Some(token("theirs", desk.at.at + seconds(24 * HOUR))));
    let report = usable(desk.work());
    assert_eq!((desk.steps().as_str(), report.token.expose(), report.renewed), ("look lock", "theirs", false));
}

#[test]
fn the_attempt_is_on_disk_before_the_request() {
    let mut desk = desk().issuing("new");
    usable(desk.work());
    let [record] = &desk.office.records_at_requests[..] else { panic!("{:?}", desk.office.records_at_requests) };
    assert_eq!((record.result, record.last_attempt), (AttemptResult::Pending, start()));
}

#[test]
fn a_live_token_survives_every_refusal_with_one_request() {
    let errors =
        [too_soon(), unreachable(), credentials_refused(), nonsense(), rate_limited(), KisError::NotSent(disk_full())];
    for error in errors {
        let mut desk = desk().with_token("old", HOUR).answering([Err(error.clone())]);
        let report = usable(desk.work());
        assert_eq!((report.token.expose(), report.renewed), ("old", false), "{error:?}");
        assert!(report.not_renewed.is_some(), "{error:?}");
        assert_eq!(desk.steps(), "look lock record issue record");
    }
}

#[test]
fn token_check_repeats_with_a_live_token_and_ends_well() {
    let mut desk = desk().with_token("old", HOUR).answering(vec![Err(unreachable()); 3]);
    let report = usable(desk.run(TokenPurpose::Check));
    assert_eq!((report.token.expose(), report.renewed), ("old", false));
    assert_eq!(desk.office.requests_at.len(), 3);

    let mut fresh = self::desk().with_token("old", 5 * HOUR);
    assert!(!usable(fresh.run(TokenPurpose::Check)).renewed);
    assert_eq!(fresh.steps(), "look");
}

#[test]
fn force_renews_what_is_not_due_but_not_within_the_limit() {
    let mut desk = desk().with_token("old", 20 * HOUR).issuing("new");
    assert!(usable(desk.run(TokenPurpose::ForcedCheck)).renewed);
    desk.pass_seconds(64);
    let report = desk.run(TokenPurpose::ForcedCheck).unwrap();
    assert_eq!((report.token.expose(), report.too_soon), ("new", Some(Duration::from_secs(1))));
    assert_eq!(desk.office.requests_at.len(), 1);
    desk.pass_seconds(1);
    let mut desk = desk.issuing("new");
    assert!(usable(desk.run(TokenPurpose::ForcedCheck)).renewed);
}

#[test]
fn force_obeys_not_before() {
    let mut desk = desk().with_token("old", 20 * HOUR);
    desk.another_run_asks(AttemptResult::TooSoon).not_before = Some(start() + seconds(300));
    desk.pass_seconds(4 * MINUTE);
    assert_eq!(desk.run(TokenPurpose::ForcedCheck).unwrap().too_soon, Some(Duration::from_secs(60)));
}

#[test]
fn force_without_a_live_token_waits_like_any_run() {
    let mut desk = desk().issuing("new");
    desk.another_run_asks(AttemptResult::Pending);
    assert!(usable(desk.run(TokenPurpose::ForcedCheck)).renewed);
    assert!(desk.office.steps.contains(&"wait"));
}

#[test]
fn offline_only_looks() {
    for left in [1, HOUR, 20 * HOUR, 25 * HOUR] {
        let mut desk = desk().with_token("old", left);
        assert!(!usable(desk.run(TokenPurpose::OfflineLook)).renewed, "{left}");
        assert_eq!(desk.steps(), "look");
    }
    for mut desk in [desk(), desk().with_token("old", 0), desk().with_token("old", 25 * HOUR + 1)] {
        assert_ends(desk.run(TokenPurpose::OfflineLook), 77, "token_refused");
        assert_eq!(desk.steps(), "look");
    }
}

#[test]
fn what_people_may_hear_of() {
    let of = |mut desk: ScriptedDesk, purpose| {
        let _ = desk.run(purpose);
        desk.office.heard.events
    };
    let day = seconds(24 * HOUR);
    assert_eq!(of(desk().issuing("new"), TokenPurpose::Work), [Event::TokenRenewed { left: day }]);
    assert_eq!(of(desk().with_token("old", 20 * HOUR), TokenPurpose::Work), []);

    let kept = desk().with_token("old", HOUR).answering([Err(unreachable())]);
    let failure = kis_trade::decide::token_life::not_issued(&unreachable());
    let left = seconds(HOUR);
    let not_renewed = Event::TokenNotRenewed { failure: failure.clone(), is_renewed: false, left };
    assert_eq!(of(kept, TokenPurpose::Work), [not_renewed, Event::TokenExpiring { left }]);

    let dead = desk().with_token("old", -60).answering(vec![Err(unreachable()); 3]);
    let left = Some(seconds(-60 - 130));
    assert_eq!(of(dead, TokenPurpose::Work), [Event::NoToken { failure, left }]);

    for left in [60, 0] {
        assert_eq!(of(desk().with_token("old", left), TokenPurpose::OfflineLook), [], "{left}: nobody else is told");
    }
}
