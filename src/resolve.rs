//! Name resolution for HTTP clients: a literal address as it stands.

use std::net::{IpAddr, SocketAddr};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Takes a literal address as it stands: ureq's own resolver starts a thread for every connection.
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
