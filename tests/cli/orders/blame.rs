//! Refusals that lie in the market or the account, and those that lie in a symbol or its order: whom they stop, and for how long.

use super::*;
use crate::support::post_box::PostBox;

const CLOSED: [(&str, &str); 4] = [
    ("APBK0918", "장운영시간이 아닙니다."),
    ("40570000", "모의투자 장시작전 입니다."),
    ("APBK2995", ""),
    ("APBK9999", "지금은 장종료 상태입니다."),
];

/// Two holdings at their stop loss, and one more symbol to buy.
fn losing(mode: Mode) -> World {
    let mut world = world_of(mode);
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
    for (symbol, last) in [("AMZN", "80"), ("AAPL", "84")] {
        world.sim.hold(symbol, 10, "100");
        world.sim.price(symbol, last, "90");
    }
    world
}

fn refuse_all(world: &World, code: &str, message: &str) {
    world.sim.control("DELETE", "/faults", Value::Null);
    world.sim.fault("order", "reject", json!({ "code": code, "message": message, "times": 999 }));
}

fn symbols(object: &Value) -> Vec<String> {
    let name = |order: &Value| format!("{} {}", order["symbol"].as_str().unwrap(), order["state"].as_str().unwrap());
    object["orders"].as_array().unwrap().iter().map(name).collect()
}

#[test]
fn a_market_that_opens_two_hours_late_costs_one_order_a_run_and_no_stop_loss() {
    for mode in MODES {
        for (code, message) in CLOSED {
            let mut world = losing(mode);
            refuse_all(&world, code, message);
            for run in 0..5 {
                world.sim.forget_requests();
                let object = world.json(1, &["sell"]);
                assert_eq!(object["reason"], "order_rejected", "{mode:?} {code} run {run}");
                assert_eq!(symbols(&object), ["AMZN rejected"], "one order tries: {object:#}");
                assert_eq!(object["skipped"][0]["symbol"], "AAPL");
                assert_eq!(world.sim.order_posts(), 1, "{mode:?} {code} run {run}");
                world.advance(1800);
            }
            world.sim.control("DELETE", "/faults", Value::Null);
            let object = world.json(0, &["sell"]);
            assert_eq!(symbols(&object), ["AMZN accepted", "AAPL accepted"], "{mode:?} {code}: nobody is to blame");
        }
    }
}

#[test]
fn a_buy_that_finds_the_market_closed_tries_again_every_hour() {
    let mut world = world();
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
    world.sim.price("AMZN", "90", "100");
    refuse_all(&world, "40570000", "모의투자 장시작전 입니다.");
    for _ in 0..3 {
        let object = world.json(1, &["buy"]);
        assert_eq!(symbols(&object), ["AMZN rejected"], "{object:#}");
        assert_eq!(object["skipped"][0]["rule"], "market_closed");
        world.advance(3600);
    }
    world.sim.control("DELETE", "/faults", Value::Null);
    assert_eq!(symbols(&world.json(0, &["buy"])), ["AMZN accepted", "AAPL accepted"]);
}

#[test]
fn people_hear_of_a_late_market_once_a_date_and_of_each_symbols_own_refusal_once() {
    let post_box = PostBox::start();
    let mut world = losing(Mode::Paper);
    world.set("notify.target", &format!("[{{ kind = \"webhook\", url = \"{}/hook\" }}]", post_box.url));
    world.set("language", "\"ko\"");
    world.set("token.renew_at_hours_left", "1");
    world.put_old_token();
    refuse_all(&world, "40570000", "모의투자 장시작전 입니다.");
    let rejected =
        |post_box: &PostBox| post_box.texts("event").iter().filter(|event| *event == "order_rejected").count();
    for _ in 0..3 {
        assert_eq!(world.run(&["sell"]).code, 1);
        assert_eq!(world.run(&["buy"]).code, 1);
        world.advance(1800);
    }
    assert_eq!(rejected(&post_box), 1, "{:?}", post_box.texts("text"));
    let text = post_box.texts("text").remove(0);
    assert!(text.contains("40570000 모의투자 장시작전 입니다.") && text.contains("다시 시도합니다"), "{text}");
    refuse_all(&world, "40910000", "모의투자 주문처리가 안되었습니다(매매불가 종목)");
    for _ in 0..4 {
        assert_eq!(world.run(&["sell"]).code, 1);
        world.advance(3600);
    }
    assert_eq!(rejected(&post_box), 3, "one more for each of two symbols: {:?}", post_box.texts("text"));
}

#[test]
fn a_stop_loss_refused_for_its_own_sake_is_tried_again_once_an_hour_all_day() {
    for mode in MODES {
        let mut world = losing(mode);
        world.sim.control("POST", "/prices", json!({ "symbol": "AMZN", "halted": true }));
        let object = world.json(1, &["sell"]);
        assert_eq!(symbols(&object), ["AMZN rejected", "AAPL accepted"], "{mode:?}: {object:#}");
        for hour in 0..4 {
            world.advance(1800);
            let object = world.json(0, &["sell"]);
            let amzn = object["skipped"].as_array().unwrap().iter().find(|skip| skip["symbol"] == "AMZN").unwrap();
            assert_eq!(amzn["rule"], "refused_today", "{mode:?} hour {hour}: {object:#}");
            world.advance(1800);
            assert_eq!(symbols(&world.json(1, &["sell"])), ["AMZN rejected"], "{mode:?} hour {hour}");
        }
        world.sim.control("POST", "/prices", json!({ "symbol": "AMZN", "halted": false }));
        world.advance(3600);
        assert_eq!(symbols(&world.json(0, &["sell"])), ["AMZN accepted"], "{mode:?}");
    }
}

#[test]
fn a_take_profit_refused_twice_is_left_alone_for_the_day() {
    let mut world = world();
    world.sim.hold("AAPL", 10, "80");
    world.sim.control("POST", "/prices", json!({ "symbol": "AAPL", "halted": true }));
    for _ in 0..2 {
        assert_eq!(symbols(&world.json(1, &["sell"])), ["AAPL rejected"]);
        world.advance(3600);
    }
    assert_eq!(world.json(0, &["sell"])["skipped"][0]["rule"], "refused_today");
    assert_eq!(world.sim.order_posts(), 2);
}

#[test]
fn after_two_refusals_for_cash_nothing_is_bought_until_the_cash_has_moved() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
        world.sim.price("AMZN", "90", "100");
        let code = if mode == Mode::Paper { "40250000" } else { "APBK0952" };
        world.sim.fault("order", "code", json!({ "code": code, "times": 2 }));
        for _ in 0..2 {
            assert_eq!(symbols(&world.json(1, &["buy"])), ["AMZN rejected"], "{mode:?}: the account lacks it for all");
            world.advance(3600);
        }
        let cash = |world: &World, usd: &str| {
            world.sim.control("POST", "/cash", json!({ "account": world.sim.account(), "usd": usd }));
        };
        for usd in ["10000", "10090"] {
            cash(&world, usd);
            let object = world.json(0, &["buy"]);
            assert_eq!(object["reason"], "cash_too_low", "{mode:?} {usd}: {object:#}");
            assert!(object["detail"].as_str().unwrap().contains("want of cash"), "{object:#}");
            assert_eq!(world.sim.order_posts(), 2, "{mode:?} {usd}");
            world.advance(60);
        }
        cash(&world, "10300");
        assert_eq!(symbols(&world.json(0, &["buy"])), ["AMZN accepted", "AAPL accepted"], "{mode:?}");
    }
}

#[test]
fn a_routing_error_is_a_refusal_when_the_list_does_not_show_the_order_and_unknown_without_a_list() {
    let mut world = losing(Mode::Real);
    world.sim.fault("order", "code", json!({ "code": "EGW00202" }));
    let object = world.json(1, &["sell"]);
    assert_eq!(symbols(&object), ["AMZN rejected"], "{object:#}");
    assert_eq!(object["orders"][0]["kis_code"], "EGW00202");
    world.advance(1800);
    assert_eq!(symbols(&world.json(0, &["sell"])), ["AMZN accepted", "AAPL accepted"], "the gateway was to blame");

    let world = losing(Mode::Real);
    world.sim.fault("order", "code", json!({ "code": "EGW00202" }));
    world.sim.fault("ccnl", "html", json!({ "nth": 2, "times": 99 }));
    assert_eq!(symbols(&world.json(81, &["sell"])), ["AMZN unknown"]);

    let world = losing(Mode::Real);
    let lie = json!({ "status": 500, "body": "{\"rt_cd\":\"1\",\"msg_cd\":\"EGW00202\",\"msg1\":\"x\"}" });
    world.sim.fault("order", "replace", lie);
    assert_eq!(symbols(&world.json(0, &["sell"])), ["AMZN accepted", "AAPL accepted"], "it was passed on after all");
}
