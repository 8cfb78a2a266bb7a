//! A desk made of values: what KIS answers stands in a script, what a story does is written down word by word, and other
//! runs hold their locks until a moment of the clock.

use std::collections::{BTreeSet, VecDeque};
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};

use crate::config::{self, Environment, Settings};
use crate::decide::fold::JournalState;
use crate::decide::invariants::Binding;
use crate::decide::test_support::{at, stamp, tr_id};
use crate::decide::token_life::{Attempt, AttemptLook, Look};
use crate::domain::access_token::AccessToken;
use crate::domain::account::BuyingPower;
use crate::domain::history::Sample;
use crate::domain::intent::{IntentId, OrderRequest, SubmitOutcome, TrId};
use crate::domain::job::{Job, Task, TokenPurpose};
use crate::domain::kis_error::KisError;
use crate::domain::listing::Listings;
use crate::domain::market_session::market_at;
use crate::domain::mode::Mode;
use crate::domain::money::Usd;
use crate::domain::order::{BrokerOrder, OrderList, Side};
use crate::domain::position::Position;
use crate::domain::quote::Quote;
use crate::domain::record::{CancelOutcome, Record};
use crate::domain::stamp::Stamp;
use crate::domain::symbol::{Exchange, Symbol};
use crate::exit::{Failure, Reason};
use crate::story::desk::{Books, Halt, Kis, LastEnd, Locks, Machine, TokenLock, TokenOffice};
use crate::story::locks::SafePoint;
use crate::story::notes::Notes;
use crate::story::reads::Connection;
use crate::story::run::Run;
use crate::story::token::TokenRun;

/// What KIS does when it is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// To an order.
    Posted(SubmitOutcome),
    /// No rate slot can be had for an order.
    NoSlot(Failure),
    /// The order list, or none.
    Listed(Option<Vec<BrokerOrder>>),
    /// A fresh token, or none.
    Token(bool),
}

/// The desk. A story that asks for more than the script has stops there for ever.
#[derive(Clone)]
pub struct ScriptedDesk {
    pub task: Task,
    pub at: Stamp,
    pub settings: Settings,
    pub script: VecDeque<Answer>,
    /// What the story did, in its order.
    pub log: Vec<String>,
    pub journal: JournalState,
    synced: BTreeSet<IntentId>,
    /// How often an order was sent.
    pub posts: u32,
    /// What becomes of a token that is to be kept.
    pub token_save: Result<(), Failure>,
    token: AccessToken,
    holds_account: bool,
    wants_account: bool,
    /// Until then another run holds the account.
    pub held_until_ms: u64,
    /// Until then another sell waits for it.
    pub sell_waits_until_ms: u64,
}

impl ScriptedDesk {
    /// A run on an ordinary Tuesday at 10:00 in New York, with a token that lives, holding the account if its job may.
    pub fn new(job: Job) -> ScriptedDesk {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        crate::store::atomic::replace(&path, b"[buy]\nwatch = [\"AA\"]\n").unwrap();
        let at = stamp(at("10:00:05"));
        ScriptedDesk {
            task: Task::of(job),
            settings: config::load(&path, None, &Environment::default()).unwrap(),
            script: VecDeque::new(),
            log: Vec::new(),
            journal: JournalState::default(),
            synced: BTreeSet::new(),
            posts: 0,
            token_save: Ok(()),
            token: AccessToken::new("old".to_owned(), at.at, at.at + TimeDelta::hours(20)),
            holds_account: job.may_trade(),
            wants_account: false,
            held_until_ms: 0,
            sell_waits_until_ms: 0,
            at,
        }
    }

    /// A run that has opened.
    pub fn open<'a>(&'a mut self, notes: &'a mut Notes) -> Run<'a, ScriptedDesk> {
        let token_run = TokenRun::new(TokenPurpose::Work, &self.settings.token);
        Run {
            task: self.task,
            settings: self.settings(),
            market: market_at(self.at.at),
            safe_point: SafePoint::new(self, false),
            connection: Connection::new(self.token.clone(), token_run),
            too_soon: None,
            desk: self,
            notes,
        }
    }

    pub fn pass(&mut self, time: Duration) {
        self.at.at += time;
        self.at.up_ms += u64::try_from(time.as_millis()).unwrap();
    }

    /// What the story did, in one line.
    pub fn told(&self) -> String {
        self.log.join(", ")
    }

    fn tell(&mut self, word: impl Into<String>) {
        self.log.push(word.into());
    }

    async fn answer(&mut self) -> Answer {
        match self.script.pop_front() {
            Some(answer) => answer,
            None => pending().await,
        }
    }
}

impl Machine for ScriptedDesk {
    fn task(&self) -> Task {
        self.task
    }

    fn settings(&self) -> Rc<Settings> {
        Rc::new(self.settings.clone())
    }

    fn binding(&self) -> Binding {
        Binding { mode: Mode::Paper, account_fingerprint: "5be1c0de".to_owned() }
    }

    fn now(&self) -> Stamp {
        self.at.clone()
    }

    async fn wait(&mut self, time: Duration) {
        self.tell(format!("wait {}", time.as_secs_f32()));
        self.pass(time);
    }
}

impl Locks for ScriptedDesk {
    async fn lock_account(&mut self, wait: Duration) -> Result<(), Failure> {
        let word = if self.wants_account { "lock as announced" } else { "lock" };
        self.tell(format!("{word} {}", wait.as_secs()));
        let left = Duration::from_millis(self.held_until_ms.saturating_sub(self.at.up_ms));
        self.pass(left.min(wait));
        self.holds_account = left <= wait;
        if self.holds_account { Ok(()) } else { Err(Failure::new(Reason::LockBusy, "another run holds the account")) }
    }

    fn unlock_account(&mut self) {
        self.holds_account = false;
        self.tell("unlock");
    }

    fn holds_account(&self) -> bool {
        self.holds_account
    }

    fn is_account_held(&self) -> bool {
        self.holds_account || self.at.up_ms < self.held_until_ms
    }

    async fn announce_sell(&mut self) {
        self.wants_account = true;
    }

    fn withdraw_sell(&mut self) {
        self.wants_account = false;
        self.tell("withdraw");
    }

    fn sell_waits(&self) -> bool {
        self.wants_account || self.at.up_ms < self.sell_waits_until_ms
    }
}

impl TokenOffice for ScriptedDesk {
    async fn look_at_token(&mut self) -> Result<Look, Failure> {
        Ok(Look::new(Some(self.token.clone()), AttemptLook::None))
    }

    async fn lock_token(&mut self) -> Result<TokenLock, Failure> {
        self.look_at_token().await.map(TokenLock::Held)
    }

    fn unlock_token(&mut self) {}

    async fn save_attempt(&mut self, _attempt: &Attempt) -> Result<(), Failure> {
        Ok(())
    }

    async fn save_token(&mut self, token: &AccessToken) -> Result<(), Failure> {
        self.token_save.clone()?;
        self.token = token.clone();
        Ok(())
    }

    async fn issue_token(&mut self) -> Result<AccessToken, KisError> {
        self.tell("renew");
        match self.answer().await {
            Answer::Token(true) => {
                Ok(AccessToken::new("new".to_owned(), self.at.at, self.at.at + TimeDelta::hours(24)))
            }
            Answer::Token(false) => Err(unreachable()),
            other => panic!("asked for a token: {other:?}"),
        }
    }

    async fn revoke_token(&mut self, _token: &AccessToken) -> Result<(), KisError> {
        panic!("no token is twice the same")
    }
}

impl Books for ScriptedDesk {
    async fn load_journal(&mut self) -> Result<Vec<String>, Failure> {
        Ok(Vec::new())
    }

    fn forget_journal(&mut self) {}

    async fn copy_journal(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    async fn repair_journal(&mut self) -> Result<Option<String>, Failure> {
        Ok(None)
    }

    fn journal(&self) -> &JournalState {
        &self.journal
    }

    async fn append(&mut self, record: &Record) -> Result<(), Failure> {
        self.journal.apply(&self.at, record).unwrap();
        let word = match record {
            Record::Intent(intent) => {
                self.synced.insert(intent.id.clone());
                "intent".to_owned()
            }
            Record::Outcome(outcome) => {
                assert_eq!(outcome.attempt, self.posts, "numbered as posted");
                let end = if outcome.is_final { "!" } else { "" };
                format!("{:?}{end}", outcome.answer.class).to_lowercase()
            }
            Record::Resolved(resolved) => format!("resolved-{:?}", resolved.verdict).to_lowercase(),
            other => panic!("unexpected line {other:?}"),
        };
        self.tell(word);
        Ok(())
    }

    fn has_synced(&self, id: &IntentId) -> bool {
        self.synced.contains(id)
    }

    fn last_end(&self, _job: Job) -> Result<Option<LastEnd>, Failure> {
        Ok(None)
    }

    fn halt(&self) -> Option<Halt> {
        None
    }

    fn first_total(&self, _date: NaiveDate) -> Result<Option<Usd>, Failure> {
        Ok(None)
    }

    async fn keep_total(&mut self, _date: NaiveDate, _sample: Sample) -> Result<Option<String>, Failure> {
        Ok(None)
    }

    async fn keep_fills(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    async fn load_listings(&mut self) -> Result<Option<String>, Failure> {
        Ok(None)
    }

    fn listings(&mut self) -> &mut Listings {
        panic!("no quote is asked for")
    }

    async fn keep_listings(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    async fn note_orders_found(&mut self, _trading_date: NaiveDate) {}

    async fn note_orders_left(&mut self, _trading_date: NaiveDate) {}
}

impl Kis for ScriptedDesk {
    fn connect(&mut self, token: &AccessToken) {
        self.tell(format!("connect {}", token.expose()));
    }

    async fn order_list(&mut self, _from: NaiveDate, _to: NaiveDate) -> Result<OrderList, KisError> {
        self.tell("list");
        match self.answer().await {
            Answer::Listed(rows) => rows.map(|rows| OrderList { read_at: self.at.at, rows }).ok_or_else(unreachable),
            other => panic!("asked for the list: {other:?}"),
        }
    }

    async fn positions(&mut self) -> Result<Vec<Position>, KisError> {
        Ok(Vec::new())
    }

    async fn buying_power(&mut self, _at: Exchange, _symbol: &Symbol, _price: Usd) -> Result<BuyingPower, KisError> {
        Err(unreachable())
    }

    fn quotes_per_request(&self) -> usize {
        1
    }

    async fn quotes(&mut self, _asked: &[(Exchange, Symbol)]) -> Result<Vec<Quote>, KisError> {
        Err(unreachable())
    }

    async fn post(&mut self, _order: &OrderRequest) -> Result<SubmitOutcome, Failure> {
        self.tell("post");
        self.posts += 1;
        match self.answer().await {
            Answer::Posted(outcome) => Ok(outcome),
            Answer::NoSlot(failure) => Err(failure),
            other => panic!("sent an order: {other:?}"),
        }
    }

    async fn cancel(&mut self, _order: &BrokerOrder, _exchange: Exchange) -> Result<CancelOutcome, Failure> {
        panic!("nothing is cancelled")
    }

    fn order_tr_id(&self, side: Side) -> TrId {
        tr_id(side)
    }

    fn clock_skew(&self) -> Option<TimeDelta> {
        None
    }
}

fn unreachable() -> KisError {
    KisError::Unreachable { detail: "timeout".to_owned(), advice: None }
}
