//! How the last runs ended, why they bought or sold, and which symbols cool down.

use crate::domain::{Job, ReasonLine, RunEnd};
use crate::language::Language;
use crate::report::page::html::{both_times, escape, note, section, table};
use crate::report::status::{LastRunLine, StatusReport, show_age};
use crate::report::{Report, RunResult};

/// Width of a run in its strip.
const STEP: usize = 7;

/// A row a command, with its latest runs as a strip.
pub fn last_runs(report: &Report, status: &StatusReport) -> String {
    let Some(runs) = status.last_runs.as_ref().filter(|runs| !runs.is_empty()) else {
        return section("", "runs", "Last runs", &note("No run yet."));
    };
    let row = |(command, run): (&String, &LastRunLine)| {
        let reason = run.reason.as_deref().map(|reason| format!(", {}", escape(reason))).unwrap_or_default();
        vec![
            format!("{}{}", escape(command), strip(command, &run.recent)),
            format!("{} ago<small>{}</small>", show_age(report.at - run.at), both_times(run.at)),
            format!("{}<small>exit {}{reason}</small>", escape(&run.result.replace('_', " ")), run.exit_code),
        ]
    };
    let table = table("stack runs", "Last runs", &["Command", "Ended", "Result"], runs.iter().map(row));
    section("", "runs", "Last runs", &format!("{table}{LEGEND}"))
}

const LEGEND: &str = "<p class=\"legend\" aria-hidden=\"true\">\
    <span><svg><rect class=\"run-done\" x=\"4\" y=\"1\" width=\"5\" height=\"12\" rx=\"1\"/></svg>done</span>\
    <span><svg><rect class=\"run-idle\" x=\"4\" y=\"9\" width=\"5\" height=\"4\" rx=\"1\"/></svg>nothing to do</span>\
    <span><svg><path class=\"run-failed\" d=\"M3 3 11 11M11 3 3 11\"/></svg>failed</span></p>\n";

fn strip(command: &str, recent: &[RunEnd]) -> String {
    if recent.len() < 2 {
        return String::new();
    }
    let count = |wanted| recent.iter().filter(|run| result_of(run) == wanted).count();
    let shape = |(n, run): (usize, &RunEnd)| {
        let x = n * STEP;
        match result_of(run) {
            RunResult::Done => {
                format!("<rect class=\"run-done\" x=\"{x}\" y=\"2\" width=\"5\" height=\"12\" rx=\"1\"/>")
            }
            RunResult::NothingToDo => {
                format!("<rect class=\"run-idle\" x=\"{x}\" y=\"10\" width=\"5\" height=\"4\" rx=\"1\"/>")
            }
            RunResult::Failed => format!("<path class=\"run-failed\" d=\"M{x} 9l5 5m0-5l-5 5\"/>"),
        }
    };
    format!(
        "<svg class=\"strip\" role=\"img\" width=\"{}\"><title>The latest {} runs of {}</title>\
         <desc>{} done, {} with nothing to do, {} failed, oldest first.</desc>{}</svg>",
        recent.len() * STEP,
        recent.len(),
        escape(command),
        count(RunResult::Done),
        count(RunResult::NothingToDo),
        count(RunResult::Failed),
        recent.iter().enumerate().map(shape).collect::<String>()
    )
}

fn result_of(run: &RunEnd) -> RunResult {
    match (run.exit_code, &run.reason) {
        (0, None) => RunResult::Done,
        (0, Some(_)) => RunResult::NothingToDo,
        _ => RunResult::Failed,
    }
}

/// One line a symbol: the rule and its numbers.
pub fn reasons(status: &StatusReport, command: Job, language: Language) -> String {
    let title = format!("Why the last {command} did what it did");
    let id = format!("why-{command}");
    let Some(reasons) = status.reasons.as_ref().and_then(|reasons| reasons.get(command.word())) else {
        return section("", &id, &title, &note(&format!("No {command} has decided anything yet.")));
    };
    let code = |text: &str| format!("<code>{}</code>", escape(text));
    let reason = reasons.reason.as_deref().map(|reason| code(reason) + ": ").unwrap_or_default();
    let mut body =
        format!("<p>{reason}{}</p>\n{}", escape(reasons.detail.in_language(language)), note(&both_times(reasons.at)));
    if !reasons.lines.is_empty() {
        let row = |line: &ReasonLine| {
            let numbers = format!("<span class=\"rules\">{}</span>", escape(line.detail.in_language(language)));
            vec![escape(line.symbol.as_str()), code(&line.rule), numbers]
        };
        let caption = format!("Rules of the last {command}, by symbol");
        body += &table("stack why", &caption, &["Symbol", "Rule", "Numbers"], reasons.lines.iter().map(row));
    }
    section("", &id, &title, &body)
}

/// Symbols that a stop loss keeps out; nothing when there are none.
pub fn cooldowns(status: &StatusReport) -> String {
    let Some(cooldowns) = status.cooldowns.as_ref().filter(|cooldowns| !cooldowns.is_empty()) else {
        return String::new();
    };
    let rows = cooldowns.iter().map(|(symbol, until)| vec![escape(symbol.as_str()), until.to_string()]);
    let table = table("plain", "Cool-downs", &["Symbol", "#Until"], rows);
    section("wide", "cooldowns", "Not bought again yet, after a stop loss", &table)
}
