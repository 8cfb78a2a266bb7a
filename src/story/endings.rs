//! How a run ends that did what it is for, or had nothing to do, and what became of its orders, in words.

use chrono::NaiveDate;

use crate::domain::{IntentId, IntentState, OrderId, Percent, Side, Symbol, TokenState, Usd};
use crate::language::counts::{Age, Cancels, Orders};
use crate::language::{Sentence, sentences};

sentences! {
    orders_accepted(accepted: u64, all: Orders)
        "{accepted} of {all} accepted"
        "주문 {all} 중 {accepted}건 접수"

    would_send(orders: Orders)
        "dry run, would send {orders}"
        "연습 실행, 보낼 주문 {orders}"

    nothing_bought_from(until: &str)
        "nothing is bought from {until} New York time on"
        "뉴욕 시각 {until}부터는 매수하지 않습니다"

    after_buy_until(until: &str)
        "it is {until} or later in New York"
        "뉴욕 시각으로 {until}이(가) 지났습니다"

    sell_only()
        "[limits] trading is \"sell_only\": nothing is bought; sells and cancels go on"
        "`[limits] trading = \"sell_only\"`이므로 매수하지 않습니다. 매도와 취소는 계속합니다"

    no_candidate()
        "no watch symbol passed every rule"
        "매수 조건을 모두 통과한 관심 종목이 없습니다"

    no_position()
        "the account holds nothing"
        "보유 종목이 없습니다"

    nothing_to_sell()
        "no holding meets a sell rule"
        "매도 조건에 해당하는 보유 종목이 없습니다"

    session_not_open(date: NaiveDate)
        "the session of {date} has not opened yet"
        "{date} 정규장이 아직 열리지 않았습니다"

    session_over(date: NaiveDate)
        "the session of {date} is over"
        "{date} 정규장이 끝났습니다"

    next_session(date: NaiveDate)
        "the next trading date is {date}"
        "다음 거래일은 {date}입니다"

    session_ended()
        "the session ended before this order"
        "이 주문을 보내기 전에 장이 끝났습니다"

    ran_just_now(job: &str, ago: i64, least: i64)
        "the last {job} ended {ago} s ago, less than {least} s"
        "앞선 {job} 실행이 {ago}초 전에 끝났습니다(최소 간격 {least}초)"

    total_unknown()
        "the account's total can't be computed"
        "총자산을 계산할 수 없습니다"

    cash_too_low(cash: Usd, least: Usd)
        "{cash} USD to order with, {least} are needed"
        "주문 가능 금액이 {cash}입니다. {least} 이상이어야 합니다"

    won_not_counted(usd: Usd)
        "{usd} USD of what KIS calls orderable is won that it would convert; kis-trade uses dollars only: change won to dollars first"
        "주문 가능 금액 중 {usd}은(는) 환전하지 않은 원화입니다. kis-trade는 달러만 쓰니 먼저 환전하세요"

    past_daily_loss(down: &str, date: NaiveDate, most: Percent)
        "the account is {down} % down since the first look of {date}, more than {most} %"
        "{date} 첫 조회보다 총자산이 {down}% 줄었습니다(한도 {most}%)"

    foreign_orders(orders: &Sentence)
        "another program or a restored backup trades this account: {orders}"
        "다른 프로그램이나 백업에서 되살린 kis-trade가 이 계좌에서 거래하고 있습니다: {orders}"

    one_foreign_order(order_id: &OrderId, side: Side, quantity: u64, symbol: &Symbol)
        "{order_id} ({side} {quantity} {symbol})"
        "{order_id}({symbol} {quantity}주 {side})"

    if_known(order_id: &OrderId)
        "if it is known to you, run `kis-trade cleanup --settle foreign={order_id}`"
        "아는 주문이면 `kis-trade cleanup --settle foreign={order_id}`을(를) 실행하세요"

    buying_power_refused(said: &str)
        "KIS does not say how much of it can be ordered: {said}"
        "매수 가능 금액 조회가 거부되었습니다: {said}"

    fell(decline: &str)
        "fell {decline} % from yesterday's close"
        "전일 종가 대비 {decline}% 하락"

    profit_of_cost(profit: &str, cost: Usd)
        "profit {profit} % of cost {cost}"
        "평균단가 {cost} 대비 수익률 {profit}%"

    no_longer_held()
        "no longer held"
        "더 이상 보유하고 있지 않습니다"

    profit_moved(profit: &str)
        "profit moved to {profit} % before the order"
        "주문 직전에 수익률이 {profit}%로 바뀌었습니다"

    not_tried_after(side: Side, symbol: &Symbol)
        "not tried after the {side} of {symbol}"
        "{symbol} {side} 주문에서 멈추어 시도하지 않았습니다"

    not_sent(why: &Sentence)
        "not sent: {why}"
        "보내지 않았습니다: {why}"

    refused_at_the_gate(said: &Sentence)
        "refused at the gate: {said}"
        "접수 전에 거부되었습니다: {said}"

    price_too_old()
        "its turn came too late: the price that it rests on is too old"
        "차례가 늦어져 판단에 쓴 시세가 너무 오래되었습니다"

    list_too_old()
        "its turn came too late: the order list that it rests on is too old"
        "차례가 늦어져 판단에 쓴 주문내역이 너무 오래되었습니다"

    order_failed(side: Side, quantity: u64, symbol: &Symbol, price: Usd, why: &Sentence)
        "{side} of {quantity} {symbol} at {price}: {why}"
        "{symbol} {quantity}주 {side}(지정가 {price}): {why}"

    everybodys_refusal()
        "every order would end like this now, so no other was tried; the next run tries one"
        "지금은 어떤 주문도 같은 결과이므로 더 시도하지 않았습니다. 다음 실행에서 하나만 시도합니다"

    decides_afresh()
        "KIS said no; the next run decides afresh"
        "거부된 주문입니다. 다음 실행에서 다시 판단합니다"

    nothing_was_sent()
        "nothing was sent for it; the next run decides afresh"
        "접수되지 않은 주문입니다. 다음 실행에서 다시 판단합니다"

    remove_halt_file(file: &str)
        "remove {file} to trade again"
        "다시 거래하려면 {file}을(를) 지우세요"

    remove_halt()
        "remove the HALT file to trade again"
        "다시 거래하려면 HALT 파일을 지우세요"

    closed_and_nothing_open()
        "the market is closed and no order of ours is open"
        "휴장 시간이고 kis-trade의 미체결 주문도 없습니다"

    closed()
        "the market is closed; nothing is cancelled"
        "휴장 시간이므로 주문을 취소하지 않습니다"

    price_is_right(symbol: &Symbol)
        "{symbol} is traded again at its price, as you said"
        "확인하신 대로 {symbol}을(를) 지금 가격으로 다시 거래합니다"

    settled()
        "settled as you said"
        "알려 주신 대로 처리했습니다"

    withdrawn(name: &str, date: NaiveDate)
        "nothing more of the sheet of {date} is sent for strategy {name}"
        "전략 {name}의 {date} 주문표는 더 보내지 않습니다"

    nothing_to_cancel()
        "no order of ours is older than its limit"
        "취소할 때가 된 미체결 주문이 없습니다"

    cleaned_up(cancelled: usize, settled: usize, kept: usize)
        "{cancelled} cancelled, {settled} settled, {kept} kept"
        "취소 {cancelled}건, 결과 확정 {settled}건, 유지 {kept}건"

    cancels_not_confirmed(cancels: Cancels)
        "{cancels} tried, not confirmed by KIS's list yet; the next run looks again"
        "취소 {cancels}을(를) 요청했지만 주문내역에서 아직 확인되지 않았습니다. 다음 실행에서 다시 확인합니다"

    cancels_refused(orders: Orders)
        "KIS refused to cancel {orders}, which may still fill"
        "취소 주문 {orders}이(가) 거부되었습니다. 아직 체결될 수 있습니다"

    next_cleanup_tries_again()
        "the next cleanup tries again"
        "다음 cleanup 실행에서 다시 취소합니다"

    cancel_answered(symbol: &Symbol, order_id: &OrderId, said: &str)
        "cancel of {symbol} {order_id}: {said}"
        "{symbol} 주문 {order_id}의 취소: {said}"

    cancel_not_confirmed(side: Side, quantity: u64, price: Usd, order_id: &OrderId)
        "{side} {quantity} @ {price} ({order_id}), its cancel is not confirmed by KIS's list yet"
        "{side} {quantity}주 @ {price}({order_id}), 주문내역에서 취소가 아직 확인되지 않았습니다"

    external_order(side: Side, quantity: u64, price: Usd, order_id: &OrderId)
        "{side} {quantity} @ {price} ({order_id}) is not ours"
        "{side} {quantity}주 @ {price}({order_id}), 외부 주문"

    order_settled(side: Side, quantity: u64, price: Usd, filled: u64, id: &IntentId)
        "{side} {quantity} @ {price}, {filled} filled ({id})"
        "{side} {quantity}주 @ {price}, 체결 {filled}주({id})"

    live_order(id: &IntentId, side: Side, quantity: u64, symbol: &Symbol, price: Usd, order_id: &OrderId, state: IntentState)
        "{id} {side} {quantity} {symbol} @ {price} ({order_id}, {state})"
        "{symbol} {quantity}주 {side} @ {price}(주문번호 {order_id}, {state}, {id})"

    live_order_without_number(id: &IntentId, side: Side, quantity: u64, symbol: &Symbol, price: Usd, state: IntentState)
        "{id} {side} {quantity} {symbol} @ {price} (no number, {state})"
        "{symbol} {quantity}주 {side} @ {price}(주문번호 없음, {state}, {id})"

    looked()
        "looked at account, orders, token and last runs"
        "계좌, 주문, 토큰, 최근 실행을 조회했습니다"

    too_soon(seconds: u64)
        "KIS issues one token a minute; it may be asked again in {seconds} s"
        "접근토큰은 1분에 한 번만 발급됩니다. {seconds}초 뒤에 다시 요청할 수 있습니다"

    token_lives(state: TokenState, left: Age, until: &str)
        "token {state}, {left} left, until {until}"
        "접근토큰 {state}: {until}까지 {left} 남음"

    no_token()
        "there is no token"
        "접근토큰이 없습니다"

    check_token()
        "run `kis-trade token-check`"
        "`kis-trade token-check`을(를) 실행하세요"

    outcome_unknown(side: Side, quantity: u64, symbol: &Symbol, id: &IntentId)
        "the outcome of {side} {quantity} {symbol} ({id}) is unknown; run `kis-trade cleanup`"
        "{symbol} {quantity}주 {side} 주문({id})의 결과가 확정되지 않았습니다. `kis-trade cleanup`을(를) 실행하세요"

    unmanaged(symbols: &str)
        "{symbols} held but not managed: add to [buy] watch, to [sell] keep, or set [sell] positions = \"all\""
        "{symbols}: 보유 중이지만 관리하지 않는 종목입니다. `[buy] watch`나 `[sell] keep`에 넣거나 `[sell] positions = \"all\"`로 바꾸세요"
}
