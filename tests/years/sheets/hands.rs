//! What people do to strategies: shares bought or sold by hand, sheets ended, positions taken over, a machine left off.

use kis_trade::decide::strategy::infinite::Adoption;
use kis_trade::domain::{Intent, Job, OrderKind, Side};
use kis_trade::story::cleanup::Settlement;
use kis_trade::story::strategy::Adopt;

use crate::Year;
use crate::broker::{Source, Wish};
use crate::chance::Chance;
use crate::machine::{DAY_MS, HOUR_MS, MINUTE_MS};
use crate::weather::Happening;
use crate::world::World;

impl World {
    /// A day begins for the strategies: draws what people do, and what is odd.
    pub fn begin_day_of_sheets(&mut self) {
        let Some(mut chance) = self.sheets.chance.take() else { return };
        let is_off = self.sheets.is_left_off(self.now_ms);
        self.sheets.is_fair = self.weather.is_calm && !is_off;
        self.sheets.books.values_mut().for_each(|book| book.said.clear());
        if is_off {
            self.weather.is_calm = false;
            self.weather.has_calm_evening &= self.sheets.off_until_ms < self.broker.close_ms;
        }
        let stocks: Vec<usize> = self.sheets.books.values().map(|book| book.stock).collect();
        let (open_ms, close_ms) = (self.broker.open_ms, self.broker.close_ms);
        let during = |chance: &mut Chance| chance.between(open_ms, close_ms - 1);
        if !self.is_quiet && !is_off {
            if chance.one_in(25) {
                let stock = chance.pick(&stocks);
                self.weather.add(during(&mut chance), Happening::PersonTradesSheet { stock });
            }
            if chance.one_in(40) {
                let stock = chance.pick(&stocks);
                self.weather.add(during(&mut chance), Happening::PersonWithdraws { stock });
            }
            if chance.one_in(70) {
                let (at_ms, for_ms) = (during(&mut chance), chance.between(5 * HOUR_MS, 4 * DAY_MS));
                self.weather.add(at_ms, Happening::LeftOff { for_ms });
            }
            if chance.one_in(15) {
                self.weather.odd_quote = Some(chance.pick(&stocks));
                self.sheets.is_fair = false;
            }
            if self.weather.odd_order.is_some() && chance.one_in(4) {
                self.weather.odd_order = Some(chance.pick(&stocks));
            }
        }
        self.sheets.chance = Some(chance);
    }

    /// A person buys or sells some of what a strategy holds.
    pub fn trade_sheet_by_hand(&mut self, stock: usize) {
        let free = self.broker.shown(stock, self.now_ms).1;
        let last = self.broker.stocks[stock].last();
        let (side, quantity) = if free > 1 && self.chance.one_in(2) {
            (Side::Sell, self.chance.between(1, free))
        } else {
            (Side::Buy, self.chance.between(1, 4))
        };
        let wish = Wish { stock, side, kind: OrderKind::Limit, quantity, limit: last };
        self.place_for(wish, Source::Person);
        self.sheets.is_fair = false;
        self.note("a person trades what a strategy holds", quantity);
    }

    /// Strategies whose positions a person takes over: those of which the program says that the account differs.
    pub fn adoptions(&self) -> Vec<Settlement> {
        let wanted = self.sheets.books.iter().filter(|(_, book)| book.wants_adoption);
        let adopt = |name: &String| Adopt { name: name.clone(), set: Adoption::default(), is_meant: true };
        wanted.map(|(name, _)| Settlement::Adopt(adopt(name))).collect()
    }

    /// Reports whether another hand's order that looks the same may come beside a request.
    pub fn may_have_twin(&mut self, intent: &Intent) -> bool {
        intent.line.is_none() || self.chance.one_in(8)
    }
}

impl Year {
    /// A person ends the sheet of a strategy.
    pub fn person_withdraws(&mut self, stock: usize) {
        let mut world = self.world.borrow_mut();
        let name = world.sheets.books.iter().find(|(_, book)| book.stock == stock).map(|(name, _)| name.clone());
        world.sheets.is_fair = false;
        drop(world);
        self.start(Job::Cleanup, name.map(Settlement::Withdraw), 0);
    }

    /// The machine is left off.
    pub fn leave_off(&mut self, for_ms: u64) {
        self.stop_machine();
        let mut world = self.world.borrow_mut();
        let until_ms = world.now_ms + for_ms;
        world.machine.reboot(until_ms);
        world.sheets.off_until_ms = until_ms;
        world.sheets.is_fair = false;
        world.weather.is_calm = false;
        world.weather.has_calm_evening &= until_ms < world.broker.close_ms;
        world.token.calm.trouble(until_ms);
        // Of money that moves when the last look was days ago nobody knows, as after a power cut that took the totals.
        world.disk.files.has_lost_totals = true;
        world.note("the machine is left off", for_ms / MINUTE_MS);
    }
}
