//! Why the last buy and the last sell that decided did what they did, a line a symbol.

use crate::domain::{Job, ReasonLine};
use crate::report::page::Page;
use crate::report::page::html::{Column, escape, note, section, table};
use crate::report::page::words::{names, runs as words};
use crate::report::status::StandingLine;

/// The most symbols listed.
const MAX_LINES: usize = 25;

impl Page<'_> {
    /// Of buy or of sell.
    pub fn reasons(&self, command: Job) -> String {
        let (id, title, none) = match command {
            Job::Buy => ("why-buy", words::why_buy(), words::no_buy()),
            _ => ("why-sell", words::why_sell(), words::no_sell()),
        };
        let title = self.say(&title);
        let Some(reasons) = self.status.reasons.as_ref().and_then(|reasons| reasons.get(command.word())) else {
            return section("", id, &title, &note(&self.say(&none)));
        };
        let reason = reasons.reason.as_deref().map(names::name_of).unwrap_or_default();
        let detail = reason.and(": ", &reasons.detail);
        let mut body = format!("<p>{}</p>\n{}", self.say(&detail), note(&self.time(reasons.at)));
        if !reasons.lines.is_empty() {
            let row = |line: &ReasonLine| {
                vec![
                    escape(line.symbol.as_str()),
                    self.say(&names::name_of(&line.rule)),
                    format!("<span class=\"rules\">{}</span>", self.say(&line.detail)),
                ]
            };
            let columns = [
                Column::text(self.text(&words::symbol())),
                Column::text(self.text(&words::rule())),
                Column::text(self.text(&words::numbers())),
            ];
            let rows: Vec<Vec<String>> = reasons.lines.iter().take(MAX_LINES).map(row).collect();
            body += &table("stack why", &self.text(&words::why_caption()), &columns, &rows, None);
        }
        let more = reasons.lines.len().saturating_sub(MAX_LINES);
        if more > 0 {
            body += &note(&self.say(&words::more_lines(more)));
        }
        body += &self.reached_limits(command);
        section("", id, &title, &body)
    }

    /// Limits that more than one run of the command has found reached.
    fn reached_limits(&self, command: Job) -> String {
        let lines = self.status.standing.iter().flatten();
        let lines = lines.filter(|line| line.is_reached_limit && line.command == command.word());
        let note_of = |line: &StandingLine| {
            let (limit, since) = (names::name_of(&line.reason), self.when(line.since));
            note(&self.say(&words::limit_reached(&limit, &since, &line.text())))
        };
        lines.map(note_of).collect()
    }
}
