//! The account's total over time, and the holdings with their profit.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::market_session::new_york_date;
use crate::domain::money::{percent_change, show_percent};
use crate::domain::{Sample, Transfer, Usd};
use crate::report::Report;
use crate::report::page::chart::{Chart, percent, round_marks};
use crate::report::page::html::{both_times, escape, grouped, money, muted, note, numbers, price, section, table};
use crate::report::status::{PositionLine, StatusReport};

/// The most rows of a table beside a chart.
const MAX_ROWS: usize = 400;
/// From this span on, the latest days get a chart of their own.
const LONG: TimeDelta = TimeDelta::days(12);
const LATEST: TimeDelta = TimeDelta::days(5);

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
        status.transfers.last().map(|latest| fact("Latest transfer", transfer(latest))).unwrap_or_default(),
        fact("Market", market),
    ]
    .concat();
    let (headline, charts) = (headline(status, samples), charts(report, samples));
    section(
        "wide",
        "total",
        "Account total",
        &format!("<p class=\"total\">{headline}</p>\n{charts}<dl>\n{facts}</dl>\n"),
    )
}

/// Money that came or went, and when.
fn transfer(transfer: &Transfer) -> String {
    let plus = if transfer.usd.is_positive() { "+" } else { "" };
    format!("{plus}{} <small>{}</small>", grouped(transfer.usd), new_york_date(transfer.seen))
}

/// The total and its change; an unknown one as it was known last.
fn headline(status: &StatusReport, samples: &[Sample]) -> String {
    let total = money(status.account.total);
    match (status.account.total, samples.last()) {
        (Some(_), _) => {
            format!("<strong>{total}<span class=\"unit\">USD</span></strong>{}", change_of_date(status))
        }
        (None, None) => "<strong>Unknown</strong>".to_owned(),
        (None, Some(Sample { at, total, .. })) => {
            let last = format!("last known: {} USD on {}", money(Some(*total)), both_times(*at));
            format!("<strong>Unknown</strong>{}", muted(&last))
        }
    }
}

/// The change of the total since the trading date's first sample.
fn change_of_date(status: &StatusReport) -> String {
    let (Some(day), Some(total)) = (status.daily_loss, status.account.total) else { return String::new() };
    let Some(change) = percent_change(day.first_total, total) else { return String::new() };
    let (amount, today) = (total - day.first_total, day.trading_date);
    let plus = if amount.is_positive() { "+" } else { "" };
    let (class, arrow) = direction(change);
    let since = muted(&format!("since the first look of {today}"));
    format!("<span class=\"{class}\">{arrow}{plus}{} ({}) {since}</span>", grouped(amount), signed(change))
}

fn charts(report: &Report, samples: &[Sample]) -> String {
    let Some(mut html) = line("total-line", "Account total over time", samples) else {
        return note("The line begins with the next look that knows the total.");
    };
    let from = samples.partition_point(|sample| sample.at < report.at - LATEST);
    if samples.first().zip(samples.last()).is_some_and(|(first, last)| last.at - first.at > LONG)
        && let Some(latest) = line("latest-line", "The latest five days", &samples[from..])
    {
        html = format!("{html}<h3 class=\"latest\">The latest five days</h3>\n<div class=\"low\">{latest}</div>\n");
    }
    let rows = samples.iter().rev().take(MAX_ROWS);
    let rows = rows.map(|sample| vec![both_times(sample.at), money(Some(sample.total))]);
    html + &numbers("The totals as a table", "Account total, latest first", &["When", "#Total"], rows)
}

/// A chart of the total; `None` for less than a minute.
fn line(id: &str, title: &str, samples: &[Sample]) -> Option<String> {
    let [first, .., last] = samples else { return None };
    if last.at - first.at < TimeDelta::minutes(1) {
        return None;
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
    Some(Chart { id, title, description, points: &points, ahead: &[], marks }.to_html())
}

/// The holdings, each with a bar from the middle: to the right for a profit, to the left for a loss.
pub fn positions(status: &StatusReport) -> String {
    let body = match status.positions.as_deref() {
        None => "<p>The balance could not be read.</p>\n".to_owned(),
        Some([]) => note("The account holds nothing."),
        Some(lines) => {
            let longest = lines.iter().filter_map(profit_of).map(|profit| profit.abs()).max().unwrap_or_default();
            let columns = ["Symbol", "#Shares", "#Sellable", "#Cost", "#Last", "#Value", "#Profit"];
            let rows = lines.iter().map(|line| position_row(line, longest));
            table("stack pairs", "Positions", &columns, rows)
        }
    };
    section("wide", "positions", "Positions", &body)
}

fn position_row(line: &PositionLine, longest: Decimal) -> Vec<String> {
    let mut about: Vec<String> = Vec::new();
    if !line.name.is_empty() && line.name != line.symbol.as_str() {
        // With `lang`, screen readers switch to a Korean voice.
        let is_korean = line.name.contains(|c: char| ('가'..='힣').contains(&c));
        let lang = if is_korean { " lang=\"ko\"" } else { "" };
        about.push(format!("<span{lang}>{}</span>", escape(&line.name)));
    }
    about.extend(line.exchange.map(|exchange| exchange.word().to_owned()));
    if !line.is_managed {
        about.push("not managed".to_owned());
        about.extend(line.stop_loss_shares.map(|own| format!("stop loss of {own} own shares goes on")));
    }
    let profit = profit_of(line);
    let shown = profit.map_or_else(
        || muted("?"),
        |profit| {
            let (class, arrow) = direction(profit);
            format!("<span class=\"{class}\">{arrow}{}</span>", signed(profit))
        },
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
        direction(profit).0,
        percent(from),
        percent(length)
    )
}

/// The class of a change, and its arrow.
fn direction(change: Decimal) -> (&'static str, &'static str) {
    match change {
        change if change.is_zero() => ("same", ""),
        change if change.is_sign_negative() => ("down", "\u{25bc}\u{a0}"),
        _ => ("up", "\u{25b2}\u{a0}"),
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
