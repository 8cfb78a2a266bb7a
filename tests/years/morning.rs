//! Judges in the morning what the day before has come to.

use std::rc::Rc;

use chrono::NaiveDate;
use kis_trade::decide::fold::Entry;
use kis_trade::domain::IntentState;

use crate::broker::Order;
use crate::journal::Journal;
use crate::machine::{HOUR_MS, MINUTE_MS};
use crate::world::World;

/// A list may be so old when its last page has come.
const READ_MS: u64 = 10 * MINUTE_MS;
/// So many of the latest orders are looked at.
const LATEST: usize = 8;

impl World {
    /// After an evening without faults, every order of the days before has ended, and the journal has all of its fills.
    pub fn judge_morning(&mut self, today: NaiveDate) {
        if !self.weather.has_calm_evening || self.disk.month.name.is_empty() {
            return;
        }
        Journal::load(self, true);
        let is_settled = self.weather.settled_ms > self.broker.close_ms + 5 * HOUR_MS;
        let fold = Rc::clone(&self.disk.fold);
        let is_over = fold.live().all(Entry::is_unlisted);
        self.holds(is_settled || is_over, "liveness: nobody settled the day");
        for entry in fold.entries.values() {
            let number = self.truth.number_of(&entry.intent.id).unwrap();
            let ours = self.truth.numbered(number);
            let is_known = !ours.is_excused && ours.orders.len() <= 1;
            let has_ended = !entry.state.is_live() || entry.is_unlisted();
            self.holds(has_ended, "liveness: an order of the day before has not ended");
            self.holds(entry.intent.trading_day < today, "liveness: an order of a day to come");
            let order = ours.orders.first().map(|index| &self.broker.orders[*index]);
            match order {
                Some(order) if is_known => {
                    let is_whole = entry.filled_quantity == order.filled || self.may_be_unseen(order);
                    self.holds(is_whole, "liveness: a fill is not in the journal");
                    self.holds(entry.order_id.as_ref() == Some(&order.id), "liveness: an order nobody found");
                }
                None if is_known => {
                    let is_nothing =
                        matches!(entry.state, IntentState::Absent | IntentState::NotSent | IntentState::Rejected);
                    self.holds(is_nothing, "liveness: an order that never was has become something");
                }
                _ => {}
            }
        }
        self.judge_fills();
        self.note("a morning", fold.entries.len() as u64);
    }

    /// Reports whether no run that ended well has read the list since it shows all fills of an order.
    fn may_be_unseen(&self, order: &Order) -> bool {
        order.hidden.is_some_and(|hidden| hidden.until_ms + READ_MS >= self.weather.seen_ms)
    }

    /// `trades.csv` has every fill of the days before that one, also of orders that the journal has forgotten: when the run
    /// that saw a fill dies, the next one that reads the list writes it down, be it the next day.
    fn judge_fills(&self) {
        let earlier = self.truth.intents.iter().rev().skip_while(|ours| ours.intent.trading_day == self.broker.today);
        for ours in earlier.take(LATEST) {
            if let [order] = ours.orders.as_slice()
                && !ours.is_lost
                && !ours.is_excused
            {
                let filled = Some(self.broker.orders[*order].filled).filter(|shares| *shares > 0);
                let written = self.disk.files.fills.get(&ours.intent.id).copied();
                let is_whole = written == filled || self.may_be_unseen(&self.broker.orders[*order]);
                self.holds(is_whole, "liveness: trades.csv lacks a fill");
            }
        }
    }
}
