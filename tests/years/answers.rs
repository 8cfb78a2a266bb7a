//! What becomes of a request, and what is heard of it: the truth, nothing, or a lie.

use std::time::Duration;

use chrono::NaiveDate;
use kis_trade::domain::{
    BrokerOrder, CancelPhase, Exchange, Intent, KisError, KisWords, OddHolding, OddOrder, OrderId, OrderKey,
    OutcomeClass, Quote, Refusal, Side, SubmitOutcome, Symbol,
};
use kis_trade::language::Sentence;

use crate::broker::{Order, Source, Wish};
use crate::habits::exchange_of;
use crate::machine::{HOUR_MS, MINUTE_MS, SECOND_MS};
use crate::office::Death;
use crate::token::faults::Fault;
use crate::world::World;

/// How a request for an order goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Well,
    /// The connection never came up.
    NotSent,
    RequestLost,
    AnswerLost,
    /// Taken, and answered with a bare 500.
    FailedAfter,
    /// Not taken, and answered with a bare 500.
    FailedBefore,
    /// Turned away at the gate: too fast, or the token.
    Gate {
        token_refused: bool,
    },
    /// Turned away by the ledger, as it says; the order is there.
    GateLies,
    /// A definite no.
    Rejected,
    /// The answer to another request.
    OtherAnswer,
    /// Two orders, one answer.
    Twice,
    /// Two orders, no answer.
    TwiceUnheard,
    WithoutNumber,
    /// Taken, and refused minutes later.
    RefusedLater,
}

const WAYS: [Way; 26] = [
    Way::NotSent,
    Way::RequestLost,
    Way::RequestLost,
    Way::AnswerLost,
    Way::AnswerLost,
    Way::AnswerLost,
    Way::FailedAfter,
    Way::FailedBefore,
    Way::Gate { token_refused: false },
    Way::Gate { token_refused: true },
    Way::GateLies,
    Way::Rejected,
    Way::OtherAnswer,
    Way::Twice,
    Way::TwiceUnheard,
    Way::WithoutNumber,
    Way::RefusedLater,
    Way::Well,
    Way::Well,
    Way::Well,
    Way::Well,
    Way::Well,
    Way::Well,
    Way::Well,
    Way::Well,
    Way::Well,
];

/// What becomes of a read.
pub struct Read {
    /// How long it takes.
    pub ms: u64,
    /// KIS has answered, be it a refusal.
    pub is_answered: bool,
    pub error: Option<KisError>,
}

/// KIS answers within this long, or not at all.
const TIMEOUT_MS: u64 = 5 * SECOND_MS;

/// The number of the order whose row can't be read.
fn odd_order_id() -> OrderId {
    "99".parse().unwrap()
}

/// What tells it from the other rows of its date.
pub fn odd_order_key() -> OrderKey {
    OrderKey::new("", odd_order_id())
}

impl World {
    /// A request for the order of an intent goes out. What is heard of it, and after how long.
    pub fn post(&mut self, number: u64, intent: &Intent, is_token_good: bool) -> (SubmitOutcome, u64) {
        let (outcome, ms) = self.answer_post(number, intent, is_token_good);
        let is_its_own =
            outcome.class == OutcomeClass::Rejected && !outcome.refusal.is_some_and(Refusal::is_everybodys);
        self.truth.get(&intent.id).is_refused_for_its_own_sake |= is_its_own;
        (outcome, ms)
    }

    fn answer_post(&mut self, number: u64, intent: &Intent, is_token_good: bool) -> (SubmitOutcome, u64) {
        if let Some(refusal) = self.weather.refusal_of(intent.side, self.now_ms).filter(|_| is_token_good) {
            self.note("refused for everybody", number);
            return (rejected(refusal), 300);
        }
        let way = match self.weather.is_rough {
            _ if !is_token_good => Way::Gate { token_refused: true },
            _ if self.choices.is_some() => self.choose_answer(),
            true if self.is_unreachable() => Way::NotSent,
            true => self.chance.pick(&WAYS),
            false => Way::Well,
        };
        if way == (Way::Gate { token_refused: true }) && is_token_good {
            // What is refused at the gate is refused from then on.
            let death = self.chance.pick(&[Death::Gone, Death::StillReturned]);
            self.kill_token(death);
        }
        let stock = self.stock_of(&intent.symbol);
        let Intent { side, order_kind: kind, quantity, limit_price: limit, .. } = *intent;
        let wish = Wish { stock, side, kind, quantity, limit };
        if self.weather.is_rough && self.may_have_twin(intent) {
            self.twins(wish);
        }
        self.note(way.word(), number);
        let ms = self.chance.between(80, 900);
        match way {
            Way::NotSent => (heard(OutcomeClass::NotSent), 20),
            Way::RequestLost => (heard(OutcomeClass::Unknown), TIMEOUT_MS),
            Way::FailedBefore => (SubmitOutcome { http: Some(500), ..heard(OutcomeClass::Unknown) }, ms),
            Way::Gate { token_refused } => (SubmitOutcome { token_refused, ..heard(OutcomeClass::TurnedAway) }, ms),
            Way::Rejected => (rejected(Refusal::Other), ms),
            _ => self.take(number, wish, way, ms),
        }
    }

    /// The request arrives.
    fn take(&mut self, number: u64, wish: Wish, way: Way, ms: u64) -> (SubmitOutcome, u64) {
        // A gate that lies about an order lists it at once; that much is relied on.
        let late_ms = if way == Way::GateLies { 0 } else { self.draw_late_ms() };
        let taken = self.broker.place(wish, Source::Ours(number), self.now_ms, late_ms);
        let index = match taken {
            Ok(index) => index,
            Err(refusal) => {
                self.note("rejected for cause", refusal as u64);
                return (rejected(refusal), ms);
            }
        };
        self.truth.arrived(number, index);
        if late_ms > 5 * MINUTE_MS {
            self.note("listed late", late_ms);
        }
        if matches!(way, Way::Twice | Way::TwiceUnheard) {
            let late_ms = self.draw_late_ms();
            if let Ok(second) = self.broker.place(wish, Source::Ours(number), self.now_ms, late_ms) {
                self.note("delivered twice", number);
                self.truth.arrived(number, second);
            }
        }
        self.fill_at_once(index);
        let order_id = Some(self.broker.orders[index].id.clone());
        let branch = Some(self.broker.orders[index].branch.to_owned()).filter(|branch| !branch.is_empty());
        let accepted = SubmitOutcome { order_id, branch, ..heard(OutcomeClass::Accepted) };
        match way {
            Way::AnswerLost | Way::TwiceUnheard => (heard(OutcomeClass::Unknown), TIMEOUT_MS),
            Way::FailedAfter => (SubmitOutcome { http: Some(500), ..heard(OutcomeClass::Unknown) }, ms),
            Way::GateLies => (heard(OutcomeClass::TurnedAway), ms),
            Way::OtherAnswer => (SubmitOutcome { order_id: self.an_earlier_number(), ..accepted }, ms),
            Way::WithoutNumber => (SubmitOutcome { order_id: None, ..accepted }, ms),
            Way::RefusedLater => {
                let refused_ms = self.now_ms + self.chance.between(SECOND_MS, 10 * MINUTE_MS);
                self.broker.orders[index].refused_ms = Some(refused_ms);
                (accepted, ms)
            }
            _ => (accepted, ms),
        }
    }

    /// How late the list shows a new order: rarely later than anybody ever saw.
    fn draw_late_ms(&mut self) -> u64 {
        if let Some(choices) = &self.choices {
            return choices.late_ms;
        }
        if !self.weather.is_rough {
            return self.chance.below(3 * SECOND_MS);
        }
        if self.chance.one_in(120) {
            self.note("listed later than ever", 0);
            self.astray_ms = self.now_ms;
            return self.chance.between(41 * MINUTE_MS, 4 * HOUR_MS);
        }
        let most_ms = self.broker.habits.late_ms;
        if self.chance.one_in(3) { self.chance.between(most_ms / 2, most_ms) } else { self.chance.below(2 * SECOND_MS) }
    }

    /// The number of an order of ours that the journal knows, as if its answer came again; else none.
    fn an_earlier_number(&self) -> Option<OrderId> {
        let own = self.own_orders_of(self.broker.today);
        let claimed = own.filter(|order| self.disk.fold.is_claimed(self.broker.today, &order.key()));
        claimed.last().map(|order| order.id.clone())
    }

    /// A request to cancel an order goes out.
    pub fn post_cancel(&mut self, index: usize) -> (CancelPhase, u64) {
        if self.choices.is_some() {
            return (self.cancel_as_chosen(index), 0);
        }
        let is_over = self.broker.orders[index].remaining == 0 || self.is_final(index);
        let source = self.broker.orders[index].source;
        let effect_ms = self.chance.pick(&[500, 20 * SECOND_MS, 2 * MINUTE_MS]);
        let effect_ms = if self.weather.is_rough { effect_ms } else { 500 };
        let drawn = if self.weather.is_rough { self.chance.below(12) } else { 11 };
        let now_ms = self.now_ms;
        match drawn {
            _ if is_over => {
                self.note("cancel too late", 0);
                (CancelPhase::Refused, 200)
            }
            0 => {
                self.note("cancel lost", 0);
                (CancelPhase::Unknown, TIMEOUT_MS)
            }
            1 => {
                self.note("cancel's answer lost", 0);
                self.broker.cancel(index, source, now_ms, Some(effect_ms));
                (CancelPhase::Unknown, TIMEOUT_MS)
            }
            2 => {
                self.note("phantom cancel", 0);
                self.broker.cancel(index, source, now_ms, None);
                (CancelPhase::Done, 300)
            }
            3 => (CancelPhase::Refused, 200),
            _ => {
                self.note("cancel taken", 0);
                self.broker.cancel(index, source, now_ms, Some(effect_ms));
                (CancelPhase::Done, 300)
            }
        }
    }

    /// How long a read takes; `None` when it fails.
    pub fn read_ms(&mut self) -> Option<u64> {
        if self.choices.is_some() {
            return self.choose_read().then_some(0);
        }
        let ms = if self.now_ms < self.weather.slow_until_ms { 25 * SECOND_MS } else { 900 };
        let fails = self.is_unreachable() || (self.weather.is_rough && self.chance.one_in(120));
        if fails {
            self.note("read failed", 0);
            return None;
        }
        Some(self.chance.between(ms / 8, ms))
    }

    /// What becomes of a read.
    pub fn draw_read(&mut self, is_token_good: bool) -> Read {
        match self.read_ms() {
            None => Read { ms: 900, is_answered: false, error: Some(unreachable()) },
            Some(ms) if !is_token_good => {
                self.note("token refused", 0);
                let (code, message) = ("EGW00121".to_owned(), "invalid token".to_owned());
                Read { ms, is_answered: true, error: Some(KisError::TokenRefused(KisWords { code, message })) }
            }
            Some(ms) => Read { ms, is_answered: true, error: None },
        }
    }

    /// The broker's list as it is now; the truth remembers it.
    pub fn show_list(&mut self, run: u64, from: NaiveDate) -> Vec<BrokerOrder> {
        let today = self.broker.since(self.broker.today).iter().filter(|order| order.listed_ms <= self.now_ms);
        self.truth.shown.insert(run, today.map(Order::key).collect());
        self.broker.list(from, self.now_ms)
    }

    /// Rows of the order list that can't be read.
    pub fn odd_orders(&mut self) -> Vec<OddOrder> {
        let Some(stock) = self.weather.odd_order else { return Vec::new() };
        self.note("an odd order", stock as u64);
        vec![OddOrder {
            code: self.broker.stocks[stock].symbol.to_string(),
            why: Sentence::verbatim("ft_ord_qty is no number of shares: \"0.4\""),
            is_listed: false,
            date: Some(self.broker.today),
            branch: String::new(),
            order_id: Some(odd_order_id()),
            symbol: Some(self.broker.stocks[stock].symbol.clone()),
            side: Some(Side::Buy),
            may_be_open_api: false,
        }]
    }

    /// Rows of the balance that can't be read.
    pub fn odd_holdings(&mut self) -> Vec<OddHolding> {
        if !self.weather.has_odd_holding {
            return Vec::new();
        }
        self.note("an odd holding", 0);
        let why = Sentence::verbatim("ovrs_pdno is no US symbol");
        vec![OddHolding { code: "1234567R1".to_owned(), symbol: None, why, value: None }]
    }

    /// How long an order waits for its turn: rarely for minutes, when others keep the pacing busy.
    pub fn draw_slot_ms(&mut self) -> u64 {
        match self.weather.is_rough && self.choices.is_none() && self.chance.one_in(40) {
            true => self.chance.between(20 * SECOND_MS, 4 * MINUTE_MS),
            false => 0,
        }
    }

    /// The error by which KIS answers a question for quotes, when one of the symbols is odd today.
    pub fn quote_error(&mut self, asked: &[(Exchange, Symbol)]) -> Option<KisError> {
        let odd = self.weather.odd_quote.filter(|_| self.choices.is_none() && !self.is_of_tokens)?;
        let is_asked = asked.iter().any(|(_, symbol)| *symbol == self.broker.stocks[odd].symbol);
        is_asked.then(|| {
            self.note("a quote is answered with an error", asked.len() as u64);
            let (code, message) = ("EGW00316".to_owned(), "조회 처리 중 오류 발생하였습니다.".to_owned());
            KisError::Unavailable(KisWords { code, message })
        })
    }

    /// A rate slot can't be had: the pacing file could not be used.
    pub fn has_no_slot(&mut self) -> bool {
        self.weather.is_rough && self.chance.one_in(200)
    }

    /// The quote of a symbol at an exchange: blank where it is not listed, and sometimes without a price.
    pub fn quote(&mut self, exchange: Exchange, symbol: &Symbol) -> Quote {
        let place = self.stock_of(symbol);
        let is_listed = exchange == exchange_of(place);
        let is_blank = self.weather.is_rough && self.chance.one_in(300);
        let stock = &self.broker.stocks[place];
        Quote {
            symbol: symbol.clone(),
            exchange,
            last: (is_listed && !is_blank).then(|| stock.last()),
            base: is_listed.then(|| stock.base()),
            traded_today: true,
            read_at: Duration::from_millis(self.machine.up_ms(self.now_ms)),
        }
    }

    fn is_unreachable(&self) -> bool {
        self.now_ms < self.weather.outage_until_ms || self.token.faults.is_open(Fault::Unreachable)
    }
}

impl Way {
    fn word(self) -> &'static str {
        match self {
            Way::Well => "post",
            Way::NotSent => "not sent",
            Way::RequestLost => "request lost",
            Way::AnswerLost => "answer lost",
            Way::FailedAfter => "500 after acceptance",
            Way::FailedBefore => "500 instead of acceptance",
            Way::Gate { token_refused: false } => "refused at the gate",
            Way::Gate { token_refused: true } => "token refused at the gate",
            Way::GateLies => "refused at the gate, and taken",
            Way::Rejected => "rejected",
            Way::OtherAnswer => "answer to another request",
            Way::Twice => "to be delivered twice",
            Way::TwiceUnheard => "to be delivered twice, unheard",
            Way::WithoutNumber => "accepted without a number",
            Way::RefusedLater => "accepted, to be refused later",
        }
    }
}

fn heard(class: OutcomeClass) -> SubmitOutcome {
    SubmitOutcome { class, ..SubmitOutcome::default() }
}

fn rejected(refusal: Refusal) -> SubmitOutcome {
    SubmitOutcome { refusal: Some(refusal), ..heard(OutcomeClass::Rejected) }
}

/// A read that nobody answered.
pub fn unreachable() -> KisError {
    KisError::Unreachable { detail: Sentence::verbatim("the gateway timed out"), advice: None }
}
