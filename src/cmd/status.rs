//! `status`: look at everything, reconcile in memory, tell. Sends no orders and takes no account lock.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;

use chrono::NaiveDate;

use crate::cmd::base::Base;
use crate::cmd::notes::Notes;
use crate::cmd::open::Opened;
use crate::cmd::page;
use crate::cmd::quotes::fetch_quotes;
use crate::cmd::settle::{fetch_positions, settle};
use crate::decide::buy::cooldown_until;
use crate::decide::facts::{Quoted, held_quantities, positions_usd, total_usd};
use crate::domain::account::BuyingPower;
use crate::domain::history::Sample;
use crate::domain::money::Usd;
use crate::domain::order::BrokerOrder;
use crate::domain::position::Position;
use crate::domain::symbol::{Exchange, Symbol};
use crate::exit::{Ending, Failure};
use crate::report::Body;
use crate::report::status::{AccountLine, LastRunLine, OpenOrderLine, PositionLine, StatusReport, profit_text};
use crate::store::last_run::{self, LastRun};
use crate::store::{halt, journal};

/// Every command that leaves a last run.
const COMMANDS: [&str; 5] = ["sell", "buy", "cleanup", "status", "token-check"];

/// Runs the command. What can be told without KIS is told even when KIS can't be read.
///
/// # Errors
/// When balance, order list or buying power can't be had.
pub fn run(open: &mut Opened, notes: &mut Notes) -> Result<Ending, Failure> {
    let mut status = match std::mem::take(&mut notes.body) {
        Body::Status(status) => status,
        _ => Box::default(),
    };
    let mut others = Vec::new();
    let looked = look(open, notes, &mut status, &mut others);
    status.cooldowns = Some(cooldowns(open));
    status.day = page::day_orders(open, &others);
    status.unknown_orders = Some(open.journal.state().unknown().map(OpenOrderLine::own).collect());
    let oldest_live = open.journal.state().live().map(|entry| entry.intent.trading_day).min();
    status.old_journals = journal::past_retention(open.dir.path(), open.clock.now(), oldest_live)?;
    if let (Some(history), Some(total)) = (&mut status.history, status.account.total) {
        history.push(Sample { at: open.clock.now(), total });
    }
    notes.body = Body::Status(status);
    looked?;
    if let Err(failure) = open.broker.check_clock() {
        notes.warnings.push(failure.to_string());
    }
    Ok(Ending::done("looked at account, orders, token and last runs"))
}

/// What the state directory alone tells; told even when nothing else can be.
pub fn from_state(base: &Base, notes: &mut Notes, wants_history: bool) -> StatusReport {
    let (mut last_runs, mut recent_runs, mut reasons) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut tokens = Vec::new();
    for command in COMMANDS {
        match last_run::load(base.dir.path(), command) {
            Ok(Some(run)) => {
                let LastRun { at, exit_code, result, reason, .. } = run;
                last_runs.insert(command.to_owned(), LastRunLine { at, exit_code, result, reason });
                recent_runs.insert(command.to_owned(), run.recent);
                reasons.extend(run.reasons.map(|reasons| (command.to_owned(), reasons)));
                tokens.extend(run.tokens);
            }
            Ok(None) => {}
            Err(failure) => notes.warnings.push(failure.to_string()),
        }
    }
    // What several commands saw is one token, born when the first of them had it.
    tokens.sort_by_key(|token| (token.expires_at, token.at));
    tokens.dedup_by_key(|token| token.expires_at);
    let halt_reason = halt::reason(&base.dir);
    if let Some(name) = halt::lookalike(&base.dir).filter(|_| halt_reason.is_none()) {
        notes.warnings.push(format!("{name} in the state directory halts nothing: the name is HALT"));
    }
    StatusReport {
        account_number: base.credentials.account.to_string(),
        last_runs: Some(last_runs),
        recent_runs,
        reasons: Some(reasons),
        tokens,
        history: (wants_history || std::io::stdout().is_terminal()).then(|| page::load_history(base, notes)),
        renew_at_seconds: i64::try_from(base.settings.token.renew_at_left.as_secs()).unwrap_or(i64::MAX),
        halted: Some(halt_reason.is_some()),
        halt_reason,
        trading: Some(base.settings.limits.trading.word()),
        ..StatusReport::default()
    }
}

/// Symbols that may not be bought again, by what the journal and the look at KIS tell.
fn cooldowns(open: &Opened) -> Vec<(Symbol, NaiveDate)> {
    let journal = open.journal.state();
    let running = journal.stop_losses.keys().filter_map(|symbol| {
        let until = cooldown_until(journal, &open.settings.sell, symbol)?;
        (open.market.trading_date < until).then(|| (symbol.clone(), until))
    });
    running.collect()
}

/// What KIS tells: three requests, and the search for a price when none is remembered.
fn look(
    open: &mut Opened,
    notes: &mut Notes,
    status: &mut StatusReport,
    others_of_today: &mut Vec<BrokerOrder>,
) -> Result<(), Failure> {
    let settled = settle(open, notes)?;
    others_of_today.clone_from(&settled.findings.others);
    let own = open.journal.state().live().filter(|entry| !entry.state.is_unknown()).map(OpenOrderLine::own);
    let others = settled.findings.others.iter().filter(|row| row.remaining_quantity > 0).map(OpenOrderLine::foreign);
    status.open_orders = Some(own.chain(others).collect());
    for row in &settled.findings.foreign {
        notes.warnings.push(format!(
            "order {} ({} {} {}) came through the Open API and is not ours: no buys until `kis-trade cleanup --settle foreign={}`",
            row.order_id, row.side, row.quantity, row.symbol, row.order_id
        ));
    }
    let positions = fetch_positions(open)?;
    let held = held_quantities(&positions, open.journal.state(), open.market.trading_date);
    let price_of = |symbol: &Symbol| {
        let shown = positions.get(symbol).and_then(|position| position.balance_price);
        shown.or_else(|| open.symbols.get(symbol).and_then(|known| known.last))
    };
    status.positions = Some(position_lines(open, &positions, &held));
    status.account.positions = positions_usd(&held, price_of);
    let without_cash = total_usd(Usd::ZERO, &held, price_of, open.journal.state());
    let power = fetch_power(open, &positions)?;
    status.account = AccountLine {
        cash: power.map(|power| power.cash_usd()),
        buying_power: power.map(|power| power.orderable),
        total: power.and_then(|power| Some(power.cash_usd() + without_cash?)),
        ..status.account
    };
    match status.account.total {
        Some(total) => open.save_sample(notes, total),
        None => Ok(()),
    }
}

fn position_lines(
    open: &Opened,
    positions: &BTreeMap<Symbol, Position>,
    held: &BTreeMap<Symbol, u64>,
) -> Vec<PositionLine> {
    let watch: BTreeSet<&Symbol> = open.settings.buy.watch.iter().map(|listed| &listed.symbol).collect();
    let sell = &open.settings.sell;
    let line = |(symbol, quantity): (&Symbol, &u64)| {
        let position = positions.get(symbol);
        let remembered = open.symbols.get(symbol);
        let average_cost = position.and_then(|position| position.average_cost);
        let shown = position.and_then(|position| position.balance_price);
        let last = shown.or_else(|| remembered.and_then(|known| known.last));
        PositionLine {
            symbol: symbol.clone(),
            name: position.map(|position| position.name.clone()).unwrap_or_default(),
            exchange: position
                .and_then(|position| position.exchange)
                .or_else(|| remembered.map(|known| known.exchange)),
            quantity: *quantity,
            sellable_quantity: position.map_or(0, |position| position.sellable_quantity),
            average_cost,
            last,
            profit_percent: profit_text(average_cost, last),
            is_managed: sell.keep.contains(symbol) || sell.sells_all_positions || watch.contains(symbol),
        }
    };
    held.iter().map(line).collect()
}

/// Asks for the buying power of the first watch symbol whose exchange and price are known, by memory if possible. A memory
/// that KIS refuses (a moved listing) is passed over for a fresh search.
fn fetch_power(open: &mut Opened, positions: &BTreeMap<Symbol, Position>) -> Result<Option<BuyingPower>, Failure> {
    if let Some((exchange, symbol, price)) = find_remembered(open, positions) {
        let power =
            open.broker.try_read("the buying power", |gateway| gateway.fetch_buying_power(exchange, &symbol, price))?;
        if power.is_some() {
            return Ok(power);
        }
        open.symbols.forget(&symbol);
    }
    let Some((exchange, symbol, price)) = find_quoted(open)? else { return Ok(None) };
    let power = open.broker.read("the buying power", |gateway| gateway.fetch_buying_power(exchange, &symbol, price))?;
    Ok(Some(power))
}

fn find_remembered(open: &Opened, positions: &BTreeMap<Symbol, Position>) -> Option<(Exchange, Symbol, Usd)> {
    open.settings.buy.watch.iter().find_map(|listed| {
        let position = positions.get(&listed.symbol);
        let known = open.symbols.get(&listed.symbol);
        let exchange =
            listed.exchange.or(known.map(|known| known.exchange)).or(position.and_then(|position| position.exchange))?;
        let price = known.and_then(|known| known.last).or(position.and_then(|position| position.balance_price))?;
        Some((exchange, listed.symbol.clone(), price.up_to_tick()))
    })
}

fn find_quoted(open: &mut Opened) -> Result<Option<(Exchange, Symbol, Usd)>, Failure> {
    for listed in &open.settings.buy.watch.clone() {
        let quotes = fetch_quotes(open, std::slice::from_ref(listed))?;
        if let Some(Quoted::Found(quote)) = quotes.get(&listed.symbol)
            && let Some(last) = quote.last
        {
            return Ok(Some((quote.exchange, listed.symbol.clone(), last.up_to_tick())));
        }
    }
    Ok(None)
}
