//! Events in words for people, in English and in Korean: one short sentence each. Pure.
//!
//! The Korean words are those of a Korean broker's app: 접수, 체결, 거부, 취소, 손절, 재매수 대기. Numbers are the same in both.

mod order;
mod token;

use chrono::NaiveDate;

use crate::decide::rule::{Rule, Skip};
use crate::domain::money::{Percent, Usd, show_percent};
use crate::domain::notice::Words;
use crate::domain::order::{BrokerOrder, Side};
use crate::exit::{Exit, Reason};

pub use order::order_words;
pub use token::{expiring, no_token, not_renewed, refused, renewed};

/// A run that failed.
pub fn run_failed(command: &str, exit: Exit, reason: Option<Reason>, detail: &str) -> Words {
    let (code, word) = (exit.code(), reason.map(Reason::word).unwrap_or_default());
    Words {
        en: format!("{command} failed: exit {code} ({word}), {detail}"),
        ko: format!("실행 실패: {command} · 종료 코드 {code} ({word}) · {}", reason.map_or("", ko_reason)),
    }
}

/// The `HALT` file, with its first line.
pub fn halted(why: &str) -> Words {
    Words {
        en: format!("trading is halted: {why}; no order is sent until the HALT file is removed"),
        ko: format!("매매 중지: {why} · HALT 파일을 지울 때까지 주문을 보내지 않습니다"),
    }
}

/// The daily loss stop.
pub fn daily_loss(change: Percent, limit: Percent) -> Words {
    let (change, limit) = (show_percent(change), limit.normalize());
    Words {
        en: format!("daily loss limit reached: {change} % since the first look, limit {limit} %; no more buys today"),
        ko: format!(
            "일일 손실 한도 도달: 오늘 첫 조회 대비 {change}% (한도 {limit}%) · 오늘은 더 사지 않고, 매도는 계속합니다"
        ),
    }
}

/// A guard that held an order back.
pub fn guard(skip: &Skip) -> Words {
    let name = match skip.rule {
        Rule::PriceSuspicious => "가격 이상",
        Rule::PriceUnknown => "시세 없음",
        Rule::RefusedToday => "반복 거부",
        Rule::ExchangeAmbiguous => "거래소 불명",
        _ => skip.rule.word(),
    };
    Words {
        en: format!("order held back, {}: {}: {}", skip.rule.word(), skip.symbol, skip.detail),
        ko: format!("주문 보류({name}): {} · {}", skip.symbol, skip.ko),
    }
}

/// An order of another program.
pub fn foreign_order(row: &BrokerOrder) -> Words {
    let BrokerOrder { order_id, side, quantity, symbol, .. } = row;
    Words {
        en: format!(
            "an order of another program stands in this account: {side} {quantity} {symbol} ({order_id}); nothing is bought \
            until `kis-trade cleanup --settle foreign={order_id}`"
        ),
        ko: format!(
            "외부 주문 감지: {symbol} {} {quantity}주 (주문번호 {order_id}) · 확인할 때까지 매수하지 않습니다. 아는 주문이면 \
            kis-trade cleanup --settle foreign={order_id}",
            ko_side(*side)
        ),
    }
}

fn ko_side(side: Side) -> &'static str {
    match side {
        Side::Buy => "매수",
        Side::Sell => "매도",
    }
}

/// Why a run failed, for Korean readers; the English detail is in the log.
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
    let text = amount.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, "00"));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}${grouped}.{rest}")
}

/// `+$138.05 (+6.94%)`, the same in both languages.
fn profit(amount: Usd, percent: Percent) -> String {
    let signed = |text: String| if text.starts_with('-') { text } else { format!("+{text}") };
    format!("{} ({}%)", signed(dollars(amount)), signed(show_percent(percent)))
}

/// `until 2023-09-01`, for the cool-down.
fn ko_until(date: Option<NaiveDate>) -> String {
    date.map(|date| format!(" · 재매수 대기: {date}부터 매수 가능")).unwrap_or_default()
}

#[cfg(test)]
mod tests;
