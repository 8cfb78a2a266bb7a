//! What leaves the machine: only to the gateway of the configuration, only once, and at the agreed pace.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::support::harness::{Mode, World};

/// A port that takes connections, and whether one came.
fn trap() -> (String, TcpListener) {
    let trap = TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    (format!("http://{}", trap.local_addr().unwrap()), trap)
}

fn world_of(mode: Mode) -> World {
    let mut world = World::new(mode, crate::support::harness::MID_SESSION);
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    world
}

#[test]
fn a_redirect_is_never_followed() {
    for endpoint in ["tokenP", "ccnl", "balance", "price", "psamount", "order"] {
        let world = world_of(Mode::Paper);
        let (url, trap) = trap();
        world.sim.fault(endpoint, "redirect", json!({ "location": format!("{url}/oauth2/tokenP"), "times": 99 }));
        let run = world.run(&["buy"]);
        assert!(trap.accept().is_err(), "{endpoint}: key and secret went to another host");
        let expected = if endpoint == "order" { 81 } else { 69 };
        assert_eq!(run.code, expected, "{endpoint}: {}", run.stderr);
        assert!(world.sim.orders().is_empty());
    }
}

#[test]
fn proxy_variables_are_ignored() {
    let mut world = world_of(Mode::Real);
    let (url, trap) = trap();
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        world.env(name, &url);
    }
    assert_eq!(world.json(0, &["buy"])["orders"][0]["state"], "accepted");
    assert!(trap.accept().is_err(), "the proxy was asked");
}

#[test]
fn every_request_carries_the_headers_kis_asks_for() {
    for mode in [Mode::Paper, Mode::Real] {
        let mut world = world_of(mode);
        world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
        world.sim.hold("AMZN", 5, "100");
        world.sim.price("AMZN", "110", "109");
        for arguments in [&["buy"][..], &["sell"], &["status"], &["cleanup"]] {
            assert_eq!(world.run(arguments).code, 0);
        }
        for request in world.sim.request_records() {
            if request["path"] == "/oauth2/tokenP" {
                continue;
            }
            let header = |name: &str| request["headers"][name].as_str().unwrap_or_default().to_owned();
            assert_eq!(header("custtype"), "P", "{request:#}");
            assert!(
                !header("tr_id").is_empty() && header("content-type").starts_with("application/json"),
                "{request:#}"
            );
            assert_eq!(
                (&request["status"], &request["mode"]),
                (&json!(200), &json!(world.sim.account())),
                "{request:#}"
            );
        }
    }
}

#[test]
fn numbers_of_an_order_are_sent_as_text_and_its_keys_in_capitals() {
    for (mode, tr_id) in [(Mode::Paper, "VTTT1002U"), (Mode::Real, "TTTT1002U")] {
        let world = world_of(mode);
        assert_eq!(world.run(&["buy"]).code, 0);
        let requests = world.sim.request_records();
        let order = requests.iter().find(|request| request["tr_id"] == tr_id).unwrap();
        let body: Value = match &order["body"] {
            Value::String(text) => serde_json::from_str(text).unwrap(),
            body => body.clone(),
        };
        let price: rust_decimal::Decimal = body["OVRS_ORD_UNPR"].as_str().unwrap().parse().unwrap();
        assert_eq!(price, rust_decimal::Decimal::from(95));
        for (key, value) in [
            ("OVRS_EXCG_CD", "NASD"),
            ("PDNO", "AAPL"),
            ("ORD_QTY", "21"),
            ("ORD_DVSN", "00"),
            ("ORD_SVR_DVSN_CD", "0"),
            ("ACNT_PRDT_CD", "01"),
        ] {
            assert_eq!(body[key], value, "{mode:?} {key}");
        }
        assert_eq!(body["CANO"], if mode == Mode::Paper { "50000001" } else { "60000001" });
        assert!(body.as_object().unwrap().values().all(Value::is_string), "{body:#}");
    }
}

#[test]
fn a_read_that_fails_is_tried_three_times_and_a_lucky_third_is_enough() {
    for (times, code) in [(2, 0), (3, 69)] {
        for kind in ["drop_before", "drop_after", "html", "truncated", "status_before", "empty"] {
            let world = world_of(Mode::Real);
            assert_eq!(world.run(&["token-check"]).code, 0);
            world.sim.fault("balance", kind, json!({ "times": times }));
            let run = world.run(&["sell"]);
            assert_eq!(run.code, code, "{kind} {times} times: {}", run.stderr);
            assert_eq!(world.sim.requests().iter().filter(|id| *id == "TTTS3012R").count(), 3, "{kind}");
        }
    }
}

#[test]
fn a_gateway_that_answers_too_late_is_not_waited_for() {
    let mut world = world_of(Mode::Real);
    assert_eq!(world.run(&["token-check"]).code, 0);
    world.set("gateway.timeout_seconds", "0.2");
    world.sim.fault("ccnl", "delay_before", json!({ "seconds": 3600, "times": 3 }));
    let object = world.json(69, &["sell"]);
    assert_eq!(object["reason"], "gateway_unreachable");
    world.sim.fault("order", "delay", json!({ "seconds": 3600 }));
    let object = world.json(0, &["buy"]);
    assert_eq!(object["orders"][0]["state"], "accepted", "found in the list after the time-out");
    assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (1, 1));
}

#[test]
fn a_too_fast_answer_is_waited_out_and_asked_again() {
    for code in ["EGW00201", "EGW00215"] {
        let world = world_of(Mode::Real);
        assert_eq!(world.run(&["token-check"]).code, 0);
        world.sim.fault("balance", "code", json!({ "code": code }));
        assert_eq!(world.json(0, &["sell"])["reason"], "no_position", "{code}");
    }
}
