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
mod tests {
    use super::*;
    use crate::decide::strategy::test_support::{emulated_for, intent_for, journal_with, ledger, send, sheet};
    use crate::decide::test_support::{symbol, usd};
    use crate::domain::IntentState::{Cancelled, Expired, Filled};

    /// `l0 3@78.50`, a line that filled.
    fn shown(fills: &[LineFill]) -> Vec<String> {
        fills.iter().map(|fill| format!("{} {}@{} of {}", fill.role, fill.quantity, fill.price, fill.ordered)).collect()
    }

    #[test]
    fn a_fill_is_booked_to_its_lines_in_turn_and_sells_come_first() {
        let sheet =
            sheet(&["buy 3@78.11 loc half", "buy 4@78.11 loc half", "buy 1@60 loc rung", "sell 9@80 loc quarter"]);
        let mut journal = journal_with(&sheet);
        send(&mut journal, intent_for(&sheet, 1, 1), Cancelled, 5, "78");
        send(&mut journal, intent_for(&sheet, 0, 2), Expired, 0, "0");
        send(&mut journal, intent_for(&sheet, 2, 3), Filled, 1, "59.5");
        let fills = || fills_of(&sheet, journal.state.orders_of("s", sheet.date), &BTreeMap::new());
        assert_eq!(shown(&fills()), ["half 3@78.00 of 3", "half 2@78.00 of 4", "rung 1@59.50 of 1"]);
    }

    #[test]
    fn what_went_again_counts_with_what_went_before() {
        let sheet = sheet(&["sell 9@80 loc quarter", "buy 4@70 loc full"]);
        let mut journal = journal_with(&sheet);
        send(&mut journal, intent_for(&sheet, 1, 1), Cancelled, 1, "70");
        send(&mut journal, intent_for(&sheet, 1, 2), Filled, 3, "66");
        send(&mut journal, intent_for(&sheet, 0, 3), Filled, 9, "81");
        let fills = fills_of(&sheet, journal.state.orders_of("s", sheet.date), &BTreeMap::new());
        assert_eq!(shown(&fills), ["quarter 9@81.00 of 9", "full 4@67.00 of 4"]);
    }

    #[test]
    fn an_order_for_deferred_lines_is_booked_to_them() {
        let sheet = sheet(&["buy 3@78 loc a", "buy 4@71 loc b", "buy 1@68 loc c"]);
        let mut journal = journal_with(&sheet);
        send(&mut journal, emulated_for(&sheet, &[0, 1], 1), Filled, 7, "70.3");
        let fills = fills_of(&sheet, journal.state.orders_of("s", sheet.date), &BTreeMap::new());
        assert_eq!(shown(&fills), ["a 3@70.30 of 3", "b 4@70.30 of 4"]);
    }

    #[test]
    fn netted_orders_are_booked_to_the_lines_that_the_close_reaches() {
        let sheet = sheet(&["buy 28@65.11 loc b", "sell 29@63.73 loc s"]);
        let closes = |close: &str| BTreeMap::from([(symbol("TQQQ"), usd(close))]);
        // Sent: sell 1@63.73, sell 28@65.12, buy 28@63.72.
        let filled = |filled: [(u64, &str); 3]| {
            let mut journal = journal_with(&sheet);
            for (place, (shares, price)) in filled.into_iter().enumerate() {
                let state = if shares == sheet.orders[place].quantity { Filled } else { Expired };
                send(&mut journal, intent_for(&sheet, place, 1 + u32::try_from(place).unwrap()), state, shares, price);
            }
            journal
        };
        let none = (0, "0");
        for (name, fills, close, booked) in [
            ("both sides reached", [(1, "64"), none, none], "64", vec!["s 29@64.00 of 29", "b 28@64.00 of 28"]),
            ("above", [(1, "66"), (28, "66"), none], "66", vec!["s 29@66.00 of 29"]),
            ("below", [none, none, (28, "60")], "60", vec!["b 28@60.00 of 28"]),
            ("one refused: what filled counts", [none, (28, "66"), none], "66", vec!["s 28@66.00 of 29"]),
        ] {
            let journal = filled(fills);
            let booked_now = fills_of(&sheet, journal.state.orders_of("s", sheet.date), &closes(close));
            assert_eq!(shown(&booked_now), booked, "{name}");
        }
        // Equal sides net to nothing near the market: no fill tells the close.
        let even = crate::decide::strategy::test_support::sheet(&["buy 5@10 loc b", "sell 5@10 loc s"]);
        let journal = journal_with(&even);
        let booked = |closes| shown(&fills_of(&even, journal.state.orders_of("s", even.date), &closes));
        assert_eq!(booked(closes("10")), ["s 5@10.00 of 5", "b 5@10.00 of 5"]);
        assert_eq!(booked(closes("10.01")), [""; 0], "the sell at 10.01 would have filled, and did not");
        assert_eq!(booked(BTreeMap::new()), [""; 0]);
    }

    #[test]
    fn the_ledger_follows_the_fills_sells_first() {
        let fill = |side, quantity, price: &str| LineFill {
            role: String::new(),
            trading_date: crate::decide::test_support::day(),
            symbol: symbol("TQQQ"),
            side,
            quantity,
            price: usd(price),
            ordered: quantity,
        };
        let after = |fills: &[LineFill]| ledger_after(&ledger("10000", 100, "50"), fills);
        assert_eq!(after(&[]), ledger("10000", 100, "50"));
        assert_eq!(after(&[fill(Side::Buy, 100, "60")]), ledger("4000", 200, "55"));
        assert_eq!(after(&[fill(Side::Sell, 40, "60")]), ledger("12400", 60, "50"));
        // 60 left at 50, and 30 more at 65: a buy before the sell would give 53.4615.
        assert_eq!(after(&[fill(Side::Buy, 30, "65"), fill(Side::Sell, 40, "60")]), ledger("10450", 90, "55"));
        assert_eq!(after(&[fill(Side::Sell, 100, "60")]), ledger("16000", 0, "0"));
    }
}
