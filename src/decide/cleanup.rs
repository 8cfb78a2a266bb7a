//! Which of our own open orders are too old.

use chrono::TimeDelta;
use serde::Serialize;

use crate::config::CleanupSettings;
use crate::decide::fold::{Entry, JournalState};
use crate::decide::reconcile::row_of;
use crate::decide::rule::Rule;
use crate::decide::strategy::words::kept_line;
use crate::decide::words;
use crate::domain::{BrokerOrder, Intent, IntentState, OrderId, OrderKind, OrderList, Side, Stamp, Symbol};
use crate::language::Sentence;
use crate::language::counts::Minutes;

/// An open order that is left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// The broker's number.
    pub order_id: OrderId,
    /// Ticker.
    pub symbol: Symbol,
    /// Why.
    pub reason: Rule,
    /// The order and the rule's numbers, for people.
    #[serde(skip)]
    pub detail: Sentence,
}

impl Kept {
    /// Leaves an order of ours alone; `None` without a number.
    pub fn own(entry: &Entry, reason: Rule, detail: impl Fn(&Intent, &OrderId) -> Sentence) -> Option<Kept> {
        let order_id = entry.order_id.clone()?;
        let detail = detail(&entry.intent, &order_id);
        Some(Kept { order_id, symbol: entry.intent.symbol.clone(), reason, detail })
    }
}

/// Splits our open limit orders into those to cancel, oldest first, and those to keep.
pub fn plan_cancels(journal: &JournalState, settings: &CleanupSettings, now: &Stamp) -> (Vec<Entry>, Vec<Kept>) {
    let (mut cancel, mut kept) = (Vec::new(), Vec::new());
    let of_strategies = journal.live().filter(|entry| entry.intent.line.is_some() && is_open(entry));
    kept.extend(of_strategies.filter_map(|entry| {
        Kept::own(entry, Rule::StrategyOrder, |intent, order_id| {
            let Intent { side, quantity, limit_price, .. } = *intent;
            kept_line(side, quantity, limit_price, order_id, entry.strategy().unwrap_or_default())
        })
    }));
    for entry in journal.live().filter(|entry| is_cancellable(entry) && entry.order_id.is_some()) {
        let limit = match entry.intent.side {
            Side::Buy => settings.cancel_buys_after,
            Side::Sell => settings.cancel_sells_after,
        };
        let limit = limit.and_then(|limit| TimeDelta::from_std(limit).ok());
        let age = entry.submitted.age_at(now);
        if limit.is_some_and(|limit| age > limit) {
            cancel.push(entry.clone());
        } else {
            let detail = |intent: &Intent, order_id: &OrderId| {
                let Intent { side, quantity, limit_price, .. } = *intent;
                let minutes = Minutes(age.num_minutes().unsigned_abs());
                match limit.map(|limit| limit.num_minutes()) {
                    Some(most) => words::too_young(side, quantity, limit_price, order_id, minutes, most),
                    None => words::never_cancelled(side, quantity, limit_price, order_id, minutes),
                }
            };
            kept.extend(Kept::own(entry, Rule::TooYoung, detail));
        }
    }
    cancel.sort_by_key(|entry| entry.submitted.at);
    (cancel, kept)
}

/// The row of an order to cancel, with what is left of it; `None` when the list shows nothing left.
pub fn row_to_cancel<'a>(entry: &Entry, list: &'a OrderList) -> Option<&'a BrokerOrder> {
    row_of(entry, list).filter(|row| row.remaining_quantity > 0)
}

/// Accepted, of type limit, with something left, and no line of a strategy's sheet.
fn is_cancellable(entry: &Entry) -> bool {
    is_open(entry) && entry.intent.order_kind == OrderKind::Limit && entry.intent.line.is_none()
}

/// Accepted, with something left: an order with nothing left has ended and only waits for its reason.
fn is_open(entry: &Entry) -> bool {
    entry.state == IntentState::Accepted && entry.remaining_quantity > 0
}

#[cfg(test)]
mod tests;
