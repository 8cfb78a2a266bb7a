//! One execution: runs that start by a scenario, and at each border a choice of who goes on, is killed, or loses power.

use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Context, Waker};
use std::thread;

use kis_trade::domain::{Job, Task};

use super::choices::{Choice, DUE};
use super::digest::{Memo, joined};
use super::moves::{Cut, Move, Point, Seen};
use super::scenario::{Scenario, Start};
use crate::border::{Awaits, Run, Shared};
use crate::chance::{Chance, Luck};
use crate::disk::Place;
use crate::locks::Locks;
use crate::machine::{MINUTE_MS, true_time};
use crate::process::Process;
use crate::world::World;

/// No execution has so many steps.
const MOST_STEPS: usize = 3000;
/// A machine without power is up again after this long.
const REBOOT_MS: u64 = MINUTE_MS;
/// A run that is stopped stands still for so long: longer than anything it saw stays fresh.
const STOP_MS: u64 = 2 * MINUTE_MS;

/// How an execution went.
pub struct Outcome {
    pub made: Vec<Choice>,
    pub steps: usize,
    /// Its last state was met before.
    pub is_cut: bool,
    pub trace: String,
}

/// A run, and all that it was told as a number.
pub struct Teller {
    pub process: Process,
    pub history: u64,
    pub awaits: Awaits,
    pub wake_ms: u64,
    pub stopped_until_ms: u64,
}

/// An execution under way.
pub struct Execution<'a> {
    scenario: &'a Scenario,
    pub world: Shared,
    pub tellers: Vec<Teller>,
    pub phase: usize,
    runs: u64,
    pub memo: Memo,
}

impl<'a> Execution<'a> {
    /// An execution of a scenario by a script.
    pub fn new(scenario: &'a Scenario, script: &[usize]) -> Execution<'a> {
        let world = Rc::new(RefCell::new(scenario.world(script)));
        Execution { scenario, world, tellers: Vec::new(), phase: 0, runs: 0, memo: Memo::default() }
    }

    /// Goes on to the end, or to a state that was met before.
    pub fn go(mut self, seen: &mut Seen) -> Outcome {
        for step in 0..MOST_STEPS {
            while self.tellers.is_empty() && self.phase < self.scenario.phases.len() {
                self.begin_phase();
            }
            if self.tellers.is_empty() {
                self.judge();
                seen.ends.insert(self.memo.world(&self.world.borrow()));
                return self.over(step, false);
            }
            if step == seen.points.len() && !self.look(seen) {
                return self.over(step, true);
            }
            self.step(&seen.points[step], seen.cut);
        }
        self.world.borrow().holds(false, "an execution has no end");
        unreachable!()
    }

    fn over(&mut self, steps: usize, is_cut: bool) -> Outcome {
        let mut world = self.world.borrow_mut();
        let made = std::mem::take(&mut world.choices().made);
        Outcome { made, steps, is_cut, trace: world.trace.text() }
    }

    fn step(&mut self, point: &Point, cut: Cut) {
        let said = |taken: usize| match point.moves[taken] {
            Move::Go { place, .. } => ("goes on", Some(self.tellers[place].process.number)),
            Move::Kill { place } => ("is killed", Some(self.tellers[place].process.number)),
            Move::Stop { place } => ("stands still", Some(self.tellers[place].process.number)),
            Move::CutPower => ("the power is cut", None),
        };
        let taken = self.world.borrow_mut().choices().choose(point.moves.len(), said);
        match point.moves[taken] {
            Move::Go { place, at_ms } => {
                let known = if cut == Cut::ByAnswers { 0 } else { point.seen };
                self.advance(place, at_ms, known);
            }
            Move::Kill { place } => {
                let killed = self.tellers.remove(place);
                self.world.borrow_mut().choices().misfortunes -= 1;
                self.world.borrow_mut().choices().kills -= 1;
                self.world.borrow_mut().note_of(killed.process.number, "is killed", 0);
                self.end(killed);
            }
            Move::Stop { place } => {
                let mut world = self.world.borrow_mut();
                world.choices().misfortunes -= 1;
                world.choices().stops -= 1;
                let teller = &mut self.tellers[place];
                teller.stopped_until_ms = world.now_ms + STOP_MS;
                world.truth.stopped.insert(teller.process.number);
                world.note_of(teller.process.number, "stopped", STOP_MS);
            }
            Move::CutPower => self.cut_power(),
        }
    }

    fn advance(&mut self, place: usize, at_ms: u64, known: u64) {
        self.world.borrow_mut().reach(at_ms);
        let made = self.world.borrow_mut().choices().made.len();
        self.world.borrow_mut().choices().told = 0;
        let teller = &mut self.tellers[place];
        let polled = teller.process.story.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if polled.is_ready() {
            self.tellers.remove(place);
            return;
        }
        let mut world = self.world.borrow_mut();
        let asked = world.asked;
        (teller.awaits, teller.wake_ms) = (asked.awaits, world.now_ms + asked.ms);
        if asked.awaits == Awaits::Sells {
            teller.wake_ms = world.now_ms + u64::try_from(world.settings.lock.wait.as_millis()).unwrap();
        }
        let told = joined(world.choices().told, joined(known, at_ms));
        let answers = world.choices().made[made..].iter().map(|choice| choice.taken as u64);
        teller.history = answers.fold(joined(teller.history, told), joined);
    }

    /// A process is no more.
    fn end(&mut self, teller: Teller) {
        let mut world = self.world.borrow_mut();
        world.let_go(teller.process.number);
        world.truth.forget_run(teller.process.number);
        drop(world);
        drop(teller);
    }

    fn cut_power(&mut self) {
        for teller in std::mem::take(&mut self.tellers) {
            self.end(teller);
        }
        let mut world = self.world.borrow_mut();
        world.choices().misfortunes -= 1;
        world.choices().cuts -= 1;
        let kept = world.what_may_be_kept();
        let taken = world.choices().choose(kept.len(), |taken| (kept[taken].0, None));
        world.chance = Chance::Fixed(kept[taken].1);
        world.lose_power();
        world.chance = Chance::Fixed(Luck::EVEN);
        world.locks = Locks::default();
        world.disk.sync();
        world.disk.sync_folder();
        let until_ms = world.now_ms + REBOOT_MS;
        world.machine.reboot(until_ms);
        world.reach(until_ms);
    }

    fn begin_phase(&mut self) {
        let phase = self.scenario.phases[self.phase];
        let mut world = self.world.borrow_mut();
        let start_ms = phase.start.ms(&world);
        world.reach(start_ms);
        world.choices().is_spared = phase.is_spared;
        for index in world.broker.working.clone() {
            if world.choices().risk(&["rests", "filled meanwhile"]) > 0 {
                world.fill_whole(index);
            }
        }
        if let Start::Person = phase.start {
            let settlement = world.settlements().into_iter().next();
            drop(world);
            match settlement {
                Some(settlement) => self.start(Job::Cleanup, Some(settlement)),
                None => self.phase += 1,
            }
            return;
        }
        drop(world);
        phase.jobs.iter().for_each(|job| self.start(*job, None));
        self.phase += 1;
    }

    fn start(&mut self, job: Job, settlement: Option<kis_trade::story::cleanup::Settlement>) {
        let number = self.runs;
        self.runs += 1;
        let run = Run::new(number, Task::of(job), Shared::clone(&self.world));
        let process = Process::new(run, settlement, Chance::Fixed(Luck::EVEN), 0);
        self.tellers.push(Teller { process, history: 0, awaits: Awaits::Effect, wake_ms: 0, stopped_until_ms: 0 });
    }

    /// A due token is renewed in the end; once, if nothing went wrong.
    fn judge_renewal(&self, world: &mut World) {
        let now = true_time(world.now_ms);
        let is_fresh = world.disk.files.token.cached.as_ref().is_some_and(|token| token.time_left(now) > DUE);
        world.holds(is_fresh, "nobody renewed the token");
        let (asked, is_calm) = (world.choices().tokens_asked, world.choices().misfortunes == self.scenario.misfortunes);
        world.holds(asked == 1 || !is_calm, "a token is asked for twice");
    }

    /// What all has come to.
    fn judge(&self) {
        let mut world = self.world.borrow_mut();
        let today = world.broker.today;
        let evening_ms = Start::Evening.ms(&world);
        if world.now_ms >= evening_ms {
            world.judge_morning(today.succ_opt().unwrap());
        }
        if self.scenario.is_token_due {
            self.judge_renewal(&mut world);
        }
        world.holds(world.locks.account.is_none() && world.locks.token.is_none(), "a lock outlives its run");
    }
}

impl World {
    /// What a power cut can leave of what is not on the disk.
    fn what_may_be_kept(&self) -> Vec<(&'static str, Luck)> {
        let has_lines = self.disk.month.lines.last().is_some_and(|line| line.place != Place::Synced);
        let mut kept = vec![("all is kept", Luck { below: |bound| bound - 1, happens: false })];
        if has_lines {
            kept.push(("the last lines are lost", Luck { below: |_| 0, happens: false }));
        }
        if has_lines || self.disk.files.has_unsynced() {
            kept.push(("a line is torn, and new names are lost", Luck { below: |_| 0, happens: true }));
        }
        kept
    }
}

impl Drop for Execution<'_> {
    fn drop(&mut self) {
        if thread::panicking()
            && let Ok(world) = self.world.try_borrow()
            && let Some(choices) = &world.choices
        {
            eprintln!("{}: KIS_TRADE_CHOICES={}\n{}", self.scenario.name, choices.script(), choices.words());
        }
    }
}
