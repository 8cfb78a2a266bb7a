//! The one send function: HTTP as KIS needs it and as secrets need it.
//!
//! Every request carries the app secret, so it must reach the configured origin and nothing else: no proxy, no
//! redirect, https with the built-in roots except to loopback. Reads share one kept-alive connection; a POST gets a
//! connection of its own, so that a failure before its first byte differs from one after it. Over https it resumes the TLS
//! session of the reads.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use ureq::http::{HeaderMap, HeaderValue, Response};
use ureq::tls::RootCerts;
use ureq::unversioned::transport::{ConnectionDetails, Connector, Transport};
use ureq::{Agent, Body};

use crate::domain::{KisError, Mode};
use crate::http::{LiteralFirst, SharedConnector, agent_config};
use crate::kis::clean::Cleaner;
use crate::kis::endpoint::{Fields, Payload};
use crate::kis::first_contact::Trouble;
use crate::kis::json::MAX_BODY;
use crate::kis::wire;
use crate::kis::words::network;
use crate::language::Sentence;
use crate::ordered::Ordered;

/// Headers that mean something to us, hence must not come twice.
const SINGLE_HEADERS: [&str; 4] = ["tr_cont", "date", "content-length", "transfer-encoding"];

/// An answer, whole.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// The `tr_cont` header; blank when it is missing.
    pub(crate) tr_cont: String,
    pub(crate) date: Option<DateTime<Utc>>,
    pub(crate) body: Vec<u8>,
}

/// How far a request without a usable answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SendProgress {
    /// The connection never came up: no byte of the request left.
    NotSent,
    /// It may have arrived, but no whole answer came back.
    Lost,
    /// An answer came back that breaks the rules of HTTP, or ours.
    Garbled,
}

/// A request without a usable answer.
#[derive(Clone, Debug)]
pub(crate) struct SendError {
    pub(crate) progress: SendProgress,
    /// HTTP status, when one came.
    pub(crate) status: Option<u16>,
    /// What happened; not cleaned yet.
    pub(crate) detail: Sentence,
    pub(crate) trouble: Option<Trouble>,
}

impl SendError {
    /// The error of a read or a token request; with advice for people when `advised` is the mode.
    pub(crate) fn into_kis_error(self, cleaner: &Cleaner, advised: Option<Mode>) -> KisError {
        let detail = cleaner.clean_sentence(&self.detail);
        match self.progress {
            SendProgress::NotSent | SendProgress::Lost => {
                let advice = self.trouble.zip(advised).map(|(trouble, mode)| trouble.advice(mode));
                KisError::Unreachable { detail, advice }
            }
            SendProgress::Garbled => KisError::Nonsense { detail },
        }
    }
}

pub(crate) struct Wire {
    reads: Agent,
    posts: Agent,
    is_up: Arc<AtomicBool>,
    origin: String,
    timeout: Duration,
}

impl Wire {
    /// Prepares both agents; nothing is connected, and no TLS is set up before the first https request.
    pub(crate) fn new(origin: &str, is_loopback: bool, timeout: Duration) -> Wire {
        Wire::trusting(&RootCerts::WebPki, origin, is_loopback, timeout)
    }

    fn trusting(roots: &RootCerts, origin: &str, is_loopback: bool, timeout: Duration) -> Wire {
        let is_up = Arc::new(AtomicBool::new(false));
        let shared = SharedConnector::default();
        let agent = |connections| {
            let connector = shared.clone().chain(ConnectedMark(Arc::clone(&is_up)));
            let config = agent_config(roots.clone(), is_loopback, timeout, connections);
            Agent::with_parts(config, connector, LiteralFirst::default())
        };
        Wire { reads: agent(1), posts: agent(0), is_up: Arc::clone(&is_up), origin: origin.to_owned(), timeout }
    }

    /// Sends one request once and reads its whole answer.
    pub(crate) fn send(
        &self,
        path: &str,
        headers: &[(&'static str, HeaderValue)],
        payload: &Payload,
    ) -> Result<Reply, SendError> {
        // A read may find its connection up already; how far it came does not matter.
        self.is_up.store(matches!(payload, Payload::Query(_)), Ordering::Relaxed);
        let sent = match payload {
            Payload::Query(fields) => {
                let request = self.reads.get(format!("{}{path}?{}", self.origin, query_text(fields)));
                headers.iter().fold(request, |request, (name, value)| request.header(*name, value)).call()
            }
            Payload::Body(fields) => {
                let request = self.posts.post(format!("{}{path}", self.origin));
                let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
                request.send(&body_text(fields)[..])
            }
        };
        self.read_whole(sent.map_err(|error| self.failure(&error, None))?)
    }

    fn read_whole(&self, response: Response<Body>) -> Result<Reply, SendError> {
        let status = response.status().as_u16();
        let (parts, body) = response.into_parts();
        if let Some(detail) = contradiction(&parts.headers) {
            return Err(SendError { progress: SendProgress::Garbled, status: Some(status), detail, trouble: None });
        }
        let body = body.into_with_config().limit(MAX_BODY).read_to_vec();
        let body = body.map_err(|error| self.failure(&error, Some(status)))?;
        Ok(Reply { status, tr_cont: header_text(&parts.headers, "tr_cont"), date: server_date(&parts.headers), body })
    }

    fn failure(&self, error: &ureq::Error, status: Option<u16>) -> SendError {
        let progress = match error {
            // The mark is set the moment the connection, TLS included, is up. Until then nothing was sent, whatever
            // the error says; from then on everything may have been.
            _ if !self.is_up.load(Ordering::Relaxed) && status.is_none() => SendProgress::NotSent,
            ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) | ureq::Error::BodyExceedsLimit(_) => {
                SendProgress::Garbled
            }
            _ => SendProgress::Lost,
        };
        let trouble = trouble_of(error);
        let detail = match error {
            _ if let Some(words) = trouble.and_then(|trouble| trouble.words(&error.to_string())) => words,
            ureq::Error::Timeout(phase) => {
                let waited = u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX);
                network::timed_out(waited, &phase.to_string())
            }
            ureq::Error::BodyExceedsLimit(limit) => network::too_large(*limit),
            ureq::Error::Io(error) if error.kind() == ErrorKind::UnexpectedEof => network::closed_early(),
            ureq::Error::Io(error) if error.raw_os_error().is_some() => Sentence::from(error),
            ureq::Error::Io(error) => network::failed(&error.to_string()),
            other => network::failed(&other.to_string()),
        };
        SendError { progress, status, detail, trouble }
    }
}

/// Tells the kinds of trouble apart. TLS hides its own as the cause of an I/O error.
fn trouble_of(error: &ureq::Error) -> Option<Trouble> {
    match error {
        ureq::Error::Timeout(_) => Some(Trouble::TooLate),
        ureq::Error::HostNotFound => Some(Trouble::NoName),
        ureq::Error::ConnectionFailed => Some(Trouble::NoWay),
        ureq::Error::Io(error) => match error.kind() {
            ErrorKind::ConnectionRefused => Some(Trouble::Refused),
            ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable | ErrorKind::NetworkDown => Some(Trouble::NoWay),
            ErrorKind::TimedOut => Some(Trouble::TooLate),
            // A resolver without a name server; std reports no kind of its own.
            _ if error.to_string().starts_with("failed to lookup address") => Some(Trouble::NoName),
            _ => is_certificate(&error.to_string()),
        },
        other => is_certificate(&other.to_string()),
    }
}

fn is_certificate(words: &str) -> Option<Trouble> {
    words.contains("certificate").then_some(Trouble::Certificate)
}

/// The query string; every value encoded, since KIS's paging keys hold `^` and blanks and its wildcard is `%`.
fn query_text(fields: &Fields) -> String {
    let pairs: Vec<String> = fields.iter().map(|(key, value)| format!("{key}={}", wire::encode(value))).collect();
    pairs.join("&")
}

/// The JSON body: keys in upper case, every value a string.
fn body_text(fields: &Fields) -> Vec<u8> {
    let object: BTreeMap<_, _> = fields.iter().map(|(key, value)| (key, value)).ordered();
    serde_json::json!(object).to_string().into_bytes()
}

fn contradiction(headers: &HeaderMap) -> Option<Sentence> {
    let twice = SINGLE_HEADERS.iter().find(|name| headers.get_all(**name).iter().count() > 1);
    let has_two_lengths = headers.contains_key("content-length") && headers.contains_key("transfer-encoding");
    let two_lengths = || has_two_lengths.then(network::two_lengths);
    twice.map(|name| network::header_twice(name)).or_else(two_lengths)
}

fn header_text(headers: &HeaderMap, name: &str) -> String {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().trim().to_owned()
}

fn server_date(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let date = DateTime::parse_from_rfc2822(&header_text(headers, "date")).ok()?;
    Some(date.with_timezone(&Utc))
}

/// Marks the moment at which a connection is up.
#[derive(Debug)]
struct ConnectedMark(Arc<AtomicBool>);

impl<In: Transport> Connector<In> for ConnectedMark {
    type Out = In;

    fn connect(&self, _: &ConnectionDetails, chained: Option<In>) -> Result<Option<In>, ureq::Error> {
        self.0.store(chained.is_some(), Ordering::Relaxed);
        Ok(chained)
    }
}

#[cfg(test)]
mod tests;
