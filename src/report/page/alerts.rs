//! What to see first: the stops in force, orders without a known outcome, why this run failed, warnings.

use crate::exit::Reason;
use crate::language::Sentence;
use crate::report::RunResult;
use crate::report::page::Page;
use crate::report::page::html::section;
use crate::report::page::positions::signed;
use crate::report::page::words::{head, names};

/// Words on the kind of a hindrance, and what it is.
type Alert = (Sentence, Sentence);

impl Page<'_> {
    /// Nothing when all is well.
    pub fn alerts(&self) -> String {
        let alerts = [self.stops(), self.in_the_way(), self.of_this_run()].concat();
        let item = |(what, why): &Alert| format!("<li><b>{}:</b> {}</li>\n", self.say(what), self.say(why));
        let items: String = alerts.iter().map(item).collect();
        if items.is_empty() {
            return items;
        }
        section("alert wide", "attention", &self.text(&head::attention()), &format!("<ul>\n{items}</ul>\n"))
    }

    /// The stops in force.
    fn stops(&self) -> Vec<Alert> {
        let mut alerts = Vec::new();
        alerts.extend(self.status.halt_reason.clone().map(|why| (head::halted(), why)));
        if self.report.has_stop(Reason::SellOnly) {
            alerts.push((head::sell_only(), head::sell_only_why()));
        }
        let loss = self.status.daily_loss.filter(|loss| loss.is_past_limit);
        alerts.extend(loss.map(|loss| {
            let limit = loss.limit.normalize().to_string();
            (head::daily_loss(), head::daily_loss_why(&signed(loss.change), loss.trading_date, &limit))
        }));
        alerts
    }

    /// Orders without a known outcome, symbols set aside, reasons that last.
    fn in_the_way(&self) -> Vec<Alert> {
        let unknown = self.status.unknown_orders.iter().flatten().map(|order| {
            let id = order.intent_id.as_deref().unwrap_or("?");
            (head::outcome_unknown(), head::outcome_unknown_why(order.side, order.quantity, &order.symbol, id))
        });
        let set_aside = self.status.set_aside.iter().flatten().map(|line| {
            let (reason, since) = (names::name_of(line.reason), self.when(line.since));
            (head::set_aside(), head::set_aside_why(&line.symbol, &reason, &since, &line.detail))
        });
        let standing = self.status.standing.iter().flatten().filter(|line| !line.is_reached_limit);
        let standing = standing.map(|line| {
            let (reason, since) = (names::name_of(&line.reason), self.when(line.since));
            (head::standing(), head::standing_why(line.command, &reason, &since, &line.text()))
        });
        unknown.chain(set_aside).chain(standing).collect()
    }

    /// Why it failed, and its warnings.
    fn of_this_run(&self) -> Vec<Alert> {
        let ending = &self.report.ending;
        let failed = (ending.result == RunResult::Failed).then(|| {
            let parts = [&ending.detail, &ending.because, &ending.next].map(Sentence::clone);
            (head::failed(), Sentence::joined(&parts, "; "))
        });
        let warnings = self.report.warnings.iter().map(|warning| (head::warning(), warning.clone()));
        failed.into_iter().chain(warnings).collect()
    }
}
