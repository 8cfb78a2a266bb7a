//! What infinite buying says of a sheet and of a position that it is to take over.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::decide::strategy::infinite::shown::show_t;
use crate::domain::{Percent, Symbol, Usd};
use crate::language::{Sentence, sentences};

/// What moved T, from where to where.
pub(super) fn t_moved(before: Decimal, after: Decimal, by: &[Sentence]) -> Sentence {
    let (before, after) = (show_t(before), show_t(after));
    if by.is_empty() { t_is(&before, &after) } else { t_is_by(&before, &after, &Sentence::joined(by, ", ")) }
}

sentences! {
    normal()
        "normal"
        "일반 모드"

    reverse()
        "reverse"
        "리버스 모드"

    stop()
        "quarter stop"
        "쿼터손절 모드"

    t_is(before: &str, after: &str)
        "T {before} → {after}"
        "T값 {before} → {after}"

    t_is_by(before: &str, after: &str, by: &Sentence)
        "T {before} → {after}: {by}"
        "T값 {before} → {after}: {by}"

    cycle_ended(cycles: u32)
        "cycle {cycles} ended"
        "사이클 {cycles}회차 종료"

    reverse_since(since: NaiveDate)
        "reverse since {since}"
        "{since}부터 리버스 모드"

    reverse_ended(close: Usd, bound: Usd)
        "reverse ended: close {close} is above {bound}"
        "리버스 모드 종료: 종가 {close}이(가) {bound}보다 높습니다"

    stop_since(since: NaiveDate, buys: u32, most: u32)
        "quarter stop since {since}, {buys} of {most} buys"
        "{since}부터 쿼터손절 모드, 매수 {most}회 중 {buys}회"

    stop_ended(unit: Usd)
        "quarter stop ended, {unit} USD a day from now on"
        "쿼터손절 모드 종료, 이제 1회 매수금은 {unit}"

    from_next_cycle(principal: Usd, splits: u32)
        "this cycle goes on with principal_usd {principal} and splits {splits}; the new settings count from the next one"
        "이번 사이클은 principal_usd {principal}, splits {splits}(으)로 계속합니다. 바뀐 설정은 다음 사이클부터 적용됩니다"

    capital_too_small(unit: Usd, cap: Usd)
        "no cycle begins: {unit} USD a day would not buy two shares at {cap}"
        "사이클을 시작하지 않습니다. 1회 매수금 {unit}(으)로는 {cap}에 2주를 살 수 없습니다"

    rungs_under_a_dollar()
        "rungs under 1 USD are left out"
        "$1 미만의 사다리 주문은 내지 않습니다"

    previous_close_unknown(symbol: &Symbol)
        "the previous close of {symbol} is unknown"
        "{symbol}의 전일 종가를 알 수 없습니다"

    closes_unknown(symbol: &Symbol, count: usize)
        "the last {count} closes of {symbol} are not all known"
        "{symbol}의 최근 {count}일 종가를 다 알 수는 없습니다"

    state_unknown(strategy: &str)
        "its state can't be read, and shares are held: take them over with `kis-trade cleanup --adopt {strategy}`"
        "전략 상태를 읽을 수 없는데 보유 수량이 있습니다. `kis-trade cleanup --adopt {strategy}`로 이어받으세요"

    takes_nothing()
        "infinite_v22 computes T and cash from the shares: nothing can be set"
        "infinite_v22는 보유 수량과 평균 단가로 T값과 현금을 계산합니다. 따로 정할 수 없습니다"

    cash_negative(cash: Usd)
        "cash {cash} is less than nothing"
        "cash {cash}: 0보다 작을 수 없습니다"

    costs_more(cost: Usd, principal: Usd)
        "the shares cost {cost}, more than principal_usd {principal}: raise principal_usd"
        "보유 주식의 매입금액 {cost}이(가) principal_usd {principal}보다 많습니다. principal_usd를 올리세요"

    costs_more_set_cash(cost: Usd, principal: Usd)
        "the shares cost {cost}, more than principal_usd {principal}: set cash, or raise principal_usd"
        "보유 주식의 매입금액 {cost}이(가) principal_usd {principal}보다 많습니다. cash를 정하거나 principal_usd를 올리세요"

    more_cash_than_principal(cash: Usd, principal: Usd)
        "cash {cash} is more than principal_usd {principal}, which does not tell T: set t, too"
        "cash {cash}이(가) principal_usd {principal}보다 많아 T값을 알 수 없습니다. t도 정하세요"

    t_without_shares()
        "without shares T is 0"
        "보유 수량이 없으면 T값은 0입니다"

    t_out_of_range(t: Percent, splits: u32)
        "t {t} is not between 0 and splits {splits}"
        "t {t}: 0과 splits {splits} 사이가 아닙니다"
}
