//! What is said of a key that does not belong where it is.

use crate::language::{Sentence, sentences};

sentences! {
    write_section(name: &str)
        "{name} is a section: write [{name}] on a line of its own, once, and its keys below it"
        "{name}은(는) 섹션 이름입니다. [{name}]을(를) 한 줄에 따로 한 번만 쓰고 그 아래에 키를 적으세요"

    unknown_section(shown: &Sentence, known: &str)
        "unknown section [{shown}]; known here: {known}"
        "[{shown}](이)라는 섹션은 없습니다. 쓸 수 있는 이름: {known}"

    unknown_key(place: &str, shown: &Sentence, known: &str)
        "{place}unknown key {shown}; known here: {known}"
        "{place}{shown}(이)라는 키는 없습니다. 쓸 수 있는 이름: {known}"

    did_you_mean(place: &str, shown: &Sentence, meant: &str)
        "{place}unknown key {shown}; did you mean {meant}?"
        "{place}{shown}(이)라는 키는 없습니다. 혹시 {meant}입니까?"

    belongs_at_top(place: &str, shown: &Sentence)
        "{place}unknown key {shown} here; it belongs at the top, before the first [section]"
        "{place}{shown}은(는) 여기에 쓰는 키가 아닙니다. 파일 맨 위, 첫 [섹션] 앞에 적으세요"

    belongs_under(place: &str, shown: &Sentence, home: &str)
        "{place}unknown key {shown} here; it belongs under [{home}]"
        "{place}{shown}은(는) 여기에 쓰는 키가 아닙니다. [{home}] 아래에 적으세요"

    secret_here(place: &str, shown: &Sentence)
        "{place}{shown} does not belong here (value not shown): move it to the credentials file, named by [account] credentials_file"
        "{place}{shown}은(는) 여기에 적지 않습니다(값은 표시하지 않음). [account] credentials_file로 지정한 인증 정보 파일로 옮기세요"

    unknown_in_target(shown: &Sentence, known: &str)
        "[[notify.target]] unknown key {shown}; known here: {known}"
        "[[notify.target]] {shown}(이)라는 키는 없습니다. 쓸 수 있는 이름: {known}"

    secret_in_target(shown: &Sentence)
        "[[notify.target]] {shown} does not belong here (value not shown): secrets belong in files, named by token_file or url_file"
        "[[notify.target]] {shown}은(는) 여기에 적지 않습니다(값은 표시하지 않음). 비밀 값은 파일에 적고 token_file이나 url_file로 지정하세요"
}
