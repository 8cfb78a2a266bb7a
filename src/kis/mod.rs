//! The edge to Korea Investment & Securities: everything that KIS calls by its own names stays in this folder.
//!
//! It must not touch files, decide trades, or sleep: waiting for a rate slot is the caller's, through `rate_slot::Pace`.

mod balance;
mod buying_power;
mod call;
mod clean;
pub mod client;
pub mod codes;
mod daily_close;
mod endpoint;
pub mod error;
mod first_contact;
#[cfg(test)]
#[path = "../../tests/fuzz/answers.rs"]
mod fuzz;
mod json;
pub mod order;
mod orders;
mod pages;
mod quote;
pub mod rate_slot;
#[cfg(test)]
mod testing;
pub mod token;
mod transport;
mod united;
mod wire;
mod words;

use std::time::Duration;

use crate::clock::Clock;
use crate::config::Credentials;
use crate::domain::Mode;

/// What a gateway is built from.
#[derive(Clone, Debug)]
pub struct GatewayConfig {
    /// Paper or real.
    pub mode: Mode,
    /// Origin without a trailing slash.
    pub base_url: String,
    /// True when `base_url` is a literal loopback address: only then plain http is allowed.
    pub is_loopback: bool,
    /// Limit of one request, from name lookup to the last byte.
    pub timeout: Duration,
    /// Keys and account.
    pub credentials: Credentials,
    /// Time.
    pub clock: Clock,
}

/// Log targets that `logging` keeps silent at every level: at `trace` the HTTP and TLS packages log raw bytes, and
/// every KIS request carries the app key, the app secret and the token.
pub const SILENCED_LOG_TARGETS: [&str; 3] = ["ureq", "ureq_proto", "rustls"];

/// Reports whether a log target is one of them. A logger must ask for every line: a filter by name alone can be
/// overruled from the environment by a longer name (`RUST_LOG=ureq_proto::util=trace`).
pub fn is_silenced_target(target: &str) -> bool {
    SILENCED_LOG_TARGETS
        .iter()
        .any(|silenced| target.strip_prefix(silenced).is_some_and(|rest| rest.is_empty() || rest.starts_with("::")))
}
