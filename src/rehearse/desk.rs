//! The rehearsal's desk: the stories run at it as they run at the real one. Nothing waits, nothing is written, the token lives for ever,
//! and KIS is a [`Broker`] made of daily bars.

mod kis;

use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::clock::Clock;
use crate::config::{ProgramSettings, Settings};
use crate::decide::fold::JournalState;
use crate::decide::invariants::Binding;
use crate::decide::strategy::protocol::RuleError;
use crate::decide::token_life::{Attempt, TokenOnDisk};
use crate::desk::rule_child;
use crate::domain::{
    AccessToken, Books as CashBooks, ClockOffset, IntentId, Job, KisError, Listings, Record, Sample, Stamp, Task,
};
use crate::exit::{Failure, Reason};
use crate::language::Sentence;
use crate::rehearse::broker::Broker;
use crate::rehearse::place::Place;
use crate::rehearse::words;
use crate::story::desk::{Books, Halt, LastEnd, Locks, Machine, TokenLock, TokenOffice, Totals};

/// A token's age, and the life left to it, at every moment.
const TOKEN_AGE: TimeDelta = TimeDelta::hours(1);
const TOKEN_LEFT: TimeDelta = TimeDelta::hours(23);

/// The desk of all runs, one after the other.
pub(super) struct BarDesk {
    pub(super) settings: Rc<Settings>,
    pub(super) broker: Broker,
    task: Task,
    now: DateTime<Utc>,
    journal: JournalState,
    listings: Listings,
    holds_account: bool,
    place: Place,
    clock: Clock,
}

impl BarDesk {
    pub(super) fn new(settings: Rc<Settings>, broker: Broker, place: Place) -> BarDesk {
        BarDesk {
            settings,
            broker,
            task: Task::of(Job::Cleanup),
            now: DateTime::UNIX_EPOCH,
            journal: JournalState::default(),
            listings: Listings::default(),
            holds_account: false,
            place,
            clock: Clock::system(),
        }
    }

    /// The start of a run.
    pub(super) fn begin(&mut self, job: Job, now: DateTime<Utc>) {
        (self.task, self.now, self.holds_account) = (Task::of(job), now, false);
    }

    /// Forgets what no later run needs, as a new month of the journal does.
    pub(super) fn prune(&mut self) {
        self.journal = self.journal.pruned_at(self.now);
    }

    fn token(&self) -> AccessToken {
        AccessToken::new("rehearsal".to_owned(), self.now - TOKEN_AGE, self.now + TOKEN_LEFT)
    }

    fn up(&self) -> Duration {
        (self.now - DateTime::UNIX_EPOCH).to_std().unwrap_or_default()
    }
}

impl Machine for BarDesk {
    const IS_REHEARSAL: bool = true;

    fn task(&self) -> Task {
        self.task
    }

    fn settings(&self) -> Rc<Settings> {
        Rc::clone(&self.settings)
    }

    fn binding(&self) -> Binding {
        Binding { mode: self.settings.mode, account_fingerprint: "rehearsal".to_owned() }
    }

    fn now(&self) -> Stamp {
        let up_ms = u64::try_from(self.up().as_millis()).unwrap_or_default();
        Stamp { at: self.now, boot: String::new(), up_ms }
    }

    fn clock_skew(&self) -> Option<TimeDelta> {
        Some(TimeDelta::zero())
    }

    async fn wait(&mut self, time: Duration) {
        self.now += TimeDelta::from_std(time).unwrap_or_default();
    }

    async fn ask_program(
        &mut self,
        strategy: &str,
        program: &ProgramSettings,
        question: &str,
    ) -> Result<Vec<u8>, RuleError> {
        let failed = |error| RuleError::new(Reason::RuleFailed, words::no_place().and(": ", &Sentence::from(error)));
        let workdir = self.place.of_rule(strategy).map_err(failed)?;
        rule_child::ask(&program.command, &workdir, question, program.timeout, &self.clock)
    }
}

impl Locks for BarDesk {
    async fn lock_account(&mut self, _: Duration) -> Result<(), Failure> {
        self.holds_account = true;
        Ok(())
    }

    fn unlock_account(&mut self) {
        self.holds_account = false;
    }

    fn holds_account(&self) -> bool {
        self.holds_account
    }

    fn is_account_held(&self) -> bool {
        self.holds_account
    }

    async fn announce_sell(&mut self) {}

    fn withdraw_sell(&mut self) {}

    fn sell_waits(&self) -> bool {
        false
    }
}

impl TokenOffice for BarDesk {
    async fn load_token(&mut self) -> Result<TokenOnDisk, Failure> {
        Ok(TokenOnDisk::new(Some(self.token()), Ok(None)))
    }

    async fn lock_token(&mut self) -> Result<TokenLock, Failure> {
        Ok(TokenLock::Held(self.load_token().await?))
    }

    fn unlock_token(&mut self) {}

    async fn save_attempt(&mut self, _: &Attempt) -> Result<(), Failure> {
        Ok(())
    }

    async fn save_token(&mut self, _: &AccessToken) -> Result<(), Failure> {
        Ok(())
    }

    async fn issue_token(&mut self) -> Result<AccessToken, KisError> {
        Ok(self.token())
    }

    async fn revoke_token(&mut self, _: &AccessToken) -> Result<(), KisError> {
        Ok(())
    }
}

impl Books for BarDesk {
    async fn load_journal(&mut self) -> Result<Option<Sentence>, Failure> {
        Ok(None)
    }

    fn forget_journal(&mut self) {}

    async fn copy_journal(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    fn is_torn(&self) -> bool {
        false
    }

    async fn repair_journal(&mut self) -> Result<Option<Sentence>, Failure> {
        Ok(None)
    }

    fn journal(&self) -> &JournalState {
        &self.journal
    }

    async fn append(&mut self, record: &Record) -> Result<(), Failure> {
        let stamp = self.now();
        self.journal.apply(&stamp, record).map_err(|error| Failure::new(Reason::Unexpected, error.words()))
    }

    fn has_synced(&self, id: &IntentId) -> bool {
        self.journal.entries.contains_key(id)
    }

    fn check_files(&self) -> Result<(), Failure> {
        Ok(())
    }

    fn last_end(&self, _: Job) -> Result<Option<LastEnd>, Failure> {
        Ok(None)
    }

    async fn load_clock(&mut self) -> Result<Option<ClockOffset>, Failure> {
        Ok(None)
    }

    async fn keep_clock(&mut self, _: &ClockOffset) -> Result<(), Failure> {
        Ok(())
    }

    fn halt(&self) -> Option<Halt> {
        None
    }

    fn totals(&mut self, _: NaiveDate) -> Totals {
        Totals::default()
    }

    async fn keep_total(&mut self, _: NaiveDate, _: Sample, _: &CashBooks) -> Result<Option<Sentence>, Failure> {
        Ok(None)
    }

    async fn keep_fills(&mut self) -> Result<Option<Sentence>, Failure> {
        Ok(None)
    }

    async fn load_listings(&mut self) -> Result<Option<Sentence>, Failure> {
        Ok(None)
    }

    fn listings(&mut self) -> &mut Listings {
        &mut self.listings
    }

    async fn keep_listings(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    async fn note_orders_found(&mut self, _: NaiveDate) {}

    async fn note_orders_left(&mut self, _: NaiveDate) {}
}
