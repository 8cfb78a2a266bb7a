//! Ordering and cancelling: what is sent, and what an answer proves.
//!
//! KIS takes no number of ours, so an order that may have arrived must never be sent again. An answer is therefore
//! taken for a refusal only when KIS says one that is known to be definite; everything else is unknown.

use crate::domain::account::AccountNumber;
use crate::domain::intent::{OrderRequest, OutcomeClass, Refusal};
use crate::domain::mode::Mode;
use crate::domain::order::{BrokerOrder, OrderId, Side};
use crate::domain::symbol::Exchange;
use crate::kis::clean::Cleaner;
use crate::kis::endpoint::{Endpoint, Envelope, Payload};
use crate::kis::error::{definite_refusal, is_rate_limit, is_token_code};
use crate::kis::json::{Json, Object};
use crate::kis::transport::{Progress, Reply, SendError};
use crate::kis::wire;

/// 해외주식 주문, POST `/uapi/overseas-stock/v1/trading/order`, buy real TTTT1002U, paper VTTT1002U; sell real
/// TTTT1006U, paper VTTT1001U (portal workbook of 2026-06-03).
///
/// Oddities: paper's sell id is not the real one with another first letter (a live paper account took VTTT1001U).
/// Success means accepted for transmission, never filled, also where paper says 완료. Limit orders only: paper takes
/// nothing else. Keys in upper case, every value a string. No client order id, no idempotency.
pub(crate) struct PlaceOrder<'a>(pub(crate) &'a OrderRequest);

impl Endpoint for PlaceOrder<'_> {
    const PATH: &'static str = "/uapi/overseas-stock/v1/trading/order";

    fn tr_id(&self, mode: Mode) -> &'static str {
        order_tr_id(mode, self.0.side)
    }

    fn payload(&self, _: Mode, account: &AccountNumber) -> Payload {
        let sell_type = match self.0.side {
            Side::Buy => "",
            Side::Sell => "00",
        };
        Payload::Body(vec![
            ("CANO", account.number().to_owned()),
            ("ACNT_PRDT_CD", account.product().to_owned()),
            ("OVRS_EXCG_CD", self.0.exchange.code().to_owned()),
            ("PDNO", self.0.symbol.as_str().to_owned()),
            ("ORD_QTY", self.0.quantity.to_string()),
            ("OVRS_ORD_UNPR", wire::price_text(self.0.limit_price)),
            ("CTAC_TLNO", String::new()),
            ("MGCO_APTM_ODNO", String::new()),
            ("SLL_TYPE", sell_type.to_owned()),
            ("ORD_SVR_DVSN_CD", "0".to_owned()),
            ("ORD_DVSN", "00".to_owned()),
        ])
    }
}

/// The TR id of an order.
pub(crate) fn order_tr_id(mode: Mode, side: Side) -> &'static str {
    match (mode, side) {
        (Mode::Real, Side::Buy) => "TTTT1002U",
        (Mode::Real, Side::Sell) => "TTTT1006U",
        (Mode::Paper, Side::Buy) => "VTTT1002U",
        (Mode::Paper, Side::Sell) => "VTTT1001U",
    }
}

/// 해외주식 정정취소주문, POST `/uapi/overseas-stock/v1/trading/order-rvsecncl`, real TTTT1004U, paper VTTT1004U
/// (portal workbook of 2026-06-03).
///
/// Oddities: all ten fields are needed, though the table calls some optional. The original number goes out padded to
/// ten digits. Whether a smaller quantity is honoured is not documented, so what remains is sent. The answer carries
/// a number of its own, and the list shows the request as a row of its own.
pub(crate) struct CancelOrder<'a> {
    pub(crate) order: &'a BrokerOrder,
    pub(crate) exchange: Exchange,
}

impl Endpoint for CancelOrder<'_> {
    const PATH: &'static str = "/uapi/overseas-stock/v1/trading/order-rvsecncl";

    fn tr_id(&self, mode: Mode) -> &'static str {
        match mode {
            Mode::Real => "TTTT1004U",
            Mode::Paper => "VTTT1004U",
        }
    }

    fn payload(&self, _: Mode, account: &AccountNumber) -> Payload {
        Payload::Body(vec![
            ("CANO", account.number().to_owned()),
            ("ACNT_PRDT_CD", account.product().to_owned()),
            ("OVRS_EXCG_CD", self.exchange.code().to_owned()),
            ("PDNO", self.order.symbol.as_str().to_owned()),
            ("ORGN_ODNO", self.order.order_id.to_string()),
            ("RVSE_CNCL_DVSN_CD", "02".to_owned()),
            ("ORD_QTY", self.order.remaining_quantity.to_string()),
            ("OVRS_ORD_UNPR", "0".to_owned()),
            ("MGCO_APTM_ODNO", String::new()),
            ("ORD_SVR_DVSN_CD", "0".to_owned()),
        ])
    }
}

/// What one POST came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Judgement {
    pub(crate) class: OutcomeClass,
    pub(crate) refusal: Option<Refusal>,
    pub(crate) order_id: Option<OrderId>,
    pub(crate) branch: Option<String>,
    pub(crate) token_refused: bool,
    pub(crate) rate_limited: bool,
    pub(crate) http: Option<u16>,
    pub(crate) code: Option<String>,
    pub(crate) message: String,
}

/// Tells what a POST came to, from its answer or from the lack of one.
pub(crate) fn judge(sent: &Result<Reply, SendError>, cleaner: &Cleaner) -> Judgement {
    match sent {
        Ok(reply) if (300..400).contains(&reply.status) => {
            // A redirect is nothing that KIS sends; whoever sent it has not said what became of the order.
            Judgement::without_word(OutcomeClass::Unknown, Some(reply.status), "the gateway redirects".to_owned())
        }
        Ok(reply) => match Envelope::open(&reply.body, cleaner) {
            Ok(envelope) => judge_envelope(&envelope, reply.status, cleaner),
            Err(nonsense) => {
                Judgement::without_word(OutcomeClass::Unknown, Some(reply.status), cleaner.clean(&nonsense.0))
            }
        },
        Err(error) => {
            let class = match error.progress {
                Progress::NotSent => OutcomeClass::NotSent,
                Progress::Lost | Progress::Garbled => OutcomeClass::Unknown,
            };
            Judgement::without_word(class, error.status, cleaner.clean(&error.detail))
        }
    }
}

fn judge_envelope(envelope: &Envelope, status: u16, cleaner: &Cleaner) -> Judgement {
    let (code, message) = (envelope.code.as_str(), envelope.message.as_str());
    let number = order_number(&envelope.body);
    let is_gate = is_token_code(code) || is_rate_limit(code, message);
    let mut judgement = Judgement {
        token_refused: !envelope.is_success && is_token_code(code),
        rate_limited: !envelope.is_success && is_rate_limit(code, message),
        code: (!code.is_empty()).then(|| code.to_owned()),
        ..Judgement::without_word(OutcomeClass::Unknown, Some(status), message.to_owned())
    };
    match (envelope.is_success, number) {
        (true, Number::Good(order_id)) => {
            judgement.class = OutcomeClass::Accepted;
            judgement.branch = branch(&envelope.body, cleaner);
            judgement.order_id = Some(order_id);
        }
        (false, Number::None) if is_gate => judgement.class = OutcomeClass::Refused,
        (false, Number::None) => {
            judgement.refusal = definite_refusal(code, message);
            if judgement.refusal.is_some() {
                judgement.class = OutcomeClass::Rejected;
            }
        }
        // Success without a usable number, or a refusal with one: the order may live.
        (true, Number::None | Number::Odd) | (false, Number::Good(_) | Number::Odd) => {}
    }
    judgement
}

impl Judgement {
    fn without_word(class: OutcomeClass, http: Option<u16>, message: String) -> Judgement {
        Judgement {
            class,
            refusal: None,
            order_id: None,
            branch: None,
            token_refused: false,
            rate_limited: false,
            http,
            code: None,
            message,
        }
    }
}

/// The order number in an answer.
enum Number {
    /// There is none.
    None,
    /// 1 to 10 digits.
    Good(OrderId),
    /// There is something that is no order number, or no place where one could be.
    Odd,
}

fn order_number(body: &Object) -> Number {
    let output = match body.get("output") {
        None | Some(Json::Null) => return Number::None,
        Some(Json::Text(text)) if text.trim().is_empty() => return Number::None,
        Some(Json::List(list)) if list.is_empty() => return Number::None,
        Some(Json::Object(output)) => output,
        Some(_) => return Number::Odd,
    };
    match output.get("odno") {
        None => Number::None,
        Some(Json::Text(text)) if text.trim().is_empty() => Number::None,
        Some(Json::Text(text)) => text.parse().map_or(Number::Odd, Number::Good),
        Some(_) => Number::Odd,
    }
}

fn branch(body: &Object, cleaner: &Cleaner) -> Option<String> {
    let Some(Json::Object(output)) = body.get("output") else { return None };
    let branch = cleaner.clean(wire::description(output, "krx_fwdg_ord_orgno"));
    (!branch.is_empty()).then_some(branch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kis::testing::{TOKEN, cleaner, symbol, usd};

    const ACCEPTED: &str = include_str!("../../tests/fixtures/TTTT1002U_accepted.json");
    const ACCEPTED_ON_PAPER: &str = include_str!("../../tests/fixtures/VTTT1002U_accepted.json");
    const CANCELLED: &str = include_str!("../../tests/fixtures/VTTT1004U_done.json");
    const NOTHING_LEFT: &str = include_str!("../../tests/fixtures/VTTT1004U_nothing_left.json");

    fn judged(status: u16, body: &[u8]) -> Judgement {
        let reply = Reply { status, tr_cont: String::new(), date: None, body: body.to_vec() };
        judge(&Ok(reply), &cleaner())
    }

    fn refused(code: &str, words: &str) -> String {
        format!(r#"{{"rt_cd":"1","msg_cd":"{code}","msg1":"{words}"}}"#)
    }

    #[test]
    fn success_with_a_number_is_acceptance() {
        let judgement = judged(200, ACCEPTED.as_bytes());
        assert_eq!((judgement.class, judgement.http), (OutcomeClass::Accepted, Some(200)));
        assert_eq!(judgement.order_id, Some("30012345".parse().unwrap()));
        assert_eq!(judgement.branch.as_deref(), Some("01790"));
        assert_eq!(judgement.code.as_deref(), Some("APBK0013"));
        assert_eq!(judgement.message, "주문 전송 완료 되었습니다.");
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
            let judgement = judged(200, ACCEPTED.replace(r#""0030012345""#, number).as_bytes());
            assert_eq!((judgement.class, judgement.order_id), (OutcomeClass::Unknown, None), "{number}");
        }
        for output in
            ["", r#","output":{}"#, r#","output":[]"#, r#","output":"0030012345""#, r#","output":[{"ODNO":"1"}]"#]
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
                let judgement = judged(status, refused(code, "말").as_bytes());
                assert_eq!(judgement.class, OutcomeClass::Refused, "{status} {code}");
                assert_eq!((judgement.token_refused, judgement.rate_limited), (token, rate), "{code}");
                let other_envelope = format!(r#"{{"error_code":"{code}","error_description":"말"}}"#);
                assert_eq!(judged(status, other_envelope.as_bytes()).class, OutcomeClass::Refused, "{code}");
            }
        }
    }

    #[test]
    fn a_refusal_with_a_number_is_unknown() {
        for code in ["EGW00201", "APBK0952"] {
            let body = format!(r#"{{"rt_cd":"1","msg_cd":"{code}","msg1":"","output":{{"ODNO":"0030012345"}}}}"#);
            let judgement = judged(200, body.as_bytes());
            assert_eq!((judgement.class, judgement.refusal, judgement.order_id), (OutcomeClass::Unknown, None, None));
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
            let judgement = judged(500, refused(code, "알 수 없는 말").as_bytes());
            assert_eq!((judgement.class, judgement.refusal), (OutcomeClass::Unknown, None), "{code}");
            assert_eq!(judgement.message, "알 수 없는 말");
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
            let judgement = judged(status, body);
            assert_eq!(judgement.class, OutcomeClass::Unknown, "{body:?}");
            assert_eq!(judgement.http, Some(status));
            assert!(!judgement.message.is_empty(), "{body:?}");
        }
        for status in [301, 302, 303, 307, 308] {
            assert_eq!(judged(status, ACCEPTED.as_bytes()).class, OutcomeClass::Unknown);
            assert_eq!(judged(status, refused("APBK0952", "").as_bytes()).class, OutcomeClass::Unknown);
        }
    }

    #[test]
    fn words_leave_clean_and_without_secrets() {
        let body = refused("X", &format!("a\\u001b[31m\\n{TOKEN}\\u202eb 99999999"));
        assert_eq!(judged(200, body.as_bytes()).message, "a[31m ***b ***");
    }

    #[test]
    fn tr_ids_come_from_the_table() {
        for (mode, buy, sell, cancel) in
            [(Mode::Real, "TTTT1002U", "TTTT1006U", "TTTT1004U"), (Mode::Paper, "VTTT1002U", "VTTT1001U", "VTTT1004U")]
        {
            assert_eq!((order_tr_id(mode, Side::Buy), order_tr_id(mode, Side::Sell)), (buy, sell));
            let order = request(Side::Buy);
            assert_eq!(PlaceOrder(&order).tr_id(mode), buy);
            let row = row();
            assert_eq!(CancelOrder { order: &row, exchange: Exchange::Amex }.tr_id(mode), cancel);
        }
    }

    fn request(side: Side) -> OrderRequest {
        OrderRequest {
            exchange: Exchange::Amex,
            symbol: symbol("SOXL"),
            side,
            quantity: 3,
            limit_price: usd("61.2300"),
        }
    }

    fn row() -> BrokerOrder {
        use crate::domain::order::{BrokerStatus, RowKind};
        BrokerOrder {
            date: chrono::NaiveDate::from_ymd_opt(2026, 3, 10).unwrap(),
            branch: String::new(),
            order_id: "42031".parse().unwrap(),
            original_id: None,
            kind: RowKind::Order,
            symbol: symbol("SOXL"),
            exchange: None,
            side: Side::Buy,
            quantity: 5,
            limit_price: usd("61.23"),
            filled_quantity: 2,
            average_price: usd("61.23"),
            remaining_quantity: 3,
            status: BrokerStatus::Unsaid,
            reason: String::new(),
            ordered_at: None,
            medium: String::new(),
        }
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
            let order = request(side);
            assert_eq!(body(PlaceOrder(&order).payload(Mode::Real, &account)), format!("{start}{rest}"));
        }
    }

    #[test]
    fn a_cancel_names_ten_fields_and_what_remains() {
        let account = AccountNumber::parse("99999999-01").unwrap();
        let row = row();
        assert_eq!(
            body(CancelOrder { order: &row, exchange: Exchange::Amex }.payload(Mode::Paper, &account)),
            "CANO=99999999 ACNT_PRDT_CD=01 OVRS_EXCG_CD=AMEX PDNO=SOXL ORGN_ODNO=0000042031 RVSE_CNCL_DVSN_CD=02 \
             ORD_QTY=3 OVRS_ORD_UNPR=0 MGCO_APTM_ODNO= ORD_SVR_DVSN_CD=0 "
        );
    }
}
