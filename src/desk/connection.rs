//! KIS: the token's two requests, and a client built around one token.

use chrono::{NaiveDate, TimeDelta};

use crate::decide::token_life::{Attempt, Look};
use crate::desk::RealDesk;
use crate::domain::{
    AccessToken, Balance, BrokerOrder, BuyingPower, Exchange, KisError, OrderList, OrderRequest, Quote, Side,
    SubmitOutcome, Symbol, TrId, Usd,
};
use crate::exit::{Failure, Reason};
use crate::kis::client::Gateway;
use crate::kis::order::tr_id_of;
use crate::kis::token::{issue_token, revoke_token};
use crate::story::desk::{Kis, TokenLock, TokenOffice};

impl TokenOffice for RealDesk<'_> {
    async fn look_at_token(&mut self) -> Result<Look, Failure> {
        self.token_files.look()
    }

    async fn lock_token(&mut self) -> Result<TokenLock, Failure> {
        self.token_files.lock()
    }

    fn unlock_token(&mut self) {
        self.token_files.unlock();
    }

    async fn save_attempt(&mut self, attempt: &Attempt) -> Result<(), Failure> {
        self.token_files.save_attempt(attempt)
    }

    async fn save_token(&mut self, token: &AccessToken) -> Result<(), Failure> {
        self.token_files.save_token(token)
    }

    async fn issue_token(&mut self) -> Result<AccessToken, KisError> {
        let issued = issue_token(&self.config, &*self.pace)?;
        self.token_skew = issued.clock_skew;
        Ok(issued.token)
    }

    async fn revoke_token(&mut self, token: &AccessToken) -> Result<(), KisError> {
        revoke_token(&self.config, token, &*self.pace)
    }
}

impl RealDesk<'_> {
    /// The client; a run connects before its first request.
    fn gateway(&self) -> Result<&Gateway, Failure> {
        let missing = || Failure::new(Reason::Unexpected, "the run asked KIS before it was connected");
        self.gateway.as_ref().ok_or_else(missing)
    }

    fn reader(&self) -> Result<&Gateway, KisError> {
        self.gateway().map_err(KisError::NotSent)
    }
}

impl Kis for RealDesk<'_> {
    fn connect(&mut self, token: &AccessToken) {
        self.gateway = Some(Gateway::new(&self.config, token.clone(), self.pace.clone()));
    }

    async fn order_list(&mut self, from: NaiveDate, to: NaiveDate) -> Result<OrderList, KisError> {
        self.reader()?.fetch_order_list(from, to)
    }

    async fn balance(&mut self) -> Result<Balance, KisError> {
        self.reader()?.fetch_balance()
    }

    async fn buying_power(&mut self, exchange: Exchange, symbol: &Symbol, price: Usd) -> Result<BuyingPower, KisError> {
        self.reader()?.fetch_buying_power(exchange, symbol, price)
    }

    fn quotes_per_request(&self) -> usize {
        self.gateway.as_ref().map_or(1, Gateway::quotes_per_request)
    }

    async fn quotes(&mut self, asked: &[(Exchange, Symbol)]) -> Result<Vec<Quote>, KisError> {
        self.reader()?.fetch_quotes(asked)
    }

    async fn close_of(
        &mut self,
        exchange: Exchange,
        symbol: &Symbol,
        date: NaiveDate,
    ) -> Result<Option<Usd>, KisError> {
        self.reader()?.fetch_close(exchange, symbol, date)
    }

    async fn acquire_order_slot(&mut self) -> Result<(), Failure> {
        self.gateway()?.acquire_order_slot()
    }

    async fn post(&mut self, order: &OrderRequest) -> Result<SubmitOutcome, Failure> {
        Ok(self.gateway()?.submit_order(order))
    }

    async fn cancel(&mut self, order: &BrokerOrder, exchange: Exchange) -> Result<SubmitOutcome, Failure> {
        self.gateway()?.cancel_order(order, exchange)
    }

    fn order_tr_id(&self, side: Side) -> TrId {
        tr_id_of(self.config.mode, side)
    }

    fn clock_skew(&self) -> Option<TimeDelta> {
        self.gateway.as_ref().and_then(Gateway::clock_skew).or(self.token_skew)
    }
}
