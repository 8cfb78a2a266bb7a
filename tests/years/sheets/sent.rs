//! What must hold right before a request for a sheet's order leaves, by what is truly at the broker.

use kis_trade::domain::{Intent, OrderKind, SheetLine, Side, Usd};

use super::is_same_order;
use crate::broker::{Order, Source};
use crate::truth::TrueIntent;
use crate::world::World;

impl World {
    /// A request for an order of a sheet is about to leave.
    pub fn judge_line_post(&self, intent: &Intent, line: &SheetLine) {
        self.judge_once(intent, line);
        let sheet = &self.sheets.books[&line.strategy].sheets[&intent.trading_date];
        let stock = self.stock_of(&intent.symbol);
        let taken = |side| self.known_orders(line, intent).filter(move |order| order.side == side);
        match intent.side {
            Side::Sell => {
                let sold: u64 = taken(Side::Sell).map(|order| order.filled + order.remaining).sum();
                let most = sheet.ledger.lot(&intent.symbol).quantity;
                self.holds(sold + intent.quantity <= most, "S4: more is sold than the strategy has");
                let held = &self.broker.stocks[stock];
                let open = self.broker.working.iter().map(|index| &self.broker.orders[*index]);
                let open = open.filter(|order| order.stock == stock && order.side == Side::Sell);
                let open: u64 = open.map(|order| order.remaining).sum();
                let is_touched = held.touched_ms >= self.broker.open_ms || self.has_doubtful_order(intent);
                self.holds(open + intent.quantity <= held.held || is_touched, "S4: more is sold than is held");
            }
            Side::Buy => {
                let cost = |order: &Order| order.paid + order.limit.times(order.remaining).unwrap();
                let spent: Usd = taken(Side::Buy).map(cost).sum();
                let wanted = intent.limit_price.times(intent.quantity).unwrap();
                self.holds(spent + wanted <= sheet.ledger.cash, "S4: more is bought than the strategy's cash");
            }
        }
        self.judge_self_trade(intent, stock);
    }

    /// Each order of a sheet is at the broker once at most, whatever the journal says.
    fn judge_once(&self, intent: &Intent, line: &SheetLine) {
        let is_its = |ours: &&TrueIntent| {
            let its = ours.intent.line.as_ref().unwrap();
            ours.intent.id != intent.id && is_same_order((line, intent.side), (its, ours.intent.side))
        };
        let mut others = self.intents_of(&line.strategy, intent.trading_date).filter(is_its);
        let is_there = others.any(|ours| !ours.orders.is_empty() && !ours.is_excused);
        self.holds(!is_there, "S3: an order of a sheet is at the broker already");
        let is_moc = |ours: &TrueIntent| {
            ours.intent.order_kind == OrderKind::Moc && ours.intent.side == intent.side && ours.intent.id != intent.id
        };
        let mut all = self.intents_of(&line.strategy, intent.trading_date);
        let is_second = intent.order_kind == OrderKind::Moc && all.any(|ours| is_moc(ours) && ours.posts > 0);
        self.holds(!is_second, "S3: a second request at the market");
    }

    /// The orders of the same sheet that the journal must know.
    fn known_orders<'a>(&'a self, line: &'a SheetLine, intent: &Intent) -> impl Iterator<Item = &'a Order> {
        let ours = self.intents_of(&line.strategy, intent.trading_date).filter(|ours| !ours.is_excused);
        ours.filter(|ours| ours.orders.len() == 1).map(|ours| &self.broker.orders[ours.orders[0]])
    }

    /// Reports whether the journal can't know all sells of a symbol: one is excused, or another hand changed it.
    fn has_doubtful_order(&self, intent: &Intent) -> bool {
        let stock = self.stock_of(&intent.symbol);
        let today = self.broker.since(intent.trading_date).iter();
        today.filter(|order| order.stock == stock && order.side == Side::Sell).any(|order| match order.source {
            Source::Ours(_) => self.truth.is_excused(order),
            Source::Person | Source::Program => true,
        })
    }

    /// A buy does not meet an open sell of ours that the journal must know.
    fn judge_self_trade(&self, intent: &Intent, stock: usize) {
        let open = self.broker.working.iter().map(|index| &self.broker.orders[*index]);
        let mut own =
            open.filter(|order| order.stock == stock && order.side == Side::Sell && !self.truth.is_excused(order));
        let meets = |order: &Order| order.kind == OrderKind::Moc || intent.limit_price >= order.limit;
        self.holds(intent.side == Side::Sell || !own.any(meets), "S8: a buy could meet a sell of ours");
    }
}
