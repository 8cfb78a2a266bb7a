//! External orders: placed by people with a phone, by other programs, or by us before a backup was restored.

use std::collections::BTreeMap;

use super::{Comparison, Findings};
use crate::domain::{BrokerOrder, IntentId, OrderId, RowKind, Side, Symbol, Usd};
use crate::ordered::Ordered;

impl Comparison<'_> {
    /// Orders of today that belong to no intent of ours.
    pub(super) fn find_external_orders(&mut self) {
        let (state, evidence) = (self.state, self.evidence);
        // Of several rows that fit an ended intent none is claimed, so they stay external.
        let may_claim = |id: &IntentId, rows: &[&BrokerOrder]| {
            rows.len() == 1 || state.entries.get(id).is_some_and(|entry| entry.state.is_unknown())
        };
        let is_candidate =
            |row: &BrokerOrder| self.candidates.iter().any(|(id, rows)| may_claim(id, rows) && rows.contains(&row));
        let is_order =
            |row: &&BrokerOrder| row.date == evidence.today && (row.is_plain_order() || row.kind == RowKind::Modify);
        for row in evidence.list.rows.iter().filter(is_order) {
            if state.is_claimed(row.date, &row.key()) || is_candidate(row) {
                continue;
            }
            self.findings.external.push(row.clone());
            if row.may_be_open_api && !state.is_fine(row.date, &row.key()) {
                self.findings.foreign.push(row.clone());
            }
        }
    }
}

impl Findings {
    /// Open external sells by symbol: they hold the shares back.
    pub fn open_external_sells(&self) -> BTreeMap<Symbol, OrderId> {
        let open = self.external.iter().filter(|row| row.side == Side::Sell && row.remaining_quantity > 0);
        open.map(|row| (row.symbol.clone(), row.order_id.clone())).ordered()
    }

    /// USD that open external buys may still spend.
    pub fn open_external_buys(&self) -> BTreeMap<Symbol, Usd> {
        let mut open: BTreeMap<Symbol, Usd> = BTreeMap::new();
        for row in self.external.iter().filter(|row| row.side == Side::Buy) {
            let value = row.limit_price.times(row.remaining_quantity).unwrap_or_default();
            let sum = open.entry(row.symbol.clone()).or_default();
            *sum = *sum + value;
        }
        open
    }
}
