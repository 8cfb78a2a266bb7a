//! The opening all commands share: account lock, token, journal, fresh client, in this order. And the first gates.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, TimeDelta};

use crate::decide::fold::JournalState;
use crate::domain::market_session::market_at;
use crate::domain::nyse_calendar::LAST_YEAR;
use crate::domain::stamp::MAX_CLOCK_OFFSET;
use crate::domain::{Job, Listings, MarketNow, Phase};
use crate::exit::{Ending, Failure, Reason};
use crate::ordered::Ordered;
use crate::story::desk::{Desk, LastEnd};
use crate::story::endings;
use crate::story::locks::{SafePoint, lock_account};
use crate::story::notes::Notes;
use crate::story::run::Run;
use crate::story::token::{TokenReport, TokenRun};
use crate::story::words;

/// Takes the lock, keeps the token fresh, reads the journal and builds the client.
///
/// # Errors
/// 75 when another run holds the lock past the wait, 77, 75 or 69 without a usable token, 65 when the journal can't be
/// read, 71 when the clock can't be trusted, 74 when the state directory can't be written.
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
    let Opened { line_ahead, last_end } = open_journal(desk, notes).await?;
    match desk.load_listings().await {
        Ok(warning) => notes.warnings.extend(warning),
        // What it knew is asked for again.
        Err(failure) => {
            *desk.listings() = Listings::lost();
            notes.go_on_without(failure);
        }
    }
    desk.connect(&token);
    if !task.is_read_only() {
        desk.note_orders_found(market.trading_date).await;
    }
    let (failed_reads, closes_asked) = (0, BTreeSet::new());
    let mut run = Run {
        desk,
        notes,
        task,
        settings,
        market,
        line_ahead,
        last_end,
        safe_point,
        token_run,
        token,
        failed_reads,
        closes_asked,
        too_soon,
    };
    if let Err(failure) = run.settle_doubt().await {
        // The question may have renewed the token: people hear of it all the same.
        run.close().await;
        return Err(failure);
    }
    Ok(run)
}

/// Reads the journal. Only trading commands write it, and only they stop when it can't be believed; `status` must say so
/// too, and `token-check` keeps the token alive whatever the journal holds.
async fn open_journal<D: Desk>(desk: &mut D, notes: &mut Notes) -> Result<Opened, Failure> {
    let task = desk.task();
    let warning = match desk.load_journal().await {
        Err(failure) if task.job == Job::TokenCheck => {
            desk.forget_journal();
            Some(failure.sentence())
        }
        loaded => loaded?,
    };
    let mut last_end = Ok(None);
    if !task.is_read_only() {
        let jobs = Job::ALL.into_iter().filter(|job| job.may_trade());
        let mut ends: BTreeMap<Job, _> = jobs.map(|job| (job, desk.last_end(job))).ordered();
        if may_have_failed(desk.journal(), ends.values().filter_map(|end| end.as_ref().ok()?.as_ref())) {
            desk.copy_journal().await?;
        }
        last_end = ends.remove(&task.job).unwrap_or(last_end);
    }
    notes.warnings.extend(warning);
    let ahead = desk.journal().newest_at.map(|newest| newest - desk.now().at);
    Ok(Opened { line_ahead: ahead.filter(|ahead| *ahead > MAX_CLOCK_OFFSET), last_end })
}

/// What a run learns while it opens the journal; as of [`Run`].
struct Opened {
    line_ahead: Option<TimeDelta>,
    last_end: Result<Option<LastEnd>, Failure>,
}

/// Reports whether the journal may hold a line that never reached the disk: a run of a trading command could not write, or
/// the run of the newest line died, or lacked the space, before it recorded how it ended.
fn may_have_failed<'a>(journal: &JournalState, ends: impl Iterator<Item = &'a LastEnd> + Clone) -> bool {
    ends.clone().any(|end| end.is_unwritten) || journal.newest_at > ends.filter_map(|end| end.decided_at).max()
}

fn warn_of_calendar(market: &MarketNow, notes: &mut Notes) {
    if !market.calendar_known {
        // Before its first year no release helps.
        let is_past_its_end = market.trading_date.year() > LAST_YEAR;
        notes.warnings.push(match is_past_its_end {
            true => words::calendar_has_ended(LAST_YEAR, market.trading_date),
            false => words::calendar_has_not_begun(LAST_YEAR, market.trading_date),
        });
    }
}

/// The first gates of buy and sell: halted, a duplicate start, a closed market.
pub(super) fn first_gates<D: Desk>(run: &mut Run<'_, D>) -> Option<Ending> {
    if let Some(halt) = run.desk.halt() {
        return Some(Ending::failed(Reason::Halted, halt.reason, endings::remove_halt_file(&halt.file)));
    }
    gate_just_now(run).or_else(|| gate_closed(&run.market))
}

/// A duplicate start does nothing.
fn gate_just_now<D: Desk>(run: &mut Run<'_, D>) -> Option<Ending> {
    if run.task.is_dry_run {
        return None;
    }
    let last = std::mem::replace(&mut run.last_end, Ok(None)).unwrap_or_else(|failure| {
        run.notes.go_on_without(failure);
        None
    });
    let decided_at = last.and_then(|last| last.decided_at)?;
    let age = run.desk.now().at - decided_at;
    let least = TimeDelta::from_std(run.settings.lock.min_interval).unwrap_or(TimeDelta::zero());
    // A little in the future counts as just now: clocks set back, and rehearsals from one start time, differ by as much.
    (age.abs() < least).then(|| {
        let ago = age.num_seconds().max(0);
        let detail = endings::ran_just_now(run.task.job.word(), ago, least.num_seconds());
        Ending::nothing(Reason::RanJustNow, detail)
    })
}

/// Outside the regular session nothing is bought or sold.
fn gate_closed(market: &MarketNow) -> Option<Ending> {
    let MarketNow { is_open, phase, trading_date, .. } = *market;
    let detail = match phase {
        Phase::Regular => return None,
        Phase::Pre => endings::session_not_open(trading_date),
        Phase::After => endings::session_over(trading_date),
        Phase::Closed => endings::next_session(trading_date),
    };
    (!is_open).then(|| Ending::nothing(Reason::MarketClosed, detail))
}
