//! A clock that can't be trusted, against kis-sim.

use std::process::{Command, Stdio};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::support::books::assert_nothing_twice;
use crate::support::harness::{Run, World, wait_until};

const TRADING: [&str; 3] = ["buy", "sell", "cleanup"];

/// A world in which one buy is open, and another one is wanted at any time.
fn world() -> World {
    let mut world = World::paper();
    world.set("buy.watch", "[\"NASD:AAPL\", \"NASD:AMZN\"]").set("buy.picks", "1");
    world.sim.price("AAPL", "95", "100");
    world.sim.price("AMZN", "96", "100");
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    assert_eq!(world.run(&["buy"]).code, 0);
    world.sim.forget_requests();
    world
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Requests that change something at KIS.
fn posts(world: &World) -> usize {
    world.sim.request_records().iter().filter(|request| request["method"] == "POST").count()
}

/// With the machine's clock there, whatever KIS's says, no trading run sends or settles anything; looking goes on.
fn assert_nothing_is_trusted(world: &mut World, at: DateTime<Utc>) {
    let right = std::mem::replace(&mut world.now, at);
    let (journal, token) = (world.files.journal(), world.files.token_file()["access_token"].clone());
    for command in TRADING {
        assert_eq!(world.json(71, &[command])["reason"], "clock_untrusted", "{command} at {at}");
    }
    for command in ["status", "token-check"] {
        let object = world.json(0, &[command]);
        let is_told = object["warnings"].to_string().contains("clock");
        assert!(is_told || command == "token-check", "{command} at {at}: {object:#}");
    }
    assert_eq!(world.files.journal(), journal, "{at}");
    assert_eq!(world.sim.order_posts(), 0, "{at}");
    assert_eq!(world.files.token_file()["access_token"], token, "{at}");
    world.now = right;
}

/// Set right again, the clock is trusted, and what was open is still known.
fn assert_all_is_well(world: &World) {
    assert_eq!(world.json(0, &["cleanup"])["kept"][0]["symbol"], "AAPL");
    let object = world.json(0, &["buy"]);
    assert_eq!((&object["orders"][0]["symbol"], &object["orders"][0]["state"]), (&json!("AMZN"), &json!("accepted")));
    assert_eq!(world.json(0, &["status"])["token"]["state"], "valid");
    assert_nothing_twice(world, "with the clock set right");
}

#[test]
fn a_clock_an_hour_off_sends_nothing() {
    for hours in [-1, 1] {
        let mut world = world();
        let at = world.now + TimeDelta::hours(hours);
        assert_nothing_is_trusted(&mut world, at);
        assert_eq!(posts(&world), 0, "{hours}: no token either");
        assert_all_is_well(&world);
    }
}

/// What a machine believes whose clock has no battery. The token seems to live for decades: it counts as due, KIS is
/// asked once, and the old one goes on.
#[test]
fn in_1970_nothing_is_sent_and_the_token_survives() {
    let mut world = world();
    assert_nothing_is_trusted(&mut world, instant("1970-01-01T00:00:10Z"));
    assert_eq!(posts(&world), 1, "one token request of five runs");
    assert_all_is_well(&world);
    // Without a journal, too, which could tell.
    let mut world = World::paper();
    world.sim.hold("AAPL", 5, "10");
    world.now = instant("1970-01-01T00:00:10Z");
    for command in TRADING {
        let object = world.json(71, &[command]);
        assert_eq!(object["reason"], "clock_untrusted", "the request for a token showed it: {object:#}");
        assert!(
            object["warnings"].to_string().contains("does not know 1969-12-31; nothing is traded: check the clock"),
            "{object:#}"
        );
    }
    assert_eq!(posts(&world), 1, "a token for the day after");
    world.set_clock(instant("2023-05-24T14:32:00Z"));
    assert_eq!(world.json(0, &["status"])["token"]["state"], "renewed");
}

/// The token looks dead, and KIS gives none that would look alive.
#[test]
fn a_clock_beyond_2038_sends_nothing_and_recovers() {
    for at in ["2038-01-19T03:14:08Z", "2040-06-04T15:00:00Z", "2106-02-07T06:28:16Z"] {
        let mut world = world();
        world.set("token.attempts", "1");
        // KIS's minute is over.
        world.advance(70);
        world.sim.forget_requests();
        let (right, journal) = (world.now, world.files.journal());
        world.now = instant(at);
        let token = world.files.token_file();
        let object = world.json(71, &["buy"]);
        assert_eq!(object["reason"], "clock_untrusted", "{object:#}");
        for command in ["sell", "cleanup", "status", "token-check"] {
            assert_eq!(world.json(75, &[command])["reason"], "rate_limited", "{command} at {at}");
        }
        assert_eq!((world.files.journal(), world.files.token_file()), (journal, token), "{at}");
        assert_eq!((posts(&world), world.sim.order_posts()), (1, 0), "{at}: one token request of five runs");
        world.now = right;
        assert_all_is_well(&world);
    }
}

/// Seconds since 1970 no longer fit into 32 bits, and that is nobody's concern: only the calendar ends before.
#[test]
fn after_2038_a_token_is_had_and_kept_and_the_market_counts_as_closed() {
    let mut world = World::new(crate::support::harness::Mode::Paper, "2038-01-19T15:00:00Z");
    for command in TRADING {
        let object = world.json(0, &[command]);
        assert_eq!(object["reason"], "market_closed", "{object:#}");
        assert!(object["warnings"].to_string().contains("nothing is traded: install a newer release"), "{object:#}");
    }
    world.advance(21 * 3600);
    let token = world.json(0, &["token-check"])["token"].clone();
    assert_eq!((&token["state"], &token["expires_at"]), (&json!("renewed"), &json!("2038-01-21T12:00:00Z")));
    assert_eq!(world.json(0, &["status"])["result"], "done");
    assert_eq!(world.sim.tokens(), 2);
}

#[test]
fn a_leap_second_is_no_step_of_the_clock() {
    let mut world = World::new(crate::support::harness::Mode::Paper, "2023-06-30T23:59:59Z");
    for command in TRADING {
        assert_eq!(world.json(0, &[command])["reason"], "market_closed");
    }
    world.sim.fault("*", "header", json!({ "headers": { "Date": "Fri, 30 Jun 2023 23:59:60 GMT" }, "times": 100 }));
    for second in ["2023-06-30T23:59:59Z", "2023-06-30T23:59:60Z", "2023-07-01T00:00:00Z"] {
        for command in ["status", "cleanup"] {
            let run = world.command(&["--json", command]).env("KIS_TRADE_NOW", second).output().unwrap();
            let object = Run::of(run).object();
            assert_eq!((&object["exit_code"], &object["warnings"]), (&json!(0), &json!([])), "{second}: {object:#}");
        }
    }
    world.advance(1);
    assert_eq!(world.json(0, &["status"])["warnings"], json!([]));
}

#[test]
fn a_clock_that_stands_still_is_noticed_by_the_servers() {
    let mut world = world();
    let frozen = world.now;
    for seconds in [60, 50] {
        world.advance(seconds);
        world.now = frozen;
        assert_eq!(world.run(&["cleanup"]).code, 0, "up to two minutes nothing can go wrong");
    }
    world.advance(60);
    let right = world.now;
    assert_nothing_is_trusted(&mut world, frozen);
    world.now = right;
    assert_all_is_well(&world);
}

/// The clock is set in the middle of a run, by an hour and more: what was decided before is not gone on with.
#[test]
fn a_clock_that_goes_wrong_between_two_orders_stops_the_second() {
    for command in ["buy", "sell"] {
        let mut world = World::paper();
        world.set("buy.watch", r#"["AAPL", "AMZN"]"#).set("buy.picks", "2").set("sell.sells_per_run", "\"all\"");
        world.sim.control("POST", "/fills", json!({ "mode": "never" }));
        for symbol in ["AAPL", "AMZN"] {
            world.sim.price(symbol, "95", "100");
            if command == "sell" {
                world.sim.hold(symbol, 5, "80");
            }
        }
        world.sim.fault("order", "header", json!({ "headers": { "Date": "Wed, 24 May 2023 16:00:00 GMT" } }));
        let object = world.json(71, &[command]);
        assert_eq!(object["reason"], "clock_untrusted", "{object:#}");
        assert_eq!((&object["orders"][0]["state"], &object["orders"][1]), (&json!("accepted"), &json!(null)));
        assert_eq!(world.sim.order_posts(), 1);
        // The clock was right, and so is the next run.
        assert_eq!(world.json(0, &[command])["orders"].as_array().unwrap().len(), 1);
        assert_nothing_twice(&world, command);
    }
}

/// Stands for a machine that sleeps: the process stops while its order is on the way, and KIS's day goes on.
#[test]
fn an_order_four_hours_asleep_between_intent_and_outcome_is_sent_once() {
    for wakes in [true, false] {
        let mut world = World::paper();
        world.set("buy.watch", r#"["AAPL"]"#).set("gateway.timeout_seconds", "4");
        assert_eq!(world.run(&["token-check"]).code, 0);
        world.sim.price("AAPL", "95", "100");
        world.sim.control("POST", "/fills", json!({ "mode": "never" }));
        world.sim.fault("order", "delay", json!({ "seconds": 3600 }));
        let mut child = world.command(&["buy"]);
        let mut child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        wait_until("no order came", || world.sim.order_posts() == 1);
        let signal = |name: &str| Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
        assert!(signal("-STOP").success());
        world.advance(4 * 3600 + 600);
        assert_eq!(world.files.journal_kinds(), ["intent"], "it sleeps in the middle");
        if wakes {
            // Its connection is dead, and the order's answer with it: the list has it.
            assert!(signal("-CONT").success());
            assert_eq!(Run::of(child.wait_with_output().unwrap()).code, 0);
        } else {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let settled = world.json(0, &["cleanup"])["settled"].clone();
        assert_eq!(
            settled,
            json!([{ "intent_id": "20230524-0001", "state": "cancelled" }]),
            "found, and by now too old"
        );
        assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (1, 1));
        assert_nothing_twice(&world, "after a long sleep");
    }
}

/// By a clock eight hours fast the session is long over: every open order would count as expired, every unknown one as
/// absent, for good.
#[test]
fn nothing_is_settled_by_a_clock_that_is_wrong() {
    let mut world = World::paper();
    world.sim.price("AAPL", "168.00", "170.00");
    world.set("buy.watch", "[\"NASD:AAPL\"]");
    let order = world.json(0, &["buy"])["orders"][0].clone();
    assert_eq!(order["state"], "accepted", "{order}");
    let before = world.files.journal();
    world.now += TimeDelta::hours(8);
    assert_eq!(world.json(71, &["cleanup"])["reason"], "clock_untrusted");
    assert_eq!(world.files.journal(), before);
    world.now -= TimeDelta::minutes(7 * 60 + 30);
    for command in ["cleanup", "buy", "sell"] {
        let object = world.json(71, &[command]);
        assert_eq!(object["reason"], "clock_untrusted", "{command}");
        assert_eq!(world.files.journal(), before, "{command}");
    }
}

/// The first contact with a clock that is days ahead: the token is fine, and the clock is not.
#[test]
fn at_the_first_token_a_clock_days_ahead_is_the_clocks_fault() {
    for (command, days) in [("token-check", 3), ("buy", 2), ("status", 400)] {
        let mut world = World::paper();
        world.now += TimeDelta::days(days);
        let object = world.json(71, &[command]);
        assert_eq!(object["reason"], "clock_untrusted", "{object:#}");
        let off = format!("{} s off the server's clock", days * 86_400);
        assert!(object["detail"].to_string().contains(&off), "{object:#}");
        assert_eq!(world.sim.issues(), 1);
        world.set_clock(world.now - TimeDelta::days(days) + TimeDelta::seconds(70));
        assert_eq!(world.run(&[command]).code, 0);
    }
}

/// A crash tore the journal's last line, and the next run has a clock that is hours ahead: it must not stamp a line.
#[test]
fn a_torn_line_is_not_mended_by_a_clock_ahead() {
    let mut world = world();
    let path = world.files.journal_path();
    let torn = std::fs::read_to_string(&path).unwrap() + "{\"v\":1,\"seq\":";
    std::fs::write(&path, &torn).unwrap();
    let right = world.now;
    world.now += TimeDelta::hours(3);
    for command in TRADING {
        assert_eq!(world.json(71, &[command])["reason"], "clock_untrusted", "{command}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), torn, "{command}: a line by a wrong clock");
    }
    world.now = right;
    let object = world.json(0, &["cleanup"]);
    assert!(object["warnings"].to_string().contains("was torn by a crash"), "{object:#}");
    assert!(!object["warnings"].to_string().contains("ahead of the clock"), "{object:#}");
    assert_eq!(world.files.journal_of("repair").len(), 1);
    assert_all_is_well(&world);
}

/// The clock was two days ahead when a line was written, and no answer of KIS's said so.
#[test]
fn a_line_ahead_of_a_clock_that_kis_confirms_is_passed_over() {
    let mut world = world();
    let right = world.now;
    world.now += TimeDelta::hours(5);
    let date = json!({ "headers": { "Date": "Wed, 24 May 2023 19:30:00 GMT" }, "times": 100 });
    world.sim.fault("*", "header", date);
    assert_eq!(world.run(&["cleanup"]).code, 0, "it cancels by KIS's time, as far as it was told");
    world.sim.control("DELETE", "/faults", json!({}));
    world.now = right;
    world.sim.forget_requests();
    let object = world.json(0, &["buy"]);
    let warnings = object["warnings"].to_string();
    assert!(
        warnings.contains("the newest line of the order journal is") && warnings.contains("passed over"),
        "{warnings}"
    );
    assert_eq!(object["orders"].as_array().unwrap().len(), 1, "{object:#}");
    assert_eq!(world.sim.requests()[0], "HHDFS00000300", "KIS's time is asked for before anything rests on it");
    let warnings = world.json(0, &["status"])["warnings"].to_string();
    assert!(warnings.contains("passed over"), "{warnings}");
    assert_eq!(world.json(0, &["cleanup"])["kept"].as_array().unwrap().len(), 1);
    // Where KIS states no time nothing is confirmed.
    world.sim.fault("*", "header", json!({ "headers": { "Date": "" }, "times": 100 }));
    let object = world.json(71, &["sell"]);
    assert!(object["detail"].to_string().contains("behind the newest line of the order journal"), "{object:#}");
}

/// By a clock fourteen hours behind the market is closed. `status` sees KIS's time, and keeps what it saw.
#[test]
fn a_clock_that_any_run_saw_wrong_is_asked_for_where_the_market_looks_closed() {
    let mut world = World::paper();
    let script = format!("/bin/cat >> {}", world.files.path("told").display());
    world.set("notify.command", &json!(["/bin/sh", "-c", script]).to_string());
    assert_eq!(world.run(&["token-check"]).code, 0);
    assert!(!world.files.state("clock.json").exists(), "a right clock is nothing to keep");
    // By this clock, too, the token is neither due nor too good to be true: KIS is not asked for another.
    world.files.edit_token_file("expires_at", json!((world.now + TimeDelta::hours(6)).timestamp()));
    let right = world.now;
    world.now -= TimeDelta::hours(14);
    for command in TRADING {
        assert_eq!(world.json(0, &[command])["reason"], "market_closed", "nobody has seen it yet");
    }
    assert!(world.json(0, &["status"])["warnings"].to_string().contains("clock"));
    for command in ["buy", "sell", "cleanup", "buy"] {
        world.sim.forget_requests();
        let object = world.json(71, &[command]);
        assert_eq!(object["reason"], "clock_untrusted", "{command}");
        assert_eq!(world.sim.requests(), ["HHDFS00000300"], "{command}: one quote");
    }
    let told = std::fs::read_to_string(world.files.path("told")).unwrap();
    let events = told.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let events: Vec<_> = events.filter(|event| event["event"] != "token_renewed").collect();
    assert_eq!(events.len(), 1, "once an hour, whichever run saw it: {told}");
    assert_eq!((&events[0]["event"], &events[0]["level"]), (&json!("clock_wrong"), &json!("warning")));
    let detail = events[0]["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("[PAPER] this machine's clock is 1")
            && detail.ends_with(" behind KIS's; no order is sent until it is set")
    );
    world.now += TimeDelta::minutes(61);
    assert_eq!(world.json(0, &["sell"])["reason"], "market_closed", "after an hour nothing is known");
    world.now = right;
    assert_eq!(world.json(0, &["sell"])["reason"], "no_position");
}

#[test]
fn a_clock_put_right_trades_at_once() {
    let mut world = world();
    let right = world.now;
    world.now -= TimeDelta::minutes(10);
    assert_eq!(world.run(&["status"]).code, 0);
    assert!(world.files.state("clock.json").exists());
    world.now = right;
    world.sim.forget_requests();
    assert_eq!(world.json(0, &["buy"])["orders"][0]["state"], "accepted");
    assert_eq!(world.sim.requests()[0], "HHDFS00000300", "it asks first");
    world.sim.forget_requests();
    assert_eq!(world.run(&["cleanup"]).code, 0);
    assert_ne!(world.sim.requests()[0], "HHDFS00000300", "and then no more");
}
