//! Worlds in which the next run renews the token, and what must hold after such a run was killed or failed half way.

use std::os::unix::fs::PermissionsExt;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::support::harness::World;

/// From one token request to the next, at least.
const APART: TimeDelta = TimeDelta::seconds(65);
/// What a directory with a past never loses.
const KEPT: [&str; 3] = ["api_token.json", "token_attempt.json", "last_run_token_check.json"];
/// A token file that tells nothing.
pub const BAD: &[u8] = b"{\"access_token\": \"ey";

/// Nothing is there yet.
pub fn without_token() -> World {
    let mut world = World::paper();
    // One request a run, and the issue limit kept as it is in earnest: no run waits.
    world.set("token.attempts", "1").set("token.retry_delay_seconds", "65");
    world
}

/// The old token lives for three hours more.
pub fn with_due_token() -> World {
    with_left(3 * 3600)
}

/// The old token is dead.
pub fn with_dead_token() -> World {
    with_left(-60)
}

/// Nothing is there yet, and KIS's answer gets lost.
pub fn with_lost_answer() -> World {
    let world = without_token();
    world.sim.fault("tokenP", "drop_after", json!({}));
    world
}

/// The old token looks fresh, and KIS refuses it.
pub fn with_revoked_token() -> World {
    let world = with_left(10 * 3600);
    world.sim.control("POST", "/tokens/revoke", json!({}));
    world
}

/// The token file tells nothing.
pub fn with_bad_file() -> World {
    let world = with_left(10 * 3600);
    std::fs::write(world.files.state("api_token.json"), BAD).unwrap();
    world
}

fn with_left(seconds: i64) -> World {
    let mut world = without_token();
    world.have_old_token();
    world.files.edit_token_file("expires_at", json!((world.now + TimeDelta::seconds(seconds)).timestamp()));
    world
}

/// The token in the file.
pub fn token_of(world: &World) -> String {
    world.files.token_file()["access_token"].as_str().unwrap().to_owned()
}

/// How often KIS was asked for a token.
pub fn token_requests(world: &World) -> usize {
    world.sim.requests().iter().filter(|id| *id == "/oauth2/tokenP").count()
}

/// Every file is its owner's alone, and the JSON in it whole.
pub fn assert_whole(world: &World, told: &str) {
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let Ok(entries) = std::fs::read_dir(world.files.state("")) else { return };
    assert_eq!(mode(&world.files.state("")), 0o700, "{told}");
    for path in entries.map(|entry| entry.unwrap().path()) {
        assert_eq!(mode(&path), 0o600, "{told}: {}", path.display());
        let bytes = std::fs::read(&path).unwrap();
        if path.extension().is_some_and(|extension| extension == "json") && bytes != BAD {
            let parsed = serde_json::from_slice::<serde_json::Value>(&bytes);
            assert!(parsed.is_ok_and(|value| value.is_object()), "{told}: {} is torn", path.display());
        }
    }
}

/// What was there is there.
pub fn assert_kept(world: &World, told: &str) {
    let files = world.files.state_files();
    assert!(KEPT.iter().all(|name| files.contains_key(*name)), "{told}: {:?}", files.keys());
}

/// The bad token file is in one place, as it was; returns its name.
pub fn assert_bad_file_kept(world: &World, told: &str) -> String {
    let files = world.files.state_files();
    let mut places = files.into_iter().filter(|(_, bytes)| bytes == BAD).map(|(name, _)| name);
    let (place, second) = (places.next(), places.next());
    assert_eq!(second, None, "{told}: it is in two places");
    place.unwrap_or_else(|| panic!("{told}: the bad file is gone"))
}

/// KIS was never asked for a token too soon.
pub fn assert_asked_in_time(world: &World, told: &str) {
    let records = world.sim.request_records();
    let asked: Vec<_> = records.iter().filter(|request| request["path"] == "/oauth2/tokenP").collect();
    assert!(asked.iter().all(|request| request["msg_cd"] != "EGW00133"), "{told}: {asked:#?}");
    let at = |index: usize| asked[index]["at"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    assert!((1..asked.len()).all(|index| at(index) - at(index - 1) >= APART), "{told}: {asked:#?}");
}

/// The token in the file serves a run at this very minute, and `--offline` says so.
pub fn works_now(world: &World, told: &str) {
    for arguments in [&["token-check", "--offline"][..], &["status"]] {
        let run = world.run(arguments);
        assert_eq!(run.code, 0, "{told}: {arguments:?} said {}", run.stderr);
    }
}

/// 70 s later a run works, with a token that KIS takes; and the next renewal leaves nothing lying about.
pub fn works_later(world: &mut World, told: &str) {
    world.sim.control("DELETE", "/faults", json!({}));
    world.advance(70);
    let run = world.run(&["status"]);
    assert_eq!(run.code, 0, "{told}: {}{}", run.stdout, run.stderr);
    assert_whole(world, told);
    world.advance(7 * 3600);
    let run = world.run(&["--json", "token-check", "--force"]);
    assert_eq!(run.object()["token"]["renewed"], true, "{told}: {}{}", run.stdout, run.stderr);
    let files = world.files.state_files();
    assert!(files.keys().all(|name| !name.starts_with(".tmp-")), "{told}: left over: {:?}", files.keys());
    assert_asked_in_time(world, told);
}
