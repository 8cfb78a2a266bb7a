//! `ORD_DVSN`: which types each side takes, at which prices, and how the others are refused.

use crate::harness::*;

/// A still market with ZZZQ at 100.00, of which both accounts hold ten shares.
fn market() -> Market {
    let market = Market::still();
    for mode in BOTH {
        market.hold(mode, "ZZZQ", 10, "95.00");
    }
    market
}

/// Asserts a refusal with its code after which nothing lives at the broker.
#[track_caller]
fn assert_nothing_lives(market: &Market, answer: &Answer, status: u16, code: &str) {
    answer.assert_refused(status, code);
    assert!(answer.body.get("output").is_none(), "{}", answer.text);
    for mode in BOTH {
        assert!(market.orders(mode).is_empty(), "{}", answer.text);
    }
}

#[test]
fn each_side_takes_its_types() {
    let market = market();
    let client = market.client(Mode::Real);
    for (answer, kind, limit) in [
        (client.buy_as("00", "ZZZQ", 1, "90.00"), "00", "90.00"),
        (client.buy_as(LOC, "ZZZQ", 1, "90.01"), "34", "90.01"),
        (client.sell_as("00", "ZZZQ", 1, "110.00"), "00", "110.00"),
        (client.sell_as(LOC, "ZZZQ", 1, "110.01"), "34", "110.01"),
    ] {
        answer.assert_success("APBK0013", "주문 전송 완료 되었습니다.");
        let order = market.order(Mode::Real, &answer.order_id());
        assert_eq!((order["type"].as_str(), text(&order, "limit_price")), (Some(kind), limit));
        assert_eq!(order["state"], "open");
    }
}

#[test]
fn a_moc_sell_has_no_price() {
    for price in ["0", "0.00"] {
        let market = market();
        let order_id = market.client(Mode::Real).sell_as(MOC, "ZZZQ", 1, price).order_id();
        let order = market.order(Mode::Real, &order_id);
        assert_eq!((order["type"].as_str(), text(&order, "limit_price")), (Some("33"), "0.00"));
    }
    let market = market();
    let priced = market.client(Mode::Real).sell_as(MOC, "ZZZQ", 1, "100.00");
    assert_nothing_lives(&market, &priced, 500, "APBK0000");
}

#[test]
fn a_type_that_the_side_does_not_have_is_an_input_error() {
    let market = market();
    let client = market.client(Mode::Real);
    for answer in [
        client.buy_as(MOC, "ZZZQ", 1, "0"),
        client.buy_as(MOC, "ZZZQ", 1, "90.00"),
        client.buy_as("31", "ZZZQ", 1, "0"),
        client.buy_as("01", "ZZZQ", 1, "0"),
        client.sell_as("01", "ZZZQ", 1, "0"),
        client.sell_as("99", "ZZZQ", 1, "110.00"),
    ] {
        assert_nothing_lives(&market, &answer, 200, "APBK1269");
        assert_eq!(answer.message(), "주문구분 입력오류");
    }
}

#[test]
fn a_missing_type_is_an_error_of_the_gateway() {
    for mode in BOTH {
        let market = market();
        let client = market.client(mode);
        let body = client.order_body("NASD", "ZZZQ", 1, "90.00");
        for body in [without(body.clone(), "ORD_DVSN"), with(body.clone(), "ORD_DVSN", ""), with(body, "ORD_DVSN", " ")]
        {
            for tr_id in [mode.buy_tr(), mode.sell_tr()] {
                assert_nothing_lives(&market, &client.post(ORDER, tr_id, &body).send(), 500, "IGW00019");
            }
        }
    }
}

#[test]
fn a_loc_order_needs_a_price() {
    let market = market();
    let client = market.client(Mode::Real);
    for answer in [client.buy_as(LOC, "ZZZQ", 1, "0"), client.sell_as(LOC, "ZZZQ", 1, "0.00")] {
        assert_nothing_lives(&market, &answer, 500, "EGW00202");
    }
    assert_nothing_lives(&market, &client.buy("ZZZQ", 1, "0"), 200, "APBK1507");
}

#[test]
fn a_real_limit_off_the_tick_is_refused_whatever_the_type() {
    let market = market();
    let client = market.client(Mode::Real);
    for answer in [
        client.buy("ZZZQ", 1, "90.005"),
        client.buy_as(LOC, "ZZZQ", 1, "90.001"),
        client.sell("ZZZQ", 1, "110.0001"),
        client.sell_as(LOC, "ZZZQ", 1, "110.005"),
    ] {
        assert_nothing_lives(&market, &answer, 200, "APTR0057");
    }
}

#[test]
fn more_than_there_is_is_refused_whatever_the_type() {
    let market = market();
    let client = market.client(Mode::Real);
    assert_nothing_lives(&market, &client.buy_as(LOC, "ZZZQ", 100, "100.00"), 200, "APBK0952");
    assert_nothing_lives(&market, &client.sell_as(LOC, "ZZZQ", 11, "110.00"), 200, "APBK0400");
    assert_nothing_lives(&market, &client.sell_as(MOC, "ZZZQ", 11, "0"), 200, "APBK0400");
}

#[test]
fn paper_offers_no_other_type() {
    let market = market();
    let client = market.client(Mode::Paper);
    for kind in ["31", "32", "33", "34", "35", "36", "01"] {
        assert_nothing_lives(&market, &client.buy_as(kind, "ZZZQ", 1, "90.00"), 200, "90000000");
        assert_nothing_lives(&market, &client.sell_as(kind, "ZZZQ", 1, "0"), 200, "90000000");
    }
}
