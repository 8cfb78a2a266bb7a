//! What KIS's codes and words mean, and the failures that callers act on.

use thiserror::Error;

use crate::exit::{Exit, Failure, Reason};

/// Why a read failed for good. Texts are cleaned and hold no secret.
#[derive(Debug, Error)]
pub enum CallError {
    /// No connection, no answer in time, or KIS says that it cannot serve just now.
    #[error("{detail}")]
    Unreachable {
        /// What happened.
        detail: String,
    },
    /// An answer that cannot be understood or contradicts itself.
    #[error("{detail}")]
    Nonsense {
        /// What is wrong with it.
        detail: String,
    },
    /// Too many requests, at the gateway or at the ledger.
    #[error("{code} {message}")]
    RateLimited {
        /// KIS's code.
        code: String,
        /// KIS's words.
        message: String,
    },
    /// The token is expired, invalid or unknown.
    #[error("{code} {message}")]
    TokenRefused {
        /// KIS's code.
        code: String,
        /// KIS's words.
        message: String,
    },
    /// App key or app secret are refused, or may not use the service.
    #[error("{code} {message}")]
    CredentialsRefused {
        /// KIS's code.
        code: String,
        /// KIS's words.
        message: String,
    },
    /// The account does not belong to the app key.
    #[error("{code} {message}")]
    WrongAccount {
        /// KIS's code.
        code: String,
        /// KIS's words.
        message: String,
    },
    /// The app key belongs to the other environment.
    #[error("{code} {message}")]
    WrongMode {
        /// KIS's code.
        code: String,
        /// KIS's words.
        message: String,
    },
    /// Any other refusal.
    #[error("{code} {message}")]
    Refused {
        /// KIS's code.
        code: String,
        /// KIS's words.
        message: String,
    },
    /// The turn could not be taken.
    #[error("{0}")]
    Pace(Failure),
}

impl CallError {
    /// Turns it into the failure of a run; `what` names the read that failed.
    pub fn into_failure(self, what: &str) -> Failure {
        let (exit, reason, next) = match &self {
            CallError::Pace(failure) => return failure.clone(),
            CallError::Unreachable { .. } => (
                Exit::Gateway,
                Reason::GatewayUnreachable,
                "the next run tries again; if it stays, check the network and KIS's maintenance notices",
            ),
            CallError::Nonsense { .. } => (
                Exit::Gateway,
                Reason::GatewayNonsense,
                "nothing was decided from this answer; the next run asks again",
            ),
            CallError::RateLimited { .. } => (
                Exit::TryAgain,
                Reason::RateLimited,
                "the next run tries again; if it stays, another program uses this app key, or requests_per_second is too high",
            ),
            CallError::TokenRefused { .. } => {
                (Exit::Credentials, Reason::TokenRefused, "run `kis-trade token-check --force` to get a new token")
            }
            CallError::CredentialsRefused { .. } => (
                Exit::Credentials,
                Reason::CredentialsRefused,
                "check app key and app secret at KIS's portal, and that they belong to the configured mode",
            ),
            CallError::WrongAccount { .. } => (
                Exit::Config,
                Reason::ConfigInvalid,
                "check that the account number belongs to the app key and to the configured mode",
            ),
            CallError::WrongMode { .. } => (
                Exit::Config,
                Reason::ConfigInvalid,
                "paper and real have their own keys: make `mode` and the credentials agree",
            ),
            CallError::Refused { .. } => (
                Exit::Gateway,
                Reason::GatewayNonsense,
                "look the code up in KIS's portal; nothing was decided from this answer",
            ),
        };
        Failure::new(exit, reason, what).because(&self).next(next)
    }
}
