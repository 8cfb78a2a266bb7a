//! A few words for each reason, rule and purpose whose stable English word stands in JSON and logs.

use crate::language::{Sentence, sentences};

/// The table, and the way from a stored word to its sentence. A word of another program's version is shown as it is.
macro_rules! names {
    ($($name:ident $en:literal $ko:literal)+) => {
        sentences! { $($name() $en $ko)+ }

        pub fn name_of(word: &str) -> Sentence {
            match word {
                $(stringify!($name) => $name(),)+
                other => Sentence::verbatim(other.replace('_', " ")),
            }
        }
    };
}

names! {
    fell_most "among those that fell most" "하락률 상위"
    take_profit "take profit" "익절"
    fallback_take_profit "take profit, best position" "익절(수익률 1위)"
    stop_loss "stop loss" "손절"
    sheet "a strategy's sheet" "전략 주문표"

    market_closed "market closed" "장 시간 아님"
    after_buy_until "past the last time to buy" "매수 마감 시각 지남"
    halted "trading is halted" "매매 중지(HALT)"
    sell_only "sell only" "매도만 허용"
    foreign_order "an external Open API order" "Open API로 들어온 외부 주문"
    daily_loss_limit "daily loss limit" "일일 손실 한도 초과"
    total_unknown "account total unknown" "총자산을 알 수 없음"
    filter_not_met "filter not met" "매수 조건(filter) 미충족"
    filter_unknown "filter price unknown" "매수 조건(filter) 시세 없음"
    cash_too_low "not enough cash" "예수금 부족"
    no_candidate "no candidate" "매수 후보 없음"
    no_position "no position" "보유 종목 없음"
    nothing_to_sell "nothing to sell" "팔 종목 없음"
    nothing_to_cancel "nothing to cancel" "취소할 주문 없음"
    ran_just_now "ran just now" "방금 실행함"
    too_soon "too soon" "아직 이름"
    order_rejected "order rejected" "주문 거부"
    order_unknown "order outcome unknown" "결과가 확정되지 않은 주문"
    lock_busy "another run was busy" "다른 실행이 진행 중"
    rate_limited "too many requests" "요청 한도 초과"
    token_refused "token refused" "접근토큰 거부"
    credentials_refused "credentials refused" "인증 정보 거부"
    gateway_unreachable "KIS unreachable" "KIS에 연결할 수 없음"
    gateway_nonsense "KIS's answer made no sense" "KIS 응답 이상"
    clock_untrusted "clock is wrong" "시계가 맞지 않음"
    state_unreadable "a state file can't be read" "상태 파일을 읽을 수 없음"
    state_unwritable "the state can't be written" "상태를 저장할 수 없음"
    state_of_another_account "state of another account" "다른 계좌의 상태 디렉터리"
    config_invalid "configuration invalid" "설정 오류"
    usage "wrong command line" "명령줄 오류"
    unexpected "unexpected failure" "예상하지 못한 오류"

    price_unknown "no price" "시세 없음"
    decline_too_small "fell too little" "하락 폭 부족"
    cooldown "cool-down after a stop loss" "손절 뒤 재매수 금지"
    rebuy_rule "re-buy rule" "재매수 조건 미충족"
    order_open "an order is open" "미체결 주문 있음"
    max_positions "enough positions" "보유 종목 수 한도"
    not_picked "others fell more" "하락률 순위 밖"
    too_expensive "one share costs too much" "1주 가격이 배정 금액 초과"
    day_limit "day limit" "일일 매수 한도"
    position_limit "position limit" "종목당 한도"
    nothing_sellable "nothing sellable" "매도 가능 수량 없음"
    not_managed "not managed" "관리 대상 아님"
    keep "kept" "팔지 않는 종목(keep)"
    loan_holding "bought on credit" "신용 매수분"
    hold "held" "보유 유지"
    foreign "external order" "외부 주문"
    too_young "too young to cancel" "아직 취소할 때 아님"
    price_suspicious "suspicious price" "의심스러운 시세"
    split_suspected "split suspected" "액면분할·병합 의심"
    untradable "can't be ordered" "주문할 수 없는 종목"
    refused_today "refused today" "오늘 거부됨"
    exchange_ambiguous "on several exchanges" "여러 거래소에서 시세 확인"
    row_set_aside "a row can't be read" "읽을 수 없는 행"
    capital_too_small "capital too small" "원금 부족"
    strategy_symbol "a strategy's symbol" "전략 종목"
    strategy_order "a strategy's order" "전략 주문"
    after_loc_cutoff "too late for closing orders" "종가 주문 마감 시각 지남"
    loc_deferred "waits for the close" "장 마감 무렵까지 대기"
    self_trade "could meet an own order" "자기 주문과 체결될 수 있음"
    ledger_mismatch "shares differ from the account" "계좌와 수량·단가 불일치"
    yesterday_unsettled "yesterday is not settled" "전날 주문 미확정"
    price_band "beyond the price band" "주문 가능 가격 범위 밖"
    not_sent_again "not sent again" "다시 보내지 않음"
    withdrawn "withdrawn" "거둔 주문표"
    rule_failed "the rule's program failed" "규칙 프로그램 실패"
    rule_timeout "the rule's program took too long" "규칙 프로그램 시간 초과"
    rule_nonsense "the rule's answer made no sense" "규칙 프로그램의 답을 읽을 수 없음"
    rule_version "the rule speaks another version" "규칙 프로그램의 프로토콜 버전이 다름"
    rule_invalid "the rule's answer is not allowed" "규칙 프로그램의 답이 규격에 맞지 않음"
    second_moc "a second order at the market" "두 번째 시장가 종가 주문"
    tag_reused "tag used for another order" "다른 주문에 쓴 태그"
    state_unknown "state of the strategy unknown" "전략 상태를 알 수 없음"
}
