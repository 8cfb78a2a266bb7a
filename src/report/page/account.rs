//! The account's total over time, and the holdings with their profit.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::history::Sample;
use crate::domain::market_session::new_york_date;
use crate::domain::money::{Usd, percent_change, show_percent};
use crate::domain::symbol::Exchange;
use crate::report::Report;
use crate::report::page::chart::{Chart, percent, round_marks};
use crate::report::page::html::{both_times, escape, grouped, money, numbers, price, table};
use crate::report::page::wide;
use crate::report::status::{PositionLine, StatusReport};

/// The most rows of a table beside a chart.
const MAX_ROWS: usize = 400;
/// From this span on, the latest days get a chart of their own.
const LONG: TimeDelta = TimeDelta::days(12);
const LATEST: TimeDelta = TimeDelta::days(5);

/// The total, what it is made of, and its line.
pub fn total(report: &Report, status: &StatusReport) -> String {
    let account = &status.account;
    let samples = status.history.as_deref().unwrap_or_default();
    let fact = |name: &str, value: String| format!("<div><dt>{name}</dt><dd>{value}</dd></div>\n");
    let market = report.market.map_or_else(
        || "unknown".to_owned(),
        |market| format!("{} <small>{}</small>", market.phase, market.trading_date),
    );
    let reserved = account.reserved().map(|usd| fact("Open buys", money(Some(usd))));
    let facts = [
        fact("Cash", money(account.cash)),
        fact("Orderable", money(account.buying_power)),
        fact("Positions", money(account.positions)),
        reserved.unwrap_or_default(),
        fact("Market", market),
    ];
    let body = format!(
        "<p class=\"total\">{}</p>\n{}<dl>\n{}</dl>\n",
        headline(status, samples),
        charts(report, samples),
        facts.concat()
    );
    wide("total", "Account total", &body)
}

/// The total and how it changed; one that is not known now, as it was known last.
fn headline(status: &StatusReport, samples: &[Sample]) -> String {
    match (status.account.total, samples.last()) {
        (Some(total), _) => {
            format!("<strong>{}<span class=\"unit\">USD</span></strong>{}", money(Some(total)), change_of_date(status))
        }
        (None, None) => "<strong>Unknown</strong>".to_owned(),
        (None, Some(last)) => format!(
            "<strong>Unknown</strong><span class=\"muted\">last known: {} USD on {}</span>",
            money(Some(last.total)),
            both_times(last.at)
        ),
    }
}

/// How the total changed since the first look of the trading date.
fn change_of_date(status: &StatusReport) -> String {
    let (Some(day), Some(total)) = (status.daily_loss, status.account.total) else { return String::new() };
    let Some(change) = percent_change(day.first_total, total) else { return String::new() };
    let (amount, today) = (total - day.first_total, day.trading_date);
    let plus = if amount.is_positive() { "+" } else { "" };
    format!(
        "<span class=\"{}\">{}{plus}{} ({}) <span class=\"muted\">since the first look of {today}</span></span>",
        direction(change),
        arrow(change),
        grouped(amount),
        signed(change)
    )
}

fn charts(report: &Report, samples: &[Sample]) -> String {
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
        return "<p class=\"note\">The line begins with the next look that knows the total.</p>\n".to_owned();
    };
    let mut html = line("total-line", "Account total over time", samples);
    if html.is_empty() {
        return "<p class=\"note\">The line begins with the next look that knows the total.</p>\n".to_owned();
    }
    if last.at - first.at > LONG {
        let from = samples.partition_point(|sample| sample.at < report.at - LATEST);
        let latest = line("latest-line", "The latest five days", &samples[from..]);
        if !latest.is_empty() {
            html = format!("{html}<h3 class=\"latest\">The latest five days</h3>\n<div class=\"low\">{latest}</div>\n");
        }
    }
    let rows: Vec<Vec<String>> = samples
        .iter()
        .rev()
        .take(MAX_ROWS)
        .map(|sample| vec![both_times(sample.at), money(Some(sample.total))])
        .collect();
    html + &numbers("The totals as a table", "Account total, latest first", &["When", "#Total"], &rows)
}

fn line(id: &str, title: &str, samples: &[Sample]) -> String {
    let [first, .., last] = samples else { return String::new() };
    if last.at - first.at < TimeDelta::minutes(1) {
        return String::new();
    }
    let points: Vec<(DateTime<Utc>, Decimal)> = samples.iter().map(|sample| (sample.at, sample.total.0)).collect();
    let totals = samples.iter().map(|sample| sample.total);
    let (low, high) = (totals.clone().min().unwrap_or_default(), totals.max().unwrap_or_default());
    let marks = round_marks(points.iter().map(|(_, total)| *total));
    let description = format!(
        "From {} USD on {} to {} USD on {}; lowest {}, highest {}. The same as a table below.",
        grouped(first.total),
        new_york_date(first.at),
        grouped(last.total),
        new_york_date(last.at),
        grouped(low),
        grouped(high)
    );
    let has_cents = marks.iter().any(|mark| !mark.fract().is_zero());
    let words = |mark: Decimal| {
        let text = grouped(Usd(mark));
        if has_cents { text } else { text.trim_end_matches("00").trim_end_matches('.').to_owned() }
    };
    let marks = marks.into_iter().map(|mark| (mark, words(mark))).collect();
    Chart { id, title, description, points: &points, ahead: &[], marks }.to_html()
}

/// The holdings, each with a bar that leaves the middle to the right for a profit and to the left for a loss.
pub fn positions(status: &StatusReport) -> String {
    let body = match status.positions.as_deref() {
        None => "<p>The balance could not be read.</p>\n".to_owned(),
        Some([]) => "<p class=\"note\">The account holds nothing.</p>\n".to_owned(),
        Some(lines) => {
            let longest = lines.iter().filter_map(profit_of).map(|profit| profit.abs()).max().unwrap_or_default();
            let rows: Vec<Vec<String>> = lines.iter().map(|line| position_row(line, longest)).collect();
            table(
                "stack pairs",
                "Positions",
                &["Symbol", "#Shares", "#Sellable", "#Cost", "#Last", "#Value", "#Profit"],
                &rows,
            )
        }
    };
    wide("positions", "Positions", &body)
}

fn position_row(line: &PositionLine, longest: Decimal) -> Vec<String> {
    let mut about: Vec<String> = Vec::new();
    if !line.name.is_empty() && line.name != line.symbol.as_str() {
        // Who listens hears a Korean name in a Korean voice.
        let is_korean = line.name.contains(|c: char| ('가'..='힣').contains(&c));
        let lang = if is_korean { " lang=\"ko\"" } else { "" };
        about.push(format!("<span{lang}>{}</span>", escape(&line.name)));
    }
    about.extend(line.exchange.map(|exchange: Exchange| exchange.code().to_owned()));
    if !line.is_managed {
        about.push("not managed".to_owned());
    }
    let profit = profit_of(line);
    let shown = profit.map_or_else(
        || "<span class=\"muted\">?</span>".to_owned(),
        |profit| format!("<span class=\"{}\">{}{}</span>", direction(profit), arrow(profit), signed(profit)),
    );
    vec![
        format!("{}<small>{}</small>", escape(line.symbol.as_str()), about.join(" &middot; ")),
        line.quantity.to_string(),
        line.sellable_quantity.to_string(),
        price(line.average_cost),
        price(line.last),
        money(line.last.and_then(|last| last.times(line.quantity))),
        format!("<span class=\"profit\">{}{shown}</span>", bar(profit, longest)),
    ]
}

fn profit_of(line: &PositionLine) -> Option<Decimal> {
    percent_change(line.average_cost?, line.last?)
}

/// Half of the width is the longest profit or loss of all.
fn bar(profit: Option<Decimal>, longest: Decimal) -> String {
    let profit = profit.unwrap_or_default();
    let share = profit.abs().checked_div(longest).unwrap_or_default() * Decimal::from(5_000);
    let length = share.round().to_i64().unwrap_or(0).clamp(0, 5_000);
    let from = if profit.is_sign_negative() { 5_000 - length } else { 5_000 };
    format!(
        "<svg aria-hidden=\"true\"><rect class=\"bar-{}\" x=\"{}\" y=\"2\" width=\"{}\" height=\"10\" rx=\"2\"/>\
         <line class=\"zero\" x1=\"50%\" x2=\"50%\" y1=\"0\" y2=\"14\"/></svg>",
        direction(profit),
        percent(from),
        percent(length)
    )
}

fn direction(change: Decimal) -> &'static str {
    match change {
        change if change.is_zero() => "same",
        change if change.is_sign_negative() => "down",
        _ => "up",
    }
}

fn arrow(change: Decimal) -> &'static str {
    match change {
        change if change.is_zero() => "",
        change if change.is_sign_negative() => "\u{25bc}\u{a0}",
        _ => "\u{25b2}\u{a0}",
    }
}

/// `+7.50 %`, with a true minus sign.
pub fn signed(change: Decimal) -> String {
    let text = show_percent(change);
    if !text.contains(|c: char| ('1'..='9').contains(&c)) {
        return "0.00\u{a0}%".to_owned();
    }
    match text.strip_prefix('-') {
        Some(rest) => format!("\u{2212}{rest}\u{a0}%"),
        None => format!("+{text}\u{a0}%"),
    }
}
