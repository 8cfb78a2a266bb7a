//! What a run's end, and the orders it leaves, have to tell.

use chrono::{NaiveDate, SubsecRound, TimeDelta};

use crate::decide::fold::Entry;
use crate::decide::rule::Rule;
use crate::domain::event::Event;
use crate::domain::history::DailyLoss;
use crate::domain::market_session::new_york_date;
use crate::domain::money::show_percent;
use crate::domain::notice::{Notice, NoticeKind, Often, Words};
use crate::domain::order::OrderId;
use crate::exit::Reason;
use crate::report::{Body, Report};
use crate::tell::message::{Message, MessageOrder};
use crate::tell::news::News;
use crate::tell::order_events::OrderEvent;
use crate::tell::outbox::Outbox;
use crate::tell::{Teller, words};
use crate::visible::visible;

/// The longest text of a message: every service takes as much.
const MAX_TEXT: usize = 600;

/// An event of a run as people hear of it.
pub fn notice_of(event: &Event) -> Notice {
    let hourly = |kind, words, left: Option<TimeDelta>| Notice {
        seconds_left: left.map(|left| left.num_seconds()),
        ..Notice::hourly(kind, words)
    };
    match event {
        Event::TokenRenewed { left } => hourly(NoticeKind::TokenRenewed, words::renewed(*left), Some(*left)),
        Event::TokenNotRenewed { failure, is_renewed, left } => {
            let then = if *is_renewed { "" } else { ", the old one is used" };
            hourly(NoticeKind::TokenRenewalFailed, words::not_renewed(failure, then, *left), Some(*left))
        }
        Event::TokenExpiring { left } => hourly(NoticeKind::TokenExpiring, words::expiring(*left), Some(*left)),
        Event::TokenRefused { words, left } => {
            hourly(NoticeKind::TokenRefused, words::refused(words, *left), Some(*left))
        }
        Event::NoToken { failure, left } => hourly(NoticeKind::TokenRenewalFailed, words::no_token(failure), *left),
        Event::ForeignOrder(row) => {
            let words = words::foreign_order(row);
            let notice = Notice::of_date(NoticeKind::ForeignOrder, row.date, row.symbol.as_str(), words);
            Notice { symbol: Some(row.symbol.clone()), ..notice }
        }
    }
}

/// What the end of a run tells by itself. A dry run tells nothing: a person looks at it.
///
/// `today` is New York's date, `loss` that of the trading date, and `earlier` what the run had to tell before.
pub fn of_report(report: &Report, today: NaiveDate, loss: Option<DailyLoss>, earlier: &[Notice]) -> Vec<Notice> {
    if report.is_dry_run {
        return Vec::new();
    }
    let mut notices = Vec::new();
    if let Body::Trade { skipped, .. } = &report.body {
        for skip in skipped.iter().filter(|skip| skip.is_told()) {
            let kind = match skip.rule {
                Rule::RefusedToday => NoticeKind::RefusedToday,
                Rule::ExchangeAmbiguous => NoticeKind::ExchangeAmbiguous,
                _ => NoticeKind::PriceSuspicious,
            };
            let notice = Notice::of_date(kind, today, skip.symbol.as_str(), words::guard(skip));
            notices.push(Notice { symbol: Some(skip.symbol.clone()), ..notice });
        }
    }
    match report.ending.reason {
        Some(Reason::Halted) => {
            let words = words::halted(&report.ending.detail);
            notices.push(Notice::of_date(NoticeKind::Halted, today, &report.ending.detail, words));
        }
        Some(Reason::DailyLossLimit) => {
            if let Some(loss) = loss {
                let words = words::daily_loss(loss.change, loss.limit);
                notices.push(Notice::of_date(NoticeKind::DailyLossLimit, loss.trading_date, "", words));
            }
        }
        _ if is_news(report, earlier) => notices.push(run_failed(report)),
        _ => {}
    }
    notices
}

/// Reports whether a run failed in a way that no other event tells.
fn is_news(report: &Report, earlier: &[Notice]) -> bool {
    let is_told = match report.ending.reason {
        // The orders' own events say which.
        Some(Reason::OrderUnknown) => true,
        // Somebody sits before it and reads why.
        Some(Reason::Usage) => true,
        Some(Reason::OrderRejected) => matches!(report.body, Body::Trade { .. }),
        _ => {
            let has_token = report.token.as_ref().is_some_and(|token| token.state.is_usable());
            !has_token && earlier.iter().any(|notice| notice.kind == NoticeKind::TokenRenewalFailed)
        }
    };
    report.has_failed() && !is_told
}

fn run_failed(report: &Report) -> Notice {
    let command = report.command.unwrap_or_default();
    let because = if report.ending.because.is_empty() { String::new() } else { format!(": {}", report.ending.because) };
    let words =
        words::run_failed(command, report.exit(), report.ending.reason, &format!("{}{because}", report.ending.detail));
    let reason = report.ending.reason.map(Reason::word).unwrap_or_default();
    let often = Often::Hourly(format!("run_failed {command} {reason}"));
    Notice { often, ..Notice::hourly(NoticeKind::RunFailed, words) }
}

/// The messages that nobody was told of, in the order in which things happened; they count as told from now on.
pub(super) fn messages(teller: &Teller<'_>, news: &News, outbox: &mut Outbox) -> Vec<Message> {
    let mut messages = Vec::new();
    if let Some(left) = &news.left {
        let entries: Vec<Entry> = left.iter().map(|order| order.entry.clone()).collect();
        for (entry, event) in outbox.new_events(&entries, new_york_date(teller.clock.now())) {
            let journalled = left.iter().find(|order| order.entry.intent.id == entry.intent.id);
            let words = words::order_words(&entry, &event, journalled.and_then(|order| order.free_from));
            let id = format!("{}/{}", entry.intent.id, event.name);
            let message = message(teller, event.kind, &id, &words);
            let symbol = Some(entry.intent.symbol.clone());
            messages.push(Message { symbol, order: Some(order_of(&entry, &event)), ..message });
        }
    }
    for (number, notice) in outbox.repeats.keep_due(news.notices.clone(), teller.clock.now()).into_iter().enumerate() {
        let id = match &notice.often {
            Often::OfDate(date, key) => format!("{date}/{}", key.trim()),
            Often::Hourly(_) => format!("{}/{}/{number}", teller.run_id, notice.kind.word()),
        };
        let message = message(teller, notice.kind, &id, &notice.words);
        messages.push(Message { seconds_left: notice.seconds_left, symbol: notice.symbol, ..message });
    }
    messages
}

fn message(teller: &Teller<'_>, kind: NoticeKind, id: &str, words: &Words) -> Message {
    let mode = teller.settings.mode;
    let text = |words: &str| {
        let text = visible(&format!("[{}] {words}", mode.banner()));
        if text.chars().count() > MAX_TEXT { text.chars().take(MAX_TEXT).chain(['…']).collect() } else { text }
    };
    Message {
        id: visible(id),
        event: kind.word().to_owned(),
        level: kind.level(),
        mode,
        at: teller.clock.now().trunc_subsecs(0),
        run_id: teller.run_id.to_owned(),
        command: teller.command.to_owned(),
        text: text(words.in_language(teller.settings.language)),
        detail: text(&words.en),
        seconds_left: None,
        symbol: None,
        order: None,
    }
}

fn order_of(entry: &Entry, event: &OrderEvent) -> MessageOrder {
    let intent = &entry.intent;
    let profit = event.filled.as_ref().and_then(|filled| filled.profit.zip(filled.profit_percent));
    MessageOrder {
        intent_id: intent.id.to_string(),
        order_id: entry.order_id.as_ref().map(OrderId::to_string),
        side: intent.side.to_string(),
        quantity: intent.quantity,
        filled_quantity: entry.filled_quantity,
        limit_price: intent.limit_price.to_string(),
        price: event.filled.as_ref().map(|filled| filled.price.to_string()),
        profit_usd: profit.map(|(won, _)| won.to_string()),
        profit_percent: profit.map(|(_, percent)| show_percent(percent)),
        reason: intent.reason.word().to_owned(),
    }
}
