//! `api_token.json`, the one state file that heals itself, and the record of attempts beside it.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

use serde_json::{Value, json};

use super::{KINDS, damages, remove};
use crate::faults::bad_input::config::is_root;
use crate::faults::bad_input::table::{Bench, Row, Site, Told, row};

const NAME: &str = "api_token.json";

/// 2023-05-24T14:30:00Z
const NOW: i64 = 1_684_938_600;

fn was_set_aside(site: &Site, told: &Told) -> Result<(), String> {
    let token = &told.object["token"];
    if site.states("api_token.json.bad-").len() != 1 {
        return Err(format!("set aside: {:?}", site.states(NAME)));
    }
    if token["state"] == "renewed" && token["renewed"] == true && is_whole(site) {
        Ok(())
    } else {
        Err(format!("token {token}"))
    }
}

fn was_renewed(site: &Site, told: &Told) -> Result<(), String> {
    let token = &told.object["token"];
    let is_alone = site.states("api_token.json.bad-").is_empty();
    if token["state"] == "renewed" && is_whole(site) && is_alone { Ok(()) } else { Err(format!("token {token}")) }
}

fn was_used(site: &Site, told: &Told) -> Result<(), String> {
    let token = &told.object["token"];
    let is_alone = site.states("api_token.json.bad-").is_empty();
    if token["state"] == "valid" && is_alone { Ok(()) } else { Err(format!("token {token}")) }
}

fn is_whole(site: &Site) -> bool {
    let value: Value = serde_json::from_slice(&site.read_state(NAME)).unwrap_or_default();
    let mode = fs::metadata(site.state(NAME)).unwrap().mode() & 0o777;
    value["version"] == 1 && value["access_token"].is_string() && mode == 0o600
}

/// The good file after a change.
fn changed(site: &mut Site, change: impl Fn(&mut Value)) {
    let mut value: Value = serde_json::from_slice(&site.read_state(NAME)).unwrap();
    change(&mut value);
    // The minute between two requests is another row's business.
    remove(site, "token_attempt.json");
    site.write_state(NAME, value.to_string().as_bytes());
}

fn bad(name: &str, content: impl Into<Vec<u8>>) -> Row<'static> {
    let content = content.into();
    row(format!("{name} is set aside"), 0, "api_token.json.bad-", move |site| {
        remove(site, "token_attempt.json");
        site.write_state(NAME, &content);
    })
    .after(was_set_aside)
}

fn bad_key(key: &'static str, value: Value) -> Row<'static> {
    row(
        format!("{key} {} is set aside", value.to_string().chars().take(40).collect::<String>()),
        0,
        "bad-",
        move |site| {
            changed(site, |file| file[key] = value.clone());
        },
    )
    .after(was_set_aside)
}

#[test]
fn what_cannot_be_used_is_set_aside() {
    let mut rows: Vec<Row<'_>> = damages().into_iter().map(|(name, content)| bad(name, content)).collect();
    rows.extend([
        bad("no object", "\"text\""),
        bad("HTML", "<html></html>"),
        bad("a byte order mark", "\u{feff}{}"),
        bad("NaN", "{\"access_token\":\"x\",\"expires_at\":NaN,\"version\":null}"),
        bad("an infinite expiry", "{\"access_token\":\"x\",\"expires_at\":1e400}"),
        bad("a key twice", "{\"access_token\":\"x\",\"access_token\":\"y\",\"expires_at\":"),
        bad_key("access_token", json!(null)),
        bad_key("access_token", json!("")),
        bad_key("access_token", json!(5)),
        bad_key("access_token", json!(["x"])),
        bad_key("access_token", json!("two words")),
        bad_key("access_token", json!("a line\r\nX-Injected: 1")),
        bad_key("access_token", json!("\u{1b}[2J")),
        bad_key("access_token", json!("토큰")),
        bad_key("access_token", json!("x".repeat(5000))),
        bad_key("expires_at", json!(null)),
        bad_key("expires_at", json!("1684938600")),
        bad_key("expires_at", json!("soon")),
        bad_key("expires_at", json!(-1)),
        bad_key("expires_at", json!(-1.5)),
        bad_key("expires_at", json!(NOW * 1000)),
        bad_key("expires_at", json!(1e300)),
        bad_key("expires_at", json!(u64::MAX)),
        bad_key("expires_at", json!(true)),
        bad_key("expires_at", json!([NOW + 80_000])),
        bad_key("env", json!("real")),
        bad_key("env", json!(1)),
        bad_key("base_url", json!("https://openapi.koreainvestment.com:9443")),
        bad_key("appkey_print", json!("00000000")),
        bad_key("version", json!("1")),
        bad_key("version", json!(0)),
    ]);
    rows.push(
        row("a directory is set aside", 0, "api_token.json.bad-", |site| {
            remove(site, NAME);
            remove(site, "token_attempt.json");
            fs::create_dir(site.state(NAME)).unwrap();
        })
        .after(was_set_aside),
    );
    rows.push(
        row("10 MB are set aside", 0, "api_token.json.bad-", |site| {
            remove(site, "token_attempt.json");
            site.write_state(NAME, b"");
            File::options().write(true).open(site.state(NAME)).unwrap().set_len(10 << 20).unwrap();
        })
        .after(was_set_aside),
    );
    Bench::new().check(rows);
}

#[test]
fn what_can_be_used_is_used_or_renewed() {
    let four_keys = |site: &mut Site, expires_at: Value| {
        changed(site, |file| {
            *file = json!({ "access_token": file["access_token"], "expires_at": expires_at, "created_at": 0,
                "expires_datetime": "nonsense" });
        });
    };
    let mut rows = vec![
        row("four keys", 0, "planned", move |site| four_keys(site, json!(NOW + 80_000))).after(was_used),
        row("a fraction of a second", 0, "planned", move |site| four_keys(site, json!(1_685_018_600.75)))
            .after(was_used),
        row("unknown keys beside ours", 0, "planned", |site| changed(site, |file| file["more"] = json!([1])))
            .after(was_used),
        row("stale words for people", 0, "planned", |site| {
            changed(site, |file| {
                for key in ["expires_datetime", "expires_at_utc", "issued_at_utc", "token_print", "created_at"] {
                    file[key] = json!("nonsense");
                }
            });
        })
        .after(was_used),
        row("missing", 0, "planned", |site| {
            remove(site, NAME);
            remove(site, "token_attempt.json");
        })
        .after(was_renewed),
        row("others could read it", 0, "0600", |site| {
            fs::set_permissions(site.state(NAME), Permissions::from_mode(0o644)).unwrap();
        })
        .after(|site, _| if is_whole(site) { Ok(()) } else { Err("it still is open".to_owned()) }),
    ];
    for (name, expires_at) in [
        ("dead since 1970", json!(0)),
        ("dead since yesterday", json!(NOW - 86_400)),
        ("dead this second", json!(NOW)),
        ("alive for exactly four hours", json!(NOW + 14_400)),
        ("alive for more than 25 hours", json!(NOW + 90_060)),
        ("alive until 9999", json!(253_402_300_799_i64)),
    ] {
        rows.push(row(name, 0, "planned", move |site| four_keys(site, expires_at.clone())).after(was_renewed));
    }
    Bench::new().check(rows);
}

#[test]
fn what_must_not_be_touched() {
    let kept = |site: &Site, _: &Told| {
        if site.states("api_token.json.bad-").is_empty() { Ok(()) } else { Err("it was set aside".to_owned()) }
    };
    let mut rows = vec![
        row("a newer version", 65, "version 2", |site| changed(site, |file| file["version"] = json!(2))).after(kept),
        row("a version of 2^64", 0, "bad-", |site| changed(site, |file| file["version"] = json!(1e30)))
            .after(was_set_aside),
    ];
    for arguments in [&["token-check"][..], &["token-check", "--force"], &["token-check", "--offline"], &["status"]] {
        rows.push(
            row(format!("a newer version, {arguments:?}"), 65, "version 2", move |site| {
                changed(site, |file| file["version"] = json!(2));
                site.arguments(arguments);
            })
            .after(kept),
        );
    }
    for (what, put) in KINDS.into_iter().filter(|(what, _)| *what != "a directory") {
        rows.push(row(what, 78, NAME, move |site| {
            remove(site, NAME);
            put(site, NAME);
        }));
    }
    if is_root() {
        rows.push(row("of somebody else", 78, "another user", |site| {
            chown(site.state(NAME), Some(12_345), None).unwrap();
        }));
    }
    rows.push(
        row("nothing is set aside without a request", 77, "api_token.json", |site| {
            site.write_state(NAME, b"{");
            site.arguments(["token-check", "--offline"]);
        })
        .after(kept),
    );
    Bench::new().check(rows);
}

#[test]
fn the_record_of_attempts() {
    let name = "token_attempt.json";
    let mut rows = Vec::new();
    for (what, content) in damages() {
        let again = content.clone();
        rows.push(
            row(format!("{what}, with a live token"), 0, name, move |site| site.write_state(name, &content))
                .after(was_used),
        );
        rows.push(row(format!("{what}, without a token"), 65, name, move |site| {
            site.write_state(name, &again);
            remove(site, NAME);
        }));
    }
    rows.push(row("a newer version", 65, "version 2", move |site| site.write_state(name, b"{\"version\":2}")));
    for (what, put) in KINDS {
        rows.push(row(what, 78, name, move |site| {
            remove(site, name);
            put(site, name);
        }));
    }
    // Whatever the record says, it can't stop the program for longer than its own limit.
    for (what, last, not_before) in [
        ("an attempt in ten years", "2033-05-24T14:30:00Z", json!(null)),
        ("no request before ten years", "2023-05-24T14:00:00Z", json!("2033-05-24T14:30:00Z")),
    ] {
        rows.push(row(what, 0, "planned", move |site| {
            let mut record: Value = serde_json::from_slice(&site.read_state(name)).unwrap();
            record["last_attempt"] = json!(last);
            record["not_before"] = not_before.clone();
            site.write_state(name, record.to_string().as_bytes());
            remove(site, NAME);
        }));
    }
    Bench::new().check(rows);
}
