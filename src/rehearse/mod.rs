//! `kis-rehearse`: the strategies of a configuration over daily bars. Owns a desk made of bars, at which the program's own stories run,
//! and what is said of how they went. It reads the configuration and the bars, and writes only what it is asked to write.

mod args;
mod bars;
mod broker;
mod desk;
mod fast;
mod rows;
mod words;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::rc::Rc;

use chrono::NaiveDate;
use clap::Parser;
use rust_decimal::Decimal;

use crate::config::{self, Environment, Settings};
use crate::domain::market_session::session_of;
use crate::domain::money::{percent_change, show_percent};
use crate::domain::{Mode, Percent, Symbol, Usd};
use crate::exit::{Exit, Failure, Reason};
use crate::language::{Language, Sentence};
use args::Arguments;
use bars::Market;
use fast::Play;
use rows::{Row, Sum, rows_of, to_csv};

/// What is printed, and how the process ends.
#[derive(Debug)]
pub struct Answer {
    /// For standard output.
    pub out: String,
    /// For standard error.
    pub errors: String,
    /// The exit code.
    pub code: u8,
}

/// A rehearsal that was played.
struct Played {
    language: Language,
    principal: Usd,
    rows: Vec<Row>,
    sum: Sum,
    /// What the same money would have made by being held, with its deepest fall; both in percent.
    holding: (Percent, Percent),
    warnings: Vec<Sentence>,
}

/// Runs the program from its arguments to what it prints.
pub fn run(arguments: &[OsString]) -> Answer {
    let environment = Environment::from_process();
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let text = error.render().to_string();
            return match error.use_stderr() {
                true => Answer { out: String::new(), errors: text, code: Exit::Usage.code() },
                false => Answer { out: text, errors: String::new(), code: Exit::Done.code() },
            };
        }
    };
    match play(&arguments, &environment) {
        Ok(played) => played.answer(arguments.json),
        Err(failure) => refusal(&failure, arguments.json, environment.language()),
    }
}

fn refusal(failure: &Failure, is_json: bool, language: Language) -> Answer {
    let ending = crate::exit::Ending::from(failure.clone());
    let because = ending.because.in_language(language);
    let lines = [
        ("", ending.detail.in_language(language)),
        ("  because: ", because),
        ("  next: ", ending.next.in_language(language)),
    ];
    let text: String =
        lines.iter().filter(|(_, text)| !text.is_empty()).map(|(mark, text)| format!("{mark}{text}\n")).collect();
    let object = serde_json::json!({ "error": failure.to_string(), "exit_code": failure.exit().code() });
    let out = if is_json { format!("{object}\n") } else { String::new() };
    Answer { out, errors: format!("kis-rehearse: {text}"), code: failure.exit().code() }
}

/// Reads everything, plays it and writes the files that were asked for.
fn play(arguments: &Arguments, environment: &Environment) -> Result<Played, Failure> {
    let path = config::config_path(arguments.config.as_deref(), environment)?;
    let settings = config::load(&path, None, environment)?;
    let mut warnings = vec![words::idealised()];
    let play = prepare(settings, arguments, &mut warnings)?;
    let language = play.settings.language;
    let days = play.days();
    let failures: Vec<Sentence> = days.iter().flat_map(|day| day.failures.clone()).collect();
    warnings.extend(failures.first().map(|first| words::runs_failed(failures.len(), first)));
    let rows = rows_of(days, play.principal());
    if let Some(file) = &arguments.csv {
        write(file, &to_csv(&rows))?;
    }
    let sum = Sum::of(&rows);
    Ok(Played {
        language,
        principal: play.principal(),
        holding: holding(&held(&play, &rows), play.principal()),
        rows,
        sum,
        warnings,
    })
}

/// Checks what there is to rehearse, and reads its bars.
fn prepare(mut settings: Settings, arguments: &Arguments, warnings: &mut Vec<Sentence>) -> Result<Play, Failure> {
    if settings.strategies.is_empty() {
        return Err(Failure::new(Reason::ConfigInvalid, words::nothing_to_rehearse()).next(words::add_a_strategy()));
    }
    if settings.mode == Mode::Paper {
        warnings.push(words::as_real(settings.mode.word()));
    }
    if !settings.buy.watch.is_empty() {
        warnings.push(words::strategies_alone());
    }
    settings.mode = Mode::Real;
    settings.buy.watch.clear();
    settings.buy.filter.clear();
    let symbols: BTreeSet<Symbol> =
        settings.strategies.iter().flat_map(|strategy| &strategy.symbols).map(|listed| listed.symbol.clone()).collect();
    let market = bars::load(&arguments.bars, symbols.into_iter(), warnings)?;
    let dates = sessions(&market, arguments.from, arguments.to, warnings);
    if dates.is_empty() {
        return Err(Failure::new(Reason::Usage, words::no_sessions_to_rehearse()).next(words::ask_for_other_dates()));
    }
    let fee_percent = arguments.fee_percent.unwrap_or(settings.fees.percent);
    Ok(Play { settings: Rc::new(settings), market, dates, fee_percent })
}

/// The sessions that have a bar, each symbol having one before the first.
fn sessions(
    market: &Market,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    warnings: &mut Vec<Sentence>,
) -> Vec<NaiveDate> {
    let firsts = market.values().map(|series| series.all().first().map(|bar| bar.date));
    let Some(first) = firsts.collect::<Option<Vec<_>>>().and_then(|firsts| firsts.into_iter().max()) else {
        return Vec::new();
    };
    let dates: BTreeSet<NaiveDate> = market.values().flat_map(|series| series.all()).map(|bar| bar.date).collect();
    let wanted =
        |date: &NaiveDate| *date > first && from.is_none_or(|from| *date >= from) && to.is_none_or(|to| *date <= to);
    let wanted: Vec<NaiveDate> = dates.into_iter().filter(wanted).collect();
    let sessions: Vec<NaiveDate> = wanted.iter().copied().filter(|date| session_of(*date).is_some()).collect();
    let is_cut = wanted.first().is_some_and(|date| crate::domain::nyse_calendar::trading_day(*date).is_none());
    warnings.extend(sessions.first().filter(|_| is_cut).map(|from| words::calendar_begins(*from)));
    sessions
}

/// What the principals would have been worth by each evening, had each strategy bought its symbols, all alike, at the first close.
fn held(play: &Play, rows: &[Row]) -> Vec<Usd> {
    let Some(first) = rows.first() else { return Vec::new() };
    let close =
        |row: &Row, symbol: &Symbol| row.day.closes.iter().find(|(name, _)| name == symbol).map(|(_, close)| *close);
    let value = |row: &Row| -> Option<Usd> {
        let mut sum = Usd::ZERO;
        for strategy in &play.settings.strategies {
            let part = strategy.principal.0 / Decimal::from(strategy.symbols.len().max(1));
            for listed in &strategy.symbols {
                let grown = close(row, &listed.symbol)?.0.checked_div(close(first, &listed.symbol)?.0)?;
                sum = sum + Usd(part.checked_mul(grown)?);
            }
        }
        Some(sum)
    };
    rows.iter().map(|row| value(row).unwrap_or_default()).collect()
}

/// The change of a line of equity, and its deepest fall; both in percent.
fn holding(line: &[Usd], principal: Usd) -> (Percent, Percent) {
    let (mut height, mut deepest) = (principal, Decimal::ZERO);
    for value in line {
        height = height.max(*value);
        deepest = deepest.min(percent_change(height, *value).unwrap_or_default());
    }
    (line.last().and_then(|last| percent_change(principal, *last)).unwrap_or_default(), deepest)
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    crate::store::atomic::replace(file, text.as_bytes())
        .map_err(|error| Failure::new(Reason::StateUnwritable, words::not_written(file)).because(Sentence::from(error)))
}

impl Played {
    fn answer(&self, is_json: bool) -> Answer {
        let code = if self.rows.iter().any(|row| !row.day.failures.is_empty()) { Exit::Unexpected } else { Exit::Done };
        let say = |sentence: &Sentence| format!("{}\n", sentence.in_language(self.language));
        let warnings: String = self.warnings.iter().map(say).collect();
        let (out, errors) = match is_json {
            true => (format!("{}\n", self.sum.to_json()), warnings),
            false => (warnings + &self.summary().iter().map(say).collect::<String>(), String::new()),
        };
        Answer { out, errors, code: code.code() }
    }

    fn summary(&self) -> Vec<Sentence> {
        let Sum { sessions, end, years, drawdown, cycles, reverse_days, days_without_money, unsent } = &self.sum;
        let dates = self.rows.first().zip(self.rows.last()).map(|(first, last)| (first.day.date, last.day.date));
        let (from, to) = dates.unwrap_or_default();
        let change = show_percent(percent_change(self.principal, *end).unwrap_or_default());
        let shown = |usd: Usd| usd.to_cents().with_commas();
        vec![
            words::span(from, to, *sessions, &format!("{years:.2}")),
            words::money(&shown(self.principal), &shown(*end), &change, &show_percent(*drawdown)),
            words::beside_holding(&show_percent(self.holding.0), &show_percent(self.holding.1)),
            words::counts(*cycles, *reverse_days, *days_without_money, *unsent),
        ]
    }
}
