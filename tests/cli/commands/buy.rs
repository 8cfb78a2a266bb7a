//! `buy`: the rules as a user can rely on them, against prices that kis-sim pins.

use serde_json::{Value, json};

use crate::support::harness::{Mode, World};

const MODES: [Mode; 2] = [Mode::Paper, Mode::Real];

fn world() -> World {
    let world = World::paper();
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    world
}

/// `symbol quantity @ price` of each order.
fn orders(object: &Value) -> Vec<String> {
    let text = |order: &Value| {
        format!(
            "{} {} @ {}",
            order["symbol"].as_str().unwrap(),
            order["quantity"],
            order["limit_price"].as_str().unwrap()
        )
    };
    object["orders"].as_array().unwrap().iter().map(text).collect()
}

/// `symbol rule` of each symbol passed over.
fn skipped(object: &Value) -> Vec<String> {
    let text = |skip: &Value| format!("{} {}", skip["symbol"].as_str().unwrap(), skip["rule"].as_str().unwrap());
    object["skipped"].as_array().unwrap().iter().map(text).collect()
}

#[test]
fn what_fell_most_is_bought_first_in_rank_order() {
    for mode in MODES {
        let mut world = World::new(mode, crate::support::harness::MID_SESSION);
        world.set("buy.watch", r#"["AAPL", "AMZN", "TSLA", "META", "MSFT"]"#).set("buy.picks", "2");
        for (symbol, last) in [("AAPL", "97"), ("AMZN", "91"), ("TSLA", "95"), ("META", "100"), ("MSFT", "103")] {
            world.sim.price(symbol, last, "100");
        }
        let object = world.json(0, &["buy"]);
        assert_eq!(orders(&object), ["AMZN 21 @ 91.00", "TSLA 21 @ 95.00"]);
        assert_eq!(skipped(&object), ["META decline_too_small", "MSFT decline_too_small", "AAPL not_picked"]);
        let sent: Vec<Value> =
            world.sim.orders().iter().map(|order| json!([order["symbol"], order["type"], order["side"]])).collect();
        assert_eq!(sent, [json!(["AMZN", "00", "buy"]), json!(["TSLA", "00", "buy"])]);
    }
}

#[test]
fn ties_go_by_symbol_and_the_least_decline_is_a_setting() {
    let mut world = world();
    world.set("buy.watch", r#"["TSLA", "AMZN", "AAPL", "META"]"#).set("buy.picks", "2");
    world.set("buy.min_decline_percent", "4");
    for (symbol, last) in [("AAPL", "95"), ("AMZN", "95"), ("TSLA", "95"), ("META", "96")] {
        world.sim.price(symbol, last, "100");
    }
    let object = world.json(0, &["buy", "--dry-run"]);
    assert_eq!(orders(&object), ["AAPL 21 @ 95.00", "AMZN 21 @ 95.00"]);
    assert_eq!(skipped(&object), ["META decline_too_small", "TSLA not_picked"], "exactly 4 % is not more than 4 %");
}

#[test]
fn every_filter_symbol_must_stand_strictly_above_yesterdays_close() {
    for (last, base, volume, reason) in [
        ("100.01", "100", 1000, None),
        ("100", "100", 1000, Some("filter_not_met")),
        ("99", "100", 1000, Some("filter_not_met")),
        ("120", "100", 0, Some("filter_unknown")),
    ] {
        let mut world = world();
        world.set("buy.filter", r#"["NVDA", "MSFT"]"#).set("buy.watch", r#"["AAPL"]"#);
        world.sim.price("NVDA", "101", "100");
        world.sim.price("AAPL", "95", "100");
        world.sim.control("POST", "/prices", json!({ "symbol": "MSFT", "last": last, "base": base, "volume": volume }));
        let object = world.json(0, &["buy"]);
        assert_eq!(object["reason"], json!(reason), "{last}/{base}: {object:#}");
        assert_eq!(world.sim.order_posts(), usize::from(reason.is_none()));
        if let Some(reason) = reason {
            let detail = object["detail"].as_str().unwrap();
            assert!(detail.contains("MSFT") && !detail.contains("NVDA"), "{detail}");
            let run = world.run(&["buy"]);
            assert!(run.line().starts_with(&format!("buy [PAPER]: nothing to do, {reason}: MSFT ")), "{}", run.stdout);
        }
    }
    let mut world = world();
    world.set("buy.filter", r#"["MSFT"]"#).set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    world.sim.control("POST", "/prices", json!({ "symbol": "MSFT", "blank": true }));
    assert_eq!(world.json(0, &["buy"])["reason"], "filter_unknown", "a blank price blocks");
}

#[test]
fn each_pick_gets_its_share_of_the_cash_also_when_fewer_pass() {
    for mode in MODES {
        let mut world = World::new(mode, crate::support::harness::MID_SESSION);
        world.set("buy.picks", "3").set("limits.max_order_usd", "4000").set("buy.watch", r#"["AMZN", "AAPL"]"#);
        world.sim.price("AAPL", "10", "11");
        world.sim.price("AMZN", "101", "100");
        world.set("buy.max_quantity", "10000");
        let cash: f64 = world.json(0, &["status"])["account"]["cash_usd"].as_str().unwrap().parse().unwrap();
        let object = world.json(0, &["buy"]);
        let shares = (cash * 0.98 / 3.0 / 10.0) as u64;
        assert_eq!(orders(&object), [format!("AAPL {shares} @ 10.00")], "{mode:?} with {cash}");
    }
}

#[test]
fn an_order_is_capped_by_every_limit() {
    for (key, value, quantity) in [
        ("buy.max_quantity", "7", 7),
        ("limits.max_order_usd", "500", 5),
        ("limits.max_position_usd", "285", 3),
        ("buy.picks", "9", 11),
    ] {
        let mut world = world();
        world.set("buy.watch", r#"["AAPL"]"#).set(key, value);
        world.sim.price("AAPL", "95", "100");
        let object = world.json(0, &["buy"]);
        assert_eq!(orders(&object), [format!("AAPL {quantity} @ 95.00")], "{key}");
    }
}

#[test]
fn a_limit_without_room_for_one_share_names_itself() {
    for (key, value, rule) in
        [("limits.max_order_usd", "94.99", "too_expensive"), ("limits.max_position_usd", "94.99", "position_limit")]
    {
        let mut world = world();
        world.set("buy.watch", r#"["AAPL"]"#).set("buy.min_cash_usd", "1").set(key, value);
        world.sim.price("AAPL", "95", "100");
        let object = world.json(0, &["buy"]);
        assert_eq!(
            (&object["reason"], skipped(&object)),
            (&json!("no_candidate"), vec![format!("AAPL {rule}")]),
            "{key}"
        );
    }
}

#[test]
fn the_day_has_a_limit_of_its_own() {
    for (limit, second) in [("2300", Some("AMZN 3 @ 94.00")), ("2040", None)] {
        let mut world = world();
        world.set("buy.watch", r#"["AAPL", "AMZN"]"#).set("limits.max_buy_usd_per_day", limit);
        world.sim.price("AAPL", "93", "100");
        world.sim.price("AMZN", "94", "100");
        let object = world.json(0, &["buy"]);
        let expected: Vec<&str> = std::iter::once("AAPL 21 @ 93.00").chain(second).collect();
        assert_eq!(orders(&object), expected, "{limit}");
        let rules: Vec<&str> = second.map_or(vec!["AMZN day_limit"], |_| vec![]);
        assert_eq!(skipped(&object), rules, "{limit}");
    }
}

#[test]
fn too_little_cash_buys_nothing() {
    let mut world = world();
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "5", "6");
    world.sim.control("POST", "/cash", json!({ "usd": "100" }));
    let object = world.json(0, &["buy"]);
    assert_eq!(
        (&object["result"], &object["reason"]),
        (&json!("nothing_to_do"), &json!("cash_too_low")),
        "99 after what paper holds back"
    );
    world.set("buy.min_cash_usd", "90");
    assert_eq!(orders(&world.json(0, &["buy"])), ["AAPL 6 @ 5.00"], "a third of 98 %");
}

#[test]
fn won_collateral_never_buys() {
    for mode in MODES {
        let mut world = World::new(mode, crate::support::harness::MID_SESSION);
        world.set("buy.watch", r#"["AAPL"]"#);
        world.sim.price("AAPL", "5", "6");
        world.sim.control(
            "POST",
            "/cash",
            json!({ "account": world.sim.account(), "usd": "50", "won_collateral_usd": "9000" }),
        );
        world.sim.control("POST", "/quirks", json!({ "psamount_includes_collateral": true }));
        assert_eq!(world.json(0, &["buy"])["reason"], "cash_too_low", "{mode:?}");
    }
}

#[test]
fn the_limit_price_is_last_with_the_offset_rounded_up_to_the_tick() {
    for (last, base, offset, price) in [
        ("95", "100", "0", "95.00"),
        ("95", "100", "1", "95.95"),
        ("95.01", "100", "0.5", "95.49"),
        ("0.5123", "0.6", "0", "0.5123"),
        ("0.5123", "0.6", "1", "0.5175"),
        ("0.9999", "1.1", "1", "1.01"),
    ] {
        let mut world = world();
        world.set("buy.watch", r#"["AAPL"]"#).set("buy.limit_offset_percent", offset);
        world.sim.price("AAPL", last, base);
        let object = world.json(0, &["buy"]);
        assert_eq!(object["orders"][0]["limit_price"], price, "{last} + {offset} %");
        assert_eq!(object["orders"][0]["state"], "accepted", "kis-sim takes only prices on the tick");
    }
}

#[test]
fn an_open_order_of_ours_blocks_its_symbol() {
    for mode in MODES {
        let mut world = World::new(mode, crate::support::harness::MID_SESSION);
        world.sim.control("POST", "/fills", json!({ "mode": "never" }));
        world.set("buy.watch", r#"["AAPL"]"#);
        world.sim.price("AAPL", "95", "100");
        assert_eq!(orders(&world.json(0, &["buy"])).len(), 1);
        world.advance(60);
        assert_eq!(skipped(&world.json(0, &["buy"])), ["AAPL order_open"]);
        assert_eq!(world.sim.order_posts(), 1);
    }
}

#[test]
fn a_held_symbol_may_be_bought_again_up_to_the_position_limit() {
    let mut world = world();
    world.set("buy.watch", r#"["AAPL"]"#).set("limits.max_position_usd", "1000");
    world.sim.price("AAPL", "95", "100");
    world.sim.hold("AAPL", 5, "90");
    assert_eq!(orders(&world.json(0, &["buy"])), ["AAPL 5 @ 95.00"]);
}

#[test]
fn the_number_of_positions_is_limited() {
    let mut world = world();
    world.set("buy.watch", r#"["AAPL", "AMZN", "TSLA"]"#).set("limits.max_positions", "2");
    world.sim.hold("TSLA", 1, "95");
    for (symbol, last) in [("AAPL", "95"), ("AMZN", "94"), ("TSLA", "96")] {
        world.sim.price(symbol, last, "100");
    }
    let object = world.json(0, &["buy"]);
    assert_eq!(orders(&object), ["AMZN 21 @ 94.00", "TSLA 20 @ 96.00"]);
    assert_eq!(skipped(&object), ["AAPL max_positions"]);
}

#[test]
fn a_price_that_nobody_knows_is_passed_over() {
    let mut world = world();
    world.set("buy.watch", r#"["AAPL", "AMZN", "TSLA", "NOPE"]"#);
    world.sim.control("POST", "/prices", json!({ "symbol": "AAPL", "blank": true }));
    world.sim.control("POST", "/prices", json!({ "symbol": "AMZN", "last": "90", "base": "100", "volume": 0 }));
    world.sim.price("TSLA", "95", "100");
    let object = world.json(0, &["buy"]);
    assert_eq!(orders(&object), ["TSLA 21 @ 95.00"]);
    assert_eq!(skipped(&object), ["AAPL price_unknown", "AMZN price_unknown", "NOPE price_unknown"]);
}

#[test]
fn a_price_that_moved_too_far_is_for_a_person() {
    for mode in MODES {
        let mut world = World::new(mode, crate::support::harness::MID_SESSION);
        world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
        // No usual split makes it fall so.
        world.sim.price("AAPL", "45", "100");
        world.sim.price("AMZN", "70", "100");
        let object = world.json(0, &["buy"]);
        assert_eq!(skipped(&object), ["AAPL price_suspicious"], "exactly 30 % is not beyond");
        assert!(object["warnings"][0].as_str().unwrap().starts_with("AAPL: price_suspicious: "), "{object:#}");
        assert_eq!(orders(&object), ["AMZN 28 @ 70.00"], "{mode:?}");
    }
}

#[test]
fn past_the_daily_loss_nothing_is_bought_that_day_but_sells_go_on() {
    for mode in MODES {
        let mut world = World::new(mode, crate::support::harness::MID_SESSION);
        world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
        world.sim.price("AAPL", "95", "100");
        world.sim.price("AMZN", "100", "100");
        world.sim.hold("AMZN", 100, "100");
        assert_eq!(world.run(&["status"]).code, 0);
        world.advance(600);
        world.sim.price("AMZN", "84", "100");
        let object = world.json(0, &["buy"]);
        assert_eq!(
            (&object["result"], &object["reason"]),
            (&json!("nothing_to_do"), &json!("daily_loss_limit")),
            "{mode:?} {object:#}"
        );
        assert_eq!(world.sim.order_posts(), 0);
        assert_eq!(world.json(0, &["sell"])["orders"][0]["reason"], "stop_loss");
        world.set_clock("2023-05-25T14:30:00Z".parse().unwrap());
        assert_ne!(world.json(0, &["buy"])["reason"], "daily_loss_limit", "a new trading date");
    }
}

#[test]
fn the_days_buying_counts_filled_and_open_orders_and_gives_back_what_never_filled() {
    let mut world = world();
    world.set("buy.watch", r#"["AAPL"]"#).set("limits.max_buy_usd_per_day", "2000");
    world.sim.price("AAPL", "95", "100");
    assert_eq!(orders(&world.json(0, &["buy"])), ["AAPL 21 @ 95.00"]);
    let id = world.sim.orders()[0]["order_id"].clone();
    world.sim.control("POST", "/orders/fill", json!({ "order_id": id, "quantity": 6 }));
    world.advance(21 * 60);
    let object = world.json(0, &["cleanup"]);
    assert_eq!(object["cancelled"][0]["quantity"], 15);
    // 6 * 95 are spent: 1430 are left, which is 15 shares at 95.
    assert_eq!(orders(&world.json(0, &["buy"])), ["AAPL 15 @ 95.00"]);
    world.advance(60);
    assert_eq!(skipped(&world.json(0, &["buy"])), ["AAPL order_open"]);
}

#[test]
fn a_sold_symbol_is_bought_back_only_on_the_right_side_of_the_last_sell() {
    for (rule, last, is_bought) in [
        ("below_last_sell", "109.99", true),
        ("below_last_sell", "110", false),
        ("below_last_sell", "112", false),
        ("above_last_sell", "110", false),
        ("above_last_sell", "110.01", true),
        ("any", "110", true),
    ] {
        let mut world = World::paper();
        world.set("buy.watch", r#"["AAPL"]"#).set("buy.rebuy", &format!("{rule:?}"));
        world.sim.hold("AAPL", 5, "100");
        world.sim.price("AAPL", "110", "108");
        assert_eq!(world.json(0, &["sell"])["orders"][0]["state"], "accepted");
        world.advance(60);
        assert_eq!(world.json(0, &["cleanup"])["settled"][0]["state"], "filled");
        world.sim.price("AAPL", last, "120");
        let object = world.json(0, &["buy"]);
        assert_eq!(orders(&object).len(), usize::from(is_bought), "{rule} at {last}: {object:#}");
        if !is_bought {
            assert_eq!(skipped(&object), ["AAPL rebuy_rule"]);
        }
    }
}

#[test]
fn after_a_stop_loss_the_symbol_rests() {
    for mode in MODES {
        let mut world = World::new(mode, crate::support::harness::MID_SESSION);
        world.set("buy.watch", r#"["AAPL"]"#).set("buy.rebuy", "\"any\"").set("limits.max_daily_loss_percent", "90");
        world.sim.hold("AAPL", 5, "100");
        world.sim.price("AAPL", "85", "88");
        let object = world.json(0, &["sell"]);
        assert_eq!(
            (&object["orders"][0]["reason"], &object["orders"][0]["limit_price"]),
            (&json!("stop_loss"), &json!("84.15"))
        );
        world.advance(60);
        assert_eq!(world.json(0, &["cleanup"])["settled"][0]["state"], "filled");
        world.sim.price("AAPL", "80", "88");
        let object = world.json(0, &["buy"]);
        assert_eq!(skipped(&object), ["AAPL cooldown"], "{mode:?}");
        let cooldowns = world.json(0, &["status"])["cooldowns"].clone();
        assert_eq!(cooldowns, json!([{ "symbol": "AAPL", "until": "2023-09-01" }]), "a hundred days");
        world.set("sell.cooldown_days", "0");
        assert_eq!(orders(&world.json(0, &["buy"])).len(), 1);
    }
}

#[test]
fn a_stop_loss_that_never_fills_starts_no_cooldown() {
    let mut world = world();
    world.set("buy.watch", r#"["AAPL"]"#).set("limits.max_daily_loss_percent", "90");
    world.sim.hold("AAPL", 5, "100");
    world.sim.price("AAPL", "85", "88");
    assert_eq!(world.json(0, &["sell"])["orders"][0]["reason"], "stop_loss");
    world.advance(21 * 60);
    assert_eq!(world.json(0, &["cleanup"])["settled"][0]["state"], "cancelled");
    assert_eq!(world.json(0, &["status"])["cooldowns"], json!([]));
    assert_eq!(orders(&world.json(0, &["buy"])).len(), 1);
}

#[test]
fn accepted_is_not_filled() {
    for mode in MODES {
        let mut world = World::new(mode, crate::support::harness::MID_SESSION);
        world.sim.control("POST", "/fills", json!({ "mode": "never" }));
        world.set("buy.watch", r#"["AAPL"]"#);
        world.sim.price("AAPL", "95", "100");
        let run = world.run(&["buy"]);
        assert!(run.lines()[0].ends_with("]: 1 of 1 order accepted"), "{}", run.stdout);
        assert!(run.lines()[1].contains("; buy 21 @ 95.00 accepted ("), "{}", run.stdout);
        assert!(!run.stdout.contains("filled"));
        assert_eq!(world.files.trades(), [""; 0]);
        assert_eq!(world.files.journal_of("observed").len(), 0);
    }
}

#[test]
fn every_fill_becomes_a_row_and_a_growing_one_a_row_with_the_difference() {
    for mode in MODES {
        let mut world = World::new(mode, crate::support::harness::MID_SESSION);
        world.sim.control("POST", "/fills", json!({ "mode": "never" }));
        world.set("buy.watch", r#"["AAPL"]"#);
        world.sim.price("AAPL", "95", "100");
        assert_eq!(world.run(&["buy"]).code, 0);
        let id = world.sim.orders()[0]["order_id"].as_str().unwrap().to_owned();
        let fill = |world: &World, quantity: u64| {
            world.sim.control(
                "POST",
                "/orders/fill",
                json!({ "account": world.sim.account(), "order_id": id, "quantity": quantity, "price": "95" }),
            );
        };
        fill(&world, 8);
        world.advance(60);
        assert_eq!(world.json(0, &["cleanup"])["kept"][0]["reason"], "too_young");
        assert_eq!(world.run(&["cleanup"]).code, 0);
        fill(&world, 3);
        world.advance(60);
        assert_eq!(world.run(&["sell"]).code, 0);
        world.advance(20 * 60);
        assert_eq!(world.json(0, &["cleanup"])["cancelled"][0]["quantity"], 10);
        let rows: Vec<Vec<String>> =
            world.files.trades().iter().map(|row| row.split(',').map(str::to_owned).collect()).collect();
        assert_eq!(rows.len(), 2, "{mode:?}: {rows:?}");
        for (row, quantity, amount) in [(&rows[0], "8", "760.00"), (&rows[1], "3", "285.00")] {
            assert_eq!(
                row[1..],
                ["2023-05-24", "AAPL", "NASD", "buy", quantity, "95.00", amount, &id, "20230524-0001", "", ""]
            );
        }
        let file = std::fs::read(world.files.state("trades.csv")).unwrap();
        assert!(file.starts_with(b"\xef\xbb\xbftime_utc,trading_date,symbol,exchange,side,quantity,price,amount,order_id,intent_id,profit_usd,profit_percent"));
    }
}

#[test]
fn prices_of_the_market_data_fill_a_real_order() {
    // TSLA fell from 185.77 to 178.22 on that day and closed at 182.90.
    for mode in MODES {
        let mut world = World::new(mode, "2023-05-24T14:00:00Z");
        world.set("buy.watch", r#"["TSLA"]"#);
        let object = world.json(0, &["buy"]);
        assert_eq!(object["orders"][0]["state"], "accepted", "{mode:?} {object:#}");
        let limit = object["orders"][0]["limit_price"].as_str().unwrap().to_owned();
        world.advance(3600);
        let settled = world.json(0, &["cleanup"]);
        assert_eq!(settled["settled"], json!([{ "intent_id": "20230524-0001", "state": "filled" }]), "{mode:?}");
        let row: Vec<String> = world.files.trades()[0].split(',').map(str::to_owned).collect();
        assert_eq!((&row[2][..], &row[4][..]), ("TSLA", "buy"));
        let number = |text: &str| text.parse::<rust_decimal::Decimal>().unwrap();
        assert!(number(&row[6]) <= number(&limit), "filled at {} over the limit {limit}", row[6]);
        let status = world.json(0, &["status"]);
        assert_eq!((&status["positions"][0]["symbol"], &status["open_orders"]), (&json!("TSLA"), &json!([])));
    }
}

#[test]
fn a_fill_that_the_balance_does_not_show_yet_counts_as_held() {
    let mut world = World::real();
    world.sim.control("POST", "/quirks", json!({ "balance_lag_seconds": 600 }));
    world
        .set("buy.watch", r#"["AAPL"]"#)
        .set("limits.max_position_usd", "2000")
        .set("limits.max_daily_loss_percent", "90");
    world.sim.price("AAPL", "95", "100");
    assert_eq!(orders(&world.json(0, &["buy"])), ["AAPL 21 @ 95.00"]);
    world.advance(30);
    let object = world.json(0, &["buy"]);
    assert_eq!(skipped(&object), ["AAPL position_limit"], "{object:#}");
    assert_eq!(world.sim.order_posts(), 1);
}
