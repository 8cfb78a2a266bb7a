//! The orders of a session on its time line, in New York's and in Korea's time, and the orders without a known outcome.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use crate::domain::market_session::{korea_as, new_york_as};
use crate::domain::{IntentState, OrderId};
use crate::report::Report;
use crate::report::page::chart::{along, percent};
use crate::report::page::html::{both_times, escape, note, price, section, table};
use crate::report::status::{StatusOrder, StatusReport};

/// The most orders drawn; the latest ones.
const MAX_ORDERS: usize = 60;

#[derive(Clone, Copy)]
struct Span {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
}

impl Span {
    fn place(self, at: DateTime<Utc>) -> String {
        percent(along(at, self.from, self.until))
    }
}

pub fn session(report: &Report, status: &StatusReport) -> String {
    let day = &status.day;
    let Some(date) = day.date else {
        return section("wide", "orders", "Orders", "<p>The journal could not be read.</p>\n");
    };
    let title = format!("Orders of the session of {date}");
    let mut notes = match status.open_orders {
        None => note("KIS's list could not be read: this is what the journal knew before."),
        Some(_) => String::new(),
    };
    if day.orders.is_empty() {
        return section("wide", "orders", &title, &(notes + &note("No order.")));
    }
    let times = day.orders.iter().flat_map(|order| [order.submitted_at, order.filled_at]).flatten();
    let hours = day.hours.unwrap_or((report.at, report.at));
    let span = Span {
        from: times.clone().min().map_or(hours.0, |first| first.min(hours.0)),
        until: times.max().map_or(hours.1, |last| last.max(hours.1)),
        now: report.at,
    };
    let left_out = day.orders.len().saturating_sub(MAX_ORDERS);
    if left_out > 0 {
        notes += &note(&format!("{left_out} earlier ones are left out."));
    }
    let lines: String = day.orders.iter().skip(left_out).map(|order| order_line(order, span)).collect();
    section("wide", "orders", &title, &format!("{notes}{}<ol class=\"orders\">\n{lines}</ol>\n{LEGEND}", axis(span)))
}

const LEGEND: &str = "<p class=\"legend\" aria-hidden=\"true\">\
    <span><svg><circle class=\"sent\" cx=\"7\" cy=\"7\" r=\"4\"/></svg>sent</span>\
    <span><svg><path class=\"fill\" d=\"M7 1 13 7 7 13 1 7z\"/></svg>latest fill seen</span>\
    <span><svg><line class=\"life open\" x1=\"0\" x2=\"14\" y1=\"7\" y2=\"7\"/></svg>still open</span>\
    <span><svg><path class=\"end\" d=\"M3 3 11 11M11 3 3 11\"/></svg>ended without a fill</span></p>\n";

/// Whole hours of the session, New York above Korea.
fn axis(span: Span) -> String {
    let label = |(n, at): (usize, DateTime<Utc>)| {
        let (new_york, korea) = (new_york_as(at, "%H:%M"), korea_as(at, "%H:%M"));
        // On a narrow screen every other hour, and room for the zones before the first.
        let class = if n % 2 == 0 { " class=\"minor\"" } else { "" };
        format!("<span{class} style=\"left:{}\">{new_york}<br>{korea}</span>", span.place(at))
    };
    let labels: String = hours_of(span).enumerate().map(label).collect();
    let zone = new_york_as(span.from, "%Z");
    format!(
        "<div class=\"axis\" aria-hidden=\"true\"><div><span class=\"zone\">{zone}<br>KST</span>{labels}</div></div>\n"
    )
}

fn hours_of(span: Span) -> impl Iterator<Item = DateTime<Utc>> {
    let first = span.from.duration_trunc(TimeDelta::hours(1)).unwrap_or(span.from);
    let hours = (0..48).map(move |hour| first + TimeDelta::hours(hour));
    hours.filter(move |at| *at >= span.from && *at <= span.until)
}

fn order_line(order: &StatusOrder, span: Span) -> String {
    let (what, limit) = (name_of(order), price(Some(order.limit_price)));
    let owner = if order.is_own { "" } else { ", not ours" };
    let (track, state) = (track(order, span), state(order));
    format!("<li><div>{what}<small>at {limit}{owner}</small></div>{track}<div>{state}</div></li>\n")
}

/// `buy 3 TSLA`.
fn name_of(order: &StatusOrder) -> String {
    format!("{} {} {}", order.side, order.quantity, escape(order.symbol.as_str()))
}

/// The state in words, with both times.
fn state(order: &StatusOrder) -> String {
    let mut words = order.state.map_or("ended", IntentState::word).replace('_', " ");
    if order.filled_quantity > 0 {
        let whole =
            if order.filled_quantity == order.quantity { String::new() } else { format!(" of {}", order.quantity) };
        let before = if order.state == Some(IntentState::Filled) { String::new() } else { format!("{words}, ") };
        words = format!("{before}filled {}{whole} at {}", order.filled_quantity, price(Some(order.average_price)));
    }
    let note = order.said.as_ref().map_or_else(|| order.note.clone(), ToString::to_string);
    if !note.is_empty() && order.filled_quantity == 0 && (!order.is_live() || order.said.is_some()) {
        words.push_str(&format!(": {}", escape(&note)));
    }
    let time = |at: DateTime<Utc>| format!("{} / {}", new_york_as(at, "%H:%M %Z"), korea_as(at, "%H:%M %Z"));
    let sent = order.submitted_at.map(|at| format!("sent {}", time(at)));
    let filled = order.filled_at.map(|at| format!("fill seen {}", time(at)));
    let times: Vec<String> = [sent, filled].into_iter().flatten().collect();
    format!("{words}<small class=\"tabular\">{}</small>", times.join("<br>"))
}

fn track(order: &StatusOrder, span: Span) -> String {
    let stroke = |class: &str, from: &str, until: &str, y: [i32; 2]| {
        format!("<line class=\"{class}\" x1=\"{from}\" x2=\"{until}\" y1=\"{}\" y2=\"{}\"/>", y[0], y[1])
    };
    let upright = |class, at: DateTime<Utc>, y| stroke(class, &span.place(at), &span.place(at), y);
    let mut shapes: String = hours_of(span).map(|at| upright("tick", at, [0, 20])).collect();
    if (span.from..span.until).contains(&span.now) {
        shapes += &upright("now", span.now, [-6, 26]);
    }
    let Some(sent_at) = order.submitted_at else { return format!("<svg aria-hidden=\"true\">{shapes}</svg>") };
    let sent = span.place(sent_at);
    if order.is_live() {
        shapes += &stroke("life open", &sent, &span.place(span.now.clamp(sent_at, span.until)), [10, 10]);
    }
    let filled = order.filled_at.map(|at| span.place(at));
    if let Some(filled) = &filled {
        shapes += &stroke("life", &sent, filled, [10, 10]);
    }
    shapes += &format!("<circle class=\"sent\" cx=\"{sent}\" cy=\"10\" r=\"4\"/>");
    let symbol = |class: &str, x: &str, d: &str| {
        format!("<svg x=\"{x}\" y=\"10\" overflow=\"visible\"><path class=\"{class}\" d=\"{d}\"/></svg>")
    };
    if let Some(filled) = &filled {
        shapes += &symbol("fill", filled, "M0-6 6 0 0 6-6 0z");
    } else if !order.is_live() && order.filled_quantity == 0 {
        shapes += &symbol("end", &sent, "M9-4 17 4M17-4 9 4");
    }
    let (what, clock) = (name_of(order), new_york_as(sent_at, "%H:%M"));
    format!(
        "<svg role=\"img\"><title>{what}</title><desc>Sent at {clock} New York time; its state is in the text beside it.</desc>{shapes}</svg>"
    )
}

/// Orders without a known outcome; nothing when there are none.
pub fn unknown(status: &StatusReport) -> String {
    let Some(orders) = status.unknown_orders.as_deref().filter(|orders| !orders.is_empty()) else {
        return String::new();
    };
    let row = |order: &StatusOrder| {
        let ids = order.candidates.iter().flatten().map(OrderId::to_string).collect::<Vec<_>>().join(", ");
        vec![
            escape(order.intent_id.as_deref().unwrap_or("?")),
            name_of(order),
            price(Some(order.limit_price)),
            order.submitted_at.map(both_times).unwrap_or_default(),
            if ids.is_empty() { "none yet".to_owned() } else { escape(&ids) },
            order.said.as_ref().map_or_else(|| "none".to_owned(), |said| escape(&said.to_string())),
        ]
    };
    let title = "Orders without a known outcome";
    let columns = ["Intent", "Order", "#Limit", "Sent", "Could be order", "KIS's answer"];
    section("wide", "unknown", title, &table("stack pairs", title, &columns, orders.iter().map(row)))
}
