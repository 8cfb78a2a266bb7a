//! The frame of the page, and what needs attention.

use chrono::NaiveDate;

use crate::domain::{Side, Symbol};
use crate::language::{Sentence, sentences};

sentences! {
    mode_label()
        "Mode"
        "투자 구분"

    real()
        "REAL"
        "실전"

    paper()
        "PAPER"
        "모의"

    real_money()
        "Orders spend real money."
        "실제 돈으로 주문합니다."

    practice_money()
        "A practice account: no real money."
        "모의투자 계좌입니다. 실제 돈은 쓰지 않습니다."

    account(number: &str)
        "account {number}"
        "계좌 {number}"

    as_of(here: &str, there: &str)
        "As of {here}, {there}"
        "{here} 기준({there})"

    next_update(here: &str)
        "Next update expected at {here}"
        "다음 갱신 예정 {here}"

    footer(version: &str, minutes: i64)
        "Written by kis-trade {version}. Each run of `status --html` replaces this page, and the browser reads it again every {minutes} min. Amounts are US dollars."
        "kis-trade {version}이(가) 만든 페이지입니다. `status --html`을 실행할 때마다 새로 만들어지며, 브라우저는 {minutes}분마다 다시 읽습니다. 금액 단위는 미국 달러입니다."

    attention()
        "Needs attention"
        "확인이 필요합니다"

    halted()
        "Trading is halted"
        "매매 중지(HALT)"

    sell_only()
        "Sell only"
        "매도만 허용"

    sell_only_why()
        "`[limits] trading = \"sell_only\"`: nothing is bought"
        "`[limits] trading = \"sell_only\"` 설정이므로 매수하지 않습니다"

    daily_loss()
        "Daily loss"
        "일일 손실 한도 초과"

    daily_loss_why(change: &str, date: NaiveDate, limit: &str)
        "{change} since the first total of {date}, past the limit of {limit}\u{a0}%: no more buys that day"
        "{date} 첫 평가액 대비 {change}, 한도 {limit}%를 넘었습니다. 이날은 더 매수하지 않습니다"

    outcome_unknown()
        "Outcome unknown"
        "결과가 확정되지 않은 주문"

    outcome_unknown_why(side: Side, quantity: u64, symbol: &Symbol, id: &str)
        "{side} {quantity} {symbol} ({id}); place no order for it by hand until it is resolved"
        "{symbol} {quantity}주 {side}({id}). 확정될 때까지 직접 주문하지 마세요"

    set_aside()
        "Set aside"
        "거래 보류"

    set_aside_why(symbol: &Symbol, reason: &Sentence, since: &str, detail: &Sentence)
        "{symbol}, {reason}, since {since}: {detail}"
        "{symbol}, {reason}, {since}부터: {detail}"

    standing()
        "Still in the way"
        "계속되는 문제"

    standing_why(command: &str, reason: &Sentence, since: &str, sessions: &Sentence)
        "`{command}`: {reason} since {since}, {sessions}"
        "`{command}`: {reason}, {since}부터 {sessions}"

    failed()
        "This run failed"
        "이번 조회가 실패했습니다"

    warning()
        "Warning"
        "주의"
}
