//! The account's total: what it is made of, how it moved on this date, and money that came from outside.

use std::collections::BTreeMap;

use crate::decide::facts::{Worth, is_past_loss, total_usd, worth_of};
use crate::decide::odd_rows::OddRows;
use crate::decide::reconcile::listed_from;
use crate::decide::transfers::{Judged, Look, judge, transfer_notice, unpriced_notices};
use crate::domain::market_session::new_york_date;
use crate::domain::money::{percent_change, show_percent};
use crate::domain::{Books, OrderList, Position, Record, Sample, Symbol, Transfer, Usd};
use crate::exit::{Ending, Failure, Reason};
use crate::story::desk::{Desk, Totals};
use crate::story::endings;
use crate::story::run::Run;

/// What a total is made of.
pub(super) struct Assets<'a> {
    /// USD that buys may use.
    pub cash: Usd,
    /// What the holdings are worth.
    pub worth: &'a Worth,
    /// Rows that can't be read.
    pub odd_rows: &'a OddRows,
    /// The order list, read before the cash.
    pub list: &'a OrderList,
    /// Another run may have ordered between the two: they are not of one moment, and their difference means nothing.
    pub is_between_orders: bool,
}

/// A total, with what the samples of other runs make of it.
pub(super) struct Total {
    /// USD, with what is pending.
    pub usd: Usd,
    /// USD of sells that cash does not show yet.
    pub pending: Usd,
    /// A change of cash that nothing explains and that no line of the journal holds yet.
    pub transfer: Option<Transfer>,
    /// Sum of all that was ever paid in or out.
    pub moved: Usd,
    base: Option<Usd>,
}

impl<D: Desk> Run<'_, D> {
    /// What the holdings are worth; says which of them have no price. `None` beyond all numbers.
    pub(super) fn worth_of(
        &mut self,
        held: &BTreeMap<Symbol, u64>,
        positions: &BTreeMap<Symbol, Position>,
        price_of: impl Fn(&Symbol) -> Option<Usd>,
    ) -> Option<Worth> {
        let listings = self.desk.listings();
        let worth = worth_of(held, positions, price_of, |symbol| listings.get(symbol)?.last)?;
        self.tell_all(unpriced_notices(&worth, &self.settings, self.market.trading_date));
        Some(worth)
    }

    /// Adds everything up, compares cash with the fills since the last look, and keeps a sample. `None` beyond all numbers.
    pub(super) async fn take_total(&mut self, assets: &Assets<'_>) -> Result<Option<Total>, Failure> {
        let Assets { cash, worth, odd_rows, list, is_between_orders } = *assets;
        let Some(total) =
            worth.usd.plus(odd_rows.value()).and_then(|holdings| total_usd(cash, holdings, self.desk.journal()))
        else {
            return Ok(None);
        };
        let (now, date) = (self.desk.now().at, self.market.trading_date);
        let Totals { base, books: before, unread } = self.desk.totals(date);
        let is_unread = unread.is_some();
        if let Some(failure) = unread {
            self.notes.go_on_without(failure);
        }
        if is_between_orders {
            let (pending, moved) = before.map_or_else(Default::default, |books| (books.pending, books.moved()));
            return Ok(Some(Total { usd: total + pending, pending, transfer: None, moved, base: None }));
        }
        let look = Look { at: now, date, cash, total, list, listed_from: listed_from(new_york_date(now)) };
        let Judged { books, moved, transfer } = judge(before.as_ref(), self.desk.journal(), &look);
        // One that `status` finds waits for the next buy, which writes it down.
        let books = if transfer.is_some() && !self.task.is_read_only() { books.booked() } else { books };
        let usd = total + books.pending;
        let sample = Sample { at: now, total: usd, cash: Some(cash), transfers: moved };
        if let Some(transfer) = transfer {
            self.take_transfer(transfer).await?;
        }
        // A sample that does not know the others would not fit them.
        if !is_unread {
            self.keep_total(sample, &books).await;
        }
        Ok(Some(Total {
            usd,
            pending: books.pending,
            transfer,
            moved,
            base: base.map(|base| base.as_base_of(&sample)),
        }))
    }

    /// Writes a transfer down and tells of it. `status` only shows it; the next buy finds it again.
    async fn take_transfer(&mut self, transfer: Transfer) -> Result<(), Failure> {
        if self.task.is_read_only() {
            return Ok(());
        }
        self.desk.append(&Record::Transfer(transfer)).await?;
        self.tell_all(vec![transfer_notice(&transfer, self.market.trading_date)]);
        Ok(())
    }

    /// Keeps a sample of the account's total. A dry run keeps none, nor does one by a wrong clock: it would be a sample of
    /// another date.
    async fn keep_total(&mut self, sample: Sample, books: &Books) {
        if self.task.is_dry_run || self.check_clock().is_err() {
            return;
        }
        let kept = self.desk.keep_total(self.market.trading_date, sample, books).await;
        self.take_derived(kept);
    }

    /// With too much of the account lost on this date, nothing is bought.
    pub(super) fn gate_loss(&self, total: &Total) -> Option<Ending> {
        let (date, most) = (self.market.trading_date, self.settings.limits.max_daily_loss_percent);
        let change = percent_change(total.base?, total.usd).filter(|change| is_past_loss(*change, most))?;
        let down = show_percent(-change);
        Some(Ending::nothing(Reason::DailyLossLimit, endings::past_daily_loss(&down, date, most)))
    }
}
