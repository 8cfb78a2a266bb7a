//! Trusts who signed the certificates of the tests, and nobody else.

use std::sync::LazyLock;

use pki_types::pem::PemObject;
use pki_types::{CertificateDer, TrustAnchor};

const CA: &[u8] = include_bytes!("../../../../tests/fixtures/tls/ca.pem");

/// The roots, as webpki-roots has them.
pub static TLS_SERVER_ROOTS: LazyLock<Vec<TrustAnchor<'static>>> = LazyLock::new(|| {
    let certificate = CertificateDer::from_pem_slice(CA).expect("the tests' own certificate");
    vec![webpki::anchor_from_trusted_cert(&certificate).expect("a signer").to_owned()]
});
