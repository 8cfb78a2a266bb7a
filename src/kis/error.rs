//! What KIS's codes and words mean to the program.

use crate::domain::intent::Refusal;
use crate::domain::kis_error::KisError;

/// What is wrong with an answer. Not cleaned yet: only the client shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Nonsense(pub(crate) String);

impl Nonsense {
    pub(crate) fn new(problem: impl Into<String>) -> Nonsense {
        Nonsense(problem.into())
    }

    /// A field whose value cannot be read. The value stays whole and as it came: only whole can a secret in it be
    /// masked, and whoever shows it cuts it then.
    pub(crate) fn of_field(key: &str, value: &str, problem: &str) -> Nonsense {
        Nonsense(format!("{key} is {problem}: \"{value}\""))
    }
}

/// Token expired, invalid or unknown to the gate.
const TOKEN_CODES: [&str; 3] = ["EGW00121", "EGW00122", "EGW00123"];
/// Too many requests a second: at the gateway, at the ledger.
const RATE_CODES: [&str; 2] = ["EGW00201", "EGW00215"];
/// Key, secret, or the right to use the service at all. All are told by the gate, before anything is executed.
const CREDENTIAL_CODES: [&str; 11] = [
    "EGW00003", "EGW00004", "EGW00102", "EGW00103", "EGW00104", "EGW00105", "EGW00130", "EGW00206", "EGW00207",
    "EGW00210", "EGW00304",
];
/// A request of one environment at the host of the other.
const MODE_CODES: [&str; 3] = ["EGW00213", "EGW02004", "EGW02006"];
/// The account is not the key's, or no account at all.
const ACCOUNT_CODE: &str = "OPSQ2000";
/// Failures that pass by themselves. For a read they are worth another try; for an order they say nothing.
const TRANSIENT_CODES: [&str; 16] = [
    "EGW00001", "EGW00002", "EGW00202", "EGW00203", "EGW00300", "EGW00301", "EGW00302", "EGW00316", "IGW00009",
    "OPSQ0003", "OPSQ0008", "OPSQ0009", "OPSQ0010", "OPSQ0011", "OPSQ1002", "OPSQ3004",
];
/// Malformed requests and services that the gate does not know: refused before anything is executed.
const GATE_REFUSALS: [&str; 9] =
    ["EGW00101", "EGW00131", "EGW00132", "EGW00205", "EGW00208", "EGW00209", "OPSQ0002", "OPSQ2001", "OPSQ2002"];

/// Words for an account that this key must not use; KIS's codes for them are not known.
const ACCOUNT_WORDS: [&str; 3] = ["INVALID_CHECK_ACNO", "계좌번호가 일치하지 않", "주문이 불가한 계좌"];
/// Words of the paper host when it is overloaded; its code is not known.
const BUSY_WORDS: &str = "서비스가 지연";
const RATE_WORDS: &str = "초당 거래건수를 초과";

/// Reports whether the gate refused the token.
pub(crate) fn is_token_code(code: &str) -> bool {
    TOKEN_CODES.contains(&code)
}

/// Reports whether the gate turned a request away unexecuted. For an order only codes count, never words.
pub(crate) fn is_gate_code(code: &str) -> bool {
    TOKEN_CODES.contains(&code) || RATE_CODES.contains(&code)
}

/// Reports whether KIS refused a request because they come too fast.
pub(crate) fn is_rate_limit(code: &str, message: &str) -> bool {
    RATE_CODES.contains(&code) || message.contains(RATE_WORDS)
}

/// Reports whether a refusal concerns app key or app secret.
pub(crate) fn is_credential_code(code: &str) -> bool {
    CREDENTIAL_CODES.contains(&code)
}

/// Reports whether a refusal passes by itself.
pub(crate) fn is_transient(code: &str, message: &str) -> bool {
    TRANSIENT_CODES.contains(&code) || message.contains(BUSY_WORDS)
}

/// Tells what a refusal of a read or a token request means. Code and message come cleaned.
pub(crate) fn refusal_of_request(code: &str, message: &str) -> KisError {
    let (code, message) = (code.to_owned(), message.to_owned());
    // The gate uses EGW00213 for two things; the other one is a missing name of a partner company.
    let is_other_213 = code == "EGW00213" && message.contains("제휴사명");
    if is_token_code(&code) {
        KisError::TokenRefused { code, message }
    } else if is_rate_limit(&code, &message) {
        KisError::RateLimited { code, message }
    } else if is_credential_code(&code) {
        KisError::CredentialsRefused { code, message }
    } else if code == ACCOUNT_CODE || has_any(&message, &ACCOUNT_WORDS) {
        KisError::WrongAccount { code, message }
    } else if MODE_CODES.contains(&code.as_str()) && !is_other_213 {
        KisError::WrongMode { code, message }
    } else if is_transient(&code, &message) {
        KisError::Unreachable { detail: format!("KIS cannot serve just now: {code} {message}"), advice: None }
    } else {
        KisError::Refused { code, message }
    }
}

/// KIS codes that refuse an order for good, and what they mean. Codes of uncertain meaning (APTR0057, APAM3099, …)
/// are left out on purpose: what is not on a list is unknown.
const ORDER_REFUSALS: [(&str, Refusal); 22] = [
    ("APBK0918", Refusal::MarketClosed),
    ("APBK1664", Refusal::MarketClosed),
    ("APBK0919", Refusal::MarketClosed),
    ("40570000", Refusal::MarketClosed),
    ("40580000", Refusal::MarketClosed),
    ("40100000", Refusal::MarketClosed),
    ("APBK0952", Refusal::Cash),
    ("40250000", Refusal::Cash),
    ("APBK0400", Refusal::Shares),
    ("APBK1234", Refusal::Shares),
    ("40240000", Refusal::Shares),
    ("APBK0656", Refusal::WrongListing),
    ("APBK1744", Refusal::NoRight),
    ("APBK1507", Refusal::Other),
    ("APBK0506", Refusal::Other),
    ("APBK0955", Refusal::Other),
    ("APBK1672", Refusal::Other),
    ("APBK1058", Refusal::Other),
    ("APBK1663", Refusal::Other),
    ("40330000", Refusal::Other),
    ("90000000", Refusal::Other),
    (ACCOUNT_CODE, Refusal::NoRight),
];

/// Tells what a refused order means, when the refusal is definite. `None`: nobody knows, the order may live.
pub(crate) fn definite_refusal(code: &str, message: &str) -> Option<Refusal> {
    if is_transient(code, message) || message.contains("직전 거래를 반드시 확인") {
        return None;
    }
    // Wrong keys, wrong environment, a service not granted: the gate turned the request away before it could be
    // executed, and every further order would end the same way.
    if is_credential_code(code) || MODE_CODES.contains(&code) {
        return Some(Refusal::NoRight);
    }
    if GATE_REFUSALS.contains(&code) {
        return Some(Refusal::Other);
    }
    // KIS shares codes between meanings (APBK0918, 40570000), so its words come first.
    let by_code = || ORDER_REFUSALS.iter().find(|(known, _)| *known == code).map(|(_, refusal)| *refusal);
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
    } else if message.contains("종목정보가 없습니다") {
        Some(Refusal::WrongListing)
    } else if has_any(message, &ACCOUNT_WORDS) {
        Some(Refusal::NoRight)
    } else if has_any(message, &OTHER_REFUSAL_WORDS) {
        Some(Refusal::Other)
    } else {
        None
    }
}

/// Not tradable here, off the tick, outside the price band, not offered, nothing left to cancel, a field missing.
const OTHER_REFUSAL_WORDS: [&str; 6] = [
    "매매불가",
    "호가단위",
    "상/하한가",
    "해당업무가 제공되지 않습니다",
    "정정/취소할 수량이 없습니다",
    "정정취소구분코드를 확인",
];

fn has_any(message: &str, words: &[&str]) -> bool {
    words.iter().any(|word| message.contains(word))
}

#[cfg(test)]
mod tests;
