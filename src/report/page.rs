//! `status` as one page for browsers: everything in one file; its policy lets nothing load and no script run. Pure.
//!
//! Charts are plain SVG with labels beside them; no colour is the only sign of anything. All text from KIS or from files goes
//! through `html::escape`.

mod account;
mod chart;
mod html;
mod orders;
mod runs;
mod token;

use crate::domain::market_session::{korea, new_york};
use crate::domain::{Job, Mode};
use crate::exit::Reason;
use crate::report::status::StatusReport;
use crate::report::{Body, Report, RunResult};

use html::{escape, section};

impl Report {
    /// The page of `status --html`.
    pub fn to_html(&self) -> String {
        let Body::Status(status) = &self.body else { return String::new() };
        let (mode_class, mode_words) = match self.mode {
            Some(Mode::Real) => ("real", "Orders spend real money."),
            Some(Mode::Paper) => ("paper", "A practice account: no real money."),
            None => ("paper", ""),
        };
        format!(
            include_str!("page/page.html"),
            style = include_str!("page/style.css"),
            banner = self.banner(),
            account = escape(&status.account_number),
            mode_class = mode_class,
            mode_words = mode_words,
            new_york = new_york(self.at),
            korea = korea(self.at),
            sections = self.sections(status),
            version = env!("CARGO_PKG_VERSION"),
        )
    }

    fn sections(&self, status: &StatusReport) -> String {
        [
            self.alerts(status),
            account::total(self, status),
            account::positions(status),
            orders::session(self, status),
            orders::unknown(status),
            token::life(self, status),
            runs::last_runs(self, status),
            runs::reasons(status, Job::Buy, self.language),
            runs::reasons(status, Job::Sell, self.language),
            runs::cooldowns(status),
        ]
        .concat()
    }

    /// What to see first: the stops in force, orders without a known outcome, why this run failed, warnings.
    fn alerts(&self, status: &StatusReport) -> String {
        let mut items = Vec::new();
        if let Some(reason) = &status.halt_reason {
            items.push(format!("<b>Trading is halted:</b> {}", escape(reason.in_language(self.language))));
        }
        if self.has_stop(Reason::SellOnly) {
            items.push("<b>Sell only:</b> [limits] trading = &quot;sell_only&quot;, nothing is bought".to_owned());
        }
        if let Some(loss) = status.daily_loss.filter(|loss| loss.is_past_limit) {
            items.push(format!(
                "<b>Daily loss:</b> {} since the first look of {}, more than {}\u{a0}%: no more buys that day",
                account::signed(loss.change),
                loss.trading_date,
                loss.limit.normalize()
            ));
        }
        items.extend(status.unknown_orders.iter().flatten().map(|order| {
            let id = escape(order.intent_id.as_deref().unwrap_or("?"));
            let (side, quantity, symbol) = (order.side, order.quantity, escape(order.symbol.as_str()));
            format!(
                "<b>No known outcome:</b> {side} {quantity} {symbol} ({id}); do not order by hand before it is settled"
            )
        }));
        items.extend(status.set_aside.iter().flatten().map(|line| {
            let (symbol, since, detail) =
                (escape(line.symbol.as_str()), new_york(line.since), escape(line.detail.in_language(self.language)));
            format!("<b>Set aside:</b> {symbol} ({}) since {since}: {detail}", line.reason)
        }));
        items.extend(status.standing.iter().flatten().map(|line| {
            let (since, text) = (new_york(line.since), escape(line.text().in_language(self.language)));
            format!("<b>Standing:</b> {} {} since {since}, {text}", line.command, escape(&line.reason))
        }));
        if self.ending.result == RunResult::Failed {
            let words = [&self.ending.detail, &self.ending.because, &self.ending.next]
                .map(|text| escape(text.in_language(self.language)));
            let words: Vec<String> = words.into_iter().filter(|text| !text.is_empty()).collect();
            items.push(format!("<b>This look failed (exit {}):</b> {}", self.exit().code(), words.join("; ")));
        }
        items.extend(
            self.warnings
                .iter()
                .map(|warning| format!("<b>Warning:</b> {}", escape(warning.in_language(self.language)))),
        );
        if items.is_empty() {
            return String::new();
        }
        let items: String = items.into_iter().map(|item| format!("<li>{item}</li>\n")).collect();
        section("alert wide", "attention", "Needs attention", &format!("<ul>\n{items}</ul>\n"))
    }
}

#[cfg(test)]
mod tests;
