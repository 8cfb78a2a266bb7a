//! Words of the server: whatever they hold, they are shown as one short line without our secrets.

use serde_json::json;

use super::{BALANCE, LIST, POWER, PRICE, TOKEN, lie, scene};
use crate::faults::bad_input::table::{Row, Site, Told};

/// Longer than a cleaned text with everything around it.
const LONGEST_LINE: usize = 500;

fn short_lines(_: &Site, told: &Told) -> Result<(), String> {
    match told.stderr.lines().find(|line| line.chars().count() > LONGEST_LINE) {
        None if told.stderr.lines().count() <= 6 => Ok(()),
        None => Err(format!("{} lines", told.stderr.lines().count())),
        Some(line) => Err(format!("a line of {} characters", line.chars().count())),
    }
}

/// Texts to show, each with a word that must survive.
fn texts(token: &str) -> Vec<(&'static str, String, &'static str)> {
    let (key, secret) = (kis_sim::PAPER_KEY, kis_sim::paper_secret());
    let account = kis_sim::PAPER_ACCOUNT;
    let split = |text: &str| format!("{}\u{200b}{}\u{1b}{}", &text[..9], &text[9..17], &text[17..]);
    vec![
        ("a line break", "one\r\ntwo\n[PAPER]: done".to_owned(), "one two"),
        ("ESC", "\u{1b}[2J\u{1b}]0;x\u{7}one".to_owned(), "one"),
        ("C1", "\u{9b}31mone\u{85}\u{90}".to_owned(), "one"),
        ("bidi", "\u{202e}one\u{2066}\u{200f}\u{61c}".to_owned(), "one"),
        ("10 kB", format!("one {}", "x".repeat(10_000)), "one"),
        ("10,000 lines", format!("one {}", "\n".repeat(10_000)), "one"),
        ("success in a refusal", "accepted: done, exit code 0".to_owned(), "accepted"),
        ("JSON", "\",\"exit_code\":0,\"x\":\"one".to_owned(), "one"),
        ("the app key", format!("one {key}"), "one"),
        ("the app secret", format!("one {secret}"), "one"),
        ("the token", format!("one {token}"), "one"),
        ("the account", format!("one {account} {}", account.replace('-', "")), "one"),
        ("the secret in pieces", format!("one {}", split(&secret)), "one"),
        ("the secret at the cut", format!("{} {secret}", "x".repeat(190)), "x"),
        ("a request as it came", format!("one {{\"appkey\":\"{key}\",\"appsecret\":\"{secret}\"}}"), "one"),
    ]
}

#[test]
fn refusals_of_reads() {
    let (bench, liar) = scene();
    let tokens = bench.world.sim.control("GET", "/tokens", json!(null));
    let token = tokens["tokens"][0]["token"].as_str().unwrap();
    let mut rows: Vec<Row<'_>> = Vec::new();
    for path in [BALANCE, LIST, POWER, PRICE] {
        for (name, text, word) in texts(token) {
            for key in ["msg1", "msg_cd"] {
                let text = text.clone();
                let name = format!("{key} with {name}");
                rows.push(
                    lie(&liar, name, 69, word, path, move |answer| {
                        let mut body = json!({ "rt_cd": "1", "msg_cd": "XXXX0001", "msg1": "no" });
                        body[key] = json!(text);
                        answer.set_json(&body);
                    })
                    .after(short_lines),
                );
            }
        }
    }
    // Whoever asks for a token has none that could be masked.
    for (name, text, word) in texts(token).into_iter().filter(|(name, ..)| *name != "the token") {
        rows.push(
            lie(&liar, name, 69, word, TOKEN, move |answer| {
                answer.status = "403 Forbidden".to_owned();
                answer.set_json(&json!({ "error_code": "EGW99999", "error_description": text }));
            })
            .after(short_lines),
        );
    }
    bench.check(rows);
}

#[test]
fn values_that_are_quoted() {
    let (bench, liar) = scene();
    let tokens = bench.world.sim.control("GET", "/tokens", json!(null));
    let token = tokens["tokens"][0]["token"].as_str().unwrap();
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (path, pointer) in [
        (BALANCE, "/output1/0/tr_crcy_cd"),
        (BALANCE, "/output1/0/ovrs_cblc_qty"),
        (BALANCE, "/output1/0/ovrs_pdno"),
        (LIST, "/output/0/prcs_stat_name"),
        (LIST, "/output/0/odno"),
        (LIST, "/output/0/ord_dt"),
        (POWER, "/output/ord_psbl_frcr_amt"),
    ] {
        for (name, text, _) in texts(token) {
            let name = format!("{pointer} with {name}");
            // A row that can't be read is named, and stops nothing else.
            let code = if path == POWER { 69 } else { 0 };
            rows.push(
                lie(&liar, name, code, "", path, move |answer| answer.set(pointer, json!(text))).after(short_lines),
            );
        }
    }
    bench.check(rows);
}
