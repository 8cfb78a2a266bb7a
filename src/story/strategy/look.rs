//! Strategies in `status`: what is their own, today's sheet, and what waits.

use std::collections::BTreeMap;

use crate::config::StrategySettings;
use crate::decide::facts::check_own_orders;
use crate::decide::fold::{Entry, JournalState, StrategyBook};
use crate::decide::odd_rows::OddRows;
use crate::decide::rule::{OfStrategy, Rule, Skip};
use crate::decide::strategy::checks::{Account, check_settled};
use crate::decide::strategy::fills::{fills_of, ledger_after, shares_now};
use crate::decide::strategy::lines::{Stage, stage_of};
use crate::decide::strategy::words;
use crate::domain::{Ledger, Position, Sheet, SheetOrder, Symbol};
use crate::report::{SheetLineView, SheetView, StrategyLine};
use crate::story::desk::Desk;
use crate::story::run::Run;

/// What `status` shows of each strategy. Without `positions` the account could not be read.
pub(in crate::story) fn look<D: Desk>(
    run: &Run<'_, D>,
    positions: Option<(&BTreeMap<Symbol, Position>, &OddRows)>,
) -> Vec<StrategyLine> {
    let strategies = run.settings.strategies.iter();
    strategies.map(|strategy| look_at(run, strategy, positions)).collect()
}

fn look_at<D: Desk>(
    run: &Run<'_, D>,
    strategy: &StrategySettings,
    positions: Option<(&BTreeMap<Symbol, Position>, &OddRows)>,
) -> StrategyLine {
    let (journal, date) = (run.desk.journal(), run.market.trading_date);
    let book = journal.strategy(&strategy.name);
    let sheet = book.and_then(|book| book.sheet.as_ref());
    let ledger = ledger_now(journal, strategy, book);
    let adopted = book.and_then(|book| book.adopted.as_ref());
    let state = adopted.map(|adopted| &adopted.state).or(sheet.map(|sheet| &sheet.state)).cloned().unwrap_or_default();
    let blocked = match positions {
        _ if book.is_some_and(|book| book.is_withdrawn(date)) => {
            strategy.symbols.first().map(|listed| Skip::new(&listed.symbol, Rule::Withdrawn, words::withdrawn(date)))
        }
        _ => blocked(run, strategy, book, positions),
    };
    let symbol = strategy.symbols.first().map(|listed| listed.symbol.clone());
    let view = sheet.map(|sheet| view_of(journal, strategy, sheet));
    let note = sheet.map(|sheet| sheet.note.clone()).unwrap_or_default();
    let name = (strategy.name.as_str(), strategy.rule.kind().word());
    StrategyLine::new(name, symbol, ledger, state, view).with(note, blocked)
}

/// What is its own by now: the latest sheet's, with what filled of it, or what a person said since.
fn ledger_now(journal: &JournalState, strategy: &StrategySettings, book: Option<&StrategyBook>) -> Ledger {
    let fresh = || Ledger { cash: strategy.principal, ..Ledger::default() };
    match book {
        Some(StrategyBook { adopted: Some(adopted), .. }) => adopted.ledger.clone(),
        Some(StrategyBook { sheet: Some(sheet), .. }) => {
            let fills = fills_of(sheet, journal.orders_of(&sheet.strategy, sheet.date), &BTreeMap::new());
            ledger_after(&sheet.ledger, &fills)
        }
        _ => fresh(),
    }
}

fn blocked<D: Desk>(
    run: &Run<'_, D>,
    strategy: &StrategySettings,
    book: Option<&StrategyBook>,
    positions: Option<(&BTreeMap<Symbol, Position>, &OddRows)>,
) -> Option<Skip> {
    let (journal, date) = (run.desk.journal(), run.market.trading_date);
    let in_doubt = journal.unknown().filter(|entry| entry.strategy() == Some(strategy.name.as_str()));
    if let Err(skip) = check_own_orders(in_doubt) {
        return Some(skip);
    }
    let today = book.and_then(|book| book.sheet_of(date));
    if let (None, Err(skip)) = (today, check_settled(journal, &strategy.name, date)) {
        return Some(skip);
    }
    let (positions, odd_rows) = positions?;
    let account = Account { journal, trading_date: date, positions, odd_rows, quotes: &BTreeMap::new() };
    let (sheet, ledger) = (book.and_then(|book| book.sheet.as_ref()), ledger_now(journal, strategy, book));
    strategy.symbols.iter().find_map(|listed| {
        let symbol = &listed.symbol;
        let is_adopted = book.is_some_and(|book| book.adopted.is_some());
        let checked = match sheet.filter(|_| !is_adopted) {
            Some(sheet) => {
                let own = shares_now(sheet, symbol, journal.orders_of(&sheet.strategy, sheet.date));
                account.check_ledger(symbol, own, &sheet.ledger)
            }
            None => account.check_ledger(symbol, ledger.lot(symbol).quantity, &ledger),
        };
        odd_rows.check(symbol).and(checked).err()
    })
}

fn view_of(journal: &JournalState, strategy: &StrategySettings, sheet: &Sheet) -> SheetView {
    let entries: Vec<&Entry> = journal.orders_of(&strategy.name, sheet.date).collect();
    let line = |(place, order): (usize, &SheetOrder)| {
        let entry = match stage_of(sheet, place, &entries) {
            Stage::Unsent | Stage::Again => None,
            Stage::Sent(entry) | Stage::GivenUp(entry) => Some(entry),
        };
        SheetLineView::new(OfStrategy::new(strategy, Some(order)), order, entry)
    };
    SheetView { date: sheet.date, lines: sheet.orders.iter().enumerate().map(line).collect() }
}
