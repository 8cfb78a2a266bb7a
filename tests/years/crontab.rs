//! `crontab.example` around a trading session, and which of its runs really run.

use super::border::{Run, Shared};
use super::process::{Process, tell};
use super::world::World;
use super::{Year, hands};
use crate::decide::simulated::machine::{MINUTE_MS, SECOND_MS};
use crate::domain::intent::IntentId;
use crate::domain::order::OrderId;

/// What a cron line or a person starts. `token-check` touches nothing of this.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Job {
    Sell,
    Buy,
    Cleanup,
    Status,
    /// `cleanup --settle`.
    Settle(Settlement),
}

/// What a person says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Settlement {
    IsOrder(IntentId, OrderId),
    IsAbsent(IntentId),
    ForeignIsFine(OrderId),
}

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
        let Some(job) = job_at(minute, world.broker.open_ms / MINUTE_MS, world.broker.close_ms / MINUTE_MS) else {
            return;
        };
        if !self.processes.is_empty() || !is_left_out(&mut world, &job) {
            if job == Job::Sell && world.weather.is_rough && world.random.one_in(12) {
                hands::another_program_was_there(&mut world);
            }
            let jitter_ms = world.random.between(SECOND_MS, 3 * SECOND_MS);
            drop(world);
            self.start(job, jitter_ms);
        }
    }

    /// All jobs at once.
    pub fn crowd(&mut self) {
        for job in [Job::Sell, Job::Buy, Job::Cleanup, Job::Status, Job::Sell] {
            let jitter_ms = self.world.borrow_mut().random.below(4 * SECOND_MS);
            self.start(job, jitter_ms);
        }
    }

    pub fn start(&mut self, job: Job, after_ms: u64) {
        let number = self.runs;
        self.runs += 1;
        let run = Run::new(number, job, Shared::clone(&self.world));
        let wake_ms = self.world.borrow().now_ms + after_ms;
        self.processes.push(Process { number, wake_ms, story: Box::pin(tell(run)) });
    }
}

/// Reports whether a run that can only look is left out: few of them are enough.
fn is_left_out(world: &mut World, job: &Job) -> bool {
    let often = match job {
        Job::Status => 16,
        Job::Cleanup if !world.disk.has_loose_ends() => 8,
        _ => 1,
    };
    !world.random.one_in(often)
}
