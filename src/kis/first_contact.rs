//! What to do when no answer comes from KIS, by how far the request came. Pure. What KIS's own codes mean stands in
//! `codes.toml`.

use crate::domain::mode::Mode;
use crate::kis::transport::Trouble;

/// What a person at the first contact should do.
pub(crate) fn advice(trouble: Trouble, mode: Mode) -> &'static str {
    match (trouble, mode) {
        (Trouble::NoName, Mode::Paper) => {
            "check that this machine has a network and a name server: `getent hosts openapivts.koreainvestment.com`"
        }
        (Trouble::NoName, Mode::Real) => {
            "check that this machine has a network and a name server: `getent hosts openapi.koreainvestment.com`"
        }
        (Trouble::Refused, Mode::Paper) => {
            "check [gateway] base_url, and that a firewall lets port 29443 of openapivts.koreainvestment.com through"
        }
        (Trouble::Refused, Mode::Real) => {
            "check [gateway] base_url, and that a firewall lets port 9443 of openapi.koreainvestment.com through"
        }
        (Trouble::NoWay, _) => "check this machine's network: `ip route`, cable, Wi-Fi, VPN",
        (Trouble::TooLate, Mode::Paper) => {
            "try again; if it stays, a firewall swallows port 29443 of openapivts.koreainvestment.com, or KIS is in \
             maintenance"
        }
        (Trouble::TooLate, Mode::Real) => {
            "try again; if it stays, a firewall swallows port 9443 of openapi.koreainvestment.com, or KIS is in \
             maintenance"
        }
        (Trouble::Certificate, _) => {
            "check this machine's clock first (`timedatectl`): a certificate is valid for a span of time only; then \
             whether a proxy or a virus scanner stands between this machine and KIS"
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
            assert!(advice(trouble, Mode::Paper).contains(words), "{trouble:?}");
        }
    }
}
