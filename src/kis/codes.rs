//! What KIS's codes and words mean, to the program and to people. `codes.toml` is the one list: answers are judged by it,
//! errors print it, and the troubleshooting pages are generated from it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::domain::Refusal;

/// What the program concludes from a code or from words.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Token expired, invalid or unknown to the gate.
    Token,
    /// Too many requests a second: at the gateway, at the ledger.
    Rate,
    /// Key, secret, or the right to use the service at all. The gate refuses them before anything is executed.
    Credentials,
    /// The account is not the key's, or no account at all.
    Account,
    /// A request of one environment at the host of the other.
    Mode,
    /// Passes by itself. A read is worth another try; an order may have been taken.
    Transient,
    /// The program draws no conclusion.
    Nothing,
    /// A definite refusal of an order.
    #[serde(untagged)]
    Definite(Refusal),
}

impl Class {
    /// The definite refusal of an order that it is, if it is one.
    pub(crate) fn refusal(self) -> Option<Refusal> {
        match self {
            // The gate turned the request away unexecuted, and every further order would end the same way.
            Class::Credentials | Class::Account | Class::Mode => Some(Refusal::NoRight),
            Class::Definite(refusal) => Some(refusal),
            Class::Token | Class::Rate | Class::Transient | Class::Nothing => None,
        }
    }
}

/// One meaning of one or more codes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advice {
    /// The heading under which the pages show it.
    pub section: String,
    /// KIS's codes (`msg_cd` or `error_code`); empty when KIS's code is not known.
    #[serde(default)]
    pub codes: BTreeMap<Class, Vec<String>>,
    /// A piece of KIS's words (`msg1`).
    #[serde(rename = "match", default)]
    pub words: BTreeMap<Class, String>,
    /// In English.
    pub en: Words,
    /// In Korean.
    pub ko: Words,
}

/// The text in one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// What it means: one or two sentences.
    pub means: String,
    /// What to do.
    pub todo: String,
}

/// The list in the order of the pages.
static LIST: LazyLock<Vec<Advice>> = LazyLock::new(|| {
    // Without a list every refusal would count as unknown, which is safe; a test reads it.
    let mut sections: BTreeMap<String, Vec<Advice>> = toml::from_str(include_str!("codes.toml")).unwrap_or_default();
    sections.remove("entry").unwrap_or_default()
});

/// What the program concludes from a code.
pub(crate) fn class_of(code: &str) -> Class {
    let mut codes = LIST.iter().flat_map(|advice| &advice.codes);
    codes.find(|(_, codes)| codes.iter().any(|known| known == code)).map_or(Class::Nothing, |(class, _)| *class)
}

/// Reports whether a message holds words of this class.
pub(crate) fn has_words_of(class: Class, message: &str) -> bool {
    LIST.iter().filter_map(|advice| advice.words.get(&class)).any(|words| message.contains(words.as_str()))
}

/// What a text of ours that quotes KIS means: by KIS's words in it, else by the first code in it.
pub fn of_text(text: &str) -> Option<&'static Advice> {
    let by_words = |advice: &&Advice| advice.words.values().any(|words| text.contains(words.as_str()));
    let by_code = |code: &str| LIST.iter().find(|advice| advice.codes.values().flatten().any(|known| known == code));
    let mut codes = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    LIST.iter().find(by_words).or_else(|| codes.find_map(by_code))
}

#[cfg(test)]
mod tests;
