//! What to do when no answer comes from KIS, by what stopped the request. What KIS's own codes mean is in `codes.toml`.

use crate::domain::Mode;

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
    /// What happened, as a plain sentence; a time-out has one of its own, with its length.
    pub(crate) fn words(self) -> Option<&'static str> {
        match self {
            Trouble::NoName => Some("there is no DNS: the gateway's name has no address"),
            Trouble::Refused => Some("the connection was refused: nothing listens there, or a firewall turns it away"),
            Trouble::NoWay => Some("this machine has no way to the gateway's address"),
            Trouble::TooLate => None,
            Trouble::Certificate => {
                Some("the gateway's certificate is not trusted, or not at the time of this machine's clock")
            }
        }
    }

    /// What to do about it.
    pub(crate) fn advice(self, mode: Mode) -> String {
        let (host, port) = match mode {
            Mode::Paper => ("openapivts.koreainvestment.com", 29443),
            Mode::Real => ("openapi.koreainvestment.com", 9443),
        };
        match self {
            Trouble::NoName => {
                format!("check that this machine has a network and a name server: `getent hosts {host}`")
            }
            Trouble::Refused => {
                format!("check [gateway] base_url, and that a firewall lets port {port} of {host} through")
            }
            Trouble::NoWay => "check this machine's network: `ip route`, cable, Wi-Fi, VPN".to_owned(),
            Trouble::TooLate => {
                format!("try again; if this persists, a firewall drops port {port} of {host}, or KIS is in maintenance")
            }
            Trouble::Certificate => {
                "check this machine's clock first (`timedatectl`): a certificate is valid only for a \
                certain time; then whether a proxy or a virus scanner sits between this machine and KIS"
                    .to_owned()
            }
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
