//! What strategies do, as JSON and as lines for people.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::decide::rule::Rule;
use crate::domain::{Json, Lot, OrderKind, SheetOrder, Side, Symbol, Usd};
use crate::language::{Sentence, sentences};
use crate::report::json::as_text;

/// Shares that a strategy took over, and what it sends next.
#[derive(Clone, Debug, Serialize)]
pub struct AdoptionLine {
    /// The strategy's name.
    pub(crate) strategy: String,
    /// Shares by symbol.
    pub(crate) lots: BTreeMap<Symbol, Lot>,
    /// The strategy's cash in USD.
    #[serde(rename = "own_cash_usd", serialize_with = "as_text")]
    pub(crate) cash: Usd,
    /// The rule's state.
    #[serde(serialize_with = "as_value")]
    pub(crate) state: Json,
    /// The next sheet's orders.
    #[serde(serialize_with = "as_orders")]
    pub(crate) orders: Vec<SheetOrder>,
    /// Why there would be none.
    pub(crate) blocked: Option<Rule>,
    /// The rule's words.
    pub(crate) note: Sentence,
    /// False when it was only shown.
    #[serde(rename = "stored")]
    pub(crate) is_stored: bool,
}

impl AdoptionLine {
    /// In one sentence.
    pub(crate) fn detail(&self) -> Sentence {
        let held = |(symbol, lot): (&Symbol, &Lot)| shares_at(lot.quantity, symbol, lot.average_cost.to_cents());
        let held: Vec<Sentence> = self.lots.iter().map(held).collect();
        let held = if held.is_empty() { no_shares() } else { Sentence::joined(&held, ", ") };
        let words = if self.is_stored { taken_over } else { would_take_over };
        let said = words(&self.strategy, &held, self.cash);
        let why = self.blocked.map(|rule| Sentence::verbatim(rule.word())).unwrap_or_default();
        said.and("; ", &why).and("; ", &self.note)
    }

    /// Symbol, role and order, a line each.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (String, String, Sentence)> {
        self.orders.iter().map(|order| (order.symbol.to_string(), order.role().to_owned(), order_words(order)))
    }
}

/// `buy 3 LOC @ 78.11`, or `sell 6 MOC`.
pub(crate) fn order_words(order: &SheetOrder) -> Sentence {
    let (side, quantity) = (order.side, order.quantity);
    match order.kind {
        OrderKind::Moc => at_the_close(side, quantity),
        kind => at_limit(side, quantity, kind_word(kind), order.limit_price),
    }
}

/// As traders write it.
pub(crate) fn kind_word(kind: OrderKind) -> &'static str {
    match kind {
        OrderKind::Limit => "limit",
        OrderKind::Loc => "LOC",
        OrderKind::Moc => "MOC",
    }
}

/// A rule's state as what it is.
pub(super) fn as_value<S: Serializer>(state: &Json, serializer: S) -> Result<S::Ok, S::Error> {
    serde_json::from_str::<Value>(&state.0).unwrap_or_default().serialize(serializer)
}

fn as_orders<S: Serializer>(orders: &[SheetOrder], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Shown<'a> {
        role: &'a str,
        symbol: &'a Symbol,
        side: Side,
        kind: OrderKind,
        quantity: u64,
        limit_price: Option<String>,
    }
    serializer.collect_seq(orders.iter().map(|order| Shown {
        role: order.role(),
        symbol: &order.symbol,
        side: order.side,
        kind: order.kind,
        quantity: order.quantity,
        limit_price: (order.kind != OrderKind::Moc).then(|| order.limit_price.to_string()),
    }))
}

sentences! {
    shares_at(quantity: u64, symbol: &Symbol, cost: Usd)
        "{quantity} {symbol} at {cost}"
        "{symbol} {quantity}주(평균단가 {cost})"

    no_shares()
        "no shares"
        "주식 없음"

    taken_over(strategy: &str, held: &Sentence, cash: Usd)
        "strategy {strategy} takes over {held}, own cash {cash}"
        "전략 {strategy}이(가) 넘겨받았습니다: {held}, 전략 현금 {cash}"

    would_take_over(strategy: &str, held: &Sentence, cash: Usd)
        "strategy {strategy} would take over {held}, own cash {cash}; nothing is stored without --yes"
        "전략 {strategy}이(가) 넘겨받을 것: {held}, 전략 현금 {cash}. --yes 없이는 저장하지 않습니다"

    at_limit(side: Side, quantity: u64, kind: &str, price: Usd)
        "{side} {quantity} {kind} @ {price}"
        "{side} {quantity}주 {kind} @ {price}"

    at_the_close(side: Side, quantity: u64)
        "{side} {quantity} MOC"
        "{side} {quantity}주 MOC"
}
