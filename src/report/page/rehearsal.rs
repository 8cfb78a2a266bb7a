//! A rehearsal as a page in the style of `status --html`: equity beside holding, its numbers, and the months.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::domain::Usd;
use crate::language::{Language, Sentence, sentences};
use crate::report::page::chart::{Chart, legend_of_lines, round_marks};
use crate::report::page::html::{Column, escape, fact, grouped, money, note, section, table};
use crate::report::page::icon;

/// What the page shows.
#[derive(Clone, Debug)]
pub struct RehearsalPage {
    /// The language of the page.
    pub language: Language,
    /// What was rehearsed.
    pub title: String,
    /// From when to when.
    pub span: Sentence,
    /// What always holds.
    pub idealised: Sentence,
    /// What else should be known.
    pub warnings: Vec<Sentence>,
    /// Names and their values.
    pub facts: Vec<(Sentence, String)>,
    /// Each evening's equity in USD.
    pub equity: Vec<(DateTime<Utc>, Decimal)>,
    /// What the same money would have been worth by being held.
    pub held: Vec<(DateTime<Utc>, Decimal)>,
    /// Each month: its name, the last equity, its change and the deepest drawdown in percent.
    pub months: Vec<(String, Usd, String, String)>,
}

impl RehearsalPage {
    /// The page.
    pub fn to_html(&self) -> String {
        let facts: String = self
            .facts
            .iter()
            .map(|(name, value)| fact(&self.say(name), &escape(value).replace('-', "\u{2212}")))
            .collect();
        let total = section("wide", "equity", &self.say(&equity()), &format!("{}<dl>\n{facts}</dl>\n", self.chart()));
        let warnings: String = self.warnings.iter().map(|warning| note(&self.say(warning))).collect();
        let warnings =
            if warnings.is_empty() { warnings } else { section("wide", "notes", &self.say(&notes()), &warnings) };
        let html = format!(
            include_str!("rehearsal.html"),
            lang = self.language.word(),
            icon = icon("paper", false),
            style = include_str!("style.css"),
            title = escape(&self.title),
            banner = self.say(&banner()),
            idealised = self.say(&self.idealised),
            span = self.say(&self.span),
            sections = total + &warnings + &self.months(),
            footer = self.say(&footer(env!("CARGO_PKG_VERSION"))),
        );
        // As of `status --html`.
        if self.language == Language::Korean { html.replace("\u{a0}%", "%") } else { html }
    }

    fn chart(&self) -> String {
        let (Some((from, first)), Some((until, last))) = (self.equity.first(), self.equity.last()) else {
            return String::new();
        };
        let values = self.equity.iter().chain(&self.held).map(|(_, value)| *value);
        let whole = |mark: Decimal| grouped(Usd(mark)).trim_end_matches("00").trim_end_matches('.').to_owned();
        let span = *until - *from;
        let [first, last] = [first, last].map(|value| grouped(Usd(*value)));
        let chart = Chart {
            id: "equity-chart",
            title: self.say(&equity()),
            description: self.say(&about_chart(&first, &last)),
            points: &self.equity,
            other: &self.held,
            signs: &[],
            marks: round_marks(values).into_iter().map(|mark| (mark, whole(mark))).collect(),
            times: (0..=4).map(|part| (*from + span * part / 4).format("%Y-%m-%d").to_string()).collect(),
        };
        let legend = legend_of_lines(&self.say(&strategies()), &self.say(&holding()));
        format!("{}<p class=\"legend\" aria-hidden=\"true\">{legend}</p>\n", chart.to_html())
    }

    fn months(&self) -> String {
        let columns = [
            Column::text(self.say(&month())),
            Column::number(self.say(&equity())),
            Column::number(self.say(&change())),
            Column::number(self.say(&drawdown())),
        ];
        let cell = |(name, usd, change, deepest): &(String, Usd, String, String)| {
            let name = format!("<time datetime=\"{name}\"><span>{name}</span></time>");
            vec![name, money(*usd), percent(change), percent(deepest)]
        };
        let rows: Vec<Vec<String>> = self.months.iter().rev().map(cell).collect();
        let months = self.say(&by_month());
        section("wide", "months", &months, &table("plain", &months, &columns, &rows, None))
    }

    fn say(&self, sentence: &Sentence) -> String {
        escape(sentence.in_language(self.language))
    }
}

fn percent(number: &str) -> String {
    format!("{}\u{a0}%", number.replace('-', "\u{2212}"))
}

sentences! {
    banner()
        "REHEARSAL"
        "리허설"

    equity()
        "Equity"
        "평가액"

    strategies()
        "strategies"
        "전략"

    holding()
        "the same money in the shares from the first close on"
        "첫 종가에 사서 보유했을 때"

    about_chart(first: &str, last: &str)
        "A line from {first} to {last} US dollars, beside the line of holding"
        "{first}달러에서 {last}달러까지의 선과, 보유했을 때의 선"

    notes()
        "Worth knowing"
        "알아 둘 점"

    by_month()
        "By month"
        "월별"

    month()
        "Month"
        "월"

    change()
        "Change"
        "변화"

    drawdown()
        "Deepest drawdown"
        "최대 낙폭"

    footer(version: &str)
        "Written by kis-rehearse {version}. Amounts are US dollars. What happened does not happen again."
        "kis-rehearse {version}이(가) 만든 페이지입니다. 금액 단위는 미국 달러입니다. 과거는 되풀이되지 않습니다."
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::test_support::usd;

    #[test]
    fn both_lines_are_drawn_and_nothing_is_loaded() {
        let at = |day: u32| format!("2025-01-{day:02}T21:00:00Z").parse().unwrap();
        let page = RehearsalPage {
            language: Language::English,
            title: "T<QQQ".to_owned(),
            span: Sentence::verbatim("2025"),
            idealised: Sentence::verbatim("no slippage"),
            warnings: vec![Sentence::verbatim("a session is missing")],
            facts: vec![(Sentence::verbatim("End"), "1.00".to_owned())],
            equity: vec![(at(2), usd("20000").0), (at(3), usd("19000").0)],
            held: vec![(at(2), usd("20000").0), (at(3), usd("21000").0)],
            months: vec![("2025-01".to_owned(), usd("19000"), "-5.00".to_owned(), "-5.00".to_owned())],
        };
        let html = page.to_html();
        assert!(html.starts_with("<!doctype html>\n<html lang=\"en\">") && html.contains("<title>T&lt;QQQ"), "{html}");
        assert!(
            html.contains("points=\"0,5000 10000,10000\"") && html.contains("line other\" points=\"0,5000 10000,0\""),
            "{html}"
        );
        assert!(html.contains("\u{2212}5.00\u{a0}%") && html.contains("a session is missing"), "{html}");
        assert!(!html.contains("http://") && !html.contains("https://") && !html.contains("<script"), "{html}");
    }
}
