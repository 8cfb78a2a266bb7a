//! Judges a refusal: the `KisError` of a read or a token request, and whether an order was definitely refused. Single codes and
//! words are in `codes.toml`; here are those that count only in combination.

use crate::domain::{KisError, KisWords, Refusal};
use crate::kis::clean::Cleaner;
use crate::kis::codes::{Class, class_of, has_words_of, refusal_in_words};
use crate::language::Sentence;

/// 조회이후에 자료가 변경되었습니다.(다시 조회하세요)
const LIST_CHANGED: &str = "SYDB0050";

/// What is wrong with an answer. Not cleaned yet: it may quote a secret, and then quotes it whole, since only a whole one can
/// be masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Nonsense(pub(crate) Sentence);

impl Nonsense {
    pub(crate) fn with_status(self, status: u16) -> Nonsense {
        Nonsense(Sentence::verbatim(format!("HTTP {status}")).and(": ", &self.0))
    }
}

pub(crate) fn unreadable(nonsense: &Nonsense, cleaner: &Cleaner) -> KisError {
    KisError::Nonsense { detail: cleaner.clean_sentence(&nonsense.0) }
}

/// Reports whether KIS refused a request because they come too fast.
pub(crate) fn is_rate_limit(code: &str, message: &str) -> bool {
    is_of(Class::Pacing, code, message)
}

fn is_of(class: Class, code: &str, message: &str) -> bool {
    class_of(code) == class || has_words_of(class, message)
}

/// Tells what a refusal of a read or a token request means. Code and message come cleaned.
pub(crate) fn refusal_of_request(code: &str, message: &str) -> KisError {
    let said = KisWords { code: code.to_owned(), message: message.to_owned() };
    // The gate uses EGW00213 for two things; the other one is a missing name of a partner company.
    let is_other_213 = code == "EGW00213" && message.contains("제휴사명");
    match class_of(code) {
        _ if code == LIST_CHANGED => KisError::ListChanged(said),
        Class::Token => KisError::TokenRefused(said),
        _ if is_rate_limit(code, message) => KisError::RateLimited(said),
        Class::Credentials => KisError::CredentialsRefused(said),
        _ if is_of(Class::Account, code, message) => KisError::WrongAccount(said),
        Class::Mode if !is_other_213 => KisError::WrongMode(said),
        Class::Routing => KisError::Unavailable(said),
        _ if is_of(Class::Transient, code, message) => KisError::Unavailable(said),
        _ => KisError::Refused(said),
    }
}

/// Tells what a refused order means, when the refusal is definite. `None`: the order may live.
pub(crate) fn definite_refusal(code: &str, message: &str) -> Option<Refusal> {
    if is_of(Class::Transient, code, message) {
        return None;
    }
    // KIS shares codes between meanings (APBK0918, 40570000), so its words come first; not those of the gate.
    let by_code = || class_of(code).refusal();
    if is_of_the_gate(code) { by_code() } else { refusal_in_words(message).or_else(by_code) }
}

/// Tells what a refusal that is not definite means, if no list shows the order: the gateway's routing error, and a no in plain
/// words under a code that nobody listed. The gate's own codes say too little for that.
pub(crate) fn likely_refusal(status: u16, code: &str, message: &str) -> Option<Refusal> {
    if class_of(code) == Class::Routing {
        return Some(Refusal::System);
    }
    let says_no = status == 200 && !message.is_empty() && !is_of_the_gate(code);
    (says_no && !is_of(Class::Transient, code, message) && !is_rate_limit(code, message)).then_some(Refusal::Unlisted)
}

fn is_of_the_gate(code: &str) -> bool {
    ["EGW", "IGW", "OPSQ"].iter().any(|family| code.starts_with(family))
}

#[cfg(test)]
mod tests;
