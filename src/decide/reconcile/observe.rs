//! What the list says of an order of ours that has a number: how much of it filled, and how it ended.

use super::{ABSENT_LISTS_APART, Comparison, REMAINDER_DEAD_AFTER_CLOSE, is_final, is_past_close, witness, words};
use crate::decide::fold::Entry;
use crate::domain::{BrokerOrder, Corrected, EndReason, IntentState, Observed, OrderId, OrderList, Record, RowKind};

impl Comparison<'_> {
    /// Writes down what changed.
    pub(super) fn observe(&mut self, entry: &Entry, order_id: &OrderId, row: Option<&BrokerOrder>) {
        let Some(row) = row else {
            self.miss(entry, order_id);
            return;
        };
        let row = &self.believed(entry, row);
        // A row found this moment makes its intent accepted before this line speaks of it.
        let known_state = if entry.order_id.is_some() { entry.state } else { IntentState::Accepted };
        // An end that a list gave holds, whatever reasons a later one gives, until shares tell otherwise.
        let is_open = known_state.is_live() || known_state == IntentState::Absent || row.remaining_quantity > 0;
        let state = match state_of(row, self.evidence.list) {
            state if is_open || state == IntentState::Filled => state,
            _ => known_state,
        };
        let is_new = state != known_state
            || row.filled_quantity != entry.filled_quantity
            || row.remaining_quantity != entry.remaining_quantity;
        if is_new {
            if !known_state.is_live() && row.filled_quantity > entry.filled_quantity {
                let (before, now) = (entry.filled_quantity, row.filled_quantity);
                self.findings.warnings.push(words::filled_after_end(order_id, known_state, before, now));
            }
            self.findings.records.push(observed(entry, order_id, state, Some(row)));
        }
    }

    /// The row as far as it is believed: fills that shrink are not, before a person says so.
    fn believed(&mut self, entry: &Entry, row: &BrokerOrder) -> BrokerOrder {
        let is_fewer = row.filled_quantity < entry.filled_quantity;
        let is_overruled = entry.overruled == Some(row.filled_quantity);
        if is_fewer && !is_overruled {
            self.doubt(entry, row);
        } else if entry.correction.is_some() {
            self.correct(entry, row);
        }
        if !is_fewer {
            return row.clone();
        }
        let left = entry.intent.quantity.saturating_sub(entry.filled_quantity);
        BrokerOrder {
            filled_quantity: entry.filled_quantity,
            average_price: entry.average_price,
            remaining_quantity: if entry.state.is_live() { row.remaining_quantity.min(left) } else { 0 },
            ..row.clone()
        }
    }

    /// Fewer shares filled than before: a second list must agree, then a person decides. Until then the symbol is not bought.
    fn doubt(&mut self, entry: &Entry, row: &BrokerOrder) {
        self.findings.shows_fewer_fills = true;
        let known = entry.correction.as_ref().filter(|known| known.filled_quantity == row.filled_quantity);
        let agrees = known.is_some_and(|known| self.evidence.list.read_at - known.seen.at >= ABSENT_LISTS_APART);
        let is_confirmed = known.is_some_and(|known| known.is_confirmed);
        if known.is_none() || (agrees && !is_confirmed) {
            self.correct(entry, row);
        }
        if agrees || is_confirmed {
            let (id, before, now) = (&row.order_id, entry.filled_quantity, row.filled_quantity);
            self.findings.warnings.push(words::fills_shrank(id, before, now, &row.symbol));
        }
    }

    fn correct(&mut self, entry: &Entry, row: &BrokerOrder) {
        let (intent, order_id, list) = (entry.intent.id.clone(), row.order_id.clone(), self.list_seen());
        let (filled_quantity, average_price) = (row.filled_quantity, row.average_price);
        let corrected = Corrected { intent, order_id, filled_quantity, average_price, list };
        self.findings.records.push(Record::Corrected(corrected));
    }

    /// No list of its date shows an order that KIS took. The account is its witness: it counts as absent only when shares and
    /// cash agree; else a person decides.
    fn miss(&mut self, entry: &Entry, order_id: &OrderId) {
        let (date, read_at) = (entry.intent.trading_date, self.evidence.list.read_at);
        if !entry.state.is_live() || !is_final(date, read_at) {
            return;
        }
        if self.has_odd_row(entry) {
            // Its row may be readable tomorrow. Until then a person can decide.
            if !entry.state.is_unknown() && is_past_close(date, read_at, REMAINDER_DEAD_AFTER_CLOSE) {
                self.findings.records.push(observed(entry, order_id, IntentState::Unknown, None));
            }
            return;
        }
        if entry.filled_quantity > 0 {
            // It was listed once, and its date is over.
            self.findings.records.push(observed(entry, order_id, IntentState::Expired, None));
            return;
        }
        let id = &entry.intent.id;
        let state = match self.evidence.witnesses.get(&entry.intent.symbol) {
            _ if entry.is_unlisted() => IntentState::Unknown,
            None => {
                self.findings.wants_witness.insert(entry.intent.symbol.clone());
                return;
            }
            Some(now) if witness::is_unchanged(entry, now, self.state, self.evidence) => IntentState::Absent,
            Some(_) => IntentState::Unknown,
        };
        self.findings.warnings.push(if state == IntentState::Absent {
            words::never_listed(order_id)
        } else {
            words::never_listed_but_moved(order_id, id)
        });
        if state != entry.state {
            self.findings.records.push(observed(entry, order_id, state, None));
        }
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

/// What a row means. Quantities decide: KIS's status word is the same for filled, cancelled and expired orders, and blank on
/// paper.
pub fn state_of(row: &BrokerOrder, list: &OrderList) -> IntentState {
    if row.filled_quantity == row.quantity {
        return IntentState::Filled;
    }
    if row.is_refused {
        return IntentState::Rejected;
    }
    if row.remaining_quantity > 0 {
        let is_dead = is_past_close(row.date, list.read_at, REMAINDER_DEAD_AFTER_CLOSE);
        return if is_dead { IntentState::Expired } else { IntentState::Accepted };
    }
    let has_sibling = |kind| {
        list.rows.iter().any(|other| {
            let is_about_it = other.original_id.as_ref() == Some(&row.order_id) && other.symbol == row.symbol;
            // An original is named without its branch, and two branches may have given its number. What lives on, lives on as a
            // buy or as a sell.
            let is_about_it = is_about_it && (kind == RowKind::Cancel || other.side == row.side);
            other.date == row.date && other.kind == kind && is_about_it && !other.is_refused
        })
    };
    match row.end_reason {
        _ if has_sibling(RowKind::Cancel) => IntentState::Cancelled,
        // What was left lives on under another number. This program changes no order, so it is an external order.
        _ if has_sibling(RowKind::Modify) => IntentState::Replaced,
        EndReason::SessionEnd => IntentState::Expired,
        EndReason::Cancel => IntentState::Cancelled,
        EndReason::Other if row.filled_quantity == 0 => IntentState::Rejected,
        _ if is_final(row.date, list.read_at) => IntentState::Expired,
        // Nothing filled and nothing left, without a reason: cancelled, expired or refused. The end of the session
        // decides.
        EndReason::Other | EndReason::NotStated => IntentState::Accepted,
    }
}
