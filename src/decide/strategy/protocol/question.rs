//! The question: one line of JSON.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::words;
use super::{Call, CallPurpose, RuleError, VERSION};
use crate::decide::rule::Rule;
use crate::decide::strategy::rule::{RuleFacts, RuleOrder, RulePosition, RuleQuote};
use crate::domain::{Json, LineFill, Mode, OrderKind, Side, Symbol, Usd};
use crate::exit::Reason;

/// The longest question, its line end included.
const MAX_QUESTION_BYTES: usize = 1 << 20;

/// Asks a program for its sheet: one line, with its end.
///
/// # Errors
/// `rule_failed` when the question would be longer than programs have to read, or when settings or state are no JSON.
pub fn question(facts: &RuleFacts, call: &Call<'_>) -> Result<String, RuleError> {
    let unwritable =
        |error: serde_json::Error| RuleError::new(Reason::RuleFailed, words::question_unwritable(&error.to_string()));
    let (settings, state) = (raw(call.settings).map_err(unwritable)?, raw(&facts.state).map_err(unwritable)?);
    let question = Question::new(facts, call, &settings, &state);
    let line = serde_json::to_string(&question).map_err(unwritable)? + "\n";
    if line.len() > MAX_QUESTION_BYTES {
        let detail = words::question_too_large(line.len(), MAX_QUESTION_BYTES);
        return Err(RuleError::new(Reason::RuleFailed, detail));
    }
    Ok(line)
}

/// A text that was JSON when it was stored. JSON has line breaks between tokens only, and the question is one line.
fn raw(json: &Json) -> serde_json::Result<Box<RawValue>> {
    RawValue::from_string(json.0.replace(['\n', '\r'], " "))
}

#[derive(Serialize)]
struct Question<'a> {
    protocol: u64,
    call: CallOf<'a>,
    mode: Mode,
    clock: ClockOf,
    strategy: &'a str,
    settings: &'a RawValue,
    order_kinds: &'a [OrderKind],
    emulated_kinds: &'a [OrderKind],
    money: Money,
    positions: Vec<PositionOf<'a>>,
    quotes: Vec<QuoteOf<'a>>,
    closes: BTreeMap<&'a Symbol, Vec<(NaiveDate, Text<Usd>)>>,
    fills: Vec<FillOf<'a>>,
    orders: Vec<OrderOf<'a>>,
    state: &'a RawValue,
}

impl<'a> Question<'a> {
    fn new(facts: &'a RuleFacts, call: &Call<'a>, settings: &'a RawValue, state: &'a RawValue) -> Question<'a> {
        let closes = facts.closes.iter().map(|(symbol, closes)| {
            let closes = closes.iter().map(|(date, close)| (*date, Text(*close)));
            (symbol, closes.collect())
        });
        let clock = &facts.clock;
        Question {
            protocol: VERSION,
            call: CallOf { id: call.id, purpose: call.purpose },
            mode: facts.mode,
            clock: ClockOf {
                now: seconds(clock.now),
                trading_date: clock.trading_date,
                previous_trading_date: clock.previous_trading_date,
                open: seconds(clock.opens_at),
                close: seconds(clock.closes_at),
                half_day: clock.is_half_day,
                session_no: clock.session_number,
            },
            strategy: &facts.strategy,
            settings,
            order_kinds: call.kinds,
            emulated_kinds: call.emulated_kinds,
            money: Money { own_cash_usd: Text(facts.own_cash), spendable_usd: Text(facts.spendable) },
            positions: facts.positions.iter().map(PositionOf::new).collect(),
            quotes: facts.quotes.iter().map(QuoteOf::new).collect(),
            closes: closes.collect(),
            fills: facts.fills.iter().map(FillOf::new).collect(),
            orders: facts.orders.iter().map(OrderOf::new).collect(),
            state,
        }
    }
}

#[derive(Serialize)]
struct CallOf<'a> {
    id: &'a str,
    purpose: CallPurpose,
}

#[derive(Serialize)]
struct ClockOf {
    now: String,
    trading_date: NaiveDate,
    previous_trading_date: NaiveDate,
    open: String,
    close: String,
    half_day: bool,
    session_no: u32,
}

#[derive(Serialize)]
struct Money {
    own_cash_usd: Text<Usd>,
    spendable_usd: Text<Usd>,
}

#[derive(Serialize)]
struct PositionOf<'a> {
    symbol: &'a Symbol,
    quantity: u64,
    sellable: u64,
    average_cost: Text<Usd>,
}

impl PositionOf<'_> {
    fn new(position: &RulePosition) -> PositionOf<'_> {
        let RulePosition { symbol, quantity, sellable, average_cost } = position;
        PositionOf { symbol, quantity: *quantity, sellable: *sellable, average_cost: Text(*average_cost) }
    }
}

#[derive(Serialize)]
struct QuoteOf<'a> {
    symbol: &'a Symbol,
    last: Option<Text<Usd>>,
    previous_close: Option<Text<Usd>>,
    at: String,
}

impl QuoteOf<'_> {
    fn new(quote: &RuleQuote) -> QuoteOf<'_> {
        QuoteOf {
            symbol: &quote.symbol,
            last: quote.last.map(Text),
            previous_close: quote.previous_close.map(Text),
            at: seconds(quote.at),
        }
    }
}

#[derive(Serialize)]
struct FillOf<'a> {
    tag: &'a str,
    trading_date: NaiveDate,
    symbol: &'a Symbol,
    side: Side,
    quantity: u64,
    price: Text<Usd>,
}

impl FillOf<'_> {
    fn new(fill: &LineFill) -> FillOf<'_> {
        FillOf {
            tag: &fill.role,
            trading_date: fill.trading_date,
            symbol: &fill.symbol,
            side: fill.side,
            quantity: fill.quantity,
            price: Text(fill.price),
        }
    }
}

#[derive(Serialize)]
struct OrderOf<'a> {
    tag: &'a str,
    symbol: &'a Symbol,
    side: Side,
    quantity: u64,
    kind: OrderKind,
    limit_price: Option<Text<Usd>>,
    state: &'static str,
    reason: Option<Rule>,
}

impl OrderOf<'_> {
    fn new(order: &RuleOrder) -> OrderOf<'_> {
        OrderOf {
            tag: &order.role,
            symbol: &order.symbol,
            side: order.side,
            quantity: order.quantity,
            kind: order.kind,
            limit_price: order.limit_price.map(Text),
            state: order.state,
            reason: order.reason,
        }
    }
}

/// A value as a JSON text: amounts and prices are exact decimals.
struct Text<T>(T);

impl<T: fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

fn seconds(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
