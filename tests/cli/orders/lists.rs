//! KIS's lists: read to their end or not believed, and without them no order.

use super::*;

#[test]
fn a_failed_list_means_no_order() {
    for (endpoint, code) in [("ccnl", 69), ("balance", 69), ("psamount", 69)] {
        for kind in ["html", "drop_before", "truncated", "status_before"] {
            let world = world();
            world.sim.fault(endpoint, kind, json!({ "times": 100 }));
            let object = world.json(code, &["buy"]);
            assert_eq!(object["orders"], json!([]), "{endpoint} {kind}");
            assert_eq!(world.sim.order_posts(), 0);
        }
    }
}

#[test]
fn a_list_of_several_pages_is_read_to_its_end_or_not_believed() {
    for mode in MODES {
        let world = world_of(mode);
        world.sim.control("POST", "/quirks", json!({ "page_rows": 2, "medium_on_paper": "OpenAPI" }));
        for quantity in 1..=4 {
            let body = json!({ "account": world.sim.account(), "symbol": "TSLA", "side": "buy", "quantity": quantity, "limit_price": "10" });
            world.sim.control("POST", "/orders/foreign", body);
        }
        world.sim.fault("order", "drop_after", json!({}));
        let object = world.json(0, &["buy"]);
        assert_eq!(object["orders"][0]["state"], "accepted", "{mode:?}: the fifth row is on the third page");
        // A page that fails is no page: then the order is not known to be absent either.
        let world = world_of(mode);
        world.sim.control("POST", "/quirks", json!({ "page_rows": 2, "medium_on_paper": "OpenAPI" }));
        for quantity in 1..=4 {
            let body = json!({ "account": world.sim.account(), "symbol": "TSLA", "side": "buy", "quantity": quantity, "limit_price": "10" });
            world.sim.control("POST", "/orders/foreign", body);
        }
        world.sim.fault("ccnl", "html", json!({ "nth": 2, "times": 100 }));
        assert_eq!(world.json(69, &["buy"])["orders"], json!([]));
        assert_eq!(world.sim.order_posts(), 0);
    }
}

/// A balance that says "nothing" and is wrong can't be told from one that is right: it sells nothing, it looks like a loss,
/// and the next run is right again.
#[test]
fn a_balance_that_is_empty_for_once_sends_nothing_and_is_made_good() {
    for mode in MODES {
        let world = world_of(mode);
        // Both orders have one price, which real KIS would take for a self-trade.
        world.sim.control("POST", "/quirks", json!({ "self_trade_refused": "never" }));
        world.sim.hold("AAPL", 30, "90");
        assert_eq!(world.run(&["status"]).code, 0);
        world.sim.hold("AAPL", 0, "90");
        assert_eq!(world.json(0, &["sell"])["reason"], "no_position", "{mode:?}");
        assert_eq!(world.json(0, &["buy"])["reason"], "daily_loss_limit", "{mode:?}");
        assert_eq!(world.sim.order_posts(), 0);
        world.sim.hold("AAPL", 30, "90");
        for (command, quantity) in [("buy", 21), ("sell", 30)] {
            let order = world.json(0, &[command])["orders"][0].clone();
            assert_eq!((&order["quantity"], &order["state"]), (&json!(quantity), &json!("accepted")), "{mode:?}");
        }
        assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (2, 2));
    }
}

/// KIS says that the list changed between two pages: it is read again from the first, three times at most.
#[test]
fn a_list_that_changes_while_it_is_read_is_read_again_from_its_first_page() {
    for (times, code) in [(1, 0), (3, 0), (4, 69)] {
        let world = world_of(Mode::Real);
        world.sim.control("POST", "/quirks", json!({ "page_rows": 2 }));
        for quantity in 1..=4 {
            let body = json!({ "account": "real", "symbol": "TSLA", "side": "buy", "quantity": quantity, "limit_price": "10" });
            world.sim.control("POST", "/orders/foreign", body);
        }
        let more = json!({ "next_page": true, "code": "SYDB0050", "times": times });
        world.sim.fault("ccnl", "code", more);
        let object = world.json(code, &["buy"]);
        let first_pages = world
            .sim
            .request_records()
            .iter()
            .filter(|request| {
                request["tr_id"] == "TTTS3035R" && request["headers"]["tr_cont"].as_str().unwrap_or_default().is_empty()
            })
            .count();
        assert_eq!(first_pages, 1 + times.min(3), "{object:#}");
        assert_eq!(world.sim.order_posts(), usize::from(code == 0), "{times}");
    }
}

/// Whoever places more than a thousand orders a day can still trade.
#[test]
fn a_list_has_as_many_pages_as_it_needs() {
    for mode in MODES {
        let world = world_of(mode);
        world.sim.control("POST", "/quirks", json!({ "medium_on_paper": "OpenAPI" }));
        world.sim.control(
            "POST",
            "/orders/seed",
            json!({ "account": world.sim.account(), "symbol": "TSLA", "count": 1_600 }),
        );
        assert_eq!(world.json(0, &["buy"])["orders"][0]["state"], "accepted", "{mode:?}");
    }
}

/// A list without an end is given up after so many timeouts of a request, and what happened is said in words.
#[test]
fn a_list_without_an_end_is_given_up_in_time() {
    let mut world = world_of(Mode::Real);
    world.set("gateway.timeout_seconds", "0.2");
    world.sim.control("POST", "/quirks", json!({ "page_rows": 1 }));
    world.sim.control("POST", "/orders/seed", json!({ "account": "real", "symbol": "TSLA", "count": 10_000 }));
    let run = world.run(&["buy"]);
    assert_eq!((run.code, world.sim.order_posts()), (69, 0), "{}", run.stderr);
    let is_said = run.stderr.contains("a list did not end within 3 s: ");
    // On a machine under load a single page may take longer than its time.
    assert!(is_said || run.stderr.contains("timed out"), "{}", run.stderr);
}
