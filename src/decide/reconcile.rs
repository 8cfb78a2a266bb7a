//! The journal compared with the broker's list: what became of each order of ours, and which orders are external.

mod external;
mod witness;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::decide::fold::{Entry, JournalState};
use crate::domain::market_session::{previous_trading_date, session_of};
use crate::domain::{
    BrokerOrder, EndReason, Intent, IntentId, IntentState, ListSeen, Observed, OrderId, OrderList, Record, Resolved,
    RowKind, Side, Stamp, Symbol, Verdict, Witness,
};

/// A buy may be called absent this long after its intent: orders have been listed up to 40 minutes late.
const ABSENT_BUY_AFTER: TimeDelta = TimeDelta::minutes(45);
/// A sell may be called absent sooner: a blocked stop loss is a risk itself, and the sellable quantity is a strong witness.
const ABSENT_SELL_AFTER: TimeDelta = TimeDelta::minutes(10);
/// The two lists without a candidate lie at least this far apart.
const ABSENT_LISTS_APART: TimeDelta = TimeDelta::seconds(60);
/// A complete list this long after the close is final for a day's orders.
const FINAL_AFTER_CLOSE: TimeDelta = TimeDelta::hours(1);
/// A row that still shows a remainder may fill until the after-market ends, four hours after the close; one more hour
/// later it is final too.
const REMAINDER_DEAD_AFTER_CLOSE: TimeDelta = TimeDelta::hours(5);

/// What the broker's list says about the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Journal lines to write, in this order.
    pub records: Vec<Record>,
    /// Sentences for people.
    pub warnings: Vec<String>,
    /// Orders of the trading date that came through the Open API and are not ours.
    pub foreign: Vec<BrokerOrder>,
    /// Every order of the trading date that is not ours, whoever placed it.
    pub external: Vec<BrokerOrder>,
    /// Symbols whose unknown orders may be called absent only after a check of the account.
    pub wants_witness: BTreeSet<Symbol>,
}

/// A complete list and the account around it.
#[derive(Clone, Debug)]
pub struct Evidence<'a> {
    /// The broker's orders, read to the last page.
    pub list: &'a OrderList,
    /// When it was read.
    pub stamp: &'a Stamp,
    /// Trading date by which "today's" foreign orders are meant.
    pub today: NaiveDate,
    /// The account now, for the symbols that it was fetched for.
    pub witnesses: &'a BTreeMap<Symbol, Witness>,
}

/// Compares the journal with a complete list.
///
/// # Errors
/// A sentence when the list contradicts what it said before (fills that shrink): then nothing may be decided from it.
pub fn reconcile(state: &JournalState, evidence: &Evidence<'_>) -> Result<Findings, String> {
    let candidates = find_candidates(state, evidence);
    let mut comparison = Comparison { state, evidence, candidates, findings: Findings::default() };
    for entry in state.entries.values() {
        match &entry.order_id {
            Some(order_id) if entry.state.is_live() => {
                let row = evidence.list.rows.iter().find(|row| is_row_of(row, entry, order_id));
                comparison.observe(entry, order_id, row)?;
            }
            Some(_) => {}
            None => comparison.find_order(entry)?,
        }
    }
    comparison.find_external_orders();
    Ok(comparison.findings)
}

/// The day from which the broker's list must be read so that every live order of ours can be in it, and every fill since the
/// last look of the trading date before.
pub fn list_from(state: &JournalState, today: NaiveDate) -> NaiveDate {
    let oldest = state.live().map(|entry| entry.intent.trading_day).min().unwrap_or(today);
    (oldest.min(today) - TimeDelta::days(1)).min(previous_trading_date(today))
}

/// Reports whether a list read at `at` is final for the orders of `day`.
pub fn is_final(day: NaiveDate, at: DateTime<Utc>) -> bool {
    is_past_close(day, at, FINAL_AFTER_CLOSE)
}

fn is_past_close(day: NaiveDate, at: DateTime<Utc>, by: TimeDelta) -> bool {
    session_of(day).is_none_or(|session| at >= session.closes_at + by)
}

/// Numbers are unique within a day and a branch only, and the branch is not always given: symbol and side must fit, too.
fn is_row_of(row: &BrokerOrder, entry: &Entry, order_id: &OrderId) -> bool {
    let intent = &entry.intent;
    let is_its_number = row.date == intent.trading_day && row.order_id == *order_id && row.kind == RowKind::Order;
    is_its_number && row.symbol == intent.symbol && row.side == intent.side
}

/// Rows that could be the order of an intent without a number. A row that fits two intents is a candidate of both.
type Candidates<'a> = BTreeMap<IntentId, Vec<&'a BrokerOrder>>;

fn find_candidates<'a>(state: &JournalState, evidence: &Evidence<'a>) -> Candidates<'a> {
    let mut found = Candidates::new();
    for entry in state.entries.values().filter(|entry| entry.order_id.is_none()) {
        let day = entry.intent.trading_day;
        // Rows that a person saw before saying "absent" are not the order.
        let is_ruled_out = |id: &OrderId| entry.state == IntentState::Absent && entry.candidates.contains(id);
        let is_claimed = |id: &OrderId| {
            state.is_claimed(day, id) || state.fine_foreign.contains(&(day, id.clone())) || is_ruled_out(id)
        };
        let rows = evidence.list.rows.iter().filter(|row| entry.intent.matches(row, is_claimed)).collect::<Vec<_>>();
        if !rows.is_empty() {
            found.insert(entry.intent.id.clone(), rows);
        }
    }
    found
}

/// The journal, the list, and what has been found so far.
struct Comparison<'a> {
    state: &'a JournalState,
    evidence: &'a Evidence<'a>,
    candidates: Candidates<'a>,
    findings: Findings,
}

impl Comparison<'_> {
    /// An intent without an order number: found, still missing, absent, or for a person to decide.
    fn find_order(&mut self, entry: &Entry) -> Result<(), String> {
        let intent = &entry.intent;
        if entry.state.is_unknown() && self.is_obscured(intent) {
            return Ok(());
        }
        let seen = ListSeen { at: self.evidence.list.read_at, complete: true, rows: self.evidence.list.rows.len() };
        let rows = self.candidates.get(&intent.id).cloned().unwrap_or_default();
        match rows.as_slice() {
            [] if entry.state.is_unknown() => self.judge_missing(entry, seen),
            [] => {}
            [row] if entry.state != IntentState::Ambiguous && !self.is_contested(row) => {
                if !entry.state.is_unknown() {
                    let Intent { id, side, quantity, symbol, .. } = intent;
                    self.findings.warnings.push(format!(
                        "order {} ({side} {quantity} {symbol}) turned up although intent {id} counted as {}",
                        row.order_id, entry.state
                    ));
                }
                self.resolve(entry, Verdict::Accepted, Some(row.order_id.clone()), vec![], vec![seen]);
                self.observe(entry, &row.order_id, Some(row))?;
            }
            several => {
                let ids: Vec<OrderId> = several.iter().map(|row| row.order_id.clone()).collect();
                if entry.state.is_unknown() && (entry.candidates != ids || entry.state != IntentState::Ambiguous) {
                    self.resolve(entry, Verdict::Ambiguous, None, ids, vec![seen]);
                }
            }
        }
        Ok(())
    }

    /// Reports whether a row that can't be read may be the order of an unknown intent, which then stays unknown.
    fn is_obscured(&self, intent: &Intent) -> bool {
        let (state, day) = (self.state, intent.trading_day);
        let is_taken = |id: &OrderId| state.is_claimed(day, id) || state.fine_foreign.contains(&(day, id.clone()));
        self.evidence.list.odd.iter().any(|odd| intent.may_be(odd, is_taken))
    }

    /// An unknown order that the list does not show: absent once it is late, twice missed, and without a trace.
    fn judge_missing(&mut self, entry: &Entry, seen: ListSeen) {
        let intent = &entry.intent;
        let lists: Vec<ListSeen> = entry.first_unseen.iter().chain([&seen]).cloned().collect();
        if is_final(intent.trading_day, seen.at) {
            self.resolve(entry, Verdict::Absent, None, vec![], lists);
            return;
        }
        let Some(first) = &entry.first_unseen else {
            self.findings.records.push(Record::Unseen { intent: intent.id.clone(), list: seen });
            return;
        };
        let least_age = if intent.side == Side::Buy { ABSENT_BUY_AFTER } else { ABSENT_SELL_AFTER };
        let is_late = entry.submitted.age_at(self.evidence.stamp) >= least_age;
        if !is_late || seen.at - first.at < ABSENT_LISTS_APART {
            return;
        }
        match self.evidence.witnesses.get(&intent.symbol) {
            None => {
                self.findings.wants_witness.insert(intent.symbol.clone());
            }
            Some(now) if witness::is_unchanged(entry, now, self.state, self.evidence) => {
                self.resolve(entry, Verdict::Absent, None, vec![], lists);
            }
            Some(_) => {}
        }
    }

    fn resolve(
        &mut self,
        entry: &Entry,
        verdict: Verdict,
        order_id: Option<OrderId>,
        candidates: Vec<OrderId>,
        lists: Vec<ListSeen>,
    ) {
        let intent = entry.intent.id.clone();
        self.findings.records.push(Record::Resolved(Resolved { intent, verdict, order_id, candidates, lists }));
    }

    /// Reports whether a row fits several intents: then a person says whose it is.
    fn is_contested(&self, row: &BrokerOrder) -> bool {
        self.candidates.values().filter(|rows| rows.contains(&row)).count() > 1
    }

    /// An order of ours with a number: writes down what changed.
    fn observe(&mut self, entry: &Entry, order_id: &OrderId, row: Option<&BrokerOrder>) -> Result<(), String> {
        let is_last = is_final(entry.intent.trading_day, self.evidence.list.read_at);
        let Some(row) = row else {
            let day = entry.intent.trading_day;
            if is_last && !self.evidence.list.odd.iter().any(|odd| odd.may_be(day, order_id)) {
                let warning = format!("order {order_id} was accepted but KIS never listed it; it counts as absent");
                self.findings.warnings.push(warning);
                self.findings.records.push(observed(entry, order_id, IntentState::Absent, None));
            }
            return Ok(());
        };
        if row.filled_quantity < entry.filled_quantity {
            let (before, now) = (entry.filled_quantity, row.filled_quantity);
            return Err(format!("order {order_id} had {before} shares filled and now shows {now}"));
        }
        let state = state_of(row, self.evidence, is_last);
        // A row found this moment makes its intent accepted before this line speaks of it.
        let known_state = if entry.order_id.is_some() { entry.state } else { IntentState::Accepted };
        let is_new = state != known_state
            || row.filled_quantity != entry.filled_quantity
            || row.remaining_quantity != entry.remaining_quantity;
        if is_new {
            self.findings.records.push(observed(entry, order_id, state, Some(row)));
        }
        Ok(())
    }
}

fn observed(entry: &Entry, order_id: &OrderId, state: IntentState, row: Option<&BrokerOrder>) -> Record {
    Record::Observed(Observed {
        intent: entry.intent.id.clone(),
        order_id: order_id.clone(),
        state,
        filled_quantity: row.map_or(entry.filled_quantity, |row| row.filled_quantity),
        remaining_quantity: row.map_or(0, |row| row.remaining_quantity),
        average_price: row.map_or(entry.average_price, |row| row.average_price),
        note: row.map(|row| row.note.clone()).unwrap_or_default(),
    })
}

/// What a row means. Quantities decide; KIS says 완료 of filled, cancelled and expired orders alike, and on paper says nothing.
fn state_of(row: &BrokerOrder, evidence: &Evidence<'_>, is_last: bool) -> IntentState {
    if row.filled_quantity == row.quantity {
        return IntentState::Filled;
    }
    if row.is_refused {
        return IntentState::Rejected;
    }
    if row.remaining_quantity > 0 {
        let is_dead = is_past_close(row.date, evidence.list.read_at, REMAINDER_DEAD_AFTER_CLOSE);
        return if is_dead { IntentState::Expired } else { IntentState::Accepted };
    }
    let has_sibling = |kind| {
        evidence.list.rows.iter().any(|other| {
            other.date == row.date && other.kind == kind && other.original_id.as_ref() == Some(&row.order_id)
        })
    };
    match row.end_reason {
        _ if has_sibling(RowKind::Cancel) => IntentState::Cancelled,
        // It was modified: it lives on under another number, so its symbol stays blocked until the day is over.
        _ if has_sibling(RowKind::Modify) && !is_last => IntentState::Accepted,
        EndReason::SessionEnd => IntentState::Expired,
        EndReason::Cancel => IntentState::Cancelled,
        EndReason::Other if row.filled_quantity == 0 => IntentState::Rejected,
        _ if is_last => IntentState::Expired,
        // Nothing filled and nothing left, without a reason: cancelled, expired or refused. The end of the session
        // decides.
        EndReason::Other | EndReason::Unsaid => IntentState::Accepted,
    }
}

#[cfg(test)]
mod tests;
