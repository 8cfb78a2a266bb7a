//! This machine's clock against KIS's: no order by a wrong one, and no journal line stamped by one.
//!
//! By a wrong clock the market may look closed, and then nothing would ever ask KIS: so each run keeps what it saw of KIS's
//! `Date`, and the next ones ask for it first while that is fresh and wrong. The journal raises the same doubt when its
//! newest line lies ahead: either the clock is behind now, or it was ahead then. Only KIS's `Date` can tell.

use chrono::TimeDelta;

use crate::domain::stamp::MAX_CLOCK_OFFSET;
use crate::domain::{ClockOffset, Event, Exchange};
use crate::exit::{Failure, Reason};
use crate::language::Sentence;
use crate::story::desk::{Desk, Machine};
use crate::story::notes::Notes;
use crate::story::run::Run;
use crate::story::words;

/// Compares our clock with the server's `Date`; no such header, no check.
pub(super) fn check_clock(desk: &impl Machine) -> Result<(), Failure> {
    match desk.clock_skew() {
        Some(skew) if skew.abs() > MAX_CLOCK_OFFSET => {
            Err(untrusted(words::clock_off(-skew.num_seconds(), MAX_CLOCK_OFFSET.num_seconds())))
        }
        _ => Ok(()),
    }
}

/// Reads how far an earlier run saw the clock off, if that still counts. A file that can't be read raises no doubt, for
/// every answer of KIS is compared anyway.
async fn load_doubt<D: Desk>(desk: &mut D, notes: &mut Notes) -> Option<ClockOffset> {
    let now = desk.now();
    match desk.load_clock().await {
        Ok(kept) => kept.filter(|kept| kept.is_wrong() && kept.is_fresh(&now)),
        Err(failure) => {
            notes.warnings.push(words::trading_goes_on(&failure.sentence()));
            None
        }
    }
}

/// Keeps how far the clock was off, for runs that would not see it; one put right is kept only where a wrong one was. People
/// hear of a wrong one.
pub(super) async fn keep_clock<D: Desk>(desk: &mut D, notes: &mut Notes) {
    let Some(skew) = desk.clock_skew().filter(|_| !desk.task().is_dry_run) else { return };
    let offset = ClockOffset { seconds: skew.num_seconds(), seen: desk.now() };
    if offset.is_wrong() {
        notes.events.push(Event::ClockWrong { ahead: -skew });
    }
    // One that can't be read stays as it is: the warning names it.
    let Ok(kept) = desk.load_clock().await else { return };
    if (offset.is_wrong() || kept.is_some_and(|kept| kept.is_wrong()))
        && let Err(failure) = desk.keep_clock(&offset).await
    {
        notes.warnings.push(failure.sentence());
    }
}

impl<D: Desk> Run<'_, D> {
    /// Settles a doubt about the clock before anything rests on it: a run that may trade asks KIS, by one quote.
    pub(super) async fn settle_doubt(&mut self) -> Result<(), Failure> {
        if !self.task.job.may_trade() {
            return Ok(());
        }
        let kept = load_doubt(self.desk, self.notes).await;
        if kept.is_none() && self.line_ahead.is_none() {
            // The request for a token may have shown KIS's time already.
            check_clock(self.desk)?;
            return self.repair_journal().await;
        }
        if self.desk.clock_skew().is_none() {
            self.ask_for_date().await?;
        }
        check_clock(self.desk)?;
        self.repair_journal().await?;
        match (self.desk.clock_skew(), self.line_ahead, kept) {
            (Some(_), Some(ahead), _) => self.notes.warnings.push(passed_over(ahead)),
            (None, Some(ahead), _) => return Err(behind_journal(ahead)),
            (None, None, Some(kept)) => {
                return Err(untrusted(words::clock_was_off(-kept.seconds)));
            }
            _ => {}
        }
        Ok(())
    }

    /// Cuts off a torn line, and stamps the line about it, once KIS's time was seen. While KIS can't be asked it stays, and
    /// nothing is written behind it.
    async fn repair_journal(&mut self) -> Result<(), Failure> {
        if !self.desk.is_torn() || (self.desk.clock_skew().is_none() && self.ask_for_date().await.is_err()) {
            return Ok(());
        }
        check_clock(self.desk)?;
        let repaired = self.desk.repair_journal().await?;
        self.notes.warnings.extend(repaired);
        Ok(())
    }

    /// What people should hear of the clock from a run that trades nothing.
    pub(super) fn warn_of_clock(&mut self) {
        let warning = match (check_clock(self.desk), self.line_ahead) {
            (Err(failure), _) => failure.sentence(),
            (Ok(()), Some(ahead)) if self.desk.clock_skew().is_some() => passed_over(ahead),
            (Ok(()), Some(ahead)) => behind_journal(ahead).sentence(),
            (Ok(()), None) => return,
        };
        self.notes.warnings.push(warning);
    }

    /// As the function of the same name.
    pub(super) fn check_clock(&self) -> Result<(), Failure> {
        check_clock(self.desk)
    }

    /// Asks for a quote, of which only the answer's `Date` matters.
    async fn ask_for_date(&mut self) -> Result<(), Failure> {
        let Some(listed) = self.settings.buy.watch.first() else { return Ok(()) };
        let known = self.desk.listings().get(&listed.symbol).map(|known| known.exchange);
        let asked = [(listed.exchange.or(known).unwrap_or(Exchange::Nasdaq), listed.symbol.clone())];
        let ask = async |desk: &mut D| desk.quotes(&asked).await;
        let answer = self.read_required(&words::quote_for_time(), ask).await;
        if self.desk.clock_skew().is_some() { Ok(()) } else { answer.map(drop) }
    }
}

fn untrusted(cause: Sentence) -> Failure {
    Failure::new(Reason::ClockUntrusted, words::clock_untrusted()).because(cause).next(words::set_clock())
}

fn behind_journal(ahead: TimeDelta) -> Failure {
    untrusted(words::clock_behind_journal(ahead.num_seconds()))
}

fn passed_over(ahead: TimeDelta) -> Sentence {
    words::line_passed_over(ahead.num_seconds())
}
