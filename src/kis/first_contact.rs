//! What to do when no answer comes from KIS, by what stopped the request. What KIS's own codes mean is in `codes.toml`.

use crate::domain::Mode;
use crate::kis::words::network;
use crate::language::Sentence;

/// Why no answer came, as far as a person can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The gateway's name has no address.
    NoName,
    /// The connection was refused.
    Refused,
    /// No route leads to the address.
    NoWay,
    /// Nothing came in time.
    TooLate,
    /// The certificate is not trusted, or not at this time.
    Certificate,
}

impl Trouble {
    /// What happened, with the library's `error`; a time-out has a sentence of its own, with its length.
    pub(crate) fn words(self, error: &str) -> Option<Sentence> {
        match self {
            Trouble::NoName => Some(network::no_name(error)),
            Trouble::Refused => Some(network::refused(error)),
            Trouble::NoWay => Some(network::no_way(error)),
            Trouble::TooLate => None,
            Trouble::Certificate => Some(network::certificate(error)),
        }
    }

    /// What to do about it.
    pub(crate) fn advice(self, mode: Mode) -> Sentence {
        let (host, port) = match mode {
            Mode::Paper => ("openapivts.koreainvestment.com", 29443),
            Mode::Real => ("openapi.koreainvestment.com", 9443),
        };
        match self {
            Trouble::NoName => network::check_name(host),
            Trouble::Refused => network::check_firewall(host, port),
            Trouble::NoWay => network::check_network(),
            Trouble::TooLate => network::try_again(host, port),
            Trouble::Certificate => network::check_clock(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_of_the_network_has_its_own_words() {
        for (trouble, words) in [
            (Trouble::NoName, "name server"),
            (Trouble::Refused, "29443"),
            (Trouble::NoWay, "network"),
            (Trouble::TooLate, "29443"),
            (Trouble::Certificate, "clock"),
        ] {
            assert!(trouble.advice(Mode::Paper).contains(words), "{trouble:?}");
        }
    }
}
