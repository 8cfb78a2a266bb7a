//! The guards of a strategy's symbols and of its orders, by what this run has read.

use super::Turn;
use crate::decide::fold::Entry;
use crate::decide::invariants::sells_since;
use crate::decide::rule::{Rule, Skip};
use crate::decide::strategy::checks::{Account, check_limits};
use crate::decide::strategy::fills::shares_now;
use crate::decide::strategy::lines::{self_trade, stage_of};
use crate::decide::strategy::words;
use crate::domain::{Exchange, Price, Sheet, SheetOrder, Side, Symbol, Usd};
use crate::language::Sentence;
use crate::report::order_words;
use crate::story::desk::Desk;
use crate::story::run::Run;

impl Turn<'_> {
    /// What the guards look at.
    pub(super) fn account<'b, D: Desk>(&'b self, run: &'b Run<'_, D>) -> Account<'b> {
        Account {
            journal: run.desk.journal(),
            trading_date: run.market.trading_date,
            positions: self.seen.positions,
            odd_rows: self.seen.odd_rows,
            quotes: &self.quotes,
        }
    }

    /// Checks a symbol of the sheet before one of its orders is sent.
    pub(super) fn check<D: Desk>(
        &self,
        run: &Run<'_, D>,
        sheet: &Sheet,
        symbol: &Symbol,
        close: Option<Usd>,
    ) -> Result<(Exchange, Price), Skip> {
        let account = self.account(run);
        let found = account.check_symbol(symbol, close)?;
        let journal = run.desk.journal();
        let own = shares_now(sheet, symbol, journal.orders_of(&sheet.strategy, sheet.date));
        account.check_ledger(symbol, own, &sheet.ledger)?;
        Ok(found)
    }

    /// The guards of one order, right before it is sent.
    pub(super) fn judge<D: Desk>(&self, run: &Run<'_, D>, sheet: &Sheet, order: &SheetOrder) -> Result<Exchange, Skip> {
        let journal = run.desk.journal();
        let (exchange, price) = self.check(run, sheet, &order.symbol, None)?;
        self.account(run).check_order(order, price.last)?;
        match order.side {
            Side::Sell => {
                let position = self.seen.positions.get(&order.symbol);
                let listed_at = self.seen.reconciled.list.read_at;
                let sellable = position.map_or(0, |position| position.sellable_quantity);
                let left = sellable.saturating_sub(sells_since(journal, &order.symbol, listed_at));
                if order.quantity > left {
                    return Err(self.skip(order, Rule::NothingSellable, words::not_sellable(order.quantity, left)));
                }
            }
            Side::Buy => {
                let own: Vec<&Entry> = journal.live_in(&order.symbol).collect();
                let external = &self.seen.reconciled.findings.external;
                if let Some(detail) = self_trade(order, &own, external, &planned_sells(run, sheet)) {
                    return Err(self.skip(order, Rule::SelfTrade, detail));
                }
                let lot = sheet.ledger.lot(&order.symbol);
                let cost = lot.average_cost.times(lot.quantity).unwrap_or_default();
                check_limits(journal, sheet.date, &run.settings.limits, order, cost)?;
            }
        }
        Ok(exchange)
    }

    /// One order of the sheet that is not sent.
    pub(super) fn skip(&self, order: &SheetOrder, rule: Rule, detail: Sentence) -> Skip {
        let detail = order_words(order).and(": ", &detail);
        Skip::new(&order.symbol, rule, detail).of_strategy(self.strategy, Some(order))
    }
}

/// The sheet's sells that were not sent yet, and that a later run will send.
fn planned_sells<'a, D: Desk>(run: &Run<'_, D>, sheet: &'a Sheet) -> Vec<&'a SheetOrder> {
    let entries: Vec<&Entry> = run.desk.journal().orders_of(&sheet.strategy, sheet.date).collect();
    let is_planned =
        |(place, order): &(usize, &SheetOrder)| order.side == Side::Sell && stage_of(sheet, *place, &entries).is_open();
    sheet.orders.iter().enumerate().filter(is_planned).map(|(_, order)| order).collect()
}
