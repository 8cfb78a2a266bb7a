//! Tests of `kis::error`.

use super::*;
use crate::domain::Concern;
use crate::exit::{Failure, Reason};
use crate::kis::testing::kind_of;

#[test]
fn every_code_of_a_read_has_its_meaning() {
    for (codes, expected) in [
        (&["EGW00121", "EGW00122", "EGW00123"][..], "token"),
        (&["EGW00201", "EGW00215"], "rate"),
        (&["EGW00102", "EGW00103", "EGW00104", "EGW00105", "EGW00304"], "credentials"),
        (&["EGW00003", "EGW00004", "EGW00130", "EGW00206", "EGW00207", "EGW00210"], "credentials"),
        (&["OPSQ2000"], "account"),
        (&["EGW02004", "EGW02006", "EGW00213"], "mode"),
        (&["EGW00001", "EGW00002", "EGW00202", "EGW00203", "EGW00316"], "unavailable"),
        (&["EGW00300", "EGW00301", "EGW00302", "OPSQ0003", "OPSQ0008", "OPSQ0009", "OPSQ1002"], "unavailable"),
        (&["EGW00101", "EGW00131", "EGW00204", "OPSQ0002", "OPSQ2001", "APBK0656", "90000000", "", "X"], "refused"),
    ] {
        for code in codes {
            assert_eq!(kind_of(&refusal_of_request(code, "말")), expected, "{code}");
        }
    }
}

#[test]
fn words_decide_where_codes_are_not_known() {
    for (code, words, expected) in [
        ("", "모의투자 서비스가 지연되고 있습니다. 잠시후 다시", "unavailable"),
        ("", "인증 시점의 계좌번호와 요청 계좌번호가 일치하지 않습니다", "account"),
        ("", "모의투자 주문이 불가한 계좌입니다", "account"),
        ("OPSQ9", "ERROR : INPUT INVALID_CHECK_ACNO", "account"),
        ("", "초당 거래건수를 초과하였습니다.", "rate"),
        ("EGW00213", "모의투자 TR  이 아닙니다.", "mode"),
        ("EGW00213", "제휴사명(corpname)은 필수 입니다.", "refused"),
    ] {
        assert_eq!(kind_of(&refusal_of_request(code, words)), expected, "{words}");
    }
}

#[test]
fn every_failure_has_its_exit_reason_and_next_step_and_only_what_passes_is_tried_again() {
    for (code, exit, reason, may_pass) in [
        ("EGW00002", 69, Reason::GatewayUnreachable, true),
        ("EGW00201", 75, Reason::RateLimited, true),
        ("EGW00123", 77, Reason::TokenRefused, false),
        ("EGW00304", 77, Reason::CredentialsRefused, false),
        ("OPSQ2000", 78, Reason::ConfigInvalid, false),
        ("EGW02004", 78, Reason::ConfigInvalid, false),
        ("APBK0656", 69, Reason::GatewayNonsense, false),
        ("APBK9999", 69, Reason::GatewayNonsense, false),
    ] {
        let refusal = refusal_of_request(code, "words of KIS");
        assert_eq!(refusal.may_pass(), may_pass, "{code}");
        let failure = refusal.into_failure(&Sentence::verbatim("the list of orders"));
        assert_eq!((failure.exit().code(), failure.reason), (exit, reason), "{code}");
        assert_eq!(failure.said.what, "the list of orders can't be read", "a sentence");
        assert!(failure.said.because.contains(code) && failure.said.because.contains("words of KIS"), "{failure:?}");
        assert!(!failure.said.next.is_empty());
    }
    assert!(KisError::Nonsense { detail: Sentence::default() }.may_pass());
    let pace = Failure::new(Reason::StateUnwritable, Sentence::verbatim("pacing file"));
    assert_eq!(KisError::NotSent(pace.clone()).into_failure(&Sentence::verbatim("x")), pace);
}

#[test]
fn definite_refusals_are_listed_and_nothing_else_is_one() {
    use Refusal::{Cash, MarketClosed, NoRight, Other, Shares, System, Untradable, WrongListing};
    for (code, words, expected) in [
        (
            "APBK0918",
            "장운영시간이 아닙니다.(단,주간거래시간이면 전용화면 주문가능, 주문시간 외 불가)",
            Some(MarketClosed),
        ),
        ("APBK0918", "주문가능금액을 초과 했습니다", Some(Cash)),
        ("APBK1664", "", Some(MarketClosed)),
        ("APBK0919", "장운영일자가 주문일과 상이합니다", Some(MarketClosed)),
        ("APBK0952", "주문가능금액을 초과 했습니다", Some(Cash)),
        ("APBK0400", "주문 가능한 수량을 초과했습니다", Some(Shares)),
        ("APBK1234", "", Some(Shares)),
        ("APBK0656", "해당종목정보가 없습니다.", Some(WrongListing)),
        ("APBK0656", "", Some(WrongListing)),
        ("APBK1507", "", Some(Other)),
        ("APBK0506", "주식주문호가단위 오류", Some(Other)),
        ("APBK0955", "", Some(Other)),
        ("APBK1672", "", Some(Untradable)),
        ("APBK1058", "", Some(Untradable)),
        ("APBK1663", "", Some(Untradable)),
        ("APBK2995", "", Some(MarketClosed)),
        ("APBK0988", "주문수량이 가능수량보다 큽니다", Some(Shares)),
        ("APBK9999", "주문수량이 가능수량보다 큽니다", Some(Shares)),
        ("APBK1943", "자전거래 주문입니다", Some(Other)),
        ("", "자전거래 위험이 있는 주문입니다", Some(Other)),
        ("APBK1269", "주문구분 입력오류", Some(Other)),
        ("IGW00019", "주문구분을 확인하세요", Some(Other)),
        ("EGW00101", "유효하지 않은 요청입니다.", Some(System)),
        ("OPSQ0002", "없는 서비스 코드 입니다", Some(System)),
        ("APBK1744", "", Some(NoRight)),
        ("40570000", "모의투자 장시작전 입니다.", Some(MarketClosed)),
        ("40580000", "모의투자 장종료 입니다.", Some(MarketClosed)),
        ("40100000", "모의투자 영업일이 아닙니다.", Some(MarketClosed)),
        ("40240000", "모의투자 잔고내역이 없습니다.", Some(Shares)),
        ("40330000", "모의투자 정정/취소할 수량이 없습니다.", Some(Other)),
        ("40250000", "모의투자 주문가능금액이 부족합니다.", Some(Cash)),
        ("40310000", "모의투자 주문가능금액이 부족합니다.", Some(Cash)),
        ("40570000", "모의투자 주문가능금액이 부족합니다.", Some(Cash)),
        ("90000000", "모의투자에서는 해당업무가 제공되지 않습니다.", Some(Untradable)),
        ("", "모의투자 주문처리가 안되었습니다(매매불가 종목)", Some(Untradable)),
        ("", "모의투자 주문처리가 안되었습니다(호가단위 오류)", Some(Other)),
        ("", "모의투자 상/하한가 오류", Some(Other)),
        ("", "정정취소구분코드를 확인해주세요.", Some(Other)),
        ("", "인증 시점의 계좌번호와 요청 계좌번호가 일치하지 않습니다", Some(NoRight)),
        ("", "예수금이 부족합니다", Some(Cash)),
        ("EGW00304", "고객식별키가 유효하지 않습니다.", Some(NoRight)),
        ("EGW00103", "유효하지 않은 AppKey입니다.", Some(NoRight)),
        ("EGW02004", "실전투자 TR 이 아닙니다.", Some(NoRight)),
        ("EGW00213", "모의투자 TR  이 아닙니다.", Some(NoRight)),
        ("OPSQ2000", "ERROR : INPUT INVALID_CHECK_ACNO", Some(NoRight)),
        ("OPSQ2001", "ERROR : INPUT FIELD NOT FOUND [ORD_DVSN]", Some(Other)),
        ("EGW00300", "Gateway 라우팅 오류가 발생했습니다.", None),
        ("EGW00301", "연결 시간이 초과되었습니다. 직전 거래를 반드시 확인하세요.", None),
        ("EGW00302", "거래시간이 초과되었습니다. 직전 거래를 반드시 확인하세요.", None),
        ("EGW00202", "GW라우팅 중 오류가 발생했습니다.", None),
        ("EGW00001", "일시적 오류가 발생했습니다.", None),
        ("EGW00002", "서버 에러가 발생했습니다.", None),
        ("OPSQ0008", "", None),
        ("OPSQ0009", "", None),
        ("IGW00009", "응답전문 구성 중 오류", None),
        ("IGW00027", "장운영시간이 아닙니다", None),
        ("EGW99999", "주문가능금액을 초과 했습니다", None),
        ("APTR0057", "", Some(Other)),
        ("APAM3099", "", None),
        ("APBK9999", "새로운 오류", None),
        ("APBK9999", "accepted", None),
        ("", "모의투자 서비스가 지연되고 있습니다. 주문가능금액 초과", None),
        ("", "", None),
    ] {
        assert_eq!(definite_refusal(code, words), expected, "{code} {words}");
    }
}

#[test]
fn a_no_that_is_on_no_list_is_likely_one_when_kis_says_it_in_words() {
    for (status, code, words, expected) in [
        (200, "APBK9999", "새로운 오류", Some(Refusal::Unlisted)),
        (200, "", "주문할 수 없습니다", Some(Refusal::Unlisted)),
        (200, "MCA00124", "해당 서비스를 찾을수 없습니다.", Some(Refusal::Unlisted)),
        (500, "APBK9999", "새로운 오류", None),
        (200, "APBK9999", "", None),
        (200, "EGW99999", "새로운 오류", None),
        (200, "IGW00036", "새로운 오류", None),
        (200, "OPSQ0005", "호출 후처리 오류 입니다.", None),
        (200, "APBK9999", "직전 거래를 반드시 확인하세요.", None),
        (200, "", "모의투자 서비스가 지연되고 있습니다.", None),
        (200, "EGW00202", "GW라우팅 중 오류가 발생했습니다.", Some(Refusal::System)),
        (500, "EGW00202", "GW라우팅 중 오류가 발생했습니다.", Some(Refusal::System)),
    ] {
        assert_eq!(likely_refusal(status, code, words), expected, "{status} {code} {words}");
        assert_eq!(definite_refusal(code, words), None, "{code} {words}");
    }
}

#[test]
fn a_refusal_concerns_the_one_in_whom_its_cause_lies() {
    for (code, words, concern) in [
        ("APBK0918", "장운영시간이 아닙니다.", Concern::Market),
        ("40580000", "모의투자 장종료 입니다.", Concern::Market),
        ("EGW00101", "유효하지 않은 요청입니다.", Concern::Market),
        ("APBK0918", "주문가능금액을 초과 했습니다", Concern::Account),
        ("40250000", "모의투자 주문가능금액이 부족합니다.", Concern::Account),
        ("APBK1744", "", Concern::Account),
        ("OPSQ2000", "", Concern::Account),
        ("APBK0656", "", Concern::Symbol),
        ("", "모의투자 주문처리가 안되었습니다(매매불가 종목)", Concern::Symbol),
        ("APBK0400", "", Concern::Order),
        ("APBK1507", "", Concern::Order),
        ("APBK1943", "", Concern::Order),
    ] {
        let refusal = definite_refusal(code, words).unwrap();
        assert_eq!(refusal.concern(), concern, "{code} {words}");
        let is_everybodys = matches!(concern, Concern::Market | Concern::Account);
        assert_eq!(refusal.is_everybodys(), is_everybodys, "{code} {words}");
    }
    assert_eq!(class_of("EGW00201").concern(), Concern::Pacing);
    assert_eq!(class_of("EGW00123").concern(), Concern::Token);
    assert_eq!(class_of("EGW00301").concern(), Concern::Unknown);
}
