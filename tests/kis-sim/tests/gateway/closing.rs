//! LOC and MOC: when they are taken, when they can't be taken back any more, and what the close does with them.

use kis_sim::Options;
use rust_decimal::Decimal;

use crate::harness::*;

/// A real client of a market at `time` that holds 100 shares of AAPL.
fn market_at(time: &str) -> (Market, Client) {
    let market = Market::at(time);
    market.hold(Mode::Real, "AAPL", 100, "150.00");
    let client = market.client(Mode::Real);
    (market, client)
}

/// The same with a cut-off of its own.
fn market_until(time: &str, loc_until: &str) -> (Market, Client) {
    let loc_until = loc_until.parse().expect("a time");
    let market = Market::start(Options { start: Some(utc(time)), loc_until, ..options() });
    market.lift_limits();
    market.hold(Mode::Real, "AAPL", 100, "150.00");
    let client = market.client(Mode::Real);
    market.post("/clock", serde_json::json!({"set": time, "ticking": false}));
    (market, client)
}

#[track_caller]
fn assert_end(market: &Market, order_id: &str, state: &str, price: Decimal) {
    let order = market.order(Mode::Real, order_id);
    assert_eq!((order["state"].as_str(), number(&order, "average_price")), (Some(state), price), "{order}");
}

#[test]
fn the_close_decides_by_the_limit_and_sets_the_price() {
    for (date, open, close) in [
        (TODAY, MORNING, "2023-03-08T21:00:00Z"),
        ("20231124", "2023-11-24T15:00:00Z", "2023-11-24T18:00:00Z"),
        ("20230315", "2023-03-15T14:00:00Z", "2023-03-15T20:00:00Z"),
    ] {
        let (today, _) = bar_and_previous("AAPL", date);
        let cent = decimal("0.01");
        let [under, at, above] = [today.close - cent, today.close, today.close + cent].map(|price| price.to_string());
        let orders: [fn(&Client, &str) -> Answer; 2] = [
            |client, price| client.buy_as(LOC, "AAPL", 1, price),
            |client, price| client.sell_as(LOC, "AAPL", 1, price),
        ];
        for (order, filled, expired) in [(orders[0], [&above, &at], &under), (orders[1], [&under, &at], &above)] {
            let (market, client) = market_at(open);
            let filled = filled.map(|price| order(&client, price).order_id());
            let expired = order(&client, expired).order_id();
            market.post("/clock", serde_json::json!({"set": close}));
            for order_id in &filled {
                assert_end(&market, order_id, "filled", today.close);
            }
            assert_end(&market, &expired, "expired", Decimal::ZERO);
            assert!(market.fills(Mode::Real).iter().all(|fill| utc(text(fill, "at")) == utc(close)));
        }
        let (market, client) = market_at(open);
        let moc = client.sell_as(MOC, "AAPL", 1, "0").order_id();
        market.set_clock(close);
        assert_end(&market, &moc, "filled", today.close);
    }
}

#[test]
fn nothing_fills_before_the_close_however_good_the_price() {
    for (open, before) in [(MORNING, "2023-03-08T20:59:59.999Z"), ("2023-11-24T15:00:00Z", "2023-11-24T17:59:59.999Z")]
    {
        for is_pinned in [false, true] {
            let (market, client) = market_at(open);
            if is_pinned {
                market.price("AAPL", "160.00");
            }
            client.sell_as(LOC, "AAPL", 1, "140.00").order_id();
            client.sell_as(MOC, "AAPL", 1, "0").order_id();
            market.set_clock(before);
            assert!(market.fills(Mode::Real).is_empty());
            market.advance(1);
            assert_eq!(market.fills(Mode::Real).len(), 2);
        }
        let (market, client) = market_at(open);
        client.buy_as(LOC, "AAPL", 1, "199.00").order_id();
        market.set_clock(before);
        assert!(market.fills(Mode::Real).is_empty());
    }
}

#[test]
fn a_pinned_price_is_the_closing_price() {
    for (pinned, state, price) in [("152.00", "filled", "152.00"), ("152.01", "expired", "0")] {
        let (market, client) = market_at(MORNING);
        let order_id = client.buy_as(LOC, "AAPL", 1, "152.00").order_id();
        market.price("AAPL", pinned);
        market.set_clock("2023-03-08T21:00:00Z");
        assert_end(&market, &order_id, state, decimal(price));
    }
}

#[test]
fn an_unfilled_loc_ends_like_a_day_order_and_gives_back_what_it_held() {
    let (market, client) = market_at(MORNING);
    let orderable = || decimal(client.buying_power("NASD", "AAPL", "100.00").send().output("ord_psbl_frcr_amt"));
    let sellable = || text(&client.holdings("NASD")[0], "ord_psbl_qty").to_owned();
    let before = orderable();
    let buy = client.buy_as(LOC, "AAPL", 20, "100.00").order_id();
    let sell = client.sell_as(LOC, "AAPL", 30, "200.00").order_id();
    assert_eq!((before - orderable(), sellable()), (decimal("2000.00"), "70".to_owned()));
    market.set_clock("2023-03-08T21:00:00Z");
    assert_eq!((orderable(), sellable()), (before, "100".to_owned()));
    for order_id in [&buy, &sell] {
        let row = client.order_row(order_id);
        let told =
            ["ft_ccld_qty", "nccs_qty", "prcs_stat_name", "rjct_rson", "rjct_rson_name"].map(|name| text(&row, name));
        assert_eq!(told, ["0", "0", "완료", "", "DFD 장종료로 취소"]);
    }
}

#[test]
fn a_moc_sell_takes_its_shares_out_of_the_sellable_at_once() {
    let (_market, client) = market_at(MORNING);
    client.sell_as(MOC, "AAPL", 60, "0").order_id();
    assert_eq!(text(&client.holdings("NASD")[0], "ord_psbl_qty"), "40");
    client.sell_as(LOC, "AAPL", 41, "160.00").assert_refused(200, "APBK0400");
}

#[test]
fn they_are_taken_from_the_pre_market_on() {
    for (early, first) in
        [("2023-03-08T08:59:59Z", "2023-03-08T09:00:00Z"), ("2023-03-15T07:59:59Z", "2023-03-15T08:00:00Z")]
    {
        let orders =
            |client: &Client| [client.buy_as(LOC, "AAPL", 1, "100.00"), client.sell_as(LOC, "AAPL", 1, "200.00")];
        let (market, client) = market_at(early);
        for answer in orders(&client) {
            answer.assert_refused(200, "APBK0918");
        }
        assert!(market.orders(Mode::Real).is_empty());
        let (market, client) = market_at(first);
        for answer in orders(&client) {
            answer.assert_success("APBK0013", "주문 전송 완료 되었습니다.");
        }
        assert_eq!(market.orders(Mode::Real).len(), 2);
        let (_market, client) = market_at(first);
        client.sell_as(MOC, "AAPL", 1, "0").order_id();
    }
}

#[test]
fn they_are_not_taken_in_the_after_market() {
    for time in ["2023-03-08T21:00:00Z", "2023-03-08T21:59:59Z", "2023-11-24T18:30:00Z"] {
        let (market, client) = market_at(time);
        for answer in [client.buy_as(LOC, "AAPL", 1, "199.00"), client.sell_as(MOC, "AAPL", 1, "0")] {
            answer.assert_refused(200, "APBK2995");
        }
        assert!(market.orders(Mode::Real).is_empty());
        client.buy("AAPL", 1, "100.00").order_id();
    }
}

/// Sends one order of each kind at `before` and asserts that from `from` on those for the close are final.
#[track_caller]
fn assert_cut_off(loc_until: &str, before: &str, from: &str) {
    let (market, client) = market_until(before, loc_until);
    let loc = client.buy_as(LOC, "AAPL", 1, "100.00").order_id();
    let sell = client.sell_as(LOC, "AAPL", 1, "210.00").order_id();
    let day = client.buy("AAPL", 1, "100.00").order_id();
    assert!(client.cancel("AAPL", &client.buy_as(LOC, "AAPL", 1, "101.00").order_id(), 1).is_success());
    let known = market.orders(Mode::Real).len();
    market.set_clock(from);
    for answer in [client.buy_as(LOC, "AAPL", 1, "100.00"), client.sell_as(LOC, "AAPL", 1, "210.00")] {
        answer.assert_refused(200, "APBK2995");
    }
    client.sell_as(MOC, "AAPL", 1, "0").assert_refused(200, "APBK2995");
    for answer in
        [client.cancel("AAPL", &loc, 1), client.cancel("AAPL", &sell, 1), client.modify("AAPL", &loc, 1, "99.00")]
    {
        answer.assert_refused(200, "APBK0344");
        assert_eq!(answer.message(), "정정/취소할 수량이 없습니다.");
    }
    assert_eq!(market.orders(Mode::Real).len(), known, "nothing new lives, no row of a cancel");
    for order_id in [&loc, &sell] {
        assert_eq!(market.order(Mode::Real, order_id)["state"], "open");
    }
    assert!(client.cancel("AAPL", &day, 1).is_success());
    client.buy("AAPL", 1, "100.00").order_id();
}

#[test]
fn from_ten_to_four_they_are_final() {
    assert_cut_off("15:50", "2023-03-08T20:49:59Z", "2023-03-08T20:50:00Z");
    assert_cut_off("15:50", "2023-03-15T19:49:59Z", "2023-03-15T19:50:00Z");
}

#[test]
fn on_half_days_the_cut_off_is_as_long_before_the_close() {
    assert_cut_off("15:50", "2023-11-24T17:49:59Z", "2023-11-24T17:50:00Z");
    assert_cut_off("15:40", "2023-11-24T17:39:59Z", "2023-11-24T17:40:00Z");
}

#[test]
fn the_cut_off_can_be_set() {
    assert_cut_off("15:40", "2023-03-08T20:39:59Z", "2023-03-08T20:40:00Z");
    assert_cut_off("15:59", "2023-03-08T20:58:59Z", "2023-03-08T20:59:00Z");
}

#[test]
fn a_cut_off_outside_the_session_is_refused() {
    for time in ["09:29", "16:01", "00:00"] {
        let loc_until = time.parse().expect("a time");
        assert!(kis_sim::Sim::start(Options { loc_until, ..options() }).is_err(), "{time}");
    }
    assert_eq!(Options::default().loc_until.to_string(), "15:50");
}
