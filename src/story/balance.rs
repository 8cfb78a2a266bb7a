//! The balance as a run uses it: holdings, rows that are set aside by name, and a balance that can't be true.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use crate::decide::odd_rows::OddRows;
use crate::decide::own_shares::{Shown, Verdict, belief_notice, doubt_notice, judge};
use crate::domain::{BalanceScope, Event, Job, Notice, OddHolding, OddOrder, OrderList, Position, Symbol};
use crate::exit::{Failure, Reason};
use crate::ordered::Ordered;
use crate::story::desk::Desk;
use crate::story::reconcile::Reconciled;
use crate::story::run::Run;
use crate::story::words;

/// Other hands may have sold shares this long ago without a run having taken note. Not longer than the journal remembers which
/// orders are ours.
const SALES_OF: TimeDelta = TimeDelta::days(8);

/// What the account holds.
pub(super) struct Holdings {
    /// One a symbol.
    pub positions: BTreeMap<Symbol, Position>,
    /// The rows of balance and order list that can't be read.
    pub odd_rows: OddRows,
    /// The balance is empty and not believed: nothing is to be concluded from it. Only `status` goes on then.
    pub is_doubted: bool,
}

impl<D: Desk> Run<'_, D> {
    /// Reads the holdings, and names what can't be read. An empty balance that contradicts the journal is read once more, beside
    /// the sales of the days before; one that nothing explains ends a run that would trade.
    pub(super) async fn fetch_holdings(&mut self, reconciled: &Reconciled) -> Result<Holdings, Failure> {
        let (mut positions, mut holdings) = self.fetch_balance().await?;
        let mut verdict = self.judge_balance(&reconciled.list, &positions, &holdings);
        if !verdict.doubted.is_empty() {
            let list = self.fetch_orders_since(SALES_OF).await?;
            self.desk.listings().set_balance_scope(BalanceScope::Unknown, self.market.trading_date);
            (positions, holdings) = self.fetch_balance().await?;
            if !self.desk.holds_account() {
                // Another run may have sold them since the journal was read.
                self.catch_up(&reconciled.list).await?;
            }
            verdict = self.judge_balance(&list, &positions, &holdings);
        }
        self.notes.take_names(&positions);
        let odd_rows = OddRows { holdings, orders: self.odd_orders_of_today(&reconciled.list.odd) };
        self.tell_all(odd_rows.notices(&self.settings, self.market.trading_date));
        let is_doubted = !verdict.doubted.is_empty();
        self.take_verdict(verdict).await?;
        Ok(Holdings { positions, odd_rows, is_doubted })
    }

    fn judge_balance(
        &mut self,
        list: &OrderList,
        positions: &BTreeMap<Symbol, Position>,
        odd: &[OddHolding],
    ) -> Verdict {
        let shares = |symbol: &Symbol| positions.get(symbol).map_or(0, |position| position.quantity);
        let (at, date) = (self.desk.now().at, self.market.trading_date);
        let is_empty = positions.is_empty() && odd.is_empty();
        let recast = self.recast_symbols(positions);
        let remembered = self.desk.listings().clone();
        let before = |symbol: &Symbol| remembered.held(symbol).map_or(0, |seen| seen.holding.quantity);
        let (shares, shares_before, recast) = (&shares, &before, &recast);
        judge(self.desk.journal(), &Shown { at, date, list, shares, shares_before, recast, is_empty })
    }

    /// Symbols that are set aside for a split, and those whose average cost is not the one remembered: no sale changes that.
    fn recast_symbols(&mut self, positions: &BTreeMap<Symbol, Position>) -> BTreeSet<Symbol> {
        let listings = self.desk.listings().clone();
        let journal = self.desk.journal();
        let is_recast = |position: &&Position| {
            let seen = listings.held(&position.symbol).and_then(|seen| seen.holding.average_cost);
            seen.is_some_and(|cost| position.average_cost != Some(cost))
                || journal.set_aside(&position.symbol).is_some()
        };
        positions.values().filter(is_recast).map(|position| position.symbol.clone()).ordered()
    }

    /// Writes down what was made of the balance. While it is doubted nothing is traded.
    async fn take_verdict(&mut self, verdict: Verdict) -> Result<(), Failure> {
        for record in verdict.records.iter().filter(|_| !self.task.is_read_only()) {
            self.desk.append(record).await?;
        }
        let date = self.market.trading_date;
        if !verdict.believed.is_empty() {
            self.tell_all(vec![belief_notice(&verdict.believed, date)]);
        }
        if verdict.doubted.is_empty() {
            return Ok(());
        }
        let notice = doubt_notice(&verdict.doubted, date);
        let failure = Failure::new(Reason::GatewayNonsense, words::balance_contradicts())
            .because(notice.words.clone())
            .next(words::believed_after_a_session());
        self.tell_all(vec![notice]);
        if self.task.job == Job::Status { Ok(()) } else { Err(failure) }
    }

    /// Rows of the order list that can't be read and may be of the trading date.
    pub(super) fn odd_orders_of_today(&self, odd: &[OddOrder]) -> Vec<OddOrder> {
        let today = self.market.trading_date;
        odd.iter().filter(|row| row.date.is_none_or(|date| date == today)).cloned().collect()
    }

    /// Says things now, and to people who are not here. A dry run is watched.
    pub(super) fn tell_all(&mut self, notices: Vec<Notice>) {
        self.notes.warnings.extend(notices.iter().map(|notice| notice.words.clone()));
        if !self.task.is_dry_run {
            self.notes.events.extend(notices.into_iter().map(Event::Notice));
        }
    }
}
