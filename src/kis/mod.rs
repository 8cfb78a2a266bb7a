//! The edge to Korea Investment & Securities: everything that KIS calls by its own names stays in this folder.
//!
//! - `client`: the gateway that commands hold.
//! - `gateway_config`: where KIS is, and as whom we speak to it.
//! - `rate_slot`: what the caller is asked for before each request.
//! - `call`: one call: headers, rate slots, tries.
//! - `transport`: the one send function: HTTP without proxies, redirects or a shared connection for orders.
//! - `endpoint`: what every KIS call says of itself.
//! - `token`, `balance`, `buying_power`, `orders`, `order`, `quote`: one KIS resource each.
//! - `pages`: when a list is complete.
//! - `json`, `wire`: strict reading of what KIS sends.
//! - `clean`: what may be shown of what KIS sends.
//! - `codes`: what KIS's codes and words mean, to the program and to people: one list.
//! - `error`: the error that a refusal becomes.
//! - `first_contact`: what to do when no answer comes: a closed network, a firewall, a clock that is off.
//!
//! It must not touch files, decide trades, or sleep: waiting for a rate slot is the caller's, through `rate_slot::Pace`.

mod balance;
mod buying_power;
mod call;
mod clean;
pub mod client;
pub mod codes;
mod endpoint;
pub mod error;
mod first_contact;
#[cfg(test)]
#[path = "../../tests/fuzz/answers.rs"]
mod fuzz;
pub mod gateway_config;
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
mod wire;

/// Log targets that `main` must keep silent at every level: at `trace` the HTTP and TLS packages log raw bytes, and
/// every KIS request carries the app key, the app secret and the token.
pub const SILENCED_LOG_TARGETS: [&str; 3] = ["ureq", "ureq_proto", "rustls"];

/// Reports whether a log target is one of them. A logger must ask for every line: a filter by name alone can be
/// overruled from the environment by a longer name (`RUST_LOG=ureq_proto::util=trace`).
pub fn is_silenced_target(target: &str) -> bool {
    SILENCED_LOG_TARGETS
        .iter()
        .any(|silenced| target.strip_prefix(silenced).is_some_and(|rest| rest.is_empty() || rest.starts_with("::")))
}
