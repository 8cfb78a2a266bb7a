//! What the request of an order or a cancel came to.

use serde::{Deserialize, Serialize};

use crate::domain::{CancelPhase, KisWords, OrderId, OrderKey, Refusal};
use crate::language::Sentence;

/// What happened to one submission, as the journal keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeClass {
    /// `rt_cd` 0 with an order number.
    Accepted,
    /// A definite refusal by KIS.
    Rejected,
    /// Turned away at the gate (token or rate): not executed, as far as KIS says.
    #[serde(rename = "refused")]
    TurnedAway,
    /// The connection never came up; no byte of the request left.
    NotSent,
    /// Anything else. Never resent.
    #[default]
    Unknown,
}

/// The result of one POST of an order or a cancel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmitOutcome {
    /// The class that decides what may happen next.
    pub class: OutcomeClass,
    /// The order number, when accepted.
    pub order_id: Option<OrderId>,
    /// KIS branch, when stated.
    pub branch: Option<String>,
    /// Meaning of a rejection. It is definite when the class is `Rejected`; with `Unknown` it is what the refusal means if no list
    /// shows the order.
    pub refusal: Option<Refusal>,
    /// True when the gate refused the token: renew before another attempt. The journal does not keep it.
    #[serde(skip)]
    pub token_refused: bool,
    /// True when KIS said that requests come too fast. The journal does not keep it either.
    #[serde(skip)]
    pub rate_limited: bool,
    /// HTTP status, when an answer came.
    pub http: Option<u16>,
    /// KIS's code, blank when it answered without one; `None` without an answer of KIS.
    pub msg_cd: Option<String>,
    /// KIS's words (cleaned, cut), or ours when there was no answer, in English.
    pub msg: String,
    /// Ours in both languages; nothing where `msg` is KIS's. The journal does not keep it.
    #[serde(skip)]
    pub no_answer: Sentence,
    /// How long the call took.
    pub elapsed_ms: u64,
}

impl SubmitOutcome {
    /// An order that ended without a code from KIS.
    pub fn unanswered(class: OutcomeClass, http: Option<u16>, why: Sentence) -> SubmitOutcome {
        SubmitOutcome { class, http, msg: why.en.clone(), no_answer: why, ..SubmitOutcome::default() }
    }

    /// What it means for a cancel. One may be repeated, so a request that never left is no case of its own: the list tells.
    pub fn cancel_phase(&self) -> CancelPhase {
        match self.class {
            OutcomeClass::Accepted => CancelPhase::Done,
            OutcomeClass::Rejected | OutcomeClass::TurnedAway => CancelPhase::Refused,
            OutcomeClass::NotSent | OutcomeClass::Unknown => CancelPhase::Unknown,
        }
    }

    /// What tells the order from others of its date, when accepted.
    pub fn key(&self) -> Option<OrderKey> {
        Some(OrderKey::new(self.branch.as_deref().unwrap_or_default(), self.order_id.clone()?))
    }

    /// What KIS answered; `None` when it did not.
    pub fn said(&self) -> Option<KisWords> {
        self.msg_cd.clone().map(|code| KisWords { code, message: self.msg.clone() })
    }

    /// KIS's code and words as they are, or ours in both languages.
    pub fn words(&self) -> Sentence {
        let code = Sentence::verbatim(self.msg_cd.clone().unwrap_or_default());
        if self.no_answer.is_empty() {
            return code.and(" ", &Sentence::verbatim(self.msg.clone()));
        }
        code.and(" ", &self.no_answer)
    }
}
