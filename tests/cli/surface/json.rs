//! The one JSON object of `--json`: its keys and types, whatever happens.

use serde_json::{Value, json};

use crate::support::harness::{World, steady};

const COMMON: [&str; 15] = [
    "at",
    "command",
    "detail",
    "dry_run",
    "exit_code",
    "live_orders",
    "market",
    "mode",
    "next",
    "reason",
    "result",
    "run",
    "stops",
    "token",
    "warnings",
];

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

fn common_and(own: &[&'static str]) -> Vec<&'static str> {
    let mut all: Vec<&str> = COMMON.iter().chain(own).copied().collect();
    all.sort_unstable();
    all
}

/// The keys of each command, done or failed.
fn keys_of(command: &str) -> Vec<&'static str> {
    match command {
        "buy" | "sell" => common_and(&["orders", "skipped"]),
        "cleanup" => common_and(&["cancelled", "kept", "settled"]),
        "status" => common_and(&[
            "account",
            "cooldowns",
            "daily_loss",
            "halt_reason",
            "halted",
            "last_runs",
            "open_orders",
            "positions",
            "trading",
            "reasons",
            "transfers",
            "set_aside",
            "standing",
            "strategies",
            "unknown_orders",
        ]),
        _ => common_and(&[]),
    }
}

const COMMANDS: [&str; 5] = ["buy", "sell", "cleanup", "status", "token-check"];

#[test]
fn every_command_prints_exactly_one_object_with_all_its_keys() {
    for world in [World::paper(), World::real()] {
        for command in COMMANDS {
            let run = world.run(&["--json", command]);
            let object = run.object();
            assert_eq!(keys(&object), keys_of(command), "{command}");
            assert_eq!(object["command"], command);
            assert_eq!(object["mode"], world.sim.account());
            assert_eq!(run.stderr, "");
        }
    }
}

#[test]
fn the_keys_stand_also_when_the_configuration_is_wrong() {
    let mut world = World::paper();
    world.set("buy.picks", "\"three\"");
    for command in COMMANDS {
        let object = world.json(78, &[command]);
        assert_eq!(keys(&object), keys_of(command), "{command}");
        for key in ["mode", "market", "token"] {
            assert_eq!(object[key], json!(null), "{command}: {key} can't be known");
        }
        assert_eq!((&object["warnings"], &object["result"]), (&json!([]), &json!("failed")));
    }
    let object = world.json(78, &["status"]);
    for key in ["positions", "open_orders"] {
        assert_eq!(object[key], json!(null), "{key} was not read, which is not the same as none");
    }
    for key in ["cash_usd", "buying_power_usd", "positions_usd", "total_usd"] {
        assert_eq!(object["account"][key], json!(null), "{key}");
    }
}

#[test]
fn a_usage_error_prints_the_object_too() {
    let world = World::paper();
    for arguments in [&["--json"][..], &["--json", "hodl"], &["buy", "--json", "--fast"]] {
        let run = world.run(arguments);
        let object = run.object();
        assert_eq!(run.code, 2);
        assert_eq!(keys(&object), common_and(&[]));
        assert_eq!(
            (&object["command"], &object["exit_code"], &object["reason"]),
            (&json!(null), &json!(2), &json!("usage"))
        );
    }
}

#[test]
fn json_goes_before_quiet_and_verbose() {
    let world = World::paper();
    for flag in ["-q", "-v"] {
        for arguments in [[flag, "--json", "status"], ["status", "--json", flag]] {
            assert_eq!(world.run(&arguments).object()["command"], "status");
        }
    }
}

#[test]
fn buy_has_this_shape() {
    for world in [World::paper(), World::real()] {
        let mut world = world;
        world.sim.price("AAPL", "95", "100");
        world.sim.price("AMZN", "90", "100");
        world.sim.price("TSLA", "101", "100");
        world.set("buy.picks", "1");
        world.sim.control("POST", "/fills", json!({ "mode": "never" }));
        let first_id = if world.sim.account() == "paper" { "0000040840" } else { "0030000001" };
        let order = |intent_id: Value, state: &str, order_id: Value| {
            json!({
                "intent_id": intent_id, "symbol": "AMZN", "exchange": "NASD", "side": "buy", "quantity": 22,
                "limit_price": "90.00", "state": state, "order_id": order_id, "reason": "fell_most",
            })
        };
        let expected = |dry_run: bool, detail: &str, token: &str, order: Value| {
            json!({
                "command": "buy", "mode": world.sim.account(), "at": "TIME", "result": "done", "exit_code": 0,
                "reason": null, "detail": detail, "next": null, "warnings": [], "dry_run": dry_run,
                "market": {
                    "open": true, "phase": "regular", "trading_date": "2023-05-24",
                    "opens_at": "2023-05-24T13:30:00Z", "closes_at": "2023-05-24T20:00:00Z",
                },
                "token": { "state": token, "expires_at": "TIME", "seconds_left": "SECONDS", "renewed": token == "renewed" },
                "live_orders": [],
                "stops": [], "run": "RUN",
                "orders": [order],
                "skipped": [
                    { "symbol": "TSLA", "rule": "decline_too_small", "detail": "rose 1.00 % (last 101.00), a fall of more than 0 % is needed" },
                    { "symbol": "AAPL", "rule": "not_picked", "detail": "fell 5.00 %, place 2 of the candidates" },
                ],
            })
        };
        let dry = world.json(0, &["buy", "--dry-run"]);
        let dry_order = order(json!(null), "planned", json!(null));
        assert_eq!(steady(dry), expected(true, "dry run, would send 1 order", "renewed", dry_order));
        let wet = world.json(0, &["buy"]);
        let wet_order = order(json!("20230524-0001"), "accepted", json!(first_id));
        assert_eq!(steady(wet), expected(false, "1 of 1 order accepted", "valid", wet_order));
    }
}

#[test]
fn sell_has_this_shape() {
    let mut world = World::real();
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#).set("sell.keep", r#"["META"]"#);
    world.sim.hold("AAPL", 10, "100");
    world.sim.hold("AMZN", 5, "100");
    world.sim.hold("META", 1, "100");
    world.sim.hold("NVDA", 2, "100");
    for symbol in ["AAPL", "META", "NVDA"] {
        world.sim.price(symbol, "107.5", "105");
    }
    world.sim.price("AMZN", "101", "100");
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    let object = world.json(0, &["sell"]);
    assert_eq!(
        object["orders"],
        json!([{
            "intent_id": "20230524-0001", "symbol": "AAPL", "exchange": "NASD", "side": "sell", "quantity": 10,
            "limit_price": "107.50", "state": "accepted", "order_id": "0030000001", "reason": "take_profit",
        }])
    );
    assert_eq!(
        object["skipped"],
        json!([
            { "symbol": "META", "rule": "keep", "detail": "1 share, kept by [sell] keep" },
            { "symbol": "NVDA", "rule": "not_managed", "detail": "2 shares, not in [buy] watch" },
            { "symbol": "AMZN", "rule": "hold", "detail": "profit 1.00 % (take 5 %, stop -15 %)" },
        ])
    );
    let warnings = object["warnings"].as_array().unwrap();
    assert!(
        warnings.len() == 1 && warnings[0].as_str().unwrap().starts_with("NVDA held but not managed"),
        "{warnings:?}"
    );
}

#[test]
fn cleanup_has_this_shape() {
    let mut world = World::paper();
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
    world.sim.price("AAPL", "95", "100");
    world.sim.price("AMZN", "101", "100");
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    assert_eq!(world.run(&["buy"]).code, 0);
    world.advance(19 * 60);
    world.sim.price("AMZN", "90", "100");
    assert_eq!(world.run(&["buy"]).code, 0);
    world.sim.control("POST", "/quirks", json!({ "medium_on_paper": "OpenAPI" }));
    let foreign = json!({ "symbol": "TSLA", "side": "buy", "quantity": 1, "limit_price": "10" });
    let foreign_id = world.sim.control("POST", "/orders/foreign", foreign)["order_id"].clone();
    world.advance(61);
    let object = world.json(0, &["cleanup"]);
    assert_eq!(
        object["cancelled"],
        json!([{ "order_id": "0000040840", "symbol": "AAPL", "side": "buy", "quantity": 21 }])
    );
    assert_eq!(
        object["kept"],
        json!([
            { "order_id": "0000040841", "symbol": "AMZN", "reason": "too_young" },
            { "order_id": foreign_id, "symbol": "TSLA", "reason": "foreign" },
        ])
    );
    assert_eq!(object["settled"], json!([{ "intent_id": "20230524-0001", "state": "cancelled" }]));
}

#[test]
fn status_has_this_shape() {
    let mut world = World::paper();
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#).set("buy.picks", "1");
    world.sim.price("AAPL", "95", "100");
    world.sim.price("AMZN", "101", "100");
    world.sim.hold("AMZN", 5, "100");
    world.sim.hold("TSLA", 2, "150");
    world.sim.price("TSLA", "180", "179");
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    world.sim.control("POST", "/quirks", json!({ "medium_on_paper": "OpenAPI" }));
    assert_eq!(world.run(&["buy"]).code, 0);
    let foreign = json!({ "symbol": "TSLA", "side": "sell", "quantity": 1, "limit_price": "200" });
    let foreign_id = world.sim.control("POST", "/orders/foreign", foreign)["order_id"].clone();
    std::fs::write(world.files.state("HALT"), "holiday").unwrap();
    let object = steady(world.json(0, &["status"]));
    let order = |intent_id: Value, order_id: Value, symbol: &str, side: &str, quantity: u64, price: &str, own: bool| {
        json!({
            "intent_id": intent_id, "order_id": order_id, "symbol": symbol, "exchange": "NASD", "side": side,
            "quantity": quantity, "filled_quantity": 0, "limit_price": price, "submitted_at": "TIME", "own": own,
        })
    };
    let expected = json!({
        "command": "status", "mode": "paper", "at": "TIME", "result": "done", "exit_code": 0, "reason": null,
        "detail": "looked at account, orders, token and last runs", "next": null, "warnings": [], "dry_run": false,
        "market": {
            "open": true, "phase": "regular", "trading_date": "2023-05-24",
            "opens_at": "2023-05-24T13:30:00Z", "closes_at": "2023-05-24T20:00:00Z",
        },
        "token": { "state": "valid", "expires_at": "TIME", "seconds_left": "SECONDS", "renewed": false },
        "live_orders": [], "stops": ["halted"], "run": "RUN", "strategies": [], "transfers": [],
        "account": {
            "number": "****0001-01", "cash_usd": object["account"]["cash_usd"], "buying_power_usd": object["account"]["buying_power_usd"],
            "positions_usd": "865.00", "total_usd": object["account"]["total_usd"],
        },
        "positions": [
            {
                "symbol": "AMZN", "name": "아마존닷컴", "exchange": "NASD", "quantity": 5, "sellable_quantity": 5, "average_cost": "100.00",
                "last": "101.00", "profit_percent": "1.00", "managed": true, "stop_loss_shares": null,
            },
            {
                "symbol": "TSLA", "name": "테슬라", "exchange": null, "quantity": 2, "sellable_quantity": 1, "average_cost": "150.00",
                "last": "180.00", "profit_percent": "20.00", "managed": false, "stop_loss_shares": null,
            },
        ],
        "open_orders": [
            order(json!("20230524-0001"), json!("0000040840"), "AAPL", "buy", 21, "95.00", true),
            order(json!(null), foreign_id, "TSLA", "sell", 1, "200.00", false),
        ],
        "unknown_orders": [],
        "set_aside": [],
        "standing": [],
        "cooldowns": [],
        "reasons": object["reasons"],
        "last_runs": { "buy": { "at": "TIME", "exit_code": 0, "result": "done", "reason": null } },
        "halted": true, "halt_reason": "holiday", "trading": "all", "daily_loss": object["daily_loss"],
    });
    assert_eq!(object, expected);
    let amount = |key: &str| object["account"][key].as_str().unwrap().parse::<rust_decimal::Decimal>().unwrap();
    assert_eq!(
        amount("total_usd"),
        amount("cash_usd") + amount("positions_usd") + rust_decimal::Decimal::from(21 * 95)
    );
}

#[test]
fn unknown_orders_carry_their_candidates() {
    let mut world = World::paper();
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    world.sim.fault("order", "drop_before", json!({}));
    assert_eq!(world.run(&["buy"]).code, 81);
    let object = steady(world.json(0, &["status"]));
    assert_eq!(
        object["unknown_orders"],
        json!([{
            "intent_id": "20230524-0001", "order_id": null, "symbol": "AAPL", "exchange": "NASD", "side": "buy",
            "quantity": 21, "filled_quantity": 0, "limit_price": "95.00", "submitted_at": "TIME", "own": true,
            "candidates": [],
        }])
    );
    assert_eq!(object["open_orders"], json!([]));
}

#[test]
fn token_check_has_this_shape() {
    let world = World::real();
    let expected = |state: &str, result: &str, reason: Value| {
        json!({
            "command": "token-check", "mode": "real", "at": "TIME", "result": result, "exit_code": 0, "reason": reason,
            "detail": "DETAIL", "next": null, "warnings": [], "dry_run": false, "live_orders": [], "stops": [], "run": "RUN",
            "market": {
                "open": true, "phase": "regular", "trading_date": "2023-05-24",
                "opens_at": "2023-05-24T13:30:00Z", "closes_at": "2023-05-24T20:00:00Z",
            },
            "token": { "state": state, "expires_at": "TIME", "seconds_left": "SECONDS", "renewed": state == "renewed" },
        })
    };
    let said = |arguments: &[&str]| {
        let mut object = steady(world.json(0, arguments));
        assert!(object["detail"].is_string());
        object["detail"] = json!("DETAIL");
        object
    };
    assert_eq!(said(&["token-check"]), expected("renewed", "done", json!(null)));
    assert_eq!(said(&["token-check"]), expected("valid", "done", json!(null)));
    assert_eq!(said(&["token-check", "--offline"]), expected("valid", "done", json!(null)));
    assert_eq!(said(&["token-check", "--force"]), expected("valid", "nothing_to_do", json!("too_soon")));
}

#[test]
fn a_missing_token_has_no_expiry() {
    let world = World::paper();
    let object = world.json(77, &["token-check", "--offline"]);
    assert_eq!(
        object["token"],
        json!({ "state": "missing", "expires_at": null, "seconds_left": null, "renewed": false })
    );
}
