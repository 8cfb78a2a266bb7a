//! KIS: a client built around one token, and the token's two requests; its files by way of [`TokenFiles`](super::token_files).

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::decide::invariants::Binding;
use crate::decide::token_life::{Attempt, TokenOnDisk};
use crate::desk::{RealDesk, words};
use crate::domain::{
    AccessToken, Balance, BalanceScope, BrokerOrder, BuyingPower, CloseUnits, Exchange, KisError, OrderList,
    OrderRequest, Quote, Side, SubmitOutcome, Symbol, TrId, Usd,
};
use crate::exit::{Failure, Reason};
use crate::kis::client::Gateway;
use crate::kis::order::tr_id_of;
use crate::kis::token::{issue_token, revoke_token};
use crate::store::closes::KeptCloses;
use crate::story::desk::{Kis, Machine, TokenLock, TokenOffice};

impl TokenOffice for RealDesk<'_> {
    async fn load_token(&mut self) -> Result<TokenOnDisk, Failure> {
        self.token_files.load()
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
        let answer = issue_token(&self.config, &*self.pace);
        self.token_skew = answer.clock_skew.or(self.token_skew);
        answer.token
    }

    async fn revoke_token(&mut self, token: &AccessToken) -> Result<(), KisError> {
        revoke_token(&self.config, token, &*self.pace)
    }
}

impl RealDesk<'_> {
    /// The client; a run connects before its first request.
    pub fn connected(&self) -> Result<&Gateway, Failure> {
        let missing = || Failure::new(Reason::Unexpected, words::not_connected()).next(words::report_bug());
        self.gateway.as_ref().ok_or_else(missing)
    }

    fn reader(&self) -> Result<&Gateway, KisError> {
        self.connected().map_err(KisError::NotSent)
    }

    /// KIS's first good answer about the account makes the state directory this account's.
    fn bind<T>(&mut self, answer: T) -> Result<T, KisError> {
        if !self.is_bound && !self.task.is_dry_run {
            let (Binding { mode, account_fingerprint }, holds_account) = (self.binding(), self.account.is_some());
            let bound = self.base.dir.bind(&account_fingerprint, mode, &self.base.clock, holds_account);
            self.warnings.extend(bound.map_err(KisError::NotSent)?);
            self.is_bound = true;
        }
        Ok(answer)
    }
}

impl Kis for RealDesk<'_> {
    fn connect(&mut self, token: &AccessToken) {
        self.gateway = Some(Gateway::new(&self.config, token.clone(), self.pace.clone()));
    }

    async fn order_list(&mut self, from: NaiveDate, to: NaiveDate) -> Result<OrderList, KisError> {
        let list = self.reader()?.fetch_order_list(from, to)?;
        self.bind(list)
    }

    async fn balance(&mut self, scope: BalanceScope) -> Result<Balance, KisError> {
        let balance = self.reader()?.fetch_balance(scope)?;
        self.bind(balance)
    }

    async fn buying_power(&mut self, exchange: Exchange, symbol: &Symbol, price: Usd) -> Result<BuyingPower, KisError> {
        let power = self.reader()?.fetch_buying_power(exchange, symbol, price)?;
        self.bind(power)
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
        units: CloseUnits,
    ) -> Result<Option<Usd>, KisError> {
        self.reader()?.fetch_close(exchange, symbol, date, units)
    }

    async fn closes(
        &mut self,
        exchange: Exchange,
        symbol: &Symbol,
        until: NaiveDate,
        least: usize,
    ) -> Result<BTreeMap<NaiveDate, Usd>, KisError> {
        let dir = self.base.dir.path();
        let kept = KeptCloses::load(dir);
        if let Some(closes) = kept.get(symbol, until, least) {
            return Ok(closes.clone());
        }
        let closes = self.reader()?.fetch_closes(exchange, symbol, until, least)?;
        if !self.task.is_read_only() {
            kept.keep(dir, symbol, until, (least, &closes));
        }
        Ok(closes)
    }

    async fn acquire_order_slot(&mut self) -> Result<(), Failure> {
        self.connected()?.acquire_order_slot()
    }

    async fn post(&mut self, order: &OrderRequest) -> Result<SubmitOutcome, Failure> {
        Ok(self.connected()?.submit_order(order))
    }

    async fn cancel(&mut self, order: &BrokerOrder, exchange: Exchange) -> Result<SubmitOutcome, Failure> {
        self.connected()?.cancel_order(order, exchange)
    }

    fn order_tr_id(&self, side: Side) -> TrId {
        tr_id_of(self.config.mode, side)
    }
}
