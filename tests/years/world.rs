//! Everything there is, and the truth about it.

use std::rc::Rc;

use chrono::{DateTime, SubsecRound, Utc};

use super::border::{Asked, Run};
use super::broker::Broker;
use super::crontab::Job;
use super::disk::Disk;
use super::habits::{Habits, NAMES, Rules};
use super::market::Stock;
use super::priority::Locks;
use super::process::Failed;
use super::truth::Truth;
use super::weather::Weather;
use crate::decide::simulated::machine::Machine;
use crate::decide::simulated::random::Random;
use crate::decide::simulated::trace::{NOBODY, Trace};
use crate::decide::test_support::symbol;
use crate::domain::stamp::Stamp;

/// The state of everything.
pub struct World {
    pub seed: u64,
    pub now_ms: u64,
    pub random: Random,
    pub machine: Machine,
    pub rules: Rc<Rules>,
    pub disk: Disk,
    pub broker: Broker,
    pub locks: Locks,
    pub weather: Weather,
    pub truth: Truth,
    pub trace: Trace,
    /// What the run that was polled last asked for.
    pub asked: Asked,
}

impl World {
    pub fn new(seed: u64) -> World {
        let mut random = Random::new(seed);
        let stocks = NAMES.iter().map(|name| Stock::new(symbol(name), random.between(1500, 12_000))).collect();
        World {
            seed,
            now_ms: 0,
            machine: Machine::new(),
            rules: Rc::new(Rules::of_year(&mut random)),
            disk: Disk::default(),
            broker: Broker::new(Habits::of_year(&mut random), stocks),
            locks: Locks::default(),
            weather: Weather::default(),
            truth: Truth::default(),
            trace: Trace::default(),
            asked: Asked::default(),
            random,
        }
    }

    /// The machine's wall clock.
    pub fn wall(&self) -> DateTime<Utc> {
        self.machine.wall(self.now_ms)
    }

    /// This moment, as a line has it.
    pub fn stamp(&self) -> Stamp {
        let moment = self.machine.moment(self.now_ms);
        Stamp { at: moment.at.trunc_subsecs(3), boot: moment.boot, up_ms: moment.up_ms }
    }

    /// How the run ended is written down by a file's replacement, which also makes the folder's names survive. As in the
    /// program, only the last run of each command counts.
    pub fn remember(&mut self, run: &Run, ended: Result<(), Failed>, has_decided: bool) {
        if run.job == Job::Status || self.cannot_write() {
            return;
        }
        let job = if matches!(run.job, Job::Settle(_)) { Job::Cleanup } else { run.job.clone() };
        self.disk.sync_folder();
        self.disk.failed.remove(&job);
        if ended == Err(Failed::Unwritable) {
            self.disk.failed.insert(job.clone());
        }
        if has_decided {
            let wall = self.wall();
            self.disk.decided.insert(job, wall);
        }
    }

    pub fn note(&mut self, word: &'static str, number: u64) {
        self.trace.note(self.now_ms, NOBODY, word, number);
    }

    pub fn holds(&self, is_so: bool, otherwise: &str) {
        if !is_so {
            let (seed, steps, text) = (self.seed, self.trace.steps, self.trace.text());
            panic!("seed {seed}, step {steps}, at {} ms: {otherwise}\n{text}", self.now_ms);
        }
    }
}
