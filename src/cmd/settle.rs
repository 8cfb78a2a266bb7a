//! Loose ends first: the journal held against the broker's list before anything new is decided.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::cmd::notes::Notes;
use crate::cmd::open::Opened;
use crate::decide::facts::held_quantities;
use crate::decide::reconcile::{Findings, Look, list_from, reconcile};
use crate::domain::account::BuyingPower;
use crate::domain::intent::{IntentId, IntentState, Witness};
use crate::domain::market_session::new_york_date;
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::order::{OrderList, Side};
use crate::domain::position::{Position, merge_by_symbol};
use crate::domain::symbol::Symbol;
use crate::exit::{Failure, Reason};
use crate::store::trades;
use crate::tell::words;

/// The broker's view, and what the journal learned from it.
pub struct Settled {
    /// The complete list.
    pub list: OrderList,
    /// Foreign orders and sentences for people.
    pub findings: Findings,
    /// Intents whose state changed, with the new state.
    pub changed: Vec<(IntentId, IntentState)>,
}

/// Reads the broker's list to its last page and brings the journal up to date with it.
///
/// # Errors
/// 69 when the list can't be had or contradicts itself; 71 when the clock can't be trusted; 74 when the journal can't be
/// written.
pub fn settle(open: &mut Opened, notes: &mut Notes) -> Result<Settled, Failure> {
    let before: BTreeMap<IntentId, IntentState> =
        open.journal.state().entries.iter().map(|(id, entry)| (id.clone(), entry.state)).collect();
    let mut list = fetch_list(open)?;
    if !open.is_read_only() {
        // What is late, and when a day has had its last word, goes by this machine's clock: by a wrong one, orders that
        // live would be written down as ended.
        open.broker.check_clock()?;
    }
    let mut witnesses = BTreeMap::new();
    let mut findings = look(open, &list, &witnesses)?;
    if !findings.foreign.is_empty() && open.account_lock.is_none() {
        findings = look_again(open, &mut list)?;
    }
    if !findings.wants_witness.is_empty() {
        witnesses = fetch_witnesses(open, &findings)?;
        findings = look(open, &list, &witnesses)?;
    }
    for record in &findings.records {
        open.journal.append(record)?;
    }
    notes.warnings.append(&mut findings.warnings);
    if !open.is_dry_run {
        notes.news.notices.extend(findings.foreign.iter().map(|row| {
            let words = words::foreign_order(row);
            let notice = Notice::of_date(NoticeKind::ForeignOrder, row.date, row.symbol.as_str(), words);
            Notice { symbol: Some(row.symbol.clone()), ..notice }
        }));
    }
    save_trades(open, notes);
    let is_changed = |id: &IntentId, state: IntentState| before.get(id) != Some(&state);
    let entries = open.journal.state().entries.iter().map(|(id, entry)| (id.clone(), entry.state));
    let changed = entries.filter(|(id, state)| is_changed(id, *state)).collect();
    Ok(Settled { list, findings, changed })
}

/// Reads the broker's list for every day on which an order of ours may still live, and tomorrow.
///
/// # Errors
/// 69 when it can't be had whole.
pub fn fetch_list(open: &mut Opened) -> Result<OrderList, Failure> {
    let today = new_york_date(open.clock.now());
    let from = list_from(open.journal.state(), today);
    open.broker.read("the list of today's orders", |gateway| gateway.fetch_order_list(from, today + TimeDelta::days(1)))
}

/// Reads the holdings, one a symbol.
///
/// # Errors
/// 69 when they can't be had whole.
pub fn fetch_positions(open: &mut Opened) -> Result<BTreeMap<Symbol, Position>, Failure> {
    let rows = open.broker.read("the balance", |gateway| gateway.fetch_positions())?;
    Ok(merge_by_symbol(rows))
}

/// Adds confirmed fills to `trades.csv`. The journal keeps them, so nothing is lost when that fails.
fn save_trades(open: &Opened, notes: &mut Notes) {
    if open.is_read_only() {
        return;
    }
    if let Err(error) = trades::sync(&open.dir.trades(), open.journal.state()) {
        open.note_write_failure(notes, "trades.csv could not be written; the next run adds what it lacks", &error);
    }
}

fn look(open: &Opened, list: &OrderList, witnesses: &BTreeMap<Symbol, Witness>) -> Result<Findings, Failure> {
    let look = Look { list, stamp: &open.journal.stamp(), today: open.market.trading_date, witnesses };
    reconcile(open.journal.state(), &look).map_err(|contradiction| {
        Failure::new(Reason::GatewayNonsense, "KIS's order list contradicts what it said before")
            .because(contradiction)
            .next("nothing was decided from it; the next run reads it again")
    })
}

/// Without the account's lock, an order that the journal did not know may have been sent by another run since it was read.
/// An intent is on disk before its order is sent, so a journal read after the list knows every order of ours in it.
fn look_again(open: &mut Opened, list: &mut OrderList) -> Result<Findings, Failure> {
    open.journal.reload()?;
    if let Ok(findings) = look(open, list, &BTreeMap::new()) {
        return Ok(findings);
    }
    // The other run has seen fills that came after the list.
    *list = fetch_list(open)?;
    look(open, list, &BTreeMap::new())
}

/// Looks at the account for intents that may be called absent.
fn fetch_witnesses(open: &mut Opened, findings: &Findings) -> Result<BTreeMap<Symbol, Witness>, Failure> {
    let positions = fetch_positions(open)?;
    let mut witnesses = BTreeMap::new();
    for symbol in &findings.wants_witness {
        let cash = fetch_cash_for(open, symbol)?.map(|power| power.cash_usd());
        let held = held_quantities(&positions, open.journal.state(), open.market.trading_date);
        let sellable = positions.get(symbol).map_or(0, |position| position.sellable_quantity);
        let held = held.get(symbol).copied().unwrap_or(0);
        witnesses.insert(symbol.clone(), Witness { held, sellable, cash });
    }
    Ok(witnesses)
}

/// Asks for the cash when an unknown buy of the symbol needs it as a witness.
fn fetch_cash_for(open: &mut Opened, symbol: &Symbol) -> Result<Option<BuyingPower>, Failure> {
    let buy =
        open.journal.state().unknown().find(|entry| entry.intent.symbol == *symbol && entry.intent.side == Side::Buy);
    let Some((exchange, price)) = buy.map(|entry| (entry.intent.exchange, entry.intent.limit_price)) else {
        return Ok(None);
    };
    let power = open.broker.read("the buying power", |gateway| gateway.fetch_buying_power(exchange, symbol, price))?;
    Ok(Some(power))
}
