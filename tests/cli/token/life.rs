//! The access token: kept, renewed, shared by many processes, and never the reason for a storm of requests.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::harness::{Mode, Run, World, has_open, wait_until};

const FOUR_HOURS: i64 = 4 * 3600;

/// A world with a token of seven hours ago whose file says that `seconds` of life are left.
fn with_left(seconds: i64) -> (World, String) {
    let mut world = World::paper();
    let old = world.have_old_token();
    set_left(&world, seconds);
    (world, old)
}

fn set_left(world: &World, seconds: i64) {
    world.files.edit_token_file("expires_at", json!((world.now + TimeDelta::seconds(seconds)).timestamp()));
}

fn token_of(world: &World) -> String {
    world.files.token_file()["access_token"].as_str().unwrap().to_owned()
}

fn token_requests(world: &World) -> usize {
    world.sim.requests().iter().filter(|id| *id == "/oauth2/tokenP").count()
}

#[test]
fn a_fresh_directory_gets_a_token_first() {
    for mode in [Mode::Paper, Mode::Real] {
        let world = World::new(mode, crate::support::harness::MID_SESSION);
        let object = world.json(0, &["status"]);
        assert_eq!((&object["token"]["state"], &object["token"]["renewed"]), (&json!("renewed"), &json!(true)));
        assert_eq!(world.sim.requests()[0], "/oauth2/tokenP");
        let file = world.files.token_file();
        let expires_at = (world.now + TimeDelta::hours(24)).timestamp();
        assert_eq!(file["expires_at"], json!(expires_at), "Unix seconds: {file:#}");
        for key in ["access_token", "expires_at", "created_at", "expires_datetime"] {
            assert!(!file[key].is_null(), "older tools read {key}");
        }
        assert_eq!(file["expires_datetime"], "2023-05-25 23:30:00", "Korean time, for people");
        let object = world.json(0, &["status"]);
        assert_eq!((&object["token"]["state"], &object["token"]["renewed"]), (&json!("valid"), &json!(false)));
        assert_eq!(world.sim.issues(), 1);
    }
}

#[test]
fn the_token_file_is_the_owners_alone() {
    let world = World::paper();
    assert_eq!(world.run(&["token-check"]).code, 0);
    let mode = || world.files.state("api_token.json").metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    std::fs::set_permissions(world.files.state("api_token.json"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let object = world.json(0, &["token-check"]);
    assert_eq!(mode(), 0o600, "tightened");
    assert!(object["warnings"][0].as_str().unwrap().contains("api_token.json"), "{object:#}");
    assert_eq!(world.json(0, &["token-check"])["warnings"], json!([]));
}

#[test]
fn exactly_four_hours_left_are_due_and_a_second_more_is_not() {
    for command in ["sell", "status", "token-check"] {
        let (world, old) = with_left(FOUR_HOURS);
        let object = world.json(0, &[command]);
        assert_eq!(
            (&object["token"]["state"], &object["token"]["renewed"]),
            (&json!("renewed"), &json!(true)),
            "{command}"
        );
        assert_ne!(token_of(&world), old);
        let (world, old) = with_left(FOUR_HOURS + 1);
        let object = world.json(0, &[command]);
        assert_eq!(
            (&object["token"]["state"], &object["token"]["renewed"]),
            (&json!("valid"), &json!(false)),
            "{command}"
        );
        assert_eq!((token_of(&world), token_requests(&world)), (old, 0));
    }
}

#[test]
fn the_four_hours_are_a_setting() {
    let (mut world, old) = with_left(3 * 3600);
    world.set("token.renew_at_hours_left", "2").set("token.warn_at_hours_left", "1");
    assert_eq!(world.json(0, &["status"])["token"]["state"], "valid");
    assert_eq!(token_of(&world), old);
}

#[test]
fn after_a_renewal_no_request_carries_the_old_token() {
    for left in [FOUR_HOURS, 60, 0, -3600] {
        let (world, old) = with_left(left);
        let object = world.json(0, &["status"]);
        assert_eq!(object["token"]["state"], "renewed");
        let new = token_of(&world);
        let tokens: Vec<Value> = world.sim.request_records().iter().map(|request| request["token"].clone()).collect();
        assert!(tokens.iter().all(|token| *token != old), "{left}: {tokens:?}");
        assert_eq!(tokens.iter().filter(|token| **token == new).count(), tokens.len() - 1, "all but tokenP itself");
    }
}

#[test]
fn a_four_key_file_that_kis_refuses_is_renewed() {
    let world = World::paper();
    std::fs::create_dir_all(world.files.state("")).unwrap();
    let expires_at = world.now.timestamp() + 20 * 3600;
    let text =
        format!(r#"{{"access_token":"made-up","expires_at":{expires_at}.5,"created_at":1.5,"expires_datetime":"x"}}"#);
    std::fs::write(world.files.state("api_token.json"), text).unwrap();
    let object = world.json(0, &["status"]);
    assert_eq!(object["result"], "done");
    assert_eq!(token_requests(&world), 1);
    assert_ne!(token_of(&world), "made-up");
}

#[test]
fn an_expiry_edited_by_hand_is_the_one_truth() {
    for (edited, state) in [(json!(0), "renewed"), (json!(1.5), "renewed")] {
        let mut world = World::paper();
        world.have_old_token();
        world.files.edit_token_file("expires_at", edited.clone());
        assert_eq!(world.json(77, &["token-check", "--offline"])["token"]["state"], "expired");
        assert_eq!(world.json(0, &["status"])["token"]["state"], state, "{edited}");
    }
    // A life of a year is a slip of the hand: renewed as if it were expiring.
    let (world, old) = with_left(365 * 86_400);
    assert_eq!(world.json(0, &["status"])["token"]["state"], "renewed");
    assert_ne!(token_of(&world), old);
    // The texts for people say nothing.
    let (world, _) = with_left(10 * 3600);
    world.files.edit_token_file("expires_datetime", json!("1999-01-01 00:00:00"));
    world.files.edit_token_file("expires_at_utc", json!("1999-01-01T00:00:00Z"));
    assert_eq!(world.json(0, &["token-check", "--offline"])["token"]["state"], "valid");
}

#[test]
fn an_unreadable_token_file_is_set_aside_and_replaced() {
    let cases: [(&str, &[u8]); 9] = [
        ("empty", b""),
        ("torn", b"{\"access_token\": \"ey"),
        ("no object", b"[]"),
        ("null", b"null"),
        ("not text", b"\xff\xfe\x00"),
        ("no token", b"{\"expires_at\": 1684938600}"),
        ("no expiry", b"{\"access_token\": \"x\"}"),
        ("NaN", b"{\"access_token\": \"x\", \"expires_at\": NaN}"),
        ("text for a number", b"{\"access_token\": \"x\", \"expires_at\": \"1684938600\"}"),
    ];
    for (name, bytes) in cases {
        let world = World::paper();
        std::fs::create_dir_all(world.files.state("")).unwrap();
        std::fs::write(world.files.state("api_token.json"), bytes).unwrap();
        let object = world.json(0, &["status"]);
        assert_eq!(object["token"]["state"], "renewed", "{name}");
        let aside: Vec<_> =
            world.files.state_files().into_iter().filter(|(file, _)| file.starts_with("api_token.json.bad-")).collect();
        assert_eq!(aside.len(), 1, "{name}");
        assert_eq!(aside[0].1, bytes, "{name}: kept as it was");
        assert!(object["warnings"].to_string().contains(&aside[0].0), "{name}: {object:#}");
        assert_eq!(world.json(0, &["status"])["warnings"], json!([]), "{name}: told once");
    }
}

#[test]
fn a_token_of_another_key_is_set_aside() {
    let (world, old) = with_left(10 * 3600);
    world.files.edit_token_file("appkey_print", json!("00000000"));
    let object = world.json(0, &["status"]);
    assert!(object["warnings"].to_string().contains("api_token.json.bad-"), "{object:#}");
    assert!(world.sim.request_records().iter().all(|request| request["token"] != old), "it was used");
}

#[test]
fn a_directory_in_the_token_files_place_is_set_aside_too() {
    let world = World::paper();
    std::fs::create_dir_all(world.files.state("api_token.json/inside")).unwrap();
    assert_eq!(world.json(0, &["status"])["token"]["state"], "renewed");
    let names = std::fs::read_dir(world.files.state(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.starts_with("api_token.json.bad-")).count(), 1);
}

#[test]
fn a_symlink_in_the_token_files_place_is_refused() {
    let world = World::paper();
    std::fs::create_dir_all(world.files.state("")).unwrap();
    std::fs::write(world.files.path("elsewhere"), "{}").unwrap();
    std::os::unix::fs::symlink(world.files.path("elsewhere"), world.files.state("api_token.json")).unwrap();
    assert_eq!(world.json(78, &["status"])["reason"], "config_invalid");
    assert_eq!(std::fs::read_to_string(world.files.path("elsewhere")).unwrap(), "{}");
}

#[test]
fn a_token_file_of_a_newer_program_is_kept() {
    let world = World::paper();
    assert_eq!(world.run(&["token-check"]).code, 0);
    world.files.edit_token_file("version", json!(2));
    let before = world.files.token_file();
    assert_eq!(world.json(65, &["status"])["reason"], "state_unreadable");
    assert_eq!(world.files.token_file(), before);
}

#[test]
fn refused_too_soon_with_a_live_token_the_job_goes_on() {
    let (world, old) = with_left(3600 * 3);
    world.sim.fault("tokenP", "code", json!({ "code": "EGW00133", "times": 9 }));
    let object = world.json(0, &["status"]);
    assert_eq!((&object["token"]["state"], &object["token"]["renewed"]), (&json!("valid"), &json!(false)));
    assert!(object["warnings"].to_string().contains("not renewed"), "{object:#}");
    assert_eq!((token_of(&world), token_requests(&world)), (old, 1), "one try is enough");
}

#[test]
fn refused_too_soon_without_a_live_token_ends_with_75_after_all_attempts() {
    let (mut world, old) = with_left(-1);
    world.set("token.attempts", "3");
    world.sim.fault("tokenP", "code", json!({ "code": "EGW00133", "times": 9 }));
    let object = world.json(75, &["sell"]);
    assert_eq!((&object["reason"], &object["token"]["state"]), (&json!("rate_limited"), &json!("expired")));
    assert_eq!(token_requests(&world), 3);
    assert_eq!(world.sim.requests().len(), 3, "nothing else was asked");
    assert_eq!(token_of(&world), old, "the file is kept");
}

#[test]
fn a_second_attempt_may_succeed() {
    let (world, _) = with_left(-1);
    world.sim.fault("tokenP", "status_before", json!({ "times": 2 }));
    assert_eq!(world.json(0, &["sell"])["token"]["state"], "renewed");
    assert_eq!(token_requests(&world), 3);
}

#[test]
fn no_answer_without_a_live_token_is_69_and_a_refusal_of_the_key_is_77() {
    for (kind, more, code, reason) in [
        ("drop_before", json!({ "times": 9 }), 69, "gateway_unreachable"),
        ("html", json!({ "times": 9 }), 69, "gateway_nonsense"),
        ("garbage", json!({ "times": 9 }), 69, "gateway_nonsense"),
        ("code", json!({ "times": 9, "code": "EGW00103" }), 77, "credentials_refused"),
    ] {
        let (world, old) = with_left(-1);
        world.sim.fault("tokenP", kind, more);
        let object = world.json(code, &["sell"]);
        assert_eq!((&object["reason"], &object["orders"]), (&json!(reason), &json!([])), "{kind}");
        assert_eq!(token_of(&world), old, "{kind}: the file is kept");
        let expected = if code == 77 { 1 } else { 3 };
        assert_eq!(token_requests(&world), expected, "{kind}");
    }
}

#[test]
fn within_65_seconds_of_an_attempt_no_other_run_asks() {
    let (mut world, _) = with_left(3 * 3600);
    world.sim.fault("tokenP", "code", json!({ "code": "EGW00133", "times": 9 }));
    assert_eq!(world.run(&["status"]).code, 0);
    world.advance(30);
    for command in ["status", "sell"] {
        assert_eq!(world.json(0, &[command])["token"]["state"], "valid");
    }
    assert_eq!(token_requests(&world), 1);
    world.advance(40);
    assert_eq!(world.run(&["status"]).code, 0);
    assert_eq!(token_requests(&world), 2);
}

#[test]
fn under_two_hours_with_a_failing_renewal_every_run_warns() {
    for (left, warns) in [(2 * 3600 - 1, true), (2 * 3600 + 30, false), (60, true)] {
        let (world, _) = with_left(left);
        world.sim.fault("tokenP", "drop_before", json!({ "times": 99 }));
        for command in ["status", "sell"] {
            let run = world.run(&[command]);
            assert_eq!(run.code, 0, "the exit code of the command is unchanged");
            let is_warned = run.stderr.lines().any(|line| line.starts_with("warning: the token lives for "));
            assert_eq!(is_warned, warns, "{command} with {left} s: {}", run.stderr);
            assert!(run.stderr.contains("warning: the token was not renewed"), "{}", run.stderr);
        }
    }
}

#[test]
fn a_read_refused_for_its_token_renews_it_once_and_is_repeated() {
    for (action, status) in
        [("expire", 500), ("expire", 401), ("expire", 200), ("revoke", 500), ("revoke", 401), ("revoke", 200)]
    {
        for mode in [Mode::Paper, Mode::Real] {
            let mut world = World::new(mode, crate::support::harness::MID_SESSION);
            let old = world.have_old_token();
            world.sim.control("POST", "/quirks", json!({ "error_status": status }));
            world.sim.control("POST", &format!("/tokens/{action}"), json!({}));
            let object = world.json(0, &["status"]);
            let told = format!("{action} {status} {mode:?}");
            assert_eq!(object["result"], "done", "{told}");
            let requests = world.sim.request_records();
            let paths: Vec<&str> =
                requests.iter().map(|request| request["path"].as_str().unwrap().rsplit('/').next().unwrap()).collect();
            assert_eq!(paths[..3], ["inquire-ccnl", "tokenP", "inquire-ccnl"], "{told}");
            assert!(requests[2..].iter().all(|request| request["token"] != old), "{told}");
            assert_ne!(token_of(&world), old, "{told}: saved for the next run");
            assert_eq!(token_requests(&world), 1, "{told}");
        }
    }
}

#[test]
fn a_refused_token_is_known_by_its_code_in_either_envelope_with_any_status_on_any_read() {
    for endpoint in ["ccnl", "balance", "price", "psamount"] {
        for code in ["EGW00121", "EGW00122", "EGW00123"] {
            for status in [200, 401, 403, 500] {
                let ledger = json!({ "rt_cd": "1", "msg_cd": code, "msg1": "token" });
                let oauth = json!({ "error_code": code, "error_description": "token" });
                for body in [ledger, oauth] {
                    let mut world = World::paper();
                    world.set("buy.watch", r#"["AAPL"]"#);
                    world.sim.price("AAPL", "95", "100");
                    let old = world.have_old_token();
                    world.sim.fault(endpoint, "replace", json!({ "body": body, "status": status }));
                    let object = world.json(0, &["buy"]);
                    let told = format!("{endpoint} {status} {body}");
                    assert_eq!(
                        (&object["result"], &object["token"]["renewed"]),
                        (&json!("done"), &json!(true)),
                        "{told}"
                    );
                    assert_eq!((token_requests(&world), world.sim.orders().len()), (1, 1), "{told}");
                    assert_ne!(token_of(&world), old, "{told}");
                }
            }
        }
    }
}

#[test]
fn the_json_says_that_a_refused_token_was_renewed_in_the_run() {
    let mut world = World::paper();
    world.have_old_token();
    world.sim.control("POST", "/tokens/expire", json!({}));
    let object = world.json(0, &["status"]);
    assert_eq!((&object["token"]["state"], &object["token"]["renewed"]), (&json!("renewed"), &json!(true)));
    let expires_at = object["token"]["expires_at"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert_eq!(json!(expires_at.timestamp()), world.files.token_file()["expires_at"]);
    // Refused for good: the run failed, and the token it had is no valid one.
    let mut world = World::paper();
    world.have_old_token();
    world.sim.control("POST", "/tokens/expire", json!({}));
    world.sim.fault("tokenP", "drop_before", json!({ "times": 99 }));
    let object = world.json(69, &["status"]);
    assert_eq!((&object["reason"], &object["token"]["state"]), (&json!("gateway_unreachable"), &json!("expired")));
}

#[test]
fn a_token_that_stays_dead_is_revoked_once_and_asked_for_once_more() {
    let mut world = World::paper();
    assert_eq!(world.run(&["token-check"]).code, 0);
    let dead = token_of(&world);
    world.advance(120);
    world.sim.control("POST", "/limits", json!({ "token_per_minute": false }));
    world.sim.control("POST", "/tokens/kill", json!({}));
    world.sim.forget_requests();
    assert_eq!(world.json(0, &["status"])["result"], "done");
    let requests = world.sim.requests();
    assert_eq!(requests[..5], ["VTTS3035R", "/oauth2/tokenP", "/oauth2/revokeP", "/oauth2/tokenP", "VTTS3035R"]);
    assert_ne!(token_of(&world), dead);
}

#[test]
fn a_key_whose_tokens_are_all_refused_ends_with_77_and_no_loop() {
    let mut world = World::paper();
    world.have_old_token();
    world.sim.fault("ccnl", "code", json!({ "code": "EGW00121", "times": 999 }));
    assert_eq!(world.json(77, &["status"])["reason"], "token_refused");
    assert_eq!(token_requests(&world), 1);
    assert!(world.sim.requests().len() <= 4, "{:?}", world.sim.requests());
}

#[test]
fn another_runs_newer_token_is_used_when_ours_is_refused() {
    let (mut world, old) = with_left(10 * 3600);
    // While this run's first request is under way, another run renews.
    world.sim.control("POST", "/tokens/expire", json!({}));
    world.set("gateway.timeout_seconds", "30");
    world.sim.hold_answer("ccnl");
    let child = world.command(&["--json", "status"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until("no request came", || !world.sim.requests().is_empty());
    let other = world.json(0, &["token-check", "--force"]);
    world.sim.let_answer();
    let object = Run::of(child.wait_with_output().unwrap()).object();
    assert_eq!((&object["exit_code"], &other["token"]["renewed"]), (&json!(0), &json!(true)), "{object:#}");
    assert_ne!(token_of(&world), old);
    assert_eq!(token_requests(&world), 1, "of two runs one asks");
}

#[test]
fn token_check_force_renews_before_it_is_due() {
    let (world, old) = with_left(20 * 3600);
    let object = world.json(0, &["token-check", "--force"]);
    assert_eq!((&object["result"], &object["token"]["renewed"]), (&json!("done"), &json!(true)));
    assert_ne!(token_of(&world), old);
    assert_eq!(world.sim.requests(), ["/oauth2/tokenP"]);
}

#[test]
fn renewed_means_that_kis_answered_also_when_it_returned_the_same_token() {
    let mut world = World::paper();
    assert_eq!(world.run(&["token-check"]).code, 0);
    let token = token_of(&world);
    world.advance(3600);
    set_left(&world, 3600);
    let object = world.json(0, &["token-check"]);
    assert_eq!((&object["token"]["state"], &object["token"]["renewed"]), (&json!("renewed"), &json!(true)));
    assert_eq!(token_of(&world), token, "KIS's six-hour rule");
    assert!(object["token"]["seconds_left"].as_i64().unwrap() > 22 * 3600, "{object:#}");
}

#[test]
fn token_check_force_within_65_seconds_is_too_soon() {
    let mut world = World::paper();
    assert_eq!(world.run(&["token-check"]).code, 0);
    for seconds in [0, 30, 30] {
        world.advance(seconds);
        let object = world.json(0, &["token-check", "--force"]);
        assert_eq!((&object["result"], &object["reason"]), (&json!("nothing_to_do"), &json!("too_soon")));
    }
    assert_eq!(world.sim.issues(), 1);
    world.advance(6);
    assert_eq!(world.json(0, &["token-check", "--force"])["token"]["renewed"], true);
}

#[test]
fn token_check_offline_asks_nobody_and_writes_no_token() {
    let world = World::paper();
    assert_eq!(world.json(77, &["token-check", "--offline"])["token"]["state"], "missing");
    assert_eq!(world.run(&["token-check"]).code, 0);
    world.sim.forget_requests();
    let file = world.files.token_file();
    for (left, code, state) in [(60, 0, "valid"), (FOUR_HOURS, 0, "valid"), (0, 77, "expired"), (-1, 77, "expired")] {
        set_left(&world, left);
        let object = world.json(code, &["token-check", "--offline"]);
        assert_eq!(object["token"]["state"], state, "{left}");
    }
    assert!(world.sim.requests().is_empty());
    assert_eq!(world.files.token_file()["access_token"], file["access_token"]);
}

#[test]
fn a_token_that_another_run_wrote_while_this_one_waited_for_the_lock_is_used() {
    let (world, old) = with_left(3600);
    let lock = std::fs::File::open(world.files.state("api_token.lock")).unwrap();
    lock.lock_shared().unwrap();
    let child =
        world.command(&["--json", "token-check"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It has looked at the file, and stands in line for the right to change it.
    let is_waiting = || has_open(&child, "api_token.lock");
    wait_until("it never wanted the lock", || is_waiting() && is_waiting() && is_waiting());
    set_left(&world, 20 * 3600);
    drop(lock);
    let object = Run::of(child.wait_with_output().unwrap()).object();
    assert_eq!(
        (&object["token"]["state"], &object["token"]["renewed"]),
        (&json!("valid"), &json!(false)),
        "{object:#}"
    );
    assert_eq!((world.sim.requests().len(), token_of(&world)), (0, old));
}

#[test]
fn of_two_stated_lives_the_smaller_counts() {
    let world = World::paper();
    world.sim.control("POST", "/tokens/life", json!({ "expires_in": 86_400, "text_offset_seconds": -4000 }));
    let object = world.json(0, &["token-check"]);
    let left = object["token"]["seconds_left"].as_i64().unwrap();
    assert!((86_400 - 4000 - 60..=86_400 - 4000).contains(&left), "{left}");
}

#[test]
fn the_old_token_stays_in_the_file_until_the_new_one_is_there() {
    let (world, old) = with_left(3600);
    world.sim.fault("tokenP", "delay", json!({ "seconds": 3600 }));
    let mut child = world.command(&["token-check"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until("no token request came", || token_requests(&world) == 1);
    assert_eq!(token_of(&world), old);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(token_of(&world), old);
    world.sim.control("DELETE", "/faults", Value::Null);
    // The killed run's attempt is on disk: this one does not ask again within the minute.
    assert_eq!(world.json(0, &["status"])["token"]["state"], "valid");
    assert_eq!(token_requests(&world), 1);
}
