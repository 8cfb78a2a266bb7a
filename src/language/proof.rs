//! What the tests ask of every sentence: that it says something in each language, and that neither slips into the other.

use std::path::{Path, PathBuf};

use crate::language::Sentence;

/// A value that a table's test puts into its sentences.
pub(crate) trait Sample {
    fn sample() -> Self;
}

/// Says nothing where a table's sentence is fit to be read.
///
/// # Panics
/// For one that is empty, English with Korean letters, or Korean with an English phrase.
pub(crate) fn check(name: &str, sentence: &Sentence) {
    let Sentence { en, ko } = sentence;
    let is_hangul = |letter: char| matches!(letter, '가'..='힣' | 'ㄱ'..='ㅣ');
    assert!(!en.trim().is_empty() && !en.contains(is_hangul), "{name}: {en}");
    assert!(ko.contains(is_hangul), "{name}: {ko}");
    assert!(!["을(를)", "이(가)", "은(는)", "과(와)", "(으)로"].iter().any(|both| ko.contains(both)), "{name}: {ko}");
    let phrase = english_phrase(ko);
    assert!(phrase.is_none(), "{name}: {phrase:?} in {ko}");
    println!("{name}\n  {en}\n  {ko}");
}

/// Two plain English words one after the other, outside of backquotes: what a person types or a server says stands in those.
pub(crate) fn english_phrase(ko: &str) -> Option<String> {
    let prose: String = ko.split('`').step_by(2).collect::<Vec<_>>().join("`");
    let is_word = |word: &&str| {
        let bare = word.trim_matches(|letter: char| matches!(letter, '.' | ',' | ':' | ';' | '?' | '!'));
        bare.len() > 1 && bare.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'\'')
    };
    let words: Vec<&str> = prose.split(' ').collect();
    words.windows(2).find(|pair| pair.iter().all(|word| is_word(&word))).map(|pair| pair.join(" "))
}

/// The sample of each type.
macro_rules! samples {
    ($($type:ty => $value:expr),* $(,)?) => {
        $(impl $crate::language::Sample for $type {
            fn sample() -> $type {
                $value
            }
        })*
    };
}

pub(crate) use samples;

samples! {
    &'static str => "AAPL",
    String => "AAPL".to_owned(),
    char => 'A',
    u8 => 2,
    u16 => 404,
    u32 => 3,
    u64 => 5,
    usize => 2,
    i32 => -2,
    i64 => 7,
    &'static Path => Path::new("/home/kim/kis/state/rate"),
    PathBuf => PathBuf::from("/home/kim/kis/config.toml"),
    Sentence => Sentence { en: "it is gone".to_owned(), ko: "파일이 없습니다".to_owned() },
    &'static Sentence => Box::leak(Box::new(Sentence::sample())),
    std::io::Error => std::io::Error::from_raw_os_error(28),
    &'static std::io::Error => Box::leak(Box::new(std::io::Error::from_raw_os_error(28))),
    chrono::NaiveDate => chrono::NaiveDate::from_ymd_opt(2027, 3, 9).unwrap(),
}

#[test]
fn an_english_phrase_is_found_in_korean() {
    for (ko, phrase) in [
        ("`no such file` 파일이 없습니다", None),
        ("AAPL을 buy 했습니다", None),
        ("파일 it is 없습니다", Some("it is")),
        ("the file 없습니다", Some("the file")),
        ("config.toml rate.json", None),
    ] {
        assert_eq!(english_phrase(ko).as_deref(), phrase, "{ko}");
    }
}

/// Tests ask about the English side.
impl std::ops::Deref for Sentence {
    type Target = str;

    fn deref(&self) -> &str {
        &self.en
    }
}

impl PartialEq<&str> for Sentence {
    fn eq(&self, text: &&str) -> bool {
        self.en == *text
    }
}

impl PartialEq<str> for Sentence {
    fn eq(&self, text: &str) -> bool {
        self.en == text
    }
}

impl PartialEq<String> for Sentence {
    fn eq(&self, text: &String) -> bool {
        self.en == *text
    }
}
