//! HTTP to one address, once: https with the built-in roots, plain http only to loopback; no proxy, no redirect, no retry.
//! The address is a secret: no error repeats it.

use std::io::ErrorKind;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use ureq::tls::RootCerts;
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body, Timeout};

use crate::http::{LiteralFirst, agent_config};
use crate::tell::message::NotDelivered;
use crate::tell::words::delivery as words;

/// The most of an answer that is read.
const MAX_BODY: u64 = 64 * 1024;

#[derive(Debug)]
pub struct HttpAnswer {
    pub status: u16,
    /// `None` when it was not asked for, or is incomplete.
    pub body: Option<Vec<u8>>,
}

pub fn post_json(
    url: &SecretString,
    is_loopback: bool,
    body: &[u8],
    timeout: Duration,
    wants_body: bool,
) -> Result<HttpAnswer, NotDelivered> {
    let request = agent(is_loopback, timeout).post(url.expose_secret()).header("content-type", "application/json");
    answer(request.send(body), wants_body)
}

/// Sends a bare GET: the request itself is the message.
pub fn ping(url: &SecretString, timeout: Duration) -> Result<(), NotDelivered> {
    let is_loopback = url.expose_secret().starts_with("http://");
    let answer = answer(agent(is_loopback, timeout).get(url.expose_secret()).call(), false)?;
    check_status(answer.status)
}

pub fn check_status(status: u16) -> Result<(), NotDelivered> {
    if (200..300).contains(&status) { Ok(()) } else { Err(NotDelivered::surely(words::http_status(status))) }
}

fn agent(is_loopback: bool, timeout: Duration) -> Agent {
    let config = agent_config(RootCerts::WebPki, is_loopback, timeout, 0);
    Agent::with_parts(config, DefaultConnector::default(), LiteralFirst::default())
}

fn answer(sent: Result<ureq::http::Response<Body>, ureq::Error>, wants_body: bool) -> Result<HttpAnswer, NotDelivered> {
    let response = sent.map_err(|error| not_delivered(&error))?;
    let status = response.status().as_u16();
    let body = wants_body.then(|| response.into_body().into_with_config().limit(MAX_BODY).read_to_vec().ok()).flatten();
    Ok(HttpAnswer { status, body })
}

/// Describes the failure in our words: the library's may name the address.
fn not_delivered(error: &ureq::Error) -> NotDelivered {
    match error {
        ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
            NotDelivered::surely(words::no_connection_in_time())
        }
        ureq::Error::Timeout(_) => NotDelivered::perhaps(words::no_answer_in_time()),
        ureq::Error::HostNotFound => NotDelivered::surely(words::name_unresolved()),
        ureq::Error::ConnectionFailed => NotDelivered::surely(words::unreachable()),
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => NotDelivered::surely(words::untrusted()),
        ureq::Error::Io(error) if is_before_connection(error.kind()) => NotDelivered::surely(words::unreachable()),
        ureq::Error::Io(_) => NotDelivered::perhaps(words::connection_broke()),
        ureq::Error::BadUri(_) | ureq::Error::RequireHttpsOnly(_) => NotDelivered::surely(words::address_unusable()),
        _ => NotDelivered::perhaps(words::not_http()),
    }
}

fn is_before_connection(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionRefused
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::AddrNotAvailable
            | ErrorKind::PermissionDenied
    )
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;

    /// A server for one connection that answers with these bytes, and its address with a secret in it.
    fn server(answer: &'static [u8]) -> (SecretString, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/sesame", listener.local_addr().unwrap());
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = vec![0; 4096];
            let length = stream.read(&mut head).unwrap();
            stream.write_all(answer).unwrap();
            String::from_utf8_lossy(&head[..length]).into_owned()
        });
        (url.into(), thread)
    }

    #[test]
    fn success_is_a_status_of_two_hundred_and_something() {
        for (answer, is_told) in [
            (&b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nOK"[..], true),
            (b"HTTP/1.1 204 No Content\r\n\r\n", true),
            (b"HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n", false),
            (b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", false),
            (b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n", false),
            (b"SSH-2.0-OpenSSH_9.2\r\n", false),
            (b"\xff\xfe\x00", false),
            (b"", false),
        ] {
            let (url, thread) = server(answer);
            let told = ping(&url, Duration::from_secs(5));
            assert_eq!(told.is_ok(), is_told, "{} {told:?}", String::from_utf8_lossy(answer));
            if let Err(NotDelivered { why, .. }) = told {
                assert!(!why.contains("sesame") && !why.contains("127.0.0.1"), "{why}");
            }
            assert!(thread.join().unwrap().starts_with("GET /sesame HTTP/1.1\r\n"));
        }
    }

    #[test]
    fn a_server_without_a_trusted_certificate_is_not_told() {
        let (url, thread) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        let url: SecretString = url.expose_secret().replace("http://", "https://").into();
        assert!(ping(&url, Duration::from_secs(5)).is_err());
        assert!(!thread.join().unwrap().contains("sesame"), "the address left in the clear");
    }

    #[test]
    fn nobody_there_is_certain_and_silence_is_not() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url: SecretString = format!("http://{}/", listener.local_addr().unwrap()).into();
        // The connection waits in the queue: it comes about, and no answer ever does.
        assert!(ping(&url, Duration::from_millis(50)).unwrap_err().is_doubtful);
        drop(listener);
        assert!(!ping(&url, Duration::from_secs(5)).unwrap_err().is_doubtful);
    }
}
