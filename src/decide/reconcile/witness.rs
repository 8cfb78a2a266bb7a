//! Whether the account shows a trace of an order that no list shows: the last check before it may be called absent.

use super::Evidence;
use crate::decide::fold::{Entry, JournalState};
use crate::domain::{BrokerOrder, RowKind, Side, Usd, Witness};

/// Reports whether the account shows no trace of the order.
pub(super) fn is_unchanged(entry: &Entry, now: &Witness, state: &JournalState, evidence: &Evidence<'_>) -> bool {
    let (intent, then) = (&entry.intent, &entry.intent.witness);
    match intent.side {
        Side::Sell => then.sellable.checked_sub(taken_by_own_sells(entry, state, evidence)) == Some(now.sellable),
        Side::Buy => {
            let (gained, spent) = moved_by_others(entry, state, evidence);
            let cash_is_there = match (then.cash, now.cash) {
                (Some(then), Some(now)) => now > then + gained - spent - intent.reserved,
                _ => false,
            };
            now.held == then.held && cash_is_there
        }
    }
}

/// Shares that own sells took which came after the list that the order was decided by: those of one sheet are sent by one balance.
fn taken_by_own_sells(entry: &Entry, state: &JournalState, evidence: &Evidence<'_>) -> u64 {
    let intent = &entry.intent;
    let rows = evidence.list.rows.iter().filter(|row| row.is_plain_order() && row.date == intent.trading_date);
    let sells = rows.filter(|row| row.side == Side::Sell && row.symbol == intent.symbol);
    let is_ours = |row: &&BrokerOrder| {
        let key = row.key();
        !intent.was_listed(&key) && state.of_day(row.date).any(|own| own.key().is_some_and(|own| own.may_be(&key)))
    };
    sells.filter(is_ours).map(|row| row.filled_quantity.saturating_add(row.remaining_quantity)).sum()
}

/// USD that other orders have brought in and taken since the cash was read. When in doubt too much came in and too
/// little went out: then the order may have arrived, and it stays unknown.
fn moved_by_others(entry: &Entry, state: &JournalState, evidence: &Evidence<'_>) -> (Usd, Usd) {
    let intent = &entry.intent;
    let (mut gained, mut spent) = (Usd::ZERO, Usd::ZERO);
    let is_order = |row: &&BrokerOrder| row.is_plain_order() || row.kind == RowKind::Modify;
    for row in evidence.list.rows.iter().filter(is_order).filter(|row| row.date == intent.trading_date) {
        let key = row.key();
        let own = state.of_day(row.date).find(|own| own.key().is_some_and(|own| own.may_be(&key)));
        match (row.side, intent.was_listed(&key)) {
            (Side::Sell, false) => gained = gained + filled_value(row),
            // Earlier fills are already in the cash. Older external orders are unknowable.
            (Side::Sell, true) if own.is_some_and(|own| has_filled_since(own, row, entry)) => {
                gained = gained + filled_value(row);
            }
            (Side::Buy, false) if own.is_some() => {
                spent = spent + filled_value(row) + value(row.limit_price, row.remaining_quantity);
            }
            _ => {}
        }
    }
    (gained, spent)
}

fn has_filled_since(own: &Entry, row: &BrokerOrder, entry: &Entry) -> bool {
    own.filled_at > Some(entry.submitted.at) || row.filled_quantity > own.filled_quantity
}

fn filled_value(row: &BrokerOrder) -> Usd {
    value(row.average_price, row.filled_quantity)
}

fn value(price: Usd, quantity: u64) -> Usd {
    price.times(quantity).unwrap_or_default()
}
