//! The opening all commands share: account lock, token, journal, fresh client, in this order. And the first gates.

use std::collections::BTreeSet;

use chrono::{Datelike, TimeDelta};

use crate::domain::market_session::market_at;
use crate::domain::nyse_calendar::LAST_YEAR;
use crate::domain::{Job, MarketNow, Phase};
use crate::exit::{Ending, Failure, Reason};
use crate::story::desk::{Desk, LastEnd};
use crate::story::locks::{SafePoint, lock_account};
use crate::story::notes::Notes;
use crate::story::run::Run;
use crate::story::token::{TokenReport, TokenRun};

/// Farthest that the clock may be behind the newest journal line.
const MAX_BEHIND_JOURNAL: TimeDelta = TimeDelta::seconds(120);

/// Takes the lock, keeps the token fresh, reads the journal and builds the client.
///
/// # Errors
/// 75 when another run holds the lock past the wait, 77, 75 or 69 without a usable token, 65 when the journal can't be
/// read, 71 when the clock is behind it, 74 when the state directory can't be written.
pub async fn open<'a, D: Desk>(desk: &'a mut D, notes: &'a mut Notes, is_second: bool) -> Result<Run<'a, D>, Failure> {
    let (task, settings) = (desk.task(), desk.settings());
    if task.job.may_trade() {
        lock_account(desk).await?;
    }
    let safe_point = SafePoint::new(desk, is_second);
    let mut token_run = TokenRun::new(task.token, &settings.token);
    let acquired = token_run.acquire(desk).await;
    let market = market_at(desk.now().at);
    notes.market = Some(market);
    notes.take_token(std::mem::take(&mut token_run.notes), desk.now().at);
    let TokenReport { token, too_soon, .. } = acquired?;
    warn_of_calendar(&market, notes);
    open_journal(desk, notes).await?;
    let listings = desk.load_listings().await;
    notes.warnings.extend(without_file(listings)?);
    desk.connect(&token);
    if !task.is_read_only() {
        desk.note_orders_found(market.trading_date).await;
    }
    let (failed_reads, closes_asked) = (0, BTreeSet::new());
    Ok(Run { desk, notes, task, settings, market, safe_point, token_run, token, failed_reads, closes_asked, too_soon })
}

/// Goes on without a file that is derived from what KIS says: it is named, and learned anew.
fn without_file(loaded: Result<Option<String>, Failure>) -> Result<Option<String>, Failure> {
    match loaded {
        Err(failure) if failure.reason == Reason::StateUnreadable => Ok(Some(failure.to_string())),
        loaded => loaded,
    }
}

/// Reads the journal. Only trading commands write it, and only they stop when it can't be believed; `status` must say so
/// too, and `token-check` keeps the token alive whatever the journal holds.
async fn open_journal<D: Desk>(desk: &mut D, notes: &mut Notes) -> Result<(), Failure> {
    let task = desk.task();
    let warning = match desk.load_journal().await {
        Err(failure) if task.job == Job::TokenCheck => {
            desk.forget_journal();
            Some(failure.to_string())
        }
        loaded => loaded?,
    };
    if !task.is_read_only() && may_have_failed(desk) {
        desk.copy_journal().await?;
    }
    let behind = desk.journal().newest_at.map(|newest| newest - desk.now().at);
    if let Some(behind) = behind.filter(|behind| *behind > MAX_BEHIND_JOURNAL) {
        let failure = Failure::new(Reason::ClockUntrusted, "this machine's clock can't be trusted")
            .because(format!("it is {} s behind the newest line of the order journal", behind.num_seconds()))
            .next("set the clock (for example with `timedatectl set-ntp true`); no order was sent");
        if task.job.may_trade() {
            return Err(failure);
        }
        notes.warnings.push(failure.to_string());
    }
    notes.warnings.extend(warning);
    notes.warnings.extend(desk.repair_journal().await?);
    Ok(())
}

/// Reports whether the journal may hold a line that never reached the disk: a run of a trading command could not write, or
/// the run of the newest line died, or lacked the space, before it recorded how it ended.
fn may_have_failed<D: Desk>(desk: &D) -> bool {
    let jobs = Job::ALL.into_iter().filter(|job| job.may_trade());
    let ends: Vec<LastEnd> = jobs.filter_map(|job| desk.last_end(job).ok().flatten()).collect();
    ends.iter().any(|end| end.is_unwritten)
        || desk.journal().newest_at > ends.iter().filter_map(|end| end.decided_at).max()
}

fn warn_of_calendar(market: &MarketNow, notes: &mut Notes) {
    if !market.calendar_known {
        // Before its first year no release helps.
        let is_past_its_end = market.trading_date.year() > LAST_YEAR;
        notes.warnings.push(format!(
            "the market calendar of this release ends with {} and does not know {}; nothing is traded: {}",
            LAST_YEAR,
            market.trading_date,
            if is_past_its_end { "install a newer release" } else { "check the clock" }
        ));
    }
}

/// The first gates of buy and sell: halted, a duplicate start, a closed market.
pub(super) fn first_gates<D: Desk>(run: &mut Run<'_, D>) -> Result<Option<Ending>, Failure> {
    if let Some(halt) = run.desk.halt() {
        let next = format!("remove {} to trade again", halt.file);
        return Ok(Some(Ending::failed(Reason::Halted, halt.reason, next)));
    }
    Ok(gate_just_now(run)?.or_else(|| gate_closed(&run.market)))
}

/// A duplicate start does nothing. When nobody can tell, the account's lock and the journal still keep orders apart.
fn gate_just_now<D: Desk>(run: &mut Run<'_, D>) -> Result<Option<Ending>, Failure> {
    if run.task.is_dry_run {
        return Ok(None);
    }
    let last = match run.desk.last_end(run.task.job) {
        Err(failure) if failure.reason == Reason::StateUnreadable => {
            run.notes.warnings.push(failure.to_string());
            None
        }
        last => last?,
    };
    let Some(decided_at) = last.and_then(|last| last.decided_at) else { return Ok(None) };
    let age = run.desk.now().at - decided_at;
    let least = TimeDelta::from_std(run.settings.lock.min_interval).unwrap_or(TimeDelta::zero());
    // A little in the future counts as just now: clocks set back, and rehearsals from one start time, differ by as much.
    Ok((age.abs() < least).then(|| {
        let ago = age.num_seconds().max(0);
        let detail = format!("the last {} ended {ago} s ago, less than {} s", run.task.job, least.num_seconds());
        Ending::nothing(Reason::RanJustNow, detail)
    }))
}

/// Outside the regular session nothing is bought or sold.
fn gate_closed(market: &MarketNow) -> Option<Ending> {
    let MarketNow { is_open, phase, trading_date, .. } = *market;
    let detail = match phase {
        Phase::Regular => return None,
        Phase::Pre => format!("the session of {trading_date} has not opened yet"),
        Phase::After => format!("the session of {trading_date} is over"),
        Phase::Closed => format!("the next trading date is {trading_date}"),
    };
    (!is_open).then(|| Ending::nothing(Reason::MarketClosed, detail))
}
