//! What to buy: the filter, the candidates in rank order, and the size of each order.

mod size;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta};
use rust_decimal::Decimal;

use crate::config::{BuySettings, Limits, Rebuy, SellSettings};
use crate::decide::facts::{Quoted, check_believable, check_cent, check_move, check_own_orders, check_split, no_base};
use crate::decide::fold::JournalState;
use crate::decide::odd_rows::OddRows;
use crate::decide::refusals::check_refusals;
use crate::decide::rule::{Rule, Skip, passed};
use crate::decide::split::check_set_aside;
use crate::decide::words;
use crate::domain::money::show_percent;
use crate::domain::{Exchange, ListedSymbol, Percent, Position, Price, Side, Symbol, Usd};
use crate::language::Sentence;
use crate::ordered::Ordered;

pub use size::{limit_price, share_of_cash, size_order};

/// Everything a buy decision rests on.
#[derive(Clone, Copy, Debug)]
pub struct BuyFacts<'a> {
    /// `[buy]`.
    pub buy: &'a BuySettings,
    /// `[sell]`, for the cool-down's length.
    pub sell: &'a SellSettings,
    /// `[limits]`.
    pub limits: &'a Limits,
    /// The fold of the journal.
    pub journal: &'a JournalState,
    /// The running session's New York date.
    pub trading_date: NaiveDate,
    /// What the balance shows.
    pub positions: &'a BTreeMap<Symbol, Position>,
    /// Shares held, own fills included that the balance does not show yet.
    pub held: &'a BTreeMap<Symbol, u64>,
    /// Rows that can't be read.
    pub odd_rows: &'a OddRows,
    /// Quotes by symbol.
    pub quotes: &'a BTreeMap<Symbol, Quoted>,
    /// USD of open external buys by symbol; they count towards the same limits.
    pub external_open: &'a BTreeMap<Symbol, Usd>,
}

/// A symbol that passed every check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Ticker.
    pub symbol: Symbol,
    /// Listing exchange.
    pub exchange: Exchange,
    /// The price it was checked with.
    pub price: Price,
    /// Fall since yesterday's close in percent, positive.
    pub decline: Percent,
}

/// Whether the market mood lets us buy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Every symbol is above yesterday's close.
    Passed,
    /// These are not.
    NotMet(Sentence),
    /// These have no known price.
    Unknown(Sentence),
}

/// Checks that every filter symbol is strictly above yesterday's close.
pub fn check_filter(filter: &[ListedSymbol], quotes: &BTreeMap<Symbol, Quoted>) -> Filter {
    let (mut not_met, mut unknown) = (Vec::new(), Vec::new());
    for ListedSymbol { symbol, .. } in filter {
        match quotes.get(symbol).unwrap_or(&Quoted::Nothing).usable(symbol).map(|(_, price)| (price.last, price.base)) {
            Ok((last, Some(base))) if last > base => {}
            Ok((last, Some(base))) => not_met.push(words::not_above_close(symbol, last, base)),
            Ok((_, None)) => unknown.push(words::close_unknown(symbol)),
            Err(skip) => unknown.push(words::price_unknown(symbol, &skip.detail)),
        }
    }
    if !not_met.is_empty() {
        Filter::NotMet(Sentence::joined(&not_met, ", "))
    } else if !unknown.is_empty() {
        Filter::Unknown(Sentence::joined(&unknown, ", "))
    } else {
        Filter::Passed
    }
}

/// Symbols of `watch` that could still be bought, be their price what it may: only they are worth a quote.
pub fn worth_a_quote(facts: &BuyFacts<'_>) -> BTreeSet<Symbol> {
    let symbols = facts.buy.watch.iter().map(|listed| &listed.symbol);
    symbols.filter(|symbol| check_without_price(facts, symbol).is_ok()).cloned().ordered()
}

/// Picks what to buy, best first, and says why each other symbol was passed over. `sent` orders of this run count as picks.
pub fn plan_picks(facts: &BuyFacts<'_>, sent: usize) -> (Vec<Candidate>, Vec<Skip>) {
    let mut skipped = Vec::new();
    let checked = facts.buy.watch.iter().map(|listed| check_candidate(facts, &listed.symbol));
    let mut candidates = passed(checked, &mut skipped);
    candidates.sort_by(|a, b| b.decline.cmp(&a.decline).then_with(|| a.symbol.cmp(&b.symbol)));
    let mut occupied = occupied_symbols(facts);
    let mut picks = Vec::new();
    for (place, candidate) in candidates.into_iter().enumerate() {
        let symbol = candidate.symbol.clone();
        let place_taken =
            if occupied.contains(&symbol) { Ok(()) } else { check_places(facts, &symbol, occupied.len()) };
        if let Err(skip) = place_taken {
            skipped.push(skip);
        } else if picks.len() + sent >= facts.buy.picks as usize {
            let detail = words::not_picked(&show_percent(candidate.decline), place + 1);
            skipped.push(Skip::new(&symbol, Rule::NotPicked, detail));
        } else {
            occupied.insert(symbol);
            picks.push(candidate);
        }
    }
    (picks, skipped)
}

/// Checks one symbol against every rule that does not depend on the other candidates, those first that need no price.
///
/// # Errors
/// The first rule that forbids it.
pub fn check_candidate(facts: &BuyFacts<'_>, symbol: &Symbol) -> Result<Candidate, Skip> {
    check_set_aside(facts.journal, symbol)?;
    check_without_price(facts, symbol)?;
    let (exchange, price) = facts.quotes.get(symbol).unwrap_or(&Quoted::Nothing).usable(symbol)?;
    check_cent(symbol, price.last)?;
    let decline = check_decline(facts, symbol, &price)?;
    check_rebuy(facts, symbol, price.last)?;
    check_move(symbol, &price, facts.limits.max_price_move_percent)?;
    check_split(symbol, &price)?;
    if let Some(position) = facts.positions.get(symbol) {
        check_believable(position, price.last, facts.limits)?;
    }
    Ok(Candidate { symbol: symbol.clone(), exchange, price, decline })
}

fn check_without_price(facts: &BuyFacts<'_>, symbol: &Symbol) -> Result<(), Skip> {
    check_cooldown(facts, symbol)?;
    // An order of either side blocks a buy.
    check_own_orders(facts.journal.in_the_way_of_buys(symbol))?;
    facts.odd_rows.check(symbol)?;
    check_refusals(facts.journal, facts.trading_date, symbol, Side::Buy)?;
    let occupied = occupied_symbols(facts);
    if occupied.contains(symbol) { Ok(()) } else { check_places(facts, symbol, occupied.len()) }
}

/// Checks that a symbol which takes none of the places yet can have one.
fn check_places(facts: &BuyFacts<'_>, symbol: &Symbol, taken: usize) -> Result<(), Skip> {
    if taken < facts.limits.max_positions as usize {
        return Ok(());
    }
    let detail = match facts.limits.max_positions {
        1 => words::only_place_taken(),
        most => words::places_taken(taken, most),
    };
    Err(Skip::new(symbol, Rule::MaxPositions, detail))
}

/// The fall since yesterday's close in percent, when it is deep enough.
fn check_decline(facts: &BuyFacts<'_>, symbol: &Symbol, price: &Price) -> Result<Percent, Skip> {
    let change = price.change_percent().ok_or_else(|| no_base(symbol))?;
    let (decline, last, least) = (-change, price.last, facts.buy.min_decline_percent);
    if decline > least {
        return Ok(decline);
    }
    let detail = if change > Decimal::ZERO {
        words::rose(&show_percent(change), last, least)
    } else {
        words::fell_too_little(&show_percent(decline), last, least)
    };
    Err(Skip::new(symbol, Rule::DeclineTooSmall, detail))
}

/// Symbols that count against `max_positions`: held, or in own open or unknown buys. A watched one whose row in the balance
/// can't be read is held, too.
fn occupied_symbols(facts: &BuyFacts<'_>) -> BTreeSet<Symbol> {
    let buys = facts.journal.live().filter(|entry| entry.intent.side == Side::Buy);
    let is_watched = |symbol: &&Symbol| facts.buy.watch.iter().any(|listed| listed.symbol == **symbol);
    let unread = facts.odd_rows.held().filter(is_watched);
    facts.held.keys().chain(buys.map(|entry| &entry.intent.symbol)).chain(unread).cloned().ordered()
}

fn check_cooldown(facts: &BuyFacts<'_>, symbol: &Symbol) -> Result<(), Skip> {
    match cooldown_until(facts.journal, facts.sell, symbol) {
        Some(until) if facts.trading_date < until => Err(Skip::new(symbol, Rule::Cooldown, words::cooling_down(until))),
        _ => Ok(()),
    }
}

/// The first date on which a symbol may be bought again after its stop loss; `None` without one.
pub fn cooldown_until(journal: &JournalState, sell: &SellSettings, symbol: &Symbol) -> Option<NaiveDate> {
    let stopped = journal.stop_losses.get(symbol)?;
    stopped.checked_add_signed(TimeDelta::days(i64::from(sell.cooldown_days)))
}

fn check_rebuy(facts: &BuyFacts<'_>, symbol: &Symbol, last: Usd) -> Result<(), Skip> {
    let Some(sold) = facts.journal.last_sells.get(symbol) else { return Ok(()) };
    let detail = match facts.buy.rebuy {
        Rebuy::BelowLastSell if last >= sold.price => words::not_below_last_sell(last, sold.price),
        Rebuy::AboveLastSell if last <= sold.price => words::not_above_last_sell(last, sold.price),
        Rebuy::Any | Rebuy::BelowLastSell | Rebuy::AboveLastSell => return Ok(()),
    };
    Err(Skip::new(symbol, Rule::RebuyRule, detail))
}

#[cfg(test)]
mod tests;
