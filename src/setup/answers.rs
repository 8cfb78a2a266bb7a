//! What the answers mean, and what is wrong with one. Pure.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use secrecy::SecretString;

use crate::config::{APP_KEY_LENGTH, APP_SECRET_LENGTH};
use crate::domain::{AccountNumber, ListedSymbol, Mode};
use crate::language::Sentence;
use crate::setup::words;
use crate::visible::visible;

/// Longer lists are better written into the file.
const MOST_SYMBOLS: usize = 100;
/// The longest part of an answer that is repeated.
const LONGEST_SHOWN: usize = 24;

/// Everything that was asked for, in the form that the configuration takes.
pub struct Answers {
    pub venue: Venue,
    pub app_key: SecretString,
    pub app_secret: SecretString,
    /// `12345678-01`
    pub account: String,
    /// `SOUN` or `NYSE:SES`, each once.
    pub watch: Vec<String>,
}

/// Where orders will go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Venue {
    pub mode: Mode,
    /// A simulated gateway on this machine, in place of KIS.
    pub simulator: Option<SocketAddr>,
}

/// The two secrets of a KIS key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret {
    AppKey,
    AppSecret,
}

impl Secret {
    /// Its characters.
    pub fn length(self) -> usize {
        match self {
            Secret::AppKey => APP_KEY_LENGTH,
            Secret::AppSecret => APP_SECRET_LENGTH,
        }
    }
}

/// Reads the mode; nothing is paper. The address of a simulated gateway is taken, too, on loopback alone: no key may go to a
/// host that is not KIS's.
pub fn read_venue(text: &str) -> Result<Venue, Sentence> {
    let of_mode = |mode| Ok(Venue { mode, simulator: None });
    match text.to_lowercase().as_str() {
        "" | "paper" | "모의" | "모의투자" => of_mode(Mode::Paper),
        "real" | "실전" | "실전투자" => of_mode(Mode::Real),
        other => match other.strip_prefix("http://").map(|rest| rest.trim_end_matches('/').parse::<SocketAddr>()) {
            Some(Ok(address)) if address.ip().is_loopback() => {
                Ok(Venue { mode: Mode::Paper, simulator: Some(address) })
            }
            Some(_) => Err(words::simulator_not_here()),
            None => Err(words::neither_paper_nor_real()),
        },
    }
}

/// Reads one of the two secrets. What is said of a wrong one repeats none of it.
pub fn read_secret(text: &str, secret: Secret) -> Result<SecretString, Sentence> {
    let text = text.trim();
    let length = text.chars().count();
    // What neither KIS issues nor a TOML text in quotes holds as it is.
    let is_stray = |c: char| !c.is_ascii_graphic() || matches!(c, '"' | '\'' | '`' | '\\');
    if length == secret.length() && !text.contains(is_stray) {
        return Ok(SecretString::from(text));
    }
    Err(match secret {
        _ if text.is_empty() => words::nothing_typed(),
        _ if text.contains(is_stray) => words::stray_character(),
        Secret::AppKey if length == Secret::AppSecret.length() => words::secret_for_key(),
        Secret::AppSecret if length == Secret::AppKey.length() => words::key_for_secret(),
        Secret::AppKey => words::key_of_wrong_length(length, secret.length()),
        Secret::AppSecret => words::secret_of_wrong_length(length, secret.length()),
    })
}

/// Reads the account number; ten digits need no hyphen.
pub fn read_account(text: &str) -> Result<String, Sentence> {
    let is_digits = |count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_digits(8) {
        return Err(words::account_without_product());
    }
    let written = if is_digits(10) { format!("{}-{}", &text[..8], &text[8..]) } else { text.to_owned() };
    AccountNumber::parse(&written).map(|_| written).ok_or_else(words::no_account_number)
}

/// Reads the watch list: symbols between blanks or commas, in either case, each once.
pub fn read_watch(text: &str) -> Result<Vec<String>, Sentence> {
    let (mut watch, mut known) = (Vec::new(), BTreeSet::new());
    for word in text.split([' ', '\t', ',']).filter(|word| !word.is_empty()) {
        let bare = word.trim_matches(['"', '\'', '[', ']']).to_ascii_uppercase();
        let shown = || visible(&word.chars().take(LONGEST_SHOWN).collect::<String>());
        let listed: ListedSymbol = bare.parse().map_err(|_| words::no_symbol(&shown()))?;
        if known.insert(listed.symbol) {
            watch.push(bare);
        }
    }
    match watch.len() {
        0 => Err(words::no_symbols()),
        count if count > MOST_SYMBOLS => Err(words::too_many_symbols(count, MOST_SYMBOLS)),
        _ => Ok(watch),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn the_mode_is_paper_unless_something_else_is_said() {
        for (text, mode) in [
            ("", Mode::Paper),
            ("Paper", Mode::Paper),
            ("모의투자", Mode::Paper),
            ("real", Mode::Real),
            ("실전", Mode::Real),
        ] {
            assert_eq!(read_venue(text), Ok(Venue { mode, simulator: None }), "{text}");
        }
        for text in ["p", "rea", "1", "yes", "paper real"] {
            assert_eq!(read_venue(text), Err(words::neither_paper_nor_real()), "{text}");
        }
    }

    #[test]
    fn a_simulated_gateway_is_taken_on_loopback_alone() {
        for text in ["http://127.0.0.1:9443", "http://127.0.0.1:9443/", "http://[::1]:9443"] {
            let venue = read_venue(text).unwrap();
            assert!(venue.mode == Mode::Paper && venue.simulator.unwrap().port() == 9443, "{text}");
        }
        for text in [
            "http://10.0.0.1:9443",
            "http://localhost:9443",
            "http://127.0.0.1",
            "http://127.0.0.1:80@evil.example:80",
            "http://127.0.0.1.evil.example:80",
            "http://127.0.0.1:80/x",
            "http://",
        ] {
            assert_eq!(read_venue(text), Err(words::simulator_not_here()), "{text}");
        }
        assert!(read_venue("https://127.0.0.1:9443").is_err());
    }

    #[test]
    fn a_secret_has_its_length_and_no_sign_that_none_has() {
        let (key, secret) = ("K".repeat(36), "s".repeat(179) + "=");
        let said = |text: &str, of| read_secret(text, of).map(|secret| secret.expose_secret().to_owned());
        assert_eq!(said(&format!(" {key} "), Secret::AppKey), Ok(key.clone()));
        assert_eq!(said(&secret, Secret::AppSecret), Ok(secret.clone()));
        assert_eq!(said("", Secret::AppKey), Err(words::nothing_typed()));
        assert_eq!(said(&secret, Secret::AppKey), Err(words::secret_for_key()));
        assert_eq!(said(&key, Secret::AppSecret), Err(words::key_for_secret()));
        assert_eq!(said(&key[1..], Secret::AppKey), Err(words::key_of_wrong_length(35, 36)));
        assert_eq!(said(&secret[1..], Secret::AppSecret), Err(words::secret_of_wrong_length(179, 180)));
        for stray in [" ", "\"", "'", "\\", "\u{1b}", "키"] {
            let text = format!("{}{stray}{}", &key[..17], &key[..18]);
            assert_eq!(said(&text, Secret::AppKey), Err(words::stray_character()), "{stray:?}");
        }
    }

    #[test]
    fn an_account_number_may_lack_its_hyphen_and_nothing_else() {
        for text in ["12345678-01", "1234567801"] {
            assert_eq!(read_account(text).as_deref(), Ok("12345678-01"));
        }
        assert_eq!(read_account("12345678"), Err(words::account_without_product()));
        for text in ["", "123456789", "12345678-1", "12345678 01", "１２３４５６７８-01", "abcdefghij"] {
            assert_eq!(read_account(text), Err(words::no_account_number()), "{text}");
        }
    }

    #[test]
    fn a_watch_list_is_read_as_people_write_it() {
        let read = read_watch;
        assert_eq!(
            read("soun, RGTI  brk/b,nyse:ses"),
            Ok(["SOUN", "RGTI", "BRK/B", "NYSE:SES"].map(str::to_owned).to_vec())
        );
        assert_eq!(read("[\"SOUN\", \"SOUN\"]"), Ok(vec!["SOUN".to_owned()]));
        assert_eq!(read(" , "), Err(words::no_symbols()));
        assert_eq!(read("SOUN $X"), Err(words::no_symbol("$X")));
        assert_eq!(read("SOUN \u{1b}[A"), Err(words::no_symbol("\\u{1b}[A")));
        let many: String = (0..101).map(|number| format!("A{number} ")).collect();
        assert_eq!(read(&many), Err(words::too_many_symbols(101, 100)));
    }
}
