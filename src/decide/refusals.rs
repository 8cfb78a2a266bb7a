//! What refusals of this trading date mean for further orders. A refusal is booked where its cause lies
//! ([`Refusal::concern`]): one of market or account counts against no symbol.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::decide::fold::{Entry, JournalState};
use crate::decide::rule::{Rule, Skip};
use crate::decide::words;
use crate::domain::market_session::new_york_as;
use crate::domain::money::percent_change;
use crate::domain::{IntentState, KisWords, Percent, Refusal, Side, Stamp, Symbol, Usd};
use crate::language::Sentence;

/// So many refusals of one side of a symbol end it for the date.
const MOST_REFUSALS: usize = 2;
/// A refused stop loss is tried again once an hour. Cron's starts lie a few seconds closer now and then.
const STOP_LOSS_AGAIN_AFTER: TimeDelta = TimeDelta::minutes(59);
/// Orderable cash that has moved by more than this is worth another buy after refusals for cash.
const CASH_MOVED_PERCENT: Percent = Percent::ONE;

/// Refuses a side of a symbol that KIS refused twice on this trading date for its own sake.
///
/// # Errors
/// `refused_today`.
pub fn check_refusals(journal: &JournalState, day: NaiveDate, symbol: &Symbol, side: Side) -> Result<(), Skip> {
    let refusals = journal.refused_on(day, symbol, side).count();
    if refusals < MOST_REFUSALS {
        return Ok(());
    }
    Err(Skip::new(symbol, Rule::RefusedToday, words::refused_today(side, refusals)).notified())
}

/// Refuses a stop loss that KIS refused for its own sake within the last hour. It is never given up: a loss goes on.
///
/// # Errors
/// `refused_today`.
pub fn check_stop_loss_refusals(
    journal: &JournalState,
    day: NaiveDate,
    symbol: &Symbol,
    now: &Stamp,
) -> Result<(), Skip> {
    let refused = journal.refused_on(day, symbol, Side::Sell);
    let Some(last) = refused.min_by_key(|entry| entry.submitted.age_at(now)) else { return Ok(()) };
    if last.submitted.age_at(now) >= STOP_LOSS_AGAIN_AFTER {
        return Ok(());
    }
    let clock = |at: DateTime<Utc>| new_york_as(at, "%H:%M");
    let (at, again) = (last.submitted.at, clock(last.submitted.at + TimeDelta::hours(1)));
    let detail = words::stop_loss_refused(&clock(at), &last.note, &again);
    Err(Skip::new(symbol, Rule::RefusedToday, detail).notified())
}

/// Why nothing is bought for want of cash: KIS refused two buys of this trading date for it, and what there is to order with
/// is still the same. `None` when buying may go on.
pub fn cash_refused(journal: &JournalState, day: NaiveDate, cash: Usd) -> Option<Sentence> {
    let for_cash = |entry: &&Entry| {
        let is_refused = entry.state == IntentState::Rejected && entry.refusal == Some(Refusal::Cash);
        is_refused && entry.intent.side == Side::Buy
    };
    let refused: Vec<&Entry> = journal.of_day(day).filter(for_cash).collect();
    let last = refused.last().filter(|_| refused.len() >= MOST_REFUSALS)?;
    let is_far = |then| percent_change(then, cash).is_none_or(|moved| moved.abs() > CASH_MOVED_PERCENT);
    if last.intent.witness.cash.is_some_and(|then| then != cash && is_far(then)) {
        return None;
    }
    Some(words::cash_refused(refused.len(), &last.note, cash.to_cents(), CASH_MOVED_PERCENT))
}

/// Code and words of refusals of this trading date that are on no list, and that KIS's list has confirmed: said again, they are
/// a refusal at once.
pub fn known_words(journal: &JournalState, day: NaiveDate) -> Vec<KisWords> {
    let is_confirmed = |entry: &&Entry| {
        entry.refusal == Some(Refusal::Unlisted) && matches!(entry.state, IntentState::Rejected | IntentState::Absent)
    };
    journal.of_day(day).filter(is_confirmed).filter_map(Entry::refused_with).collect()
}

#[cfg(test)]
mod tests;
