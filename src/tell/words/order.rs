//! The events of an order.

use chrono::NaiveDate;

use super::{dollars, ko_side, profit};
use crate::decide::fold::Entry;
use crate::domain::money::percent_change;
use crate::domain::{Filled, Intent, IntentState, NoticeKind, OrderId, Purpose, Refusal, Side};
use crate::language::Sentence;
use crate::tell::order_events::OrderEvent;

/// One event of an order. `free_from` is the first date on which the symbol may be bought again after a stop loss.
pub fn order_words(entry: &Entry, event: &OrderEvent, free_from: Option<NaiveDate>) -> Sentence {
    let intent = &entry.intent;
    let (symbol, quantity) = (&intent.symbol, intent.quantity);
    match event.kind {
        NoticeKind::OrderAccepted => {
            let number = entry.order_id.as_ref().map_or_else(|| "?".to_owned(), OrderId::to_string);
            let Sentence { en, ko } = expected_profit(intent).unwrap_or_default();
            let more = sentence(format!("{en}, order {number}"), format!("{ko} · 주문번호 {number}"));
            limit_order(intent, quantity, ("accepted", "접수"), &more)
        }
        NoticeKind::OrderPartlyFilled | NoticeKind::OrderFilled => {
            let (en, ko) = name_of(intent);
            let is_part = entry.filled_quantity < quantity;
            let (en_how, ko_how) = if is_part { ("partly filled", "일부 체결") } else { ("filled", "체결") };
            filled(entry, event, (&format!("{en} {en_how}"), &format!("{ko} {ko_how}")))
        }
        NoticeKind::StopLoss => {
            let Sentence { en, ko } = filled(entry, event, ("loss cut", "손절"));
            match free_from {
                Some(date) => sentence(
                    format!("{en}; not bought again before {date}"),
                    format!("{ko} · 재매수 대기: {date}부터 매수 가능"),
                ),
                None => sentence(en, ko),
            }
        }
        NoticeKind::OrderRejected => {
            let Sentence { en, ko } = why(entry);
            let is_everybodys = entry.refusal.is_some_and(Refusal::is_everybodys);
            let then = if is_everybodys {
                ["; later runs try with one order each", " · 다음 실행부터 주문 하나로 다시 시도합니다"]
            } else {
                [""; 2]
            };
            let more = sentence(format!("{en}{}", then[0]), format!("{ko}{}", then[1]));
            limit_order(intent, quantity, ("rejected", "거부"), &more)
        }
        NoticeKind::OrderUnknown if entry.state == IntentState::Ambiguous => ambiguous(entry),
        NoticeKind::OrderUnknown if entry.correction.is_some() => corrected(entry),
        NoticeKind::OrderUnknown if entry.is_unlisted() => unlisted(entry),
        NoticeKind::OrderUnknown => {
            let Sentence { en, ko } = why(entry);
            let more = sentence(
                format!(
                    "{en}; no further orders for {symbol} until it is resolved; do not order by hand before `kis-trade status` agrees"
                ),
                format!(
                    "{ko} · 접수 여부를 확인할 때까지 이 종목은 주문하지 않습니다. 직접 주문하기 전에 kis-trade status를 확인하세요"
                ),
            );
            limit_order(intent, quantity, ("without a known outcome", "결과 미확인"), &more)
        }
        NoticeKind::OrderCancelled | NoticeKind::OrderExpired => {
            limit_order(intent, quantity, end_words(entry.state).unwrap_or_default(), &Sentence::default())
        }
        _ => {
            let more =
                sentence("; the next run decides afresh".to_owned(), " · 다음 실행에서 다시 판단합니다".to_owned());
            limit_order(intent, quantity, ("never reached KIS", "미접수 확인"), &more)
        }
    }
}

fn sentence(en: String, ko: String) -> Sentence {
    Sentence { en, ko }
}

/// KIS's answer to an order that it did not take, or may not have taken.
fn why(entry: &Entry) -> Sentence {
    let said = match entry.refused_with() {
        Some(said) => said.to_string(),
        None if entry.state == IntentState::Rejected => entry.note.clone(),
        None => String::new(),
    };
    if said.is_empty() { Sentence::default() } else { sentence(format!(": {said}"), format!(" · 사유: {said}")) }
}

/// `stop-loss sell`, `손절 매도`.
fn name_of(intent: &Intent) -> (String, String) {
    let (en, ko) = match intent.purpose {
        Purpose::FellMost => ("", ""),
        Purpose::TakeProfit | Purpose::FallbackTakeProfit => ("take-profit ", "익절 "),
        Purpose::StopLoss => ("stop-loss ", "손절 "),
    };
    (format!("{en}{}", intent.side), format!("{ko}{}", ko_side(intent.side)))
}

/// What happened to a limit order, for so many shares, and what there is to add.
fn limit_order(intent: &Intent, shares: u64, how: (&str, &str), more: &Sentence) -> Sentence {
    let ((en, ko), symbol, limit) = (name_of(intent), &intent.symbol, dollars(intent.limit_price));
    sentence(
        format!("{en} {}: {shares} {symbol}, limit {limit}{}", how.0, more.en),
        format!("{ko} {}: {symbol} {shares}주 · 지정가 {limit}{}", how.1, more.ko),
    )
}

fn expected_profit(intent: &Intent) -> Option<Sentence> {
    let cost = intent.average_cost.filter(|_| intent.side == Side::Sell)?;
    let percent = percent_change(cost, intent.limit_price)?;
    let won = (intent.limit_price - cost).times(intent.quantity).unwrap_or_default().to_cents();
    let expected = profit(won, percent);
    Some(sentence(format!(", {expected} expected"), format!(" · 예상 손익 {expected}")))
}

/// What filled, by this event and so far, at what price, and what became of the rest.
fn filled(entry: &Entry, event: &OrderEvent, how: (&str, &str)) -> Sentence {
    let (symbol, quantity, all) = (&entry.intent.symbol, entry.intent.quantity, entry.filled_quantity);
    let part = event.filled.as_ref().map_or(all, |filled| filled.quantity);
    let so_far = if all < quantity || part < all { format!(" ({all}/{quantity})") } else { String::new() };
    let price = event.filled.as_ref().map(fill_words).unwrap_or_default();
    let rest = rest(entry);
    sentence(
        format!("{}: {part} {symbol}{so_far}{}{}", how.0, price.en, rest.en),
        format!("{}: {symbol} {part}주{so_far}{}{}", how.1, price.ko, rest.ko),
    )
}

/// What became of the shares that did not fill; nothing while the order goes on.
fn rest(entry: &Entry) -> Sentence {
    let shares = entry.intent.quantity.saturating_sub(entry.filled_quantity);
    match end_words(entry.state) {
        Some((en, ko)) if shares > 0 => {
            let why = why(entry);
            sentence(format!("; {shares} {en}{}", why.en), format!(" · 나머지 {shares}주 {ko}{}", why.ko))
        }
        _ => Sentence::default(),
    }
}

/// How an order ended that did not fill to the last share.
fn end_words(state: IntentState) -> Option<(&'static str, &'static str)> {
    match state {
        IntentState::Cancelled => Some(("cancelled", "취소")),
        IntentState::Replaced => Some(("changed by another hand", "외부 정정")),
        IntentState::Expired => Some(("expired with the session", "미체결 종료(장 마감)")),
        IntentState::Rejected => Some(("rejected", "거부")),
        _ => None,
    }
}

/// Price and profit of what filled.
fn fill_words(filled: &Filled) -> Sentence {
    let price = dollars(filled.price);
    let won = filled.profit.zip(filled.profit_percent).map(|(won, percent)| {
        let won = profit(won, percent);
        sentence(format!(", profit {won}"), format!(" · 실현손익 {won}"))
    });
    let Sentence { en, ko } = won.unwrap_or_default();
    sentence(format!(" at {price}{en}"), format!(" · 체결가 {price}{ko}"))
}

fn ambiguous(entry: &Entry) -> Sentence {
    let id = &entry.intent.id;
    let numbers = entry.candidates.iter().map(|key| key.order_id.to_string()).collect::<Vec<_>>().join(", ");
    let more = sentence(
        format!(" may be order {numbers}; run `kis-trade cleanup --settle {id}=ORDER_ID`"),
        format!(" · 후보 주문번호 {numbers} · kis-trade cleanup --settle {id}=주문번호 로 알려 주세요"),
    );
    limit_order(&entry.intent, entry.intent.quantity, ("that only you can resolve", "직접 확인 필요"), &more)
}

fn unlisted(entry: &Entry) -> Sentence {
    let id = &entry.intent.id;
    let number = entry.order_id.as_ref().map_or_else(|| "?".to_owned(), OrderId::to_string);
    let more = sentence(
        format!(
            ": KIS took it as order {number} and listed it nowhere, but the account has moved; look at KIS, then run \
             `kis-trade cleanup --settle {id}=filled:QTY@PRICE` or `{id}=absent`"
        ),
        format!(
            " · 주문번호 {number}(으)로 접수되었지만 조회되지 않고 계좌는 변했습니다. 확인한 뒤 kis-trade cleanup --settle \
             {id}=filled:수량@단가 또는 {id}=absent 로 알려 주세요"
        ),
    );
    limit_order(&entry.intent, entry.intent.quantity, ("that only you can resolve", "직접 확인 필요"), &more)
}

fn corrected(entry: &Entry) -> Sentence {
    let number = entry.order_id.as_ref().map_or_else(|| "?".to_owned(), OrderId::to_string);
    let (before, now) = (entry.filled_quantity, entry.correction.as_ref().map_or(0, |seen| seen.filled_quantity));
    let symbol = &entry.intent.symbol;
    let more = sentence(
        format!(
            ": order {number} had {before} shares filled, and KIS's list now says {now}; {symbol} is not bought until \
             `kis-trade cleanup --settle {number}=FILLED` says how many it was"
        ),
        format!(
            " · 주문 {number}의 체결 수량이 {before}주에서 {now}주로 줄었습니다. kis-trade cleanup --settle {number}=체결수량 으로 \
             알려 줄 때까지 {symbol}은(는) 매수하지 않습니다"
        ),
    );
    limit_order(&entry.intent, entry.intent.quantity, ("that only you can resolve", "직접 확인 필요"), &more)
}
