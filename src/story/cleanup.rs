//! `cleanup`: reconcile the journal, cancel our own orders left open too long, and let a person decide what KIS can't show.

use crate::decide::cleanup::{Kept, plan_cancels, row_to_cancel};
use crate::decide::fold::{Entry, JournalState};
use crate::decide::odd_rows::OddRows;
use crate::decide::rule::Rule;
use crate::decide::split::settled_unit;
use crate::domain::{BrokerOrder, CancelPhase, HumanVerdict, Intent, IntentId, IntentState, OrderId, Record, Symbol};
use crate::exit::{Ending, Failure, Reason};
use crate::report::{Body, CancelledLine, SettledLine};
use crate::story::desk::Desk;
use crate::story::reconcile::Reconciled;
use crate::story::run::Run;

/// A person's decision, as `--settle` gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The intent became this order.
    IsOrder(IntentId, OrderId),
    /// The intent never reached KIS.
    IsAbsent(IntentId),
    /// An external order is fine.
    ForeignIsFine(OrderId),
    /// The price of a symbol that is set aside is right.
    PriceIsRight(Symbol),
}

impl Settlement {
    /// Reads `INTENT=ORDER_ID`, `INTENT=absent`, `foreign=ORDER_ID` or `price=SYMBOL`.
    ///
    /// # Errors
    /// 2 for anything else.
    pub fn parse(text: &str) -> Result<Settlement, Failure> {
        let parsed = text.split_once('=').and_then(|(left, right)| match (left, right) {
            ("foreign", order_id) => Some(Settlement::ForeignIsFine(order_id.parse().ok()?)),
            ("price", symbol) => Some(Settlement::PriceIsRight(symbol.parse().ok()?)),
            (intent, "absent") => Some(Settlement::IsAbsent(IntentId::parse(intent)?)),
            (intent, order_id) => Some(Settlement::IsOrder(IntentId::parse(intent)?, order_id.parse().ok()?)),
        });
        let what = "--settle takes INTENT=ORDER_ID, INTENT=absent, foreign=ORDER_ID or price=SYMBOL";
        parsed.ok_or_else(|| usage(what, "`kis-trade status` shows the intents and their candidates"))
    }
}

/// Intents whose state changed, with the new state.
type Changed = Vec<(IntentId, IntentState)>;

/// Runs the command.
pub(super) async fn cleanup<D: Desk>(run: &mut Run<'_, D>, settlement: Option<&Settlement>) -> Result<Ending, Failure> {
    let has_work = run.market.is_open || settlement.is_some() || run.desk.journal().live().next().is_some();
    if !has_work {
        return Ok(Ending::nothing(Reason::MarketClosed, "the market is closed and no order of ours is open"));
    }
    let reconciled = run.reconcile().await?;
    run.check_clock()?;
    let odd_rows = OddRows { holdings: Vec::new(), orders: run.odd_orders_of_today(&reconciled.list.odd) };
    run.tell_all(odd_rows.notices(&run.settings, run.market.trading_date));
    let mut changed = reconciled.changed.clone();
    if let Some(settlement) = settlement {
        changed.extend(settle(run, settlement, &reconciled).await?);
    }
    if !run.market.is_open {
        let closed = Ending::nothing(Reason::MarketClosed, "the market is closed; nothing is cancelled");
        return Ok(finish(run, Vec::new(), kept_external(&reconciled), &changed, closed));
    }
    run.notes.has_decided = true;
    let idle = match settlement {
        Some(Settlement::PriceIsRight(symbol)) => {
            Ending::done(format!("{symbol} is traded again at its price, as you said"))
        }
        Some(_) => Ending::done("the order is settled as you said"),
        None => Ending::nothing(Reason::NothingToCancel, "no order of ours is older than its limit"),
    };
    let (cancel, mut kept) = plan_cancels(run.desk.journal(), &run.settings.cleanup, &run.desk.now());
    kept.extend(kept_external(&reconciled));
    if run.task.is_dry_run {
        let planned = cancel.iter().filter_map(|entry| line(entry, entry.remaining_quantity)).collect();
        return Ok(finish(run, planned, kept, &changed, idle));
    }
    cancel_all(run, &cancel, &reconciled, &mut changed).await?;
    let survivors = cancel.iter().filter_map(|entry| now(run, entry)).filter(|entry| entry.state.is_live());
    let survivors: Vec<Entry> = survivors.cloned().collect();
    let not_confirmed = "its cancel is not confirmed by KIS's list yet";
    kept.extend(survivors.iter().filter_map(|entry| Kept::own(entry, Rule::OrderOpen, not_confirmed)));
    let idle = match survivors.len() {
        0 => idle,
        count => {
            Ending::done(format!("{count} cancel(s) tried, not confirmed by KIS's list yet; the next run looks again"))
        }
    };
    let ending = finish(run, cancelled(run), kept, &changed, idle);
    let refused = survivors.iter().filter(|entry| entry.cancel == Some(CancelPhase::Refused)).count();
    if refused == 0 {
        return Ok(ending);
    }
    let what = format!("KIS refused to cancel {refused} order(s), which may still fill");
    Ok(Ending::failed(Reason::OrderRejected, what, "the next cleanup tries again"))
}

/// An order as the journal knows it now.
fn now<'a, D: Desk>(run: &'a Run<'_, D>, entry: &Entry) -> Option<&'a Entry> {
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
    run.desk.append(&record(CancelPhase::Planned, None)).await?;
    let outcome = run.cancel(row, entry.intent.exchange).await?;
    if outcome.cancel_phase() != CancelPhase::Done {
        run.notes.warnings.push(format!("cancel of {} {}: {}", entry.intent.symbol, row.order_id, outcome.msg));
    }
    run.desk.append(&record(outcome.cancel_phase(), Some(outcome.msg))).await
}

/// The cancels of this run that the list confirms, with what they took out of the market: all that did not fill before.
fn cancelled<D: Desk>(run: &Run<'_, D>) -> Vec<CancelledLine> {
    let tried = run.notes.cancels_tried.iter().filter_map(|entry| now(run, entry));
    let cancelled = tried.filter(|entry| entry.state == IntentState::Cancelled);
    cancelled.filter_map(|entry| line(entry, entry.intent.quantity.saturating_sub(entry.filled_quantity))).collect()
}

/// Records a person's decision.
async fn settle<D: Desk>(
    run: &mut Run<'_, D>,
    settlement: &Settlement,
    reconciled: &Reconciled,
) -> Result<Option<(IntentId, IntentState)>, Failure> {
    let journal = run.desk.journal();
    let verdict = verdict_of(journal, settlement, reconciled)?;
    if let Settlement::PriceIsRight(symbol) = settlement
        && let Some(unit) = journal.set_aside(symbol).and_then(settled_unit)
    {
        // First: by itself this line frees the symbol, too.
        run.desk.append(&Record::Unit(unit)).await?;
    }
    run.desk.append(&Record::Human(verdict)).await?;
    let id = match settlement {
        Settlement::IsOrder(id, _) | Settlement::IsAbsent(id) => id,
        Settlement::ForeignIsFine(_) | Settlement::PriceIsRight(_) => return Ok(None),
    };
    Ok(run.desk.journal().entries.get(id).map(|entry| (id.clone(), entry.state)))
}

/// Checks a person's decision against journal and list.
fn verdict_of(
    journal: &JournalState,
    settlement: &Settlement,
    reconciled: &Reconciled,
) -> Result<HumanVerdict, Failure> {
    match settlement {
        Settlement::IsAbsent(id) => {
            unknown_entry(journal, id)?;
            Ok(HumanVerdict::IsAbsent { intent: id.clone() })
        }
        Settlement::IsOrder(id, order_id) => {
            let intent = &unknown_entry(journal, id)?.intent;
            let is_claimed = |id: &OrderId| journal.is_claimed(intent.trading_day, id);
            if !reconciled.list.rows.iter().any(|row| row.order_id == *order_id && intent.matches(row, is_claimed)) {
                let what = format!(
                    "order {order_id} can't be intent {id}: KIS's list of {} has no such {} of {} {} at {} that nobody owns",
                    intent.trading_day, intent.side, intent.quantity, intent.symbol, intent.limit_price
                );
                return Err(usage(&what, "`kis-trade status` shows the candidates"));
            }
            Ok(HumanVerdict::IsOrder { intent: id.clone(), order_id: order_id.clone() })
        }
        Settlement::ForeignIsFine(order_id) => {
            let foreign = reconciled.findings.external.iter().find(|row| row.order_id == *order_id);
            let Some(date) = foreign.map(|row| row.date) else {
                let what = format!("order {order_id} is no foreign order of today");
                return Err(usage(&what, "`kis-trade status` shows today's orders"));
            };
            Ok(HumanVerdict::ForeignIsFine { date, order_id: order_id.clone() })
        }
        Settlement::PriceIsRight(symbol) => {
            if journal.set_aside(symbol).is_none() {
                let what = format!("{symbol} is not set aside for a suspected split");
                return Err(usage(&what, "`kis-trade status` shows what is set aside"));
            }
            Ok(HumanVerdict::PriceIsRight { symbol: symbol.clone() })
        }
    }
}

fn unknown_entry<'a>(journal: &'a JournalState, id: &IntentId) -> Result<&'a Entry, Failure> {
    let entry = journal.entries.get(id).filter(|entry| entry.state.is_unknown());
    let what = || format!("intent {id} is not waiting for a decision");
    entry.ok_or_else(|| usage(&what(), "`kis-trade status` shows the unknown orders"))
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
    let detail = format!("{} cancelled, {} settled, {} kept", cancelled.len(), settled.len(), kept.len());
    run.notes.body = Body::Cleanup { cancelled, kept, settled };
    if is_idle { idle } else { Ending::done(detail) }
}

/// The orders that changed, as the journal knows them now.
fn settled_lines(journal: &JournalState, changed: &Changed) -> Vec<SettledLine> {
    let line = |(id, state): &(IntentId, IntentState)| {
        let entry = journal.entries.get(id)?;
        let Intent { side, quantity, limit_price, symbol, .. } = &entry.intent;
        let detail = format!("{side} {quantity} @ {limit_price}, {} filled ({id})", entry.filled_quantity);
        Some(SettledLine { intent_id: id.clone(), symbol: symbol.clone(), state: *state, detail })
    };
    changed.iter().filter_map(line).collect()
}

/// External orders that are still open: listed, never touched.
fn kept_external(reconciled: &Reconciled) -> Vec<Kept> {
    let open = reconciled.findings.external.iter().filter(|row| row.remaining_quantity > 0);
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

fn usage(what: &str, next: &str) -> Failure {
    Failure::new(Reason::Usage, what).next(next)
}
