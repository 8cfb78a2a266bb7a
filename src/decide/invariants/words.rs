//! What is said when an order would break an invariant, in both languages.

use crate::domain::{Side, Symbol};
use crate::language::sentences;

sentences! {
    stopped(name: &str, side: Side, quantity: u64, symbol: &Symbol)
        "invariant {name} stopped the {side} of {quantity} {symbol}"
        "안전 조건 {name}이(가) {symbol} {quantity}주 {side} 주문을 막았습니다"

    report_it()
        "nothing was sent; please report this with the journal's last lines"
        "아무것도 보내지 않았습니다. 주문 일지의 마지막 줄들과 함께 알려 주세요"

    has_twin()
        "another order of today that may be live looks exactly like it"
        "오늘 낸 주문 가운데 살아 있을 수 있는 똑같은 주문이 있습니다"

    of_another_account()
        "it is for another account or mode"
        "다른 계좌나 다른 `mode`의 주문입니다"

    of_another_mode()
        "its TR id belongs to the other mode"
        "TR ID가 다른 `mode`의 것입니다"

    of_another_kind()
        "KIS takes no order of its kind here"
        "KIS가 여기에서 받지 않는 종류의 주문입니다"

    symbol_in_doubt()
        "an order of its symbol has no known outcome"
        "같은 종목에 결과가 확정되지 않은 주문이 있습니다"

    is_nothing()
        "its quantity or price is zero"
        "수량이나 가격이 0입니다"

    has_become_order()
        "it has become an order already, or has ended"
        "이미 주문이 되었거나 끝났습니다"

    may_have_arrived()
        "an earlier request for it may have arrived"
        "앞서 보낸 요청이 도착했을 수 있습니다"

    not_on_disk()
        "its line is not on disk"
        "주문 일지의 줄이 디스크에 기록되지 않았습니다"

    list_too_old()
        "the order list that it rests on is not of this run"
        "판단에 쓴 주문내역이 이번 실행의 것이 아닙니다"

    write_has_failed()
        "a state file could not be written in this run"
        "이번 실행에서 상태 파일을 쓰지 못했습니다"

    not_sellable()
        "it would sell more than can be sold"
        "매도 가능 수량보다 많이 팔게 됩니다"

    cost_beyond_numbers()
        "its cost is beyond all numbers"
        "주문 금액이 계산할 수 있는 범위를 넘습니다"

    above_max_order()
        "it would spend more than max_order_usd"
        "주문 금액이 max_order_usd를 넘습니다"

    above_day_limit()
        "the day would spend more than max_buy_usd_per_day"
        "하루 매수 금액이 max_buy_usd_per_day를 넘습니다"

    above_position_limit()
        "its symbol would hold more than max_position_usd"
        "종목 보유 금액이 max_position_usd를 넘습니다"
}
