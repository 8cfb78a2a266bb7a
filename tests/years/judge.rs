//! Judges every request and every line against what is really there.

use chrono::{NaiveDate, TimeDelta};
use kis_trade::decide::fold::{Entry, JournalState};
use kis_trade::domain::{
    Intent, IntentId, IntentState, Observed, OrderKey, OrderRequest, Outcome, OutcomeClass, Record, Refusal, Resolved,
    Side, Usd, Verdict,
};

use crate::answers::odd_order_key;
use crate::broker::{End, Source};
use crate::conduct::Conduct;
use crate::disk::{Content, Line, Place};
use crate::machine::{HOUR_MS, MINUTE_MS};
use crate::world::World;

/// The latest that anybody saw an order listed.
const LATEST_MS: u64 = 40 * MINUTE_MS;

impl World {
    /// A request for an order is about to leave. Returns its intent with that one's number.
    pub fn judge_post(&mut self, conduct: &Conduct, order: &OrderRequest, skew: Option<TimeDelta>) -> (u64, Intent) {
        let intent = self.judge_request(conduct, order, skew);
        if self.choices.is_none() {
            self.read_journal();
        }
        let number = self.truth.number_of(&intent.id).unwrap();
        let ours = self.truth.numbered(number);
        self.holds(self.is_durable(&intent.id), "I8: a request although its line is not on the disk");
        self.holds(ours.orders.is_empty(), "I1: a second order for one intent");
        let may_repeat = match ours.last {
            None => ours.posts == 0,
            Some(OutcomeClass::NotSent) => ours.posts < 3,
            Some(OutcomeClass::TurnedAway) => ours.posts < 2,
            Some(OutcomeClass::Accepted | OutcomeClass::Rejected | OutcomeClass::Unknown) => false,
        };
        self.holds(may_repeat, "I3: a request after one that may have arrived");
        let blocks = |other: &Intent| {
            other.id != intent.id
                && other.symbol == intent.symbol
                && (intent.side == Side::Buy || other.side == Side::Sell)
        };
        let is_blocked = self.disk.fold.unknown().any(|entry| blocks(&entry.intent));
        self.holds(!is_blocked, "I13: a request although another order of the symbol is unknown");
        match &intent.line {
            Some(line) => self.judge_line_post(&intent, line),
            None => self.judge_rivals(&intent),
        }
        self.judge_units(&intent.symbol, intent.side);
        if intent.side == Side::Buy {
            self.judge_budget(&intent, conduct.last_of(&intent.symbol), conduct.decided_ms.unwrap_or(self.now_ms));
            if intent.line.is_none() {
                self.judge_cash_refusals(&intent);
            }
        }
        self.truth.get(&intent.id).posts += 1;
        (number, intent)
    }

    /// A buy waits for all own orders of its symbol, a sell for the sells.
    fn judge_rivals(&self, intent: &Intent) {
        let stock = self.stock_of(&intent.symbol);
        let is_rival = |order: &&super::broker::Order| {
            order.stock == stock && order.remaining > 0 && (intent.side == Side::Buy || order.side == Side::Sell)
        };
        let has_rival = self.own_orders_of(intent.trading_date).any(|order| is_rival(&order));
        self.holds(!has_rival, "I6: a request while another order of the symbol lives");
        self.holds(intent.quantity <= intent.witness.sellable || intent.side == Side::Buy, "I6: more than is sellable");
    }

    /// After two refusals for want of cash nothing is bought while the cash is the same.
    fn judge_cash_refusals(&self, intent: &Intent) {
        let for_cash = |entry: &&Entry| entry.state == IntentState::Rejected && entry.refusal == Some(Refusal::Cash);
        let refused: Vec<&Entry> = self.disk.fold.of_day(intent.trading_date).filter(for_cash).collect();
        let then = refused.last().filter(|_| refused.len() > 1).map(|entry| entry.intent.witness.cash);
        self.holds(then != Some(intent.witness.cash), "a third buy with the cash that was too little for two");
    }

    fn judge_budget(&self, intent: &Intent, last: Usd, listed_ms: u64) {
        let (limits, stock) = (&self.settings.limits, self.stock_of(&intent.symbol));
        let cost = intent.limit_price.times(intent.quantity).unwrap();
        let buys = || self.own_orders_of(intent.trading_date).filter(|order| order.side == Side::Buy);
        // A fill may show late, after the list.
        let shown = |order: &super::broker::Order| order.shown_fills(listed_ms).1;
        let spent: Usd = buys().map(|order| shown(order) + order.limit.times(order.remaining).unwrap()).sum();
        self.holds(cost <= limits.max_order, "I7: more than max_order");
        self.holds(spent + cost <= limits.max_buy_per_day, "I7: more than max_buy_per_day");
        let others = self.disk.fold.entries.values().filter(|entry| {
            entry.intent.id != intent.id
                && entry.intent.trading_date == intent.trading_date
                && entry.intent.side == Side::Buy
        });
        let counted = others.map(|entry| {
            let open = if entry.state.is_live() { entry.intent.quantity - entry.filled_quantity } else { 0 };
            entry.average_price.times(entry.filled_quantity).unwrap() + entry.intent.limit_price.times(open).unwrap()
        });
        let counted: Usd = counted.sum();
        self.holds(counted + cost <= limits.max_buy_per_day, "I7: unknown orders do not count in full");
        let held = &self.broker.stocks[stock];
        let is_known = held.touched_ms + HOUR_MS < self.now_ms
            && !self.broker.since(intent.trading_date).iter().any(|o| o.stock == stock && self.truth.is_excused(o));
        let invested = last.times(held.held).unwrap() + cost;
        let fits = limits.max_position.is_none_or(|most| invested <= most);
        // A strategy's shares count at their cost.
        self.holds(fits || !is_known || intent.line.is_some(), "I7: more than max_position");
        // What a person sold by phone is not held: an hour later no balance lags any more.
        let is_settled = is_known && held.shown_ms + HOUR_MS < self.now_ms;
        let is_true = intent.witness.held <= held.held;
        self.holds(is_true || !is_settled, "shares count as held that somebody sold");
    }

    /// Reports whether a power cut now would leave the line of an intent.
    fn is_durable(&self, id: &IntentId) -> bool {
        let is_its_line = |line: &&Line| match &line.content {
            Content::Record(record) => matches!(&**record, Record::Intent(intent) if intent.id == *id),
            Content::Snapshot(_) | Content::Torn => false,
        };
        self.disk.month.lines.iter().rev().find(is_its_line).is_some_and(|line| line.place == Place::Synced)
    }

    /// A line is about to be written, or to be folded by a run that only looks.
    pub fn judge_line(&mut self, run: u64, state: &JournalState, record: &Record) {
        match record {
            Record::Intent(intent) => {
                let listed = self.truth.listed.get(&run);
                let mut baseline = intent.baseline.clone();
                baseline.remove(&odd_order_key());
                self.holds(listed == Some(&baseline), "I9: a decision from a list that is not whole");
                self.judge_line_intent(state, intent);
                self.truth.declare(intent, self.now_ms);
            }
            Record::Outcome(outcome) => self.judge_outcome(run, outcome),
            Record::Resolved(resolved @ Resolved { intent, verdict: Verdict::Accepted, order_id: Some(_), .. }) => {
                match state.entries[intent].state {
                    IntentState::Absent => self.note("turned up after absent", 0),
                    state if state.is_unknown() => self.note("found", 0),
                    _ => self.note("turned up after another end", 0),
                }
                self.judge_claim(run, intent, &resolved.key().unwrap());
            }
            Record::Resolved(Resolved { intent, verdict: Verdict::Absent | Verdict::Rejected, .. }) => {
                self.judge_absent(run, intent);
            }
            Record::Resolved(Resolved { intent, candidates, .. }) => self.judge_ambiguous(intent, candidates),
            Record::Observed(observed) => self.judge_observed(state, observed),
            Record::Cancel { intent, .. } => {
                let entry = &state.entries[intent];
                let order = self.broker.find(entry.intent.trading_date, &entry.key().unwrap());
                let is_ours = order.is_some_and(|order| matches!(order.source, Source::Ours(_)));
                self.holds(is_ours || self.truth.of(intent).is_excused, "an order of another hand is cancelled");
            }
            Record::Unseen { .. } => self.note("unseen", 0),
            Record::Human(_) => self.note("a person's word", 0),
            Record::Transfer(transfer) => self.judge_transfer(transfer),
            Record::BalanceEmpty { .. } => self.note("an empty balance is doubted", 0),
            Record::OwnShares { .. } => self.note("own shares went by other hands", 0),
            Record::SplitSuspected(suspicion) => self.judge_suspicion(suspicion),
            Record::SplitOver { .. } => self.note("no split followed", 0),
            Record::Unit(unit) => self.judge_unit(unit),
            Record::DayClosed { date } => self.judge_closed(state, *date),
            Record::Corrected(_) => self.note("fills are taken back", 0),
            Record::Sheet(sheet) => self.judge_sheet(state, sheet),
            Record::SheetWithdrawn { .. } => self.note("a sheet is withdrawn", 0),
            Record::Adopted(adopted) => self.judge_adopted(adopted),
            Record::Repair { .. } => {}
        }
    }

    fn judge_outcome(&mut self, run: u64, outcome: &Outcome) {
        let number = self.truth.number_of(&outcome.intent);
        self.holds(number.is_some(), "an outcome before its intent");
        let ours = self.truth.of(&outcome.intent);
        let is_over = match outcome.answer.class {
            OutcomeClass::Rejected => true,
            OutcomeClass::TurnedAway | OutcomeClass::NotSent => outcome.is_final,
            OutcomeClass::Accepted | OutcomeClass::Unknown => false,
        };
        let exists = !ours.orders.is_empty();
        self.holds(!(is_over && exists), "an order that exists is written off");
        if let (OutcomeClass::Accepted, Some(key)) = (outcome.answer.class, outcome.answer.key()) {
            self.judge_claim(run, &outcome.intent, &key);
        }
        if outcome.answer.msg.starts_with("its turn came too late") {
            self.note("its turn came too late", 0);
        }
    }

    /// An order number becomes an intent's. It must be the number of its order. Two exceptions, which nobody can tell:
    ///
    /// - Another hand placed an order that looks the same after the list on which ours rests, nothing says that it came by
    ///   phone, and ours is not listed yet, or never came.
    /// - A restored backup made the journal forget the intent whose order it is.
    fn judge_claim(&mut self, run: u64, id: &IntentId, key: &OrderKey) {
        let number = self.truth.number_of(id).unwrap();
        let (day, baseline) = {
            let intent = &self.truth.numbered(number).intent;
            (intent.trading_date, intent.was_listed(key))
        };
        self.holds(!baseline, "a claim of an order that was there before");
        let order = self.broker.find(day, key);
        self.holds(order.is_some_and(|order| order.cancels.is_none()), "a claim of a number that is no order's");
        let order = order.unwrap();
        let is_blank = self.broker.habits.is_paper;
        match order.source {
            Source::Ours(owner) if owner == number => {}
            Source::Ours(owner) => {
                let (its, ours) = (self.truth.numbered(owner), self.truth.numbered(number));
                self.holds(its.is_lost, &format!("I4: an order of {its:?} is claimed by {ours:?}"));
                self.note("an order of a lost intent claimed", 0);
                self.truth.get(id).is_excused = true;
            }
            Source::Person | Source::Program => {
                self.holds(order.source == Source::Program || is_blank, "an order by phone is claimed");
                // Ours may have been declared another hand's by a person who could not know better.
                let is_out = |key: &OrderKey| self.disk.fold.is_fine(day, key);
                let mut own = self.truth.numbered(number).orders.iter().map(|index| self.broker.orders[*index].key());
                let is_own_shown = own.any(|key| self.truth.shown[&run].contains(&key) && !is_out(&key));
                self.holds(!is_own_shown, "another hand's order is claimed although ours is listed");
                self.note("a twin of another hand claimed", 0);
                self.truth.get(id).is_excused = true;
            }
        }
    }

    /// Called absent: there must be no order. Three exceptions:
    ///
    /// - It is listed later than the 40 minutes that anybody ever saw.
    /// - The process was stopped between intent and request, so that the order is younger than its intent says.
    /// - A sell: ten minutes are less than forty, and the number of sellable shares can be the old one although the order
    ///   was there: it was cancelled or refused meanwhile, another hand moved shares, as many shares came by a buy whose fill
    ///   the balance shows only now, or it lags the fill of the sell itself. In no case is more sold than is held: KIS
    ///   holds back what an open sell is to sell.
    fn judge_absent(&mut self, run: u64, id: &IntentId) {
        let number = self.truth.number_of(id).unwrap();
        self.note("absent", number);
        let ours = self.truth.numbered(number);
        let Some(order) = ours.orders.first().map(|index| &self.broker.orders[*index]) else { return };
        let is_late = order.listed_ms > order.placed_ms + LATEST_MS;
        let is_younger = order.placed_ms > ours.written_ms + MINUTE_MS;
        let stock = &self.broker.stocks[order.stock];
        let is_over = order.remaining == 0 && (order.filled == 0 || self.broker.habits.has_stale_sellable);
        let is_early_sell = order.side == Side::Sell
            && !self.truth.shown[&run].contains(&order.key())
            && (is_over || stock.touched_ms.max(stock.shown_ms) >= ours.written_ms);
        let word = match () {
            () if is_late => "absent, for it is listed later than ever",
            () if is_younger => "absent, for it is younger than its intent",
            () if is_early_sell => "a sell absent too soon",
            () => return self.holds(ours.is_excused, "absent, and it exists"),
        };
        self.note(word, number);
        self.astray_ms = self.now_ms;
        self.truth.get(id).is_excused = true;
    }

    fn judge_ambiguous(&mut self, id: &IntentId, candidates: &[OrderKey]) {
        let day = self.truth.of(id).intent.trading_date;
        let is_order = |key: &OrderKey| self.broker.find(day, key).is_some_and(|order| order.cancels.is_none());
        self.holds(candidates.iter().all(is_order), "ambiguous between rows that are no orders");
        self.note("ambiguous", candidates.len() as u64);
    }

    /// A date that is closed has no order of ours that may still change.
    fn judge_closed(&mut self, state: &JournalState, date: NaiveDate) {
        let is_live = state.live().any(|entry| entry.intent.trading_date <= date && !entry.is_unlisted());
        self.holds(!is_live, "a date is closed although an order of it lives");
        self.note("a date is closed", 0);
    }

    /// What the journal learns of an order is true, and what is called ended has ended.
    fn judge_observed(&mut self, state: &JournalState, observed: &Observed) {
        let Some(entry) = state.entries.get(&observed.intent) else { return };
        self.holds(observed.filled_quantity >= entry.filled_quantity, "I5: fills shrink");
        let is_excused = self.truth.of(&observed.intent).is_excused;
        let Some(order) = entry.key().and_then(|key| self.broker.find(entry.intent.trading_date, &key)) else { return };
        self.holds(observed.filled_quantity <= order.filled || is_excused, "I5: more filled than filled");
        let (end, remaining, is_late) = (order.end, order.remaining, order.listed_ms > order.placed_ms + LATEST_MS);
        if entry.cancel.is_some() && observed.filled_quantity > entry.filled_quantity {
            self.note("filled after a cancel was sent", 0);
        }
        let word = match observed.state {
            IntentState::Absent | IntentState::Unknown if is_late => {
                self.truth.get(&observed.intent).is_excused = true;
                if observed.state == IntentState::Absent {
                    "accepted, and listed later than ever"
                } else {
                    "accepted, and only the account tells of it"
                }
            }
            state if !state.is_live() => {
                self.holds(remaining == 0 || is_excused, "an order is called ended and lives");
                match state {
                    IntentState::Filled => "filled",
                    IntentState::Cancelled
                        if observed.filled_quantity > entry.filled_quantity && !entry.state.is_live() =>
                    {
                        "filled after its end was written down"
                    }
                    IntentState::Cancelled => "cancelled",
                    IntentState::Replaced => {
                        self.holds(end == Some(End::Replaced), "an order is called replaced that nobody changed");
                        "replaced"
                    }
                    IntentState::Rejected if end == Some(End::Refused) => "refused later",
                    _ => "expired",
                }
            }
            _ if observed.filled_quantity > entry.filled_quantity => "filled in part",
            _ => "seen",
        };
        self.note(word, observed.filled_quantity);
    }
}
