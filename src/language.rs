//! What people read, in both languages. Owns how a sentence is made and chosen; the sentences themselves stand in the `words` of
//! each room, English above Korean, so that neither is ever changed without the other in sight.
//!
//! JSON, logs and the words of the command line stay English. A sentence shows its English side where no language is asked for.

pub mod counts;
mod particles;
#[cfg(test)]
mod proof;

use std::fmt;
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use serde::{Deserialize, Serialize};

#[cfg(test)]
pub(crate) use proof::{Sample, check, samples};

/// The languages that people are spoken to in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Korean.
    #[default]
    Korean,
    /// English.
    English,
}

impl Language {
    /// The words of the configuration.
    pub const WORDS: [(&str, Language); 2] = [("ko", Language::Korean), ("en", Language::English)];

    /// The language of a locale, as LC_ALL, LC_MESSAGES or LANG names it: Korean for `ko_KR.UTF-8`, English for any other.
    pub fn of_locale(locale: &str) -> Language {
        if locale.starts_with("ko") { Language::Korean } else { Language::English }
    }

    /// As HTML's `lang` names it.
    pub fn word(self) -> &'static str {
        match self {
            Language::Korean => "ko",
            Language::English => "en",
        }
    }
}

/// One sentence, or a few, in each language.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Sentence {
    /// English.
    pub en: String,
    /// Korean.
    pub ko: String,
}

impl Sentence {
    /// What is the same in every language: a name, a number, a person's or a server's own words.
    pub fn verbatim(text: impl Into<String>) -> Sentence {
        let en = text.into();
        Sentence { ko: en.clone(), en }
    }

    /// A value, as each language says it.
    pub fn of(value: &(impl Say + ?Sized)) -> Sentence {
        Sentence { en: value.say(Language::English).to_string(), ko: value.say(Language::Korean).to_string() }
    }

    /// The sentence in one language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Korean => &self.ko,
            Language::English => &self.en,
        }
    }

    /// Reports whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.en.is_empty()
    }

    /// This, and a second sentence behind a separator; only what is not empty.
    #[must_use]
    pub fn and(self, separator: &str, other: &Sentence) -> Sentence {
        match (self.is_empty(), other.is_empty()) {
            (_, true) => self,
            (true, false) => other.clone(),
            (false, false) => Sentence {
                en: format!("{}{separator}{}", self.en, other.en),
                ko: format!("{}{separator}{}", self.ko, other.ko),
            },
        }
    }

    /// Several in a row, with a separator between.
    pub fn joined(sentences: &[Sentence], separator: &str) -> Sentence {
        sentences.iter().fold(Sentence::default(), |all, sentence| all.and(separator, sentence))
    }

    /// The same with both texts changed alike.
    #[must_use]
    pub fn map(self, change: impl Fn(&str) -> String) -> Sentence {
        Sentence { en: change(&self.en), ko: change(&self.ko) }
    }
}

/// English, for logs.
impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

impl From<&std::io::Error> for Sentence {
    fn from(error: &std::io::Error) -> Sentence {
        Sentence::of(error)
    }
}

impl From<std::io::Error> for Sentence {
    fn from(error: std::io::Error) -> Sentence {
        Sentence::from(&error)
    }
}

/// Files of earlier programs hold English alone.
impl<'de> Deserialize<'de> for Sentence {
    fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Sentence, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Stored {
            English(String),
            Both { en: String, ko: String },
        }
        Ok(match Stored::deserialize(source)? {
            Stored::English(text) => Sentence::verbatim(text),
            Stored::Both { en, ko } => Sentence { en, ko },
        })
    }
}

/// A value that stands in a sentence, said as each language says it.
pub trait Say {
    /// The value in a language.
    fn say(&self, language: Language) -> impl fmt::Display;
}

impl<T: Say + ?Sized> Say for &T {
    fn say(&self, language: Language) -> impl fmt::Display {
        (**self).say(language)
    }
}

impl Say for Sentence {
    fn say(&self, language: Language) -> impl fmt::Display {
        self.in_language(language)
    }
}

impl Say for Path {
    fn say(&self, _: Language) -> impl fmt::Display {
        self.display()
    }
}

impl Say for PathBuf {
    fn say(&self, _: Language) -> impl fmt::Display {
        self.display()
    }
}

/// Values that every language writes alike.
macro_rules! say_alike {
    ($($type:ty),* $(,)?) => {
        $(impl $crate::language::Say for $type {
            fn say(&self, _: $crate::language::Language) -> impl std::fmt::Display {
                self
            }
        })*
    };
}
pub(crate) use say_alike;

say_alike!(str, String, char, u8, u16, u32, u64, usize, i32, i64, f32, chrono::NaiveDate);

/// The system's own words are English; these are what a state directory meets.
impl Say for std::io::Error {
    fn say(&self, language: Language) -> impl fmt::Display {
        let korean = match Errno::from_io_error(self) {
            Some(Errno::NOSPC) => "디스크에 남은 공간이 없습니다",
            Some(Errno::DQUOT) => "디스크 할당량을 다 썼습니다",
            Some(Errno::ACCESS | Errno::PERM) => "권한이 없습니다",
            Some(Errno::ROFS) => "읽기 전용 파일 시스템입니다",
            Some(Errno::NOENT) => "파일이나 디렉터리가 없습니다",
            Some(Errno::ISDIR) => "디렉터리입니다",
            Some(Errno::NOTDIR) => "경로에 디렉터리가 아닌 것이 있습니다",
            Some(Errno::IO) => "입출력 오류입니다",
            Some(Errno::MFILE | Errno::NFILE) => "열린 파일이 너무 많습니다",
            Some(Errno::CONNREFUSED) => "연결이 거부되었습니다",
            Some(Errno::LOOP) => "심볼릭 링크입니다",
            Some(Errno::EXIST) => "같은 이름의 파일이 이미 있습니다",
            Some(Errno::NAMETOOLONG) => "이름이 너무 깁니다",
            Some(Errno::INVAL) => "값이 올바르지 않습니다",
            Some(Errno::BADF) => "파일이 열려 있지 않습니다",
            Some(Errno::CONNRESET | Errno::CONNABORTED | Errno::PIPE) => "연결이 끊어졌습니다",
            Some(Errno::NETUNREACH | Errno::NETDOWN | Errno::HOSTUNREACH) => "네트워크로 연결할 수 없습니다",
            Some(Errno::TIMEDOUT) => "시간이 초과되었습니다",
            _ => return self.to_string(),
        };
        if language == Language::Korean { korean.to_owned() } else { self.to_string() }
    }
}

/// Builds a sentence from its two texts. Kept out of line: the tables expand to a thousand functions, all of which every run loads.
#[doc(hidden)]
#[inline(never)]
pub(crate) fn in_both(en: fmt::Arguments<'_>, ko: fmt::Arguments<'_>) -> Sentence {
    Sentence { en: en.to_string(), ko: particles::fit(ko.to_string()) }
}

/// A table of sentences: of each its name, its values, and its text in English and in Korean, where `{name}` is a value as
/// [`Say`] says it. In Korean a particle is written in both forms, `을(를)`, and fitted to the word before it.
///
/// Each becomes a function that returns the [`Sentence`]; one test a table says all of them with sample values.
macro_rules! sentences {
    ($($name:ident($($value:ident: $type:ty),* $(,)?) $en:literal $ko:literal)+) => {
        $(
            #[allow(missing_docs, unused_imports, unused_variables, clippy::too_many_arguments, reason = "the sentence says it; one language may leave a value out")]
            #[doc = $en]
            pub(crate) fn $name($($value: $type),*) -> $crate::language::Sentence {
                use $crate::language::{Language, Say};
                let in_both = |en: std::fmt::Arguments<'_>| {
                    $(let $value = Say::say(&$value, Language::Korean);)*
                    $crate::language::in_both(en, format_args!($ko))
                };
                $(let $value = Say::say(&$value, Language::English);)*
                in_both(format_args!($en))
            }
        )+

        #[cfg(test)]
        #[test]
        #[allow(unused_imports, reason = "a table may have no values")]
        fn every_sentence_stands_in_both_languages() {
            use $crate::language::check;
            $(check(stringify!($name), &$name($(<$type as $crate::language::Sample>::sample()),*));)+
        }
    };
}
pub(crate) use sentences;

#[cfg(test)]
mod tests {
    use super::*;

    mod table {
        crate::language::sentences! {
            unreadable(path: &std::path::Path, cause: &crate::language::Sentence)
                "{path} can't be read: {cause}"
                "{path}을(를) 읽을 수 없습니다: {cause}"

            gone()
                "it is gone"
                "파일이 없습니다"
        }
    }

    #[test]
    fn a_sentence_is_said_in_each_language() {
        let said = table::unreadable(Path::new("/tmp/rate"), &table::gone());
        assert_eq!(said.to_string(), "/tmp/rate can't be read: it is gone");
        assert_eq!(said.in_language(Language::Korean), "/tmp/rate를 읽을 수 없습니다: 파일이 없습니다");
        let both = table::gone().and("; ", &Sentence::default()).and("; ", &Sentence::verbatim("EGW00123"));
        assert_eq!([both.en, both.ko], ["it is gone; EGW00123", "파일이 없습니다; EGW00123"]);
    }

    #[test]
    fn what_an_earlier_program_stored_is_english() {
        let of = |text: &str| serde_json::from_str::<Sentence>(text).unwrap();
        assert_eq!(of("\"it is gone\""), Sentence::verbatim("it is gone"));
        let stored = serde_json::to_string(&table::gone()).unwrap();
        assert_eq!(of(&stored), table::gone());
    }

    #[test]
    fn a_locale_is_korean_when_it_begins_so() {
        for (locale, language) in [
            ("ko_KR.UTF-8", Language::Korean),
            ("ko", Language::Korean),
            ("en_US.UTF-8", Language::English),
            ("C", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(Language::of_locale(locale), language, "{locale}");
        }
    }
}
