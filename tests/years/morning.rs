//! Judges in the morning what the day before has come to.

use std::rc::Rc;

use chrono::NaiveDate;
use kis_trade::domain::intent::IntentState;

use crate::journal::Journal;
use crate::machine::HOUR_MS;
use crate::world::World;

impl World {
    /// After an evening without faults, every order of the days before has ended, and the journal has all of its fills.
    pub fn judge_morning(&mut self, today: NaiveDate) {
        if !self.weather.has_calm_evening || self.disk.month.name.is_empty() {
            return;
        }
        Journal::load(self, true);
        let is_settled = self.weather.settled_ms > self.broker.close_ms + 5 * HOUR_MS;
        let fold = Rc::clone(&self.disk.fold);
        self.holds(is_settled || fold.live().next().is_none(), "liveness: nobody settled the day");
        for entry in fold.entries.values() {
            let number = self.truth.number_of(&entry.intent.id).unwrap();
            let ours = self.truth.numbered(number);
            let is_known = !ours.is_excused && ours.orders.len() <= 1;
            self.holds(!entry.state.is_live(), "liveness: an order of the day before has not ended");
            self.holds(entry.intent.trading_day < today, "liveness: an order of a day to come");
            let order = ours.orders.first().map(|index| &self.broker.orders[*index]);
            match order {
                Some(order) if is_known => {
                    self.holds(entry.filled_quantity == order.filled, "liveness: a fill is not in the journal");
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
        self.note("a morning", fold.entries.len() as u64);
    }
}
