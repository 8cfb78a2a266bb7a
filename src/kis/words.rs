//! What is wrong with an answer of KIS's, and why none came, in both languages. KIS's names of fields stay as they are.

pub(crate) mod fields;
pub(crate) mod network;

use crate::domain::OrderId;
use crate::language::sentences;

sentences! {
    empty()
        "the answer is empty"
        "응답이 비어 있습니다"

    no_object()
        "the answer is JSON, but no object"
        "응답이 JSON이지만 객체가 아닙니다"

    no_json(parser: &str, line: usize, column: usize)
        "the answer is not the JSON that KIS sends ({parser})"
        "응답이 KIS가 보내는 JSON이 아닙니다({line}행 {column}열)"

    contradictory()
        "the answer says success and an error code at once"
        "응답에 성공과 오류 코드가 함께 있습니다"

    no_result()
        "rt_cd is blank or no text"
        "rt_cd가 비어 있거나 문자열이 아닙니다"

    neither()
        "the answer says neither success nor failure"
        "응답에 성공인지 실패인지가 없습니다"

    neither_documented()
        "neither a success nor an error that KIS documents"
        "성공도 아니고 KIS 문서에 있는 오류도 아닙니다"

    redirected()
        "the gateway redirects"
        "서버가 다른 주소로 돌려보냅니다"

    redirected_with(status: u16)
        "the gateway redirects (HTTP {status})"
        "서버가 다른 주소로 돌려보냅니다(HTTP {status})"

    same_page_twice()
        "the same page of a list came twice"
        "목록의 같은 페이지가 두 번 왔습니다"

    list_without_end(seconds: f32, rows: usize)
        "a list did not end within {seconds} s: {rows} rows, and KIS says that more follow"
        "목록이 {seconds}초 안에 끝나지 않았습니다. {rows}행을 받았는데 KIS는 더 있다고 합니다"

    next_page_unknown()
        "the list goes on, but KIS does not say where"
        "목록이 이어진다고 하면서 다음 위치가 없습니다"

    next_page_is_this()
        "the list goes on where it already was"
        "목록의 다음 위치가 지금 위치와 같습니다"

    last_page_unsaid()
        "a full page does not say whether the list goes on"
        "가득 찬 페이지에 목록이 이어지는지가 없습니다"

    other_question()
        "odno is missing: the answer to another question"
        "odno가 없습니다. 다른 조회의 응답입니다"

    too_many_shares(id: &OrderId)
        "order {id}: more shares filled and open than ordered"
        "주문번호 {id}: 체결과 미체결 수량의 합이 주문 수량보다 많습니다"

    filled_at_no_price(id: &OrderId)
        "order {id}: filled at no price yet"
        "주문번호 {id}: 체결되었지만 체결가가 아직 없습니다"

    no_quantity_or_price(id: &OrderId)
        "order {id}: without quantity or price"
        "주문번호 {id}: 수량이나 가격이 없습니다"

    power_not_one_row()
        "the buying power is not one row"
        "매수 가능 금액의 응답이 한 행이 아닙니다"

    quote_not_one_row()
        "the quote is not one row"
        "시세의 응답이 한 행이 아닙니다"

    too_many_quotes(count: usize)
        "{count} symbols in one quote request"
        "시세를 한 번에 {count}종목 요청했습니다"

    no_token()
        "access_token is no token"
        "access_token이 접근토큰이 아닙니다"

    no_bearer()
        "token_type is not Bearer"
        "token_type이 Bearer가 아닙니다"

    no_life()
        "the token does not say how long it lives"
        "접근토큰의 유효 시간이 적혀 있지 않습니다"

    token_unsendable()
        "the token holds a character that cannot be sent"
        "접근토큰에 보낼 수 없는 문자가 있습니다"

    get_new_token()
        "run `kis-trade token-check --force` to get a new token"
        "`kis-trade token-check --force`로 접근토큰을 새로 받으세요"

    key_unsendable()
        "app key or app secret holds a character that cannot be sent"
        "앱키나 앱시크릿에 보낼 수 없는 문자가 있습니다"

    check_key()
        "copy app key and app secret from KIS's portal again"
        "앱키와 앱시크릿을 KIS 홈페이지에서 다시 복사하세요"
}

#[cfg(test)]
crate::language::samples! {
    f32 => 7.5,
}
