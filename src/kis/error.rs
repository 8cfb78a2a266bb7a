//! What KIS's codes and words mean to the program.

use crate::domain::{KisError, KisWords, Refusal};
use crate::kis::clean::Cleaner;
use crate::kis::codes::{Class, class_of, has_words_of};

/// 조회이후에 자료가 변경되었습니다.(다시 조회하세요)
const LIST_CHANGED: &str = "SYDB0050";

/// What is wrong with an answer. Not cleaned yet: it may quote a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Nonsense(pub(crate) String);

impl Nonsense {
    pub(crate) fn new(problem: impl Into<String>) -> Nonsense {
        Nonsense(problem.into())
    }

    /// A field whose value cannot be read. The value stays whole: a secret in it can only be masked whole.
    pub(crate) fn of_field(key: &str, value: &str, problem: &str) -> Nonsense {
        Nonsense(format!("{key} is {problem}: \"{value}\""))
    }

    pub(crate) fn with_status(self, status: u16) -> Nonsense {
        Nonsense(format!("HTTP {status}: {}", self.0))
    }
}

pub(crate) fn unreadable(nonsense: &Nonsense, cleaner: &Cleaner) -> KisError {
    KisError::Nonsense { detail: cleaner.clean(&nonsense.0) }
}

/// Reports whether KIS refused a request because they come too fast.
pub(crate) fn is_rate_limit(code: &str, message: &str) -> bool {
    is_of(Class::Rate, code, message)
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
        _ if is_of(Class::Transient, code, message) => {
            KisError::Unreachable { detail: format!("KIS cannot serve just now: {said}"), advice: None }
        }
        _ => KisError::Refused(said),
    }
}

/// Tells what a refused order means, when the refusal is definite. `None`: the order may live.
pub(crate) fn definite_refusal(code: &str, message: &str) -> Option<Refusal> {
    if is_of(Class::Transient, code, message) || message.contains("직전 거래를 반드시 확인") {
        return None;
    }
    // KIS shares codes between meanings (APBK0918, 40570000), so its words come first; not those of the gate.
    let by_code = || class_of(code).refusal();
    let is_gate = ["EGW", "IGW", "OPSQ"].iter().any(|family| code.starts_with(family));
    if is_gate { by_code() } else { refusal_by_words(message).or_else(by_code) }
}

/// KIS's words for definite refusals; on paper they are all there is for some.
fn refusal_by_words(message: &str) -> Option<Refusal> {
    let short = has_any(message, &["초과", "부족"]);
    if has_any(message, &["장운영시간", "영업일", "장종료", "장시작전"]) {
        Some(Refusal::MarketClosed)
    } else if short && has_any(message, &["주문가능금액", "예수금"]) {
        Some(Refusal::Cash)
    } else if (short && message.contains("수량")) || message.contains("잔고내역이 없습니다") {
        Some(Refusal::Shares)
    } else {
        let class =
            [Class::Definite(Refusal::WrongListing), Class::Account, Class::Definite(Refusal::Other)].into_iter();
        class.filter(|class| has_words_of(*class, message)).find_map(Class::refusal)
    }
}

fn has_any(message: &str, words: &[&str]) -> bool {
    words.iter().any(|word| message.contains(word))
}

#[cfg(test)]
mod tests;
