//! What is said of a configuration or of credentials that can't be used, in both languages.

pub(super) mod addresses;
pub(super) mod credentials;
pub(super) mod files;
pub(super) mod keys;
pub(super) mod steps;
pub(super) mod toml;
pub(super) mod values;

use crate::domain::Counted;
use crate::language::{Sentence, sentences};

/// The length of a value that is not shown.
pub(super) fn characters(text: &str) -> Counted {
    Counted { count: text.chars().count(), nouns: ["character", "characters"], counter: "자" }
}

pub(super) fn entries(count: usize) -> Counted {
    Counted { count, nouns: ["entry", "entries"], counter: "개" }
}

pub(super) fn problems(count: usize) -> Counted {
    Counted { count, nouns: ["problem", "problems"], counter: "건" }
}

pub(super) fn bytes(count: usize) -> Counted {
    Counted { count, nouns: ["byte", "bytes"], counter: "바이트" }
}

sentences! {
    masked(length: Counted)
        "\"…\" ({length})"
        "\"…\"({length})"

    masked_key(length: Counted)
        "`…` ({length})"
        "`…`({length})"

    at_line(line: usize, text: &Sentence)
        "line {line}: {text}"
        "{line}번째 줄: {text}"

    has_problems(path: &str, count: Counted)
        "{path} has {count}"
        "{path}에 잘못된 곳이 {count} 있습니다"

    and_more(count: usize)
        "and {count} more"
        "그 밖에 {count}건 더"

    correct_config()
        "correct the file; config.example.toml explains every key"
        "파일을 고친 뒤 다시 실행하세요. 키의 설명은 모두 config.example.toml에 있습니다"
}
