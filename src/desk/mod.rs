//! The real desk: the state directory, KIS and this machine's clock behind the traits of [`crate::story::desk`]. It answers
//! every effect at once. And the frame around a story: [`run`].

mod base;
mod books;
mod connection;
pub mod fetch;
mod locks;
mod pacing;
mod page;
mod remember;
pub mod rule_child;
pub mod run;
mod status;
mod stops;
#[cfg(test)]
pub(crate) mod testing;
mod token_files;
mod words;

use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use chrono::TimeDelta;
use secrecy::ExposeSecret;

use crate::config::{ProgramSettings, Settings};
use crate::decide::invariants::Binding;
use crate::decide::strategy::protocol::RuleError;
use crate::domain::account::fingerprint;
use crate::domain::{Listings, Stamp, Task};
use crate::exit::{Failure, Reason};
use crate::kis::GatewayConfig;
use crate::kis::client::Gateway;
use crate::kis::rate_slot::Pace;
use crate::language::Sentence;
use crate::store::equity::Samples;
use crate::store::journal::Journal;
use crate::store::lock::FileLock;
use crate::store::rule_dir;
use crate::store::token_file::TokenOwner;
use crate::story::desk::Machine;
use crate::tell::News;
use base::Base;
use token_files::TokenFiles;

/// One run's desk.
pub struct RealDesk<'a> {
    base: &'a Base,
    task: Task,
    /// `account.lock`, held until the end of the run is written down.
    account: Option<FileLock>,
    /// `sell.want`.
    want: Option<FileLock>,
    token_files: TokenFiles,
    journal: Journal,
    listings: Listings,
    /// What `symbols.json` holds.
    kept_listings: Listings,
    may_keep_listings: bool,
    /// What people should hear of this run's orders.
    news: News,
    config: GatewayConfig,
    pace: Rc<Pace>,
    /// Built around a token that was loaded or renewed in this very run.
    gateway: Option<Gateway>,
    /// The server's clock minus ours, by the answer to a token request.
    token_skew: Option<TimeDelta>,
    /// True once the state directory is known to be marked as this account's.
    is_bound: bool,
    /// The account's totals, once the story has asked for them.
    samples: Option<Samples>,
    /// Sentences for people.
    warnings: Vec<Sentence>,
}

impl<'a> RealDesk<'a> {
    /// A desk at which nothing was read, locked or sent yet. It fails with 74 when the pacing file can't be opened.
    fn new(base: &'a Base, task: Task) -> Result<RealDesk<'a>, Failure> {
        let Base { settings, clock, dir, run_id, credentials } = base;
        let config = GatewayConfig {
            mode: settings.mode,
            base_url: settings.gateway.base_url.clone(),
            is_loopback: settings.gateway.is_loopback,
            timeout: settings.gateway.timeout,
            credentials: credentials.clone(),
            clock: clock.clone(),
        };
        let owner = TokenOwner {
            mode: settings.mode,
            base_url: settings.gateway.base_url.clone(),
            app_key_fingerprint: fingerprint(credentials.app_key.expose_secret()),
        };
        Ok(RealDesk {
            base,
            task,
            account: None,
            want: None,
            token_files: TokenFiles::new(dir, clock, owner, settings.lock.wait, task),
            journal: Journal::empty(dir.path(), clock, run_id),
            listings: Listings::default(),
            kept_listings: Listings::default(),
            may_keep_listings: false,
            news: News::default(),
            config,
            pace: pacing::make_pace(dir, &settings.gateway, settings.lock.wait, clock, task.job)?,
            gateway: None,
            token_skew: None,
            is_bound: false,
            samples: None,
            warnings: Vec::new(),
        })
    }
}

impl Machine for RealDesk<'_> {
    fn task(&self) -> Task {
        self.task
    }

    fn settings(&self) -> Rc<Settings> {
        Rc::clone(&self.base.settings)
    }

    fn binding(&self) -> Binding {
        let account_fingerprint = self.base.credentials.account.fingerprint().to_owned();
        Binding { mode: self.base.settings.mode, account_fingerprint }
    }

    fn now(&self) -> Stamp {
        // The journal knows the boot and its time; its wall time is cut to milliseconds, this one is not.
        Stamp { at: self.base.clock.now(), ..self.journal.stamp() }
    }

    fn clock_skew(&self) -> Option<TimeDelta> {
        self.gateway.as_ref().and_then(Gateway::clock_skew).or(self.token_skew)
    }

    async fn wait(&mut self, time: Duration) {
        self.base.clock.sleep(time);
    }

    async fn ask_program(
        &mut self,
        strategy: &str,
        program: &ProgramSettings,
        question: &str,
    ) -> Result<Vec<u8>, RuleError> {
        let failed = |failure: Failure| RuleError::new(Reason::RuleFailed, failure.sentence());
        let workdir = rule_dir::prepare(&self.base.dir, strategy).map_err(failed)?;
        rule_child::ask(&program.command, &workdir, question, program.timeout, &self.base.clock)
    }
}

/// Drives a story. A desk that answers every effect at once makes the first poll the last.
pub(crate) fn block_on<T>(story: impl Future<Output = T>) -> T {
    let mut story = pin!(story);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(end) = story.as_mut().poll(&mut context) {
            return end;
        }
    }
}
