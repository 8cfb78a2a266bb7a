//! What people should know of an order that KIS's list shows otherwise than the journal, in both languages.

use crate::domain::{IntentId, IntentState, OrderId, Side, Symbol};
use crate::language::sentences;

sentences! {
    turned_up(order_id: &OrderId, side: Side, quantity: u64, symbol: &Symbol, id: &IntentId, state: IntentState)
        "order {order_id} ({side} {quantity} {symbol}) turned up although intent {id} counted as {state}"
        "주문번호 {order_id}({symbol} {quantity}주 {side})이(가) 주문내역에 나타났습니다. 주문 의도 {id}은(는) {state} 상태로 보고 있었습니다"

    filled_after_end(order_id: &OrderId, state: IntentState, before: u64, now: u64)
        "order {order_id} had ended as {state} with {before} shares filled; KIS now shows {now}"
        "주문번호 {order_id}은(는) 체결 {before}주, {state} 상태로 끝났는데 주문내역에는 이제 {now}주로 나옵니다"

    fills_shrank(order_id: &OrderId, before: u64, now: u64, symbol: &Symbol)
        "order {order_id} had {before} shares filled and now shows {now}; {symbol} is not bought until `kis-trade cleanup --settle {order_id}=FILLED` says how many it was"
        "주문번호 {order_id}의 체결이 {before}주였는데 이제 {now}주로 나옵니다. `kis-trade cleanup --settle {order_id}=FILLED`로 맞는 수량을 알려 줄 때까지 {symbol}을(를) 매수하지 않습니다"

    never_listed(order_id: &OrderId)
        "order {order_id} was accepted but KIS never listed it; it counts as absent"
        "주문번호 {order_id}은(는) 접수되었지만 주문내역에 나온 적이 없어 없는 주문으로 봅니다"

    never_listed_but_moved(order_id: &OrderId, id: &IntentId)
        "order {order_id} was accepted and KIS never listed it, but shares or cash of the account have moved; look at KIS, then run `kis-trade cleanup --settle {id}=filled:QTY@PRICE` or `{id}=absent`"
        "주문번호 {order_id}은(는) 접수되었지만 주문내역에 나온 적이 없는데, 계좌의 주식이나 현금이 바뀌었습니다. KIS에서 확인한 뒤 `kis-trade cleanup --settle {id}=filled:QTY@PRICE` 또는 `{id}=absent`로 알려 주세요"
}
