//! Events in words: one short sentence each. Pure.
//!
//! The Korean is that of a Korean broker's app: 접수, 체결, 거부, 취소, 손절, 재매수 대기. Numbers are the same in both.

pub mod delivery;
mod order;

use chrono::TimeDelta;

use crate::decide::rule::{Rule, Skip};
use crate::decide::standing::Standing;
use crate::decide::token_life::cause;
use crate::domain::market_session::new_york;
use crate::domain::money::show_percent;
use crate::domain::{BrokerOrder, Event, Job, Notice, NoticeKind, Often, OrderId, Percent, Side, Symbol, Usd};
use crate::exit::Reason;
use crate::language::counts::{Sessions, Span};
use crate::language::{Sentence, sentences};
use crate::report::Report;

pub use order::order_words;

sentences! {
    token_renewed(left: Span)
        "the token was renewed and lives for {left}"
        "접근토큰 갱신: 남은 시간 {left}"

    token_not_renewed(cause: &Sentence, left: Span)
        "the token was not renewed, the old one is used: {cause}; it lives for {left}"
        "접근토큰 갱신 실패: 남은 시간 {left} · {cause}"

    token_not_longer(cause: &Sentence, left: Span)
        "the token was not renewed: {cause}; it lives for {left}"
        "접근토큰 갱신 실패: 남은 시간 {left} · {cause}"

    token_expiring(left: Span)
        "the token lives for {left} only"
        "접근토큰 만료 임박: 남은 시간 {left}"

    token_refused(said: &str, left: Span)
        "KIS refused the token ({said}), {left} before its time"
        "접근토큰 거부: {said} · 만료까지 {left} 남아 있었습니다"

    no_token(cause: &Sentence)
        "there is no usable token: {cause}"
        "쓸 수 있는 접근토큰이 없습니다 · {cause}"

    clock_behind(off: Span)
        "this machine's clock is {off} behind KIS's; no order is sent until it is set"
        "이 컴퓨터의 시계가 한국투자증권 서버보다 {off} 느립니다 · 시계를 맞출 때까지 주문을 보내지 않습니다"

    clock_ahead(off: Span)
        "this machine's clock is {off} ahead of KIS's; no order is sent until it is set"
        "이 컴퓨터의 시계가 한국투자증권 서버보다 {off} 빠릅니다 · 시계를 맞출 때까지 주문을 보내지 않습니다"

    clock_unknown(detail: &Sentence)
        "{detail}; no order is sent until the clock is set"
        "{detail} · 시계를 맞출 때까지 주문을 보내지 않습니다"

    foreign(side: Side, quantity: u64, symbol: &Symbol, order_id: &OrderId)
        "another program ordered in this account: {side} {quantity} {symbol} ({order_id}); no buys until `kis-trade cleanup --settle foreign={order_id}`"
        "외부 주문 감지: {symbol} {side} {quantity}주 (주문번호 {order_id}) · 확인할 때까지 매수하지 않습니다. 아는 주문이면 `kis-trade cleanup --settle foreign={order_id}`을(를) 실행하세요"

    failed(command: &str, code: u8, reason: &str, detail: &Sentence)
        "{command} failed: exit {code} ({reason}), {detail}"
        "실행 실패: {command} · 종료 코드 {code} ({reason}) · {detail}"

    stands(command: &str, reason: &str, since: &str, sessions: Sessions)
        "{command} has met `{reason}` since {since}, in {sessions}"
        "{command}: `{reason}` 상태가 {since}부터 {sessions}째 이어지고 있습니다"

    test_message()
        "test message: notifications arrive here"
        "테스트 메시지: 알림이 여기로 전송됩니다"

    halted(why: &Sentence)
        "trading is halted: {why}; no order is sent until the HALT file is removed"
        "매매 중지: {why} · HALT 파일을 지울 때까지 주문을 보내지 않습니다"

    past_daily_loss(change: &str, limit: &str)
        "daily loss limit reached: {change} % since the first look, limit {limit} %; no more buys today"
        "일일 손실 한도 도달: 오늘 첫 조회 대비 {change}% (한도 {limit}%) · 오늘은 더 사지 않고, 매도는 계속합니다"

    held_back(rule: &Sentence, symbol: &Symbol, detail: &Sentence)
        "order held back, {rule}: {symbol}: {detail}"
        "주문 보류({rule}): {symbol} · {detail}"

    price_suspicious()
        "price_suspicious"
        "가격 이상"

    price_unknown()
        "price_unknown"
        "시세 없음"

    split_suspected()
        "split_suspected"
        "액면분할·병합 의심"

    not_managed()
        "not_managed"
        "관리 대상 아님"

    refused_today()
        "refused_today"
        "반복 거부"

    exchange_ambiguous()
        "exchange_ambiguous"
        "거래소 불명"

    ledger_mismatch()
        "ledger_mismatch"
        "계좌와 수량·단가 불일치"

    yesterday_unsettled()
        "yesterday_unsettled"
        "전날 주문 미확정"

    tag_reused()
        "tag_reused"
        "다른 주문에 쓴 태그"

    nothing_sellable()
        "nothing_sellable"
        "매도 가능 수량 없음"

    untradable()
        "untradable"
        "주문 불가 가격"
}

pub fn notice_of(event: &Event) -> Notice {
    let (kind, left, words) = match event {
        Event::TokenRenewed { left } => (NoticeKind::TokenRenewed, Some(*left), token_renewed(Span(*left))),
        Event::TokenNotRenewed { failure, is_renewed, left } => {
            let words = if *is_renewed { token_not_longer } else { token_not_renewed };
            (NoticeKind::TokenRenewalFailed, Some(*left), words(&cause(failure), Span(*left)))
        }
        Event::TokenExpiring { left } => (NoticeKind::TokenExpiring, Some(*left), token_expiring(Span(*left))),
        Event::TokenRefused { words, left } => {
            (NoticeKind::TokenRefused, Some(*left), token_refused(words, Span(*left)))
        }
        Event::NoToken { failure, left } => (NoticeKind::TokenRenewalFailed, *left, no_token(&cause(failure))),
        Event::ClockWrong { ahead } => return clock_wrong(*ahead),
        Event::ForeignOrder(row) => return foreign_order(row),
        Event::Notice(notice) => return notice.clone(),
        Event::SplitOver { symbol, words } => {
            let notice = Notice::hourly(NoticeKind::SplitSuspected, words.clone());
            let often = Often::Hourly(format!("split_over {symbol}"));
            return Notice { often, symbol: Some(symbol.clone()), ..notice };
        }
    };
    Notice { seconds_left: left.map(|left| left.num_seconds()), ..Notice::hourly(kind, words) }
}

/// `ahead` is our clock minus KIS's.
fn clock_wrong(ahead: TimeDelta) -> Notice {
    let words = if ahead < TimeDelta::zero() { clock_behind } else { clock_ahead };
    Notice::hourly(NoticeKind::ClockWrong, words(Span(ahead.abs())))
}

/// A clock that can't be trusted although no answer of KIS's says so.
pub fn clock_untrusted(report: &Report) -> Sentence {
    clock_unknown(&report.detail())
}

fn foreign_order(row: &BrokerOrder) -> Notice {
    let BrokerOrder { order_id, side, quantity, symbol, .. } = row;
    let words = foreign(*side, *quantity, symbol, order_id);
    let notice = Notice::of_date(NoticeKind::ForeignOrder, row.date, symbol.as_str(), words);
    Notice { symbol: Some(symbol.clone()), ..notice }
}

pub fn run_failed(report: &Report) -> Sentence {
    let reason = report.ending.reason.map(Reason::word).unwrap_or_default();
    failed(report.command.map_or("", Job::word), report.exit().code(), &reason, &report.detail())
}

pub fn standing(standing: &Standing, command: Option<Job>) -> Sentence {
    let Standing { reason, detail, since, sessions, .. } = standing;
    let command = command.map_or("", Job::word);
    stands(command, reason, &new_york(*since), Sessions((*sessions).into())).and(": ", detail)
}

pub fn daily_loss(change: Percent, limit: Percent) -> Sentence {
    past_daily_loss(&show_percent(change), &limit.normalize().to_string())
}

pub fn guard(skip: &Skip) -> Sentence {
    let rule = match skip.rule {
        Rule::PriceSuspicious => price_suspicious(),
        Rule::PriceUnknown => price_unknown(),
        Rule::SplitSuspected => split_suspected(),
        Rule::NotManaged => not_managed(),
        Rule::RefusedToday => refused_today(),
        Rule::ExchangeAmbiguous => exchange_ambiguous(),
        Rule::LedgerMismatch => ledger_mismatch(),
        Rule::YesterdayUnsettled => yesterday_unsettled(),
        Rule::TagReused => tag_reused(),
        Rule::NothingSellable => nothing_sellable(),
        Rule::Untradable => untradable(),
        rule => Sentence::verbatim(rule.word()),
    };
    held_back(&rule, &skip.symbol, &skip.detail)
}

/// `+$138.05 (+6.94%)`, the same in both languages.
fn profit(amount: Usd, percent: Percent) -> String {
    let signed = |text: String| if text.starts_with('-') { text } else { format!("+{text}") };
    format!("{} ({}%)", signed(amount.dollars()), signed(show_percent(percent)))
}

#[cfg(test)]
mod tests;
