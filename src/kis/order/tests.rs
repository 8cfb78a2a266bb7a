//! Tests of `kis::order`.

use super::*;
use crate::decide::test_support::row;
use crate::domain::Refusal;
use crate::kis::testing::{TOKEN, cleaner, order_request};

const ACCEPTED: &str = include_str!("../../../tests/fixtures/TTTT1002U_accepted.json");
const ACCEPTED_ON_PAPER: &str = include_str!("../../../tests/fixtures/VTTT1002U_accepted.json");
const CANCELLED: &str = include_str!("../../../tests/fixtures/VTTT1004U_done.json");
const NOTHING_LEFT: &str = include_str!("../../../tests/fixtures/VTTT1004U_nothing_left.json");

fn judged(status: u16, body: &[u8]) -> SubmitOutcome {
    let reply = Reply { status, tr_cont: String::new(), date: None, body: body.to_vec() };
    judge(&Ok(reply), &cleaner())
}

fn refused(code: &str, words: &str) -> String {
    format!(r#"{{"rt_cd":"1","msg_cd":"{code}","msg1":"{words}"}}"#)
}

#[test]
fn success_with_a_number_is_acceptance() {
    let outcome = judged(200, ACCEPTED.as_bytes());
    assert_eq!((outcome.class, outcome.http), (OutcomeClass::Accepted, Some(200)));
    assert_eq!(outcome.order_id, Some("30012345".parse().unwrap()));
    assert_eq!(outcome.branch.as_deref(), Some("01790"));
    assert_eq!(outcome.msg_cd.as_deref(), Some("APBK0013"));
    assert_eq!(outcome.msg, "주문 전송 완료 되었습니다.");
    assert_eq!(judged(200, ACCEPTED_ON_PAPER.as_bytes()).order_id, Some("12077".parse().unwrap()));
    assert_eq!(judged(500, ACCEPTED.as_bytes()).class, OutcomeClass::Accepted, "the body decides");
    assert_eq!(judged(200, CANCELLED.as_bytes()).class, OutcomeClass::Accepted);
    let bare = br#"{"rt_cd":"0","output":{"ODNO":"0000012101","ORD_TMD":"223402"}}"#;
    assert_eq!(judged(200, bare).branch, None);
}

#[test]
fn success_without_a_good_number_is_unknown() {
    for number in
        [r#""""#, r#""   ""#, r#""0000000000""#, r#""12A""#, r#""12345678901""#, "12345", "null", "[]", r#""-1""#]
    {
        let outcome = judged(200, ACCEPTED.replace(r#""0030012345""#, number).as_bytes());
        assert_eq!((outcome.class, outcome.order_id), (OutcomeClass::Unknown, None), "{number}");
    }
    for output in ["", r#","output":{}"#, r#","output":[]"#, r#","output":"0030012345""#, r#","output":[{"ODNO":"1"}]"#]
    {
        let body = format!(r#"{{"rt_cd":"0","msg_cd":"APBK0013","msg1":"x"{output}}}"#);
        assert_eq!(judged(200, body.as_bytes()).class, OutcomeClass::Unknown, "{output}");
    }
}

#[test]
fn the_gate_refuses_under_any_status() {
    for status in [200, 400, 401, 403, 500, 503] {
        for (code, token, rate) in [
            ("EGW00121", true, false),
            ("EGW00122", true, false),
            ("EGW00123", true, false),
            ("EGW00201", false, true),
            ("EGW00215", false, true),
        ] {
            let outcome = judged(status, refused(code, "말").as_bytes());
            assert_eq!(outcome.class, OutcomeClass::Refused, "{status} {code}");
            assert_eq!((outcome.token_refused, outcome.rate_limited), (token, rate), "{code}");
            let other_envelope = format!(r#"{{"error_code":"{code}","error_description":"말"}}"#);
            assert_eq!(judged(status, other_envelope.as_bytes()).class, OutcomeClass::Refused, "{code}");
        }
    }
}

#[test]
fn the_gates_words_alone_prove_nothing() {
    let outcome = judged(500, refused("EGW99999", "초당 거래건수를 초과하였습니다.").as_bytes());
    assert_eq!((outcome.class, outcome.rate_limited), (OutcomeClass::Unknown, true));
}

#[test]
fn a_refusal_with_a_number_is_unknown() {
    for code in ["EGW00201", "APBK0952"] {
        let body = format!(r#"{{"rt_cd":"1","msg_cd":"{code}","msg1":"","output":{{"ODNO":"0030012345"}}}}"#);
        let outcome = judged(200, body.as_bytes());
        assert_eq!((outcome.class, outcome.refusal, outcome.order_id), (OutcomeClass::Unknown, None, None));
        let odd = format!(r#"{{"rt_cd":"1","msg_cd":"{code}","msg1":"","output":["x"]}}"#);
        assert_eq!(judged(200, odd.as_bytes()).class, OutcomeClass::Unknown);
    }
}

#[test]
fn only_known_refusals_reject() {
    let cash = judged(200, br#"{"rt_cd":"7","msg_cd":"APBK0952","msg1":"x","output":{"ODNO":"","ORD_TMD":""}}"#);
    assert_eq!((cash.class, cash.refusal), (OutcomeClass::Rejected, Some(Refusal::Cash)));
    assert_eq!(judged(500, refused("APBK0656", "").as_bytes()).refusal, Some(Refusal::WrongListing));
    assert_eq!(judged(200, NOTHING_LEFT.as_bytes()).class, OutcomeClass::Rejected);
    for code in ["EGW00300", "EGW00301", "EGW00302", "EGW00001", "OPSQ0008", "OPSQ0009", "APBK0000", "X", ""] {
        let outcome = judged(500, refused(code, "알 수 없는 말").as_bytes());
        assert_eq!((outcome.class, outcome.refusal), (OutcomeClass::Unknown, None), "{code}");
        assert_eq!((outcome.msg_cd.as_deref(), outcome.msg.as_str()), (Some(code), "알 수 없는 말"));
    }
    for (status, code, refusal) in [(200, "APBK9999", Refusal::Unlisted), (500, "EGW00202", Refusal::System)] {
        let outcome = judged(status, refused(code, "알 수 없는 말").as_bytes());
        assert_eq!(
            (outcome.class, outcome.refusal),
            (OutcomeClass::Unknown, Some(refusal)),
            "{code}: only a list can tell"
        );
    }
}

#[test]
fn whatever_is_not_kis_speaking_is_unknown() {
    for (status, body) in [
        (200, &b""[..]),
        (200, b"<html>Service Unavailable</html>"),
        (502, b"Bad Gateway"),
        (500, b"{}"),
        (500, b"null"),
        (200, b"{\"rt_cd\":\"0\",\"rt_cd\":\"1\",\"msg_cd\":\"APBK0952\"}"),
        (200, b"{\"rt_cd\":1,\"msg_cd\":\"APBK0952\"}"),
        (200, b"{\"rt_cd\":\"\",\"msg_cd\":\"APBK0952\"}"),
        (200, b"{\"rt_cd\":\"0\",\"error_code\":\"EGW00123\",\"output\":{\"ODNO\":\"1\"}}"),
        (200, b"\xef\xbb\xbf{\"rt_cd\":\"1\",\"msg_cd\":\"APBK0952\"}"),
        (200, b"{\"rt_cd\":\"1\",\"msg_cd\":\"APBK0952\",\"msg1\":\"\xc1\xa4\"}"),
        (200, b"{\"rt_cd\":\"1\",\"msg_cd\":\"APBK0952\""),
    ] {
        let outcome = judged(status, body);
        assert_eq!(outcome.class, OutcomeClass::Unknown, "{body:?}");
        assert_eq!(outcome.http, Some(status));
        assert!(!outcome.msg.is_empty(), "{body:?}");
    }
    for status in [301, 302, 303, 307, 308] {
        assert_eq!(judged(status, ACCEPTED.as_bytes()).class, OutcomeClass::Unknown);
        assert_eq!(judged(status, refused("APBK0952", "").as_bytes()).class, OutcomeClass::Unknown);
    }
}

#[test]
fn words_leave_clean_and_without_secrets() {
    let body = refused("X", &format!("a\\u001b[31m\\n{TOKEN}\\u202eb 99999999"));
    assert_eq!(judged(200, body.as_bytes()).msg, "a[31m ***b ***");
}

#[test]
fn tr_ids_come_from_the_table() {
    for (mode, buy, sell, cancel) in
        [(Mode::Real, "TTTT1002U", "TTTT1006U", "TTTT1004U"), (Mode::Paper, "VTTT1002U", "VTTT1001U", "VTTT1004U")]
    {
        assert_eq!((order_tr_id(mode, Side::Buy), order_tr_id(mode, Side::Sell)), (buy, sell));
        assert_eq!([Side::Buy, Side::Sell].map(|side| tr_id_of(mode, side).mode), [mode; 2]);
        let order = order_request(Side::Buy);
        assert_eq!(PlaceOrder(&order).tr_id(mode), buy);
        let row = partly_filled();
        assert_eq!(CancelOrder { order: &row, exchange: Exchange::Amex }.tr_id(mode), cancel);
    }
}

fn partly_filled() -> BrokerOrder {
    let row = row("42031", Side::Buy, "SOXL", 5, "61.23");
    BrokerOrder { filled_quantity: 2, remaining_quantity: 3, ..row }
}

fn body(payload: Payload) -> String {
    let Payload::Body(fields) = payload else { panic!("a body") };
    fields.iter().map(|(key, value)| format!("{key}={value} ")).collect()
}

#[test]
fn an_order_is_sent_whole() {
    let account = AccountNumber::parse("99999999-01").unwrap();
    let start = "CANO=99999999 ACNT_PRDT_CD=01 OVRS_EXCG_CD=AMEX PDNO=SOXL ORD_QTY=3 OVRS_ORD_UNPR=61.23 CTAC_TLNO= \
                 MGCO_APTM_ODNO= ";
    for (side, rest) in [
        (Side::Buy, "SLL_TYPE= ORD_SVR_DVSN_CD=0 ORD_DVSN=00 "),
        (Side::Sell, "SLL_TYPE=00 ORD_SVR_DVSN_CD=0 ORD_DVSN=00 "),
    ] {
        let order = order_request(side);
        assert_eq!(body(PlaceOrder(&order).payload(Mode::Real, &account)), format!("{start}{rest}"));
    }
}

#[test]
fn a_cancel_names_ten_fields_and_what_remains() {
    let account = AccountNumber::parse("99999999-01").unwrap();
    let row = partly_filled();
    assert_eq!(
        body(CancelOrder { order: &row, exchange: Exchange::Amex }.payload(Mode::Paper, &account)),
        "CANO=99999999 ACNT_PRDT_CD=01 OVRS_EXCG_CD=AMEX PDNO=SOXL ORGN_ODNO=0000042031 RVSE_CNCL_DVSN_CD=02 \
         ORD_QTY=3 OVRS_ORD_UNPR=0 MGCO_APTM_ODNO= ORD_SVR_DVSN_CD=0 "
    );
}
