//! 주식분할: from which moment quotes, daily bars and holdings are in new units.

use serde_json::json;

use crate::harness::*;

/// The night after [`MORNING`]'s session, in which quotes go over to new units.
const NIGHT: &str = "2023-03-09T06:00:00Z";
const NEXT_MORNING: &str = "2023-03-09T14:45:00Z";
const MORNING_AFTER: &str = "2023-03-10T14:45:00Z";

/// A market whose tokens outlive the days of a test.
fn market_at(time: &str) -> Market {
    let market = Market::at(time);
    market.post("/tokens/life", json!({"expires_in": 2_592_000, "text_offset_seconds": 0}));
    market
}

/// ZZZQ closed at 100.20 yesterday and stands at 102.00.
fn market() -> Market {
    let market = market_at(MORNING);
    market.post("/prices", json!({"symbol": "ZZZQ", "last": "102.00", "base": "100.20", "volume": 1000}));
    market.fill_mode("never");
    market
}

#[track_caller]
fn last_and_base(client: &Client, symbol: &str) -> (String, String) {
    let answer = client.price("NAS", symbol).send();
    (answer.output("last").to_owned(), answer.output("base").to_owned())
}

/// Quantity and average of the only holding.
#[track_caller]
fn holding(client: &Client) -> (String, String) {
    let rows = client.holdings("NASD");
    assert_eq!(rows.len(), 1);
    (text(&rows[0], "ovrs_cblc_qty").to_owned(), text(&rows[0], "pchs_avg_pric").to_owned())
}

fn pair(left: &str, right: &str) -> (String, String) {
    (left.to_owned(), right.to_owned())
}

/// The close of a New York date as 기간별시세 tells it, raw (0) or adjusted (1).
#[track_caller]
fn close_on(client: &Client, symbol: &str, date: &str, adjusted: &str) -> String {
    let answer = client.daily_price("NAS", symbol, "").query("MODP", adjusted).send();
    text(&find(&answer.rows("output2"), "xymd", date), "clos").to_owned()
}

#[test]
fn quotes_follow_a_split_before_the_account_does() {
    for mode in BOTH {
        let market = market();
        market.hold(mode, "ZZZQ", 30, "98.00");
        let client = market.client(mode);
        market.post(
            "/split",
            json!({"symbol": "ZZZQ", "from": 1, "to": 3, "quote_at": NIGHT, "account_at": "2023-03-10T01:00:00Z"}),
        );
        assert_eq!(last_and_base(&client, "ZZZQ"), pair("102.0000", "100.2000"));
        market.set_clock(NEXT_MORNING);
        assert_eq!(last_and_base(&client, "ZZZQ"), pair("34.0000", "33.4000"));
        assert_eq!(holding(&client), pair("30", "98.0000"));
        market.set_clock(MORNING_AFTER);
        assert_eq!(holding(&client), pair("90", "32.6667"));
        assert_eq!(last_and_base(&client, "ZZZQ"), pair("34.0000", "33.4000"));
        assert_eq!(market.position(mode, "ZZZQ")["sellable"], 90);
    }
}

#[test]
fn a_moment_that_is_not_given_never_comes() {
    let market = market();
    market.hold(Mode::Real, "ZZZQ", 30, "98.00");
    market.price("YYYQ", "50.00");
    let client = market.client(Mode::Real);
    market.post("/split", json!({"symbol": "ZZZQ", "from": 1, "to": 3, "quote_at": NIGHT}));
    market.post("/split", json!({"symbol": "YYYQ", "from": 1, "to": 2, "account_at": NIGHT}));
    market.set_clock("2023-03-20T14:45:00Z");
    assert_eq!(last_and_base(&client, "ZZZQ").0, "34.0000");
    assert_eq!(holding(&client), pair("30", "98.0000"));
    assert_eq!(last_and_base(&client, "YYYQ"), pair("50.0000", "101.5000"));
    assert_eq!(list(&market.read("/split"), "splits").len(), 1);
}

#[test]
fn a_reverse_split_of_one_account() {
    let market = market();
    for mode in BOTH {
        market.hold(mode, "ZZZQ", 37, "2.00");
    }
    market.post("/split", json!({"account": "real", "symbol": "ZZZQ", "from": 10, "to": 1, "account_at": MORNING}));
    assert_eq!(holding(&market.client(Mode::Real)), pair("3", "20.0000"));
    assert_eq!(holding(&market.client(Mode::Paper)), pair("37", "2.0000"));
}

#[test]
fn a_base_can_be_told_in_old_units_for_a_while() {
    let market = market();
    let client = market.client(Mode::Paper);
    market.post(
        "/split",
        json!({"symbol": "ZZZQ", "from": 2, "to": 3, "quote_at": NIGHT, "base_at": "2023-03-10T06:00:00Z"}),
    );
    market.set_clock(NEXT_MORNING);
    assert_eq!(last_and_base(&client, "ZZZQ"), pair("68.0000", "100.2000"));
    market.set_clock(MORNING_AFTER);
    assert_eq!(last_and_base(&client, "ZZZQ"), pair("68.0000", "66.8000"));
}

#[test]
fn the_close_before_of_real_bars_can_be_old_too() {
    let market = market_at(MORNING);
    let base_at = "2023-03-09T15:00:00Z";
    market.post("/split", json!({"symbol": "NVDA", "from": 1, "to": 4, "quote_at": NIGHT, "base_at": base_at}));
    let client = market.client(Mode::Real);
    let (yesterday, _) = bar_and_previous("NVDA", "20230308");
    for (time, factor) in [(NEXT_MORNING, "1"), (base_at, "4")] {
        market.set_clock(time);
        let (last, base) = last_and_base(&client, "NVDA");
        assert!((decimal(&base) * decimal(factor) - yesterday.close).abs() < decimal("0.001"), "{time} {base}");
        assert!(decimal(&last) < yesterday.close / decimal("3"), "{last}");
    }
}

#[test]
fn real_bars_go_over_to_new_units() {
    let market = market_at(MORNING);
    market.post("/split", json!({"symbol": "NVDA", "from": 1, "to": 4, "quote_at": NIGHT}));
    let client = market.client(Mode::Real);
    let (yesterday, _) = bar_and_previous("NVDA", "20230308");
    let (today, _) = bar_and_previous("NVDA", "20230309");
    let four = decimal("4");
    market.set_clock(NEXT_MORNING);
    let (last, base) = last_and_base(&client, "NVDA");
    assert!((decimal(&base) - yesterday.close / four).abs() < decimal("0.001"), "{base}");
    let last = decimal(&last);
    assert!(today.low / four - decimal("0.01") <= last && last <= today.high / four + decimal("0.01"), "{last}");
    let row = client.multi_price(&[("NAS", "NVDA")]).send().rows("output2")[0].clone();
    assert_eq!(number(&row, "last"), last);
    market.set_clock("2023-03-10T02:00:00Z");
    let close = decimal(&last_and_base(&client, "NVDA").0);
    assert!((close - today.close / four).abs() < decimal("0.001"), "{close}");
    // From midnight on the close is told as last and base.
    market.set_clock("2023-03-10T13:00:00Z");
    let (last, base) = last_and_base(&client, "NVDA");
    assert_eq!((decimal(&last), decimal(&base)), (close, close));
}

#[test]
fn daily_bars_are_raw_or_adjusted() {
    let market = market_at(MORNING);
    market.post("/split", json!({"symbol": "NVDA", "from": 1, "to": 4, "quote_at": NIGHT}));
    let client = market.client(Mode::Real);
    let (yesterday, _) = bar_and_previous("NVDA", "20230308");
    let (today, _) = bar_and_previous("NVDA", "20230309");
    market.set_clock("2023-03-10T02:00:00Z");
    let near = |text: String, wanted: rust_decimal::Decimal| {
        assert!((decimal(&text) - wanted).abs() < decimal("0.001"), "{text} for {wanted}");
    };
    near(close_on(&client, "NVDA", "20230308", "0"), yesterday.close);
    near(close_on(&client, "NVDA", "20230309", "0"), today.close / decimal("4"));
    near(close_on(&client, "NVDA", "20230308", "1"), yesterday.close / decimal("4"));
    near(close_on(&client, "NVDA", "20230309", "1"), today.close / decimal("4"));
}

#[test]
fn a_pinned_base_is_an_old_price_on_its_own_day() {
    let market = market();
    let client = market.client(Mode::Paper);
    market.post("/split", json!({"symbol": "ZZZQ", "from": 1, "to": 3, "quote_at": NIGHT}));
    market.set_clock(NEXT_MORNING);
    assert_eq!(close_on(&client, "ZZZQ", "20230308", "0"), "100.2000");
    assert_eq!(close_on(&client, "ZZZQ", "20230308", "1"), "33.4000");
    assert_eq!(close_on(&client, "ZZZQ", "20230309", "0"), "34.0000");
    // What is pinned after the split is taken as it is.
    market.post("/prices", json!({"symbol": "ZZZQ", "last": "35.00", "base": "33.50"}));
    assert_eq!(last_and_base(&client, "ZZZQ"), pair("35.0000", "33.5000"));
    assert_eq!(close_on(&client, "ZZZQ", "20230308", "0"), "100.5000");
}

#[test]
fn orders_trade_at_new_prices() {
    let market = Market::at("2023-03-09T14:31:00Z");
    market.post("/split", json!({"symbol": "NVDA", "from": 1, "to": 4, "quote_at": NIGHT}));
    let client = market.client(Mode::Paper);
    let (today, _) = bar_and_previous("NVDA", "20230309");
    let limit = (today.high / decimal("4") + decimal("1")).round_dp(2);
    let order_id = client.buy("NVDA", 1, &limit.to_string()).order_id();
    market.advance(60);
    let price = number(&market.order(Mode::Paper, &order_id), "average_price");
    assert!(price <= today.high / decimal("4") + decimal("0.01") && price > decimal("1"), "{price}");
}

#[test]
fn a_split_that_is_none_is_refused() {
    let market = market();
    for wrong in [
        json!({"symbol": "ZZZQ", "from": 1, "to": 1, "quote_at": NIGHT}),
        json!({"symbol": "ZZZQ", "from": 0, "to": 3, "quote_at": NIGHT}),
        json!({"symbol": "ZZZQ", "from": 1, "to": 3}),
        json!({"symbol": "NONE", "from": 1, "to": 3, "quote_at": NIGHT}),
        json!({"symbol": "ZZZQ", "from": 1, "to": 3, "quote_at": "tomorrow"}),
        json!({"symbol": "ZZZQ", "from": 1, "to": 3, "quote_at": NIGHT, "base_at": MORNING}),
        json!({"symbol": "ZZZQ", "from": 1, "to": 3, "account_at": NIGHT, "base_at": MORNING}),
    ] {
        assert!(!market.refused("/split", &wrong).is_empty(), "{wrong}");
    }
    assert!(list(&market.read("/split"), "splits").is_empty());
}
