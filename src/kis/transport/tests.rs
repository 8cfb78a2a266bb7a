//! Tests of the transport.

mod tls;

use std::io::Error;

use super::*;

#[test]
fn what_keeps_an_answer_away_is_told_apart() {
    let io = |kind: ErrorKind, words: &str| ureq::Error::Io(Error::new(kind, words.to_owned()));
    for (error, expected) in [
        (ureq::Error::HostNotFound, Some(Trouble::NoName)),
        (
            io(ErrorKind::Other, "failed to lookup address information: Temporary failure in name resolution"),
            Some(Trouble::NoName),
        ),
        (io(ErrorKind::ConnectionRefused, "Connection refused"), Some(Trouble::Refused)),
        (io(ErrorKind::NetworkUnreachable, "Network is unreachable"), Some(Trouble::NoWay)),
        (io(ErrorKind::HostUnreachable, "No route to host"), Some(Trouble::NoWay)),
        (io(ErrorKind::TimedOut, "Connection timed out"), Some(Trouble::TooLate)),
        // rustls, for a clock that is years off, and for a stranger's certificate.
        (io(ErrorKind::InvalidData, "invalid peer certificate: Expired"), Some(Trouble::Certificate)),
        (io(ErrorKind::InvalidData, "invalid peer certificate: NotValidYet"), Some(Trouble::Certificate)),
        (io(ErrorKind::InvalidData, "invalid peer certificate: UnknownIssuer"), Some(Trouble::Certificate)),
        (io(ErrorKind::ConnectionReset, "Connection reset by peer"), None),
        (ureq::Error::BodyExceedsLimit(7), None),
    ] {
        assert_eq!(trouble_of(&error), expected, "{error}");
    }
}
