//! A process from its start to its end: lock, story, once more after it made way, and how it ended.

use std::future::Future;
use std::pin::Pin;

use super::border::{Run, Spot};
use super::crontab::Job;
use super::open::{Opened, open};
use super::{cleanup, priority, trade};

/// A process under way.
pub struct Process {
    pub number: u64,
    pub wake_ms: u64,
    pub story: Pin<Box<dyn Future<Output = ()>>>,
}

/// Why a run ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// 74: state could not be written.
    Unwritable,
    /// 69: KIS could not be read.
    Gateway,
    /// 75: the account was not had.
    Busy,
    /// 75: the run's time was over.
    Late,
    /// 75, and started over: a sell waits.
    MakesWay,
    /// 71: the clock can't be trusted.
    Clock,
    /// 1: what an order rests on is too old, because the process was stopped.
    Stale,
}

/// As `cmd::run_story` and `cmd::remember`.
pub async fn tell(run: Run) {
    let mut opened = None;
    let mut ended = tell_once(&run, &mut opened, false).await;
    if ended == Err(Failed::MakesWay) {
        run.note("made way for a sell", 0);
        priority::make_way(&run).await;
        opened = None;
        ended = tell_once(&run, &mut opened, true).await;
    }
    run.border(Spot::Looked, 2).await;
    let mut world = run.world();
    let now_ms = world.now_ms;
    world.holds(ended.is_ok() || !world.weather.is_calm, "liveness: in calm, a run failed");
    if let Err(failed) = ended {
        world.trace.note(now_ms, run.number, failed.word(), 0);
    }
    let has_decided = opened.as_ref().is_some_and(|open| open.has_decided) || ended.is_ok();
    world.remember(&run, ended, has_decided);
    world.let_go(run.number);
    world.truth.forget_run(run.number);
}

async fn tell_once(run: &Run, opened: &mut Option<Opened>, is_second: bool) -> Result<(), Failed> {
    let open = opened.insert(open(run, is_second).await?);
    let ended = match &run.job {
        Job::Sell => trade::sell(open).await,
        Job::Buy => trade::buy(open).await,
        Job::Cleanup => cleanup::cleanup(open, None).await,
        Job::Settle(settlement) => cleanup::cleanup(open, Some(settlement)).await,
        Job::Status => cleanup::status(open).await,
    };
    ended.and(if open.has_write_failed { Err(Failed::Unwritable) } else { Ok(()) })
}

impl Failed {
    fn word(self) -> &'static str {
        match self {
            Failed::Unwritable => "ended with 74",
            Failed::Gateway => "ended with 69",
            Failed::Busy => "account not had",
            Failed::Late => "ended at its deadline",
            Failed::MakesWay => "made way twice",
            Failed::Clock => "ended with 71",
            Failed::Stale => "its list grew too old",
        }
    }
}
