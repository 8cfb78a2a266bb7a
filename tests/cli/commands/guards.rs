//! The guards over days: what happens around a split, a halt, a moved listing, and what arrives between two orders.

use std::process::Stdio;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::support::harness::{Mode, Run, World, rfc3339, wait_until};

const MODES: [Mode; 2] = [Mode::Paper, Mode::Real];
const QUOTE: &str = "HHDFS00000300";

/// A market in which nothing fills by itself; AAPL is all that is watched.
fn world_of(mode: Mode) -> World {
    let mut world = World::new(mode, crate::support::harness::MID_SESSION);
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    world.set("buy.watch", r#"["AAPL"]"#).set("limits.max_positions", "9").set("gateway.timeout_seconds", "30");
    world
}

/// `symbol side quantity @ price` of the orders that KIS has.
fn orders(world: &World) -> Vec<String> {
    let text = |order: &Value| {
        let word = |key: &str| order[key].as_str().unwrap().to_owned();
        format!("{} {} {} @ {}", word("symbol"), word("side"), order["quantity"], word("limit_price"))
    };
    world.sim.own_orders().iter().map(text).collect()
}

/// Runs a command that ends well and gives `symbol rule` of what it passed over.
fn skipped(world: &World, command: &str) -> Vec<String> {
    skips_of(&world.json(0, &[command]))
}

fn skips_of(object: &Value) -> Vec<String> {
    let text = |skip: &Value| format!("{} {}", skip["symbol"].as_str().unwrap(), skip["rule"].as_str().unwrap());
    object["skipped"].as_array().unwrap().iter().map(text).collect()
}

/// Runs a command whose first order is answered when something else was done.
fn run_and_meanwhile(world: &World, command: &str, meanwhile: impl FnOnce(&World)) -> Value {
    world.sim.hold_answer("order");
    let mut prepared = world.command(&["--json", command]);
    let child = prepared.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until(&format!("{command} never sent an order"), || world.sim.order_posts() == 1);
    meanwhile(world);
    world.sim.let_answer();
    Run::of(child.wait_with_output().unwrap()).object()
}

/// A split seen by the quote first, then by the quote's base, and by the balance last: shares and cost are adjusted days late.
fn live_through_a_split(mode: Mode, (before, after): (u64, u64), (old_price, new_price): (&str, &str)) {
    let fallen = if new_price == "10" { "9.5" } else { "95" };
    let told = format!("{mode:?} {before}:{after}");
    let mut world = world_of(mode);
    world.sim.hold("AAPL", before, old_price);
    world.sim.price("AAPL", new_price, old_price);
    assert_eq!(skipped(&world, "sell"), ["AAPL price_suspicious"], "{told}");
    let why = if after > before { "AAPL price_suspicious" } else { "AAPL decline_too_small" };
    assert_eq!(skipped(&world, "buy"), [why], "{told}");
    for day in ["2023-05-25", "2023-05-26"] {
        world.set_clock(format!("{day}T14:30:00Z").parse::<DateTime<Utc>>().unwrap());
        world.sim.price("AAPL", new_price, new_price);
        assert_eq!(skipped(&world, "sell"), ["AAPL price_suspicious"], "{told}: {day}");
        world.sim.price("AAPL", fallen, new_price);
        assert_eq!(skipped(&world, "buy"), ["AAPL price_suspicious"], "{told}: {day}");
        assert_eq!(orders(&world), [""; 0], "{told}: {day}");
    }
    world.sim.hold("AAPL", after, new_price);
    assert_eq!(skipped(&world, "sell"), ["AAPL hold"], "{told}: adjusted");
    let status = world.json(0, &["status"]);
    assert_eq!((&status["cooldowns"], orders(&world)), (&json!([]), vec![]), "{told}: nothing is left of it");
}

#[test]
fn a_split_trades_nothing_until_the_cost_is_adjusted_too() {
    for mode in MODES {
        live_through_a_split(mode, (10, 100), ("100", "10"));
        live_through_a_split(mode, (100, 10), ("10", "100"));
    }
}

#[test]
fn a_halt_of_three_days_costs_a_stop_loss_one_refusal_an_hour_and_then_the_holding_is_sold() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.sim.hold("AAPL", 10, "100");
        for day in ["2023-05-23", "2023-05-24", "2023-05-25"] {
            world.set_clock(format!("{day}T14:30:00Z").parse::<DateTime<Utc>>().unwrap());
            let halted = json!({ "symbol": "AAPL", "last": "80", "base": "82", "volume": 1000, "halted": true });
            world.sim.control("POST", "/prices", halted);
            world.sim.forget_requests();
            for _ in 0..4 {
                assert_eq!(world.json(1, &["sell"])["reason"], "order_rejected", "{mode:?} {day}");
                world.advance(1800);
                assert_eq!(skipped(&world, "sell"), ["AAPL refused_today"], "{mode:?} {day}");
                world.advance(1800);
            }
            assert_eq!(world.sim.order_posts(), 4, "{mode:?} {day}");
        }
        world.set_clock("2023-05-26T14:30:00Z".parse().unwrap());
        let resumed = json!({ "symbol": "AAPL", "last": "80", "base": "80", "volume": 1000, "halted": false });
        world.sim.control("POST", "/prices", resumed);
        assert_eq!(world.json(0, &["sell"])["orders"][0]["state"], "accepted", "{mode:?}: trading resumed");
    }
}

#[test]
fn what_did_not_trade_yet_today_is_neither_sold_nor_bought_nor_let_through_as_a_filter() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.sim.hold("AAPL", 10, "100");
        let yesterdays = |world: &World, volume: u64| {
            world.sim.control(
                "POST",
                "/prices",
                json!({ "symbol": "AAPL", "last": "80", "base": "90", "volume": volume }),
            );
        };
        yesterdays(&world, 0);
        assert_eq!(skipped(&world, "sell"), ["AAPL price_unknown"], "{mode:?}");
        assert_eq!(skipped(&world, "buy"), ["AAPL price_unknown"], "{mode:?}");
        world.set("buy.watch", r#"["AMZN"]"#).set("buy.filter", r#"["AAPL"]"#).set("sell.positions", "\"all\"");
        world.sim.hold("AAPL", 0, "100");
        world.sim.price("AMZN", "95", "100");
        assert_eq!(world.json(0, &["buy"])["reason"], "filter_unknown", "{mode:?}");
        yesterdays(&world, 1);
        world.sim.hold("AAPL", 10, "100");
        assert_eq!(world.json(0, &["sell"])["orders"].as_array().unwrap().len(), 1, "{mode:?}: one share traded");
    }
}

#[test]
fn a_price_that_jumps_between_quote_and_order_is_met_by_the_limit() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.sim.control("POST", "/fills", json!({ "mode": "path" }));
        world.set("buy.watch", r#"["AAPL", "AMZN"]"#).set("buy.picks", "2");
        world.sim.price("AMZN", "90", "100");
        world.sim.price("AAPL", "95", "100");
        let object = run_and_meanwhile(&world, "buy", |world| world.sim.price("AAPL", "120", "100"));
        assert_eq!(object["exit_code"], 0, "{mode:?}: {object:#}");
        world.advance(60);
        let bought: Vec<(Value, Value)> = world
            .sim
            .own_orders()
            .iter()
            .map(|order| (order["symbol"].clone(), order["filled_quantity"].clone()))
            .collect();
        assert_eq!(bought[1], (json!("AAPL"), json!(0)), "{mode:?}: nobody pays 120 for what was decided at 95");
        world.advance(21 * 60);
        assert_eq!(world.json(0, &["cleanup"])["cancelled"][0]["symbol"], "AAPL", "{mode:?}");
        assert_eq!(skipped(&world, "buy")[0], "AAPL decline_too_small", "{mode:?}: decided afresh");

        let mut world = world_of(mode);
        world.sim.control("POST", "/fills", json!({ "mode": "path" }));
        world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
        for (symbol, last) in [("AMZN", "80"), ("AAPL", "84")] {
            world.sim.hold(symbol, 10, "100");
            world.sim.price(symbol, last, last);
        }
        run_and_meanwhile(&world, "sell", |world| world.sim.price("AAPL", "70", "84"));
        world.advance(60);
        assert_eq!(orders(&world)[1], "AAPL sell 10 @ 83.16", "{mode:?}");
        assert_eq!(
            world.sim.own_orders()[1]["filled_quantity"],
            0,
            "{mode:?}: a stop loss above the price protects nobody"
        );
        world.advance(21 * 60);
        assert_eq!(world.json(0, &["cleanup"])["cancelled"][0]["symbol"], "AAPL", "{mode:?}");
        world.advance(60);
        assert_eq!(world.json(0, &["sell"])["orders"][0]["limit_price"], "69.30", "{mode:?}: after the price");
    }
}

#[test]
fn a_moved_listing_is_looked_for_in_the_run_after_the_one_that_missed_it() {
    let mut world = World::paper();
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    world.set("buy.watch", r#"["SES"]"#);
    let listed = |world: &World, exchange: &str, blank: bool| {
        let price =
            json!({ "symbol": "SES", "exchange": exchange, "last": "5", "base": "6", "volume": 9, "blank": blank });
        world.sim.control("POST", "/prices", price);
    };
    let quotes = |world: &World| world.sim.requests().iter().filter(|id| *id == QUOTE).count();
    listed(&world, "NASD", false);
    assert_eq!(world.json(0, &["buy", "--dry-run"])["orders"][0]["exchange"], "NASD");
    assert_eq!(world.run(&["buy"]).code, 0);
    for order in world.sim.own_orders() {
        world.sim.control("POST", "/orders/cancel", json!({ "order_id": order["order_id"] }));
    }
    world.sim.control("DELETE", "/prices", json!({ "symbol": "SES" }));
    listed(&world, "NYSE", false);
    world.advance(60);
    world.sim.forget_requests();
    assert_eq!((skipped(&world, "buy"), quotes(&world)), (vec!["SES price_unknown".to_owned()], 1));
    world.sim.forget_requests();
    let object = world.json(0, &["buy"]);
    assert_eq!((&object["orders"][0]["exchange"], quotes(&world)), (&json!("NYSE"), 3));
}

#[test]
fn an_order_refused_for_its_listing_makes_the_next_run_look_for_it() {
    let mut world = World::real();
    world.set("buy.watch", r#"["AAPL"]"#).set("buy.filter", "[]");
    world.sim.price("AAPL", "95", "100");
    world.sim.fault("order", "reject", json!({ "code": "APBK0656", "message": "해당종목정보가 없습니다." }));
    assert_eq!(world.json(1, &["buy"])["reason"], "order_rejected");
    world.sim.forget_requests();
    assert_eq!(world.json(0, &["buy"])["orders"][0]["state"], "accepted");
    let asked = world.sim.request_records();
    let asked: Vec<&Value> =
        asked.iter().filter(|request| request["path"].as_str().unwrap().contains("price")).collect();
    let text = format!("{asked:?}");
    assert!(["NAS", "NYS", "AMS"].iter().all(|exchange| text.contains(exchange)), "{text}");
}

#[test]
fn a_renamed_ticker_is_held_but_not_managed_and_said_so() {
    for mode in MODES {
        let world = world_of(mode);
        world.sim.control("POST", "/prices", json!({ "symbol": "AAPL", "blank": true }));
        world.sim.price("APLX", "200", "199");
        world.sim.hold("APLX", 10, "100");
        let object = world.json(0, &["sell"]);
        assert_eq!(skips_of(&object), ["APLX not_managed"], "{mode:?}");
        assert!(object["warnings"][0].as_str().unwrap().starts_with("APLX held but not managed"), "{object:#}");
        let status = world.run(&["status"]);
        assert!(status.stdout.contains("not managed"), "{mode:?}: {}", status.stdout);
        assert_eq!(skipped(&world, "buy"), ["AAPL price_unknown"], "{mode:?}");
    }
}

/// Two symbols that a buy wants, or two holdings at their stop loss.
fn two_orders(mode: Mode, command: &str, at: &str) -> World {
    let mut world = World::new(mode, at);
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#).set("buy.picks", "2").set("gateway.timeout_seconds", "30");
    world.set("market.buy_until", "\"15:45\"");
    for (symbol, last) in [("AMZN", "80"), ("AAPL", "84")] {
        world.sim.price(symbol, last, "90");
        if command == "sell" {
            world.sim.hold(symbol, 10, "100");
        }
    }
    world
}

#[test]
fn a_halt_that_arrives_between_two_orders_stops_the_second() {
    for command in ["buy", "sell"] {
        for mode in MODES {
            let world = two_orders(mode, command, crate::support::harness::MID_SESSION);
            let object = run_and_meanwhile(&world, command, |world| {
                std::fs::write(world.files.state("HALT"), "rumours").unwrap();
            });
            assert_eq!((&object["exit_code"], &object["reason"]), (&json!(80), &json!("halted")), "{command} {mode:?}");
            assert_eq!((skips_of(&object), world.sim.order_posts()), (vec!["AAPL halted".to_owned()], 1));
            assert_eq!(object["orders"][0]["state"], "accepted", "the first is told");
        }
    }
}

/// Lets a run start so many seconds before `close`. Its first order is answered after it, whenever it was sent.
fn run_into_the_close(mode: Mode, command: &str, close: &str, seconds: i64) -> (World, Value) {
    let start = close.parse::<DateTime<Utc>>().unwrap() - TimeDelta::seconds(seconds);
    let mut world = two_orders(mode, command, &rfc3339(start));
    world.set("gateway.timeout_seconds", "60");
    world.sim.fault("order", "delay", json!({ "seconds": seconds + 1 }));
    let object = world.run(&["--json", command]).object();
    (world, object)
}

#[test]
fn a_close_that_arrives_between_two_orders_stops_the_second() {
    for (command, at, word) in [
        ("buy", "2023-05-24T19:45:00Z", "AAPL after_buy_until"),
        ("sell", "2023-05-24T20:00:00Z", "AAPL market_closed"),
        ("sell", "2023-11-24T18:00:00Z", "AAPL market_closed"),
    ] {
        for mode in MODES {
            // A loaded machine may not come to its first order before the close. Then it has twice the time, and so on.
            let (world, object) = [1, 2, 4, 8, 16, 32]
                .into_iter()
                .map(|seconds| run_into_the_close(mode, command, at, seconds))
                .find(|(world, _)| world.sim.order_posts() > 0)
                .expect("one order goes out before the close");
            assert_eq!(object["exit_code"], 0, "{command} {mode:?} {at}: {object:#}");
            assert_eq!(
                (skips_of(&object), world.sim.order_posts()),
                (vec![word.to_owned()], 1),
                "{command} {mode:?} {at}"
            );
        }
    }
}
