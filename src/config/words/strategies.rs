//! What is wrong with a `[[strategy]]` table.

use crate::domain::{Symbol, Usd};
use crate::language::{Sentence, sentences};

sentences! {
    too_many(label: &str, count: usize, most: usize)
        "{label}: {count} tables, at most {most}"
        "{label}: {count}개입니다. {most}개까지 쓸 수 있습니다"

    needs(key: &str)
        "[[strategy]] needs {key}"
        "[[strategy]]에 {key}이(가) 없습니다"

    needs_kind()
        "[[strategy]] needs kind: \"infinite_v40\", \"infinite_v22\" or \"program\""
        "[[strategy]]에 kind가 없습니다. \"infinite_v40\", \"infinite_v22\", \"program\" 중 하나를 적으세요"

    takes_no(kind: &str, key: &str)
        "[[strategy]] of kind \"{kind}\" takes no {key}"
        "kind가 \"{kind}\"인 [[strategy]]에는 {key}을(를) 쓸 수 없습니다"

    bad_name(most: usize)
        "must be 1 to {most} lower-case letters, digits or hyphens"
        "영문 소문자, 숫자, 붙임표로 1자에서 {most}자까지 적어야 합니다"

    name_taken(name: &str)
        "[[strategy]] name \"{name}\" is used twice"
        "[[strategy]] 이름 \"{name}\"이(가) 두 번 나옵니다"

    symbol_of_another(name: &str, symbol: &Symbol, other: &str)
        "strategy \"{name}\": {symbol} belongs to strategy \"{other}\", and a symbol belongs to one only"
        "전략 \"{name}\": {symbol}은(는) 전략 \"{other}\"의 종목입니다. 한 종목은 한 전략에만 쓸 수 있습니다"

    symbol_in_watch(name: &str, symbol: &Symbol)
        "strategy \"{name}\": {symbol} is in [buy] watch, too; take it out of one of them"
        "전략 \"{name}\": {symbol}이(가) [buy] watch에도 있습니다. 한쪽에서 빼세요"

    symbol_in_keep(name: &str, symbol: &Symbol)
        "strategy \"{name}\": {symbol} is in [sell] keep, too; take it out of one of them"
        "전략 \"{name}\": {symbol}이(가) [sell] keep에도 있습니다. 한쪽에서 빼세요"

    limit_too_low(name: &str, key: &str, most: Usd, needed: &Sentence)
        "strategy \"{name}\": [limits] {key} is {most}, less than {needed}; raise it"
        "전략 \"{name}\": [limits] {key}이(가) {most}(으)로, {needed}보다 작습니다. 이 값을 올리세요"

    daily_unit(unit: Usd)
        "a day's unit of {unit} USD (principal_usd / splits)"
        "1회 매수금 {unit}(principal_usd ÷ splits)"

    whole_principal(principal: Usd)
        "its principal of {principal} USD"
        "원금 {principal}"

    no_json()
        "must hold nothing that JSON has no word for, such as nan or inf"
        "nan이나 inf처럼 JSON에 없는 값은 쓸 수 없습니다"

    must_be_flag()
        "must be true or false"
        "true나 false여야 합니다"

    must_be_table()
        "must be a table, such as {{ symbol = \"TQQQ\" }}"
        "{{ symbol = \"TQQQ\" }}처럼 표로 적어야 합니다"

    loc_until_outside()
        "must be a New York time from \"09:30\" to \"15:50\", such as \"15:40\""
        "\"15:40\"처럼 \"09:30\"에서 \"15:50\" 사이의 뉴욕 시각이어야 합니다"

    unknown_in_strategy(shown: &Sentence, known: &str)
        "[[strategy]] unknown key {shown}; known here: {known}"
        "[[strategy]] {shown}(이)라는 키는 없습니다. 쓸 수 있는 이름: {known}"
}
