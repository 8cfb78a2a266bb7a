//! What a code or the words of KIS mean and what to do about it, in English and Korean. `codes.toml` is the one list: the
//! errors print it, and the troubleshooting pages are made of it.

use std::collections::BTreeMap;

use serde::Deserialize;

const CODES: &str = include_str!("codes.toml");

/// One meaning of one or more codes.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Advice {
    /// The heading under which the pages show it.
    pub section: String,
    /// KIS's codes (`msg_cd` or `error_code`); empty when KIS's code is not known.
    #[serde(default)]
    pub codes: Vec<String>,
    /// A piece of KIS's words (`msg1`).
    #[serde(rename = "match", default)]
    pub words: Option<String>,
    /// In English.
    pub en: Words,
    /// In Korean.
    pub ko: Words,
}

/// The text in one language.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// What it means: one or two sentences.
    pub means: String,
    /// What to do.
    pub todo: String,
}

/// All there is, in the order of the pages.
pub fn all() -> Vec<Advice> {
    // A damaged list takes the advice away, never the error that it belongs to; a test reads the list.
    let mut sections: BTreeMap<String, Vec<Advice>> = toml::from_str(CODES).unwrap_or_default();
    sections.remove("entry").unwrap_or_default()
}

/// What the first code of KIS's in a text of ours means, or the words of KIS's in it. Words win over codes, which KIS shares
/// between meanings.
pub fn of_text(text: &str) -> Option<Advice> {
    let all = all();
    let by_words = |advice: &&Advice| advice.words.as_ref().is_some_and(|words| text.contains(words.as_str()));
    let by_code = |code: &str| all.iter().find(|advice| advice.codes.iter().any(|known| known == code));
    let mut codes = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    all.iter().find(by_words).or_else(|| codes.find_map(by_code)).cloned()
}

#[cfg(test)]
mod tests;
