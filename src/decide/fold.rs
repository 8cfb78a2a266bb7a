//! The journal folded: what the program knows of its own orders. Pure; `store/journal.rs` reads and writes the lines.

mod entry;

pub use entry::{Entry, LastSell, Stamp};

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::intent::{Intent, IntentId, IntentState, OutcomeClass, Purpose};
use crate::domain::money::Usd;
use crate::domain::order::{OrderId, Side};
use crate::domain::record::{HumanVerdict, Observed, Outcome, Record, Resolved, Verdict};
use crate::domain::symbol::Symbol;

/// Days that ended intents are remembered for, so that their order numbers stay claimed: five trading days and a holiday weekend.
const REMEMBERED_DAYS: i64 = 9;

/// The fold of the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalState {
    /// Intents by name.
    pub entries: BTreeMap<IntentId, Entry>,
    /// Last own sell fills.
    pub last_sells: BTreeMap<Symbol, LastSell>,
    /// Trading dates of the latest stop-loss fills.
    pub stop_losses: BTreeMap<Symbol, NaiveDate>,
    /// Orders of other hands that a person declared fine.
    pub fine_foreign: BTreeSet<(NaiveDate, OrderId)>,
    /// When the newest line was written.
    pub newest_at: Option<DateTime<Utc>>,
}

/// A line that does not fit what came before it: the journal was edited or mixed up.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum FoldError {
    /// A line speaks of an intent that no line declared.
    #[error("it speaks of intent {0}, which the journal does not know")]
    UnknownIntent(IntentId),
    /// An intent is declared twice.
    #[error("intent {0} is declared twice")]
    DeclaredTwice(IntentId),
    /// A number would belong to two intents.
    #[error("order {order_id} would belong to intent {intent} and to another one")]
    ClaimedTwice {
        /// The number.
        order_id: OrderId,
        /// The second intent.
        intent: IntentId,
    },
    /// A line speaks of another order than the one that the intent became.
    #[error("order {order_id} is not the one that intent {intent} became")]
    Renumbered {
        /// The number in the line.
        order_id: OrderId,
        /// The intent.
        intent: IntentId,
    },
    /// A snapshot that is no state.
    #[error("its snapshot is not readable: {0}")]
    Snapshot(String),
}

impl JournalState {
    /// Takes one journal line into account.
    ///
    /// # Errors
    /// When the line contradicts the lines before it.
    pub fn apply(&mut self, stamp: &Stamp, record: &Record) -> Result<(), FoldError> {
        self.newest_at = self.newest_at.max(Some(stamp.at));
        match record {
            Record::Intent(intent) => self.declare(stamp, intent),
            Record::Outcome(outcome) => self.apply_outcome(outcome),
            Record::Unseen { intent, list } => {
                let entry = self.entry_mut(intent)?;
                entry.first_unseen.get_or_insert_with(|| list.clone());
                Ok(())
            }
            Record::Resolved(resolved) => self.apply_resolved(resolved),
            Record::Observed(observed) => self.apply_observed(stamp, observed),
            Record::Cancel { intent, phase, .. } => {
                self.entry_mut(intent)?.cancel = Some(*phase);
                Ok(())
            }
            Record::Human(verdict) => self.apply_human(verdict),
            Record::Snapshot { state } => {
                let newest_at = self.newest_at;
                *self = serde_json::from_value(state.as_ref().clone())
                    .map_err(|error| FoldError::Snapshot(error.to_string()))?;
                self.newest_at = newest_at;
                Ok(())
            }
            Record::Repair { .. } => Ok(()),
        }
    }

    /// The state without what nobody needs any more: the first line of a new month.
    #[must_use]
    pub fn pruned(&self, today: NaiveDate) -> JournalState {
        let oldest = today - TimeDelta::days(REMEMBERED_DAYS);
        let mut kept = self.clone();
        kept.entries.retain(|_, entry| entry.state.is_live() || entry.intent.trading_day >= oldest);
        kept.fine_foreign.retain(|(date, _)| *date >= oldest);
        kept
    }

    /// Intents that may still live at the broker.
    pub fn live(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().filter(|entry| entry.state.is_live())
    }

    /// Intents whose outcome nobody knows.
    pub fn unknown(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().filter(|entry| entry.state.is_unknown())
    }

    /// Intents of one trading date.
    pub fn of_day(&self, day: NaiveDate) -> impl Iterator<Item = &Entry> {
        self.entries.values().filter(move |entry| entry.intent.trading_day == day)
    }

    /// The intent that owns an order number of a date.
    pub fn owner(&self, date: NaiveDate, order_id: &OrderId) -> Option<&Entry> {
        self.of_day(date).find(|entry| entry.order_id.as_ref() == Some(order_id))
    }

    /// A name for the next intent of a date.
    pub fn next_id(&self, date: NaiveDate) -> IntentId {
        let used = self.of_day(date).filter_map(|entry| entry.intent.id.as_str().get(9..)?.parse::<u32>().ok()).max();
        IntentId::new(date, used.unwrap_or(0).saturating_add(1))
    }

    /// USD of the date's buys: open and unknown in full, filled at their price; ended remainders are given back.
    pub fn bought_on(&self, date: NaiveDate) -> Usd {
        self.of_day(date).map(Entry::committed).sum()
    }

    /// How often KIS refused this side of a symbol on a date.
    pub fn refusals_on(&self, date: NaiveDate, symbol: &Symbol, side: Side) -> usize {
        let refused = |entry: &&Entry| {
            entry.state == IntentState::Rejected && entry.intent.symbol == *symbol && entry.intent.side == side
        };
        self.of_day(date).filter(refused).count()
    }

    fn declare(&mut self, stamp: &Stamp, intent: &Intent) -> Result<(), FoldError> {
        if self.entries.contains_key(&intent.id) {
            return Err(FoldError::DeclaredTwice(intent.id.clone()));
        }
        let entry = Entry {
            intent: intent.clone(),
            submitted: stamp.clone(),
            state: IntentState::Unknown,
            order_id: None,
            posts: 0,
            filled_quantity: 0,
            remaining_quantity: intent.quantity,
            average_price: Usd::ZERO,
            filled_at: None,
            first_unseen: None,
            candidates: Vec::new(),
            cancel: None,
            refusal: None,
            note: String::new(),
        };
        self.entries.insert(intent.id.clone(), entry);
        Ok(())
    }

    fn apply_outcome(&mut self, outcome: &Outcome) -> Result<(), FoldError> {
        let entry = self.entry_mut(&outcome.intent)?;
        entry.posts = outcome.attempt;
        entry.refusal = outcome.refusal;
        entry.note.clone_from(&outcome.msg);
        match outcome.class {
            OutcomeClass::Rejected => entry.state = IntentState::Rejected,
            OutcomeClass::Refused | OutcomeClass::NotSent if outcome.is_final => entry.state = IntentState::NotSent,
            OutcomeClass::Refused | OutcomeClass::NotSent | OutcomeClass::Unknown => {
                entry.state = IntentState::Unknown;
            }
            OutcomeClass::Accepted => {
                if let Some(order_id) = &outcome.order_id {
                    return self.claim(&outcome.intent, order_id);
                }
            }
        }
        Ok(())
    }

    fn apply_resolved(&mut self, resolved: &Resolved) -> Result<(), FoldError> {
        let entry = self.entry_mut(&resolved.intent)?;
        entry.candidates.clone_from(&resolved.candidates);
        match (resolved.verdict, &resolved.order_id) {
            (Verdict::Accepted, Some(order_id)) => self.claim(&resolved.intent, order_id),
            (Verdict::Absent, _) => {
                entry.state = IntentState::Absent;
                Ok(())
            }
            (Verdict::Ambiguous | Verdict::Accepted, _) => {
                entry.state = IntentState::Ambiguous;
                Ok(())
            }
        }
    }

    fn apply_observed(&mut self, stamp: &Stamp, observed: &Observed) -> Result<(), FoldError> {
        let entry = self.entry_mut(&observed.intent)?;
        if entry.order_id.as_ref() != Some(&observed.order_id) {
            let (intent, order_id) = (observed.intent.clone(), observed.order_id.clone());
            return Err(FoldError::Renumbered { order_id, intent });
        }
        let grew = observed.filled_quantity > entry.filled_quantity;
        entry.state = observed.state;
        entry.filled_quantity = entry.filled_quantity.max(observed.filled_quantity);
        entry.remaining_quantity = observed.remaining_quantity;
        entry.average_price = observed.average_price;
        entry.note.clone_from(&observed.note);
        if !grew {
            return Ok(());
        }
        entry.filled_at = Some(stamp.at);
        let (intent, price) = (entry.intent.clone(), entry.average_price);
        if intent.side == Side::Sell {
            self.last_sells.insert(intent.symbol.clone(), LastSell { price, at: stamp.at });
            if intent.reason == Purpose::StopLoss {
                // One of an earlier day may be seen later; it must not end the newer one's cool-down sooner.
                let latest = self.stop_losses.entry(intent.symbol).or_insert(intent.trading_day);
                *latest = intent.trading_day.max(*latest);
            }
        }
        Ok(())
    }

    fn apply_human(&mut self, verdict: &HumanVerdict) -> Result<(), FoldError> {
        match verdict {
            HumanVerdict::IsOrder { intent, order_id } => self.claim(intent, order_id),
            HumanVerdict::IsAbsent { intent } => {
                self.entry_mut(intent)?.state = IntentState::Absent;
                Ok(())
            }
            HumanVerdict::ForeignIsFine { date, order_id } => {
                self.fine_foreign.insert((*date, order_id.clone()));
                Ok(())
            }
        }
    }

    fn claim(&mut self, intent: &IntentId, order_id: &OrderId) -> Result<(), FoldError> {
        let day = self.entry_mut(intent)?.intent.trading_day;
        if self.owner(day, order_id).is_some_and(|owner| owner.intent.id != *intent) {
            return Err(FoldError::ClaimedTwice { order_id: order_id.clone(), intent: intent.clone() });
        }
        let entry = self.entry_mut(intent)?;
        if entry.order_id.as_ref().is_some_and(|known| known != order_id) {
            return Err(FoldError::Renumbered { order_id: order_id.clone(), intent: intent.clone() });
        }
        entry.order_id = Some(order_id.clone());
        entry.state = IntentState::Accepted;
        entry.candidates.clear();
        Ok(())
    }

    fn entry_mut(&mut self, id: &IntentId) -> Result<&mut Entry, FoldError> {
        self.entries.get_mut(id).ok_or_else(|| FoldError::UnknownIntent(id.clone()))
    }
}

#[cfg(test)]
mod tests;
