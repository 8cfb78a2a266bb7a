//! Tests of TLS: a gateway whose certificate is wrong in any way is told nothing, not even what the request is.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Mutex;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{HandshakeKind, ServerConfig, ServerConnection, StreamOwned};
use ureq::tls::Certificate;

use super::*;
use crate::domain::{Mode, OutcomeClass, Side};
use crate::kis::testing::{config, gateway_with, order_request};

const CA: &[u8] = include_bytes!("../../../../tests/fixtures/tls/ca.pem");
const KEY: &[u8] = include_bytes!("../../../../tests/fixtures/tls/server.key.pem");
const GOOD: &[u8] = include_bytes!("../../../../tests/fixtures/tls/good.pem");
const WRONG_NAME: &[u8] = include_bytes!("../../../../tests/fixtures/tls/wrong_name.pem");
const EXPIRED: &[u8] = include_bytes!("../../../../tests/fixtures/tls/expired.pem");
const SELF_SIGNED: &[u8] = include_bytes!("../../../../tests/fixtures/tls/self_signed.pem");
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

/// A TLS server with one certificate, and all that it could decrypt.
struct TlsServer {
    url: String,
    heard: Arc<Mutex<Vec<u8>>>,
    /// Of each connection that brought a request.
    handshakes: Arc<Mutex<Vec<Option<HandshakeKind>>>>,
}

impl TlsServer {
    fn start(certificate: &[u8]) -> TlsServer {
        let chain = vec![CertificateDer::from_pem_slice(certificate).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
        let server = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let server = server.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let server = Arc::new(server.with_single_cert(chain, key).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let handshakes = Arc::new(Mutex::new(Vec::new()));
        let (memory, kinds) = (Arc::clone(&heard), Arc::clone(&handshakes));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&server)).unwrap(), stream);
                // A client that dislikes the certificate hangs up: then there is nothing to read.
                let mut request = Vec::new();
                let mut bytes = [0; 4096];
                while let Ok(count @ 1..) = stream.read(&mut bytes) {
                    request.extend(&bytes[..count]);
                    if request.ends_with(b"}") || request.ends_with(b"\r\n\r\n") && request.starts_with(b"GET") {
                        break;
                    }
                }
                memory.lock().unwrap().extend(&request);
                if !request.is_empty() {
                    kinds.lock().unwrap().push(stream.conn.handshake_kind());
                    let _ = stream.write_all(ANSWER);
                }
            }
        });
        TlsServer { url, heard, handshakes }
    }

    fn heard(&self) -> String {
        String::from_utf8(self.heard.lock().unwrap().clone()).unwrap()
    }
}

/// Sends a POST by the program's own configuration, but for whom it trusts.
fn send(server: &TlsServer, roots: &RootCerts) -> Result<Reply, SendError> {
    let wire = Wire::trusting(roots, &server.url, false, Duration::from_secs(20));
    wire.send("/order", &[], &Payload::Body(vec![("SECRET", "secret".to_owned())]))
}

fn own_roots() -> RootCerts {
    RootCerts::new_with_certs(&[Certificate::from_pem(CA).unwrap()])
}

#[test]
fn a_good_certificate_of_a_trusted_signer_is_taken() {
    // Without this one the others would prove nothing.
    let server = TlsServer::start(GOOD);
    assert_eq!(send(&server, &own_roots()).unwrap().body, b"{}");
    assert!(server.heard().contains("{\"SECRET\":\"secret\"}"), "{}", server.heard());
}

#[test]
fn a_post_resumes_the_session_of_the_reads() {
    let server = TlsServer::start(GOOD);
    let wire = Wire::trusting(&own_roots(), &server.url, false, Duration::from_secs(20));
    let post = || Payload::Body(vec![("A", "1".to_owned())]);
    for payload in [Payload::Query(vec![("A", "1".to_owned())]), post(), post()] {
        assert_eq!(wire.send("/path", &[], &payload).unwrap().body, b"{}");
    }
    let kinds = server.handshakes.lock().unwrap().clone();
    let again = Some(HandshakeKind::Resumed);
    assert!(kinds[0] == Some(HandshakeKind::Full) && kinds[1..] == [again, again], "{kinds:?}");
}

#[test]
fn a_wrong_certificate_is_told_nothing() {
    for (name, certificate, word) in [
        ("for another name", WRONG_NAME, "not valid for name"),
        ("expired", EXPIRED, "expired"),
        ("signed by nobody", SELF_SIGNED, "UnknownIssuer"),
    ] {
        let server = TlsServer::start(certificate);
        let error = send(&server, &own_roots()).unwrap_err();
        assert_eq!((error.progress, error.status), (SendProgress::NotSent, None), "{name}: {error:?}");
        assert!(error.detail.contains(word), "{name}: {}", error.detail);
        assert_eq!(server.heard(), "", "{name}");
    }
}

#[test]
fn only_the_built_in_signers_are_trusted_and_an_order_was_not_sent() {
    for certificate in [GOOD, WRONG_NAME, EXPIRED, SELF_SIGNED] {
        let server = TlsServer::start(certificate);
        let mut strict = config(&server.url, Mode::Real);
        strict.is_loopback = false;
        let (gateway, _) = gateway_with(&strict);
        let outcome = gateway.submit_order(&order_request(Side::Buy));
        assert_eq!((outcome.class, outcome.http), (OutcomeClass::NotSent, None), "{}", outcome.msg);
        assert!(gateway.fetch_balance(Default::default()).is_err());
        assert_eq!(server.heard(), "");
    }
}
