//! What KIS's codes and words mean, to the program and to people, and whom they concern. `codes.toml` is the one list: answers
//! are judged by it, errors print it, and the troubleshooting pages are generated from it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::domain::{Concern, Refusal};

/// What the program concludes from a code or from words.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Token expired, invalid or unknown to the gate.
    Token,
    /// Too many requests a second: at the gateway, at the ledger.
    Pacing,
    /// Key, secret, or the right to use the service at all. The gate refuses them before anything is executed.
    Credentials,
    /// The account is not the key's, or no account at all.
    Account,
    /// A request of one environment at the host of the other.
    Mode,
    /// Passes by itself. A read is worth another try; an order may have been taken.
    Transient,
    /// The gateway could not pass the request on. A read is worth another try; an order is refused if no list shows it.
    Routing,
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
            Class::Token | Class::Pacing | Class::Transient | Class::Routing | Class::Nothing => None,
        }
    }

    /// Whom it concerns.
    pub fn concern(self) -> Concern {
        match self {
            Class::Token => Concern::Token,
            Class::Pacing => Concern::Pacing,
            Class::Credentials | Class::Account | Class::Mode => Concern::Account,
            Class::Routing => Concern::Market,
            Class::Transient | Class::Nothing => Concern::Unknown,
            Class::Definite(refusal) => refusal.concern(),
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
    /// Pieces of KIS's words (`msg1`). `수량…초과` stands for a message that holds both.
    #[serde(rename = "match", default)]
    pub words: BTreeMap<Class, Vec<String>>,
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
    LIST.iter().filter_map(|advice| advice.words.get(&class)).flatten().any(|words| holds(message, words))
}

/// The definite refusal that a message's words are, by the first entry that knows them.
pub(crate) fn refusal_in_words(message: &str) -> Option<Refusal> {
    let mut known = LIST.iter().flat_map(|advice| &advice.words);
    known.find_map(|(class, words)| class.refusal().filter(|_| words.iter().any(|words| holds(message, words))))
}

fn holds(message: &str, words: &str) -> bool {
    words.split('…').all(|piece| message.contains(piece))
}

/// What a text of ours that quotes KIS means: by KIS's words in it, else by the first code in it.
pub fn of_text(text: &str) -> Option<&'static Advice> {
    let by_words = |advice: &&Advice| advice.words.values().flatten().any(|words| holds(text, words));
    let by_code = |code: &str| LIST.iter().find(|advice| advice.codes.values().flatten().any(|known| known == code));
    let mut codes = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    LIST.iter().find(by_words).or_else(|| codes.find_map(by_code))
}

#[cfg(test)]
mod tests;
