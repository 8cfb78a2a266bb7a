//! The access token: a secret with a life.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};

use crate::domain::account::fingerprint;

/// A token KIS issued.
#[derive(Clone)]
pub struct AccessToken {
    secret: SecretString,
    /// When it expires, as far as known; the only source of the life left.
    pub expires_at: DateTime<Utc>,
    /// When it was issued.
    pub created_at: DateTime<Utc>,
}

words! {
    /// The token as the result shows it.
    pub enum TokenState {
        /// It lives.
        Valid = "valid",
        /// It was renewed in this run.
        Renewed = "renewed",
        /// It is dead, or KIS refused it.
        Expired = "expired",
        /// There is none.
        Missing = "missing",
    }
}

impl TokenState {
    /// Reports whether requests can be made with it.
    pub fn is_usable(self) -> bool {
        matches!(self, TokenState::Valid | TokenState::Renewed)
    }
}

impl AccessToken {
    /// Wraps the text of a token.
    pub fn new(text: String, created_at: DateTime<Utc>, expires_at: DateTime<Utc>) -> AccessToken {
        AccessToken { secret: SecretString::from(text), expires_at, created_at }
    }

    /// The text for the `authorization` header and for the token file; nothing else may see it.
    pub fn expose(&self) -> &str {
        self.secret.expose_secret()
    }

    /// A short hash that tells tokens apart in files and logs.
    pub fn fingerprint(&self) -> String {
        fingerprint(self.expose())
    }

    /// The life left at `now`; zero or negative when dead.
    pub fn time_left(&self, now: DateTime<Utc>) -> TimeDelta {
        self.expires_at - now
    }

    /// Reports whether it still lives at `now`.
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.time_left(now) > TimeDelta::zero()
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccessToken(fingerprint {}, expires {})", self.fingerprint(), self.expires_at)
    }
}
