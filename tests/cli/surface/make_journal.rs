//! A journal of many orders, as `scripts/make-journal.sh` makes it, in the hands of the program.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::harness::World;

/// Runs the script for a state directory; its generator comes from the build that tests this.
fn make_journal(world: &World, orders: &str) -> Output {
    let build = PathBuf::from(env!("CARGO_BIN_EXE_kis-trade")).parent().unwrap().to_owned();
    let maker = build.join("examples/make_journal");
    if !maker.exists() {
        let arguments = ["build", "--quiet", "--locked", "--example", "make_journal"];
        assert!(Command::new(env!("CARGO")).args(arguments).status().unwrap().success());
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/make-journal.sh");
    Command::new(script)
        .args([orders, world.files.state("").to_str().unwrap()])
        .env("MAKE_JOURNAL", maker)
        .env("KIS_ACCOUNT_NO", kis_sim::PAPER_ACCOUNT)
        .env("KIS_TRADE_NOW", "2023-05-24T14:30:00Z")
        .output()
        .unwrap()
}

#[test]
fn a_made_journal_is_read_and_carried_on() {
    let world = World::paper();
    let made = make_journal(&world, "40");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let lines = world.files.journal();
    let count = lines.len();
    assert!(String::from_utf8_lossy(&made.stdout).contains(&format!("40 orders, {count} lines")));
    let kinds = |lines: &[Value], kind: &str| lines.iter().filter(|line| line["kind"] == kind).count();
    assert_eq!(["intent", "outcome", "observed"].map(|kind| kinds(&lines, kind)), [40, 40, 40]);
    assert_eq!(kinds(&lines, "snapshot"), 2, "one opens the month, one stands inside");
    let made = world.files.journal_path();
    assert_eq!(made.file_name().unwrap(), "orders-2023-04.jsonl");
    let before = std::fs::read(&made).unwrap();

    let status = world.json(0, &["status"]);
    assert_eq!(status["open_orders"], Value::Array(vec![]), "all of them are filled");
    assert_eq!(status["unknown_orders"], Value::Array(vec![]));
    let bought = world.json(0, &["buy"]);
    assert_eq!(bought["orders"][0]["state"], "accepted", "{bought:#}");
    assert_eq!(std::fs::read(&made).unwrap(), before, "a month that is over stays as it is");
    let lines = world.files.journal();
    assert_eq!(lines[count]["kind"], "snapshot", "and the next one goes on from it");
    assert_eq!(lines[count]["prev"], lines[count - 1]["crc"]);
    assert_eq!(world.json(0, &["status"])["unknown_orders"], Value::Array(vec![]));
}

#[test]
fn a_directory_with_a_journal_gets_no_other() {
    let world = World::paper();
    assert!(make_journal(&world, "1").status.success());
    let before = world.files.state_files();
    let again = make_journal(&world, "1");
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("already holds a journal"));
    assert_eq!(world.files.state_files(), before);
    for orders in ["", "-1", "1e5", "x"] {
        assert_eq!(make_journal(&world, orders).status.code(), Some(2), "{orders}");
    }
}

#[test]
fn status_names_months_that_nobody_needs() {
    let world = World::paper();
    assert!(make_journal(&world, "1").status.success());
    let old = ["orders-2022-01.jsonl", "orders-2022-02.jsonl", "orders-2022-03.jsonl", "orders-2022-04.jsonl"];
    for (count, line) in [
        (0, None),
        (
            1,
            Some(
                "Old journal: orders-2022-01.jsonl; only `status --profit` reads it now, archive or delete it as you like",
            ),
        ),
        (
            4,
            Some(
                "Old journals: orders-2022-01.jsonl to orders-2022-03.jsonl; only `status --profit` reads these 3 now, archive or delete them as you like",
            ),
        ),
    ] {
        for name in &old[..count] {
            std::fs::write(world.files.state(name), "no journal").unwrap();
        }
        let run = world.run(&["status"]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        assert_eq!(run.stdout.lines().find(|line| line.starts_with("Old journal")), line);
        assert!(old[..count].iter().all(|name| world.files.state(name).exists()));
    }
}
