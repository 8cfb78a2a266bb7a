//! Single stories at a desk made of values: KIS answers from a script, each step of a story is logged as a word, and other
//! runs hold their locks until a given time.

mod buy;
mod locks;
mod office;
mod sell;
mod submit;
mod token;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::{pending, poll_fn};
use std::mem;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use kis_trade::config::{ProgramSettings, Settings};
use kis_trade::decide::fold::JournalState;
use kis_trade::decide::invariants::Binding;
use kis_trade::decide::rule::Rule;
use kis_trade::decide::strategy::protocol::RuleError;
use kis_trade::domain::{
    AccessToken, Balance, BalanceScope, Books as CashBooks, BrokerOrder, BuyingPower, ClockOffset, CloseUnits,
    EndReason, Exchange, IntentId, Job, KisError, ListedSymbol, Listings, Mode, OrderId, OrderList, OrderRequest,
    Position, Quote, Record, RowKind, Sample, Side, Stamp, SubmitOutcome, Symbol, Task, TrId, Usd,
};
use kis_trade::exit::{Failure, Reason};
use kis_trade::language::Sentence;
use kis_trade::report::Body;
use kis_trade::story::desk::{Books, Halt, Kis, LastEnd, Locks, Machine, Totals};
use kis_trade::story::notes::Notes;
use kis_trade::story::open::open;
use kis_trade::story::run::{self, Run};

use crate::habits::{exchange_of, settings_of_file};
use crate::support::{symbol, usd};
use office::{Office, token};

/// The machine has been up this long.
const START_MS: u64 = 5_000_000;

/// What KIS does when it is asked.
#[derive(Clone, Debug)]
pub enum Answer {
    /// To an order.
    Posted(SubmitOutcome),
    /// No rate slot can be had for an order.
    NoSlot(Failure),
    /// The order list, or none.
    Listed(Option<Vec<BrokerOrder>>),
    /// To a request for a token.
    Issued(Result<AccessToken, KisError>),
    /// A quote: last price, yesterday's close, and how long KIS takes over the rest of the answer.
    Quoted(&'static str, &'static str, Duration),
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
    /// KIS's clock minus ours, once KIS has answered; and what `clock.json` says of it.
    pub skew: Option<TimeDelta>,
    pub clock: Result<Option<ClockOffset>, Failure>,
    /// What the account holds.
    pub positions: Vec<Position>,
    listings: Listings,
    synced: BTreeSet<IntentId>,
    /// How often an order was sent.
    pub posts: u32,
    pub office: Office,
    holds_account: bool,
    wants_account: bool,
    /// Until then another run holds the account.
    pub held_until_ms: u64,
    /// Until then another sell waits for it.
    pub sell_waits_until_ms: u64,
    /// What happens while it waits for the rate slots of its orders, one after the other.
    pub in_slots: VecDeque<fn(&mut ScriptedDesk)>,
    /// A person has stopped all trading.
    pub is_halted: bool,
    /// The lock or the journal was replaced.
    pub has_lost_files: bool,
}

impl ScriptedDesk {
    /// A run on an ordinary Tuesday at 10:00 in New York, with a token that lives, holding the account if its job may.
    pub fn new(job: Job) -> ScriptedDesk {
        let mut settings = settings_of_file();
        settings.buy.watch = vec![ListedSymbol { exchange: Some(exchange_of(0)), symbol: symbol("AA") }];
        let at = Stamp { at: start(), boot: "boot".to_owned(), up_ms: START_MS };
        ScriptedDesk {
            task: Task::of(job),
            settings,
            script: VecDeque::new(),
            log: Vec::new(),
            journal: JournalState::default(),
            skew: None,
            clock: Ok(None),
            positions: Vec::new(),
            listings: Listings::default(),
            synced: BTreeSet::new(),
            posts: 0,
            office: Office::new(token("old", at.at + TimeDelta::hours(20))),
            holds_account: job.may_trade(),
            wants_account: false,
            held_until_ms: START_MS,
            sell_waits_until_ms: START_MS,
            in_slots: VecDeque::new(),
            is_halted: false,
            has_lost_files: false,
            at,
        }
    }

    /// A run that has opened.
    pub fn open<'a>(&'a mut self, notes: &'a mut Notes) -> Run<'a, ScriptedDesk> {
        let run = block_on(open(self, notes, false)).unwrap();
        run.desk.log.clear();
        run
    }

    pub fn pass(&mut self, time: Duration) {
        self.at.at += time;
        self.at.up_ms += u64::try_from(time.as_millis()).unwrap();
    }

    pub fn pass_seconds(&mut self, count: i64) {
        self.pass(seconds(count).to_std().unwrap());
    }

    /// What the story did, in one line.
    pub fn story(&self) -> String {
        self.log.join(", ")
    }

    fn note(&mut self, word: impl Into<String>) {
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

    fn clock_skew(&self) -> Option<TimeDelta> {
        self.skew
    }

    async fn ask_program(&mut self, _: &str, _: &ProgramSettings, _: &str) -> Result<Vec<u8>, RuleError> {
        panic!("no strategy has a program of its own")
    }

    async fn wait(&mut self, time: Duration) {
        border().await;
        assert!(!self.office.is_locked, "the token's lock is free while a run waits");
        self.office.steps.push(if self.holds_account { "wait with the account" } else { "wait" });
        self.note(format!("wait {}", time.as_secs_f32()));
        self.pass(time);
        if let Some(hook) = self.office.during_wait.take() {
            hook(self);
        }
    }
}

impl Locks for ScriptedDesk {
    async fn lock_account(&mut self, wait: Duration) -> Result<(), Failure> {
        border().await;
        let word = if self.wants_account { "lock as announced" } else { "lock" };
        self.note(format!("{word} {}", wait.as_secs()));
        let left = Duration::from_millis(self.held_until_ms.saturating_sub(self.at.up_ms));
        self.pass(left.min(wait));
        self.holds_account = left <= wait;
        if self.holds_account {
            Ok(())
        } else {
            Err(Failure::new(Reason::LockBusy, Sentence::verbatim("another run holds the account")))
        }
    }

    fn unlock_account(&mut self) {
        self.holds_account = false;
        self.note("unlock");
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
        self.note("withdraw");
    }

    fn sell_waits(&self) -> bool {
        self.wants_account || self.at.up_ms < self.sell_waits_until_ms
    }
}

impl Books for ScriptedDesk {
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
        self.note(word);
        Ok(())
    }

    fn has_synced(&self, id: &IntentId) -> bool {
        self.synced.contains(id)
    }

    fn check_files(&self) -> Result<(), Failure> {
        if self.has_lost_files {
            Err(Failure::new(Reason::StateUnwritable, Sentence::verbatim("the journal was replaced")))
        } else {
            Ok(())
        }
    }

    fn last_end(&self, _job: Job) -> Result<Option<LastEnd>, Failure> {
        Ok(None)
    }

    async fn load_clock(&mut self) -> Result<Option<ClockOffset>, Failure> {
        self.clock.clone()
    }

    async fn keep_clock(&mut self, offset: &ClockOffset) -> Result<(), Failure> {
        self.clock = Ok(Some(offset.clone()));
        Ok(())
    }

    fn halt(&self) -> Option<Halt> {
        self.is_halted.then(|| Halt { reason: Sentence::verbatim("a person says so"), file: "HALT".to_owned() })
    }

    fn totals(&mut self, _date: NaiveDate) -> Totals {
        Totals::default()
    }

    async fn keep_total(&mut self, _date: NaiveDate, _: Sample, _: &CashBooks) -> Result<Option<Sentence>, Failure> {
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

    async fn note_orders_found(&mut self, _trading_date: NaiveDate) {}

    async fn note_orders_left(&mut self, _trading_date: NaiveDate) {}
}

impl Kis for ScriptedDesk {
    fn connect(&mut self, token: &AccessToken) {
        self.note(format!("connect {}", token.expose()));
    }

    async fn order_list(&mut self, _from: NaiveDate, _to: NaiveDate) -> Result<OrderList, KisError> {
        self.note("list");
        match self.answer().await {
            Answer::Listed(rows) => {
                rows.map(|rows| OrderList { read_at: self.at.at, rows, odd: Vec::new() }).ok_or_else(unreachable)
            }
            other => panic!("asked for the list: {other:?}"),
        }
    }

    async fn balance(&mut self, _scope: BalanceScope) -> Result<Balance, KisError> {
        Ok(Balance { positions: self.positions.clone(), ..Balance::default() })
    }

    async fn buying_power(&mut self, _at: Exchange, _symbol: &Symbol, _price: Usd) -> Result<BuyingPower, KisError> {
        let cash = usd("10000");
        Ok(BuyingPower { orderable: cash, with_won: cash, cash, sale_proceeds: Usd::ZERO, max_quantity: 100 })
    }

    fn quotes_per_request(&self) -> usize {
        1
    }

    async fn quotes(&mut self, asked: &[(Exchange, Symbol)]) -> Result<Vec<Quote>, KisError> {
        let [(exchange, symbol)] = asked else { panic!("asked for {asked:?}") };
        let Answer::Quoted(last, base, takes) = self.answer().await else { panic!("asked for a quote") };
        let known = |text: &str| (!text.is_empty()).then(|| usd(text));
        let read_at = Duration::from_millis(self.at.up_ms);
        let (last, base, traded_today) = (known(last), known(base), true);
        self.pass(takes);
        Ok(vec![Quote { symbol: symbol.clone(), exchange: *exchange, last, base, traded_today, read_at }])
    }

    async fn close_of(
        &mut self,
        _: Exchange,
        symbol: &Symbol,
        _: NaiveDate,
        _: CloseUnits,
    ) -> Result<Option<Usd>, KisError> {
        panic!("asked for the close of {symbol}")
    }

    async fn closes(
        &mut self,
        _: Exchange,
        symbol: &Symbol,
        _: NaiveDate,
        _: usize,
    ) -> Result<BTreeMap<NaiveDate, Usd>, KisError> {
        panic!("asked for the closes of {symbol}")
    }

    async fn acquire_order_slot(&mut self) -> Result<(), Failure> {
        if let Some(happen) = self.in_slots.pop_front() {
            happen(self);
        }
        match self.script.pop_front_if(|answer| matches!(answer, Answer::NoSlot(_))) {
            Some(Answer::NoSlot(failure)) => Err(failure),
            _ => Ok(()),
        }
    }

    async fn post(&mut self, _order: &OrderRequest) -> Result<SubmitOutcome, Failure> {
        self.note("post");
        self.posts += 1;
        match self.answer().await {
            Answer::Posted(outcome) => Ok(outcome),
            other => panic!("sent an order: {other:?}"),
        }
    }

    async fn cancel(&mut self, _order: &BrokerOrder, _exchange: Exchange) -> Result<SubmitOutcome, Failure> {
        panic!("nothing is cancelled")
    }

    fn order_tr_id(&self, side: Side) -> TrId {
        TrId { id: if side == Side::Buy { "VTTT1002U" } else { "VTTT1001U" }, mode: Mode::Paper }
    }
}

/// Plays a dry run to its end: the price of its only order, or the rule that passed the symbol over.
fn priced(mut desk: ScriptedDesk) -> Result<String, Rule> {
    desk.task.is_dry_run = true;
    let mut notes = Notes::default();
    block_on(run::run(&mut desk, &mut notes, &[]));
    assert!(desk.script.is_empty(), "{:?} is not asked for", desk.script);
    let Body::Trade { orders, skipped } = notes.body else { panic!("no trade") };
    match (orders.as_slice(), skipped.as_slice()) {
        ([order], []) => Ok(order.limit_price.to_string()),
        ([], [skip]) => Err(skip.rule),
        other => panic!("{other:?}"),
    }
}

/// When a story begins.
fn start() -> DateTime<Utc> {
    at("10:00:05")
}

fn seconds(count: i64) -> TimeDelta {
    TimeDelta::seconds(count)
}

/// An instant of that day by New York's wall, `10:30:00`.
fn at(wall: &str) -> DateTime<Utc> {
    format!("2027-03-09T{wall}-05:00").parse().unwrap()
}

fn order_id(text: &str) -> OrderId {
    text.parse().unwrap()
}

/// A row of the broker's list for an untouched order to buy 3 AA at 61.23.
fn row(number: &str) -> BrokerOrder {
    BrokerOrder {
        date: at("10:00:00").date_naive(),
        branch: String::new(),
        order_id: order_id(number),
        original_id: None,
        kind: RowKind::Order,
        symbol: symbol("AA"),
        exchange: None,
        side: Side::Buy,
        quantity: 3,
        limit_price: usd("61.23"),
        filled_quantity: 0,
        average_price: Usd::ZERO,
        remaining_quantity: 3,
        is_refused: false,
        end_reason: EndReason::NotStated,
        note: String::new(),
        ordered_at: None,
        may_be_open_api: true,
    }
}

fn unreachable() -> KisError {
    KisError::Unreachable { detail: Sentence::verbatim("timeout"), advice: None }
}

/// Drives a story to its end.
pub fn block_on<T>(story: impl Future<Output = T>) -> T {
    poll_times(story, u32::MAX).expect("an end")
}

/// Drives a story through its first `count - 1` borders, and kills it there.
pub fn poll_times<T>(story: impl Future<Output = T>, count: u32) -> Option<T> {
    let mut story = pin!(story);
    let mut context = Context::from_waker(Waker::noop());
    (0..count).find_map(|_| match story.as_mut().poll(&mut context) {
        Poll::Ready(end) => Some(end),
        Poll::Pending => None,
    })
}

/// A border of a desk made up for a test: a story stops here once, and may be killed.
pub async fn border() {
    let mut has_stopped = false;
    poll_fn(|_| if mem::replace(&mut has_stopped, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}
