//! `cleanup`: reconcile the journal, cancel our own orders left open too long, and let a person decide what KIS can't show.

mod settle;
mod words;

pub use settle::Settlement;

use crate::decide::cleanup::{Kept, plan_cancels, row_to_cancel};
use crate::decide::fold::{Entry, JournalState};
use crate::decide::odd_rows::OddRows;
use crate::decide::rule::Rule;
use crate::domain::{
    BrokerOrder, CancelPhase, Exchange, Intent, IntentId, IntentState, OrderId, Record, SubmitOutcome,
};
use crate::exit::{Ending, Failure, Reason};
use crate::language::Sentence;
use crate::language::counts::{Cancels, Orders};
use crate::report::{Body, CancelledLine, SettledLine};
use crate::story::desk::Desk;
use crate::story::endings;
use crate::story::reconcile::Reconciled;
use crate::story::run::Run;
use crate::story::strategy::{self, Seen};
use settle::settle;

/// Intents whose state changed, with the new state.
type Changed = Vec<(IntentId, IntentState)>;

/// Runs the command.
pub(super) async fn cleanup<D: Desk>(run: &mut Run<'_, D>, settlements: &[Settlement]) -> Result<Ending, Failure> {
    let has_work = run.market.is_open || !settlements.is_empty() || run.desk.journal().live().next().is_some();
    if !has_work {
        return Ok(Ending::nothing(Reason::MarketClosed, endings::closed_and_nothing_open()));
    }
    let reconciled = run.reconcile().await?;
    run.check_clock()?;
    let odd_rows = OddRows { holdings: Vec::new(), orders: run.odd_orders_of_today(&reconciled.list.odd) };
    run.tell_all(odd_rows.notices(&run.settings, run.market.trading_date));
    let mut changed = reconciled.changed.clone();
    changed.extend(settle(run, settlements, &reconciled).await?);
    let of_strategies = decide_on_strategies(run, settlements, &reconciled, &odd_rows);
    let (withdrawn, said) = Box::pin(of_strategies).await?;
    if !run.market.is_open {
        let closed = said.unwrap_or_else(|| Ending::nothing(Reason::MarketClosed, endings::closed()));
        return Ok(finish(run, Vec::new(), kept_external(&reconciled), &changed, closed));
    }
    run.notes.has_decided = true;
    let idle = match settlements {
        _ if said.is_some() => said.unwrap_or_default(),
        [Settlement::PriceIsRight(symbol)] => Ending::done(endings::price_is_right(symbol)),
        [_, ..] => Ending::done(endings::settled()),
        [] => Ending::nothing(Reason::NothingToCancel, endings::nothing_to_cancel()),
    };
    let (mut cancel, mut kept) = plan_cancels(run.desk.journal(), &run.settings.cleanup, &run.desk.now());
    kept.retain(|kept| !withdrawn.iter().any(|entry| entry.order_id.as_ref() == Some(&kept.order_id)));
    cancel.extend(withdrawn);
    kept.extend(kept_external(&reconciled));
    if run.task.is_dry_run {
        let planned = cancel.iter().filter_map(|entry| line(entry, entry.remaining_quantity)).collect();
        return Ok(finish(run, planned, kept, &changed, idle));
    }
    cancel_all(run, &cancel, &reconciled, &mut changed).await?;
    let survivors = cancel.iter().filter_map(|entry| current(run, entry)).filter(|entry| entry.state.is_live());
    let survivors: Vec<Entry> = survivors.cloned().collect();
    let not_confirmed = |Intent { side, quantity, limit_price, .. }: &Intent, order_id: &OrderId| {
        endings::cancel_not_confirmed(*side, *quantity, *limit_price, order_id)
    };
    kept.extend(survivors.iter().filter_map(|entry| Kept::own(entry, Rule::OrderOpen, not_confirmed)));
    let idle = match survivors.len() {
        0 => idle,
        count => Ending::done(endings::cancels_not_confirmed(Cancels::from(count))),
    };
    let ending = finish(run, cancelled(run), kept, &changed, idle);
    let refused = survivors.iter().filter(|entry| entry.cancel == Some(CancelPhase::Refused)).count();
    if refused == 0 {
        return Ok(ending);
    }
    let what = endings::cancels_refused(Orders::from(refused));
    Ok(Ending::failed(Reason::OrderRejected, what, endings::next_cleanup_tries_again()))
}

/// Takes over positions and ends sheets, as a person says. Returns the orders to cancel, and how the run ends if that is all.
async fn decide_on_strategies<D: Desk>(
    run: &mut Run<'_, D>,
    settlements: &[Settlement],
    reconciled: &Reconciled,
    odd_rows: &OddRows,
) -> Result<(Vec<Entry>, Option<Ending>), Failure> {
    let (mut cancel, mut said) = (Vec::new(), None);
    for settlement in settlements {
        match settlement {
            Settlement::Withdraw(name) => {
                cancel.extend(strategy::withdraw(run, name).await?);
                said = Some(Ending::done(endings::withdrawn(name, run.market.trading_date)));
            }
            Settlement::Adopt(wanted) => {
                let (positions, _) = run.fetch_balance().await?;
                let seen = Seen { reconciled, positions: &positions, odd_rows };
                let adoption = strategy::adopt(run, wanted, &seen).await?;
                said = Some(Ending::done(adoption.detail()));
                run.notes.adoption = Some(adoption);
            }
            _ => {}
        }
    }
    Ok((cancel, said))
}

/// An order as the journal knows it now.
fn current<'a, D: Desk>(run: &'a Run<'_, D>, entry: &Entry) -> Option<&'a Entry> {
    run.desk.journal().entries.get(&entry.intent.id)
}

/// Sends the cancels, then reads the list again: only the list shows what they did.
async fn cancel_all<D: Desk>(
    run: &mut Run<'_, D>,
    cancel: &[Entry],
    reconciled: &Reconciled,
    changed: &mut Changed,
) -> Result<(), Failure> {
    if cancel.is_empty() {
        return Ok(());
    }
    run.notes.check_writes()?;
    for entry in cancel {
        if let Some(row) = row_to_cancel(entry, &reconciled.list) {
            run.safe_point.check(run.desk)?;
            run.notes.cancels_tried.push(entry.clone());
            cancel_one(run, entry, row).await?;
        }
    }
    let after = run.reconcile().await?;
    changed.retain(|(id, _)| !after.changed.iter().any(|(other, _)| other == id));
    changed.extend(after.changed);
    Ok(())
}

async fn cancel_one<D: Desk>(run: &mut Run<'_, D>, entry: &Entry, row: &BrokerOrder) -> Result<(), Failure> {
    let (intent, order_id) = (entry.intent.id.clone(), row.order_id.clone());
    let record = |phase, msg| Record::Cancel { order_id: order_id.clone(), intent: intent.clone(), phase, msg };
    run.desk.check_files()?;
    run.desk.append(&record(CancelPhase::Planned, None)).await?;
    let outcome = request_cancel(run, row, entry.intent.exchange).await?;
    if outcome.cancel_phase() != CancelPhase::Done {
        run.notes.warnings.push(endings::cancel_answered(&entry.intent.symbol, &row.order_id, &outcome.msg));
    }
    run.desk.append(&record(outcome.cancel_phase(), Some(outcome.msg))).await
}

/// Sends one cancel request. A refused token is renewed and the request repeated once: a cancel is safe to repeat. It fails
/// only before anything was sent.
async fn request_cancel<D: Desk>(
    run: &mut Run<'_, D>,
    row: &BrokerOrder,
    exchange: Exchange,
) -> Result<SubmitOutcome, Failure> {
    let outcome = run.desk.cancel(row, exchange).await?;
    if outcome.token_refused && run.renew_token(outcome.msg_cd.as_deref(), &outcome.msg).await.is_ok() {
        return run.desk.cancel(row, exchange).await;
    }
    Ok(outcome)
}

/// The cancels of this run that the list confirms, with what they took out of the market: all that did not fill before.
fn cancelled<D: Desk>(run: &Run<'_, D>) -> Vec<CancelledLine> {
    let tried = run.notes.cancels_tried.iter().filter_map(|entry| current(run, entry));
    let cancelled = tried.filter(|entry| entry.state == IntentState::Cancelled);
    cancelled.filter_map(|entry| line(entry, entry.intent.quantity.saturating_sub(entry.filled_quantity))).collect()
}

fn finish<D: Desk>(
    run: &mut Run<'_, D>,
    cancelled: Vec<CancelledLine>,
    kept: Vec<Kept>,
    changed: &Changed,
    idle: Ending,
) -> Ending {
    let settled = settled_lines(run.desk.journal(), changed);
    let is_idle = cancelled.is_empty() && settled.is_empty();
    let detail = endings::cleaned_up(cancelled.len(), settled.len(), kept.len());
    run.notes.body = Body::Cleanup { cancelled, kept, settled, adoption: run.notes.adoption.take() };
    if is_idle { idle } else { Ending::done(detail) }
}

/// The orders that changed, as the journal knows them now.
fn settled_lines(journal: &JournalState, changed: &Changed) -> Vec<SettledLine> {
    let line = |(id, state): &(IntentId, IntentState)| {
        let entry = journal.entries.get(id)?;
        let Intent { side, quantity, limit_price, symbol, .. } = &entry.intent;
        let said = entry.refused_with();
        let detail = endings::order_settled(*side, *quantity, *limit_price, entry.filled_quantity, id)
            .and(": ", &Sentence::verbatim(said.as_ref().map(ToString::to_string).unwrap_or_default()));
        Some(SettledLine { intent_id: id.clone(), symbol: symbol.clone(), state: *state, said, detail })
    };
    // One that nobody can tell is not settled; the run's end says so.
    changed.iter().filter(|(_, state)| *state != IntentState::Unknown).filter_map(line).collect()
}

/// External orders that are still open: listed, never touched.
fn kept_external(reconciled: &Reconciled) -> Vec<Kept> {
    let open = reconciled.findings.external.iter().filter(|row| row.remaining_quantity > 0);
    let kept = open.map(|row| {
        let BrokerOrder { order_id, side, quantity, limit_price, .. } = row;
        let detail = endings::external_order(*side, *quantity, *limit_price, order_id);
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
