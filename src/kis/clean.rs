//! What may be shown of a server's text: one line, short, without control characters and without our secrets.

use secrecy::{ExposeSecret, SecretString};

use crate::config::Credentials;
use crate::domain::AccessToken;
use crate::language::Sentence;
use crate::visible::{cut, one_line};

/// The longest text that leaves this folder, in characters.
const MAX_LENGTH: usize = 200;
/// KIS's codes have twelve characters at most.
const MAX_CODE: usize = 20;
const MASK: &str = "***";
/// Shorter words are no tokens; KIS's have some 350 characters.
const SHORTEST_TOKEN: usize = 20;
const TOKEN_BEGINNING: &str = "eyJ";

/// Cleans server texts of our secrets, which servers echo: app key, app secret, account number and token.
pub(crate) struct Cleaner {
    secrets: Vec<SecretString>,
}

impl Cleaner {
    pub(crate) fn new(credentials: &Credentials, token: Option<&AccessToken>) -> Cleaner {
        let account = SecretString::from(credentials.account.number());
        let mut secrets = vec![credentials.app_key.clone(), credentials.app_secret.clone(), account];
        secrets.extend(token.map(|token| SecretString::from(token.expose())));
        secrets.retain(|secret| !secret.expose_secret().is_empty());
        // The longest first: a secret that holds another one must not survive in pieces.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose_secret().len()));
        Cleaner { secrets }
    }

    pub(crate) fn clean(&self, text: &str) -> String {
        // Masking comes after the removal of invisible characters, which could split a secret, and before the cut,
        // which could leave half of one.
        let mut line = one_line(text);
        for secret in self.secrets.iter().map(ExposeSecret::expose_secret) {
            // A search is prepared at a cost; most texts are too short to hold a secret.
            if line.len() >= secret.len() && line.contains(secret) {
                line = line.replace(secret, MASK);
            }
        }
        cut(mask_tokens(line), MAX_LENGTH)
    }

    /// Cleans a sentence that quotes a server.
    pub(crate) fn clean_sentence(&self, sentence: &Sentence) -> Sentence {
        sentence.clone().map(|text| self.clean(text))
    }

    /// A code of a few letters and digits, as it stands in a name.
    pub(crate) fn clean_code(&self, text: &str) -> String {
        self.clean(text).chars().take(MAX_CODE).collect()
    }
}

/// Masks whatever looks like a token (a JWT), be it one of an earlier run.
fn mask_tokens(line: String) -> String {
    if !line.contains(TOKEN_BEGINNING) {
        return line;
    }
    let mut masked = String::with_capacity(line.len());
    let mut rest = line.as_str();
    while let Some(start) = rest.find(TOKEN_BEGINNING) {
        let (before, token) = rest.split_at(start);
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let (token, after) = token.split_at(token.find(|c| !is_part(c)).unwrap_or(token.len()));
        masked.push_str(before);
        masked.push_str(if token.len() >= SHORTEST_TOKEN { MASK } else { token });
        rest = after;
    }
    masked + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AccountNumber;

    fn cleaner() -> Cleaner {
        let credentials = Credentials {
            app_key: SecretString::from("PSinventedKEY"),
            app_secret: SecretString::from("inventedSECRET/PSinventedKEY+="),
            account: AccountNumber::parse("99999999-01").unwrap(),
        };
        let token = AccessToken::new(
            "eyJ.invented.token".to_owned(),
            chrono::DateTime::UNIX_EPOCH,
            chrono::DateTime::UNIX_EPOCH,
        );
        Cleaner::new(&credentials, Some(&token))
    }

    #[test]
    fn leaves_one_visible_line() {
        for (dirty, clean) in [
            ("  주문 전송 완료 되었습니다.      ", "주문 전송 완료 되었습니다."),
            ("a\r\nb\tc", "a b c"),
            ("\u{1b}[31mred\u{7}\u{9b}x", "[31mredx"),
            ("abc\u{202e}def\u{2066}\u{feff}", "abcdef"),
            ("a \u{200b} b", "a b"),
            ("\u{a0}nbsp\u{3000}wide", "nbsp wide"),
            ("", ""),
        ] {
            assert_eq!(cleaner().clean(dirty), clean, "{dirty:?}");
        }
    }

    #[test]
    fn masks_every_secret_even_when_split_by_invisible_characters() {
        for (dirty, clean) in [
            ("key PSinventedKEY!", "key ***!"),
            ("secret inventedSECRET/PSinventedKEY+=.", "secret ***."),
            ("Bearer eyJ.invented.token", "Bearer ***"),
            ("99999999^01^NASD", "***^01^NASD"),
            ("account 99999999-01 and 9999999901", "account ***-01 and ***01"),
            ("PSinvented\u{1b}KEY", "***"),
            ("an old eyJ0eXAiOiJKV1Qi.eyJzdWIi_O-iJ0, then eyJ", "an old ***, then eyJ"),
        ] {
            assert_eq!(cleaner().clean(dirty), clean, "{dirty:?}");
        }
    }

    #[test]
    fn cuts_after_masking() {
        let long = format!("{}PSinventedKEY", "가".repeat(195));
        assert_eq!(cleaner().clean(&long), format!("{}***", "가".repeat(195)));
        assert_eq!(cleaner().clean(&"x".repeat(10_000)).len(), 200);
    }
}
