//! How the last runs ended, why they bought or sold what they did, and what may not be bought again.

use crate::domain::history::{ReasonLine, RunEnd};
use crate::report::Report;
use crate::report::page::html::{both_times, escape, section, table};
use crate::report::page::{ago, wide};
use crate::report::status::StatusReport;

/// Cells of a run in its strip.
const STEP: usize = 7;

/// A row a command, with its latest runs as a strip.
pub fn last_runs(report: &Report, status: &StatusReport) -> String {
    let Some(runs) = status.last_runs.as_ref().filter(|runs| !runs.is_empty()) else {
        return section("runs", "Last runs", "<p class=\"note\">No run yet.</p>\n");
    };
    let rows: Vec<Vec<String>> = runs
        .iter()
        .map(|(command, run)| {
            let recent = status.recent_runs.get(command).map(Vec::as_slice).unwrap_or_default();
            let reason = run.reason.as_deref().map(|reason| format!(", {}", escape(reason))).unwrap_or_default();
            vec![
                format!("{}{}", escape(command), strip(command, recent)),
                format!("{}<small>{}</small>", ago(report, run.at), both_times(run.at)),
                format!("{}<small>exit {}{reason}</small>", escape(&run.result.replace('_', " ")), run.exit_code),
            ]
        })
        .collect();
    section(
        "runs",
        "Last runs",
        &format!("{}{LEGEND}", table("stack runs", "Last runs", &["Command", "Ended", "Result"], &rows)),
    )
}

const LEGEND: &str = "<p class=\"legend\" aria-hidden=\"true\">\
    <span><svg><rect class=\"run-done\" x=\"4\" y=\"1\" width=\"5\" height=\"12\" rx=\"1\"/></svg>done</span>\
    <span><svg><rect class=\"run-idle\" x=\"4\" y=\"9\" width=\"5\" height=\"4\" rx=\"1\"/></svg>nothing to do</span>\
    <span><svg><path class=\"run-failed\" d=\"M3 3 11 11M11 3 3 11\"/></svg>failed</span></p>\n";

fn strip(command: &str, recent: &[RunEnd]) -> String {
    if recent.len() < 2 {
        return String::new();
    }
    let count = |wanted: &str| recent.iter().filter(|run| kind(run) == wanted).count();
    let shape = |(n, run): (usize, &RunEnd)| {
        let x = n * STEP;
        match kind(run) {
            "done" => format!("<rect class=\"run-done\" x=\"{x}\" y=\"2\" width=\"5\" height=\"12\" rx=\"1\"/>"),
            "idle" => format!("<rect class=\"run-idle\" x=\"{x}\" y=\"10\" width=\"5\" height=\"4\" rx=\"1\"/>"),
            _ => format!("<path class=\"run-failed\" d=\"M{x} 9l5 5m0-5l-5 5\"/>"),
        }
    };
    format!(
        "<svg class=\"strip\" role=\"img\" width=\"{}\"><title>The latest {} runs of {}</title>\
         <desc>{} done, {} with nothing to do, {} failed, oldest first.</desc>{}</svg>",
        recent.len() * STEP,
        recent.len(),
        escape(command),
        count("done"),
        count("idle"),
        count("failed"),
        recent.iter().enumerate().map(shape).collect::<String>()
    )
}

fn kind(run: &RunEnd) -> &'static str {
    match (run.exit_code, &run.reason) {
        (0, None) => "done",
        (0, Some(_)) => "idle",
        _ => "failed",
    }
}

/// One line a symbol: the rule and its numbers.
pub fn reasons(status: &StatusReport, command: &str, title: &str) -> String {
    let id = format!("why-{command}");
    let Some(reasons) = status.reasons.as_ref().and_then(|reasons| reasons.get(command)) else {
        return section(&id, title, &format!("<p class=\"note\">No {command} has decided anything yet.</p>\n"));
    };
    let reason =
        reasons.reason.as_deref().map(|reason| format!("<code>{}</code>: ", escape(reason))).unwrap_or_default();
    let mut body =
        format!("<p>{reason}{}</p>\n<p class=\"note\">{}</p>\n", escape(&reasons.detail), both_times(reasons.at));
    if !reasons.lines.is_empty() {
        let row = |line: &ReasonLine| {
            let rule = format!("<code>{}</code>", escape(&line.rule));
            vec![escape(line.symbol.as_str()), rule, format!("<span class=\"rules\">{}</span>", escape(&line.detail))]
        };
        let rows: Vec<Vec<String>> = reasons.lines.iter().map(row).collect();
        body.push_str(&table(
            "stack why",
            &format!("Rules of the last {command}, by symbol"),
            &["Symbol", "Rule", "Numbers"],
            &rows,
        ));
    }
    section(&id, title, &body)
}

/// Symbols that a stop loss keeps out; nothing when there are none.
pub fn cooldowns(status: &StatusReport) -> String {
    let Some(cooldowns) = status.cooldowns.as_ref().filter(|cooldowns| !cooldowns.is_empty()) else {
        return String::new();
    };
    let row = |(symbol, until): &(_, chrono::NaiveDate)| {
        let symbol: &crate::domain::symbol::Symbol = symbol;
        vec![escape(symbol.as_str()), until.to_string()]
    };
    let rows: Vec<Vec<String>> = cooldowns.iter().map(row).collect();
    wide(
        "cooldowns",
        "Not bought again yet, after a stop loss",
        &table("plain", "Cool-downs", &["Symbol", "#Until"], &rows),
    )
}
