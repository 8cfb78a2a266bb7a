//! What every KIS call states, and the envelope of every answer.

use std::time::Duration;

use crate::domain::{AccountNumber, Mode};
use crate::kis::clean::Cleaner;
use crate::kis::error::Nonsense;
use crate::kis::json::{self, Object, Value};
use crate::kis::rate_slot::SlotKind;
use crate::kis::{wire, words};

/// Parameters of a call, in KIS's names.
pub(crate) type Fields = Vec<(&'static str, String)>;

/// Where the parameters go; this decides the method too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Payload {
    /// GET, in the query string.
    Query(Fields),
    /// POST, as a JSON object of strings.
    Body(Fields),
}

pub(crate) trait Endpoint {
    const PATH: &'static str;

    /// The TR id by mode, from an explicit table: KIS's ids follow no rule that a program could apply.
    fn tr_id(&self, mode: Mode) -> &'static str;

    fn payload(&self, mode: Mode, account: &AccountNumber) -> Payload;
}

/// A call that changes nothing and may be repeated.
pub(crate) trait Query: Endpoint {
    type Answer;

    const SLOT: SlotKind;

    /// The `tr_cont` header to send: `N` asks for the next page.
    fn tr_cont(&self) -> &'static str {
        ""
    }

    /// Reads a successful answer.
    fn read(&self, answer: &Answer<'_>) -> Result<Self::Answer, Nonsense>;
}

/// A successful answer.
pub(crate) struct Answer<'a> {
    pub(crate) body: &'a Object<'a>,
    pub(crate) code: &'a str,
    /// The `tr_cont` header; blank when it is missing.
    pub(crate) tr_cont: &'a str,
    pub(crate) mode: Mode,
    /// Since boot.
    pub(crate) arrived_at: Duration,
    pub(crate) cleaner: &'a Cleaner,
}

/// What every body says: success or refusal, a code, and words. Code and words are cleaned, and may be blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Envelope<'a> {
    pub(crate) is_success: bool,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) body: Object<'a>,
}

impl<'a> Envelope<'a> {
    /// Opens either of KIS's envelopes: `rt_cd`, `msg_cd`, `msg1`, or `error_code`, `error_description` as `/oauth2`
    /// uses it.
    pub(crate) fn open(body: &'a [u8], cleaner: &Cleaner) -> Result<Envelope<'a>, Nonsense> {
        if body.is_empty() {
            return Err(Nonsense(words::empty()));
        }
        let body = json::parse(body)?;
        let error_code = wire::description(&body, "error_code");
        let (is_success, code, message) = match body.get("rt_cd") {
            Some(Value::Text(result)) if !result.trim_matches(' ').is_empty() => {
                let is_success = result.trim_matches(' ') == "0";
                if is_success && !error_code.is_empty() {
                    return Err(Nonsense(words::contradictory()));
                }
                (is_success, wire::description(&body, "msg_cd"), wire::description(&body, "msg1"))
            }
            Some(_) => return Err(Nonsense(words::no_result())),
            None if !error_code.is_empty() => (false, error_code, wire::description(&body, "error_description")),
            None => return Err(Nonsense(words::neither())),
        };
        let (code, message) = (cleaner.clean(code), cleaner.clean(message));
        Ok(Envelope { is_success, code, message, body })
    }
}
