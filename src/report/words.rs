//! What a run's result and failure say, around the words of the story.

use crate::domain::{IntentState, Mode, OrderId, Side};
use crate::language::{Sentence, sentences};

sentences! {
    mode(mode: Mode)
        "{mode}"
        "{mode}"

    nothing_to_do(reason: &str, detail: &Sentence)
        "nothing to do, {reason}: {detail}"
        "할 일 없음({reason}): {detail}"

    warning(what: &Sentence)
        "warning: {what}"
        "경고: {what}"

    because(cause: &Sentence)
        "because: {cause}"
        "원인: {cause}"

    code(meaning: &Sentence)
        "KIS's code: {meaning}"
        "KIS 코드: {meaning}"

    next(step: &Sentence)
        "next: {step}"
        "조치: {step}"

    may_be_live(order: &Sentence)
        "may be live at KIS: {order}"
        "아직 체결될 수 있는 주문: {order}"

    would_be_sent(side: Side, quantity: u64, price: &Sentence)
        "{side} {quantity} @ {price} would be sent"
        "{side} {quantity}주 @ {price} 주문 예정"

    not_sent(side: Side, quantity: u64, price: &Sentence, why: &Sentence)
        "{side} {quantity} @ {price} {why}"
        "{side} {quantity}주 @ {price}: {why}"

    order_is(side: Side, quantity: u64, price: &Sentence, state: IntentState)
        "{side} {quantity} @ {price} {state}"
        "{side} {quantity}주 @ {price} {state}"

    numbered_order_is(side: Side, quantity: u64, price: &Sentence, state: IntentState, order_id: &OrderId)
        "{side} {quantity} @ {price} {state} ({order_id})"
        "{side} {quantity}주 @ {price} {state}({order_id})"

    by_numbers(numbers: &Sentence, order: &Sentence)
        "{numbers}; {order}"
        "{numbers} · {order}"

    left_unfilled(side: Side, quantity: u64, order_id: &OrderId)
        "{side} {quantity} left ({order_id})"
        "{side} 미체결 {quantity}주({order_id})"

    cancelled()
        "cancelled"
        "취소"

    would_cancel()
        "would cancel"
        "취소 예정"

    state(state: IntentState)
        "{state}"
        "{state}"
}
