//! `cleanup --adopt`: a strategy takes over shares that exist. Without `--yes` it shows the next sheet and stores nothing.

use std::collections::BTreeMap;

use super::facts::{Closes, Standing};
use super::{Seen, Turn};
use crate::config::{RuleSettings, StrategySettings};
use crate::decide::fold::Entry;
use crate::decide::strategy::infinite::{Adoption, adopted, shown};
use crate::decide::strategy::orders::orders_for;
use crate::decide::strategy::protocol::CallPurpose;
use crate::decide::strategy::rule::RuleAnswer;
use crate::decide::strategy::words;
use crate::domain::market_session::previous_trading_date;
use crate::domain::{Adopted, Json, Ledger, Lot, Phase, Record, Side, Symbol, Usd};
use crate::exit::{Failure, Reason};
use crate::report::AdoptionLine;
use crate::story::desk::Desk;
use crate::story::run::Run;

/// What a person wants a strategy to take over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopt {
    /// The strategy's name.
    pub name: String,
    /// What `--set` says of it.
    pub set: Adoption,
    /// With `--yes`: it is stored.
    pub is_meant: bool,
}

impl Adopt {
    /// Reads `--set KEY=VALUE`.
    ///
    /// # Errors
    /// 2 for another key, one given twice, or no number.
    pub fn parse(name: &str, set: &[String], is_meant: bool) -> Result<Adopt, Failure> {
        let mut adoption = Adoption::default();
        for given in set {
            let is_read = match given.split_once('=') {
                Some(("t", number)) if adoption.t.is_none() => number.parse().map(|t| adoption.t = Some(t)).is_ok(),
                Some(("cash", usd)) if adoption.cash.is_none() => {
                    usd.parse().map(|cash| adoption.cash = Some(cash)).is_ok()
                }
                _ => false,
            };
            if !is_read {
                return Err(usage(words::set_takes(given)));
            }
        }
        Ok(Adopt { name: name.to_owned(), set: adoption, is_meant })
    }
}

/// Takes over what the account shows of the strategy's symbols.
pub(in crate::story) async fn adopt<D: Desk>(
    run: &mut Run<'_, D>,
    wanted: &Adopt,
    seen: &Seen<'_>,
) -> Result<AdoptionLine, Failure> {
    let settings = std::rc::Rc::clone(&run.settings);
    let strategy = find(&settings.strategies, &wanted.name)?;
    let is_live = |entry: &&Entry| entry.strategy() == Some(strategy.name.as_str()) && entry.state.is_live();
    if let Some(entry) = run.desk.journal().entries.values().find(is_live) {
        let what = words::has_live_orders(&strategy.name, &entry.intent.id);
        return Err(usage(what).next(words::withdraw_or_wait(&strategy.name)));
    }
    let adopted = adopted_by(run, strategy, wanted, seen)?;
    let line = next_sheet(run, strategy, seen, &adopted, wanted.is_meant).await?;
    if wanted.is_meant && !run.task.is_dry_run {
        run.desk.append(&Record::Adopted(adopted)).await?;
    }
    Ok(line)
}

/// The strategy with this name.
pub(super) fn find<'a>(strategies: &'a [StrategySettings], name: &str) -> Result<&'a StrategySettings, Failure> {
    let known: Vec<&str> = strategies.iter().map(|strategy| strategy.name.as_str()).collect();
    let found = strategies.iter().find(|strategy| strategy.name == name);
    found.ok_or_else(|| usage(words::no_such_strategy(name)).next(words::known_strategies(&known.join(", "))))
}

fn adopted_by<D: Desk>(
    run: &Run<'_, D>,
    strategy: &StrategySettings,
    wanted: &Adopt,
    seen: &Seen<'_>,
) -> Result<Adopted, Failure> {
    let set = &wanted.set;
    let mut lots: BTreeMap<Symbol, Lot> = BTreeMap::new();
    for listed in &strategy.symbols {
        let Some(position) = seen.positions.get(&listed.symbol) else { continue };
        let Some(average_cost) = position.average_cost else {
            return Err(usage(words::cost_not_known(&listed.symbol)));
        };
        lots.insert(listed.symbol.clone(), Lot { quantity: position.quantity, average_cost });
    }
    let (state, cash) = match &strategy.rule {
        RuleSettings::Infinite(infinite) => {
            let lot = lots.get(&infinite.symbol).copied().unwrap_or_default();
            let state = adopted(infinite, lot, set).map_err(usage)?;
            let cash = shown(&state).map(|shown| shown.cash).unwrap_or_default();
            (state, cash)
        }
        RuleSettings::Program(_) if set.t.is_some() => return Err(usage(words::program_takes_cash_only())),
        RuleSettings::Program(_) => {
            let cost: Usd = lots.values().filter_map(|lot| lot.average_cost.times(lot.quantity)).sum();
            let known = run.desk.journal().strategy(&strategy.name).and_then(|book| book.sheet.as_ref());
            let state = known.map_or_else(Json::default, |sheet| sheet.state.clone());
            (state, set.cash.unwrap_or((strategy.principal - cost).to_cents()))
        }
    };
    Ok(Adopted { strategy: strategy.name.clone(), ledger: Ledger { cash, lots }, state })
}

/// What the strategy would send next, by the closes that are known now.
async fn next_sheet<D: Desk>(
    run: &mut Run<'_, D>,
    strategy: &StrategySettings,
    seen: &Seen<'_>,
    adopted: &Adopted,
    is_stored: bool,
) -> Result<AdoptionLine, Failure> {
    let date = run.market.trading_date;
    let until = if run.market.phase == Phase::After { date } else { previous_trading_date(date) };
    let mut turn = Turn { strategy, seen, side: Side::Sell, quotes: BTreeMap::new() };
    turn.fetch_all_quotes(run).await?;
    let mut closes = Closes::new();
    for listed in &strategy.symbols {
        let (symbol, quoted) = (&listed.symbol, turn.quotes.get(&listed.symbol));
        let found = quoted.and_then(|quoted| Some(quoted.usable(symbol).ok()?.0));
        let remembered = run.desk.listings().get(symbol).map(|known| known.exchange);
        if let Some(exchange) = found.or(listed.exchange).or(remembered) {
            let known = run.read_closes(exchange, symbol, until, strategy).await?;
            closes.insert(symbol.clone(), known.unwrap_or_default());
        }
    }
    let standing = Standing::of(adopted.ledger.clone(), adopted.state.clone());
    let facts = turn.facts(run, standing, closes, None);
    // Whatever a program says here is shown, and nothing of it is kept.
    let asked = turn.ask(run, &facts, CallPurpose::DryRun).await;
    let (answer, blocked) = match asked {
        Ok(answer) => (answer, None),
        Err(skips) => (RuleAnswer::default(), skips.into_iter().next()),
    };
    Ok(AdoptionLine {
        strategy: strategy.name.clone(),
        lots: adopted.ledger.lots.clone(),
        cash: adopted.ledger.cash,
        state: adopted.state.clone(),
        orders: orders_for(&answer.lines),
        note: blocked.as_ref().map_or(answer.note, |skip| skip.detail.clone()),
        blocked: blocked.map(|skip| skip.rule),
        is_stored,
    })
}

fn usage(what: crate::language::Sentence) -> Failure {
    Failure::new(Reason::Usage, what)
}
