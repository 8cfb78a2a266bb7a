//! Where messages and pings may go: https anywhere, plain http only to a literal loopback address. Such an address may be a
//! secret: no message repeats more of it than its host.

use std::path::Path;

use crate::config::base_url;
use crate::config::document::Found;
use crate::config::file::{FileKind, NoText, read_text};
use crate::config::reader::Reader;
use crate::config::words::addresses;
use crate::language::Sentence;

/// Stands for the command in the address of a ping.
pub(super) const COMMAND: &str = "{command}";

const MAX_LENGTH: usize = 2048;

/// Reads an address from the configuration.
pub(super) fn read<'d>(
    reader: &mut Reader<'d>,
    key: &str,
    check: impl Fn(&str) -> Result<(), Sentence>,
) -> Option<&'d str> {
    let (found, url) = reader.text(key)?;
    check(url).map_err(|must| reader.refuse_as(&found, &base_url::show(url), must)).ok()?;
    Some(url)
}

/// Reads an address from the file that a key names.
pub(super) fn read_file(reader: &mut Reader<'_>, folder: &Path, key: &str) -> Option<String> {
    let (found, url) = read_secret(reader, folder, key)?;
    let refuse = |must| reader.refuse(&found, addresses::bad_address_in_file(&must));
    check_with_command(&url).map_err(refuse).ok()?;
    Some(url)
}

/// Reads a secret: the one line of a file that only its owner can read.
pub(super) fn read_secret<'d>(reader: &mut Reader<'d>, folder: &Path, key: &str) -> Option<(Found<'d>, String)> {
    let found = reader.text(key)?.0;
    let path = reader.path(key, folder)?;
    match read_text(&path, FileKind::OwnerOnlySecret) {
        Ok(text) if text.trim().is_empty() => reader.refuse(&found, addresses::secret_file_empty()),
        Ok(text) if text.trim().lines().count() > 1 => reader.refuse(&found, addresses::secret_file_long()),
        Ok(text) => return Some((found, text.trim().to_owned())),
        Err(NoText::Missing) => reader.refuse(&found, addresses::secret_file_missing()),
        Err(NoText::Refused(why)) => reader.refuse(&found, addresses::secret_file_refused(&why)),
    }
    None
}

/// Checks an address that may hold `{command}`.
pub(super) fn check_with_command(url: &str) -> Result<(), Sentence> {
    check(&url.replace(COMMAND, "command")).map(drop)
}

/// Checks an address; true for a literal loopback address over plain http. An error ends a sentence about the address.
pub(super) fn check(url: &str) -> Result<bool, Sentence> {
    let is_plain =
        |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' | '#');
    if url.len() > MAX_LENGTH || !url.chars().all(is_plain) {
        return Err(addresses::odd_characters());
    }
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(addresses::with_user());
    }
    match scheme {
        "https" if is_host_and_port(authority) => Ok(false),
        "http" if base_url::loopback(authority).is_some_and(|origin| origin.is_ok()) => Ok(true),
        _ => Err(addresses::must_be_https()),
    }
}

fn is_host_and_port(authority: &str) -> bool {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let is_host_char = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    !host.is_empty()
        && host.chars().all(is_host_char)
        && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_https_and_loopback() {
        for (url, is_loopback) in [
            ("https://hooks.slack.com/services/T0/B0/x", false),
            ("https://example.com", false),
            ("https://example.com:8443/a?b=c", false),
            ("https://[2001:db8::1]:443/x", false),
            ("http://127.0.0.1:8000/x", true),
            ("http://127.0.0.1/x?y", true),
            ("http://[::1]:8000", true),
        ] {
            assert_eq!(check(url), Ok(is_loopback), "{url}");
        }
    }

    #[test]
    fn refuses_every_other_address() {
        let long = format!("https://example.com/{}", "x".repeat(MAX_LENGTH));
        for url in [
            "",
            "example.com/x",
            "http://example.com/x",
            "http://localhost:8000/x",
            "http://127.0.0.1.example.com/x",
            "http://127.0.0.1:0/x",
            "http://127.0.0.1@example.com/x",
            "https://user:word@example.com/x",
            "https:///x",
            "https://:443/x",
            "https://example.com:0/x",
            "https://example.com:99999/x",
            "https://example.com/x y",
            "https://example.com/\u{202e}",
            "https://example.com/x#y",
            "https://exa_mple/",
            "ftp://example.com/x",
            "HTTPS://example.com/x",
            long.as_str(),
        ] {
            assert!(check(url).is_err(), "{url}");
        }
    }
}
