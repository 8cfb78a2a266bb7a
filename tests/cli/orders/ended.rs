//! Orders of ours whose fills KIS's list shows late, takes back, or never shows.

use super::*;

fn control(world: &World, path: &str, more: Value) {
    let mut body = json!({ "account": world.sim.account() });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.sim.control("POST", path, body);
}

#[test]
fn a_fill_that_shows_after_its_cancel_is_booked_with_all_that_follows() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.set("cleanup.cancel_sells_after_minutes", "5").set("buy.rebuy", "\"any\"");
        world.sim.hold("AAPL", 10, "100");
        world.sim.price("AAPL", "80", "85");
        let id = world.json(0, &["sell"])["orders"][0]["order_id"].clone();
        world.advance(6 * 60);
        let object = world.json(0, &["cleanup"]);
        assert_eq!(object["settled"], json!([{ "intent_id": "20230524-0001", "state": "cancelled" }]), "{mode:?}");
        control(&world, "/orders/fill", json!({ "order_id": id, "quantity": 4, "late": true }));
        world.advance(60);
        let object = world.json(0, &["cleanup"]);
        let words = object["warnings"][0].as_str().unwrap();
        assert!(words.contains("had ended as cancelled with 0 shares filled; KIS now shows 4"), "{mode:?}: {object:#}");
        let rows = world.files.trades();
        assert!(rows.len() == 1 && rows[0].contains(",AAPL,NASD,sell,4,"), "{mode:?}: {rows:?}");
        let buy = world.json(0, &["buy"]);
        assert_eq!(buy["skipped"][0]["rule"], "cooldown", "{mode:?}: it was a stop loss: {buy:#}");
        assert_eq!(world.json(0, &["status"])["cooldowns"][0]["symbol"], "AAPL");
        assert_eq!(world.files.journal_of("observed").last().unwrap()["state"], "cancelled");
    }
}

#[test]
fn a_fill_that_shows_on_the_next_day_is_booked_too_and_then_the_day_is_closed() {
    let mut world = world_of(Mode::Real);
    world.set("cleanup.cancel_buys_after_minutes", "5");
    let id = world.json(0, &["buy"])["orders"][0]["order_id"].clone();
    world.advance(6 * 60);
    assert_eq!(world.json(0, &["cleanup"])["settled"][0]["state"], "cancelled");
    control(&world, "/orders/fill", json!({ "order_id": id, "quantity": 4, "late": true }));
    world.sim.price("AAPL", "110", "100");
    world.set_clock("2023-05-25T14:30:00Z".parse().unwrap());
    assert_eq!(world.run(&["cleanup"]).code, 0);
    assert!(world.files.trades()[0].contains(",2023-05-24,AAPL,NASD,buy,4,"), "{:?}", world.files.trades());
    world.advance(60);
    assert_eq!(world.run(&["cleanup"]).code, 0);
    assert_eq!(world.files.journal_of("day_closed"), [world.files.journal_of("day_closed")[0].clone()]);
    assert_eq!(world.files.journal_of("day_closed")[0]["date"], "2023-05-24");
}

#[test]
fn a_fill_that_is_taken_back_stops_only_the_buys_of_its_symbol_until_a_person_decides() {
    for mode in MODES {
        let mut world = world_of(mode);
        world
            .set("buy.watch", r#"["AAPL", "AMZN"]"#)
            .set("buy.rebuy", "\"any\"")
            .set("limits.max_daily_loss_percent", "90");
        world.sim.price("AMZN", "110", "100");
        let id = world.json(0, &["buy"])["orders"][0]["order_id"].as_str().unwrap().to_owned();
        control(&world, "/orders/fill", json!({ "order_id": id, "quantity": 21 }));
        assert_eq!(world.json(0, &["cleanup"])["settled"][0]["state"], "filled", "{mode:?}");
        control(&world, "/orders/correct", json!({ "order_id": id, "filled_quantity": 3 }));
        world.sim.price("AMZN", "90", "100");
        world.advance(60);
        let buy = world.json(0, &["buy"]);
        assert_eq!(buy["orders"][0]["symbol"], "AMZN", "{mode:?}: the rest trades");
        assert_eq!(buy["skipped"][0]["rule"], "order_unknown", "{mode:?}: {buy:#}");
        world.advance(61);
        let object = world.json(0, &["cleanup"]);
        let words = format!("order {id} had 21 shares filled and now shows 3");
        assert!(object["warnings"][0].as_str().unwrap().contains(&words), "{mode:?}: {object:#}");
        assert_eq!(world.json(0, &["buy"])["skipped"][0]["rule"], "order_unknown", "{mode:?}");
        // The stop loss goes on by the balance.
        world.sim.price("AAPL", "75", "85");
        let sold = world.json(0, &["sell"])["orders"][0].clone();
        assert_eq!(
            (&sold["symbol"], &sold["quantity"], &sold["state"]),
            (&json!("AAPL"), &json!(3), &json!("accepted"))
        );
        let decision = |filled: u32| format!("{id}={filled}");
        assert_eq!(world.json(2, &["cleanup", "--settle", &decision(7)])["reason"], "usage", "neither of both");
        assert_eq!(world.run(&["cleanup", "--settle", &decision(3)]).code, 0);
        world.advance(60);
        let object = world.json(0, &["cleanup"]);
        assert_eq!(object["warnings"], json!([]), "{mode:?}: settled");
        assert_eq!(world.json(2, &["cleanup", "--settle", &decision(3)])["reason"], "usage", "once");
    }
}

/// KIS takes the order and no list ever shows it, but its shares are in the account.
#[test]
fn an_accepted_order_that_no_list_shows_is_no_absent_one_while_the_account_has_moved() {
    for mode in MODES {
        let mut world = world_of(mode);
        let rule = json!({ "list": "ccnl", "account": world.sim.account(), "where": { "pdno": "AAPL" }, "hide": true });
        world.sim.control("POST", "/rows", rule);
        let order = world.json(0, &["buy"])["orders"][0].clone();
        control(&world, "/orders/fill", json!({ "order_id": order["order_id"] }));
        let last = if mode == Mode::Paper { "2023-05-24T21:00:30Z" } else { "2023-05-25T01:00:30Z" };
        world.set_clock(last.parse().unwrap());
        let object = world.json(81, &["cleanup"]);
        let words = "`kis-trade cleanup --settle 20230524-0001=filled:QTY@PRICE` or `20230524-0001=absent`";
        assert!(object["warnings"][0].as_str().unwrap().contains(words), "{mode:?}: {object:#}");
        assert_eq!(object["settled"], json!([]), "{mode:?}");
        let status = world.json(0, &["status"]);
        assert_eq!(status["unknown_orders"][0]["order_id"], order["order_id"], "{status:#}");
        world.set_clock("2023-05-25T14:30:00Z".parse().unwrap());
        world.sim.price("AAPL", "95", "100");
        assert_eq!(world.json(81, &["buy"])["skipped"][0]["rule"], "order_unknown", "{mode:?}");
        world.sim.price("AAPL", "75", "85");
        let sold = world.json(81, &["sell"])["orders"][0].clone();
        assert_eq!((&sold["quantity"], &sold["state"]), (&json!(21), &json!("accepted")), "{mode:?}: sells go on");
        for wrong in ["20230524-0001=filled:22@95", "20230524-0001=filled:0@95", "20230524-0001=filled:5@0"] {
            assert_eq!(world.json(2, &["cleanup", "--settle", wrong])["reason"], "usage", "{wrong}");
        }
        let object = world.json(0, &["cleanup", "--settle", "20230524-0001=filled:21@95.00"]);
        assert_eq!(object["settled"], json!([{ "intent_id": "20230524-0001", "state": "filled" }]), "{mode:?}");
        let rows = world.files.trades();
        assert!(rows[0].contains(",2023-05-24,AAPL,NASD,buy,21,95"), "{mode:?}: {rows:?}");
        assert_eq!(world.json(0, &["status"])["unknown_orders"], json!([]));
    }
}

#[test]
fn an_accepted_order_without_a_trace_counts_as_absent_at_last() {
    let mut world = world_of(Mode::Paper);
    let rule = json!({ "list": "ccnl", "where": { "pdno": "AAPL" }, "hide": true });
    world.sim.control("POST", "/rows", rule);
    let order = world.json(0, &["buy"])["orders"][0].clone();
    control(&world, "/orders/cancel", json!({ "order_id": order["order_id"] }));
    world.set_clock("2023-05-24T21:00:30Z".parse().unwrap());
    let object = world.json(0, &["cleanup"]);
    assert_eq!(object["settled"], json!([{ "intent_id": "20230524-0001", "state": "absent" }]), "{object:#}");
}
