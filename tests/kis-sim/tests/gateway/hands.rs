//! What other hands do to an account: a person's 정정 in its shapes, orders of other branches, money that comes and goes.

use serde_json::{Value, json};

use crate::harness::*;

/// ZZZQ stands at 100.00; nothing fills until a test says so.
fn market() -> Market {
    let market = Market::at(MORNING);
    market.price("ZZZQ", "100.00");
    market.fill_mode("never");
    market
}

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
        let market = market();
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
    let market = market();
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
        let market = market();
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
        let market = market();
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
        let market = market();
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
    let market = market();
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
    let market = market();
    let client = market.client(Mode::Paper);
    let old = client.buy("ZZZQ", 2, "90.00").order_id();
    market.fill_mode("path");
    let new = modify(&market, &old, json!({"limit_price": "101.00"}));
    assert_eq!(text(&client.order_row(&new), "ft_ccld_qty"), "2");
    assert_replaced(&client.order_row(&old), "0");
}

#[test]
fn a_change_that_makes_no_sense_is_refused() {
    let market = market();
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
        let market = market();
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
    let market = market();
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
    let market = market();
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
    let market = market();
    for wrong in [json!({"usd": "0"}), json!({"usd": "-10000.01"}), json!({}), json!({"usd": "1", "at": "noon"})] {
        assert!(!market.refused("/transfer", &wrong).is_empty(), "{wrong}");
    }
}
