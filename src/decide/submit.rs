//! One order's way to the broker, as far as it can be decided without sending anything: what an answer means, what each
//! line says, which listed order could be ours. `story::submit` performs it.

mod decided;

pub use decided::{Decided, claimed_on, ends_sending};

use crate::domain::intent::{Intent, OutcomeClass, SubmitOutcome};
use crate::domain::order::{OrderId, OrderList};
use crate::domain::record::{ListSeen, Outcome, Record, Resolved, Verdict};

/// POSTs at most when the connection never came up.
pub const MAX_POSTS_NOT_SENT: u32 = 3;
/// POSTs at most after the gate turned one away.
pub const MAX_POSTS_REFUSED: u32 = 2;

/// The submission of one intent.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The decision.
    pub intent: Intent,
    /// The day's order numbers that belong to other intents.
    claimed: Vec<OrderId>,
    /// Which request for the intent is under way, from 1.
    pub posts: u32,
    /// The latest answer, or what came instead of one.
    pub last: Option<SubmitOutcome>,
}

impl Submission {
    /// A submission of which nothing was sent. `claimed` are the day's order numbers that belong to other intents.
    pub fn new(intent: Intent, claimed: Vec<OrderId>) -> Submission {
        Submission { intent, claimed, posts: 0, last: None }
    }

    /// Takes an answer; returns what it means, and the line that says so.
    pub fn hear(&mut self, mut outcome: SubmitOutcome) -> (SubmitOutcome, Record) {
        let is_known_number = |id: &OrderId| self.intent.baseline.contains(id) || self.claimed.contains(id);
        if outcome.order_id.as_ref().is_some_and(is_known_number) {
            // The answer belongs to another order: ours may or may not have arrived.
            outcome.class = OutcomeClass::Unknown;
            outcome.msg = format!("the answer names an order that existed before: {}", outcome.msg);
            outcome.order_id = None;
        }
        if outcome.class == OutcomeClass::Accepted && outcome.order_id.is_none() {
            // Without a number nobody could find it again: the list must tell.
            outcome.class = OutcomeClass::Unknown;
        }
        let is_final = outcome.class == OutcomeClass::NotSent && self.posts >= MAX_POSTS_NOT_SENT;
        let record = self.outcome_record(&outcome, is_final);
        self.last = Some(outcome.clone());
        (outcome, record)
    }

    /// How the latest request that was answered, or given up, ended.
    pub fn last_class(&self) -> Option<OutcomeClass> {
        self.last.as_ref().map(|outcome| outcome.class)
    }

    /// The line that ends an intent whose request could not even be tried: no rate slot could be had.
    pub fn abandoned(&self, cause: &str) -> Record {
        let msg = cause.chars().take(200).collect();
        self.outcome_record(&SubmitOutcome::unanswered(OutcomeClass::NotSent, None, msg), true)
    }

    /// The line that ends an intent of which KIS's words say that it was never taken; `None` before any answer.
    pub fn given_up(&self) -> Option<Record> {
        self.last.as_ref().map(|outcome| self.outcome_record(outcome, true))
    }

    /// Numbers of listed orders that could be this one.
    pub fn candidates(&self, list: &OrderList) -> Vec<OrderId> {
        let rows = list.rows.iter().filter(|row| self.intent.matches(row, |id| self.claimed.contains(id)));
        rows.map(|row| row.order_id.clone()).collect()
    }

    /// What a list with candidates says of the intent, and how the submission ends by it.
    pub fn found(&self, list: &OrderList) -> (Record, SubmitOutcome) {
        let candidates = self.candidates(list);
        let lists = vec![ListSeen { at: list.read_at, complete: true, rows: list.rows.len() }];
        let intent = self.intent.id.clone();
        let (verdict, order_id, candidates) = match candidates.as_slice() {
            [one] => (Verdict::Accepted, Some(one.clone()), vec![]),
            _ => (Verdict::Ambiguous, None, candidates),
        };
        let class = if order_id.is_some() { OutcomeClass::Accepted } else { OutcomeClass::Unknown };
        let submitted = self.ended(class, order_id.clone());
        (Record::Resolved(Resolved { intent, verdict, order_id, candidates, lists }), submitted)
    }

    /// The end of the submission: the last answer, with what is known of the order now.
    pub fn ended(&self, class: OutcomeClass, order_id: Option<OrderId>) -> SubmitOutcome {
        let last = self.last.clone();
        let last = last.unwrap_or_else(|| SubmitOutcome::unanswered(class, None, String::new()));
        SubmitOutcome { class, order_id, ..last }
    }

    fn outcome_record(&self, answer: &SubmitOutcome, is_final: bool) -> Record {
        let (intent, answer) = (self.intent.id.clone(), answer.clone());
        Record::Outcome(Outcome { intent, answer, attempt: self.posts, is_final })
    }
}

#[cfg(test)]
mod tests;
