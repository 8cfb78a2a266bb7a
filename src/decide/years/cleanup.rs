//! `cleanup` and `status`, as `cmd::cleanup` and `cmd::status`.

use std::rc::Rc;

use super::border::Spot;
use super::crontab::Settlement;
use super::open::Opened;
use super::process::Failed;
use super::settle::{Settled, settle};
use crate::decide::cleanup::{plan_cancels, row_to_cancel};
use crate::decide::fold::Entry;
use crate::domain::intent::IntentId;
use crate::domain::order::BrokerOrder;
use crate::domain::record::{CancelPhase, HumanVerdict, Record};

/// Runs `cleanup`.
pub async fn cleanup(open: &mut Opened, settlement: Option<&Settlement>) -> Result<(), Failed> {
    let has_work = open.market.is_open || settlement.is_some() || open.journal.state.live().next().is_some();
    if !has_work {
        return Ok(());
    }
    let settled = settle(open).await?;
    open.check_clock()?;
    if let Some(settlement) = settlement {
        settle_by_hand(open, settlement, &settled).await?;
    }
    if !open.market.is_open {
        let mut world = open.run.world();
        world.weather.settled_ms = world.now_ms;
        return Ok(());
    }
    open.has_decided = true;
    let rules = Rc::clone(&open.run.world().rules);
    let stamp = open.run.world().stamp();
    let (cancel, _) = plan_cancels(&open.journal.state, &rules.cleanup, &stamp);
    for entry in &cancel {
        if let Some(row) = row_to_cancel(entry, &settled.list) {
            open.check_safe_point()?;
            cancel_one(open, entry, row).await?;
        }
    }
    if !cancel.is_empty() {
        settle(open).await?;
    }
    Ok(())
}

async fn cancel_one(open: &mut Opened, entry: &Entry, row: &BrokerOrder) -> Result<(), Failed> {
    let (intent, order_id) = (entry.intent.id.clone(), row.order_id.clone());
    let record = |phase, msg| Record::Cancel { order_id: order_id.clone(), intent: intent.clone(), phase, msg };
    open.append(&record(CancelPhase::Planned, None)).await?;
    let (phase, ms) = {
        let mut world = open.run.world();
        let index = world.broker.index_of(row.date, &row.order_id);
        world.post_cancel(index)
    };
    open.run.border(Spot::Cancelled, ms).await;
    open.append(&record(phase, Some(String::new()))).await
}

/// Writes a person's word down, if it still fits.
async fn settle_by_hand(open: &mut Opened, settlement: &Settlement, settled: &Settled) -> Result<(), Failed> {
    let verdict = match settlement {
        Settlement::IsAbsent(id) if is_unknown(open, id) => HumanVerdict::IsAbsent { intent: id.clone() },
        Settlement::IsOrder(id, order_id) if is_unknown(open, id) => {
            let intent = &open.journal.state.entries[id].intent;
            let is_claimed = |order_id: &_| open.journal.state.is_claimed(intent.trading_day, order_id);
            let fits = |row: &BrokerOrder| row.order_id == *order_id && intent.matches(row, is_claimed);
            if !settled.list.rows.iter().any(fits) {
                return Ok(());
            }
            HumanVerdict::IsOrder { intent: id.clone(), order_id: order_id.clone() }
        }
        Settlement::ForeignIsFine(order_id) => {
            let Some(row) = settled.findings.others.iter().find(|row| row.order_id == *order_id) else {
                return Ok(());
            };
            HumanVerdict::ForeignIsFine { date: row.date, order_id: order_id.clone() }
        }
        Settlement::IsAbsent(_) | Settlement::IsOrder(..) => return Ok(()),
    };
    open.append(&Record::Human(verdict)).await
}

fn is_unknown(open: &Opened, id: &IntentId) -> bool {
    open.journal.state.entries.get(id).is_some_and(|entry| entry.state.is_unknown())
}

/// Runs `status`: looks, and folds in memory what it saw.
pub async fn status(open: &mut Opened) -> Result<(), Failed> {
    settle(open).await.map(|_| ())
}
