//! What strategies do, as JSON and as lines for people.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::decide::fold::Entry;
use crate::decide::rule::{OfStrategy, Rule, Skip};
use crate::decide::strategy::infinite::shown;
use crate::domain::{IntentState, Json, Ledger, Lot, OrderId, OrderKind, SheetOrder, Side, Symbol, Usd};
use crate::language::{Sentence, sentences};
use crate::report::json::as_text;

/// A strategy, as `status` shows it.
#[derive(Clone, Debug, Serialize)]
pub struct StrategyLine {
    pub(super) name: String,
    /// As the configuration names it.
    pub(super) kind: &'static str,
    /// Its first symbol.
    pub(super) symbol: Option<Symbol>,
    /// USD.
    #[serde(rename = "own_cash_usd", serialize_with = "as_text")]
    pub(super) own_cash: Usd,
    /// Shares of that symbol.
    pub(super) quantity: u64,
    /// In USD; `None` without shares.
    #[serde(serialize_with = "as_text")]
    pub(super) average_cost: Option<Usd>,
    /// Shares of all its symbols.
    pub(super) positions: BTreeMap<Symbol, Lot>,
    #[serde(serialize_with = "as_value")]
    pub(super) state: Json,
    /// Its latest sheet.
    pub(super) sheet: Option<SheetView>,
    /// Why nothing is sent, in a word.
    pub(super) blocked: Option<Rule>,
    #[serde(skip)]
    pub(super) why: Sentence,
    #[serde(skip)]
    pub(super) note: Sentence,
}

/// A sheet and what became of its orders.
#[derive(Clone, Debug, Serialize)]
pub struct SheetView {
    pub(crate) date: NaiveDate,
    pub(crate) lines: Vec<SheetLineView>,
}

/// One order of a sheet.
#[derive(Clone, Debug, Serialize)]
pub struct SheetLineView {
    #[serde(flatten)]
    pub(super) of_strategy: OfStrategy,
    pub(super) symbol: Symbol,
    pub(super) side: Side,
    pub(super) quantity: u64,
    /// In USD; `None` at the market.
    #[serde(serialize_with = "as_text")]
    pub(super) limit_price: Option<Usd>,
    /// `planned`, or the state of its order.
    pub(super) state: &'static str,
    pub(super) order_id: Option<OrderId>,
    #[serde(skip)]
    pub(super) is_sent: bool,
    /// The state of its order; `None` while it has none.
    #[serde(skip)]
    pub(super) stage: Option<IntentState>,
}

impl SheetView {
    /// How many of its orders KIS has taken.
    pub(super) fn sentence(&self) -> Sentence {
        let sent = self.lines.iter().filter(|line| line.is_sent).count();
        sheet_at_kis(self.date, sent, self.lines.len())
    }
}

impl SheetLineView {
    pub(crate) fn new(of_strategy: OfStrategy, order: &SheetOrder, entry: Option<&Entry>) -> SheetLineView {
        // One that stands for deferred orders has a price of its own.
        let own = entry.filter(|entry| entry.intent.line.as_ref().is_some_and(|line| line.order.is_some()));
        let price = own.map_or(order.limit_price, |entry| entry.intent.limit_price);
        SheetLineView {
            of_strategy,
            symbol: order.symbol.clone(),
            side: order.side,
            quantity: order.quantity,
            limit_price: (order.kind != OrderKind::Moc).then_some(price),
            state: entry.map_or("planned", |entry| entry.state.word()),
            order_id: entry.and_then(|entry| entry.order_id.clone()),
            is_sent: entry.is_some_and(|entry| entry.order_id.is_some()),
            stage: entry.map(|entry| entry.state),
        }
    }
}

impl StrategyLine {
    pub(crate) fn new(
        (name, kind): (&str, &'static str),
        symbol: Option<Symbol>,
        ledger: Ledger,
        state: Json,
        sheet: Option<SheetView>,
    ) -> StrategyLine {
        let lot = symbol.as_ref().map(|symbol| ledger.lot(symbol)).unwrap_or_default();
        StrategyLine {
            name: name.to_owned(),
            kind,
            symbol,
            own_cash: ledger.cash,
            quantity: lot.quantity,
            average_cost: (lot.quantity > 0).then(|| for_people(lot).average_cost),
            positions: ledger.lots.into_iter().map(|(symbol, lot)| (symbol, for_people(lot))).collect(),
            state,
            sheet,
            blocked: None,
            why: Sentence::default(),
            note: Sentence::default(),
        }
    }

    /// With the rule's words about its sheet, and why nothing more of it is sent.
    pub(crate) fn with(self, note: Sentence, blocked: Option<Skip>) -> StrategyLine {
        let (blocked, why) = blocked.map_or((None, Sentence::default()), |skip| (Some(skip.rule), skip.detail));
        StrategyLine { note, blocked, why, ..self }
    }

    /// Its shares.
    pub(super) fn held(&self) -> Sentence {
        held(&self.positions)
    }

    /// `tqqq (infinite_v40)`, what is its own, and how its sheet stands, a sentence each.
    pub(crate) fn sentences(&self) -> Vec<Sentence> {
        let own = owns(&self.name, self.kind, &self.held(), self.own_cash);
        let state = shown(&self.state).map(|shown| cycle(&shown.t, &shown.mode, shown.unit)).unwrap_or_default();
        let sheet = self.sheet.as_ref().map(SheetView::sentence);
        let mut sentences = vec![own.and("; ", &state)];
        sentences.extend(sheet.map(|sheet| sheet.and("; ", &self.note)));
        sentences.extend(self.blocked.map(|rule| Sentence::verbatim(rule.word()).and(": ", &self.why)));
        sentences
    }
}

/// With an average cost of four places, as KIS shows it.
fn for_people(lot: Lot) -> Lot {
    Lot { average_cost: Usd(lot.average_cost.0.round_dp(4)), ..lot }
}

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
        let held = held(&self.lots);
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

fn held(lots: &BTreeMap<Symbol, Lot>) -> Sentence {
    let held = |(symbol, lot): (&Symbol, &Lot)| shares_at(lot.quantity, symbol, lot.average_cost.to_cents());
    let held: Vec<Sentence> = lots.iter().map(held).collect();
    if held.is_empty() { no_shares() } else { Sentence::joined(&held, ", ") }
}

/// `buy 3 LOC @ 78.11`, or `sell 6 MOC`.
pub(crate) fn order_words(order: &SheetOrder) -> Sentence {
    let (side, quantity) = (order.side, order.quantity);
    match order.kind {
        OrderKind::Moc => at_the_close(side, quantity),
        kind => at_limit(side, quantity, &kind_word(kind), order.limit_price),
    }
}

/// As traders write it.
pub(crate) fn kind_word(kind: OrderKind) -> Sentence {
    match kind {
        OrderKind::Limit => limit(),
        OrderKind::Loc => Sentence::verbatim("LOC"),
        OrderKind::Moc => Sentence::verbatim("MOC"),
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
    strategies()
        "Strategies"
        "전략"

    owns(name: &str, kind: &str, held: &Sentence, cash: Usd)
        "{name} ({kind}): {held}, own cash {cash}"
        "{name}({kind}): {held}, 전략 현금 {cash}"

    cycle(t: &str, mode: &Sentence, unit: Usd)
        "T {t}, {mode}, unit {unit}"
        "T {t}, {mode}, 1회 매수금 {unit}"

    sheet_at_kis(date: NaiveDate, sent: usize, all: usize)
        "sheet of {date}: {sent} of {all} lines at KIS"
        "{date} 주문표: {all}줄 가운데 {sent}줄 접수"

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

    limit()
        "limit"
        "지정가"

    at_limit(side: Side, quantity: u64, kind: &Sentence, price: Usd)
        "{side} {quantity} {kind} @ {price}"
        "{side} {quantity}주 {kind} @ {price}"

    at_the_close(side: Side, quantity: u64)
        "{side} {quantity} MOC"
        "{side} {quantity}주 MOC"
}
