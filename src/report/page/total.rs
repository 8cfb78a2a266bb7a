//! The account's total: what it is now and what it is made of, its way over time, and the same as a table.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;

use crate::domain::market_session::new_york_date;
use crate::domain::money::percent_change;
use crate::domain::{Phase, Sample, Side, Transfer, Usd};
use crate::language::Sentence;
use crate::ordered::Ordered;
use crate::report::page::Page;
use crate::report::page::bars::direction;
use crate::report::page::chart::{Chart, SHAPES, Sign, legend, round_marks};
use crate::report::page::html::{Column, fact, folded, grouped, grouped_signed, money, muted, note, section, table};
use crate::report::page::positions::signed;
use crate::report::page::words::account as words;

/// Dates in the table beside the charts.
const MAX_DATES: usize = 31;
/// The latest trading dates, of which there are samples in between.
const WEEK: TimeDelta = TimeDelta::days(7);
const QUARTER: TimeDelta = TimeDelta::days(92);

/// A point of a line.
type Point = (DateTime<Utc>, Decimal);

impl Page<'_> {
    pub fn total(&self) -> String {
        let samples = self.status.history.as_deref().unwrap_or_default();
        let body = format!(
            "<p class=\"total\">{}</p>\n{}<dl>\n{}</dl>\n",
            self.headline(samples),
            self.charts(samples),
            self.facts()
        );
        section("wide", "total", &self.say(&words::total_title()), &body)
    }

    fn facts(&self) -> String {
        let account = &self.status.account;
        let known = |amount: Option<Usd>| amount.map_or_else(|| muted(&self.say(&words::unknown())), money);
        let pending = Some(account.pending).filter(|usd| usd.is_positive());
        let market = self.report.market.map_or_else(words::unknown, |market| match market.phase {
            Phase::Regular => words::regular(),
            Phase::Pre => words::pre(),
            Phase::After => words::after(),
            Phase::Closed => words::closed(),
        });
        let date = self.report.market.map(|market| market.trading_date).filter(|date| !self.is_today(*date));
        let date = date.map(|date| format!(" <small>{date}</small>"));
        let latest = self.status.transfers.last();
        let transfer =
            |Transfer { usd, seen }: &Transfer| format!("{} <small>{}</small>", grouped_signed(*usd), self.date(*seen));
        [
            Some(fact(&self.say(&words::cash()), &known(account.cash))),
            Some(fact(&self.say(&words::orderable()), &known(account.buying_power))),
            Some(fact(&self.say(&words::holdings()), &known(account.positions))),
            pending.map(|pending| fact(&self.say(&words::pending()), &money(pending))),
            account.reserved().map(|reserved| fact(&self.say(&words::reserved()), &money(reserved))),
            latest.map(|latest| fact(&self.say(&words::latest_transfer()), &transfer(latest))),
            Some(fact(&self.say(&words::market()), &format!("{}{}", self.say(&market), date.unwrap_or_default()))),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The total and its change; an unknown one as it was known last.
    fn headline(&self, samples: &[Sample]) -> String {
        let unknown = format!("<strong>{}</strong>", self.say(&words::unknown()));
        match (self.status.account.total, samples.last()) {
            (Some(total), _) => format!(
                "<strong>{}<span class=\"unit\">USD</span></strong>{}",
                money(total),
                self.change_of_date(total)
            ),
            (None, None) => unknown,
            (None, Some(Sample { at, total, .. })) => {
                let last = words::last_known(&grouped(*total), &self.when(*at));
                format!("{unknown}{}", muted(&self.say(&last)))
            }
        }
    }

    /// The change of the total since the trading date's first sample, without what was paid in or out.
    fn change_of_date(&self, total: Usd) -> String {
        let Some(day) = self.status.daily_loss else { return String::new() };
        let Some(change) = percent_change(day.first_total, total) else { return String::new() };
        let (class, arrow) = direction(change.round_dp(2));
        let date = day.trading_date;
        let since = if self.is_today(date) { words::since_first_today() } else { words::since_first(date) };
        let since = muted(&self.say(&since));
        let amount = grouped_signed(total - day.first_total);
        format!("<span class=\"{class}\">{arrow}{amount} ({}) {since}</span>", signed(change))
    }

    /// A chart a range, of which the page shows the one whose button was used last: each button is a link to its chart.
    fn charts(&self, samples: &[Sample]) -> String {
        let (points, mut signs) = (points_of(samples), transfers_of(samples));
        let has_transfers = !signs.is_empty();
        signs.extend(self.status.traded.iter().map(|(at, side)| (*at, sign_of(*side))));
        signs.sort();
        let ranges: Vec<(&str, Sentence, &[Point])> = ranges_of(&points, self.report.at);
        if ranges.is_empty() {
            return note(&self.say(&words::no_chart()));
        }
        let Some(default) = ranges.iter().position(|(id, ..)| *id == "months").or(Some(ranges.len() - 1)) else {
            return String::new();
        };
        // The one that shows without a button comes last, so that a chosen one before it can hide it.
        let others = (0..ranges.len()).filter(|n| *n != default);
        let chart = |n: usize| {
            let (id, name, points) = &ranges[n];
            let class = if n == default { "range default" } else { "range" };
            let (buttons, chart) = (self.buttons(&ranges, n), self.chart(id, name, points, &signs));
            format!("<div class=\"{class}\" id=\"range-{id}\">\n{buttons}{chart}</div>\n")
        };
        let charts: String = others.chain([default]).map(chart).collect();
        format!(
            "{SHAPES}<div class=\"ranges\">\n{charts}</div>\n{}{}",
            self.legend(&signs, has_transfers),
            self.table(samples)
        )
    }

    fn buttons(&self, ranges: &[(&str, Sentence, &[Point])], shown: usize) -> String {
        if ranges.len() < 2 {
            return String::new();
        }
        let button = |(n, (id, name, _)): (usize, &(&str, Sentence, &[Point]))| {
            let current = if n == shown { " aria-current=\"true\"" } else { "" };
            format!("<a href=\"#range-{id}\"{current}>{}</a>", self.say(name))
        };
        let buttons: String = ranges.iter().enumerate().map(button).collect();
        format!("<nav class=\"buttons\" aria-label=\"{}\">{buttons}</nav>\n", self.text(&words::range()))
    }

    fn chart(&self, id: &str, name: &Sentence, points: &[Point], signs: &[(DateTime<Utc>, Sign)]) -> String {
        let (Some((from, first)), Some((until, last))) = (points.first(), points.last()) else { return String::new() };
        let totals = points.iter().map(|(_, total)| *total);
        let (low, high) = (totals.clone().min().unwrap_or_default(), totals.clone().max().unwrap_or_default());
        let [first, last, low, high] = [*first, *last, low, high].map(|total| grouped(Usd(total)));
        let about = words::chart_about(&first, &self.date(*from), &last, &self.date(*until), &low, &high);
        let marks = round_marks(totals);
        let has_cents = marks.iter().any(|mark| !mark.fract().is_zero());
        let words = |mark: Decimal| {
            let text = grouped(Usd(mark));
            if has_cents { text } else { text.trim_end_matches("00").trim_end_matches('.').to_owned() }
        };
        let span = *until - *from;
        Chart {
            id: &format!("chart-{id}"),
            title: self.text(&words::chart(name)),
            description: self.text(&about),
            points,
            other: &[],
            signs,
            marks: marks.into_iter().map(|mark| (mark, words(mark))).collect(),
            times: (0..=4).map(|part| self.axis_label(*from + span * part / 4, span)).collect(),
        }
        .to_html()
    }

    /// Which sign is what, as far as there are some.
    fn legend(&self, signs: &[(DateTime<Utc>, Sign)], has_transfers: bool) -> String {
        let words = [
            (Sign::Buy, words::buy_mark()),
            (Sign::Sell, words::sell_mark()),
            (Sign::Transfer, words::transfer_mark()),
        ];
        let used = words.iter().filter(|(sign, _)| signs.iter().any(|(_, other)| other == sign));
        let legend: String = used.map(|(sign, words)| legend(*sign, &self.say(words))).collect();
        let about = has_transfers.then(|| note(&self.say(&words::without_transfers())));
        let legend =
            if legend.is_empty() { legend } else { format!("<p class=\"legend\" aria-hidden=\"true\">{legend}</p>\n") };
        format!("{legend}{}", about.unwrap_or_default())
    }

    /// The last total of each of the latest dates, and what was paid in or out since the one before.
    fn table(&self, samples: &[Sample]) -> String {
        let dates: BTreeMap<NaiveDate, &Sample> =
            samples.iter().map(|sample| (new_york_date(sample.at), sample)).ordered();
        let dates: Vec<(NaiveDate, &Sample)> = dates.into_iter().collect();
        let rows = dates.iter().enumerate().rev().take(MAX_DATES).map(|(n, (date, sample))| {
            let before = n.checked_sub(1).and_then(|before| dates.get(before));
            let moved = before.map(|(_, before)| sample.transfers - before.transfers);
            let moved = moved.filter(|moved| *moved != Usd::ZERO).map(grouped_signed);
            vec![date.to_string(), money(sample.total), moved.unwrap_or_default()]
        });
        let columns = [
            Column::text(self.text(&words::date())),
            Column::number(self.text(&words::total())),
            Column::number(self.text(&words::transfers())),
        ];
        let caption = self.text(&words::totals_caption());
        let table = table("plain", &caption, &columns, &rows.collect::<Vec<_>>(), None);
        folded(&self.say(&words::totals_table()), &caption, &table)
    }
}

fn sign_of(side: Side) -> Sign {
    match side {
        Side::Buy => Sign::Buy,
        Side::Sell => Sign::Sell,
    }
}

/// The totals as though all that was ever paid in or out had been so from the start: what is left is what trading did.
fn points_of(samples: &[Sample]) -> Vec<Point> {
    let Some(last) = samples.last() else { return Vec::new() };
    samples.iter().map(|sample| (sample.at, sample.as_base_of(last).0)).collect()
}

/// When something was paid in or out. What a single look could not explain and the next one could is none.
fn transfers_of(samples: &[Sample]) -> Vec<(DateTime<Utc>, Sign)> {
    let mut transfers: Vec<(DateTime<Utc>, Usd)> = Vec::new();
    for pair in samples.windows(2) {
        let moved = pair[1].transfers - pair[0].transfers;
        match transfers.last() {
            _ if moved == Usd::ZERO => {}
            Some((_, before)) if *before + moved == Usd::ZERO => drop(transfers.pop()),
            _ => transfers.push((pair[1].at, moved)),
        }
    }
    transfers.into_iter().map(|(at, _)| (at, Sign::Transfer)).collect()
}

/// The ranges that differ, each with its name; none without a line.
fn ranges_of(points: &[Point], now: DateTime<Utc>) -> Vec<(&'static str, Sentence, &[Point])> {
    let is_line = |points: &[Point]| match points {
        [first, .., last] => last.0 - first.0 >= TimeDelta::minutes(1),
        _ => false,
    };
    let since = |span: TimeDelta| &points[points.partition_point(|(at, _)| *at < now - span)..];
    let is_part = |part: &[Point]| is_line(part) && part.len() < points.len();
    let mut ranges =
        vec![("days", words::range_week(), since(WEEK)), ("months", words::range_months(), since(QUARTER))];
    ranges.retain(|(_, _, part)| is_part(part));
    if is_line(points) {
        ranges.push(("all", words::range_all(), points));
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::test_support::{at, usd};

    fn sample(hours_ago: i64, total: &str, transfers: &str) -> Sample {
        let at = at("11:00:00") - TimeDelta::hours(hours_ago);
        Sample { at, total: usd(total), transfers: usd(transfers), ..Sample::default() }
    }

    #[test]
    fn what_was_paid_in_is_marked_and_no_profit() {
        let samples =
            [sample(3, "1000", "0"), sample(2, "1010", "0"), sample(1, "1511", "500"), sample(0, "1520", "500")];
        let points: Vec<String> = points_of(&samples).iter().map(|(_, total)| total.to_string()).collect();
        assert_eq!(points, ["1500", "1510", "1511", "1520"]);
        assert_eq!(transfers_of(&samples), [(samples[2].at, Sign::Transfer)]);
        let doubted = [sample(3, "1000", "0"), sample(2, "1400", "400"), sample(1, "1000", "0")];
        assert_eq!(transfers_of(&doubted), [], "the next look explained it");
        let back = [sample(3, "1000", "0"), sample(2, "1400", "400"), sample(1, "1300", "300")];
        assert_eq!(transfers_of(&back).len(), 2);
    }

    #[test]
    fn a_range_is_offered_where_it_shows_less_than_all() {
        let ids = |hours: &[i64]| -> Vec<&str> {
            let points: Vec<Point> = hours.iter().map(|ago| (sample(*ago, "1", "0").at, Decimal::ONE)).collect();
            ranges_of(&points, at("11:00:00")).into_iter().map(|(id, ..)| id).collect()
        };
        assert!(ids(&[]).is_empty() && ids(&[1]).is_empty() && ids(&[0, 0]).is_empty());
        assert_eq!(ids(&[30, 0]), ["all"]);
        assert_eq!(ids(&[500, 30, 0]), ["days", "all"]);
        assert_eq!(ids(&[500, 400]), ["all"], "nothing of the week");
        assert_eq!(ids(&[9_000, 500, 30, 0]), ["days", "months", "all"]);
    }
}
