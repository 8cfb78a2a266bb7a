//! Where a story meets the world.
//!
//! A story is written once, as `async fn`s over these traits, and runs in every world. Nothing in it is asynchronous: no
//! runtime, no threads, nothing that runs beside it. Each `.await` marks an effect, that is a place where the process may
//! die. The real desk (`crate::desk`) answers every effect at once and is driven by a `block_on` of ten lines; a simulated
//! one may stop, kill or interleave a run at every `.await`. To kill it drops the future, and that runs destructors, which
//! a real kill does not: a story owns nothing whose `Drop` touches the world. Locks belong to the desk.

#![allow(async_fn_in_trait, reason = "nothing is sent to another thread")]

use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::config::Settings;
use crate::decide::fold::JournalState;
use crate::decide::invariants::Binding;
use crate::decide::token_life::{Attempt, Look};
use crate::domain::access_token::AccessToken;
use crate::domain::account::BuyingPower;
use crate::domain::history::Sample;
use crate::domain::intent::{IntentId, OrderRequest, SubmitOutcome, TrId};
use crate::domain::job::{Job, Task};
use crate::domain::kis_error::KisError;
use crate::domain::listing::Listings;
use crate::domain::money::Usd;
use crate::domain::order::{BrokerOrder, OrderList, Side};
use crate::domain::position::Position;
use crate::domain::quote::Quote;
use crate::domain::record::{CancelOutcome, Record};
use crate::domain::stamp::Stamp;
use crate::domain::symbol::{Exchange, Symbol};
use crate::exit::Failure;

/// All that a run works with.
pub trait Desk: Machine + Locks + TokenOffice + Books + Kis {}

impl<D: Machine + Locks + TokenOffice + Books + Kis> Desk for D {}

/// The machine: its clocks, and what this run was started with.
pub trait Machine {
    /// The job.
    fn task(&self) -> Task;

    /// The configuration.
    fn settings(&self) -> Rc<Settings>;

    /// The account and mode of this run.
    fn binding(&self) -> Binding;

    /// This moment.
    fn now(&self) -> Stamp;

    /// Waits.
    async fn wait(&mut self, time: Duration);
}

/// `account.lock` and `sell.want`. The kernel lets go of them when the process dies.
pub trait Locks {
    /// Takes the account's lock, waiting up to `wait`.
    ///
    /// # Errors
    /// `lock_busy` when another run holds it for longer; 78 or 74 when it can't be locked at all.
    async fn lock_account(&mut self, wait: Duration) -> Result<(), Failure>;

    /// Lets go of the account's lock, if this run holds it.
    fn unlock_account(&mut self);

    /// Reports whether this run holds the account's lock.
    fn holds_account(&self) -> bool;

    /// Reports whether any run holds the account's lock.
    fn is_account_held(&self) -> bool;

    /// Says that a sell waits for the account. Failing to say so only makes the sell wait longer.
    async fn announce_sell(&mut self);

    /// Says that this sell waits no more.
    fn withdraw_sell(&mut self);

    /// Reports whether a sell waits for the account.
    fn sell_waits(&self) -> bool;
}

/// The token's files, their lock, and the two requests that make and end a token.
pub trait TokenOffice {
    /// Reads both files under the shared lock, or without it when it is busy: a replaced file is always whole.
    ///
    /// # Errors
    /// 74 or 78 when the lock can't be used at all. What a file hides is said in [`Look::unusable`].
    async fn look_at_token(&mut self) -> Result<Look, Failure>;

    /// Takes the exclusive lock, sets a bad token file aside, reads both files. The lock stays held.
    ///
    /// # Errors
    /// As [`TokenOffice::look_at_token`].
    async fn lock_token(&mut self) -> Result<TokenLock, Failure>;

    /// Lets go of the exclusive lock, if it is held.
    fn unlock_token(&mut self);

    /// Replaces the record of attempts; on disk when it returns.
    ///
    /// # Errors
    /// 74.
    async fn save_attempt(&mut self, attempt: &Attempt) -> Result<(), Failure>;

    /// Replaces the token file and reads it back; on disk when it returns.
    ///
    /// # Errors
    /// 74.
    async fn save_token(&mut self, token: &AccessToken) -> Result<(), Failure>;

    /// Asks KIS for a token, once.
    ///
    /// # Errors
    /// What KIS said, or why it was not asked.
    async fn issue_token(&mut self) -> Result<AccessToken, KisError>;

    /// Asks KIS to revoke a token that it refuses and yet returns.
    ///
    /// # Errors
    /// What KIS said, or why it was not asked.
    async fn revoke_token(&mut self, token: &AccessToken) -> Result<(), KisError>;
}

/// What came of reaching for the token's exclusive lock.
#[derive(Debug)]
pub enum TokenLock {
    /// It is held; what the files say now.
    Held(Look),
    /// Another run holds it past the wait, or it can't be taken.
    NotHeld(Failure),
}

/// What lasts between runs: the order journal, and the files derived from it.
pub trait Books {
    /// Reads the journal. Returns sentences for people.
    ///
    /// # Errors
    /// 65 when it can't be believed.
    async fn load_journal(&mut self) -> Result<Vec<String>, Failure>;

    /// Goes on without a journal: nothing is known, nothing is written.
    fn forget_journal(&mut self);

    /// Replaces the journal's newest file by a fresh copy, so that lines which a failed sync may have forgotten reach the disk.
    ///
    /// # Errors
    /// 74.
    async fn copy_journal(&mut self) -> Result<(), Failure>;

    /// Cuts off a last line that a crash tore. Returns a sentence for people.
    ///
    /// # Errors
    /// 74.
    async fn repair_journal(&mut self) -> Result<Option<String>, Failure>;

    /// The journal, folded.
    fn journal(&self) -> &JournalState;

    /// Appends a line; it is on disk when this returns. A run that is read-only folds it in memory.
    ///
    /// # Errors
    /// 74 when it could not be written and synced, 1 when it contradicts the journal.
    async fn append(&mut self, record: &Record) -> Result<(), Failure>;

    /// Reports whether an intent's line is on disk, as far as this run knows.
    fn has_synced(&self, id: &IntentId) -> bool;

    /// How the last run of a job ended, as far as later runs care.
    ///
    /// # Errors
    /// 65 or 78 when its file can't be read.
    fn last_end(&self, job: Job) -> Result<Option<LastEnd>, Failure>;

    /// The `HALT` file, if there is one.
    fn halt(&self) -> Option<Halt>;

    /// The account's first total in USD of a New York date.
    ///
    /// # Errors
    /// 65 when the samples can't be read.
    fn first_total(&self, date: NaiveDate) -> Result<Option<Usd>, Failure>;

    /// Keeps a sample of the account's total. Returns a sentence for people.
    ///
    /// # Errors
    /// 65 when the samples can't be read, 74 when they can't be written.
    async fn keep_total(&mut self, date: NaiveDate, sample: Sample) -> Result<Option<String>, Failure>;

    /// Adds confirmed fills to `trades.csv`.
    ///
    /// # Errors
    /// 74; the journal keeps them, and the next run adds what is missing.
    async fn keep_fills(&mut self) -> Result<(), Failure>;

    /// Loads where symbols are listed. Returns a sentence for people.
    ///
    /// # Errors
    /// 65 when the file can't be read.
    async fn load_listings(&mut self) -> Result<Option<String>, Failure>;

    /// Where symbols are listed, as far as remembered.
    fn listings(&mut self) -> &mut Listings;

    /// Saves what was learned about listings.
    ///
    /// # Errors
    /// 74.
    async fn keep_listings(&mut self) -> Result<(), Failure>;

    /// Notes the orders as this run found them, before it sends any: what happened to them earlier is not its own news.
    async fn note_orders_found(&mut self, trading_date: NaiveDate);

    /// Notes the orders as this run leaves them.
    async fn note_orders_left(&mut self, trading_date: NaiveDate);
}

/// A person's stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halt {
    /// The file's first line, or that it exists.
    pub reason: String,
    /// The file, as people name it.
    pub file: String,
}

/// How the last run of a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastEnd {
    /// Its exit code.
    pub exit_code: u8,
    /// When a run of the job last got far enough to decide about orders.
    pub decided_at: Option<DateTime<Utc>>,
}

/// KIS, through a client built around one token.
pub trait Kis {
    /// Builds a fresh client around a token.
    fn connect(&mut self, token: &AccessToken);

    /// Reads the order list of a span of New York dates to its last page: whole, or an error.
    ///
    /// # Errors
    /// As any read.
    async fn order_list(&mut self, from: NaiveDate, to: NaiveDate) -> Result<OrderList, KisError>;

    /// Reads all holdings.
    ///
    /// # Errors
    /// As any read.
    async fn positions(&mut self) -> Result<Vec<Position>, KisError>;

    /// Asks how much of `symbol` can be ordered at `price`.
    ///
    /// # Errors
    /// As any read.
    async fn buying_power(&mut self, exchange: Exchange, symbol: &Symbol, price: Usd) -> Result<BuyingPower, KisError>;

    /// How many symbols one quote request may ask for.
    fn quotes_per_request(&self) -> usize;

    /// Reads quotes in one request, in the order asked.
    ///
    /// # Errors
    /// As any read.
    async fn quotes(&mut self, asked: &[(Exchange, Symbol)]) -> Result<Vec<Quote>, KisError>;

    /// Sends one order, once. It is never repeated here.
    ///
    /// # Errors
    /// Only when no rate slot could be had: nothing was sent.
    async fn post(&mut self, order: &OrderRequest) -> Result<SubmitOutcome, Failure>;

    /// Asks once to cancel what remains of an order.
    ///
    /// # Errors
    /// Only when no rate slot could be had: nothing was sent.
    async fn cancel(&mut self, order: &BrokerOrder, exchange: Exchange) -> Result<CancelOutcome, Failure>;

    /// The TR id that an order of this side carries.
    fn order_tr_id(&self, side: Side) -> TrId;

    /// The server's clock minus ours, by the latest answer that stated one.
    fn clock_skew(&self) -> Option<TimeDelta>;
}
