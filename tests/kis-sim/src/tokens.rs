//! Access tokens: the 24 hours, the same token within six hours, one issue a minute, revocation.
//!
//! Every rule follows the simulated clock. Older tokens stay valid when a new one is issued: what KIS does
//! with them is not documented.

use crate::account_id::AccountId;
use crate::calendar;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const SAME_TOKEN: TimeDelta = TimeDelta::hours(6);
const BETWEEN_ISSUES: TimeDelta = TimeDelta::minutes(1);
const DEFAULT_LIFE_SECONDS: i64 = 86_400;

/// One issued token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The bearer string.
    pub token: String,
    /// Whose key it was issued to.
    pub account: AccountId,
    /// When.
    pub issued_at: DateTime<Utc>,
    /// `issued_at` + `expires_in`.
    pub expires_at: DateTime<Utc>,
    /// Seconds of life as stated in every answer that carries it.
    pub expires_in: i64,
    /// `access_token_token_expired`, KST.
    pub expiry_text: String,
    /// Answers EGW00123 before its stated end.
    pub expired: bool,
    /// Given up: answers EGW00121, tokenP issues a new one.
    pub revoked: bool,
    /// Answers EGW00121 while tokenP goes on returning it.
    pub dead: bool,
}

/// What the next issues state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Life {
    /// Seconds.
    #[serde(default = "default_life")]
    pub expires_in: i64,
    /// How far the KST text is off from it.
    #[serde(default)]
    pub text_offset_seconds: i64,
}

/// Everything about tokens.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Tokens {
    /// In the order of issue.
    pub tokens: Vec<Token>,
    /// Token requests answered with a token, the same one again included.
    pub issues: u64,
    /// What the next issues state.
    pub life: Life,
    last_issue: BTreeMap<AccountId, DateTime<Utc>>,
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// EGW00121.
    Invalid,
    /// EGW00123.
    Expired,
}

impl Default for Life {
    fn default() -> Life {
        Life { expires_in: DEFAULT_LIFE_SECONDS, text_offset_seconds: 0 }
    }
}

fn default_life() -> i64 {
    DEFAULT_LIFE_SECONDS
}

impl Tokens {
    /// Issues a token, or the same one again within six hours; nothing within a minute of the last issue.
    pub fn issue(&mut self, account: AccountId, now: DateTime<Utc>, once_a_minute: bool) -> Option<Token> {
        let since = self.last_issue.get(&account).map(|last| now - last);
        // A clock set back leaves a last issue in the future, which stops nobody.
        let too_soon = since.is_some_and(|since| (TimeDelta::zero()..BETWEEN_ISSUES).contains(&since));
        if once_a_minute && too_soon {
            return None;
        }
        self.last_issue.insert(account, now);
        self.issues += 1;
        let current = self.tokens.iter().rfind(|token| token.account == account);
        if let Some(same) = current.filter(|token| token.is_reissued(now)) {
            return Some(same.clone());
        }
        let token = self.new_token(account, now);
        self.tokens.push(token.clone());
        Some(token)
    }

    /// Checks a bearer string for an account.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn check(&self, text: &str, account: AccountId, now: DateTime<Utc>) -> Result<(), Refusal> {
        let token = self.tokens.iter().rfind(|token| token.token == text && token.account == account);
        match token {
            None => Err(Refusal::Invalid),
            Some(token) if token.revoked || token.dead => Err(Refusal::Invalid),
            Some(token) if token.expired || token.expires_at <= now => Err(Refusal::Expired),
            Some(_) => Ok(()),
        }
    }

    /// Applies a change to one token or to all; false when none matches.
    pub fn change(&mut self, text: Option<&str>, change: impl Fn(&mut Token)) -> bool {
        let matching = self.tokens.iter_mut().filter(|token| text.is_none_or(|text| token.token == text));
        let changed = matching.map(change).count();
        changed > 0 || text.is_none()
    }

    fn new_token(&self, account: AccountId, now: DateTime<Utc>) -> Token {
        let expires_at = now + TimeDelta::seconds(self.life.expires_in);
        let stated = expires_at + TimeDelta::seconds(self.life.text_offset_seconds);
        Token {
            token: web_token(account, now, expires_at, self.tokens.len()),
            account,
            issued_at: now,
            expires_at,
            expires_in: self.life.expires_in,
            expiry_text: calendar::in_korea(stated).format("%Y-%m-%d %H:%M:%S").to_string(),
            expired: false,
            revoked: false,
            dead: false,
        }
    }
}

impl Token {
    /// Whether tokenP gives it out again. A dead one it does: that is what the control port's kill is about.
    fn is_reissued(&self, now: DateTime<Utc>) -> bool {
        let age = now - self.issued_at;
        let alive = !self.revoked && !self.expired && self.expires_at > now;
        alive && (TimeDelta::zero()..SAME_TOKEN).contains(&age)
    }
}

/// A string of a JWT's shape; its `jti` is the app key, as KIS's seem to have it. The signature is noise.
fn web_token(account: AccountId, now: DateTime<Utc>, expires_at: DateTime<Utc>, serial: usize) -> String {
    let header = r#"{"typ":"JWT","alg":"HS512"}"#;
    let seed = noise(now.timestamp_millis().unsigned_abs() ^ ((serial as u64) << 48));
    let audience = format!("{:08x}-kis-sim-{}-{serial}", seed >> 32, account);
    let (expires, issued, key) = (expires_at.timestamp(), now.timestamp(), account.app_key());
    let payload =
        format!(r#"{{"sub":"token","aud":"{audience}","iss":"unogw","exp":{expires},"iat":{issued},"jti":"{key}"}}"#);
    let signature: Vec<u8> = (1..=8).flat_map(|step| noise(seed.wrapping_add(step)).to_be_bytes()).collect();
    format!("{}.{}.{}", base64_url(header.as_bytes()), base64_url(payload.as_bytes()), base64_url(&signature))
}

/// One step of SplitMix64: well-mixed bits of a number.
pub(crate) fn noise(seed: u64) -> u64 {
    let mut bits = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

fn base64_url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let padded = [chunk[0], chunk.get(1).copied().unwrap_or(0), chunk.get(2).copied().unwrap_or(0)];
        let bits = u32::from_be_bytes([0, padded[0], padded[1], padded[2]]);
        let letters = (0..=chunk.len()).map(|i| ALPHABET[(bits >> (18 - 6 * i) & 63) as usize]);
        text.extend(letters.map(char::from));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mode::Mode;

    const PAPER: AccountId = AccountId::first(Mode::Paper);
    const REAL: AccountId = AccountId::first(Mode::Real);

    #[test]
    fn encodes_base64_without_padding() {
        for (bytes, text) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg")] {
            assert_eq!(base64_url(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn issue_rules_at_their_boundaries() {
        let start: DateTime<Utc> = "2026-03-10T14:00:00Z".parse().unwrap();
        let mut tokens = Tokens::default();
        let first = tokens.issue(PAPER, start, true).unwrap();
        assert!(first.token.len() <= 350);
        assert_eq!(first.expiry_text, "2026-03-11 23:00:00");
        assert_eq!(tokens.issue(PAPER, start + TimeDelta::seconds(59), true), None);
        assert!(tokens.issue(REAL, start, true).is_some());
        assert_eq!(tokens.issue(PAPER, start + TimeDelta::seconds(60), true), Some(first.clone()));
        assert_eq!(tokens.issue(PAPER, start + SAME_TOKEN - TimeDelta::seconds(1), true), Some(first.clone()));
        let second = tokens.issue(PAPER, start + SAME_TOKEN, false).unwrap();
        assert_ne!(second.token, first.token);
        let end = start + TimeDelta::days(1);
        assert_eq!(tokens.check(&first.token, PAPER, end - TimeDelta::seconds(1)), Ok(()));
        assert_eq!(tokens.check(&first.token, PAPER, end), Err(Refusal::Expired));
        assert_eq!(tokens.check(&first.token, REAL, start), Err(Refusal::Invalid));
    }

    #[test]
    fn killed_tokens_come_back_and_revoked_ones_do_not() {
        let start: DateTime<Utc> = "2026-03-10T14:00:00Z".parse().unwrap();
        let mut tokens = Tokens::default();
        let first = tokens.issue(PAPER, start, true).unwrap().token;
        assert!(tokens.change(Some(&first), |token| token.dead = true));
        assert!(!tokens.change(Some("other"), |token| token.dead = true));
        let later = start + TimeDelta::minutes(2);
        assert_eq!(tokens.check(&first, PAPER, later), Err(Refusal::Invalid));
        assert_eq!(tokens.issue(PAPER, later, true).unwrap().token, first);
        assert!(tokens.change(None, |token| token.revoked = true));
        assert_ne!(tokens.issue(PAPER, later, false).unwrap().token, first);
    }
}
