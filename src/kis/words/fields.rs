//! What is wrong with a field of an answer.

use crate::language::sentences;

sentences! {
    no_text(key: &str)
        "{key} is not a text"
        "{key}이(가) 문자열이 아닙니다"

    missing(key: &str)
        "{key} is missing"
        "{key}이(가) 없습니다"

    blank(key: &str)
        "{key} is blank"
        "{key}이(가) 비어 있습니다"

    negative_price(key: &str)
        "{key} is a negative price"
        "{key}이(가) 음수인 가격입니다"

    no_object_in_list(key: &str)
        "{key} holds a row that is no object"
        "{key}에 객체가 아닌 행이 있습니다"

    no_list(key: &str)
        "{key} is no list"
        "{key}이(가) 목록이 아닙니다"

    no_shares(key: &str, value: &str)
        "{key} is no number of shares: \"{value}\""
        "{key} 값이 주식 수가 아닙니다: \"{value}\""

    no_amount(key: &str, value: &str)
        "{key} is no amount: \"{value}\""
        "{key} 값이 금액이 아닙니다: \"{value}\""

    no_symbol(key: &str, value: &str)
        "{key} is no US symbol: \"{value}\""
        "{key} 값이 미국 종목코드가 아닙니다: \"{value}\""

    no_side(key: &str, value: &str)
        "{key} is neither buy (02) nor sell (01): \"{value}\""
        "{key} 값이 매수(02)도 매도(01)도 아닙니다: \"{value}\""

    no_date(key: &str, value: &str)
        "{key} is no date: \"{value}\""
        "{key} 값이 날짜가 아닙니다: \"{value}\""

    no_dollars(key: &str, value: &str)
        "{key} is not USD: \"{value}\""
        "{key} 값이 USD가 아닙니다: \"{value}\""

    no_order_number(key: &str, value: &str)
        "{key} is no order number: \"{value}\""
        "{key} 값이 주문번호가 아닙니다: \"{value}\""

    no_row_kind(key: &str, value: &str)
        "{key} is no kind of order row: \"{value}\""
        "{key} 값이 알려진 주문 구분이 아닙니다: \"{value}\""

    unknown_state(key: &str, value: &str)
        "{key} is an unknown order state: \"{value}\""
        "{key} 값이 알려진 주문 상태가 아닙니다: \"{value}\""

    unknown_on_full_page(key: &str, value: &str)
        "{key} is of no known meaning on a full page: \"{value}\""
        "가득 찬 페이지의 {key} 값을 알 수 없습니다: \"{value}\""
}
