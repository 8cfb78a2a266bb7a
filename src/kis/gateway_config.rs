//! What every call to KIS is made with, beside the token and its own parameters.

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
