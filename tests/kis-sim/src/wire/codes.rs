//! KIS's error codes: text, HTTP status and `rt_cd` of each.
//!
//! Texts are the portal's or captured ones. Codes marked "not captured" are this simulator's choice: KIS's
//! text is known, its code is not.

/// Halted symbol on paper; not captured.
pub const PAPER_HALTED: &str = "40910000";
/// Off-tick price on paper; not captured.
pub const PAPER_TICK: &str = "40920000";
/// A price outside the band on paper; not captured.
pub const PAPER_BAND: &str = "40930000";
/// Halted symbol on real; not captured.
pub const REAL_HALTED: &str = "APBK0655";
/// Nothing left to change or cancel on real; not captured.
pub const REAL_NOTHING_LEFT: &str = "APBK0344";
/// Off-tick price on real; its text is not captured.
pub const REAL_TICK: &str = "APTR0057";
/// A price outside the band on real; neither code nor text is captured.
pub const REAL_BAND: &str = "APBK1508";
/// A price where the order type needs one, or the other way round: the gateway cannot pass the order on.
pub const GATEWAY_FIELD: &str = "EGW00202";
/// The order type missing; its text is not captured.
pub const NO_ORDER_TYPE: &str = "IGW00019";
/// An order type that the side does not have.
pub const WRONG_ORDER_TYPE: &str = "APBK1269";
/// An order for the close after its cut-off; the text is not captured.
pub const TOO_LATE_FOR_THE_CLOSE: &str = "APBK2995";
/// An order that could meet an own open one; on Korean stocks the code means something else.
pub const SELF_TRADE: &str = "APBK1943";
/// A body field missing or invalid; not captured.
pub const BODY_FIELD: &str = "APBK0000";

const TEXTS: [(&str, &str); 80] = [
    ("EGW00001", "일시적 오류가 발생했습니다."),
    ("EGW00002", "서버 에러가 발생했습니다."),
    ("EGW00003", "접근이 거부되었습니다."),
    ("EGW00004", "권한을 부여받지 않은 고객입니다."),
    ("EGW00101", "유효하지 않은 요청입니다."),
    ("EGW00102", "AppKey는 필수입니다."),
    ("EGW00103", "유효하지 않은 AppKey입니다."),
    ("EGW00104", "AppSecret은 필수입니다."),
    ("EGW00105", "유효하지 않은 AppSecret입니다."),
    ("EGW00115", "권한부여 타입(grant_type)은 필수입니다."),
    ("EGW00116", "지원하지 않는 권한부여 타입(grant_type)입니다."),
    ("EGW00121", "유효하지 않은 token 입니다."),
    ("EGW00122", "token을 찾을 수 없습니다."),
    ("EGW00123", "기간이 만료된 token 입니다."),
    ("EGW00130", "유효하지 않은 유저(user)입니다."),
    ("EGW00131", "유효하지 않은 hashkey입니다."),
    ("EGW00132", "Content-Type이 유효하지 않습니다."),
    ("EGW00133", "접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)"),
    ("EGW00201", "초당 거래건수를 초과하였습니다."),
    ("EGW00202", "GW라우팅 중 오류가 발생했습니다."),
    ("EGW00203", "OPS라우팅 중 오류가 발생했습니다."),
    ("EGW00204", "Internal Gateway 인스턴스를 잘못 입력했습니다."),
    ("EGW00205", "credentials_type이 유효하지 않습니다.(Bearer)"),
    ("EGW00206", "API 사용 권한이 없습니다."),
    ("EGW00207", "IP 주소가 없거나 유효하지 않습니다."),
    ("EGW00208", "고객유형(custtype)이 유효하지 않습니다."),
    ("EGW00209", "일련번호(seq_no)가 유효하지 않습니다."),
    ("EGW00210", "법인고객의 경우 모의투자를 이용할 수 없습니다."),
    ("EGW00213", "모의투자 TR  이 아닙니다."),
    ("EGW00215", "원장에서 허용 가능한 초당 거래건수를 초과하였습니다."),
    ("EGW00300", "Gateway 라우팅 오류가 발생했습니다."),
    ("EGW00301", "연결 시간이 초과되었습니다. 직전 거래를 반드시 확인하세요."),
    ("EGW00302", "거래시간이 초과되었습니다. 직전 거래를 반드시 확인하세요."),
    ("EGW00303", "법인고객에게 허용되지 않은 IP접근입니다."),
    ("EGW00304", "고객식별키(법인 personalSeckey, 개인 appSecret)가 유효하지 않습니다."),
    ("EGW00316", "조회 처리 중 오류 발생하였습니다. 재 조회 수행 부탁드립니다."),
    ("EGW02004", "실전투자 TR 이 아닙니다."),
    ("IGW00009", "응답전문 구성 중 오류가 발생했습니다."),
    ("IGW00019", "주문구분을 확인해주세요."),
    ("OPSQ0001", "호출 전처리 오류 입니다."),
    ("OPSQ0002", "없는 서비스 코드 입니다"),
    ("OPSQ0003", "호출 오류 입니다."),
    ("OPSQ0008", "호출 후처리(MCI전송) 오류 입니다."),
    ("OPSQ0009", "호출 후처리(MCI수신) 오류 입니다."),
    ("OPSQ0010", "호출 결과처리(리소스 부족) 오류 입니다."),
    ("OPSQ0011", "호출 결과처리(리소스 부족) 오류 입니다."),
    ("OPSQ1002", "세션 연결 오류"),
    ("OPSQ2000", "ERROR : INPUT INVALID_CHECK_ACNO"),
    ("OPSQ2001", "ERROR : INPUT INVALID_CHECK_MRKT_DIV_CODE"),
    ("OPSQ2002", "ERROR : INPUT INVALID_CHECK_FIELD_LENGTH"),
    ("OPSQ9995", "JSON PARSING ERROR : BODY NOT FOUND"),
    ("OPSQ9997", "JSON PARSING ERROR : INVALID FORMAT"),
    ("OPSQ9999", "JSON PARSING ERROR : TR_ID NOT FOUND"),
    ("APBK0344", "정정/취소할 수량이 없습니다."),
    ("APBK0400", "주문 가능한 수량을 초과했습니다"),
    ("APBK0506", "주식주문호가단위 오류입니다."),
    ("APBK0655", "매매불가 종목입니다."),
    ("APBK0656", "해당종목정보가 없습니다."),
    ("APBK0918", "장운영시간이 아닙니다.(단,주간거래시간이면 전용화면 주문가능, 주문시간 외 불가)"),
    ("APBK0952", "주문가능금액을 초과 했습니다"),
    ("APBK0988", "주문수량이 가능수량보다 큽니다"),
    ("APBK1269", "주문구분 입력오류"),
    ("APBK1507", "시장가 주문을 할 수 없습니다."),
    ("APBK1664", "해외주식 주문가능시간이 아닙니다."),
    ("APBK1943", "자전거래 주문은 할 수 없습니다."),
    ("APBK2995", "주문접수 시간이 아닙니다."),
    ("APBK1508", "상/하한가 오류입니다."),
    ("APTR0057", "호가단위 오류입니다."),
    ("MCA00124", "해당 서비스를 찾을수 없습니다."),
    ("SYDB0050", "조회이후에 자료가 변경되었습니다.(다시 조회하세요)"),
    ("40100000", "모의투자 영업일이 아닙니다."),
    ("40240000", "모의투자 잔고내역이 없습니다."),
    ("40250000", "모의투자 주문가능금액이 부족합니다."),
    ("40330000", "모의투자 정정/취소할 수량이 없습니다."),
    ("40570000", "모의투자 장시작전 입니다."),
    ("40580000", "모의투자 장종료 입니다."),
    ("40910000", "모의투자 주문처리가 안되었습니다(매매불가 종목)"),
    ("40920000", "모의투자 주문처리가 안되었습니다(호가단위 오류)"),
    ("40930000", "모의투자 상/하한가 오류"),
    ("90000000", "모의투자에서는 해당업무가 제공되지 않습니다."),
];

/// The text of a code; empty when unknown.
pub fn text_of(code: &str) -> &'static str {
    TEXTS.iter().find(|row| row.0 == code).map_or("", |row| row.1)
}

/// HTTP status of a refusal: gateway errors 500, input and business refusals 200.
pub fn status_of(code: &str) -> u16 {
    let is_input = code.starts_with("OPSQ2");
    let is_gateway = ["EGW", "IGW", "OPSQ"].iter().any(|family| code.starts_with(family));
    if is_gateway && !is_input { 500 } else { 200 }
}

/// Whether the status of a code is one the `error_status` switch is about.
pub fn has_switched_status(code: &str) -> bool {
    code.starts_with("EGW001") || code.starts_with("EGW002")
}

/// `rt_cd` of a refusal.
pub fn return_code_of(code: &str) -> &'static str {
    match code {
        "APBK0400" | "APBK0952" | "APBK0988" | "APBK1507" | "SYDB0050" => "7",
        _ if code.starts_with("OPSQ2") => "2",
        _ => "1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_listed_once() {
        for (index, row) in TEXTS.iter().enumerate() {
            assert!(TEXTS[index + 1..].iter().all(|other| other.0 != row.0), "{}", row.0);
            assert_eq!((row.0.len(), row.1.is_empty()), (8, false), "{}", row.0);
        }
    }

    #[test]
    fn statuses() {
        for (code, status, return_code) in [
            ("EGW00123", 500, "1"),
            ("OPSQ0002", 500, "1"),
            ("OPSQ2001", 200, "2"),
            ("APBK0952", 200, "7"),
            ("40250000", 200, "1"),
            ("SYDB0050", 200, "7"),
        ] {
            assert_eq!((status_of(code), return_code_of(code)), (status, return_code), "{code}");
        }
    }
}
