//! The orders of a session on its time line, in New York's and in Korea's time, and the orders nobody can tell.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use crate::domain::market_session::{korea, new_york};
use crate::domain::order::{OrderId, Side};
use crate::report::Report;
use crate::report::page::chart::{along, percent};
use crate::report::page::html::{both_times, clocks, escape, price, table, wall};
use crate::report::page::wide;
use crate::report::status::{DayOrder, OpenOrderLine, StatusReport};

/// The most orders drawn; the latest ones.
const MAX_ORDERS: usize = 60;

/// From when to when the time line goes.
#[derive(Clone, Copy)]
struct Span {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
}

/// The session's orders, oldest first.
pub fn session(report: &Report, status: &StatusReport) -> String {
    let day = &status.day;
    let Some(date) = day.date else {
        return wide("orders", "Orders", "<p>The journal could not be read.</p>\n");
    };
    let title = format!("Orders of the session of {date}");
    let unread = if status.open_orders.is_none() {
        "<p class=\"note\">KIS's list could not be read: this is what the journal knew before.</p>\n"
    } else {
        ""
    };
    if day.orders.is_empty() {
        return wide("orders", &title, &format!("{unread}<p class=\"note\">No order.</p>\n"));
    }
    let times = day.orders.iter().flat_map(|line| [line.order.submitted_at, line.filled_at]).flatten();
    let hours = day.hours.unwrap_or((report.at, report.at));
    let span = Span {
        from: times.clone().min().map_or(hours.0, |first| first.min(hours.0)),
        until: times.max().map_or(hours.1, |last| last.max(hours.1)),
        now: report.at,
    };
    let left_out = day.orders.len().saturating_sub(MAX_ORDERS);
    let earlier = if left_out > 0 {
        format!("<p class=\"note\">{left_out} earlier ones are left out.</p>\n")
    } else {
        String::new()
    };
    let lines: String = day.orders.iter().skip(left_out).map(|line| order_line(line, span)).collect();
    let body = format!("{unread}{earlier}{}<ol class=\"orders\">\n{lines}</ol>\n{LEGEND}", axis(span));
    wide("orders", &title, &body)
}

const LEGEND: &str = "<p class=\"legend\" aria-hidden=\"true\">\
    <span><svg><circle class=\"sent\" cx=\"7\" cy=\"7\" r=\"4\"/></svg>sent</span>\
    <span><svg><path class=\"fill\" d=\"M7 1 13 7 7 13 1 7z\"/></svg>latest fill seen</span>\
    <span><svg><line class=\"life open\" x1=\"0\" x2=\"14\" y1=\"7\" y2=\"7\"/></svg>still open</span>\
    <span><svg><path class=\"end\" d=\"M3 3 11 11M11 3 3 11\"/></svg>ended without a fill</span></p>\n";

/// Whole hours of the session, New York above Korea.
fn axis(span: Span) -> String {
    let labels: String = hours_of(span)
        .enumerate()
        .map(|(n, at)| {
            let (new_york, korea) = clocks(at);
            // On a narrow screen every other hour, and room for the zones before the first.
            let class = if n % 2 == 0 { " class=\"minor\"" } else { "" };
            format!(
                "<span{class} style=\"left:{}\">{new_york}<br>{korea}</span>",
                percent(along(at, span.from, span.until))
            )
        })
        .collect();
    let zone = wall(&new_york(span.from)).2;
    format!(
        "<div class=\"axis\" aria-hidden=\"true\"><div><span class=\"zone\">{zone}<br>KST</span>{labels}</div></div>\n"
    )
}

fn hours_of(span: Span) -> impl Iterator<Item = DateTime<Utc>> {
    let first = span.from.duration_trunc(TimeDelta::hours(1)).unwrap_or(span.from);
    let hours = (0..48).map(move |hour| first + TimeDelta::hours(hour));
    hours.filter(move |at| *at >= span.from && *at <= span.until)
}

fn order_line(line: &DayOrder, span: Span) -> String {
    let order = &line.order;
    let what = format!(
        "{} {} {}<small>at {}{}</small>",
        order.side,
        order.quantity,
        escape(order.symbol.as_str()),
        price(Some(order.limit_price)),
        if order.is_own { "" } else { ", not ours" }
    );
    format!("<li><div>{what}</div>{}<div>{}</div></li>\n", track(line, span), state(line))
}

/// What became of the order, in words, with both times.
fn state(line: &DayOrder) -> String {
    let order = &line.order;
    let mut words = escape(if line.state == "not_sent" { "not sent" } else { line.state });
    if order.filled_quantity > 0 {
        let whole =
            if order.filled_quantity == order.quantity { String::new() } else { format!(" of {}", order.quantity) };
        let filled = format!("{}{whole} at {}", order.filled_quantity, price(Some(line.average_price)));
        words = if line.state == "filled" { format!("filled {filled}") } else { format!("{words}, filled {filled}") };
    }
    if !line.note.is_empty() && order.filled_quantity == 0 && !line.is_live {
        words.push_str(&format!(": {}", escape(&line.note)));
    }
    let time = |at: DateTime<Utc>| {
        let ((_, clock, zone), (_, korean, _)) = (wall(&new_york(at)), wall(&korea(at)));
        format!("{clock} {zone} / {korean} KST")
    };
    let sent = order.submitted_at.map(|at| format!("sent {}", time(at)));
    let filled = line.filled_at.map(|at| format!("fill seen {}", time(at)));
    let times: Vec<String> = [sent, filled].into_iter().flatten().collect();
    format!("{words}<small class=\"tabular\">{}</small>", times.join("<br>"))
}

fn track(line: &DayOrder, span: Span) -> String {
    let place = |at: DateTime<Utc>| percent(along(at, span.from, span.until));
    let mut shapes: String = hours_of(span)
        .map(|at| format!("<line class=\"tick\" x1=\"{0}\" x2=\"{0}\" y1=\"0\" y2=\"20\"/>", place(at)))
        .collect();
    if (span.from..span.until).contains(&span.now) {
        shapes.push_str(&format!("<line class=\"now\" x1=\"{0}\" x2=\"{0}\" y1=\"-6\" y2=\"26\"/>", place(span.now)));
    }
    let Some(sent_at) = line.order.submitted_at else { return format!("<svg aria-hidden=\"true\">{shapes}</svg>") };
    let sent = place(sent_at);
    let mut draw = |until: DateTime<Utc>, class: &str| {
        shapes
            .push_str(&format!("<line class=\"{class}\" x1=\"{sent}\" x2=\"{}\" y1=\"10\" y2=\"10\"/>", place(until)));
    };
    if line.is_live {
        draw(span.now.clamp(sent_at, span.until), "life open");
    }
    if let Some(filled_at) = line.filled_at {
        draw(filled_at, "life");
    }
    shapes.push_str(&format!("<circle class=\"sent\" cx=\"{sent}\" cy=\"10\" r=\"4\"/>"));
    if let Some(filled_at) = line.filled_at {
        let shape = "<path class=\"fill\" d=\"M0-6 6 0 0 6-6 0z\"/>";
        shapes.push_str(&format!("<svg x=\"{}\" y=\"10\" overflow=\"visible\">{shape}</svg>", place(filled_at)));
    } else if !line.is_live && line.order.filled_quantity == 0 {
        let shape = "<path class=\"end\" d=\"M9-4 17 4M17-4 9 4\"/>";
        shapes.push_str(&format!("<svg x=\"{sent}\" y=\"10\" overflow=\"visible\">{shape}</svg>"));
    }
    let what = match line.order.side {
        Side::Buy => "Buy",
        Side::Sell => "Sell",
    };
    format!(
        "<svg role=\"img\"><title>{what} of {}</title><desc>Sent at {} New York time; what became of it stands beside.</desc>{shapes}</svg>",
        escape(line.order.symbol.as_str()),
        clocks(sent_at).0
    )
}

/// Orders without a known outcome; nothing when there are none.
pub fn unknown(status: &StatusReport) -> String {
    let Some(orders) = status.unknown_orders.as_deref().filter(|orders| !orders.is_empty()) else {
        return String::new();
    };
    let row = |order: &OpenOrderLine| {
        let ids = order.candidates.iter().flatten().map(OrderId::to_string).collect::<Vec<_>>().join(", ");
        vec![
            escape(order.intent_id.as_deref().unwrap_or("?")),
            format!("{} {} {}", order.side, order.quantity, escape(order.symbol.as_str())),
            price(Some(order.limit_price)),
            order.submitted_at.map(both_times).unwrap_or_default(),
            if ids.is_empty() { "none yet".to_owned() } else { escape(&ids) },
        ]
    };
    let rows: Vec<Vec<String>> = orders.iter().map(row).collect();
    let columns = ["Intent", "Order", "#Limit", "Sent", "Could be order"];
    let body = table("stack pairs", "Orders without a known outcome", &columns, &rows);
    wide("unknown", "Orders without a known outcome", &body)
}
