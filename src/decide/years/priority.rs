//! The account's lock and who goes first, as `cmd::priority`.

use std::collections::BTreeSet;

use super::border::{Run, Spot};
use super::crontab::Job;
use super::process::Failed;
use super::world::World;
use crate::decide::simulated::machine::{MINUTE_MS, SECOND_MS};

/// The longest run.
const DEADLINE_MS: u64 = 5 * MINUTE_MS;
/// `[lock] wait_seconds`.
const WAIT_MS: u64 = 5 * MINUTE_MS;

/// `account.lock` and `sell.want`, by the numbers of the runs that hold them.
#[derive(Debug, Default)]
pub struct Locks {
    account: Option<u64>,
    want: BTreeSet<u64>,
}

/// Takes the account lock. A sell that has to wait says so.
pub async fn lock_account(run: &Run) -> Result<(), Failed> {
    let give_up_ms = run.world().now_ms + WAIT_MS;
    while !run.world().try_lock(run.number) {
        if run.job == Job::Sell {
            run.world().locks.want.insert(run.number);
        }
        if run.world().now_ms >= give_up_ms {
            run.world().locks.want.remove(&run.number);
            return Err(Failed::Busy);
        }
        let ms = run.world().random.between(300, 1200);
        run.border(Spot::Waited, ms).await;
    }
    run.world().locks.want.remove(&run.number);
    Ok(())
}

/// Lets go of the account and waits until the sell that wants it has got it.
pub async fn make_way(run: &Run) {
    run.world().unlock(run.number);
    let give_up_ms = run.world().now_ms + WAIT_MS;
    while !run.world().locks.want.is_empty() && run.world().now_ms < give_up_ms {
        run.border(Spot::Waited, SECOND_MS).await;
    }
}

/// Where a run may end or make way.
#[derive(Debug)]
pub struct SafePoint {
    give_up_ms: u64,
    makes_way: bool,
    pub is_held_off: bool,
}

impl SafePoint {
    pub fn new(run: &Run, is_second: bool) -> SafePoint {
        let makes_way = matches!(run.job, Job::Buy | Job::Cleanup | Job::Settle(_)) && !is_second;
        SafePoint { give_up_ms: run.world().now_ms + DEADLINE_MS, makes_way, is_held_off: false }
    }

    pub fn check(&self, run: &Run) -> Result<(), Failed> {
        let world = run.world();
        match () {
            () if self.is_held_off => Ok(()),
            () if world.now_ms >= self.give_up_ms => Err(Failed::Late),
            () if self.makes_way && !world.locks.want.is_empty() => Err(Failed::MakesWay),
            () => Ok(()),
        }
    }
}

impl World {
    fn try_lock(&mut self, run: u64) -> bool {
        self.locks.account.get_or_insert(run) == &run
    }

    fn unlock(&mut self, run: u64) {
        self.locks.account.take_if(|holder| *holder == run);
    }

    /// What the kernel does when a process is gone.
    pub fn let_go(&mut self, run: u64) {
        self.unlock(run);
        self.locks.want.remove(&run);
    }
}
