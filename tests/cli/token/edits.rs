//! What users and their older tools do to `api_token.json`, with the one-liners they use. The time is the machine's own,
//! as it is for them. Needs python3 and jq; `scripts/check.sh` installs what is missing.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

use crate::support::harness::{Mode, World, rfc3339};

/// A world of today with a token of seven hours ago, so that KIS would give a new one; and that token.
fn world_of_today() -> (World, String) {
    let mut world = World::new(Mode::Paper, &rfc3339(Utc::now()));
    let token = world.have_old_token();
    (world, token)
}

/// Runs a line of shell in the state directory, as a user with the usual umask.
fn shell(world: &World, line: &str) {
    for tool in ["python3", "jq"].into_iter().filter(|tool| line.contains(tool)) {
        let found = Command::new("sh").args(["-c", &format!("command -v {tool}")]).output().unwrap();
        assert!(found.status.success(), "{tool} is not installed: run scripts/check.sh, or apt-get install {tool}");
    }
    let mut command = Command::new("sh");
    command.args(["-c", &format!("umask 022; {line}")]).current_dir(world.files.state(""));
    command
        .env("KIS_TRADE_STATE_DIR", world.files.state(""))
        .env("SCRIPTS", concat!(env!("CARGO_MANIFEST_DIR"), "/scripts"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
}

fn mode_of_token_file(world: &World) -> u32 {
    world.files.state("api_token.json").metadata().unwrap().permissions().mode() & 0o777
}

/// The next run renews the token, once, and the one after it has nothing to do.
fn assert_renewed_by_the_next_run(world: &World, old: &str, line: &str) -> Value {
    let object = world.json(0, &["status"]);
    assert_eq!(
        (&object["token"]["state"], &object["token"]["renewed"]),
        (&json!("renewed"), &json!(true)),
        "{line}: {object:#}"
    );
    let file = world.files.token_file();
    assert_ne!(file["access_token"], old, "{line}");
    assert_eq!(file["expires_at"], (world.now + TimeDelta::hours(24)).timestamp(), "{line}");
    let used: Vec<Value> = world.sim.request_records().iter().map(|request| request["token"].clone()).collect();
    assert!(used.iter().all(|token| *token != old), "{line}: the old token was used");
    assert_eq!(world.json(0, &["token-check"])["token"]["state"], "valid", "{line}");
    assert_eq!((world.sim.issues(), mode_of_token_file(world)), (2, 0o600), "{line}");
    object
}

#[test]
fn an_edit_in_python_rehearses_an_expiry() {
    for expires_at in
        ["int(time.time()) + 3600", "time.time() + 3600", "time.time() - 0.5", "0", "d['expires_at'] - 13 * 3600"]
    {
        let (world, old) = world_of_today();
        let before = world.files.token_file();
        let line = format!(
            r#"python3 -c "import json, time; d = json.load(open('api_token.json')); d['expires_at'] = {expires_at}; json.dump(d, open('api_token.json', 'w'))""#
        );
        shell(&world, &line);
        let after = world.files.token_file();
        assert_ne!(after["expires_at"], before["expires_at"], "{line}");
        for key in ["created_at", "expires_datetime", "issued_at_utc", "expires_at_utc"] {
            assert_eq!(after[key], before[key], "{line}: {key} goes stale, and says nothing");
        }
        let object = assert_renewed_by_the_next_run(&world, &old, &line);
        assert!(!object["warnings"].to_string().contains("api_token.json"), "written in place: {object:#}");
    }
}

#[test]
fn an_edit_in_jq_rehearses_an_expiry_and_its_open_mode_is_tightened() {
    for expires_at in ["(now | floor) + 3600", "now + 3600", "now", ".expires_at - 13 * 3600"] {
        let (world, old) = world_of_today();
        let line = format!("jq '.expires_at = ({expires_at})' api_token.json > t && mv t api_token.json");
        shell(&world, &line);
        assert_eq!(mode_of_token_file(&world), 0o644, "{line}");
        let object = assert_renewed_by_the_next_run(&world, &old, &line);
        let warnings = object["warnings"].to_string();
        assert!(warnings.contains("api_token.json") && warnings.contains("0600"), "{line}: {warnings}");
    }
}

#[test]
fn the_script_rehearses_an_expiry() {
    for seconds_left in ["", "3600", "-5"] {
        let (world, old) = world_of_today();
        let line = format!(r#""$SCRIPTS/expire-token.sh" {seconds_left}"#);
        shell(&world, &line);
        assert_eq!(mode_of_token_file(&world), 0o600);
        assert_renewed_by_the_next_run(&world, &old, &line);
    }
}

#[test]
fn a_file_that_an_older_python_tool_wrote_is_taken_over_as_it_is() {
    for now in ["time.time()", "int(time.time())"] {
        let (mut world, _) = world_of_today();
        assert_eq!(world.run(&["token-check", "--force"]).code, 0);
        let token = world.files.token_file()["access_token"].as_str().unwrap().to_owned();
        std::fs::remove_dir_all(world.files.state("")).unwrap();
        std::fs::create_dir(world.files.state("")).unwrap();
        world.sim.forget_requests();
        let line = format!(
            r#"python3 -c "import json, time; now = {now}; json.dump({{'access_token': '{token}', 'expires_at': now + 86400, 'created_at': now, 'expires_datetime': time.ctime(now + 86400)}}, open('api_token.json', 'w'), indent=4)""#
        );
        shell(&world, &line);
        let text = std::fs::read_to_string(world.files.state("api_token.json")).unwrap();
        for command in ["token-check", "status", "sell", "buy", "cleanup"] {
            let object = world.json(0, &[command]);
            assert_eq!(object["token"]["state"], "valid", "{object:#}");
        }
        world.advance(19 * 3600);
        assert_eq!(world.json(0, &["status"])["token"]["state"], "valid");
        assert!(world.sim.requests().iter().all(|id| *id != "/oauth2/tokenP"), "it is used, and none is asked for");
        assert!(world.sim.request_records().iter().all(|request| request["token"] == token));
        assert_eq!(std::fs::read_to_string(world.files.state("api_token.json")).unwrap(), text, "and left as it is");
        world.advance(3600 + 60);
        assert_eq!(world.json(0, &["status"])["token"]["state"], "renewed");
        let file = world.files.token_file();
        assert_ne!(file["access_token"], token);
        assert_eq!(file["version"], 1, "from now on in our own form: {file:#}");
    }
}
