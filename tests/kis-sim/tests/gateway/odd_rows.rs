//! Rows that are not as they should be: changed, added, or never shown.

use serde_json::{Value, json};

use crate::harness::*;

#[track_caller]
fn held(client: &Client, symbol: &str) -> Value {
    find(&client.holdings("NASD"), "ovrs_pdno", symbol)
}

#[test]
fn a_holding_can_be_part_of_a_share() {
    for mode in BOTH {
        let market = Market::still();
        market.hold(mode, "ZZZQ", 2, "95.00");
        market.hold(mode, "AAPL", 3, "150.00");
        let client = market.client(mode);
        market.post(
            "/rows",
            json!({"list": "balance", "where": {"ovrs_pdno": "ZZZQ"},
                "set": {"ovrs_cblc_qty": "0.4", "ord_psbl_qty": "0.4"}}),
        );
        assert_eq!(text(&held(&client, "ZZZQ"), "ovrs_cblc_qty"), "0.4");
        assert_eq!(text(&held(&client, "ZZZQ"), "pchs_avg_pric"), "95.0000");
        assert_eq!(text(&held(&client, "AAPL"), "ovrs_cblc_qty"), "3");
        assert_eq!(market.position(mode, "ZZZQ")["quantity"], 2, "the ledger knows nothing of it");
    }
}

#[test]
fn a_balance_can_have_rows_of_other_currencies_and_odd_codes() {
    for mode in BOTH {
        let market = Market::still();
        market.hold(mode, "ZZZQ", 2, "95.00");
        let client = market.client(mode);
        market.post(
            "/rows",
            json!({"list": "balance", "add": {"ovrs_pdno": "00700", "ovrs_cblc_qty": "100", "tr_crcy_cd": "HKD",
                "ovrs_excg_cd": "SEHK"}}),
        );
        market.post(
            "/rows",
            json!({"list": "balance", "add": {"ovrs_pdno": "1234567R1", "ovrs_cblc_qty": "5", "ovrs_excg_cd": "NYSE"}}),
        );
        let hong_kong = held(&client, "00700");
        for (name, value) in
            [("cano", mode.cano()), ("tr_crcy_cd", "HKD"), ("ovrs_cblc_qty", "100"), ("loan_type_cd", "10")]
        {
            assert_eq!(text(&hong_kong, name), value, "{name}");
        }
        assert_eq!(text(&held(&client, "1234567R1"), "tr_crcy_cd"), "USD");
        assert_eq!(text(&held(&client, "ZZZQ"), "ovrs_cblc_qty"), "2");
        assert_eq!(client.holdings("NASD").len(), 3);
        let on_the_nyse = client.holdings("NYSE").len();
        assert_eq!(on_the_nyse, if mode == Mode::Paper { 2 } else { 1 }, "{mode:?}");
    }
}

#[test]
fn a_field_can_be_missing_or_no_text() {
    let market = Market::still();
    market.hold(Mode::Real, "ZZZQ", 2, "95.00");
    market.post("/rows", json!({"list": "balance", "set": {"pchs_avg_pric": null, "ovrs_cblc_qty": 2}}));
    let row = held(&market.client(Mode::Real), "ZZZQ");
    assert!(row.get("pchs_avg_pric").is_none(), "{row}");
    assert_eq!(row["ovrs_cblc_qty"], 2);
}

#[test]
fn an_order_list_can_have_a_row_more() {
    for mode in BOTH {
        let market = Market::still();
        let client = market.client(mode);
        let own = client.buy("ZZZQ", 1, "90.00").order_id();
        market.post(
            "/rows",
            json!({"list": "ccnl", "add": {"odno": "77", "pdno": "ZZZQ", "ft_ord_qty": "0.4", "nccs_qty": "0.4",
                "ft_ord_unpr3": "99.00000000"}}),
        );
        assert_eq!(client.order_rows().len(), 2);
        let row = client.order_row("77");
        for (name, value) in [
            ("ord_dt", TODAY),
            ("dmst_ord_dt", "20230308"),
            ("ord_tmd", "234500"),
            ("ft_ord_qty", "0.4"),
            ("ft_ccld_qty", "0"),
            ("rvse_cncl_dvsn", "00"),
            ("sll_buy_dvsn_cd", "02"),
            ("tr_crcy_cd", "USD"),
        ] {
            assert_eq!(text(&row, name), value, "{mode:?} {name}");
        }
        assert_eq!(text(&row, "ord_gno_brno"), text(&client.order_row(&own), "ord_gno_brno"));
        assert!(client.order_rows_between("20230309", "20230309").is_empty());
    }
}

#[test]
fn a_row_more_is_paged_with_the_others() {
    let market = Market::still();
    market.quirk("page_rows", json!(2));
    let client = market.client(Mode::Real);
    for _ in 0..4 {
        client.buy("ZZZQ", 1, "90.00").order_id();
    }
    market.post("/rows", json!({"list": "ccnl", "add": {"odno": "77"}}));
    market.post("/rows", json!({"list": "nccs", "add": {"odno": "78", "rvse_cncl_dvsn_cd": "01"}}));
    let pages = client.order_list(TODAY, TODAY).pages();
    assert_eq!(pages.iter().map(|page| page.rows("output").len()).collect::<Vec<_>>(), [2, 2, 1]);
    let open = order_rows(&client.open_orders("NASD").pages());
    assert_eq!(text(&row_of(&open, "78"), "rvse_cncl_dvsn_cd"), "01");
    assert_eq!(open.len(), 5);
}

#[test]
fn an_order_row_can_be_odd_in_any_field() {
    for mode in BOTH {
        let market = Market::still();
        let client = market.client(mode);
        let odd = client.buy("ZZZQ", 2, "90.00").order_id();
        let plain = client.buy("ZZZQ", 2, "90.00").order_id();
        market.post("/orders/fill", json!({"account": mode.name(), "order_id": odd}));
        market.post(
            "/rows",
            json!({"list": "ccnl", "where": {"odno": odd},
                "set": {"ft_ccld_unpr3": "0.00000000", "ft_ccld_amt3": "0.00000", "prcs_stat_name": "보류"}}),
        );
        let row = client.order_row(&odd);
        assert_eq!((text(&row, "ft_ccld_qty"), text(&row, "ft_ccld_unpr3")), ("2", "0.00000000"));
        assert_eq!(text(&row, "prcs_stat_name"), "보류");
        assert_ne!(text(&client.order_row(&plain), "prcs_stat_name"), "보류");
    }
}

#[test]
fn orders_may_never_show_though_their_shares_do() {
    for mode in BOTH {
        let market = Market::still();
        let client = market.client(mode);
        for list in ["ccnl", "nccs"] {
            market.post("/rows", json!({"list": list, "where": {"pdno": "ZZZQ"}, "hide": true}));
        }
        let order_id = client.buy("ZZZQ", 2, "90.00").order_id();
        assert!(client.order_rows().is_empty());
        if mode == Mode::Real {
            assert!(client.open_orders("NASD").send().rows("output").is_empty());
        }
        market.post("/orders/fill", json!({"account": mode.name(), "order_id": order_id}));
        assert!(client.order_rows().is_empty());
        assert_eq!(text(&held(&client, "ZZZQ"), "ovrs_cblc_qty"), "2");
    }
}

#[test]
fn a_rule_has_its_time_and_its_account_and_can_be_removed() {
    let market = Market::still();
    for mode in BOTH {
        market.hold(mode, "ZZZQ", 2, "95.00");
    }
    let (paper, real) = (market.client(Mode::Paper), market.client(Mode::Real));
    let id = market.post(
        "/rows",
        json!({"list": "balance", "hide": true, "account": "real", "from": "2023-03-08T15:00:00Z",
            "until": "2023-03-08T15:10:00Z"}),
    )["id"]
        .clone();
    let seen = || [&paper, &real].map(|client| client.holdings("NASD").len());
    assert_eq!(seen(), [1, 1]);
    market.set_clock("2023-03-08T15:00:00Z");
    assert_eq!(seen(), [1, 0]);
    market.set_clock("2023-03-08T15:10:00Z");
    assert_eq!(seen(), [1, 1]);
    market.set_clock("2023-03-08T15:05:00Z");
    assert_eq!(seen(), [1, 0]);
    assert_eq!(list(&market.read("/rows"), "rows")[0]["id"], id);
    market.control("DELETE", "/rows", json!({"id": id}));
    assert_eq!(seen(), [1, 1]);
    assert!(list(&market.read("/rows"), "rows").is_empty());
}

#[test]
fn buying_power_and_quotes_can_be_odd() {
    let market = Market::still();
    market.post("/rows", json!({"list": "psamount", "account": "paper", "set": {"ovrs_ord_psbl_amt": ""}}));
    let paper = market.client(Mode::Paper).buying_power("NASD", "ZZZQ", "100.00").send();
    assert_eq!(paper.output("ovrs_ord_psbl_amt"), "");
    assert_eq!(paper.output("ord_psbl_frcr_amt"), "10000.00");
    let real = market.client(Mode::Real);
    assert_ne!(real.buying_power("NASD", "ZZZQ", "100.00").send().output("ovrs_ord_psbl_amt"), "");
    market.post("/rows", json!({"list": "multprice", "where": {"symb": "ZZZQ"}, "set": {"curr": "HKD"}}));
    market.post("/rows", json!({"list": "present-balance", "set": {"buy_crcy_cd": "HKD"}}));
    let rows = real.multi_price(&[("NAS", "ZZZQ"), ("NAS", "AAPL")]).send().rows("output2");
    assert_eq!(text(&find(&rows, "symb", "ZZZQ"), "curr"), "HKD");
    assert_eq!(text(&find(&rows, "symb", "AAPL"), "curr"), "USD");
    market.hold(Mode::Real, "ZZZQ", 2, "95.00");
    let rows = real.present_balance("02").send().rows("output1");
    assert_eq!(text(&rows[0], "buy_crcy_cd"), "HKD");
}

#[test]
fn a_rule_that_makes_no_sense_is_refused() {
    let market = Market::still();
    for (wrong, word) in [
        (json!({"list": "accounts", "hide": true}), "balance"),
        (json!({"list": "balance"}), "set"),
        (json!({"list": "balance", "hide": true, "set": {"cano": "1"}}), "set"),
        (json!({"list": "balance", "set": {"odno": "1"}}), "odno"),
        (json!({"list": "ccnl", "where": {"ovrs_pdno": "ZZZQ"}, "hide": true}), "ovrs_pdno"),
        (json!({"list": "ccnl", "add": {"pdno": "ZZZQ"}}), "odno"),
        (json!({"list": "multprice", "add": {"symb": "ZZZQ"}}), "multprice"),
        (json!({"list": "psamount", "hide": true}), "psamount"),
        (json!({"list": "balance", "add": {"ovrs_pdno": "A"}, "where": {"cano": "1"}}), "where"),
        (json!({"list": "balance", "hide": true, "times": 3}), "times"),
    ] {
        let error = market.refused("/rows", &wrong);
        assert!(error.contains(word), "{wrong}: {error}");
    }
    assert!(list(&market.read("/rows"), "rows").is_empty());
}
