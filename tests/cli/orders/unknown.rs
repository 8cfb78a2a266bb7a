//! Orders whose answer was lost: looked for, found, called absent, or left to a person.

use super::*;

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
            world.sim.fault("order", kind, more.clone());
            let object = world.json(0, &["buy"]);
            let told = format!("{mode:?} {kind} {more}: {object:#}");
            assert_eq!(
                (&object["orders"][0]["state"], &object["orders"][0]["order_id"]),
                (&json!("accepted"), &json!(order_id(mode))),
                "{told}"
            );
            assert_eq!(classes(&world), ["unknown"], "{told}");
            assert_eq!(world.files.journal_of("resolved")[0]["verdict"], "accepted", "{told}");
            for command in ["buy", "sell", "cleanup"] {
                assert_eq!(world.run(&[command]).code, 0, "{told}");
            }
            assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (1, 1), "{told}");
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
            ("code", json!({ "code": "EGW00300" })),
        ] {
            let mut world = world_of(mode);
            world.sim.fault("order", kind, more);
            let object = world.json(81, &["buy"]);
            assert_eq!(object["orders"][0]["state"], "unknown", "{mode:?} {kind}");
            assert_eq!(object["orders"][0]["order_id"], Value::Null);
            for minutes in [1, 5, 10] {
                world.advance(minutes * 60);
                let object = world.json(81, &["buy"]);
                assert_eq!(object["skipped"][0]["rule"], "order_unknown", "{mode:?} {kind}: {object:#}");
                assert_eq!(object["orders"], json!([]));
            }
            assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (1, 0), "{mode:?} {kind}");
        }
    }
}

#[test]
fn a_refusal_in_words_on_no_list_is_one_once_two_lists_a_minute_apart_do_not_show_the_order() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.sim.fault("order", "reject", json!({ "code": "ZZZZ0001", "message": "알 수 없는 응답" }));
        let object = world.json(81, &["buy"]);
        assert_eq!(object["orders"][0]["state"], "unknown", "{mode:?}: {object:#}");
        assert_eq!(object["orders"][0]["kis_message"], "알 수 없는 응답", "{mode:?}: {object:#}");
        world.advance(50);
        assert_eq!(world.json(81, &["cleanup"])["settled"], json!([]), "{mode:?}: less than a minute");
        world.advance(60);
        let settled = world.json(0, &["cleanup"])["settled"].clone();
        assert_eq!(
            (&settled[0]["state"], &settled[0]["kis_code"]),
            (&json!("rejected"), &json!("ZZZZ0001")),
            "{mode:?}"
        );
        assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (1, 0), "{mode:?}: nothing is sent by that");
    }
}

#[test]
fn an_unknown_buy_is_called_absent_late_and_after_two_lists_and_then_decided_afresh() {
    let mut world = world();
    world.sim.fault("order", "drop_before", json!({}));
    assert_eq!(world.run(&["buy"]).code, 81);
    world.advance(60);
    assert_eq!(world.json(81, &["cleanup"])["settled"], json!([]));
    world.advance(43 * 60);
    assert_eq!(world.json(81, &["cleanup"])["settled"], json!([]), "44 minutes are too early");
    world.advance(2 * 60);
    let object = world.json(0, &["cleanup"]);
    assert_eq!(object["settled"], json!([{ "intent_id": "20230524-0001", "state": "absent" }]));
    assert_eq!(world.sim.order_posts(), 1, "absent sends nothing by itself");
    let object = world.json(0, &["buy"]);
    assert_eq!(
        (&object["orders"][0]["intent_id"], &object["orders"][0]["state"]),
        (&json!("20230524-0002"), &json!("accepted"))
    );
    assert_ne!(object["orders"][0]["limit_price"], "95.00", "two intents of a day never look alike");
    assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (2, 1));
}

#[test]
fn one_late_list_alone_does_not_make_an_order_absent() {
    let mut world = world();
    world.sim.fault("order", "drop_before", json!({}));
    world.sim.fault("ccnl", "html", json!({ "nth": 2, "times": 100 }));
    assert_eq!(world.run(&["buy"]).code, 81);
    world.sim.control("DELETE", "/faults", Value::Null);
    world.advance(50 * 60);
    assert_eq!(world.json(81, &["cleanup"])["settled"], json!([]), "the first complete list");
    assert_eq!(world.json(81, &["cleanup"])["settled"], json!([]), "another one at the same moment proves nothing");
    world.advance(61);
    assert_eq!(world.json(0, &["cleanup"])["settled"][0]["state"], "absent", "the second one");
}

#[test]
fn an_unknown_sell_is_called_absent_after_ten_minutes() {
    let mut world = world();
    world.sim.hold("AAPL", 5, "90");
    world.sim.fault("order", "drop_before", json!({}));
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
    assert_eq!(world.sim.orders().len(), 1);
}

#[test]
fn a_witness_that_changed_keeps_a_sell_unknown() {
    let mut world = world();
    world.sim.hold("AAPL", 5, "90");
    world.sim.fault("order", "drop_before", json!({}));
    assert_eq!(world.run(&["sell"]).code, 81);
    world.advance(60);
    assert_eq!(world.run(&["cleanup"]).code, 81);
    world.sim.control(
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
    world.sim.fault("order", "drop_before", json!({}));
    assert_eq!(world.run(&["buy"]).code, 81);
    world.set_clock("2023-05-24T21:00:30Z".parse().unwrap());
    let object = world.json(0, &["cleanup"]);
    assert_eq!(object["settled"], json!([{ "intent_id": "20230524-0001", "state": "absent" }]));
}

#[test]
fn an_order_that_is_listed_late_is_found_by_the_next_run() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.sim.control("POST", "/quirks", json!({ "list_lag_seconds": 600 }));
        world.sim.fault("order", "drop_after", json!({}));
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
        assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (1, 1));
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
                world.sim.hold("AAPL", 5, "90");
            }
            world.sim.control("POST", "/quirks", json!({ "list_lag_seconds": lag }));
            if is_answer_lost {
                world.sim.fault("order", "drop_after", json!({}));
            }
            let told = format!("{command}, {lag} s late, lost: {is_answer_lost}");
            assert_eq!(world.run(&[command]).code, if is_answer_lost { 81 } else { 0 }, "{told}");
            for _ in 0..lag / 300 {
                world.advance(300);
                let hidden = world.sim.orders().len() == 1 && world.now.timestamp() - placed_at(&world) < lag;
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
            assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (1, 1), "{told}");
        }
    }
}

/// When KIS took its one order.
fn placed_at(world: &World) -> i64 {
    world.sim.orders()[0]["at"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp()
}

#[test]
fn an_order_that_turns_up_after_it_was_called_absent_is_claimed_and_told() {
    let mut world = world();
    world.sim.control("POST", "/quirks", json!({ "list_lag_seconds": 3600 }));
    world.sim.fault("order", "drop_after", json!({}));
    assert_eq!(world.run(&["buy"]).code, 81);
    // What the order reserved is hidden as well, so that nothing speaks for it.
    world.sim.control("POST", "/cash", json!({ "usd": "50000" }));
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
    assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (1, 1));
}

/// An unknown order and a second row that looks exactly like it.
fn ambiguous_world() -> (World, String) {
    let mut world = world();
    // The twin ties up cash that no order of ours explains.
    world.set("limits.max_daily_loss_percent", "90");
    world.sim.control("POST", "/quirks", json!({ "list_lag_seconds": 60 }));
    world.sim.fault("order", "drop_after", json!({}));
    assert_eq!(world.run(&["buy"]).code, 81);
    let twin = json!({ "symbol": "AAPL", "side": "buy", "quantity": 21, "limit_price": "95.00", "medium": "OpenAPI" });
    let twin = world.sim.control("POST", "/orders/foreign", twin)["order_id"].as_str().unwrap().to_owned();
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
    let posts = world.sim.order_posts();
    let object = world.json(0, &["cleanup", "--settle", "20230524-0001=0000040840"]);
    assert_eq!(object["settled"][0]["intent_id"], "20230524-0001");
    assert_eq!(world.sim.order_posts(), posts);
    assert_eq!(world.files.journal_of("human")[0]["order_id"], "0000040840");
    assert_eq!(world.json(0, &["status"])["unknown_orders"], json!([]));
}

#[test]
fn a_person_may_call_an_order_absent() {
    let mut world = world();
    world.sim.fault("order", "drop_before", json!({}));
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
    let files = world.files.journal();
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
    assert_eq!(world.files.journal(), files);
}
