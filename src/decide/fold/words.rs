//! What is said of a journal line that does not fit, in both languages.

use chrono::NaiveDate;

use crate::domain::{IntentId, OrderId};
use crate::language::sentences;

sentences! {
    unknown_intent(id: &IntentId)
        "it speaks of intent {id}, which the journal does not know"
        "주문 일지에 없는 주문 의도 {id}에 관한 줄입니다"

    declared_twice(id: &IntentId)
        "intent {id} is declared twice"
        "주문 의도 {id}이(가) 두 번 나옵니다"

    claimed_twice(order_id: &OrderId, id: &IntentId)
        "order {order_id} would belong to intent {id} and to another one"
        "주문번호 {order_id}이(가) 주문 의도 {id}과(와) 다른 의도에 함께 속하게 됩니다"

    sheet_changed(strategy: &str, date: NaiveDate)
        "the sheet of strategy {strategy} for {date} does not fit the lines before it"
        "전략 {strategy}의 {date} 주문표가 앞선 줄과 맞지 않습니다"

    renumbered(order_id: &OrderId, id: &IntentId)
        "order {order_id} is not the one that intent {id} became"
        "주문번호 {order_id}은(는) 주문 의도 {id}의 주문이 아닙니다"
}
