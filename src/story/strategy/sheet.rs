//! Making the sheet of a date: yesterday's fills are booked, the rule is asked once, and its answer is on disk before any order.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Turn;
use crate::config::{RuleSettings, StrategySettings};
use crate::decide::rule::{Rule, Skip};
use crate::decide::strategy::checks::check_settled;
use crate::decide::strategy::fills::{fills_of, ledger_after};
use crate::decide::strategy::orders::orders_for;
use crate::decide::strategy::rule::{RuleAnswer, RuleClock, RuleFacts, RulePosition, RuleQuote};
use crate::decide::strategy::{infinite, words};
use crate::domain::market_session::{previous_trading_date, session_of, sessions_between};
use crate::domain::{Exchange, Json, KisError, Ledger, LineFill, Record, Sheet, Symbol, Usd};
use crate::exit::Failure;
use crate::story::desk::Desk;
use crate::story::run::Run;
use crate::story::trade::Progress;
use crate::story::words as say;

/// Closes that infinite buying looks at.
const CLOSES_OF_INFINITE: usize = 5;

/// Closes by symbol and date.
pub(super) type Closes = BTreeMap<Symbol, BTreeMap<NaiveDate, Usd>>;

/// Where a strategy stands in the morning.
pub(super) struct Morning {
    pub(super) ledger: Ledger,
    pub(super) fills: Vec<LineFill>,
    pub(super) state: Json,
}

/// Makes the sheet of the date and writes it down. An inner error says, symbol by symbol, why there is none yet; the next run tries
/// again.
pub(super) async fn make<D: Desk>(
    run: &mut Run<'_, D>,
    turn: &mut Turn<'_>,
    progress: &mut Progress,
) -> Result<Result<Sheet, Vec<Skip>>, Failure> {
    let (date, name) = (run.market.trading_date, turn.strategy.name.clone());
    if let Some(until) = run.loc_cutoff_passed() {
        return Ok(Err(turn.skip_all(Rule::AfterLocCutoff, &words::no_sheet_in_time(&until))));
    }
    if let Err(skip) = check_settled(run.desk.journal(), &name, date) {
        return Ok(Err(vec![skip]));
    }
    let symbols = turn.strategy.symbols.iter().map(|listed| listed.symbol.clone()).collect();
    turn.fetch_quotes(run, &symbols).await?;
    let (closes, exchanges) = match check_and_ask(run, turn).await? {
        Ok(known) => known,
        Err(skips) => return Ok(Err(skips)),
    };
    let morning = morning_of(run, turn, &closes);
    let account = turn.account(run);
    let check = |symbol: &Symbol| account.check_ledger(symbol, morning.ledger.lot(symbol).quantity, &morning.ledger);
    let skips: Vec<Skip> = exchanges.keys().filter_map(|symbol| check(symbol).err()).collect();
    if !skips.is_empty() {
        return Ok(Err(skips));
    }
    let facts = facts_of(run, turn, &morning, closes);
    let RuleAnswer { lines, state, note, blocked } = plan(&turn.strategy.rule, &facts);
    if let Some(rule) = blocked {
        return Ok(Err(turn.skip_all(rule, &note)));
    }
    let sheet = Sheet {
        strategy: name,
        date,
        facts: digest(&facts),
        orders: orders_for(&lines),
        lines,
        state,
        note,
        ledger: morning.ledger,
    };
    run.notes.check_writes()?;
    run.notes.has_decided = true;
    let _ = progress;
    run.desk.append(&Record::Sheet(sheet.clone())).await?;
    Ok(Ok(sheet))
}

/// Judges each symbol by its quote, and asks KIS for the closes of the sessions before.
async fn check_and_ask<D: Desk>(
    run: &mut Run<'_, D>,
    turn: &Turn<'_>,
) -> Result<Result<(Closes, BTreeMap<Symbol, Exchange>), Vec<Skip>>, Failure> {
    let yesterday = previous_trading_date(run.market.trading_date);
    let (mut closes, mut exchanges, mut skips) = (Closes::new(), BTreeMap::new(), Vec::new());
    for listed in &turn.strategy.symbols {
        let symbol = &listed.symbol;
        let exchange = match turn.account(run).check_symbol(symbol, None) {
            Ok((exchange, _)) => exchange,
            Err(skip) => {
                skips.push(skip);
                continue;
            }
        };
        let Some(known) = run.read_closes(exchange, symbol, yesterday, turn.strategy).await? else {
            skips.push(Skip::new(symbol, Rule::PriceUnknown, words::closes_unknown(symbol)));
            continue;
        };
        // Once more, with what is known of yesterday now.
        match turn.account(run).check_symbol(symbol, known.get(&yesterday).copied()) {
            Ok(_) => drop(exchanges.insert(symbol.clone(), exchange)),
            Err(skip) => skips.push(skip),
        }
        closes.insert(symbol.clone(), known);
    }
    Ok(if skips.is_empty() { Ok((closes, exchanges)) } else { Err(skips) })
}

impl<D: Desk> Run<'_, D> {
    /// Asks for the closes that a strategy's rule looks at; `None` when KIS does not say.
    pub(super) async fn read_closes(
        &mut self,
        exchange: Exchange,
        symbol: &Symbol,
        until: NaiveDate,
        strategy: &StrategySettings,
    ) -> Result<Option<BTreeMap<NaiveDate, Usd>>, Failure> {
        let least = match &strategy.rule {
            RuleSettings::Infinite(_) => CLOSES_OF_INFINITE,
            RuleSettings::Program(program) => program.history_days.max(1) as usize,
        };
        match self.call(async |desk: &mut D| desk.closes(exchange, symbol, until, least).await).await {
            Ok(known) => Ok(Some(known)),
            Err(error @ (KisError::Refused(_) | KisError::Unavailable(_) | KisError::Nonsense { .. })) => {
                log::warn!("{}: {error}", say::close_of(symbol, until));
                Ok(None)
            }
            Err(error) => Err(error.into_failure(&say::close_of(symbol, until))),
        }
    }
}

/// Shares, cash and state before any fill of this date: what the latest sheet began with and its fills since, or what a person said.
fn morning_of<D: Desk>(run: &Run<'_, D>, turn: &Turn<'_>, closes: &Closes) -> Morning {
    let fresh = || Morning {
        ledger: Ledger { cash: turn.strategy.principal, ..Ledger::default() },
        fills: Vec::new(),
        state: Json::default(),
    };
    let journal = run.desk.journal();
    let Some(book) = journal.strategy(&turn.strategy.name) else { return fresh() };
    if let Some(adopted) = &book.adopted {
        return Morning { ledger: adopted.ledger.clone(), fills: Vec::new(), state: adopted.state.clone() };
    }
    let Some(sheet) = &book.sheet else { return fresh() };
    let of_date = closes.iter().filter_map(|(symbol, known)| Some((symbol.clone(), *known.get(&sheet.date)?)));
    let fills = fills_of(sheet, journal.orders_of(&sheet.strategy, sheet.date), &of_date.collect());
    Morning { ledger: ledger_after(&sheet.ledger, &fills), fills, state: sheet.state.clone() }
}

pub(super) fn facts_of<D: Desk>(run: &Run<'_, D>, turn: &Turn<'_>, morning: &Morning, closes: Closes) -> RuleFacts {
    let (now, date) = (run.desk.now().at, run.market.trading_date);
    let session = session_of(date);
    let since = run.desk.journal().strategy(&turn.strategy.name).and_then(|book| book.since).unwrap_or(date);
    let sellable = |symbol: &Symbol| turn.seen.positions.get(symbol).map_or(0, |position| position.sellable_quantity);
    let position = |(symbol, lot): (&Symbol, &crate::domain::Lot)| RulePosition {
        symbol: symbol.clone(),
        quantity: lot.quantity,
        sellable: lot.quantity.min(sellable(symbol)),
        average_cost: lot.average_cost,
    };
    let quote = |listed: &crate::domain::ListedSymbol| {
        let quoted = turn.quotes.get(&listed.symbol).and_then(|quoted| quoted.usable(&listed.symbol).ok());
        let (last, previous_close) = quoted.map_or((None, None), |(_, price)| (Some(price.last), price.base));
        RuleQuote { symbol: listed.symbol.clone(), last, previous_close, at: now }
    };
    RuleFacts {
        mode: run.settings.mode,
        clock: RuleClock {
            now,
            trading_date: date,
            previous_trading_date: previous_trading_date(date),
            opens_at: session.map_or(now, |session| session.opens_at),
            closes_at: session.map_or(now, |session| session.closes_at),
            is_half_day: session.is_some_and(|session| session.is_half_day),
            session_number: sessions_between(since, date) + 1,
        },
        strategy: turn.strategy.name.clone(),
        own_cash: morning.ledger.cash,
        spendable: morning.ledger.cash,
        positions: morning.ledger.lots.iter().map(position).collect(),
        quotes: turn.strategy.symbols.iter().map(quote).collect(),
        closes: closes.into_iter().map(|(symbol, known)| (symbol, known.into_iter().collect())).collect(),
        fills: morning.fills.clone(),
        orders: Vec::new(),
        state: morning.state.clone(),
    }
}

pub(super) fn plan(rule: &RuleSettings, facts: &RuleFacts) -> RuleAnswer {
    match rule {
        RuleSettings::Infinite(settings) => infinite::plan(settings, facts),
        RuleSettings::Program(_) => RuleAnswer::default(),
    }
}

/// A short name of what the rule was asked with.
fn digest(facts: &RuleFacts) -> String {
    let known = |closes: &Vec<(NaiveDate, Usd)>| closes.last().map(|(date, close)| format!("{date} {close}"));
    let closes: Vec<String> = facts.closes.values().filter_map(known).collect();
    let lots: Vec<String> =
        facts.positions.iter().map(|held| format!("{} {} {}", held.symbol, held.quantity, held.average_cost)).collect();
    let text = format!(
        "{} {} {} {} {}",
        facts.clock.trading_date,
        facts.own_cash,
        closes.join(","),
        lots.join(","),
        facts.state.0
    );
    format!("{:08x}", crc32fast::hash(text.as_bytes()))
}
