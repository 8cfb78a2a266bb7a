//! "Why did it not buy?": one line a symbol, with the rule and its numbers. Pure.

use crate::domain::history::{ReasonLine, Reasons};
use crate::domain::symbol::Symbol;
use crate::exit::Reason;
use crate::report::table::columns;
use crate::report::{Body, CancelledLine, OrderLine, Report, RunResult};
use crate::visible::visible;

/// The most that is kept for `status`.
const MAX_LINES: usize = 200;

impl Report {
    /// What `status` shows of this run later; `None` when it decided nothing, so that the reasons before it stand.
    pub fn reasons(&self) -> Option<Reasons> {
        let Body::Trade { orders, skipped } = &self.body else { return None };
        let says_why = self.ending.result == RunResult::NothingToDo
            && !matches!(self.ending.reason, Some(Reason::MarketClosed | Reason::RanJustNow | Reason::AfterBuyUntil));
        if !says_why && orders.is_empty() && skipped.is_empty() {
            return None;
        }
        let bought = orders.iter().map(|order| ReasonLine {
            symbol: order.symbol.clone(),
            rule: order.rule.to_owned(),
            detail: visible(&order_detail(order)),
        });
        let passed = skipped.iter().map(|skip| ReasonLine {
            symbol: skip.symbol.clone(),
            rule: skip.rule.word().to_owned(),
            detail: visible(&skip.detail),
        });
        let lines = bought.chain(passed).take(MAX_LINES).collect();
        let reason = self.ending.reason.map(Reason::word);
        Some(Reasons { at: self.at, reason, detail: visible(&self.ending.detail), lines })
    }

    /// One line a symbol or order, in columns.
    pub(super) fn detail_lines(&self) -> String {
        let rows: Vec<Vec<String>> = match &self.body {
            Body::Trade { orders, skipped } => {
                let bought = orders.iter().map(|order| (&order.symbol, order.rule, order_detail(order)));
                let passed = skipped.iter().map(|skip| (&skip.symbol, skip.rule.word(), skip.detail.clone()));
                self.named(bought.chain(passed).collect())
            }
            Body::Cleanup { cancelled, kept, settled } => {
                let verb = if self.is_dry_run { "would cancel" } else { "cancelled" };
                let cancelled = cancelled.iter().map(|line| row([line.symbol.as_str(), verb, &cancel_detail(line)]));
                let kept = kept.iter().map(|kept| row([kept.symbol.as_str(), kept.reason.word(), &kept.detail]));
                let settled = settled.iter().map(|line| row([line.symbol.as_str(), line.state.word(), &line.detail]));
                cancelled.chain(kept).chain(settled).collect()
            }
            Body::Nothing | Body::Status(_) | Body::Schedule { .. } => Vec::new(),
        };
        columns(&rows)
    }

    /// Rows with a column of the stocks' names, where KIS has told one.
    fn named(&self, lines: Vec<(&Symbol, &str, String)>) -> Vec<Vec<String>> {
        let name = |symbol: &Symbol| self.names.get(symbol).map(String::as_str).unwrap_or_default();
        let has_names = lines.iter().any(|(symbol, ..)| !name(symbol).is_empty());
        let lines = lines.into_iter().map(|(symbol, rule, detail)| match has_names {
            true => row([symbol.as_str(), name(symbol), rule, &detail]),
            false => row([symbol.as_str(), rule, &detail]),
        });
        lines.collect()
    }
}

fn row<const COUNT: usize>(cells: [&str; COUNT]) -> Vec<String> {
    cells.map(visible).to_vec()
}

/// `fell 3.10 %; buy 11 @ 181.00 accepted (0000040840)`, or `… would be sent`, or why it was not.
fn order_detail(order: &OrderLine) -> String {
    let OrderLine { side, quantity, limit_price, state, .. } = order;
    let number = order.order_id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
    let words = if order.reason == order.rule { String::new() } else { format!(": {}", order.reason) };
    let numbers = if order.numbers.is_empty() { String::new() } else { format!("{}; ", order.numbers) };
    let outcome = match *state {
        "planned" if words.is_empty() => "would be sent".to_owned(),
        "planned" => order.reason.clone(),
        state => format!("{state}{number}{words}"),
    };
    format!("{numbers}{side} {quantity} @ {limit_price} {outcome}")
}

fn cancel_detail(line: &CancelledLine) -> String {
    format!("{} {} left ({})", line.side, line.quantity, line.order_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::cleanup::Kept;
    use crate::decide::rule::{Rule, Skip};
    use crate::decide::test_support::{at, symbol, usd};
    use crate::domain::order::Side;
    use crate::domain::symbol::Exchange;
    use crate::exit::Ending;

    fn report(result: RunResult, reason: Option<Reason>, body: Body) -> Report {
        let ending = Ending { result, reason, ..Ending::done("in a sentence") };
        Report { body, ..Report::new(Some("buy"), None, at("10:00:00"), ending) }
    }

    fn bought(state: &'static str, reason: &str) -> OrderLine {
        OrderLine {
            intent_id: None,
            symbol: symbol("TSLA"),
            exchange: Exchange::Nasdaq,
            side: Side::Buy,
            quantity: 11,
            limit_price: usd("181"),
            state,
            order_id: (state == "accepted").then(|| "0000040840".parse().unwrap()),
            reason: reason.to_owned(),
            rule: "fell_most",
            numbers: "fell 3.10 %".to_owned(),
        }
    }

    #[test]
    fn one_line_a_symbol_says_rule_and_numbers() {
        let skip = Skip::new(&symbol("META"), Rule::NotPicked, "fell 0.63 %, place 3 of the candidates");
        let body = Body::Trade {
            orders: vec![bought("accepted", "fell_most"), bought("rejected", "주문가능금액이 부족합니다")],
            skipped: vec![skip],
        };
        for (reason, outcome) in [("fell_most", "would be sent"), ("not sent: no answer", "not sent: no answer")] {
            assert_eq!(order_detail(&bought("planned", reason)), format!("fell 3.10 %; buy 11 @ 181.00 {outcome}"));
        }
        let mut report = report(RunResult::Done, None, body);
        report.names.insert(symbol("META"), "메타 플랫폼스".to_owned());
        assert_eq!(
            report.detail_lines(),
            "  TSLA                 fell_most   fell 3.10 %; buy 11 @ 181.00 accepted (0000040840)\n  \
               TSLA                 fell_most   fell 3.10 %; buy 11 @ 181.00 rejected: 주문가능금액이 부족합니다\n  \
               META  메타 플랫폼스  not_picked  fell 0.63 %, place 3 of the candidates\n"
        );
        report.names.clear();
        assert_eq!(
            report.detail_lines(),
            "  TSLA  fell_most   fell 3.10 %; buy 11 @ 181.00 accepted (0000040840)\n  \
               TSLA  fell_most   fell 3.10 %; buy 11 @ 181.00 rejected: 주문가능금액이 부족합니다\n  \
               META  not_picked  fell 0.63 %, place 3 of the candidates\n"
        );
        let kept = report.reasons().unwrap();
        assert_eq!((kept.at, kept.reason, kept.detail.as_str()), (at("10:00:00"), None, "in a sentence"));
        assert_eq!(
            kept.lines.iter().map(|line| line.rule.as_str()).collect::<Vec<_>>(),
            ["fell_most", "fell_most", "not_picked"]
        );
    }

    #[test]
    fn cleanup_names_what_it_left_alone_and_why() {
        let body = Body::Cleanup {
            cancelled: vec![CancelledLine {
                order_id: "0000040841".parse().unwrap(),
                symbol: symbol("GOOGL"),
                side: Side::Buy,
                quantity: 15,
            }],
            kept: vec![Kept {
                order_id: "0000040842".parse().unwrap(),
                symbol: symbol("META"),
                reason: Rule::TooYoung,
                detail: "buy 3 @ 9.00 (0000040842), 4 of 20 minutes old".to_owned(),
            }],
            settled: Vec::new(),
        };
        assert_eq!(
            report(RunResult::Done, None, body).detail_lines(),
            "  GOOGL  cancelled  buy 15 left (0000040841)\n  \
               META   too_young  buy 3 @ 9.00 (0000040842), 4 of 20 minutes old\n"
        );
    }

    #[test]
    fn only_a_run_that_decided_replaces_the_reasons_before_it() {
        let empty = || Body::Trade { orders: Vec::new(), skipped: Vec::new() };
        let skipped =
            || Body::Trade { orders: Vec::new(), skipped: vec![Skip::new(&symbol("A"), Rule::Hold, "profit 1 %")] };
        use RunResult::{Done, Failed, NothingToDo};
        for (result, reason, body, replaces) in [
            (NothingToDo, Some(Reason::FilterNotMet), empty(), true),
            (NothingToDo, Some(Reason::NoCandidate), skipped(), true),
            (NothingToDo, Some(Reason::MarketClosed), empty(), false),
            (NothingToDo, Some(Reason::AfterBuyUntil), empty(), false),
            (NothingToDo, Some(Reason::AfterBuyUntil), skipped(), true),
            (NothingToDo, Some(Reason::RanJustNow), empty(), false),
            (Failed, Some(Reason::GatewayUnreachable), empty(), false),
            (Failed, Some(Reason::OrderRejected), skipped(), true),
            (Done, None, Body::Nothing, false),
        ] {
            assert_eq!(report(result, reason, body).reasons().is_some(), replaces, "{result:?} {reason:?}");
        }
    }
}
