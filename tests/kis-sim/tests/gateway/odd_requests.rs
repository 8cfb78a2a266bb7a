//! What no careful client sends, and several clients at once: refused or served, never a crash.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

use serde_json::{Value, json};

use crate::harness::*;

/// Asserts that the gateway still serves.
#[track_caller]
fn assert_serving(client: &Client) {
    let answer = client.price("NAS", "ZZZQ").send();
    assert!(answer.is_success(), "{} {}", answer.status, answer.text);
}

#[test]
fn an_order_body_that_is_no_object_is_refused() {
    for mode in BOTH {
        let market = Market::still();
        let client = market.client(mode);
        for body in [json!([]), json!("order"), json!(null), json!({})] {
            let answer = client.post(ORDER, mode.buy_tr(), &body).send();
            assert!(!answer.is_success(), "{body}: {}", answer.text);
        }
        for text in ["", "{", "{\"CANO\":", "CANO=50000001", "\u{0}\u{1}"] {
            let answer = client.post(ORDER, mode.buy_tr(), &json!({})).raw_body(text).send();
            assert!(!answer.is_success(), "{text:?}: {}", answer.text);
        }
        assert!(market.orders(mode).is_empty());
        assert_serving(&client);
    }
}

#[test]
fn enormous_numbers_are_refused() {
    for mode in BOTH {
        let market = Market::still();
        market.hold(mode, "ZZZQ", 5, "95.00");
        let client = market.client(mode);
        let many = "9".repeat(40);
        let body = client.order_body("NASD", "ZZZQ", 1, "90.00");
        for (name, value) in [
            ("ORD_QTY", many.as_str()),
            ("ORD_QTY", "4294967296"),
            ("ORD_QTY", "9223372036854775807"),
            ("OVRS_ORD_UNPR", many.as_str()),
            ("OVRS_ORD_UNPR", "1e5"),
            ("OVRS_ORD_UNPR", "NaN"),
        ] {
            for tr_id in [mode.buy_tr(), mode.sell_tr()] {
                let odd = with(body.clone(), name, value);
                let answer = client.post(ORDER, tr_id, &odd).send();
                assert!(!answer.is_success(), "{tr_id} {name} {value}: {}", answer.text);
            }
        }
        assert!(market.orders(mode).is_empty());
        assert_serving(&client);
    }
}

#[test]
fn odd_query_values_are_answered_somehow() {
    let market = Market::still();
    let client = market.client(Mode::Real);
    for call in [
        client.daily_price("NAS", "AAPL", "yesterday"),
        client.daily_price("NAS", "AAPL", "20231399"),
        client.price("", ""),
        client.price("NAS", "한국/투자 %&="),
        client.multi_price(&[]),
        client.balance("XXXX"),
        client.balance("NASD").query("CTX_AREA_NK200", "garbage"),
        client.balance("NASD").header("tr_cont", "N"),
        client.order_list("yesterday", "today"),
        client.order_list("20230309", "20230301"),
        client.order_list(TODAY, TODAY).header("tr_cont", "N").query("CTX_AREA_NK200", "^^^"),
        client.buying_power("NASD", "ZZZQ", "0"),
        client.buying_power("NASD", "ZZZQ", ""),
        client.buying_power("NASD", "NOSUCH", "1.00"),
        client.buying_power("NASD", "ZZZQ", "-1"),
        client.present_balance("99"),
    ] {
        let answer = call.send();
        assert!(answer.body.is_object(), "{} {}", answer.status, answer.text);
        assert_serving(&client);
    }
}

#[test]
fn bytes_that_are_no_http_disturb_nobody() {
    let market = Market::still();
    let client = market.client(Mode::Paper);
    let address = market.url().replace("http://", "");
    for bytes in [
        &b"\r\n\r\n"[..],
        b"GET",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nshort",
    ] {
        let mut stream = TcpStream::connect(&address).expect("a connection");
        stream.write_all(bytes).expect("written");
        drop(stream);
        assert_serving(&client);
    }
}

#[test]
fn a_plain_request_gets_a_plain_answer() {
    let market = Market::still();
    let address = market.url().replace("http://", "");
    let mut stream = TcpStream::connect(&address).expect("a connection");
    let body = credentials(Mode::Paper).to_string();
    let request = format!(
        "POST /oauth2/tokenP HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("\"access_token\""), "{answer}");
}

#[test]
fn the_gateway_listens_on_loopback_only() {
    let market = Market::still();
    for url in [market.url(), market.control_url()] {
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    }
}

#[test]
fn a_symbol_with_a_slash_is_quoted_and_bought() {
    let market = Market::still();
    market.price_on("NYSE", "BRK/B", "350.00");
    let client = market.client(Mode::Real);
    let answer = client.price("NYS", "BRK/B").send();
    assert_eq!(answer.output("last"), "350.0000");
    assert_eq!(answer.output("rsym"), "DNYSBRK/B");
    let body = client.order_body("NYSE", "BRK/B", 1, "300.00");
    let order_id = client.post(ORDER, "TTTT1002U", &body).send().order_id();
    assert_eq!(text(&client.order_row(&order_id), "pdno"), "BRK/B");
}

#[test]
fn a_client_that_keeps_its_connection_is_served() {
    let market = Market::still();
    let client = market.client(Mode::Paper);
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).http_status_as_error(false).build().into();
    for _request in 0..30 {
        let mut response = agent
            .get(format!("{}{PRICE}", market.url()))
            .query("AUTH", "")
            .query("EXCD", "NAS")
            .query("SYMB", "ZZZQ")
            .header("authorization", format!("Bearer {}", client.token))
            .header("appkey", Mode::Paper.key())
            .header("appsecret", Mode::Paper.secret())
            .header("tr_id", "HHDFS00000300")
            .call()
            .expect("an answer");
        let text = response.body_mut().read_to_string().expect("a body");
        let body: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(body["output"]["last"], "100.0000");
    }
}

#[test]
fn of_two_jobs_that_start_together_one_gets_the_token() {
    let market = Market::still();
    let statuses: Vec<u16> = thread::scope(|scope| {
        let jobs: Vec<_> = (0..4).map(|_| scope.spawn(|| market.issue(&credentials(Mode::Real)).status)).collect();
        jobs.into_iter().map(|job| job.join().expect("a status")).collect()
    });
    let issued = statuses.iter().filter(|&&status| status == 200).count();
    assert_eq!(issued, 1, "{statuses:?}");
    assert_eq!(market.read("/tokens")["issues"], 1);
}

#[test]
fn orders_of_several_clients_get_numbers_of_their_own() {
    let market = Market::still();
    let client = market.client(Mode::Real);
    let order_ids: Vec<String> = thread::scope(|scope| {
        let jobs: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| -> Vec<String> { (0..5).map(|_| client.buy("ZZZQ", 1, "50.00").order_id()).collect() })
            })
            .collect();
        jobs.into_iter().flat_map(|job| job.join().expect("order numbers")).collect()
    });
    let different: BTreeSet<&String> = order_ids.iter().collect();
    assert_eq!(different.len(), 20);
    assert_eq!(market.orders(Mode::Real).len(), 20);
}

#[test]
fn cash_is_never_spent_twice() {
    let market = Market::still();
    let client = market.client(Mode::Paper);
    // Forty shares at 100.00 and their percent are 4,040; the third does not fit into 10,000.
    let fates: Vec<bool> = (0..3).map(|_| client.buy("ZZZQ", 40, "100.00").is_success()).collect();
    assert_eq!(fates, [true, true, false]);
}

#[test]
fn the_quirks_have_the_defaults_of_the_readme() {
    let market = Market::still();
    let quirks = market.post("/quirks", json!({}));
    let text = quirks.to_string();
    for (name, value) in [
        ("paper_bare_order_ids", json!(true)),
        ("paper_blank_status", json!(true)),
        ("paper_hold_percent", json!("1")),
        ("list_lag_seconds", json!(0)),
        ("paper_balance_scope", json!("all")),
        ("empty_ccnl", json!("object")),
        ("balance_padding_rows", json!(0)),
        ("paper_nccs", json!("refused")),
        ("ccnl_order", json!("oldest_first")),
        ("page_rows", json!(null)),
        ("psamount_includes_collateral", json!(false)),
        ("medium_on_paper", json!("")),
        ("error_status", json!(500)),
        ("partial_cancel", json!(false)),
        ("duplicate_holding", json!(false)),
        ("loan_type_blank", json!(false)),
        ("self_trade_refused", json!("real")),
        ("close_lag_seconds", json!(0)),
        ("loc_rows", json!("one")),
        ("moc_price", json!("zero")),
        ("hold_open_until", json!(null)),
    ] {
        let found = quirks.get(name).or_else(|| quirks["quirks"].get(name));
        assert_eq!(found, Some(&value), "{name} in {text}");
    }
}

#[test]
fn all_pinned_quotes_can_be_released_at_once() {
    let market = Market::still();
    let client = market.client(Mode::Paper);
    market.price("AAPL", "1.00");
    market.control("DELETE", "/prices", json!({}));
    let answer = client.price("NAS", "AAPL").send();
    assert!(decimal(answer.output("last")) > decimal("100"));
}
