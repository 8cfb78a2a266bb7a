//! What really happened to each intent, which no run knows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use kis_trade::domain::{Intent, IntentId, OrderKey, OutcomeClass};

use crate::broker::{Order, Source};
use crate::world::World;

/// One intent and its real orders.
#[derive(Debug)]
pub struct TrueIntent {
    pub intent: Intent,
    pub written_ms: u64,
    /// Requests that went out.
    pub posts: u32,
    /// What was heard of the last one.
    pub last: Option<OutcomeClass>,
    /// Its orders at the broker.
    pub orders: Vec<usize>,
    /// KIS refused it at once, for a cause that lies in the symbol or in the order.
    pub is_refused_for_its_own_sake: bool,
    /// The journal lost it.
    pub is_lost: bool,
    /// The journal is wrong about it, in a way that nobody could help. The judge says which ways there are.
    pub is_excused: bool,
}

/// The truth.
#[derive(Debug, Default)]
pub struct Truth {
    pub intents: Vec<TrueIntent>,
    by_id: BTreeMap<IntentId, u64>,
    /// Order numbers of the day in the list that the broker showed to a run last.
    pub shown: BTreeMap<u64, BTreeSet<OrderKey>>,
    /// And in the one on which it decides.
    pub listed: BTreeMap<u64, BTreeSet<OrderKey>>,
    /// Runs whose process stood still for a while.
    pub stopped: BTreeSet<u64>,
}

impl Truth {
    /// The number of the intent that the journal calls so.
    pub fn number_of(&self, id: &IntentId) -> Option<u64> {
        self.by_id.get(id).copied()
    }

    /// What a run decides from now on rests on the list that it was shown last.
    pub fn rests_on_last_list(&mut self, run: u64) {
        self.listed.extend(self.shown.get(&run).map(|numbers| (run, numbers.clone())));
    }

    /// A run is over.
    pub fn forget_run(&mut self, run: u64) {
        self.shown.remove(&run);
        self.listed.remove(&run);
        self.stopped.remove(&run);
    }

    /// An intent is about to be written.
    pub fn declare(&mut self, intent: &Intent, now_ms: u64) {
        self.by_id.insert(intent.id.clone(), self.intents.len() as u64);
        self.intents.push(TrueIntent {
            intent: intent.clone(),
            written_ms: now_ms,
            posts: 0,
            last: None,
            orders: Vec::new(),
            is_refused_for_its_own_sake: false,
            is_lost: false,
            is_excused: false,
        });
    }

    /// The intent of a name.
    pub fn of(&self, id: &IntentId) -> &TrueIntent {
        self.numbered(self.by_id[id])
    }

    /// The same, to change it.
    pub fn get(&mut self, id: &IntentId) -> &mut TrueIntent {
        let number = self.by_id[id];
        &mut self.intents[usize::try_from(number).unwrap()]
    }

    /// The intent of a number.
    pub fn numbered(&self, number: u64) -> &TrueIntent {
        &self.intents[usize::try_from(number).unwrap()]
    }

    /// An order of an intent is at the broker.
    pub fn arrived(&mut self, number: u64, order: usize) {
        self.intents[usize::try_from(number).unwrap()].orders.push(order);
    }

    /// The journal has lost an intent. True when it had been sent.
    pub fn lose(&mut self, id: &IntentId) -> bool {
        let Some(number) = self.by_id.remove(id) else { return false };
        let lost = &mut self.intents[usize::try_from(number).unwrap()];
        lost.is_lost = true;
        lost.posts > 0
    }

    /// Reports whether the journal can't be expected to know all of an order of ours.
    pub fn is_excused(&self, order: &Order) -> bool {
        match order.source {
            Source::Ours(number) => {
                let ours = self.numbered(number);
                ours.is_lost || ours.is_excused || ours.orders.len() > 1
            }
            Source::Person | Source::Program => true,
        }
    }
}

impl World {
    /// Our orders of today that the journal must know, whole.
    pub fn own_orders_of(&self, day: NaiveDate) -> impl Iterator<Item = &Order> {
        let orders = self.broker.since(day).iter().filter(move |order| order.day == day && order.cancels.is_none());
        orders.filter(|order| !self.truth.is_excused(order))
    }
}
