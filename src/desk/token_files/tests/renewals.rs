//! When a token is asked for, and what follows when it is refused.

use super::*;

#[test]
fn a_missing_token_is_issued_and_kept() {
    let stage = stage().issuing(SECRET);
    let report = stage.work().unwrap();
    assert_eq!((report.renewed, report.token.expose()), (true, SECRET));
    assert!(stage.heard().warnings.is_empty() && stage.heard().save_failed.is_none() && report.too_soon.is_none());
    let names: Vec<String> = stage.files().into_keys().collect();
    assert_eq!(names, [".gitignore", "api_token.json", "api_token.lock", "token_attempt.json"]);
    for name in names {
        assert_eq!(stage.dir.file(&name).metadata().unwrap().mode() & 0o777, 0o600, "{name}");
    }
    assert_eq!(stage.attempt()["result"], "issued");

    let again = stage.work().unwrap();
    assert_eq!((again.renewed, again.token.expires_at), (false, report.token.expires_at));
    assert_eq!(stage.requests.get(), 1);
}

#[test]
fn four_hours_left_are_renewed_and_a_second_more_is_kept() {
    let kept = stage().with_token("old", 14_401);
    assert!(!kept.work().unwrap().renewed);
    let renewed = stage().with_token("old", 14_400).issuing("new");
    assert!(renewed.work().unwrap().renewed);
}

#[test]
fn a_live_token_outlives_a_refused_renewal() {
    let stage = stage().with_token("old", 3 * 3600).answering(Err(too_soon()));
    let report = stage.work().unwrap();
    assert_eq!((report.renewed, report.token.expose()), (false, "old"));
    assert!(stage.heard().warnings[0].contains("the old one is used: KIS issues one token a minute: EGW00133"));
    // The next run, within the limit, does not even ask.
    stage.work().unwrap();
    assert!(stage.heard().warnings[0].contains("the next request is allowed in 1 min 5 s"), "{:?}", stage.heard());
    assert_eq!(stage.requests.get(), 1);
}

#[test]
fn egw00133_for_an_hour_ends_with_75_and_the_record_counts() {
    let stage = stage().answering(Err(too_soon())).answering(Err(too_soon())).answering(Err(too_soon()));
    let none = stage.work().unwrap_err();
    assert_eq!((stage.heard().state, stage.heard().expires_at), (Some(TokenState::Missing), None));
    assert_eq!((none.exit(), none.reason), (Exit::TryAgain, Reason::RateLimited));
    let attempt = stage.attempt();
    assert_eq!((&attempt["refused_in_a_row"], &attempt["result"]), (&json!(3), &json!("too_soon")));
    assert_eq!(attempt["version"], 1);
    // 299 s later a run with a live token does not ask.
    let later = stage.at(NOW + 299).with_token("old", 3600 + 299);
    assert!(!later.work().unwrap().renewed);
    assert_eq!(later.requests.get(), 3);
    let later = later.at(NOW + 302).issuing("new");
    assert!(later.work().unwrap().renewed);
}

#[test]
fn an_expired_token_that_stays_expired_is_reported_with_its_end() {
    let stage = stage().with_token("old", -60).answering(Err(KisError::CredentialsRefused(KisWords {
        code: "EGW00105".to_owned(),
        message: "유효하지 않은 AppSecret입니다.".to_owned(),
    })));
    let none = stage.work().unwrap_err();
    let died_at = Some(instant(NOW - 60));
    assert_eq!((stage.heard().state, stage.heard().expires_at), (Some(TokenState::Expired), died_at));
    assert_eq!((none.exit(), none.reason), (Exit::Credentials, Reason::CredentialsRefused));
    assert!(none.said.because.contains("EGW00105 유효하지 않은 AppSecret입니다."));
}

#[test]
fn a_refused_token_is_replaced_once() {
    let stage = stage().with_token("old", 80_000).issuing("new");
    let (mut desk, mut story) = (stage.desk(TokenPurpose::Work), stage.story(TokenPurpose::Work));
    let old = block_on(story.acquire(&mut desk)).unwrap().token;
    let report = block_on(story.after_refusal(&mut desk, &old, "EGW00123")).unwrap();
    assert_eq!((report.token.expose(), report.renewed), ("new", true));
    let again = block_on(story.after_refusal(&mut desk, &report.token, "EGW00123"));
    assert_eq!(exit(again), (Exit::Credentials, Reason::TokenRefused));
    assert_eq!(stage.requests.get(), 1);
    assert_eq!(stage.attempt()["bad_print"], AccessToken::new("old".to_owned(), instant(0), instant(0)).fingerprint());
    assert_eq!(stage.work().unwrap().token.expose(), "new");
}

#[test]
fn the_same_dead_token_is_revoked() {
    let stage = stage().with_token("old", 80_000).issuing("old").issuing("new");
    assert_eq!(stage.refuse().1.unwrap().token.expose(), "new");
    assert_eq!(*stage.revoked.borrow(), ["old"]);
}

#[test]
fn the_attempt_is_on_disk_while_kis_is_asked() {
    let stage = stage();
    let mut desk = stage.desk(TokenPurpose::Work);
    desk.issue = Box::new(|| {
        assert_eq!(stage.attempt()["result"], "pending");
        Err(too_soon())
    });
    assert!(block_on(stage.story(TokenPurpose::Work).acquire(&mut desk)).is_err());
}

#[test]
fn force_twice_is_too_soon() {
    let stage = stage().with_token("old", 80_000).issuing("new");
    assert!(stage.run(TokenPurpose::ForcedCheck).unwrap().renewed);
    let report = stage.run(TokenPurpose::ForcedCheck).unwrap();
    assert!(!report.renewed);
    assert!((60..=65).contains(&report.too_soon.unwrap().as_secs()));
}
