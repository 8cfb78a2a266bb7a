//! What must hold of a sheet when its day is over: nothing is at the broker twice, and after a fair day the whole sheet is there,
//! but for what a run passed over with a word.

use chrono::NaiveDate;
use kis_trade::decide::rule::{Rule, Skip};
use kis_trade::domain::{IntentState, Sheet, SheetOrder};
use rust_decimal::Decimal;

use crate::machine::HOUR_MS;
use crate::truth::TrueIntent;
use crate::world::World;

/// Why an order of a sheet may be left out although nothing went wrong.
const FAIR_WORDS: &[Rule] = &[
    Rule::CashTooLow,
    Rule::CapitalTooSmall,
    Rule::DayLimit,
    Rule::PositionLimit,
    Rule::PriceBand,
    Rule::LocDeferred,
    Rule::LedgerMismatch,
    Rule::YesterdayUnsettled,
    Rule::SelfTrade,
    Rule::SellOnly,
    Rule::Foreign,
    Rule::OrderUnknown,
];

impl World {
    /// A run is over: what it says of the strategies is kept for the evening.
    pub fn hear_of_sheets(&mut self, skipped: &[Skip]) {
        if self.sheets.books.is_empty() {
            return;
        }
        self.read_journal();
        for skip in skipped.iter().filter(|skip| skip.rule != Rule::StrategySymbol) {
            let role = skip.of_strategy.as_ref().map(|its| its.name().to_owned()).unwrap_or_default();
            let Some(name) = self.strategy_of(&skip.symbol) else { continue };
            if skip.rule == Rule::LedgerMismatch {
                self.judge_mismatch(&name);
            }
            let book = self.sheets.books.get_mut(&name).unwrap();
            book.wants_adoption |= skip.rule == Rule::LedgerMismatch;
            book.said.push((role, skip.rule));
        }
    }

    /// The day is over for the strategies.
    pub fn judge_day_of_sheets(&mut self, date: NaiveDate) {
        if self.sheets.books.is_empty() {
            return;
        }
        self.read_journal();
        let names: Vec<String> = self.sheets.books.keys().cloned().collect();
        // Nobody but the weather decides about these.
        let is_fair = self.sheets.is_fair && self.weather.is_calm && !self.weather.has_refused();
        for name in names {
            let Some(sheet) = self.sheets.books[&name].sheets.get(&date).cloned() else {
                if is_fair {
                    self.judge_no_sheet(&name);
                }
                continue;
            };
            self.judge_at_broker(&sheet);
            if is_fair {
                self.judge_whole(&sheet);
                self.note("a fair day's sheet", sheet.orders.len() as u64);
            }
        }
    }

    /// Each order of the sheet is at the broker once at most, and with no more shares.
    fn judge_at_broker(&self, sheet: &Sheet) {
        for (place, order) in sheet.orders.iter().enumerate() {
            let its = self.intents_of(&sheet.strategy, sheet.date).filter(|ours| stands_for(ours, place, order));
            let known = its.filter(|ours| !ours.is_excused && ours.orders.len() == 1);
            let known: Vec<&TrueIntent> = known.collect();
            self.holds(known.len() <= 1, "S3: an order of a sheet was at the broker twice");
            let is_more = known.iter().any(|ours| {
                ours.intent.line.as_ref().unwrap().order.is_some() && ours.intent.quantity > order.quantity
            });
            self.holds(!is_more, "S3: more shares than the sheet says");
        }
    }

    /// Nothing went wrong: each order is at the broker or was refused, or a run passed it over with a word.
    fn judge_whole(&self, sheet: &Sheet) {
        let said = &self.sheets.books[&sheet.strategy].said;
        for (place, order) in sheet.orders.iter().enumerate() {
            let mut its = self.intents_of(&sheet.strategy, sheet.date).filter(|ours| stands_for(ours, place, order));
            let is_done = its.any(|ours| {
                let state = self.disk.fold.entries.get(&ours.intent.id).map(|entry| entry.state);
                !ours.orders.is_empty() || state == Some(IntentState::Rejected)
            });
            let is_said =
                said.iter().any(|(role, rule)| FAIR_WORDS.contains(rule) && (role.is_empty() || role == order.role()));
            let words =
                format!("S9: in calm, order {place} of {sheet:?} was not sent, and all that was said is {said:?}");
            self.holds(is_done || is_said, &words);
        }
    }

    /// Nothing went wrong, and there is no sheet: a run said why.
    fn judge_no_sheet(&self, name: &str) {
        let said = &self.sheets.books[name].said;
        let is_said = said.iter().any(|(role, rule)| role.is_empty() && FAIR_WORDS.contains(rule));
        self.holds(is_said, &format!("S9: in calm, {name} has no sheet, and all that was said is {said:?}"));
    }

    /// A run says in the morning that the account differs from what a strategy has: so it does.
    fn judge_mismatch(&self, name: &str) {
        let book = &self.sheets.books[name];
        let stock = &self.broker.stocks[book.stock];
        let is_settled = stock.touched_ms.max(stock.shown_ms) + HOUR_MS < self.now_ms;
        if !is_settled || book.sheets.contains_key(&self.broker.today) {
            return;
        }
        let Some(ledger) = self.expected_ledger(&self.disk.fold, name) else { return };
        let lot = ledger.lot(&stock.symbol);
        let costs_as_much = (lot.average_cost.0 - stock.cost.0).abs() * Decimal::ONE_HUNDRED < lot.average_cost.0;
        let is_same = stock.held == lot.quantity && (stock.held == 0 || costs_as_much);
        self.holds(!is_same, &format!("S7: a false alarm: the account has what {name} has, {ledger:?}"));
    }
}

/// Reports whether an intent stands for the order of a sheet at a place.
fn stands_for(ours: &TrueIntent, place: usize, order: &SheetOrder) -> bool {
    let Some(line) = &ours.intent.line else { return false };
    match line.order {
        Some(its) => its == place,
        None => line.parts.iter().any(|part| order.parts.iter().any(|other| other.line == part.line)),
    }
}
