//! Fills that the lists hear of late, fills that are corrected, fees, and lists of many orders.

use serde_json::{Value, json};

use crate::harness::*;

const TEN_LATER: &str = "2023-03-08T14:55:00Z";

/// Fills an order by hand.
#[track_caller]
fn fill(market: &Market, mode: Mode, order_id: &str, more: Value) {
    let mut body = json!({"account": mode.name(), "order_id": order_id});
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    market.post("/orders/fill", body);
}

/// Filled and open shares as the list tells them.
#[track_caller]
fn listed(client: &Client, order_id: &str) -> (String, String) {
    let row = client.order_row(order_id);
    (text(&row, "ft_ccld_qty").to_owned(), text(&row, "nccs_qty").to_owned())
}

fn pair(left: &str, right: &str) -> (String, String) {
    (left.to_owned(), right.to_owned())
}

#[test]
fn a_list_hears_of_a_fill_late() {
    for mode in BOTH {
        let market = Market::still();
        let client = market.client(mode);
        let order_id = client.buy("ZZZQ", 5, "90.00").order_id();
        fill(&market, mode, &order_id, json!({"quantity": 2}));
        fill(&market, mode, &order_id, json!({"listed_at": TEN_LATER}));
        assert_eq!(listed(&client, &order_id), pair("2", "3"));
        assert_eq!(text(&client.holdings("NASD")[0], "ovrs_cblc_qty"), "5", "the balance has heard of it");
        let row = client.order_row(&order_id);
        assert_eq!((text(&row, "ft_ccld_amt3"), text(&row, "ft_ccld_unpr3")), ("180.00000", "90.00000000"));
        if mode == Mode::Real {
            assert_eq!(client.open_orders("NASD").send().rows("output").len(), 1);
        }
        market.set_clock(TEN_LATER);
        assert_eq!(listed(&client, &order_id), pair("5", "0"));
    }
}

#[test]
fn a_fill_shows_after_the_cancel_did() {
    for mode in BOTH {
        let market = Market::still();
        let client = market.client(mode);
        let order_id = client.buy("ZZZQ", 5, "90.00").order_id();
        fill(&market, mode, &order_id, json!({"quantity": 2, "listed_at": TEN_LATER}));
        client.cancel("ZZZQ", &order_id, 5).order_id();
        assert_eq!(listed(&client, &order_id), pair("0", "0"));
        market.set_clock(TEN_LATER);
        assert_eq!(listed(&client, &order_id), pair("2", "0"));
    }
}

#[test]
fn a_fill_shows_after_the_expiry_did() {
    for mode in BOTH {
        let market = Market::still();
        market.quirk("paper_expiry_reason", json!(true));
        let client = market.client(mode);
        let order_id = client.buy("ZZZQ", 5, "90.00").order_id();
        fill(&market, mode, &order_id, json!({"listed_at": "2023-03-09T00:00:00Z"}));
        market.set_clock("2023-03-08T23:00:00Z");
        assert_eq!(listed(&client, &order_id), pair("0", "0"));
        assert_eq!(text(&client.order_row(&order_id), "rjct_rson_name"), "DFD 장종료로 취소");
        market.set_clock("2023-03-09T00:00:00Z");
        assert_eq!(listed(&client, &order_id), pair("5", "0"));
        assert_eq!(text(&client.order_row(&order_id), "rjct_rson_name"), "");
    }
}

#[test]
fn an_order_that_had_ended_fills_all_the_same() {
    for mode in BOTH {
        let market = Market::still();
        let client = market.client(mode);
        let cancelled = client.buy("ZZZQ", 5, "90.00").order_id();
        client.cancel("ZZZQ", &cancelled, 5).order_id();
        let refused = client.buy("ZZZQ", 5, "90.00").order_id();
        market.post("/orders/reject", json!({"account": mode.name(), "order_id": refused}));
        assert!(
            market.refused("/orders/fill", &json!({"account": mode.name(), "order_id": cancelled})).contains("open")
        );
        fill(&market, mode, &cancelled, json!({"late": true, "quantity": 2}));
        fill(&market, mode, &refused, json!({"late": true}));
        assert_eq!(listed(&client, &cancelled), pair("2", "0"));
        assert_eq!(market.order(mode, &cancelled)["state"], "cancelled");
        assert_eq!(listed(&client, &refused), pair("5", "0"));
        assert_eq!(market.order(mode, &refused)["state"], "filled");
        assert_eq!(market.position(mode, "ZZZQ")["quantity"], 7);
        let too_many = json!({"account": mode.name(), "order_id": cancelled, "late": true, "quantity": 4});
        assert!(market.refused("/orders/fill", &too_many).contains('3'));
    }
}

#[test]
fn all_fills_can_be_listed_late() {
    for mode in BOTH {
        let market = Market::still();
        market.quirk("fill_lag_seconds", json!(60));
        let client = market.client(mode);
        let order_id = client.buy("ZZZQ", 5, "90.00").order_id();
        fill(&market, mode, &order_id, json!({"quantity": 2}));
        assert_eq!(listed(&client, &order_id), pair("0", "5"));
        market.advance(59);
        assert_eq!(listed(&client, &order_id), pair("0", "5"));
        market.advance(1);
        assert_eq!(listed(&client, &order_id), pair("2", "3"));
    }
}

#[test]
fn a_fill_is_corrected_down() {
    for mode in BOTH {
        let market = Market::still();
        market.quirk("paper_hold_percent", json!("0"));
        let client = market.client(mode);
        let order_id = client.buy("ZZZQ", 5, "90.00").order_id();
        fill(&market, mode, &order_id, json!({"quantity": 2, "price": "89.00"}));
        fill(&market, mode, &order_id, json!({"quantity": 3, "price": "90.00"}));
        market.post(
            "/orders/correct",
            json!({"account": mode.name(), "order_id": order_id, "filled_quantity": 3, "price": "90"}),
        );
        assert_eq!(listed(&client, &order_id), pair("3", "0"));
        let row = client.order_row(&order_id);
        assert_eq!((text(&row, "ft_ccld_unpr3"), text(&row, "ft_ccld_amt3")), ("90.00000000", "270.00000"));
        assert_eq!(number(&market.account(mode), "cash"), decimal("9730"));
        let held = client.holdings("NASD");
        assert_eq!((text(&held[0], "ovrs_cblc_qty"), text(&held[0], "pchs_avg_pric")), ("3", "90.0000"));
        let fills = market.fills(mode);
        assert_eq!((fills.len(), &fills[0]["quantity"]), (1, &json!(3)));
    }
}

#[test]
fn a_fill_is_corrected_to_nothing_and_up_again() {
    let market = Market::still();
    market.hold(Mode::Real, "ZZZQ", 5, "95.00");
    let client = market.client(Mode::Real);
    let order_id = client.sell("ZZZQ", 5, "110.00").order_id();
    fill(&market, Mode::Real, &order_id, json!({}));
    market.post("/orders/correct", json!({"order_id": order_id, "filled_quantity": 0}));
    assert_eq!(listed(&client, &order_id), pair("0", "0"));
    assert_eq!(text(&client.holdings("NASD")[0], "ovrs_cblc_qty"), "5");
    assert_eq!(number(&market.account(Mode::Real), "cash"), decimal("10000"));
    assert!(market.fills(Mode::Real).is_empty());
    market.post("/orders/correct", json!({"order_id": order_id, "filled_quantity": 4, "price": "111.00"}));
    assert_eq!(listed(&client, &order_id), pair("4", "0"));
    assert_eq!(number(&market.account(Mode::Real), "cash"), decimal("10444"));
    assert_eq!(text(&client.holdings("NASD")[0], "ovrs_cblc_qty"), "1");
}

#[test]
fn a_correction_may_be_in_the_list_alone() {
    let market = Market::still();
    let client = market.client(Mode::Real);
    let order_id = client.buy("ZZZQ", 5, "90.00").order_id();
    fill(&market, Mode::Real, &order_id, json!({}));
    let cash = market.account(Mode::Real)["cash"].clone();
    market.post("/orders/correct", json!({"order_id": order_id, "filled_quantity": 3, "list_only": true}));
    assert_eq!(listed(&client, &order_id), pair("3", "0"));
    assert_eq!(text(&client.holdings("NASD")[0], "ovrs_cblc_qty"), "5");
    assert_eq!(market.account(Mode::Real)["cash"], cash);
}

#[test]
fn an_open_order_that_is_corrected_is_open_for_more() {
    let market = Market::still();
    let client = market.client(Mode::Paper);
    let order_id = client.buy("ZZZQ", 5, "90.00").order_id();
    fill(&market, Mode::Paper, &order_id, json!({"quantity": 3}));
    market.post("/orders/correct", json!({"order_id": order_id, "filled_quantity": 1}));
    assert_eq!(listed(&client, &order_id), pair("1", "4"));
}

#[test]
fn a_correction_that_makes_no_sense_is_refused() {
    let market = Market::still();
    let order_id = market.client(Mode::Paper).buy("ZZZQ", 5, "90.00").order_id();
    for wrong in [
        json!({"order_id": "99", "filled_quantity": 1, "price": "90"}),
        json!({"order_id": order_id, "filled_quantity": 6, "price": "90"}),
        json!({"order_id": order_id, "filled_quantity": 1}),
        json!({"order_id": order_id, "filled_quantity": 1, "price": "-90"}),
        json!({"order_id": order_id}),
    ] {
        assert!(!market.refused("/orders/correct", &wrong).is_empty(), "{wrong}");
    }
    assert_eq!(market.order(Mode::Paper, &order_id)["filled_quantity"], 0);
}

#[test]
fn a_real_account_can_pay_fees_on_both_sides() {
    let market = Market::still();
    market.quirk("real_fee_percent", json!("0.25"));
    let client = market.client(Mode::Real);
    let bought = client.buy("ZZZQ", 10, "100.00").order_id();
    assert_eq!(number(&market.account(Mode::Real), "reserved"), decimal("1002.50"));
    fill(&market, Mode::Real, &bought, json!({}));
    assert_eq!(number(&market.account(Mode::Real), "cash"), decimal("8997.50"));
    let sold = client.sell("ZZZQ", 10, "110.00").order_id();
    fill(&market, Mode::Real, &sold, json!({}));
    assert_eq!(number(&market.account(Mode::Real), "cash"), decimal("10094.75"));
    let paper = market.client(Mode::Paper).buy("ZZZQ", 10, "100.00").order_id();
    fill(&market, Mode::Paper, &paper, json!({}));
    assert_eq!(number(&market.account(Mode::Paper), "cash"), decimal("8990"), "paper's 1 % is its own");
    assert!(!market.refused("/quirks", &json!({"real_fee_percent": "100"})).is_empty());
}

#[test]
fn the_date_header_can_be_off() {
    let market = Market::still();
    let client = market.client(Mode::Paper);
    let date = || client.price("NAS", "ZZZQ").send().header("date").map(str::to_owned);
    assert_eq!(date().as_deref(), Some("Wed, 08 Mar 2023 14:45:00 GMT"));
    market.quirk("date_offset_seconds", json!(-50_400));
    assert_eq!(date().as_deref(), Some("Wed, 08 Mar 2023 00:45:00 GMT"));
    assert_eq!(market.read("/clock")["now"], MORNING, "the clock itself stands where it stood");
}

#[test]
fn a_list_can_have_more_than_a_thousand_orders() {
    let market = Market::still();
    let seeded = market.post("/orders/seed", json!({"account": "real", "count": 1_500, "symbol": "ZZZQ"}));
    let client = market.client(Mode::Real);
    let own = client.buy("ZZZQ", 1, "90.00").order_id();
    market.quirk("page_rows", json!(100));
    let rows = client.order_rows();
    assert_eq!(rows.len(), 1_501);
    let first = row_of(&rows, text(&seeded, "first_order_id"));
    for (name, value) in
        [("nccs_qty", "0"), ("ft_ccld_qty", "0"), ("mdia_dvsn_name", "모바일"), ("rvse_cncl_dvsn", "00")]
    {
        assert_eq!(text(&first, name), value, "{name}");
    }
    assert_eq!(client.open_orders("NASD").send().rows("output").len(), 1);
    assert_eq!(text(&row_of(&rows, &own), "nccs_qty"), "1");
}

#[test]
fn seeded_orders_are_of_any_state_but_filled() {
    let market = Market::still();
    let seed = |state: &str| {
        let body = json!({"count": 2, "symbol": "ZZZQ", "side": "sell", "quantity": 3, "limit_price": "120", "state": state,
            "medium": "OpenAPI"});
        text(&market.post("/orders/seed", body), "last_order_id").to_owned()
    };
    for state in ["open", "expired", "rejected", "cancelled"] {
        let order = market.order(Mode::Paper, &seed(state));
        assert_eq!((text(&order, "state"), &order["quantity"]), (state, &json!(3)));
    }
    for wrong in [
        json!({"count": 2, "symbol": "ZZZQ", "state": "filled"}),
        json!({"count": 0, "symbol": "ZZZQ"}),
        json!({"count": 20_001, "symbol": "ZZZQ"}),
        json!({"count": 1, "symbol": "NONE"}),
        json!({"count": 1, "symbol": "ZZZQ", "limit_price": "0"}),
    ] {
        assert!(!market.refused("/orders/seed", &wrong).is_empty(), "{wrong}");
    }
}
