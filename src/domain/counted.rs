//! A number with its noun.

use std::fmt::Display;

use crate::language::{Language, Say};

/// `1 order`, `2 orders`.
pub fn counted(count: usize, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}

/// A number with its noun in English, and with its counter in Korean.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    /// How many.
    pub count: usize,
    /// The noun for one, and for any other number.
    pub nouns: [&'static str; 2],
    /// What follows the number in Korean.
    pub counter: &'static str,
}

impl Say for Counted {
    fn say(&self, language: Language) -> impl Display {
        let Counted { count, nouns: [one, many], counter } = self;
        match language {
            Language::English => format!("{count} {}", if *count == 1 { one } else { many }),
            Language::Korean => format!("{count}{counter}"),
        }
    }
}

#[cfg(test)]
crate::language::samples! {
    Counted => Counted { count: 2, nouns: ["entry", "entries"], counter: "개" },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        assert_eq!([0, 1, 2].map(|count| counted(count, "order")), ["0 orders", "1 order", "2 orders"]);
    }

    #[test]
    fn korean_has_no_plural() {
        let entries = |count| Counted { count, nouns: ["entry", "entries"], counter: "개" };
        let said = |language| [0, 1, 2].map(|count| entries(count).say(language).to_string());
        assert_eq!(said(Language::English), ["0 entries", "1 entry", "2 entries"]);
        assert_eq!(said(Language::Korean), ["0개", "1개", "2개"]);
    }
}
