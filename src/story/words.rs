//! What stops a run on its way or worries it, in both languages.

use chrono::NaiveDate;

use crate::domain::{IntentId, OrderId, Side, Symbol};
use crate::language::{Sentence, sentences};

sentences! {
    todays_orders()
        "the list of today's orders"
        "당일 주문내역"

    earlier_orders()
        "the list of earlier orders"
        "이전 주문내역"

    buying_power()
        "the buying power"
        "매수 가능 금액"

    balance()
        "the balance"
        "잔고"

    quote_for_time()
        "a quote, for KIS's time"
        "KIS의 시각을 알기 위한 시세"

    quotes_of_all()
        "the quotes of all symbols"
        "모든 종목의 시세"

    quotes_of(names: &str)
        "the quote of {names}"
        "{names} 시세"

    close_of(symbol: &Symbol, date: NaiveDate)
        "the close of {symbol} on {date}"
        "{symbol}의 {date} 종가"

    renewed_token_refused()
        "KIS refuses the token that was renewed in this run"
        "이번 실행에서 갱신한 접근토큰도 거부되었습니다"

    reissue_app_key()
        "run `kis-trade token-check --force`; if it is refused again, issue the app key anew at KIS"
        "`kis-trade token-check --force`를 실행하세요. 또 거부되면 KIS에서 앱키를 다시 발급받으세요"

    took_too_long(seconds: u64)
        "the run took longer than {seconds} s"
        "실행 시간이 {seconds}초를 넘었습니다"

    slow_or_too_much()
        "KIS answers slowly, or too much is asked of it"
        "KIS의 응답이 느리거나 조회할 것이 너무 많습니다"

    next_run_begins_afresh()
        "the next run begins afresh; if this persists, lengthen the intervals in the crontab, or shorten [buy] watch"
        "다음 실행이 처음부터 다시 합니다. 계속되면 crontab의 실행 간격을 늘리거나 [buy] watch의 종목을 줄이세요"

    sell_waits()
        "a sell waits for the account"
        "매도 실행이 기다리고 있어 자리를 내주었습니다"

    next_run_goes_on()
        "no action needed; the next run goes on"
        "할 일은 없습니다. 다음 실행이 이어서 합니다"

    clock_untrusted()
        "this machine's clock can't be trusted"
        "이 컴퓨터의 시계를 믿을 수 없습니다"

    set_clock()
        "set the clock (for example with `timedatectl set-ntp true`); no order is sent until then"
        "시계를 맞추세요(예: `timedatectl set-ntp true`). 그때까지 주문을 보내지 않습니다"

    clock_off(seconds: i64, most: i64)
        "it is {seconds} s off the server's clock; at most {most} s are allowed"
        "KIS 서버 시각과 {seconds}초 차이가 납니다(허용 ±{most}초)"

    clock_was_off(seconds: i64)
        "a run within the last hour saw it {seconds} s off the server's clock"
        "한 시간 안에 있었던 실행에서 KIS 서버 시각과 {seconds}초 차이가 났습니다"

    clock_behind_journal(seconds: i64)
        "it is {seconds} s behind the newest line of the order journal"
        "주문 일지의 마지막 줄보다 {seconds}초 느립니다"

    line_passed_over(seconds: i64)
        "the newest line of the order journal is {seconds} s ahead of the clock, which KIS's confirms: it was written by a wrong clock, and its time is passed over"
        "주문 일지의 마지막 줄이 지금보다 {seconds}초 앞서 있습니다. 지금 시각은 KIS의 시각과 맞으므로, 틀린 시계로 쓴 줄로 보고 그 시각은 무시합니다"

    trading_goes_on(failure: &Sentence)
        "{failure}; trading goes on without it"
        "{failure}. 이 파일 없이 매매를 계속합니다"

    calendar_has_ended(last: i32, date: NaiveDate)
        "the market calendar of this release ends with {last} and does not know {date}; nothing is traded: install a newer release"
        "이 버전의 휴장일 달력은 {last}년까지라 {date}을(를) 알 수 없어 매매하지 않습니다. 새 버전을 설치하세요"

    calendar_has_not_begun(last: i32, date: NaiveDate)
        "the market calendar of this release ends with {last} and does not know {date}; nothing is traded: check the clock"
        "이 버전의 휴장일 달력({last}년까지)에 {date}이(가) 없어 매매하지 않습니다. 시계를 확인하세요"

    balance_contradicts()
        "KIS's balance contradicts the order journal"
        "KIS의 잔고가 주문 일지와 맞지 않습니다"

    believed_after_a_session()
        "if you sold or moved them yourself, it is believed after a whole session"
        "직접 팔았거나 옮겼다면 한 거래일이 지난 뒤 그대로 받아들입니다"

    unknown_order(id: &IntentId, side: Side, quantity: u64, symbol: &Symbol)
        "{id} ({side} {quantity} {symbol})"
        "{id}({symbol} {quantity}주 {side})"

    unknown_order_answered(id: &IntentId, side: Side, quantity: u64, symbol: &Symbol, said: &str)
        "{id} ({side} {quantity} {symbol}; KIS answered {said})"
        "{id}({symbol} {quantity}주 {side}, KIS 응답: {said})"

    unknown_orders(orders: &Sentence)
        "no known outcome: {orders}"
        "결과가 확정되지 않은 주문이 있습니다: {orders}"

    settle_first()
        "run `kis-trade status`; the next runs look for it; do not order by hand before it is settled"
        "`kis-trade status`로 확인하세요. 다음 실행이 계속 조회합니다. 결과가 확정될 때까지 직접 주문하지 마세요"

    token_not_renewed(why: &Sentence)
        "the token was not renewed: {why}"
        "접근토큰을 갱신하지 못했습니다: {why}"

    old_token_used(why: &Sentence)
        "the token was not renewed, the old one is used: {why}"
        "접근토큰을 갱신하지 못해 기존 접근토큰을 씁니다: {why}"

    token_for_this_run(failure: &Sentence)
        "the token serves this run only: {failure}"
        "접근토큰을 이번 실행에만 씁니다: {failure}"

    token_lives_too_long(life: &Sentence)
        "the token claims to live for {life}, more than KIS gives: check the clock"
        "접근토큰의 남은 시간이 {life}(으)로 KIS가 주는 것보다 깁니다. 시계를 확인하세요"

    token_lives_shortly(life: &Sentence)
        "the token lives for {life} only"
        "접근토큰의 남은 시간이 {life}뿐입니다"

    foreign(order_id: &OrderId, side: Side, quantity: u64, symbol: &Symbol)
        "order {order_id} ({side} {quantity} {symbol}) came through the Open API and is not ours: no buys until `kis-trade cleanup --settle foreign={order_id}`"
        "Open API로 들어온 외부 주문 {order_id}({symbol} {quantity}주 {side})이(가) 있습니다. `kis-trade cleanup --settle foreign={order_id}`를 실행할 때까지 매수하지 않습니다"
}
