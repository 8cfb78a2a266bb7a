//! Orders that KIS or its gate turns away, and what that means for those after them.

use super::*;

#[test]
fn an_order_turned_away_at_the_gate_is_repeated_once_after_a_complete_list() {
    for code in ["EGW00201", "EGW00215"] {
        let world = world_of(Mode::Real);
        assert_eq!(world.run(&["status"]).code, 0);
        world.sim.fault("order", "code", json!({ "code": code }));
        world.sim.forget_requests();
        let object = world.json(0, &["buy"]);
        assert_eq!(object["orders"][0]["state"], "accepted", "{code}");
        let searched = ["HHDFS76220000"; 3];
        let before = ["TTTS3035R"].iter().chain(&searched).chain(&["TTTS3012R", "TTTS3007R"]);
        let expected: Vec<&str> = before.chain(&["TTTT1002U", "TTTS3035R", "TTTT1002U"]).copied().collect();
        assert_eq!(world.sim.requests(), expected, "{code}");
        assert_eq!((classes(&world), world.sim.orders().len()), (vec!["refused".to_owned(), "accepted".to_owned()], 1));
    }
}

#[test]
fn turned_away_twice_ends_the_order_and_sends_nothing_more() {
    let mut world = world_of(Mode::Real);
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
    world.sim.price("AMZN", "96", "100");
    world.sim.fault("order", "code", json!({ "code": "EGW00201", "times": 5 }));
    let object = world.json(75, &["buy"]);
    assert_eq!(object["reason"], "rate_limited");
    assert_eq!(object["orders"].as_array().unwrap().len(), 1, "{object:#}");
    assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (2, 0));
    world.sim.control("DELETE", "/faults", Value::Null);
    world.advance(60);
    assert_eq!(world.json(0, &["buy"])["orders"].as_array().unwrap().len(), 2);
}

#[test]
fn an_order_refused_for_its_token_is_repeated_once_with_a_fresh_one() {
    for code in ["EGW00123", "EGW00121"] {
        for mode in MODES {
            let mut world = world_of(mode);
            let old = world.have_old_token();
            world.sim.fault("order", "code", json!({ "code": code }));
            let object = world.json(0, &["buy"]);
            assert_eq!(object["orders"][0]["state"], "accepted", "{code} {mode:?}");
            let requests = world.sim.request_records();
            let token_at = requests.iter().position(|request| request["path"] == "/oauth2/tokenP").unwrap();
            let after: Vec<&Value> = requests[token_at + 1..].iter().collect();
            assert!(after.len() == 2, "a list, then the order: {after:#?}");
            assert!(after[0]["path"].as_str().unwrap().ends_with("inquire-ccnl"));
            assert!(after.iter().all(|request| request["token"] != old), "the old token was used again");
            assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (2, 1));
            assert_ne!(world.files.token_file()["access_token"], old);
        }
    }
}

#[test]
fn a_repeat_is_not_made_when_the_list_shows_the_order_after_all() {
    // The gate's refusal was a lie: the order is there.
    let world = world_of(Mode::Real);
    world.sim.fault(
        "order",
        "replace",
        json!({ "status": 500, "body": "{\"rt_cd\":\"1\",\"msg_cd\":\"EGW00215\",\"msg1\":\"x\"}" }),
    );
    let object = world.json(0, &["buy"]);
    assert_eq!(
        (&object["orders"][0]["state"], &object["orders"][0]["order_id"]),
        (&json!("accepted"), &json!("0030000001"))
    );
    assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (1, 1));
}

#[test]
fn a_rejected_order_does_not_stop_the_rest() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
        world.sim.price("AMZN", "90", "100");
        world.sim.fault("order", "reject", json!({ "code": "APBK1507", "message": "매매불가 종목입니다" }));
        let object = world.json(1, &["buy"]);
        assert_eq!(object["reason"], "order_rejected");
        let states: Vec<&Value> = object["orders"].as_array().unwrap().iter().map(|order| &order["state"]).collect();
        assert_eq!(states, [&json!("rejected"), &json!("accepted")]);
        assert!(object["orders"][0]["reason"].as_str().unwrap().contains("매매불가"), "KIS's words: {object:#}");
        assert_eq!(world.sim.orders().len(), 1);
    }
}

#[test]
fn a_symbol_refused_twice_is_left_alone_for_the_day() {
    let mut world = world();
    world.sim.fault(
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
    assert_eq!(world.sim.order_posts(), 2);
    world.set_clock("2023-05-25T14:30:00Z".parse().unwrap());
    world.sim.control("DELETE", "/faults", Value::Null);
    assert_eq!(world.json(0, &["buy"])["orders"][0]["state"], "accepted", "the next trading date");
}

#[test]
fn a_refusal_that_means_closed_ends_the_sending() {
    let mut world = world();
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
    world.sim.price("AMZN", "90", "100");
    world.sim.fault("order", "reject", json!({ "code": "40580000", "message": "모의투자 장종료 입니다", "times": 9 }));
    let object = world.json(1, &["buy"]);
    assert_eq!(object["orders"].as_array().unwrap().len(), 1);
    assert_eq!(world.sim.order_posts(), 1);
}

#[test]
fn the_first_unknown_order_ends_the_sending() {
    let mut world = world();
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
    world.sim.price("AMZN", "90", "100");
    world.sim.fault("order", "drop_before", json!({}));
    let object = world.json(81, &["buy"]);
    assert_eq!(object["orders"].as_array().unwrap().len(), 1);
    assert_eq!(object["orders"][0]["symbol"], "AMZN");
    assert_eq!(world.sim.order_posts(), 1);
}

#[test]
fn halted_in_mid_run_it_sends_nothing_more() {
    let mut world = world();
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#).set("gateway.timeout_seconds", "30");
    world.sim.price("AMZN", "90", "100");
    world.sim.hold_answer("order");
    let mut command = world.command(&["--json", "buy"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until("no order came", || world.sim.order_posts() == 1);
    std::fs::write(world.files.state("HALT"), "earnings tonight").unwrap();
    world.sim.let_answer();
    let object = Run::of(child.wait_with_output().unwrap()).object();
    assert_eq!((&object["exit_code"], &object["reason"]), (&json!(80), &json!("halted")), "{object:#}");
    assert_eq!(object["orders"][0]["state"], "accepted", "what was under way is told: {object:#}");
    assert_eq!((&object["skipped"][0]["symbol"], &object["skipped"][0]["rule"]), (&json!("AAPL"), &json!("halted")));
    assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (1, 1));
}

#[test]
fn an_order_of_a_halted_symbol_is_no_order_and_left_alone_for_the_day() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.sim.control("POST", "/prices", json!({ "symbol": "AAPL", "halted": true }));
        for _ in 0..2 {
            let object = world.json(1, &["buy"]);
            assert_eq!(object["orders"][0]["state"], "rejected", "{mode:?}: {object:#}");
            assert!(object["detail"].as_str().unwrap().contains("매매불가"), "KIS's words: {object:#}");
            world.advance(60);
        }
        assert_eq!(world.json(0, &["buy"])["skipped"][0]["rule"], "refused_today", "{mode:?}");
        assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (2, 0));
    }
}
