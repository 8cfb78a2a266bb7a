//! Where a story meets the world.
//!
//! A story is written once, as `async fn`s over these traits, and runs in every world. Nothing in it is asynchronous: no
//! runtime, no threads. Each `.await` marks an effect, a place where the process may die. The real desk (`crate::desk`)
//! answers every effect at once and is driven by a `block_on` of ten lines; a simulated one may stop, kill or interleave a
//! run at every `.await`. It kills by dropping the future, which runs destructors where a real kill runs none: so a story
//! owns nothing whose `Drop` touches the world. Locks belong to the desk.

#![allow(async_fn_in_trait, reason = "nothing is sent to another thread")]

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::config::{ProgramSettings, Settings};
use crate::decide::fold::JournalState;
use crate::decide::invariants::Binding;
use crate::decide::strategy::protocol::RuleError;
use crate::decide::token_life::{Attempt, TokenOnDisk};
use crate::domain::{
    AccessToken, Balance, BalanceScope, Books as CashBooks, BrokerOrder, BuyingPower, ClockOffset, CloseUnits,
    Exchange, IntentId, Job, KisError, Listings, OrderList, OrderRequest, Quote, Record, Sample, Side, Stamp,
    SubmitOutcome, Symbol, Task, TrId, Usd,
};
use crate::exit::{Exit, Failure};
use crate::language::Sentence;

/// All that a run works with.
pub trait Desk: Machine + Locks + TokenOffice + Books + Kis {}

impl<D: Machine + Locks + TokenOffice + Books + Kis> Desk for D {}

/// The machine: its clocks, and what this run was started with.
pub trait Machine {
    /// True where the days are long over: programs of rules are told.
    const IS_REHEARSAL: bool = false;

    /// The job.
    fn task(&self) -> Task;

    /// The configuration.
    fn settings(&self) -> Rc<Settings>;

    /// The account and mode of this run.
    fn binding(&self) -> Binding;

    /// This moment.
    fn now(&self) -> Stamp;

    /// The server's clock minus ours, by the latest answer that stated one.
    fn clock_skew(&self) -> Option<TimeDelta>;

    /// Waits.
    async fn wait(&mut self, time: Duration);

    /// Asks a strategy's own program one question; what it wrote.
    async fn ask_program(
        &mut self,
        strategy: &str,
        program: &ProgramSettings,
        question: &str,
    ) -> Result<Vec<u8>, RuleError>;
}

/// `account.lock` and `sell.want`. The kernel releases them when the process dies.
pub trait Locks {
    /// Takes the account's lock, waiting up to `wait`.
    ///
    /// # Errors
    /// `lock_busy` when another run holds it for longer; 78 or 74 when it can't be locked at all.
    async fn lock_account(&mut self, wait: Duration) -> Result<(), Failure>;

    /// Releases the account's lock, if this run holds it.
    fn unlock_account(&mut self);

    /// Reports whether this run holds the account's lock.
    fn holds_account(&self) -> bool;

    /// Reports whether any run holds the account's lock.
    fn is_account_held(&self) -> bool;

    /// Announces that a sell waits for the account. A failure only makes the sell wait longer.
    async fn announce_sell(&mut self);

    /// Ends that announcement.
    fn withdraw_sell(&mut self);

    /// Reports whether a sell waits for the account.
    fn sell_waits(&self) -> bool;
}

/// The token's files, their lock, and the two requests that issue and revoke a token.
///
/// # Errors
/// The lock: 74 or 78 when it can't be used at all. A save: 74. A request: what KIS said, or why it was not asked.
pub trait TokenOffice {
    /// Reads both files under the shared lock, or without it when it is busy: a replaced file is always whole. A file that
    /// can't be used is reported in [`TokenOnDisk::unusable`].
    async fn load_token(&mut self) -> Result<TokenOnDisk, Failure>;

    /// Takes the exclusive lock and keeps it, sets a bad token file aside, reads both files.
    async fn lock_token(&mut self) -> Result<TokenLock, Failure>;

    /// Releases the exclusive lock, if it is held.
    fn unlock_token(&mut self);

    /// Replaces the record of attempts; on disk when it returns.
    async fn save_attempt(&mut self, attempt: &Attempt) -> Result<(), Failure>;

    /// Replaces the token file and reads it back; on disk when it returns.
    async fn save_token(&mut self, token: &AccessToken) -> Result<(), Failure>;

    /// Asks KIS for a token, once.
    async fn issue_token(&mut self) -> Result<AccessToken, KisError>;

    /// Asks KIS to revoke a token that it refuses and yet returns.
    async fn revoke_token(&mut self, token: &AccessToken) -> Result<(), KisError>;
}

/// The token's exclusive lock, as far as it could be taken.
#[derive(Debug)]
pub enum TokenLock {
    /// It is held; what the files say now.
    Held(TokenOnDisk),
    /// Another run holds it past the wait, or it can't be taken.
    NotHeld(Failure),
}

/// The state directory without the token: the order journal, the files beside it, and the `HALT` file. A sentence that a
/// method returns is a warning for people.
///
/// # Errors
/// 65 or 78 for a file that can't be read or believed, 74 for one that can't be written.
pub trait Books {
    /// Reads the journal.
    async fn load_journal(&mut self) -> Result<Option<Sentence>, Failure>;

    /// Goes on without a journal: nothing is known, nothing is written.
    fn forget_journal(&mut self);

    /// Replaces the journal's newest file by a fresh copy, so that lines which a failed sync may have lost reach the disk.
    async fn copy_journal(&mut self) -> Result<(), Failure>;

    /// Reports whether a crash tore the last line and this run may cut it off.
    fn is_torn(&self) -> bool;

    /// Cuts off a last line that a crash tore, and appends a line about it.
    async fn repair_journal(&mut self) -> Result<Option<Sentence>, Failure>;

    /// The journal, folded.
    fn journal(&self) -> &JournalState;

    /// Appends a line; it is on disk when this returns. A read-only run folds it in memory. One that contradicts others: 1.
    async fn append(&mut self, record: &Record) -> Result<(), Failure>;

    /// Reports whether an intent's line is on disk, as far as this run knows.
    fn has_synced(&self, id: &IntentId) -> bool;

    /// Checks that the account's lock and the journal are still the files that were opened; else another run may trade: 74.
    fn check_files(&self) -> Result<(), Failure>;

    /// How the last run of a job ended, as far as later runs care.
    fn last_end(&self, job: Job) -> Result<Option<LastEnd>, Failure>;

    /// How far the clock was off when a run last had to keep it.
    async fn load_clock(&mut self) -> Result<Option<ClockOffset>, Failure>;

    /// Keeps how far the clock is off.
    async fn keep_clock(&mut self, offset: &ClockOffset) -> Result<(), Failure>;

    /// The `HALT` file, if there is one.
    fn halt(&self) -> Option<Halt>;

    /// What earlier runs kept of the account's total. What can't be read is left out and named: samples never stop trading.
    fn totals(&mut self, date: NaiveDate) -> Totals;

    /// Keeps a sample of the account's total, and the books that the next one is compared with.
    async fn keep_total(
        &mut self,
        date: NaiveDate,
        sample: Sample,
        books: &CashBooks,
    ) -> Result<Option<Sentence>, Failure>;

    /// Adds confirmed fills to `trades.csv`. Those it can't write stay in the journal, and the next run adds them.
    async fn keep_fills(&mut self) -> Result<Option<Sentence>, Failure>;

    /// Loads where symbols are listed.
    async fn load_listings(&mut self) -> Result<Option<Sentence>, Failure>;

    /// Where symbols are listed, as far as remembered.
    fn listings(&mut self) -> &mut Listings;

    /// Saves what was learned about listings.
    async fn keep_listings(&mut self) -> Result<(), Failure>;

    /// For notifications: keeps the orders as this run found them, before it sends any; what changed earlier is not its news.
    async fn note_orders_found(&mut self, trading_date: NaiveDate);

    /// For notifications: keeps the orders as this run leaves them.
    async fn note_orders_left(&mut self, trading_date: NaiveDate);
}

/// What earlier runs kept of the account's total.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// The sample that the date's loss counts from: its first one, or the last of the trading date before when the date begins
    /// with a buy.
    pub base: Option<Sample>,
    /// The cash side when it was last explained.
    pub books: Option<CashBooks>,
    /// Why something could not be read: the loss of the date is not known.
    pub unread: Option<Failure>,
}

/// A person's stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halt {
    /// The file's first line, or that it exists.
    pub reason: Sentence,
    /// The file, as people name it.
    pub file: String,
}

/// What the next runs must know of a job's last ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LastEnd {
    /// A run could not write, and none that counts has followed: the journal may hold a line that never reached the disk.
    pub is_unwritten: bool,
    /// When the latest run that counts ended: one that ended well, or got as far as its decisions.
    pub decided_at: Option<DateTime<Utc>>,
}

impl LastEnd {
    /// The value after one more run of the job, which ended with `exit` at `at`.
    #[must_use]
    pub fn then(self, exit: Exit, counts: bool, at: DateTime<Utc>) -> LastEnd {
        LastEnd {
            is_unwritten: exit == Exit::StateUnwritable || (self.is_unwritten && !counts),
            decided_at: if counts { Some(at) } else { self.decided_at },
        }
    }
}

/// KIS, through a client built around one token.
///
/// # Errors
/// A read: what KIS said, or why it was not asked. A cancel, and the slot of an order: only when there was no rate slot, so
/// that nothing was sent.
pub trait Kis {
    /// Builds a fresh client around a token.
    fn connect(&mut self, token: &AccessToken);

    /// Reads the order list of a span of New York dates to its last page: whole, or an error.
    async fn order_list(&mut self, from: NaiveDate, to: NaiveDate) -> Result<OrderList, KisError>;

    /// Reads the whole balance, by as few requests as the scope of one needs.
    async fn balance(&mut self, scope: BalanceScope) -> Result<Balance, KisError>;

    /// Asks how much of `symbol` can be ordered at `price`.
    async fn buying_power(&mut self, exchange: Exchange, symbol: &Symbol, price: Usd) -> Result<BuyingPower, KisError>;

    /// How many symbols one quote request may ask for.
    fn quotes_per_request(&self) -> usize;

    /// Reads quotes in one request, in the order asked.
    async fn quotes(&mut self, asked: &[(Exchange, Symbol)]) -> Result<Vec<Quote>, KisError>;

    /// Asks for a symbol's close on a past New York date in USD; `None` when KIS has none.
    async fn close_of(
        &mut self,
        exchange: Exchange,
        symbol: &Symbol,
        date: NaiveDate,
        units: CloseUnits,
    ) -> Result<Option<Usd>, KisError>;

    /// Asks for a symbol's closes up to a past New York date in USD, as traded: at least so many, as far as KIS has them.
    async fn closes(
        &mut self,
        exchange: Exchange,
        symbol: &Symbol,
        until: NaiveDate,
        least: usize,
    ) -> Result<BTreeMap<NaiveDate, Usd>, KisError>;

    /// Waits for the rate slot of an order. What the order rests on is looked at after this wait.
    async fn acquire_order_slot(&mut self) -> Result<(), Failure>;

    /// Sends one order, once, in the slot that was acquired for it. It is never repeated here.
    async fn post(&mut self, order: &OrderRequest) -> Result<SubmitOutcome, Failure>;

    /// Asks once to cancel what remains of an order.
    async fn cancel(&mut self, order: &BrokerOrder, exchange: Exchange) -> Result<SubmitOutcome, Failure>;

    /// The TR id of an order of this side.
    fn order_tr_id(&self, side: Side) -> TrId;
}
