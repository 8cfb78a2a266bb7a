//! `GET /events`: what happened, in the order in which it did.

use serde_json::{Value, json};

use crate::harness::*;

/// Returns what happened after the event of a number.
fn after(market: &Market, number: u64) -> Vec<Value> {
    let answer = Call::new("GET", &market.control_url(), "/events").query("after", &number.to_string()).send();
    assert_eq!(answer.status, 200, "{}", answer.text);
    list(&answer.body, "events")
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| text(event, "event")).collect()
}

#[test]
fn an_order_s_life_can_be_followed() {
    let market = Market::still();
    let client = market.client(Mode::Real);
    let order = client.buy("ZZZQ", 5, "99.00").output("ODNO").to_owned();
    market.post("/orders/fill", json!({"order_id": order, "quantity": 2, "price": "98.50"}));
    market.post("/orders/cancel", json!({"order_id": order}));
    let events = after(&market, 0);
    assert_eq!(kinds(&events), ["token_issued", "order_accepted", "order_filled", "order_cancelled"]);
    assert_eq!(events.iter().map(|event| event["n"].clone()).collect::<Vec<_>>(), [1, 2, 3, 4].map(Value::from));
    assert_eq!(
        events[2],
        json!({
            "n": 3, "at": MORNING, "event": "order_filled", "account": "real", "order_id": order, "symbol": "ZZZQ",
            "side": "buy", "quantity": 2, "price": "98.50",
        })
    );
    assert_eq!(
        events[3],
        json!({
            "n": 4, "at": MORNING, "event": "order_cancelled", "account": "real", "order_id": order, "symbol": "ZZZQ",
            "side": "buy", "quantity": 3,
        })
    );
    assert_eq!(kinds(&after(&market, 2)), ["order_filled", "order_cancelled"]);
    assert_eq!(after(&market, 4), Vec::<Value>::new());
}

#[test]
fn fills_and_ends_come_in_the_order_of_the_clock_whoever_s_they_are() {
    // AAPL on 2023-03-08: open 152.81, low 151.83, high 153.47, close 152.87.
    let market = Market::at(MORNING);
    for (account, price) in [("paper", "151.90"), ("real", "152.20"), ("paper", "100.00")] {
        let order = json!({"account": account, "symbol": "AAPL", "side": "buy", "quantity": 1, "limit_price": price});
        market.post("/orders/foreign", order);
    }
    market.advance(24 * 3600);
    let events = after(&market, 3);
    assert_eq!(kinds(&events), ["order_filled", "order_filled", "order_expired"]);
    assert_eq!(events.iter().map(|event| text(event, "account")).collect::<Vec<_>>(), ["real", "paper", "paper"]);
    let times: Vec<&str> = events.iter().map(|event| text(event, "at")).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert_eq!(text(&events[2], "at"), "2023-03-08T21:00:00Z");
}

#[test]
fn what_happens_to_prices_and_accounts_is_told_when_its_moment_comes() {
    let market = Market::still();
    let (soon, later) = ("2023-03-08T15:00:00Z", "2023-03-08T15:30:00Z");
    market.post("/split", json!({"symbol": "ZZZQ", "from": 1, "to": 2, "quote_at": soon, "account_at": later}));
    market.post("/transfer", json!({"usd": "250", "at": later}));
    assert_eq!(after(&market, 0), Vec::<Value>::new());
    market.set_clock(later);
    let events = after(&market, 0);
    assert_eq!(kinds(&events), ["quote_split", "holding_split", "transfer"]);
    assert_eq!((text(&events[0], "at"), text(&events[1], "at")), (soon, later));
    assert_eq!((text(&events[2], "usd"), text(&events[2], "account")), ("250.00", "paper"));
}

#[test]
fn external_changes_corrections_and_refusals_are_events() {
    let market = Market::still();
    let place = json!({"symbol": "ZZZQ", "side": "buy", "quantity": 4, "limit_price": "90"});
    let order = market.post("/orders/foreign", place)["order_id"].clone();
    let changed = market.post("/orders/modify", json!({"order_id": order, "limit_price": "91"}))["order_id"].clone();
    market.post("/orders/fill", json!({"order_id": changed, "quantity": 3}));
    market.post("/orders/correct", json!({"order_id": changed, "filled_quantity": 2}));
    market.post("/orders/reject", json!({"order_id": changed}));
    let events = after(&market, 1);
    assert_eq!(kinds(&events), ["order_modified", "order_filled", "fill_corrected", "order_rejected"]);
    assert_eq!((&events[0]["order_id"], &events[0]["new_order_id"]), (&order, &changed));
    assert_eq!((text(&events[0], "price"), events[0]["quantity"].as_u64()), ("91.00", Some(4)));
    assert_eq!(events[2]["quantity"], json!(2));
}

#[test]
fn numbers_go_on_after_a_reset() {
    let market = Market::still();
    market.client(Mode::Real);
    market.post("/reset", json!({}));
    assert_eq!(after(&market, 0), Vec::<Value>::new());
    market.client(Mode::Real);
    assert_eq!(after(&market, 1)[0]["n"], json!(2));
}
