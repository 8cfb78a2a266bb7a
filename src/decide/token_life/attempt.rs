//! The record of the last token request, shared by all runs.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::limit::{LIMIT, LIMIT_AFTER_THREE};
use crate::domain::kis_error::KisError;
use crate::domain::stamp::Stamp;

/// The record of the last token request, shared by all runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// One more with each change of the record.
    pub serial: u64,
    /// When the request was about to be sent.
    pub last_attempt: DateTime<Utc>,
    /// The boot at that time; blank when ages must come from the wall clock.
    pub boot: String,
    /// Milliseconds since that boot.
    pub up_ms: u64,
    /// What came of it.
    pub result: AttemptResult,
    /// KIS wants no request before this.
    pub not_before: Option<DateTime<Utc>>,
    /// Answers EGW00133 since the last token.
    pub refused_in_a_row: u32,
    /// Print of the token that KIS refused although its time was not over.
    pub bad_print: Option<String>,
    /// Print of the dead token that was revoked to get another one.
    pub revoked_print: Option<String>,
}

/// What came of a token request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptResult {
    /// Not known: the run is at it, or died.
    Pending,
    /// A token.
    Issued,
    /// EGW00133.
    TooSoon,
    /// No answer, or one that can't be right.
    Failed,
    /// The credentials were refused.
    Refused,
}

impl Attempt {
    /// When the request was about to be sent, by both clocks.
    pub fn asked(&self) -> Stamp {
        Stamp { at: self.last_attempt, boot: self.boot.clone(), up_ms: self.up_ms }
    }

    /// A record of nothing, at this moment.
    pub(super) fn first(now: &Stamp) -> Attempt {
        Attempt {
            serial: 0,
            last_attempt: now.at,
            boot: now.boot.clone(),
            up_ms: now.up_ms,
            result: AttemptResult::Pending,
            not_before: None,
            refused_in_a_row: 0,
            bad_print: None,
            revoked_print: None,
        }
    }

    /// A request is about to be sent.
    pub fn begin(&mut self, now: &Stamp) {
        self.last_attempt = now.at;
        self.boot.clone_from(&now.boot);
        self.up_ms = now.up_ms;
        self.result = AttemptResult::Pending;
        self.not_before = self.not_before.filter(|instant| *instant > now.at);
    }

    /// KIS gave a token, of whatever use.
    pub fn answered(&mut self) {
        self.result = AttemptResult::Issued;
        self.not_before = None;
        self.refused_in_a_row = 0;
    }

    /// KIS gave none.
    pub fn failed(&mut self, error: &KisError, now: &Stamp) {
        self.result = match error {
            KisError::TooSoon { .. } => AttemptResult::TooSoon,
            KisError::CredentialsRefused { .. } | KisError::WrongMode { .. } => AttemptResult::Refused,
            _ => AttemptResult::Failed,
        };
        self.not_before = None;
        if self.result == AttemptResult::TooSoon {
            self.refused_in_a_row = self.refused_in_a_row.saturating_add(1);
            let hold = if self.refused_in_a_row < 3 { LIMIT } else { LIMIT_AFTER_THREE };
            self.not_before = Some(now.at + hold);
        }
    }
}
