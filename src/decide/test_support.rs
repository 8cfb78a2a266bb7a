//! Builders for the tests of decisions: an account on one ordinary Tuesday, and a journal written line by line.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

use crate::config::{BuySettings, Limits, Rebuy, SellSettings, Trading};
use crate::decide::facts::Quoted;
use crate::decide::fold::{Entry, JournalState};
use crate::domain::{
    BrokerOrder, EndReason, Exchange, HumanVerdict, Intent, IntentId, IntentState, Mode, Observed, OrderId, OrderKey,
    OrderKind, OrderList, Outcome, OutcomeClass, Percent, Position, Purpose, Quote, Record, RowKind, Side, Stamp,
    SubmitOutcome, Symbol, TrId, Usd, Witness,
};
use crate::language::Sentence;

pub fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

pub fn percent(text: &str) -> Percent {
    text.parse().unwrap()
}

pub fn symbol(text: &str) -> Symbol {
    text.parse().unwrap()
}

pub fn order_id(text: &str) -> OrderId {
    text.parse().unwrap()
}

pub fn key(text: &str) -> OrderKey {
    text.parse().unwrap()
}

pub fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A full trading date in New York's winter time.
pub fn day() -> NaiveDate {
    date("2027-03-09")
}

/// An instant of `day` by New York's wall, `10:30:00`.
pub fn at(wall: &str) -> DateTime<Utc> {
    format!("2027-03-09T{wall}-05:00").parse().unwrap()
}

/// A stamp without a boot: ages go by the wall clock.
pub fn stamp(at: DateTime<Utc>) -> Stamp {
    Stamp { at, boot: String::new(), up_ms: 0 }
}

/// `[buy]` as in the contract, with this watch list.
pub fn buy_settings(watch: &[&str]) -> BuySettings {
    BuySettings {
        filter: vec![],
        watch: watch.iter().map(|text| text.parse().unwrap()).collect(),
        picks: 3,
        min_decline_percent: percent("0"),
        max_quantity: 100,
        limit_offset_percent: percent("0"),
        min_cash: usd("100"),
        rebuy: Rebuy::BelowLastSell,
    }
}

/// `[sell]` as in the contract.
pub fn sell_settings() -> SellSettings {
    SellSettings {
        take_profit_percent: percent("5"),
        fallback_take_profit_percent: Some(percent("1.5")),
        stop_loss_percent: Some(percent("15")),
        cooldown_days: 100,
        sells_per_run: Some(1),
        sells_all_positions: false,
        limit_offset_percent: percent("0"),
        stop_loss_offset_percent: percent("1"),
        keep: vec![],
        keep_codes: Vec::new(),
    }
}

/// `[limits]` as in the contract.
pub fn limits() -> Limits {
    Limits {
        trading: Trading::All,
        max_order: usd("2000"),
        max_buy_per_day: usd("5000"),
        max_positions: 10,
        max_daily_loss_percent: percent("5"),
        max_position: Some(usd("5000")),
        max_price_move_percent: Some(percent("30")),
        plausible_profit_percent: Some((percent("-50"), percent("100"))),
    }
}

/// A quote that was traded today; an empty text is an unknown number.
pub fn quote(name: &str, last: &str, base: &str) -> Quote {
    let known = |text: &str| (!text.is_empty()).then(|| usd(text));
    Quote {
        symbol: symbol(name),
        exchange: Exchange::Nasdaq,
        last: known(last),
        base: known(base),
        traded_today: true,
        read_at: Duration::ZERO,
    }
}

/// Quotes by symbol, each `(symbol, last, base)`.
pub fn quotes(all: &[(&str, &str, &str)]) -> BTreeMap<Symbol, Quoted> {
    all.iter().map(|(name, last, base)| (symbol(name), Quoted::Found(quote(name, last, base)))).collect()
}

/// A holding of which nothing but its shares is known.
pub fn position(name: &str, quantity: u64) -> Position {
    Position {
        symbol: symbol(name),
        name: String::new(),
        exchange: None,
        quantity,
        sellable_quantity: quantity,
        average_cost: None,
        balance_price: None,
        balance_value: None,
        on_credit: false,
    }
}

/// The TR id of a paper order.
pub fn tr_id(side: Side) -> TrId {
    TrId { id: if side == Side::Buy { "VTTT1002U" } else { "VTTT1001U" }, mode: Mode::Paper }
}

/// An intent of `day`; a sell's witness holds just what it sells.
pub fn intent(number: u32, side: Side, name: &str, quantity: u64, price: &str) -> Intent {
    let is_buy = side == Side::Buy;
    let held = if is_buy { 0 } else { quantity };
    Intent {
        id: IntentId::new(day(), number),
        mode: Mode::Paper,
        account_fingerprint: "5be1c0de".to_owned(),
        trading_date: day(),
        symbol: symbol(name),
        exchange: Exchange::Nasdaq,
        side,
        quantity,
        limit_price: usd(price),
        order_kind: OrderKind::Limit,
        tr_id: tr_id(side).id.to_owned(),
        purpose: if is_buy { Purpose::FellMost } else { Purpose::TakeProfit },
        average_cost: (!is_buy).then(|| usd("10")),
        baseline: BTreeSet::new(),
        listed_at: at("10:00:00"),
        witness: Witness { held, sellable: held, cash: is_buy.then(|| usd("1000")) },
        reserved: if is_buy { usd(price).times(quantity).unwrap() } else { Usd::ZERO },
        line: None,
    }
}

/// A person says that an external order is fine.
pub fn fine(date: NaiveDate, number: &str) -> Record {
    Record::Human(HumanVerdict::ForeignIsFine { date, order_id: order_id(number), branch: String::new() })
}

/// A person says that an intent became this order.
pub fn is_order(id: &IntentId, number: &str) -> HumanVerdict {
    HumanVerdict::IsOrder { intent: id.clone(), order_id: order_id(number), branch: String::new() }
}

/// The outcome of an intent's first POST.
pub fn outcome(id: &IntentId, class: OutcomeClass, number: Option<&str>) -> Outcome {
    let order_id = number.map(order_id);
    let answer = SubmitOutcome { order_id, ..SubmitOutcome::unanswered(class, None, Sentence::default()) };
    Outcome { intent: id.clone(), answer, attempt: 1, is_final: true }
}

/// A row of the broker's list for an untouched order of `day`.
pub fn row(number: &str, side: Side, name: &str, quantity: u64, price: &str) -> BrokerOrder {
    BrokerOrder {
        date: day(),
        branch: String::new(),
        order_id: order_id(number),
        original_id: None,
        kind: RowKind::Order,
        symbol: symbol(name),
        exchange: None,
        side,
        quantity,
        limit_price: usd(price),
        filled_quantity: 0,
        average_price: Usd::ZERO,
        remaining_quantity: quantity,
        is_refused: false,
        end_reason: EndReason::NotStated,
        note: String::new(),
        ordered_at: None,
        may_be_open_api: true,
    }
}

/// A list read at `wall`.
pub fn list(wall: &str, rows: Vec<BrokerOrder>) -> OrderList {
    OrderList { read_at: at(wall), rows, odd: Vec::new() }
}

/// A journal in the making; lines are stamped 10:00 unless a time is given.
#[derive(Clone, Debug, Default)]
pub struct TestJournal {
    pub state: JournalState,
}

impl TestJournal {
    pub fn tell(&mut self, record: Record) {
        self.tell_at("10:00:00", record);
    }

    pub fn tell_at(&mut self, wall: &str, record: Record) {
        self.state.apply(&stamp(at(wall)), &record).unwrap();
    }

    /// An intent without outcome.
    pub fn unknown(&mut self, side: Side, name: &str, quantity: u64, price: &str) -> IntentId {
        let number = u32::try_from(self.state.entries.len()).unwrap() + 1;
        let intent = intent(number, side, name, quantity, price);
        let id = intent.id.clone();
        self.tell(Record::Intent(intent));
        id
    }

    /// An intent that was accepted, as order 1001, 1002, ...
    pub fn open(&mut self, side: Side, name: &str, quantity: u64, price: &str) -> IntentId {
        let number = u32::try_from(self.state.entries.len()).unwrap() + 1;
        self.accept("10:00:00", intent(number, side, name, quantity, price))
    }

    /// An intent written and accepted at this time, under the next number from 1001 on.
    pub fn accept(&mut self, wall: &str, intent: Intent) -> IntentId {
        let id = intent.id.clone();
        self.tell_at(wall, Record::Intent(intent));
        let number = (1000 + self.state.entries.len()).to_string();
        self.tell_at(wall, Record::Outcome(outcome(&id, OutcomeClass::Accepted, Some(&number))));
        id
    }

    /// An accepted order, and what the list says of it now.
    pub fn listed(&mut self, side: Side, name: &str, quantity: u64, price: &str, now: (IntentState, u64, u64, &str)) {
        let id = self.open(side, name, quantity, price);
        self.sees(&id, now.0, now.1, now.2, now.3);
    }

    /// An intent whose POST ended for good without an order.
    pub fn ended(&mut self, class: OutcomeClass, side: Side, name: &str, quantity: u64, price: &str) -> IntentId {
        let id = self.unknown(side, name, quantity, price);
        self.tell(Record::Outcome(outcome(&id, class, None)));
        id
    }

    /// An order that filled to the last share.
    pub fn filled(&mut self, side: Side, name: &str, quantity: u64, price: &str) -> IntentId {
        let id = self.open(side, name, quantity, price);
        self.sees(&id, IntentState::Filled, quantity, 0, price);
        id
    }

    /// The broker's list shows an accepted order in a new light.
    pub fn sees(&mut self, id: &IntentId, state: IntentState, filled: u64, remaining: u64, average: &str) {
        let record = self.observation(id, state, filled, remaining, average);
        self.tell(record);
    }

    pub fn observation(&self, id: &IntentId, state: IntentState, filled: u64, remaining: u64, average: &str) -> Record {
        Record::Observed(Observed {
            intent: id.clone(),
            order_id: self.entry(id).order_id.clone().unwrap(),
            state,
            filled_quantity: filled,
            remaining_quantity: remaining,
            average_price: usd(average),
            note: String::new(),
        })
    }

    pub fn entry(&self, id: &IntentId) -> &Entry {
        &self.state.entries[id]
    }
}
