//! Orders: of the session, and without a known outcome.

use chrono::NaiveDate;

use crate::domain::{Side, Symbol};
use crate::language::sentences;

sentences! {
    title()
        "Orders"
        "주문"

    session_title(date: NaiveDate)
        "Orders of the session of {date}"
        "{date} 정규장 주문"

    session_of_today()
        "Orders of today's session"
        "당일 정규장 주문"

    no_journal()
        "The journal could not be read."
        "주문 기록을 읽지 못했습니다."

    no_list()
        "KIS's list could not be read: this is what the journal knew before."
        "주문내역을 조회하지 못했습니다. 이전까지의 주문 기록으로 보여 줍니다."

    none()
        "No order."
        "주문이 없습니다."

    left_out(count: usize)
        "Earlier orders not shown: {count}."
        "앞선 주문 {count}건은 생략했습니다."

    order(side: Side, quantity: u64, symbol: &Symbol)
        "{side} {quantity} {symbol}"
        "{symbol} {quantity}주 {side}"

    at(price: &str)
        "at {price}"
        "지정가 {price}"

    each(price: &str)
        "at {price}"
        "체결가 {price}"

    external()
        "external order"
        "외부 주문"

    filled(quantity: u64, price: &str)
        "filled {quantity} at {price}"
        "{quantity}주 체결, 평균 {price}"

    filled_of(filled: u64, quantity: u64, price: &str)
        "filled {filled} of {quantity} at {price}"
        "{quantity}주 중 {filled}주 체결, 평균 {price}"

    sent(time: &str)
        "sent {time}"
        "주문 {time}"

    fill_seen(time: &str)
        "fill seen {time}"
        "체결 확인 {time}"

    track(clock: &str)
        "Sent at {clock} New York time; its state is in the text beside it."
        "현지 시각 {clock}에 냈습니다. 상태는 옆에 적혀 있습니다."

    legend_sent()
        "sent"
        "주문"

    legend_fill()
        "latest fill seen"
        "마지막 체결 확인"

    legend_open()
        "still open"
        "미체결"

    legend_end()
        "ended without a fill"
        "체결 없이 끝남"

    ended()
        "ended"
        "종료"

    unknown_state()
        "unknown"
        "결과 미확정"

    ambiguous()
        "could be several orders"
        "여러 주문과 일치"

    accepted()
        "accepted"
        "접수"

    filled_state()
        "filled"
        "체결"

    cancelled()
        "cancelled"
        "취소"

    replaced()
        "replaced"
        "정정됨"

    rejected()
        "rejected"
        "거부"

    expired()
        "expired"
        "장 마감으로 종료"

    absent()
        "never reached KIS"
        "접수되지 않음"

    not_sent()
        "not sent"
        "보내지 않음"

    unknown_title()
        "Orders without a known outcome"
        "결과가 확정되지 않은 주문"

    intent()
        "Intent"
        "주문 이름"

    order_column()
        "Order"
        "주문 내용"

    limit()
        "Limit"
        "지정가"

    when_sent()
        "Sent"
        "주문 시각"

    candidates()
        "Could be order"
        "후보 주문번호"

    answer()
        "KIS's answer"
        "KIS 응답"

    none_yet()
        "none yet"
        "아직 없음"

    no_answer()
        "none"
        "없음"
}
