//! `buy`: look, settle, decide, then order by order: journal, send, journal.

use std::collections::BTreeMap;

use crate::cmd::notes::Notes;
use crate::cmd::open::{Opened, gate_closed, gate_first};
use crate::cmd::quotes::{fetch_again, fetch_quotes};
use crate::cmd::settle::{Settled, fetch_positions, settle};
use crate::cmd::trade::{MAX_QUOTE_AGE, Progress};
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
use crate::store::equity;

/// Everything looked at before deciding.
struct View {
    settled: Settled,
    positions: BTreeMap<Symbol, Position>,
    held: BTreeMap<Symbol, u64>,
    quotes: BTreeMap<Symbol, Quoted>,
    power: Option<(Symbol, BuyingPower)>,
    others_open: BTreeMap<Symbol, Usd>,
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
    if let Some(ending) = gate_time(open) {
        return Ok(ending);
    }
    if open.settings.limits.trading == Trading::SellOnly {
        let detail = "[limits] trading is \"sell_only\": nothing is bought; sells and cancels go on";
        return Ok(Ending::nothing(Reason::SellOnly, detail));
    }
    let settled = settle(open, notes)?;
    if !settled.findings.foreign.is_empty() {
        return Ok(foreign_orders(&settled, notes));
    }
    let mut view = look(open, settled)?;
    notes.take_names(&view.positions);
    open.broker.check_clock()?;
    if let Some(ending) = gate_total(open, &view, notes)? {
        return Ok(ending);
    }
    match check_filter(&open.settings.buy.filter, &view.quotes) {
        Filter::Passed => {}
        Filter::NotMet(detail) => return Ok(Ending::nothing(Reason::FilterNotMet, detail)),
        Filter::Unknown(detail) => return Ok(Ending::nothing(Reason::FilterUnknown, detail)),
    }
    buy_picks(open, notes, &mut view)
}

/// Ranks the candidates, then sends order by order, each sized from what is left at that moment.
fn buy_picks(open: &mut Opened, notes: &mut Notes, view: &mut View) -> Result<Ending, Failure> {
    let (picks, skipped) = plan_picks(&facts(open, view), notes.sent.orders.len());
    let cash = view.power.as_ref().map_or(Usd::ZERO, |(_, power)| power.cash_usd());
    let mut progress = Progress::new(notes, skipped);
    if !picks.is_empty() && cash < open.settings.buy.min_cash {
        let detail = format!("{} USD to order with, {} are needed", cash.to_cents(), open.settings.buy.min_cash);
        picks.iter().for_each(|pick| progress.skip(Skip::new(&pick.symbol, Rule::TooExpensive, detail.clone())));
        return Ok(progress.finish(notes, false, |_| Ending::nothing(Reason::CashTooLow, detail)));
    }
    notes.check_writes()?;
    notes.has_decided = true;
    let share = share_of_cash(cash, open.settings.buy.picks);
    let mut planned = Usd::ZERO;
    for pick in picks {
        if !progress.may_send(open, Side::Buy, &pick.symbol) {
            continue;
        }
        let may_go_on = open.broker.safe_point.check();
        let sent = may_go_on.and_then(|()| buy_one(open, view, &pick, (share, cash), &mut planned, &mut progress));
        if let Err(failure) = sent {
            return Err(progress.keep(open, notes, failure));
        }
    }
    Ok(progress
        .finish(notes, open.is_dry_run, |_| Ending::nothing(Reason::NoCandidate, "no watch symbol passed every rule")))
}

/// Sizes and sends one pick; `planned` grows in a dry run by what it would spend.
fn buy_one(
    open: &mut Opened,
    view: &mut View,
    pick: &Candidate,
    (share, cash): (Usd, Usd),
    planned: &mut Usd,
    progress: &mut Progress,
) -> Result<(), Failure> {
    progress.explain(format!("fell {} % from yesterday's close", show_percent(pick.decline)));
    match look_again(open, view, pick, share, *planned)? {
        Err(skip) => progress.skip(skip),
        Ok((order, _)) if open.is_dry_run => {
            *planned = *planned + order.limit_price.times(order.quantity).unwrap_or_default();
            progress.plan(&order, Purpose::FellMost);
        }
        Ok((order, last)) => {
            let witness = witness(view, &order.symbol, cash);
            let list = &view.settled.list;
            progress
                .send(open, Decided { order, purpose: Purpose::FellMost, witness, average_cost: None, list, last })?;
        }
    }
    Ok(())
}

/// Sizes a pick, and says at which price; a quote that grew old is read again and its rules are applied anew.
fn look_again(
    open: &mut Opened,
    view: &mut View,
    pick: &Candidate,
    share: Usd,
    planned: Usd,
) -> Result<Result<(OrderRequest, Usd), Skip>, Failure> {
    let mut pick = pick.clone();
    if let Some(Quoted::Found(quote)) = view.quotes.get(&pick.symbol)
        && open.clock.since_boot().saturating_sub(quote.read_at) > MAX_QUOTE_AGE
    {
        let fresh = fetch_again(open, pick.exchange, &pick.symbol)?;
        view.quotes.insert(pick.symbol.clone(), fresh);
        match check_candidate(&facts(open, view), &pick.symbol) {
            Ok(again) => pick = again,
            Err(skip) => return Ok(Err(skip)),
        }
    }
    let most = view.power.as_ref().filter(|(symbol, _)| *symbol == pick.symbol).map(|(_, power)| power.max_quantity);
    Ok(size_order(&facts(open, view), &pick, share, planned, most).map(|order| (order, pick.price.last)))
}

/// Balance, quotes of filter and watch, and buying power: one look at everything.
fn look(open: &mut Opened, settled: Settled) -> Result<View, Failure> {
    let positions = fetch_positions(open)?;
    let held = held_quantities(&positions, open.journal.state(), open.market.trading_date);
    let quotes = fetch_quotes(open, &wanted_quotes(&open.settings.buy))?;
    let watch = open.settings.buy.watch.iter().map(|listed| &listed.symbol);
    let priced = watch.filter_map(|symbol| {
        let (exchange, price) = quotes.get(symbol)?.usable(symbol).ok()?;
        Some((symbol.clone(), exchange, price.last))
    });
    let power = match priced.into_iter().next() {
        None => None,
        Some((symbol, exchange, last)) => {
            let offset = last.percent(open.settings.buy.limit_offset_percent);
            let price = (last + offset).up_to_tick();
            let power =
                open.broker.read("the buying power", |gateway| gateway.fetch_buying_power(exchange, &symbol, price))?;
            Some((symbol, power))
        }
    };
    let others_open = settled.findings.open_buys_of_others();
    Ok(View { settled, positions, held, quotes, power, others_open })
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

fn gate_time(open: &Opened) -> Option<Ending> {
    let cutoff = buy_cutoff(open.market.trading_date, open.settings.buy_until)?;
    (open.clock.now() >= cutoff).then(|| {
        let detail = format!("nothing is bought from {} New York time on", open.settings.buy_until.format("%H:%M"));
        Ending::nothing(Reason::AfterBuyUntil, detail)
    })
}

fn foreign_orders(settled: &Settled, notes: &mut Notes) -> Ending {
    let foreign = &settled.findings.foreign;
    let orders: Vec<String> =
        foreign.iter().map(|row| format!("{} ({} {} {})", row.order_id, row.side, row.quantity, row.symbol)).collect();
    let detail = format!("another program or a restored backup trades this account: {}", orders.join(", "));
    notes.warnings.push(format!(
        "{detail}; if it is known to you, run `kis-trade cleanup --settle foreign={}`",
        foreign.first().map(|row| row.order_id.to_string()).unwrap_or_default()
    ));
    Ending::nothing(Reason::ForeignOrder, detail)
}

/// The account's total: without it, or with too much of it lost today, nothing is bought.
fn gate_total(open: &Opened, view: &View, notes: &mut Notes) -> Result<Option<Ending>, Failure> {
    let unpriced: Vec<&str> =
        view.held.keys().filter(|symbol| price_of(view, symbol).is_none()).map(Symbol::as_str).collect();
    if !unpriced.is_empty() {
        let detail = format!("the price of {} is unknown, and so is the account's total", unpriced.join(", "));
        return Ok(Some(Ending::nothing(Reason::TotalUnknown, detail)));
    }
    // Without a known watch price nobody asked for cash; nothing can be bought then, and the reasons below say why.
    let Some((_, power)) = &view.power else { return Ok(None) };
    let journal = open.journal.state();
    let Some(total) = total_usd(power.cash_usd(), &view.held, |symbol| price_of(view, symbol), journal) else {
        return Ok(Some(Ending::nothing(Reason::TotalUnknown, "the account's total can't be computed")));
    };
    let date = open.market.trading_date;
    let first = equity::first_of(open.dir.path(), date)?;
    open.save_sample(notes, total)?;
    let Some(change) = first.and_then(|first| percent_change(first.total, total)) else { return Ok(None) };
    let most = open.settings.limits.max_daily_loss_percent;
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

fn facts<'a>(open: &'a Opened, view: &'a View) -> BuyFacts<'a> {
    BuyFacts {
        buy: &open.settings.buy,
        sell: &open.settings.sell,
        limits: &open.settings.limits,
        journal: open.journal.state(),
        trading_date: open.market.trading_date,
        positions: &view.positions,
        held: &view.held,
        quotes: &view.quotes,
        others_open: &view.others_open,
    }
}

#[cfg(test)]
mod tests;
