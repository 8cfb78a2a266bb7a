//! Why KIS gave no answer to a read or a token request, as far as callers act on it.

mod words;

use std::fmt;

use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::exit::{Failure, Reason};
use crate::language::Sentence;

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
    #[error("{}", words::unavailable(&.0.to_string()))]
    Unavailable(KisWords),
    /// Any other refusal.
    #[error("{0}")]
    Refused(KisWords),
    /// No connection, or no answer in time.
    #[error("{detail}")]
    Unreachable {
        /// What happened.
        detail: Sentence,
        /// What to do about a token request that got no answer, when more than waiting helps.
        advice: Option<Sentence>,
    },
    /// An answer that cannot be understood or contradicts itself.
    #[error("{detail}")]
    Nonsense {
        /// What is wrong with it.
        detail: Sentence,
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
    pub fn into_failure(self, what: &Sentence) -> Failure {
        let (reason, next) = match &self {
            KisError::NotSent(failure) => return failure.clone(),
            KisError::TooSoon { .. } | KisError::RateLimited(_) => (Reason::RateLimited, words::rate()),
            KisError::TokenRefused(_) => (Reason::TokenRefused, words::token()),
            KisError::CredentialsRefused(_) => (Reason::CredentialsRefused, words::credentials()),
            KisError::WrongAccount(_) => (Reason::ConfigInvalid, words::account()),
            KisError::WrongMode(_) => (Reason::ConfigInvalid, words::mode()),
            KisError::Refused(_) => (Reason::GatewayNonsense, words::refused()),
            KisError::ListChanged(_) => (Reason::GatewayUnreachable, words::changed()),
            KisError::Unreachable { .. } | KisError::Unavailable(_) => {
                (Reason::GatewayUnreachable, words::unreachable())
            }
            KisError::Nonsense { .. } => (Reason::GatewayNonsense, words::nonsense()),
        };
        Failure::new(reason, words::unreadable(what)).because(self.words()).next(next)
    }

    /// What happened, for people; KIS's own words as they are.
    pub fn words(&self) -> Sentence {
        match self {
            KisError::Unreachable { detail, .. } | KisError::Nonsense { detail } => detail.clone(),
            KisError::NotSent(failure) => failure.sentence(),
            KisError::Unavailable(said) => words::unavailable(&said.to_string()),
            said => Sentence::verbatim(said.to_string()),
        }
    }
}
