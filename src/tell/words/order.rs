//! The events of an order.

use chrono::NaiveDate;

use super::profit;
use crate::decide::fold::Entry;
use crate::domain::money::percent_change;
use crate::domain::{
    Filled, Intent, IntentId, IntentState, NoticeKind, OrderId, OrderKind, Purpose, Refusal, Side, Symbol,
};
use crate::language::counts::Shares;
use crate::language::{Sentence, sentences};
use crate::tell::order_events::OrderEvent;

sentences! {
    plain(side: Side)
        "{side}"
        "{side}"

    take_profit(side: Side)
        "take-profit {side}"
        "익절 {side}"

    stop_loss(side: Side)
        "stop-loss {side}"
        "손절 {side}"

    of_strategy(strategy: &str, side: Side)
        "{strategy}: {side}"
        "{strategy}: {side}"

    // An order without a fill: how it stands, its shares and limit, and what there is to add.
    accepted(name: &Sentence, shares: u64, symbol: &Symbol, limit: &str, more: &Sentence)
        "{name} accepted: {shares} {symbol}, limit {limit}{more}"
        "{name} 접수: {symbol} {shares}주 · 지정가 {limit}{more}"

    rejected(name: &Sentence, shares: u64, symbol: &Symbol, limit: &str, more: &Sentence)
        "{name} rejected: {shares} {symbol}, limit {limit}{more}"
        "{name} 거부: {symbol} {shares}주 · 지정가 {limit}{more}"

    unknown(name: &Sentence, shares: u64, symbol: &Symbol, limit: &str, more: &Sentence)
        "{name} without a known outcome: {shares} {symbol}, limit {limit}{more}; no further orders for {symbol} until it is resolved; do not order by hand before `kis-trade status` agrees"
        "{name} 결과 미확정: {symbol} {shares}주 · 지정가 {limit}{more} · 접수 여부를 확인할 때까지 이 종목은 주문하지 않습니다. 직접 주문하기 전에 `kis-trade status`를 확인하세요"

    undecidable(name: &Sentence, shares: u64, symbol: &Symbol, limit: &str, more: &Sentence)
        "{name} that only you can resolve: {shares} {symbol}, limit {limit}{more}"
        "{name} 직접 확인 필요: {symbol} {shares}주 · 지정가 {limit}{more}"

    cancelled(name: &Sentence, shares: u64, symbol: &Symbol, limit: &str, more: &Sentence)
        "{name} cancelled: {shares} {symbol}, limit {limit}{more}"
        "{name} 취소: {symbol} {shares}주 · 지정가 {limit}{more}"

    replaced(name: &Sentence, shares: u64, symbol: &Symbol, limit: &str, more: &Sentence)
        "{name} changed outside kis-trade: {shares} {symbol}, limit {limit}{more}"
        "{name} 외부 정정: {symbol} {shares}주 · 지정가 {limit}{more}"

    expired(name: &Sentence, shares: u64, symbol: &Symbol, limit: &str, more: &Sentence)
        "{name} expired with the session: {shares} {symbol}, limit {limit}{more}"
        "{name} 미체결 종료(장 마감): {symbol} {shares}주 · 지정가 {limit}{more}"

    absent(name: &Sentence, shares: u64, symbol: &Symbol, limit: &str, more: &Sentence)
        "{name} never reached KIS: {shares} {symbol}, limit {limit}{more}; the next run decides afresh"
        "{name} 미접수 확인: {symbol} {shares}주 · 지정가 {limit}{more} · 다음 실행에서 다시 판단합니다"

    // What there is to add.
    numbered(order_id: &str)
        ", order {order_id}"
        " · 주문번호 {order_id}"

    expected(profit: &str)
        ", {profit} expected"
        " · 예상 손익 {profit}"

    said(words: &str)
        ": {words}"
        " · 사유: {words}"

    one_each()
        "; later runs try with one order each"
        " · 다음 실행부터 주문 하나로 다시 시도합니다"

    candidates(numbers: &str, id: &IntentId)
        " may be order {numbers}; run `kis-trade cleanup --settle {id}=ORDER_ID`"
        " · 후보 주문번호 {numbers} · `kis-trade cleanup --settle {id}=주문번호`로 알려 주세요"

    unlisted(order_id: &str, id: &IntentId)
        ": KIS took it as order {order_id} and listed it nowhere, but the account has moved; look at KIS, then run `kis-trade cleanup --settle {id}=filled:QTY@PRICE` or `{id}=absent`"
        " · 주문번호 {order_id}(으)로 접수되었지만 조회되지 않고 계좌는 변했습니다. 확인한 뒤 `kis-trade cleanup --settle {id}=filled:수량@단가` 또는 `{id}=absent`로 알려 주세요"

    corrected(order_id: &str, before: Shares, now: u64, symbol: &Symbol)
        ": order {order_id} had {before} filled, and KIS's list now says {now}; {symbol} is not bought until `kis-trade cleanup --settle {order_id}=FILLED` says how many it was"
        " · 주문 {order_id}의 체결 수량이 {before}에서 {now}주로 줄었습니다. `kis-trade cleanup --settle {order_id}=체결수량`으로 알려 줄 때까지 {symbol}은(는) 매수하지 않습니다"

    // An order with a fill: what filled, by this event and so far, at what price, and what became of the rest.
    filled(name: &Sentence, shares: u64, symbol: &Symbol, so_far: &str, more: &Sentence)
        "{name} filled: {shares} {symbol}{so_far}{more}"
        "{name} 체결: {symbol} {shares}주{so_far}{more}"

    partly_filled(name: &Sentence, shares: u64, symbol: &Symbol, so_far: &str, more: &Sentence)
        "{name} partly filled: {shares} {symbol}{so_far}{more}"
        "{name} 일부 체결: {symbol} {shares}주{so_far}{more}"

    loss_cut(shares: u64, symbol: &Symbol, so_far: &str, more: &Sentence)
        "stop loss filled: {shares} {symbol}{so_far}{more}"
        "손절: {symbol} {shares}주{so_far}{more}"

    at_price(price: &str)
        " at {price}"
        " · 체결가 {price}"

    at_price_with_profit(price: &str, profit: &str)
        " at {price}, profit {profit}"
        " · 체결가 {price} · 실현손익 {profit}"

    rest_cancelled(shares: u64, why: &Sentence)
        "; {shares} cancelled{why}"
        " · 나머지 {shares}주 취소{why}"

    rest_replaced(shares: u64, why: &Sentence)
        "; {shares} changed outside kis-trade{why}"
        " · 나머지 {shares}주 외부 정정{why}"

    rest_expired(shares: u64, why: &Sentence)
        "; {shares} expired with the session{why}"
        " · 나머지 {shares}주 미체결 종료(장 마감){why}"

    rest_rejected(shares: u64, why: &Sentence)
        "; {shares} rejected{why}"
        " · 나머지 {shares}주 거부{why}"

    free_from(date: NaiveDate)
        "; not bought again before {date}"
        " · 재매수 대기: {date}부터 매수 가능"
}

/// A sentence of the table about an order without a fill.
type OfOrder = fn(&Sentence, u64, &Symbol, &str, &Sentence) -> Sentence;

/// One event of an order. `again_from` is the first date on which the symbol may be bought again after a stop loss.
pub fn order_words(entry: &Entry, event: &OrderEvent, again_from: Option<NaiveDate>) -> Sentence {
    let intent = &entry.intent;
    let (words, more): (OfOrder, Sentence) = match event.kind {
        NoticeKind::OrderPartlyFilled | NoticeKind::OrderFilled => return fill_words(entry, event),
        NoticeKind::StopLoss => {
            let again = again_from.map(free_from).unwrap_or_default();
            return loss_words(entry, event).and("", &again);
        }
        NoticeKind::OrderAccepted => (accepted, expected_profit(intent).and("", &numbered(&number_of(entry)))),
        NoticeKind::OrderRejected => {
            let is_everybodys = entry.refusal.is_some_and(Refusal::is_everybodys);
            let then = if is_everybodys { one_each() } else { Sentence::default() };
            (rejected, why(entry).and("", &then))
        }
        NoticeKind::OrderUnknown if entry.state == IntentState::Ambiguous => {
            let numbers = entry.candidates.iter().map(|key| key.order_id.to_string()).collect::<Vec<_>>().join(", ");
            (undecidable, candidates(&numbers, &intent.id))
        }
        NoticeKind::OrderUnknown if entry.correction.is_some() => {
            let now = entry.correction.as_ref().map_or(0, |seen| seen.filled_quantity);
            (undecidable, corrected(&number_of(entry), Shares(entry.filled_quantity), now, &intent.symbol))
        }
        NoticeKind::OrderUnknown if entry.is_unlisted() => (undecidable, unlisted(&number_of(entry), &intent.id)),
        NoticeKind::OrderUnknown => (unknown, why(entry)),
        NoticeKind::OrderCancelled if entry.state == IntentState::Replaced => (replaced, Sentence::default()),
        NoticeKind::OrderCancelled => (cancelled, Sentence::default()),
        NoticeKind::OrderExpired => (expired, Sentence::default()),
        _ => (absent, Sentence::default()),
    };
    words(&name_of(intent), intent.quantity, &intent.symbol, &limit_of(intent), &more)
}

fn number_of(entry: &Entry) -> String {
    entry.order_id.as_ref().map_or_else(|| "?".to_owned(), OrderId::to_string)
}

/// KIS's answer to an order that it did not take, or may not have taken.
fn why(entry: &Entry) -> Sentence {
    let words = match entry.refused_with() {
        Some(said) => said.to_string(),
        None if entry.state == IntentState::Rejected => entry.note.clone(),
        None => String::new(),
    };
    if words.is_empty() { Sentence::default() } else { said(&words) }
}

/// `stop-loss sell`, `손절 매도`.
fn name_of(intent: &Intent) -> Sentence {
    match intent.purpose {
        Purpose::FellMost => plain(intent.side),
        Purpose::Sheet => {
            let strategy = intent.line.as_ref().map(|line| line.strategy.as_str()).unwrap_or_default();
            of_strategy(strategy, intent.side)
        }
        Purpose::TakeProfit | Purpose::FallbackTakeProfit => take_profit(intent.side),
        Purpose::StopLoss => stop_loss(intent.side),
    }
}

/// The limit price; an order at the market has none.
fn limit_of(intent: &Intent) -> String {
    if intent.order_kind == OrderKind::Moc { "MOC".to_owned() } else { intent.limit_price.dollars() }
}

fn expected_profit(intent: &Intent) -> Sentence {
    let expected_of = |cost| {
        let percent = percent_change(cost, intent.limit_price)?;
        let won = (intent.limit_price - cost).times(intent.quantity).unwrap_or_default().to_cents();
        Some(expected(&profit(won, percent)))
    };
    let is_priced = intent.side == Side::Sell && intent.order_kind != OrderKind::Moc;
    let cost = intent.average_cost.filter(|_| is_priced);
    cost.and_then(expected_of).unwrap_or_default()
}

/// Shares of this event, `(5/11)` unless they are all that was ordered, and the price and the rest.
fn fill_of(entry: &Entry, event: &OrderEvent) -> (u64, String, Sentence) {
    let (quantity, all) = (entry.intent.quantity, entry.filled_quantity);
    let part = event.filled.as_ref().map_or(all, |filled| filled.quantity);
    let so_far = if all < quantity || part < all { format!(" ({all}/{quantity})") } else { String::new() };
    let price = event.filled.as_ref().map(price_words).unwrap_or_default();
    (part, so_far, price.and("", &rest(entry)))
}

fn fill_words(entry: &Entry, event: &OrderEvent) -> Sentence {
    let (shares, so_far, more) = fill_of(entry, event);
    let words = if entry.filled_quantity < entry.intent.quantity { partly_filled } else { filled };
    words(&name_of(&entry.intent), shares, &entry.intent.symbol, &so_far, &more)
}

fn loss_words(entry: &Entry, event: &OrderEvent) -> Sentence {
    let (shares, so_far, more) = fill_of(entry, event);
    loss_cut(shares, &entry.intent.symbol, &so_far, &more)
}

/// What became of the shares that did not fill; nothing while the order goes on.
fn rest(entry: &Entry) -> Sentence {
    let words = match entry.state {
        IntentState::Cancelled => rest_cancelled,
        IntentState::Replaced => rest_replaced,
        IntentState::Expired => rest_expired,
        IntentState::Rejected => rest_rejected,
        _ => return Sentence::default(),
    };
    match entry.intent.quantity.saturating_sub(entry.filled_quantity) {
        0 => Sentence::default(),
        shares => words(shares, &why(entry)),
    }
}

/// Price and profit of what filled.
fn price_words(filled: &Filled) -> Sentence {
    let price = filled.price.dollars();
    match filled.profit.zip(filled.profit_percent) {
        Some((won, percent)) => at_price_with_profit(&price, &profit(won, percent)),
        None => at_price(&price),
    }
}
