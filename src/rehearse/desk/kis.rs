//! KIS, as the broker of bars answers for it.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::BarDesk;
use crate::domain::{
    AccessToken, Balance, BalanceScope, BrokerOrder, BuyingPower, CloseUnits, Exchange, KisError, OrderList,
    OrderRequest, OutcomeClass, Quote, Side, SubmitOutcome, Symbol, TrId, Usd,
};
use crate::exit::Failure;
use crate::kis::order::tr_id_of;
use crate::story::desk::Kis;

/// Sessions that one answer of KIS's has closes of.
const CLOSES_A_PAGE: usize = 100;

impl Kis for BarDesk {
    fn connect(&mut self, _: &AccessToken) {}

    async fn order_list(&mut self, from: NaiveDate, to: NaiveDate) -> Result<OrderList, KisError> {
        Ok(OrderList { read_at: self.now, rows: self.broker.rows(from, to), odd: Vec::new() })
    }

    async fn balance(&mut self, _: BalanceScope) -> Result<Balance, KisError> {
        Ok(Balance { scope: BalanceScope::All, positions: self.broker.positions(), odd: Vec::new() })
    }

    async fn buying_power(&mut self, _: Exchange, _: &Symbol, price: Usd) -> Result<BuyingPower, KisError> {
        let usd = self.broker.orderable();
        let max_quantity = usd.shares_at(price);
        Ok(BuyingPower { orderable: usd, with_won: usd, cash: usd, sale_proceeds: Usd::ZERO, max_quantity })
    }

    fn quotes_per_request(&self) -> usize {
        self.settings.mode.quotes_per_request()
    }

    async fn quotes(&mut self, asked: &[(Exchange, Symbol)]) -> Result<Vec<Quote>, KisError> {
        Ok(asked.iter().map(|(exchange, symbol)| self.broker.quote(*exchange, symbol, self.up())).collect())
    }

    async fn close_of(
        &mut self,
        _: Exchange,
        symbol: &Symbol,
        date: NaiveDate,
        _: CloseUnits,
    ) -> Result<Option<Usd>, KisError> {
        Ok(self.broker.market.get(symbol).and_then(|series| series.on(date)).map(|bar| bar.close))
    }

    async fn closes(
        &mut self,
        _: Exchange,
        symbol: &Symbol,
        until: NaiveDate,
        least: usize,
    ) -> Result<BTreeMap<NaiveDate, Usd>, KisError> {
        let bars = self.broker.market.get(symbol).map(|series| series.until(until)).unwrap_or_default();
        let known = bars.iter().rev().take(least.next_multiple_of(CLOSES_A_PAGE));
        Ok(known.map(|bar| (bar.date, bar.close)).collect())
    }

    async fn acquire_order_slot(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    async fn post(&mut self, order: &OrderRequest) -> Result<SubmitOutcome, Failure> {
        let order_id = self.broker.take(order, self.now);
        Ok(SubmitOutcome { class: OutcomeClass::Accepted, order_id, http: Some(200), ..SubmitOutcome::default() })
    }

    async fn cancel(&mut self, _: &BrokerOrder, _: Exchange) -> Result<SubmitOutcome, Failure> {
        // Every order of a day has ended before cleanup comes.
        Ok(SubmitOutcome { class: OutcomeClass::Rejected, http: Some(200), ..SubmitOutcome::default() })
    }

    fn order_tr_id(&self, side: Side) -> TrId {
        tr_id_of(self.settings.mode, side)
    }
}
