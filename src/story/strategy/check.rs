//! The guards of a strategy's symbols, by what this run has read.

use super::Turn;
use crate::decide::rule::Skip;
use crate::decide::strategy::checks::Account;
use crate::decide::strategy::fills::shares_now;
use crate::domain::{Exchange, Price, Sheet, Symbol, Usd};
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
}
