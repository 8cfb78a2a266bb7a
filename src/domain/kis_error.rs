//! Why KIS gave no answer to a read or a token request, as far as callers act on it.

use std::fmt;

use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::exit::{Failure, Reason};

/// What KIS said, cleaned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Error)]
pub struct KisWords {
    /// KIS's code; blank when it gave none, or was not asked.
    #[serde(rename = "kis_code", serialize_with = "null_if_blank")]
    pub code: String,
    /// Its message.
    #[serde(rename = "kis_message")]
    pub message: String,
}

fn null_if_blank<S: Serializer>(code: &str, serializer: S) -> Result<S::Ok, S::Error> {
    Some(code).filter(|code| !code.is_empty()).serialize(serializer)
}

impl fmt::Display for KisWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blank = if self.code.is_empty() || self.message.is_empty() { "" } else { " " };
        write!(f, "{}{blank}{}", self.code, self.message)
    }
}

/// Why a read or a token request failed for good. Texts are cleaned and hold no secret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KisError {
    /// KIS issues one token a minute.
    #[error("EGW00133 {message}")]
    TooSoon {
        /// KIS's words.
        message: String,
    },
    /// Too many requests, at the gateway or at the ledger.
    #[error("{0}")]
    RateLimited(KisWords),
    /// The token is expired, invalid or unknown.
    #[error("{0}")]
    TokenRefused(KisWords),
    /// App key or app secret are refused, or may not use the service.
    #[error("{0}")]
    CredentialsRefused(KisWords),
    /// The account does not belong to the app key.
    #[error("{0}")]
    WrongAccount(KisWords),
    /// The app key belongs to the other environment.
    #[error("{0}")]
    WrongMode(KisWords),
    /// The list changed between two of its pages.
    #[error("{0}")]
    ListChanged(KisWords),
    /// KIS answers that it cannot serve this request just now.
    #[error("KIS cannot serve just now: {0}")]
    Unavailable(KisWords),
    /// Any other refusal.
    #[error("{0}")]
    Refused(KisWords),
    /// No connection, or no answer in time.
    #[error("{detail}")]
    Unreachable {
        /// What happened.
        detail: String,
        /// What to do about a token request that got no answer, when more than waiting helps.
        advice: Option<String>,
    },
    /// An answer that cannot be understood or contradicts itself.
    #[error("{detail}")]
    Nonsense {
        /// What is wrong with it.
        detail: String,
    },
    /// The request was not sent, for a reason of our own: no rate slot, or the run has to end.
    #[error("{0}")]
    NotSent(Failure),
}

impl KisError {
    /// Reports whether the same read may succeed a moment later.
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            KisError::Unreachable { .. }
                | KisError::Unavailable(_)
                | KisError::Nonsense { .. }
                | KisError::RateLimited(_)
        )
    }

    /// Turns the error of a read into the failure of a run; `what` names what was to be read.
    pub fn into_failure(self, what: &str) -> Failure {
        let (reason, next) = match &self {
            KisError::NotSent(failure) => return failure.clone(),
            KisError::TooSoon { .. } | KisError::RateLimited(_) => (Reason::RateLimited, NEXT_RATE),
            KisError::TokenRefused(_) => (Reason::TokenRefused, NEXT_TOKEN),
            KisError::CredentialsRefused(_) => (Reason::CredentialsRefused, NEXT_CREDENTIALS),
            KisError::WrongAccount(_) => (Reason::ConfigInvalid, NEXT_ACCOUNT),
            KisError::WrongMode(_) => (Reason::ConfigInvalid, NEXT_MODE),
            KisError::Refused(_) => (Reason::GatewayNonsense, NEXT_REFUSED),
            KisError::ListChanged(_) => (Reason::GatewayUnreachable, NEXT_CHANGED),
            KisError::Unreachable { .. } | KisError::Unavailable(_) => (Reason::GatewayUnreachable, NEXT_UNREACHABLE),
            KisError::Nonsense { .. } => (Reason::GatewayNonsense, NEXT_NONSENSE),
        };
        Failure::new(reason, format!("{what} can't be read")).because(self.to_string()).next(next)
    }
}

// What to do about a read that failed.
const NEXT_RATE: &str =
    "the next run tries again; if this persists, another program uses this app key, or requests_per_second is too high";
const NEXT_TOKEN: &str = "run `kis-trade token-check --force` to get a new token";
const NEXT_CREDENTIALS: &str =
    "check app key and app secret at KIS's portal, and that they belong to the configured mode";
const NEXT_ACCOUNT: &str = "check that the account number belongs to the app key and to the configured mode";
const NEXT_MODE: &str = "paper and real have their own keys: make `mode` and the credentials agree";
const NEXT_REFUSED: &str = "look the code up in KIS's portal; nothing was decided from this answer";
const NEXT_CHANGED: &str = "the list changes faster than it can be read; the next run tries again";
const NEXT_UNREACHABLE: &str =
    "the next run tries again; if this persists, check the network and KIS's maintenance notices";
const NEXT_NONSENSE: &str = "nothing was decided from this answer; the next run asks again";
