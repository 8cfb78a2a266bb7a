//! The clock and the sessions: when orders are taken, what dates and times they get, when they end.

use serde_json::json;

use crate::harness::*;

/// Codes by which KIS refuses a real order outside its hours.
const REAL_CLOSED: [&str; 3] = ["APBK0918", "APBK0919", "APBK1664"];

/// Sends a buy far under the market at `time`.
fn order_at(mode: Mode, time: &str) -> (Market, Answer) {
    let market = Market::at(time);
    market.price("ZZZQ", "100.00");
    let answer = market.client(mode).buy("ZZZQ", 1, "90.00");
    (market, answer)
}

#[track_caller]
fn assert_taken(mode: Mode, time: &str) {
    let (market, answer) = order_at(mode, time);
    assert!(answer.is_success(), "{time}: {}", answer.text);
    assert_eq!(market.orders(mode).len(), 1, "{time}");
}

#[track_caller]
fn assert_paper_closed(time: &str, code: &str, message: &str) {
    let (market, answer) = order_at(Mode::Paper, time);
    answer.assert_refused(200, code);
    assert_eq!(answer.body["rt_cd"], "1", "{time}");
    assert_eq!(answer.message(), message, "{time}");
    assert!(market.orders(Mode::Paper).is_empty(), "{time}");
}

#[track_caller]
fn assert_real_closed(time: &str) {
    let (market, answer) = order_at(Mode::Real, time);
    assert_eq!(answer.status, 200, "{time}");
    assert!(!answer.is_success(), "{time}: {}", answer.text);
    assert!(REAL_CLOSED.contains(&answer.code()), "{time}: {}", answer.text);
    assert!(market.orders(Mode::Real).is_empty(), "{time}");
}

const NOT_YET: (&str, &str) = ("40570000", "모의투자 장시작전 입니다.");
const OVER: (&str, &str) = ("40580000", "모의투자 장종료 입니다.");
const NO_BUSINESS_DAY: (&str, &str) = ("40100000", "모의투자 영업일이 아닙니다.");

#[test]
fn paper_takes_orders_in_the_regular_session_only() {
    // Winter, New York five hours behind.
    assert_paper_closed("2023-03-08T09:30:00Z", NOT_YET.0, NOT_YET.1);
    assert_paper_closed("2023-03-08T14:29:59Z", NOT_YET.0, NOT_YET.1);
    assert_taken(Mode::Paper, "2023-03-08T14:30:00Z");
    assert_taken(Mode::Paper, "2023-03-08T20:59:59Z");
    assert_paper_closed("2023-03-08T21:00:00Z", OVER.0, OVER.1);
    assert_paper_closed("2023-03-08T21:30:00Z", OVER.0, OVER.1);
    // Summer, four hours behind.
    assert_paper_closed("2023-03-15T13:29:59Z", NOT_YET.0, NOT_YET.1);
    assert_taken(Mode::Paper, "2023-03-15T13:30:00Z");
    assert_taken(Mode::Paper, "2023-03-15T19:59:59Z");
    assert_paper_closed("2023-03-15T20:00:00Z", OVER.0, OVER.1);
}

#[test]
fn real_takes_orders_before_and_after_the_session_too() {
    // Winter: 18:00 to 07:00 in Korea.
    assert_real_closed("2023-03-08T08:59:59Z");
    assert_taken(Mode::Real, "2023-03-08T09:00:00Z");
    assert_taken(Mode::Real, "2023-03-08T14:29:59Z");
    assert_taken(Mode::Real, "2023-03-08T20:59:59Z");
    assert_taken(Mode::Real, "2023-03-08T21:30:00Z");
    assert_taken(Mode::Real, "2023-03-08T21:59:59Z");
    assert_real_closed("2023-03-08T22:00:00Z");
    assert_real_closed("2023-03-09T02:00:00Z");
    // Summer: 17:00 to 07:00 in Korea.
    assert_real_closed("2023-03-15T07:59:59Z");
    assert_taken(Mode::Real, "2023-03-15T08:00:00Z");
    assert_taken(Mode::Real, "2023-03-15T21:30:00Z");
    assert_real_closed("2023-03-15T22:00:00Z");
}

#[test]
fn a_real_refusal_names_the_trading_hours() {
    let (_market, answer) = order_at(Mode::Real, "2023-03-09T02:00:00Z");
    answer.assert_refused(200, "APBK0918");
    assert!(answer.message().starts_with("장운영시간이 아닙니다."));
}

#[test]
fn weekends_are_closed() {
    for time in ["2023-03-11T15:00:00Z", "2023-03-12T15:00:00Z"] {
        assert_paper_closed(time, NO_BUSINESS_DAY.0, NO_BUSINESS_DAY.1);
        assert_real_closed(time);
    }
}

#[test]
fn holidays_of_new_york_are_closed() {
    for time in [
        "2022-04-15T15:00:00Z",
        "2022-06-20T15:00:00Z",
        "2023-01-02T15:00:00Z",
        "2023-01-16T15:00:00Z",
        "2023-05-29T15:00:00Z",
        "2023-06-19T15:00:00Z",
        "2023-07-04T15:00:00Z",
        "2023-09-04T15:00:00Z",
        "2023-11-23T16:00:00Z",
        "2023-12-25T16:00:00Z",
        "2025-01-09T16:00:00Z",
        "2025-04-18T15:00:00Z",
    ] {
        assert_paper_closed(time, NO_BUSINESS_DAY.0, NO_BUSINESS_DAY.1);
        assert_real_closed(time);
    }
}

#[test]
fn half_days_end_at_one_in_new_york() {
    for (open, closed) in [
        ("2023-11-24T17:59:59Z", "2023-11-24T18:00:00Z"),
        ("2023-07-03T16:59:59Z", "2023-07-03T17:00:00Z"),
        ("2025-07-03T16:59:59Z", "2025-07-03T17:00:00Z"),
        ("2022-11-25T17:59:59Z", "2022-11-25T18:00:00Z"),
    ] {
        assert_taken(Mode::Paper, open);
        assert_taken(Mode::Real, open);
        assert_paper_closed(closed, OVER.0, OVER.1);
    }
    // Far past any after-market.
    assert_real_closed("2023-11-25T01:30:00Z");
}

#[test]
fn a_half_day_closes_at_its_real_close() {
    let market = Market::at("2023-11-24T18:05:00Z");
    let answer = market.client(Mode::Paper).price("NAS", "AAPL").send();
    assert_eq!(answer.output("last"), "189.9700");
    assert_eq!(answer.output("base"), "191.3100");
    assert_eq!(answer.output("tvol"), "24048300");
}

#[test]
fn a_korean_holiday_is_none_in_new_york() {
    // Seollal of 2023, and the third of October.
    assert_taken(Mode::Paper, "2023-01-23T15:00:00Z");
    assert_taken(Mode::Real, "2023-10-03T15:00:00Z");
}

#[test]
fn orders_are_dated_in_new_york_and_timed_in_korea() {
    for (time, korean_date, korean_time) in [
        ("2023-03-08T14:59:59Z", "20230308", "235959"),
        ("2023-03-08T15:00:00Z", "20230309", "000000"),
        ("2023-03-08T20:46:48Z", "20230309", "054648"),
    ] {
        for mode in BOTH {
            let market = Market::at(time);
            market.price("ZZZQ", "100.00");
            let client = market.client(mode);
            let answer = client.buy("ZZZQ", 1, "90.00");
            assert_eq!(answer.output("ORD_TMD"), korean_time);
            let row = client.order_row(&answer.order_id());
            assert_eq!(text(&row, "ord_dt"), "20230308");
            assert_eq!(text(&row, "dmst_ord_dt"), korean_date);
            assert_eq!(text(&row, "ord_tmd"), korean_time);
            assert_eq!(text(&row, "thco_ord_tmd"), korean_time);
            let korean_day_only = client.order_rows_between("20230309", "20230309");
            assert!(korean_day_only.is_empty(), "{korean_day_only:?}");
        }
    }
}

#[test]
fn an_open_real_order_ends_as_completed_with_the_reason_in_words() {
    let (market, answer) = order_at(Mode::Real, MORNING);
    let order_id = answer.order_id();
    market.set_clock("2023-03-09T02:00:00Z");
    let client = market.client_with(Mode::Real, &token_of(&market));
    let row = client.order_row(&order_id);
    assert_eq!(text(&row, "prcs_stat_name"), "완료");
    assert_eq!(text(&row, "ft_ccld_qty"), "0");
    assert_eq!(text(&row, "nccs_qty"), "0");
    assert_eq!(text(&row, "rvse_cncl_dvsn"), "00");
    assert_eq!(text(&row, "rjct_rson"), "");
    assert_eq!(text(&row, "rjct_rson_name"), "DFD 장종료로 취소");
    assert!(order_rows(&client.open_orders("NASD").pages()).is_empty());
    assert_eq!(market.order(Mode::Real, &order_id)["state"], "expired");
}

#[test]
fn an_open_paper_order_ends_without_a_word() {
    let (market, answer) = order_at(Mode::Paper, MORNING);
    let order_id = answer.order_id();
    market.set_clock("2023-03-09T02:00:00Z");
    let client = market.client_with(Mode::Paper, &token_of(&market));
    let row = client.order_row(&order_id);
    assert_eq!(text(&row, "ft_ccld_qty"), "0");
    assert_eq!(text(&row, "nccs_qty"), "0");
    assert_eq!(text(&row, "prcs_stat_name"), "");
    assert_eq!(text(&row, "rjct_rson_name"), "");
    assert_eq!(market.order(Mode::Paper, &order_id)["state"], "expired");
}

#[test]
fn an_expired_order_gives_its_money_and_shares_back() {
    for mode in BOTH {
        let market = Market::at(MORNING);
        market.price("ZZZQ", "100.00");
        market.hold(mode, "ZZZQ", 5, "95.00");
        let client = market.client(mode);
        let before = client.buying_power("NASD", "ZZZQ", "90.00").send();
        client.buy("ZZZQ", 10, "90.00").order_id();
        client.sell("ZZZQ", 5, "120.00").order_id();
        market.set_clock("2023-03-09T02:00:00Z");
        let after = client.buying_power("NASD", "ZZZQ", "90.00").send();
        assert_eq!(after.output("ord_psbl_frcr_amt"), before.output("ord_psbl_frcr_amt"));
        assert_eq!(text(&client.holdings("NASD")[0], "ord_psbl_qty"), "5");
    }
}

#[test]
fn an_order_does_not_fill_after_its_day() {
    let (market, answer) = order_at(Mode::Paper, MORNING);
    let order_id = answer.order_id();
    market.set_clock("2023-03-09T13:00:00Z");
    market.price("ZZZQ", "80.00");
    market.set_clock("2023-03-09T16:00:00Z");
    assert_eq!(market.order(Mode::Paper, &order_id)["state"], "expired");
    assert!(market.fills(Mode::Paper).is_empty());
}

#[test]
fn the_clock_stands_moves_and_goes_back() {
    let market = Market::at(MORNING);
    let clock = market.read("/clock");
    assert_eq!(utc(text(&clock, "now")), utc(MORNING));
    assert_eq!(clock["ticking"], json!(false));
    market.advance(90);
    assert_eq!(utc(text(&market.read("/clock"), "now")), utc("2023-03-08T14:46:30Z"));
    market.set_clock("2023-03-01T00:00:00Z");
    assert_eq!(utc(text(&market.read("/clock"), "now")), utc("2023-03-01T00:00:00Z"));
    market.post("/clock", json!({"set": MORNING, "ticking": true}));
    assert_eq!(market.read("/clock")["ticking"], json!(true));
}

#[test]
fn a_clock_starts_where_it_was_told_and_ticks() {
    let market = Market::start(kis_sim::Options { start: Some(utc(MORNING)), ..options() });
    let clock = market.read("/clock");
    assert_eq!(clock["ticking"], json!(true));
    let now = utc(text(&clock, "now"));
    assert!(now >= utc(MORNING) && now < utc("2023-03-08T14:55:00Z"));
}

#[test]
fn nonsense_for_the_clock_is_refused() {
    let market = Market::at(MORNING);
    for (path, body) in [("/clock", json!({"set": "noon"})), ("/nothing", json!({}))] {
        assert!(!market.refused(path, &body).is_empty());
    }
    assert_eq!(utc(text(&market.read("/clock"), "now")), utc(MORNING));
}

#[test]
fn the_date_header_follows_the_clock() {
    let market = Market::at(MORNING);
    let client = market.client(Mode::Paper);
    let answer = client.price("NAS", "AAPL").send();
    assert_eq!(answer.header("date"), Some("Wed, 08 Mar 2023 14:45:00 GMT"));
    market.set_clock("2023-03-08T20:00:01Z");
    let answer = client.price("NAS", "AAPL").send();
    assert_eq!(answer.header("date"), Some("Wed, 08 Mar 2023 20:00:01 GMT"));
    market.set_clock("2023-03-12T07:00:00Z");
    let refused = market.issue(&json!({}));
    assert_eq!(refused.header("date"), Some("Sun, 12 Mar 2023 07:00:00 GMT"));
}

#[test]
fn going_back_fills_nothing() {
    let market = Market::at("2023-03-08T18:00:00Z");
    market.price("ZZZQ", "100.00");
    let client = market.client(Mode::Paper);
    let order_id = client.buy("ZZZQ", 1, "90.00").order_id();
    market.set_clock("2023-03-08T16:00:00Z");
    assert!(market.fills(Mode::Paper).is_empty());
    assert_eq!(market.order(Mode::Paper, &order_id)["state"], "open");
}

/// Returns the only token that was issued.
fn token_of(market: &Market) -> String {
    let tokens = list(&market.read("/tokens"), "tokens");
    assert_eq!(tokens.len(), 1);
    text(&tokens[0], "token").to_owned()
}
