//! 잔고, 주문체결내역, 미체결내역, 매수가능금액조회, 체결기준현재잔고: shapes, filters, pages, lags.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::harness::*;

const BALANCE_FIELDS: &str = "cano acnt_prdt_cd prdt_type_cd ovrs_pdno ovrs_item_name frcr_evlu_pfls_amt evlu_pfls_rt \
    pchs_avg_pric ovrs_cblc_qty ord_psbl_qty frcr_pchs_amt1 ovrs_stck_evlu_amt now_pric2 tr_crcy_cd ovrs_excg_cd \
    loan_type_cd loan_dt expd_dt";
const BALANCE_TOTALS: &str = "frcr_pchs_amt1 ovrs_rlzt_pfls_amt ovrs_tot_pfls rlzt_erng_rt tot_evlu_pfls_amt tot_pftrt \
    frcr_buy_amt_smtl1 ovrs_rlzt_pfls_amt2 frcr_buy_amt_smtl2";
const ORDER_FIELDS: &str = "ord_dt ord_gno_brno odno orgn_odno sll_buy_dvsn_cd sll_buy_dvsn_cd_name rvse_cncl_dvsn \
    rvse_cncl_dvsn_name pdno prdt_name ft_ord_qty ft_ord_unpr3 ft_ccld_qty ft_ccld_unpr3 ft_ccld_amt3 nccs_qty \
    prcs_stat_name rjct_rson rjct_rson_name ord_tmd tr_mket_name tr_natn tr_natn_name ovrs_excg_cd tr_crcy_cd \
    dmst_ord_dt thco_ord_tmd loan_type_cd loan_dt mdia_dvsn_name usa_amk_exts_rqst_yn splt_buy_attr_name";
const OPEN_ORDER_FIELDS: &str = "ord_dt ord_gno_brno odno orgn_odno pdno prdt_name sll_buy_dvsn_cd sll_buy_dvsn_cd_name \
    rvse_cncl_dvsn_cd rvse_cncl_dvsn_cd_name rjct_rson rjct_rson_name ord_tmd tr_mket_name tr_crcy_cd natn_cd \
    natn_kor_name ft_ord_qty ft_ccld_qty nccs_qty ft_ord_unpr3 ft_ccld_unpr3 ft_ccld_amt3 ovrs_excg_cd prcs_stat_name \
    loan_type_cd loan_dt usa_amk_exts_rqst_yn splt_buy_attr_name";
const BUYING_POWER_FIELDS: &str = "tr_crcy_cd ord_psbl_frcr_amt sll_ruse_psbl_amt ovrs_ord_psbl_amt max_ord_psbl_qty \
    echm_af_ord_psbl_amt echm_af_ord_psbl_qty ord_psbl_qty exrt frcr_ord_psbl_amt1 ovrs_max_ord_psbl_qty";

/// ZZZQ stands at 103.22 on NASDAQ, YYYN at 11.00 on the NYSE, AAAX at 20.00 on AMEX; nothing fills.
fn market() -> Market {
    let market = Market::at(MORNING);
    market.price("ZZZQ", "103.22");
    market.price_on("NYSE", "YYYN", "11.00");
    market.price_on("AMEX", "AAAX", "20.00");
    market.fill_mode("never");
    market
}

#[track_caller]
fn hold_on(market: &Market, mode: Mode, exchange: &str, symbol: &str) {
    market.post(
        "/positions",
        json!({"account": mode.name(), "symbol": symbol, "quantity": 3, "average_cost": "10", "exchange": exchange}),
    );
}

/// Holds a share on each of the three exchanges.
fn three_exchanges(mode: Mode) -> (Market, Client) {
    let market = market();
    hold_on(&market, mode, "NASD", "ZZZQ");
    hold_on(&market, mode, "NYSE", "YYYN");
    hold_on(&market, mode, "AMEX", "AAAX");
    let client = market.client(mode);
    (market, client)
}

fn symbols(rows: &[Value], name: &str) -> BTreeSet<String> {
    rows.iter().map(|row| text(row, name).to_owned()).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// Places `count` orders by another hand; faster than requests.
fn many_orders(market: &Market, mode: Mode, count: usize) -> Vec<String> {
    let order = json!({"account": mode.name(), "symbol": "ZZZQ", "side": "buy", "quantity": 1, "limit_price": "60.00",
        "medium": "OpenAPI"});
    (0..count)
        .map(|_| {
            market.advance(1);
            text(&market.post("/orders/foreign", order.clone()), "order_id").to_owned()
        })
        .collect()
}

#[track_caller]
fn assert_last_page(answer: &Answer) {
    let mark = answer.header("tr_cont").map(str::trim);
    assert!(matches!(mark, Some("D" | "E")), "tr_cont {mark:?}");
}

fn complete(mode: Mode) -> (&'static str, &'static str) {
    match mode {
        Mode::Paper => ("20310000", "모의투자 조회가 완료되었습니다."),
        Mode::Real => ("KIOK0510", "조회가 완료되었습니다"),
    }
}

#[test]
fn a_holding_has_every_field_in_its_format() {
    for mode in BOTH {
        let market = market();
        market.post(
            "/positions",
            json!({"account": mode.name(), "symbol": "ZZZQ", "quantity": 12, "average_cost": "101.93", "sellable": 10}),
        );
        let answer = market.client(mode).balance("NASD").send();
        answer.assert_success(complete(mode).0, complete(mode).1);
        assert_last_page(&answer);
        let row = find(&answer.rows("output1"), "ovrs_pdno", "ZZZQ");
        assert_fields(&row, BALANCE_FIELDS);
        assert_places(&row, "ovrs_cblc_qty ord_psbl_qty", 0);
        assert_places(&row, "evlu_pfls_rt", 2);
        assert_places(&row, "pchs_avg_pric", 4);
        assert_places(&row, "frcr_pchs_amt1", 5);
        assert_places(&row, "frcr_evlu_pfls_amt now_pric2", 6);
        assert_places(&row, "ovrs_stck_evlu_amt", 8);
        for (name, value) in [
            ("cano", mode.cano()),
            ("acnt_prdt_cd", "01"),
            ("prdt_type_cd", "512"),
            ("ovrs_cblc_qty", "12"),
            ("ord_psbl_qty", "10"),
            ("pchs_avg_pric", "101.9300"),
            ("frcr_pchs_amt1", "1223.16000"),
            ("ovrs_stck_evlu_amt", "1238.64000000"),
            ("now_pric2", "103.220000"),
            ("frcr_evlu_pfls_amt", "15.480000"),
            ("tr_crcy_cd", "USD"),
            ("ovrs_excg_cd", "NASD"),
            ("loan_type_cd", "10"),
            ("loan_dt", ""),
            ("expd_dt", ""),
        ] {
            assert_eq!(text(&row, name), value, "{name}");
        }
        let rate = number(&row, "evlu_pfls_rt");
        assert!(rate == decimal("1.27") || rate == decimal("1.26"), "{rate}");
    }
}

#[test]
fn a_balance_has_totals_and_no_cash() {
    for mode in BOTH {
        let market = market();
        market.hold(mode, "ZZZQ", 12, "101.93");
        let answer = market.client(mode).balance("NASD").send();
        let totals = &answer.body["output2"];
        assert_fields(totals, BALANCE_TOTALS);
        assert_eq!(number(totals, "frcr_pchs_amt1"), decimal("1223.16"));
        assert_eq!(number(totals, "ovrs_tot_pfls"), decimal("15.48"));
        for name in ["frcr_dncl_amt_2", "frcr_drwg_psbl_amt_1"] {
            assert!(totals[name].is_null(), "{name}");
        }
    }
}

#[test]
fn a_balance_may_end_with_rows_of_blanks() {
    for mode in BOTH {
        let market = market();
        market.quirk("balance_padding_rows", json!(1));
        market.hold(mode, "ZZZQ", 1, "95.00");
        let client = market.client(mode);
        let rows = client.balance("NASD").send().rows("output1");
        assert_eq!(rows.len(), 2);
        let padding = &rows[1];
        assert_fields(padding, BALANCE_FIELDS);
        assert_eq!(text(padding, "ovrs_pdno"), "");
        assert_eq!(text(padding, "ovrs_cblc_qty"), "0");
        assert_eq!(text(padding, "frcr_pchs_amt1"), "0.00000");
        for wanted in [0, 3] {
            market.quirk("balance_padding_rows", json!(wanted));
            let rows = client.balance("NASD").send().rows("output1");
            assert_eq!(rows.len(), 1 + wanted);
        }
    }
}

#[test]
fn an_empty_balance_is_a_success() {
    for mode in BOTH {
        let market = market();
        let client = market.client(mode);
        assert!(client.holdings("NASD").is_empty());
        market.hold(mode, "ZZZQ", 1, "95.00");
        market.hold(mode, "ZZZQ", 0, "95.00");
        assert!(client.holdings("NASD").is_empty());
    }
}

#[test]
fn the_balance_can_have_a_price_of_its_own() {
    let market = market();
    market.post(
        "/positions",
        json!({"account": "real", "symbol": "ZZZQ", "quantity": 2, "average_cost": "100", "now_price": "120.5"}),
    );
    let row = market.client(Mode::Real).holdings("NASD")[0].clone();
    assert_eq!(text(&row, "now_pric2"), "120.500000");
    assert_eq!(text(&row, "ovrs_stck_evlu_amt"), "241.00000000");
}

#[test]
fn a_real_balance_counts_nasd_as_all_of_the_us() {
    let (_market, client) = three_exchanges(Mode::Real);
    for (exchange, wanted) in [
        ("NASD", set(&["ZZZQ", "YYYN", "AAAX"])),
        ("NAS", set(&["ZZZQ"])),
        ("NYSE", set(&["YYYN"])),
        ("AMEX", set(&["AAAX"])),
    ] {
        assert_eq!(symbols(&client.holdings(exchange), "ovrs_pdno"), wanted, "{exchange}");
    }
    let rows = client.holdings("NASD");
    for (symbol, exchange, product) in [("ZZZQ", "NASD", "512"), ("YYYN", "NYSE", "513"), ("AAAX", "AMEX", "529")] {
        let row = find(&rows, "ovrs_pdno", symbol);
        assert_eq!(text(&row, "ovrs_excg_cd"), exchange);
        assert_eq!(text(&row, "prdt_type_cd"), product);
    }
}

#[test]
fn a_paper_balance_is_the_same_for_every_exchange() {
    let (market, client) = three_exchanges(Mode::Paper);
    for exchange in ["NASD", "NYSE", "AMEX"] {
        let rows = client.holdings(exchange);
        assert_eq!(symbols(&rows, "ovrs_pdno"), set(&["ZZZQ", "YYYN", "AAAX"]));
    }
    market.quirk("paper_balance_scope", json!("nasdaq"));
    for (exchange, symbol) in [("NASD", "ZZZQ"), ("NYSE", "YYYN"), ("AMEX", "AAAX")] {
        let rows = client.holdings(exchange);
        assert_eq!(symbols(&rows, "ovrs_pdno"), set(&[symbol]));
    }
}

#[test]
fn a_balance_comes_in_pages() {
    for mode in BOTH {
        let market = market();
        let names: Vec<String> = (1..=5).map(|n| format!("ZZ{n:02}")).collect();
        for name in &names {
            market.price(name, "20.00");
            market.hold(mode, name, 1, "19.00");
        }
        market.quirk("page_rows", json!(2));
        let client = market.client(mode);
        let pages = client.balance("NASD").pages();
        assert_eq!(pages.len(), 3);
        assert_last_page(&pages[2]);
        for page in &pages[..2] {
            assert!(page.has_more());
            assert!(!text(&page.body, "ctx_area_nk200").trim().is_empty());
            let first_key = text(&page.body, "ctx_area_fk200");
            assert!(first_key.contains(mode.cano()), "{first_key}");
        }
        let rows = client.holdings("NASD");
        assert_eq!(rows.len(), 5, "no row twice");
        let wanted: BTreeSet<String> = names.into_iter().collect();
        assert_eq!(symbols(&rows, "ovrs_pdno"), wanted);
    }
}

#[test]
fn continuation_keys_have_their_full_width_and_end_blank() {
    for mode in BOTH {
        let market = market();
        market.hold(mode, "ZZZQ", 1, "95.00");
        let client = market.client(mode);
        client.buy("ZZZQ", 1, "90.00").order_id();
        for call in [client.balance("NASD"), client.order_list(TODAY, TODAY)] {
            let answer = call.send();
            for name in ["ctx_area_fk200", "ctx_area_nk200"] {
                assert_eq!(text(&answer.body, name).len(), 200, "{name}");
            }
            assert_eq!(text(&answer.body, "ctx_area_nk200").trim(), "");
        }
    }
}

#[test]
fn holdings_on_credit_say_so() {
    let market = market();
    market.post(
        "/positions",
        json!({"account": "real", "symbol": "ZZZQ", "quantity": 1, "average_cost": "95", "loan_type": "27"}),
    );
    let client = market.client(Mode::Real);
    assert_eq!(text(&client.holdings("NASD")[0], "loan_type_cd"), "27");
    market.hold(Mode::Real, "AAPL", 1, "95");
    market.quirk("loan_type_blank", json!(true));
    let row = find(&client.holdings("NASD"), "ovrs_pdno", "AAPL");
    assert_eq!(text(&row, "loan_type_cd"), "");
}

#[test]
fn a_holding_can_show_under_two_exchanges() {
    let market = market();
    market.hold(Mode::Real, "ZZZQ", 4, "95");
    market.quirk("duplicate_holding", json!(true));
    let rows = market.client(Mode::Real).holdings("NASD");
    assert_eq!(rows.len(), 2);
    assert_eq!(symbols(&rows, "ovrs_pdno"), set(&["ZZZQ"]));
    assert_eq!(symbols(&rows, "ovrs_excg_cd").len(), 2);
    assert_eq!(symbols(&rows, "ovrs_cblc_qty"), set(&["4"]));
}

#[test]
fn a_balance_may_lag_a_fill_while_cash_does_not() {
    for mode in BOTH {
        let market = market();
        market.quirk("balance_lag_seconds", json!(120));
        let client = market.client(mode);
        let order_id = client.buy("ZZZQ", 2, "100.00").order_id();
        let before = number(&market.account(mode), "cash");
        market.post("/orders/fill", json!({"order_id": order_id}));
        assert!(number(&market.account(mode), "cash") < before);
        assert!(client.holdings("NASD").is_empty());
        assert_eq!(text(&client.order_row(&order_id), "ft_ccld_qty"), "2");
        market.advance(119);
        assert!(client.holdings("NASD").is_empty());
        market.advance(2);
        assert_eq!(text(&client.holdings("NASD")[0], "ovrs_cblc_qty"), "2");
    }
}

#[test]
fn buying_power_has_every_field_in_its_format() {
    for mode in BOTH {
        let market = market();
        let client = market.client(mode);
        let answer = client.buying_power("NASD", "ZZZQ", "103.22").send();
        answer.assert_success(complete(mode).0, complete(mode).1);
        let output = &answer.body["output"];
        assert_fields(output, BUYING_POWER_FIELDS);
        assert_eq!(text(output, "tr_crcy_cd"), "USD");
        assert_places(output, "ord_psbl_frcr_amt sll_ruse_psbl_amt ovrs_ord_psbl_amt echm_af_ord_psbl_amt", 2);
        assert_places(output, "max_ord_psbl_qty echm_af_ord_psbl_qty ord_psbl_qty ovrs_max_ord_psbl_qty", 0);
        assert_places(output, "frcr_ord_psbl_amt1", 6);
        assert_places(output, "exrt", 10);
        assert_eq!(text(output, "ord_psbl_frcr_amt"), "10000.00");
        assert_eq!(text(output, "sll_ruse_psbl_amt"), "0.00");
    }
}

#[test]
fn paper_buying_power_is_99_percent_of_cash() {
    // The amounts of a real capture, its order for 714 shares and KIS's refusal of it.
    let market = market();
    market.price("ZZZQ", "142.24");
    market.post("/cash", json!({"account": "paper", "usd": "101579.741"}));
    let client = market.client(Mode::Paper);
    let answer = client.buying_power("NASD", "ZZZQ", "142.24").send();
    assert_eq!(answer.output("ord_psbl_frcr_amt"), "101579.74");
    assert_eq!(answer.output("frcr_ord_psbl_amt1"), "100563.943590");
    assert_eq!(answer.output("ovrs_ord_psbl_amt"), "100563.94");
    assert_eq!(answer.output("max_ord_psbl_qty"), "707");
    client.buy("ZZZQ", 714, "142.24").assert_refused(200, "40250000");
    client.buy("ZZZQ", 707, "142.24").order_id();
}

#[test]
fn real_buying_power_keeps_back_about_half_a_percent() {
    let market = market();
    let client = market.client(Mode::Real);
    let answer = client.buying_power("NASD", "ZZZQ", "103.22").send();
    let usable = decimal(answer.output("ovrs_ord_psbl_amt"));
    assert!(usable <= decimal("9990") && usable >= decimal("9900"), "{usable}");
    let precise = decimal(answer.output("frcr_ord_psbl_amt1"));
    assert!((precise - usable).abs() < decimal("0.01"), "{precise}");
    let wanted = (usable / decimal("103.22")).floor();
    assert_eq!(decimal(answer.output("max_ord_psbl_qty")), wanted);
    assert_eq!(decimal(answer.output("ovrs_max_ord_psbl_qty")), wanted);
}

#[test]
fn sale_proceeds_are_beside_the_cash_in_real_and_inside_it_on_paper() {
    for mode in BOTH {
        let market = market();
        market.hold(mode, "ZZZQ", 10, "95.00");
        let client = market.client(mode);
        let order_id = client.sell("ZZZQ", 10, "103.00").order_id();
        market.post("/orders/fill", json!({"order_id": order_id, "price": "103.00"}));
        let answer = client.buying_power("NASD", "ZZZQ", "103.22").send();
        let cash = decimal(answer.output("ord_psbl_frcr_amt"));
        let proceeds = decimal(answer.output("sll_ruse_psbl_amt"));
        assert!(proceeds > decimal("1015") && proceeds <= decimal("1030"), "{mode:?} {proceeds}");
        let usable = decimal(answer.output("ovrs_ord_psbl_amt"));
        match mode {
            Mode::Real => {
                assert_eq!(cash, decimal("10000"));
                assert!(usable > decimal("10900") && usable < cash + proceeds, "{usable}");
            }
            Mode::Paper => {
                assert_eq!(cash, decimal("10000") + proceeds);
                assert!(usable > decimal("10880") && usable < cash, "{usable}");
            }
        }
    }
}

#[test]
fn won_collateral_shows_in_the_integrated_amount_only() {
    let market = market();
    let client = market.client(Mode::Real);
    let ask = || client.buying_power("NASD", "ZZZQ", "103.22").send();
    let before = ask();
    market.post("/cash", json!({"account": "real", "usd": "10000", "won_collateral_usd": "5000"}));
    let after = ask();
    for name in ["ord_psbl_frcr_amt", "ovrs_ord_psbl_amt", "max_ord_psbl_qty"] {
        assert_eq!(after.output(name), before.output(name), "{name}");
    }
    let gain = decimal(after.output("frcr_ord_psbl_amt1")) - decimal(before.output("frcr_ord_psbl_amt1"));
    assert!(gain > decimal("4800") && gain <= decimal("5000"), "{gain}");
    assert!(decimal(after.output("ovrs_max_ord_psbl_qty")) > decimal(before.output("ovrs_max_ord_psbl_qty")));
    market.quirk("psamount_includes_collateral", json!(true));
    let inflated = decimal(ask().output("ovrs_ord_psbl_amt"));
    assert!(inflated > decimal("14000"), "{inflated}");
}

#[test]
fn an_order_row_has_every_field_in_its_format() {
    for mode in BOTH {
        let market = market();
        let client = market.client(mode);
        let order_id = client.buy("ZZZQ", 5, "99.00").order_id();
        market.post("/orders/fill", json!({"order_id": order_id, "quantity": 2, "price": "98.99"}));
        let row = client.order_row(&order_id);
        assert_fields(&row, ORDER_FIELDS);
        assert_places(&row, "ft_ord_qty ft_ccld_qty nccs_qty", 0);
        assert_places(&row, "ft_ord_unpr3 ft_ccld_unpr3", 8);
        assert_places(&row, "ft_ccld_amt3", 5);
        let (branch, name) = match mode {
            Mode::Paper => ("00950", "보통"),
            Mode::Real => ("01790", ""),
        };
        for (field, value) in [
            ("ord_dt", TODAY),
            ("ord_gno_brno", branch),
            ("orgn_odno", ""),
            ("sll_buy_dvsn_cd", "02"),
            ("sll_buy_dvsn_cd_name", "매수"),
            ("rvse_cncl_dvsn", "00"),
            ("rvse_cncl_dvsn_name", name),
            ("pdno", "ZZZQ"),
            ("ft_ord_qty", "5"),
            ("ft_ord_unpr3", "99.00000000"),
            ("ft_ccld_qty", "2"),
            ("ft_ccld_unpr3", "98.99000000"),
            ("ft_ccld_amt3", "197.98000"),
            ("nccs_qty", "3"),
            ("rjct_rson", ""),
            ("rjct_rson_name", ""),
            ("tr_mket_name", "나스닥"),
            ("tr_natn", "840"),
            ("tr_natn_name", "미국"),
            ("ovrs_excg_cd", "NASD"),
            ("tr_crcy_cd", "USD"),
            ("loan_type_cd", "10"),
        ] {
            assert_eq!(text(&row, field), value, "{mode:?} {field}");
        }
    }
}

#[test]
fn a_sell_row_is_called_one() {
    for mode in BOTH {
        let market = market();
        market.hold(mode, "ZZZQ", 5, "95.00");
        let client = market.client(mode);
        let order_id = client.sell("ZZZQ", 5, "110.00").order_id();
        let row = client.order_row(&order_id);
        assert_eq!(text(&row, "sll_buy_dvsn_cd"), "01");
        assert_eq!(text(&row, "sll_buy_dvsn_cd_name"), "매도");
    }
}

#[test]
fn real_rows_print_ten_digits_and_a_state() {
    let market = market();
    let client = market.client(Mode::Real);
    let open = client.buy("ZZZQ", 1, "99.00").order_id();
    let filled = client.buy("ZZZQ", 1, "99.00").order_id();
    market.post("/orders/fill", json!({"order_id": filled}));
    let row = client.order_row(&open);
    assert_eq!(text(&row, "odno"), open);
    let state = text(&row, "prcs_stat_name");
    assert!(["접수", "전송"].contains(&state), "{state:?}");
    assert_eq!(text(&row, "mdia_dvsn_name"), "OpenAPI");
    assert_eq!(text(&client.order_row(&filled), "prcs_stat_name"), "완료");
}

#[test]
fn paper_rows_print_bare_numbers_and_no_state() {
    let market = market();
    let client = market.client(Mode::Paper);
    let open = client.buy("ZZZQ", 1, "99.00").order_id();
    let filled = client.buy("ZZZQ", 1, "99.00").order_id();
    market.post("/orders/fill", json!({"order_id": filled}));
    for order_id in [&open, &filled] {
        let row = client.order_row(order_id);
        assert_eq!(text(&row, "odno"), bare(order_id));
        assert_eq!(text(&row, "prcs_stat_name"), "");
        assert_eq!(text(&row, "mdia_dvsn_name"), "");
    }
    market.quirk("paper_bare_order_ids", json!(false));
    market.quirk("paper_blank_status", json!(false));
    market.quirk("medium_on_paper", json!("OpenAPI"));
    let row = client.order_row(&filled);
    assert_eq!(text(&row, "odno"), filled);
    assert_eq!(text(&row, "prcs_stat_name"), "완료");
    assert_eq!(text(&row, "mdia_dvsn_name"), "OpenAPI");
}

#[test]
fn nothing_found_is_an_object_of_blanks() {
    let market = market();
    let client = market.client(Mode::Real);
    let answer = client.order_list(TODAY, TODAY).send();
    answer.assert_success("KIOK0560", "조회할 내용이 없습니다");
    let output = &answer.body["output"];
    assert!(output.is_object(), "{output}");
    assert_fields(output, ORDER_FIELDS);
    assert_eq!(text(output, "odno"), "");
    assert_eq!(text(output, "ft_ord_qty"), "0");
    assert_eq!(text(output, "ft_ord_unpr3"), "0.00000000");
    assert_eq!(text(output, "mdia_dvsn_name"), "OpenAPI");
    assert_eq!(text(output, "usa_amk_exts_rqst_yn"), "N");
    assert_eq!(text(output, "splt_buy_attr_name"), "00:00~04:00");
    market.quirk("empty_ccnl", json!("array"));
    let answer = client.order_list(TODAY, TODAY).send();
    answer.assert_success("KIOK0560", "조회할 내용이 없습니다");
    assert_eq!(answer.body["output"], json!([]));
}

#[test]
fn nothing_found_on_paper_is_a_success_too() {
    let market = market();
    let client = market.client(Mode::Paper);
    let answer = client.order_list(TODAY, TODAY).send();
    assert!(answer.is_success(), "{}", answer.text);
    assert!(answer.body["output"].is_object(), "{}", answer.text);
    assert_eq!(answer.output("odno"), "");
    market.quirk("empty_ccnl", json!("array"));
    let answer = client.order_list(TODAY, TODAY).send();
    assert_eq!(answer.body["output"], json!([]));
}

#[test]
fn order_lists_come_in_pages_of_20_and_15() {
    for (mode, rows) in [(Mode::Real, 20), (Mode::Paper, 15)] {
        let market = market();
        let order_ids = many_orders(&market, mode, 45);
        let client = market.client(mode);
        let pages = client.order_list(TODAY, TODAY).pages();
        let sizes: Vec<usize> = pages.iter().map(|page| page.rows("output").len()).collect();
        let wanted = if rows == 20 { vec![20, 20, 5] } else { vec![15, 15, 15] };
        assert_eq!(sizes, wanted);
        for page in &pages {
            assert_eq!(page.body["rt_cd"], "0");
            assert!(text(&page.body, "ctx_area_fk200").contains(mode.cano()));
        }
        assert_last_page(&pages[pages.len() - 1]);
        let listed: BTreeSet<String> =
            order_rows(&pages).iter().map(|row| bare(text(row, "odno")).to_owned()).collect();
        let placed: BTreeSet<String> = order_ids.iter().map(|id| bare(id).to_owned()).collect();
        assert_eq!(listed, placed);
    }
}

#[test]
fn a_trimmed_continuation_key_works_too() {
    let market = market();
    many_orders(&market, Mode::Real, 25);
    let client = market.client(Mode::Real);
    let first = client.order_list(TODAY, TODAY).send();
    assert!(first.has_more());
    let second = client
        .order_list(TODAY, TODAY)
        .header("tr_cont", "N")
        .query("CTX_AREA_FK200", text(&first.body, "ctx_area_fk200").trim())
        .query("CTX_AREA_NK200", text(&first.body, "ctx_area_nk200").trim())
        .send();
    assert_eq!(second.rows("output").len(), 5);
    assert_last_page(&second);
}

#[test]
fn a_page_that_is_just_full_is_the_last() {
    let market = market();
    many_orders(&market, Mode::Real, 20);
    let client = market.client(Mode::Real);
    let pages = client.order_list(TODAY, TODAY).pages();
    assert_eq!(order_rows(&pages).len(), 20);
}

#[test]
fn an_order_list_can_be_turned_round() {
    for mode in BOTH {
        let market = market();
        let order_ids = many_orders(&market, mode, 4);
        let client = market.client(mode);
        let numbers = || -> Vec<String> {
            let rows = client.order_rows();
            rows.iter().map(|row| bare(text(row, "odno")).to_owned()).collect()
        };
        let mut wanted: Vec<String> = order_ids.iter().map(|id| bare(id).to_owned()).collect();
        assert_eq!(numbers(), wanted, "the oldest first");
        market.quirk("ccnl_order", json!("newest_first"));
        wanted.reverse();
        assert_eq!(numbers(), wanted);
    }
}

#[test]
fn an_order_list_covers_the_days_it_was_asked_for() {
    for mode in BOTH {
        let market = market();
        let client = market.client(mode);
        let first = client.buy("ZZZQ", 1, "90.00").order_id();
        market.set_clock("2023-03-09T14:40:00Z");
        let second = client.buy("ZZZQ", 1, "91.00").order_id();
        let of = |from: &str, to: &str| symbols(&client.order_rows_between(from, to), "ft_ord_unpr3");
        assert_eq!(of("20230308", "20230308"), set(&["90.00000000"]));
        assert_eq!(of("20230309", "20230309"), set(&["91.00000000"]));
        assert_eq!(of("20230308", "20230309"), set(&["90.00000000", "91.00000000"]));
        assert!(of("20230310", "20230312").is_empty());
        assert!(!first.is_empty() && !second.is_empty());
    }
}

#[test]
fn a_real_order_list_takes_filters() {
    let market = market();
    market.hold(Mode::Real, "ZZZQ", 5, "95.00");
    let client = market.client(Mode::Real);
    let buy = client.buy("ZZZQ", 1, "90.00").order_id();
    let sell = client.sell("ZZZQ", 1, "110.00").order_id();
    let filled = client.buy("AAPL", 1, "150.00").order_id();
    market.post("/orders/fill", json!({"order_id": filled}));
    let body = client.order_body("NYSE", "YYYN", 1, "10.00");
    let elsewhere = client.post(ORDER, "TTTT1002U", &body).send().order_id();
    let listed = |name: &str, value: &str| {
        let call = client.order_list(TODAY, TODAY).query(name, value);
        symbols(&order_rows(&call.pages()), "odno")
    };
    let all = set(&[&buy, &sell, &filled, &elsewhere]);
    assert_eq!(listed("SLL_BUY_DVSN", "00"), all);
    assert_eq!(listed("SLL_BUY_DVSN", "01"), set(&[&sell]));
    assert_eq!(listed("SLL_BUY_DVSN", "02"), set(&[&buy, &filled, &elsewhere]));
    assert_eq!(listed("CCLD_NCCS_DVSN", "01"), set(&[&filled]));
    assert_eq!(listed("CCLD_NCCS_DVSN", "02"), set(&[&buy, &sell, &elsewhere]));
    assert_eq!(listed("PDNO", "ZZZQ"), set(&[&buy, &sell]));
    assert_eq!(listed("OVRS_EXCG_CD", "NYSE"), set(&[&elsewhere]));
    assert_eq!(listed("OVRS_EXCG_CD", "AMEX"), set(&[]));
    assert_eq!(listed("OVRS_EXCG_CD", "NASD"), all, "NASD is all of the US");
}

#[test]
fn an_order_list_is_not_searched_by_number() {
    let market = market();
    let client = market.client(Mode::Real);
    let first = client.buy("ZZZQ", 1, "90.00").order_id();
    let second = client.buy("ZZZQ", 1, "91.00").order_id();
    let call = client.order_list(TODAY, TODAY).query("ODNO", &first);
    assert_eq!(symbols(&order_rows(&call.pages()), "odno"), set(&[&first, &second]));
}

#[test]
fn a_list_may_lag_an_order() {
    for mode in BOTH {
        let market = market();
        market.quirk("list_lag_seconds", json!(10));
        let client = market.client(mode);
        let order_id = client.buy("ZZZQ", 1, "90.00").order_id();
        let open = || match mode {
            Mode::Real => order_rows(&client.open_orders("NASD").pages()).len(),
            Mode::Paper => client.order_rows().len(),
        };
        assert!(client.order_rows().is_empty());
        assert_eq!(open(), 0);
        assert_eq!(market.order(mode, &order_id)["state"], "open");
        market.advance(9);
        assert!(client.order_rows().is_empty());
        market.advance(2);
        assert_eq!(client.order_rows().len(), 1);
        assert_eq!(open(), 1);
    }
}

#[test]
fn open_orders_have_every_field_and_only_what_is_open() {
    let market = market();
    let client = market.client(Mode::Real);
    let open = client.buy("ZZZQ", 5, "99.00").order_id();
    market.post("/orders/fill", json!({"order_id": open, "quantity": 2, "price": "98.99"}));
    let filled = client.buy("ZZZQ", 1, "99.00").order_id();
    market.post("/orders/fill", json!({"order_id": filled}));
    let cancelled = client.buy("ZZZQ", 1, "99.00").order_id();
    client.cancel("ZZZQ", &cancelled, 1).order_id();
    let answer = client.open_orders("NASD").send();
    answer.assert_success("KIOK0510", "조회가 완료되었습니다");
    let rows = answer.rows("output");
    assert_eq!(symbols(&rows, "odno"), set(&[&open]));
    let row = &rows[0];
    assert_fields(row, OPEN_ORDER_FIELDS);
    for (field, value) in [
        ("ord_dt", TODAY),
        ("ord_gno_brno", "01790"),
        ("orgn_odno", ""),
        ("pdno", "ZZZQ"),
        ("sll_buy_dvsn_cd", "02"),
        ("sll_buy_dvsn_cd_name", "매수"),
        ("rvse_cncl_dvsn_cd", "00"),
        ("ord_tmd", "234500"),
        ("tr_crcy_cd", "USD"),
        ("natn_cd", "840"),
        ("ft_ord_qty", "5"),
        ("ft_ccld_qty", "2"),
        ("nccs_qty", "3"),
        ("ft_ord_unpr3", "99.00000000"),
        ("ft_ccld_unpr3", "98.99000000"),
        ("ft_ccld_amt3", "197.98000"),
        ("ovrs_excg_cd", "NASD"),
        ("loan_type_cd", "10"),
    ] {
        assert_eq!(text(row, field), value, "{field}");
    }
}

#[test]
fn open_orders_take_an_exchange() {
    let market = market();
    let client = market.client(Mode::Real);
    let nasdaq = client.buy("ZZZQ", 1, "90.00").order_id();
    let body = client.order_body("NYSE", "YYYN", 1, "10.00");
    let nyse = client.post(ORDER, "TTTT1002U", &body).send().order_id();
    let listed = |exchange: &str| symbols(&order_rows(&client.open_orders(exchange).pages()), "odno");
    assert_eq!(listed("NASD"), set(&[&nasdaq, &nyse]));
    assert_eq!(listed("NYSE"), set(&[&nyse]));
    assert_eq!(listed("AMEX"), set(&[]));
}

#[test]
fn open_orders_come_in_pages_of_40() {
    let market = market();
    let order_ids = many_orders(&market, Mode::Real, 45);
    let client = market.client(Mode::Real);
    let pages = client.open_orders("NASD").pages();
    let sizes: Vec<usize> = pages.iter().map(|page| page.rows("output").len()).collect();
    assert_eq!(sizes, [40, 5]);
    let listed = symbols(&order_rows(&pages), "odno");
    assert_eq!(listed, order_ids.into_iter().collect());
}

#[test]
fn no_open_orders_is_a_success() {
    let market = market();
    let answer = market.client(Mode::Real).open_orders("NASD").send();
    assert!(answer.is_success(), "{}", answer.text);
    assert!(order_rows(&[answer]).is_empty());
}

#[test]
fn a_present_balance_tells_shares_and_dollars() {
    let market = market();
    market.hold(Mode::Real, "ZZZQ", 12, "101.93");
    let answer = market.client(Mode::Real).present_balance("02").send();
    answer.assert_success("KIOK0510", "조회가 완료되었습니다");
    let row = find(&answer.rows("output1"), "pdno", "ZZZQ");
    assert_fields(
        &row,
        "prdt_name cblc_qty13 thdt_buy_ccld_qty1 thdt_sll_ccld_qty1 ccld_qty_smtl1 ord_psbl_qty1 frcr_pchs_amt \
         frcr_evlu_amt2 evlu_pfls_amt2 evlu_pfls_rt1 pdno bass_exrt buy_crcy_cd ovrs_now_pric1 avg_unpr3 \
         ovrs_excg_cd item_lnkg_excg_cd",
    );
    assert_eq!(text(&row, "ccld_qty_smtl1"), "12.00000000");
    assert_eq!(text(&row, "ord_psbl_qty1"), "12.00000000");
    assert_eq!(text(&row, "ovrs_now_pric1"), "103.22000");
    assert_eq!(number(&row, "frcr_evlu_amt2"), decimal("1238.64"));
    assert_eq!(text(&row, "item_lnkg_excg_cd"), "NAS");
    let dollars = find(&answer.rows("output2"), "crcy_cd", "USD");
    assert_fields(
        &dollars,
        "crcy_cd_name frcr_buy_amt_smtl frcr_sll_amt_smtl frcr_dncl_amt_2 frst_bltn_exrt frcr_buy_mgn_amt \
         frcr_etc_mgna frcr_drwg_psbl_amt_1 frcr_evlu_amt2 acpl_cstd_crcy_yn nxdy_frcr_drwg_psbl_amt",
    );
    assert_eq!(number(&dollars, "frcr_dncl_amt_2"), decimal("10000"));
    let totals = &answer.body["output3"];
    assert_fields(
        totals,
        "pchs_amt_smtl evlu_amt_smtl evlu_pfls_amt_smtl dncl_amt tot_dncl_amt frcr_evlu_tota evlu_erng_rt1 \
         tot_evlu_pfls_amt tot_asst_amt frcr_use_psbl_amt tot_loan_amt",
    );
}

#[test]
fn a_present_balance_can_be_in_won() {
    let market = market();
    market.hold(Mode::Real, "ZZZQ", 12, "101.93");
    let client = market.client(Mode::Real);
    let row = find(&client.present_balance("01").send().rows("output1"), "pdno", "ZZZQ");
    let rate = number(&row, "bass_exrt");
    let won = decimal("103.22") * rate;
    assert!((number(&row, "ovrs_now_pric1") - won).abs() <= Decimal::ONE, "{row}");
}

#[test]
fn total_assets_are_shares_and_cash_in_won() {
    for mode in BOTH {
        let market = market();
        market.hold(mode, "ZZZQ", 12, "101.93");
        let client = market.client(mode);
        let answer = client.present_balance("02").send();
        assert!(answer.is_success(), "{}", answer.text);
        let rate = decimal(client.buying_power("NASD", "ZZZQ", "103.22").send().output("exrt"));
        let total = number(&answer.body["output3"], "tot_asst_amt");
        let wanted = decimal("11238.64") * rate;
        // Won are whole, each part is rounded for itself.
        assert!((total - wanted).abs() <= decimal("10"), "{total} {wanted}");
    }
}

#[test]
fn cash_in_a_present_balance_is_deposit_and_what_is_on_its_way() {
    let market = market();
    market.hold(Mode::Real, "ZZZQ", 5, "95.00");
    let client = market.client(Mode::Real);
    let buy = client.buy("ZZZQ", 3, "100.00").order_id();
    market.post("/orders/fill", json!({"order_id": buy, "price": "100.00"}));
    let sell = client.sell("ZZZQ", 5, "103.00").order_id();
    market.post("/orders/fill", json!({"order_id": sell, "price": "103.00"}));
    // Half an hour after the close at the latest, trades are in it.
    market.set_clock("2023-03-08T21:45:00Z");
    let answer = client.present_balance("02").send();
    let dollars = find(&answer.rows("output2"), "crcy_cd", "USD");
    let cash = number(&dollars, "frcr_dncl_amt_2") + number(&dollars, "frcr_sll_amt_smtl")
        - number(&dollars, "frcr_buy_amt_smtl");
    assert_eq!(cash, number(&market.account(Mode::Real), "cash"));
    assert_eq!(cash, decimal("10215"));
    let row = find(&answer.rows("output1"), "pdno", "ZZZQ");
    assert_eq!(number(&row, "ccld_qty_smtl1"), decimal("3"));
}

#[test]
fn paper_lists_everything_for_a_percent_sign_too() {
    let market = market();
    let client = market.client(Mode::Paper);
    client.buy("ZZZQ", 1, "90.00").order_id();
    let body = client.order_body("NYSE", "YYYN", 1, "10.00");
    client.post(ORDER, "VTTT1002U", &body).send().order_id();
    let call = client.order_list(TODAY, TODAY).query("OVRS_EXCG_CD", "%");
    assert_eq!(order_rows(&call.pages()).len(), 2);
}
