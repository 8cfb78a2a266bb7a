//! `sell`: stop losses first, then profits, and nothing that is not plausible.

use serde_json::{Value, json};

use crate::support::harness::{Mode, World};

const MODES: [Mode; 2] = [Mode::Paper, Mode::Real];

fn world_of(mode: Mode) -> World {
    let mut world = World::new(mode, crate::support::harness::MID_SESSION);
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    world.set("buy.watch", r#"["AAPL", "AMZN", "TSLA", "META", "MSFT", "NVDA"]"#);
    world
}

fn world() -> World {
    world_of(Mode::Paper)
}

/// A holding of ten shares that cost 100, quoted at `last`; it closed there yesterday.
fn hold(world: &World, symbol: &str, last: &str) {
    world.sim.hold(symbol, 10, "100");
    world.sim.price(symbol, last, last);
}

/// `symbol quantity @ price purpose` of each order.
fn orders(object: &Value) -> Vec<String> {
    let word = |order: &Value, key: &str| order[key].as_str().unwrap().to_owned();
    let text = |order: &Value| {
        format!(
            "{} {} @ {} {}",
            word(order, "symbol"),
            order["quantity"],
            word(order, "limit_price"),
            word(order, "reason")
        )
    };
    object["orders"].as_array().unwrap().iter().map(text).collect()
}

fn skipped(object: &Value) -> Vec<String> {
    let text = |skip: &Value| format!("{} {}", skip["symbol"].as_str().unwrap(), skip["rule"].as_str().unwrap());
    object["skipped"].as_array().unwrap().iter().map(text).collect()
}

#[test]
fn all_stop_losses_go_first_worst_first_then_the_best_profits() {
    for mode in MODES {
        let mut world = world_of(mode);
        for (symbol, last) in [("AAPL", "84"), ("AMZN", "80"), ("TSLA", "106"), ("META", "109"), ("MSFT", "101")] {
            hold(&world, symbol, last);
        }
        let object = world.json(0, &["sell", "--dry-run"]);
        assert_eq!(
            orders(&object),
            ["AMZN 10 @ 79.20 stop_loss", "AAPL 10 @ 83.16 stop_loss", "META 10 @ 109.00 take_profit"],
            "{mode:?}"
        );
        assert_eq!(skipped(&object), ["TSLA hold", "MSFT hold"]);
        world.set("sell.sells_per_run", "\"all\"");
        let object = world.json(0, &["sell"]);
        assert_eq!(orders(&object)[2..], ["META 10 @ 109.00 take_profit", "TSLA 10 @ 106.00 take_profit"]);
        let sent: Vec<Value> = world
            .sim
            .orders()
            .iter()
            .map(|order| json!([order["symbol"], order["side"], order["limit_price"], order["type"]]))
            .collect();
        assert_eq!(
            sent,
            [
                json!(["AMZN", "sell", "79.20", "00"]),
                json!(["AAPL", "sell", "83.16", "00"]),
                json!(["META", "sell", "109.00", "00"]),
                json!(["TSLA", "sell", "106.00", "00"]),
            ]
        );
    }
}

#[test]
fn the_borders_belong_to_the_rules() {
    for (last, expected) in [
        ("105", vec!["AAPL 10 @ 105.00 take_profit"]),
        ("104.99", vec!["AAPL 10 @ 104.99 fallback_take_profit"]),
        ("101.5", vec!["AAPL 10 @ 101.50 fallback_take_profit"]),
        ("101.49", vec![]),
        ("100", vec![]),
        ("85.01", vec![]),
        ("85", vec!["AAPL 10 @ 84.15 stop_loss"]),
    ] {
        let world = world();
        hold(&world, "AAPL", last);
        let object = world.json(0, &["sell"]);
        assert_eq!(orders(&object), expected, "{last}");
        if expected.is_empty() {
            assert_eq!(
                (&object["reason"], skipped(&object)),
                (&json!("nothing_to_sell"), vec!["AAPL hold".to_owned()]),
                "{last}"
            );
        }
    }
}

#[test]
fn the_fallback_sells_the_best_one_only_and_only_when_nothing_else_is_sold() {
    let mut world = world();
    hold(&world, "AAPL", "102");
    hold(&world, "AMZN", "103");
    assert_eq!(orders(&world.json(0, &["sell", "--dry-run"])), ["AMZN 10 @ 103.00 fallback_take_profit"]);
    hold(&world, "TSLA", "106");
    assert_eq!(orders(&world.json(0, &["sell", "--dry-run"])), ["TSLA 10 @ 106.00 take_profit"]);
    hold(&world, "TSLA", "80");
    assert_eq!(orders(&world.json(0, &["sell", "--dry-run"])), ["TSLA 10 @ 79.20 stop_loss"]);
    world.sim.hold("TSLA", 0, "100");
    world.set("sell.fallback_take_profit_percent", "0");
    assert_eq!(world.json(0, &["sell"])["reason"], "nothing_to_sell", "0 turns it off");
}

#[test]
fn stop_losses_can_be_turned_off() {
    let mut world = world();
    world.set("sell.stop_loss_percent", "0");
    hold(&world, "AAPL", "60");
    assert_eq!(world.json(0, &["sell"])["reason"], "nothing_to_sell");
}

#[test]
fn offsets_lower_the_price_and_it_is_rounded_down_to_the_tick() {
    for (last, offset, expected) in [("106.01", "0.5", "105.47"), ("106.01", "0", "106.01")] {
        let mut world = world();
        world.set("sell.limit_offset_percent", offset);
        hold(&world, "AAPL", last);
        assert_eq!(world.json(0, &["sell"])["orders"][0]["limit_price"], expected);
    }
    let world = world();
    world.sim.hold("AAPL", 10, "1");
    world.sim.price("AAPL", "0.8123", "0.82");
    let order = world.json(0, &["sell"])["orders"][0].clone();
    assert_eq!(
        (&order["limit_price"], &order["state"]),
        (&json!("0.8041"), &json!("accepted")),
        "0.0001 below a dollar"
    );
}

#[test]
fn only_what_is_managed_is_sold() {
    let mut world = world();
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#).set("sell.keep", r#"["AMZN"]"#);
    for symbol in ["AAPL", "AMZN", "TSLA"] {
        hold(&world, symbol, "110");
    }
    let object = world.json(0, &["sell", "--dry-run"]);
    assert_eq!(orders(&object), ["AAPL 10 @ 110.00 take_profit"]);
    assert_eq!(skipped(&object), ["AMZN keep", "TSLA not_managed"]);
    assert!(object["warnings"][0].as_str().unwrap().starts_with("TSLA held but not managed"), "{object:#}");
    world.set("sell.positions", "\"all\"").set("sell.sells_per_run", "\"all\"");
    let object = world.json(0, &["sell", "--dry-run"]);
    assert_eq!(orders(&object), ["AAPL 10 @ 110.00 take_profit", "TSLA 10 @ 110.00 take_profit"]);
    assert_eq!((skipped(&object), &object["warnings"]), (vec!["AMZN keep".to_owned()], &json!([])));
}

#[test]
fn what_cannot_be_sold_is_passed_over_with_its_reason() {
    for mode in MODES {
        let world = world_of(mode);
        for symbol in ["AAPL", "AMZN", "TSLA", "META"] {
            hold(&world, symbol, "110");
        }
        let place = |body: Value| {
            let mut body = body;
            body["account"] = json!(world.sim.account());
            world.sim.control("POST", "/positions", body);
        };
        place(json!({ "symbol": "AAPL", "quantity": 10, "average_cost": "100", "sellable": 0 }));
        place(json!({ "symbol": "AMZN", "quantity": 10, "average_cost": "100", "loan_type": "27" }));
        world.sim.control("POST", "/prices", json!({ "symbol": "TSLA", "last": "110", "base": "100", "volume": 0 }));
        place(json!({ "symbol": "META", "quantity": 10, "average_cost": "100", "sellable": 4 }));
        let object = world.json(0, &["sell"]);
        assert_eq!(orders(&object), ["META 4 @ 110.00 take_profit"], "{mode:?}");
        assert_eq!(skipped(&object), ["AAPL nothing_sellable", "AMZN loan_holding", "TSLA price_unknown"]);
    }
}

#[test]
fn what_looks_like_a_split_is_for_a_person_and_starts_no_cooldown() {
    for mode in MODES {
        for (cost, last, base) in
            [("100", "10", "10"), ("100", "49.9", "50"), ("10", "20.1", "20"), ("100", "50", "100")]
        {
            let world = world_of(mode);
            world.sim.hold("AAPL", 10, cost);
            world.sim.price("AAPL", last, base);
            let object = world.json(0, &["sell"]);
            assert_eq!(
                (orders(&object), skipped(&object)),
                (vec![], vec!["AAPL price_suspicious".to_owned()]),
                "{cost} {last} {base}"
            );
            assert!(object["warnings"][0].as_str().unwrap().starts_with("AAPL: price_suspicious: "));
            assert_eq!(world.json(0, &["status"])["cooldowns"], json!([]));
        }
        let mut world = world_of(mode);
        world.set("limits.plausible_profit_percent", "[]");
        hold(&world, "AAPL", "49");
        assert_eq!(orders(&world.json(0, &["sell"])), ["AAPL 10 @ 48.51 stop_loss"], "a setting");
    }
}

#[test]
fn a_quote_far_from_the_balances_price_is_not_believed() {
    for mode in MODES {
        for (balance, is_sold) in [("104", false), ("105", true), ("116", false)] {
            let world = world_of(mode);
            world.sim.price("AAPL", "110", "109");
            let position = json!({ "account": world.sim.account(), "symbol": "AAPL", "quantity": 10, "average_cost": "100", "now_price": balance });
            world.sim.control("POST", "/positions", position);
            let object = world.json(0, &["sell"]);
            assert_eq!(orders(&object).len(), usize::from(is_sold), "{mode:?} {balance}: {object:#}");
            if !is_sold {
                assert_eq!(skipped(&object), ["AAPL price_suspicious"]);
            }
        }
    }
}

#[test]
fn the_same_holding_under_two_exchange_codes_is_sold_once() {
    for mode in MODES {
        let world = world_of(mode);
        hold(&world, "AAPL", "110");
        world.sim.control("POST", "/quirks", json!({ "duplicate_holding": true, "balance_padding_rows": 3 }));
        assert_eq!(orders(&world.json(0, &["sell"])), ["AAPL 10 @ 110.00 take_profit"], "{mode:?}");
        assert_eq!(world.sim.order_posts(), 1);
    }
}

#[test]
fn an_open_sell_blocks_another_one() {
    for mode in MODES {
        let mut world = world_of(mode);
        hold(&world, "AAPL", "110");
        assert_eq!(orders(&world.json(0, &["sell"])).len(), 1);
        world.advance(60);
        assert_eq!(skipped(&world.json(0, &["sell"])), ["AAPL order_open"], "{mode:?}");
        assert_eq!(world.sim.order_posts(), 1);
    }
}

#[test]
fn an_unknown_buy_never_blocks_a_stop_loss() {
    let mut world = world();
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.hold("AAPL", 10, "120");
    world.sim.price("AAPL", "95", "100");
    world.sim.fault("order", "drop_before", json!({}));
    assert_eq!(world.run(&["buy"]).code, 81);
    world.advance(60);
    let object = world.json(81, &["sell"]);
    assert_eq!(orders(&object), ["AAPL 10 @ 94.05 stop_loss"]);
    assert_eq!(object["orders"][0]["state"], "accepted");
}

#[test]
fn a_take_profit_fills_on_the_market_datas_path_and_its_profit_is_written_down() {
    // AMZN went from 115.35 to 117.34 and closed at 116.75 on that day.
    for mode in MODES {
        let mut world = World::new(mode, "2023-05-24T14:00:00Z");
        world.set("buy.watch", r#"["AMZN"]"#);
        world.sim.hold("AMZN", 10, "108");
        let object = world.json(0, &["sell"]);
        assert_eq!(
            (&object["orders"][0]["reason"], &object["orders"][0]["state"]),
            (&json!("take_profit"), &json!("accepted")),
            "{mode:?} {object:#}"
        );
        let limit = object["orders"][0]["limit_price"].as_str().unwrap().parse::<rust_decimal::Decimal>().unwrap();
        world.advance(2 * 3600);
        let object = world.json(0, &["sell"]);
        assert_eq!(object["reason"], "no_position");
        let row: Vec<String> = world.files.trades()[0].split(',').map(str::to_owned).collect();
        assert_eq!((&row[2][..], &row[4][..], &row[5][..]), ("AMZN", "sell", "10"));
        let price = row[6].parse::<rust_decimal::Decimal>().unwrap();
        assert!(price >= limit, "filled at {price} under the limit {limit}");
        let profit = (price - rust_decimal::Decimal::from(108)) * rust_decimal::Decimal::from(10);
        assert_eq!(row[10].parse::<rust_decimal::Decimal>().unwrap(), profit.round_dp(2));
        assert!(row[11].parse::<rust_decimal::Decimal>().unwrap() > rust_decimal::Decimal::from(5), "{row:?}");
        assert_eq!(world.files.trades().len(), 1, "once");
        assert_eq!(world.run(&["cleanup"]).code, 0);
        assert_eq!(world.files.trades().len(), 1);
    }
}

#[test]
fn a_sell_that_fills_in_parts_keeps_the_rest_until_it_is_cancelled() {
    for mode in MODES {
        let mut world = world_of(mode);
        hold(&world, "AAPL", "110");
        assert_eq!(orders(&world.json(0, &["sell"])), ["AAPL 10 @ 110.00 take_profit"]);
        let fill = json!({ "account": world.sim.account(), "order_id": world.sim.orders()[0]["order_id"], "quantity": 4, "price": "110" });
        world.sim.control("POST", "/orders/fill", fill);
        world.advance(21 * 60);
        let object = world.json(0, &["cleanup"]);
        assert_eq!(object["cancelled"][0]["quantity"], 6, "{mode:?} {object:#}");
        world.sim.price("AAPL", "111", "110");
        assert_eq!(
            orders(&world.json(0, &["sell"])),
            ["AAPL 6 @ 111.00 take_profit"],
            "decided afresh at the new price"
        );
        assert_eq!(world.files.trades().len(), 1);
        assert!(world.files.trades()[0].contains(",sell,4,110.00,440.00,"), "{:?}", world.files.trades());
        assert!(world.files.trades()[0].ends_with(",40.00,10.00"), "{:?}", world.files.trades());
    }
}

#[test]
fn a_line_says_how_many_were_sold_one_below_what_and_with_v_one_why_the_rest_stayed() {
    let mut world = World::real();
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
    hold(&world, "AAPL", "110");
    hold(&world, "AMZN", "99");
    let planned = world.run(&["sell", "--dry-run", "-v"]);
    assert_eq!(
        planned.lines(),
        [
            "sell [REAL]: dry run, would send 1 order",
            "  AAPL  애플        take_profit  profit 10.00 % of cost 100.00; sell 10 @ 110.00 would be sent",
            "  AMZN  아마존닷컴  hold         profit -1.00 % (take 5 %, stop -15 %)",
        ]
    );
    let run = world.run(&["sell"]);
    assert_eq!(
        run.lines(),
        [
            "sell [REAL]: 1 of 1 order accepted",
            "  AAPL  애플  take_profit  profit 10.00 % of cost 100.00; sell 10 @ 110.00 accepted (0030000001)",
        ]
    );
    assert_eq!(run.stderr, "");
}

#[test]
fn an_incomplete_balance_sells_nothing() {
    for mode in MODES {
        let world = world_of(mode);
        world.sim.control("POST", "/quirks", json!({ "page_rows": 1 }));
        hold(&world, "AAPL", "110");
        hold(&world, "AMZN", "111");
        world.sim.fault("balance", "html", json!({ "nth": 2, "times": 99 }));
        assert_eq!(world.json(69, &["sell"])["orders"], json!([]), "{mode:?}");
        world.sim.control("DELETE", "/faults", Value::Null);
        assert_eq!(orders(&world.json(0, &["sell"])), ["AMZN 10 @ 111.00 take_profit"], "{mode:?}: every page is read");
    }
}

#[test]
fn a_quote_that_fails_passes_its_symbol_over_and_the_third_failure_ends_the_run() {
    let mut world = world();
    world.set("sell.sells_per_run", "\"all\"");
    hold(&world, "AAPL", "110");
    hold(&world, "AMZN", "111");
    assert_eq!(world.run(&["sell", "--dry-run"]).code, 0);
    world.set("buy.watch", r#"["NASD:AAPL", "NASD:AMZN"]"#);
    world.sim.fault("price", "html", json!({ "symbol": "AAPL", "times": 3 }));
    let object = world.json(0, &["sell", "--dry-run"]);
    assert_eq!(
        (orders(&object), skipped(&object)),
        (vec!["AMZN 10 @ 111.00 take_profit".to_owned()], vec!["AAPL price_unknown".to_owned()])
    );
    let world_without_exchanges = crate::commands::sell::world();
    hold(&world_without_exchanges, "AAPL", "110");
    world_without_exchanges.sim.fault("price", "html", json!({ "times": 99 }));
    assert_eq!(world_without_exchanges.json(69, &["sell"])["reason"], "gateway_nonsense");
    assert_eq!(world_without_exchanges.sim.order_posts(), 0);
}
