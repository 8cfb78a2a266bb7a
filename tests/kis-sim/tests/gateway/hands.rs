//! What others do in an account: a person's 정정 in all its shapes, orders of other branches, cash in and out.

use serde_json::{Value, json};

use crate::harness::*;

/// Another hand changes an order; returns the new number.
#[track_caller]
fn modify(market: &Market, order_id: &str, change: Value) -> String {
    let mut body = change;
    body["order_id"] = json!(order_id);
    text(&market.post("/orders/modify", body), "order_id").to_owned()
}

/// The old number as a list shows it after a 정정: nothing open, `filled` of it done, a plain row as before.
#[track_caller]
fn assert_replaced(row: &Value, filled: &str) {
    assert_eq!(text(row, "nccs_qty"), "0", "{row}");
    assert_eq!(text(row, "ft_ccld_qty"), filled, "{row}");
    assert_eq!(text(row, "rvse_cncl_dvsn"), "00", "{row}");
    assert_eq!(text(row, "orgn_odno"), "", "{row}");
}

/// The row of a 정정: an order that goes on, tied to the number it replaced.
#[track_caller]
fn assert_replacement(row: &Value, original: &str, quantity: &str, open: &str) {
    assert_eq!(text(row, "rvse_cncl_dvsn"), "01", "{row}");
    assert_eq!(text(row, "rvse_cncl_dvsn_name"), "정정", "{row}");
    assert_eq!(bare(text(row, "orgn_odno")), bare(original), "{row}");
    assert_eq!(text(row, "ft_ord_qty"), quantity, "{row}");
    assert_eq!(text(row, "nccs_qty"), open, "{row}");
}

#[test]
fn a_person_changes_the_price_of_an_open_order() {
    for mode in BOTH {
        let market = Market::still();
        let client = market.client(mode);
        let old = client.buy("ZZZQ", 2, "90.00").order_id();
        market.advance(60);
        let new = modify(&market, &old, json!({"limit_price": "95.00"}));
        assert_ne!(new, old);
        assert_replaced(&client.order_row(&old), "0");
        let row = client.order_row(&new);
        assert_replacement(&row, &old, "2", "2");
        assert_eq!(text(&row, "ft_ord_unpr3"), "95.00000000");
        assert_eq!(text(&row, "ord_tmd"), "234600");
        assert_eq!(text(&row, "mdia_dvsn_name"), if mode == Mode::Real { "모바일" } else { "" });
        assert_eq!(market.order(mode, &new)["original_id"], json!(old));
        assert_eq!(market.order(mode, &new)["revision"], "modify");
        assert_eq!(client.order_rows().len(), 2, "a 정정 has one row");
        assert!(client.cancel("ZZZQ", &old, 2).message().contains("정정/취소할 수량이 없습니다"));
    }
}

#[test]
fn what_was_changed_is_open_under_the_new_number_only() {
    let market = Market::still();
    let client = market.client(Mode::Real);
    let old = client.buy("ZZZQ", 2, "90.00").order_id();
    let new = modify(&market, &old, json!({"limit_price": "95.00"}));
    let rows = client.open_orders("NASD").send().rows("output");
    assert_eq!(rows.len(), 1);
    assert_eq!((text(&rows[0], "odno"), text(&rows[0], "orgn_odno")), (new.as_str(), old.as_str()));
    assert_eq!(text(&rows[0], "rvse_cncl_dvsn_cd"), "01");
}

#[test]
fn an_order_is_changed_twice() {
    for mode in BOTH {
        let market = Market::still();
        let client = market.client(mode);
        let first = client.buy("ZZZQ", 2, "90.00").order_id();
        let second = modify(&market, &first, json!({"limit_price": "95.00"}));
        let third = modify(&market, &second, json!({"limit_price": "96.00"}));
        assert_replaced(&client.order_row(&first), "0");
        assert_replacement(&client.order_row(&second), &first, "2", "0");
        assert_replacement(&client.order_row(&third), &second, "2", "2");
    }
}

#[test]
fn a_partly_filled_order_is_changed_for_its_remainder() {
    for mode in BOTH {
        let market = Market::still();
        market.hold(mode, "ZZZQ", 5, "95.00");
        let client = market.client(mode);
        let old = client.sell("ZZZQ", 5, "110.00").order_id();
        market.post("/orders/fill", json!({"account": mode.name(), "order_id": old, "quantity": 2}));
        let new = modify(&market, &old, json!({"limit_price": "105.00"}));
        assert_replaced(&client.order_row(&old), "2");
        assert_replacement(&client.order_row(&new), &old, "3", "3");
        assert_eq!(text(&client.holdings("NASD")[0], "ord_psbl_qty"), "0", "the person's order holds the shares");
    }
}

#[test]
fn a_changed_order_is_cancelled_by_hand() {
    for mode in BOTH {
        let market = Market::still();
        let client = market.client(mode);
        let old = client.buy("ZZZQ", 2, "90.00").order_id();
        let new = modify(&market, &old, json!({"limit_price": "95.00"}));
        let cancel = market.post("/orders/cancel", json!({"order_id": new}));
        assert_replaced(&client.order_row(&old), "0");
        assert_replacement(&client.order_row(&new), &old, "2", "0");
        let row = client.order_row(text(&cancel, "order_id"));
        assert_eq!(text(&row, "rvse_cncl_dvsn"), "02");
        assert_eq!(bare(text(&row, "orgn_odno")), bare(&new));
    }
}

#[test]
fn another_program_changes_and_cancels_under_its_own_medium() {
    let market = Market::still();
    let client = market.client(Mode::Real);
    let old = client.buy("ZZZQ", 2, "90.00").order_id();
    let new = modify(&market, &old, json!({"quantity": 1, "medium": "OpenAPI"}));
    let row = client.order_row(&new);
    assert_replacement(&row, &old, "1", "1");
    assert_eq!(text(&row, "ft_ord_unpr3"), "90.00000000");
    assert_eq!(text(&row, "mdia_dvsn_name"), "OpenAPI");
    let cancel = market.post("/orders/cancel", json!({"order_id": new, "medium": "OpenAPI"}));
    assert_eq!(text(&client.order_row(text(&cancel, "order_id")), "mdia_dvsn_name"), "OpenAPI");
}

#[test]
fn a_changed_order_meets_the_market() {
    let market = Market::still();
    let client = market.client(Mode::Paper);
    let old = client.buy("ZZZQ", 2, "90.00").order_id();
    market.fill_mode("path");
    let new = modify(&market, &old, json!({"limit_price": "101.00"}));
    assert_eq!(text(&client.order_row(&new), "ft_ccld_qty"), "2");
    assert_replaced(&client.order_row(&old), "0");
}

#[test]
fn a_change_that_makes_no_sense_is_refused() {
    let market = Market::still();
    let old = market.client(Mode::Paper).buy("ZZZQ", 2, "90.00").order_id();
    for wrong in [
        json!({"order_id": "99"}),
        json!({"order_id": old}),
        json!({"order_id": old, "quantity": 3}),
        json!({"order_id": old, "quantity": 0}),
        json!({"order_id": old, "limit_price": "0"}),
        json!({"order_id": old, "price": "95"}),
        json!({"order_id": old, "limit_price": "95", "account": "real"}),
    ] {
        assert!(!market.refused("/orders/modify", &wrong).is_empty(), "{wrong}");
    }
    assert_eq!(market.orders(Mode::Paper).len(), 1);
}

#[test]
fn money_comes_and_goes() {
    for mode in BOTH {
        let market = Market::still();
        let client = market.client(mode);
        let orderable = || {
            let answer = client.buying_power("NASD", "ZZZQ", "100.00").send();
            decimal(answer.output("ord_psbl_frcr_amt"))
        };
        market.post("/transfer", json!({"account": mode.name(), "usd": "-4000"}));
        assert_eq!(orderable(), decimal("6000"));
        market.post("/transfer", json!({"account": mode.name(), "usd": "1500.50", "at": "2023-03-08T15:00:00Z"}));
        assert_eq!(orderable(), decimal("6000"));
        market.set_clock("2023-03-08T15:00:00Z");
        assert_eq!(orderable(), decimal("7500.50"));
        assert_eq!(number(&market.account(mode), "cash"), decimal("7500.50"));
    }
}

#[test]
fn the_present_balance_may_show_a_transfer_late() {
    let market = Market::still();
    let client = market.client(Mode::Real);
    let deposit = || {
        let rows = client.present_balance("02").send().rows("output2");
        number(&rows[0], "frcr_dncl_amt_2")
    };
    market.post("/transfer", json!({"account": "real", "usd": "-4000", "balance_at": "2023-03-08T15:00:00Z"}));
    let answer = client.buying_power("NASD", "ZZZQ", "100.00").send();
    assert_eq!(answer.output("ord_psbl_frcr_amt"), "6000.00");
    assert_eq!(deposit(), decimal("10000"));
    market.set_clock("2023-03-08T15:00:00Z");
    assert_eq!(deposit(), decimal("6000"));
}

#[test]
fn dollars_are_changed_to_won_and_back() {
    let market = Market::still();
    let client = market.client(Mode::Real);
    let integrated = || {
        let answer = client.buying_power("NASD", "ZZZQ", "100.00").send();
        decimal(answer.output("frcr_ord_psbl_amt1"))
    };
    let before = integrated();
    market.post("/transfer", json!({"account": "real", "usd": "-5000", "exchange": true}));
    assert_eq!(integrated(), before, "won that KIS would convert");
    assert_eq!(number(&market.account(Mode::Real), "cash"), decimal("5000"));
    market.post("/transfer", json!({"account": "real", "usd": "5000", "exchange": true}));
    assert_eq!((integrated(), number(&market.account(Mode::Real), "cash")), (before, decimal("10000")));
}

#[test]
fn a_transfer_of_nothing_or_of_too_much_is_refused() {
    let market = Market::still();
    for wrong in [json!({"usd": "0"}), json!({"usd": "-10000.01"}), json!({}), json!({"usd": "1", "at": "noon"})] {
        assert!(!market.refused("/transfer", &wrong).is_empty(), "{wrong}");
    }
}

/// Sold by phone, all of it; the balance hears of it at 15:00.
fn sold_by_phone(market: &Market, mode: Mode) -> String {
    market.hold(mode, "ZZZQ", 5, "95.00");
    let order = json!({"account": mode.name(), "symbol": "ZZZQ", "side": "sell", "quantity": 5, "limit_price": "99"});
    let order_id = text(&market.post("/orders/foreign", order), "order_id").to_owned();
    market.post(
        "/orders/fill",
        json!({"account": mode.name(), "order_id": order_id, "balance_at": "2023-03-08T15:00:00Z"}),
    );
    order_id
}

#[test]
fn a_sale_by_phone_may_show_in_the_list_before_the_balance() {
    for mode in BOTH {
        let market = Market::still();
        let client = market.client(mode);
        let order_id = sold_by_phone(&market, mode);
        let row = client.order_row(&order_id);
        assert_eq!((text(&row, "sll_buy_dvsn_cd"), text(&row, "ft_ccld_qty")), ("01", "5"));
        assert_eq!(number(&market.account(mode), "cash"), decimal("10495"), "cash moves at once");
        let held = client.holdings("NASD");
        assert_eq!((text(&held[0], "ovrs_cblc_qty"), text(&held[0], "pchs_avg_pric")), ("5", "95.0000"));
        assert!(!client.sell("ZZZQ", 1, "110.00").is_success(), "there is nothing to sell");
        market.set_clock("2023-03-08T15:00:00Z");
        assert!(client.holdings("NASD").is_empty());
    }
}

#[test]
fn a_purchase_may_show_in_the_balance_late_too() {
    let market = Market::still();
    market.hold(Mode::Real, "ZZZQ", 5, "95.00");
    let client = market.client(Mode::Real);
    let order_id = client.buy("ZZZQ", 5, "105.00").order_id();
    market.post("/orders/fill", json!({"order_id": order_id, "balance_at": "2023-03-08T15:00:00Z"}));
    let average = |client: &Client| {
        let held = client.holdings("NASD");
        (text(&held[0], "ovrs_cblc_qty").to_owned(), text(&held[0], "pchs_avg_pric").to_owned())
    };
    assert_eq!(average(&client), ("5".to_owned(), "95.0000".to_owned()));
    market.set_clock("2023-03-08T15:00:00Z");
    assert_eq!(average(&client), ("10".to_owned(), "100.0000".to_owned()));
}

#[test]
fn two_branches_give_the_same_number() {
    for mode in BOTH {
        let market = Market::still();
        let client = market.client(mode);
        let own = client.buy("ZZZQ", 2, "90.00").order_id();
        let order = json!({"account": mode.name(), "symbol": "ZZZQ", "side": "buy", "quantity": 7, "limit_price": "80",
            "branch": "00123", "order_id": own});
        assert_eq!(text(&market.post("/orders/foreign", order.clone()), "order_id"), own);
        assert!(market.refused("/orders/foreign", &order).contains("number"));
        let rows = client.order_rows();
        let branches: Vec<(&str, &str)> =
            rows.iter().map(|row| (text(row, "ord_gno_brno"), text(row, "ft_ord_qty"))).collect();
        let usual = if mode == Mode::Real { "01790" } else { "00950" };
        assert_eq!(branches, [(usual, "2"), ("00123", "7")]);
        assert!(rows.iter().all(|row| bare(text(row, "odno")) == bare(&own)));
        // Which of them is meant can be said here, though not to KIS.
        market.post("/orders/fill", json!({"account": mode.name(), "order_id": own, "branch": "00123", "quantity": 1}));
        assert_eq!(text(&client.order_rows()[1], "ft_ccld_qty"), "1");
        client.cancel("ZZZQ", &own, 2).order_id();
        let open: Vec<String> = client.order_rows().iter().map(|row| text(row, "nccs_qty").to_owned()).collect();
        assert_eq!(open, ["0", "6", "0"], "this port's own order was meant");
        // The next number is not disturbed.
        assert!(client.buy("ZZZQ", 1, "90.00").order_id() > own);
    }
}

#[test]
fn same_numbers_come_in_pages_too() {
    let market = Market::still();
    market.quirk("page_rows", json!(1));
    let client = market.client(Mode::Real);
    let own = client.buy("ZZZQ", 2, "90.00").order_id();
    for branch in ["00123", "00124"] {
        market.post(
            "/orders/foreign",
            json!({"account": "real", "symbol": "ZZZQ", "side": "buy", "quantity": 7, "limit_price": "80",
                "branch": branch, "order_id": own}),
        );
    }
    assert_eq!(client.order_rows().len(), 3);
}

#[test]
fn own_orders_can_have_another_branch_or_an_answer_without_one() {
    let market = Market::still();
    let client = market.client(Mode::Real);
    market.quirk("own_branch", json!("00777"));
    let answer = client.buy("ZZZQ", 2, "90.00");
    assert_eq!(answer.output("KRX_FWDG_ORD_ORGNO"), "00777");
    let order_id = answer.order_id();
    assert_eq!(text(&client.order_row(&order_id), "ord_gno_brno"), "00777");
    market.quirk("answer_without_branch", json!(true));
    let cancel = client.cancel("ZZZQ", &order_id, 2);
    assert!(cancel.body["output"].get("KRX_FWDG_ORD_ORGNO").is_none(), "{}", cancel.text);
    assert_eq!(text(&client.order_row(&cancel.order_id()), "ord_gno_brno"), "00777");
    for wrong in [json!({"own_branch": "1"}), json!({"own_branch": "abcde"})] {
        assert!(!market.refused("/quirks", &wrong).is_empty());
    }
    let order = json!({"symbol": "ZZZQ", "side": "buy", "quantity": 7, "limit_price": "80", "branch": "1"});
    assert!(market.refused("/orders/foreign", &order).contains("branch"));
}
