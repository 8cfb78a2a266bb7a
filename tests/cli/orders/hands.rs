//! Orders of ours that a person changes (정정), and orders of theirs that bear our numbers.

use super::*;

/// A holding whose stop loss is due, and the sell of it that `sell` has just sent.
fn world_with_stop_loss(mode: Mode) -> (World, String) {
    let world = world_of(mode);
    world.sim.hold("AAPL", 10, "100");
    world.sim.price("AAPL", "80", "85");
    let order = world.json(0, &["sell"])["orders"][0].clone();
    assert_eq!((&order["state"], &order["rule"]), (&json!("accepted"), &Value::Null), "{order:#}");
    let id = order["order_id"].as_str().unwrap().to_owned();
    (world, id)
}

fn modify(world: &World, order_id: &str, more: Value) -> String {
    let mut body = json!({ "account": world.sim.account(), "order_id": order_id });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.sim.control("POST", "/orders/modify", body)["order_id"].as_str().unwrap().to_owned()
}

fn cancel(world: &World, order_id: &str) {
    world.sim.control("POST", "/orders/cancel", json!({ "account": world.sim.account(), "order_id": order_id }));
}

fn fill(world: &World, order_id: &str, quantity: u64) {
    let body = json!({ "account": world.sim.account(), "order_id": order_id, "quantity": quantity });
    world.sim.control("POST", "/orders/fill", body);
}

#[test]
fn a_sell_that_a_person_changed_is_theirs_and_the_stop_loss_goes_out_when_the_shares_are_free() {
    for mode in MODES {
        let (mut world, id) = world_with_stop_loss(mode);
        let theirs = modify(&world, &id, json!({ "limit_price": "90" }));
        let object = world.json(0, &["cleanup"]);
        assert_eq!(object["settled"], json!([{ "intent_id": "20230524-0001", "state": "replaced" }]), "{mode:?}");
        assert_eq!(object["kept"][0]["order_id"], theirs, "{mode:?}: it is another hand's now");
        for _ in 0..2 {
            world.advance(60);
            let object = world.json(0, &["sell"]);
            let skip = &object["skipped"][0];
            assert_eq!((&object["orders"], &skip["rule"]), (&json!([]), &json!("nothing_sellable")), "{mode:?}");
            let words = format!("stop loss of AAPL is due; order {theirs} holds the shares");
            assert_eq!(skip["detail"], words, "{mode:?}");
            assert!(object["warnings"][0].as_str().unwrap().contains(&words), "{object:#}");
        }
        cancel(&world, &theirs);
        world.advance(60);
        let order = world.json(0, &["sell"])["orders"][0].clone();
        assert_eq!((&order["quantity"], &order["state"]), (&json!(10), &json!("accepted")), "{mode:?}");
        assert_eq!(world.sim.order_posts(), 2);
    }
}

#[test]
fn a_buy_that_a_person_changed_ends_with_its_fills_and_stops_no_other() {
    for mode in MODES {
        for twice in [false, true] {
            let mut world = world_of(mode);
            // What the person's order ties up looks like a loss.
            world.set("buy.watch", r#"["AAPL", "AMZN"]"#).set("limits.max_daily_loss_percent", "90");
            world.sim.price("AMZN", "110", "100");
            let id = world.json(0, &["buy"])["orders"][0]["order_id"].as_str().unwrap().to_owned();
            fill(&world, &id, 5);
            let mut theirs = modify(&world, &id, json!({ "limit_price": "90" }));
            if twice {
                theirs = modify(&world, &theirs, json!({ "quantity": 3 }));
                cancel(&world, &theirs);
            }
            world.sim.price("AMZN", "90", "100");
            world.advance(60);
            let object = world.json(0, &["buy"]);
            let told = format!("{mode:?} {twice}: {object:#}");
            assert_eq!(object["orders"][0]["symbol"], "AMZN", "{told}");
            let object = world.json(0, &["status"]);
            let open = object["open_orders"].as_array().unwrap();
            assert_eq!(open.iter().filter(|order| order["order_id"] == id).count(), 0, "{object:#}");
            assert_eq!(open.iter().filter(|order| order["order_id"] == theirs).count(), usize::from(!twice));
            let rows = world.files.trades();
            assert!(rows.len() == 1 && rows[0].contains(",AAPL,NASD,buy,5,"), "{told}: {rows:?}");
        }
    }
}

#[test]
fn an_order_that_another_program_changed_stops_buying_until_a_person_says_it_is_fine() {
    let mut world = world_of(Mode::Real);
    let id = world.json(0, &["buy"])["orders"][0]["order_id"].as_str().unwrap().to_owned();
    modify(&world, &id, json!({ "limit_price": "90", "medium": "OpenAPI" }));
    world.advance(60);
    assert_eq!(world.json(0, &["cleanup"])["settled"][0]["state"], "replaced");
    assert_eq!(world.json(0, &["buy"])["reason"], "foreign_order");
}

/// KIS counts order numbers branch by branch: a person's order by phone has the number that ours gets.
#[test]
fn an_order_with_the_number_of_another_branchs_order_is_ours_all_the_same() {
    for mode in MODES {
        for is_answer_lost in [false, true] {
            let mut world = world_of(mode);
            world.set("cleanup.cancel_buys_after_minutes", "0");
            let order = json!({
                "account": world.sim.account(), "symbol": "AAPL", "side": "buy", "quantity": 21, "limit_price": "95.00",
            });
            let first = world.sim.control("POST", "/orders/foreign", order.clone())["order_id"].clone();
            world.sim.control("POST", "/orders/cancel", json!({ "account": world.sim.account(), "order_id": first }));
            // The number after the cancel's, which is the next one of our branch.
            let next = format!("{:010}", first.as_str().unwrap().parse::<u64>().unwrap() + 2);
            let mut twin = order;
            (twin["branch"], twin["order_id"]) = (json!("00100"), json!(next));
            world.sim.control("POST", "/orders/foreign", twin);
            for id in [first.as_str().unwrap(), &next] {
                assert_eq!(world.run(&["cleanup", "--settle", &format!("foreign={id}")]).code, 0);
            }
            if is_answer_lost {
                world.sim.fault("order", "drop_after", json!({}));
            }
            let told = format!("{mode:?}, lost: {is_answer_lost}");
            let order = world.json(0, &["buy"])["orders"][0].clone();
            assert_eq!((&order["state"], &order["order_id"]), (&json!("accepted"), &json!(next)), "{told}");
            let theirs = json!({ "account": world.sim.account(), "order_id": next, "branch": "00100" });
            world.sim.control("POST", "/orders/fill", theirs);
            world.advance(60);
            assert_eq!(world.json(0, &["cleanup"])["settled"], json!([]), "{told}: the other hand's fill is not ours");
            let status = world.json(0, &["status"]);
            let open: Vec<_> = status["open_orders"].as_array().unwrap().iter().map(|order| &order["own"]).collect();
            assert_eq!(open, [true], "{told}: {status:#}");
            assert_eq!((world.files.trades().len(), world.sim.order_posts()), (0, 1), "{told}");
        }
    }
}

#[test]
fn a_person_settles_several_things_in_one_call() {
    let mut world = world_of(Mode::Real);
    let foreign = |symbol: &str| {
        let order = json!({ "account": "real", "symbol": symbol, "side": "buy", "quantity": 1, "limit_price": "10", "medium": "OpenAPI" });
        world.sim.control("POST", "/orders/foreign", order)["order_id"].as_str().unwrap().to_owned()
    };
    let (one, two, three) = (foreign("TSLA"), foreign("TSLA"), foreign("AMZN"));
    world.sim.fault("order", "drop_before", json!({}));
    assert_eq!(world.json(0, &["buy"])["reason"], "foreign_order");
    let decisions = [format!("foreign={one}"), format!("foreign={two}")];
    let none = ["cleanup", "--settle", &decisions[0], "--settle", "foreign=0000099999"];
    assert_eq!(world.json(2, &none)["reason"], "usage");
    assert_eq!(world.files.journal_of("human").len(), 0, "all of them, or none");
    assert_eq!(world.run(&["cleanup", "--settle", &decisions[0], "--settle", &decisions[1]]).code, 0);
    assert_eq!(world.json(0, &["buy"])["reason"], "foreign_order", "{three} is left");
    assert_eq!(world.run(&["cleanup", "--settle", "foreign=all-of-today"]).code, 0);
    assert_eq!(world.run(&["buy"]).code, 81);
    world.advance(60);
    assert_eq!(world.run(&["cleanup", "--settle", "20230524-0001=absent"]).code, 0);
    assert_eq!(world.json(0, &["buy"])["orders"][0]["state"], "accepted");
}
