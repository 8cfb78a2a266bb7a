//! What the tests ask of every sentence: that it says something in each language, and that neither slips into the other.

use std::io::Write;
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
}

/// Two plain English words one after the other, outside of backquotes: what a person types or a server says stands in those.
pub(crate) fn english_phrase(ko: &str) -> Option<String> {
    let prose: String = ko.split('`').step_by(2).collect::<Vec<_>>().join("`");
    let is_word = |word: &&str| {
        let bare = word.trim_matches(|letter: char| matches!(letter, '.' | ',' | ':' | ';' | '?' | '!'));
        bare.len() > 1 && bare.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'\'')
    };
    let words: Vec<&str> = prose.split(' ').collect();
    words.windows(2).find(|pair| pair.iter().all(is_word)).map(|pair| pair.join(" "))
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

/// Sentences of the tables in a source file: the lines of a table that name one.
fn count_sentences(source: &str) -> usize {
    let tables = source.split("\nsentences! {\n").skip(1).filter_map(|rest| rest.split("\n}\n").next());
    let is_name = |line: &&str| {
        let name = line.strip_prefix("    ").and_then(|line| line.split_once('(')).map_or("", |(name, _)| name);
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    tables.map(|table| table.lines().filter(is_name).count()).sum()
}

#[test]
fn all_sentences_are_counted() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let (mut tables, mut sentences) = (0, 0);
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match path.extension() {
                _ if path.is_dir() => folders.push(path),
                Some(extension) if extension == "rs" => {
                    let count = count_sentences(&std::fs::read_to_string(path).unwrap());
                    (tables, sentences) = (tables + usize::from(count > 0), sentences + count);
                }
                _ => {}
            }
        }
    }
    writeln!(std::io::stdout(), "{sentences} sentences in English and in Korean, in {tables} tables").unwrap();
    assert!(tables > 1 && sentences > 100, "{sentences} in {tables}");
    let table = "\nsentences! {\n    // A comment (with words).\n    gone()\n        \"gone\"\n        \"없음\"\n}\nfn no() {}\n";
    assert_eq!(count_sentences(table), 1);
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
