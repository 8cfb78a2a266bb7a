//! `hold_open_until`: the price stands at the open for a while, then the day takes its way.

use serde_json::json;

use crate::harness::*;

/// TQQQ of 2025-03-04: open 68.76, high 72.77, low 66.01, close 69.31.
const OPENED: &str = "2025-03-04T14:30:00Z";
const DAY: &str = "20250304";
const CLOSED: &str = "2025-03-04T21:00:00Z";

/// A market at the open of that day, with the price held until 09:45.
fn held() -> (Market, Client) {
    let market = Market::at(OPENED);
    market.quirk("hold_open_until", json!("09:45"));
    let client = market.client(Mode::Real);
    (market, client)
}

#[track_caller]
fn quote(client: &Client) -> [String; 4] {
    let answer = client.price_detail("NAS", "TQQQ").send();
    ["last", "open", "high", "low"].map(|name| answer.output(name).to_owned())
}

#[test]
fn the_price_stands_at_the_open_until_then() {
    let (market, client) = held();
    let opening = ["68.7600"; 4].map(str::to_owned);
    for time in [OPENED, "2025-03-04T14:35:00Z", "2025-03-04T14:45:00Z"] {
        market.set_clock(time);
        assert_eq!(quote(&client), opening, "{time}");
    }
    market.set_clock("2025-03-04T14:47:00Z");
    let [last, ..] = quote(&client);
    assert!(decimal(&last) < decimal("68.76"), "{last}");
}

#[test]
fn without_it_the_price_walks_from_the_open_on() {
    let market = Market::at("2025-03-04T14:35:00Z");
    let [last, ..] = quote(&market.client(Mode::Real));
    assert!(decimal(&last) < decimal("68.76"), "{last}");
}

#[test]
fn the_whole_range_of_the_day_is_still_walked() {
    let (market, client) = held();
    let (bar, _) = bar_and_previous("TQQQ", DAY);
    market.hold(Mode::Paper, "TQQQ", 2, "60.00");
    let paper = market.client(Mode::Paper);
    let cent = decimal("0.01");
    let buys = [bar.low, bar.low - cent].map(|limit| client.buy("TQQQ", 1, &limit.to_string()).order_id());
    let sells = [bar.high, bar.high + cent].map(|limit| paper.sell("TQQQ", 1, &limit.to_string()).order_id());
    market.set_clock(CLOSED);
    for (mode, [reached, beyond], price) in [(Mode::Real, buys, bar.low), (Mode::Paper, sells, bar.high)] {
        let order = market.order(mode, &reached);
        assert_eq!((order["state"].as_str(), number(&order, "average_price")), (Some("filled"), price));
        assert_eq!(market.order(mode, &beyond)["filled_quantity"], 0);
    }
    let [last, ..] = quote(&client);
    assert_eq!(decimal(&last), bar.close);
}

#[test]
fn limits_within_the_open_fill_at_it_and_others_at_themselves() {
    let (market, client) = held();
    market.hold(Mode::Paper, "TQQQ", 2, "60.00");
    let paper = market.client(Mode::Paper);
    market.set_clock("2025-03-04T14:40:00Z");
    for (limit, is_at_once, price) in [("68.77", true, "68.76"), ("68.76", true, "68.76"), ("68.75", false, "68.75")] {
        let order_id = client.buy("TQQQ", 1, limit).order_id();
        assert_eq!(market.order(Mode::Real, &order_id)["state"], if is_at_once { "filled" } else { "open" }, "{limit}");
        let later = Market::at(OPENED);
        later.quirk("hold_open_until", json!("09:45"));
        let order_id = later.client(Mode::Real).buy("TQQQ", 1, limit).order_id();
        later.set_clock(CLOSED);
        assert_eq!(number(&later.order(Mode::Real, &order_id), "average_price"), decimal(price), "{limit}");
    }
    for (limit, is_at_once) in [("68.76", true), ("68.77", false)] {
        let order_id = paper.sell("TQQQ", 1, limit).order_id();
        assert_eq!(
            market.order(Mode::Paper, &order_id)["state"],
            if is_at_once { "filled" } else { "open" },
            "{limit}"
        );
    }
}

#[test]
fn half_days_and_the_close_take_it_too() {
    // 2025-07-03: open 83.49, close 84.81 at 13:00.
    let market = Market::at("2025-07-03T13:30:00Z");
    market.quirk("hold_open_until", json!("12:59"));
    let client = market.client(Mode::Real);
    let order_id = client.buy_as(LOC, "TQQQ", 1, "84.81").order_id();
    market.set_clock("2025-07-03T16:59:00Z");
    assert_eq!(quote(&client)[0], "83.4900");
    market.set_clock("2025-07-03T17:00:00Z");
    let order = market.order(Mode::Real, &order_id);
    assert_eq!((order["state"].as_str(), number(&order, "average_price")), (Some("filled"), decimal("84.81")));
}

#[test]
fn only_times_within_every_session_are_taken() {
    let market = Market::at(OPENED);
    for wrong in [json!("09:29"), json!("13:00"), json!("9:45"), json!("noon"), json!(945)] {
        let error = market.refused("/quirks", &json!({"hold_open_until": wrong}));
        assert!(!error.is_empty(), "{wrong}");
    }
    for right in [json!("09:30"), json!("12:59"), json!(null)] {
        assert_eq!(market.post("/quirks", json!({"hold_open_until": right}))["hold_open_until"], right);
    }
}
