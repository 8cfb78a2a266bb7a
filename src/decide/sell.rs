//! What to sell: stop losses first and all of them, then take profits, else the best position on the fallback.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::config::{Limits, SellSettings, StrategySettings};
use crate::decide::facts::{CENT, Quoted, check_believable, check_cent, check_move, check_own_orders, has_twin};
use crate::decide::fold::JournalState;
use crate::decide::odd_rows::OddRows;
use crate::decide::refusals::{check_refusals, check_stop_loss_refusals};
use crate::decide::rule::{Rule, Skip, passed};
use crate::decide::split::check_set_aside;
use crate::decide::strategy::words::{left_by_a_strategy, of_a_strategy};
use crate::decide::words;
use crate::domain::money::show_percent;
use crate::domain::{Exchange, OrderId, OrderKind, OrderRequest, Percent, Position, Purpose, Side, Stamp, Symbol, Usd};
use crate::language::Sentence;
use crate::language::counts::Shares;

/// Everything a sell decision rests on.
#[derive(Clone, Copy, Debug)]
pub struct SellFacts<'a> {
    /// `[sell]`.
    pub sell: &'a SellSettings,
    /// `[limits]`.
    pub limits: &'a Limits,
    /// Symbols of `[buy] watch`.
    pub watch: &'a BTreeSet<Symbol>,
    /// Whose symbols the rules leave alone.
    pub strategies: &'a [StrategySettings],
    /// The fold of the journal.
    pub journal: &'a JournalState,
    /// The running session's New York date.
    pub trading_date: NaiveDate,
    /// Holdings as the balance shows them, one a symbol.
    pub positions: &'a BTreeMap<Symbol, Position>,
    /// Rows that can't be read.
    pub odd_rows: &'a OddRows,
    /// Quotes by symbol.
    pub quotes: &'a BTreeMap<Symbol, Quoted>,
    /// Open external sells: they hold the shares back.
    pub external_sells: &'a BTreeMap<Symbol, OrderId>,
    /// This moment.
    pub now: &'a Stamp,
}

/// A holding to sell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// Ticker.
    pub symbol: Symbol,
    /// Listing exchange.
    pub exchange: Exchange,
    /// Shares that can be sold, all of which are.
    pub quantity: u64,
    /// Average cost a share in USD.
    pub average_cost: Usd,
    /// Last price in USD.
    pub last: Usd,
    /// Profit in percent of cost.
    pub profit: Percent,
    /// Which rule sells it.
    pub purpose: Purpose,
    /// What may sell it.
    pub care: Care,
}

/// Which rules take care of a holding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Care {
    /// All of them.
    Managed,
    /// The stop loss alone, of so many shares that the journal says we bought: the symbol left `[buy] watch`.
    StopLossOf(u64),
    /// None.
    NotManaged,
}

/// Which rules take care of a holding. Of shares that went by other hands, theirs went first.
pub fn care_of(sell: &SellSettings, is_watched: bool, journal: &JournalState, position: &Position) -> Care {
    match journal.own_shares(&position.symbol).min(position.quantity) {
        _ if is_watched => Care::Managed,
        // Shares of a strategy that is no longer configured are left alone until their symbol is in `[buy] watch`.
        _ if journal.is_of_strategy(&position.symbol) => Care::NotManaged,
        _ if sell.sells_all_positions => Care::Managed,
        _ if sell.stop_loss_percent.is_none() => Care::NotManaged,
        0 => Care::NotManaged,
        own => Care::StopLossOf(own),
    }
}

/// Holdings worth a quote: managed, sellable, without an order in the way. The others come with their rule.
pub fn sellable_positions<'a>(facts: &SellFacts<'a>) -> (Vec<&'a Position>, Vec<Skip>) {
    let mut skipped = Vec::new();
    let checked = facts.positions.values().map(|position| check_position(facts, position).map(|()| position));
    let wanted = passed(checked, &mut skipped);
    // What can't be read at all is no position; people see why nothing is sold of it.
    let is_ours = |symbol: &Symbol| {
        (facts.sell.sells_all_positions || facts.watch.contains(symbol)) && !facts.sell.keep.contains(symbol)
    };
    let unread = facts.odd_rows.held().filter(|symbol| is_ours(symbol) && !facts.positions.contains_key(symbol));
    skipped.extend(unread.filter_map(|symbol| facts.odd_rows.check(symbol).err()));
    (wanted, skipped)
}

/// Holdings of which nothing can be sold, for an external order holds the shares: people hear when their stop loss is due.
pub fn withheld_positions<'a>(facts: &SellFacts<'a>, skipped: &[Skip]) -> Vec<&'a Position> {
    let is_withheld =
        |skip: &&Skip| skip.rule == Rule::NothingSellable && facts.external_sells.contains_key(&skip.symbol);
    skipped.iter().filter(is_withheld).filter_map(|skip| facts.positions.get(&skip.symbol)).collect()
}

/// Says of each withheld holding whose stop loss is due which order holds the shares.
fn tell_withheld(facts: &SellFacts<'_>, skipped: &mut [Skip]) {
    for position in withheld_positions(facts, skipped) {
        let symbol = &position.symbol;
        let is_due = check_holding(facts, position).is_ok_and(|pick| applies(facts, Purpose::StopLoss, pick.profit));
        if let Some(order_id) = facts.external_sells.get(symbol).filter(|_| is_due)
            && let Some(skip) = skipped.iter_mut().find(|skip| skip.symbol == *symbol)
        {
            let detail = words::stop_loss_held(symbol, order_id);
            *skip = Skip::new(symbol, Rule::NothingSellable, detail).notified();
        }
    }
}

/// Decides what to sell, in the order of sending, and says why each other holding stays.
pub fn plan_sells(facts: &SellFacts<'_>) -> (Vec<Pick>, Vec<Skip>) {
    let (wanted, mut skipped) = sellable_positions(facts);
    tell_withheld(facts, &mut skipped);
    let mut left = passed(wanted.into_iter().map(|position| check_holding(facts, position)), &mut skipped);
    left.sort_by(|a, b| b.profit.cmp(&a.profit).then_with(|| a.symbol.cmp(&b.symbol)));
    let mut picks = take(facts, &mut left, Purpose::StopLoss, usize::MAX);
    picks.sort_by_key(|pick| pick.profit);
    let (managed, stop_loss_only): (Vec<_>, Vec<_>) = left.into_iter().partition(|pick| pick.care == Care::Managed);
    skipped.extend(stop_loss_only.iter().map(|pick| stop_loss_goes_on(facts, pick)));
    left = managed;
    let most = facts.sell.sells_per_run.map_or(usize::MAX, |most| most as usize);
    picks.extend(take(facts, &mut left, Purpose::TakeProfit, most));
    if picks.is_empty() {
        picks = take(facts, &mut left, Purpose::FallbackTakeProfit, 1);
    }
    skipped.extend(left.iter().map(|pick| Skip::new(&pick.symbol, Rule::Hold, hold_detail(facts, pick))));
    (picks, skipped)
}

/// Checks one holding with its quote.
///
/// # Errors
/// The rule that forbids any sell of it.
pub fn check_holding(facts: &SellFacts<'_>, position: &Position) -> Result<Pick, Skip> {
    let symbol = &position.symbol;
    check_set_aside(facts.journal, symbol)?;
    let Some(average_cost) = position.average_cost else {
        return Err(unprotected(symbol, words::cost_unknown()));
    };
    let quoted = facts.quotes.get(symbol).unwrap_or(&Quoted::Unanswered);
    let (exchange, price) = quoted.usable(symbol).map_err(|skip| match (skip.rule, quoted) {
        // The first trade of a day may come late, and the next run asks again for a lost answer; any other lack lasts.
        (Rule::PriceUnknown, Quoted::Found(quote)) if !quote.traded_today => skip,
        (Rule::PriceUnknown, Quoted::Found(_) | Quoted::Nothing | Quoted::Refused(_)) => {
            unprotected(symbol, words::unpriced(&skip.detail))
        }
        _ => skip,
    })?;
    check_cent(symbol, price.last)?;
    check_move(symbol, &price, facts.limits.max_price_move_percent)?;
    check_believable(position, price.last, facts.limits)?;
    let Some(profit) = position.profit_percent(price.last) else {
        return Err(unprotected(symbol, words::profit_unknown()));
    };
    if applies(facts, Purpose::StopLoss, profit) {
        check_stop_loss_refusals(facts.journal, facts.trading_date, symbol, facts.now)?;
    } else {
        check_refusals(facts.journal, facts.trading_date, symbol, Side::Sell)?;
    }
    Ok(Pick {
        symbol: symbol.clone(),
        exchange: position.exchange.unwrap_or(exchange),
        quantity: match care(facts, position) {
            Care::StopLossOf(own) => own.min(position.sellable_quantity),
            Care::Managed | Care::NotManaged => position.sellable_quantity,
        },
        average_cost,
        last: price.last,
        profit,
        purpose: Purpose::TakeProfit,
        care: care(facts, position),
    })
}

/// A holding that no rule can judge: people hear of it, for nothing else protects it.
fn unprotected(symbol: &Symbol, why: Sentence) -> Skip {
    Skip::new(symbol, Rule::PriceUnknown, why).notified()
}

/// Reports whether a rule sells a holding with this profit; asked again with a fresh price right before the order.
pub fn applies(facts: &SellFacts<'_>, purpose: Purpose, profit: Percent) -> bool {
    match purpose {
        Purpose::StopLoss => facts.sell.stop_loss_percent.is_some_and(|stop| profit <= -stop),
        Purpose::TakeProfit => profit >= facts.sell.take_profit_percent,
        Purpose::FallbackTakeProfit => facts.sell.fallback_take_profit_percent.is_some_and(|least| profit >= least),
        Purpose::FellMost | Purpose::Sheet => false,
    }
}

/// Prices the order for a holding: under last by the rule's offset, rounded down to the tick.
///
/// # Errors
/// `untradable` when no price is left that KIS takes.
pub fn price_order(facts: &SellFacts<'_>, pick: &Pick) -> Result<OrderRequest, Skip> {
    check_cent(&pick.symbol, pick.last)?;
    let offset = match pick.purpose {
        Purpose::StopLoss => facts.sell.stop_loss_offset_percent,
        _ => facts.sell.limit_offset_percent,
    };
    // KIS takes no order under a cent.
    let mut limit_price = (pick.last - pick.last.percent(offset)).down_to_tick().max(CENT);
    // No two intents of one day may be equal; a later sell moves down by a tick, so that it still fills.
    for _ in 0..=facts.journal.of_day(facts.trading_date).count() {
        if limit_price < CENT {
            break;
        }
        let order = OrderRequest {
            exchange: pick.exchange,
            symbol: pick.symbol.clone(),
            side: Side::Sell,
            quantity: pick.quantity,
            limit_price,
            kind: OrderKind::Limit,
        };
        if !has_twin(facts.journal, facts.trading_date, &order) {
            return Ok(order);
        }
        limit_price = (limit_price - limit_price.tick()).down_to_tick();
    }
    Err(Skip::new(&pick.symbol, Rule::Untradable, words::no_limit_price(CENT, pick.last)))
}

fn check_position(facts: &SellFacts<'_>, position: &Position) -> Result<(), Skip> {
    let symbol = &position.symbol;
    if let Some(strategy) = facts.strategies.iter().find(|strategy| strategy.trades(symbol)) {
        return Err(Skip::new(symbol, Rule::StrategySymbol, of_a_strategy(symbol, &strategy.name)));
    }
    if facts.sell.keep.contains(symbol) {
        return Err(Skip::new(symbol, Rule::Keep, words::kept(Shares(position.quantity))));
    }
    if care(facts, position) == Care::NotManaged {
        if facts.journal.is_of_strategy(symbol) {
            return Err(Skip::new(symbol, Rule::NotManaged, left_by_a_strategy(position.quantity)).notified());
        }
        return Err(Skip::new(symbol, Rule::NotManaged, words::not_managed(Shares(position.quantity))));
    }
    facts.odd_rows.check(symbol)?;
    if position.on_credit {
        return Err(Skip::new(symbol, Rule::LoanHolding, words::on_credit()));
    }
    check_own_orders(facts.journal.in_the_way_of_sells(symbol))?;
    if position.sellable_quantity == 0 {
        return Err(Skip::new(symbol, Rule::NothingSellable, words::nothing_sellable(position.quantity)));
    }
    Ok(())
}

fn care(facts: &SellFacts<'_>, position: &Position) -> Care {
    care_of(facts.sell, facts.watch.contains(&position.symbol), facts.journal, position)
}

/// A holding of ours that left `[buy] watch`: nothing but its stop loss goes on, and people hear of it.
fn stop_loss_goes_on(facts: &SellFacts<'_>, pick: &Pick) -> Skip {
    let symbol = &pick.symbol;
    let stop = facts.sell.stop_loss_percent.map_or_else(words::stop_off, words::stop_at);
    let profit = show_percent(pick.profit);
    let detail = match pick.quantity {
        1 => words::stop_loss_of_one_goes_on(&profit, &stop, symbol),
        own => words::stop_loss_goes_on(own, &profit, &stop, symbol),
    };
    Skip::new(symbol, Rule::NotManaged, detail).notified()
}

/// Takes the best holdings to which a rule applies, `most` of them.
fn take(facts: &SellFacts<'_>, left: &mut Vec<Pick>, purpose: Purpose, most: usize) -> Vec<Pick> {
    let taken = left.extract_if(.., |pick| applies(facts, purpose, pick.profit)).take(most);
    taken.map(|pick| Pick { purpose, ..pick }).collect()
}

fn hold_detail(facts: &SellFacts<'_>, pick: &Pick) -> Sentence {
    let (profit, take) = (show_percent(pick.profit), facts.sell.take_profit_percent);
    if pick.profit >= take {
        return words::sells_per_run_reached(&profit);
    }
    match facts.sell.stop_loss_percent {
        Some(stop) => words::hold(&profit, take, stop),
        None => words::hold_without_stop(&profit, take),
    }
}

#[cfg(test)]
mod tests;
