//! `status` as one page for browsers: everything in one file, nothing loaded, no script. Pure.
//!
//! Charts are plain SVG with labels beside them; no colour is the only sign of anything. All text from KIS or from files goes
//! through `html::escape`.

mod account;
mod chart;
mod html;
mod orders;
mod runs;
mod token;

use chrono::{DateTime, Utc};

use crate::domain::market_session::{korea, new_york};
use crate::domain::mode::Mode;
use crate::exit::Reason;
use crate::report::status::{StatusReport, show_age};
use crate::report::{Body, Report, RunResult};

use html::{escape, section_of};

const STYLE: &str = include_str!("page/style.css");
/// Nothing is loaded and nothing runs, whatever gets into the page.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

impl Report {
    /// The page of `status --html`.
    pub fn to_html(&self) -> String {
        let Body::Status(status) = &self.body else { return String::new() };
        let title = format!("{} {} kis-trade", self.banner(), status.account_number);
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"robots\" content=\"noindex\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
             <link rel=\"icon\" href=\"data:,\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
             {}<main>\n{}</main>\n{}</body>\n</html>\n",
            escape(&title),
            self.page_header(status),
            self.sections(status),
            self.page_footer(),
        )
    }

    fn page_header(&self, status: &StatusReport) -> String {
        format!(
            "<header>\n{}<div class=\"head\">\n<h1>kis-trade <span>account {}</span></h1>\n\
             <p class=\"times\">As of <span>{},</span> <span>{}</span></p>\n</div>\n</header>\n",
            mode_banner(self.mode),
            escape(&status.account_number),
            new_york(self.at),
            korea(self.at)
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
            runs::reasons(status, "buy", "Why the last buy did what it did"),
            runs::reasons(status, "sell", "Why the last sell did what it did"),
            runs::cooldowns(status),
        ]
        .concat()
    }

    /// What to see first: the stops in force, orders without a known outcome, why this run failed, warnings.
    fn alerts(&self, status: &StatusReport) -> String {
        let mut items = Vec::new();
        if let Some(reason) = &status.halt_reason {
            items.push(format!("<b>Trading is halted:</b> {}", escape(reason)));
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
        if self.ending.result == RunResult::Failed {
            let words = [&self.ending.detail, &self.ending.because, &self.ending.next].map(|text| escape(text));
            let words: Vec<String> = words.into_iter().filter(|text| !text.is_empty()).collect();
            items.push(format!("<b>This look failed (exit {}):</b> {}", self.exit().code(), words.join("; ")));
        }
        items.extend(self.warnings.iter().map(|warning| format!("<b>Warning:</b> {}", escape(warning))));
        if items.is_empty() {
            return String::new();
        }
        let items: String = items.into_iter().map(|item| format!("<li>{item}</li>\n")).collect();
        section_of(" class=\"alert wide\"", "attention", "Needs attention", &format!("<ul>\n{items}</ul>\n"))
    }

    fn page_footer(&self) -> String {
        format!(
            "<footer>\n<p>Written by kis-trade {}, in one run of <code>status --html</code>. It does not change by itself: \
             the next run replaces it. Amounts are US dollars.</p>\n</footer>\n",
            env!("CARGO_PKG_VERSION")
        )
    }
}

fn mode_banner(mode: Option<Mode>) -> String {
    let (class, word, words) = match mode {
        Some(Mode::Real) => ("real", "REAL", "Orders spend real money."),
        Some(Mode::Paper) => ("paper", "PAPER", "A practice account: no real money."),
        None => ("paper", "?", ""),
    };
    format!("<div class=\"banner {class}\" role=\"note\" aria-label=\"Mode\"><b>{word}</b>{words}</div>\n")
}

/// `3m59s ago`.
fn ago(report: &Report, at: DateTime<Utc>) -> String {
    format!("{} ago", show_age(report.at - at))
}

#[cfg(test)]
mod tests;
