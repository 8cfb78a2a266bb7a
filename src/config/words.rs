//! What is said of a configuration or of credentials that can't be used, in both languages.

pub(super) mod addresses;
pub(super) mod credentials;
pub(super) mod files;
pub(super) mod keys;
pub(super) mod steps;
pub(super) mod strategies;
pub(super) mod toml;
pub(super) mod values;

use crate::language::counts::{Characters, Problems};
use crate::language::{Sentence, sentences};

/// The length of a value that is not shown.
pub(super) fn characters(text: &str) -> Characters {
    Characters::from(text.chars().count())
}

sentences! {
    masked(length: Characters)
        "\"…\" ({length})"
        "\"…\"({length})"

    masked_key(length: Characters)
        "`…` ({length})"
        "`…`({length})"

    at_line(line: usize, text: &Sentence)
        "line {line}: {text}"
        "{line}번째 줄: {text}"

    has_problems(path: &str, count: Problems)
        "{path} has {count}"
        "{path}에 잘못된 곳이 {count} 있습니다"

    and_more(count: usize)
        "and {count} more"
        "그 밖에 {count}건 더"

    correct_config()
        "correct the file; config.example.toml explains every key"
        "파일을 고친 뒤 다시 실행하세요. 키의 설명은 모두 config.example.toml에 있습니다"
}
