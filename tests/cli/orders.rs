//! Each decided order reaches KIS at most once, whatever happens to the request, the answer or the process.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::harness::{Mode, Run, World, wait_until};

const MODES: [Mode; 2] = [Mode::Paper, Mode::Real];

/// A world in which `buy` wants exactly one order: 21 AAPL at 95.00. Nothing fills by itself.
fn world_of(mode: Mode) -> World {
    let mut world = World::new(mode, crate::harness::MID_SESSION);
    world.set("buy.watch", r#"["AAPL"]"#);
    world.price("AAPL", "95", "100");
    world.control("POST", "/fills", json!({ "mode": "never" }));
    world
}

fn world() -> World {
    world_of(Mode::Paper)
}

fn order_id(mode: Mode) -> &'static str {
    if mode == Mode::Paper { "0000040840" } else { "0030000001" }
}

/// The classes of the outcomes that the journal holds.
fn classes(world: &World) -> Vec<String> {
    world.journal_of("outcome").iter().map(|line| line["class"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_intent_is_on_disk_before_the_request_leaves() {
    // The answer never comes, and the process is gone before it could: what is in the journal was written before.
    let world = world();
    world.fault("order", "delay", json!({ "seconds": 3600 }));
    let mut child = world.command(&["buy"]).spawn().unwrap();
    wait_until("no order came", || world.order_posts() == 1);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(world.journal_kinds(), ["intent"]);
    let intent = &world.journal_of("intent")[0];
    for (key, value) in [
        ("id", json!("20230524-0001")),
        ("env", json!("paper")),
        ("trading_day", json!("2023-05-24")),
        ("symbol", json!("AAPL")),
        ("exchange", json!("NASD")),
        ("side", json!("buy")),
        ("quantity", json!(21)),
        ("order_type", json!("00")),
        ("tr_id", json!("VTTT1002U")),
        ("baseline", json!([])),
    ] {
        assert_eq!(intent[key], value, "{key}");
    }
    world.control("DELETE", "/faults", Value::Null);
    // The killed run's order is found, not sent again.
    let object = world.json(0, &["buy"]);
    assert_eq!(object["skipped"][0]["rule"], "order_open", "{object:#}");
    assert_eq!((world.order_posts(), world.orders().len()), (1, 1));
}

#[test]
fn a_lost_answer_is_found_in_the_list_of_the_same_run() {
    for mode in MODES {
        for (kind, more) in [
            ("drop_after", json!({})),
            ("status_after", json!({ "status": 500 })),
            ("status_after", json!({ "status": 502, "body": "<html>Bad Gateway</html>" })),
            (
                "status_after",
                json!({ "status": 500, "body": "{\"rt_cd\":\"1\",\"msg_cd\":\"XYZ00001\",\"msg1\":\"?\"}" }),
            ),
            ("garbage", json!({})),
            ("html", json!({})),
            ("empty", json!({})),
            ("truncated", json!({})),
            ("too_large", json!({})),
            ("replace", json!({ "body": "{\"rt_cd\":\"0\",\"msg_cd\":\"APBK0013\",\"msg1\":\"ok\"}" })),
            (
                "replace",
                json!({ "body": "{\"rt_cd\":\"0\",\"msg_cd\":\"APBK0013\",\"msg1\":\"ok\",\"output\":{\"ODNO\":\"  \"}}" }),
            ),
            ("replace", json!({ "body": "{\"rt_cd\":\"1\",\"msg_cd\":\"ZZZZ9999\",\"msg1\":\"nobody knows\"}" })),
        ] {
            let world = world_of(mode);
            world.fault("order", kind, more.clone());
            let object = world.json(0, &["buy"]);
            let told = format!("{mode:?} {kind} {more}: {object:#}");
            assert_eq!(
                (&object["orders"][0]["state"], &object["orders"][0]["order_id"]),
                (&json!("accepted"), &json!(order_id(mode))),
                "{told}"
            );
            assert_eq!(classes(&world), ["unknown"], "{told}");
            assert_eq!(world.journal_of("resolved")[0]["verdict"], "accepted", "{told}");
            for command in ["buy", "sell", "cleanup"] {
                assert_eq!(world.run(&[command]).code, 0, "{told}");
            }
            assert_eq!((world.order_posts(), world.orders().len()), (1, 1), "{told}");
        }
    }
}

#[test]
fn an_order_without_a_trace_stays_unknown_and_is_never_sent_again() {
    for mode in MODES {
        for (kind, more) in [
            ("drop_before", json!({})),
            ("status_before", json!({})),
            ("redirect", json!({ "location": "http://127.0.0.1:9/" })),
            ("reject", json!({ "code": "ZZZZ0001", "message": "알 수 없는 응답" })),
            ("code", json!({ "code": "EGW00300" })),
        ] {
            let mut world = world_of(mode);
            world.fault("order", kind, more);
            let object = world.json(81, &["buy"]);
            assert_eq!(object["orders"][0]["state"], "unknown", "{mode:?} {kind}");
            assert_eq!(object["orders"][0]["order_id"], Value::Null);
            for minutes in [1, 5, 10] {
                world.advance(minutes * 60);
                let object = world.json(81, &["buy"]);
                assert_eq!(object["skipped"][0]["rule"], "order_unknown", "{mode:?} {kind}: {object:#}");
                assert_eq!(object["orders"], json!([]));
            }
            assert_eq!((world.order_posts(), world.orders().len()), (1, 0), "{mode:?} {kind}");
        }
    }
}

#[test]
fn an_unknown_buy_is_called_absent_late_and_after_two_lists_and_then_decided_afresh() {
    let mut world = world();
    world.fault("order", "drop_before", json!({}));
    assert_eq!(world.run(&["buy"]).code, 81);
    world.advance(60);
    assert_eq!(world.json(81, &["cleanup"])["settled"], json!([]));
    world.advance(43 * 60);
    assert_eq!(world.json(81, &["cleanup"])["settled"], json!([]), "44 minutes are too early");
    world.advance(2 * 60);
    let object = world.json(0, &["cleanup"]);
    assert_eq!(object["settled"], json!([{ "intent_id": "20230524-0001", "state": "absent" }]));
    assert_eq!(world.order_posts(), 1, "absent sends nothing by itself");
    let object = world.json(0, &["buy"]);
    assert_eq!(
        (&object["orders"][0]["intent_id"], &object["orders"][0]["state"]),
        (&json!("20230524-0002"), &json!("accepted"))
    );
    assert_ne!(object["orders"][0]["limit_price"], "95.00", "two intents of a day never look alike");
    assert_eq!((world.order_posts(), world.orders().len()), (2, 1));
}

#[test]
fn one_late_list_alone_does_not_make_an_order_absent() {
    let mut world = world();
    world.fault("order", "drop_before", json!({}));
    world.fault("ccnl", "html", json!({ "nth": 2, "times": 100 }));
    assert_eq!(world.run(&["buy"]).code, 81);
    world.control("DELETE", "/faults", Value::Null);
    world.advance(50 * 60);
    assert_eq!(world.json(81, &["cleanup"])["settled"], json!([]), "the first complete list");
    assert_eq!(world.json(81, &["cleanup"])["settled"], json!([]), "another one at the same moment proves nothing");
    world.advance(61);
    assert_eq!(world.json(0, &["cleanup"])["settled"][0]["state"], "absent", "the second one");
}

#[test]
fn an_unknown_sell_is_called_absent_after_ten_minutes() {
    let mut world = world();
    world.hold("AAPL", 5, "90");
    world.fault("order", "drop_before", json!({}));
    let object = world.json(81, &["sell"]);
    assert_eq!((&object["orders"][0]["side"], &object["orders"][0]["state"]), (&json!("sell"), &json!("unknown")));
    world.advance(60);
    let object = world.json(81, &["sell"]);
    assert_eq!(object["skipped"][0]["rule"], "order_unknown");
    world.advance(8 * 60);
    assert_eq!(world.json(81, &["cleanup"])["settled"], json!([]), "nine minutes are too early");
    world.advance(2 * 60);
    assert_eq!(world.json(0, &["cleanup"])["settled"][0]["state"], "absent");
    assert_eq!(world.json(0, &["sell"])["orders"][0]["state"], "accepted");
    assert_eq!(world.orders().len(), 1);
}

#[test]
fn a_witness_that_changed_keeps_a_sell_unknown() {
    let mut world = world();
    world.hold("AAPL", 5, "90");
    world.fault("order", "drop_before", json!({}));
    assert_eq!(world.run(&["sell"]).code, 81);
    world.advance(60);
    assert_eq!(world.run(&["cleanup"]).code, 81);
    world.control(
        "POST",
        "/positions",
        json!({ "symbol": "AAPL", "quantity": 5, "average_cost": "90", "sellable": 0 }),
    );
    world.advance(30 * 60);
    assert_eq!(world.json(81, &["cleanup"])["settled"], json!([]), "the shares are in some order");
}

#[test]
fn the_last_list_of_the_day_is_the_final_word() {
    let mut world = world();
    world.fault("order", "drop_before", json!({}));
    assert_eq!(world.run(&["buy"]).code, 81);
    world.set_clock("2023-05-24T21:00:30Z".parse().unwrap());
    let object = world.json(0, &["cleanup"]);
    assert_eq!(object["settled"], json!([{ "intent_id": "20230524-0001", "state": "absent" }]));
}

#[test]
fn an_order_that_is_listed_late_is_found_by_the_next_run() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.control("POST", "/quirks", json!({ "list_lag_seconds": 600 }));
        world.fault("order", "drop_after", json!({}));
        assert_eq!(world.run(&["buy"]).code, 81);
        world.advance(300);
        let object = world.json(81, &["buy"]);
        assert_eq!(object["skipped"][0]["rule"], "order_unknown");
        world.advance(330);
        let object = world.json(0, &["cleanup"]);
        assert_eq!(object["settled"], json!([{ "intent_id": "20230524-0001", "state": "accepted" }]), "{mode:?}");
        let status = world.json(0, &["status"]);
        assert_eq!(
            (&status["open_orders"][0]["order_id"], &status["unknown_orders"]),
            (&json!(order_id(mode)), &json!([]))
        );
        assert_eq!((world.order_posts(), world.orders().len()), (1, 1));
    }
}

/// The list of KIS lags by a second, two minutes, forty minutes; the answer to the order came, or it did not.
#[test]
fn however_late_an_order_is_listed_it_is_found_and_sent_once() {
    for (lag, command) in [(1, "buy"), (1, "sell"), (120, "buy"), (120, "sell"), (2400, "buy"), (2400, "sell")] {
        for is_answer_lost in [false, true] {
            let mut world = world_of(Mode::Real);
            world.set("cleanup.cancel_buys_after_minutes", "0").set("cleanup.cancel_sells_after_minutes", "0");
            if command == "sell" {
                world.hold("AAPL", 5, "90");
            }
            world.control("POST", "/quirks", json!({ "list_lag_seconds": lag }));
            if is_answer_lost {
                world.fault("order", "drop_after", json!({}));
            }
            let told = format!("{command}, {lag} s late, lost: {is_answer_lost}");
            assert_eq!(world.run(&[command]).code, if is_answer_lost { 81 } else { 0 }, "{told}");
            for _ in 0..lag / 300 {
                world.advance(300);
                let hidden = world.orders().len() == 1 && world.now.timestamp() - placed_at(&world) < lag;
                for command in ["cleanup", "sell", "buy"] {
                    let code = world.run(&[command]).code;
                    assert_eq!(code, if is_answer_lost && hidden { 81 } else { 0 }, "{told}: {command}");
                }
            }
            world.advance(130);
            assert_eq!(world.run(&["cleanup"]).code, 0, "{told}");
            let status = world.json(0, &["status"]);
            assert_eq!(status["open_orders"][0]["intent_id"], "20230524-0001", "{told}: {status:#}");
            assert_eq!(status["unknown_orders"], json!([]), "{told}");
            assert_eq!((world.order_posts(), world.orders().len()), (1, 1), "{told}");
        }
    }
}

/// When KIS took its one order.
fn placed_at(world: &World) -> i64 {
    world.orders()[0]["at"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp()
}

#[test]
fn an_order_that_turns_up_after_it_was_called_absent_is_claimed_and_told() {
    let mut world = world();
    world.control("POST", "/quirks", json!({ "list_lag_seconds": 3600 }));
    world.fault("order", "drop_after", json!({}));
    assert_eq!(world.run(&["buy"]).code, 81);
    // What the order reserved is hidden as well, so that nothing speaks for it.
    world.control("POST", "/cash", json!({ "usd": "50000" }));
    world.advance(60);
    world.run(&["cleanup"]);
    world.advance(46 * 60);
    assert_eq!(world.json(0, &["cleanup"])["settled"][0]["state"], "absent");
    world.advance(20 * 60);
    let object = world.json(0, &["cleanup"]);
    assert!(
        object["warnings"][0].as_str().unwrap().contains("turned up although intent 20230524-0001 counted as absent"),
        "{object:#}"
    );
    let settled = &object["settled"][0];
    assert_eq!(settled["intent_id"], "20230524-0001");
    assert_eq!((world.order_posts(), world.orders().len()), (1, 1));
}

/// An unknown order and a second row that looks exactly like it.
fn ambiguous_world() -> (World, String) {
    let mut world = world();
    // The twin ties up cash that no order of ours explains.
    world.set("limits.max_daily_loss_percent", "90");
    world.control("POST", "/quirks", json!({ "list_lag_seconds": 60 }));
    world.fault("order", "drop_after", json!({}));
    assert_eq!(world.run(&["buy"]).code, 81);
    let twin = json!({ "symbol": "AAPL", "side": "buy", "quantity": 21, "limit_price": "95.00", "medium": "OpenAPI" });
    let twin = world.control("POST", "/orders/foreign", twin)["order_id"].as_str().unwrap().to_owned();
    world.advance(90);
    (world, twin)
}

#[test]
fn two_candidates_are_for_a_person_to_decide() {
    let (mut world, twin) = ambiguous_world();
    let object = world.json(81, &["buy"]);
    assert_eq!(object["reason"], "order_unknown");
    assert_eq!(object["skipped"][0]["rule"], "order_unknown", "{object:#}");
    let object = world.json(81, &["cleanup"]);
    assert_eq!(object["cancelled"], json!([]));
    let status = world.json(0, &["status"]);
    assert_eq!(status["unknown_orders"][0]["candidates"], json!(["0000040840", twin]), "{status:#}");
    let text = world.run(&["status"]).stdout;
    assert!(text.contains(&format!("candidates: 0000040840, {twin}")), "{text}");
    world.advance(3 * 3600);
    assert_eq!(world.run(&["cleanup"]).code, 81, "time does not decide it");
    let posts = world.order_posts();
    let object = world.json(0, &["cleanup", "--settle", "20230524-0001=0000040840"]);
    assert_eq!(object["settled"][0]["intent_id"], "20230524-0001");
    assert_eq!(world.order_posts(), posts);
    assert_eq!(world.journal_of("human")[0]["order_id"], "0000040840");
    assert_eq!(world.json(0, &["status"])["unknown_orders"], json!([]));
}

#[test]
fn a_person_may_call_an_order_absent() {
    let mut world = world();
    world.fault("order", "drop_before", json!({}));
    assert_eq!(world.run(&["buy"]).code, 81);
    let object = world.json(0, &["cleanup", "--settle", "20230524-0001=absent"]);
    assert_eq!(object["settled"], json!([{ "intent_id": "20230524-0001", "state": "absent" }]));
    world.advance(60);
    assert_eq!(world.json(0, &["buy"])["orders"][0]["state"], "accepted");
}

#[test]
fn settling_takes_only_what_can_be_true() {
    let (world, _) = ambiguous_world();
    world.run(&["cleanup"]);
    let files = world.journal();
    for text in [
        "20230524-0001=0000099999",
        "20230524-0002=absent",
        "20230524-0001",
        "=absent",
        "foreign=0000099999",
        "foreign=",
        "20230524-0001=",
        "nobody=absent",
    ] {
        assert_eq!(world.json(2, &["cleanup", "--settle", text])["reason"], "usage", "{text}");
    }
    assert_eq!(world.journal(), files);
}

#[test]
fn an_order_of_another_program_stops_buying_until_a_person_says_it_is_fine() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
        world.price("AMZN", "110", "100");
        world.hold("AMZN", 5, "100");
        let foreign = json!({ "account": world.account(), "symbol": "TSLA", "side": "buy", "quantity": 1, "limit_price": "10", "medium": "OpenAPI" });
        let id = world.control("POST", "/orders/foreign", foreign)["order_id"].as_str().unwrap().to_owned();
        let object = world.json(0, &["buy"]);
        assert_eq!(
            (&object["result"], &object["reason"]),
            (&json!("nothing_to_do"), &json!("foreign_order")),
            "{mode:?}"
        );
        assert!(object["warnings"][0].as_str().unwrap().contains(&format!("cleanup --settle foreign={id}")));
        assert_eq!(world.order_posts(), 0);
        assert_eq!(world.json(0, &["sell"])["orders"][0]["state"], "accepted", "sells go on");
        assert_eq!(world.run(&["cleanup", "--settle", &format!("foreign={id}")]).code, 0);
        assert_eq!(world.json(0, &["buy"])["orders"][0]["symbol"], "AAPL");
        let open: Vec<Value> = world.orders().into_iter().filter(|order| order["order_id"] == id).collect();
        assert_eq!(open[0]["state"], "open", "nobody touched it");
    }
}

#[test]
fn a_persons_order_from_the_phone_is_let_alone_and_stops_nothing() {
    let mut world = world_of(Mode::Real);
    let twin = json!({ "account": "real", "symbol": "AAPL", "side": "buy", "quantity": 21, "limit_price": "95.00" });
    let id = world.control("POST", "/orders/foreign", twin.clone())["order_id"].clone();
    world.fault("order", "drop_before", json!({}));
    assert_eq!(world.run(&["buy"]).code, 81, "the twin from the phone is no candidate");
    let later = world.control("POST", "/orders/foreign", twin)["order_id"].clone();
    world.advance(40 * 60);
    let object = world.json(81, &["cleanup"]);
    assert_eq!((&object["cancelled"], &object["settled"]), (&json!([]), &json!([])), "nor is one that came later");
    let kept = [id, later].map(|id| json!({ "order_id": id, "symbol": "AAPL", "reason": "foreign" }));
    assert_eq!(object["kept"], json!(kept));
    assert_eq!(world.json(0, &["status"])["unknown_orders"][0]["candidates"], json!([]));
}

#[test]
fn an_order_that_was_listed_before_the_intent_is_never_taken_for_it() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.hold("AAPL", 10, "85");
        let twin = json!({
            "account": world.account(), "symbol": "AAPL", "side": "sell", "quantity": 5, "limit_price": "95.00",
            "medium": "OpenAPI",
        });
        world.control("POST", "/orders/foreign", twin);
        world.fault("order", "drop_before", json!({}));
        let object = world.json(81, &["sell"]);
        let order = &object["orders"][0];
        assert_eq!(
            (&order["quantity"], &order["limit_price"]),
            (&json!(5), &json!("95.00")),
            "they look alike: {object:#}"
        );
        assert_eq!((&order["state"], &order["order_id"]), (&json!("unknown"), &json!(null)), "{mode:?}");
        world.advance(60);
        assert_eq!(world.json(81, &["cleanup"])["settled"], json!([]), "{mode:?}");
        assert_eq!((world.order_posts(), world.orders().len()), (1, 1));
    }
}

#[test]
fn an_order_turned_away_at_the_gate_is_repeated_once_after_a_complete_list() {
    for code in ["EGW00201", "EGW00215"] {
        let world = world_of(Mode::Real);
        assert_eq!(world.run(&["status"]).code, 0);
        world.fault("order", "code", json!({ "code": code }));
        world.forget_requests();
        let object = world.json(0, &["buy"]);
        assert_eq!(object["orders"][0]["state"], "accepted", "{code}");
        let expected = ["TTTS3035R", "TTTS3012R", "HHDFS76220000", "TTTS3007R", "TTTT1002U", "TTTS3035R", "TTTT1002U"];
        assert_eq!(world.requests(), expected, "{code}");
        assert_eq!((classes(&world), world.orders().len()), (vec!["refused".to_owned(), "accepted".to_owned()], 1));
    }
}

#[test]
fn turned_away_twice_ends_the_order_and_sends_nothing_more() {
    let mut world = world_of(Mode::Real);
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
    world.price("AMZN", "96", "100");
    world.fault("order", "code", json!({ "code": "EGW00201", "times": 5 }));
    let object = world.json(75, &["buy"]);
    assert_eq!(object["reason"], "rate_limited");
    assert_eq!(object["orders"].as_array().unwrap().len(), 1, "{object:#}");
    assert_eq!((world.order_posts(), world.orders().len()), (2, 0));
    world.control("DELETE", "/faults", Value::Null);
    world.advance(60);
    assert_eq!(world.json(0, &["buy"])["orders"].as_array().unwrap().len(), 2);
}

#[test]
fn an_order_refused_for_its_token_is_repeated_once_with_a_fresh_one() {
    for code in ["EGW00123", "EGW00121"] {
        for mode in MODES {
            let mut world = world_of(mode);
            let old = world.have_old_token();
            world.fault("order", "code", json!({ "code": code }));
            let object = world.json(0, &["buy"]);
            assert_eq!(object["orders"][0]["state"], "accepted", "{code} {mode:?}");
            let requests = world.request_records();
            let token_at = requests.iter().position(|request| request["path"] == "/oauth2/tokenP").unwrap();
            let after: Vec<&Value> = requests[token_at + 1..].iter().collect();
            assert!(after.len() == 2, "a list, then the order: {after:#?}");
            assert!(after[0]["path"].as_str().unwrap().ends_with("inquire-ccnl"));
            assert!(after.iter().all(|request| request["token"] != old), "the old token was used again");
            assert_eq!((world.order_posts(), world.orders().len()), (2, 1));
            assert_ne!(world.token_file()["access_token"], old);
        }
    }
}

#[test]
fn a_repeat_is_not_made_when_the_list_shows_the_order_after_all() {
    // The gate's refusal was a lie: the order is there.
    let world = world_of(Mode::Real);
    world.fault(
        "order",
        "replace",
        json!({ "status": 500, "body": "{\"rt_cd\":\"1\",\"msg_cd\":\"EGW00215\",\"msg1\":\"x\"}" }),
    );
    let object = world.json(0, &["buy"]);
    assert_eq!(
        (&object["orders"][0]["state"], &object["orders"][0]["order_id"]),
        (&json!("accepted"), &json!("0030000001"))
    );
    assert_eq!((world.order_posts(), world.orders().len()), (1, 1));
}

#[test]
fn a_rejected_order_does_not_stop_the_rest() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
        world.price("AMZN", "90", "100");
        world.fault("order", "reject", json!({ "code": "APBK1507", "message": "매매불가 종목입니다" }));
        let object = world.json(1, &["buy"]);
        assert_eq!(object["reason"], "order_rejected");
        let states: Vec<&Value> = object["orders"].as_array().unwrap().iter().map(|order| &order["state"]).collect();
        assert_eq!(states, [&json!("rejected"), &json!("accepted")]);
        assert!(object["orders"][0]["reason"].as_str().unwrap().contains("매매불가"), "KIS's words: {object:#}");
        assert_eq!(world.orders().len(), 1);
    }
}

#[test]
fn a_symbol_refused_twice_is_left_alone_for_the_day() {
    let mut world = world();
    world.fault(
        "order",
        "reject",
        json!({ "code": "90000000", "message": "모의투자에서는 해당업무가 제공되지 않습니다", "times": 9 }),
    );
    for _ in 0..2 {
        assert_eq!(world.run(&["buy"]).code, 1);
        world.advance(60);
    }
    let object = world.json(0, &["buy"]);
    assert_eq!((&object["reason"], &object["skipped"][0]["rule"]), (&json!("no_candidate"), &json!("refused_today")));
    assert!(object["warnings"][0].as_str().unwrap().contains("refused_today"));
    assert_eq!(world.order_posts(), 2);
    world.set_clock("2023-05-25T14:30:00Z".parse().unwrap());
    world.control("DELETE", "/faults", Value::Null);
    assert_eq!(world.json(0, &["buy"])["orders"][0]["state"], "accepted", "the next trading date");
}

#[test]
fn a_refusal_that_means_closed_ends_the_sending() {
    let mut world = world();
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
    world.price("AMZN", "90", "100");
    world.fault("order", "reject", json!({ "code": "40580000", "message": "모의투자 장종료 입니다", "times": 9 }));
    let object = world.json(1, &["buy"]);
    assert_eq!(object["orders"].as_array().unwrap().len(), 1);
    assert_eq!(world.order_posts(), 1);
}

#[test]
fn the_first_unknown_order_ends_the_sending() {
    let mut world = world();
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
    world.price("AMZN", "90", "100");
    world.fault("order", "drop_before", json!({}));
    let object = world.json(81, &["buy"]);
    assert_eq!(object["orders"].as_array().unwrap().len(), 1);
    assert_eq!(object["orders"][0]["symbol"], "AMZN");
    assert_eq!(world.order_posts(), 1);
}

#[test]
fn halted_in_mid_run_it_sends_nothing_more() {
    let mut world = world();
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#).set("gateway.timeout_seconds", "30");
    world.price("AMZN", "90", "100");
    world.fault("order", "delay", json!({ "seconds": 1 }));
    let mut command = world.command(&["--json", "buy"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until("no order came", || world.order_posts() == 1);
    std::fs::write(world.state("HALT"), "earnings tonight").unwrap();
    let object = Run::of(child.wait_with_output().unwrap()).object();
    assert_eq!((&object["exit_code"], &object["reason"]), (&json!(80), &json!("halted")), "{object:#}");
    assert_eq!(object["orders"][0]["state"], "accepted", "what was under way is told: {object:#}");
    assert_eq!((&object["skipped"][0]["symbol"], &object["skipped"][0]["rule"]), (&json!("AAPL"), &json!("halted")));
    assert_eq!((world.order_posts(), world.orders().len()), (1, 1));
}

#[test]
fn a_duplicate_at_the_broker_is_seen_as_another_hands_order() {
    let world = world();
    world.fault("order", "duplicate", json!({}));
    assert_eq!(world.json(0, &["buy"])["orders"][0]["state"], "accepted");
    assert_eq!((world.order_posts(), world.orders().len()), (1, 2));
    assert_eq!(world.json(0, &["buy"])["reason"], "foreign_order");
    assert_eq!(world.order_posts(), 1);
}

#[test]
fn an_answer_that_names_an_older_order_is_not_believed() {
    let mut world = world_of(Mode::Real);
    assert_eq!(world.run(&["buy"]).code, 0);
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
    world.price("AMZN", "90", "100");
    let body = "{\"rt_cd\":\"0\",\"msg_cd\":\"APBK0013\",\"msg1\":\"ok\",\"output\":{\"KRX_FWDG_ORD_ORGNO\":\"01790\",\"ODNO\":\"0030000001\",\"ORD_TMD\":\"233000\"}}";
    world.fault("order", "replace", json!({ "body": body }));
    let object = world.json(0, &["buy"]);
    assert_eq!(object["orders"][0]["order_id"], "0030000002", "found in the list: {object:#}");
    assert_eq!((world.order_posts(), world.orders().len()), (2, 2));
}

#[test]
fn a_crash_after_the_order_was_taken_leaves_an_intent_that_the_next_run_finds() {
    for mode in MODES {
        let world = world_of(mode);
        assert_eq!(world.run(&["buy"]).code, 0);
        world.forget_journal_lines(1);
        assert_eq!(world.journal_kinds(), ["intent"]);
        let status = world.json(0, &["status"]);
        assert_eq!(status["open_orders"][0]["intent_id"], "20230524-0001", "status only looks");
        assert_eq!(world.journal_kinds(), ["intent"]);
        let object = world.json(0, &["cleanup"]);
        assert_eq!(object["settled"], json!([{ "intent_id": "20230524-0001", "state": "accepted" }]));
        assert_eq!(
            world.journal_of("resolved")[0]["order_id"],
            order_id(mode),
            "bare numbers of paper are the same number"
        );
        assert_eq!((world.order_posts(), world.orders().len()), (1, 1));
    }
}

#[test]
fn a_crash_before_the_request_left_blocks_the_symbol_until_it_is_settled() {
    let mut world = world();
    world.fault("order", "drop_before", json!({}));
    world.run(&["buy"]);
    let after_intent = world.journal_kinds().len() - 1;
    world.forget_journal_lines(after_intent);
    assert_eq!(world.journal_kinds(), ["intent"]);
    let posts = world.order_posts();
    assert_eq!(world.json(81, &["buy"])["skipped"][0]["rule"], "order_unknown");
    world.advance(46 * 60);
    assert_eq!(world.json(0, &["cleanup"])["settled"][0]["state"], "absent");
    assert_eq!(world.order_posts(), posts);
}

#[test]
fn a_torn_last_line_is_cut_off_kept_and_told() {
    let world = world();
    assert_eq!(world.run(&["buy"]).code, 0);
    let path = world.journal_path();
    let whole = std::fs::read(&path).unwrap();
    let outcome_begins = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for cut in [whole.len() - 1, whole.len() - 40, outcome_begins + 1] {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let status = world.json(0, &["status"]);
        assert_eq!(status["open_orders"].as_array().unwrap().len(), 1, "status skips it");
        assert_eq!(std::fs::read(&path).unwrap(), &whole[..cut], "and leaves the file alone");
        let object = world.json(0, &["cleanup"]);
        let bytes = cut - outcome_begins;
        let told = object["warnings"][0].as_str().unwrap();
        assert!(told.contains(&format!("{bytes} bytes are kept in journal.torn-")), "{told}");
        let name = told.rsplit(' ').next().unwrap();
        assert_eq!(std::fs::read(world.state(name)).unwrap(), &whole[outcome_begins..cut]);
        assert_eq!(world.journal_kinds(), ["intent", "repair", "resolved"]);
        assert_eq!(world.run(&["cleanup"]).code, 0);
    }
    assert_eq!((world.order_posts(), world.orders().len()), (1, 1));
}

#[test]
fn an_edited_removed_or_doubled_line_stops_all_trading() {
    let mut world = world();
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#).set("buy.picks", "2");
    world.price("AMZN", "90", "100");
    assert_eq!(world.run(&["buy"]).code, 0);
    let path = world.journal_path();
    let whole = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    assert_eq!(lines.len(), 5, "a snapshot, and two lines for each order");
    let joined = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let posts = world.order_posts();
    for (name, text) in [
        ("a digit edited", whole.replacen("\"quantity\":22", "\"quantity\":21", 1)),
        ("a line removed", joined(&[lines[0], lines[1], lines[3], lines[4]])),
        ("the first line removed", joined(&lines[1..])),
        ("a line doubled", joined(&[lines[0], lines[1], lines[2], lines[2], lines[3], lines[4]])),
        ("two lines swapped", joined(&[lines[0], lines[1], lines[3], lines[2], lines[4]])),
        ("garbage between", joined(&[lines[0], "{}", lines[1], lines[2], lines[3], lines[4]])),
        ("a newer version", whole.replace("{\"v\":1,", "{\"v\":2,")),
    ] {
        assert_ne!(text, whole, "{name}");
        std::fs::write(&path, &text).unwrap();
        world.forget_requests();
        for command in ["buy", "sell", "cleanup"] {
            let object = world.run(&["--json", command]).object();
            assert_eq!(
                (&object["exit_code"], &object["reason"]),
                (&json!(65), &json!("state_unreadable")),
                "{name}: {object:#}"
            );
            assert!(object["detail"].as_str().unwrap().contains("orders-2023-05.jsonl"), "{name}: {object:#}");
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "{name}: the file is kept as it is");
        assert!(world.requests().is_empty(), "{name}");
    }
    std::fs::write(&path, whole).unwrap();
    assert_eq!(world.run(&["cleanup"]).code, 0);
    assert_eq!(posts, 2);
}

#[test]
fn a_journal_of_another_account_or_mode_is_not_traded_on() {
    let mut paper = world();
    assert_eq!(paper.run(&["buy"]).code, 0);
    let other = world_of(Mode::Real);
    assert_eq!(other.run(&["token-check"]).code, 0);
    std::fs::copy(paper.journal_path(), other.state("orders-2023-05.jsonl")).unwrap();
    other.forget_requests();
    for command in ["buy", "sell", "cleanup"] {
        let object = other.json(78, &[command]);
        assert_eq!(object["reason"], "state_of_another_account", "{command}");
    }
    assert!(other.requests().is_empty());
    paper.set("mode", "\"paper\"");
}

#[test]
fn a_new_month_begins_with_a_snapshot_and_keeps_its_orders() {
    let mut world = World::new(Mode::Real, "2023-05-31T14:30:00Z");
    world.set("buy.watch", r#"["AAPL"]"#);
    world.price("AAPL", "95", "100");
    world.hold("AMZN", 1, "1");
    world.control("POST", "/fills", json!({ "mode": "never" }));
    assert_eq!(world.run(&["buy"]).code, 0);
    world.set_clock("2023-06-01T14:30:00Z".parse().unwrap());
    let object = world.json(0, &["cleanup"]);
    assert_eq!(object["settled"][0]["intent_id"], "20230531-0001", "{object:#}");
    assert_eq!(world.run(&["buy"]).code, 0);
    let june = std::fs::read_to_string(world.state("orders-2023-06.jsonl")).unwrap();
    let first: Value = serde_json::from_str(june.lines().next().unwrap()).unwrap();
    assert_eq!(first["kind"], "snapshot");
    assert_eq!(world.journal_of("intent").len(), 2);
    assert_eq!(world.json(0, &["status"])["open_orders"][0]["intent_id"], "20230601-0001");
}

#[test]
fn a_failed_list_means_no_order() {
    for (endpoint, code) in [("ccnl", 69), ("balance", 69), ("psamount", 69)] {
        for kind in ["html", "drop_before", "truncated", "status_before"] {
            let world = world();
            world.fault(endpoint, kind, json!({ "times": 100 }));
            let object = world.json(code, &["buy"]);
            assert_eq!(object["orders"], json!([]), "{endpoint} {kind}");
            assert_eq!(world.order_posts(), 0);
        }
    }
}

#[test]
fn a_list_of_several_pages_is_read_to_its_end_or_not_believed() {
    for mode in MODES {
        let world = world_of(mode);
        world.control("POST", "/quirks", json!({ "page_rows": 2, "medium_on_paper": "OpenAPI" }));
        for quantity in 1..=4 {
            let body = json!({ "account": world.account(), "symbol": "TSLA", "side": "buy", "quantity": quantity, "limit_price": "10" });
            world.control("POST", "/orders/foreign", body);
        }
        world.fault("order", "drop_after", json!({}));
        let object = world.json(0, &["buy"]);
        assert_eq!(object["orders"][0]["state"], "accepted", "{mode:?}: the fifth row is on the third page");
        // A page that fails is no page: then the order is not known to be absent either.
        let world = world_of(mode);
        world.control("POST", "/quirks", json!({ "page_rows": 2, "medium_on_paper": "OpenAPI" }));
        for quantity in 1..=4 {
            let body = json!({ "account": world.account(), "symbol": "TSLA", "side": "buy", "quantity": quantity, "limit_price": "10" });
            world.control("POST", "/orders/foreign", body);
        }
        world.fault("ccnl", "html", json!({ "nth": 2, "times": 100 }));
        assert_eq!(world.json(69, &["buy"])["orders"], json!([]));
        assert_eq!(world.order_posts(), 0);
    }
}

/// On paper KIS counts its orders from the same number every day.
#[test]
fn an_order_number_used_again_the_next_day_is_another_order() {
    for kind in [None, Some("drop_after")] {
        let mut world = world();
        let first = world.json(0, &["buy"])["orders"][0]["order_id"].clone();
        world.control("POST", "/orders/fill", json!({ "order_id": first, "quantity": 5 }));
        world.set_clock("2023-05-25T14:30:00Z".parse().unwrap());
        if let Some(kind) = kind {
            world.fault("order", kind, json!({}));
        }
        let second = world.json(0, &["buy"])["orders"][0].clone();
        assert_eq!((&second["order_id"], &second["state"]), (&first, &json!("accepted")), "{kind:?}");
        assert_eq!(second["intent_id"], "20230525-0001");
        let open = world.json(0, &["status"])["open_orders"].clone();
        assert_eq!(open.as_array().unwrap().len(), 1, "{open:#}");
        assert_eq!((&open[0]["intent_id"], &open[0]["filled_quantity"]), (&json!("20230525-0001"), &json!(0)));
        world.control("POST", "/orders/fill", json!({ "order_id": first, "quantity": 7 }));
        world.advance(25 * 60);
        let object = world.json(0, &["cleanup"]);
        assert_eq!(object["settled"], json!([{ "intent_id": "20230525-0001", "state": "cancelled" }]), "{kind:?}");
        let rows = world.trades();
        assert_eq!(rows.len(), 2, "{rows:?}");
        assert!(rows[0].contains(",buy,5,") && rows[0].contains(",20230524-0001,"), "{rows:?}");
        assert!(rows[1].contains(",buy,7,") && rows[1].contains(",20230525-0001,"), "{rows:?}");
        assert_eq!((world.order_posts(), world.orders().len()), (2, 2));
    }
}

#[test]
fn an_order_of_a_halted_symbol_is_no_order_and_left_alone_for_the_day() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.control("POST", "/prices", json!({ "symbol": "AAPL", "halted": true }));
        for _ in 0..2 {
            let object = world.json(1, &["buy"]);
            assert_eq!(object["orders"][0]["state"], "rejected", "{mode:?}: {object:#}");
            assert!(object["detail"].as_str().unwrap().contains("매매불가"), "KIS's words: {object:#}");
            world.advance(60);
        }
        assert_eq!(world.json(0, &["buy"])["skipped"][0]["rule"], "refused_today", "{mode:?}");
        assert_eq!((world.order_posts(), world.orders().len()), (2, 0));
    }
}

/// A balance that says "nothing" and is wrong can't be told from one that is right: it sells nothing, it looks like a loss,
/// and the next run is right again.
#[test]
fn a_balance_that_is_empty_for_once_sends_nothing_and_is_made_good() {
    for mode in MODES {
        let world = world_of(mode);
        world.hold("AAPL", 30, "90");
        assert_eq!(world.run(&["status"]).code, 0);
        world.hold("AAPL", 0, "90");
        assert_eq!(world.json(0, &["sell"])["reason"], "no_position", "{mode:?}");
        assert_eq!(world.json(0, &["buy"])["reason"], "daily_loss_limit", "{mode:?}");
        assert_eq!(world.order_posts(), 0);
        world.hold("AAPL", 30, "90");
        for (command, quantity) in [("buy", 21), ("sell", 30)] {
            let order = world.json(0, &[command])["orders"][0].clone();
            assert_eq!((&order["quantity"], &order["state"]), (&json!(quantity), &json!("accepted")), "{mode:?}");
        }
        assert_eq!((world.order_posts(), world.orders().len()), (2, 2));
    }
}
