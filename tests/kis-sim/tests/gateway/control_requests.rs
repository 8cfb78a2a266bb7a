//! What the control port does not take: too much, too far, beside the point. It says so, changes nothing, and goes on.

use kis_sim::{Options, Sim};
use serde_json::{Value, json};

use crate::harness::*;

/// More than any sum could hold.
const HUGE: &str = "79228162514264337593543950335";

#[test]
fn numbers_and_times_out_of_all_bounds_are_refused_and_nothing_breaks() {
    let market = Market::still();
    market.post("/cash", json!({"usd": "10000000000"}));
    for (path, body) in [
        ("/cash", json!({"usd": HUGE})),
        ("/cash", json!({"usd": "7_9228162514264337593543950335"})),
        ("/transfer", json!({"usd": "10000000000.01"})),
        ("/positions", json!({"symbol": "ZZZQ", "quantity": u64::MAX, "average_cost": "1"})),
        ("/positions", json!({"symbol": "ZZZQ", "quantity": 1, "average_cost": HUGE})),
        ("/prices", json!({"symbol": "ZZZQ", "last": HUGE})),
        ("/orders/foreign", json!({"symbol": "ZZZQ", "side": "sell", "quantity": 1, "limit_price": HUGE})),
        ("/reset", json!({"cash": -5})),
        ("/reset", json!({"start": "+262142-12-31T23:59:58Z"})),
        ("/clock", json!({"set": "3000-01-01T00:00:00Z"})),
        ("/clock", json!({"advance_seconds": 40_000_000_000_i64})),
        ("/clock", json!({"advance_seconds": -2_000_000_000})),
    ] {
        let said = market.refused(path, &body);
        assert!(["large", "1970", "negative"].iter().any(|part| said.contains(part)), "{path} {body}: {said}");
    }
    market.fill_mode("at_once");
    market.post("/positions", json!({"symbol": "ZZZQ", "quantity": 10_000_000_000_u64, "average_cost": "10000000000"}));
    market.post("/prices", json!({"symbol": "ZZZQ", "last": "10000000000"}));
    let order = json!({"symbol": "ZZZQ", "side": "sell", "quantity": 10_000_000_000_u64, "limit_price": "10000000000"});
    market.post("/orders/foreign", order);
    for mode in BOTH {
        let client = market.client(mode);
        assert!(client.present_balance("01").send().is_success(), "{mode:?}");
        assert!(client.balance("NASD").send().is_success(), "{mode:?}");
        assert!(client.price("NAS", "ZZZQ").send().is_success(), "{mode:?}");
    }
    market.read("/ledger");
}

#[test]
fn a_price_that_no_order_has_is_refused() {
    let market = Market::still();
    let answer = market.client(Mode::Real).buy("ZZZQ", 1, HUGE);
    assert_eq!(answer.status, 500, "{}", answer.text);
    assert!(answer.text.contains("주문단가를"), "{}", answer.text);
}

#[test]
fn what_a_request_does_not_take_is_refused() {
    let market = Market::still();
    let send = |method: &'static str, path: &str, name: &str, value: &str, body: Option<Value>| {
        let call = Call::new(method, &market.control_url(), path);
        let call = if name.is_empty() { call } else { call.query(name, value) };
        let answer = match body {
            Some(body) => call.json(&body).send(),
            None => call.send(),
        };
        (answer.status, answer.text)
    };
    for (method, path, name, value, body, said) in [
        ("GET", "/ledger", "account", "1", None, "GET /ledger takes no parameters"),
        ("GET", "/clock", "", "", Some(json!({"foo": 1})), "GET /clock takes no parameters"),
        ("GET", "/events", "after", "-1", None, "after is a whole number"),
        ("GET", "/events", "before", "1", None, "unknown field"),
        ("GET", "/events", "after", "1", Some(json!({"after": 2})), "only a GET without a body takes a query"),
        ("POST", "/cash", "usd", "55", Some(json!({"usd": "66"})), "only a GET without a body takes a query"),
        ("POST", "/reset", "", "", Some(json!([])), "the body is not a JSON object"),
    ] {
        let (status, text) = send(method, path, name, value, body);
        assert_eq!((status, text.contains(said)), (400, true), "{method} {path}: {text}");
    }
}

#[test]
fn options_out_of_bounds_are_refused_at_the_start() {
    let refused = |options: Options| Sim::start(options).expect_err("a refusal").to_string();
    assert!(refused(Options { accounts: 0, ..options() }).contains("accounts is 1 to 9"));
    assert!(refused(Options { accounts: 10, ..options() }).contains("accounts is 1 to 9"));
    assert!(refused(Options { cash: (-5).into(), ..options() }).contains("cash is 0 to"));
    assert!(refused(Options { cash: HUGE.parse().unwrap(), ..options() }).contains("cash is 0 to"));
}

#[test]
fn no_number_of_splits_breaks_a_quote() {
    let market = Market::still();
    let at = json!({"symbol": "AAPL", "from": 1000, "to": 1, "quote_at": MORNING});
    for _ in 0..14 {
        market.post("/split", at.clone());
    }
    let client = market.client(Mode::Real);
    assert!(client.price("NAS", "AAPL").send().is_success());
    market.post("/prices", json!({"symbol": "ZZZQ", "last": "0.01"}));
    market.post("/split", json!({"symbol": "ZZZQ", "from": 1, "to": 1000, "quote_at": MORNING}));
    market.quirk("price_band", json!(true));
    assert!(!client.buy("ZZZQ", 1, "0").is_success());
    client.buy("ZZZQ", 1, "0.01");
    market.read("/ledger");
}
