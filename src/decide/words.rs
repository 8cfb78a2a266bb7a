//! What the rules say of a symbol that they pass over or an order that they leave alone.

pub(super) mod notices;

use chrono::NaiveDate;

use crate::domain::{Exchange, IntentId, OrderId, Percent, Ratio, Side, Symbol, Usd};
use crate::language::counts::{Minutes, Shares};
use crate::language::{Sentence, sentences};

sentences! {
    not_traded_yet()
        "it has not traded today"
        "오늘 아직 거래가 없습니다"

    no_price_given()
        "KIS gives no price"
        "시세가 비어 있습니다"

    no_exchange()
        "no exchange gives a price"
        "어느 거래소에도 시세가 없습니다"

    not_answered()
        "KIS did not answer for its price"
        "시세 조회에 응답이 없습니다"

    price_refused(said: &str)
        "KIS answers for its price: {said}"
        "시세 조회가 거부되었습니다: {said}"

    ambiguous(first: Exchange, codes: &str, choice: &str, symbol: &Symbol)
        "{codes} give a price; write {choice}:{symbol}"
        "{codes}에서 모두 시세가 나옵니다. 설정에 {first}:{symbol}처럼 적어 주세요"

    moved_too_far(last: Usd, change: &str, most: Percent)
        "last {last} is {change} % from yesterday's close, more than {most} %; a split or a wrong listing looks like this"
        "현재가 {last}, 전일 종가 대비 {change}%(한도 ±{most}%). 액면분할·병합이나 종목코드를 확인하세요"

    fell_like_a_split(last: Usd, fall: &str, ratio: Ratio)
        "fell {fall} % (last {last}), as a {ratio} split would make it look"
        "현재가 {last}, 전일 종가 대비 -{fall}%: {ratio} 액면분할과 같은 폭입니다. 확인하세요"

    under_a_cent(last: Usd, cent: Usd)
        "last {last} is under {cent}, and KIS takes no order at such a price"
        "현재가 {last}: {cent} 미만은 주문할 수 없습니다"

    quote_far_from_balance(last: Usd, balance: Usd, apart: &str)
        "quote {last} and balance {balance} are {apart} % apart"
        "현재가 {last}과(와) 잔고 평가가격 {balance}이(가) {apart}% 차이 납니다"

    profit_implausible(profit: &str, low: Percent, high: Percent)
        "profit {profit} % is outside {low} to {high} %; a split looks like this"
        "수익률 {profit}%가 믿을 수 있는 범위({low}~{high}%)를 벗어났습니다. 액면분할·병합인지 확인하세요"

    no_close()
        "yesterday's close is unknown"
        "전일 종가를 알 수 없습니다"

    fills_in_doubt(side: Side, id: &IntentId, before: Shares, now: u64)
        "{side} {id} had {before} filled, and KIS's list now says {now}"
        "{side} 주문 {id}의 체결이 {before}였는데 주문내역에는 이제 {now}주로 나옵니다"

    outcome_unknown(side: Side, id: &IntentId)
        "the outcome of {side} {id} is unknown"
        "{side} 주문 {id}의 결과가 확정되지 않았습니다"

    own_order_open(side: Side, quantity: u64, price: Usd)
        "own {side} of {quantity} at {price} is open"
        "kis-trade의 {side} 주문 {quantity}주({price})가 미체결입니다"

    not_above_close(symbol: &Symbol, last: Usd, base: Usd)
        "{symbol} {last} is not above yesterday's close {base}"
        "{symbol} 현재가 {last}이(가) 전일 종가 {base}보다 높지 않습니다"

    close_unknown(symbol: &Symbol)
        "{symbol}: yesterday's close is unknown"
        "{symbol}: 전일 종가를 알 수 없습니다"

    price_unknown(symbol: &Symbol, why: &Sentence)
        "{symbol} has no known price ({why})"
        "{symbol}의 시세를 알 수 없습니다({why})"

    not_picked(decline: &str, place: usize)
        "fell {decline} %, place {place} of the candidates"
        "하락률 {decline}%, 후보 중 {place}위"

    only_place_taken()
        "the 1 position is taken"
        "보유 종목이 한도인 1개에 찼습니다"

    places_taken(taken: usize, most: u32)
        "{taken} of {most} positions are taken"
        "보유 종목이 {most}개 중 {taken}개로 한도에 찼습니다"

    rose(change: &str, last: Usd, least: Percent)
        "rose {change} % (last {last}), a fall of more than {least} % is needed"
        "{change}% 상승(현재가 {last}). {least}% 넘게 하락해야 합니다"

    fell_too_little(decline: &str, last: Usd, least: Percent)
        "fell {decline} % (last {last}), not more than {least} %"
        "{decline}% 하락(현재가 {last}). {least}%를 넘지 않습니다"

    looks_like_another()
        "an order of today looks exactly like this one"
        "오늘 낸 주문 중에 똑같은 주문이 있습니다"

    share_too_dear(price: Usd, share: Usd)
        "one share costs {price}, the share of cash is {share}"
        "1주가 {price}인데 배정된 현금은 {share}입니다"

    share_above_limit(price: Usd, most: Usd, key: &str)
        "one share costs {price} USD, more than the {most} USD that [limits] {key} allows"
        "1주가 {price}인데 [limits] {key}이(가) {most}(이)라 살 수 없습니다"

    none_allowed(price: Usd)
        "one share costs {price}, and KIS allows none"
        "1주가 {price}인데 KIS의 주문 가능 수량은 0주입니다"

    day_limit(spent: Usd, most: Usd)
        "{spent} of {most} USD are bought today"
        "오늘 매수 한도 {most} 중 {spent}을(를) 썼습니다"

    position_limit(invested: Usd, most: Usd)
        "{invested} of {most} USD are in it"
        "보유와 미체결 매수가 {invested}입니다(종목당 한도 {most})"

    cooling_down(until: NaiveDate)
        "stop loss; no re-buy before {until}"
        "손절한 종목입니다. {until} 전에는 다시 사지 않습니다"

    not_below_last_sell(last: Usd, sold: Usd)
        "last {last} is not below the last own sell at {sold}"
        "현재가 {last}이(가) 마지막 매도가 {sold}보다 낮지 않습니다"

    not_above_last_sell(last: Usd, sold: Usd)
        "last {last} is not above the last own sell at {sold}"
        "현재가 {last}이(가) 마지막 매도가 {sold}보다 높지 않습니다"

    stop_loss_held(symbol: &Symbol, order_id: &OrderId)
        "stop loss of {symbol} is due; order {order_id} holds the shares"
        "손절 조건에 닿았지만 주문 {order_id}이(가) 수량을 묶고 있습니다. 직접 확인하세요"

    cost_unknown()
        "its average cost is unknown; neither stop loss nor take profit can act"
        "매입단가를 알 수 없어 손절도 익절도 할 수 없습니다. 직접 확인하세요"

    unpriced(why: &Sentence)
        "{why}; neither stop loss nor take profit can act"
        "{why}. 손절도 익절도 할 수 없으니 직접 확인하세요"

    profit_unknown()
        "its profit can't be computed; neither stop loss nor take profit can act"
        "수익률을 계산할 수 없어 손절도 익절도 할 수 없습니다. 직접 확인하세요"

    no_limit_price(cent: Usd, last: Usd)
        "no limit price is left from {cent} to {last}"
        "{cent}에서 {last} 사이에 남은 지정가가 없습니다"

    kept(shares: Shares)
        "{shares}, kept by [sell] keep"
        "{shares}, [sell] keep 종목이라 팔지 않습니다"

    not_managed(shares: Shares)
        "{shares}, not in [buy] watch"
        "{shares}, [buy] watch에 없는 종목입니다"

    on_credit()
        "bought on credit"
        "신용으로 산 주식입니다"

    nothing_sellable(shares: u64)
        "{shares} held, 0 sellable"
        "보유 {shares}주, 매도 가능 0주"

    stop_loss_of_one_goes_on(profit: &str, stop: &Sentence, symbol: &Symbol)
        "1 share bought by kis-trade is no longer in [buy] watch: only its stop loss goes on (profit {profit} %, stop {stop}); put {symbol} back into watch to manage it, or into [sell] keep to leave it alone"
        "kis-trade가 산 1주가 [buy] watch에서 빠졌습니다. 손절만 계속합니다(수익률 {profit}%, 손절 {stop}). 계속 관리하려면 watch에 다시 넣고, 그대로 두려면 [sell] keep에 넣으세요"

    stop_loss_goes_on(own: u64, profit: &str, stop: &Sentence, symbol: &Symbol)
        "{own} shares bought by kis-trade are no longer in [buy] watch: only their stop loss goes on (profit {profit} %, stop {stop}); put {symbol} back into watch to manage it, or into [sell] keep to leave it alone"
        "kis-trade가 산 {own}주가 [buy] watch에서 빠졌습니다. 손절만 계속합니다(수익률 {profit}%, 손절 {stop}). 계속 관리하려면 watch에 다시 넣고, 그대로 두려면 [sell] keep에 넣으세요"

    stop_at(percent: Percent)
        "-{percent} %"
        "기준 -{percent}%"

    stop_off()
        "off"
        "사용 안 함"

    sells_per_run_reached(profit: &str)
        "profit {profit} %, but sells_per_run is reached"
        "수익률 {profit}%, 이번 실행의 매도 수(sells_per_run)를 다 썼습니다"

    hold(profit: &str, take: Percent, stop: Percent)
        "profit {profit} % (take {take} %, stop -{stop} %)"
        "수익률 {profit}%(익절 {take}%, 손절 -{stop}%)"

    hold_without_stop(profit: &str, take: Percent)
        "profit {profit} % (take {take} %, stop off)"
        "수익률 {profit}%(익절 {take}%, 손절 사용 안 함)"

    refused_today(side: Side, refusals: usize)
        "KIS refused this {side} {refusals} times today; left alone until the next trading date"
        "이 종목의 {side} 주문이 오늘 {refusals}번 거부되었습니다. 다음 거래일까지 주문하지 않습니다"

    stop_loss_refused(at: &str, note: &str, again: &str)
        "KIS refused this sell at {at} ({note}); a stop loss is tried again from {again} on"
        "{at}에 거부되었습니다({note}). 손절은 {again}(뉴욕) 이후 다시 시도합니다"

    cash_refused(times: usize, note: &str, cash: Usd, moved: Percent)
        "KIS refused {times} buys today for want of cash ({note}), and there are still {cash} USD to order with; nothing is bought today until they change by more than {moved} %"
        "오늘 현금 부족으로 매수 주문이 {times}번 거부되었고({note}) 주문 가능 금액은 여전히 {cash}입니다. 이 금액이 {moved}% 넘게 바뀔 때까지 오늘은 사지 않습니다"

    row_of_balance_odd(why: &Sentence)
        "its row in the balance can't be read: {why}"
        "잔고의 해당 행을 읽을 수 없습니다: {why}"

    row_of_list_odd(why: &Sentence)
        "its row in the order list can't be read: {why}"
        "주문내역의 해당 행을 읽을 수 없습니다: {why}"

    too_young(side: Side, quantity: u64, price: Usd, order_id: &OrderId, age: Minutes, most: i64)
        "{side} {quantity} @ {price} ({order_id}), {age} old, of {most}"
        "{side} {quantity}주 @ {price}({order_id}), {age} 경과({most}분이 지나면 취소)"

    never_cancelled(side: Side, quantity: u64, price: Usd, order_id: &OrderId, age: Minutes)
        "{side} {quantity} @ {price} ({order_id}), {age} old, never cancelled"
        "{side} {quantity}주 @ {price}({order_id}), {age} 경과(취소하지 않음)"

    names_an_older_order(said: &str)
        "the answer names an order that existed before: {said}"
        "응답의 주문번호가 전부터 있던 주문의 것입니다: {said}"
}
