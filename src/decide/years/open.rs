//! The opening that all commands share, and the first gates, as `cmd::open`.

use chrono::TimeDelta;

use super::border::{Run, Spot};
use super::crontab::Job;
use super::journal::Journal;
use super::priority::{SafePoint, lock_account};
use super::process::Failed;
use crate::domain::market_session::{MarketNow, market_at};
use crate::domain::record::Record;

/// Farthest that the clock may be off, in seconds.
const MAX_SKEW_S: i64 = 120;
/// `[lock] min_interval_seconds`.
const MIN_INTERVAL: TimeDelta = TimeDelta::seconds(60);

/// A run in progress.
pub struct Opened {
    pub run: Run,
    pub journal: Journal,
    pub market: MarketNow,
    pub safe_point: SafePoint,
    pub has_write_failed: bool,
    pub has_decided: bool,
    pub is_read_only: bool,
}

/// Takes the lock and reads the journal. The token's part is simulated elsewhere.
pub async fn open(run: &Run, is_second: bool) -> Result<Opened, Failed> {
    let is_read_only = run.job == Job::Status;
    if !is_read_only {
        lock_account(run).await?;
    }
    let safe_point = SafePoint::new(run, is_second);
    let ms = run.world().random.between(5, 150);
    run.border(Spot::Looked, ms).await;
    let market = market_at(run.world().wall());
    let journal = open_journal(run, is_read_only).await?;
    let run = run.clone();
    Ok(Opened { run, journal, market, safe_point, has_write_failed: false, has_decided: false, is_read_only })
}

async fn open_journal(run: &Run, is_read_only: bool) -> Result<Journal, Failed> {
    let mut journal = Journal::load(&mut run.world(), is_read_only);
    if !is_read_only && run.world().disk.may_have_failed() {
        if run.world().cannot_write() {
            return Err(Failed::Unwritable);
        }
        run.note("journal copied afresh", 0);
        run.world().disk.copy_fresh();
        run.border(Spot::Looked, 4).await;
    }
    let behind = journal.state.newest_at.map(|newest| newest - run.world().wall());
    if behind.is_some_and(|behind| behind.num_seconds() > MAX_SKEW_S) && !is_read_only {
        return Err(Failed::Clock);
    }
    journal.repair(run).await?;
    Ok(journal)
}

impl Opened {
    pub async fn append(&mut self, record: &Record) -> Result<(), Failed> {
        self.journal.append(&self.run, record).await
    }

    /// Looks whether the run may go on.
    pub fn check_safe_point(&self) -> Result<(), Failed> {
        self.safe_point.check(&self.run)
    }

    /// Compares our clock with the server's.
    pub fn check_clock(&self) -> Result<(), Failed> {
        if self.run.world().machine.off_ms.abs() / 1000 > MAX_SKEW_S { Err(Failed::Clock) } else { Ok(()) }
    }

    /// One request that reads something.
    pub async fn read(&mut self) -> Result<(), Failed> {
        self.check_safe_point()?;
        let ms = self.run.world().read_ms();
        self.run.border(Spot::Looked, ms.unwrap_or(900)).await;
        ms.map(|_| ()).ok_or(Failed::Gateway)
    }

    /// A duplicate start, or a closed market: nothing to do.
    pub fn is_at_gate(&self) -> bool {
        let world = self.run.world();
        let decided = world.disk.decided.get(&self.run.job);
        decided.is_some_and(|at| (world.wall() - *at).abs() < MIN_INTERVAL) || !self.market.is_open
    }
}
