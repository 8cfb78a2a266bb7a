//! `buy`: reconcile, read, decide, then order by order: journal, send, journal.

mod gates;

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{BuySettings, Trading};
use crate::decide::buy::{
    BuyFacts, Candidate, Filter, check_candidate, check_filter, plan_picks, share_of_cash, size_order, worth_a_quote,
};
use crate::decide::facts::{Quoted, held_quantities};
use crate::decide::fold::JournalState;
use crate::decide::odd_rows::OddRows;
use crate::decide::rule::{Rule, Skip};
use crate::decide::submit::{Decided, LastCall};
use crate::domain::money::show_percent;
use crate::domain::{BuyingPower, ListedSymbol, OrderRequest, Position, Purpose, Side, Symbol, Usd};
use crate::exit::{Ending, Failure, Reason};
use crate::ordered::Ordered;
use crate::story::balance::Holdings;
use crate::story::desk::Desk;
use crate::story::endings;
use crate::story::open::first_gates;
use crate::story::reconcile::{Reconciled, witness_of};
use crate::story::run::Run;
use crate::story::strategy::{self, Seen};
use crate::story::trade::{Progress, is_after_buy_until};
use gates::{fetch_cash, foreign_orders, gate_cash, gate_total};

/// Everything read before deciding.
struct View {
    reconciled: Reconciled,
    positions: BTreeMap<Symbol, Position>,
    odd_rows: OddRows,
    held: BTreeMap<Symbol, u64>,
    quotes: BTreeMap<Symbol, Quoted>,
    power: Option<(Symbol, BuyingPower)>,
    external_open: BTreeMap<Symbol, Usd>,
    /// USD that strategies tie up.
    tied_up: Usd,
}

impl View {
    /// Holdings without a price.
    fn unpriced(&self, journal: &JournalState) -> BTreeSet<Symbol> {
        self.held.keys().filter(|symbol| self.price_of(journal, symbol).is_none()).cloned().ordered()
    }

    /// What there was to order with before the first order, less what strategies tie up.
    fn cash(&self) -> Usd {
        self.power.as_ref().map_or(Usd::ZERO, |(_, power)| power.cash_usd() - self.tied_up)
    }

    /// The price that counts for a symbol that is set aside, else the quote's when there is one, else the balance's.
    fn price_of(&self, journal: &JournalState, symbol: &Symbol) -> Option<Usd> {
        if let Some(counted) = journal.counted_price(symbol) {
            return Some(counted);
        }
        let quoted = self.quotes.get(symbol).and_then(|quoted| quoted.usable(symbol).ok());
        let quoted = quoted.map(|(_, price)| price.last);
        quoted.or_else(|| self.positions.get(symbol).and_then(|position| position.balance_price))
    }
}

/// Runs the command.
pub(super) async fn buy<D: Desk>(run: &mut Run<'_, D>) -> Result<Ending, Failure> {
    if let Some(ending) = first_gates(run) {
        return Ok(ending);
    }
    if run.settings.strategies.is_empty() {
        return buy_by_rule(run, None).await;
    }
    let reconciled = run.reconcile().await?;
    let holdings = run.fetch_holdings(&reconciled).await?;
    let seen = Seen { reconciled: &reconciled, positions: &holdings.positions, odd_rows: &holdings.odd_rows };
    let mut progress = Progress::new(run.notes, Vec::new());
    let tied_up = match strategy::serve(run, Side::Buy, &seen, &mut progress).await {
        Ok(tied_up) => tied_up,
        Err(failure) => return Err(progress.interrupt(run, failure)),
    };
    if progress.has_stopped() {
        return Ok(progress.finish(run, || Ending::nothing(Reason::NoCandidate, endings::no_candidate())));
    }
    progress.set_aside(run.notes);
    let ended = buy_by_rule(run, Some(Served { reconciled, holdings, tied_up })).await;
    // An end before anything was decided leaves what the strategies did to be said.
    match Progress::resumed(run.notes) {
        None => ended,
        Some(progress) => match ended {
            Ok(ending) => Ok(progress.finish(run, || ending)),
            Err(failure) => Err(progress.interrupt(run, failure)),
        },
    }
}

/// What the strategies were served with, and what they leave.
struct Served {
    reconciled: Reconciled,
    holdings: Holdings,
    /// USD that their buys tie up which are still to be sent.
    tied_up: Usd,
}

/// Buys by the default rule.
async fn buy_by_rule<D: Desk>(run: &mut Run<'_, D>, served: Option<Served>) -> Result<Ending, Failure> {
    if is_after_buy_until(run) {
        let until = run.settings.buy_until.format("%H:%M").to_string();
        return Ok(Ending::nothing(Reason::AfterBuyUntil, endings::nothing_bought_from(&until)));
    }
    if run.settings.limits.trading == Trading::SellOnly {
        return Ok(Ending::nothing(Reason::SellOnly, endings::sell_only()));
    }
    let (reconciled, holdings, tied_up) = match served {
        Some(Served { reconciled, holdings, tied_up }) => (reconciled, Some(holdings), tied_up),
        None => (run.reconcile().await?, None, Usd::ZERO),
    };
    if !reconciled.findings.foreign.is_empty() {
        return Ok(foreign_orders(run, &reconciled));
    }
    let quotes = fetch_first_quotes(run).await?;
    let ended = buy_by_quotes(run, (reconciled, holdings, tied_up), quotes).await;
    if ended.is_ok() {
        run.look_for_unpriced().await;
    }
    ended
}

/// With the quotes of the filter: judges it, then reads what is missing and buys.
async fn buy_by_quotes<D: Desk>(
    run: &mut Run<'_, D>,
    read: (Reconciled, Option<Holdings>, Usd),
    quotes: BTreeMap<Symbol, Quoted>,
) -> Result<Ending, Failure> {
    run.check_clock()?;
    match check_filter(&run.settings.buy.filter, &quotes) {
        Filter::Passed => {}
        Filter::NotMet(detail) => return Ok(Ending::nothing(Reason::FilterNotMet, detail)),
        Filter::Unknown(detail) => return Ok(Ending::nothing(Reason::FilterUnknown, detail)),
    }
    let mut view = fetch_view(run, read, quotes).await?;
    run.check_clock()?;
    buy_picks(run, &mut view).await
}

/// Ranks the candidates, then sends order by order, each sized from what is left at that moment.
async fn buy_picks<D: Desk>(run: &mut Run<'_, D>, view: &mut View) -> Result<Ending, Failure> {
    let (mut picks, skipped) = plan(run, view).await?;
    let mut progress = Progress::new(run.notes, skipped);
    if let Err(failure) = fetch_cash(run, view, &mut picks, &mut progress).await {
        return Err(progress.interrupt(run, failure));
    }
    let gate = match gate_total(run, view).await {
        Ok(gate) => gate.or_else(|| gate_cash(run, view)),
        Err(failure) => return Err(progress.interrupt(run, failure)),
    };
    if let Some(ending) = gate {
        if ending.reason == Some(Reason::CashTooLow) {
            let skip = |pick: &Candidate| Skip::new(&pick.symbol, Rule::TooExpensive, ending.detail.clone());
            picks.iter().map(skip).for_each(|skip| progress.skip(skip));
        }
        return Ok(progress.finish(run, || ending));
    }
    run.notes.check_writes()?;
    run.notes.has_decided = true;
    for pick in picks {
        if !progress.may_send(run, LastCall::BuyUntil, &pick.symbol) {
            continue;
        }
        if let Err(failure) = buy_one(run, view, &pick, &mut progress).await {
            return Err(progress.interrupt(run, failure));
        }
    }
    Ok(progress.finish(run, || Ending::nothing(Reason::NoCandidate, endings::no_candidate())))
}

/// Plans the picks, anew for as long as one's close of yesterday has to be asked for.
async fn plan<D: Desk>(run: &mut Run<'_, D>, view: &mut View) -> Result<(Vec<Candidate>, Vec<Skip>), Failure> {
    loop {
        // What strategies sent takes no pick's place.
        let sent = run.notes.sent.orders.iter().filter(|order| order.of_strategy.is_none()).count();
        let (picks, skipped) = plan_picks(&facts(run, view), sent);
        let wanted: Vec<_> = picks.iter().map(|pick| (pick.exchange, pick.symbol.clone())).collect();
        if !run.ask_for_closes(&wanted, &mut view.quotes, &view.positions).await? {
            return Ok((picks, skipped));
        }
    }
}

/// Sizes and sends one pick.
async fn buy_one<D: Desk>(
    run: &mut Run<'_, D>,
    view: &mut View,
    pick: &Candidate,
    progress: &mut Progress,
) -> Result<(), Failure> {
    run.safe_point.check(run.desk)?;
    let numbers = endings::fell(&show_percent(pick.decline));
    match size(run, view, pick, progress.planned()).await? {
        Err(skip) => progress.skip(skip),
        Ok((order, last)) => {
            let witness = witness_of(&order.symbol, &view.positions, &view.held, Some(view.cash()));
            let (purpose, list) = (Purpose::FellMost, &view.reconciled.list);
            let quoted_at = view.quotes.get(&pick.symbol).map(Quoted::read_at).unwrap_or_default();
            let decided = Decided { order, purpose, witness, average_cost: None, list, last, quoted_at, line: None };
            progress.send(run, decided, numbers).await?;
        }
    }
    Ok(())
}

/// Sizes a pick, and returns the price it was sized at; an old quote is read again and its rules are applied anew.
async fn size<D: Desk>(
    run: &mut Run<'_, D>,
    view: &mut View,
    pick: &Candidate,
    planned: Usd,
) -> Result<Result<(OrderRequest, Usd), Skip>, Failure> {
    let mut pick = pick.clone();
    if run.is_old(view.quotes.get(&pick.symbol)) {
        let fresh = run.fetch_quote_again(pick.exchange, &pick.symbol).await?;
        view.quotes.insert(pick.symbol.clone(), fresh);
        run.look_for_split(&pick.symbol, &view.quotes, &view.positions).await?;
        match check_candidate(&facts(run, view), &pick.symbol) {
            Ok(again) => pick = again,
            Err(skip) => return Ok(Err(skip)),
        }
    }
    let share = share_of_cash(view.cash(), run.settings.buy.picks);
    let most = view.power.as_ref().filter(|(symbol, _)| *symbol == pick.symbol).map(|(_, power)| power.max_quantity);
    Ok(size_order(&facts(run, view), &pick, share, planned, most).map(|order| (order, pick.price.last)))
}

/// Fetches the quotes of the filter, and with them those of watch where one request takes both.
async fn fetch_first_quotes<D: Desk>(run: &mut Run<'_, D>) -> Result<BTreeMap<Symbol, Quoted>, Failure> {
    let all = listed_symbols(&run.settings.buy);
    let fits_one_request = all.len() <= run.desk.quotes_per_request();
    let is_filter = |symbol: &Symbol| run.settings.buy.filter.iter().any(|listed| listed.symbol == *symbol);
    let wanted: Vec<_> = all.into_values().filter(|listed| fits_one_request || is_filter(&listed.symbol)).collect();
    run.fetch_quotes(&wanted).await
}

/// Fetches the balance, and the quotes of what could still be bought.
async fn fetch_view<D: Desk>(
    run: &mut Run<'_, D>,
    (reconciled, holdings, tied_up): (Reconciled, Option<Holdings>, Usd),
    quotes: BTreeMap<Symbol, Quoted>,
) -> Result<View, Failure> {
    let Holdings { positions, odd_rows, .. } = match holdings {
        Some(holdings) => holdings,
        None => run.fetch_holdings(&reconciled).await?,
    };
    let (date, external) = (run.market.trading_date, &reconciled.findings.external);
    let held = held_quantities(&positions, run.desk.journal(), date, external);
    let external_open = reconciled.findings.open_external_buys();
    let power = None;
    let mut view = View { reconciled, positions, odd_rows, held, quotes, power, external_open, tied_up };
    let wanted = worth_a_quote(&facts(run, &view));
    fetch_more_quotes(run, &mut view, |symbol| wanted.contains(symbol)).await?;
    run.look_for_splits(&view.quotes, &view.positions, &view.odd_rows).await?;
    Ok(view)
}

/// Fetches the quotes of those listed symbols that have none yet.
async fn fetch_more_quotes<D: Desk>(
    run: &mut Run<'_, D>,
    view: &mut View,
    is_wanted: impl Fn(&Symbol) -> bool,
) -> Result<(), Failure> {
    let listed = listed_symbols(&run.settings.buy).into_values();
    let wanted: Vec<_> =
        listed.filter(|listed| is_wanted(&listed.symbol) && !view.quotes.contains_key(&listed.symbol)).collect();
    let quotes = run.fetch_quotes(&wanted).await?;
    view.quotes.extend(quotes);
    Ok(())
}

/// Every symbol of filter and watch once. An exchange written beside a symbol in either list holds for both.
fn listed_symbols(buy: &BuySettings) -> BTreeMap<Symbol, ListedSymbol> {
    let mut listed_symbols: BTreeMap<Symbol, ListedSymbol> = BTreeMap::new();
    for listed in buy.filter.iter().chain(&buy.watch) {
        let known = listed_symbols.entry(listed.symbol.clone()).or_insert_with(|| listed.clone());
        known.exchange = known.exchange.or(listed.exchange);
    }
    listed_symbols
}

fn facts<'a, D: Desk>(run: &'a Run<'_, D>, view: &'a View) -> BuyFacts<'a> {
    BuyFacts {
        buy: &run.settings.buy,
        sell: &run.settings.sell,
        limits: &run.settings.limits,
        journal: run.desk.journal(),
        trading_date: run.market.trading_date,
        positions: &view.positions,
        held: &view.held,
        odd_rows: &view.odd_rows,
        quotes: &view.quotes,
        external_open: &view.external_open,
    }
}
