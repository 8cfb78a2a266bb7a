//! A run's desk in a simulated world: each effect is performed on the world and has a border, where the run may be stopped
//! or killed. What the run was told and did is kept in its [`Conduct`], by which it is judged.
//!
//! No borrow of the world is held across a border.

mod books;
mod explored;
mod kis;
mod locks;
mod token;

use std::rc::Rc;
use std::time::Duration;

use chrono::TimeDelta;
use kis_trade::config::{ProgramSettings, Settings};
use kis_trade::decide::invariants::Binding;
use kis_trade::decide::strategy::protocol::RuleError;
use kis_trade::domain::stamp::MAX_CLOCK_OFFSET;
use kis_trade::domain::{AccessToken, Listings, Stamp, Task, TokenPurpose};
use kis_trade::exit::{Exit, Failure, Reason};
use kis_trade::story::desk::Machine;
use kis_trade::story::notes::Notes;
use kis_trade::story::run::RunOutcome;

use crate::border::{Awaits, Run, Spot};
use crate::conduct::Conduct;
use crate::journal::{Journal, unwritable};
use crate::machine::SECOND_MS;
use crate::token::Watch;

/// The desk of one process.
pub struct SimDesk {
    run: Run,
    settings: Rc<Settings>,
    journal: Journal,
    listings: Listings,
    kept_listings: Listings,
    token: Option<AccessToken>,
    /// The server's clock minus ours, as the client's latest answer said, and as the token's did.
    client_skew: Option<TimeDelta>,
    token_skew: Option<TimeDelta>,
    conduct: Conduct,
    watch: Watch,
    /// What earlier runs left makes the clock doubtful.
    doubts_clock: bool,
    /// The clock's error when the run began, and how often it had been stepped by then.
    clock_at_start: (i64, u64),
}

impl SimDesk {
    pub fn new(run: Run) -> SimDesk {
        let settings = Rc::clone(&run.world().settings);
        let conduct = Conduct::new(run.number, run.job, Rc::clone(&settings));
        let clock_at_start = run.world().machine.clock();
        let watch = Watch::new(run.number, run.task.token == TokenPurpose::ForcedCheck);
        SimDesk {
            run,
            settings,
            journal: Journal::empty(),
            listings: Listings::default(),
            kept_listings: Listings::default(),
            token: None,
            client_skew: None,
            token_skew: None,
            conduct,
            watch,
            doubts_clock: false,
            clock_at_start,
        }
    }

    /// The end of the process: how the run ended is judged and written down, and its locks go.
    pub async fn finish(self, ended: RunOutcome, notes: Notes) {
        self.run.border(Spot::Looked, 2).await;
        if !self.is_explored() {
            self.run.world().judge_token_end(&self.watch, &ended, &notes);
        }
        self.judge_clock(&ended);
        self.run.world().judge_end(&self.conduct, &ended, &notes);
        if !self.run.world().cannot_write() {
            self.keep_last_end(&ended);
            self.run.border(Spot::Replaced, 2).await;
        }
        let mut world = self.run.world();
        world.let_go(self.run.number);
        world.truth.forget_run(self.run.number);
    }

    /// What is known of the clock decides: a wrong one sends nothing and says so, a right one never stands in the way.
    fn judge_clock(&self, ended: &RunOutcome) {
        let world = self.run.world();
        let clock = world.machine.clock();
        if clock != self.clock_at_start {
            return;
        }
        let is_untrusted = ended.ending.reason == Some(Reason::ClockUntrusted);
        let is_wrong = clock.0.abs() > MAX_CLOCK_OFFSET.num_milliseconds() + 1000;
        let is_right = clock.0.abs() < MAX_CLOCK_OFFSET.num_milliseconds() - 1000;
        world.holds(!(is_right && is_untrusted), "a right clock is not trusted");
        let is_at_ease = self.doubts_clock && is_wrong && ended.ending.exit() == Exit::Done;
        world.holds(!(is_at_ease && self.run.job.may_trade()), "a run that could know of the wrong clock ends well");
    }

    fn keep_last_end(&self, ended: &RunOutcome) {
        let mut world = self.run.world();
        let (files, now) = (&world.disk.files, world.stamp().at);
        let before = files.last_end(self.run.job).unwrap_or_default();
        let end = before.then(ended.ending.exit(), ended.counts, now);
        world.disk.files.keep_last_end(self.run.job, end);
    }

    /// A small file has its new name.
    async fn replaced(&self) {
        self.run.border(Spot::Replaced, 2).await;
        self.run.world().disk.sync_folder();
    }

    /// A file can't be written: no order may follow.
    fn unwritten(&mut self) -> Failure {
        self.conduct.has_write_failed = true;
        unwritable()
    }

    /// An effect is over after which nothing was looked at yet.
    fn settle(&mut self) {
        let world = self.run.world();
        (self.conduct.settled_ms, self.conduct.settled_wall) = (world.now_ms, world.wall());
    }
}

impl Machine for SimDesk {
    fn task(&self) -> Task {
        self.run.task
    }

    fn settings(&self) -> Rc<Settings> {
        Rc::clone(&self.settings)
    }

    fn binding(&self) -> Binding {
        Binding { mode: self.settings.mode, account_fingerprint: "5be1c0de".to_owned() }
    }

    fn now(&self) -> Stamp {
        self.run.world().stamp()
    }

    fn clock_skew(&self) -> Option<TimeDelta> {
        self.client_skew.or(self.token_skew)
    }

    async fn ask_program(&mut self, _: &str, _: &ProgramSettings, _: &str) -> Result<Vec<u8>, RuleError> {
        panic!("no strategy has a program of its own")
    }

    async fn wait(&mut self, time: Duration) {
        let asked_ms = u64::try_from(time.as_millis()).unwrap();
        if self.watch.is_under_way && time == self.settings.token.retry_delay {
            self.run.note("waits", 0);
            self.watch.has_waited = true;
        }
        if asked_ms >= SECOND_MS {
            self.run.border_at(Awaits::Time, Spot::Looked, asked_ms).await;
        } else {
            // On a busy machine a short wait is longer.
            let ms = self.run.world().chance.between(SECOND_MS / 2, SECOND_MS);
            self.run.border_at(Awaits::Sells, Spot::Waited, ms.max(asked_ms)).await;
        }
    }
}
