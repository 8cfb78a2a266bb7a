//! `crontab.example` around a trading session, and which of its runs really run.

use kis_trade::domain::{Job, Task};
use kis_trade::story::cleanup::Settlement;

use crate::border::{Run, Shared};
use crate::machine::{MINUTE_MS, SECOND_MS};
use crate::process::Process;
use crate::world::World;
use crate::{Year, hands};

/// Minutes before the open at which a day begins.
pub const BEFORE_OPEN: u64 = 20;
/// Minutes after the close at which it ends: the last row is dead for sure five hours after it.
pub const AFTER_CLOSE: u64 = 330;

/// The job of a minute. Outside the session the day's last words are waited for, and what is closed is tried.
pub fn job_at(minute: u64, open: u64, close: u64) -> Option<Job> {
    if minute >= close {
        return match minute - close {
            12 | 72 | 75 | 132 | 312 | 315 => Some(Job::Cleanup),
            22 => Some(Job::Sell),
            25 => Some(Job::Buy),
            31 | 121 => Some(Job::TokenCheck),
            _ => None,
        };
    }
    if minute < open {
        return (minute + 5 == open).then_some(Job::Sell);
    }
    match minute % 60 {
        5 | 35 => Some(Job::Sell),
        10 => Some(Job::Buy),
        minute if minute % 10 == 2 => Some(Job::Cleanup),
        minute if minute % 5 == 4 => Some(Job::Status),
        1 | 31 => Some(Job::TokenCheck),
        _ => None,
    }
}

impl Year {
    /// Cron's minute.
    pub fn tick(&mut self, minute: u64) {
        let mut world = self.world.borrow_mut();
        if world.now_ms < world.machine.down_until_ms {
            return;
        }
        let (open, close) = (world.broker.open_ms / MINUTE_MS, world.broker.close_ms / MINUTE_MS);
        let Some(job) = world.sheets.job_at(minute, close).or_else(|| job_at(minute, open, close)) else { return };
        if !self.processes.is_empty() || !is_left_out(&mut world, job) {
            if job == Job::Sell && world.weather.is_rough && world.chance.one_in(12) {
                hands::another_program_was_there(&mut world);
            }
            let jitter_ms = world.chance.between(SECOND_MS, 3 * SECOND_MS);
            let is_twice = matches!(job, Job::Sell | Job::Buy) && world.chance.one_in(12);
            let again_ms = world.chance.below(MINUTE_MS);
            drop(world);
            self.start(job, None, jitter_ms);
            if is_twice {
                self.start(job, None, jitter_ms + again_ms);
            }
        }
    }

    /// All jobs at once.
    pub fn crowd(&mut self) {
        for job in [Job::Sell, Job::Buy, Job::Cleanup, Job::Status, Job::Sell] {
            let jitter_ms = self.world.borrow_mut().chance.below(4 * SECOND_MS);
            self.start(job, None, jitter_ms);
        }
    }

    /// Starts a process after a while.
    pub fn start(&mut self, job: Job, settlement: Option<Settlement>, after_ms: u64) {
        let run = Run::new(self.runs, Task::of(job), Shared::clone(&self.world));
        self.runs += 1;
        let world = self.world.borrow();
        let (chance, wake_ms) = (world.chance_of_run(run.number), world.now_ms + after_ms);
        drop(world);
        self.processes.push(Process::new(run, settlement, chance, wake_ms));
    }
}

/// Reports whether a run that can only look is left out: few of them are enough.
fn is_left_out(world: &mut World, job: Job) -> bool {
    let often = match job {
        Job::Status | Job::TokenCheck => 16,
        Job::Cleanup if !world.disk.has_loose_ends() => 8,
        _ => 1,
    };
    !world.chance.one_in(often)
}
