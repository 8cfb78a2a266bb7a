//! What is said of a person's decision that can't be true, in both languages.

use chrono::NaiveDate;

use crate::domain::{IntentId, OrderKey, Side, Symbol, Usd};
use crate::language::sentences;

sentences! {
    forms()
        "--settle takes INTENT=ORDER_ID, INTENT=absent, INTENT=filled:QTY@PRICE, ORDER_ID=FILLED, foreign=ORDER_ID, foreign=all-of-today or price=SYMBOL"
        "--settle에는 INTENT=ORDER_ID, INTENT=absent, INTENT=filled:QTY@PRICE, ORDER_ID=FILLED, foreign=ORDER_ID, foreign=all-of-today, price=SYMBOL 가운데 하나를 적습니다"

    see_intents()
        "`kis-trade status` shows the intents and their candidates"
        "주문 의도(intent)와 후보 주문은 `kis-trade status`에 나옵니다"

    see_what_waits()
        "`kis-trade status` shows what waits for a decision"
        "확인이 필요한 것은 `kis-trade status`에 나옵니다"

    see_set_aside()
        "`kis-trade status` shows what is set aside"
        "보류 중인 종목은 `kis-trade status`에 나옵니다"

    see_order()
        "`kis-trade status` shows the order"
        "이 주문은 `kis-trade status`에 나옵니다"

    see_unknown()
        "`kis-trade status` shows the unknown orders"
        "결과가 확정되지 않은 주문은 `kis-trade status`에 나옵니다"

    see_candidates()
        "`kis-trade status` shows today's orders and the candidates"
        "오늘의 주문과 후보 주문은 `kis-trade status`에 나옵니다"

    no_external_order(key: &OrderKey)
        "order {key} is no external order of today"
        "주문번호 {key}은(는) 오늘의 외부 주문이 아닙니다"

    not_set_aside(symbol: &Symbol)
        "{symbol} is not set aside for a suspected split"
        "{symbol}은(는) 액면분할·병합 의심으로 보류된 종목이 아닙니다"

    no_such_order(key: &OrderKey, id: &IntentId, date: NaiveDate, side: Side, quantity: u64, symbol: &Symbol, price: Usd)
        "order {key} can't be intent {id}: KIS's list of {date} has no such {side} of {quantity} {symbol} at {price} that nobody owns"
        "주문번호 {key}은(는) 주문 의도 {id}의 주문일 수 없습니다. {date} 주문내역에 주인이 없는 {symbol} {quantity}주 {side} {price} 주문이 없습니다"

    no_number_known(id: &IntentId)
        "no order number of intent {id} is known"
        "주문 의도 {id}의 주문번호를 모릅니다"

    look_number_up(id: &IntentId)
        "look its number up at KIS, then say `{id}=ORDER_ID`, or `{id}=absent`"
        "KIS에서 주문번호를 찾아 `{id}=ORDER_ID`로, 주문이 없으면 `{id}=absent`로 알려 주세요"

    more_than_ordered(id: &IntentId, all: u64, quantity: u64)
        "intent {id} was for {all} shares; {quantity} can't have filled"
        "주문 의도 {id}의 수량은 {all}주입니다. {quantity}주가 체결될 수 없습니다"

    fills_not_in_doubt(key: &OrderKey)
        "the fills of order {key} are not in doubt"
        "주문번호 {key}의 체결 수량은 확인이 필요하지 않습니다"

    only_shrunk_fills()
        "only an order whose fills shrank in KIS's list needs this"
        "주문내역에서 체결 수량이 줄어든 주문에만 필요합니다"

    never_filled_so(before: u64, now: u64, key: &OrderKey, quantity: u64)
        "KIS showed {before} and now shows {now} shares of order {key} filled, never {quantity}"
        "주문번호 {key}의 체결은 {before}주였다가 지금은 {now}주로 나옵니다. {quantity}주인 적은 없습니다"

    look_which_it_is()
        "look at KIS which of both it is"
        "둘 중 어느 쪽인지 KIS에서 확인하세요"

    not_waiting(id: &IntentId)
        "intent {id} is not waiting for a decision"
        "주문 의도 {id}은(는) 확인이 필요한 주문이 아닙니다"

    of_several_branches(keys: &str)
        "orders of several branches have this number: {keys}"
        "여러 지점에 같은 주문번호가 있습니다: {keys}"

    name_its_branch()
        "name it with its branch"
        "지점을 붙여 적으세요"
}
