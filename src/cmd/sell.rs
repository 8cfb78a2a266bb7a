//! `sell`: look, settle, decide, then order by order: stop losses first.

use std::collections::{BTreeMap, BTreeSet};

use crate::cmd::notes::Notes;
use crate::cmd::open::{Opened, gate_closed, gate_first};
use crate::cmd::quotes::{fetch_again, fetch_quotes};
use crate::cmd::settle::{Settled, fetch_positions, settle};
use crate::cmd::trade::{MAX_QUOTE_AGE, Progress};
use crate::decide::facts::{Quoted, held_quantities};
use crate::decide::rule::{Rule, Skip};
use crate::decide::sell::{Pick, SellFacts, check_holding, plan_sells, price_order, sellable_positions, still_holds};
use crate::decide::submit::Decided;
use crate::domain::intent::{OrderRequest, Witness};
use crate::domain::money::show_percent;
use crate::domain::order::Side;
use crate::domain::position::Position;
use crate::domain::symbol::{ListedSymbol, Symbol};
use crate::exit::{Ending, Failure, Reason};

/// Everything looked at before deciding.
struct View {
    settled: Settled,
    positions: BTreeMap<Symbol, Position>,
    quotes: BTreeMap<Symbol, Quoted>,
    watch: BTreeSet<Symbol>,
}

/// Runs the command.
///
/// # Errors
/// When something the decision rests on can't be had, or state can't be written.
pub fn run(open: &mut Opened, notes: &mut Notes) -> Result<Ending, Failure> {
    if let Some(ending) = gate_first(open)? {
        return Ok(ending);
    }
    if let Some(ending) = gate_closed(open) {
        return Ok(ending);
    }
    let settled = settle(open, notes)?;
    let positions = fetch_positions(open)?;
    notes.take_names(&positions);
    let watch = open.settings.buy.watch.iter().map(|listed| listed.symbol.clone()).collect();
    let mut view = View { settled, positions, quotes: BTreeMap::new(), watch };
    if view.positions.is_empty() {
        open.broker.check_clock()?;
        notes.has_decided = true;
        return Ok(Progress::default()
            .finish(notes, false, |_| Ending::nothing(Reason::NoPosition, "the account holds nothing")));
    }
    let wanted = wanted_quotes(open, &view);
    view.quotes = fetch_quotes(open, &wanted)?;
    open.broker.check_clock()?;
    name_unwatched(open, &view, notes);
    sell_picks(open, notes, &mut view)
}

fn sell_picks(open: &mut Opened, notes: &mut Notes, view: &mut View) -> Result<Ending, Failure> {
    let (picks, skipped) = plan_sells(&facts(open, view));
    notes.check_writes()?;
    notes.has_decided = true;
    let mut progress = Progress::new(notes, skipped);
    for pick in picks {
        if !progress.may_send(open, Side::Sell, &pick.symbol) {
            continue;
        }
        let may_go_on = open.broker.safe_point.check();
        if let Err(failure) = may_go_on.and_then(|()| sell_one(open, view, &pick, &mut progress)) {
            return Err(progress.keep(open, notes, failure));
        }
    }
    Ok(progress
        .finish(notes, open.is_dry_run, |_| Ending::nothing(Reason::NothingToSell, "no holding meets a sell rule")))
}

fn sell_one(open: &mut Opened, view: &mut View, pick: &Pick, progress: &mut Progress) -> Result<(), Failure> {
    progress.explain(format!("profit {} % of cost {}", show_percent(pick.profit), pick.average_cost));
    match look_again(open, view, pick)? {
        Err(skip) => progress.skip(skip),
        Ok(order) if open.is_dry_run => progress.plan(&order, pick.purpose),
        Ok(order) => {
            let witness = witness(open, view, pick);
            let (purpose, average_cost, list) = (pick.purpose, Some(pick.average_cost), &view.settled.list);
            let last = order.limit_price;
            progress.send(open, Decided { order, purpose, witness, average_cost, list, last })?;
        }
    }
    Ok(())
}

/// Prices a pick; a quote that grew old is read again and the rule that picked it is applied anew.
fn look_again(open: &mut Opened, view: &mut View, pick: &Pick) -> Result<Result<OrderRequest, Skip>, Failure> {
    let mut pick = pick.clone();
    if let Some(Quoted::Found(quote)) = view.quotes.get(&pick.symbol)
        && open.clock.since_boot().saturating_sub(quote.read_at) > MAX_QUOTE_AGE
    {
        let fresh = fetch_again(open, pick.exchange, &pick.symbol)?;
        view.quotes.insert(pick.symbol.clone(), fresh);
        let facts = facts(open, view);
        let Some(position) = facts.positions.get(&pick.symbol) else {
            return Ok(Err(Skip::new(&pick.symbol, Rule::NothingSellable, "no longer held")));
        };
        match check_holding(&facts, position) {
            Err(skip) => return Ok(Err(skip)),
            Ok(again) if !still_holds(&facts, pick.purpose, again.profit) => {
                let detail = format!("profit moved to {} % before the order", show_percent(again.profit));
                return Ok(Err(Skip::new(&pick.symbol, Rule::Hold, detail)));
            }
            Ok(again) => pick = Pick { purpose: pick.purpose, ..again },
        }
    }
    Ok(price_order(&facts(open, view), &pick))
}

/// Holdings that a rule may sell, each with its exchange: from the balance in real mode, else from the configuration.
fn wanted_quotes(open: &Opened, view: &View) -> Vec<ListedSymbol> {
    let facts = facts(open, view);
    let (positions, _) = sellable_positions(&facts);
    let written = |symbol: &Symbol| open.settings.buy.watch.iter().find(|listed| listed.symbol == *symbol)?.exchange;
    let listed = positions.into_iter().map(|position| ListedSymbol {
        exchange: position.exchange.or_else(|| written(&position.symbol)),
        symbol: position.symbol.clone(),
    });
    listed.collect()
}

/// Names holdings that no rule watches, so that nobody believes them watched.
fn name_unwatched(open: &Opened, view: &View, notes: &mut Notes) {
    let (_, skipped) = sellable_positions(&facts(open, view));
    let names: Vec<String> =
        skipped.iter().filter(|skip| skip.rule == Rule::NotManaged).map(|skip| skip.symbol.to_string()).collect();
    if !names.is_empty() {
        notes.warnings.push(format!(
            "{} held but not managed: add to [buy] watch, to [sell] keep, or set [sell] positions = \"all\"",
            names.join(", ")
        ));
    }
}

fn witness(open: &Opened, view: &View, pick: &Pick) -> Witness {
    let held = held_quantities(&view.positions, open.journal.state(), open.market.trading_date);
    Witness { held: held.get(&pick.symbol).copied().unwrap_or(0), sellable: pick.quantity, cash: None }
}

fn facts<'a>(open: &'a Opened, view: &'a View) -> SellFacts<'a> {
    SellFacts {
        sell: &open.settings.sell,
        limits: &open.settings.limits,
        watch: &view.watch,
        journal: open.journal.state(),
        trading_date: open.market.trading_date,
        positions: &view.positions,
        quotes: &view.quotes,
    }
}

#[cfg(test)]
mod tests;
