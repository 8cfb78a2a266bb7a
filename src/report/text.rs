//! What people read: a line, a few lines, a failure with its cause and the next step.

use crate::domain::market_session::new_york;
use crate::report::{Body, OrderLine, Report, RunResult, Screen};

impl Report {
    /// What people read on standard output: one line; several on a terminal or when asked for more.
    pub fn to_text(&self, screen: Screen) -> String {
        if self.ending.result == RunResult::Failed && !self.has_findings() {
            return String::new();
        }
        if let Body::Status(status) = &self.body {
            return status.to_text(self, screen);
        }
        if let Body::Schedule { text, .. } = &self.body {
            return text.clone();
        }
        let summary = if screen.is_terminal { self.head() } else { self.summary() };
        let details = if screen.is_terminal || screen.is_verbose { self.detail_lines() } else { String::new() };
        let (at, command, tag) = (new_york(self.at), self.command.unwrap_or("?"), self.tag());
        format!("{at} {command} [{tag}]: {summary}\n{details}")
    }

    /// `PAPER`, or `PAPER, halted`: the mode and the stops in force.
    fn tag(&self) -> String {
        let stops = self.stops.iter().flatten().map(|stop| format!(", {}", stop.word()));
        std::iter::once(self.banner().to_owned()).chain(stops).collect()
    }

    /// What people read on standard error: warnings, and what failed, why, and what to do next.
    pub fn to_errors(&self) -> String {
        let mut text: String = self.warnings.iter().map(|warning| format!("warning: {warning}\n")).collect();
        if self.ending.result == RunResult::Failed {
            text.push_str(&format!(
                "kis-trade {} [{}]: {}\n",
                self.command.unwrap_or(""),
                self.tag(),
                self.ending.detail
            ));
            let [english, korean] = self.kis_code.clone().unwrap_or_default();
            for (label, words) in [
                ("because", &self.ending.because),
                ("KIS's code", &english),
                ("KIS 코드", &korean),
                ("next", &self.ending.next),
            ] {
                if !words.is_empty() {
                    text.push_str(&format!("  {label}: {}\n", words.replace('\n', "\n    ")));
                }
            }
            if !self.live_orders.is_empty() {
                text.push_str(&format!("  may be live at KIS: {}\n", self.live_orders.join("; ")));
            }
        }
        text
    }

    /// Reports whether a failed run still has something to show.
    fn has_findings(&self) -> bool {
        match &self.body {
            Body::Status(status) => !status.account_number.is_empty(),
            Body::Trade { orders, .. } => !orders.is_empty(),
            Body::Cleanup { cancelled, settled, .. } => !cancelled.is_empty() || !settled.is_empty(),
            Body::Schedule { text, .. } => !text.is_empty(),
            Body::Nothing => false,
        }
    }

    fn summary(&self) -> String {
        let mut parts = vec![self.head()];
        match &self.body {
            Body::Trade { orders, skipped } => {
                parts.extend(orders.iter().map(order_text));
                if !skipped.is_empty() {
                    let words: Vec<String> =
                        skipped.iter().map(|skip| format!("{} {}", skip.symbol, skip.rule.word())).collect();
                    parts.push(format!("passed over: {}", words.join(", ")));
                }
            }
            Body::Cleanup { cancelled, kept, settled } => {
                let verb = if self.is_dry_run { "would cancel" } else { "cancelled" };
                parts.extend(cancelled.iter().map(|order| {
                    format!("{verb} {} {} {} ({})", order.side, order.quantity, order.symbol, order.order_id)
                }));
                parts.extend(settled.iter().map(|line| format!("{} {}", line.intent_id, line.state.word())));
                parts.extend(
                    kept.iter().map(|kept| format!("kept {} {} ({})", kept.symbol, kept.order_id, kept.reason.word())),
                );
            }
            Body::Nothing | Body::Status(_) | Body::Schedule { .. } => {}
        }
        parts.join("; ")
    }

    fn head(&self) -> String {
        match (self.ending.result, self.ending.reason) {
            (RunResult::NothingToDo, Some(reason)) => {
                format!("nothing to do, {}: {}", reason.word(), self.ending.detail)
            }
            _ => self.ending.detail.clone(),
        }
    }
}

fn order_text(order: &OrderLine) -> String {
    let number = order.order_id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
    let OrderLine { state, side, quantity, symbol, limit_price, reason, .. } = order;
    let state = match *state {
        "planned" if reason.contains(": ") => "not sent",
        "planned" => "would order",
        state => state,
    };
    format!("{state}: {side} {quantity} {symbol} @ {limit_price}{number} {reason}")
}
