//! The status table for people.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::market_session::{korea, new_york, new_york_date};
use crate::domain::money::show_percent;
use crate::domain::{DailyLoss, ReasonLine, Reasons, Sample, Transfer, Usd};
use crate::exit::{Reason, RunResult};
use crate::language::counts::{Age, Days, Looks};
use crate::language::{Language, Say, Sentence};
use crate::ordered::Ordered;
use crate::report::status::{LastRunLine, SetAsideLine, StandingLine, StatusReport, words};
use crate::report::strategy::strategies;
use crate::report::table::{columns, pad, pad_left};
use crate::report::{Report, Screen};

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Most blocks: the line fits into 80 columns.
const MAX_BLOCKS: usize = 30;
/// Most transfers on the line.
const MAX_TRANSFERS: usize = 5;
/// Fewer say nothing.
const MIN_BLOCKS: usize = 5;
/// Terminal cells of the first column, in both languages.
const LABEL_CELLS: usize = 10;

impl StatusReport {
    /// The table for people, mode first.
    pub fn to_text(&self, report: &Report, screen: Screen) -> String {
        let language = report.language;
        let mut lines = vec![words::account_number(&report.mode_words(), &self.account_number)];
        lines.extend(self.stop_lines(report));
        lines.extend(self.account_lines(report, screen));
        let mut text = text_of(&lines, language);
        text.push_str(&self.positions_text(language));
        if !self.strategies.is_empty() {
            text.push_str(&part_title(strategies(), Some(false), language));
            for strategy in &self.strategies {
                let lines = strategy.sentences().into_iter().enumerate();
                let lines = lines
                    .map(|(place, said)| said.map(|text| format!("{}{text}", if place == 0 { "  " } else { "    " })));
                text.push_str(&text_of(&lines.collect::<Vec<_>>(), language));
            }
        }
        text.extend(self.profit.iter().map(|profit| profit.to_text(self.unrealised, language)));
        text.push_str(&self.orders_text(report));
        text.push_str(&text_of(&self.event_lines(), language));
        text.push_str(&part_title(words::last_runs(), self.last_runs.as_ref().map(BTreeMap::is_empty), language));
        for (command, run) in self.last_runs.iter().flatten() {
            text.push_str(run_line(command, run, report).in_language(language).trim_end());
            text.push('\n');
        }
        text.extend(self.reasons.iter().flatten().map(|(command, reasons)| reasons_text(command, reasons, language)));
        text.push_str(&text_of(self.old_journal_line().as_slice(), language));
        text
    }

    fn stop_lines(&self, report: &Report) -> Vec<Sentence> {
        let mut lines = Vec::new();
        if let Some(reason) = &self.halt_reason {
            lines.push(words::halted(reason));
        }
        if report.has_stop(Reason::SellOnly) {
            lines.push(words::sell_only());
        }
        if let Some(DailyLoss { change, trading_date, limit, .. }) = self.daily_loss.filter(|loss| loss.is_past_limit) {
            lines.push(words::daily_loss(&show_percent(change), trading_date, &limit.normalize().to_string()));
        }
        lines
    }

    /// Times, market, token, account: a label and what there is to say of it.
    fn account_lines(&self, report: &Report, screen: Screen) -> Vec<Sentence> {
        let mut lines = vec![
            (words::new_york(), Sentence::verbatim(new_york(report.at))),
            (words::korea(), Sentence::verbatim(korea(report.at))),
        ];
        if let Some(market) = report.market {
            lines.push((words::market(), words::market_is(market.phase, market.trading_date)));
        }
        lines.push((words::token(), token_words(report)));
        let account = &self.account;
        let account = words::account_is(
            &amount(account.cash),
            &amount(account.buying_power),
            &amount(account.positions),
            &account.held_elsewhere(),
            &amount(account.total),
        );
        lines.push((words::account(), account));
        let trend = self.history.as_deref().filter(|_| screen.can_draw).and_then(trend);
        lines.extend(trend.map(|trend| (words::trend(), trend)));
        lines.into_iter().map(|(label, about)| label.map(|text| pad(text, LABEL_CELLS)).and("", &about)).collect()
    }

    /// Transfers, what is set aside, what lasts, cool-downs.
    fn event_lines(&self) -> Vec<Sentence> {
        let mut lines = Vec::new();
        let latest: Vec<_> = self.transfers.iter().rev().take(MAX_TRANSFERS).rev().map(transfer_words).collect();
        if !latest.is_empty() {
            lines.push(words::transfers(&Sentence::joined(&latest, ", ")));
        }
        lines.extend(self.set_aside.iter().flatten().map(|SetAsideLine { symbol, reason, since, detail }| {
            words::set_aside(symbol, reason, &new_york(*since), detail)
        }));
        lines.extend(self.standing.iter().flatten().map(|line| {
            let StandingLine { command, reason, since, .. } = line;
            words::standing(command, reason, &new_york(*since), &line.text())
        }));
        let cooldowns = self.cooldowns.iter().flatten().map(|(symbol, until)| words::cooldown(symbol, *until));
        let cooldowns: Vec<_> = cooldowns.collect();
        if !cooldowns.is_empty() {
            lines.push(words::cooldowns(&Sentence::joined(&cooldowns, ", ")));
        }
        lines
    }

    fn old_journal_line(&self) -> Option<Sentence> {
        match self.old_journals.as_slice() {
            [] => None,
            [only] => Some(words::old_journal(only)),
            [first, .., last] => Some(words::old_journals(first, last, self.old_journals.len())),
        }
    }
}

fn text_of(lines: &[Sentence], language: Language) -> String {
    lines.iter().map(|line| format!("{}\n", line.in_language(language))).collect()
}

/// The title of a part that could not be read (`None`), is empty, or has lines.
pub(super) fn part_title(part: Sentence, is_empty: Option<bool>, language: Language) -> String {
    let title = match is_empty {
        None => words::unreadable(&part),
        Some(true) => words::none(&part),
        Some(false) => part,
    };
    format!("{}\n", title.in_language(language))
}

/// An amount in USD that may be unknown.
pub(super) fn amount(usd: Option<Usd>) -> Sentence {
    usd.map_or_else(words::unknown, |usd| Sentence::of(&usd.to_cents()))
}

/// An age in a column of its own; `?` where it is unknown.
pub(super) fn age_cell(age: Option<TimeDelta>) -> Sentence {
    let said = |language| age.map_or_else(|| "?".to_owned(), |age| Age(age).say(language).to_string());
    Sentence { en: pad_left(&said(Language::English), 7), ko: pad_left(&said(Language::Korean), 11) }
}

fn transfer_words(transfer: &Transfer) -> Sentence {
    let plus = Sentence::verbatim(if transfer.usd.is_positive() { "+" } else { "" });
    words::transfer(&plus.and("", &Sentence::of(&transfer.usd.to_cents())), new_york_date(transfer.seen))
}

fn run_line(command: &str, run: &LastRunLine, report: &Report) -> Sentence {
    let results = [
        (RunResult::Done, words::done as fn() -> Sentence),
        (RunResult::NothingToDo, words::nothing_to_do),
        (RunResult::Failed, words::failed),
    ];
    let result = results.iter().find(|(result, _)| result.word() == run.result);
    let result = result.map_or_else(|| Sentence::verbatim(&run.result), |(_, words)| words());
    let reason = run.reason.as_deref();
    let reason = reason.map(|reason| Sentence { en: format!(" {reason}"), ko: format!("({reason})") });
    let (at, age) = (new_york(run.at), age_cell(Some(report.at - run.at)));
    words::ran(command, &at, &age, run.exit_code, &result, &reason.unwrap_or_default())
}

/// The reasons of the last buy or sell that decided, by symbol.
fn reasons_text(command: &str, reasons: &Reasons, language: Language) -> String {
    let detail = Sentence::verbatim(reasons.reason.as_deref().unwrap_or("")).and(": ", &reasons.detail);
    let row = |line: &ReasonLine| {
        vec![line.symbol.to_string(), line.rule.clone(), line.detail.in_language(language).to_owned()]
    };
    let rows: Vec<Vec<String>> = reasons.lines.iter().map(row).collect();
    let title = words::reasons(command, &new_york(reasons.at), &detail);
    format!("{}\n{}", title.in_language(language), columns(&rows))
}

fn token_words(report: &Report) -> Sentence {
    let Some(token) = &report.token else { return words::unknown() };
    match token.seconds_left.zip(token.expires_at) {
        Some((left, until)) => words::token_lives(token.state, Age(TimeDelta::seconds(left)), &korea(until)),
        None => words::token_is(token.state),
    }
}

/// `▁▃▅█  9900.10 to 10203.44 in 12 days`; `None` when there is too little to draw. A block a day, or a block a sample while
/// there are too few days.
fn trend(samples: &[Sample]) -> Option<Sentence> {
    let days: BTreeMap<NaiveDate, Usd> =
        samples.iter().map(|sample| (new_york_date(sample.at), sample.total)).ordered();
    let is_by_day = days.len() >= MIN_BLOCKS;
    let totals: Vec<Usd> =
        if is_by_day { days.into_values().collect() } else { samples.iter().map(|sample| sample.total).collect() };
    let totals = &totals[totals.len().saturating_sub(MAX_BLOCKS)..];
    let (low, high) = (*totals.iter().min()?, *totals.iter().max()?);
    let blocks: String = totals.iter().map(|total| block(*total, low, high)).collect();
    let (low, high, count) = (low.to_cents(), high.to_cents(), totals.len() as u64);
    match (totals.len() >= MIN_BLOCKS, is_by_day) {
        (false, _) => None,
        (true, true) => Some(words::trend_in_days(&blocks, low, high, Days(count))),
        (true, false) => Some(words::trend_in_looks(&blocks, low, high, Looks(count))),
    }
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
    use crate::domain::Job;
    use crate::exit::Ending;

    fn samples(step: TimeDelta, totals: &[i64]) -> Vec<Sample> {
        let place = |(n, total): (usize, &i64)| Sample {
            at: at("10:00:00") + step * i32::try_from(n).unwrap(),
            total: Usd(Decimal::new(*total, 0)),
            ..Sample::default()
        };
        totals.iter().enumerate().map(place).collect()
    }

    #[test]
    fn a_run_is_shown_with_its_result_and_its_reason() {
        let report = Report::new(Some(Job::Status), None, at("10:03:04"), Ending::default());
        for (result, reason, en, ko) in [
            (RunResult::Done, None, "3m04s ago  exit 0   done", "3분 4초 전  종료 코드 0   완료"),
            (
                RunResult::NothingToDo,
                Some("no_position"),
                "exit 0   nothing_to_do no_position",
                "할 일 없음(no_position)",
            ),
        ] {
            let (result, reason) = (result.word().to_owned(), reason.map(str::to_owned));
            let run = LastRunLine { at: at("10:00:00"), exit_code: 0, result, reason, recent: Vec::new() };
            let line = run_line("sell", &run, &report);
            assert!(line.en.ends_with(en) && line.ko.ends_with(ko), "{line:?}");
        }
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
            assert_eq!(trend(&samples(step, totals)).map(|trend| trend.en).as_deref(), shown, "{totals:?}");
        }
        let year: Vec<i64> = (0..250).map(|n| 987_000 + n).collect();
        let shown = trend(&samples(day, &year)).unwrap();
        assert!(shown.ends_with("█  987220.00 to 987249.00 in 30 days"), "{shown}");
        assert!("Trend     ".len() + shown.chars().count() <= 80, "{shown}");
    }
}
