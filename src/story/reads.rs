//! What is read from KIS: each read at a safe point, a refused token renewed once a run, and what a failed read means.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::decide::reconcile::list_spans;
use crate::domain::market_session::new_york_date;
use crate::domain::position::merge_by_symbol;
use crate::domain::{Balance, BuyingPower, Exchange, KisError, OddHolding, OrderList, Position, Symbol, Usd};
use crate::exit::{Failure, Reason};
use crate::language::Sentence;
use crate::story::desk::Desk;
use crate::story::run::Run;
use crate::story::words;

/// A run ends at this many failed reads.
const MAX_FAILED_READS: u32 = 3;

impl<D: Desk> Run<'_, D> {
    /// Reads something the run can't do without.
    pub(super) async fn read_required<T>(
        &mut self,
        what: &Sentence,
        call: impl AsyncFn(&mut D) -> Result<T, KisError>,
    ) -> Result<T, Failure> {
        self.call(call).await.map_err(|error| error.into_failure(what))
    }

    /// Reads something that the run can do without; `None` when it failed. The run ends when KIS refuses token, key or account,
    /// and at the third read that failed.
    pub(super) async fn read_optional<T>(
        &mut self,
        what: &Sentence,
        call: impl AsyncFn(&mut D) -> Result<T, KisError>,
    ) -> Result<Option<T>, Failure> {
        match self.call(call).await {
            Ok(value) => Ok(Some(value)),
            Err(error) => self.pass_over(error, what).map(|()| None),
        }
    }

    /// Reads the broker's list for today and for every day whose orders of ours may still change.
    pub(super) async fn fetch_order_list(&mut self) -> Result<OrderList, Failure> {
        let today = new_york_date(self.desk.now().at);
        let mut read_at = self.desk.now().at;
        let (mut rows, mut odd) = (BTreeMap::new(), Vec::new());
        for (from, to) in list_spans(self.desk.journal(), today) {
            let ask = async |desk: &mut D| desk.order_list(from, to).await;
            let list = self.read_required(&words::todays_orders(), ask).await?;
            read_at = read_at.min(list.read_at);
            rows.extend(list.rows.into_iter().map(|row| ((row.date, row.key()), row)));
            odd.extend(list.odd);
        }
        Ok(OrderList { read_at, rows: rows.into_values().collect(), odd })
    }

    /// Reads the broker's list of the latest days.
    pub(super) async fn fetch_orders_since(&mut self, ago: TimeDelta) -> Result<OrderList, Failure> {
        let today = new_york_date(self.desk.now().at);
        let ask = async |desk: &mut D| desk.order_list(today - ago, today + TimeDelta::days(1)).await;
        self.read_required(&words::earlier_orders(), ask).await
    }

    /// Asks how much of a symbol can be ordered at a price.
    pub(super) async fn fetch_buying_power(
        &mut self,
        exchange: Exchange,
        symbol: &Symbol,
        price: Usd,
    ) -> Result<BuyingPower, Failure> {
        let ask = async |desk: &mut D| desk.buying_power(exchange, symbol, price).await;
        self.read_required(&words::buying_power(), ask).await
    }

    /// Reads the balance: holdings, one a symbol, and the rows that can't be read.
    pub(super) async fn fetch_balance(&mut self) -> Result<(BTreeMap<Symbol, Position>, Vec<OddHolding>), Failure> {
        let date = self.market.trading_date;
        let known = self.desk.listings().balance_scope(date);
        let ask = async |desk: &mut D| desk.balance(known).await;
        let Balance { scope, positions, odd } = self.read_required(&words::balance(), ask).await?;
        self.desk.listings().set_balance_scope(scope, date);
        Ok((merge_by_symbol(positions), odd))
    }

    /// Goes on without what could not be read, where that may be; `what` names it.
    pub(super) fn pass_over(&mut self, error: KisError, what: &Sentence) -> Result<(), Failure> {
        use KisError::{ListChanged, Nonsense, Refused, Unavailable, Unreachable};
        let may_go_on =
            matches!(error, Unreachable { .. } | Unavailable(_) | ListChanged(_) | Nonsense { .. } | Refused(_));
        let failure = error.into_failure(what);
        if !may_go_on {
            return Err(failure);
        }
        self.failed_reads += 1;
        log::warn!("{failure}");
        if self.failed_reads >= MAX_FAILED_READS { Err(failure) } else { Ok(()) }
    }

    /// Asks KIS at a safe point; a refused token is renewed once a run.
    pub(super) async fn call<T>(&mut self, call: impl AsyncFn(&mut D) -> Result<T, KisError>) -> Result<T, KisError> {
        self.safe_point.check(self.desk).map_err(KisError::NotSent)?;
        let said = match call(self.desk).await {
            Err(KisError::TokenRefused(said)) => said,
            other => return other,
        };
        match self.renew_token(Some(&said.code), &said.message).await {
            Ok(()) => call(self.desk).await,
            Err(failure) if failure.reason == Reason::TokenRefused => Err(KisError::TokenRefused(said)),
            Err(failure) => Err(KisError::NotSent(failure)),
        }
    }

    /// Gets a fresh token after KIS refused this one, and builds a fresh client around it; once a run.
    pub(super) async fn renew_token(&mut self, code: Option<&str>, message: &str) -> Result<(), Failure> {
        if self.token_run.was_refused() {
            return Err(
                Failure::new(Reason::TokenRefused, words::renewed_token_refused()).next(words::reissue_app_key())
            );
        }
        let words = format!("{} {message}", code.unwrap_or_default());
        self.token = self.token_run.after_refusal(self.desk, &self.token, words.trim()).await?.token;
        self.desk.connect(&self.token);
        Ok(())
    }

    /// Stops before an order is sent when a token renewed in this run could not be saved.
    pub(super) fn check_saved(&self) -> Result<(), Failure> {
        self.token_run.notes.save_failed.clone().map_or(Ok(()), Err)
    }
}
