//! What a sheet's orders came to, line by line, and what that does to shares and cash.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::decide::fold::Entry;
use crate::domain::{Ledger, Line, LineFill, Lot, OrderKind, Sheet, SheetLine, SheetOrder, Side, Symbol, Usd};

/// Places of an average cost: what it is multiplied with has six digits at most.
const COST_PLACES: u32 = 10;

/// Shares and USD of one line.
#[derive(Clone, Copy, Default)]
struct Tally {
    quantity: u64,
    dollars: Usd,
}

/// What filled of each line of a sheet, sells first. `closes` are the closes of its date as far as known: where netting left
/// nothing to send, no fill tells them.
pub fn fills_of<'a>(
    sheet: &Sheet,
    entries: impl Iterator<Item = &'a Entry>,
    closes: &BTreeMap<Symbol, Usd>,
) -> Vec<LineFill> {
    let mut tallies: Vec<Tally> = vec![Tally::default(); sheet.lines.len()];
    let mut of_netted: BTreeMap<&Symbol, Vec<&Entry>> = BTreeMap::new();
    for order in sheet.orders.iter().filter(|order| order.parts.is_empty()) {
        of_netted.entry(&order.symbol).or_default();
    }
    for entry in entries.filter(|entry| entry.filled_quantity > 0) {
        match &entry.intent.line {
            Some(line) if line.parts.is_empty() => of_netted.entry(&entry.intent.symbol).or_default().push(entry),
            Some(line) => book_in_turn(line, entry, &mut tallies),
            None => {}
        }
    }
    for (symbol, entries) in of_netted {
        book_netted(sheet, symbol, &entries, closes.get(symbol).copied(), &mut tallies);
    }
    let fill = |(line, tally): (&Line, &Tally)| {
        let price = tally.dollars.0.checked_div(Decimal::from(tally.quantity))?;
        Some(LineFill {
            role: line.role.clone(),
            trading_date: sheet.date,
            symbol: line.symbol.clone(),
            side: line.side,
            quantity: tally.quantity,
            price: Usd(price.round_dp(COST_PLACES).normalize()),
            ordered: line.quantity,
        })
    };
    let mut fills: Vec<LineFill> = sheet.lines.iter().zip(&tallies).filter_map(fill).collect();
    fills.sort_by_key(|fill| fill.side != Side::Sell);
    fills
}

/// Books an order's fill to its lines, each in full before the next.
fn book_in_turn(line: &SheetLine, entry: &Entry, tallies: &mut [Tally]) {
    let mut left = entry.filled_quantity;
    for part in &line.parts {
        if let Some(tally) = tallies.get_mut(part.line) {
            let quantity = left.min(part.quantity);
            book(tally, quantity, entry.average_price);
            left -= quantity;
        }
    }
}

fn book(tally: &mut Tally, quantity: u64, price: Usd) {
    tally.quantity += quantity;
    tally.dollars = tally.dollars + price.times(quantity).unwrap_or_default();
}

/// Books what netted orders came to: the close fills every line that it reaches. Where that is not what filled, for an order was
/// refused or got lost, shares and dollars stay right and the first line of the side has them.
fn book_netted(sheet: &Sheet, symbol: &Symbol, entries: &[&Entry], close: Option<Usd>, tallies: &mut [Tally]) {
    let at_close = |line: &Line| line.kind == OrderKind::Loc && line.symbol == *symbol;
    let Some(close) = entries.first().map(|entry| entry.average_price).or(close) else { return };
    let is_reached = |line: &Line| match (line.side, line.limit_price) {
        (Side::Buy, Some(limit)) => limit >= close,
        (Side::Sell, Some(limit)) => limit <= close,
        (_, None) => false,
    };
    let signed = |side, quantity: u64| if side == Side::Buy { i128::from(quantity) } else { -i128::from(quantity) };
    let reached = || sheet.lines.iter().enumerate().filter(|(_, line)| at_close(line) && is_reached(line));
    let wanted: i128 = reached().map(|(_, line)| signed(line.side, line.quantity)).sum();
    let filled: i128 = entries.iter().map(|entry| signed(entry.intent.side, entry.filled_quantity)).sum();
    if wanted == filled {
        for (place, line) in reached() {
            book(&mut tallies[place], line.quantity, close);
        }
        return;
    }
    for entry in entries {
        let is_its_side = |line: &&Line| at_close(line) && line.side == entry.intent.side;
        if let Some(tally) = sheet.lines.iter().position(|line| is_its_side(&line)).and_then(|at| tallies.get_mut(at)) {
            book(tally, entry.filled_quantity, entry.average_price);
        }
    }
}

/// Shares and cash after fills: sells first, so that what they leave is averaged with what is bought.
#[must_use]
pub fn ledger_after(ledger: &Ledger, fills: &[LineFill]) -> Ledger {
    let mut after = ledger.clone();
    for side in [Side::Sell, Side::Buy] {
        for fill in fills.iter().filter(|fill| fill.side == side) {
            let amount = fill.price.times(fill.quantity).unwrap_or_default();
            let lot = after.lot(&fill.symbol);
            let lot = match side {
                Side::Sell => {
                    after.cash = after.cash + amount;
                    Lot { quantity: lot.quantity.saturating_sub(fill.quantity), ..lot }
                }
                Side::Buy => {
                    after.cash = after.cash - amount;
                    let quantity = lot.quantity.saturating_add(fill.quantity);
                    let cost = lot.average_cost.times(lot.quantity).unwrap_or_default() + amount;
                    let average_cost = cost.0.checked_div(Decimal::from(quantity)).unwrap_or_default();
                    Lot { quantity, average_cost: Usd(average_cost.round_dp(COST_PLACES).normalize()) }
                }
            };
            after.lots.insert(fill.symbol.clone(), lot);
        }
    }
    // Cash to the cent: an average price of KIS's is rounded, and what was paid has no more than cents.
    after.cash = after.cash.to_cents();
    after.lots.retain(|_, lot| lot.quantity > 0);
    after
}

/// Shares of a symbol after the fills that the journal knows of its orders so far; for the balance to be held against in mid-day.
pub fn shares_now<'a>(sheet: &Sheet, symbol: &Symbol, entries: impl Iterator<Item = &'a Entry>) -> u64 {
    let of_symbol = entries.filter(|entry| entry.intent.symbol == *symbol);
    let (mut bought, mut sold) = (0_u64, 0_u64);
    for entry in of_symbol {
        match entry.intent.side {
            Side::Buy => bought = bought.saturating_add(entry.filled_quantity),
            Side::Sell => sold = sold.saturating_add(entry.filled_quantity),
        }
    }
    sheet.ledger.lot(symbol).quantity.saturating_add(bought).saturating_sub(sold)
}

/// An order of a sheet, as its intent names it.
pub fn line_of(sheet: &Sheet, place: usize, order: &SheetOrder) -> SheetLine {
    SheetLine { strategy: sheet.strategy.clone(), order: Some(place), parts: order.parts.clone() }
}

#[cfg(test)]
mod tests;
