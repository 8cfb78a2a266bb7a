//! The events of an order.

use chrono::NaiveDate;

use super::{dollars, ko_side, ko_until, profit};
use crate::decide::fold::Entry;
use crate::domain::fill::Filled;
use crate::domain::intent::{IntentState, Purpose};
use crate::domain::money::percent_change;
use crate::domain::notice::{NoticeKind, Words};
use crate::domain::order::{OrderId, Side};
use crate::tell::order_events::OrderEvent;

/// One event of an order. `free_from` is the first date on which the symbol may be bought again after a stop loss.
pub fn order_words(entry: &Entry, event: &OrderEvent, free_from: Option<NaiveDate>) -> Words {
    let order = Order::new(entry);
    match event.kind {
        NoticeKind::OrderAccepted => order.accepted(),
        NoticeKind::OrderFilled => order.filled(event.filled.as_ref()),
        NoticeKind::StopLoss => order.stop_loss(event.filled.as_ref(), free_from),
        NoticeKind::OrderRejected => order.rejected(),
        NoticeKind::OrderUnknown if entry.state == IntentState::Ambiguous => order.ambiguous(),
        NoticeKind::OrderUnknown => order.unknown(),
        NoticeKind::OrderCancelled => order.ended("cancelled", "취소"),
        NoticeKind::OrderExpired => order.ended("expired with the session", "미체결 종료(장 마감)"),
        _ => order.absent(),
    }
}

/// An order in the words that several events share.
struct Order<'a> {
    entry: &'a Entry,
    /// `stop-loss sell`, `buy`.
    en: String,
    /// `손절 매도`, `매수`.
    ko: String,
    symbol: &'a str,
    quantity: u64,
    limit: String,
    number: String,
}

impl<'a> Order<'a> {
    fn new(entry: &'a Entry) -> Order<'a> {
        let intent = &entry.intent;
        let (en, ko) = match intent.reason {
            Purpose::FellMost => ("", ""),
            Purpose::TakeProfit | Purpose::FallbackTakeProfit => ("take-profit ", "익절 "),
            Purpose::StopLoss => ("stop-loss ", "손절 "),
        };
        Order {
            entry,
            en: format!("{en}{}", intent.side),
            ko: format!("{ko}{}", ko_side(intent.side)),
            symbol: intent.symbol.as_str(),
            quantity: intent.quantity,
            limit: dollars(intent.limit_price),
            number: entry.order_id.as_ref().map_or_else(|| "?".to_owned(), OrderId::to_string),
        }
    }

    fn accepted(&self) -> Words {
        let Order { en, ko, symbol, quantity, limit, number, .. } = self;
        let intent = &self.entry.intent;
        let expected = match (intent.side, intent.average_cost) {
            (Side::Sell, Some(cost)) => percent_change(cost, intent.limit_price).map(|percent| {
                let won = (intent.limit_price - cost).times(intent.quantity).unwrap_or_default().to_cents();
                profit(won, percent)
            }),
            _ => None,
        };
        let (en_more, ko_more) = expected.map_or_else(Default::default, |expected| {
            (format!(", {expected} expected"), format!(" · 예상 손익 {expected}"))
        });
        Words {
            en: format!("{en} accepted: {quantity} {symbol}, limit {limit}{en_more}, order {number}"),
            ko: format!("{ko} 접수: {symbol} {quantity}주 · 지정가 {limit}{ko_more} · 주문번호 {number}"),
        }
    }

    fn filled(&self, filled: Option<&Filled>) -> Words {
        let Order { en, ko, symbol, quantity, .. } = self;
        let all = self.entry.filled_quantity;
        let part = filled.map_or(all, |filled| filled.quantity);
        let (en_what, ko_what, so_far) = if all < *quantity || part < all {
            let what = if all < *quantity { ("partly filled", "일부 체결") } else { ("filled", "체결") };
            (what.0, what.1, format!(" ({all}/{quantity})"))
        } else {
            ("filled", "체결", String::new())
        };
        let (en_price, ko_price) = filled.map_or_else(Default::default, fill_words);
        Words {
            en: format!("{en} {en_what}: {part} {symbol}{so_far}{en_price}"),
            ko: format!("{ko} {ko_what}: {symbol} {part}주{so_far}{ko_price}"),
        }
    }

    fn stop_loss(&self, filled: Option<&Filled>, free_from: Option<NaiveDate>) -> Words {
        let (en_price, ko_price) = filled.map_or_else(Default::default, fill_words);
        let (symbol, part) = (self.symbol, self.entry.filled_quantity);
        let until = free_from.map(|date| format!("; not bought again before {date}")).unwrap_or_default();
        Words {
            en: format!("loss cut: {part} {symbol}{en_price}{until}"),
            ko: format!("손절: {symbol} {part}주{ko_price}{}", ko_until(free_from)),
        }
    }

    fn rejected(&self) -> Words {
        let Order { en, ko, symbol, quantity, limit, .. } = self;
        let note = &self.entry.note;
        let (en_why, ko_why) =
            if note.is_empty() { Default::default() } else { (format!(": {note}"), format!(" · 사유: {note}")) };
        Words {
            en: format!("{en} rejected: {quantity} {symbol}, limit {limit}{en_why}"),
            ko: format!("{ko} 거부: {symbol} {quantity}주 · 지정가 {limit}{ko_why}"),
        }
    }

    fn unknown(&self) -> Words {
        let Order { en, ko, symbol, quantity, limit, .. } = self;
        Words {
            en: format!(
                "{en} without a known outcome: {quantity} {symbol}, limit {limit}; {symbol} is left alone until it is settled; do \
                not order by hand before `kis-trade status` agrees"
            ),
            ko: format!(
                "{ko} 결과 미확인: {symbol} {quantity}주 · 지정가 {limit} · 접수 여부를 확인할 때까지 이 종목은 주문하지 않습니다. \
                직접 주문하기 전에 kis-trade status를 확인하세요"
            ),
        }
    }

    fn ambiguous(&self) -> Words {
        let Order { en, ko, symbol, quantity, limit, .. } = self;
        let id = &self.entry.intent.id;
        let numbers: Vec<String> = self.entry.candidates.iter().map(OrderId::to_string).collect();
        let numbers = numbers.join(", ");
        Words {
            en: format!(
                "{en} that only you can tell: {quantity} {symbol}, limit {limit} may be order {numbers}; run `kis-trade cleanup \
                --settle {id}=ORDER_ID`"
            ),
            ko: format!(
                "{ko} 직접 확인 필요: {symbol} {quantity}주 · 지정가 {limit} · 후보 주문번호 {numbers} · kis-trade cleanup --settle \
                {id}=주문번호 로 알려 주세요"
            ),
        }
    }

    fn ended(&self, en_how: &str, ko_how: &str) -> Words {
        let Order { en, ko, symbol, quantity, limit, .. } = self;
        let filled = self.entry.filled_quantity;
        let left = quantity.saturating_sub(filled);
        let (en_part, ko_part) = if filled == 0 {
            Default::default()
        } else {
            (format!(", {filled} of {quantity} filled"), format!(" · {filled}/{quantity}주는 체결"))
        };
        Words {
            en: format!("{en} {en_how}: {left} {symbol}, limit {limit}{en_part}"),
            ko: format!("{ko} {ko_how}: {symbol} {left}주 · 지정가 {limit}{ko_part}"),
        }
    }

    fn absent(&self) -> Words {
        let Order { en, ko, symbol, quantity, limit, .. } = self;
        Words {
            en: format!("{en} never reached KIS: {quantity} {symbol}, limit {limit}; the next run decides afresh"),
            ko: format!("{ko} 미접수 확인: {symbol} {quantity}주 · 지정가 {limit} · 다음 실행에서 다시 판단합니다"),
        }
    }
}

/// Price and profit of what filled.
fn fill_words(filled: &Filled) -> (String, String) {
    let price = dollars(filled.price);
    let (en, ko) = filled.profit.zip(filled.profit_percent).map_or_else(Default::default, |(won, percent)| {
        let won = profit(won, percent);
        (format!(", profit {won}"), format!(" · 실현손익 {won}"))
    });
    (format!(" at {price}{en}"), format!(" · 체결가 {price}{ko}"))
}
