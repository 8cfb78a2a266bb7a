//! What the user's hook is told, when, and that it can do no harm.

use std::process::{Command, Stdio};

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::harness::{Run, World};

/// A world whose hook appends what it is told to a file; with a token of seven hours ago that has `seconds` left.
fn told_world(seconds: i64) -> World {
    let mut world = World::paper();
    world.have_old_token();
    set_left(&world, seconds);
    let script = format!("/bin/cat >> {}", world.files.path("told").display());
    world.set("notify.command", &json!(["/bin/sh", "-c", script]).to_string());
    world.set("notify.events", r#"["token_renewed", "token_renewal_failed", "token_expiring", "token_refused"]"#);
    world
}

fn set_left(world: &World, seconds: i64) {
    world.files.edit_token_file("expires_at", json!((world.now + TimeDelta::seconds(seconds)).timestamp()));
}

/// What the hook was told so far.
fn told(world: &World) -> Vec<Value> {
    let text = std::fs::read_to_string(world.files.path("told")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).expect("one JSON object a line")).collect()
}

fn words(world: &World) -> Vec<String> {
    told(world).iter().map(|event| event["event"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_renewal_is_told_with_everything_a_person_needs() {
    let mut world = told_world(3600);
    world.set("language", "\"ko\"");
    assert_eq!(world.run(&["sell"]).code, 0);
    let mut events = told(&world);
    let at = events[0]["at"].take();
    assert!(at.as_str().unwrap().starts_with("2023-05-24T14:30:0"), "{at}");
    let left = events[0]["seconds_left"].take().as_i64().unwrap();
    assert!((86_390..=86_400).contains(&left), "{left}");
    let run_id = events[0]["run_id"].take().as_str().unwrap().to_owned();
    let detail = "[PAPER] the token was renewed and lives for 23 h 59 min";
    let expected = json!({
        "event": "token_renewed", "mode": "paper", "at": null, "command": "sell", "detail": detail, "seconds_left": null,
        "id": format!("{run_id}/token_renewed/0"), "level": "info", "run_id": null,
        "text": "[모의] 접근토큰 갱신: 남은 시간 23시간 59분",
    });
    assert_eq!(events, [expected]);
}

#[test]
fn a_renewal_is_told_to_nobody_who_did_not_choose_it() {
    let mut world = told_world(3600);
    world.unset("notify.events");
    assert_eq!(world.json(0, &["status"])["token"]["state"], "renewed");
    assert_eq!(told(&world), [Value::Null; 0]);
}

#[test]
fn nothing_is_told_when_nothing_happened() {
    let world = told_world(20 * 3600);
    for command in ["sell", "status", "token-check"] {
        assert_eq!(world.run(&[command]).code, 0);
    }
    assert_eq!(told(&world), [Value::Null; 0]);
}

#[test]
fn a_failing_renewal_is_told_and_a_token_near_its_end() {
    for (left, expected) in [
        (3 * 3600, vec!["token_renewal_failed"]),
        (2 * 3600 - 1, vec!["token_renewal_failed", "token_expiring"]),
        (-1, vec!["token_renewal_failed"]),
    ] {
        let world = told_world(left);
        world.sim.fault("tokenP", "drop_before", json!({ "times": 99 }));
        world.run(&["status"]);
        assert_eq!(words(&world), expected, "{left}");
        let seconds_left = told(&world)[0]["seconds_left"].as_i64().unwrap();
        assert!((left - 10..=left).contains(&seconds_left), "{seconds_left}");
    }
}

#[test]
fn without_any_token_the_life_left_is_null() {
    let world = told_world(3600);
    std::fs::remove_file(world.files.state("api_token.json")).unwrap();
    world.sim.fault("tokenP", "code", json!({ "times": 9, "code": "EGW00103" }));
    assert_eq!(world.run(&["buy"]).code, 77);
    let event = &told(&world)[0];
    assert_eq!((&event["event"], &event["seconds_left"]), (&json!("token_renewal_failed"), &Value::Null));
    let detail = event["detail"].as_str().unwrap();
    assert!(detail.starts_with("[PAPER] ") && detail.contains("EGW00103"), "{detail}");
}

#[test]
fn a_refusal_in_mid_run_is_told_with_kis_words() {
    let world = told_world(20 * 3600);
    world.sim.control("POST", "/tokens/expire", json!({}));
    assert_eq!(world.run(&["status"]).code, 0);
    assert_eq!(words(&world), ["token_refused", "token_renewed"]);
    let detail = told(&world)[0]["detail"].to_string();
    assert!(detail.contains("EGW00123") && detail.contains("19 h 59 min before its time"), "{detail}");
}

#[test]
fn the_same_event_is_told_once_an_hour_whichever_command_has_it() {
    let mut world = told_world(3 * 3600);
    world.sim.fault("tokenP", "drop_before", json!({ "times": 99 }));
    for (minutes, count) in [(0, 1), (5, 1), (30, 1), (24, 1), (2, 2), (20, 2)] {
        world.advance(minutes * 60);
        for command in ["status", "sell", "token-check"] {
            assert_eq!(world.run(&[command]).code, 0);
        }
        let failures = words(&world).iter().filter(|word| *word == "token_renewal_failed").count();
        assert_eq!(failures, count, "{minutes} min later");
    }
    // The hour does not keep another event back.
    world.sim.control("DELETE", "/faults", Value::Null);
    world.advance(70);
    assert_eq!(world.run(&["status"]).code, 0);
    assert_eq!(words(&world).last().unwrap(), "token_renewed");
}

#[test]
fn of_many_runs_at_once_one_tells() {
    let world = told_world(3600);
    let commands: Vec<Command> = (0..8).map(|_| world.command(&["--json", "token-check"])).collect();
    let spawn = |mut command: Command| command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let children: Vec<_> = commands.into_iter().map(spawn).collect();
    for child in children {
        assert_eq!(Run::of(child.wait_with_output().unwrap()).code, 0);
    }
    assert_eq!(words(&world), ["token_renewed"]);
}

#[test]
fn looking_offline_tells_nobody_and_a_dry_run_tells() {
    let world = told_world(60);
    assert_eq!(world.run(&["token-check", "--offline"]).code, 0);
    assert_eq!(words(&world), [""; 0]);
    assert_eq!(world.run(&["buy", "--dry-run"]).code, 0);
    assert_eq!(words(&world), ["token_renewed"], "it did renew the token");
}

#[test]
fn the_hook_starts_after_the_work_with_no_lock_and_no_environment() {
    let mut world = told_world(3600);
    let (locks, path) = (world.files.state(""), world.files.path("told"));
    let script = format!(
        "cat > /dev/null; cd {} && for lock in account api_token notified; do flock -n $lock.lock true && echo $lock free; done > {1}; \
         /usr/bin/env | grep -E 'KIS|RUST|TZ' >> {1}; ls last_run_sell.json >> {1}",
        locks.display(),
        path.display()
    );
    world.set("notify.command", &json!(["/bin/sh", "-c", script]).to_string());
    assert_eq!(world.run(&["sell"]).code, 0);
    let told = std::fs::read_to_string(&path).unwrap();
    assert_eq!(told, "account free\napi_token free\nnotified free\nlast_run_sell.json\n");
}

#[test]
fn a_hook_that_fails_is_a_warning_and_no_more() {
    for (command, words) in [
        (json!(["/nowhere/at-all"]), "it can't be started"),
        (json!(["/bin/sh", "-c", "exit 7"]), "it ended with exit status: 7"),
        (json!(["/bin/sh", "-c", "kill -9 $$"]), "it ended with signal: 9"),
    ] {
        let mut world = told_world(3600);
        world.set("notify.command", &command.to_string());
        let object = world.json(0, &["status"]);
        let warnings = object["warnings"].to_string();
        assert!(
            warnings.contains("[notify] command was not told of token_renewed: ") && warnings.contains(words),
            "{warnings}"
        );
        assert_eq!((&object["result"], &object["token"]["state"]), (&json!("done"), &json!("renewed")));
    }
}

#[test]
fn a_record_that_cannot_be_read_keeps_no_event_back() {
    let world = told_world(3600);
    std::fs::write(world.files.state("notified.json"), "{").unwrap();
    let object = world.json(0, &["status"]);
    assert_eq!(words(&world), ["token_renewed"]);
    assert!(object["warnings"].to_string().contains("notified.json"), "{object:#}");
    assert_eq!(std::fs::read_to_string(world.files.state("notified.json")).unwrap(), "{", "kept for a person");
}
