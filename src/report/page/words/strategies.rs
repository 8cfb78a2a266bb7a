//! Strategies and their sheets.

use crate::language::{Sentence, sentences};

/// What the configuration calls so.
pub fn kind_of(word: &str) -> Sentence {
    match word {
        "infinite_v40" => infinite("4.0"),
        "infinite_v22" => infinite("2.2"),
        _ => program(),
    }
}

sentences! {
    infinite(version: &str)
        "infinite buying {version}"
        "무한매수법 {version}"

    program()
        "a program of yours"
        "규칙 프로그램"

    nothing_is_sent()
        "Nothing is sent."
        "주문을 보내지 않습니다."

    state()
        "State"
        "상태"

    cycle(t: &str, mode: &Sentence)
        "T {t}, {mode}"
        "T값 {t}, {mode}"

    unit()
        "A day's unit"
        "1회 매수금"

    own_cash()
        "Own cash"
        "전략 현금"

    shares()
        "Shares"
        "보유 주식"

    no_sheet()
        "No sheet yet."
        "아직 주문표가 없습니다."

    role()
        "Role"
        "역할"

    kind()
        "Kind"
        "종류"

    order_state()
        "State"
        "상태"

    planned()
        "not sent yet"
        "아직 보내지 않음"

    emulated()
        "Orders for the close are emulated on a paper account: they do not fill at the closing price."
        "모의투자에서는 종가 주문을 흉내 내므로 종가에 체결되지 않습니다."
}
