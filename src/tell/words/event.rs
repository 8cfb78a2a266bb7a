//! The events that a run reports: those of the token, and external orders.

use chrono::TimeDelta;

use super::{ko_reason, ko_side};
use crate::decide::token_life::{cause, span};
use crate::domain::{BrokerOrder, Event, Notice, NoticeKind, Sentence};

/// The notice of an event.
pub fn notice_of(event: &Event) -> Notice {
    let (kind, left, en, ko) = match event {
        Event::TokenRenewed { left } => (
            NoticeKind::TokenRenewed,
            Some(*left),
            format!("the token was renewed and lives for {}", span(*left)),
            format!("접근토큰 갱신: 남은 시간 {}", ko_span(*left)),
        ),
        Event::TokenNotRenewed { failure, is_renewed, left } => {
            let then = if *is_renewed { "" } else { ", the old one is used" };
            (
                NoticeKind::TokenRenewalFailed,
                Some(*left),
                format!("the token was not renewed{then}: {}; it lives for {}", cause(failure), span(*left)),
                format!("접근토큰 갱신 실패: 남은 시간 {} · {}", ko_span(*left), ko_reason(failure.reason)),
            )
        }
        Event::TokenExpiring { left } => (
            NoticeKind::TokenExpiring,
            Some(*left),
            format!("the token lives for {} only", span(*left)),
            format!("접근토큰 만료 임박: 남은 시간 {}", ko_span(*left)),
        ),
        Event::TokenRefused { words, left } => (
            NoticeKind::TokenRefused,
            Some(*left),
            format!("KIS refused the token ({words}), {} before its time", span(*left)),
            format!("접근토큰 거부: {words} · 만료까지 {} 남아 있었습니다", ko_span(*left)),
        ),
        Event::NoToken { failure, left } => (
            NoticeKind::TokenRenewalFailed,
            *left,
            format!("there is no usable token: {}", cause(failure)),
            format!("쓸 수 있는 접근토큰이 없습니다 · {}", ko_reason(failure.reason)),
        ),
        Event::ForeignOrder(row) => return foreign_order(row),
    };
    Notice { seconds_left: left.map(|left| left.num_seconds()), ..Notice::hourly(kind, Sentence { en, ko }) }
}

fn foreign_order(row: &BrokerOrder) -> Notice {
    let BrokerOrder { order_id, side, quantity, symbol, .. } = row;
    let words = Sentence {
        en: format!(
            "another program ordered in this account: {side} {quantity} {symbol} ({order_id}); no buys until \
            `kis-trade cleanup --settle foreign={order_id}`"
        ),
        ko: format!(
            "외부 주문 감지: {symbol} {} {quantity}주 (주문번호 {order_id}) · 확인할 때까지 매수하지 않습니다. 아는 주문이면 \
            kis-trade cleanup --settle foreign={order_id}",
            ko_side(*side)
        ),
    };
    let notice = Notice::of_date(NoticeKind::ForeignOrder, row.date, symbol.as_str(), words);
    Notice { symbol: Some(symbol.clone()), ..notice }
}

fn ko_span(time: TimeDelta) -> String {
    let seconds = time.num_seconds().max(0);
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}초"),
        (0, _) => format!("{minutes}분 {}초", seconds % 60),
        _ => format!("{hours}시간 {minutes}분"),
    }
}
