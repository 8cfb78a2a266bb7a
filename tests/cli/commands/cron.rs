//! What cron's mail gets, duplicate starts, and rehearsals that change nothing.

use serde_json::json;

use crate::support::harness::{EVENING, Mode, World};

fn said(world: &World, arguments: &[&str]) -> (i32, bool) {
    let run = world.run(arguments);
    let is_told = !run.stdout.is_empty() || !run.stderr.is_empty();
    (run.code, is_told)
}

#[test]
fn a_success_is_one_line_and_none_with_q() {
    for world in [World::paper(), World::real()] {
        let banner = if world.sim.account() == "paper" { "[PAPER]" } else { "[REAL]" };
        for command in ["sell", "cleanup", "token-check"] {
            let run = world.run(&[command]);
            assert_eq!((run.code, run.stderr.as_str()), (0, ""));
            assert!(run.line().starts_with(&format!("{command} {banner}: ")), "{}", run.stdout);
            assert_eq!(said(&world, &["-q", command]), (0, false), "{command}");
        }
        assert_eq!(said(&world, &["-q", "status"]), (0, false));
    }
}

#[test]
fn with_q_the_first_of_equal_failures_is_told_and_again_after_an_hour() {
    let mut world = World::new(Mode::Paper, EVENING);
    assert_eq!(said(&world, &["-q", "sell"]), (0, false));
    std::fs::write(world.files.state("HALT"), "wait").unwrap();
    assert_eq!(said(&world, &["-q", "sell"]), (80, true), "the first one is told");
    world.advance(30 * 60);
    assert_eq!(said(&world, &["-q", "sell"]), (80, false), "the same, half an hour later");
    assert_eq!(said(&world, &["-q", "buy"]), (80, true), "another command tells its own first one");
    world.advance(29 * 60);
    assert_eq!(said(&world, &["-q", "sell"]), (80, false), "the same, 59 minutes after it was told");
    world.advance(2 * 60);
    assert_eq!(said(&world, &["-q", "sell"]), (80, true), "the hourly one");
    world.advance(60);
    assert_eq!(said(&world, &["-q", "sell"]), (80, false), "and silent again");
    std::fs::remove_file(world.files.state("HALT")).unwrap();
    assert_eq!(said(&world, &["-q", "sell"]), (0, true), "the recovery is told");
    assert_eq!(said(&world, &["-q", "sell"]), (0, false), "once");
}

#[test]
fn with_q_another_failure_is_news() {
    let world = World::paper();
    assert_eq!(said(&world, &["-q", "sell"]), (0, false));
    std::fs::write(world.files.state("HALT"), "wait").unwrap();
    assert_eq!(said(&world, &["-q", "sell"]), (80, true));
    std::fs::remove_file(world.files.state("HALT")).unwrap();
    world.sim.fault("ccnl", "html", json!({ "times": 100 }));
    assert_eq!(said(&world, &["-q", "sell"]), (69, true), "another code");
    assert_eq!(said(&world, &["-q", "sell"]), (69, false));
}

#[test]
fn without_q_every_failure_is_told() {
    let world = World::paper();
    assert_eq!(world.run(&["cleanup"]).code, 0);
    std::fs::write(world.files.state("HALT"), "wait").unwrap();
    for _ in 0..3 {
        assert_eq!(said(&world, &["sell"]), (80, true));
    }
}

#[test]
fn a_configuration_error_is_told_with_q() {
    let mut world = World::paper();
    world.set("buy.wtach", "[]");
    assert_eq!(said(&world, &["-q", "sell"]), (78, true));
}

#[test]
fn a_second_start_within_the_interval_ends_quietly() {
    let mut world = World::paper();
    world.set("lock.min_interval_seconds", "60");
    for symbol in ["AAPL", "AMZN", "TSLA"] {
        world.sim.price(symbol, "95", "100");
    }
    world.sim.control("POST", "/fills", json!({ "mode": "at_once" }));
    for command in ["buy", "sell"] {
        assert_eq!(world.run(&[command]).code, 0);
        world.sim.forget_requests();
        let object = world.json(0, &[command]);
        assert_eq!(
            (&object["result"], &object["reason"]),
            (&json!("nothing_to_do"), &json!("ran_just_now")),
            "{command}"
        );
        assert!(world.sim.requests().is_empty());
        let dry = world.json(0, &[command, "--dry-run"]);
        assert_ne!(dry["reason"], "ran_just_now", "a rehearsal is always possible");
    }
    world.advance(61);
    assert_ne!(world.json(0, &["sell"])["reason"], "ran_just_now");
    let mut world = World::paper();
    world.set("lock.min_interval_seconds", "0");
    assert_eq!(world.json(0, &["sell"])["reason"], "no_position");
    assert_eq!(world.json(0, &["sell"])["reason"], "no_position", "0 turns it off");
}

#[test]
fn a_run_that_ended_just_now_by_itself_does_not_hold_the_next_one_up_for_ever() {
    let mut world = World::paper();
    world.set("lock.min_interval_seconds", "60");
    assert_eq!(world.json(0, &["sell"])["reason"], "no_position");
    for _ in 0..3 {
        world.advance(25);
        world.run(&["sell"]);
    }
    assert_eq!(world.json(0, &["status"])["last_runs"]["sell"]["reason"], "no_position", "75 s after the first one");
}

#[test]
fn halted_is_told_before_a_duplicate_start() {
    let mut world = World::paper();
    world.set("lock.min_interval_seconds", "60");
    assert_eq!(world.run(&["sell"]).code, 0);
    std::fs::write(world.files.state("HALT"), "  \u{1b}[31mfirst line\u{7}\nsecond").unwrap();
    let run = world.run(&["sell"]);
    assert_eq!(run.code, 80);
    assert!(run.stderr.contains("first line") && !run.stderr.contains("second"), "{}", run.stderr);
    assert!(!run.stderr.contains('\u{1b}') && !run.stderr.contains('\u{7}'), "{:?}", run.stderr);
}

#[test]
fn a_dry_run_sends_nothing_and_leaves_every_file_as_it_is() {
    for mut world in [World::paper(), World::real()] {
        world.set("buy.watch", r#"["AAPL", "AMZN", "TSLA"]"#);
        world.sim.price("AAPL", "95", "100");
        world.sim.price("AMZN", "90", "100");
        world.sim.price("TSLA", "107", "100");
        world.sim.hold("TSLA", 5, "100");
        world.sim.control("POST", "/fills", json!({ "mode": "never" }));
        world.set("buy.picks", "1");
        assert_eq!(world.run(&["buy"]).code, 0);
        world.advance(25 * 60);
        world.sim.control(
            "POST",
            "/orders/fill",
            json!({ "account": world.sim.account(), "order_id": world.sim.orders()[0]["order_id"], "quantity": 3 }),
        );
        let (files, ledger, posts) = (world.files.state_files(), world.sim.ledger(), world.sim.order_posts());
        world.sim.price("AAPL", "85", "100");
        let buy = world.json(0, &["buy", "--dry-run"]);
        assert_eq!((&buy["orders"][0]["state"], &buy["orders"][0]["intent_id"]), (&json!("planned"), &json!(null)));
        assert_eq!((&buy["orders"][0]["symbol"], &buy["dry_run"]), (&json!("AAPL"), &json!(true)));
        let sell = world.json(0, &["sell", "--dry-run"]);
        assert_eq!((&sell["orders"][0]["state"], &sell["orders"][0]["symbol"]), (&json!("planned"), &json!("TSLA")));
        let cleanup = world.json(0, &["cleanup", "--dry-run"]);
        assert_eq!(cleanup["cancelled"][0]["quantity"], 19, "{cleanup:#}");
        assert_eq!(world.files.state_files(), files);
        assert_eq!((world.sim.ledger(), world.sim.order_posts()), (ledger, posts));
        assert!(!world.sim.requests().iter().any(|id| id.ends_with("1004U")), "a dry run cancelled something");
    }
}

#[test]
fn a_dry_run_on_a_fresh_directory_leaves_no_journal() {
    let world = World::paper();
    world.sim.price("AAPL", "95", "100");
    assert_eq!(world.run(&["buy", "--dry-run"]).code, 0);
    let names: Vec<String> = world.files.state_files().into_keys().collect();
    assert_eq!(names, [".gitignore", "api_token.json", "token_attempt.json"]);
}

#[test]
fn a_dry_run_says_what_it_would_do() {
    let mut world = World::paper();
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    let run = world.run(&["buy", "--dry-run"]);
    let order = "  AAPL  fell_most  fell 5.00 % from yesterday's close; buy 21 @ 95.00 would be sent";
    assert_eq!(run.lines(), ["buy [PAPER]: dry run, would send 1 order", order]);
    world.sim.hold("AAPL", 3, "80");
    let run = world.run(&["sell", "--dry-run"]);
    let order = "  AAPL  애플  take_profit  profit 18.75 % of cost 80.00; sell 3 @ 95.00 would be sent";
    assert_eq!(run.lines(), ["sell [PAPER]: dry run, would send 1 order", order]);
}

#[test]
fn the_state_directory_and_its_files_are_the_owners_alone_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::paper();
    world.sim.price("AAPL", "95", "100");
    let inner = world.command(&["buy"]);
    let mut outer = std::process::Command::new("/bin/sh");
    outer.args(["-c", r#"umask 000; exec "$0" "$@""#]).arg(inner.get_program()).args(inner.get_args());
    outer.env_clear().envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    assert!(outer.current_dir(inner.get_current_dir().unwrap()).status().unwrap().success());
    assert_eq!(world.run(&["status"]).code, 0);
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&world.files.state("")), 0o700);
    for entry in std::fs::read_dir(world.files.state("")).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_closed_or_full_output_undoes_nothing() {
    let mut world = World::paper();
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let status = world.command(&["buy"]).stdout(full.try_clone().unwrap()).stderr(full).status().unwrap();
    assert_eq!(status.code(), Some(0));
    assert_eq!(world.sim.orders().len(), 1);
    assert_eq!(world.files.journal_kinds(), ["intent", "outcome"]);
}

#[test]
fn secrets_are_never_told() {
    let mut world = World::paper();
    world.env("RUST_LOG", "trace").set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    let mut told = String::new();
    for arguments in [
        &["-v", "buy"][..],
        &["-v", "sell"],
        &["-v", "cleanup"],
        &["-v", "status"],
        &["--json", "status"],
        &["-v", "token-check"],
    ] {
        let run = world.run(arguments);
        assert_eq!(run.code, 0);
        told += &(run.stdout + &run.stderr);
    }
    let token = world.files.token_file()["access_token"].as_str().unwrap().to_owned();
    let mut files = world.files.state_files();
    files.remove("api_token.json");
    told += &files.into_values().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect::<String>();
    for (name, secret) in [
        ("app key", kis_sim::PAPER_KEY),
        ("app secret", &kis_sim::paper_secret()[..40]),
        ("token", &token[..24]),
        ("account", &kis_sim::PAPER_ACCOUNT[..8]),
    ] {
        assert!(!told.contains(secret), "the {name} is told");
    }
    assert!(told.contains("****0001-01"));
}

/// The page can't be written, and a little later it can't be written for another reason.
#[test]
fn a_second_failure_of_the_page_is_told_within_the_hour() {
    let mut world = World::paper();
    let said = |world: &World, file: &str| {
        let run = world.run(&["-q", "status", "--html", file]);
        assert_eq!(run.code, 74, "{}", run.stderr);
        !run.stderr.is_empty()
    };
    assert!(said(&world, "nowhere/status.html"));
    world.advance(60);
    assert!(!said(&world, "nowhere/status.html"), "the same again");
    assert!(said(&world, "config.toml"), "there is a file that is no page");
    world.advance(60);
    assert!(!said(&world, "config.toml"));
}
