//! Strategies in buy and sell: the sheet of the date, written down once, and what of it is still to be sent.

mod adopt;
mod ask;
mod check;
mod facts;
mod look;
mod money;
mod send;
mod sheet;
mod withdraw;

pub use adopt::Adopt;
pub(super) use adopt::adopt;
pub(super) use look::look;
pub(super) use withdraw::withdraw;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::config::{AskWhen, RuleSettings, StrategySettings};
use crate::decide::facts::Quoted;
use crate::decide::odd_rows::OddRows;
use crate::decide::rule::{Rule, Skip};
use crate::decide::strategy::words;
use crate::domain::market_session::{loc_cutoff, new_york_as};
use crate::domain::{ListedSymbol, Position, Sheet, Side, Symbol, Usd};
use crate::exit::Failure;
use crate::language::Sentence;
use crate::ordered::Ordered;
use crate::story::desk::Desk;
use crate::story::reconcile::Reconciled;
use crate::story::run::Run;
use crate::story::trade::Progress;
use money::Money;

/// What a run has read before its strategies are served.
pub(super) struct Seen<'a> {
    pub(super) reconciled: &'a Reconciled,
    pub(super) positions: &'a BTreeMap<Symbol, Position>,
    pub(super) odd_rows: &'a OddRows,
}

/// One strategy in a run.
struct Turn<'a> {
    strategy: &'a StrategySettings,
    seen: &'a Seen<'a>,
    side: Side,
    quotes: BTreeMap<Symbol, Quoted>,
}

/// Sends what is still to be sent of this side, strategy by strategy in the order of the file. Returns USD that buys still to be
/// sent tie up.
pub(super) async fn serve<D: Desk>(
    run: &mut Run<'_, D>,
    side: Side,
    seen: &Seen<'_>,
    progress: &mut Progress,
) -> Result<Usd, Failure> {
    if run.settings.strategies.is_empty() {
        return Ok(Usd::ZERO);
    }
    // On the heap: a run without strategies has no room for them in its own story.
    Box::pin(serve_all(run, side, seen, progress)).await
}

async fn serve_all<D: Desk>(
    run: &mut Run<'_, D>,
    side: Side,
    seen: &Seen<'_>,
    progress: &mut Progress,
) -> Result<Usd, Failure> {
    let settings = Rc::clone(&run.settings);
    let mut money = Money::default();
    for strategy in &settings.strategies {
        if progress.has_stopped() {
            break;
        }
        run.safe_point.check(run.desk)?;
        let mut turn = Turn { strategy, seen, side, quotes: BTreeMap::new() };
        let served = serve_one(run, &mut turn, &mut money, progress).await?;
        for skip in served.err().into_iter().flatten() {
            progress.skip(skip.of_strategy(strategy, None));
        }
    }
    Ok(money::tied_up(run, side))
}

/// Serves one strategy; an inner error says why nothing of it is sent.
async fn serve_one<D: Desk>(
    run: &mut Run<'_, D>,
    turn: &mut Turn<'_>,
    money: &mut Money,
    progress: &mut Progress,
) -> Result<Result<(), Vec<Skip>>, Failure> {
    let (date, name) = (run.market.trading_date, turn.strategy.name.clone());
    let book = run.desk.journal().strategy(&name);
    if book.is_some_and(|book| book.is_withdrawn(date)) {
        return Ok(Err(turn.skip_all(Rule::Withdrawn, &words::withdrawn(date))));
    }
    let sheet = match book.and_then(|book| book.sheet_of(date)).cloned() {
        Some(sheet) if asks_each_run(turn.strategy) => sheet::extend(run, turn, sheet, money, progress).await?,
        Some(sheet) => sheet,
        None => match sheet::make(run, turn, money, progress).await? {
            Ok(sheet) => sheet,
            Err(skips) => return Ok(Err(skips)),
        },
    };
    send::send_all(run, turn, &sheet, money, progress).await
}

fn asks_each_run(strategy: &StrategySettings) -> bool {
    matches!(&strategy.rule, RuleSettings::Program(program) if program.asks == AskWhen::Run)
}

impl Turn<'_> {
    /// Reads the quotes of all its symbols that have none yet.
    async fn fetch_all_quotes<D: Desk>(&mut self, run: &mut Run<'_, D>) -> Result<(), Failure> {
        let symbols = self.strategy.symbols.iter().map(|listed| listed.symbol.clone()).ordered();
        self.fetch_quotes(run, &symbols).await
    }

    /// Passes the strategy over, symbol by symbol.
    fn skip_all(&self, rule: Rule, detail: &Sentence) -> Vec<Skip> {
        self.strategy.symbols.iter().map(|listed| Skip::new(&listed.symbol, rule, detail.clone())).collect()
    }

    /// Reads the quotes of symbols that have none yet.
    async fn fetch_quotes<D: Desk>(&mut self, run: &mut Run<'_, D>, symbols: &BTreeSet<Symbol>) -> Result<(), Failure> {
        let is_wanted =
            |listed: &&ListedSymbol| symbols.contains(&listed.symbol) && !self.quotes.contains_key(&listed.symbol);
        let wanted: Vec<ListedSymbol> = self.strategy.symbols.iter().filter(is_wanted).cloned().collect();
        if !wanted.is_empty() {
            let quotes = run.fetch_quotes(&wanted).await?;
            run.check_clock()?;
            run.look_for_splits(&quotes, self.seen.positions, self.seen.odd_rows).await?;
            self.quotes.extend(quotes);
        }
        Ok(())
    }
}

impl<D: Desk> Run<'_, D> {
    /// The New York time from which no closing order is sent, once it has come.
    pub(super) fn loc_cutoff_passed(&self) -> Option<String> {
        let cutoff = loc_cutoff(self.market.trading_date, self.settings.loc_until)?;
        (self.desk.now().at >= cutoff).then(|| new_york_as(cutoff, "%H:%M"))
    }
}

/// Symbols of a sheet's lines.
fn symbols_of(sheet: &Sheet) -> BTreeSet<Symbol> {
    sheet.lines.iter().map(|line| line.symbol.clone()).collect()
}
