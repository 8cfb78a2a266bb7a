//! `sell`: reconcile, read, decide, then order by order: stop losses first.

use std::collections::{BTreeMap, BTreeSet};

use crate::decide::facts::{Quoted, held_quantities};
use crate::decide::odd_rows::OddRows;
use crate::decide::rule::{Rule, Skip};
use crate::decide::sell::{
    Pick, SellFacts, applies, check_holding, plan_sells, price_order, sellable_positions, withheld_positions,
};
use crate::decide::submit::{Decided, LastCall};
use crate::domain::money::show_percent;
use crate::domain::{ListedSymbol, OrderId, OrderRequest, Position, Side, Stamp, Symbol};
use crate::exit::{Ending, Failure, Reason};
use crate::ordered::Ordered;
use crate::story::balance::Holdings;
use crate::story::desk::Desk;
use crate::story::endings;
use crate::story::open::first_gates;
use crate::story::reconcile::{Reconciled, witness_of};
use crate::story::run::Run;
use crate::story::strategy::{self, Seen};
use crate::story::trade::Progress;

/// Everything read before deciding.
struct View {
    reconciled: Reconciled,
    positions: BTreeMap<Symbol, Position>,
    odd_rows: OddRows,
    quotes: BTreeMap<Symbol, Quoted>,
    watch: BTreeSet<Symbol>,
    external_sells: BTreeMap<Symbol, OrderId>,
    /// When the holdings were judged last.
    now: Stamp,
}

/// Runs the command.
pub(super) async fn sell<D: Desk>(run: &mut Run<'_, D>) -> Result<Ending, Failure> {
    if let Some(ending) = first_gates(run) {
        return Ok(ending);
    }
    let reconciled = run.reconcile().await?;
    let Holdings { positions, odd_rows, .. } = run.fetch_holdings(&reconciled).await?;
    let watch = run.settings.buy.watch.iter().map(|listed| listed.symbol.clone()).ordered();
    let external_sells = reconciled.findings.open_external_sells();
    let now = run.desk.now();
    let mut view = View { reconciled, positions, odd_rows, quotes: BTreeMap::new(), watch, external_sells, now };
    let mut progress = Progress::new(run.notes, Vec::new());
    let idle = match sell_by_rule(run, &mut view, &mut progress).await {
        Ok(idle) => idle,
        Err(failure) => return Err(progress.interrupt(run, failure)),
    };
    // After the stop losses: none of them waits for a strategy.
    let seen = Seen { reconciled: &view.reconciled, positions: &view.positions, odd_rows: &view.odd_rows };
    match strategy::serve(run, Side::Sell, &seen, &mut progress).await {
        Ok(_) => Ok(progress.finish(run, || idle)),
        Err(failure) => Err(progress.interrupt(run, failure)),
    }
}

/// Sells by the default rule; returns how the run ends if nothing is sold.
async fn sell_by_rule<D: Desk>(
    run: &mut Run<'_, D>,
    view: &mut View,
    progress: &mut Progress,
) -> Result<Ending, Failure> {
    if view.positions.is_empty() && view.odd_rows.holdings.is_empty() {
        run.remember_balance(&view.positions, &view.odd_rows);
        run.check_clock()?;
        run.notes.has_decided = true;
        return Ok(Ending::nothing(Reason::NoPosition, endings::no_position()));
    }
    let (wanted, unmanaged) = wanted_quotes(run, view);
    view.quotes = run.fetch_quotes(&wanted).await?;
    view.now = run.desk.now();
    run.check_clock()?;
    run.look_for_splits(&view.quotes, &view.positions, &view.odd_rows).await?;
    if !unmanaged.is_empty() {
        run.notes.warnings.push(endings::unmanaged(&unmanaged.join(", ")));
    }
    let (picks, skipped) = plan(run, view).await?;
    run.notes.check_writes()?;
    run.notes.has_decided = true;
    skipped.into_iter().for_each(|skip| progress.skip(skip));
    for pick in picks {
        if progress.may_send(run, LastCall::Close, &pick.symbol) {
            sell_one(run, view, &pick, progress).await?;
        }
    }
    Ok(Ending::nothing(Reason::NothingToSell, endings::nothing_to_sell()))
}

/// Plans the sells, anew for as long as a pick's close of yesterday has to be asked for.
async fn plan<D: Desk>(run: &mut Run<'_, D>, view: &mut View) -> Result<(Vec<Pick>, Vec<Skip>), Failure> {
    loop {
        let (picks, skipped) = plan_sells(&facts(run, view));
        let wanted: Vec<_> = picks.iter().map(|pick| (pick.exchange, pick.symbol.clone())).collect();
        if !run.ask_for_closes(&wanted, &mut view.quotes, &view.positions).await? {
            return Ok((picks, skipped));
        }
    }
}

async fn sell_one<D: Desk>(
    run: &mut Run<'_, D>,
    view: &mut View,
    pick: &Pick,
    progress: &mut Progress,
) -> Result<(), Failure> {
    run.safe_point.check(run.desk)?;
    let numbers = endings::profit_of_cost(&show_percent(pick.profit), pick.average_cost);
    match price(run, view, pick).await? {
        Err(skip) => progress.skip(skip),
        Ok(order) => {
            let (date, external) = (run.market.trading_date, &view.reconciled.findings.external);
            let held = held_quantities(&view.positions, run.desk.journal(), date, external);
            let witness = witness_of(&pick.symbol, &view.positions, &held, None);
            let (purpose, average_cost, list) = (pick.purpose, Some(pick.average_cost), &view.reconciled.list);
            // Only buys are checked against the last price.
            let last = order.limit_price;
            let quoted_at = view.quotes.get(&pick.symbol).map(Quoted::read_at).unwrap_or_default();
            let decided = Decided { order, purpose, witness, average_cost, list, last, quoted_at, line: None };
            progress.send(run, decided, numbers).await?;
        }
    }
    Ok(())
}

/// Prices a pick; an old quote is read again and the rule that picked it is applied anew.
async fn price<D: Desk>(
    run: &mut Run<'_, D>,
    view: &mut View,
    pick: &Pick,
) -> Result<Result<OrderRequest, Skip>, Failure> {
    let mut pick = pick.clone();
    if run.is_old(view.quotes.get(&pick.symbol)) {
        let fresh = run.fetch_quote_again(pick.exchange, &pick.symbol).await?;
        view.quotes.insert(pick.symbol.clone(), fresh);
        run.look_for_split(&pick.symbol, &view.quotes, &view.positions).await?;
        view.now = run.desk.now();
        let facts = facts(run, view);
        let Some(position) = facts.positions.get(&pick.symbol) else {
            return Ok(Err(Skip::new(&pick.symbol, Rule::NothingSellable, endings::no_longer_held())));
        };
        match check_holding(&facts, position) {
            Err(skip) => return Ok(Err(skip)),
            Ok(again) if !applies(&facts, pick.purpose, again.profit) => {
                let detail = endings::profit_moved(&show_percent(again.profit));
                return Ok(Err(Skip::new(&pick.symbol, Rule::Hold, detail)));
            }
            Ok(again) => pick = Pick { purpose: pick.purpose, ..again },
        }
    }
    Ok(price_order(&facts(run, view), &pick))
}

/// Holdings that a rule may sell, each with its exchange: from the balance in real mode, else from the configuration. And
/// the names of those that no rule manages.
fn wanted_quotes<D: Desk>(run: &Run<'_, D>, view: &View) -> (Vec<ListedSymbol>, Vec<String>) {
    let (mut positions, skipped) = sellable_positions(&facts(run, view));
    positions.extend(withheld_positions(&facts(run, view), &skipped));
    let written = |symbol: &Symbol| run.settings.buy.watch.iter().find(|listed| listed.symbol == *symbol)?.exchange;
    let listed = positions.into_iter().map(|position| ListedSymbol {
        exchange: position.exchange.or_else(|| written(&position.symbol)),
        symbol: position.symbol.clone(),
    });
    let unmanaged = skipped.iter().filter(|skip| skip.rule == Rule::NotManaged);
    (listed.collect(), unmanaged.map(|skip| skip.symbol.to_string()).collect())
}

fn facts<'a, D: Desk>(run: &'a Run<'_, D>, view: &'a View) -> SellFacts<'a> {
    SellFacts {
        sell: &run.settings.sell,
        limits: &run.settings.limits,
        watch: &view.watch,
        strategies: &run.settings.strategies,
        journal: run.desk.journal(),
        trading_date: run.market.trading_date,
        positions: &view.positions,
        odd_rows: &view.odd_rows,
        quotes: &view.quotes,
        external_sells: &view.external_sells,
        now: &view.now,
    }
}
