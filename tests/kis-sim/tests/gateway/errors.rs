//! Requests that KIS refuses before it looks at the market: headers, TR ids, accounts, fields.

use serde_json::{Value, json};

use crate::harness::*;

/// Codes for "this TR is not offered here".
const NOT_OFFERED: [&str; 3] = ["90000000", "OPSQ0002", "EGW00213"];

fn market() -> Market {
    let market = Market::at(MORNING);
    market.price("ZZZQ", "100.00");
    market
}

#[test]
fn a_token_without_bearer_is_refused() {
    for mode in BOTH {
        let market = market();
        let client = market.client(mode);
        let answer = client.price("NAS", "AAPL").header("authorization", &client.token).send();
        answer.assert_refused(500, "EGW00205");
        assert_eq!(answer.message(), "credentials_type이 유효하지 않습니다.(Bearer)");
    }
}

#[test]
fn a_request_without_a_needed_header_is_refused() {
    let market = market();
    let client = market.client(Mode::Paper);
    for name in ["authorization", "appkey", "appsecret", "tr_id"] {
        let answer = client.price("NAS", "AAPL").without_header(name).send();
        assert!(!answer.is_success(), "without {name}: {}", answer.text);
        assert_ne!(text(&answer.body, "rt_cd"), "0", "{}", answer.text);
        let code = answer.code();
        assert!(code.starts_with("EGW") || code.starts_with("OPSQ"), "without {name}: {code}");
    }
}

#[test]
fn a_wrong_secret_on_a_query_is_not_a_token_error() {
    for mode in BOTH {
        let market = market();
        let client = market.client(mode);
        let answer = client.balance("NASD").header("appsecret", &"x".repeat(180)).send();
        answer.assert_refused(500, "EGW00304");
        assert_eq!(answer.message(), "고객식별키(법인 personalSeckey, 개인 appSecret)가 유효하지 않습니다.");
        assert!(client.balance("NASD").send().is_success());
    }
}

#[test]
fn an_unknown_key_on_a_query_is_refused() {
    let market = market();
    let client = market.client(Mode::Paper);
    client.price("NAS", "AAPL").header("appkey", &"X".repeat(36)).send().assert_refused(500, "EGW00103");
}

#[test]
fn real_tr_ids_are_refused_with_a_paper_key() {
    let market = market();
    let client = market.client(Mode::Paper);
    for call in [
        client.balance("NASD").header("tr_id", "TTTS3012R"),
        client.order_list(TODAY, TODAY).header("tr_id", "TTTS3035R"),
        client.buying_power("NASD", "ZZZQ", "100.00").header("tr_id", "TTTS3007R"),
        client.present_balance("02").header("tr_id", "CTRP6504R"),
    ] {
        let answer = call.send();
        answer.assert_refused(500, "EGW00213");
        assert_eq!(answer.message(), "모의투자 TR  이 아닙니다.");
    }
    let body = client.order_body("NASD", "ZZZQ", 1, "90.00");
    client.post(ORDER, "TTTT1002U", &body).send().assert_refused(500, "EGW00213");
    assert!(market.orders(Mode::Paper).is_empty());
    assert!(market.orders(Mode::Real).is_empty());
}

#[test]
fn paper_tr_ids_are_refused_with_a_real_key() {
    let market = market();
    let client = market.client(Mode::Real);
    for call in [
        client.balance("NASD").header("tr_id", "VTTS3012R"),
        client.order_list(TODAY, TODAY).header("tr_id", "VTTS3035R"),
        client.buying_power("NASD", "ZZZQ", "100.00").header("tr_id", "VTTS3007R"),
        client.present_balance("02").header("tr_id", "VTRP6504R"),
    ] {
        let answer = call.send();
        answer.assert_refused(500, "EGW02004");
        assert!(answer.message().starts_with("실전투자 TR 이 아닙니다"));
    }
    let body = client.order_body("NASD", "ZZZQ", 1, "90.00");
    client.post(ORDER, "VTTT1002U", &body).send().assert_refused(500, "EGW02004");
    assert!(market.orders(Mode::Paper).is_empty());
    assert!(market.orders(Mode::Real).is_empty());
}

#[test]
fn paper_sells_with_1001_and_not_with_1006() {
    let market = market();
    market.hold(Mode::Paper, "ZZZQ", 10, "95.00");
    let client = market.client(Mode::Paper);
    let body = with(client.order_body("NASD", "ZZZQ", 1, "110.00"), "SLL_TYPE", "00");
    let wrong = client.post(ORDER, "VTTT1006U", &body).send();
    assert!(!wrong.is_success(), "{}", wrong.text);
    assert!(market.orders(Mode::Paper).is_empty());
    let right = client.post(ORDER, "VTTT1001U", &body).send();
    let order_id = right.order_id();
    assert_eq!(market.order(Mode::Paper, &order_id)["side"], "sell");
}

#[test]
fn a_tr_id_of_another_path_is_refused() {
    let market = market();
    let client = market.client(Mode::Real);
    for call in [
        client.balance("NASD").header("tr_id", "TTTS3035R"),
        client.balance("NASD").header("tr_id", "NONSENSE1"),
        client.price("NAS", "AAPL").header("tr_id", "HHDFS76240000"),
    ] {
        let answer = call.send();
        assert!(!answer.is_success(), "{}", answer.text);
    }
    let body = client.order_body("NASD", "ZZZQ", 1, "90.00");
    assert!(!client.post(ORDER, "TTTT1004U", &body).send().is_success());
    assert!(market.orders(Mode::Real).is_empty());
}

#[test]
fn the_tr_ids_of_the_old_night_system_are_gone() {
    let market = market();
    let client = market.client(Mode::Real);
    let body = client.order_body("NASD", "ZZZQ", 1, "90.00");
    assert!(!client.post(ORDER, "JTTT1002U", &body).send().is_success());
    let balance = client.balance("NASD").header("tr_id", "JTTT3012R");
    assert!(!balance.send().is_success());
    assert!(market.orders(Mode::Real).is_empty());
}

#[test]
fn unknown_paths_and_wrong_methods_are_refused() {
    let market = market();
    let client = market.client(Mode::Real);
    let path = "/uapi/overseas-stock/v1/trading/inquire-nothing";
    assert!(!client.get(path, "TTTS3012R").send().is_success());
    assert!(!client.get(ORDER, "TTTT1002U").send().is_success());
    let body = client.order_body("NASD", "ZZZQ", 1, "90.00");
    assert!(!client.post(BALANCE, "TTTS3012R", &body).send().is_success());
    assert!(market.orders(Mode::Real).is_empty());
}

#[test]
fn another_account_is_refused() {
    for (mode, other) in [(Mode::Paper, Mode::Real), (Mode::Real, Mode::Paper)] {
        let market = market();
        let client = market.client(mode);
        for (cano, product) in [(other.cano(), "01"), ("99999999", "01"), ("5000000", "01"), (mode.cano(), "02")] {
            let answer = client.balance("NASD").query("CANO", cano).query("ACNT_PRDT_CD", product).send();
            assert_eq!(answer.code(), "OPSQ2000", "{cano}-{product}");
            assert_ne!(answer.body["rt_cd"], "0");
            assert_eq!(answer.message(), "ERROR : INPUT INVALID_CHECK_ACNO");
        }
        let body = client.order_body("NASD", "ZZZQ", 1, "90.00");
        let answer = client.post(ORDER, mode.buy_tr(), &with(body, "CANO", other.cano())).send();
        assert!(!answer.is_success(), "{}", answer.text);
        assert!(market.orders(mode).is_empty());
        assert!(market.orders(other).is_empty());
    }
}

#[test]
fn a_missing_query_field_is_named() {
    for mode in BOTH {
        let market = market();
        let client = market.client(mode);
        for (call, field) in [
            (client.balance("NASD"), "TR_CRCY_CD"),
            (client.balance("NASD"), "OVRS_EXCG_CD"),
            (client.order_list(TODAY, TODAY), "ORD_STRT_DT"),
            (client.order_list(TODAY, TODAY), "SLL_BUY_DVSN"),
            (client.buying_power("NASD", "ZZZQ", "100.00"), "ITEM_CD"),
            (client.buying_power("NASD", "ZZZQ", "100.00"), "OVRS_ORD_UNPR"),
            (client.present_balance("02"), "WCRC_FRCR_DVSN_CD"),
            (client.price("NAS", "AAPL"), "SYMB"),
            (client.price("NAS", "AAPL"), "EXCD"),
        ] {
            let answer = call.without_query(field).send();
            assert_eq!(answer.code(), "OPSQ2001", "without {field}");
            assert_eq!(answer.body["rt_cd"], "2", "without {field}");
            assert_eq!(answer.message(), format!("ERROR : INPUT FIELD NOT FOUND [{field}]"));
        }
    }
}

#[test]
fn an_order_body_must_be_in_upper_case() {
    for mode in BOTH {
        let market = market();
        let client = market.client(mode);
        let body = client.order_body("NASD", "ZZZQ", 1, "90.00");
        let lower: Value = body
            .as_object()
            .expect("an object")
            .iter()
            .map(|(name, value)| (name.to_lowercase(), value.clone()))
            .collect();
        let answer = client.post(ORDER, mode.buy_tr(), &lower).send();
        assert!(!answer.is_success(), "{}", answer.text);
        assert!(market.orders(mode).is_empty());
    }
}

#[test]
fn an_order_body_must_hold_text_only() {
    for mode in BOTH {
        let market = market();
        let client = market.client(mode);
        for (name, value) in [("ORD_QTY", json!(1)), ("OVRS_ORD_UNPR", json!(90.5)), ("CANO", json!(50_000_001))] {
            let mut body = client.order_body("NASD", "ZZZQ", 1, "90.00");
            body[name] = value;
            let answer = client.post(ORDER, mode.buy_tr(), &body).send();
            assert!(!answer.is_success(), "{name}: {}", answer.text);
        }
        assert!(market.orders(mode).is_empty());
    }
}

#[test]
fn an_order_without_a_required_field_is_refused() {
    for mode in BOTH {
        let market = market();
        let client = market.client(mode);
        for name in ["CANO", "ACNT_PRDT_CD", "OVRS_EXCG_CD", "PDNO", "ORD_QTY", "OVRS_ORD_UNPR", "ORD_DVSN"] {
            let body = without(client.order_body("NASD", "ZZZQ", 1, "90.00"), name);
            let answer = client.post(ORDER, mode.buy_tr(), &body).send();
            assert!(!answer.is_success(), "without {name}: {}", answer.text);
            assert_ne!(answer.body["rt_cd"], "0");
        }
        assert!(market.orders(mode).is_empty());
    }
}

#[test]
fn an_order_needs_neither_telephone_nor_manager_number() {
    for mode in BOTH {
        let market = market();
        let client = market.client(mode);
        let body = client.order_body("NASD", "ZZZQ", 1, "90.00");
        let short = without(without(body, "CTAC_TLNO"), "MGCO_APTM_ODNO");
        let short = without(short, "SLL_TYPE");
        let answer = client.post(ORDER, mode.buy_tr(), &short).send();
        assert_eq!(answer.order_id().len(), 10);
    }
}

#[test]
fn a_cancel_without_its_kind_is_answered_500() {
    for mode in BOTH {
        let market = market();
        market.fill_mode("never");
        let client = market.client(mode);
        let order_id = client.buy("ZZZQ", 1, "90.00").order_id();
        let body = client.cancel_body("ZZZQ", &order_id, 1);
        let answer = client.amend(&without(body, "RVSE_CNCL_DVSN_CD"));
        assert_eq!(answer.status, 500, "{}", answer.text);
        assert_eq!(answer.body["rt_cd"], "1");
        assert_eq!(answer.message(), "정정취소구분코드를 확인해주세요.");
        assert_eq!(market.order(mode, &order_id)["state"], "open");
    }
}

#[test]
fn a_cancel_needs_neither_manager_number_nor_server_kind() {
    for mode in BOTH {
        let market = market();
        market.fill_mode("never");
        let client = market.client(mode);
        let order_id = client.buy("ZZZQ", 1, "90.00").order_id();
        let body = client.cancel_body("ZZZQ", &order_id, 1);
        let short = without(without(body, "MGCO_APTM_ODNO"), "ORD_SVR_DVSN_CD");
        assert!(client.amend(&short).is_success());
        assert_eq!(market.order(mode, &order_id)["state"], "cancelled");
    }
}

#[test]
fn continuation_keys_are_taken_in_lower_case_too() {
    for mode in BOTH {
        let market = market();
        market.quirk("page_rows", json!(1));
        market.hold(mode, "ZZZQ", 1, "95.00");
        market.hold(mode, "AAPL", 1, "150.00");
        let client = market.client(mode);
        let lower = client
            .balance("NASD")
            .without_query("CTX_AREA_FK200")
            .without_query("CTX_AREA_NK200")
            .query("ctx_area_fk200", "")
            .query("ctx_area_nk200", "");
        let first = lower.send();
        assert!(first.is_success(), "{}", first.text);
        assert!(first.has_more());
        let second = lower
            .header("tr_cont", "N")
            .query("ctx_area_fk200", text(&first.body, "ctx_area_fk200"))
            .query("ctx_area_nk200", text(&first.body, "ctx_area_nk200"))
            .send();
        assert!(second.is_success(), "{}", second.text);
        assert_ne!(text(&first.rows("output1")[0], "ovrs_pdno"), text(&second.rows("output1")[0], "ovrs_pdno"));
    }
}

#[test]
fn paper_has_no_multi_quote_and_no_price_detail() {
    let market = market();
    let client = market.client(Mode::Paper);
    for call in [client.multi_price(&[("NAS", "AAPL")]), client.price_detail("NAS", "AAPL")] {
        let answer = call.send();
        assert!(!answer.is_success(), "{}", answer.text);
        assert!(NOT_OFFERED.contains(&answer.code()), "{}", answer.text);
    }
}

#[test]
fn paper_has_no_list_of_open_orders() {
    let market = market();
    let client = market.client(Mode::Paper);
    let answer = client.open_orders("NASD").send();
    answer.assert_refused(200, "90000000");
    assert_eq!(answer.message(), "모의투자에서는 해당업무가 제공되지 않습니다.");
    let real_id = client.open_orders("NASD").header("tr_id", "TTTS3018R");
    assert!(NOT_OFFERED.contains(&real_id.send().code()));
}

#[test]
fn paper_open_orders_behave_as_others_saw_them() {
    let market = market();
    market.fill_mode("never");
    let client = market.client(Mode::Paper);
    client.buy("ZZZQ", 1, "90.00").order_id();
    market.quirk("paper_nccs", json!("empty"));
    let empty = client.open_orders("NASD").send();
    assert!(empty.is_success(), "{}", empty.text);
    assert!(order_rows(&[empty]).is_empty());
    market.quirk("paper_nccs", json!("500"));
    assert_eq!(client.open_orders("NASD").send().status, 500);
}

#[test]
fn answers_carry_their_tr_id_and_a_transaction_number() {
    for mode in BOTH {
        let market = market();
        let client = market.client(mode);
        let answer = client.balance("NASD").send();
        assert_eq!(answer.header("tr_id"), Some(mode.balance_tr()));
        assert!(answer.header("gt_uid").is_some_and(|id| id.len() == 32));
        let content = answer.header("content-type").unwrap_or_default();
        assert!(content.starts_with("application/json"), "{content}");
    }
}

#[test]
fn the_customer_type_may_be_left_out() {
    let market = market();
    let client = market.client(Mode::Paper);
    assert!(client.balance("NASD").without_header("custtype").send().is_success());
}

#[test]
fn header_names_are_taken_in_any_case() {
    let market = market();
    let client = market.client(Mode::Paper);
    let call = client
        .price("NAS", "AAPL")
        .without_header("appkey")
        .without_header("appsecret")
        .header("appKey", Mode::Paper.key())
        .header("appSecret", &Mode::Paper.secret());
    assert!(call.send().is_success());
}

#[test]
fn ledger_messages_are_padded_and_quote_messages_are_not() {
    for mode in BOTH {
        let market = market();
        let client = market.client(mode);
        let ledger = client.balance("NASD").send();
        assert!(text(&ledger.body, "msg1").ends_with("  "), "{}", ledger.text);
        let quote = client.price("NAS", "AAPL").send();
        assert_eq!(text(&quote.body, "msg1"), "정상처리 되었습니다.");
    }
}
