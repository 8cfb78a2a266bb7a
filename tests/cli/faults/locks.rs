//! One trading run at a time; looking goes on meanwhile.

use std::fs::File;
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::support::harness::{Run, World, wait_until};
use crate::support::renewals::{token_of, token_requests, with_due_token, without_token};

/// A world whose lock files exist, with locks that are not waited for.
fn world() -> World {
    let mut world = World::paper();
    world.set("lock.wait_seconds", "0");
    assert_eq!(world.run(&["cleanup"]).code, 0);
    world.sim.forget_requests();
    world
}

fn hold(world: &World, name: &str) -> File {
    let file = File::options().read(true).write(true).open(world.files.state(name)).unwrap();
    file.lock().unwrap();
    file
}

#[test]
fn a_trading_run_that_finds_the_lock_taken_says_by_whom_and_ends_with_75() {
    let world = world();
    // The holder stands still while it has the lock: it waits for its answer, and then it is stopped.
    world.sim.hold_answer("ccnl");
    let holder = world.command(&["sell"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until("the holder asked nothing", || world.sim.requests().len() == 1);
    let signal = |name: &str| {
        let done = Command::new("kill").args([name, &holder.id().to_string()]).status().unwrap();
        assert!(done.success());
    };
    signal("-STOP");
    world.sim.let_answer();
    for command in ["buy", "sell", "cleanup"] {
        let run = world.run(&[command]);
        assert_eq!(run.code, 75, "{}", run.stderr);
        let by = format!("held by pid {} (sell) since 2023-05-24T14:30:0", holder.id());
        assert!(run.stderr.contains(&by), "the holder is not named: {}", run.stderr);
    }
    assert_eq!(world.run(&["status"]).code, 0, "looking goes on");
    signal("-CONT");
    assert_eq!(Run::of(holder.wait_with_output().unwrap()).code, 0);
    assert_eq!(world.run(&["cleanup"]).code, 0);
}

#[test]
fn a_dry_run_waits_for_its_turn_too() {
    let world = world();
    let _held = hold(&world, "account.lock");
    assert_eq!(world.json(75, &["buy", "--dry-run"])["reason"], "lock_busy");
}

/// The run that holds the lock may order between the two answers that `status` compares.
#[test]
fn beside_a_run_that_may_order_status_takes_no_change_of_cash_for_a_transfer() {
    let world = world();
    world.json(0, &["status"]);
    let transfer = json!({ "account": world.sim.account(), "usd": "-5000" });
    world.sim.control("POST", "/transfer", transfer);
    let transfers = || world.json(0, &["status"])["transfers"].as_array().unwrap().len();
    let held = hold(&world, "account.lock");
    assert_eq!([transfers(), transfers()], [0, 0]);
    drop(held);
    assert_eq!([transfers(), transfers()], [0, 1], "the second look of a quiet account finds it");
}

#[test]
fn status_and_token_check_never_wait_for_the_account_lock() {
    let world = world();
    let _held = hold(&world, "account.lock");
    assert_eq!(world.json(0, &["status"])["result"], "done");
    assert_eq!(world.json(0, &["token-check"])["result"], "done");
}

#[test]
fn the_lock_is_waited_for() {
    let mut world = world();
    world.set("lock.wait_seconds", "60");
    let held = hold(&world, "account.lock");
    let child = world.command(&["sell"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(held);
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!((run.code, run.line()), (0, "sell [PAPER]: nothing to do, no_position: the account holds nothing"));
}

#[test]
fn a_lock_whose_holder_died_is_free() {
    let world = world();
    let held = hold(&world, "account.lock");
    drop(held);
    std::fs::write(world.files.state("account.lock"), "pid 4711 of a sell that was killed").unwrap();
    assert_eq!(world.run(&["sell"]).code, 0);
}

#[test]
fn a_live_token_is_used_although_the_tokens_lock_is_taken() {
    let world = world();
    let _held = hold(&world, "api_token.lock");
    for command in ["sell", "status"] {
        let object = world.json(0, &[command]);
        assert_eq!(object["token"]["state"], "valid");
        assert!(object["warnings"][0].as_str().unwrap().contains("without its lock"), "{object:#}");
    }
    assert_eq!(world.sim.issues(), 1);
}

#[test]
fn without_a_live_token_a_taken_token_lock_ends_the_run_with_75() {
    let world = world();
    std::fs::remove_file(world.files.state("api_token.json")).unwrap();
    let _held = hold(&world, "api_token.lock");
    for command in ["sell", "status", "token-check"] {
        assert_eq!(world.json(75, &[command])["reason"], "lock_busy", "{command}");
    }
    assert!(world.sim.requests().is_empty());
}

/// Starts a run that stands still with its locks in its hands: it waits for a token that is long in coming.
fn start_renewal(world: &mut World, command: &str) -> Child {
    world.set("lock.wait_seconds", "0");
    world.sim.fault("tokenP", "delay", json!({ "seconds": 3600 }));
    let holder = world.command(&[command]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until("it never asked for a token", || token_requests(world) == 1);
    holder
}

#[test]
fn both_locks_of_a_killed_holder_are_free() {
    let mut world = with_due_token();
    let old = token_of(&world);
    let mut holder = start_renewal(&mut world, "sell");
    assert_eq!(world.json(75, &["sell"])["reason"], "lock_busy");
    holder.kill().unwrap();
    holder.wait().unwrap();
    for command in ["sell", "buy", "cleanup", "status", "token-check"] {
        let object = world.json(0, &[command]);
        // The token's lock was had: what kept this run from asking is the killed one's record.
        let warning = object["warnings"][0].as_str().unwrap();
        assert!(warning.contains("a token was asked for a moment ago"), "{command}: {warning}");
        assert_eq!((token_of(&world), token_requests(&world)), (old.clone(), 1), "{command}");
    }
}

#[test]
fn a_stopped_holder_of_the_tokens_lock_is_named_and_a_live_token_used() {
    for (arrange, code) in [(with_due_token as fn() -> World, 0), (without_token, 75)] {
        let mut world = arrange();
        let mut holder = start_renewal(&mut world, "token-check");
        assert!(Command::new("kill").args(["-STOP", &holder.id().to_string()]).status().unwrap().success());
        for command in ["sell", "status", "token-check"] {
            let run = world.run(&[command]);
            assert_eq!(run.code, code, "{command}: {}", run.stderr);
            let by = format!("api_token.lock is held by pid {} (token-check) since 2023-05-24T14:30:0", holder.id());
            assert!(run.stderr.contains(&by), "{command}: the holder is not named: {}", run.stderr);
        }
        assert_eq!(token_requests(&world), 1);
        holder.kill().unwrap();
        holder.wait().unwrap();
        world.sim.control("DELETE", "/faults", json!({}));
        world.advance(70);
        assert_eq!(world.json(0, &["status"])["token"]["state"], "renewed");
    }
}

/// Runs the program while `flock(1)` holds the lock.
fn run_under_flock(world: &World, lock: &str, command: &str) -> Run {
    let script = r#"exec 9>>"$0"; flock -n 9 || exit 7; exec "$@""#;
    let inner = world.command(&["--json", command]);
    let mut outer = Command::new("sh");
    outer.args(["-c", script]).arg(world.files.state(lock)).arg(inner.get_program()).args(inner.get_args());
    outer.env_clear().envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    outer.env("PATH", "/usr/bin:/bin").current_dir(inner.get_current_dir().unwrap());
    Run::of(outer.output().unwrap())
}

#[test]
fn the_lock_files_are_the_ones_that_flock_in_a_shell_takes() {
    let world = world();
    let object = run_under_flock(&world, "account.lock", "sell").object();
    assert_eq!((&object["exit_code"], &object["reason"]), (&json!(75), &json!("lock_busy")), "{object:#}");
}

#[test]
fn flock_in_a_shell_keeps_the_token_from_being_renewed() {
    let mut world = with_due_token();
    world.set("lock.wait_seconds", "0");
    for command in ["sell", "status", "token-check"] {
        let object = run_under_flock(&world, "api_token.lock", command).object();
        assert_eq!((&object["exit_code"], &object["token"]["state"]), (&json!(0), &json!("valid")), "{object:#}");
        assert!(object["warnings"].to_string().contains("api_token.lock is held by another process"), "{object:#}");
    }
    std::fs::remove_file(world.files.state("api_token.json")).unwrap();
    for command in ["sell", "status", "token-check"] {
        let object = run_under_flock(&world, "api_token.lock", command).object();
        assert_eq!((&object["exit_code"], &object["reason"]), (&json!(75), &json!("lock_busy")), "{object:#}");
        assert!(object["detail"].to_string().contains("api_token.lock is held by another process"), "{object:#}");
    }
    assert_eq!(token_requests(&world), 0, "nobody may ask without the lock");
}

#[test]
fn of_many_equal_starts_each_order_is_sent_once() {
    let mut world = world();
    world.set("lock.wait_seconds", "60").set("lock.min_interval_seconds", "60");
    world.sim.price("AAPL", "95", "100");
    world.sim.price("AMZN", "90", "100");
    world.sim.price("TSLA", "101", "100");
    let objects = world.run_together(&["buy"; 5]);
    assert_eq!(world.sim.order_posts(), 2, "{objects:#?}");
    let reasons: Vec<_> = objects.iter().filter(|object| object["reason"] == "ran_just_now").collect();
    assert_eq!(reasons.len(), 4, "{objects:#?}");
}
