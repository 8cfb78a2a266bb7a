//! Loose ends first: the journal is compared with the broker's list before anything new is decided.

use std::collections::BTreeMap;

use crate::decide::facts::held_quantities;
use crate::decide::fold::Entry;
use crate::decide::reconcile::{self, Evidence, Findings};
use crate::domain::{Event, IntentId, IntentState, OrderList, Position, Side, Symbol, Usd, Witness};
use crate::exit::Failure;
use crate::ordered::Ordered;
use crate::story::desk::Desk;
use crate::story::run::Run;

/// The broker's view, and what the journal learned from it.
pub(super) struct Reconciled {
    /// The complete list.
    pub list: OrderList,
    /// Foreign orders and sentences for people.
    pub findings: Findings,
    /// Intents whose state changed, with the new state.
    pub changed: Vec<(IntentId, IntentState)>,
}

type Witnesses = BTreeMap<Symbol, Witness>;

impl<D: Desk> Run<'_, D> {
    /// Reads the broker's list to its last page and brings the journal up to date with it. A wrong clock ends the run with 71.
    pub(super) async fn reconcile(&mut self) -> Result<Reconciled, Failure> {
        let before: BTreeMap<IntentId, IntentState> = self.states().ordered();
        let mut list = self.fetch_order_list().await?;
        if !self.task.is_read_only() {
            // Lateness and the end of the trading day depend on this clock; a wrong one would record live orders as ended.
            self.check_clock()?;
            // For a run that could not ask for KIS's time when it opened.
            let repaired = self.desk.repair_journal().await?;
            self.notes.warnings.extend(repaired);
        }
        let mut findings = self.compare(&list, &Witnesses::new());
        if !findings.foreign.is_empty() && !self.desk.holds_account() {
            findings = self.compare_again(&mut list).await?;
        }
        if !findings.wants_witness.is_empty() {
            let witnesses = self.fetch_witnesses(&findings).await?;
            findings = self.compare(&list, &witnesses);
        }
        for record in &findings.records {
            self.desk.append(record).await?;
        }
        self.notes.warnings.append(&mut findings.warnings);
        if !self.task.is_dry_run {
            self.notes.events.extend(findings.foreign.iter().cloned().map(Event::ForeignOrder));
        }
        if !self.task.is_read_only() {
            let kept = self.desk.keep_fills().await;
            self.take_derived(kept);
        }
        let is_changed = |(id, state): &(IntentId, IntentState)| before.get(id) != Some(state);
        let changed = self.states().filter(is_changed).collect();
        Ok(Reconciled { list, findings, changed })
    }

    /// Every intent's state.
    fn states(&self) -> impl Iterator<Item = (IntentId, IntentState)> {
        self.desk.journal().entries.iter().map(|(id, entry)| (id.clone(), entry.state))
    }

    fn compare(&self, list: &OrderList, witnesses: &Witnesses) -> Findings {
        let evidence = Evidence { list, stamp: &self.desk.now(), today: self.market.trading_date, witnesses };
        reconcile::reconcile(self.desk.journal(), &evidence)
    }

    /// Without the account's lock, an order that the journal did not know may have been sent by another run since it was
    /// read. An intent is on disk before its order is sent, so a journal read after the list knows every order of ours in it.
    async fn compare_again(&mut self, list: &mut OrderList) -> Result<Findings, Failure> {
        self.desk.load_journal().await?;
        let findings = self.compare(list, &Witnesses::new());
        if !findings.shows_fewer_fills {
            return Ok(findings);
        }
        // The other run has seen fills that came after the list.
        *list = self.fetch_order_list().await?;
        Ok(self.compare(list, &Witnesses::new()))
    }

    /// Reads the journal once more, for a run without the account's lock: it knows every order of ours that shows in the
    /// account by now.
    pub(super) async fn catch_up(&mut self, list: &OrderList) -> Result<(), Failure> {
        let findings = self.compare_again(&mut list.clone()).await?;
        for record in &findings.records {
            self.desk.append(record).await?;
        }
        Ok(())
    }

    /// Fetches what the account shows for intents that may be called absent.
    async fn fetch_witnesses(&mut self, findings: &Findings) -> Result<Witnesses, Failure> {
        let (positions, odd) = self.fetch_balance().await?;
        let mut witnesses = Witnesses::new();
        // A holding that can't be read is no witness.
        let is_readable = |symbol: &&Symbol| odd.iter().all(|row| row.symbol.as_ref() != Some(*symbol));
        for symbol in findings.wants_witness.iter().filter(is_readable) {
            let cash = self.fetch_cash_for(symbol).await?;
            let (date, external) = (self.market.trading_date, &findings.external);
            let held = held_quantities(&positions, self.desk.journal(), date, external);
            witnesses.insert(symbol.clone(), witness_of(symbol, &positions, &held, cash));
        }
        Ok(witnesses)
    }

    /// Fetches the cash when a buy of the symbol that no list shows needs it as a witness.
    async fn fetch_cash_for(&mut self, symbol: &Symbol) -> Result<Option<Usd>, Failure> {
        let is_wanted = |entry: &&Entry| entry.intent.symbol == *symbol && entry.intent.side == Side::Buy;
        let buy = self.desk.journal().live().find(is_wanted).map(|entry| &entry.intent);
        let Some((exchange, price)) = buy.map(|intent| (intent.exchange, intent.limit_price)) else {
            return Ok(None);
        };
        Ok(Some(self.fetch_buying_power(exchange, symbol, price).await?.cash_usd()))
    }
}

/// What the account shows of a symbol.
pub(super) fn witness_of(
    symbol: &Symbol,
    positions: &BTreeMap<Symbol, Position>,
    held: &BTreeMap<Symbol, u64>,
    cash: Option<Usd>,
) -> Witness {
    let sellable = positions.get(symbol).map_or(0, |position| position.sellable_quantity);
    Witness { held: held.get(symbol).copied().unwrap_or(0), sellable, cash }
}
