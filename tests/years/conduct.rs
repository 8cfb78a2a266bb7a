//! How runs behave, given what they were told. Each rule is judged at the one moment at which it must hold exactly.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use chrono::{DateTime, TimeDelta, Utc};
use kis_trade::config::{Settings, Trading};
use kis_trade::decide::fold::JournalState;
use kis_trade::decide::rule::{Rule, Skip};
use kis_trade::domain::market_session::{buy_cutoff, loc_cutoff, market_at};
use kis_trade::domain::{
    BrokerOrder, CancelPhase, Event, Intent, IntentState, Job, OrderId, OrderKind, OrderRequest, Quote, Record, Sample,
    Side, Symbol, Usd,
};
use kis_trade::exit::{Ending, Exit, Reason};
use kis_trade::report::{Body, OrderLine};
use kis_trade::story::notes::Notes;
use kis_trade::story::run::RunOutcome;
use rust_decimal::Decimal;

use crate::broker::{End, Order, Source};
use crate::machine::{HOUR_MS, MINUTE_MS, SECOND_MS};
use crate::world::World;

/// An order rests on a quote no older than this.
const MAX_QUOTE_AGE_MS: u64 = 60 * SECOND_MS;
/// Farthest that the clock may be off.
const MAX_SKEW: TimeDelta = TimeDelta::seconds(120);
/// Most USD of fills between a list and the cash of the same run.
const FILLED_BETWEEN: Usd = Usd(Decimal::from_parts(4_000, 0, 0, false, 0));
/// So long after a copy was put back the journal may have shares that were sold.
const RESTORED_FOR_MS: u64 = 5 * 24 * HOUR_MS;
/// In calm, a sell has the account after this long.
const LONGEST_WAIT_MS: u64 = 2 * MINUTE_MS;

/// What is asked of KIS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The order list, which is read also between an intent and its outcome.
    Orders,
    Other,
}

/// A quote as a run saw it.
#[derive(Clone, Copy, Debug)]
struct SeenQuote {
    last: Option<Usd>,
    base: Option<Usd>,
    up_ms: u64,
}

/// What one run was told and did.
pub struct Conduct {
    run: u64,
    job: Job,
    settings: Rc<Settings>,
    /// How often it began its story.
    tellings: u32,
    /// It has read the list on which this telling's decisions rest.
    has_list: bool,
    /// When it last read the list.
    pub listed_ms: Option<u64>,
    /// When it began to read it.
    pub list_began_ms: Option<u64>,
    /// When it began to read the one on which its decisions rest.
    pub decided_ms: Option<u64>,
    /// The end of the last effect but quotes, waits, and what concerns the token: from then on nothing but a quote may
    /// come between the looks right before an order and its intent.
    pub settled_ms: u64,
    /// By the machine's clock.
    pub settled_wall: DateTime<Utc>,
    /// Symbols that its latest balance showed.
    pub positions: BTreeSet<Symbol>,
    /// Symbols of which a list showed a row that can't be read.
    pub odd: BTreeSet<Symbol>,
    quotes: BTreeMap<Symbol, SeenQuote>,
    /// The latest intent, and how many there were in this telling, and before.
    intent: Option<Intent>,
    intents: u32,
    earlier_intents: u32,
    /// The order whose cancel it has written down.
    cancel: Option<OrderId>,
    /// Its latest read ended with a refusal of the token: it is repeated without another look.
    pub is_token_refused: bool,
    /// A state file could not be written.
    pub has_write_failed: bool,
    /// Just before it began, a run of the same job had decided.
    is_duplicate: bool,
    /// The list on which it rests has an order of another program.
    saw_foreign: bool,
    /// The total that it saw is too far below the first one of the date.
    is_past_loss: bool,
    /// KIS refused an order of it for a cause that lies in the market or in the account.
    pub is_refused_for_all: bool,
}

impl Conduct {
    pub fn new(run: u64, job: Job, settings: Rc<Settings>) -> Conduct {
        Conduct {
            run,
            job,
            settings,
            tellings: 0,
            has_list: false,
            listed_ms: None,
            list_began_ms: None,
            decided_ms: None,
            settled_ms: 0,
            settled_wall: DateTime::UNIX_EPOCH,
            positions: BTreeSet::new(),
            odd: BTreeSet::new(),
            quotes: BTreeMap::new(),
            intent: None,
            intents: 0,
            earlier_intents: 0,
            cancel: None,
            is_token_refused: false,
            has_write_failed: false,
            is_duplicate: false,
            saw_foreign: false,
            is_past_loss: false,
            is_refused_for_all: false,
        }
    }

    /// What the list told of which the run itself knows nothing.
    pub fn list_learned(&self) -> (bool, bool) {
        (self.is_duplicate, self.saw_foreign)
    }

    /// The journal is read: the story begins, or begins anew.
    pub fn begin_telling(&mut self) {
        self.tellings += 1;
        self.has_list = false;
        self.odd.clear();
        self.earlier_intents += self.intents;
        self.intents = 0;
    }

    /// Reports whether the story has begun anew.
    pub fn is_second(&self) -> bool {
        self.tellings > 1
    }

    pub fn see_quotes(&mut self, quotes: &[Quote]) {
        for Quote { symbol, last, base, read_at, .. } in quotes.iter().filter(|quote| quote.is_listed()) {
            let up_ms = u64::try_from(read_at.as_millis()).unwrap();
            self.quotes.insert(symbol.clone(), SeenQuote { last: *last, base: *base, up_ms });
        }
    }

    /// The price of a symbol that the run saw last.
    pub fn last_of(&self, symbol: &Symbol) -> Usd {
        self.quotes.get(symbol).and_then(|quote| quote.last).unwrap_or_default()
    }
}

impl World {
    /// A run has added up the account's total. Of what came from outside the day's loss knows nothing.
    pub fn judge_total(&mut self, conduct: &mut Conduct, base: Option<Sample>, sample: &Sample, pending: Usd) {
        let most = conduct.settings.limits.max_daily_loss_percent;
        let moved = base.map(|base| base.as_base_of(sample));
        conduct.is_past_loss =
            moved.is_some_and(|base| (base.0 - sample.total.0) * Decimal::ONE_HUNDRED > most * base.0);
        if self.disk.files.has_lost_totals {
            // Of what came since samples of before the power cut, or was in doubt then, nobody knows.
            self.outside.at.clear();
            self.outside.anew_ms = self.now_ms;
        }
        let came = self.outside.since(base.map(|base| base.at));
        // Beside an order that the list hides, nobody can tell which part of the cash came from outside.
        let is_doubtful = self.disk.fold.unknown().next().is_some() || self.hides_an_order();
        if !is_doubtful {
            self.outside.at.insert(sample.at, (self.outside.sum, pending));
        }
        let Some((base, (came, pending_then))) = base.zip(came) else { return };
        // A fill between list and cash moves the base for one look, as does what KIS calls small. A withdrawal after a sale may
        // be taken for proceeds to come: then they are in the total.
        let unknown = came - (sample.transfers - base.transfers) + pending - pending_then;
        let is_base_right = unknown.0.abs() <= (sample.total.percent(Decimal::from(3)) + FILLED_BETWEEN).0;
        let may_differ = self.weather.is_rough || is_doubtful;
        let words = format!(
            "the base of the day's loss does not have what came from outside: {came}, by {base:?} and {sample:?}"
        );
        self.holds(is_base_right || may_differ, &words);
    }

    /// Reports whether the list does not show an order of ours that may live.
    pub fn hides_an_order(&self) -> bool {
        let is_hidden = |order: &Order| order.listed_ms > self.now_ms || order.hidden.is_some();
        self.broker
            .since(self.broker.today)
            .iter()
            .any(|order| matches!(order.source, Source::Ours(_)) && is_hidden(order))
    }

    /// Reports whether the broker got an order of ours of today twice.
    pub fn has_doubled(&self) -> bool {
        self.truth
            .intents
            .iter()
            .rev()
            .take_while(|ours| ours.intent.trading_date == self.broker.today)
            .any(|ours| ours.orders.len() > 1)
    }

    /// A run asks KIS for something. A sell that waits is made way for before each read, but for those between an intent
    /// and its outcome.
    pub fn judge_read(&self, conduct: &Conduct, reading: Reading) {
        let is_under_way = reading == Reading::Orders && conduct.intents > 0;
        if self.must_make_way(conduct) && !is_under_way && !conduct.is_token_refused {
            self.holds(self.locks.want.is_empty(), "a sell waits, and the run that should make way reads on");
        }
    }

    fn must_make_way(&self, conduct: &Conduct) -> bool {
        let holds_account = self.locks.account == Some(conduct.run);
        matches!(conduct.job, Job::Buy | Job::Cleanup) && holds_account && !conduct.is_second()
    }

    /// A run has read the order list.
    pub fn see_list(&mut self, conduct: &mut Conduct, journal: &JournalState) {
        conduct.listed_ms = Some(self.now_ms);
        if !conduct.has_list {
            conduct.decided_ms = conduct.list_began_ms;
        }
        if std::mem::replace(&mut conduct.has_list, true) {
            return;
        }
        self.truth.rests_on_last_list(conduct.run);
        conduct.saw_foreign = self.shows_foreign(conduct.run, journal);
        // The gates lie right before the first list, and nothing lay between but a question for KIS's time, and the clock may
        // be set right meanwhile.
        let decided_at = self.disk.files.last_end(conduct.job).and_then(|end| end.decided_at);
        let least = TimeDelta::from_std(conduct.settings.lock.min_interval).unwrap();
        conduct.is_duplicate = decided_at
            .is_some_and(|at| [conduct.settled_wall, self.wall()].into_iter().all(|wall| (wall - at).abs() < least));
    }

    /// Reports whether a run was shown an order of today that some other program placed, by all that can be known.
    fn shows_foreign(&self, run: u64, journal: &JournalState) -> bool {
        let today = self.broker.today;
        let fits = |order: &Order| {
            let stock = &self.broker.stocks[order.stock].symbol;
            let nameless = journal.entries.values().filter(|entry| entry.order_id.is_none()).map(|entry| &entry.intent);
            nameless.filter(|intent| intent.trading_date == today && order.modifies.is_none()).any(|intent| {
                intent.symbol == *stock
                    && intent.side == order.side
                    && intent.quantity == order.quantity
                    && intent.limit_price == order.limit
            })
        };
        let is_foreign = |order: &&Order| {
            let is_others = match order.source {
                Source::Program | Source::Person => self.broker.may_be_open_api(order),
                Source::Ours(_) => false,
            };
            let is_fine = journal.is_fine(today, &order.key());
            is_others && order.cancels.is_none() && !is_fine && !journal.is_claimed(today, &order.key()) && !fits(order)
        };
        let shown = &self.truth.shown[&run];
        self.broker.since(today).iter().filter(is_foreign).any(|order| shown.contains(&order.key()))
    }

    /// A run is about to write a line.
    pub fn judge_record(&self, conduct: &mut Conduct, record: &Record) {
        match record {
            Record::Intent(intent) => {
                self.judge_looks(conduct, intent);
                self.judge_reasons(conduct, intent);
                conduct.intent = Some(intent.clone());
                conduct.intents += 1;
            }
            Record::Cancel { order_id, phase: CancelPhase::Planned, .. } => {
                let waits = self.must_make_way(conduct) && !self.locks.want.is_empty();
                self.holds(!waits, "a sell waits, and the run that should make way cancels on");
                conduct.cancel = Some(order_id.clone());
            }
            _ => {}
        }
    }

    /// What a run looks at right before each order.
    fn judge_looks(&self, conduct: &Conduct, intent: &Intent) {
        let waits = self.must_make_way(conduct) && self.locks.has_sell_waited_since(conduct.settled_ms);
        self.holds(!waits, "a sell waits, and the run that should make way orders on");
        self.judge_ground(conduct, intent);
    }

    /// What an order rests on, right before its intent and right before its request.
    fn judge_ground(&self, conduct: &Conduct, intent: &Intent) {
        let is_halted = self.disk.files.halted_ms.is_some_and(|since_ms| since_ms < conduct.settled_ms);
        self.holds(!is_halted, "an order although HALT is there");
        let earliest = conduct.settled_wall.min(self.wall());
        let market = market_at(earliest);
        let is_open = market.is_open && market.trading_date == intent.trading_date;
        self.holds(is_open, "an order although the session is over");
        let quote = conduct.quotes.get(&intent.symbol);
        let age_ms = quote.map(|quote| self.machine.up_ms(self.now_ms).saturating_sub(quote.up_ms));
        self.holds(age_ms.is_some_and(|age_ms| age_ms <= MAX_QUOTE_AGE_MS), "an order rests on an old quote");
        let (date, settings) = (intent.trading_date, &conduct.settings);
        if intent.side == Side::Buy && intent.line.is_none() {
            let cutoff = buy_cutoff(date, settings.buy_until);
            self.holds(cutoff.is_some_and(|cutoff| earliest < cutoff), "a buy too late in the session");
        }
        if intent.order_kind != OrderKind::Limit {
            let cutoff = loc_cutoff(date, settings.loc_until);
            self.holds(cutoff.is_some_and(|cutoff| earliest < cutoff), "a closing order too late in the session");
        }
    }

    /// An order's turn has come: all that it rests on must still hold.
    pub fn judge_turn(&self, conduct: &Conduct) {
        if let Some(intent) = &conduct.intent {
            self.judge_ground(conduct, intent);
        }
    }

    /// What stops a whole run, or all buys.
    fn judge_reasons(&self, conduct: &Conduct, intent: &Intent) {
        self.holds(!conduct.is_duplicate, "an order by a duplicate start");
        self.holds(!conduct.odd.contains(&intent.symbol), "an order of a symbol with a row that can't be read");
        self.holds(!conduct.is_refused_for_all, "an order after a refusal that every order would meet");
        if intent.side == Side::Sell {
            return;
        }
        self.holds(!conduct.saw_foreign, "a buy although another program trades");
        if intent.line.is_some() {
            self.holds(conduct.settings.limits.trading != Trading::SellOnly, "a buy although only sells are wanted");
            return;
        }
        self.holds(!conduct.is_past_loss, "a buy beyond the daily loss limit");
        self.holds(conduct.settings.limits.trading != Trading::SellOnly, "a buy although only sells are wanted");
        let is_up = |symbol: &Symbol| {
            let quote = conduct.quotes.get(symbol);
            quote.is_some_and(|quote| quote.last.zip(quote.base).is_some_and(|(last, base)| last > base))
        };
        let is_met = conduct.settings.buy.filter.iter().all(|listed| is_up(&listed.symbol));
        self.holds(is_met, "a buy although the filter is not met");
    }

    /// A request for an order is about to leave. Returns its intent and that one's number.
    pub fn judge_request(&self, conduct: &Conduct, order: &OrderRequest, skew: Option<TimeDelta>) -> Intent {
        self.holds(conduct.intent.is_some(), "I8: a request without an intent");
        let intent = conduct.intent.clone().unwrap();
        let is_its_order = intent.symbol == order.symbol
            && intent.side == order.side
            && intent.quantity == order.quantity
            && intent.limit_price == order.limit_price
            && intent.order_kind == order.kind;
        self.holds(is_its_order, "I8: a request that is not its intent's");
        self.holds(!conduct.has_write_failed, "I10: a request after a failed write");
        let is_wrong = skew.is_some_and(|skew| skew.abs() > MAX_SKEW);
        self.holds(!is_wrong, "an order by a clock that KIS's answer says is wrong");
        intent
    }

    /// A request for a cancel is about to leave.
    pub fn judge_cancel(&self, conduct: &Conduct, order: &BrokerOrder) {
        let is_written = conduct.cancel.as_ref() == Some(&order.order_id);
        self.holds(is_written, "a cancel that is not written down");
    }

    /// A sell has the account.
    pub fn judge_wait(&self, run: u64) {
        let waited_ms = self.locks.want.get(&run).map_or(0, |since_ms| self.now_ms - since_ms);
        self.holds(
            waited_ms <= LONGEST_WAIT_MS || !self.weather.is_calm,
            "liveness: in calm, a sell waits for the account",
        );
    }

    /// A run is over.
    pub fn judge_end(&mut self, conduct: &Conduct, ended: &RunOutcome, notes: &Notes) {
        self.note_ending(conduct, &ended.ending);
        self.judge_ending(conduct, &ended.ending);
        let has_sent = conduct.intents + conduct.earlier_intents > 0;
        self.holds(!has_sent || ended.counts, "a run that sent orders does not count as one that decided");
        if let Body::Trade { orders, skipped } = &notes.body {
            skipped.iter().for_each(|skip| self.trace.count(skip.rule.word()));
            self.hear_of_sheets(skipped);
            skipped
                .iter()
                .filter(|skip| skip.rule == Rule::RefusedToday)
                .for_each(|skip| self.judge_blame(conduct, skip));
            if notes.has_decided {
                self.judge_named(conduct, &ended.ending, orders, skipped);
            }
            let is_done =
                |order: &OrderLine| matches!(order.state, Some(IntentState::Accepted | IntentState::Rejected));
            let is_done = orders.iter().all(is_done);
            self.holds(is_done || !self.weather.is_calm, "liveness: in calm, a wanted order is not done");
        }
        for event in &notes.events {
            if let Event::ForeignOrder(row) = event {
                self.judge_foreign(row);
            }
        }
        if conduct.job.may_trade() && matches!(ended.ending.exit(), Exit::Done | Exit::OrderUnknown) {
            self.weather.seen_ms = self.weather.seen_ms.max(conduct.listed_ms.unwrap_or_default());
        }
        let is_closed = notes.market.is_some_and(|market| !market.is_open);
        if conduct.job == Job::Cleanup && is_closed && matches!(ended.ending.exit(), Exit::Done | Exit::OrderUnknown) {
            self.weather.settled_ms = self.weather.settled_ms.max(conduct.listed_ms.unwrap_or_default());
        }
    }

    fn note_ending(&mut self, conduct: &Conduct, ending: &Ending) {
        let holds_account = self.locks.account == Some(conduct.run);
        let word = match ending.reason {
            Some(Reason::RateLimited) if ending.detail.en.contains("took longer") => Some("ended at its deadline"),
            Some(Reason::LockBusy) if !holds_account => Some("account not had"),
            _ => word_of(ending.exit()),
        };
        if let Some(word) = word {
            self.note_of(conduct.run, word, 0);
        }
        if let Some(reason) = ending.reason {
            self.trace.count(format!("ends: {}", reason.word()));
        }
    }

    /// What a run may end with: never with a broken invariant, and in calm it does not fail.
    fn judge_ending(&self, conduct: &Conduct, ending: &Ending) {
        let words = format!("{} {}", ending.detail, ending.because);
        self.holds(ending.reason != Some(Reason::Unexpected), &format!("an invariant stopped an order: {words}"));
        let is_absurd = matches!(ending.exit(), Exit::StateUnreadable | Exit::Config)
            || matches!(ending.reason, Some(Reason::GatewayNonsense | Reason::CredentialsRefused));
        // With tokens odd things go on by design; their judge has the say.
        // A journal that was put back has lost sales, another hand sold a moment ago, or the list does not show a sale of ours.
        let is_touched = self.broker.stocks.iter().any(|stock| self.now_ms < stock.touched_ms + MINUTE_MS);
        let is_of_past = words.contains("balance_empty")
            && (self.now_ms < self.restored_ms + RESTORED_FOR_MS
                || is_touched
                || self.is_astray()
                || self.sheets.was_left_off(self.now_ms));
        // The clock may go back between a token's arrival and the look at its life.
        let is_far_off = self.machine.off_ms.unsigned_abs() > HOUR_MS;
        let is_of_clock = self.looks_absurd(self.now_ms) || (is_far_off && words.contains("claims to live"));
        self.holds(!is_absurd || self.is_of_tokens || is_of_past || is_of_clock, &format!("a run ends oddly: {words}"));
        let may_fail = match ending.reason {
            Some(Reason::OrderRejected) => true,
            Some(Reason::GatewayNonsense) if is_of_past => true,
            Some(Reason::OrderUnknown) => !self.weather.is_calm || self.disk.fold.unknown().next().is_some(),
            // What a person wants to settle may be settled meanwhile.
            Some(Reason::Usage) => conduct.job == Job::Cleanup,
            _ => !self.weather.is_calm,
        };
        self.holds(ending.exit() == Exit::Done || may_fail, &format!("liveness: in calm, a run failed: {words}"));
    }

    /// Each symbol that was looked at is ordered, or passed over with a rule. A run that began anew may have ended at a gate.
    fn judge_named(&self, conduct: &Conduct, ending: &Ending, orders: &[OrderLine], skipped: &[Skip]) {
        if ending.exit() != Exit::Done || conduct.is_second() {
            return;
        }
        let mut named: BTreeSet<&Symbol> = orders.iter().map(|order| &order.symbol).collect();
        named.extend(skipped.iter().map(|skip| &skip.symbol));
        let watch = || conduct.settings.buy.watch.iter().map(|listed| &listed.symbol);
        let is_whole = match conduct.job {
            // After the strategies the default rule may have ended at a gate.
            Job::Buy if !conduct.settings.strategies.is_empty() && !is_planned(conduct, ending, orders) => true,
            Job::Buy => watch().all(|symbol| named.contains(symbol)),
            _ => conduct.positions.iter().all(|symbol| named.contains(symbol)),
        };
        self.holds(is_whole, "liveness: a symbol is neither ordered nor passed over");
    }

    /// A symbol rests for refusals of its own alone, a buy after the second, a sell after the first: its stop loss.
    fn judge_blame(&self, conduct: &Conduct, skip: &Skip) {
        let (side, least) = if conduct.job == Job::Buy { (Side::Buy, 2) } else { (Side::Sell, 1) };
        let ours = self.truth.intents.iter().rev().take_while(|ours| ours.intent.trading_date == self.broker.today);
        let of_symbol = ours.filter(|ours| ours.intent.symbol == skip.symbol && ours.intent.side == side);
        let is_refused_later = |index: &usize| self.broker.orders[*index].end == Some(End::Refused);
        let refused: Vec<u64> = of_symbol
            .filter(|ours| {
                // Or taken for another hand's order that looks the same, and was refused.
                ours.is_refused_for_its_own_sake || ours.is_excused || ours.orders.iter().any(is_refused_later)
            })
            .map(|ours| ours.written_ms)
            .collect();
        self.holds(refused.len() >= least, "a symbol is blamed for a refusal that is everybody's");
        let is_hourly = skip.detail.en.contains("stop loss is tried again") && !self.weather.is_stepped;
        // It may have been kept long after it looked.
        let looked_ms = conduct.decided_ms.unwrap_or(self.now_ms);
        let is_recent = |written_ms: &u64| looked_ms < written_ms + HOUR_MS + MINUTE_MS;
        self.holds(!is_hourly || refused.iter().any(is_recent), "a stop loss rests for more than an hour");
    }

    /// Orders of other hands are those of other hands, and what the journal lost or never could know.
    fn judge_foreign(&mut self, row: &BrokerOrder) {
        let order = self.broker.find(row.date, &row.key());
        let is_foreign = order.is_some_and(|order| match order.source {
            Source::Program | Source::Person => order.cancels.is_none() && self.broker.may_be_open_api(order),
            Source::Ours(_) => order.cancels.is_none() && self.truth.is_excused(order),
        });
        self.holds(is_foreign, "an order is taken for another hand's");
        self.note("foreign", 0);
    }
}

/// Reports whether a run that served strategies got as far as a plan of the default rule's, for all that it says.
fn is_planned(conduct: &Conduct, ending: &Ending, orders: &[OrderLine]) -> bool {
    let is_of_strategy = |symbol: &Symbol| conduct.settings.strategies.iter().any(|strategy| strategy.trades(symbol));
    let is_of_rule = !orders.iter().any(|order| is_of_strategy(&order.symbol));
    is_of_rule && matches!(ending.reason, None | Some(Reason::NoCandidate))
}

fn word_of(exit: Exit) -> Option<&'static str> {
    Some(match exit {
        Exit::Done => return None,
        Exit::Unexpected => "ended with 1",
        Exit::Usage => "ended with 2",
        Exit::StateUnreadable => "ended with 65",
        Exit::Gateway => "ended with 69",
        Exit::Clock => "ended with 71",
        Exit::StateUnwritable => "ended with 74",
        Exit::TryAgain => "ended with 75",
        Exit::RuleProgram => "ended with 76",
        Exit::Credentials => "ended with 77",
        Exit::Config => "ended with 78",
        Exit::Halted => "ended with 80",
        Exit::OrderUnknown => "ended with 81",
    })
}
