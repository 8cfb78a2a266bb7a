//! What a decision may rest on besides the journal: holdings united with own fills, and quotes that may be missing.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::config::Limits;
use crate::decide::fold::JournalState;
use crate::decide::rule::{Rule, Skip};
use crate::domain::intent::OrderRequest;
use crate::domain::money::{Percent, Usd, percent_change, show_percent};
use crate::domain::order::Side;
use crate::domain::position::Position;
use crate::domain::quote::{Price, Quote};
use crate::domain::symbol::{Exchange, Symbol};

/// Quote and balance further apart than this are not believed.
const MAX_QUOTE_TO_BALANCE_PERCENT: Percent = Decimal::from_parts(5, 0, 0, false, 0);

/// What asking for a symbol's quote gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quoted {
    /// One exchange lists it.
    Found(Quote),
    /// Several exchanges give a price; the user must say which.
    Ambiguous(Vec<Exchange>),
    /// No exchange gives a price, or the question failed.
    Nothing,
}

impl Quoted {
    /// The usable price with its exchange, or the rule that stands in the way.
    ///
    /// # Errors
    /// `price_unknown` or `exchange_ambiguous`.
    pub fn usable(&self, symbol: &Symbol) -> Result<(Exchange, Price), Skip> {
        match self {
            Quoted::Found(quote) => match quote.price() {
                Some(price) => Ok((quote.exchange, price)),
                None if !quote.traded_today => Err(Skip::new(symbol, Rule::PriceUnknown, "it has not traded today")),
                None => Err(Skip::new(symbol, Rule::PriceUnknown, "KIS gives no price")),
            },
            Quoted::Ambiguous(exchanges) => {
                let codes: Vec<&str> = exchanges.iter().map(|exchange| exchange.code()).collect();
                let detail = format!("{} give a price; write {}:{symbol}", codes.join(" and "), codes.join("|"));
                Err(Skip::new(symbol, Rule::ExchangeAmbiguous, detail))
            }
            Quoted::Nothing => Err(Skip::new(symbol, Rule::PriceUnknown, "no exchange gives a price")),
        }
    }
}

/// Reports whether a day's change of the account's total, in percent, is a loss that stops buying.
pub fn is_past_loss(change: Percent, most: Percent) -> bool {
    -change > most
}

/// Refuses a price that moved further from yesterday's close than is believable, or has no close to compare with.
///
/// # Errors
/// `price_suspicious`.
pub fn check_move(symbol: &Symbol, price: &Price, most: Option<Percent>) -> Result<(), Skip> {
    let Some(most) = most else { return Ok(()) };
    match price.change_percent() {
        None => Err(Skip::new(symbol, Rule::PriceSuspicious, "yesterday's close is unknown")),
        Some(change) if change.abs() > most => {
            let detail = format!(
                "last {} is {} % from yesterday's close, more than {most} %; a split or a wrong listing looks like this",
                price.last,
                show_percent(change)
            );
            Err(Skip::new(symbol, Rule::PriceSuspicious, detail))
        }
        Some(_) => Ok(()),
    }
}

/// Refuses a symbol whose position does not fit its quote: the balance's own price is far from it, or the profit is not
/// believable. After a split shares and cost are adjusted days later than the quote.
///
/// # Errors
/// `price_suspicious`.
pub fn check_believable(position: &Position, last: Usd, limits: &Limits) -> Result<(), Skip> {
    let suspicious = |detail: String| Err(Skip::new(&position.symbol, Rule::PriceSuspicious, detail));
    if let Some(balance) = position.balance_price
        && let Some(apart) = percent_change(balance, last)
        && apart.abs() > MAX_QUOTE_TO_BALANCE_PERCENT
    {
        return suspicious(format!("quote {last} and balance {balance} are {} % apart", show_percent(apart.abs())));
    }
    if let Some((low, high)) = limits.plausible_profit_percent
        && let Some(profit) = position.profit_percent(last)
        && (profit < low || profit > high)
    {
        let profit = show_percent(profit);
        return suspicious(format!("profit {profit} % is outside {low} to {high} %; a split looks like this"));
    }
    Ok(())
}

/// Refuses a side of a symbol that KIS refused twice on this trading date.
///
/// # Errors
/// `refused_today`.
pub fn check_refusals(journal: &JournalState, day: NaiveDate, symbol: &Symbol, side: Side) -> Result<(), Skip> {
    let refusals = journal.refusals_on(day, symbol, side);
    if refusals >= 2 {
        let detail = format!("KIS refused this {side} {refusals} times today; left alone until the next trading date");
        return Err(Skip::new(symbol, Rule::RefusedToday, detail));
    }
    Ok(())
}

/// Reports whether an intent of the day has the same symbol, side, quantity and price.
pub fn has_twin(journal: &JournalState, day: NaiveDate, order: &OrderRequest) -> bool {
    journal.of_day(day).map(|entry| &entry.intent).any(|intent| {
        intent.symbol == order.symbol
            && intent.side == order.side
            && intent.quantity == order.quantity
            && intent.limit_price == order.limit_price
    })
}

/// Shares held: the balance united with own fills of the trading date that it does not show yet.
///
/// The balance can lag a fill by minutes. What the first intent of the date saw, plus own buys, less own sells, is
/// what must be there; the larger number counts, since it only limits buying.
pub fn held_quantities(
    positions: &BTreeMap<Symbol, Position>,
    journal: &JournalState,
    day: NaiveDate,
) -> BTreeMap<Symbol, u64> {
    let mut held: BTreeMap<Symbol, u64> =
        positions.values().map(|position| (position.symbol.clone(), position.quantity)).collect();
    let mut expected: BTreeMap<Symbol, (u64, u64, u64)> = BTreeMap::new();
    for entry in journal.of_day(day) {
        let numbers = expected.entry(entry.intent.symbol.clone()).or_insert((entry.intent.witness.held, 0, 0));
        match entry.intent.side {
            Side::Buy => numbers.1 += entry.filled_quantity,
            Side::Sell => numbers.2 += entry.filled_quantity,
        }
    }
    for (symbol, (before, bought, sold)) in expected {
        if bought == 0 {
            continue;
        }
        let must_be = (before + bought).saturating_sub(sold);
        let shown = held.entry(symbol).or_insert(0);
        *shown = (*shown).max(must_be);
    }
    held.retain(|_, quantity| *quantity > 0);
    held
}

/// USD of the account as far as it can be known: cash, holdings at their price, and what open and unknown buys reserve.
/// `None` when a holding has no price.
pub fn total_usd(
    cash: Usd,
    held: &BTreeMap<Symbol, u64>,
    price_of: impl Fn(&Symbol) -> Option<Usd>,
    journal: &JournalState,
) -> Option<Usd> {
    let positions = positions_usd(held, price_of)?;
    let reserved: Usd = journal.live().map(|entry| entry.open_value()).sum();
    Some(cash + positions + reserved)
}

/// USD of all holdings at their price; `None` when one has none.
pub fn positions_usd(held: &BTreeMap<Symbol, u64>, price_of: impl Fn(&Symbol) -> Option<Usd>) -> Option<Usd> {
    held.iter().map(|(symbol, quantity)| price_of(symbol)?.times(*quantity)).sum()
}

#[cfg(test)]
mod tests;
