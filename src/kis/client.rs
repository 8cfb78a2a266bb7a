//! The gateway: one authenticated client of KIS's Open API.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::domain::{
    Balance, BalanceScope, BrokerOrder, BuyingPower, CloseUnits, DailyBar, Exchange, KisError, Mode, OddOrder,
    OrderList, OrderRequest, Quote, SubmitOutcome, Symbol, Usd,
};
use crate::exit::Failure;
use crate::kis::balance::{BalancePage, codes_of, unite};
use crate::kis::buying_power::BuyingPowerOf;
pub use crate::kis::call::Gateway;
use crate::kis::daily_close::{DailyBars, DailyClose};
use crate::kis::order::{CancelOrder, PlaceOrder};
use crate::kis::orders::OrdersPage;
use crate::kis::quote::{ManyQuotes, OneQuote};
use crate::kis::rate_slot::SlotKind;
use crate::kis::united::RowsOfOne;
use crate::kis::words;

/// Answers of up to 100 closes: more than a rule may ask for.
const MAX_CLOSE_PAGES: usize = 6;
/// Answers of up to 100 bars: forty years.
const MAX_BAR_PAGES: usize = 100;

impl Gateway {
    /// Reads the order list of a span of New York dates, to its last page.
    ///
    /// # Errors
    /// Any page that fails or contradicts another fails the whole: an incomplete list is never returned. A row that can't be
    /// read is set aside.
    pub fn fetch_order_list(&self, from: NaiveDate, to: NaiveDate) -> Result<OrderList, KisError> {
        let read_at = self.config.clock.now();
        let (mut rows, mut odd) = (BTreeMap::<_, RowsOfOne>::new(), Vec::<OddOrder>::new());
        for row in self.fetch_pages(|cursor| OrdersPage { from, to, cursor })? {
            if let Some(order) = row.order {
                let key = (order.date, order.branch.clone(), order.order_id.clone());
                rows.entry(key).or_default().add(order);
            }
            odd.extend(row.odd.filter(|row| !odd.contains(row)));
        }
        Ok(OrderList { read_at, rows: rows.into_values().filter_map(RowsOfOne::into_order).collect(), odd })
    }

    /// Reads the balance: each symbol once, without those of no shares, and rows that can't be read. On paper, as long as the
    /// scope of NASDAQ's code is unknown, by all three; also when that code shows nothing, which proves nothing.
    ///
    /// # Errors
    /// Any page that fails or contradicts another fails the whole.
    pub fn fetch_balance(&self, scope: BalanceScope) -> Result<Balance, KisError> {
        let ask = |exchange| self.fetch_pages(|cursor| BalancePage { exchange, cursor });
        let mut rows = ask(Exchange::Nasdaq)?;
        let is_whole = self.config.mode == Mode::Real || (scope == BalanceScope::All && !rows.is_empty());
        if is_whole {
            return Ok(unite(rows, scope));
        }
        let others = [ask(Exchange::Nyse)?, ask(Exchange::Amex)?];
        // No holding is listed on all three.
        let proves = !rows.is_empty() && others.iter().all(|other| codes_of(other) == codes_of(&rows));
        rows.extend(others.into_iter().flatten());
        Ok(unite(rows, if proves { BalanceScope::All } else { BalanceScope::Unknown }))
    }

    /// Asks how much can be ordered of `symbol` at `price`.
    ///
    /// # Errors
    /// As any read.
    pub fn fetch_buying_power(&self, exchange: Exchange, symbol: &Symbol, price: Usd) -> Result<BuyingPower, KisError> {
        self.query(&BuyingPowerOf { exchange, symbol, price })
    }

    /// How many symbols one quote request takes.
    pub fn quotes_per_request(&self) -> usize {
        self.config.mode.quotes_per_request()
    }

    /// Reads quotes in one request: as many as wanted, in the same order. A symbol without a price has `None`s.
    ///
    /// # Errors
    /// As any read; [`KisError::Nonsense`] without a request when more are wanted than one takes.
    pub fn fetch_quotes(&self, wanted: &[(Exchange, Symbol)]) -> Result<Vec<Quote>, KisError> {
        match (self.config.mode, wanted) {
            (_, []) => Ok(Vec::new()),
            (Mode::Paper, [(exchange, symbol)]) => Ok(vec![self.query(&OneQuote { exchange: *exchange, symbol })?]),
            (Mode::Real, wanted) if wanted.len() <= self.quotes_per_request() => self.query(&ManyQuotes { wanted }),
            _ => Err(KisError::Nonsense { detail: words::too_many_quotes(wanted.len()) }),
        }
    }

    /// Asks for a symbol's close on a past New York date; `None` when KIS has none.
    ///
    /// # Errors
    /// As any read.
    pub fn fetch_close(
        &self,
        exchange: Exchange,
        symbol: &Symbol,
        date: NaiveDate,
        units: CloseUnits,
    ) -> Result<Option<Usd>, KisError> {
        Ok(self.query(&DailyClose { exchange, symbol, date, units })?.get(&date).copied())
    }

    /// Asks for a symbol's closes up to a past New York date, as they were traded: at least so many sessions of them, as far as
    /// KIS has them.
    ///
    /// # Errors
    /// As any read.
    pub fn fetch_closes(
        &self,
        exchange: Exchange,
        symbol: &Symbol,
        until: NaiveDate,
        least: usize,
    ) -> Result<BTreeMap<NaiveDate, Usd>, KisError> {
        let (mut closes, mut date) = (BTreeMap::new(), until);
        for _ in 0..MAX_CLOSE_PAGES {
            let page = self.query(&DailyClose { exchange, symbol, date, units: CloseUnits::Raw })?;
            let earlier = page.keys().next().and_then(|first| first.pred_opt()).filter(|earlier| *earlier < date);
            closes.extend(page);
            match earlier {
                Some(earlier) if closes.len() < least => date = earlier,
                _ => break,
            }
        }
        Ok(closes)
    }

    /// Reads a symbol's bars of a span of New York dates, in today's units, as far as KIS has them.
    ///
    /// # Errors
    /// As any read.
    pub fn fetch_bars(
        &self,
        exchange: Exchange,
        symbol: &Symbol,
        (from, until): (NaiveDate, NaiveDate),
    ) -> Result<BTreeMap<NaiveDate, DailyBar>, KisError> {
        let (mut bars, mut date) = (BTreeMap::new(), until);
        for _ in 0..MAX_BAR_PAGES {
            let page = self.query(&DailyBars(DailyClose { exchange, symbol, date, units: CloseUnits::Adjusted }))?;
            let earlier = page.keys().next().and_then(|first| first.pred_opt()).filter(|earlier| *earlier < date);
            bars.extend(page);
            match earlier {
                Some(earlier) if earlier >= from => date = earlier,
                _ => break,
            }
        }
        Ok(bars.split_off(&from))
    }

    /// Waits for the rate slot of an order or a cancel.
    ///
    /// # Errors
    /// When none was free.
    pub fn acquire_order_slot(&self) -> Result<(), Failure> {
        self.acquire_slot(SlotKind::Order)
    }

    /// Sends one order once, on a connection of its own, in the slot that was acquired for it. Never repeated here, whatever
    /// happens.
    pub fn submit_order(&self, order: &OrderRequest) -> SubmitOutcome {
        self.post(&PlaceOrder(order))
    }

    /// Asks KIS once to cancel what remains of an order.
    ///
    /// # Errors
    /// Only when no rate slot was free: then nothing was sent.
    pub fn cancel_order(&self, order: &BrokerOrder, exchange: Exchange) -> Result<SubmitOutcome, Failure> {
        self.acquire_order_slot()?;
        Ok(self.post(&CancelOrder { order, exchange }))
    }
}

#[cfg(test)]
mod tests;
