//! Closing orders at the broker: they fill at the close or end with it, and are final ten minutes before.

use kis_trade::domain::{OrderKind, Side};

use crate::broker::{Broker, End, Order, Wish};
use crate::chance::Chance;
use crate::habits::ALL;
use crate::machine::MINUTE_MS;
use crate::world::World;

/// From so long before the close on a closing order is neither taken nor cancelled.
const FINAL_MS: u64 = 10 * MINUTE_MS;
/// A closing order's fill is in the list so many minutes after the close.
const LISTED_AFTER: u64 = 3;

impl Broker {
    /// Reports whether closing orders are final.
    pub fn is_final(&self, now_ms: u64) -> bool {
        now_ms + FINAL_MS >= self.close_ms
    }

    /// Reports whether an order could meet an open one of the account. Only strategies' stocks are looked at: with the others
    /// the program leaves one of two alone anyway.
    pub fn would_meet(&self, wish: &Wish) -> bool {
        let open = self.working.iter().map(|index| &self.orders[*index]);
        wish.stock >= ALL.len() && open.filter(|order| order.stock == wish.stock).any(|order| order.meets(wish))
    }

    /// The closing auction fills an order whole, or it ends.
    pub fn fill_at_close(&mut self, index: usize, chance: &mut Chance) {
        let order = &self.orders[index];
        if self.moved_ms < self.close_ms + (1 + index as u64 % LISTED_AFTER) * MINUTE_MS {
            return;
        }
        let (close, shares) = (self.stocks[order.stock].last(), order.remaining);
        let is_reached = match (order.kind, order.side) {
            (OrderKind::Moc, _) => true,
            (_, Side::Buy) => close <= order.limit,
            (_, Side::Sell) => close >= order.limit,
        };
        if is_reached && order.refused_ms.is_none() {
            let until_ms = self.moved_ms + chance.below(self.habits.lag_ms + 1);
            self.fill(index, shares, close, until_ms);
        } else {
            self.orders[index].finish(End::Expired);
        }
    }
}

impl Order {
    /// Reports whether a new order could be filled by this open one.
    fn meets(&self, wish: &Wish) -> bool {
        let is_at_market = self.kind == OrderKind::Moc || wish.kind == OrderKind::Moc;
        match (self.side, wish.side) {
            (Side::Sell, Side::Buy) => is_at_market || wish.limit >= self.limit,
            (Side::Buy, Side::Sell) => is_at_market || self.limit >= wish.limit,
            _ => false,
        }
    }
}

impl World {
    /// A cancel of ours is about to leave: never that of a closing order which is final by then.
    pub fn judge_cancel_in_time(&self, index: usize) {
        let is_late = self.is_final(index) && self.machine.off_ms == 0 && self.weather.is_calm;
        self.holds(!is_late, "S3: a cancel of a closing order that is final");
    }

    /// Reports whether an order can't be cancelled any more.
    pub fn is_final(&self, index: usize) -> bool {
        self.broker.orders[index].kind != OrderKind::Limit && self.broker.is_final(self.now_ms)
    }
}
