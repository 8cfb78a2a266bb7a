//! How a run ended, for the next run of its job and for people later.

use std::time::Duration;

use chrono::TimeDelta;

use crate::cli::Cli;
use crate::decide::standing::{self, Standing};
use crate::desk::base::Base;
use crate::desk::words;
use crate::domain::market_session::market_at;
use crate::exit::{Exit, Failure, Reason};
use crate::report::Report;
use crate::store::last_run::{self, LastRun};
use crate::store::lock::{FileLock, LockMode};
use crate::store::read::Derived;
use crate::story::desk::LastEnd;

/// A repeated failure is reported again after this time, even with `-q`.
const TELL_AGAIN_AFTER: TimeDelta = TimeDelta::hours(1);
/// Longest wait for another run to write down how it ended.
const LAST_RUN_WAIT: Duration = Duration::from_secs(2);

/// What the file of a job's last run means to the next one.
pub(super) fn end_of(last: &LastRun) -> LastEnd {
    // Files of earlier releases lack the mark.
    let is_unwritten = last.is_unwritten || last.exit_code == Exit::StateUnwritable.code();
    LastEnd { is_unwritten, decided_at: last.decided_at }
}

/// Keeps how the run ended, and decides whether `-q` silences it: a success after a success, or a failure that was reported
/// less than an hour ago. Returns the reasons that last.
pub(super) fn remember(
    base: &Base,
    cli: &Cli,
    report: &mut Report,
    counts: bool,
    page_failure: Option<String>,
) -> Vec<Standing> {
    let task = cli.command.task();
    let name = task.job.word();
    // Runs that never got the account lock write here too: no update may be lost between reading and replacing. A lock that
    // stays busy must not cost the run its report.
    let path = base.dir.last_run_lock();
    let _lock = FileLock::acquire(&path, LockMode::Exclusive, LAST_RUN_WAIT, &base.clock, name);
    let last = match last_run::load(base.dir.path(), name) {
        Ok(Derived { value, warning }) => {
            report.warnings.extend(warning);
            value
        }
        Err(failure) => {
            // Left as it is for a person; buy and sell fail on it.
            report.warnings.push(words::end_not_kept(&failure.sentence()));
            return Vec::new();
        }
    };
    let code = report.exit().code();
    let reason = report.ending.reason.map(Reason::word);
    let is_equal = last
        .as_ref()
        .is_some_and(|last| last.exit_code == code && last.reason == reason && last.page_failure == page_failure);
    let told_at = last.as_ref().and_then(|last| last.told_at);
    let was_told = is_equal && told_at.is_some_and(|told| (report.at - told).abs() < TELL_AGAIN_AFTER);
    let is_recovery = last.as_ref().is_some_and(|last| last.exit_code != 0);
    let is_news = if report.has_failed() { !was_told } else { is_recovery };
    report.is_muted = cli.quiet && !cli.json && !is_news;
    let mut run = LastRun::new(report.at, code, report.ending.result.word(), reason);
    run.page_failure = page_failure;
    run.told_at = if report.is_muted { told_at } else { Some(report.at) };
    let end = last.as_ref().map(end_of).unwrap_or_default().then(report.exit(), counts, report.at);
    (run.is_unwritten, run.decided_at) = (end.is_unwritten, end.decided_at);
    run.standing = standing_after(last.as_ref(), report);
    let standing = run.standing.clone();
    let run = run.following(last, report.reasons());
    if let Err(error) = last_run::save(base.dir.path(), name, &run) {
        let failure = Failure::new(Reason::StateUnwritable, words::end_not_written()).because(error);
        report.warnings.push(failure.sentence());
        if task.job.may_trade() && report.exit() == Exit::Done {
            report.fail(failure.next(words::free_space_for_last_run()));
        }
    }
    standing
}

/// The reasons that last after this run.
fn standing_after(last: Option<&LastRun>, report: &Report) -> Vec<Standing> {
    let before = last.map(|last| last.standing.clone()).unwrap_or_default();
    let session = market_at(report.at).trading_date;
    standing::follow(before, report.met(), standing::reach(report.ending.reason), report.at, session)
}
