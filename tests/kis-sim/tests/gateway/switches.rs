//! Switches for what not every account of KIS does: a band around the price, settlement in the Korean morning.

use serde_json::json;

use crate::harness::*;

#[test]
fn by_switch_a_limit_far_from_the_price_is_refused() {
    // ZZZQ is at 100.00: buys 97 % below to 30 % above, sells 20 % below to 200 % above.
    for (mode, code) in [(Mode::Paper, "40930000"), (Mode::Real, "APBK1508")] {
        let market = Market::still();
        market.hold(mode, "ZZZQ", 100, "50.00");
        let client = market.client(mode);
        assert!(client.buy("ZZZQ", 1, "130.01").is_success(), "{mode:?}: off at first");
        market.quirk("price_band", json!(true));
        market.quirk("self_trade_refused", json!("never"));
        for (price, is_taken) in [("2.99", false), ("3.00", true), ("130.00", true), ("130.01", false)] {
            let answer = client.buy("ZZZQ", 1, price);
            assert_eq!((answer.is_success(), is_taken || answer.code() == code), (is_taken, true), "buy {price}");
        }
        for (price, is_taken) in [("79.99", false), ("80.00", true), ("300.00", true), ("300.01", false)] {
            let answer = client.sell("ZZZQ", 1, price);
            assert_eq!((answer.is_success(), is_taken || answer.code() == code), (is_taken, true), "sell {price}");
        }
    }
}

#[test]
fn by_switch_a_change_has_the_same_band() {
    let market = Market::still();
    market.quirk("price_band", json!(true));
    let client = market.client(Mode::Real);
    let order = client.buy("ZZZQ", 1, "99.00").output("ODNO").to_owned();
    assert_eq!(client.modify("ZZZQ", &order, 1, "130.01").code(), "APBK1508");
    assert!(client.modify("ZZZQ", &order, 1, "101.00").is_success());
}

#[test]
fn a_market_order_for_the_close_has_no_price_to_be_bound() {
    let market = Market::still();
    market.quirk("price_band", json!(true));
    market.hold(Mode::Real, "ZZZQ", 10, "50.00");
    assert!(market.client(Mode::Real).sell_as(MOC, "ZZZQ", 1, "0").is_success());
}

#[test]
fn proceeds_settle_at_new_york_s_midnight_or_by_switch_in_the_korean_morning() {
    // Sold on Wednesday 8 March 2023 in New York: settled on Friday 10 March.
    for (time, before, after) in [
        (json!(null), "2023-03-10T04:59:59Z", "2023-03-10T05:00:00Z"),
        (json!("08:40"), "2023-03-09T23:39:59Z", "2023-03-09T23:40:00Z"),
    ] {
        let market = Market::still();
        market.quirk("settlement_time", time.clone());
        market.post("/limits", json!({"token_per_minute": false}));
        market.hold(Mode::Real, "ZZZQ", 10, "50.00");
        let client = market.client(Mode::Real);
        let order = client.sell("ZZZQ", 10, "100.00").output("ODNO").to_owned();
        market.post("/orders/fill", json!({"order_id": order}));
        let on_the_way = |at: &str| {
            market.set_clock(at);
            let client = market.client(Mode::Real);
            text(&client.present_balance("02").send().rows("output2")[0], "frcr_sll_amt_smtl").to_owned()
        };
        assert_eq!(on_the_way(before), "1000.000000", "{time}");
        assert_eq!(on_the_way(after), "0.000000", "{time}");
    }
}
