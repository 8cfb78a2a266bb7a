//! `cleanup`: old orders are cancelled, the list says what became of them, and the journal comes to rest.

use serde_json::{Value, json};

use crate::support::harness::{Mode, World, wait_until};

const MODES: [Mode; 2] = [Mode::Paper, Mode::Real];

/// An accepted buy of 21 AAPL at 95.00 that does not fill by itself.
fn world_of(mode: Mode) -> World {
    let mut world = World::new(mode, crate::support::harness::MID_SESSION);
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    assert_eq!(world.run(&["buy"]).code, 0);
    world
}

fn order_id(world: &World) -> String {
    world.sim.orders()[0]["order_id"].as_str().unwrap().to_owned()
}

fn fill(world: &World, quantity: u64) {
    let body =
        json!({ "account": world.sim.account(), "order_id": order_id(world), "quantity": quantity, "price": "95" });
    world.sim.control("POST", "/orders/fill", body);
}

fn cancels(world: &World) -> usize {
    world.sim.requests().iter().filter(|id| id.ends_with("TTT1004U")).count()
}

#[test]
fn twenty_minutes_are_the_limit() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.advance(20 * 60 - 30);
        let object = world.json(0, &["cleanup"]);
        assert_eq!((&object["reason"], &object["cancelled"]), (&json!("nothing_to_cancel"), &json!([])));
        assert_eq!(object["kept"], json!([{ "order_id": order_id(&world), "symbol": "AAPL", "reason": "too_young" }]));
        world.advance(60);
        let object = world.json(0, &["cleanup"]);
        assert_eq!((&object["result"], &object["kept"]), (&json!("done"), &json!([])));
        assert_eq!(
            object["cancelled"],
            json!([{ "order_id": order_id(&world), "symbol": "AAPL", "side": "buy", "quantity": 21 }])
        );
        assert_eq!(object["settled"], json!([{ "intent_id": "20230524-0001", "state": "cancelled" }]), "{mode:?}");
        assert_eq!(world.sim.orders()[0]["state"], "cancelled");
        let object = world.json(0, &["cleanup"]);
        assert_eq!(
            (&object["reason"], &object["settled"], cancels(&world)),
            (&json!("nothing_to_cancel"), &json!([]), 1)
        );
    }
}

#[test]
fn a_line_counts_and_one_below_names_each_order() {
    for (mode, banner, id) in [(Mode::Paper, "PAPER", "0000040840"), (Mode::Real, "REAL", "0030000001")] {
        let mut world = world_of(mode);
        world.advance(21 * 60);
        let run = world.run(&["cleanup", "--dry-run"]);
        let order = format!("  AAPL  would cancel  buy 21 left ({id})");
        assert_eq!(run.lines(), [format!("cleanup [{banner}]: 1 cancelled, 0 settled, 0 kept"), order]);
        let run = world.run(&["cleanup"]);
        assert_eq!(
            run.lines(),
            [
                format!("cleanup [{banner}]: 1 cancelled, 1 settled, 0 kept"),
                format!("  AAPL  cancelled  buy 21 left ({id})"),
                "  AAPL  cancelled  buy 21 @ 95.00, 0 filled (20230524-0001)".to_owned(),
            ]
        );
    }
}

#[test]
fn each_side_has_its_own_minutes_and_0_is_never() {
    let mut world = world_of(Mode::Paper);
    world.set("cleanup.cancel_buys_after_minutes", "0");
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
    world.sim.hold("AMZN", 3, "100");
    world.sim.price("AMZN", "110", "109");
    assert_eq!(world.run(&["sell"]).code, 0);
    world.advance(6 * 60);
    world.set("cleanup.cancel_sells_after_minutes", "5");
    let object = world.json(0, &["cleanup"]);
    assert_eq!(object["cancelled"][0]["side"], "sell");
    assert_eq!(object["cancelled"].as_array().unwrap().len(), 1);
    world.advance(3 * 3600);
    assert_eq!(world.json(0, &["cleanup"])["cancelled"], json!([]), "buys are never cancelled then");
}

#[test]
fn what_filled_before_the_cancel_is_kept() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.advance(21 * 60);
        fill(&world, 9);
        let object = world.json(0, &["cleanup"]);
        assert_eq!(object["cancelled"][0]["quantity"], 12, "{mode:?}");
        assert_eq!(object["settled"][0]["state"], "cancelled");
        assert_eq!(world.files.trades().len(), 1);
        assert!(world.files.trades()[0].contains(",buy,9,95.00,855.00,"), "{:?}", world.files.trades());
    }
}

#[test]
fn an_order_that_filled_meanwhile_is_filled_and_not_cancelled() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.advance(21 * 60);
        fill(&world, 21);
        let object = world.json(0, &["cleanup"]);
        assert_eq!((&object["cancelled"], &object["settled"][0]["state"]), (&json!([]), &json!("filled")), "{mode:?}");
        assert_eq!(cancels(&world), 0);
        assert_eq!(world.json(0, &["status"])["positions"][0]["quantity"], 21);
    }
}

#[test]
fn a_cancel_whose_answer_is_lost_is_settled_by_the_list() {
    for mode in MODES {
        for kind in ["drop_after", "html", "empty", "status_after"] {
            let mut world = world_of(mode);
            world.advance(21 * 60);
            world.sim.fault("order-rvsecncl", kind, json!({}));
            let object = world.json(0, &["cleanup"]);
            assert_eq!(
                object["settled"],
                json!([{ "intent_id": "20230524-0001", "state": "cancelled" }]),
                "{mode:?} {kind}"
            );
            assert!(object["warnings"][0].as_str().unwrap().starts_with("cancel of AAPL "), "{object:#}");
            assert_eq!(cancels(&world), 1, "{kind}");
        }
    }
}

#[test]
fn a_cancel_that_never_arrived_is_repeated_by_the_next_run() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.advance(21 * 60);
        world.sim.fault("order-rvsecncl", "drop_before", json!({}));
        let object = world.json(0, &["cleanup"]);
        assert_eq!((&object["cancelled"], &object["settled"]), (&json!([]), &json!([])), "{mode:?} {object:#}");
        assert_eq!(world.sim.orders()[0]["state"], "open");
        assert_eq!(world.json(0, &["cleanup"])["settled"][0]["state"], "cancelled");
        assert_eq!(cancels(&world), 2);
    }
}

#[test]
fn a_cancel_refused_for_its_token_is_repeated_with_a_fresh_one() {
    for code in ["EGW00123", "EGW00121"] {
        let mut world = World::paper();
        let old = world.have_old_token();
        world.sim.control("POST", "/fills", json!({ "mode": "never" }));
        world.set("buy.watch", r#"["AAPL"]"#);
        world.sim.price("AAPL", "95", "100");
        assert_eq!(world.run(&["buy"]).code, 0);
        world.advance(21 * 60);
        world.sim.fault("order-rvsecncl", "code", json!({ "code": code }));
        assert_eq!(world.json(0, &["cleanup"])["settled"][0]["state"], "cancelled", "{code}");
        assert_eq!(cancels(&world), 2);
        assert_ne!(world.files.token_file()["access_token"], old);
    }
}

#[test]
fn orders_of_other_hands_are_listed_and_never_touched() {
    for medium in ["모바일", "OpenAPI"] {
        let mut world = World::real();
        let body = json!({ "account": "real", "symbol": "TSLA", "side": "buy", "quantity": 1, "limit_price": "10", "medium": medium });
        let id = world.sim.control("POST", "/orders/foreign", body)["order_id"].clone();
        world.advance(3600);
        let object = world.json(0, &["cleanup"]);
        assert_eq!(object["kept"], json!([{ "order_id": id, "symbol": "TSLA", "reason": "foreign" }]), "{medium}");
        assert_eq!((cancels(&world), world.sim.orders()[0]["state"].clone()), (0, json!("open")));
    }
}

#[test]
fn while_the_market_is_closed_nothing_is_cancelled_but_the_journal_is_settled() {
    let mut world = world_of(Mode::Paper);
    world.set_clock("2023-05-24T20:00:30Z".parse().unwrap());
    world.sim.forget_requests();
    let object = world.json(0, &["cleanup"]);
    assert_eq!((&object["market"]["phase"], &object["cancelled"]), (&json!("after"), &json!([])));
    assert_eq!(cancels(&world), 0);
    world.set_clock("2023-05-24T21:30:00Z".parse().unwrap());
    world.run(&["cleanup"]);
    assert_eq!(world.json(0, &["status"])["open_orders"], json!([]));
    world.sim.forget_requests();
    assert_eq!(world.json(0, &["cleanup"])["reason"], "market_closed");
    assert!(world.sim.requests().is_empty(), "nothing in the journal is open");
}

#[test]
fn a_day_order_ends_with_its_day() {
    for mode in MODES {
        let mut world = world_of(mode);
        fill(&world, 5);
        world.set_clock("2023-05-25T14:30:00Z".parse().unwrap());
        let object = world.json(0, &["cleanup"]);
        assert_eq!(object["settled"], json!([{ "intent_id": "20230524-0001", "state": "expired" }]), "{mode:?}");
        assert_eq!(world.files.trades().len(), 1, "what filled is known");
        let status = world.json(0, &["status"]);
        assert_eq!((&status["open_orders"], &status["positions"][0]["quantity"]), (&json!([]), &json!(5)));
        assert_eq!(cancels(&world), 0);
    }
}

#[test]
fn an_order_that_the_exchange_refused_later_is_rejected() {
    let world = world_of(Mode::Real);
    world.sim.control(
        "POST",
        "/orders/reject",
        json!({ "account": "real", "order_id": order_id(&world), "reason": "거래정지 종목" }),
    );
    let object = world.json(0, &["cleanup"]);
    let settled = json!({
        "intent_id": "20230524-0001", "state": "rejected", "kis_code": null, "kis_message": "거래정지 종목"
    });
    assert_eq!(object["settled"], json!([settled]));
    assert_eq!(world.json(0, &["buy"])["orders"][0]["state"], "accepted", "a new decision");
}

#[test]
fn an_order_cancelled_by_another_hand_is_cancelled() {
    for mode in MODES {
        let world = world_of(mode);
        world.sim.control(
            "POST",
            "/orders/cancel",
            json!({ "account": world.sim.account(), "order_id": order_id(&world) }),
        );
        let object = world.json(0, &["cleanup"]);
        assert_eq!(object["settled"], json!([{ "intent_id": "20230524-0001", "state": "cancelled" }]), "{mode:?}");
    }
}

#[test]
fn a_cancels_own_row_is_never_taken_for_an_order() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.advance(21 * 60);
        assert_eq!(world.run(&["cleanup"]).code, 0);
        // The cancel row has symbol, side, quantity and price of the order; a lost order of the same kind must not be found in it.
        world.sim.fault("order", "drop_before", json!({}));
        assert_eq!(world.run(&["buy"]).code, 81);
        let status = world.json(0, &["status"]);
        assert_eq!(
            (&status["unknown_orders"][0]["candidates"], &status["open_orders"]),
            (&json!([]), &json!([])),
            "{mode:?}"
        );
    }
}

#[test]
fn a_failed_list_cancels_nothing() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.advance(21 * 60);
        world.sim.fault("ccnl", "html", json!({ "times": 3 }));
        let object = world.json(69, &["cleanup"]);
        assert_eq!((&object["reason"], &object["cancelled"]), (&json!("gateway_nonsense"), &json!([])));
        assert_eq!(cancels(&world), 0);
        assert_eq!(world.json(0, &["cleanup"])["settled"][0]["state"], "cancelled");
    }
}

#[test]
fn a_cancel_goes_on_while_halted() {
    let mut world = world_of(Mode::Paper);
    std::fs::write(world.files.state("HALT"), "x").unwrap();
    world.advance(21 * 60);
    assert_eq!(world.json(0, &["cleanup"])["cancelled"].as_array().unwrap().len(), 1);
}

#[test]
fn the_intent_of_a_cancel_is_on_disk_before_it_is_sent() {
    let mut world = world_of(Mode::Paper);
    world.advance(21 * 60);
    world.sim.fault("order-rvsecncl", "delay", json!({ "seconds": 3600 }));
    let mut child = world.command(&["cleanup"]).spawn().unwrap();
    wait_until("no cancel came", || cancels(&world) == 1);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(world.files.journal_of("cancel")[0]["phase"], "planned");
    world.sim.control("DELETE", "/faults", Value::Null);
    assert_eq!(world.json(0, &["cleanup"])["settled"][0]["state"], "cancelled");
}
