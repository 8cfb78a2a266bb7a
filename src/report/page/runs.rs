//! How the last runs ended, the token, and which symbols cool down.

use chrono::TimeDelta;

use crate::domain::{RunEnd, TokenState};
use crate::language::Sentence;
use crate::report::RunResult;
use crate::report::page::Page;
use crate::report::page::html::{Column, escape, note, section, table};
use crate::report::page::times::age;
use crate::report::page::words::{names, runs as words};
use crate::report::status::LastRunLine;

/// Width of a run in its strip.
const STEP: usize = 7;

impl Page<'_> {
    /// The token in a line, and a row a command, folded unless one failed.
    pub fn runs(&self) -> String {
        let body = format!("<p>{}</p>\n{}", self.say(&self.token()), self.last_runs());
        section("", "runs", &self.say(&words::title()), &body)
    }

    fn token(&self) -> Sentence {
        let Some(token) = &self.report.token else { return words::token_unknown() };
        let Some((left, until)) = token.seconds_left.zip(token.expires_at) else { return words::token_missing() };
        let until = self.when(until);
        match token.state {
            TokenState::Missing => words::token_missing(),
            TokenState::Expired => words::token_expired(&until),
            TokenState::Valid | TokenState::Renewed => {
                let renew_at = age(TimeDelta::seconds(self.status.renew_at_seconds));
                words::token_valid(&age(TimeDelta::seconds(left)), &until, &renew_at)
            }
        }
    }

    fn last_runs(&self) -> String {
        let Some(runs) = self.status.last_runs.as_ref().filter(|runs| !runs.is_empty()) else {
            return note(&self.say(&words::none()));
        };
        let failed: Vec<&str> =
            runs.iter().filter(|(_, run)| run.exit_code != 0).map(|(command, _)| command.as_str()).collect();
        let latest = runs.values().map(|run| run.at).max().unwrap_or(self.report.at);
        let (open, summary) = match failed.as_slice() {
            [] => ("", words::all_well(&self.when(latest))),
            failed => (" open", words::some_failed(&failed.join(", "))),
        };
        let columns = [
            Column::text(self.text(&words::command())),
            Column::text(self.text(&words::ended())),
            Column::text(self.text(&words::result())),
        ];
        let rows: Vec<Vec<String>> = runs.iter().map(|(command, run)| self.run_row(command, run)).collect();
        let table = table("stack runs", &self.text(&words::caption()), &columns, &rows, None);
        format!("<details{open}><summary>{}</summary>\n{table}{}</details>\n", self.say(&summary), self.run_legend())
    }

    fn run_row(&self, command: &str, run: &LastRunLine) -> Vec<String> {
        let end = RunEnd { at: run.at, exit_code: run.exit_code, reason: run.reason.clone() };
        let result = match result_of(&end) {
            RunResult::Done => words::done(),
            RunResult::NothingToDo => words::nothing_to_do(),
            RunResult::Failed => words::failed(),
        };
        let reason = run.reason.as_deref().map(names::name_of).unwrap_or_default();
        vec![
            format!("<code>{}</code>{}", escape(command), self.strip(command, &run.recent)),
            format!("{}<small>{}</small>", self.say(&words::ago(&age(self.report.at - run.at))), self.time(run.at)),
            format!("{}<small>{}</small>", self.say(&result), self.say(&reason)),
        ]
    }

    fn run_legend(&self) -> String {
        let sign = |drawing: &str, words: &Sentence| format!("<span><svg>{drawing}</svg>{}</span>", self.say(words));
        let signs = [
            sign("<rect class=\"run-done\" x=\"4\" y=\"1\" width=\"5\" height=\"12\" rx=\"1\"/>", &words::done()),
            sign(
                "<rect class=\"run-idle\" x=\"4\" y=\"9\" width=\"5\" height=\"4\" rx=\"1\"/>",
                &words::nothing_to_do(),
            ),
            sign("<path class=\"run-failed\" d=\"M3 3 11 11M11 3 3 11\"/>", &words::failed()),
        ];
        format!("<p class=\"legend\" aria-hidden=\"true\">{}</p>\n", signs.concat())
    }

    /// The latest runs of a command, a sign each.
    fn strip(&self, command: &str, recent: &[RunEnd]) -> String {
        if recent.len() < 2 {
            return String::new();
        }
        let count = |wanted| recent.iter().filter(|run| result_of(run) == wanted).count();
        let about = words::strip_about(count(RunResult::Done), count(RunResult::NothingToDo), count(RunResult::Failed));
        format!(
            "<svg class=\"strip\" role=\"img\" width=\"{}\"><title>{}</title><desc>{}</desc>{}</svg>",
            recent.len() * STEP,
            self.text(&words::strip(recent.len(), command)),
            self.text(&about),
            recent.iter().enumerate().map(shape).collect::<String>()
        )
    }

    /// Symbols that a stop loss keeps out; nothing when there are none.
    pub fn cooldowns(&self) -> String {
        let Some(cooldowns) = self.status.cooldowns.as_ref().filter(|cooldowns| !cooldowns.is_empty()) else {
            return String::new();
        };
        let rows: Vec<Vec<String>> =
            cooldowns.iter().map(|(symbol, until)| vec![escape(symbol.as_str()), until.to_string()]).collect();
        let columns = [Column::text(self.text(&words::symbol())), Column::number(self.text(&words::until()))];
        let table = table("plain", &self.text(&words::cooldowns_caption()), &columns, &rows, None);
        section("", "cooldowns", &self.say(&words::cooldowns()), &table)
    }
}

fn shape((n, run): (usize, &RunEnd)) -> String {
    let x = n * STEP;
    match result_of(run) {
        RunResult::Done => format!("<rect class=\"run-done\" x=\"{x}\" y=\"2\" width=\"5\" height=\"12\" rx=\"1\"/>"),
        RunResult::NothingToDo => {
            format!("<rect class=\"run-idle\" x=\"{x}\" y=\"10\" width=\"5\" height=\"4\" rx=\"1\"/>")
        }
        RunResult::Failed => format!("<path class=\"run-failed\" d=\"M{x} 9l5 5m0-5l-5 5\"/>"),
    }
}

fn result_of(run: &RunEnd) -> RunResult {
    match (run.exit_code, &run.reason) {
        (0, None) => RunResult::Done,
        (0, Some(_)) => RunResult::NothingToDo,
        _ => RunResult::Failed,
    }
}
