//! `token-check` as people read it.

use std::process::Stdio;

use serde_json::json;

use crate::support::harness::{World, wait_until};

#[test]
fn it_says_how_long_the_token_lives() {
    let mut world = World::real();
    let run = world.run(&["token-check"]);
    assert_eq!(run.line(), "token-check [REAL]: token renewed, 23h59m left, until 2023-05-25 23:30:00 KST");
    let run = world.run(&["token-check"]);
    assert_eq!(run.line(), "token-check [REAL]: token valid, 23h59m left, until 2023-05-25 23:30:00 KST");
    world.advance(12 * 3600 + 60);
    let run = world.run(&["token-check", "--offline"]);
    assert_eq!(run.line(), "token-check [REAL]: token valid, 11h58m left, until 2023-05-25 23:30:00 KST");
}

#[test]
fn it_works_whatever_the_market_and_halt_do() {
    let mut world = World::paper();
    assert_eq!(world.run(&["token-check"]).code, 0);
    std::fs::write(world.files.state("HALT"), "x").unwrap();
    world.set_clock("2023-05-28T12:00:00Z".parse().unwrap());
    assert_eq!(world.json(0, &["token-check"])["token"]["state"], "renewed");
}

#[test]
fn it_repeats_a_due_renewal_although_the_old_token_lives() {
    let mut world = World::paper();
    world.have_old_token();
    world.files.edit_token_file("expires_at", json!(world.now.timestamp() + 3600));
    world.sim.fault("tokenP", "drop_before", json!({ "times": 2 }));
    assert_eq!(world.json(0, &["token-check"])["token"]["state"], "renewed");
    assert_eq!(world.sim.requests(), ["/oauth2/tokenP"; 3]);
}

#[test]
fn with_a_live_token_a_failed_renewal_is_a_warning() {
    let mut world = World::paper();
    world.have_old_token();
    world.files.edit_token_file("expires_at", json!(world.now.timestamp() + 3600));
    world.set("token.attempts", "2");
    world.sim.fault("tokenP", "drop_before", json!({ "times": 9 }));
    let run = world.run(&["token-check"]);
    assert_eq!(run.code, 0);
    assert!(run.line().starts_with("token-check [PAPER]: token valid, 59m"), "{}", run.stdout);
    let warnings: Vec<&str> = run.stderr.lines().collect();
    assert!(warnings.len() == 2 && warnings.iter().all(|line| line.starts_with("warning: ")), "{}", run.stderr);
    assert_eq!(world.sim.requests().len(), 2);
}

#[test]
fn force_and_offline_exclude_each_other() {
    assert_eq!(World::paper().run(&["token-check", "--force", "--offline"]).code, 2);
}

#[test]
fn it_names_an_order_of_unknown_outcome() {
    let mut world = World::paper();
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    world.sim.fault("order", "drop_before", json!({}));
    assert_eq!(world.run(&["buy"]).code, 81);
    let object = world.json(0, &["token-check"]);
    assert_eq!(
        object["warnings"],
        json!(["the outcome of buy 21 AAPL (20230524-0001) is unknown; run `kis-trade cleanup`"])
    );
}

#[test]
fn an_order_whose_answer_another_run_awaits_is_not_unknown_yet() {
    let mut world = World::paper();
    world.set("buy.watch", r#"["AAPL"]"#).set("gateway.timeout_seconds", "60");
    world.sim.price("AAPL", "95", "100");
    world.sim.fault("order", "delay", json!({ "seconds": 3600 }));
    let mut buy = world.command(&["buy"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until("no order came", || world.sim.order_posts() == 1);
    assert_eq!(world.json(0, &["token-check"])["warnings"], json!([]));
    // Killed there: nobody writes its outcome down any more.
    buy.kill().unwrap();
    buy.wait().unwrap();
    let warnings = world.json(0, &["token-check"])["warnings"].to_string();
    assert!(warnings.contains("the outcome of buy 21 AAPL (20230524-0001) is unknown"), "{warnings}");
}
