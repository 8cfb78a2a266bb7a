//! The report as text: one line, below it a line an order, a failure with its cause and the next step.

use crate::domain::Job;
use crate::domain::market_session::new_york;
use crate::language::Sentence;
use crate::report::{Body, Report, RunResult, Screen, words};

/// Says what stands behind a label.
type Label = fn(&Sentence) -> Sentence;

impl Report {
    /// The text for standard output: one line, and one an order; on a terminal or with `-v` also one for whatever was left
    /// alone.
    pub fn to_text(&self, screen: Screen) -> String {
        if self.ending.result == RunResult::Failed && !self.has_findings() {
            return String::new();
        }
        match &self.body {
            Body::Status(status) => return status.to_text(self, screen),
            Body::Check { text, .. } => return text.clone(),
            Body::Nothing | Body::Trade { .. } | Body::Cleanup { .. } => {}
        }
        let (at, command, tag, head) =
            (new_york(self.at), self.command.map_or("?", Job::word), self.tag(), self.head());
        let lines = self.detail_lines(screen.is_terminal || screen.is_verbose);
        format!("{at} {command} [{}]: {}\n{lines}", self.said(&tag), self.said(&head))
    }

    /// A sentence in the report's language.
    pub(super) fn said<'a>(&self, sentence: &'a Sentence) -> &'a str {
        sentence.in_language(self.language)
    }

    /// `PAPER`, or `PAPER, halted`: the mode and the stops in force.
    fn tag(&self) -> Sentence {
        self.stops.iter().flatten().fold(self.mode_words(), |tag, stop| tag.and(", ", &Sentence::verbatim(stop.word())))
    }

    /// The text for standard error: warnings, and what failed, why, and what to do next.
    pub fn to_errors(&self) -> String {
        let warnings = self.warnings.iter().map(words::warning);
        let mut text: String = warnings.map(|warning| format!("{}\n", self.said(&warning))).collect();
        if self.ending.result == RunResult::Failed {
            let command = self.command.map_or("", Job::word);
            let (tag, what) = (self.tag(), &self.ending.detail);
            text.push_str(&format!("kis-trade {command} [{}]: {}\n", self.said(&tag), self.said(what)));
            let labels: [(Label, &Sentence); 3] = [
                (words::because, &self.ending.because),
                (words::code, &self.kis_code),
                (words::next, &self.ending.next),
            ];
            let labelled = labels.into_iter().filter(|(_, about)| !about.is_empty()).map(|(label, about)| label(about));
            for line in labelled.chain(self.live_orders.iter().map(words::may_be_live)) {
                text.push_str(&format!("  {}\n", self.said(&line).replace('\n', "\n    ")));
            }
        }
        text
    }

    /// The text for standard error of a run that `-q` silences: what may not last in silence.
    pub fn to_lines(&self) -> String {
        let command = self.command.map_or("", Job::word);
        self.lines.iter().map(|line| format!("kis-trade {command} {line}\n")).collect()
    }

    /// Reports whether a failed run still has something to show.
    fn has_findings(&self) -> bool {
        match &self.body {
            Body::Status(status) => !status.account_number.is_empty(),
            Body::Trade { orders, .. } => !orders.is_empty(),
            Body::Cleanup { cancelled, settled, .. } => !cancelled.is_empty() || !settled.is_empty(),
            Body::Check { text, .. } => !text.is_empty(),
            Body::Nothing => false,
        }
    }

    fn head(&self) -> Sentence {
        let detail = self.ending.detail.clone();
        match (self.ending.result, self.ending.reason) {
            (RunResult::NothingToDo, Some(reason)) => words::nothing_to_do(&reason.word(), &detail),
            _ => detail,
        }
    }
}
