//! One order's way to the broker, as a machine of effects: written down before it is sent, never sent twice on a doubt.
//!
//! The caller performs each effect and answers with an event. Killed between any two steps, the journal alone tells the
//! next run what may live at the broker.

mod decided;

pub use decided::{Decided, claimed_on};

use std::time::Duration;

use crate::domain::intent::{Intent, OutcomeClass, Refusal, SubmitOutcome};
use crate::domain::order::{BrokerOrder, OrderId, OrderList};
use crate::domain::record::{ListSeen, Outcome, Record, Resolved, Verdict};

/// POSTs at most when the connection never came up.
pub const MAX_POSTS_NOT_SENT: u32 = 3;
/// POSTs at most after the gate turned one away.
pub const MAX_POSTS_REFUSED: u32 = 2;

/// What the caller must do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Append these lines to the journal and sync them.
    Append(Vec<Record>),
    /// Send the order, once.
    Post,
    /// Get a fresh token and client: the gate refused the old one.
    RenewToken,
    /// Read the broker's list to its last page.
    List,
    /// Wait this long since the loss, then go on.
    Wait(Duration),
    /// It is over for this run.
    Done(Submitted),
}

/// What happened to the last effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Begin.
    Start,
    /// The lines are on disk.
    Appended,
    /// The answer, or what came instead of one.
    Posted(SubmitOutcome),
    /// A fresh token is there, or not.
    Renewed(bool),
    /// The complete list; `None` when it could not be read.
    Listed(Option<OrderList>),
    /// The wait is over.
    Waited,
}

/// How one submission ended, as far as this run can tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// Accepted, rejected, unknown; refused and not sent count as "never left".
    pub class: OutcomeClass,
    /// The broker's number, when accepted.
    pub order_id: Option<OrderId>,
    /// Meaning of a refusal.
    pub refusal: Option<Refusal>,
    /// True when the gate's last word was about the token.
    pub token_refused: bool,
    /// KIS's code and words, or ours.
    pub message: String,
}

/// Where the machine stands: what it waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    Intent,
    Post,
    Outcome(Box<SubmitOutcome>),
    Renew,
    ListBeforeRepeat,
    WaitToSettle,
    ListToSettle,
    Settled(Submitted),
}

/// The submission of one intent.
#[derive(Clone, Debug)]
pub struct Submission {
    intent: Intent,
    claimed: Vec<OrderId>,
    settle_after: Vec<Duration>,
    stage: Stage,
    posts: u32,
    looks: usize,
    last: Option<SubmitOutcome>,
}

impl Submission {
    /// Begins a submission. `claimed` are the day's order numbers that belong to other intents; `settle_after` says when
    /// a lost answer is looked up, counted from the loss.
    pub fn new(intent: Intent, claimed: Vec<OrderId>, settle_after: Vec<Duration>) -> Submission {
        Submission { intent, claimed, settle_after, stage: Stage::Intent, posts: 0, looks: 0, last: None }
    }

    /// Takes what happened and says what to do next. An event that does not answer the last effect ends it as unknown.
    pub fn step(&mut self, event: Event) -> Effect {
        match (self.stage.clone(), event) {
            (Stage::Intent, Event::Start) => Effect::Append(vec![Record::Intent(self.intent.clone())]),
            (Stage::Intent, Event::Appended) => self.post(),
            (Stage::Post, Event::Posted(outcome)) => self.write_outcome(outcome),
            (Stage::Outcome(outcome), Event::Appended) => self.after_outcome(*outcome),
            (Stage::Renew, Event::Renewed(true)) => self.list(Stage::ListBeforeRepeat),
            (Stage::Renew, Event::Renewed(false)) => self.give_up(),
            (Stage::ListBeforeRepeat, Event::Listed(list)) => self.after_list_before_repeat(list),
            (Stage::WaitToSettle, Event::Waited) => self.list(Stage::ListToSettle),
            (Stage::ListToSettle, Event::Listed(list)) => self.after_settling_list(list),
            (Stage::Settled(submitted), Event::Appended) => Effect::Done(submitted),
            _ => Effect::Done(self.ended(OutcomeClass::Unknown, None)),
        }
    }

    /// Which request for the intent is next or under way, from 1.
    pub fn posts(&self) -> u32 {
        self.posts
    }

    /// How the latest request that was answered, or given up, ended.
    pub fn last_class(&self) -> Option<OutcomeClass> {
        self.last.as_ref().map(|outcome| outcome.class)
    }

    /// The line that ends an intent whose request could not even be tried: its turn at KIS could not be had.
    pub fn abandoned(&self, cause: &str) -> Record {
        Record::Outcome(Outcome {
            intent: self.intent.id.clone(),
            class: OutcomeClass::NotSent,
            order_id: None,
            branch: None,
            refusal: None,
            http: None,
            msg_cd: None,
            msg: cause.chars().take(200).collect(),
            elapsed_ms: 0,
            attempt: self.posts,
            is_final: true,
        })
    }

    fn post(&mut self) -> Effect {
        self.posts += 1;
        self.stage = Stage::Post;
        Effect::Post
    }

    fn list(&mut self, stage: Stage) -> Effect {
        self.stage = stage;
        Effect::List
    }

    fn write_outcome(&mut self, mut outcome: SubmitOutcome) -> Effect {
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
        let is_final = match outcome.class {
            OutcomeClass::NotSent => self.posts >= MAX_POSTS_NOT_SENT,
            _ => false,
        };
        let record = self.outcome_record(&outcome, is_final);
        self.last = Some(outcome.clone());
        self.stage = Stage::Outcome(Box::new(outcome));
        Effect::Append(vec![record])
    }

    fn after_outcome(&mut self, outcome: SubmitOutcome) -> Effect {
        match outcome.class {
            OutcomeClass::Accepted => Effect::Done(self.ended(OutcomeClass::Accepted, outcome.order_id)),
            OutcomeClass::Rejected => Effect::Done(self.ended(OutcomeClass::Rejected, None)),
            OutcomeClass::NotSent if self.posts < MAX_POSTS_NOT_SENT => self.post(),
            OutcomeClass::NotSent => Effect::Done(self.ended(OutcomeClass::NotSent, None)),
            OutcomeClass::Refused if outcome.token_refused && self.posts < MAX_POSTS_REFUSED => {
                self.stage = Stage::Renew;
                Effect::RenewToken
            }
            OutcomeClass::Refused => self.list(Stage::ListBeforeRepeat),
            OutcomeClass::Unknown => self.wait_or_end(),
        }
    }

    /// The gate refused; one complete list removes the last doubt before the single repetition.
    fn after_list_before_repeat(&mut self, list: Option<OrderList>) -> Effect {
        let Some(list) = list else { return Effect::Done(self.ended(OutcomeClass::Unknown, None)) };
        match self.candidates(&list).as_slice() {
            [] if self.posts < MAX_POSTS_REFUSED => self.post(),
            [] => self.give_up(),
            _ => self.resolve(&list),
        }
    }

    /// Never sent, as far as KIS's words go: the intent ends.
    fn give_up(&mut self) -> Effect {
        let Some(outcome) = self.last.clone() else { return Effect::Done(self.ended(OutcomeClass::Unknown, None)) };
        self.stage = Stage::Settled(self.ended(OutcomeClass::Refused, None));
        Effect::Append(vec![self.outcome_record(&outcome, true)])
    }

    fn wait_or_end(&mut self) -> Effect {
        match self.settle_after.get(self.looks).copied() {
            Some(after) => {
                let before = self.looks.checked_sub(1).and_then(|last| self.settle_after.get(last)).copied();
                self.looks += 1;
                self.stage = Stage::WaitToSettle;
                Effect::Wait(after.saturating_sub(before.unwrap_or_default()))
            }
            None => Effect::Done(self.ended(OutcomeClass::Unknown, None)),
        }
    }

    fn after_settling_list(&mut self, list: Option<OrderList>) -> Effect {
        match list {
            Some(list) if !self.candidates(&list).is_empty() => self.resolve(&list),
            _ => self.wait_or_end(),
        }
    }

    fn resolve(&mut self, list: &OrderList) -> Effect {
        let candidates: Vec<OrderId> = self.candidates(list).iter().map(|row| row.order_id.clone()).collect();
        let lists = vec![ListSeen { at: list.read_at, complete: true, rows: list.rows.len() }];
        let intent = self.intent.id.clone();
        let (verdict, order_id, candidates) = match candidates.as_slice() {
            [one] => (Verdict::Accepted, Some(one.clone()), vec![]),
            _ => (Verdict::Ambiguous, None, candidates),
        };
        let class = if order_id.is_some() { OutcomeClass::Accepted } else { OutcomeClass::Unknown };
        self.stage = Stage::Settled(self.ended(class, order_id.clone()));
        Effect::Append(vec![Record::Resolved(Resolved { intent, verdict, order_id, candidates, lists })])
    }

    fn candidates<'a>(&self, list: &'a OrderList) -> Vec<&'a BrokerOrder> {
        list.rows.iter().filter(|row| self.intent.matches(row, |id| self.claimed.contains(id))).collect()
    }

    fn ended(&self, class: OutcomeClass, order_id: Option<OrderId>) -> Submitted {
        let last = self.last.as_ref();
        Submitted {
            class,
            order_id,
            refusal: last.and_then(|outcome| outcome.refusal),
            token_refused: last.is_some_and(|outcome| outcome.token_refused),
            message: last.map(told).unwrap_or_default(),
        }
    }

    fn outcome_record(&self, outcome: &SubmitOutcome, is_final: bool) -> Record {
        Record::Outcome(Outcome {
            intent: self.intent.id.clone(),
            class: outcome.class,
            order_id: outcome.order_id.clone(),
            branch: outcome.branch.clone(),
            refusal: outcome.refusal,
            http: outcome.http,
            msg_cd: outcome.msg_cd.clone(),
            msg: outcome.msg.clone(),
            elapsed_ms: outcome.elapsed_ms,
            attempt: self.posts,
            is_final,
        })
    }
}

fn told(outcome: &SubmitOutcome) -> String {
    let code = outcome.msg_cd.as_deref().unwrap_or_default();
    [code, &outcome.msg].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
