//! One order's submission without the sending: what an answer means, what each journal line says, which listed order could
//! be ours. `story::submit` sends.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::NaiveDate;

use crate::decide::fold::JournalState;
use crate::decide::invariants::Binding;
use crate::decide::rule::Rule;
use crate::decide::words;
use crate::domain::{
    BrokerOrder, Intent, KisWords, ListSeen, OddOrder, OrderId, OrderKey, OrderKind, OrderList, OrderRequest, Outcome,
    OutcomeClass, Purpose, Record, Refusal, Resolved, SheetLine, Side, SubmitOutcome, TrId, Usd, Verdict, Witness,
};
use crate::language::Sentence;
use crate::ordered::Ordered;

/// POSTs at most when the connection never came up.
pub const MAX_POSTS_NOT_SENT: u32 = 3;
/// POSTs at most after the gate turned one away.
pub const MAX_POSTS_TURNED_AWAY: u32 = 2;

/// An order with everything that its intent keeps.
pub struct Decided<'a> {
    /// What to send.
    pub order: OrderRequest,
    /// Why.
    pub purpose: Purpose,
    /// The account at the decision.
    pub witness: Witness,
    /// Average cost a share in USD, for sells.
    pub average_cost: Option<Usd>,
    /// The broker's list that the decision rests on.
    pub list: &'a OrderList,
    /// The last price in USD that a buy was sized at; the limits are checked with it. Of no use for a sell.
    pub last: Usd,
    /// Monotonic reading at which that price arrived.
    pub quoted_at: Duration,
    /// Whose it is, for a line of a sheet.
    pub line: Option<SheetLine>,
}

/// Until when an order may be sent within its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastCall {
    /// The close.
    Close,
    /// `[market] buy_until`.
    BuyUntil,
    /// `[market] loc_until`.
    LocUntil,
}

impl Decided<'_> {
    /// Until when it may be sent.
    pub fn last_call(&self) -> LastCall {
        match (&self.line, self.order.kind, self.order.side) {
            (Some(_), OrderKind::Loc | OrderKind::Moc, _) => LastCall::LocUntil,
            (Some(_), OrderKind::Limit, _) | (None, _, Side::Sell) => LastCall::Close,
            (None, _, Side::Buy) => LastCall::BuyUntil,
        }
    }

    /// The intent to write down.
    pub fn intent(&self, journal: &JournalState, binding: Binding, day: NaiveDate, tr_id: TrId) -> Intent {
        let order = &self.order;
        let reserved = match order.side {
            Side::Buy => order.limit_price.times(order.quantity).unwrap_or_default(),
            Side::Sell => Usd::ZERO,
        };
        Intent {
            id: journal.next_id(day),
            mode: binding.mode,
            account_fingerprint: binding.account_fingerprint,
            trading_date: day,
            symbol: order.symbol.clone(),
            exchange: order.exchange,
            side: order.side,
            quantity: order.quantity,
            limit_price: order.limit_price,
            order_kind: order.kind,
            tr_id: tr_id.id.to_owned(),
            purpose: self.purpose,
            average_cost: self.average_cost,
            baseline: listed_keys(self.list, day),
            listed_at: self.list.read_at,
            witness: self.witness.clone(),
            reserved,
            line: self.line.clone(),
        }
    }
}

/// What the list shows of a date, rows that can't be read among it.
fn listed_keys(list: &OrderList, day: NaiveDate) -> BTreeSet<OrderKey> {
    let rows = list.rows.iter().filter(|row| row.date == day).map(BrokerOrder::key);
    let odd = list.odd.iter().filter(|row| row.date.is_none_or(|date| date == day)).filter_map(OddOrder::key);
    rows.chain(odd).ordered()
}

/// The day's orders that belong to intents.
pub fn claimed_on(journal: &JournalState, day: NaiveDate) -> Vec<OrderKey> {
    journal.claims.get(&day).into_iter().flatten().cloned().collect()
}

/// The rule by which the run sends nothing more after an order; `None` when the next one may be sent.
pub fn ends_sending(outcome: &SubmitOutcome) -> Option<Rule> {
    match (outcome.class, outcome.refusal) {
        (OutcomeClass::Unknown, _) => Some(Rule::OrderUnknown),
        (OutcomeClass::Rejected, Some(Refusal::MarketClosed)) => Some(Rule::MarketClosed),
        // The rules have no word for "not tried": it is `not_picked`, and the detail names the order that ended the sending.
        (OutcomeClass::Rejected, Some(refusal)) if refusal.is_everybodys() => Some(Rule::NotPicked),
        (OutcomeClass::NotSent | OutcomeClass::TurnedAway, _) => Some(Rule::NotPicked),
        (OutcomeClass::Accepted | OutcomeClass::Rejected, _) => None,
    }
}

/// The submission of one intent.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The decision.
    pub intent: Intent,
    /// The day's orders that belong to other intents.
    claimed: Vec<OrderKey>,
    /// Words of the day that are on no list and were a refusal before.
    known: Vec<KisWords>,
    /// Which request for the intent is under way, from 1.
    pub posts: u32,
    /// The latest answer, or what came instead of one.
    pub last: Option<SubmitOutcome>,
}

impl Submission {
    /// A submission of which nothing was sent. `claimed` are the day's orders that belong to other intents, `known` what KIS
    /// said to refusals of the day that are on no list.
    pub fn new(intent: Intent, claimed: Vec<OrderKey>, known: Vec<KisWords>) -> Submission {
        Submission { intent, claimed, known, posts: 0, last: None }
    }

    /// Takes an answer; returns what it means, and the line that says so.
    pub fn take_answer(&mut self, mut outcome: SubmitOutcome) -> (SubmitOutcome, Record) {
        if outcome.key().is_some_and(|key| self.intent.was_listed(&key) || self.is_claimed(&key)) {
            // The answer belongs to another order: ours may or may not have arrived.
            outcome.class = OutcomeClass::Unknown;
            outcome.no_answer = words::names_an_older_order(&outcome.msg);
            outcome.msg.clone_from(&outcome.no_answer.en);
            (outcome.order_id, outcome.branch) = (None, None);
        }
        if outcome.class == OutcomeClass::Accepted && outcome.order_id.is_none() {
            // Without a number it is found only in the list.
            outcome.class = OutcomeClass::Unknown;
        }
        if outcome.class == OutcomeClass::Unknown && outcome.refusal == Some(Refusal::Unlisted) {
            let is_said =
                |known: &KisWords| Some(&known.code) == outcome.msg_cd.as_ref() && known.message == outcome.msg;
            if self.known.iter().any(is_said) {
                outcome.class = OutcomeClass::Rejected;
            }
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

    /// The line that ends an intent whose request could not even be tried: there was no rate slot.
    pub fn abandoned(&self, cause: &str) -> Record {
        let why = Sentence::verbatim(cause.chars().take(200).collect::<String>());
        self.outcome_record(&SubmitOutcome::unanswered(OutcomeClass::NotSent, None, why), true)
    }

    /// The line that ends an intent which KIS says it never took; `None` before any answer.
    pub fn given_up(&self) -> Option<Record> {
        self.last.as_ref().map(|outcome| self.outcome_record(outcome, true))
    }

    /// What the latest answer means once a complete list does not show the order: the line that ends the intent as refused.
    /// `None` when only later lists can tell.
    pub fn refused_by_list(&self) -> Option<(Record, SubmitOutcome)> {
        let refusal = self.last.as_ref()?.refusal.filter(|refusal| *refusal != Refusal::Unlisted);
        let ended = refusal.map(|_| self.ended(OutcomeClass::Rejected, None))?;
        Some((self.outcome_record(&ended, true), ended))
    }

    /// Listed orders that could be this one.
    pub fn candidates(&self, list: &OrderList) -> Vec<OrderKey> {
        let rows = list.rows.iter().filter(|row| self.intent.matches(row, |key| self.is_claimed(key)));
        rows.map(BrokerOrder::key).collect()
    }

    fn is_claimed(&self, key: &OrderKey) -> bool {
        self.claimed.iter().any(|known| known.may_be(key))
    }

    /// Reports whether a row that can't be read may be this order: then the list tells nothing of it.
    pub fn is_obscured(&self, list: &OrderList) -> bool {
        list.odd.iter().any(|odd| self.intent.may_be(odd, |key| self.is_claimed(key)))
    }

    /// What a list with candidates says of the intent, and how the submission ends by it.
    pub fn found(&self, list: &OrderList) -> (Record, SubmitOutcome) {
        let candidates = self.candidates(list);
        let lists = vec![ListSeen { at: list.read_at, complete: true, rows: list.rows.len() }];
        let intent = self.intent.id.clone();
        let (verdict, key, candidates) = match candidates.as_slice() {
            [one] => (Verdict::Accepted, Some(one.clone()), vec![]),
            _ => (Verdict::Ambiguous, None, candidates),
        };
        let (branch, order_id) = key.map_or_else(Default::default, |key| (key.branch, Some(key.order_id)));
        let class = if order_id.is_some() { OutcomeClass::Accepted } else { OutcomeClass::Unknown };
        let submitted = self.ended(class, order_id.clone());
        (Record::Resolved(Resolved { intent, verdict, order_id, branch, candidates, lists }), submitted)
    }

    /// The end of the submission: the last answer, with what is known of the order now.
    pub fn ended(&self, class: OutcomeClass, order_id: Option<OrderId>) -> SubmitOutcome {
        let last = self.last.clone();
        let last = last.unwrap_or_else(|| SubmitOutcome::unanswered(class, None, Sentence::default()));
        SubmitOutcome { class, order_id, ..last }
    }

    fn outcome_record(&self, answer: &SubmitOutcome, is_final: bool) -> Record {
        let (intent, answer) = (self.intent.id.clone(), answer.clone());
        Record::Outcome(Outcome { intent, answer, attempt: self.posts, is_final })
    }
}

#[cfg(test)]
mod tests;
