//! `cleanup`: settle the journal, cancel our own orders left open too long, and let a person decide what nobody can tell.

use crate::cmd::notes::Notes;
use crate::cmd::open::Opened;
use crate::cmd::settle::{Settled, settle};
use crate::decide::cleanup::{Kept, plan_cancels, row_to_cancel};
use crate::decide::fold::Entry;
use crate::decide::rule::Rule;
use crate::domain::intent::{Intent, IntentId, IntentState};
use crate::domain::order::{BrokerOrder, OrderId};
use crate::domain::record::{CancelPhase, HumanVerdict, Record};
use crate::exit::{Ending, Failure, Reason};
use crate::report::{Body, CancelledLine, SettledLine};

/// What `--settle` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The intent became this order.
    IsOrder(IntentId, OrderId),
    /// The intent never reached KIS.
    IsAbsent(IntentId),
    /// An order of another hand is fine.
    ForeignIsFine(OrderId),
}

impl Settlement {
    /// Reads `INTENT=ORDER_ID`, `INTENT=absent` or `foreign=ORDER_ID`.
    ///
    /// # Errors
    /// 2 for anything else.
    pub fn parse(text: &str) -> Result<Settlement, Failure> {
        let parsed = text.split_once('=').and_then(|(left, right)| match (left, right) {
            ("foreign", order_id) => Some(Settlement::ForeignIsFine(order_id.parse().ok()?)),
            (intent, "absent") => Some(Settlement::IsAbsent(IntentId::parse(intent)?)),
            (intent, order_id) => Some(Settlement::IsOrder(IntentId::parse(intent)?, order_id.parse().ok()?)),
        });
        parsed.ok_or_else(|| {
            usage("--settle takes INTENT=ORDER_ID, INTENT=absent or foreign=ORDER_ID")
                .next("`kis-trade status` shows the intents and their candidates")
        })
    }
}

/// Runs the command.
///
/// # Errors
/// When the broker's list can't be had, or the journal can't be written.
pub fn run(open: &mut Opened, notes: &mut Notes, settlement: Option<&Settlement>) -> Result<Ending, Failure> {
    let has_work = open.market.is_open || settlement.is_some() || open.journal.state().live().next().is_some();
    if !has_work {
        return Ok(Ending::nothing(Reason::MarketClosed, "the market is closed and no order of ours is open"));
    }
    let settled = settle(open, notes)?;
    open.broker.check_clock()?;
    let mut changed = settled.changed.clone();
    if let Some(settlement) = settlement {
        changed.extend(settle_by_hand(open, settlement, &settled)?);
    }
    if !open.market.is_open {
        return Ok(finish(notes, Vec::new(), kept_others(&settled), settled_lines(open, &changed), || {
            Ending::nothing(Reason::MarketClosed, "the market is closed; nothing is cancelled")
        }));
    }
    notes.has_decided = true;
    let (cancel, mut kept) = plan_cancels(open.journal.state(), &open.settings.cleanup, &open.journal.stamp());
    kept.extend(kept_others(&settled));
    let cancelled = if open.is_dry_run {
        cancel.iter().filter_map(|entry| line(entry, entry.remaining_quantity)).collect()
    } else {
        cancel_all(open, notes, &cancel, &settled, &mut changed)?
    };
    let survivors: Vec<&Entry> = if open.is_dry_run { Vec::new() } else { still_live(open, &cancel).collect() };
    let not_confirmed = "its cancel is not confirmed by KIS's list yet";
    kept.extend(survivors.iter().filter_map(|entry| Kept::own(entry, Rule::OrderOpen, not_confirmed)));
    let refused = survivors.iter().filter(|entry| entry.cancel == Some(CancelPhase::Refused)).count();
    let ending = finish(notes, cancelled, kept, settled_lines(open, &changed), || match survivors.len() {
        0 if settlement.is_some() => Ending::done("the order is settled as you said"),
        0 => Ending::nothing(Reason::NothingToCancel, "no order of ours is older than its limit"),
        count => {
            Ending::done(format!("{count} cancel(s) tried, not confirmed by KIS's list yet; the next run looks again"))
        }
    });
    if refused == 0 {
        return Ok(ending);
    }
    let what = format!("KIS refused to cancel {refused} order(s), which may still fill");
    Ok(Ending::failed(Reason::OrderRejected, what, "the next cleanup tries again"))
}

/// Orders to cancel that live on after the cancels, as the journal knows them now.
fn still_live<'a>(open: &'a Opened, cancel: &'a [Entry]) -> impl Iterator<Item = &'a Entry> {
    let now = cancel.iter().filter_map(|entry| open.journal.state().entries.get(&entry.intent.id));
    now.filter(|entry| entry.state.is_live())
}

/// Sends the cancels, then reads the list again: only that tells what they did.
fn cancel_all(
    open: &mut Opened,
    notes: &mut Notes,
    cancel: &[Entry],
    settled: &Settled,
    changed: &mut Vec<(IntentId, IntentState)>,
) -> Result<Vec<CancelledLine>, Failure> {
    if !cancel.is_empty() {
        notes.check_writes()?;
    }
    for entry in cancel {
        if let Some(row) = row_to_cancel(entry, &settled.list) {
            open.broker.safe_point.check()?;
            notes.cancels_tried.push(entry.clone());
            cancel_one(open, notes, entry, row)?;
        }
    }
    if !cancel.is_empty() {
        let after = settle(open, notes)?;
        let is_changed_again = |id: &IntentId| after.changed.iter().any(|(other, _)| other == id);
        changed.retain(|(id, _)| !is_changed_again(id));
        changed.extend(after.changed);
    }
    let ended = |entry: &&Entry| {
        let now = open.journal.state().entries.get(&entry.intent.id);
        now.is_some_and(|now| now.state == IntentState::Cancelled)
    };
    let cancelled = notes.cancels_tried.iter().filter(ended);
    Ok(cancelled.filter_map(|entry| line(entry, still_open_before(open, entry))).collect())
}

fn cancel_one(open: &mut Opened, notes: &mut Notes, entry: &Entry, row: &BrokerOrder) -> Result<(), Failure> {
    let (intent, order_id) = (entry.intent.id.clone(), row.order_id.clone());
    let record = |phase, msg| Record::Cancel { order_id: order_id.clone(), intent: intent.clone(), phase, msg };
    open.journal.append(&record(CancelPhase::Planned, None))?;
    let outcome = open.broker.cancel_order(row, entry.intent.exchange)?;
    if outcome.class != CancelPhase::Done {
        notes.warnings.push(format!("cancel of {} {}: {}", entry.intent.symbol, row.order_id, outcome.msg));
    }
    open.journal.append(&record(outcome.class, Some(outcome.msg)))
}

/// Writes a person's word down.
fn settle_by_hand(
    open: &mut Opened,
    settlement: &Settlement,
    settled: &Settled,
) -> Result<Option<(IntentId, IntentState)>, Failure> {
    let (verdict, id) = match settlement {
        Settlement::IsAbsent(id) => {
            unknown_entry(open, id)?;
            (HumanVerdict::IsAbsent { intent: id.clone() }, Some(id))
        }
        Settlement::IsOrder(id, order_id) => {
            let intent = &unknown_entry(open, id)?.intent;
            let is_claimed = |id: &OrderId| open.journal.state().is_claimed(intent.trading_day, id);
            if !settled.list.rows.iter().any(|row| row.order_id == *order_id && intent.matches(row, is_claimed)) {
                let what = format!(
                    "order {order_id} can't be intent {id}: KIS's list of {} has no such {} of {} {} at {} that nobody owns",
                    intent.trading_day, intent.side, intent.quantity, intent.symbol, intent.limit_price
                );
                return Err(usage(&what).next("`kis-trade status` shows the candidates"));
            }
            (HumanVerdict::IsOrder { intent: id.clone(), order_id: order_id.clone() }, Some(id))
        }
        Settlement::ForeignIsFine(order_id) => {
            let foreign = settled.findings.others.iter().find(|row| row.order_id == *order_id);
            let Some(date) = foreign.map(|row| row.date) else {
                return Err(usage(&format!("order {order_id} is no foreign order of today"))
                    .next("`kis-trade status` shows today's orders"));
            };
            (HumanVerdict::ForeignIsFine { date, order_id: order_id.clone() }, None)
        }
    };
    open.journal.append(&Record::Human(verdict))?;
    let state = id.and_then(|id| open.journal.state().entries.get(id)).map(|entry| entry.state);
    Ok(id.cloned().zip(state))
}

fn unknown_entry<'a>(open: &'a Opened, id: &IntentId) -> Result<&'a Entry, Failure> {
    let entry = open.journal.state().entries.get(id).filter(|entry| entry.state.is_unknown());
    entry.ok_or_else(|| {
        usage(&format!("intent {id} is not waiting for a decision")).next("`kis-trade status` shows the unknown orders")
    })
}

fn finish(
    notes: &mut Notes,
    cancelled: Vec<CancelledLine>,
    kept: Vec<Kept>,
    settled: Vec<SettledLine>,
    when_idle: impl FnOnce() -> Ending,
) -> Ending {
    let is_idle = cancelled.is_empty() && settled.is_empty();
    let detail = format!("{} cancelled, {} settled, {} kept", cancelled.len(), settled.len(), kept.len());
    notes.body = Body::Cleanup { cancelled, kept, settled };
    if is_idle { when_idle() } else { Ending::done(detail) }
}

/// What changed, in words: the orders as the journal knows them now.
fn settled_lines(open: &Opened, changed: &[(IntentId, IntentState)]) -> Vec<SettledLine> {
    let line = |(id, state): &(IntentId, IntentState)| {
        let entry = open.journal.state().entries.get(id)?;
        let Intent { side, quantity, limit_price, symbol, .. } = &entry.intent;
        let detail = format!("{side} {quantity} @ {limit_price}, {} filled ({id})", entry.filled_quantity);
        Some(SettledLine { intent_id: id.clone(), symbol: symbol.clone(), state: *state, detail })
    };
    changed.iter().filter_map(line).collect()
}

/// Orders of other hands that are still open: listed, never touched.
fn kept_others(settled: &Settled) -> Vec<Kept> {
    let open = settled.findings.others.iter().filter(|row| row.remaining_quantity > 0);
    let kept = open.map(|row| {
        let BrokerOrder { order_id, side, quantity, limit_price, .. } = row;
        let detail = format!("{side} {quantity} @ {limit_price} ({order_id}) is not ours");
        Kept { order_id: order_id.clone(), symbol: row.symbol.clone(), reason: Rule::Foreign, detail }
    });
    kept.collect()
}

fn line(entry: &Entry, quantity: u64) -> Option<CancelledLine> {
    Some(CancelledLine {
        order_id: entry.order_id.clone()?,
        symbol: entry.intent.symbol.clone(),
        side: entry.intent.side,
        quantity,
    })
}

/// What the cancel took out of the market: all that did not fill before it.
fn still_open_before(open: &Opened, entry: &Entry) -> u64 {
    let filled = open.journal.state().entries.get(&entry.intent.id).map_or(0, |now| now.filled_quantity);
    entry.intent.quantity.saturating_sub(filled)
}

fn usage(what: &str) -> Failure {
    Failure::new(Reason::Usage, what)
}
