//! Loose ends first, as `cmd::settle`: the same steps in the same order around the same `reconcile`.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::broker::Source;
use super::journal::Journal;
use super::open::Opened;
use super::process::Failed;
use super::world::World;
use crate::decide::facts::held_quantities;
use crate::decide::reconcile::{Findings, Look, list_from, reconcile};
use crate::domain::intent::Witness;
use crate::domain::market_session::new_york_date;
use crate::domain::order::{BrokerOrder, OrderList, Side};
use crate::domain::position::{Position, merge_by_symbol};
use crate::domain::symbol::Symbol;

/// Rows of one page.
const PAGE: usize = 15;

/// The broker's view.
pub struct Settled {
    pub list: OrderList,
    pub findings: Findings,
}

/// Reads the broker's list and brings the journal up to date with it.
pub async fn settle(open: &mut Opened) -> Result<Settled, Failed> {
    let mut list = fetch_list(open).await?;
    if !open.is_read_only {
        open.check_clock()?;
    }
    let mut findings = look(open, &list, &BTreeMap::new());
    if !findings.foreign.is_empty() && open.is_read_only {
        findings = look_again(open, &mut list).await?;
    }
    if !findings.wants_witness.is_empty() {
        let witnesses = fetch_witnesses(open, &findings).await?;
        findings = look(open, &list, &witnesses);
    }
    for record in &findings.records {
        open.append(record).await?;
    }
    let mut world = open.run.world();
    world.judge_findings(&findings);
    world.truth.rests_on_last_list(open.run.number);
    drop(world);
    Ok(Settled { list, findings })
}

/// Reads the list page by page; a page that fails fails the whole.
pub async fn fetch_list(open: &mut Opened) -> Result<OrderList, Failed> {
    let read_at = open.run.world().wall();
    let today = new_york_date(read_at);
    let from = list_from(&open.journal.state, today);
    let is_early = open.run.world().random.one_in(2);
    let mut rows = open.run.world().show_list(open.run.number, from);
    for _ in 0..=rows.len() / PAGE {
        open.read().await?;
    }
    if !is_early {
        rows = open.run.world().show_list(open.run.number, from);
    }
    Ok(OrderList { read_at, rows })
}

/// Reads the holdings.
pub async fn fetch_positions(open: &mut Opened) -> Result<BTreeMap<Symbol, Position>, Failed> {
    open.read().await?;
    let world = open.run.world();
    Ok(merge_by_symbol(world.broker.positions(world.now_ms)))
}

fn look(open: &Opened, list: &OrderList, witnesses: &BTreeMap<Symbol, Witness>) -> Findings {
    let world = open.run.world();
    let look = Look { list, stamp: &world.stamp(), today: open.market.trading_date, witnesses };
    let found = reconcile(&open.journal.state, &look);
    world.holds(found.is_ok(), "I5: the list contradicts the journal");
    found.unwrap_or_default()
}

async fn look_again(open: &mut Opened, list: &mut OrderList) -> Result<Findings, Failed> {
    open.journal = Journal::load(&mut open.run.world(), true);
    let stamp = open.run.world().stamp();
    let look_at = Look { list, stamp: &stamp, today: open.market.trading_date, witnesses: &BTreeMap::new() };
    if let Ok(findings) = reconcile(&open.journal.state, &look_at) {
        return Ok(findings);
    }
    open.run.note("status reads the list again", 0);
    *list = fetch_list(open).await?;
    Ok(look(open, list, &BTreeMap::new()))
}

/// Looks at the account for intents that may be called absent.
async fn fetch_witnesses(open: &mut Opened, findings: &Findings) -> Result<BTreeMap<Symbol, Witness>, Failed> {
    let positions = fetch_positions(open).await?;
    let mut witnesses = BTreeMap::new();
    for symbol in &findings.wants_witness {
        let is_unknown_buy =
            open.journal.state.unknown().any(|entry| entry.intent.symbol == *symbol && entry.intent.side == Side::Buy);
        let mut cash = None;
        if is_unknown_buy {
            open.read().await?;
            cash = Some(open.run.world().broker.orderable());
        }
        let held = held_quantities(&positions, &open.journal.state, open.market.trading_date);
        let sellable = positions.get(symbol).map_or(0, |position| position.sellable_quantity);
        let held = held.get(symbol).copied().unwrap_or(0);
        witnesses.insert(symbol.clone(), Witness { held, sellable, cash });
    }
    Ok(witnesses)
}

impl World {
    /// The broker's list as it is now; the truth remembers it.
    fn show_list(&mut self, run: u64, from: NaiveDate) -> Vec<BrokerOrder> {
        let today = self.broker.since(self.broker.today).iter().filter(|order| order.listed_ms <= self.now_ms);
        self.truth.shown.insert(run, today.map(|order| order.id.clone()).collect());
        self.broker.list(from, self.now_ms)
    }

    /// Orders of other hands are those of other hands, and what the journal lost or never could know.
    fn judge_findings(&mut self, findings: &Findings) {
        for row in &findings.foreign {
            let order = self.broker.find(row.date, &row.order_id);
            let is_foreign = order.is_some_and(|order| match order.source {
                Source::Program => order.cancels.is_none(),
                Source::Person => order.cancels.is_none() && self.broker.habits.is_paper,
                Source::Ours(_) => order.cancels.is_none() && self.truth.is_excused(order),
            });
            self.holds(is_foreign, "an order is taken for another hand's");
            self.note("foreign", 0);
        }
    }
}
