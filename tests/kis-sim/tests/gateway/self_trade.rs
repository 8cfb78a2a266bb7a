//! Self-trade (자전거래): orders that could meet an open one of the same account.

use serde_json::{Value, json};

use crate::harness::*;

/// An order of a test: side, `ORD_DVSN`, limit.
type Line = (&'static str, &'static str, &'static str);

fn market() -> Market {
    let market = Market::still();
    for mode in BOTH {
        market.hold(mode, "ZZZQ", 10, "95.00");
    }
    market
}

fn send(client: &Client, (side, kind, price): Line) -> Answer {
    match side {
        "buy" => client.buy_as(kind, "ZZZQ", 1, price),
        _ => client.sell_as(kind, "ZZZQ", 1, price),
    }
}

/// Sends the second while the first is open and asserts what becomes of it.
#[track_caller]
fn assert_pair(first: Line, second: Line, is_taken: bool) {
    let market = market();
    let client = market.client(Mode::Real);
    send(&client, first).order_id();
    let answer = send(&client, second);
    if is_taken {
        answer.assert_success("APBK0013", "주문 전송 완료 되었습니다.");
    } else {
        assert_self_trade(&answer);
    }
    assert_eq!(market.orders(Mode::Real).len(), 1 + usize::from(is_taken), "{first:?} {second:?}");
}

#[track_caller]
fn assert_self_trade(answer: &Answer) {
    answer.assert_refused(200, "APBK1943");
    assert!(answer.message().contains("자전거래"), "{}", answer.text);
    assert!(answer.body.get("output").is_none(), "{}", answer.text);
}

#[test]
fn limits_that_touch_are_refused_whichever_comes_first() {
    for buy_kind in ["00", LOC] {
        for sell_kind in ["00", LOC] {
            let sell = ("sell", sell_kind, "100.00");
            for (limit, is_taken) in [("99.99", true), ("100.00", false), ("100.01", false)] {
                let buy = ("buy", buy_kind, limit);
                assert_pair(sell, buy, is_taken);
                assert_pair(buy, sell, is_taken);
            }
        }
    }
}

#[test]
fn a_moc_sell_meets_every_buy() {
    for kind in ["00", LOC] {
        assert_pair(("sell", MOC, "0"), ("buy", kind, "1.00"), false);
        assert_pair(("buy", kind, "1.00"), ("sell", MOC, "0"), false);
    }
}

#[test]
fn orders_of_one_side_never_meet() {
    assert_pair(("sell", MOC, "0"), ("sell", LOC, "90.00"), true);
    assert_pair(("sell", "00", "110.00"), ("sell", "00", "90.00"), true);
    assert_pair(("buy", LOC, "90.00"), ("buy", "00", "110.00"), true);
}

#[test]
fn another_symbol_or_account_is_no_self_trade() {
    let market = market();
    market.price("YYYQ", "100.00");
    let client = market.client(Mode::Real);
    client.sell("ZZZQ", 1, "100.00").order_id();
    client.buy("YYYQ", 1, "100.00").order_id();
    market.client(Mode::Paper).buy("ZZZQ", 1, "100.00").order_id();
}

#[test]
fn only_open_orders_are_met() {
    let market = market();
    let client = market.client(Mode::Real);
    let cancelled = client.sell("ZZZQ", 1, "100.00").order_id();
    client.cancel("ZZZQ", &cancelled, 1).order_id();
    let filled = client.sell("ZZZQ", 1, "100.00").order_id();
    market.post("/orders/fill", json!({"account": "real", "order_id": filled}));
    let rejected = client.sell("ZZZQ", 1, "100.00").order_id();
    market.post("/orders/reject", json!({"account": "real", "order_id": rejected}));
    client.buy("ZZZQ", 1, "100.00").order_id();
    // A part is enough to be met.
    let part = client.sell("ZZZQ", 2, "101.00").order_id();
    market.post("/orders/fill", json!({"account": "real", "order_id": part, "quantity": 1}));
    assert_self_trade(&client.buy("ZZZQ", 1, "101.00"));
    // The other part expires with its day.
    market.set_clock("2023-03-09T14:45:00Z");
    market.client(Mode::Real).buy("ZZZQ", 1, "101.00").order_id();
}

#[test]
fn orders_of_other_hands_are_own_orders() {
    for (hand, own, is_taken) in [
        (json!({"side": "sell", "limit_price": "100.00"}), ("buy", "00", "99.99"), true),
        (json!({"side": "sell", "limit_price": "100.00"}), ("buy", LOC, "100.00"), false),
        (json!({"side": "sell", "limit_price": "100.00", "medium": "OpenAPI"}), ("buy", "00", "100.00"), false),
        (json!({"side": "sell", "limit_price": "100.00", "branch": "01234"}), ("buy", "00", "100.00"), false),
        (json!({"side": "sell", "type": "33"}), ("buy", "00", "1.00"), false),
        (json!({"side": "sell", "type": "34", "limit_price": "90.00"}), ("buy", "00", "89.99"), true),
        (json!({"side": "buy", "limit_price": "1.00"}), ("sell", MOC, "0"), false),
        (json!({"side": "buy", "type": "34", "limit_price": "90.00"}), ("sell", LOC, "90.00"), false),
    ] {
        let market = market();
        foreign(&market, &hand);
        let answer = send(&market.client(Mode::Real), own);
        assert_eq!(answer.is_success(), is_taken, "{hand} {own:?}: {}", answer.text);
        if !is_taken {
            assert_self_trade(&answer);
        }
    }
}

#[test]
fn a_change_of_an_order_can_meet_another() {
    let market = market();
    let client = market.client(Mode::Real);
    client.sell("ZZZQ", 1, "100.00").order_id();
    let buy = client.buy("ZZZQ", 1, "90.00").order_id();
    assert_self_trade(&client.modify("ZZZQ", &buy, 1, "100.00"));
    assert_eq!(market.order(Mode::Real, &buy)["state"], "open");
    client.modify("ZZZQ", &buy, 1, "99.99").order_id();
}

#[test]
fn a_switch_decides_where_it_is_refused() {
    for (value, on_paper, on_real) in [("real", true, false), ("both", false, false), ("never", true, true)] {
        for (mode, is_taken) in [(Mode::Paper, on_paper), (Mode::Real, on_real)] {
            let market = market();
            market.quirk("self_trade_refused", json!(value));
            let client = market.client(mode);
            client.sell("ZZZQ", 1, "100.00").order_id();
            let answer = client.buy("ZZZQ", 1, "100.00");
            assert_eq!(answer.is_success(), is_taken, "{value} {mode:?}: {}", answer.text);
            if !is_taken {
                assert_self_trade(&answer);
            }
        }
    }
}

#[test]
fn another_hand_places_orders_for_the_close() {
    let market = market();
    let loc = foreign(&market, &json!({"side": "buy", "type": "34", "limit_price": "90.00"}));
    let order = market.order(Mode::Real, &loc);
    assert_eq!((order["type"].as_str(), order["medium"].as_str()), (Some("34"), Some("모바일")));
    let moc = foreign(&market, &json!({"side": "sell", "type": "33"}));
    assert_eq!(market.order(Mode::Real, &moc)["type"], "33");
    market.fill_mode("path");
    market.set_clock("2023-03-08T21:00:00Z");
    assert_eq!(market.order(Mode::Real, &moc)["state"], "filled");
    assert_eq!(market.order(Mode::Real, &loc)["state"], "expired");
    for wrong in [
        json!({"side": "buy", "type": "33"}),
        json!({"side": "sell", "type": "33", "limit_price": "90.00"}),
        json!({"side": "buy", "type": "34"}),
        json!({"side": "buy", "type": "37", "limit_price": "90.00"}),
    ] {
        assert!(!market.refused("/orders/foreign", &of_real(&wrong)).is_empty(), "{wrong}");
    }
}

fn of_real(order: &Value) -> Value {
    let mut order = order.clone();
    for (name, value) in [("account", json!("real")), ("symbol", json!("ZZZQ")), ("quantity", json!(1))] {
        order[name] = value;
    }
    order
}

#[track_caller]
fn foreign(market: &Market, order: &Value) -> String {
    text(&market.post("/orders/foreign", of_real(order)), "order_id").to_owned()
}
