//! The report as text: one line, a line a symbol, a failure with its cause and the next step.

use crate::decide::cleanup::Kept;
use crate::domain::market_session::new_york;
use crate::domain::{IntentState, Job};
use crate::language::Sentence;
use crate::report::{Body, CancelledLine, OrderLine, Report, RunResult, Screen};

impl Report {
    /// The text for standard output: one line; several on a terminal or with `-v`.
    pub fn to_text(&self, screen: Screen) -> String {
        if self.ending.result == RunResult::Failed && !self.has_findings() {
            return String::new();
        }
        match &self.body {
            Body::Status(status) => return status.to_text(self, screen),
            Body::Check { text, .. } => return text.clone(),
            Body::Nothing | Body::Trade { .. } | Body::Cleanup { .. } => {}
        }
        let summary = if screen.is_terminal { self.head() } else { self.summary() };
        let details = if screen.is_terminal || screen.is_verbose { self.detail_lines() } else { String::new() };
        let (at, command, tag) = (new_york(self.at), self.command.map_or("?", Job::word), self.tag());
        format!("{at} {command} [{tag}]: {summary}\n{details}")
    }

    /// `PAPER`, or `PAPER, halted`: the mode and the stops in force.
    fn tag(&self) -> String {
        let stops = self.stops.iter().flatten().map(|stop| format!(", {}", stop.word()));
        std::iter::once(self.banner().to_owned()).chain(stops).collect()
    }

    /// The text for standard error: warnings, and what failed, why, and what to do next.
    pub fn to_errors(&self) -> String {
        let mut text: String =
            self.warnings.iter().map(|warning| format!("warning: {}\n", warning.in_language(self.language))).collect();
        if self.ending.result == RunResult::Failed {
            let command = self.command.map_or("", Job::word);
            let said = |sentence: &Sentence| sentence.in_language(self.language).to_owned();
            text.push_str(&format!("kis-trade {command} [{}]: {}\n", self.tag(), said(&self.ending.detail)));
            for (label, words) in
                [("because", &self.ending.because), ("KIS's code", &self.kis_code), ("next", &self.ending.next)]
            {
                if !words.is_empty() {
                    text.push_str(&format!("  {label}: {}\n", said(words).replace('\n', "\n    ")));
                }
            }
            if !self.live_orders.is_empty() {
                text.push_str(&format!("  may be live at KIS: {}\n", self.live_orders.join("; ")));
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

    fn summary(&self) -> String {
        let mut parts = vec![self.head()];
        match &self.body {
            Body::Trade { orders, skipped } => {
                parts.extend(orders.iter().map(order_text));
                if !skipped.is_empty() {
                    let words = skipped.iter().map(|skip| format!("{} {}", skip.symbol, skip.rule.word()));
                    parts.push(format!("passed over: {}", words.collect::<Vec<_>>().join(", ")));
                }
            }
            Body::Cleanup { cancelled, kept, settled } => {
                parts.extend(cancelled.iter().map(|CancelledLine { order_id, symbol, side, quantity }| {
                    format!("{} {side} {quantity} {symbol} ({order_id})", self.cancel_verb())
                }));
                parts.extend(settled.iter().map(|line| {
                    let said = line.said.as_ref().map(|said| format!(": {said}")).unwrap_or_default();
                    format!("{} {}{said}", line.intent_id, line.state.word())
                }));
                let kept_text =
                    |kept: &Kept| format!("kept {} {} ({})", kept.symbol, kept.order_id, kept.reason.word());
                parts.extend(kept.iter().map(kept_text));
            }
            Body::Nothing | Body::Status(_) | Body::Check { .. } => {}
        }
        parts.join("; ")
    }

    pub(super) fn cancel_verb(&self) -> &'static str {
        if self.is_dry_run { "would cancel" } else { "cancelled" }
    }

    fn head(&self) -> String {
        match (self.ending.result, self.ending.reason) {
            (RunResult::NothingToDo, Some(reason)) => {
                format!("nothing to do, {}: {}", reason.word(), self.ending.detail.in_language(self.language))
            }
            _ => self.ending.detail.in_language(self.language).to_owned(),
        }
    }
}

fn order_text(order: &OrderLine) -> String {
    let number = order.order_id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
    let OrderLine { state, side, quantity, symbol, limit_price, reason, .. } = order;
    let state = match state {
        None => "would order",
        Some(IntentState::NotSent) => "not sent",
        Some(state) => state.word(),
    };
    format!("{state}: {side} {quantity} {symbol} @ {limit_price}{number} {reason}")
}
