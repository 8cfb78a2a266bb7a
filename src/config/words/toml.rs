//! What the TOML parser says, in Korean.

use std::fmt::Display;

use crate::language::{Language, Say, sentences};

/// The parser's message; it is English.
pub(in crate::config) struct Fault<'m>(pub(in crate::config) &'m str);

/// How messages begin, and what people have to do about them. A message that is not here is about grammar, and its line says enough.
const KOREAN: [(&str, &str); 17] = [
    ("duplicate key", "같은 이름이 두 번 나옵니다"),
    ("string values must be quoted", "값이 없거나, 글자로 된 값을 따옴표로 감싸지 않았습니다"),
    ("unclosed", "여는 괄호에 닫는 괄호가 없습니다"),
    ("key with no value", "등호(=)와 값이 없습니다"),
    ("missing comma", "쉼표가 빠졌습니다"),
    ("extra comma", "쉼표가 하나 더 있습니다"),
    ("extra `=`", "등호(=)가 하나 더 있습니다"),
    ("missing assignment", "등호(=)가 없습니다"),
    ("unexpected leading zero", "숫자는 0으로 시작할 수 없습니다"),
    ("invalid unquoted key", "이름에 쓸 수 없는 글자가 있습니다"),
    ("unquoted keys cannot be empty", "이름이 비어 있습니다"),
    ("invalid basic string", "따옴표가 닫히지 않았거나 쓸 수 없는 글자가 있습니다"),
    ("invalid literal string", "따옴표가 닫히지 않았거나 쓸 수 없는 글자가 있습니다"),
    ("missing escaped value", "역슬래시 뒤에 쓸 수 없는 글자가 있습니다"),
    ("invalid mantissa", "숫자 형식이 틀렸습니다"),
    ("invalid exponent", "숫자 형식이 틀렸습니다"),
    ("invalid date", "없는 날짜입니다"),
];

impl Say for Fault<'_> {
    fn say(&self, language: Language) -> impl Display {
        let Fault(message) = *self;
        match language {
            Language::English => message,
            Language::Korean => {
                let known = KOREAN.iter().find(|(start, _)| message.starts_with(start));
                known.map_or("적는 방법이 틀렸습니다", |(_, korean)| korean)
            }
        }
    }
}

sentences! {
    not_toml(place: &str, fault: Fault<'_>)
        "{place}not TOML: {fault}"
        "{place}TOML 문법에 맞지 않습니다. {fault}"

    comma_in_number(place: &str)
        "{place}not TOML: write no comma in a number; decimals follow a dot, such as 5.5"
        "{place}TOML 문법에 맞지 않습니다. 숫자에는 쉼표를 쓰지 않고, 소수점은 5.5처럼 점으로 씁니다"
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::language::samples! {
        Fault<'static> => Fault("duplicate key"),
    }

    /// A new version of the parser may say it in other words.
    #[test]
    fn each_message_is_one_that_the_parser_says() {
        let samples = [
            ("a = 1\na = 2", "duplicate key"),
            ("a = paper", "string values must be quoted"),
            ("a =", "string values must be quoted"),
            ("[a", "unclosed"),
            ("a = [1", "unclosed"),
            ("a", "key with no value"),
            ("a = [\"b\" \"c\"]", "missing comma"),
            ("a = [1,,2]", "extra comma"),
            ("a = = 1", "extra `=`"),
            ("a = {b 1}", "missing assignment"),
            ("a = 03", "unexpected leading zero"),
            ("a$ = 1", "invalid unquoted key"),
            ("= 1", "unquoted keys cannot be empty"),
            ("a = \"x", "invalid basic string"),
            ("a = 'x", "invalid literal string"),
            ("a = \"\\q\"", "missing escaped value"),
            ("a = .5", "invalid mantissa"),
            ("a = 1e", "invalid exponent"),
            ("a = 2026-13-45", "invalid date"),
        ];
        for (text, start) in samples {
            let (_, errors) = ::toml::de::DeTable::parse_recoverable(text);
            let message = errors[0].message();
            assert!(message.starts_with(start), "{text}: {message}");
        }
        assert!(KOREAN.iter().all(|(start, _)| samples.iter().any(|(_, sample)| sample == start)));
        assert_eq!(Fault("duplicate key").say(Language::Korean).to_string(), KOREAN[0].1);
    }
}
