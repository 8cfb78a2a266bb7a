//! What must hold when a line of the journal is written that concerns a strategy: its sheet, an intent, a person's word.

use chrono::NaiveDate;
use kis_trade::decide::fold::{Entry, JournalState};
use kis_trade::domain::{
    Adopted, Intent, IntentState, Ledger, Lot, OrderKind, Record, Refusal, Sheet, SheetLine, Side, Usd,
};
use rust_decimal::Decimal;

use super::{is_same_order, strategy_of};
use crate::disk::{Content, Line, Place};
use crate::machine::HOUR_MS;
use crate::truth::TrueIntent;
use crate::world::World;

/// A ledger's cash and average cost may be so far from the truth: KIS rounds the averages of fills.
const ROUNDED: Usd = Usd(Decimal::from_parts(10, 0, 0, false, 2));

impl World {
    /// A sheet is about to be written: once a date, from what the strategy truly has.
    pub fn judge_sheet(&mut self, state: &JournalState, sheet: &Sheet) {
        self.read_journal();
        let name = sheet.strategy.as_str();
        self.holds(self.sheets.books.contains_key(name), "S1: a sheet of no strategy");
        self.holds(sheet.date == self.broker.today, "S1: a sheet of another date");
        let is_there = self.disk.fold.strategy(name).is_some_and(|book| book.sheet_of(sheet.date).is_some());
        self.holds(!is_there, "S1: a second sheet of one date");
        if self.sheets.books[name].sheets.contains_key(&sheet.date) {
            let was_sent = self.intents_of(name, sheet.date).any(|ours| ours.posts > 0);
            self.holds(!was_sent, "S1: a sheet of which an order was sent is computed anew");
            self.note("a lost sheet is made again", 0);
        }
        self.judge_shares_of(sheet);
        self.judge_ledger(state, sheet);
        let book = self.sheets.books.get_mut(name).unwrap();
        let held = |sheet: &Sheet| sheet.ledger.lots.values().map(|lot| lot.quantity).sum::<u64>();
        let is_cycle_over = held(sheet) == 0 && book.sheets.values().next_back().is_some_and(|last| held(last) > 0);
        book.sheets.insert(sheet.date, sheet.clone());
        book.wants_adoption = false;
        if sheet.lines.iter().any(|line| line.kind == OrderKind::Moc) {
            self.note("a sheet sells at the market", 0);
        }
        if sheet.orders.iter().any(|order| order.parts.is_empty()) {
            self.note("a sheet is netted", 0);
        }
        self.note(if is_cycle_over { "a sheet begins a cycle anew" } else { "a sheet" }, sheet.orders.len() as u64);
    }

    /// No sheet while the account has other shares than the strategy, and none that sells more.
    fn judge_shares_of(&self, sheet: &Sheet) {
        let stock = &self.broker.stocks[self.sheets.books[&sheet.strategy].stock];
        let lot = sheet.ledger.lot(&stock.symbol);
        let is_settled = stock.touched_ms.max(stock.shown_ms) + HOUR_MS < self.now_ms;
        let words = format!("S7: a sheet for {} shares, and the account has {}", lot.quantity, stock.held);
        self.holds(!is_settled || stock.held == lot.quantity, &words);
        let sold = |orders: &mut dyn Iterator<Item = (Side, u64)>| {
            orders.filter(|(side, _)| *side == Side::Sell).map(|(_, quantity)| quantity).sum::<u64>()
        };
        let by_lines = sold(&mut sheet.lines.iter().map(|line| (line.side, line.quantity)));
        let by_orders = sold(&mut sheet.orders.iter().map(|order| (order.side, order.quantity)));
        self.holds(by_lines.max(by_orders) <= lot.quantity, "S4: a sheet sells more than the strategy has");
    }

    /// The morning's ledger is the one before, and what truly filled since.
    fn judge_ledger(&mut self, state: &JournalState, sheet: &Sheet) {
        let Some(expected) = self.expected_ledger(state, &sheet.strategy) else {
            self.note("a ledger nobody can be sure of", 0);
            return;
        };
        let symbol = &self.broker.stocks[self.sheets.books[&sheet.strategy].stock].symbol;
        let (lot, true_lot) = (sheet.ledger.lot(symbol), expected.lot(symbol));
        let is_near = |one: Usd, other: Usd| (one - other).0.abs() <= ROUNDED.0;
        let is_true = lot.quantity == true_lot.quantity
            && is_near(sheet.ledger.cash, expected.cash)
            && is_near(lot.average_cost, true_lot.average_cost);
        let words = format!("S6: the ledger of {} is {:?}, in truth {expected:?}", sheet.date, sheet.ledger);
        self.holds(is_true, &words);
    }

    /// What a strategy truly has when a date begins; `None` when the journal can't know all that its orders came to.
    pub(super) fn expected_ledger(&self, state: &JournalState, name: &str) -> Option<Ledger> {
        let known = state.strategy(name);
        match known.map(|known| (&known.adopted, &known.sheet)) {
            Some((Some(adopted), _)) => Some(adopted.ledger.clone()),
            Some((None, Some(last))) => {
                let is_as_written = self.sheets.books[name].sheets.get(&last.date) == Some(last);
                self.holds(is_as_written, "S2: the journal has another sheet than was written");
                (!self.is_in_doubt(name, last.date)).then(|| self.true_ledger(last))
            }
            _ => Some(Ledger { cash: self.principal_of(name), ..Ledger::default() }),
        }
    }

    /// Shares and cash after a sheet's orders, by what the broker truly did.
    fn true_ledger(&self, last: &Sheet) -> Ledger {
        let symbol = &self.broker.stocks[self.sheets.books[&last.strategy].stock].symbol;
        let Lot { mut quantity, average_cost } = last.ledger.lot(symbol);
        let (mut cash, mut cost) = (last.ledger.cash, average_cost);
        let orders = |side| {
            let orders = self.intents_of(&last.strategy, last.date).flat_map(|ours| &ours.orders);
            orders.map(|index| &self.broker.orders[*index]).filter(move |order| order.side == side)
        };
        for order in orders(Side::Sell) {
            cash = cash + order.paid;
            quantity = quantity.saturating_sub(order.filled);
        }
        let (bought, paid) =
            orders(Side::Buy).fold((0, Usd::ZERO), |(bought, paid), order| (bought + order.filled, paid + order.paid));
        if bought > 0 {
            cash = cash - paid;
            let worth = cost.times(quantity).unwrap() + paid;
            quantity += bought;
            cost = Usd(worth.0 / Decimal::from(quantity));
        }
        let mut ledger = Ledger { cash, ..Ledger::default() };
        if quantity > 0 {
            ledger.lots.insert(symbol.clone(), Lot { quantity, average_cost: cost });
        }
        ledger
    }

    /// Reports whether the journal can't know all that a strategy's orders came to since a date.
    fn is_in_doubt(&self, name: &str, since: NaiveDate) -> bool {
        let latest = self.truth.intents.iter().rev().take_while(|ours| ours.intent.trading_date >= since);
        let is_doubtful =
            |ours: &TrueIntent| ours.is_excused || ours.orders.len() > 1 || (ours.is_lost && !ours.orders.is_empty());
        latest.filter(|ours| strategy_of(ours) == Some(name)).any(is_doubtful)
    }

    fn principal_of(&self, name: &str) -> Usd {
        self.settings.strategies.iter().find(|strategy| strategy.name == name).unwrap().principal
    }

    /// An intent is about to be written. The default rule leaves strategies' stocks alone, and a strategy orders what its sheet
    /// says, each order once.
    pub fn judge_line_intent(&mut self, state: &JournalState, intent: &Intent) {
        let is_of_strategy = self.is_of_strategy(self.stock_of(&intent.symbol));
        let Some(line) = &intent.line else {
            return self.holds(!is_of_strategy, "S5: the default rule orders what is a strategy's");
        };
        let is_its_own = self.strategy_of(&intent.symbol).as_ref() == Some(&line.strategy);
        self.holds(is_its_own, "S5: a strategy orders what is not its own");
        self.read_journal();
        let date = intent.trading_date;
        let written = self.sheets.books[&line.strategy].sheets.get(&date).cloned();
        let known = self.disk.fold.strategy(&line.strategy);
        let is_on_disk = written.is_some() && known.and_then(|known| known.sheet_of(date)) == written.as_ref();
        self.holds(
            is_on_disk && self.is_sheet_synced(&line.strategy, date),
            "S2: an intent without its sheet on the disk",
        );
        self.holds(known.is_none_or(|known| !known.is_withdrawn(date)), "S3: an order of a sheet that a person ended");
        let sheet = written.unwrap();
        match line.order {
            Some(place) => self.judge_its_order(&sheet, place, intent),
            None => self.judge_emulated(&sheet, line, intent),
        }
        self.judge_earlier(state, line, intent);
        self.judge_shares_now(&sheet, intent);
    }

    /// Reports whether a power cut now would leave the line of a sheet.
    fn is_sheet_synced(&self, name: &str, date: NaiveDate) -> bool {
        let is_its_line = |line: &&Line| match &line.content {
            Content::Record(record) => {
                matches!(&**record, Record::Sheet(sheet) if sheet.strategy == name && sheet.date == date)
            }
            Content::Snapshot(state) => state.strategy(name).is_some_and(|book| book.sheet_of(date).is_some()),
            Content::Torn => false,
        };
        self.disk.month.lines.iter().rev().find(is_its_line).is_some_and(|line| line.place == Place::Synced)
    }

    fn judge_its_order(&self, sheet: &Sheet, place: usize, intent: &Intent) {
        let order = sheet.orders.get(place);
        let is_its_order = order.is_some_and(|order| {
            order.symbol == intent.symbol
                && order.side == intent.side
                && order.kind == intent.order_kind
                && order.quantity == intent.quantity
        });
        self.holds(is_its_order, "S2: an intent that is not its sheet's order");
    }

    fn judge_emulated(&self, sheet: &Sheet, line: &SheetLine, intent: &Intent) {
        let is_limit = self.sheets.is_paper && intent.order_kind == OrderKind::Limit;
        self.holds(is_limit, "S2: closing orders are emulated where they exist");
        let is_of_sheet = line.parts.iter().all(|part| {
            let its = sheet.lines.get(part.line);
            its.is_some_and(|its| {
                its.side == intent.side && its.kind != OrderKind::Limit && part.quantity <= its.quantity
            })
        });
        let quantity: u64 = line.parts.iter().map(|part| part.quantity).sum();
        let is_whole = is_of_sheet && quantity == intent.quantity;
        self.holds(is_whole || line.parts.is_empty(), "S2: an emulated order is not what it stands for");
    }

    /// What was ordered before for the same lines never came to anything, and this one goes a tick away.
    fn judge_earlier(&mut self, state: &JournalState, line: &SheetLine, intent: &Intent) {
        let sheet = &self.sheets.books[&line.strategy].sheets[&intent.trading_date];
        let earlier = self.intents_of(&line.strategy, intent.trading_date);
        let earlier = earlier.filter(|ours| {
            let its = ours.intent.line.as_ref().unwrap();
            // The line of one that was not sent may never have been written.
            let is_written = ours.posts > 0 || state.entries.contains_key(&ours.intent.id);
            is_written && is_same_order((line, intent.side), (its, ours.intent.side))
        });
        let earlier: Vec<&TrueIntent> = earlier.collect();
        let entries: Vec<Option<&Entry>> = earlier.iter().map(|ours| state.entries.get(&ours.intent.id)).collect();
        let is_absent = |entry: &&Entry| entry.state == IntentState::Absent;
        let never_came = |entry: &Option<&Entry>| {
            entry.is_some_and(|entry| match entry.state {
                IntentState::Absent | IntentState::NotSent => true,
                IntentState::Rejected => entry.refusal.is_some_and(Refusal::is_everybodys),
                _ => false,
            })
        };
        let words = format!("S3: an order of a sheet goes twice, {line:?} after {earlier:?}, which are {entries:?}");
        self.holds(entries.iter().all(never_came), &words);
        let absent = entries.iter().flatten().filter(|entry| is_absent(entry)).count();
        self.holds(absent <= 1, "S3: an order goes again after it was absent twice");
        let is_moc = intent.order_kind == OrderKind::Moc;
        let has_moc = || {
            let mut before = self.intents_of(&line.strategy, intent.trading_date);
            before.any(|ours| {
                let is_written = ours.posts > 0 || state.entries.contains_key(&ours.intent.id);
                is_written && ours.intent.order_kind == OrderKind::Moc && ours.intent.side == intent.side
            })
        };
        self.holds(!is_moc || !has_moc(), "S3: a second order at the market");
        let first = line.order.map(|place| sheet.orders[place].limit_price);
        if let Some(first) = first {
            let away = match intent.side {
                Side::Buy => first - intent.limit_price,
                Side::Sell => intent.limit_price - first,
            };
            let fits = if earlier.is_empty() { away == Usd::ZERO } else { away > Usd::ZERO && away.0 < Decimal::ONE };
            self.holds(fits, "S3: an order at another price than its sheet's");
        }
        if is_moc {
            self.note("an order at the market", intent.quantity);
        }
        if line.order.is_none() {
            self.note("closing orders are emulated", intent.quantity);
        }
        if absent > 0 {
            self.note("an order of a sheet goes again", 0);
        }
    }

    /// Nothing is ordered while the account has other shares than the strategy.
    fn judge_shares_now(&self, sheet: &Sheet, intent: &Intent) {
        let stock = &self.broker.stocks[self.stock_of(&intent.symbol)];
        let filled = |side| {
            let orders = self.intents_of(&sheet.strategy, sheet.date).flat_map(|ours| &ours.orders);
            let orders = orders.map(|index| &self.broker.orders[*index]).filter(|order| order.side == side);
            orders.map(|order| order.filled).sum::<u64>()
        };
        let mut ours = self.intents_of(&sheet.strategy, sheet.date);
        if ours.any(|ours| ours.is_excused || ours.orders.len() > 1) {
            return;
        }
        let begun_with = sheet.ledger.lot(&intent.symbol).quantity;
        let own = (begun_with + filled(Side::Buy)).saturating_sub(filled(Side::Sell));
        let is_settled = stock.touched_ms.max(stock.shown_ms) + HOUR_MS < self.now_ms;
        let fits = [own, begun_with].contains(&stock.held);
        let words = format!("S7: an order, and the account has {} shares instead of {own}", stock.held);
        self.holds(!is_settled || fits, &words);
    }

    /// A person says what is a strategy's own: what the account has.
    pub fn judge_adopted(&mut self, adopted: &Adopted) {
        self.sheets.books.get_mut(&adopted.strategy).unwrap().wants_adoption = false;
        let stock = &self.broker.stocks[self.sheets.books[&adopted.strategy].stock];
        let is_settled = stock.touched_ms.max(stock.shown_ms) + HOUR_MS < self.now_ms;
        let is_right = adopted.ledger.lot(&stock.symbol).quantity == stock.held;
        self.holds(!is_settled || is_right, "S6: other shares are taken over than the account has");
        self.note("a position is taken over", stock.held);
    }
}
