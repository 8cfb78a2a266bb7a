//! Events in words, in English and in Korean: one short sentence each. Pure.
//!
//! The Korean is that of a Korean broker's app: 접수, 체결, 거부, 취소, 손절, 재매수 대기. Numbers are the same in both.

mod event;
mod order;

use crate::decide::rule::{Rule, Skip};
use crate::domain::money::show_percent;
use crate::domain::{Job, Percent, Sentence, Side, Usd};
use crate::exit::Reason;
use crate::report::Report;
use crate::report::table::with_commas;

pub use event::notice_of;
pub use order::order_words;

pub fn run_failed(report: &Report) -> Sentence {
    let (command, code, reason) = (report.command.map_or("", Job::word), report.exit().code(), report.ending.reason);
    let word = reason.map(Reason::word).unwrap_or_default();
    Sentence {
        en: format!("{command} failed: exit {code} ({word}), {}", report.detail()),
        ko: format!("실행 실패: {command} · 종료 코드 {code} ({word}) · {}", reason.map_or("", ko_reason)),
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
        Rule::RefusedToday => "반복 거부",
        Rule::ExchangeAmbiguous => "거래소 불명",
        _ => skip.rule.word(),
    };
    Sentence {
        en: format!("order held back, {}: {}: {}", skip.rule.word(), skip.symbol, skip.detail),
        ko: format!("주문 보류({name}): {} · {}", skip.symbol, skip.ko),
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
