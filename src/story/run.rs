//! One run from its lock to its end: open, run the command's story, start over once to make way for a sell, close.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use chrono::TimeDelta;

use crate::config::Settings;
use crate::decide::fold::Entry;
use crate::domain::{AccessToken, Intent, Job, MarketNow, Symbol, Task};
use crate::exit::{Ending, Exit, Failure, Reason};
use crate::language::Sentence;
use crate::story::cleanup::Settlement;
use crate::story::clock::keep_clock;
use crate::story::desk::{Desk, LastEnd};
use crate::story::endings;
use crate::story::locks::{SafePoint, make_way};
use crate::story::notes::Notes;
use crate::story::open::open;
use crate::story::token::TokenRun;
use crate::story::words;
use crate::story::{buy, cleanup, sell, status, token_check};

/// A run that has opened.
pub struct Run<'a, D> {
    /// The world.
    pub desk: &'a mut D,
    /// What the run reports.
    pub(super) notes: &'a mut Notes,
    pub(super) task: Task,
    pub(super) settings: Rc<Settings>,
    /// The market when the run opened.
    pub(super) market: MarketNow,
    /// How far the journal's newest line is ahead of the clock, when that is too far.
    pub(super) line_ahead: Option<TimeDelta>,
    /// How the job's last run ended, as this one found it; none for a run that only reads.
    pub(super) last_end: Result<Option<LastEnd>, Failure>,
    pub(super) safe_point: SafePoint,
    pub(super) token_run: TokenRun,
    /// The client's token.
    pub(super) token: AccessToken,
    pub(super) failed_reads: u32,
    /// Symbols whose close KIS was asked for.
    pub(super) closes_asked: BTreeSet<Symbol>,
    /// How long `token-check --force` has to wait because it came within the issue limit.
    pub(super) too_soon: Option<Duration>,
}

/// How a run ended.
#[derive(Debug)]
pub struct RunOutcome {
    /// For the process and its report.
    pub ending: Ending,
    /// True when later runs of the job count from this one: it ended well, or got as far as its decisions.
    pub counts: bool,
}

/// Runs a job to its end.
pub async fn run<D: Desk>(desk: &mut D, notes: &mut Notes, settlements: &[Settlement]) -> RunOutcome {
    let mut ending = try_run(desk, notes, settlements).await.unwrap_or_else(Ending::from);
    keep_clock(desk, notes).await;
    let failed = notes.write_failure.as_ref().or(notes.derived_failure.as_ref());
    let gives_way = matches!(ending.exit(), Exit::Done | Exit::RuleProgram);
    if let Some(failure) = failed.filter(|_| gives_way) {
        ending = failure.clone().into();
    }
    // Whatever may have sent orders counts, and every run that ended well; one that only waited or failed early does not.
    let ended_well = ending.exit() == Exit::Done && ending.reason != Some(Reason::RanJustNow);
    RunOutcome { counts: notes.has_decided || ended_well, ending }
}

async fn try_run<D: Desk>(desk: &mut D, notes: &mut Notes, settlements: &[Settlement]) -> Result<Ending, Failure> {
    let mut run = open(desk, notes, false).await?;
    let mut ended = perform(&mut run, settlements).await;
    if run.safe_point.makes_way() {
        run.close().await;
        make_way(run.desk).await;
        run = open(desk, notes, true).await?;
        ended = perform(&mut run, settlements).await;
    }
    run.close().await;
    ended.map(|ending| run.failed_rules_next(ending)).map(|ending| run.unknown_orders_first(ending))
}

async fn perform<D: Desk>(run: &mut Run<'_, D>, settlements: &[Settlement]) -> Result<Ending, Failure> {
    match run.task.job {
        Job::Buy => buy::buy(run).await,
        Job::Sell => sell::sell(run).await,
        Job::Cleanup => cleanup::cleanup(run, settlements).await,
        Job::Status => status::status(run).await,
        Job::TokenCheck => Ok(token_check::token_check(run).await),
    }
}

impl<D: Desk> Run<'_, D> {
    /// Saves what the story learned, while its locks are still held.
    pub(super) async fn close(&mut self) {
        if !self.task.is_read_only() {
            let kept = self.desk.keep_listings().await;
            // Lost listings are found again.
            let _ = self.take_written(kept);
            self.desk.note_orders_left(self.market.trading_date).await;
        }
        if self.token_run.was_refused() {
            let now = self.desk.now().at;
            self.notes.take_token(std::mem::take(&mut self.token_run.notes), now);
        }
        self.notes.live_orders = self.desk.journal().live().map(live_order).collect();
    }

    /// Goes on without a file that could not be written. A run that may trade sends no order after that.
    pub(super) fn take_written(&mut self, written: Result<(), Failure>) -> Result<(), Failure> {
        let Err(failure) = written else { return Ok(()) };
        if failure.reason != Reason::StateUnwritable {
            return Err(failure);
        }
        self.notes.warnings.push(failure.sentence());
        if self.task.job.may_trade() {
            self.notes.write_failure.get_or_insert(failure);
        }
        Ok(())
    }

    /// Goes on whatever became of a file derived from the journal.
    pub(super) fn take_derived(&mut self, kept: Result<Option<Sentence>, Failure>) {
        match kept {
            Ok(warning) => self.notes.warnings.extend(warning),
            Err(failure) => self.notes.go_on_without(failure),
        }
    }

    /// A rule that failed ends a run that would end well, or with a rejected order.
    fn failed_rules_next(&mut self, ending: Ending) -> Ending {
        match self.notes.rule_failure.take() {
            Some(failed) if matches!(ending.exit(), Exit::Done | Exit::Unexpected) => failed,
            _ => ending,
        }
    }

    /// While an order's outcome is unknown, a run that would end well, or with a rejected order, ends with 81.
    fn unknown_orders_first(&self, ending: Ending) -> Ending {
        if !self.task.job.may_trade() || !matches!(ending.exit(), Exit::Done | Exit::Unexpected | Exit::RuleProgram) {
            return ending;
        }
        let name = |entry: &Entry| {
            let Intent { id, side, quantity, symbol, .. } = &entry.intent;
            match entry.refused_with() {
                Some(said) => words::unknown_order_answered(id, *side, *quantity, symbol, &said.to_string()),
                None => words::unknown_order(id, *side, *quantity, symbol),
            }
        };
        let unknown: Vec<Sentence> = self.desk.journal().unknown().map(name).collect();
        if unknown.is_empty() {
            return ending;
        }
        let detail = words::unknown_orders(&Sentence::joined(&unknown, ", "));
        Ending::failed(Reason::OrderUnknown, detail, words::settle_first())
    }
}

/// Names an own order that may live at KIS.
fn live_order(entry: &Entry) -> Sentence {
    let Intent { id, side, quantity, symbol, limit_price, .. } = &entry.intent;
    let (side, quantity, price, state) = (*side, *quantity, *limit_price, entry.state);
    match &entry.order_id {
        Some(order_id) => endings::live_order(id, side, quantity, symbol, price, order_id, state),
        None => endings::live_order_without_number(id, side, quantity, symbol, price, state),
    }
}
