//! What must hold before an order leaves, asserted in the shipped program: a broken one stops the run, nothing is sent.
//!
//! - I1: an intent that has become an order, or has ended, is not sent again.
//! - I2: no two orders of one day that may be live look alike; of a strategy's, none of the day has another's price.
//! - I3: a request is repeated only when the one before it can't have arrived.
//! - I4: an order number belongs to one intent (kept by the fold of the journal).
//! - I5: fills never shrink, and nothing exceeds the quantity (kept by reading and reconciling the list).
//! - I6: no more is sold than can be sold.
//! - I7: quantity and price are positive, and the cost is within the limits.
//! - I8: the intent's line is on disk before its request.
//! - I9: the decision rests on an order list of this run.
//! - I10: nothing is sent after a state file could not be written.
//! - I11: intent, account and TR id belong to this run's account and mode.
//! - I12: the journal's chain is whole (kept by reading the journal).
//! - I13: while an order's outcome is unknown, its symbol is not bought; while a sell's is unknown, not sold either.
//! - I14: a failed run names what may be live (kept by the report).

mod words;

use chrono::{DateTime, TimeDelta, Utc};

use crate::config::Limits;
use crate::decide::fold::{Entry, JournalState};
use crate::decide::submit::{MAX_POSTS_NOT_SENT, MAX_POSTS_TURNED_AWAY};
use crate::domain::{Intent, Mode, OrderKind, OutcomeClass, Side, Symbol, TrId, Usd};
use crate::exit::{Failure, Reason};
use crate::language::Sentence;

/// An order rests on a list of its own run, and a run ends after five minutes; one order more is allowed for.
pub const LIST_AGE_MAX: TimeDelta = TimeDelta::minutes(10);

/// The account and mode of this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Paper or real, from the configuration.
    pub mode: Mode,
    /// Short hash of the account.
    pub account_fingerprint: String,
}

/// Checks an intent against the journal and the limits just before it is written; `tr_id` is what the gateway will send,
/// `last` the price at which shares held count: the one that the order was sized at, or a strategy's average cost.
///
/// # Errors
/// 1, naming the invariant, when one would break.
pub fn check_before_intent(
    journal: &JournalState,
    intent: &Intent,
    tr_id: TrId,
    binding: &Binding,
    limits: &Limits,
    last: Usd,
) -> Result<(), Failure> {
    ensure(!has_twin(journal, intent), "I2", intent, words::has_twin)?;
    let fits_binding = intent.mode == binding.mode && intent.account_fingerprint == binding.account_fingerprint;
    ensure(fits_binding, "I11", intent, words::of_another_account)?;
    let fits_mode = tr_id.mode == binding.mode && intent.tr_id == tr_id.id;
    ensure(fits_mode, "I11", intent, words::of_another_mode)?;
    let in_doubt = |entry: &Entry| entry.state.is_unknown() || entry.correction.is_some();
    let blocked = match intent.side {
        Side::Buy => journal.in_the_way_of_buys(&intent.symbol).any(in_doubt),
        Side::Sell => journal.in_the_way_of_sells(&intent.symbol).any(|entry| entry.state.is_unknown()),
    };
    ensure(!blocked, "I13", intent, words::symbol_in_doubt)?;
    ensure(intent.quantity > 0 && has_right_price(intent), "I7", intent, words::is_nothing)?;
    ensure(takes_kind(intent), "I11", intent, words::of_another_kind)?;
    match intent.side {
        Side::Sell => check_sellable(journal, intent),
        Side::Buy => check_budget(journal, intent, limits, last),
    }
}

/// The state of one order right before a request for it leaves.
#[derive(Clone, Copy, Debug)]
pub struct Posting<'a> {
    /// The decision.
    pub intent: &'a Intent,
    /// True when its line is on disk.
    pub is_synced: bool,
    /// True when a state file could not be written in this run.
    pub has_write_failed: bool,
    /// Age of the complete list that the decision rests on.
    pub list_age: TimeDelta,
    /// Which request for the intent this is, from 1.
    pub posts: u32,
    /// How the one before it ended.
    pub last: Option<OutcomeClass>,
}

/// Checks an order right before each request for it.
///
/// # Errors
/// 1, naming the invariant, when one would break.
pub fn check_before_post(journal: &JournalState, posting: &Posting<'_>) -> Result<(), Failure> {
    let intent = posting.intent;
    let entry = journal.entries.get(&intent.id);
    let has_order = entry.is_some_and(|entry| entry.order_id.is_some() || !entry.state.is_unknown());
    ensure(!has_order, "I1", intent, words::has_become_order)?;
    let may_repeat = match posting.last {
        None => posting.posts == 1,
        Some(OutcomeClass::NotSent) => posting.posts <= MAX_POSTS_NOT_SENT,
        Some(OutcomeClass::TurnedAway) => posting.posts <= MAX_POSTS_TURNED_AWAY,
        Some(OutcomeClass::Accepted | OutcomeClass::Rejected | OutcomeClass::Unknown) => false,
    };
    ensure(may_repeat, "I3", intent, words::may_have_arrived)?;
    ensure(posting.is_synced && entry.is_some(), "I8", intent, words::not_on_disk)?;
    let is_fresh = posting.list_age.abs() <= LIST_AGE_MAX;
    ensure(is_fresh, "I9", intent, words::list_too_old)?;
    ensure(!posting.has_write_failed, "I10", intent, words::write_has_failed)
}

/// Reports whether a list could show another order in this one's place. Of a strategy's symbol none of the date may have its price,
/// whatever its quantity, its kind, or what became of it.
fn has_twin(journal: &JournalState, intent: &Intent) -> bool {
    let is_like = |other: &Intent| {
        other.trading_date == intent.trading_date
            && other.symbol == intent.symbol
            && other.side == intent.side
            && other.limit_price == intent.limit_price
    };
    if intent.line.is_some() {
        return journal.of_day(intent.trading_date).any(|entry| is_like(&entry.intent));
    }
    let mut live = journal.live_in(&intent.symbol).map(|entry| &entry.intent);
    live.any(|other| is_like(other) && other.quantity == intent.quantity)
}

/// An order at the market has no price, any other has one.
fn has_right_price(intent: &Intent) -> bool {
    match intent.order_kind {
        OrderKind::Moc => intent.limit_price == Usd::ZERO,
        OrderKind::Limit | OrderKind::Loc => intent.limit_price.is_positive(),
    }
}

/// Paper takes limit orders only, and KIS sells at the market but does not buy.
fn takes_kind(intent: &Intent) -> bool {
    match (intent.mode, intent.order_kind, intent.side) {
        (_, OrderKind::Limit, _) | (Mode::Real, OrderKind::Loc, _) | (Mode::Real, OrderKind::Moc, Side::Sell) => true,
        (Mode::Real, OrderKind::Moc, Side::Buy) | (Mode::Paper, OrderKind::Loc | OrderKind::Moc, _) => false,
    }
}

fn check_sellable(journal: &JournalState, intent: &Intent) -> Result<(), Failure> {
    // The sells of one sheet do not block each other.
    let taken = if intent.line.is_some() { sells_since(journal, &intent.symbol, intent.listed_at) } else { 0 };
    let own_sells = journal.in_the_way_of_sells(&intent.symbol).filter(|_| intent.line.is_none());
    let reserved: u64 = own_sells.map(Entry::unfilled).sum();
    let fits = reserved == 0 && intent.quantity.saturating_add(taken) <= intent.witness.sellable;
    ensure(fits, "I6", intent, words::not_sellable)
}

/// Shares of own sells that a balance does not know of which was read after a list: those sent since, and those of unknown outcome.
/// What KIS had accepted before it has taken off already.
pub fn sells_since(journal: &JournalState, symbol: &Symbol, listed_at: DateTime<Utc>) -> u64 {
    let is_unseen = |entry: &&Entry| entry.state.is_unknown() || entry.submitted.at >= listed_at;
    journal.in_the_way_of_sells(symbol).filter(is_unseen).map(Entry::unfilled).sum()
}

/// Open and unknown orders count in full.
fn check_budget(journal: &JournalState, intent: &Intent, limits: &Limits, last: Usd) -> Result<(), Failure> {
    let Some(cost) = intent.limit_price.times(intent.quantity) else {
        return ensure(false, "I7", intent, words::cost_beyond_numbers);
    };
    ensure(cost <= limits.max_order, "I7", intent, words::above_max_order)?;
    let today = journal.bought_on(intent.trading_date) + cost;
    ensure(today <= limits.max_buy_per_day, "I7", intent, words::above_day_limit)?;
    let open: Usd = journal.live_in(&intent.symbol).map(Entry::open_value).sum();
    let invested = last.times(intent.witness.held).map(|held| held + open + cost);
    let fits = limits.max_position.is_none_or(|most| invested.is_some_and(|invested| invested <= most));
    ensure(fits, "I7", intent, words::above_position_limit)
}

fn ensure(holds: bool, name: &str, intent: &Intent, cause: impl FnOnce() -> Sentence) -> Result<(), Failure> {
    if holds {
        return Ok(());
    }
    let what = words::stopped(name, intent.side, intent.quantity, &intent.symbol);
    Err(Failure::new(Reason::Unexpected, what).because(cause()).next(words::report_it()))
}

#[cfg(test)]
mod tests;
