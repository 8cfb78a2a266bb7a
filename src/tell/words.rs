//! Events in words, in English and in Korean: one short sentence each. Pure.
//!
//! The Korean is that of a Korean broker's app: 접수, 체결, 거부, 취소, 손절, 재매수 대기. Numbers are the same in both.

mod order;

use chrono::TimeDelta;

use crate::decide::rule::{Rule, Skip};
use crate::decide::standing::Standing;
use crate::decide::token_life::{cause, span};
use crate::domain::market_session::new_york;
use crate::domain::money::show_percent;
use crate::domain::{BrokerOrder, Event, Job, Notice, NoticeKind, Often, Percent, Side, Usd};
use crate::exit::Reason;
use crate::language::Sentence;
use crate::report::Report;
use crate::report::table::with_commas;

pub use order::order_words;

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
        Event::ClockWrong { ahead } => return clock_wrong(*ahead),
        Event::ForeignOrder(row) => return foreign_order(row),
        Event::Notice(notice) => return notice.clone(),
        Event::SplitOver { symbol, words } => {
            let notice = Notice::hourly(NoticeKind::SplitSuspected, words.clone());
            let often = Often::Hourly(format!("split_over {symbol}"));
            return Notice { often, symbol: Some(symbol.clone()), ..notice };
        }
    };
    Notice { seconds_left: left.map(|left| left.num_seconds()), ..Notice::hourly(kind, Sentence { en, ko }) }
}

/// `ahead` is our clock minus KIS's.
fn clock_wrong(ahead: TimeDelta) -> Notice {
    let (en, ko) = if ahead < TimeDelta::zero() { ("behind", "느립니다") } else { ("ahead of", "빠릅니다") };
    let off = ahead.abs();
    Notice::hourly(
        NoticeKind::ClockWrong,
        Sentence {
            en: format!("this machine's clock is {} {en} KIS's; no order is sent until it is set", span(off)),
            ko: format!(
                "이 컴퓨터의 시계가 한국투자증권 서버보다 {} {ko} · 시계를 맞출 때까지 주문을 보내지 않습니다",
                ko_span(off)
            ),
        },
    )
}

/// A clock that can't be trusted although no answer of KIS's says so.
pub fn clock_untrusted(report: &Report) -> Sentence {
    Sentence {
        en: format!("{}; no order is sent until the clock is set", report.detail()),
        ko: format!("{} · 시계를 맞추세요", ko_reason(Reason::ClockUntrusted)),
    }
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

pub fn run_failed(report: &Report) -> Sentence {
    let (command, code, reason) = (report.command.map_or("", Job::word), report.exit().code(), report.ending.reason);
    let word = reason.map(Reason::word).unwrap_or_default();
    Sentence {
        en: format!("{command} failed: exit {code} ({word}), {}", report.detail()),
        ko: format!("실행 실패: {command} · 종료 코드 {code} ({word}) · {}", reason.map_or("", ko_reason)),
    }
}

pub fn standing(standing: &Standing, command: Option<Job>) -> Sentence {
    let command = command.map_or("", Job::word);
    let Standing { reason, detail, since, sessions, .. } = standing;
    let about = if detail.is_empty() { String::new() } else { format!(": {detail}") };
    let since_when = new_york(*since);
    Sentence {
        en: format!("{command} has met `{reason}` since {since_when}, in {}{about}", count_sessions(*sessions)),
        ko: format!("{command}: `{reason}` 상태가 {since_when}부터 이어지고 있습니다 (거래일 {sessions}일째){about}"),
    }
}

/// `1 session`, `3 sessions`.
fn count_sessions(sessions: u32) -> String {
    if sessions == 1 { "1 session".to_owned() } else { format!("{sessions} sessions") }
}

/// What `status --test-notify` sends.
pub fn test_message() -> Sentence {
    Sentence {
        en: "test message: notifications arrive here".to_owned(),
        ko: "테스트 메시지: 알림이 여기로 전송됩니다".to_owned(),
    }
}

/// `why` is the first line of the `HALT` file.
pub fn halted(why: &str) -> Sentence {
    Sentence {
        en: format!("trading is halted: {why}; no order is sent until the HALT file is removed"),
        ko: format!("매매 중지: {why} · HALT 파일을 지울 때까지 주문을 보내지 않습니다"),
    }
}

pub fn daily_loss(change: Percent, limit: Percent) -> Sentence {
    let (change, limit) = (show_percent(change), limit.normalize());
    Sentence {
        en: format!("daily loss limit reached: {change} % since the first look, limit {limit} %; no more buys today"),
        ko: format!(
            "일일 손실 한도 도달: 오늘 첫 조회 대비 {change}% (한도 {limit}%) · 오늘은 더 사지 않고, 매도는 계속합니다"
        ),
    }
}

pub fn guard(skip: &Skip) -> Sentence {
    let name = match skip.rule {
        Rule::PriceSuspicious => "가격 이상",
        Rule::PriceUnknown => "시세 없음",
        Rule::SplitSuspected => "액면분할·병합 의심",
        Rule::NotManaged => "관리 대상 아님",
        Rule::RefusedToday => "반복 거부",
        Rule::ExchangeAmbiguous => "거래소 불명",
        Rule::NothingSellable => "매도 가능 수량 없음",
        Rule::Untradable => "주문 불가 가격",
        _ => skip.rule.word(),
    };
    Sentence {
        en: format!("order held back, {}: {}: {}", skip.rule.word(), skip.symbol, skip.detail),
        ko: format!("주문 보류({name}): {} · {}", skip.symbol, skip.detail.ko),
    }
}

fn ko_side(side: Side) -> &'static str {
    match side {
        Side::Buy => "매수",
        Side::Sell => "매도",
    }
}

/// Why a run failed; the detail is in the log, in English.
fn ko_reason(reason: Reason) -> &'static str {
    match reason {
        Reason::GatewayUnreachable => "한국투자증권 서버에 연결하지 못했습니다",
        Reason::GatewayNonsense => "한국투자증권 서버의 응답을 믿을 수 없습니다",
        Reason::RateLimited => "호출 한도에 걸렸거나 응답이 너무 느립니다",
        Reason::CredentialsRefused => "앱키 또는 앱시크릿이 거부되었습니다",
        Reason::TokenRefused => "접근토큰이 거부되었습니다",
        Reason::LockBusy => "다른 실행이 끝나지 않아 기다리다 그만두었습니다",
        Reason::ClockUntrusted => "이 컴퓨터의 시계를 믿을 수 없어 주문하지 않았습니다",
        Reason::StateUnreadable => "상태 파일을 읽을 수 없어 매매하지 않았습니다",
        Reason::StateUnwritable => "상태 디렉터리에 쓸 수 없습니다",
        Reason::StateOfAnotherAccount => "다른 계좌의 상태 디렉터리입니다",
        Reason::ConfigInvalid => "설정 또는 환경이 잘못되었습니다",
        Reason::OrderRejected => "한국투자증권이 요청을 거부했습니다",
        Reason::OrderUnknown => "결과를 알 수 없는 주문이 있습니다",
        Reason::Unexpected => "예상하지 못한 오류입니다",
        _ => "kis-trade status를 확인하세요",
    }
}

/// `$1,234.50`; a loss has its sign before the dollar's.
fn dollars(amount: Usd) -> String {
    let text = with_commas(&amount.to_string());
    text.strip_prefix('-').map_or_else(|| format!("${text}"), |digits| format!("-${digits}"))
}

/// `+$138.05 (+6.94%)`, the same in both languages.
fn profit(amount: Usd, percent: Percent) -> String {
    let signed = |text: String| if text.starts_with('-') { text } else { format!("+{text}") };
    format!("{} ({}%)", signed(dollars(amount)), signed(show_percent(percent)))
}

#[cfg(test)]
mod tests;
