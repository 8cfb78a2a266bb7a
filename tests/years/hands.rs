//! External orders (a person with a phone, another program), and the person who resolves orders whose outcome is unknown.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kis_trade::domain::{IntentState, Job, OrderKey, OrderKind, Side, Symbol, Transfer, Usd};
use kis_trade::story::cleanup::Settlement;
use rust_decimal::Decimal;

use crate::Year;
use crate::broker::{End, Order, Source, Wish};
use crate::habits::TRADED;
use crate::journal::Journal;
use crate::machine::{HOUR_MS, MINUTE_MS, SECOND_MS};
use crate::world::World;

/// So long what an order moved may be taken for proceeds to come, and then for a transfer.
const ASTRAY_FOR_MS: u64 = 10 * 24 * HOUR_MS;
/// People move at least so many USD at once, far more than an order is worth.
const LEAST_MOVED: u64 = 5_000;

/// Money that people moved from and to a bank.
#[derive(Debug, Default)]
pub struct Outside {
    /// All of it.
    pub sum: Usd,
    /// Each time, the latest last.
    moved: Vec<Usd>,
    /// The latest that the journal tells of.
    found: Usd,
    /// The sum when samples of the total were taken, by the machine's clock, and what the sample took for proceeds to come.
    pub at: BTreeMap<DateTime<Utc>, (Usd, Usd)>,
    /// When the books were begun anew after a power cut took them: a list that lags just then shows a trade later whose cash the
    /// first look had already; it is waited for in vain, and then taken for money that people moved.
    pub anew_ms: u64,
}

impl Outside {
    /// What came since a sample, and what that one took for proceeds to come; `None` when nobody knows.
    pub fn since(&self, at: Option<DateTime<Utc>>) -> Option<(Usd, Usd)> {
        let (sum, pending) = *self.at.get(&at?)?;
        Some((self.sum - sum, pending))
    }

    /// Reports whether this much, or about, came in one or in several of the latest movements, maybe with proceeds to come.
    fn has(&self, usd: Usd, pending: Usd) -> bool {
        let latest = self.moved.iter().rev().take(6);
        let sums: Vec<Usd> = latest.copied().collect();
        let about = |sum: Usd| (sum - usd).0.abs() <= Decimal::from(900) + pending.0;
        (0..sums.len()).any(|first| (first..sums.len()).any(|last| about(sums[first..=last].iter().copied().sum())))
    }
}

impl World {
    /// A person moves money.
    pub fn move_money(&mut self, usd: Usd) {
        self.take_from_outside(usd);
        self.note("a person moves money", 0);
    }

    /// Cash changes without a fill.
    pub fn take_from_outside(&mut self, usd: Usd) {
        self.broker.cash = self.broker.cash + usd;
        self.outside.sum = self.outside.sum + usd;
        self.outside.moved.push(usd);
    }

    /// A person brings money, or takes some of it.
    pub fn transfer(&mut self) {
        let amount = Usd(self.chance.between(LEAST_MOVED, 9_000).into());
        let takes = self.broker.orderable() > Usd(Decimal::from(15_000));
        self.move_money(if takes { Usd::ZERO - amount } else { amount });
    }

    /// The journal says that money was moved.
    pub fn judge_transfer(&mut self, transfer: &Transfer) {
        let pending = self.disk.files.totals.cached.books.as_ref().map_or(Usd::ZERO, |books| books.pending);
        self.holds(
            // One with what the list hid in it is put right by the next; so is one with an order that the journal lost when a copy
            // of it was put back, or that the broker got twice, and that no list shows yet.
            self.is_astray()
                || (transfer.usd.0.abs() < Decimal::from(LEAST_MOVED)
                    && self.outside.anew_ms > 0
                    && self.now_ms < self.outside.anew_ms + ASTRAY_FOR_MS)
                || ((!self.disk.lost.is_empty() || self.has_doubled()) && self.hides_an_order())
                || self.outside.has(transfer.usd, pending)
                || self.outside.has(self.outside.found + transfer.usd, pending),
            &format!("a transfer that was none: {}", transfer.usd),
        );
        self.outside.found = transfer.usd;
        self.note("a transfer is found", 0);
    }

    /// Of an order of the latest days nobody can tell what became of it.
    pub fn is_astray(&self) -> bool {
        self.astray_ms > 0 && self.now_ms < self.astray_ms + ASTRAY_FOR_MS
    }

    pub fn stock_of(&self, symbol: &Symbol) -> usize {
        self.broker.stocks.iter().position(|stock| stock.symbol == *symbol).unwrap()
    }

    /// An order of another hand, if the broker takes it.
    pub fn place_for(&mut self, wish: Wish, source: Source) -> Option<usize> {
        let late_ms = self.chance.below(2 * SECOND_MS);
        if self.is_torn(wish.stock) {
            return None;
        }
        let index = self.broker.place(wish, source, self.now_ms, late_ms).ok()?;
        self.broker.stocks[wish.stock].touched_ms = self.now_ms;
        let word = if source == Source::Person { "a person orders" } else { "another program orders" };
        self.note(word, wish.quantity);
        Some(index)
    }

    /// A person or another program trades on its own account, so to speak.
    pub fn trade_elsewhere(&mut self, source: Source) {
        let stock = usize::try_from(self.chance.below(TRADED as u64)).unwrap();
        let free = self.broker.shown(stock, self.now_ms).1;
        let last = self.broker.stocks[stock].last();
        let (side, quantity) = if free > 1 && self.chance.one_in(2) {
            (Side::Sell, self.chance.between(1, free))
        } else {
            (Side::Buy, self.chance.between(1, 8))
        };
        self.place_for(Wish { stock, side, kind: OrderKind::Limit, quantity, limit: last }, source);
    }

    /// A person cancels an order of ours.
    pub fn cancel_elsewhere(&mut self) {
        if self.broker.working.is_empty() {
            return;
        }
        let index = self.chance.pick(&self.broker.working);
        let source = self.chance.pick(&[Source::Person, Source::Program]);
        if self.is_final(index) {
            return;
        }
        self.broker.cancel(index, source, self.now_ms, Some(SECOND_MS));
        self.note("another hand cancels an order", 0);
    }

    /// A person or another program changes an order of ours.
    pub fn modify_elsewhere(&mut self) {
        let is_ours = |index: &&usize| matches!(self.broker.orders[**index].source, Source::Ours(_));
        let ours: Vec<usize> = self.broker.working.iter().filter(is_ours).copied().collect();
        if ours.is_empty() || self.now_ms >= self.broker.close_ms {
            return;
        }
        let (index, source) = (self.chance.pick(&ours), self.chance.pick(&[Source::Person, Source::Program]));
        let order = &self.broker.orders[index];
        // One that is not listed yet is known to nobody else, and one that is about to end is not changed.
        let is_over = order.cancelled_ms.is_some() || order.refused_ms.is_some();
        if order.listed_ms > self.now_ms || is_over || order.kind != OrderKind::Limit {
            return;
        }
        let (stock, limit) = (order.stock, order.limit);
        let now_ms = self.now_ms;
        self.broker.modify(index, source, limit, now_ms);
        self.broker.stocks[stock].touched_ms = now_ms;
        self.note("another hand changes an order of ours", 0);
    }

    /// Just when we order, another hand places an order that looks the same.
    pub fn twins(&mut self, wish: Wish) {
        let source = match self.chance.below(40) {
            0..=1 => Source::Person,
            2 => Source::Program,
            _ => return,
        };
        // A person sells only what is there twice.
        if self.place_for(wish, source).is_some() {
            self.note("a twin of ours", 0);
        }
    }

    /// A person looks at the orders that nobody can tell, knowing the truth.
    pub fn settlements(&mut self) -> Vec<Settlement> {
        self.read_journal();
        let mut said = Vec::new();
        for entry in self.disk.fold.entries.values().filter(|entry| entry.state == IntentState::Ambiguous) {
            let Some(number) = self.truth.number_of(&entry.intent.id) else { continue };
            let orders = self.truth.numbered(number).orders.iter().map(|index| &self.broker.orders[*index]);
            let mut listed = orders.clone().filter(|order| order.listed_ms <= self.now_ms);
            let is_taken = |order: &Order| self.disk.fold.is_claimed(entry.intent.trading_date, &order.key());
            match listed.find(|order| !is_taken(order)) {
                Some(order) => said.push(Settlement::IsOrder(entry.intent.id.clone(), order.key())),
                None if orders.clone().next().is_none() => said.push(Settlement::IsAbsent(entry.intent.id.clone())),
                None => {}
            }
        }
        let is_clear = |symbol: &&Symbol| !self.is_torn(self.stock_of(symbol));
        let set_aside = self.disk.fold.splits.iter().filter(|(_, split)| !split.is_over).map(|(symbol, _)| symbol);
        said.extend(set_aside.filter(is_clear).cloned().map(Settlement::PriceIsRight));
        said.extend(self.strangers().into_iter().map(Settlement::ForeignIsFine));
        said.extend(self.disk.fold.entries.values().filter(|entry| entry.is_unlisted()).filter_map(|entry| {
            let number = self.truth.number_of(&entry.intent.id)?;
            let order = &self.broker.orders[*self.truth.numbered(number).orders.first()?];
            let id = entry.intent.id.clone();
            let price = Usd(order.paid.0.checked_div(order.filled.into()).unwrap_or_default().round_dp(4));
            let said = if order.filled == 0 {
                Settlement::IsAbsent(id)
            } else {
                Settlement::IsFilled(id, order.filled, price)
            };
            (order.remaining == 0).then_some(said)
        }));
        said.extend(self.adoptions());
        said
    }

    /// Orders of today that the program takes for another hand's, rightly or since it can't know better.
    fn strangers(&self) -> Vec<OrderKey> {
        let today = self.broker.today;
        let is_strange = |order: &&Order| match order.source {
            Source::Program | Source::Person => self.broker.may_be_open_api(order),
            Source::Ours(_) => self.truth.is_excused(order),
        };
        let orders = self.broker.since(today).iter().filter(|order| order.cancels.is_none());
        let listed = orders.filter(|order| order.listed_ms <= self.now_ms).filter(is_strange).map(Order::key);
        let fold = &self.disk.fold;
        listed.filter(|key| !fold.is_claimed(today, key) && !fold.is_fine(today, key)).collect()
    }

    /// Whoever looks from outside reads the journal, too.
    pub fn read_journal(&mut self) {
        if self.disk.folded != self.disk.month.lines.len() {
            Journal::load(self, true);
        }
    }
}

/// Just before a run of `sell`, another program wanted to sell the same, and it came to nothing.
pub fn another_program_was_there(world: &mut World) {
    let held = (0..TRADED).filter(|stock| world.broker.shown(*stock, world.now_ms).1 > 0).collect::<Vec<_>>();
    if held.is_empty() {
        return;
    }
    let stock = world.chance.pick(&held);
    let quantity = world.broker.shown(stock, world.now_ms).1;
    let limit = world.broker.stocks[stock].last();
    let now_ms = world.now_ms;
    let wish = Wish { stock, side: Side::Sell, kind: OrderKind::Limit, quantity, limit };
    if let Ok(index) = world.broker.place(wish, Source::Program, now_ms, 0) {
        world.broker.orders[index].finish(End::Refused);
        world.broker.working.retain(|working| *working != index);
        world.note("another program was there", quantity);
    }
}

impl Year {
    /// A person settles one thing after the other.
    pub fn person_looks(&mut self) {
        let said = self.world.borrow_mut().settlements();
        for (place, settlement) in said.into_iter().take(4).enumerate() {
            self.start(Job::Cleanup, Some(settlement), place as u64 * MINUTE_MS);
        }
    }
}
