//! Issuing and revoking the access token.

use chrono::TimeDelta;
use thiserror::Error;

use crate::domain::access_token::AccessToken;
use crate::exit::{Exit, Failure, Reason};
use crate::kis::client::{GatewayConfig, Pace};

/// A token as KIS answered with it: it may be the one we already have (within six hours KIS repeats itself).
#[derive(Clone, Debug)]
pub struct IssuedToken {
    /// The token and its life: the smaller of what `expires_in` and the Korean date say.
    pub token: AccessToken,
    /// The server's clock minus ours, when the answer stated a date.
    pub clock_skew: Option<TimeDelta>,
}

/// Why no token was issued. Texts are cleaned and hold no secret.
#[derive(Debug, Error)]
pub enum TokenError {
    /// EGW00133: KIS issues one token a minute.
    #[error("EGW00133 {message}")]
    TooSoon {
        /// KIS's words.
        message: String,
    },
    /// App key or app secret are wrong, or belong to the other environment.
    #[error("{code} {message}")]
    CredentialsRefused {
        /// KIS's code.
        code: String,
        /// KIS's words.
        message: String,
    },
    /// No connection, no answer in time, or KIS says that it cannot serve just now.
    #[error("{detail}")]
    Unreachable {
        /// What happened.
        detail: String,
    },
    /// An answer that cannot be understood, or an unknown refusal.
    #[error("{detail}")]
    Nonsense {
        /// What is wrong with it.
        detail: String,
    },
    /// Too many requests.
    #[error("{code} {message}")]
    RateLimited {
        /// KIS's code.
        code: String,
        /// KIS's words.
        message: String,
    },
    /// The turn could not be taken; nothing was sent.
    #[error("{0}")]
    Pace(Failure),
}

impl TokenError {
    /// Turns it into the failure of a run that has no live token; `what` names what was tried.
    pub fn into_failure(self, what: &str) -> Failure {
        let (exit, reason, next) = match &self {
            TokenError::Pace(failure) => return failure.clone(),
            TokenError::TooSoon { .. } => {
                (Exit::TryAgain, Reason::TooSoon, "KIS issues one token a minute: try again in 65 s")
            }
            TokenError::CredentialsRefused { .. } => (
                Exit::Credentials,
                Reason::CredentialsRefused,
                "check app key and app secret at KIS's portal, and that they belong to the configured mode",
            ),
            TokenError::Unreachable { .. } => (
                Exit::Gateway,
                Reason::GatewayUnreachable,
                "the next run tries again; if it stays, check the network and KIS's maintenance notices",
            ),
            TokenError::Nonsense { .. } => (Exit::Gateway, Reason::GatewayNonsense, "the next run asks again"),
            TokenError::RateLimited { .. } => (Exit::TryAgain, Reason::RateLimited, "the next run tries again"),
        };
        Failure::new(exit, reason, what).because(&self).next(next)
    }
}

/// Asks for a token: one try; only a connection that never came up is tried a second time.
///
/// # Errors
/// See [`TokenError`].
pub fn issue_token(_config: &GatewayConfig, _pace: &Pace) -> Result<IssuedToken, TokenError> {
    Err(TokenError::Unreachable { detail: "not built".to_owned() })
}

/// Revokes a token.
///
/// # Errors
/// See [`TokenError`].
pub fn revoke_token(_config: &GatewayConfig, _token: &AccessToken, _pace: &Pace) -> Result<(), TokenError> {
    Err(TokenError::Unreachable { detail: "not built".to_owned() })
}
