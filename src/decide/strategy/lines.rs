//! Which orders of a sheet are still to be sent, which of them the money reaches, and which would meet an order of our own.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;

use crate::decide::fold::{Entry, JournalState};
use crate::decide::strategy::orders::a_tick_away;
use crate::decide::strategy::words;
use crate::domain::market_session::Session;
use crate::domain::{BrokerOrder, IntentState, OrderKind, Sheet, SheetOrder, Side, Symbol, Usd};
use crate::language::Sentence;
use crate::ordered::Ordered;

/// An order that no list shows is sent so often in all: once more than at first.
const MOST_ABSENT: usize = 1;
/// Closing orders can't be cancelled any more so long before the close (15:50 on a full day).
const FINAL_BEFORE_CLOSE: TimeDelta = TimeDelta::minutes(10);
/// KIS holds this much of a buy's amount back besides it.
const HELD_BACK: Decimal = Decimal::from_parts(101, 0, 0, false, 2);

/// How far one order of a sheet has come.
#[derive(Clone, Copy, Debug)]
pub enum Stage<'a> {
    /// It has no intent yet.
    Unsent,
    /// Nothing of it is at KIS: it may go again, a tick away.
    Again,
    /// It was sent; what became of it.
    Sent(&'a Entry),
    /// It never reached KIS, and is not sent again.
    GivenUp(&'a Entry),
}

impl Stage<'_> {
    /// Reports whether it is still to be sent.
    pub fn is_open(self) -> bool {
        matches!(self, Stage::Unsent | Stage::Again)
    }
}

/// How far the order of a sheet at a place has come, by its strategy's intents of the date.
pub fn stage_of<'a>(sheet: &Sheet, place: usize, entries: &[&'a Entry]) -> Stage<'a> {
    let Some(order) = sheet.orders.get(place) else { return Stage::Unsent };
    let its = entries.iter().copied().filter(|entry| stands_for(entry, place, order));
    let its: Vec<&Entry> = its.collect();
    if let Some(arrived) = its.iter().copied().rfind(|entry| !is_nowhere(entry)) {
        return Stage::Sent(arrived);
    }
    let Some(latest) = its.last().copied() else { return Stage::Unsent };
    let absent = its.iter().filter(|entry| entry.state == IntentState::Absent).count();
    // MOC orders have no price to tell a second one by.
    if order.kind == OrderKind::Moc || absent > MOST_ABSENT { Stage::GivenUp(latest) } else { Stage::Again }
}

/// Whether KIS has nothing of an intent.
pub fn is_nowhere(entry: &Entry) -> bool {
    entry.was_turned_away() || entry.state == IntentState::Absent
}

/// Whether an intent covers the order at a place: the order itself, or an emulated one that includes its parts.
fn stands_for(entry: &Entry, place: usize, order: &SheetOrder) -> bool {
    let Some(line) = &entry.intent.line else { return false };
    match line.order {
        Some(own) => own == place,
        None if order.kind == OrderKind::Limit || entry.intent.side != order.side => false,
        None => {
            order.parts.iter().all(|part| line.parts.contains(part)) && line.parts.is_empty() == order.parts.is_empty()
        }
    }
}

/// The price of an order that goes again: away from the market until no intent of the date has it, and none of `beside`, the other
/// orders that are to be sent.
pub fn price_to_send<'a>(
    journal: &JournalState,
    date: NaiveDate,
    order: &SheetOrder,
    beside: impl Iterator<Item = &'a SheetOrder>,
) -> Usd {
    let sent = journal.of_day(date).map(|entry| (&entry.intent.symbol, entry.intent.side, entry.intent.limit_price));
    let planned = beside.map(|other| (&other.symbol, other.side, other.limit_price));
    let of_its_side = sent.chain(planned).filter(|(symbol, side, _)| (*symbol, *side) == (&order.symbol, order.side));
    let taken: BTreeSet<Usd> = of_its_side.map(|(_, _, price)| price).ordered();
    let mut price = order.limit_price;
    for _ in 0..=taken.len() {
        if order.kind == OrderKind::Moc || !taken.contains(&price) {
            break;
        }
        price = a_tick_away(order.side, price);
    }
    price
}

/// What KIS wants to see for buys of so many USD.
pub fn with_held_back(amount: Usd) -> Usd {
    Usd(amount.0.saturating_mul(HELD_BACK))
}

/// What of orderable cash buys can spend: KIS holds a hundredth of them back besides. Down to the cent.
pub fn spendable_of(orderable: Usd) -> Usd {
    let spendable = orderable.0.checked_div(HELD_BACK).unwrap_or_default();
    Usd(spendable.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::ToZero)).max(Usd::ZERO)
}

/// From when on KIS cancels no closing order of a session.
pub fn last_cancel(session: &Session) -> DateTime<Utc> {
    session.closes_at - FINAL_BEFORE_CLOSE
}

/// USD that an order may spend.
pub fn cost_of(order: &SheetOrder) -> Usd {
    match order.side {
        Side::Buy => order.limit_price.times(order.quantity).unwrap_or(Usd(Decimal::MAX)),
        Side::Sell => Usd::ZERO,
    }
}

/// The places of the buys that the money reaches, of those still to be sent: the lowest rungs go first, then all of them, never one
/// half of a pair.
pub fn within_money(open: &[SheetOrder], rung: &str, most: Usd) -> Vec<usize> {
    let mut left: Vec<usize> = (0..open.len()).collect();
    let cost = |left: &[usize]| left.iter().filter_map(|place| open.get(*place)).map(cost_of).sum::<Usd>();
    while !left.is_empty() && cost(&left) > most {
        let is_rung = |place: &usize| {
            let parts = open.get(*place).map(|order| order.parts.as_slice()).unwrap_or_default();
            !parts.is_empty() && parts.iter().all(|part| part.role == rung)
        };
        match left.iter().rposition(is_rung) {
            Some(lowest) => drop(left.remove(lowest)),
            None => left.clear(),
        }
    }
    left
}

/// The own order that a buy could meet, in words: one in the market, ours or placed by hand, or one of the same sheet. KIS refuses
/// such a buy (`APBK1943`).
pub fn self_trade(
    order: &SheetOrder,
    own: &[&Entry],
    external: &[BrokerOrder],
    planned: &[&SheetOrder],
) -> Option<Sentence> {
    if order.side == Side::Sell {
        return None;
    }
    let meets = |symbol: &Symbol, side: Side, kind: OrderKind, price: Usd| {
        *symbol == order.symbol && side == Side::Sell && (kind == OrderKind::Moc || order.limit_price >= price)
    };
    let is_open = |entry: &&&Entry| entry.state.is_live() && !entry.is_unlisted();
    let ours = own.iter().filter(is_open).map(|entry| &entry.intent);
    let ours = ours.filter(|intent| meets(&intent.symbol, intent.side, intent.order_kind, intent.limit_price));
    let mut found = ours.map(|intent| words::would_meet(intent.quantity, intent.limit_price));
    if let Some(found) = found.next() {
        return Some(found);
    }
    // A row without a price is at the market.
    let of_hands = external.iter().filter(|row| row.remaining_quantity > 0);
    let kind = |row: &BrokerOrder| if row.limit_price.is_positive() { OrderKind::Limit } else { OrderKind::Moc };
    let of_hands = of_hands.filter(|row| meets(&row.symbol, row.side, kind(row), row.limit_price));
    if let Some(row) = of_hands.into_iter().next() {
        return Some(words::would_meet_external(row.remaining_quantity, row.limit_price, &row.order_id));
    }
    let of_sheet = planned.iter().find(|sell| meets(&sell.symbol, sell.side, sell.kind, sell.limit_price));
    of_sheet.map(|sell| words::would_meet(sell.quantity, sell.limit_price))
}

/// A stage in a word: `planned`, or the state of its order.
pub fn state_word(stage: Stage<'_>) -> &'static str {
    match stage {
        Stage::Unsent | Stage::Again => "planned",
        Stage::Sent(entry) | Stage::GivenUp(entry) => entry.state.word(),
    }
}

#[cfg(test)]
mod tests;
