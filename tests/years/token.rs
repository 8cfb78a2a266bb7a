//! Years of tokens: 24 hours a day under the full crontab, with everything going wrong that can go wrong with a token. The
//! account is empty and nothing is ordered; runs make a few reads, which is when KIS refuses a token in mid-run.
//!
//! The world is that of all years. What is of tokens alone: KIS's office ([`crate::office`]), faults ([`faults`], [`happen`],
//! [`requests`]), what is remembered of runs ([`books`]), and the judges ([`judge`], [`verdict`]), who look on in every year.
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
//! Simplified: cron follows the true clock, and a shared lock is held for no time. Of a year's 190,000 runs a fifth really
//! run, see [`Looks`].
//!
//! `KIS_TRADE_SEEDS=1000 cargo test --test years token` lives a thousand years instead of a hundred; fewer than a hundred
//! are not to be had, for each share must see every fault.

mod books;
pub mod faults;
mod happen;
mod judge;
mod requests;
mod tests;
mod verdict;

use std::rc::Rc;
use std::time::Duration;

use chrono::TimeDelta;
use kis_trade::config::Trading;
use kis_trade::domain::market_session::market_at;
use kis_trade::domain::{ClockOffset, Job, Listings, Mode, Task, TokenPurpose};

use crate::Year;
use crate::border::{Run, Shared};
use crate::crontab::job_at;
use crate::habits::exchange_of;
use crate::machine::{MINUTE_MS, YEAR_MS};
use crate::office::number_of;
use crate::process::Process;
use crate::trace::Trace;
use crate::world::World;
use books::Books;
pub use books::Watch;
use faults::{Calm, Faults};
pub use requests::Renamed;

/// A run is over by then, when nothing is in its way.
const LONGEST_LOOK_MS: u64 = 10 * MINUTE_MS;

/// Which runs really run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looks {
    /// All of them.
    Each,
    /// One in sixteen of those that can only look: the token is fresh, unmarked and taken by KIS, nothing happens
    /// before the run is over, and nobody else runs. A test proves that the year is the same.
    OneInSixteen,
}

/// What goes wrong with tokens, and what is remembered of it.
#[derive(Debug)]
pub struct Affairs {
    pub faults: Faults,
    pub calm: Calm,
    books: Books,
}

impl Affairs {
    /// Nothing goes wrong with the token alone.
    pub fn of_orders() -> Affairs {
        Affairs { faults: Faults::default(), calm: Calm::never(), books: Books::default() }
    }
}

/// `token-check --force`.
fn forced_check() -> Task {
    Task { token: TokenPurpose::ForcedCheck, ..Task::of(Job::TokenCheck) }
}

impl World {
    /// A world in which nothing is bought or sold. KIS is slow, so that much can happen in a run.
    fn of_tokens(seed: u64) -> World {
        let mut world = World::new(seed);
        world.is_of_tokens = true;
        world.stops_ms = &[MINUTE_MS, 10 * MINUTE_MS, 180 * MINUTE_MS];
        world.weather.slow_until_ms = u64::MAX;
        world.token =
            Affairs { faults: Faults::of_year(&mut world.chance), calm: Calm::default(), books: Books::default() };
        let settings = Rc::make_mut(&mut world.settings);
        settings.mode = Mode::Real;
        settings.limits.trading = Trading::SellOnly;
        // Whether a run did anything just now would be told by runs that are left out.
        settings.lock.min_interval = Duration::ZERO;
        settings.buy.watch.truncate(1);
        let mut listings = Listings::default();
        let stock = &world.broker.stocks[0];
        listings.remember(&stock.symbol, exchange_of(0), Some(stock.last()));
        world.disk.files.listings.rename(listings);
        world.disk.sync_folder();
        world
    }
}

impl Year {
    /// A year of tokens.
    pub fn of_tokens(seed: u64, looks: Looks) -> Year {
        Year { looks, ..Year::of(World::of_tokens(seed)) }
    }

    /// Lives a year of tokens and returns what happened.
    fn live_for_tokens(mut self) -> Trace {
        for minute in 0..YEAR_MS / MINUTE_MS {
            if let Some(job) = job_at(minute, 0, u64::MAX) {
                self.go_on_until(minute * MINUTE_MS);
                self.tick_for_token(job);
            }
        }
        self.go_on_until(YEAR_MS);
        let mut world = self.world.borrow_mut();
        world.judge_end_of_tokens();
        std::mem::take(&mut world.trace)
    }

    /// Cron's minute.
    fn tick_for_token(&mut self, job: Job) {
        let mut world = self.world.borrow_mut();
        let jitter_ms = world.chance.below(2000);
        let is_crowd = world.chance.one_in(3) && world.is_due();
        let is_down = world.now_ms < world.machine.down_until_ms;
        drop(world);
        if is_down {
            return;
        }
        self.start_for_token(Task::of(job), jitter_ms);
        if is_crowd {
            self.token_crowd();
        }
    }

    /// Several jobs at once.
    fn token_crowd(&mut self) {
        let count = self.world.borrow_mut().chance.between(2, 5);
        for _ in 0..count {
            let job = self.world.borrow_mut().chance.pick(&Job::ALL);
            let jitter_ms = self.world.borrow_mut().chance.below(2000);
            self.start_for_token(Task::of(job), jitter_ms);
        }
        self.world.borrow_mut().note("crowd", 0);
    }

    /// Starts a process after a while, unless it can only look and is left out.
    fn start_for_token(&mut self, task: Task, after_ms: u64) {
        let mut run = Run::new(self.runs, task, Shared::clone(&self.world));
        self.runs += 1;
        let world = self.world.borrow();
        let mut chance = world.chance_of_run(run.number);
        run.dies_looking = world.token.faults.is_rough && chance.one_in(300);
        let may_be_left_out = self.looks == Looks::OneInSixteen && !run.dies_looking && task != forced_check();
        let can_only_look = may_be_left_out && self.processes.is_empty() && world.can_only_look();
        let wake_ms = world.now_ms + after_ms;
        drop(world);
        if !can_only_look || chance.one_in(16) {
            self.processes.push(Process::new(run, None, chance, wake_ms));
        }
    }
}

impl World {
    /// Reports whether a run that starts now finds a fresh token that KIS takes, and nothing comes between.
    fn can_only_look(&self) -> bool {
        let end_ms = self.now_ms + LONGEST_LOOK_MS;
        let Some(token) = &self.disk.files.token.cached else { return false };
        let faults = &self.token.faults;
        // By a wrong clock a run ends with 71, and the first one by a right clock writes that down; after a failed write it
        // copies the journal.
        let was_wrong = self.disk.files.clock.cached.as_ref().is_some_and(ClockOffset::is_wrong);
        let is_usual = self.machine.off_ms == 0 && !was_wrong && !self.disk.has_failed_write();
        // A session's first look at the balance is written down.
        let balance_seen = self.disk.files.listings.cached.balance_seen();
        let is_first_look = [self.now_ms, end_ms].into_iter().any(|ms| {
            let market = market_at(self.machine.wall(ms));
            market.is_open && balance_seen != Some(market.trading_date)
        });
        if faults.next_ms() <= end_ms || faults.is_any_open() || !is_usual || is_first_look {
            return false;
        }
        let left = token.time_left(self.wall());
        let is_fresh = left > TimeDelta::hours(4) + TimeDelta::minutes(10) && left <= TimeDelta::hours(25);
        let number = number_of(token);
        let is_unmarked = match &self.disk.files.attempt.cached {
            Ok(Some(attempt)) => attempt.bad_fingerprint.as_deref() != Some(self.office.print(number)),
            Ok(None) => true,
            Err(_) => false,
        };
        is_fresh && is_unmarked && self.office.takes(number, end_ms)
    }

    fn is_due(&self) -> bool {
        let wall = self.wall();
        self.disk.files.token.cached.as_ref().is_none_or(|token| token.time_left(wall) <= TimeDelta::hours(4))
    }
}
