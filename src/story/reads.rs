//! Reads: each at a safe point, a refused token renewed once a run, and what a failed read means.

use chrono::TimeDelta;

use crate::domain::{BrokerOrder, Exchange, KisError, SubmitOutcome};
use crate::exit::{Failure, Reason};
use crate::story::desk::Desk;
use crate::story::run::Run;

/// Farthest that this machine's clock may be from the server's.
const MAX_SKEW: TimeDelta = TimeDelta::seconds(120);
/// A run ends at this many failed reads.
const MAX_FAILED_READS: u32 = 3;

impl<D: Desk> Run<'_, D> {
    /// Reads something the run can't do without.
    pub(super) async fn read<T>(
        &mut self,
        what: &str,
        call: impl AsyncFn(&mut D) -> Result<T, KisError>,
    ) -> Result<T, Failure> {
        self.call(call).await.map_err(|error| error.into_failure(what))
    }

    /// Reads something that the run can do without; `None` when it failed. The run ends when KIS refuses token, key or account,
    /// and at the third read that failed.
    pub(super) async fn try_read<T>(
        &mut self,
        what: &str,
        call: impl AsyncFn(&mut D) -> Result<T, KisError>,
    ) -> Result<Option<T>, Failure> {
        match self.call(call).await {
            Ok(value) => Ok(Some(value)),
            Err(error) => self.pass_over(error, what).map(|()| None),
        }
    }

    /// Goes on without what could not be read, where that may be; `what` names it.
    pub(super) fn pass_over(&mut self, error: KisError, what: &str) -> Result<(), Failure> {
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

    /// Sends one cancel request. A refused token is renewed and the request repeated once: a cancel is safe to repeat. It
    /// fails only before anything was sent.
    pub(super) async fn cancel(&mut self, order: &BrokerOrder, exchange: Exchange) -> Result<SubmitOutcome, Failure> {
        let outcome = self.desk.cancel(order, exchange).await?;
        if outcome.token_refused && self.renew_token(outcome.msg_cd.as_deref(), &outcome.msg).await.is_ok() {
            return self.desk.cancel(order, exchange).await;
        }
        Ok(outcome)
    }

    /// Gets a fresh token after KIS refused this one, and builds a fresh client around it; once a run.
    pub(super) async fn renew_token(&mut self, code: Option<&str>, message: &str) -> Result<(), Failure> {
        if self.token_run.was_refused() {
            return Err(Failure::new(Reason::TokenRefused, "KIS refuses the token that was renewed in this run")
                .next("run `kis-trade token-check --force`; if it is refused again, issue the app key anew at KIS"));
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

    /// Compares our clock with the server's `Date`; no such header, no check.
    pub(super) fn check_clock(&self) -> Result<(), Failure> {
        match self.desk.clock_skew() {
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
}
