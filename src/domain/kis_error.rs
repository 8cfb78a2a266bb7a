//! Why KIS did not do what was asked.

use thiserror::Error;

use crate::exit::Failure;

/// Why a read, a token request or a revocation failed. Texts are cleaned and hold no secret.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum KisError {
    /// EGW00133: KIS issues one token a minute.
    #[error("EGW00133 {message}")]
    TooSoon {
        /// KIS's words.
        message: String,
    },
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
    /// No rate slot could be had: nothing was sent.
    #[error("{0}")]
    NotSent(Failure),
}
