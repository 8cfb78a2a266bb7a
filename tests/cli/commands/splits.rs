//! Stock splits: quote and account go over at moments of their own, and nothing is traded by a price in other units than the
//! balance's. And shares of ours that left `watch`.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::support::harness::{Mode, World};

const MODES: [Mode; 2] = [Mode::Paper, Mode::Real];
const DAILY: &str = "HHDFS76240000";
/// 15:35 and 10:05 in New York on two trading dates, one after the other.
const EVE: &str = "2023-05-24T19:35:00Z";
const MORNING: &str = "2023-05-25T14:05:00Z";
/// The trading dates after them, one of them after a long weekend.
const LATER: [&str; 6] = ["2023-05-26", "2023-05-30", "2023-05-31", "2023-06-01", "2023-06-02", "2023-06-05"];

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The evening before: AAPL is all that is watched, and nothing fills by itself.
fn world_of(mode: Mode) -> World {
    let mut world = World::new(mode, EVE);
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    world.set("buy.watch", r#"["AAPL"]"#).set("sell.fallback_take_profit_percent", "0");
    world
}

/// A holding of AAPL that a run sees in the last hour of the evening before.
fn eve(mode: Mode, quantity: u64, cost: &str) -> World {
    let world = world_of(mode);
    world.sim.hold("AAPL", quantity, cost);
    world.sim.price("AAPL", "100.20", "100");
    assert_eq!(skipped(&world, "sell"), ["AAPL hold"]);
    world
}

fn skipped(world: &World, command: &str) -> Vec<String> {
    skips_of(&world.json(0, &[command]))
}

fn skips_of(object: &Value) -> Vec<String> {
    let text = |skip: &Value| format!("{} {}", skip["symbol"].as_str().unwrap(), skip["rule"].as_str().unwrap());
    object["skipped"].as_array().unwrap().iter().map(text).collect()
}

/// `symbol side quantity` of the orders that KIS has.
fn orders(world: &World) -> Vec<String> {
    let text = |order: &Value| {
        format!("{} {} {}", order["symbol"].as_str().unwrap(), order["side"].as_str().unwrap(), order["quantity"])
    };
    world.sim.own_orders().iter().map(text).collect()
}

/// The journal's lines about splits: kind and ratio.
fn split_lines(world: &World) -> Vec<String> {
    let is_wanted = |line: &&Value| {
        let kind = line["kind"].as_str().unwrap();
        kind.starts_with("split") || kind == "unit" || line["verdict"] == "price_is_right"
    };
    let text = |line: &Value| {
        let ratio = line["ratio"].as_str().or(line["factor"].as_str()).unwrap_or_default();
        format!("{} {ratio}", line["kind"].as_str().unwrap()).trim_end().to_owned()
    };
    world.files.journal().iter().filter(is_wanted).map(text).collect()
}

#[test]
fn a_split_that_the_account_has_not_followed_sells_nothing_until_it_has() {
    for mode in MODES {
        for (cost, ratio, base, last, after) in [
            ("98", "3:2", "66.80", "67", (45, "65.3333")),
            ("98", "5:4", "80.16", "80", (37, "78.40")),
            ("110", "1:2", "200.40", "202", (15, "220")),
        ] {
            let mut world = eve(mode, 30, cost);
            world.set_clock(at(MORNING));
            world.sim.price("AAPL", last, base);
            let object = world.json(0, &["sell"]);
            assert_eq!(
                (skips_of(&object), orders(&world)),
                (vec!["AAPL split_suspected".to_owned()], vec![]),
                "{ratio}"
            );
            let detail = object["skipped"][0]["detail"].as_str().unwrap();
            for figure in [base, "100.20", ratio, "30 at", cost, "--settle price=AAPL"] {
                assert!(detail.contains(figure), "{figure}: {detail}");
            }
            assert!(object["warnings"][0].as_str().unwrap().starts_with("AAPL: split_suspected: "), "{object:#}");
            // Between runs it is the journal that knows.
            std::fs::remove_file(world.files.state("symbols.json")).unwrap();
            assert_eq!(skipped(&world, "buy"), ["AAPL split_suspected"], "{ratio}");
            let status = world.json(0, &["status"]);
            let aside = &status["set_aside"][0];
            assert_eq!((&aside["symbol"], &aside["reason"]), (&json!("AAPL"), &json!("split_suspected")), "{status:#}");
            assert!(aside["since"].as_str().unwrap().starts_with("2023-05-25T14:05"), "{status:#}");
            assert_eq!(aside["detail"].as_str(), Some(detail));
            assert!(world.run(&["status"]).stdout.contains("Set aside: AAPL (split_suspected) since 2023-05-25 10:05"));
            world.set_clock(at("2023-05-26T14:05:00Z"));
            world.sim.price("AAPL", last, last);
            assert_eq!(skipped(&world, "sell"), ["AAPL split_suspected"], "{ratio}: the next date");
            world.sim.hold("AAPL", after.0, after.1);
            assert_eq!(skipped(&world, "sell"), ["AAPL hold"], "{ratio}: followed");
            let lines = [format!("split_suspected {ratio}"), format!("unit {ratio}")];
            assert_eq!(split_lines(&world), lines);
            assert_eq!(orders(&world), [""; 0], "{mode:?} {ratio}");
            let status = world.json(0, &["status"]);
            assert_eq!(status["set_aside"], json!([]));
        }
    }
}

#[test]
fn what_is_set_aside_counts_at_the_price_before_and_stops_no_buy_of_others() {
    for mode in MODES {
        let mut world = eve(mode, 60, "98");
        world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
        world.set_clock(at(MORNING));
        world.sim.price("AAPL", "100.20", "100.20");
        world.sim.price("AMZN", "98", "100");
        let total = |world: &World| world.json(0, &["status"])["account"]["total_usd"].clone();
        let before = total(&world);
        world.advance(1800);
        world.sim.price("AAPL", "66", "66.80");
        assert_eq!(skipped(&world, "sell"), ["AAPL split_suspected"], "{mode:?}");
        assert_eq!(total(&world), before, "{mode:?}: a split is no loss");
        let object = world.json(0, &["buy"]);
        assert_eq!(object["orders"][0]["symbol"], "AMZN", "{mode:?}: {object:#}");
        assert_eq!(skips_of(&object), ["AAPL split_suspected"], "{mode:?}");
    }
}

#[test]
fn after_six_trading_dates_a_fall_that_no_account_followed_is_sold() {
    let mut world = eve(Mode::Paper, 30, "98");
    world.set_clock(at(MORNING));
    world.sim.price("AAPL", "67", "66.80");
    assert_eq!(skipped(&world, "sell"), ["AAPL split_suspected"]);
    world.sim.price("AAPL", "67", "67");
    for day in &LATER[..5] {
        world.set_clock(at(&format!("{day}T14:05:00Z")));
        assert_eq!(skipped(&world, "sell"), ["AAPL split_suspected"], "{day}");
    }
    world.set_clock(at(&format!("{}T14:05:00Z", LATER[5])));
    let object = world.json(0, &["sell"]);
    assert_eq!(object["orders"][0]["state"], "accepted", "{object:#}");
    assert!(object["warnings"][0].as_str().unwrap().contains("traded again"), "{object:#}");
    assert_eq!(split_lines(&world), ["split_suspected 3:2", "split_over"]);
}

#[test]
fn a_person_may_say_that_the_price_is_right() {
    for mode in MODES {
        let mut world = eve(mode, 30, "98");
        world.set_clock(at(MORNING));
        world.sim.price("AAPL", "67", "66.80");
        assert_eq!(skipped(&world, "sell"), ["AAPL split_suspected"]);
        let refused = world.json(2, &["cleanup", "--settle", "price=AMZN"]);
        assert!(refused["detail"].as_str().unwrap().contains("AMZN is not set aside"), "{refused:#}");
        let settled = world.json(0, &["cleanup", "--settle", "price=AAPL"]);
        assert!(settled["detail"].as_str().unwrap().contains("AAPL is traded again"), "{settled:#}");
        assert_eq!(split_lines(&world), ["split_suspected 3:2", "human"]);
        let object = world.json(0, &["sell"]);
        assert_eq!(object["orders"][0]["reason"], "stop_loss", "{object:#}");
    }
}

/// The market data has AAPL's close of the evening before: 171.84.
#[test]
fn without_a_price_of_the_last_hour_kis_is_asked_once_for_the_close() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.set_clock(at("2023-05-24T14:05:00Z"));
        world.sim.hold("AAPL", 30, "170");
        assert_eq!(skipped(&world, "sell"), ["AAPL hold"]);
        let split = json!({ "symbol": "AAPL", "from": 2, "to": 3, "quote_at": "2023-05-25T08:00:00Z",
                            "account_at": "2023-05-26T12:00:00Z" });
        world.sim.control("POST", "/split", split);
        world.set_clock(at(MORNING));
        world.sim.forget_requests();
        let asked = |world: &World| world.sim.requests().iter().filter(|request| *request == DAILY).count();
        for _ in 0..2 {
            assert_eq!(skipped(&world, "sell"), ["AAPL split_suspected"], "{mode:?}");
            world.advance(1800);
        }
        assert_eq!((asked(&world), orders(&world)), (1, vec![]), "{mode:?}");
        let asked_for = world.sim.request_records().into_iter().find(|request| request["tr_id"] == DAILY).unwrap();
        let query = asked_for["query"].to_string();
        for field in ["MODP", "20230524"] {
            assert!(query.contains(field), "{asked_for:#}");
        }
        world.set_clock(at("2023-05-26T14:05:00Z"));
        assert_eq!(skipped(&world, "sell"), ["AAPL hold"], "{mode:?}: the account has followed");
        assert_eq!(split_lines(&world), ["split_suspected 3:2", "unit 3:2"], "{mode:?}");
    }
}

/// What was remembered of prices is lost: KIS is asked for yesterday's close of what is about to be ordered.
#[test]
fn where_the_memory_of_prices_cannot_be_read_kis_is_asked_for_the_close() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.sim.hold("AAPL", 30, "170");
        assert_eq!(skipped(&world, "sell"), ["AAPL hold"]);
        let split = json!({ "symbol": "AAPL", "from": 2, "to": 3, "quote_at": "2023-05-25T08:00:00Z",
                            "account_at": "2023-05-26T12:00:00Z" });
        world.sim.control("POST", "/split", split);
        std::fs::write(world.files.state("symbols.json"), "{").unwrap();
        world.set_clock(at(MORNING));
        let object = world.json(65, &["sell"]);
        assert_eq!((skips_of(&object), orders(&world)), (vec!["AAPL split_suspected".to_owned()], vec![]), "{mode:?}");
        assert!(object["warnings"].to_string().contains("symbols.json"), "{object:#}");
    }
}

/// Halted on the date of a split, nobody saw its step: raw and adjusted closes of the date before differ by it.
#[test]
fn a_split_in_a_session_that_no_run_looked_at_is_found() {
    for mode in MODES {
        for (is_split, cost) in [(true, "170"), (false, "210")] {
            let mut world = world_of(mode);
            world.sim.hold("AAPL", 30, cost);
            if is_split {
                let split = json!({ "symbol": "AAPL", "from": 2, "to": 3, "quote_at": "2023-05-25T08:00:00Z",
                                    "account_at": "2023-05-30T12:00:00Z" });
                world.sim.control("POST", "/split", split);
            }
            // A price is seen, and no rule applies yet.
            world.set("sell.stop_loss_percent", "90");
            assert_eq!(skipped(&world, "sell"), ["AAPL hold"]);
            world.set("sell.stop_loss_percent", "10");
            std::fs::write(world.files.state("HALT"), "").unwrap();
            world.set_clock(at(MORNING));
            assert_eq!(world.run(&["sell"]).code, 80);
            std::fs::remove_file(world.files.state("HALT")).unwrap();
            world.set_clock(at("2023-05-26T14:05:00Z"));
            world.sim.forget_requests();
            let object = world.json(0, &["sell"]);
            let asked: Vec<Value> =
                world.sim.request_records().into_iter().filter(|request| request["tr_id"] == DAILY).collect();
            let queries: Vec<[&Value; 2]> =
                asked.iter().map(|request| ["BYMD", "MODP"].map(|field| &request["query"][field])).collect();
            let all =
                [["20230524", "0"], ["20230524", "1"], ["20230525", "0"]].map(|query| query.map(|field| json!(field)));
            let expected: Vec<[&Value; 2]> = all.iter().map(|query| query.each_ref()).collect();
            assert_eq!(queries, expected[..if is_split { 2 } else { 3 }], "{mode:?}");
            if is_split {
                assert_eq!((skips_of(&object), orders(&world)), (vec!["AAPL split_suspected".to_owned()], vec![]));
                world.advance(1800);
                assert_eq!(skipped(&world, "sell"), ["AAPL split_suspected"], "{mode:?}");
                world.set_clock(at("2023-05-30T14:05:00Z"));
                assert_eq!(skipped(&world, "sell"), ["AAPL hold"], "{mode:?}: the account has followed");
                assert_eq!(split_lines(&world), ["split_suspected 3:2", "unit 3:2"], "{mode:?}");
            } else {
                assert_eq!(object["orders"][0]["reason"], "stop_loss", "{mode:?}: a loss that is one");
                assert_eq!(split_lines(&world), [""; 0]);
            }
        }
    }
}

/// Bought and split while the machine was off: the holding is new to the program, and its quote was never seen in old units.
#[test]
fn a_split_of_shares_that_a_person_bought_while_no_run_looked_is_found() {
    for mode in MODES {
        let mut world = world_of(mode);
        assert_eq!(skipped(&world, "sell"), [""; 0], "{mode:?}: nothing is held");
        world.sim.hold("AAPL", 30, "170");
        split_while_off(&world, "2023-05-31T12:00:00Z");
        world.set_clock(at("2023-05-30T14:05:00Z"));
        assert_eq!((skipped(&world, "sell"), orders(&world)), (vec!["AAPL split_suspected".to_owned()], vec![]));
        world.set_clock(at("2023-05-31T14:05:00Z"));
        assert_eq!(skipped(&world, "sell"), ["AAPL hold"], "{mode:?}: the account has followed");
        assert_eq!(split_lines(&world), ["split_suspected 3:2", "unit 3:2"], "{mode:?}");
    }
}

/// AAPL is split 3:2 on a morning on which no run looks, the account at a moment of its own.
fn split_while_off(world: &World, account_at: &str) {
    let split =
        json!({ "symbol": "AAPL", "from": 2, "to": 3, "quote_at": "2023-05-26T08:00:00Z", "account_at": account_at });
    world.sim.control("POST", "/split", split);
}

/// The account had followed before the program saw it, or the shares were bought after the split: their cost says so, and nothing is
/// held back.
#[test]
fn shares_bought_while_no_run_looked_that_are_in_new_units_are_traded() {
    for mode in MODES {
        for (is_bought_before, quantity, cost) in [(true, 30, "170"), (false, 45, "115")] {
            let mut world = world_of(mode);
            assert_eq!(skipped(&world, "sell"), [""; 0], "{mode:?}: nothing is held");
            if is_bought_before {
                world.sim.hold("AAPL", quantity, cost);
            }
            split_while_off(&world, "2023-05-29T12:00:00Z");
            world.set_clock(at("2023-05-30T14:05:00Z"));
            if !is_bought_before {
                world.sim.hold("AAPL", quantity, cost);
            }
            assert_eq!(skipped(&world, "sell"), ["AAPL hold"], "{mode:?} {cost}");
            assert_eq!(split_lines(&world), ["unit 3:2"], "{mode:?} {cost}");
            // Asked once, while the purchase is recent: an order that is due days later is not held back by it.
            world.sim.forget_requests();
            world.set_clock(at("2023-06-05T14:05:00Z"));
            world.set("sell.stop_loss_percent", "1").set("sell.take_profit_percent", "1");
            let object = world.json(0, &["sell"]);
            assert_eq!(object["orders"].as_array().unwrap().len(), 1, "{mode:?} {cost}: {object:#}");
        }
    }
}

#[test]
fn a_loss_of_shares_bought_while_no_run_looked_is_one_without_a_split() {
    for mode in MODES {
        let mut world = world_of(mode);
        assert_eq!(skipped(&world, "sell"), [""; 0], "{mode:?}: nothing is held");
        world.sim.hold("AAPL", 30, "210");
        world.set_clock(at("2023-05-30T14:05:00Z"));
        assert_eq!(world.json(0, &["sell"])["orders"][0]["reason"], "stop_loss", "{mode:?}");
        assert_eq!(split_lines(&world), [""; 0]);
    }
}

/// A close that KIS does not answer for: nothing is sent, and the next run asks again.
#[test]
fn without_an_answer_for_the_close_nothing_is_sent() {
    let mut world = world_of(Mode::Paper);
    world.set_clock(at("2023-05-24T14:05:00Z"));
    world.sim.hold("AAPL", 30, "170");
    assert_eq!(skipped(&world, "sell"), ["AAPL hold"]);
    world.sim.hold("AAPL", 30, "210");
    world.set_clock(at(MORNING));
    world.sim.fault("dailyprice", "drop_before", json!({ "times": 3 }));
    assert_eq!(skipped(&world, "sell"), ["AAPL price_unknown"]);
    assert_eq!(orders(&world), [""; 0]);
    world.advance(1800);
    let object = world.json(0, &["sell"]);
    assert_eq!(object["orders"][0]["reason"], "stop_loss", "a loss that is one: {object:#}");
    assert_eq!(split_lines(&world), [""; 0]);
}

/// KIS refuses the past of as many symbols as end a run when their answers are missing; the stop loss beside them goes out.
#[test]
fn refused_closes_hold_back_no_other_symbol() {
    const HELD: [(&str, &str); 4] = [("AAPL", "210"), ("MSFT", "400"), ("AMZN", "150"), ("TSLA", "240")];
    let mut world = world_of(Mode::Paper);
    world.set_clock(at("2023-05-24T14:05:00Z"));
    for (symbol, cost) in HELD {
        world.sim.hold(symbol, 30, cost);
    }
    // A price is seen of each, and no rule applies yet.
    world.set("buy.watch", r#"["AAPL", "AMZN", "MSFT", "TSLA"]"#).set("sell.stop_loss_percent", "90");
    assert_eq!(skipped(&world, "sell"), HELD.map(|(symbol, _)| format!("{symbol} hold")));
    world.set("sell.stop_loss_percent", "10").set_clock(at(MORNING));
    for (symbol, _) in &HELD[..3] {
        let refusal = json!({ "symbol": symbol, "code": "EGW00316", "lasting": true });
        world.sim.fault("dailyprice", "code", refusal);
    }
    let object = world.json(0, &["sell"]);
    assert_eq!(skips_of(&object), ["AAPL price_unknown", "AMZN price_unknown", "MSFT price_unknown"]);
    assert_eq!(orders(&world), ["TSLA sell 30"]);
}

#[test]
fn an_account_that_goes_over_first_takes_no_profit_that_is_none() {
    for mode in MODES {
        let mut world = eve(mode, 30, "98");
        world.set_clock(at(MORNING));
        world.sim.price("AAPL", "100", "100.20");
        world.sim.hold("AAPL", 45, "65.3333");
        assert_eq!(skipped(&world, "sell"), ["AAPL split_suspected"], "{mode:?}");
        let total = world.json(0, &["status"])["positions"][0]["last"].clone();
        assert_eq!(total, "66.80", "{mode:?}: it counts in the balance's units");
        world.set_clock(at("2023-05-25T19:35:00Z"));
        assert_eq!(skipped(&world, "sell"), ["AAPL split_suspected"], "{mode:?}");
        world.set_clock(at("2023-05-26T14:05:00Z"));
        world.sim.price("AAPL", "66.60", "66.6667");
        assert_eq!(skipped(&world, "sell"), ["AAPL hold"], "{mode:?}: the quote has followed");
        assert_eq!(split_lines(&world), ["split_suspected 3:2", "unit 3:2"]);
        assert_eq!(orders(&world), [""; 0]);
    }
}

/// A world in which 10 shares of AAPL were sold at 100.20 on the evening before.
fn sold_out(mode: Mode) -> World {
    let world = world_of(mode);
    world.sim.control("POST", "/fills", json!({ "mode": "path" }));
    world.sim.hold("AAPL", 10, "90");
    world.sim.price("AAPL", "100.20", "100");
    assert_eq!(world.json(0, &["sell"])["orders"][0]["reason"], "take_profit");
    world
}

#[test]
fn after_a_split_the_last_sale_counts_in_new_units() {
    for mode in MODES {
        for (ratio, base, forbidden, allowed) in
            [("1:2", "200.40", "200.40", "199"), ("2:1", "50.10", "50.10", "49.90")]
        {
            let mut world = sold_out(mode);
            world.set_clock(at(MORNING));
            // 50.10 is far below the 100.20 of the evening before, and yet no cheaper.
            let base_above = if ratio == "1:2" { "201" } else { "50.50" };
            world.sim.price("AAPL", base, base);
            assert_eq!(skipped(&world, "buy"), ["AAPL decline_too_small"], "{mode:?} {ratio}");
            assert_eq!(split_lines(&world), [format!("unit {ratio}")], "{mode:?}: not held, the step is certain");
            world.sim.price("AAPL", forbidden, base_above);
            assert_eq!(skipped(&world, "buy"), ["AAPL rebuy_rule"], "{mode:?} {ratio}");
            world.sim.price("AAPL", allowed, base);
            let object = world.json(0, &["buy"]);
            assert_eq!(object["orders"][0]["state"], "accepted", "{mode:?} {ratio}: {object:#}");
        }
    }
}

#[test]
fn a_small_step_of_a_symbol_not_held_waits_six_dates() {
    let mut world = sold_out(Mode::Paper);
    world.set_clock(at(MORNING));
    world.sim.price("AAPL", "66", "66.80");
    assert_eq!(skipped(&world, "buy"), ["AAPL split_suspected"]);
    world.sim.price("AAPL", "66", "67");
    for day in &LATER[..5] {
        world.set_clock(at(&format!("{day}T14:10:00Z")));
        assert_eq!(skipped(&world, "buy"), ["AAPL split_suspected"], "{day}");
    }
    world.set_clock(at(&format!("{}T14:10:00Z", LATER[5])));
    assert_eq!(world.json(0, &["buy"])["orders"][0]["state"], "accepted");
    assert_eq!(split_lines(&world), ["split_suspected 3:2", "split_over"]);
}

/// The largest moves of the market data, each with a look in the last hour before and one the morning after.
#[test]
fn earnings_and_the_wildest_day_set_nothing_aside() {
    for (symbol, cost, eve, morning) in [
        ("META", "300", "2022-02-02T20:35:00Z", "2022-02-03T15:05:00Z"),
        ("META", "130", "2022-10-26T19:35:00Z", "2022-10-27T14:05:00Z"),
        ("META", "150", "2023-02-01T20:35:00Z", "2023-02-02T15:05:00Z"),
        ("NVDA", "300", "2023-05-24T19:35:00Z", "2023-05-25T14:05:00Z"),
        ("SOXL", "9", "2025-04-08T19:35:00Z", "2025-04-09T14:05:00Z"),
        ("SOXL", "9", "2025-04-09T19:35:00Z", "2025-04-10T14:05:00Z"),
    ] {
        let mut world = World::new(Mode::Real, eve);
        world.sim.control("POST", "/fills", json!({ "mode": "never" }));
        world.set("buy.watch", &format!("[{symbol:?}]")).set("sell.stop_loss_percent", "0");
        world.set("sell.take_profit_percent", "90").set("sell.fallback_take_profit_percent", "0");
        world.sim.hold(symbol, 10, cost);
        for time in [eve, morning] {
            world.set_clock(at(time));
            for command in ["sell", "buy"] {
                let object = world.json(0, &[command]);
                let skips = skips_of(&object);
                assert!(!skips.iter().any(|skip| skip.contains("split")), "{symbol} {time} {command}: {object:#}");
            }
        }
        assert_eq!(split_lines(&world), [""; 0], "{symbol} {morning}");
    }
}

/// Ten shares bought by the program itself at 100, and AAPL is no longer watched.
fn left_watch(mode: Mode) -> World {
    let mut world = world_of(mode);
    world.sim.control("POST", "/fills", json!({ "mode": "path" }));
    world.set("buy.max_quantity", "10").set("sell.stop_loss_percent", "15");
    world.sim.price("AAPL", "100", "101");
    world.set_clock(at("2023-05-24T14:10:00Z"));
    assert_eq!(world.json(0, &["buy"])["orders"][0]["quantity"], 10);
    world.advance(600);
    assert_eq!(world.run(&["cleanup"]).code, 0);
    world.set("buy.watch", r#"["AMZN"]"#);
    world
}

#[test]
fn own_shares_that_left_watch_keep_their_stop_loss_and_nothing_else() {
    for mode in MODES {
        let world = left_watch(mode);
        // Four shares more came by hand.
        world.sim.hold("AAPL", 14, "100");
        world.sim.price("AAPL", "112", "111");
        let object = world.json(0, &["sell"]);
        assert_eq!((skips_of(&object), orders(&world).len()), (vec!["AAPL not_managed".to_owned()], 1), "{mode:?}");
        let warning = object["warnings"][0].as_str().unwrap();
        for word in ["10 shares", "stop loss", "watch", "[sell] keep"] {
            assert!(warning.contains(word), "{word}: {warning}");
        }
        let status = world.json(0, &["status"]);
        let line = &status["positions"][0];
        assert_eq!((&line["managed"], &line["stop_loss_shares"]), (&json!(false), &json!(10)), "{status:#}");
        world.sim.price("AAPL", "84", "95");
        let object = world.json(0, &["sell"]);
        assert_eq!(object["orders"][0]["reason"], "stop_loss", "{mode:?}: {object:#}");
        assert_eq!(orders(&world)[1], "AAPL sell 10", "{mode:?}: ours, and not what came by hand");
    }
}

#[test]
fn other_hands_sales_took_the_others_shares_first_and_keep_silences_it() {
    for (left, own, keep, expected) in [
        (14, 10, "[]", vec!["AAPL sell 10"]),
        (10, 10, "[]", vec!["AAPL sell 10"]),
        (6, 6, "[]", vec!["AAPL sell 6"]),
        (14, 10, r#"["AAPL"]"#, vec![]),
    ] {
        let mut world = left_watch(Mode::Paper);
        world.sim.hold("AAPL", left, "100");
        world.sim.price("AAPL", "84", "95");
        world.set("sell.keep", keep);
        let object = world.json(0, &["sell"]);
        assert_eq!(orders(&world)[1..], expected, "{left} {own} {keep}: {object:#}");
        if keep != "[]" {
            assert_eq!((skips_of(&object), &object["warnings"]), (vec!["AAPL keep".to_owned()], &json!([])));
        }
    }
    // Without a purchase of ours nothing of it is ours.
    let mut world = world_of(Mode::Paper);
    world.set("buy.watch", r#"["AMZN"]"#);
    world.sim.hold("AAPL", 14, "100");
    world.sim.price("AAPL", "84", "95");
    assert_eq!((skipped(&world, "sell"), orders(&world)), (vec!["AAPL not_managed".to_owned()], vec![]));
}

#[test]
fn own_shares_outlast_the_month_and_a_split() {
    let mut world = left_watch(Mode::Paper);
    world.set("sell.stop_loss_percent", "90").set("limits.plausible_profit_percent", "[]");
    world.set_clock(at("2023-05-31T19:35:00Z"));
    world.sim.price("AAPL", "100", "100");
    assert_eq!(skipped(&world, "sell"), ["AAPL not_managed"]);
    world.set_clock(at("2023-06-01T14:05:00Z"));
    world.sim.price("AAPL", "50", "50");
    assert_eq!(skipped(&world, "sell"), ["AAPL split_suspected"]);
    world.sim.hold("AAPL", 20, "50");
    assert_eq!(skipped(&world, "sell"), ["AAPL not_managed"]);
    world.set("sell.stop_loss_percent", "15");
    world.sim.hold("AAPL", 29, "50");
    world.sim.price("AAPL", "42", "45");
    let object = world.json(0, &["sell"]);
    assert_eq!(object["orders"][0]["quantity"], 20, "{object:#}");
}
