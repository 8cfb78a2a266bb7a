//! Which gateways are allowed. Every request carries the app key and secret: one sent elsewhere gives the account away, so
//! there is no list to extend and no switch to override.

use std::net::{IpAddr, SocketAddr};

use crate::config::words::{self, addresses};
use crate::domain::Mode;
use crate::language::Sentence;

/// A checked origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// Scheme, host and port, without a trailing slash.
    pub(super) url: String,
    pub(super) is_loopback: bool,
}

/// KIS's own origin of a mode.
pub(super) fn own_origin(mode: Mode) -> Origin {
    let url = match mode {
        Mode::Real => "https://openapi.koreainvestment.com:9443",
        Mode::Paper => "https://openapivts.koreainvestment.com:29443",
    };
    Origin { url: url.to_owned(), is_loopback: false }
}

/// Checks `base_url`; an error ends a sentence about it. `mode` is `None` when what the file says can't be understood.
pub(super) fn check(url: &str, mode: Option<Mode>) -> Result<Origin, Sentence> {
    let origin = url.strip_suffix('/').unwrap_or(url);
    for owner in [Mode::Paper, Mode::Real] {
        if origin == own_origin(owner).url {
            return match mode {
                Some(mode) if mode != owner => Err(match owner {
                    Mode::Real => addresses::gateway_of_real(),
                    Mode::Paper => addresses::gateway_of_paper(),
                }),
                _ => Ok(own_origin(owner)),
            };
        }
    }
    let Some(authority) = origin.strip_prefix("http://") else {
        return Err(not_allowed(mode));
    };
    if authority.contains('@') {
        return Err(addresses::with_user());
    }
    if authority.contains(['/', '?', '#', '\\']) {
        return Err(addresses::must_end_after_port());
    }
    loopback(authority).ok_or_else(|| not_allowed(mode))?
}

/// Reads `host:port`; `None` when the host is no literal loopback address.
pub(super) fn loopback(authority: &str) -> Option<Result<Origin, Sentence>> {
    let end = authority.find(']').map(|bracket| bracket + 1).or(authority.find(':')).unwrap_or(authority.len());
    let (host, port) = authority.split_at(end);
    let address = match host.strip_prefix('[') {
        Some(rest) => IpAddr::V6(rest.strip_suffix(']')?.parse().ok()?),
        None => IpAddr::V4(host.parse().ok()?),
    };
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => Some(80),
        None => return None,
        Some(digits) => parse_port(digits),
    };
    let origin = |port| Origin { url: format!("http://{}", SocketAddr::new(address, port)), is_loopback: true };
    address.is_loopback().then(|| port.map(origin).ok_or_else(addresses::bad_port))
}

fn parse_port(digits: &str) -> Option<u16> {
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|port| is_plain && *port > 0)
}

fn not_allowed(mode: Option<Mode>) -> Sentence {
    match mode {
        Some(mode) => addresses::gateway_must_be(&own_origin(mode).url, mode.word()),
        None => addresses::gateway_must_be_known(),
    }
}

/// An address as a message may repeat it: without user, password, path and query, which may be secrets.
pub(super) fn show(url: &str) -> Sentence {
    let (scheme, rest) = url.split_at(url.find("://").map_or(0, |end| end + 3));
    // A password may hold a slash, although it should not.
    let (user, rest) = rest.rsplit_once('@').map_or(("", rest), |(_, rest)| ("…@", rest));
    let host = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let cut = if host.len() < rest.trim_end_matches('/').len() { "/…" } else { "" };
    let shown = crate::visible::visible(&format!("{scheme}{user}{host}{cut}"));
    if shown.chars().count() > 80 {
        words::masked(words::characters(url))
    } else {
        Sentence::verbatim(format!("\"{shown}\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAPER: Option<Mode> = Some(Mode::Paper);
    const REAL: Option<Mode> = Some(Mode::Real);

    #[test]
    fn takes_the_own_origin_of_the_mode_and_literal_loopback() {
        for (url, mode, origin, is_loopback) in [
            ("https://openapi.koreainvestment.com:9443", REAL, "https://openapi.koreainvestment.com:9443", false),
            ("https://openapi.koreainvestment.com:9443/", REAL, "https://openapi.koreainvestment.com:9443", false),
            ("http://127.0.0.1:9443", PAPER, "http://127.0.0.1:9443", true),
            ("http://127.0.0.1:9443/", REAL, "http://127.0.0.1:9443", true),
            ("http://127.0.0.1:1", REAL, "http://127.0.0.1:1", true),
            ("http://127.255.255.254:65535", REAL, "http://127.255.255.254:65535", true),
            ("http://127.0.0.1", REAL, "http://127.0.0.1:80", true),
            ("http://[::1]:8080", PAPER, "http://[::1]:8080", true),
            ("http://[0:0:0:0:0:0:0:1]:8080", PAPER, "http://[::1]:8080", true),
            ("http://[::1]", PAPER, "http://[::1]:80", true),
        ] {
            assert_eq!(check(url, mode), Ok(Origin { url: origin.to_owned(), is_loopback }), "{url}");
        }
        let paper = own_origin(Mode::Paper);
        assert_eq!(paper.url, "https://openapivts.koreainvestment.com:29443");
        assert!(check(&paper.url, PAPER) == Ok(paper.clone()) && check(&paper.url, None) == Ok(paper.clone()));
    }

    #[test]
    fn refuses_every_other_address() {
        let refused = r"
            / http:// http:/// 127.0.0.1:9443 https://127.0.0.1:9443 https://[::1]:9443 http://localhost:9443
            http://127.0.0.1.evil.example:80 http://127.1:80 http://0x7f.0.0.1:80 http://0177.0.0.1:80 http://2130706433:80
            http://0.0.0.0:80 http://128.0.0.1:80 http://10.0.0.1:80 http://[::]:80 http://[::ffff:127.0.0.1]:80
            http://[::1%25lo]:80 http://[::1:80 http://[::1]x80 http://::1:80 http://127.0.0.1:0 http://127.0.0.1:65536
            http://127.0.0.1:70000 http://127.0.0.1:+80 http://127.0.0.1: http://127.0.0.1:80:80 http://127.0.0.1:80//
            http://127.0.0.1:80/path http://127.0.0.1:80?query http://127.0.0.1:80#part http://127.0.0.1:80\@evil.example
            http://user:pass@127.0.0.1:80 http://127.0.0.1:80@evil.example:80 http://127.0.0.1:８０ HTTP://127.0.0.1:80
            http://openapi.koreainvestment.com:9443 https://openapi.koreainvestment.com
            https://openapi.koreainvestment.com:443 https://openapi.koreainvestment.com:9443//
            https://openapi.koreainvestment.com:9443/uapi https://openapi.koreainvestment.com:9443?x
            https://openapi.koreainvestment.com.evil.example:9443 https://user@openapi.koreainvestment.com:9443
            https://OPENAPI.koreainvestment.com:9443 https://openapivts.koreainvestment.com:29443 ftp://127.0.0.1:21
            file:///etc/passwd";
        for url in refused.split_whitespace().chain(["", " http://127.0.0.1:80", "http://127.0.0.1:80 "]) {
            assert!(check(url, REAL).is_err(), "{url:?}");
        }
        let real = "https://openapi.koreainvestment.com:9443";
        assert!(check(real, PAPER).unwrap_err().contains("for real accounts, but mode is \"paper\""));
    }

    #[test]
    fn shows_no_secret_of_an_address() {
        for (url, shown) in [
            ("http://user:pass@10.0.0.1:80", "\"http://…@10.0.0.1:80\""),
            ("http://a@b@10.0.0.1:80/x?appsecret=s", "\"http://…@10.0.0.1:80/…\""),
            ("https://evil.example/", "\"https://evil.example\""),
            ("localhost:80", "\"localhost:80\""),
            ("http://a\u{1b}[31m", "\"http://a\\u{1b}[31m\""),
        ] {
            assert_eq!(show(url), shown, "{url}");
        }
        assert_eq!(show(&"s".repeat(180)), "\"…\" (180 characters)");
    }
}
