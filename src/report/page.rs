//! `status` as one page for browsers: everything in one file; its policy lets nothing load and no script run. Pure.
//!
//! Charts are plain SVG with labels beside them; no colour is the only sign of anything. All text from KIS or from files goes
//! through `html::escape`. The words stand in `words`, in both languages.

mod alerts;
mod bars;
mod chart;
mod html;
mod orders;
mod positions;
mod profit;
mod reasons;
mod rehearsal;
mod runs;
mod strategies;
mod times;
mod total;
mod words;

use crate::domain::{Job, Mode};
use crate::language::{Language, Sentence};
use crate::report::status::StatusReport;
use crate::report::{Body, Report};

pub use rehearsal::RehearsalPage;
use words::head;

/// What every part of the page is made from.
struct Page<'a> {
    report: &'a Report,
    status: &'a StatusReport,
    language: Language,
}

impl Report {
    /// The page of `status --html`.
    pub fn to_html(&self) -> String {
        let Body::Status(status) = &self.body else { return String::new() };
        let html = Page { report: self, status, language: self.language }.to_html();
        // Korean writes a percentage without the blank that English text has before the sign.
        if self.language == Language::Korean { html.replace("\u{a0}%", "%") } else { html }
    }
}

impl Page<'_> {
    fn to_html(&self) -> String {
        let (class, banner, money) = match self.report.mode {
            Some(Mode::Real) => ("real", head::real(), head::real_money()),
            Some(Mode::Paper) => ("paper", head::paper(), head::practice_money()),
            None => ("paper", Sentence::verbatim("?"), Sentence::default()),
        };
        let alerts = self.alerts();
        let refresh = self.refresh_after();
        format!(
            include_str!("page/page.html"),
            lang = self.language.word(),
            refresh = refresh.num_seconds(),
            icon = icon(class, !alerts.is_empty()),
            style = include_str!("page/style.css"),
            banner = self.say(&banner),
            account = self.say(&head::account(&self.status.account_number)),
            mode_label = self.text(&head::mode_label()),
            mode_class = class,
            mode_words = self.say(&money),
            as_of = self.as_of(),
            next = self.say(&head::next_update(&self.when(self.report.at + refresh))),
            sections = self.sections(alerts),
            footer = self.say(&head::footer(env!("CARGO_PKG_VERSION"), refresh.num_minutes())),
        )
    }

    /// What stands in the way first, then what the account is worth, then what was done.
    fn sections(&self, alerts: String) -> String {
        let column = |sections: &[String]| format!("<div class=\"column\">\n{}</div>\n", sections.concat());
        let (buy, sell) = (self.reasons(Job::Buy), self.reasons(Job::Sell));
        [
            alerts,
            self.unknown_orders(),
            self.total(),
            self.positions(),
            self.strategies(),
            column(&[self.profit(), self.trades()]),
            column(&[self.session_orders(), buy, sell, self.runs(), self.cooldowns()]),
        ]
        .concat()
    }

    /// A sentence as markup: escaped, and what stands in backquotes as code.
    fn say(&self, sentence: &Sentence) -> String {
        let escaped = self.text(sentence);
        if escaped.matches('`').count() % 2 == 1 {
            return escaped;
        }
        let parts = escaped.split('`').enumerate();
        parts.map(|(n, part)| if n % 2 == 0 { part.to_owned() } else { format!("<code>{part}</code>") }).collect()
    }

    /// A sentence as text without markup, escaped, for attributes too.
    fn text(&self, sentence: &Sentence) -> String {
        html::escape(sentence.in_language(self.language))
    }
}

/// The tab's picture in the colour of the mode; a dot when something needs attention.
fn icon(mode_class: &str, has_alerts: bool) -> String {
    let colour = if mode_class == "real" { "a11616" } else { "1b4f8f" };
    let dot = if has_alerts { "%3Ccircle cx='25' cy='7' r='6' fill='%23ffb020'/%3E" } else { "" };
    format!(
        "data:image/svg+xml,%3Csvg xmlns='http%3A//www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' \
         rx='7' fill='%23{colour}'/%3E%3Cpath d='M5 22l7-8 6 5 9-12' fill='none' stroke='%23fff' stroke-width='3'/%3E{dot}%3C/svg%3E"
    )
}

#[cfg(test)]
mod tests;
