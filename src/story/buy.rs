//! `buy`: look, reconcile, decide, then order by order: journal, send, journal.

use std::collections::BTreeMap;

use crate::config::{BuySettings, Trading};
use crate::decide::buy::{
    BuyFacts, Candidate, Filter, check_candidate, check_filter, plan_picks, share_of_cash, size_order,
};
use crate::decide::facts::{Quoted, held_quantities, is_past_loss, total_usd};
use crate::decide::rule::{Rule, Skip};
use crate::decide::submit::Decided;
use crate::domain::account::BuyingPower;
use crate::domain::intent::{OrderRequest, Purpose, Witness};
use crate::domain::market_session::buy_cutoff;
use crate::domain::money::{Usd, percent_change, show_percent};
use crate::domain::order::Side;
use crate::domain::position::Position;
use crate::domain::symbol::{ListedSymbol, Symbol};
use crate::exit::{Ending, Failure, Reason};
use crate::story::desk::Desk;
use crate::story::open::first_gates;
use crate::story::reconcile::Reconciled;
use crate::story::run::Run;
use crate::story::trade::Progress;

/// Everything looked at before deciding.
struct View {
    reconciled: Reconciled,
    positions: BTreeMap<Symbol, Position>,
    held: BTreeMap<Symbol, u64>,
    quotes: BTreeMap<Symbol, Quoted>,
    power: Option<(Symbol, BuyingPower)>,
    external_open: BTreeMap<Symbol, Usd>,
}

/// What each pick may use, in USD, and what there was before the first order.
#[derive(Clone, Copy)]
struct Budget {
    share: Usd,
    cash: Usd,
}

/// Runs the command.
///
/// # Errors
/// When something the decision rests on can't be had, or state can't be written.
pub async fn buy<D: Desk>(run: &mut Run<'_, D>) -> Result<Ending, Failure> {
    if let Some(ending) = first_gates(run)? {
        return Ok(ending);
    }
    if let Some(ending) = gate_time(run) {
        return Ok(ending);
    }
    if run.settings.limits.trading == Trading::SellOnly {
        let detail = "[limits] trading is \"sell_only\": nothing is bought; sells and cancels go on";
        return Ok(Ending::nothing(Reason::SellOnly, detail));
    }
    let reconciled = run.reconcile().await?;
    if !reconciled.findings.foreign.is_empty() {
        return Ok(foreign_orders(run, &reconciled));
    }
    let mut view = look(run, reconciled).await?;
    run.notes.take_names(&view.positions);
    run.check_clock()?;
    if let Some(ending) = gate_total(run, &view).await? {
        return Ok(ending);
    }
    match check_filter(&run.settings.buy.filter, &view.quotes) {
        Filter::Passed => {}
        Filter::NotMet(detail) => return Ok(Ending::nothing(Reason::FilterNotMet, detail)),
        Filter::Unknown(detail) => return Ok(Ending::nothing(Reason::FilterUnknown, detail)),
    }
    buy_picks(run, &mut view).await
}

/// Ranks the candidates, then sends order by order, each sized from what is left at that moment.
async fn buy_picks<D: Desk>(run: &mut Run<'_, D>, view: &mut View) -> Result<Ending, Failure> {
    let (picks, skipped) = plan_picks(&facts(run, view), run.notes.sent.orders.len());
    let cash = view.power.as_ref().map_or(Usd::ZERO, |(_, power)| power.cash_usd());
    let mut progress = Progress::new(run.notes, skipped);
    let min_cash = run.settings.buy.min_cash;
    if !picks.is_empty() && cash < min_cash {
        let detail = format!("{} USD to order with, {min_cash} are needed", cash.to_cents());
        picks.iter().for_each(|pick| progress.skip(Skip::new(&pick.symbol, Rule::TooExpensive, detail.clone())));
        return Ok(progress.finish(run, || Ending::nothing(Reason::CashTooLow, detail)));
    }
    run.notes.check_writes()?;
    run.notes.has_decided = true;
    let budget = Budget { share: share_of_cash(cash, run.settings.buy.picks), cash };
    let mut planned = Usd::ZERO;
    for pick in picks {
        if !progress.may_send(run, Side::Buy, &pick.symbol) {
            continue;
        }
        if let Err(failure) = buy_one(run, view, &pick, budget, &mut planned, &mut progress).await {
            return Err(progress.keep(run, failure));
        }
    }
    Ok(progress.finish(run, || Ending::nothing(Reason::NoCandidate, "no watch symbol passed every rule")))
}

/// Sizes and sends one pick; `planned` grows in a dry run by what it would spend.
async fn buy_one<D: Desk>(
    run: &mut Run<'_, D>,
    view: &mut View,
    pick: &Candidate,
    budget: Budget,
    planned: &mut Usd,
    progress: &mut Progress,
) -> Result<(), Failure> {
    run.safe_point.check(run.desk)?;
    let numbers = format!("fell {} % from yesterday's close", show_percent(pick.decline));
    match look_again(run, view, pick, budget.share, *planned).await? {
        Err(skip) => progress.skip(skip),
        Ok((order, _)) if run.task.is_dry_run => {
            *planned = *planned + order.limit_price.times(order.quantity).unwrap_or_default();
            progress.plan(&order, Purpose::FellMost, numbers);
        }
        Ok((order, last)) => {
            let witness = witness(view, &order.symbol, budget.cash);
            let (purpose, list) = (Purpose::FellMost, &view.reconciled.list);
            let decided = Decided { order, purpose, witness, average_cost: None, list, last };
            progress.send(run, decided, numbers).await?;
        }
    }
    Ok(())
}

/// Sizes a pick, and says at which price; a quote that grew old is read again and its rules are applied anew.
async fn look_again<D: Desk>(
    run: &mut Run<'_, D>,
    view: &mut View,
    pick: &Candidate,
    share: Usd,
    planned: Usd,
) -> Result<Result<(OrderRequest, Usd), Skip>, Failure> {
    let mut pick = pick.clone();
    if run.is_old(view.quotes.get(&pick.symbol)) {
        let fresh = run.fetch_quote_again(pick.exchange, &pick.symbol).await?;
        view.quotes.insert(pick.symbol.clone(), fresh);
        match check_candidate(&facts(run, view), &pick.symbol) {
            Ok(again) => pick = again,
            Err(skip) => return Ok(Err(skip)),
        }
    }
    let most = view.power.as_ref().filter(|(symbol, _)| *symbol == pick.symbol).map(|(_, power)| power.max_quantity);
    Ok(size_order(&facts(run, view), &pick, share, planned, most).map(|order| (order, pick.price.last)))
}

/// Balance, quotes of filter and watch, and buying power: one look at everything.
async fn look<D: Desk>(run: &mut Run<'_, D>, reconciled: Reconciled) -> Result<View, Failure> {
    let positions = run.fetch_positions().await?;
    let held = held_quantities(&positions, run.desk.journal(), run.market.trading_date);
    let quotes = run.fetch_quotes(&wanted_quotes(&run.settings.buy)).await?;
    let priced = run.settings.buy.watch.iter().find_map(|ListedSymbol { symbol, .. }| {
        let (exchange, price) = quotes.get(symbol)?.usable(symbol).ok()?;
        Some((symbol.clone(), exchange, price.last))
    });
    let power = match priced {
        None => None,
        Some((symbol, exchange, last)) => {
            let offset = last.percent(run.settings.buy.limit_offset_percent);
            let price = (last + offset).up_to_tick();
            let ask = async |desk: &mut D| desk.buying_power(exchange, &symbol, price).await;
            let power = run.read("the buying power", ask).await?;
            Some((symbol, power))
        }
    };
    let external_open = reconciled.findings.open_external_buys();
    Ok(View { reconciled, positions, held, quotes, power, external_open })
}

/// Every symbol of filter and watch once. An exchange written beside a symbol in either list holds for both.
fn wanted_quotes(buy: &BuySettings) -> Vec<ListedSymbol> {
    let mut wanted: BTreeMap<Symbol, ListedSymbol> = BTreeMap::new();
    for listed in buy.filter.iter().chain(&buy.watch) {
        let known = wanted.entry(listed.symbol.clone()).or_insert_with(|| listed.clone());
        known.exchange = known.exchange.or(listed.exchange);
    }
    wanted.into_values().collect()
}

fn gate_time<D: Desk>(run: &Run<'_, D>) -> Option<Ending> {
    let until = run.settings.buy_until;
    let cutoff = buy_cutoff(run.market.trading_date, until)?;
    (run.desk.now().at >= cutoff).then(|| {
        let detail = format!("nothing is bought from {} New York time on", until.format("%H:%M"));
        Ending::nothing(Reason::AfterBuyUntil, detail)
    })
}

fn foreign_orders<D>(run: &mut Run<'_, D>, reconciled: &Reconciled) -> Ending {
    let foreign = &reconciled.findings.foreign;
    let orders: Vec<String> =
        foreign.iter().map(|row| format!("{} ({} {} {})", row.order_id, row.side, row.quantity, row.symbol)).collect();
    let detail = format!("another program or a restored backup trades this account: {}", orders.join(", "));
    run.notes.warnings.push(format!(
        "{detail}; if it is known to you, run `kis-trade cleanup --settle foreign={}`",
        foreign.first().map(|row| row.order_id.to_string()).unwrap_or_default()
    ));
    Ending::nothing(Reason::ForeignOrder, detail)
}

/// The account's total: without it, or with too much of it lost today, nothing is bought.
async fn gate_total<D: Desk>(run: &mut Run<'_, D>, view: &View) -> Result<Option<Ending>, Failure> {
    let unpriced: Vec<&str> =
        view.held.keys().filter(|symbol| price_of(view, symbol).is_none()).map(Symbol::as_str).collect();
    if !unpriced.is_empty() {
        let detail = format!("the price of {} is unknown, and so is the account's total", unpriced.join(", "));
        return Ok(Some(Ending::nothing(Reason::TotalUnknown, detail)));
    }
    // Without a known watch price nobody asked for cash; nothing can be bought then, and the reasons below say why.
    let Some((_, power)) = &view.power else { return Ok(None) };
    let total = total_usd(power.cash_usd(), &view.held, |symbol| price_of(view, symbol), run.desk.journal());
    let Some(total) = total else {
        return Ok(Some(Ending::nothing(Reason::TotalUnknown, "the account's total can't be computed")));
    };
    let date = run.market.trading_date;
    let first = run.desk.first_total(date)?;
    run.keep_total(total).await?;
    let Some(change) = first.and_then(|first| percent_change(first, total)) else { return Ok(None) };
    let most = run.settings.limits.max_daily_loss_percent;
    if !is_past_loss(change, most) {
        return Ok(None);
    }
    let detail =
        format!("the account is {} % down since the first look of {date}, more than {most} %", show_percent(-change));
    Ok(Some(Ending::nothing(Reason::DailyLossLimit, detail)))
}

/// The quote's price when there is one, else the balance's.
fn price_of(view: &View, symbol: &Symbol) -> Option<Usd> {
    let quoted = view.quotes.get(symbol).and_then(|quoted| quoted.usable(symbol).ok()).map(|(_, price)| price.last);
    quoted.or_else(|| view.positions.get(symbol).and_then(|position| position.balance_price))
}

fn witness(view: &View, symbol: &Symbol, cash: Usd) -> Witness {
    Witness {
        held: view.held.get(symbol).copied().unwrap_or(0),
        sellable: view.positions.get(symbol).map_or(0, |position| position.sellable_quantity),
        cash: Some(cash),
    }
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
        quotes: &view.quotes,
        external_open: &view.external_open,
    }
}
