//! Orders of other programs, of people, and of yesterday.

use super::*;

#[test]
fn an_order_of_another_program_stops_buying_until_a_person_says_it_is_fine() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
        world.sim.price("AMZN", "110", "100");
        world.sim.hold("AMZN", 5, "100");
        let foreign = json!({ "account": world.sim.account(), "symbol": "TSLA", "side": "buy", "quantity": 1, "limit_price": "10", "medium": "OpenAPI" });
        let id = world.sim.control("POST", "/orders/foreign", foreign)["order_id"].as_str().unwrap().to_owned();
        let object = world.json(0, &["buy"]);
        assert_eq!(
            (&object["result"], &object["reason"]),
            (&json!("nothing_to_do"), &json!("foreign_order")),
            "{mode:?}"
        );
        assert!(object["warnings"][0].as_str().unwrap().contains(&format!("cleanup --settle foreign={id}")));
        assert_eq!(world.sim.order_posts(), 0);
        assert_eq!(world.json(0, &["sell"])["orders"][0]["state"], "accepted", "sells go on");
        assert_eq!(world.run(&["cleanup", "--settle", &format!("foreign={id}")]).code, 0);
        assert_eq!(world.json(0, &["buy"])["orders"][0]["symbol"], "AAPL");
        let open: Vec<Value> = world.sim.orders().into_iter().filter(|order| order["order_id"] == id).collect();
        assert_eq!(open[0]["state"], "open", "nobody touched it");
    }
}

#[test]
fn a_persons_order_from_the_phone_is_let_alone_and_stops_nothing() {
    let mut world = world_of(Mode::Real);
    let twin = json!({ "account": "real", "symbol": "AAPL", "side": "buy", "quantity": 21, "limit_price": "95.00" });
    let id = world.sim.control("POST", "/orders/foreign", twin.clone())["order_id"].clone();
    world.sim.fault("order", "drop_before", json!({}));
    assert_eq!(world.run(&["buy"]).code, 81, "the twin from the phone is no candidate");
    let later = world.sim.control("POST", "/orders/foreign", twin)["order_id"].clone();
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
        world.sim.hold("AAPL", 10, "85");
        let twin = json!({
            "account": world.sim.account(), "symbol": "AAPL", "side": "sell", "quantity": 5, "limit_price": "95.00",
            "medium": "OpenAPI",
        });
        world.sim.control("POST", "/orders/foreign", twin);
        world.sim.fault("order", "drop_before", json!({}));
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
        assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (1, 1));
    }
}

#[test]
fn a_duplicate_at_the_broker_is_seen_as_another_hands_order() {
    let world = world();
    world.sim.fault("order", "duplicate", json!({}));
    assert_eq!(world.json(0, &["buy"])["orders"][0]["state"], "accepted");
    assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (1, 2));
    assert_eq!(world.json(0, &["buy"])["reason"], "foreign_order");
    assert_eq!(world.sim.order_posts(), 1);
}

#[test]
fn an_answer_that_names_an_older_order_is_not_believed() {
    let mut world = world_of(Mode::Real);
    assert_eq!(world.run(&["buy"]).code, 0);
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
    world.sim.price("AMZN", "90", "100");
    let body = "{\"rt_cd\":\"0\",\"msg_cd\":\"APBK0013\",\"msg1\":\"ok\",\"output\":{\"KRX_FWDG_ORD_ORGNO\":\"01790\",\"ODNO\":\"0030000001\",\"ORD_TMD\":\"233000\"}}";
    world.sim.fault("order", "replace", json!({ "body": body }));
    let object = world.json(0, &["buy"]);
    assert_eq!(object["orders"][0]["order_id"], "0030000002", "found in the list: {object:#}");
    assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (2, 2));
}

/// On paper KIS counts its orders from the same number every day.
#[test]
fn an_order_number_used_again_the_next_day_is_another_order() {
    for kind in [None, Some("drop_after")] {
        let mut world = world();
        let first = world.json(0, &["buy"])["orders"][0]["order_id"].clone();
        world.sim.control("POST", "/orders/fill", json!({ "order_id": first, "quantity": 5 }));
        world.set_clock("2023-05-25T14:30:00Z".parse().unwrap());
        if let Some(kind) = kind {
            world.sim.fault("order", kind, json!({}));
        }
        let second = world.json(0, &["buy"])["orders"][0].clone();
        assert_eq!((&second["order_id"], &second["state"]), (&first, &json!("accepted")), "{kind:?}");
        assert_eq!(second["intent_id"], "20230525-0001");
        let open = world.json(0, &["status"])["open_orders"].clone();
        assert_eq!(open.as_array().unwrap().len(), 1, "{open:#}");
        assert_eq!((&open[0]["intent_id"], &open[0]["filled_quantity"]), (&json!("20230525-0001"), &json!(0)));
        world.sim.control("POST", "/orders/fill", json!({ "order_id": first, "quantity": 7 }));
        world.advance(25 * 60);
        let object = world.json(0, &["cleanup"]);
        assert_eq!(object["settled"], json!([{ "intent_id": "20230525-0001", "state": "cancelled" }]), "{kind:?}");
        let rows = world.files.trades();
        assert_eq!(rows.len(), 2, "{rows:?}");
        assert!(rows[0].contains(",buy,5,") && rows[0].contains(",20230524-0001,"), "{rows:?}");
        assert!(rows[1].contains(",buy,7,") && rows[1].contains(",20230525-0001,"), "{rows:?}");
        assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (2, 2));
    }
}
