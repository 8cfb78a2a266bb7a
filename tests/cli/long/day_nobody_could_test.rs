//! The day that nobody could test: what a token does after 20 and 24 hours, and for thirty days, in a minute or two.
//!
//! A crontab runs on a simulated clock, with several processes in the same minute. [`evidence`] judges what kis-sim
//! received; [`twins`] are programs with the old faults, to show that it would have seen them.

mod evidence;
mod schedule;
mod twins;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::support::harness::{Mode, World};
use evidence::{Evidence, Stretch, Wrong};
use schedule::{ALL, Minute, crontab, renewals};
use twins::LifelongClient;

/// Monday, 10:00 in New York: everything starts at once, and the market is open.
const START: &str = "2023-05-01T14:00:00Z";
const HOUR: i64 = 3600;

/// What the runs of the real program said.
#[derive(Default)]
struct Told {
    runs: usize,
    /// Seconds since the start to what the runs of that minute said; of the checkpoints only.
    checkpoints: BTreeMap<i64, Vec<Value>>,
    warnings: BTreeSet<String>,
}

/// 0 h, 5 h, 19 h 59, 20 h and 24 h with the seconds of life that the token then has, and how many runs renewed it.
const CHECKPOINTS: [(i64, i64, usize); 5] = [
    (0, 24 * HOUR, 1),
    (5 * HOUR, 19 * HOUR, 0),
    (20 * HOUR - 60, 4 * HOUR + 60, 0),
    (20 * HOUR, 24 * HOUR, 1),
    (24 * HOUR, 20 * HOUR, 0),
];

#[test]
fn thirty_days_of_the_full_crontab() {
    let mut world = trading_world(Mode::Paper);
    let minutes = schedule(world.now, 30);
    let (evidence, told) = run_crontab(&mut world, &minutes);
    print_figures("30 days, paper", &evidence, &told);
    assert_flawless(&evidence, &told, &minutes);
    assert_eq!(evidence.issues.len(), 37, "at 0 h, and every 20 h to 720 h");
    for pair in evidence.issues.windows(2) {
        assert_eq!(pair[1] - pair[0], TimeDelta::hours(20), "at {}: something starts each full hour", pair[1]);
    }
    let kinds = ["VTTS3035R", "VTTS3012R", "VTTS3007R", "HHDFS00000300", "VTTT1002U", "VTTT1001U", "VTTT1004U"]
        .map(str::to_owned);
    assert_eq!(evidence.tr_ids, BTreeSet::from(kinds), "list, balance, buying power, quote, buy, sell, cancel");
}

#[test]
fn two_days_of_the_crontab_with_a_real_account() {
    let mut world = trading_world(Mode::Real);
    let minutes = schedule(world.now, 2);
    let (evidence, told) = run_crontab(&mut world, &minutes);
    print_figures("2 days, real", &evidence, &told);
    assert_flawless(&evidence, &told, &minutes);
    assert_eq!(evidence.issues.len(), 3, "at 0 h, 20 h and 40 h");
}

#[test]
fn a_client_that_keeps_its_token_is_found_out_at_20_and_at_24_hours() {
    let mut world = trading_world(Mode::Paper);
    let minutes = schedule(world.now, 2);
    let mut client = None;
    let evidence = play(&mut world, &minutes, |world, minute| {
        client.get_or_insert_with(|| LifelongClient::start(world)).work(world, &minute.commands);
    });
    let first = |wrong| evidence.first(wrong).map(|at| at - minutes[0].at);
    assert_eq!(first(Wrong::OlderThanIssued), Some(TimeDelta::hours(20)), "the file is renewed, the client is not");
    assert_eq!(first(Wrong::OlderThanFile), Some(TimeDelta::hours(21)), "the first start after that minute");
    assert_eq!(first(Wrong::DeadToken), Some(TimeDelta::hours(24)), "EGW00123, from now on for ever");
    assert_eq!(first(Wrong::AskedTwice), None, "its token manager is faultless");
    assert_eq!(evidence.issues, renewals(&minutes), "and in time");
    let refused: Vec<_> = evidence.violations.iter().filter(|violation| violation.wrong == Wrong::DeadToken).collect();
    assert!(refused.iter().all(|violation| violation.request["msg_cd"] == "EGW00123"));
    let after_death = minutes.iter().filter(|minute| minute.at - minutes[0].at >= TimeDelta::hours(24));
    let jobs = after_death.flat_map(|minute| &minute.commands).filter(|command| **command != "token-check").count();
    assert_eq!(refused.len(), jobs, "every job after the 24th hour failed");
}

#[test]
fn processes_that_renew_without_a_lock_are_found_out_at_20_hours() {
    let mut world = trading_world(Mode::Paper);
    let minutes = schedule(world.now, 2);
    assert!(twins::ask_for_token(&world).is_some());
    let evidence = play(&mut world, &minutes, |world, minute| twins::work_without_lock(world, &minute.commands));
    let first = |wrong| evidence.first(wrong).map(|at| at - minutes[0].at);
    assert_eq!(first(Wrong::AskedTwice), Some(TimeDelta::hours(20)), "each of five asks");
    assert_eq!(first(Wrong::OlderThanFile), None, "each loads the file");
    assert_eq!(first(Wrong::DeadToken), None, "KIS still takes the old token");
    let asked_twice = evidence.violations.iter().filter(|violation| violation.wrong == Wrong::AskedTwice);
    assert!(asked_twice.clone().all(|violation| violation.request["msg_cd"] == "EGW00133"));
    assert_eq!(asked_twice.count(), 2 * (ALL.len() - 1), "four too many at 20 h, and at 40 h");
}

/// The crontab, and everything at once at each checkpoint.
fn schedule(start: DateTime<Utc>, days: i64) -> Vec<Minute> {
    crontab(start, days, &CHECKPOINTS.map(|(seconds, ..)| seconds / 60))
}

/// An account that buys and sells a little, at the prices of the market data.
fn trading_world(mode: Mode) -> World {
    let mut world = World::new(mode, START);
    world
        .set("buy.watch", r#"["AAPL", "GOOGL", "META", "TSLA"]"#)
        .set("limits.max_position_usd", "1850")
        .set("gateway.timeout_seconds", "30")
        .set("lock.wait_seconds", "300");
    world
}

/// Plays the minutes one after the other: both clocks are moved, `work` does what starts then, and what kis-sim received
/// is judged and forgotten.
fn play(world: &mut World, minutes: &[Minute], mut work: impl FnMut(&World, &Minute)) -> Evidence {
    let mut evidence = Evidence::default();
    for minute in minutes {
        world.set_clock(minute.at);
        let held = world.files.state("api_token.json").exists().then(|| world.files.token_file());
        work(world, minute);
        let tokens = world.sim.control("GET", "/tokens", Value::Null);
        evidence.add(&Stretch {
            held: held.as_ref().and_then(|file| file["access_token"].as_str()),
            requests: &world.sim.request_records(),
            tokens: tokens["tokens"].as_array().unwrap(),
        });
        world.sim.forget_requests();
    }
    evidence
}

/// Lets the real program do it, all commands of a minute at the same time.
fn run_crontab(world: &mut World, minutes: &[Minute]) -> (Evidence, Told) {
    let (start, renewals) = (minutes[0].at, renewals(minutes));
    let mut told = Told::default();
    let evidence = play(world, minutes, |world, minute| {
        set_scene(world, minute.at - start);
        let is_due = renewals.contains(&minute.at);
        let objects = if is_due { world.run_lined_up(&minute.commands) } else { world.run_together(&minute.commands) };
        told.runs += objects.len();
        for object in &objects {
            check_run(object, minute.at);
            told.warnings.extend(object["warnings"].as_array().unwrap().iter().map(Value::to_string));
        }
        let since_start = (minute.at - start).num_seconds();
        if CHECKPOINTS.iter().any(|(seconds, ..)| *seconds == since_start) {
            told.checkpoints.insert(since_start, objects);
        }
    });
    (evidence, told)
}

/// In the first two hours no order fills, so that there are some to cancel.
fn set_scene(world: &World, since_start: TimeDelta) {
    if since_start == TimeDelta::zero() {
        world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    } else if since_start == TimeDelta::hours(2) {
        world.sim.control("POST", "/fills", json!({ "mode": "path" }));
    }
}

/// What every run must say: done, and a token that is not due.
fn check_run(object: &Value, at: DateTime<Utc>) {
    let token = &object["token"];
    assert_eq!(object["exit_code"], 0, "at {at}: {object:#}");
    assert_eq!(token["state"], if token["renewed"] == true { "renewed" } else { "valid" }, "at {at}: {object:#}");
    let seconds_left = token["seconds_left"].as_i64().unwrap();
    assert!((4 * HOUR..=24 * HOUR).contains(&seconds_left), "at {at}: {object:#}");
}

fn assert_flawless(evidence: &Evidence, told: &Told, minutes: &[Minute]) {
    assert!(evidence.violations.is_empty(), "{:#?}", &evidence.violations[..evidence.violations.len().min(5)]);
    assert_eq!(evidence.issues, renewals(minutes), "one token each 20 hours, by the first minute that finds it due");
    assert_eq!(told.warnings, BTreeSet::new());
    for (since_start, life, renewed) in CHECKPOINTS {
        let objects = &told.checkpoints[&since_start];
        assert_eq!(objects.len(), ALL.len(), "{since_start} s: all at once");
        let renewals = objects.iter().filter(|object| object["token"]["renewed"] == true).count();
        assert_eq!(renewals, renewed, "{since_start} s: {objects:#?}");
        for object in objects {
            // The runs' clocks tick from the minute's beginning.
            let seconds_left = object["token"]["seconds_left"].as_i64().unwrap();
            assert!((life - 59..=life).contains(&seconds_left), "{since_start} s: {object:#}");
        }
    }
}

fn print_figures(name: &str, evidence: &Evidence, told: &Told) {
    println!(
        "{name}: {} runs, {} requests of {} kinds, {} tokens",
        told.runs,
        evidence.requests,
        evidence.tr_ids.len(),
        evidence.issues.len()
    );
}
