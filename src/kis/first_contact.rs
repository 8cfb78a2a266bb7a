//! What to do when KIS gives no token: in words, by its code or by how far the request came. Pure.

use crate::domain::mode::Mode;
use crate::kis::token::TokenError;
use crate::kis::transport::Trouble;

impl TokenError {
    /// What a person at the first contact should do; `None` where waiting is all there is.
    pub fn advice(&self, mode: Mode) -> Option<&'static str> {
        match self {
            TokenError::CredentialsRefused { code, .. } => Some(of_credentials(code, mode)),
            TokenError::WrongMode { .. } => Some(match mode {
                Mode::Paper => {
                    "use the app key of a paper account (모의투자), or set mode = \"real\" if real money is what you want"
                }
                Mode::Real => "use the app key of a real account, or set mode = \"paper\"",
            }),
            TokenError::Unreachable { trouble: Some(trouble), .. } => Some(of_trouble(*trouble, mode)),
            _ => None,
        }
    }
}

fn of_credentials(code: &str, mode: Mode) -> &'static str {
    match (code, mode) {
        ("EGW00102" | "EGW00103", Mode::Paper) => {
            "KIS does not know this app key for paper trading: with mode = \"paper\" only the key of a paper account \
             (모의투자) works; copy it anew from KIS Developers"
        }
        ("EGW00102" | "EGW00103", Mode::Real) => {
            "KIS does not know this app key for real trading: with mode = \"real\" only the key of a real account works, \
             and a paper key needs mode = \"paper\"; copy it anew from KIS Developers"
        }
        ("EGW00104" | "EGW00105" | "EGW00304", _) => {
            "KIS knows the app key, and not with this app secret: copy both anew from the same entry at KIS Developers; \
             a secret has 180 characters, and a renewed key has a new one"
        }
        _ => {
            "look at the app key at KIS Developers: it may have run out after a year, or may not use the service; paper \
             and real have keys of their own"
        }
    }
}

fn of_trouble(trouble: Trouble, mode: Mode) -> &'static str {
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

    fn refused(code: &str) -> TokenError {
        TokenError::CredentialsRefused { code: code.to_owned(), message: String::new() }
    }

    fn wrong_mode() -> TokenError {
        TokenError::WrongMode { code: "EGW02004".to_owned(), message: String::new() }
    }

    #[test]
    fn each_mix_up_of_key_secret_and_mode_has_its_own_words() {
        for (error, mode, words) in [
            (refused("EGW00103"), Mode::Paper, "only the key of a paper account"),
            (refused("EGW00103"), Mode::Real, "a paper key needs mode = \"paper\""),
            (refused("EGW00105"), Mode::Paper, "not with this app secret"),
            (refused("EGW00210"), Mode::Paper, "may not use the service"),
            (wrong_mode(), Mode::Real, "set mode = \"paper\""),
            (wrong_mode(), Mode::Paper, "the app key of a paper account"),
        ] {
            let advice = error.advice(mode).unwrap();
            assert!(advice.contains(words), "{error:?}: {advice}");
        }
        assert_eq!(TokenError::TooSoon { message: String::new() }.advice(Mode::Paper), None);
    }

    #[test]
    fn each_trouble_of_the_network_has_its_own_words() {
        for (trouble, words) in [
            (Trouble::NoName, "name server"),
            (Trouble::Refused, "29443"),
            (Trouble::NoWay, "network"),
            (Trouble::TooLate, "29443"),
            (Trouble::Certificate, "clock"),
        ] {
            let error = TokenError::Unreachable { detail: String::new(), trouble: Some(trouble) };
            assert!(error.advice(Mode::Paper).unwrap().contains(words), "{trouble:?}");
        }
        assert_eq!(TokenError::Unreachable { detail: String::new(), trouble: None }.advice(Mode::Real), None);
    }
}
