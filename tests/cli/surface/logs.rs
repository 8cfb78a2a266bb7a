//! The log: one run id a process, the same as in JSON and journal; UTC; quiet success; `RUST_LOG` decides.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::support::harness::{Run, World};

/// The lines of the log with time, run id, level and text; warnings and failures for people are left out.
fn log_lines(run: &Run) -> Vec<(DateTime<Utc>, String, String, String)> {
    let is_log = |line: &&str| line.starts_with(|c: char| c.is_ascii_digit());
    let split = |line: &str| {
        let parts: Vec<&str> = line.splitn(4, ' ').collect();
        assert!(parts.len() == 4 && parts[0].ends_with('Z') && parts[0].len() == 24, "{line}");
        (parts[0].parse().unwrap(), parts[1].to_owned(), parts[2].to_owned(), parts[3].to_owned())
    };
    let other = |line: &&str| {
        !is_log(line) && !line.starts_with("warning: ") && !line.starts_with(' ') && !line.starts_with("kis-trade ")
    };
    assert_eq!(run.stderr.lines().find(other), None, "a line without its time and run id");
    run.stderr.lines().filter(is_log).map(split).collect()
}

fn trading_world() -> World {
    let mut world = World::paper();
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    world
}

#[test]
fn every_line_has_the_run_id_of_its_process_and_json_and_journal_name_it_too() {
    let mut world = trading_world();
    world.env("RUST_LOG", "trace");
    let mut ids = BTreeSet::new();
    for command in ["token-check", "buy", "sell", "cleanup", "status"] {
        let before = world.files.journal().len();
        let run = world.run(&["--json", command]);
        let id = run.object()["run"].as_str().unwrap().to_owned();
        let lines = log_lines(&run);
        assert!(!lines.is_empty(), "{command}");
        assert!(lines.iter().all(|(_, run, ..)| *run == id), "{command} {id}: {}", run.stderr);
        for line in &world.files.journal()[before..] {
            assert_eq!(line["run"], id.as_str(), "{command}: {line:#}");
        }
        assert!(ids.insert(id), "{command}: two processes have one run id");
    }
    assert!(world.files.journal_kinds().contains(&"intent".to_owned()));
}

#[test]
fn a_run_that_fails_early_has_its_id_too() {
    let mut world = World::paper();
    world.set("buy.wtach", "[]");
    assert_eq!(world.json(78, &["sell"])["run"].as_str().unwrap().len(), 5);
    assert_eq!(world.json(2, &["hodl"])["run"].as_str().unwrap().len(), 5);
}

#[test]
fn times_are_utc_wherever_the_machine_stands() {
    let mut world = World::paper();
    world.env("TZ", "Asia/Seoul").env("RUST_LOG", "info");
    let lines = log_lines(&world.run(&["token-check"]));
    let (at, ..) = &lines[0];
    assert!((*at - world.now).num_seconds() < 60 && *at >= world.now, "{at}");
}

#[test]
fn rust_log_decides_and_else_the_command_line() {
    let lines = |filter: Option<&str>, arguments: &[&str]| {
        let mut world = World::paper();
        filter.map(|filter| world.env("RUST_LOG", filter));
        let run = world.run(arguments);
        assert_eq!(run.code, 0);
        log_lines(&run)
    };
    assert_eq!(lines(None, &["token-check"]), []);
    assert!(!lines(None, &["-v", "token-check"]).is_empty());
    assert_eq!(lines(Some("off"), &["-v", "token-check"]), []);
    let token = lines(Some("kis_trade::cmd::token=info"), &["-q", "sell"]);
    assert!(!token.is_empty() && token.iter().all(|(.., level, text)| level == "INFO" && text.starts_with("token: ")));
    assert_eq!(lines(Some("kis_trade::store=info"), &["sell"]), []);
}

#[test]
fn a_filter_that_makes_no_sense_stops_nothing() {
    let mut world = World::paper();
    world.env("RUST_LOG", "kis_trade=loudly,=,=");
    assert_eq!(world.run(&["token-check"]).code, 0);
}

#[test]
fn a_quiet_success_says_nothing_on_either_output() {
    let world = trading_world();
    for command in ["token-check", "buy", "sell", "cleanup", "status"] {
        let run = world.run(&["-q", command]);
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""), "{command}");
    }
}

#[test]
fn a_servers_words_make_no_line_of_their_own() {
    let mut world = World::paper();
    world.env("RUST_LOG", "trace");
    let message = "one\n2023-05-24T14:30:00.000Z AAAAA ERROR forged\u{1b}[31m";
    world.sim.fault("tokenP", "code", json!({ "code": "EGW00002", "message": message, "times": 9 }));
    let run = world.run(&["token-check"]);
    assert_eq!(run.code, 69);
    let lines = log_lines(&run);
    assert!(!lines.iter().any(|(_, run, ..)| run == "AAAAA") && !run.stderr.contains('\u{1b}'), "{}", run.stderr);
}
