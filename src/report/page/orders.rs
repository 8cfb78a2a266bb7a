//! The orders of a session on its time line, in New York's and in Korea's time, and the orders without a known outcome.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use crate::domain::market_session::{korea_as, new_york_as};
use crate::domain::{IntentState, OrderId};
use crate::language::Sentence;
use crate::report::page::Page;
use crate::report::page::chart::{along, percent};
use crate::report::page::html::{Column, escape, note, price, section, table};
use crate::report::page::words::orders as words;
use crate::report::status::StatusOrder;

/// The most orders drawn; the latest ones.
const MAX_ORDERS: usize = 40;

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

    /// The span of the session, and of what came before or after it.
    fn of(orders: &[StatusOrder], hours: (DateTime<Utc>, DateTime<Utc>), now: DateTime<Utc>) -> Span {
        let times = orders.iter().flat_map(|order| [order.submitted_at, order.filled_at]).flatten();
        Span {
            from: times.clone().min().map_or(hours.0, |first| first.min(hours.0)),
            until: times.max().map_or(hours.1, |last| last.max(hours.1)),
            now,
        }
    }

    fn hours(self) -> impl Iterator<Item = DateTime<Utc>> {
        let first = self.from.duration_trunc(TimeDelta::hours(1)).unwrap_or(self.from);
        let hours = (0..48).map(move |hour| first + TimeDelta::hours(hour));
        hours.filter(move |at| *at >= self.from && *at <= self.until)
    }
}

impl Page<'_> {
    pub fn session_orders(&self) -> String {
        let day = &self.status.day;
        let Some(date) = day.date else {
            let body = format!("<p>{}</p>\n", self.say(&words::no_journal()));
            return section("", "orders", &self.say(&words::title()), &body);
        };
        let title = if self.is_today(date) { words::session_of_today() } else { words::session_title(date) };
        let title = self.say(&title);
        let mut body = match self.status.open_orders {
            None => note(&self.say(&words::no_list())),
            Some(_) => String::new(),
        };
        if day.orders.is_empty() {
            return section("", "orders", &title, &(body + &note(&self.say(&words::none()))));
        }
        let span = Span::of(&day.orders, day.hours.unwrap_or((self.report.at, self.report.at)), self.report.at);
        let left_out = day.orders.len().saturating_sub(MAX_ORDERS);
        if left_out > 0 {
            body += &note(&self.say(&words::left_out(left_out)));
        }
        let lines: String = day.orders.iter().skip(left_out).map(|order| self.order_line(order, span)).collect();
        body += &format!("{}{}<ol class=\"orders\">\n{lines}</ol>\n{}", grid(span), axis(span), self.order_legend());
        section("", "orders", &title, &body)
    }

    fn order_line(&self, order: &StatusOrder, span: Span) -> String {
        let what = self.say(&words::order(order.side, order.quantity, &order.symbol));
        let limit = self.say(&words::at(&price(order.limit_price)));
        let owner = if order.is_own { String::new() } else { format!("<br>{}", self.say(&words::external())) };
        let (track, state) = (self.track(order, &what, span), self.state(order));
        format!("<li><div>{what}<small>{limit}{owner}</small></div>{track}<div>{state}</div></li>\n")
    }

    /// The state in words, with its times.
    fn state(&self, order: &StatusOrder) -> String {
        let state = state_word(order.state);
        let filled = match order.filled_quantity {
            0 => None,
            all if all == order.quantity => Some(words::filled(all, &price(order.average_price))),
            part => Some(words::filled_of(part, order.quantity, &price(order.average_price))),
        };
        let mut text = match filled {
            None => state,
            Some(filled) if order.state == Some(IntentState::Filled) => filled,
            Some(filled) => state.and(", ", &filled),
        };
        let note = order.said.as_ref().map_or_else(|| order.note.clone(), ToString::to_string);
        if order.filled_quantity == 0 && (!order.is_live() || order.said.is_some()) {
            text = text.and(": ", &Sentence::verbatim(note));
        }
        let sent = order.submitted_at.map(|at| self.say(&words::sent(&self.clocks(at))));
        let filled = order.filled_at.map(|at| self.say(&words::fill_seen(&self.clocks(at))));
        let times: Vec<String> = [sent, filled].into_iter().flatten().collect();
        format!("{}<small class=\"tabular\">{}</small>", self.say(&text), times.join("<br>"))
    }

    /// The order's life on the session's time line.
    fn track(&self, order: &StatusOrder, what: &str, span: Span) -> String {
        let grid = "<use href=\"#hours\"/>";
        let Some(sent_at) = order.submitted_at else { return format!("<svg aria-hidden=\"true\">{grid}</svg>") };
        let sent = span.place(sent_at);
        let life = |class: &str, until: &str| {
            format!("<line class=\"{class}\" x1=\"{sent}\" x2=\"{until}\" y1=\"10\" y2=\"10\"/>")
        };
        let mut shapes = grid.to_owned();
        if order.is_live() {
            shapes += &life("life open", &span.place(span.now.clamp(sent_at, span.until.max(sent_at))));
        }
        let filled = order.filled_at.map(|at| span.place(at));
        if let Some(filled) = &filled {
            shapes += &life("life", filled);
        }
        shapes += &format!("<circle class=\"sent\" cx=\"{sent}\" cy=\"10\" r=\"4\"/>");
        if let Some(filled) = &filled {
            shapes += &format!("<use href=\"#fill\" x=\"{filled}\" y=\"10\"/>");
        } else if !order.is_live() && order.filled_quantity == 0 {
            shapes += &format!("<use href=\"#end\" x=\"{sent}\" y=\"10\"/>");
        }
        let about = self.text(&words::track(&new_york_as(sent_at, "%H:%M")));
        format!("<svg role=\"img\"><title>{what}</title><desc>{about}</desc>{shapes}</svg>")
    }

    fn order_legend(&self) -> String {
        let sign = |drawing: &str, words: &Sentence| format!("<span><svg>{drawing}</svg>{}</span>", self.say(words));
        let signs = [
            sign("<circle class=\"sent\" cx=\"7\" cy=\"7\" r=\"4\"/>", &words::legend_sent()),
            sign("<use href=\"#fill\" x=\"7\" y=\"7\"/>", &words::legend_fill()),
            sign("<line class=\"life open\" x1=\"0\" x2=\"14\" y1=\"7\" y2=\"7\"/>", &words::legend_open()),
            sign("<use href=\"#end\" x=\"-6\" y=\"7\"/>", &words::legend_end()),
        ];
        format!("<p class=\"legend\" aria-hidden=\"true\">{}</p>\n", signs.concat())
    }

    /// Orders without a known outcome; nothing when there are none.
    pub fn unknown_orders(&self) -> String {
        let Some(orders) = self.status.unknown_orders.as_deref().filter(|orders| !orders.is_empty()) else {
            return String::new();
        };
        let row = |order: &StatusOrder| {
            let ids = order.candidates.iter().flatten().map(OrderId::to_string).collect::<Vec<_>>().join(", ");
            let said = order.said.as_ref().map(|said| escape(&said.to_string()));
            vec![
                escape(order.intent_id.as_deref().unwrap_or("?")),
                self.say(&words::order(order.side, order.quantity, &order.symbol)),
                price(order.limit_price),
                order.submitted_at.map(|at| self.time(at)).unwrap_or_default(),
                if ids.is_empty() { self.say(&words::none_yet()) } else { escape(&ids) },
                said.unwrap_or_else(|| self.say(&words::no_answer())),
            ]
        };
        let title = self.text(&words::unknown_title());
        let columns = [
            Column::text(self.text(&words::intent())),
            Column::text(self.text(&words::order_column())),
            Column::number(self.text(&words::limit())),
            Column::text(self.text(&words::when_sent())),
            Column::text(self.text(&words::candidates())),
            Column::text(self.text(&words::answer())),
        ];
        let rows: Vec<Vec<String>> = orders.iter().map(row).collect();
        section("alert wide", "unknown", &title, &table("stack pairs", &title, &columns, &rows, None))
    }
}

/// The hours and the signs of all tracks, drawn once.
fn grid(span: Span) -> String {
    let upright = |class: &str, at: DateTime<Utc>, y: [i32; 2]| {
        let x = span.place(at);
        format!("<line class=\"{class}\" x1=\"{x}\" x2=\"{x}\" y1=\"{}\" y2=\"{}\"/>", y[0], y[1])
    };
    let mut hours: String = span.hours().map(|at| upright("tick", at, [0, 20])).collect();
    if (span.from..span.until).contains(&span.now) {
        hours += &upright("now", span.now, [-6, 26]);
    }
    format!(
        "<svg class=\"shapes\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs><g id=\"hours\">{hours}</g>\
         <path id=\"fill\" class=\"fill\" d=\"M0-6 6 0 0 6-6 0z\"/><path id=\"end\" class=\"end\" d=\"M9-4 17 4M17-4 9 4\"/></defs></svg>\n"
    )
}

/// Whole hours of the session, New York above Korea.
fn axis(span: Span) -> String {
    let label = |(n, at): (usize, DateTime<Utc>)| {
        let (new_york, korea) = (new_york_as(at, "%H"), korea_as(at, "%H"));
        // On a narrow screen every other hour, and room for the zones before the first.
        let class = if n % 2 == 0 { " class=\"minor\"" } else { "" };
        format!("<span{class} style=\"left:{}\">{new_york}<br>{korea}</span>", span.place(at))
    };
    let labels: String = span.hours().enumerate().map(label).collect();
    let zone = new_york_as(span.from, "%Z");
    format!(
        "<div class=\"axis\" aria-hidden=\"true\"><div><span class=\"zone\">{zone}<br>KST</span>{labels}</div></div>\n"
    )
}

/// The state of an order; `None` for an external one that ended.
pub fn state_word(state: Option<IntentState>) -> Sentence {
    match state {
        None => words::ended(),
        Some(IntentState::Unknown) => words::unknown_state(),
        Some(IntentState::Ambiguous) => words::ambiguous(),
        Some(IntentState::Accepted) => words::accepted(),
        Some(IntentState::Filled) => words::filled_state(),
        Some(IntentState::Cancelled) => words::cancelled(),
        Some(IntentState::Replaced) => words::replaced(),
        Some(IntentState::Rejected) => words::rejected(),
        Some(IntentState::Expired) => words::expired(),
        Some(IntentState::Absent) => words::absent(),
        Some(IntentState::NotSent) => words::not_sent(),
    }
}
