//! The Korean day market: its own orders, taken from 10:00 to 18:00 in Korea on the dates on which New York trades afterwards.

use serde_json::{Value, json};

use crate::harness::*;

const DAY_ORDER: &str = "/uapi/overseas-stock/v1/trading/daytime-order";
const DAY_AMEND: &str = "/uapi/overseas-stock/v1/trading/daytime-order-rvsecncl";
const BUY: &str = "TTTS6036U";
const SELL: &str = "TTTS6037U";
const CHANGE: &str = "TTTS6038U";
/// Thursday noon in Korea.
const NOON: &str = "2023-03-09T03:00:00Z";

fn at(time: &str) -> Market {
    let market = Market::still();
    market.set_clock(time);
    market
}

fn body(client: &Client, fields: Value) -> Value {
    let mut body = json!({
        "CANO": client.mode.cano(), "ACNT_PRDT_CD": "01", "OVRS_EXCG_CD": "NASD", "PDNO": "ZZZQ", "CTAC_TLNO": "",
        "MGCO_APTM_ODNO": "", "ORD_SVR_DVSN_CD": "0",
    });
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    body
}

fn order_as(client: &Client, kind: &str, tr_id: &str, quantity: u32, price: &str) -> Answer {
    let fields = json!({"ORD_QTY": quantity.to_string(), "OVRS_ORD_UNPR": price, "ORD_DVSN": kind});
    client.post(DAY_ORDER, tr_id, &body(client, fields)).send()
}

fn order(client: &Client, tr_id: &str, quantity: u32, price: &str) -> Answer {
    order_as(client, "00", tr_id, quantity, price)
}

/// Changes (01) or cancels (02) an order.
fn change(client: &Client, division: &str, order_id: &str, quantity: u32, price: &str) -> Answer {
    let fields = json!({
        "ORGN_ODNO": order_id, "RVSE_CNCL_DVSN_CD": division, "ORD_QTY": quantity.to_string(), "OVRS_ORD_UNPR": price,
    });
    client.post(DAY_AMEND, CHANGE, &body(client, fields)).send()
}

#[test]
fn it_is_open_in_the_korean_day_before_new_york_trades() {
    for (time, is_open) in [
        ("2023-03-09T00:59:59Z", false),
        ("2023-03-09T01:00:00Z", true),
        ("2023-03-09T08:59:59Z", true),
        ("2023-03-09T09:00:00Z", false),
        // Saturday, and the Monday of a holiday in New York.
        ("2023-03-11T03:00:00Z", false),
        ("2023-01-16T03:00:00Z", false),
        // Monday, while New York has Sunday.
        ("2023-03-13T03:00:00Z", true),
    ] {
        let market = at(time);
        let answer = order(&market.client(Mode::Real), BUY, 1, "99.00");
        assert_eq!((answer.is_success(), answer.code() == "APBK0918"), (is_open, !is_open), "{time}: {}", answer.text);
    }
}

#[test]
fn an_order_rests_until_its_day_market_ends() {
    let market = at(NOON);
    let client = market.client(Mode::Real);
    let number = order(&client, BUY, 2, "99.00").output("ODNO").to_owned();
    market.set_clock("2023-03-09T08:59:59Z");
    assert_eq!(text(&market.order(Mode::Real, &number), "state"), "open");
    market.set_clock("2023-03-09T09:00:00Z");
    assert_eq!(text(&market.order(Mode::Real, &number), "state"), "expired");
}

#[test]
fn a_pinned_price_trades_in_it_and_the_bars_do_not() {
    let market = Market::at(NOON);
    market.price("ZZZQ", "100.00");
    let client = market.client(Mode::Real);
    let number = order(&client, BUY, 2, "101.00").output("ODNO").to_owned();
    let filled = market.order(Mode::Real, &number);
    assert_eq!((text(&filled, "state"), text(&filled, "average_price")), ("filled", "100.00"));
    assert!(order(&client, SELL, 2, "99.00").is_success());
    assert_eq!(market.fills(Mode::Real).len(), 2);
    let place = json!({"PDNO": "AAPL", "ORD_QTY": "1", "OVRS_ORD_UNPR": "200.00", "ORD_DVSN": "00"});
    let number = client.post(DAY_ORDER, BUY, &body(&client, place)).send().output("ODNO").to_owned();
    market.set_clock("2023-03-10T03:00:00Z");
    assert_eq!(text(&market.order(Mode::Real, &number), "state"), "expired", "not by the session that came after");
}

#[test]
fn only_limits_are_taken_and_only_on_real() {
    let market = at(NOON);
    let client = market.client(Mode::Real);
    for kind in ["32", LOC, "35"] {
        assert_eq!(order_as(&client, kind, BUY, 1, "99.00").code(), "APBK1269", "{kind}");
    }
    assert_eq!(order(&market.client(Mode::Paper), BUY, 1, "99.00").code(), "EGW00213");
}

#[test]
fn it_costs_cash_and_shares_like_any_order() {
    let market = at(NOON);
    let client = market.client(Mode::Real);
    assert_eq!(order(&client, BUY, 101, "99.00").code(), "APBK0952");
    assert_eq!(order(&client, SELL, 1, "101.00").code(), "APBK0400");
    market.hold(Mode::Real, "ZZZQ", 3, "90.00");
    assert!(order(&client, SELL, 3, "101.00").is_success());
    assert_eq!(order(&client, SELL, 1, "101.00").code(), "APBK0400");
}

#[test]
fn its_orders_are_changed_and_cancelled_by_its_own_door() {
    let market = at(NOON);
    let client = market.client(Mode::Real);
    let first = order(&client, BUY, 2, "99.00").output("ODNO").to_owned();
    let second = change(&client, "01", &first, 1, "98.00").output("ODNO").to_owned();
    assert_eq!(text(&market.order(Mode::Real, &first), "state"), "cancelled");
    let changed = market.order(Mode::Real, &second);
    assert_eq!((text(&changed, "limit_price"), changed["quantity"].as_u64()), ("98.00", Some(1)));
    // 17:30 in Korea: New York's pre-market has begun as well, because its clocks are ahead in summer.
    market.set_clock("2023-05-24T08:30:00Z");
    let client = market.client(Mode::Real);
    let day = order(&client, BUY, 1, "97.00").output("ODNO").to_owned();
    let regular = client.buy("ZZZQ", 1, "97.00").output("ODNO").to_owned();
    assert!(!client.cancel("ZZZQ", &day, 1).is_success());
    assert!(!change(&client, "02", &regular, 1, "0").is_success());
    assert!(change(&client, "02", &day, 1, "0").is_success());
    assert!(client.cancel("ZZZQ", &regular, 1).is_success());
}

#[test]
fn ids_of_other_orders_open_no_door_of_it() {
    let market = at(NOON);
    market.quirk("legacy_tr_ids", json!(true));
    market.quirk("paper_sell_1006", json!(true));
    assert_eq!(order(&market.client(Mode::Real), "JTTT1002U", 1, "99.00").code(), "OPSQ0002");
    assert_eq!(order(&market.client(Mode::Paper), "VTTT1006U", 1, "99.00").code(), "OPSQ0002");
}
