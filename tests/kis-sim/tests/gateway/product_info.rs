//! Both 상품기본정보 queries, 해외결제일자조회 and 실시간 (웹소켓) 접속키 발급.

use chrono::{Datelike, Weekday};
use serde_json::{Value, json};

use crate::harness::*;

const INFO: &str = "/uapi/overseas-price/v1/quotations/search-info";
const INFO_TR: &str = "CTPF1702R";
const BASIC_INFO: &str = "/uapi/domestic-stock/v1/quotations/search-info";
const BASIC_INFO_TR: &str = "CTPF1604R";
const SETTLEMENT: &str = "/uapi/overseas-stock/v1/quotations/countries-holiday";
const SETTLEMENT_TR: &str = "CTOS5011R";
const FUNDS_MORNING: &str = "2025-03-11T14:00:00Z";

fn info(client: &Client, kind: &str, symbol: &str) -> Call {
    client.get(INFO, INFO_TR).query("PRDT_TYPE_CD", kind).query("PDNO", symbol)
}

fn basic_info(client: &Client, kind: &str, symbol: &str) -> Call {
    client.get(BASIC_INFO, BASIC_INFO_TR).query("PDNO", symbol).query("PRDT_TYPE_CD", kind)
}

fn settlement(client: &Client, traded: &str) -> Call {
    client.get(SETTLEMENT, SETTLEMENT_TR).query("TRAD_DT", traded).query("CTX_AREA_NK", "").query("CTX_AREA_FK", "")
}

/// Returns the settlement rows of the US.
#[track_caller]
fn us_rows(client: &Client, traded: &str) -> Vec<Value> {
    let answer = settlement(client, traded).send();
    assert!(answer.is_success(), "{}", answer.text);
    answer.rows("output").into_iter().filter(|row| row["natn_eng_abrv_cd"] == "US").collect()
}

#[track_caller]
fn assert_names_missing(call: &Call, field: &str) {
    let answer = call.clone().without_query(field).send();
    assert_eq!(answer.code(), "OPSQ2001", "without {field}");
    assert_eq!(answer.body["rt_cd"], "2", "without {field}");
    assert_eq!(answer.message(), format!("ERROR : INPUT FIELD NOT FOUND [{field}]"));
}

#[test]
fn a_product_has_every_field() {
    let market = Market::at(MORNING);
    let answer = info(&market.client(Mode::Real), "512", "AAPL").send();
    assert!(answer.is_success(), "{}", answer.text);
    let product = &answer.body["output"];
    assert!(product.is_object(), "{}", answer.text);
    assert_fields(
        product,
        "std_pdno prdt_eng_name natn_cd natn_name tr_mket_cd tr_mket_name ovrs_excg_cd ovrs_excg_name tr_crcy_cd \
         ovrs_papr crcy_name ovrs_stck_dvsn_cd prdt_clsf_cd prdt_clsf_name sll_unit_qty buy_unit_qty tr_unit_amt \
         lstg_stck_num lstg_dt ovrs_stck_tr_stop_dvsn_cd lstg_abol_item_yn lstg_yn tax_levy_yn etp_chas_erng_rt_dbnb \
         prdt_name ovrs_stck_stop_rson_cd lstg_abol_dt ptp_item_yn ptp_item_trfx_exmt_yn dtm_tr_psbl_yn \
         ovrs_now_pric1 sgle_item_lvrg_etp_yn last_rcvg_dtime",
    );
    assert_numbers(product, "sll_unit_qty buy_unit_qty tr_unit_amt lstg_stck_num ovrs_now_pric1");
    let isin = text(product, "std_pdno");
    assert!(isin.len() == 12 && isin.starts_with("US"), "{isin:?}");
    for (name, value) in [
        ("natn_cd", "840"),
        ("natn_name", "미국"),
        ("tr_crcy_cd", "USD"),
        ("lstg_yn", "Y"),
        ("lstg_abol_item_yn", "N"),
        ("lstg_abol_dt", ""),
        ("ptp_item_yn", "N"),
        ("sgle_item_lvrg_etp_yn", "N"),
    ] {
        assert_eq!(text(product, name).trim(), value, "{name}");
    }
    assert_eq!(number(product, "sll_unit_qty"), decimal("1"));
    assert_eq!(number(product, "buy_unit_qty"), decimal("1"));
    assert!(["Y", "N"].contains(&text(product, "dtm_tr_psbl_yn")), "{product}");
    if !text(product, "lstg_dt").trim().is_empty() {
        date(product, "lstg_dt");
    }
}

#[test]
fn a_product_tells_its_exchange_and_whether_it_is_a_share_or_a_fund() {
    let market = Market::at(FUNDS_MORNING);
    let client = market.client(Mode::Real);
    let told = [("512", "AAPL"), ("512", "TQQQ"), ("529", "SOXL")].map(|(kind, symbol)| {
        let answer = info(&client, kind, symbol).send();
        assert_eq!(answer.output("ovrs_stck_tr_stop_dvsn_cd"), "01", "{symbol}");
        ["ovrs_excg_cd", "tr_mket_cd", "ovrs_stck_dvsn_cd"].map(|name| answer.output(name).to_owned())
    });
    assert_eq!(told, [["NASD", "01", "01"], ["NASD", "01", "03"], ["AMEX", "05", "03"]]);
}

#[test]
fn a_halted_product_is_told_from_one_that_trades() {
    let market = Market::still();
    let client = market.client(Mode::Real);
    assert_eq!(info(&client, "512", "ZZZQ").send().output("ovrs_stck_tr_stop_dvsn_cd"), "01");
    market.post("/prices", json!({"symbol": "ZZZQ", "halted": true}));
    assert_eq!(info(&client, "512", "ZZZQ").send().output("ovrs_stck_tr_stop_dvsn_cd"), "02");
}

#[test]
fn the_basic_query_finds_a_product_under_its_own_exchange_alone() {
    let market = Market::at(FUNDS_MORNING);
    market.price_on("NYSE", "YYYN", "11.00");
    let client = market.client(Mode::Real);
    for (symbol, own) in [("AAPL", "512"), ("TQQQ", "512"), ("YYYN", "513"), ("SOXL", "529")] {
        for kind in ["512", "513", "529"] {
            let answer = basic_info(&client, kind, symbol).send();
            assert_eq!(answer.status, 200, "{symbol} {kind}");
            let found = answer.body["rt_cd"] == "0";
            assert_eq!(found, kind == own, "{symbol} {kind}: {}", answer.text);
            if found {
                assert_eq!(answer.output("prdt_type_cd"), kind, "{symbol}");
                assert_eq!(answer.output("shtn_pdno").trim(), symbol);
                assert_fields(&answer.body["output"], "pdno std_pdno prdt_sale_stat_cd prdt_clsf_cd frst_erlm_dt");
            } else {
                assert_eq!(answer.body["rt_cd"], "7", "{symbol} {kind}: {}", answer.text);
            }
        }
    }
}

#[test]
fn the_basic_query_does_not_find_an_unknown_symbol() {
    let market = Market::at(MORNING);
    let client = market.client(Mode::Real);
    for kind in ["512", "513", "529"] {
        let answer = basic_info(&client, kind, "NOSUCH").send();
        assert_eq!((answer.status, text(&answer.body, "rt_cd")), (200, "7"), "{kind}: {}", answer.text);
    }
}

#[test]
fn a_trade_settles_on_the_next_trading_day_and_in_korea_a_day_later() {
    let market = Market::at("2025-07-08T14:00:00Z");
    let client = market.client(Mode::Real);
    for (traded, local, korean) in [
        ("20250311", "20250312", "20250313"),
        // Over a weekend, over Memorial Day, and from a half day over the Fourth of July.
        ("20250307", "20250310", "20250311"),
        ("20250523", "20250527", "20250528"),
        ("20250703", "20250707", "20250708"),
    ] {
        let rows = us_rows(&client, traded);
        assert!(rows.iter().any(|row| row["prdt_type_cd"] == "512"), "{traded}: {rows:?}");
        for row in &rows {
            assert_fields(row, "prdt_type_cd tr_natn_cd tr_natn_name natn_eng_abrv_cd tr_mket_cd tr_mket_name");
            assert_eq!(text(row, "tr_natn_cd"), "840");
            assert_eq!(text(row, "acpl_sttl_dt"), local, "{traded}: {row}");
            assert_eq!(text(row, "dmst_sttl_dt"), korean, "{traded}: {row}");
        }
        for (kind, place) in [("512", "01"), ("513", "02"), ("529", "05")] {
            let of_kind = rows.iter().filter(|row| row["prdt_type_cd"] == kind);
            assert!(of_kind.into_iter().all(|row| row["tr_mket_cd"] == place), "{kind}: {rows:?}");
        }
    }
}

#[test]
fn a_korean_settlement_is_on_no_weekend() {
    let market = Market::at("2025-07-08T14:00:00Z");
    let client = market.client(Mode::Real);
    // A Thursday, settled locally on Friday.
    for row in us_rows(&client, "20250306") {
        assert_eq!(text(&row, "acpl_sttl_dt"), "20250307");
        let korean = date(&row, "dmst_sttl_dt");
        assert!(korean > date(&row, "acpl_sttl_dt"), "{row}");
        assert!(![Weekday::Sat, Weekday::Sun].contains(&korean.weekday()), "{row}");
    }
}

#[test]
fn a_date_without_trading_in_new_york_has_no_row() {
    let market = Market::at("2025-07-08T14:00:00Z");
    let client = market.client(Mode::Real);
    for (traded, why) in [("20250308", "Saturday"), ("20250526", "Memorial Day"), ("20250704", "the Fourth of July")] {
        assert!(us_rows(&client, traded).is_empty(), "{why}");
    }
    assert!(!us_rows(&client, "20250703").is_empty(), "a half day has trading");
}

#[test]
fn a_missing_field_is_named() {
    let market = Market::at(MORNING);
    let client = market.client(Mode::Real);
    for field in ["PRDT_TYPE_CD", "PDNO"] {
        assert_names_missing(&info(&client, "512", "AAPL"), field);
        assert_names_missing(&basic_info(&client, "512", "AAPL"), field);
    }
    assert_names_missing(&settlement(&client, "20230307"), "TRAD_DT");
}

#[test]
fn product_queries_are_not_offered_on_paper() {
    let market = Market::at(MORNING);
    let client = market.client(Mode::Paper);
    for call in [info(&client, "512", "AAPL"), basic_info(&client, "512", "AAPL"), settlement(&client, "20230307")] {
        call.send().assert_refused(500, "EGW00213");
    }
}

fn approval(market: &Market, body: &Value) -> Answer {
    oauth(&market.url(), "/oauth2/Approval", body)
}

fn approval_body(mode: Mode) -> Value {
    json!({"grant_type": "client_credentials", "appkey": mode.key(), "secretkey": mode.secret()})
}

#[test]
fn a_websocket_key_costs_no_token() {
    for mode in BOTH {
        let market = Market::at(MORNING);
        let answer = approval(&market, &approval_body(mode));
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(!text(&answer.body, "approval_key").trim().is_empty());
        assert_eq!(market.read("/tokens")["issues"], 0, "{mode:?}");
        // The minute between two tokens has not begun, and a key leaves a token alone.
        let client = market.client(mode);
        assert_eq!(approval(&market, &approval_body(mode)).status, 200);
        assert!(client.price("NAS", "AAPL").send().is_success(), "{mode:?}");
    }
}

#[test]
fn a_websocket_key_needs_the_right_key_and_secret() {
    for mode in BOTH {
        let market = Market::at(MORNING);
        let body = approval_body(mode);
        for (body, code) in [
            (with(body.clone(), "appkey", &"x".repeat(36)), Some("EGW00103")),
            (with(body.clone(), "secretkey", &"x".repeat(180)), Some("EGW00105")),
            (without(body.clone(), "appkey"), None),
            // The name that tokenP has for it.
            (with(without(body, "secretkey"), "appsecret", &mode.secret()), None),
        ] {
            let answer = approval(&market, &body);
            assert_eq!(answer.status, 403, "{}", answer.text);
            assert!(!text(&answer.body, "error_description").is_empty());
            let told = text(&answer.body, "error_code");
            assert!(code.is_none_or(|code| code == told), "{told}, wanted {code:?}");
            assert!(answer.body["rt_cd"].is_null() && answer.body["approval_key"].is_null(), "{}", answer.text);
        }
    }
}

#[test]
fn a_symbol_that_is_looked_for_among_korean_stocks_costs_nothing_there() {
    for mode in BOTH {
        let market = Market::still();
        let call = market.client(mode).get("/uapi/domestic-stock/v1/quotations/inquire-price", "FHKST01010100");
        let answer = call.query("FID_COND_MRKT_DIV_CODE", "J").query("FID_INPUT_ISCD", "ZZZQ").send();
        assert!(answer.is_success(), "{mode:?}: {}", answer.text);
        assert_eq!(answer.output("stck_prpr"), "0", "{mode:?}");
    }
}
