//! What is wrong with a question or an answer, in both languages.

use crate::domain::{OrderKind, Usd};
use crate::language::{Sentence, sentences};

sentences! {
    question_too_large(bytes: usize, most: usize)
        "the question would be {bytes} bytes long, and programs read {most} at most; lower `history_days`, or list fewer `symbols`"
        "질문이 {bytes}바이트로, 최대 {most}바이트를 넘습니다. `history_days`를 줄이거나 `symbols`의 종목 수를 줄이세요"

    question_unwritable(parser: &str)
        "the question can't be written: settings or state are no JSON ({parser})"
        "설정이나 상태가 JSON이 아니어서 질문을 만들 수 없습니다(`{parser}`)"

    too_large(most: usize)
        "the answer is larger than {most} KiB"
        "답이 {most} KiB보다 큽니다"

    nothing_said()
        "the program answered nothing on standard output"
        "프로그램이 표준 출력에 아무 답도 쓰지 않았습니다"

    not_utf8(line: usize, column: usize)
        "the answer is not UTF-8 at line {line} column {column}"
        "답의 {line}행 {column}열이 UTF-8이 아닙니다"

    no_object()
        "the answer is JSON, but no object"
        "답이 JSON이지만 객체가 아닙니다"

    no_json(parser: &str, line: usize, column: usize)
        "the answer is not one JSON object ({parser})"
        "답이 JSON 객체 하나가 아닙니다({line}행 {column}열: `{parser}`)"

    no_version(version: u64)
        "the answer has no `protocol`; it must be {version}"
        "답에 `protocol`이 없습니다. {version}을(를) 적어야 합니다"

    other_version(version: u64)
        "the answer's `protocol` is not {version}, the only version that this program speaks"
        "답의 `protocol`이 {version}이(가) 아닙니다. 이 버전만 쓸 수 있습니다"

    unknown_key(key: &str)
        "the answer has an unknown key `{key}`"
        "답에 알 수 없는 키 `{key}`이(가) 있습니다"

    no_orders()
        "`orders` must be a list; write [] for no orders"
        "`orders`는 목록이어야 합니다. 주문이 없으면 []로 적으세요"

    too_many_orders(count: usize, most: usize)
        "`orders` has {count} orders, more than {most}"
        "`orders`에 주문이 {count}건 있습니다. 최대 {most}건입니다"

    in_order(number: usize, what: &Sentence)
        "order {number} of the answer: {what}"
        "답의 {number}번째 주문: {what}"

    no_order_object()
        "it is no object"
        "객체가 아닙니다"

    unknown_order_key(key: &str)
        "unknown key `{key}`"
        "알 수 없는 키 `{key}`"

    is_missing(key: &str)
        "`{key}` is missing"
        "`{key}` 키가 없습니다"

    is_no_text(key: &str)
        "`{key}` must be a text"
        "`{key}`의 값은 문자열이어야 합니다"

    unknown_word(key: &str, word: &str)
        "`{key}` can't be `{word}`"
        "`{key}`에 쓸 수 없는 값 `{word}`"

    bad_tag(tag: &str, most: usize)
        "`tag` must be 1 to {most} of the characters a-z, 0-9, `.`, `_` and `-`, not `{tag}`"
        "`tag`는 a-z, 0-9, `.`, `_`, `-`로 1~{most}자여야 합니다(`{tag}`)"

    tag_twice(tag: &str)
        "the tag `{tag}` is used twice"
        "태그 `{tag}`이(가) 두 번 쓰였습니다"

    symbol_not_listed(symbol: &str)
        "`{symbol}` is not among the strategy's `symbols`"
        "`{symbol}`은(는) 이 전략의 `symbols`에 없습니다"

    kind_not_offered(kind: OrderKind)
        "orders of kind `{kind}` are not offered (`order_kinds` of the question)"
        "`{kind}` 주문은 쓸 수 없습니다(질문의 `order_kinds`에 없음)"

    moc_only_sells()
        "a `moc` order can only sell; buy with `loc`"
        "`moc`로는 매도만 할 수 있습니다. 매수는 `loc`로 내세요"

    bad_quantity()
        "`quantity` must be a whole number from 1, such as 6 (not 6.0, not \"6\")"
        "`quantity`는 6처럼 적은 1 이상의 정수여야 합니다(6.0이나 \"6\"은 안 됩니다)"

    price_of_moc()
        "a `moc` order has no `limit_price`: leave the key out"
        "`moc` 주문에는 `limit_price`가 없습니다. 키를 빼세요"

    price_is_no_text(kind: OrderKind)
        "a `{kind}` order needs a `limit_price` as a text, such as \"75.17\""
        "`{kind}` 주문에는 \"75.17\"처럼 문자열로 적은 `limit_price`가 있어야 합니다"

    price_unreadable(text: &str)
        "`limit_price` must be a positive decimal number such as \"75.17\", not `{text}`"
        "`limit_price`는 \"75.17\" 같은 0보다 큰 십진수여야 합니다(`{text}`)"

    price_off_tick(price: Usd, tick: Usd)
        "`limit_price` {price} is not a multiple of the tick {tick}"
        "`limit_price` {price}이(가) 호가 단위 {tick}에 맞지 않습니다"

    state_too_large(bytes: usize, most: usize)
        "`state` is {bytes} bytes long, more than {most} KiB"
        "`state`가 {bytes}바이트로 {most} KiB를 넘습니다"
}
