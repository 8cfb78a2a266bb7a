//! The status table for people.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use unicode_width::UnicodeWidthStr;

use crate::domain::market_session::{korea, new_york, new_york_date};
use crate::domain::money::show_percent;
use crate::domain::{DailyLoss, Exchange, OrderId, ReasonLine, Reasons, Sample, Transfer, Usd};
use crate::exit::Reason;
use crate::language::Language;
use crate::report::status::{SetAsideLine, StandingLine, StatusOrder, StatusReport};
use crate::report::table::{columns, pad};
use crate::report::{Report, Screen};

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Most blocks: the line fits into 80 columns.
const MAX_BLOCKS: usize = 30;
/// Most transfers on the line.
const MAX_TRANSFERS: usize = 5;
/// Fewer say nothing.
const MIN_BLOCKS: usize = 5;

impl StatusReport {
    /// The table for people, mode first.
    pub fn to_text(&self, report: &Report, screen: Screen) -> String {
        let mut text = format!("{}  account {}\n{}", report.banner(), self.account_number, self.stops_text(report));
        text.push_str(&format!("New York  {}\nKorea     {}\n", new_york(report.at), korea(report.at)));
        if let Some(market) = report.market {
            text.push_str(&format!("Market    {}, trading date {}\n", market.phase, market.trading_date));
        }
        text.push_str(&format!("Token     {}\n", token_text(report)));
        let amount =
            |amount: Option<Usd>| amount.map_or_else(|| "unknown".to_owned(), |amount| amount.to_cents().to_string());
        text.push_str(&format!(
            "Account   cash {}  orderable {}  positions {}{}  total {} USD\n",
            amount(self.account.cash),
            amount(self.account.buying_power),
            amount(self.account.positions),
            self.account.held_elsewhere(),
            amount(self.account.total)
        ));
        if let Some(trend) = self.history.as_deref().filter(|_| screen.can_draw).and_then(trend) {
            text.push_str(&format!("Trend     {trend}\n"));
        }
        text.push_str(&self.positions_text());
        text.extend(self.profit.iter().map(|profit| profit.to_text(self.unrealised)));
        text.push_str(&orders_text("Open orders", self.open_orders.as_deref(), report.at));
        text.push_str(&orders_text("Unknown orders", self.unknown_orders.as_deref(), report.at));
        text.push_str(&self.transfers_text());
        text.extend(self.set_aside.iter().flatten().map(|line| {
            let SetAsideLine { symbol, reason, since, detail } = line;
            format!(
                "Set aside: {symbol} ({reason}) since {}: {}\n",
                new_york(*since),
                detail.in_language(report.language)
            )
        }));
        text.extend(self.standing.iter().flatten().map(|line| {
            let StandingLine { command, reason, since, .. } = line;
            format!(
                "Standing: {command} {reason} since {}, {}\n",
                new_york(*since),
                line.text().in_language(report.language)
            )
        }));
        let cooldowns = self.cooldowns.iter().flatten().map(|(symbol, until)| format!("{symbol} until {until}"));
        let cooldowns = cooldowns.collect::<Vec<_>>().join(", ");
        if !cooldowns.is_empty() {
            text.push_str(&format!("Cool-downs: {cooldowns}\n"));
        }
        text.push_str(&title("Last runs", self.last_runs.as_ref().map(BTreeMap::is_empty)));
        for (command, run) in self.last_runs.iter().flatten() {
            let reason = run.reason.as_deref().unwrap_or("");
            let line = format!(
                "  {command:<12} {}  {:>7} ago  exit {:<3} {} {reason}",
                new_york(run.at),
                show_age(report.at - run.at),
                run.exit_code,
                run.result
            );
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text.extend(
            self.reasons.iter().flatten().map(|(command, reasons)| reasons_text(command, reasons, report.language)),
        );
        text.push_str(&self.old_journals_text());
        text
    }

    fn stops_text(&self, report: &Report) -> String {
        let mut text = String::new();
        if let Some(reason) = &self.halt_reason {
            text.push_str(&format!("HALTED: {reason}\n"));
        }
        if report.has_stop(Reason::SellOnly) {
            text.push_str("SELL ONLY: [limits] trading = \"sell_only\", nothing is bought\n");
        }
        if let Some(DailyLoss { change, trading_date, limit, .. }) = self.daily_loss.filter(|loss| loss.is_past_limit) {
            let (change, limit) = (show_percent(change), limit.normalize());
            text.push_str(&format!(
                "DAILY LOSS: {change} % since the first look of {trading_date}, more than {limit} %: no more buys that day\n"
            ));
        }
        text
    }

    /// The latest transfers, on one line.
    fn transfers_text(&self) -> String {
        let latest = self.transfers.iter().rev().take(MAX_TRANSFERS).rev();
        let words = |transfer: &Transfer| {
            let plus = if transfer.usd.is_positive() { "+" } else { "" };
            format!("{plus}{} USD on {}", transfer.usd.to_cents(), new_york_date(transfer.seen))
        };
        let transfers = latest.map(words).collect::<Vec<_>>().join(", ");
        if transfers.is_empty() { transfers } else { format!("Transfers: {transfers}\n") }
    }

    fn old_journals_text(&self) -> String {
        match self.old_journals.as_slice() {
            [] => String::new(),
            [only] => {
                format!("Old journal: {only}; only `status --profit` reads it now, archive or delete it as you like\n")
            }
            [first, .., last] => format!(
                "Old journals: {first} to {last}; only `status --profit` reads these {} now, archive or delete them as you like\n",
                self.old_journals.len()
            ),
        }
    }

    fn positions_text(&self) -> String {
        let mut text = title("Positions", self.positions.as_ref().map(Vec::is_empty));
        let Some(positions) = self.positions.as_ref().filter(|lines| !lines.is_empty()) else { return text };
        text.push_str("  symbol   exch    shares  sellable        cost        last    profit\n");
        let widest = positions.iter().map(|line| line.name.width()).max().unwrap_or(0);
        for line in positions {
            let note = match (line.is_managed, line.stop_loss_shares) {
                (true, _) => String::new(),
                (false, None) => "  not managed".to_owned(),
                (false, Some(own)) => format!("  not managed; the stop loss of {own} own shares goes on"),
            };
            let price = |price: Option<Usd>| price.map_or_else(|| "?".to_owned(), |price| price.to_string());
            let profit = line.profit_percent.as_ref().map_or_else(|| "?".to_owned(), |profit| format!("{profit} %"));
            let row = format!(
                "  {:<8} {:<4} {:>9} {:>9} {:>11} {:>11} {:>9}  {}{note}",
                line.symbol,
                line.exchange.map_or("?", Exchange::word),
                line.quantity,
                line.sellable_quantity,
                price(line.average_cost),
                price(line.last),
                profit,
                pad(&line.name, widest)
            );
            text.push_str(row.trim_end());
            text.push('\n');
        }
        text
    }
}

impl StatusOrder {
    fn to_text(&self, now: DateTime<Utc>) -> String {
        let number = self.order_id.as_ref().map_or_else(|| "?".to_owned(), OrderId::to_string);
        let age = self.submitted_at.map_or_else(|| "?".to_owned(), |at| show_age(now - at));
        let owner = self.intent_id.as_deref().unwrap_or("not ours");
        let ids = self.candidates.iter().flatten().map(OrderId::to_string).collect::<Vec<_>>().join(", ");
        let candidates = if ids.is_empty() { String::new() } else { format!("  candidates: {ids}") };
        let said = self.said.as_ref().map(|said| format!("  KIS: {said}")).unwrap_or_default();
        format!(
            "  {:<4} {:>6} {:<8} @ {:>10}  filled {:>5}  age {:>7}  {number:>10}  {owner}{candidates}{said}\n",
            self.side,
            self.quantity,
            self.symbol,
            self.limit_price.to_string(),
            self.filled_quantity,
            age
        )
    }
}

/// The title of a part that could not be read (`None`), is empty, or has lines.
fn title(name: &str, is_empty: Option<bool>) -> String {
    match is_empty {
        None => format!("{name}: could not be read\n"),
        Some(true) => format!("{name}: none\n"),
        Some(false) => format!("{name}\n"),
    }
}

fn orders_text(name: &str, orders: Option<&[StatusOrder]>, now: DateTime<Utc>) -> String {
    let lines = orders.iter().flat_map(|orders| orders.iter()).map(|order| order.to_text(now));
    std::iter::once(title(name, orders.map(<[_]>::is_empty))).chain(lines).collect()
}

/// The reasons of the last buy or sell that decided, by symbol.
fn reasons_text(command: &str, reasons: &Reasons, language: Language) -> String {
    let reason = reasons.reason.as_deref().map(|reason| format!("{reason}: ")).unwrap_or_default();
    let row = |line: &ReasonLine| {
        vec![line.symbol.to_string(), line.rule.clone(), line.detail.in_language(language).to_owned()]
    };
    let rows: Vec<Vec<String>> = reasons.lines.iter().map(row).collect();
    format!(
        "Reasons of the {command} of {}: {reason}{}\n{}",
        new_york(reasons.at),
        reasons.detail.in_language(language),
        columns(&rows)
    )
}

fn token_text(report: &Report) -> String {
    let Some(token) = &report.token else { return "unknown".to_owned() };
    let left = token.life().map(|(left, until)| format!(", {left} left (until {})", korea(until)));
    format!("{}{}", token.state.word(), left.unwrap_or_default())
}

/// `2d03h`, `23h59m`, `59m03s`, `3s`.
pub fn show_age(age: TimeDelta) -> String {
    let seconds = age.num_seconds().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, minutes) => format!("{minutes}m{:02}s", seconds % 60),
        (0, hours, minutes) => format!("{hours}h{minutes:02}m"),
        (days, hours, _) => format!("{days}d{hours:02}h"),
    }
}

/// `▁▃▅█  9900.10 to 10203.44 in 12 days`; `None` when there is too little to draw. A block a day, or a block a sample while
/// there are too few days.
fn trend(samples: &[Sample]) -> Option<String> {
    let days: BTreeMap<NaiveDate, Usd> =
        samples.iter().map(|sample| (new_york_date(sample.at), sample.total)).collect();
    let (totals, what): (Vec<Usd>, &str) = if days.len() >= MIN_BLOCKS {
        (days.into_values().collect(), "days")
    } else {
        (samples.iter().map(|sample| sample.total).collect(), "looks")
    };
    let totals = &totals[totals.len().saturating_sub(MAX_BLOCKS)..];
    let (low, high) = (*totals.iter().min()?, *totals.iter().max()?);
    let blocks: String = totals.iter().map(|total| block(*total, low, high)).collect();
    (totals.len() >= MIN_BLOCKS)
        .then(|| format!("{blocks}  {} to {} in {} {what}", low.to_cents(), high.to_cents(), totals.len()))
}

fn block(total: Usd, low: Usd, high: Usd) -> char {
    let share = (total - low).0.checked_mul(Decimal::from(7)).and_then(|part| part.checked_div((high - low).0));
    let level = share.and_then(|share| share.round().to_usize()).unwrap_or(0);
    BLOCKS[level.min(7)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::test_support::at;

    fn samples(step: TimeDelta, totals: &[i64]) -> Vec<Sample> {
        let place = |(n, total): (usize, &i64)| Sample {
            at: at("10:00:00") + step * i32::try_from(n).unwrap(),
            total: Usd(Decimal::new(*total, 0)),
            ..Sample::default()
        };
        totals.iter().enumerate().map(place).collect()
    }

    #[test]
    fn a_block_a_day_and_none_for_too_few() {
        let (day, minutes) = (TimeDelta::days(1), TimeDelta::minutes(20));
        for (step, totals, shown) in [
            (day, &[100, 107, 103, 101, 106][..], Some("▁█▄▂▇  100.00 to 107.00 in 5 days")),
            (day, &[5, 5, 5, 5, 5], Some("▁▁▁▁▁  5.00 to 5.00 in 5 days")),
            (day, &[1, 2, 3, 4], None),
            (minutes, &[1, 2, 3, 4, 8], Some("▁▂▃▄█  1.00 to 8.00 in 5 looks")),
            (minutes, &[], None),
        ] {
            assert_eq!(trend(&samples(step, totals)).as_deref(), shown, "{totals:?}");
        }
        let year: Vec<i64> = (0..250).map(|n| 987_000 + n).collect();
        let shown = trend(&samples(day, &year)).unwrap();
        assert!(shown.ends_with("█  987220.00 to 987249.00 in 30 days"), "{shown}");
        assert!("Trend     ".len() + shown.chars().count() <= 80, "{shown}");
    }
}
