//! KIS as the commands see it: a fresh client, its token renewed at most once a run, reads that end the run when they fail.

use std::rc::Rc;

use chrono::TimeDelta;

use crate::cmd::line::Line;
use crate::cmd::priority::SafePoint;
use crate::cmd::token::{NoToken, TokenReport, TokenStage};
use crate::domain::access_token::AccessToken;
use crate::domain::intent::{OrderRequest, SubmitOutcome, TrId};
use crate::domain::kis_error::KisError;
use crate::domain::notice::Notice;
use crate::domain::order::{BrokerOrder, Side};
use crate::domain::symbol::Exchange;
use crate::exit::{Failure, Reason};
use crate::kis::client::{CancelOutcome, Gateway};

/// Farthest that this machine's clock may be from the server's.
const MAX_SKEW: TimeDelta = TimeDelta::seconds(120);
/// Failed reads of one run that end it.
const MAX_FAILED_READS: u32 = 3;

/// The one client of a run.
pub struct Broker<'a> {
    gateway: Gateway,
    line: &'a Line,
    token: AccessToken,
    stage: TokenStage<'a>,
    has_renewed: bool,
    renewal: Option<Result<TokenReport, NoToken>>,
    failed_reads: u32,
    /// Where this run may end or make way.
    pub safe_point: SafePoint,
}

impl<'a> Broker<'a> {
    /// Builds a fresh client around a token that was loaded or renewed in this very run.
    pub fn new(line: &'a Line, token: AccessToken, stage: TokenStage<'a>, safe_point: SafePoint) -> Broker<'a> {
        let gateway = Gateway::new(&line.config, token.clone(), Rc::clone(&line.pace));
        Broker { gateway, line, token, stage, has_renewed: false, renewal: None, failed_reads: 0, safe_point }
    }

    /// Reads something the run can't do without.
    ///
    /// # Errors
    /// 69, 75, 77 or 78 when it can't be had: nothing is decided from it then.
    pub fn read<T>(&mut self, what: &str, call: impl Fn(&Gateway) -> Result<T, KisError>) -> Result<T, Failure> {
        self.call(&call).map_err(|error| error.into_failure(what))
    }

    /// Reads something whose absence only passes a symbol over; `None` when it failed.
    ///
    /// # Errors
    /// When KIS refuses token, key or account, and at the third read of the run that failed.
    pub fn try_read<T>(
        &mut self,
        what: &str,
        call: impl Fn(&Gateway) -> Result<T, KisError>,
    ) -> Result<Option<T>, Failure> {
        match self.call(&call) {
            Ok(value) => Ok(Some(value)),
            Err(error @ (KisError::Unreachable { .. } | KisError::Nonsense { .. } | KisError::Refused { .. })) => {
                self.failed_reads += 1;
                let failure = error.into_failure(what);
                log::warn!("{failure}");
                if self.failed_reads >= MAX_FAILED_READS { Err(failure) } else { Ok(None) }
            }
            Err(error) => Err(error.into_failure(what)),
        }
    }

    /// Sends one order, once.
    ///
    /// # Errors
    /// Only before anything was sent: the shared pacing could not be kept.
    pub fn submit_order(&mut self, order: &OrderRequest) -> Result<SubmitOutcome, Failure> {
        self.gateway.submit_order(order)
    }

    /// Sends one cancel request. A refused token is renewed and the request repeated once: a cancel is safe to repeat.
    ///
    /// # Errors
    /// Only before anything was sent: the shared pacing could not be kept.
    pub fn cancel_order(&mut self, order: &BrokerOrder, exchange: Exchange) -> Result<CancelOutcome, Failure> {
        let outcome = self.gateway.cancel_order(order, exchange)?;
        if outcome.token_refused && self.renew_token(outcome.msg_cd.as_deref(), &outcome.msg).is_ok() {
            return self.gateway.cancel_order(order, exchange);
        }
        Ok(outcome)
    }

    /// Gets a fresh token after KIS refused this one, and builds a fresh client around it; once a run.
    ///
    /// # Errors
    /// 77 when it was done before, else what the token stage says.
    pub fn renew_token(&mut self, code: Option<&str>, message: &str) -> Result<(), Failure> {
        if self.has_renewed {
            return Err(Failure::new(Reason::TokenRefused, "KIS refuses the token that was renewed in this run")
                .next("run `kis-trade token-check --force`; if it is refused again, issue the app key anew at KIS"));
        }
        self.has_renewed = true;
        let words = format!("{} {message}", code.unwrap_or_default());
        let had = self.renewal.insert(self.stage.after_refusal(&self.token, words.trim()));
        self.token = had.clone().map_err(|none| none.failure)?.token;
        self.gateway = Gateway::new(&self.line.config, self.token.clone(), Rc::clone(&self.line.pace));
        Ok(())
    }

    /// What came of the renewal after a refusal, if there was one.
    pub fn take_renewal(&mut self) -> Option<Result<TokenReport, NoToken>> {
        self.renewal.take()
    }

    /// What a human should hear of that renewal.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        self.stage.take_notices()
    }

    /// Stops before an order is sent when a token renewed in this run could not be saved.
    ///
    /// # Errors
    /// 74, as the token stage said it.
    pub fn check_saved(&self) -> Result<(), Failure> {
        match &self.renewal {
            Some(Ok(had)) => had.save_failed.clone().map_or(Ok(()), Err),
            _ => Ok(()),
        }
    }

    /// The TR id an order of this side carries.
    pub fn order_tr_id(&self, side: Side) -> TrId {
        self.gateway.order_tr_id(side)
    }

    /// How many symbols one quote request may ask for.
    pub fn quotes_per_request(&self) -> usize {
        self.gateway.quotes_per_request()
    }

    /// Compares our clock with the server's `Date`; no such header, no check.
    ///
    /// # Errors
    /// 71 when they are more than two minutes apart.
    pub fn check_clock(&self) -> Result<(), Failure> {
        match self.gateway.clock_skew().or(self.line.skew.get()) {
            Some(skew) if skew.abs() > MAX_SKEW => {
                let cause = format!(
                    "it is {} s off the server's clock; at most {} s are allowed",
                    -skew.num_seconds(),
                    MAX_SKEW.num_seconds()
                );
                Err(Failure::new(Reason::ClockUntrusted, "this machine's clock can't be trusted")
                    .because(cause)
                    .next("set the clock (for example with `timedatectl set-ntp true`); no order is sent before"))
            }
            _ => Ok(()),
        }
    }

    fn call<T>(&mut self, call: &impl Fn(&Gateway) -> Result<T, KisError>) -> Result<T, KisError> {
        self.safe_point.check().map_err(KisError::NotSent)?;
        match call(&self.gateway) {
            Err(KisError::TokenRefused { code, message }) => match self.renew_token(Some(&code), &message) {
                Ok(()) => call(&self.gateway),
                Err(failure) if failure.reason == Reason::TokenRefused => Err(KisError::TokenRefused { code, message }),
                Err(failure) => Err(KisError::NotSent(failure)),
            },
            other => other,
        }
    }
}
