//! Many runs at the same time: one set of orders, every run has its turn, and KIS never says "too fast", not even when a
//! run is killed among them.
//!
//! kis-sim's limits are on, and higher than KIS's so that fifty rounds take a minute; the pacing is set below them as
//! paper's 0.9 is below 1. `KIS_TRADE_TRUE_RATE=1` plays one round at paper's own rate, which takes half a minute.

use std::process::Child;

use serde_json::{Value, json};

use crate::support::books::{assert_all_told, assert_nothing_twice};
use crate::support::harness::{Mode, Run, World, wait_until};
use crate::support::scenes::{self, Scene, Script};
use crate::support::strace::{Call, trace};

/// Five jobs of a crontab whose minutes were not staggered.
const ALL: [&str; 5] = ["sell", "buy", "cleanup", "status", "token-check"];
/// The first of them trade.
const TRADING: usize = 3;
/// Requests in a second that kis-sim takes, of the gateway and of the ledger.
const LIMIT: u32 = 50;
/// Requests in a second that kis-trade makes. Each of the five may have one under way that arrives late and meets those
/// that come after it, so the two lie five apart, and one for the fence post.
const PACE: &str = "44";

/// A paper account in which every second round buys what fell, and every other sells it with a profit.
fn world() -> World {
    let mut world = scenes::world(Mode::Paper);
    world.set("buy.rebuy", "\"any\"").set("sell.sells_per_run", "\"all\"").set("lock.wait_seconds", "300");
    world.set("limits.max_buy_usd_per_day", "1000000").set("limits.max_daily_loss_percent", "90");
    pace(&mut world, LIMIT, PACE, PACE);
    world
}

fn pace(world: &mut World, limit: u32, requests: &str, ledger_requests: &str) {
    let limits = json!({ "gateway_per_second": limit, "ledger_per_second": limit, "token_per_minute": true });
    world.sim.control("POST", "/limits", limits);
    world.set("gateway.requests_per_second", requests);
    world.set("gateway.ledger_requests_per_second", ledger_requests);
}

/// Moves on to the next round's prices.
fn turn(world: &mut World, round: usize) {
    world.advance(240);
    let (aapl, amzn) = if round.is_multiple_of(2) { ("95", "90") } else { ("105", "99") };
    world.sim.price("AAPL", aapl, "100");
    world.sim.price("AMZN", amzn, "100");
}

/// No request was turned away for coming too fast. Forgets the requests and returns how many there were.
fn assert_never_too_fast(world: &World, round: usize) -> usize {
    let requests = world.sim.request_records();
    let is_refused = |request: &&Value| matches!(request["msg_cd"].as_str(), Some("EGW00201" | "EGW00215"));
    let refused: Vec<&Value> = requests.iter().filter(is_refused).map(|request| &request["real_ms"]).collect();
    assert!(refused.is_empty(), "round {round}: of {} requests these came too fast: {refused:?}", requests.len());
    assert_nothing_twice(world, &format!("round {round}"));
    world.sim.forget_requests();
    requests.len()
}

fn end_of_day(world: &mut World) {
    world.set_clock("2023-05-24T21:00:30Z".parse().unwrap());
    assert_eq!(world.run(&["cleanup"]).code, 0);
    assert_all_told(world, "at the end of the day");
}

#[test]
fn thirty_two_buys_at_once_send_one_set_of_orders() {
    for mode in [Mode::Paper, Mode::Real] {
        let mut world = scenes::world(mode);
        world.set("lock.wait_seconds", "300").set("lock.min_interval_seconds", "60");
        let objects = world.run_together(&["buy"; 32]);
        assert!(objects.iter().all(|object| object["exit_code"] == 0), "{objects:#?}");
        let late = objects.iter().filter(|object| object["reason"] == "ran_just_now").count();
        assert_eq!((late, world.sim.order_posts(), world.sim.orders().len()), (31, 2, 2), "{objects:#?}");
        assert_nothing_twice(&world, "32 buys");
    }
}

#[test]
fn all_commands_at_once_fifty_times_over_are_never_too_fast() {
    let mut world = world();
    let mut requests = 0;
    for round in 1..=50 {
        turn(&mut world, round);
        for object in world.run_together(&ALL) {
            assert_eq!(object["exit_code"], 0, "round {round}: {object:#}");
        }
        requests += assert_never_too_fast(&world, round);
    }
    end_of_day(&mut world);
    println!("50 rounds: {requests} requests, {} orders", world.sim.orders().len());
    assert!(world.sim.orders().len() >= 40, "nothing was traded");
}

#[test]
fn a_run_killed_in_the_crowd_lets_nobody_run_too_fast() {
    let mut world = world();
    let mut killed = 0;
    for round in 1..=25 {
        turn(&mut world, round);
        let mut children = world.start_together(&ALL);
        let victim = round % TRADING;
        let arrived = 2 + round % 12;
        let is_time =
            || world.sim.control("GET", "/requests", Value::Null)["requests"].as_array().unwrap().len() > arrived;
        wait_until("the crowd stands still", || is_time() || has_ended(&mut children[victim]));
        children[victim].kill().unwrap();
        for (child, command) in children.into_iter().zip(ALL) {
            let run = Run::of(child.wait_with_output().unwrap());
            let is_killed = run.code == -1;
            killed += usize::from(is_killed);
            // What the killed run left unknown is told until it is settled.
            let is_fine = run.code == 0 || run.code == 81 || is_killed && command == ALL[victim];
            assert!(is_fine, "round {round}: {command} gave {}: {}{}", run.code, run.stdout, run.stderr);
        }
        assert_never_too_fast(&world, round);
    }
    end_of_day(&mut world);
    println!("25 rounds: {killed} runs killed");
    assert!(killed >= 8, "only {killed} were still there to be killed");
}

/// Seldom do two runs meet within the microseconds in which a slot is taken; so the order of the calls has to tell.
#[test]
fn a_slot_is_read_and_taken_under_the_lock_of_the_pacing_file() {
    for command in ["buy", "status"] {
        let calls = trace(&scenes::world(Mode::Paper), &[command]);
        let is_pacing = |call: &&Call| matches!(call.name.as_str(), "flock" | "pread64" | "pwrite64");
        let mut slots = 0;
        let shown: Vec<&str> = calls.iter().filter(is_pacing).map(|call| call.shown.as_str()).collect();
        for (place, taken) in shown.iter().enumerate().filter(|(_, shown)| shown.starts_with("pwrite64(")) {
            let file = taken["pwrite64(".len()..].split(',').next().unwrap();
            assert!(shown[place - 2].starts_with(&format!("flock({file}, LOCK_EX")), "{command}: {shown:#?}");
            assert!(shown[place - 1].starts_with(&format!("pread64({file}, ")), "{command}: {shown:#?}");
            assert!(shown[place + 1].starts_with(&format!("flock({file}, LOCK_UN)")), "{command}: {shown:#?}");
            slots += 1;
        }
        let requests = calls.iter().filter(|call| call.shown.contains("\"GET /") || call.shown.contains("\"POST /"));
        assert!(slots >= requests.count(), "{command}: {slots} slots");
    }
}

/// Who reserves writes the pacing file once a request, and waits for the slot that it has. Who is polite asks again.
#[test]
fn a_sell_reserves_all_its_slots_and_a_buy_those_of_its_orders() {
    for scene in [Scene::Sell, Scene::Buy] {
        let mut world = scene.arrange(Script::Ok);
        // Slower than the requests would come by themselves.
        world.set("gateway.requests_per_second", "10");
        let calls = trace(&world, &[scene.command()]);
        let count = |word: &str| calls.iter().filter(|call| call.shown.contains(word)).count();
        let (writes, reads, orders) = (count("pwrite64("), count("\"GET /"), count("\"POST /"));
        let asked_again = if scene == Scene::Sell { 0 } else { reads };
        assert!(orders == 2 && writes <= reads + orders + asked_again, "{scene:?}: {writes} {reads} {orders}");
    }
}

fn has_ended(child: &mut Child) -> bool {
    child.try_wait().unwrap().is_some()
}

#[test]
fn at_papers_own_rate_the_crowd_is_not_too_fast_either() {
    let mut world = world();
    turn(&mut world, 2);
    let is_wanted = std::env::var_os("KIS_TRADE_TRUE_RATE").is_some();
    // Twenty times as fast unless somebody has the time.
    match is_wanted {
        true => pace(&mut world, 1, "0.9", "1"),
        false => pace(&mut world, LIMIT, PACE, PACE),
    }
    for object in world.run_together(&ALL) {
        assert_eq!(object["exit_code"], 0, "{object:#}");
    }
    println!("{} requests at {} a second", assert_never_too_fast(&world, 1), if is_wanted { "0.9" } else { PACE });
}
