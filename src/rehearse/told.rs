//! What is said of a rehearsal: on the terminal, as JSON and as a page.

use chrono::{Datelike, NaiveTime};
use rust_decimal::Decimal;

use crate::domain::market_session::session_of;
use crate::domain::money::{percent_change, show_percent};
use crate::domain::{Percent, Symbol, Usd};
use crate::exit::{Ending, Exit, Failure};
use crate::language::{Language, Sentence};
use crate::rehearse::fast::Play;
use crate::rehearse::rows::{Row, Sum};
use crate::rehearse::words;
use crate::report::RehearsalPage;

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

impl Answer {
    /// One sentence about what was done.
    pub(super) fn done(said: &Sentence, is_json: bool, language: Language) -> Answer {
        let out = match is_json {
            true => format!("{}\n", serde_json::json!({ "detail": said.en })),
            false => format!("{}\n", said.in_language(language)),
        };
        Answer { out, errors: String::new(), code: Exit::Done.code() }
    }
}

/// The answer of a rehearsal that could not be played.
pub(super) fn refusal(failure: &Failure, is_json: bool, language: Language) -> Answer {
    let ending = Ending::from(failure.clone());
    let lines = [("", &ending.detail), ("  because: ", &ending.because), ("  next: ", &ending.next)];
    let said = lines.iter().filter(|(_, sentence)| !sentence.is_empty());
    let text: String = said.map(|(mark, sentence)| format!("{mark}{}\n", sentence.in_language(language))).collect();
    let object = serde_json::json!({ "error": failure.to_string(), "exit_code": failure.exit().code() });
    let out = if is_json { format!("{object}\n") } else { String::new() };
    Answer { out, errors: format!("kis-rehearse: {text}"), code: failure.exit().code() }
}

/// A rehearsal that was played.
pub(super) struct Played {
    language: Language,
    symbols: Vec<Symbol>,
    principal: Usd,
    rows: Vec<Row>,
    /// What the principals would have been worth each evening by being held.
    held: Vec<Usd>,
    warnings: Vec<Sentence>,
    sum: Sum,
}

impl Played {
    pub(super) fn new(play: &Play, rows: Vec<Row>, mut warnings: Vec<Sentence>) -> Played {
        let failures: Vec<&Sentence> = rows.iter().flat_map(|row| &row.day.failures).collect();
        warnings.extend(failures.first().map(|first| words::runs_failed(failures.len(), first)));
        Played {
            language: play.settings.language,
            symbols: play.symbols(),
            principal: play.principal(),
            held: held(play, &rows),
            sum: Sum::of(&rows),
            rows,
            warnings,
        }
    }

    /// What is printed.
    pub(super) fn answer(&self, is_json: bool) -> Answer {
        let has_failed = self.rows.iter().any(|row| !row.day.failures.is_empty());
        let code = if has_failed { Exit::Unexpected } else { Exit::Done };
        let say = |sentence: &Sentence| format!("{}\n", sentence.in_language(self.language));
        let first: String = std::iter::once(&words::idealised()).chain(&self.warnings).map(say).collect();
        let (out, errors) = match is_json {
            true => (format!("{}\n", self.sum.to_json()), first),
            false => (first + &self.summary().iter().map(say).collect::<String>(), String::new()),
        };
        Answer { out, errors, code: code.code() }
    }

    fn span(&self) -> Sentence {
        let dates = self.rows.first().zip(self.rows.last()).map(|(first, last)| (first.day.date, last.day.date));
        let (from, to) = dates.unwrap_or_default();
        words::span(from, to, self.sum.sessions, &format!("{:.2}", self.sum.years))
    }

    fn change(&self) -> String {
        show_percent(percent_change(self.principal, self.sum.end).unwrap_or_default())
    }

    /// What holding would have made, and its deepest fall; both in percent.
    fn holding(&self) -> (String, String) {
        let (mut height, mut deepest) = (self.principal, Decimal::ZERO);
        for value in &self.held {
            height = height.max(*value);
            deepest = deepest.min(percent_change(height, *value).unwrap_or_default());
        }
        let change = self.held.last().and_then(|last| percent_change(self.principal, *last));
        (show_percent(change.unwrap_or_default()), show_percent(deepest))
    }

    fn summary(&self) -> Vec<Sentence> {
        let Sum { end, drawdown, cycles, reverse_days, days_without_money, .. } = &self.sum;
        let shown = |usd: Usd| usd.to_cents().with_commas();
        let (change, deepest) = self.holding();
        vec![
            self.span(),
            words::money(&shown(self.principal), &shown(*end), &self.change(), &show_percent(*drawdown)),
            words::beside_holding(&change, &deepest),
            words::counts(*cycles, *reverse_days, *days_without_money, &self.sum.unsent_words()),
        ]
    }

    /// The page.
    pub(super) fn page(&self) -> RehearsalPage {
        let symbols: Vec<&str> = self.symbols.iter().map(Symbol::as_str).collect();
        let at = |row: &Row| {
            session_of(row.day.date).map_or(row.day.date.and_time(NaiveTime::MIN).and_utc(), |day| day.closes_at)
        };
        let times = self.rows.iter().map(at);
        RehearsalPage {
            language: self.language,
            title: symbols.join(", "),
            span: self.span(),
            idealised: words::idealised(),
            warnings: self.warnings.clone(),
            facts: self.facts(),
            equity: times.clone().zip(self.rows.iter().map(|row| row.equity.0)).collect(),
            held: times.zip(self.held.iter().map(|usd| usd.0)).collect(),
            months: self.months(),
        }
    }

    fn facts(&self) -> Vec<(Sentence, String)> {
        let Sum { end, drawdown, cycles, reverse_days, days_without_money, .. } = &self.sum;
        let percent = |text: &str| format!("{text}\u{a0}%");
        let (change, deepest) = self.holding();
        vec![
            (words::fact_end(), end.to_cents().with_commas()),
            (words::fact_change(), percent(&self.change())),
            (words::fact_drawdown(), percent(&show_percent(*drawdown))),
            (words::fact_held(), percent(&change)),
            (words::fact_held_drawdown(), percent(&deepest)),
            (words::fact_cycles(), cycles.to_string()),
            (words::fact_reverse(), reverse_days.to_string()),
            (words::fact_no_money(), days_without_money.to_string()),
            (words::fact_unsent(), self.sum.unsent_words()),
        ]
    }

    /// Each month: its name, the last equity, its change and the deepest drawdown.
    fn months(&self) -> Vec<(String, Usd, String, String)> {
        let mut before = self.principal;
        let months = self.rows.chunk_by(|one, next| one.day.date.month() == next.day.date.month());
        let month = |rows: &[Row]| {
            let last = rows.last()?;
            let change = percent_change(before, last.equity).unwrap_or_default();
            before = last.equity;
            let deepest: Percent = rows.iter().map(|row| row.drawdown).min()?;
            Some((last.day.date.format("%Y-%m").to_string(), last.equity, show_percent(change), show_percent(deepest)))
        };
        months.filter_map(month).collect()
    }
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
