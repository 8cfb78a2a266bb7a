//! What lasts between runs: every file is named in docs/state-files.md with how long it stays, and none grows for ever.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

use chrono::TimeDelta;
use serde_json::json;

use crate::support::harness::World;

/// The table of docs/state-files.md: each name with the text on how long it stays.
fn table() -> BTreeMap<String, String> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/state-files.md")).unwrap();
    let mut table = BTreeMap::new();
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 3, "{row}");
        assert!(!cells[1].is_empty() && !cells[2].is_empty(), "what it is, or how long it stays, is not said: {row}");
        for name in cells[0].split('`').skip(1).step_by(2) {
            assert!(table.insert(name.to_owned(), cells[2].to_owned()).is_none(), "{name} has two rows");
        }
    }
    table
}

/// A file's name as the table writes it.
fn as_in_table(name: &str) -> String {
    let month = |name: &str| name.strip_prefix("orders-").is_some_and(|rest| rest.len() == "2023-05.jsonl".len());
    for stem in ["api_token.json.bad-", "journal.torn-"] {
        if name.starts_with(stem) {
            return format!("{stem}…");
        }
    }
    for (stem, end) in [("equity_days_", ".json"), ("equity_", ".json"), ("last_run_", ".json")] {
        if name.starts_with(stem) && name.ends_with(end) {
            return format!("{stem}….json");
        }
    }
    // A folder, with one for each program.
    if name == "rules" {
        return "rules/NAME/".to_owned();
    }
    if month(name) { "orders-YYYY-MM.jsonl".to_owned() } else { name.to_owned() }
}

fn names(world: &World) -> Vec<String> {
    let entries = std::fs::read_dir(world.files.state("")).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Lets a rule of the user's have its say, which is nothing.
fn with_a_rule(world: &mut World) {
    let rule = world.files.path("rule.sh");
    std::fs::write(&rule, "#!/bin/sh\necho '{\"protocol\":1,\"orders\":[]}'\n").unwrap();
    std::fs::set_permissions(&rule, std::fs::Permissions::from_mode(0o700)).unwrap();
    let command = rule.display();
    world.strategy(&format!(
        "name = \"mine\"\nkind = \"program\"\ncommand = [\"{command}\"]\nsymbols = [\"GOOGL\"]\nprincipal_usd = 1000\n"
    ));
}

/// Two months with everything that leaves a file: orders, fills, a torn journal, an unusable token, a hook, a rule, a halt.
fn long_run() -> World {
    let mut world = World::paper();
    with_a_rule(&mut world);
    world.set("notify.command", r#"["/bin/true"]"#).set("buy.watch", r#"["AAPL", "AMZN"]"#);
    world.sim.price("AAPL", "95", "100");
    world.sim.price("AMZN", "110", "109");
    world.sim.hold("AMZN", 5, "100");
    // A person's own table has the name.
    assert_eq!(world.run(&["token-check"]).code, 0);
    std::fs::write(world.files.state("trades.csv"), "my;own;table\n").unwrap();
    for days in 0..40 {
        world.set_clock(
            "2023-05-24T14:30:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap() + TimeDelta::days(days),
        );
        for command in ["token-check", "sell", "buy", "cleanup", "status"] {
            let code = world.run(&["-q", command]).code;
            assert!(code == 0, "day {days}: {command} ended with {code}");
        }
        if days % 2 == 0 {
            std::fs::write(world.files.state("api_token.json"), format!("torn {days}")).unwrap();
        }
        if days % 8 == 0 {
            let path = world.files.journal_path();
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, format!("{text}{{\"v\":1,\"torn")).unwrap();
        }
    }
    assert_eq!(world.run(&["status", "--html", "page.html"]).code, 0);
    // A clock that was wrong.
    world.now -= TimeDelta::minutes(10);
    assert_eq!(world.run(&["status"]).code, 0);
    std::fs::write(world.files.state("HALT"), "enough\n").unwrap();
    world
}

#[test]
fn every_file_of_a_long_run_is_named_in_the_docs_with_how_long_it_stays() {
    let (world, table) = (long_run(), table());
    let left = names(&world);
    for name in &left {
        assert!(table.contains_key(&as_in_table(name)), "{name} is not in the table of docs/state-files.md");
    }
    // What the table names is there: nothing in it is made up. sell.want is there only while a sell waits, or since.
    for name in table.keys().filter(|name| *name != "sell.want") {
        assert!(left.iter().any(|left| as_in_table(left) == *name), "{name} is in the table, and not among {left:?}");
    }
    let count = |stem: &str| left.iter().filter(|name| name.starts_with(stem)).count();
    assert_eq!(count("api_token.json.bad-"), 10, "20 were set aside, the newest stay");
    assert!(table["api_token.json.bad-…"].contains("newest 10") && table["journal.torn-…"].contains("newest 100"));
    assert!(!left.iter().any(|name| name.starts_with(".tmp-")), "{left:?}");
}

#[test]
fn files_that_every_run_rewrites_do_not_grow() {
    let mut world = World::paper();
    world.set("notify.command", r#"["/bin/true"]"#);
    let run_all = |world: &World| {
        for command in ["token-check", "sell", "buy", "cleanup", "status"] {
            assert_eq!(world.run(&["-q", command]).code, 0);
        }
    };
    let sizes = |world: &World| -> BTreeMap<String, u64> {
        let size = |name: String| (name.clone(), std::fs::metadata(world.files.state(&name)).unwrap().len());
        names(world).into_iter().map(size).collect()
    };
    run_all(&world);
    world.advance(120);
    run_all(&world);
    let before = sizes(&world);
    for _ in 0..10 {
        world.advance(120);
        run_all(&world);
    }
    let after = sizes(&world);
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    for (name, size) in after {
        // Samples of a few dates and the ends of a few runs; else another reason word, a digit more or less.
        let is_bounded_list = name.starts_with("equity_") || name.starts_with("last_run_");
        let most = if is_bounded_list { 8 << 10 } else { before[&name] + 64 };
        assert!(size <= most, "{name} went from {} to {size} bytes", before[&name]);
    }
    assert_eq!(world.json(0, &["status"])["exit_code"], json!(0));
}
