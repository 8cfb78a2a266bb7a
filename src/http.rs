//! The rules of every HTTP client of the program: no proxy, no redirect, https except to loopback, no name lookup for a
//! literal address.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::config::{AutoHeaderValue, Config};
use ureq::http::Uri;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectionDetails, Connector, DefaultConnector, NextTimeout};

/// The largest head of an answer.
const MAX_HEAD: usize = 32 * 1024;
/// A connection's buffers: the longest head that is read, and more than a request of ours. ureq's own would be 128 KiB each.
const INPUT_BUFFER: usize = MAX_HEAD;
const OUTPUT_BUFFER: usize = 8 * 1024;

/// Client configuration with at most `connections` kept alive. A redirect or a proxy would show the secrets in our requests
/// to others.
pub(crate) fn agent_config(roots: RootCerts, is_loopback: bool, timeout: Duration, connections: usize) -> Config {
    Agent::config_builder()
        .https_only(!is_loopback)
        .tls_config(TlsConfig::builder().root_certs(roots).build())
        .proxy(None)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .user_agent(concat!("kis-trade/", env!("CARGO_PKG_VERSION")))
        .accept_encoding(AutoHeaderValue::None)
        .max_response_header_size(MAX_HEAD)
        .input_buffer_size(INPUT_BUFFER)
        .output_buffer_size(OUTPUT_BUFFER)
        .max_idle_connections(connections)
        .max_idle_connections_per_host(connections)
        // A little less than the whole, so that a timeout names the phase it happened in.
        .timeout_connect(Some(timeout - timeout / 8))
        .timeout_global(Some(timeout))
        .build()
}

/// One connector for several clients: what it keeps of a server's TLS, the roots read once and the sessions to resume, serves
/// them all.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedConnector(Arc<DefaultConnector>);

impl Connector<()> for SharedConnector {
    type Out = <DefaultConnector as Connector<()>>::Out;

    fn connect(&self, details: &ConnectionDetails, chained: Option<()>) -> Result<Option<Self::Out>, ureq::Error> {
        self.0.connect(details, chained)
    }
}

/// Resolves a literal address by itself: ureq's own resolver starts a thread for every connection.
#[derive(Debug, Default)]
pub(crate) struct LiteralFirst(DefaultResolver);

impl Resolver for LiteralFirst {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let host = uri.host().map(|host| host.trim_start_matches('[').trim_end_matches(']'));
        let address: Option<IpAddr> = host.and_then(|host| host.parse().ok());
        match (address, uri.port_u16()) {
            (Some(address), Some(port)) => {
                let mut addresses = self.empty();
                addresses.push(SocketAddr::new(address, port));
                Ok(addresses)
            }
            _ => self.0.resolve(uri, config, timeout),
        }
    }
}
