//! Simulated years: the token decision under the full crontab, with everything going wrong that can.
//!
//! One seed decides a year: KIS's habits, faults, deaths, clocks, and how processes that start together interleave at
//! the borders of their effects. `Year` performs effects on a model of the disk ([`disk`]), of KIS ([`kis`]) and of the
//! clocks ([`machine`]) and judges every effect and every run ([`judge`], [`verdict`]). A failure names its seed and
//! prints the last lines of the trace; the same seed gives the same trace.
//!
//! What holds, whatever happens:
//!
//! 1. While nothing outside is wrong, no run fails for want of a token. And never while a live token is at hand.
//! 2. No token request within 65 s of the last one, nor within 300 s after three answers EGW00133 in a row.
//! 3. The file never falls back behind a token that was saved, and changes to a newer one only.
//! 4. No run uses a token older than its file's, or a marked one; one renewal, one revocation; no endless loop.
//! 5. In calm, a token is renewed when 4 h are left: not sooner, and not later than the next run.
//! 6. A quarter of an hour after the last fault every run is served at once, with a token that KIS takes.
//!
//! Where these bend:
//!
//! - 1: in the middle of its work a run may leave a refused token to the next run, when the issue limit forbids a request
//!   or the token had to be revoked; so may one that waited three times while KIS gave others a dead token. The next run
//!   must get one. And a second refusal ends a run, when no mark on disk told that the second token, too, is dead.
//! - 2: the 65 s count from the record of a request, which is when it was about to be sent. They are not kept when that
//!   record could not be saved, nor, to the second, behind a boot and a step of the wall clock. The 300 s are the next
//!   runs'; a run that waits keeps its 65 s. Neither does anyone know what a record said that the power cut undid.
//! - 4: a revocation that was not recorded is repeated.
//!
//! Simplified: cron follows the true clock, `account.lock` is not modelled (so more runs meet here than there), and a
//! shared lock is held for no time. Of a year's 190,000 runs a fifth really run, see `Looks`.
//!
//! `KIS_TRADE_SEEDS=1000 cargo test --lib simulated_years` lives a thousand years instead of a hundred; fewer than a
//! hundred are not to be had, for each share must see every fault.

mod books;
mod crontab;
mod disk;
mod faults;
mod happen;
mod judge;
mod kis;
mod perform;
mod step;
mod tests;
mod verdict;

use chrono::TimeDelta;

use super::AttemptLook;
use crate::decide::simulated::{machine, random, trace};
use books::Books;
use crontab::{JOBS, Job, Process, job_at, next_minute};
use disk::Disk;
use faults::{Calm, Faults};
use kis::{Kis, number_of};
use machine::{MINUTE_MS, Machine, YEAR_MS};
use random::Random;
use trace::{NOBODY, Trace};

/// A run is over by then, when nothing is in its way.
const LONGEST_LOOK_MS: u64 = 10 * MINUTE_MS;

/// Which runs really run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looks {
    /// All of them.
    Each,
    /// One in sixteen of those that can only look: the token is fresh, unmarked and taken by KIS, nothing happens
    /// before the run is over, and nobody else runs. A test proves that the year is the same.
    OneInSixteen,
}

/// A year under way.
struct Year {
    seed: u64,
    looks: Looks,
    now_ms: u64,
    minute: u64,
    random: Random,
    machine: Machine,
    disk: Disk,
    kis: Kis,
    faults: Faults,
    calm: Calm,
    #[allow(clippy::vec_box, reason = "a process is large, and moves at every step")]
    processes: Vec<Box<Process>>,
    /// Number of the run that holds the token's lock.
    lock: Option<u64>,
    runs: u64,
    books: Books,
    trace: Trace,
}

impl Year {
    fn new(seed: u64, looks: Looks) -> Year {
        let mut random = Random::new(seed);
        Year {
            seed,
            looks,
            now_ms: 0,
            minute: 0,
            machine: Machine::new(),
            disk: Disk::new(),
            kis: Kis::new(&mut random),
            faults: Faults::of_year(&mut random),
            calm: Calm::default(),
            processes: Vec::new(),
            lock: None,
            runs: 0,
            books: Books::default(),
            trace: Trace::default(),
            random,
        }
    }

    /// Lives the year and returns what happened.
    fn live(mut self) -> Trace {
        while self.now_ms < YEAR_MS {
            self.go_on();
        }
        self.judge_end();
        self.trace
    }

    /// Whatever is next: a happening, a process, or the minute of cron.
    fn go_on(&mut self) {
        let waking = self.processes.iter().enumerate().map(|(index, process)| (process.wake_ms, process.number, index));
        let (process_ms, _, index) = waking.min().unwrap_or((u64::MAX, 0, 0));
        let (happening_ms, minute_ms) = (self.faults.next_ms(), self.minute * MINUTE_MS);
        if happening_ms <= process_ms.min(minute_ms) {
            self.now_ms = happening_ms;
            self.happen();
        } else if process_ms <= minute_ms {
            self.now_ms = process_ms;
            let process = self.processes.swap_remove(index);
            if let Some(process) = self.advance(process) {
                self.processes.push(process);
            }
        } else {
            self.now_ms = minute_ms;
            self.tick();
            self.minute = next_minute(self.minute);
        }
    }

    /// Cron's minute.
    fn tick(&mut self) {
        let Some(job) = job_at(self.minute) else { return };
        let jitter_ms = self.random.below(2000);
        let is_crowd = self.random.one_in(3) && self.is_due();
        if self.now_ms < self.machine.down_until_ms {
            return;
        }
        self.start(job, self.now_ms + jitter_ms);
        if is_crowd {
            self.crowd();
        }
    }

    /// Several jobs at once.
    fn crowd(&mut self) {
        for _ in 0..self.random.between(2, 5) {
            let job = self.random.pick(&JOBS);
            let jitter_ms = self.random.below(2000);
            self.start(job, self.now_ms + jitter_ms);
        }
        self.note("crowd", 0);
    }

    fn start(&mut self, job: Job, at_ms: u64) {
        let number = self.runs;
        self.runs += 1;
        let mut random = Random::of_run(self.seed, number);
        let dies_looking = self.faults.is_rough && random.one_in(300);
        let may_be_left_out = self.looks == Looks::OneInSixteen && !dies_looking && job != Job::ForcedTokenCheck;
        if may_be_left_out && self.can_only_look() && !random.one_in(16) {
            return;
        }
        let mut process = Box::new(Process::new(number, job, random, at_ms));
        process.dies_looking = dies_looking;
        process.watch.steps = self.machine.steps;
        self.processes.push(process);
    }

    /// Reports whether a run that starts now finds a fresh token that KIS takes, and nothing comes between.
    fn can_only_look(&self) -> bool {
        let end_ms = self.now_ms + LONGEST_LOOK_MS;
        let Some(token) = &self.disk.token.cached else { return false };
        if !self.processes.is_empty() || self.faults.next_ms() <= end_ms || self.faults.is_any_open() {
            return false;
        }
        let left = token.time_left(self.machine.wall(self.now_ms));
        let is_fresh = left > TimeDelta::hours(4) + TimeDelta::minutes(10) && left <= TimeDelta::hours(25);
        let number = number_of(token);
        let is_unmarked = match &self.disk.attempt.cached {
            AttemptLook::Known(attempt) => attempt.bad_print.as_deref() != Some(self.kis.print(number)),
            AttemptLook::None => true,
            AttemptLook::Damaged(_) => false,
        };
        is_fresh && is_unmarked && self.kis.takes(number, end_ms)
    }

    fn is_due(&self) -> bool {
        let wall = self.machine.wall(self.now_ms);
        self.disk.token.cached.as_ref().is_none_or(|token| token.time_left(wall) <= TimeDelta::hours(4))
    }

    fn note(&mut self, word: &'static str, number: u64) {
        self.trace.note(self.now_ms, NOBODY, word, number);
    }

    fn note_of(&mut self, process: &Process, word: &'static str, number: u64) {
        self.trace.note(self.now_ms, process.number, word, number);
    }
}
