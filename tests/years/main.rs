//! Simulated years: the program's own stories under the crontab, with everything going wrong that can.
//!
//! One seed decides a year: what the broker is like, prices, external orders, faults, deaths, power cuts, and how processes
//! interleave at the borders of their effects. A process is `story::run` over a [`desk::SimDesk`]: polling it lets it perform
//! its next effect, dropping it is a kill. Nothing of the program is copied here. What stands for the world outside is a
//! model: the state directory ([`disk`], [`journal`]), whose files are in memory or also on the disk; KIS ([`broker`],
//! [`market`], [`answers`], [`office`]); the machine; external orders; the weather.
//!
//! Every request, every line and every run's end is judged against the truth ([`judge`], [`conduct`]), every morning against
//! the day before ([`morning`]). A failure names its seed and prints the last lines of the trace; the same seed gives the
//! same trace.
//!
//! Where the program can't know better the judge makes exceptions, each at its place: [`World::judge_claim`],
//! [`World::judge_absent`], [`World::judge_units`]. What the broker is relied on for: a list is whole or fails, fills in it never shrink, a gate
//! that lies about an order lists it at once, and nobody sells more than the account has.
//!
//! Some years have strategies beside the default rule ([`sheets`]).
//!
//! Beside the years: every execution of a small world ([`explorer`]), and single stories against a script ([`scripted`]).
//!
//! `KIS_TRADE_SEEDS=1000 cargo test --test years` runs more years than usual.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a test fails where it stands"
)]

mod answers;
mod border;
mod broker;
mod chance;
mod conduct;
mod crontab;
mod desk;
mod disk;
mod explorer;
mod habits;
mod hands;
mod journal;
mod judge;
mod locks;
mod machine;
mod market;
mod morning;
mod office;
mod process;
mod read_back;
mod scripted;
mod sheets;
mod splits;
mod support;
mod tests;
mod token;
mod trace;
mod truth;
mod weather;
mod world;

use std::cell::RefCell;
use std::mem;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use chrono::{DateTime, NaiveDate, Utc};
use kis_trade::domain::market_session::session_of;
use kis_trade::domain::{Session, Usd};
use rust_decimal::Decimal;

use border::{Asked, Fate, Shared};
use crontab::{AFTER_CLOSE, BEFORE_OPEN};
use disk::Disk;
use journal::Journal;
use machine::{MINUTE_MS, true_time};
use process::Process;
use token::Looks;
use trace::Trace;
use world::World;

/// A year under way.
struct Year {
    world: Shared,
    processes: Vec<Process>,
    runs: u64,
    looks: Looks,
}

impl Year {
    fn new(seed: u64) -> Year {
        Year::of(World::new(seed))
    }

    fn of(world: World) -> Year {
        Year { world: Rc::new(RefCell::new(world)), processes: Vec::new(), runs: 0, looks: Looks::Each }
    }

    /// Lives the year and returns what happened.
    fn live(self) -> Trace {
        self.live_and_look(|_, _| {})
    }

    /// Lives the year; each evening somebody looks at the disk, and is told whether a copy was put back that day.
    fn live_and_look(mut self, mut look: impl FnMut(&Disk, bool)) -> Trace {
        let days = true_time(0).date_naive().iter_days().take(365);
        for (day, session) in days.filter_map(|day| Some((day, session_of(day)?))) {
            self.live_day(day, session);
            let mut world = self.world.borrow_mut();
            Journal::load(&mut world, true);
            look(&world.disk, world.weather.is_restored);
        }
        mem::take(&mut self.world.borrow_mut().trace)
    }

    fn live_day(&mut self, day: NaiveDate, session: Session) {
        let (open, close) = (minute_of(session.opens_at), minute_of(session.closes_at));
        self.world.borrow_mut().begin_day(day, open * MINUTE_MS, close * MINUTE_MS);
        for minute in open - BEFORE_OPEN..close + AFTER_CLOSE {
            self.go_on_until(minute * MINUTE_MS);
            self.tick(minute);
        }
        self.go_on_until((close + AFTER_CLOSE + 10) * MINUTE_MS);
        self.world.borrow_mut().judge_day_of_sheets(day);
    }

    /// Lets happenings happen and processes go on, up to a moment.
    fn go_on_until(&mut self, end_ms: u64) {
        loop {
            let waking =
                self.processes.iter().enumerate().map(|(index, process)| (process.wake_ms, process.number, index));
            let (process_ms, _, index) = waking.min().unwrap_or((u64::MAX, 0, 0));
            let (weather_ms, fault_ms) = self.world.borrow().next_happenings();
            let happening_ms = weather_ms.min(fault_ms);
            let next_ms = happening_ms.min(process_ms);
            self.world.borrow_mut().reach(next_ms.min(end_ms));
            if next_ms >= end_ms {
                return;
            }
            if fault_ms <= process_ms.min(weather_ms) {
                self.happen_to_tokens();
            } else if weather_ms <= process_ms {
                self.happen();
            } else {
                let process = self.processes.swap_remove(index);
                self.advance(process);
            }
        }
    }

    /// Lets a process perform its next effect.
    fn advance(&mut self, mut process: Process) {
        mem::swap(&mut self.world.borrow_mut().chance, &mut process.chance);
        let polled = process.story.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        mem::swap(&mut self.world.borrow_mut().chance, &mut process.chance);
        let Asked { ms, fate, .. } = self.world.borrow().asked;
        if polled == Poll::Ready(()) {
            return;
        }
        match fate {
            Fate::Lives => {
                process.wake_ms = self.world.borrow().now_ms + ms;
                self.processes.push(process);
            }
            Fate::Killed | Fate::PowerCut => {
                let mut world = self.world.borrow_mut();
                world.let_go(process.number);
                world.truth.forget_run(process.number);
                let now_ms = world.now_ms;
                world.token.calm.trouble(now_ms);
                drop(world);
                drop(process);
                if fate == Fate::PowerCut {
                    self.cut_power();
                }
            }
        }
    }
}

impl World {
    /// A day begins.
    fn begin_day(&mut self, day: NaiveDate, open_ms: u64, close_ms: u64) {
        self.reach(open_ms - BEFORE_OPEN * MINUTE_MS - 1);
        self.judge_morning(day);
        (self.broker.open_ms, self.broker.close_ms) = (open_ms, close_ms);
        self.broker.begin_day(day, &mut self.chance);
        let floor = Usd(Decimal::from(4_000));
        if self.broker.cash < floor {
            // Somebody deposits what was lost.
            self.move_money(floor - self.broker.cash);
        }
        self.broker.open_prices(&mut self.chance);
        self.split_stocks(day);
        self.draw_trading();
        self.draw_weather();
        self.begin_day_of_sheets();
    }

    /// When the next fault and the next of the other happenings are due.
    fn next_happenings(&self) -> (u64, u64) {
        (self.weather.next_ms(), self.token.faults.next_ms())
    }

    /// Time passes.
    fn reach(&mut self, now_ms: u64) {
        self.now_ms = self.now_ms.max(now_ms);
        self.broker.advance(self.now_ms, &mut self.chance);
        self.adjust_accounts();
    }
}

fn minute_of(at: DateTime<Utc>) -> u64 {
    u64::try_from((at - true_time(0)).num_minutes()).unwrap()
}
