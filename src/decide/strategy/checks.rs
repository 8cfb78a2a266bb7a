//! What keeps a strategy's symbol from being traded: the guards of its lines. Prices of leveraged funds move too far, and their
//! positions fall too deep, for those of the default rule.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::config::Limits;
use crate::decide::facts::{Quoted, check_cent, no_base};
use crate::decide::fold::{Entry, JournalState};
use crate::decide::odd_rows::OddRows;
use crate::decide::refusals::check_refusals;
use crate::decide::rule::{Rule, Skip};
use crate::decide::split::check_set_aside;
use crate::decide::strategy::lines::cost_of;
use crate::decide::strategy::words;
use crate::decide::words::{on_credit, outcome_unknown};
use crate::domain::money::{percent_change, show_percent};
use crate::domain::{Exchange, Ledger, Percent, Position, Price, SheetOrder, Side, Symbol, Usd};
use crate::language::Sentence;

/// The quote's previous close is yesterday's within this.
const MAX_BASE_PERCENT: Percent = Decimal::from_parts(5, 0, 0, false, 1);
/// A last price further from yesterday's close is not believed. SOXL rose 54.79 % on 2025-04-09.
const MAX_MOVE_PERCENT: Percent = Decimal::from_parts(60, 0, 0, false, 0);
/// The account's average cost is the strategy's within this: KIS rounds, and may count fees.
const MAX_AVERAGE_PERCENT: Percent = Decimal::from_parts(15, 0, 0, false, 1);
/// KIS takes no sell above so many times the price.
const BAND: u64 = 3;

/// What a run has read of the account and the market.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// The fold of the journal.
    pub journal: &'a JournalState,
    /// The running session's New York date.
    pub trading_date: NaiveDate,
    /// Holdings, one a symbol.
    pub positions: &'a BTreeMap<Symbol, Position>,
    /// Rows that can't be read.
    pub odd_rows: &'a OddRows,
    /// Quotes by symbol.
    pub quotes: &'a BTreeMap<Symbol, Quoted>,
}

impl Account<'_> {
    /// Judges a symbol by its rows and its quote. `close` is yesterday's, where the program knows it.
    ///
    /// # Errors
    /// The rule that forbids any order of it.
    pub fn check_symbol(&self, symbol: &Symbol, close: Option<Usd>) -> Result<(Exchange, Price), Skip> {
        self.odd_rows.check(symbol)?;
        if self.positions.get(symbol).is_some_and(|position| position.on_credit) {
            return Err(Skip::new(symbol, Rule::LoanHolding, on_credit()).notified());
        }
        check_set_aside(self.journal, symbol)?;
        let (exchange, price) = self.quotes.get(symbol).unwrap_or(&Quoted::Unanswered).usable(symbol)?;
        check_cent(symbol, price.last)?;
        check_price(symbol, &price, close)?;
        let exchange = self.positions.get(symbol).and_then(|position| position.exchange).unwrap_or(exchange);
        Ok((exchange, price))
    }

    /// Holds a strategy's own shares against the account's: so many are held, and cost as much. The balance may still
    /// show those of this morning a few minutes after a fill.
    ///
    /// # Errors
    /// `ledger_mismatch`.
    pub fn check_ledger(&self, symbol: &Symbol, own: u64, ledger: &Ledger) -> Result<(), Skip> {
        let lot = ledger.lot(symbol);
        let position = self.positions.get(symbol);
        let held = position.map_or(0, |position| position.quantity);
        if held != own && held != lot.quantity {
            return Err(mismatch(symbol, words::shares_differ(symbol, own, held)));
        }
        let cost = position.and_then(|position| position.average_cost);
        let apart =
            |cost| percent_change(lot.average_cost, cost).is_some_and(|apart| apart.abs() > MAX_AVERAGE_PERCENT);
        // Fills of today have changed the account's already.
        match cost.filter(|cost| held > 0 && own == lot.quantity && held == own && apart(*cost)) {
            Some(cost) => Err(mismatch(symbol, words::averages_differ(symbol, lot.average_cost.to_cents(), cost))),
            None => Ok(()),
        }
    }

    /// Refuses what KIS would refuse, or refused twice today, whatever the money.
    ///
    /// # Errors
    /// `price_band`, `refused_today`, or why the symbol waits for an order of unknown outcome.
    pub fn check_order(&self, order: &SheetOrder, last: Usd) -> Result<(), Skip> {
        let symbol = &order.symbol;
        let unknown = match order.side {
            Side::Buy => self.journal.in_the_way_of_buys(symbol).find(|entry| is_in_doubt(entry)),
            Side::Sell => self.journal.in_the_way_of_sells(symbol).find(|entry| entry.state.is_unknown()),
        };
        if let Some(entry) = unknown {
            let detail = outcome_unknown(entry.intent.side, &entry.intent.id);
            return Err(Skip::new(symbol, Rule::OrderUnknown, detail));
        }
        check_refusals(self.journal, self.trading_date, symbol, order.side)?;
        let is_beyond = last.times(BAND).is_some_and(|most| order.limit_price > most);
        if order.side == Side::Sell && is_beyond {
            return Err(Skip::new(symbol, Rule::PriceBand, words::beyond_the_band(order.limit_price, last)));
        }
        Ok(())
    }
}

fn is_in_doubt(entry: &Entry) -> bool {
    entry.state.is_unknown() || entry.correction.is_some()
}

fn mismatch(symbol: &Symbol, detail: Sentence) -> Skip {
    Skip::new(symbol, Rule::LedgerMismatch, detail).notified()
}

fn check_price(symbol: &Symbol, price: &Price, close: Option<Usd>) -> Result<(), Skip> {
    let suspicious = |detail| Err(Skip::new(symbol, Rule::PriceSuspicious, detail).notified());
    let Some(base) = price.base else { return Err(no_base(symbol)) };
    if let Some(close) = close
        && percent_change(close, base).is_none_or(|apart| apart.abs() > MAX_BASE_PERCENT)
    {
        return suspicious(words::base_far_from_close(base, close));
    }
    match price.change_percent() {
        Some(change) if change.abs() <= MAX_MOVE_PERCENT => Ok(()),
        Some(change) => suspicious(words::moved_beyond_belief(price.last, &show_percent(change), MAX_MOVE_PERCENT)),
        None => Err(no_base(symbol)),
    }
}

/// Refuses a buy past the limits that a person set. What is in the symbol counts at its cost: a risen price alone reaches no limit.
///
/// # Errors
/// `day_limit` or `position_limit`.
pub fn check_limits(
    journal: &JournalState,
    date: NaiveDate,
    limits: &Limits,
    order: &SheetOrder,
    lot_cost: Usd,
) -> Result<(), Skip> {
    let (symbol, cost) = (&order.symbol, cost_of(order));
    if cost > limits.max_order {
        return Err(Skip::new(symbol, Rule::DayLimit, words::above_max_order(cost, limits.max_order)));
    }
    let spent = journal.bought_on(date);
    if spent + cost > limits.max_buy_per_day {
        let detail = words::above_day_limit(spent.to_cents(), cost, limits.max_buy_per_day);
        return Err(Skip::new(symbol, Rule::DayLimit, detail).of_reached_limit());
    }
    let open: Usd = journal.live_in(symbol).map(Entry::open_value).sum();
    let invested = lot_cost + open;
    match limits.max_position.filter(|most| invested + cost > *most) {
        Some(most) => {
            let detail = words::above_position_limit(invested.to_cents(), cost, most);
            Err(Skip::new(symbol, Rule::PositionLimit, detail).of_reached_limit())
        }
        None => Ok(()),
    }
}

/// Refuses a new sheet while an order of the one before has not come to its end.
///
/// # Errors
/// `yesterday_unsettled`.
pub fn check_settled(journal: &JournalState, strategy: &str, date: NaiveDate) -> Result<(), Skip> {
    let is_open = |entry: &&Entry| entry.state.is_live() || entry.correction.is_some();
    let earlier = journal.entries.values().filter(|entry| entry.strategy() == Some(strategy));
    match earlier.filter(|entry| entry.intent.trading_date < date).find(is_open) {
        None => Ok(()),
        Some(entry) => {
            let intent = &entry.intent;
            let detail = words::yesterday_unsettled(intent.side, &intent.symbol, &intent.id, intent.trading_date);
            Err(Skip::new(&intent.symbol, Rule::YesterdayUnsettled, detail).notified())
        }
    }
}

#[cfg(test)]
mod tests;
