//! The life left in the token, and when it was renewed.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use crate::domain::{TokenSeen, counted};
use crate::report::Report;
use crate::report::page::chart::Chart;
use crate::report::page::html::{both_times, numbers, section};
use crate::report::status::{StatusReport, show_age};

/// How far back the line goes.
const SHOWN: TimeDelta = TimeDelta::days(4);

pub fn life(report: &Report, status: &StatusReport) -> String {
    let Some(token) = &report.token else {
        return section("", "token", "Access token", "<p>Unknown: this run did not get as far as the token.</p>\n");
    };
    let left = token
        .life()
        .map(|(left, until)| format!(", <b class=\"tabular\">{left}</b> left, until {}", both_times(until)));
    let now = format!("<p>{}{}</p>\n", token.state.word(), left.unwrap_or_default());
    let tokens = with_this_one(report, status);
    let chart = chart(report.at, &tokens, status.renew_at_seconds);
    let row = |n: usize| {
        let (seen, before) = (&tokens[n], n.checked_sub(1).map(|n| &tokens[n]));
        let left = before.map_or_else(String::new, |before| show_age(before.expires_at - seen.at));
        vec![both_times(seen.at), both_times(seen.expires_at), left]
    };
    let columns = ["First seen", "Lives until", "#The one before had left"];
    let rows = (0..tokens.len()).rev().map(row);
    let numbers = numbers("The renewals as a table", "Tokens, latest first", &columns, rows);
    section("", "token", "Access token", &format!("{now}<div class=\"tall\">{chart}</div>\n{numbers}"))
}

/// The tokens of earlier runs, and that of this one.
fn with_this_one(report: &Report, status: &StatusReport) -> Vec<TokenSeen> {
    let mut tokens = status.tokens.clone();
    let expires_at = report.token.as_ref().and_then(|token| token.expires_at);
    if let Some(expires_at) = expires_at.filter(|expires_at| tokens.iter().all(|seen| seen.expires_at != *expires_at)) {
        tokens.push(TokenSeen { at: report.at, expires_at });
    }
    tokens.sort_by_key(|seen| seen.at);
    tokens
}

/// A saw: each token loses an hour an hour until the next one takes its place.
fn chart(now: DateTime<Utc>, tokens: &[TokenSeen], renew_at_seconds: i64) -> String {
    let hours_left = |seen: &TokenSeen, at: DateTime<Utc>| {
        (at, Decimal::new((seen.expires_at - at).num_minutes().max(0), 0) / Decimal::from(60))
    };
    let shown: Vec<&TokenSeen> = tokens.iter().filter(|seen| seen.expires_at > now - SHOWN && seen.at <= now).collect();
    let Some(last) = shown.last() else { return String::new() };
    let mut points = Vec::new();
    for (n, seen) in shown.iter().enumerate() {
        let until = shown.get(n + 1).map_or(now, |next| next.at).min(seen.expires_at);
        points.push(hours_left(seen, seen.at.max(now - SHOWN)));
        points.push(hours_left(seen, until.max(now - SHOWN)));
    }
    let ahead =
        if last.expires_at > now { vec![hours_left(last, now), hours_left(last, last.expires_at)] } else { Vec::new() };
    let renew_at = Decimal::from(renew_at_seconds) / Decimal::from(3_600);
    let due = renew_at.round_dp(1).normalize();
    let full = points.iter().map(|(_, hours)| *hours).max().unwrap_or_default().max(Decimal::from(24));
    let marks = vec![
        (Decimal::ZERO, "0 h".to_owned()),
        (renew_at, format!("{due} h: due")),
        (Decimal::from(12), "12 h".to_owned()),
        (full, format!("{} h", full.round())),
    ];
    let description = format!(
        "{} in the last four days; each is renewed when {due} h or less are left. The same as a table below.",
        counted(shown.len(), "token")
    );
    Chart { id: "token-line", title: "Life left in the token", description, points: &points, ahead: &ahead, marks }
        .to_html()
}
