//! Why a run ordered or passed over each symbol: one line a symbol, with the rule and its numbers. Pure.

use crate::domain::{IntentState, ReasonLine, Reasons, Symbol};
use crate::exit::Reason;
use crate::language::Sentence;
use crate::report::table::columns;
use crate::report::{Body, OrderLine, Report, RunResult};
use crate::visible::visible;

/// The most that is kept for `status`.
const MAX_LINES: usize = 200;

impl Report {
    /// What `status` shows of this run later; `None` when it decided nothing, so that the earlier reasons stay.
    pub fn reasons(&self) -> Option<Reasons> {
        let Body::Trade { orders, skipped } = &self.body else { return None };
        let says_why = self.ending.result == RunResult::NothingToDo
            && !matches!(self.ending.reason, Some(Reason::MarketClosed | Reason::RanJustNow | Reason::AfterBuyUntil));
        if !says_why && orders.is_empty() && skipped.is_empty() {
            return None;
        }
        let line = |(symbol, rule, detail): (&Symbol, &str, Sentence)| ReasonLine {
            symbol: symbol.clone(),
            rule: rule.to_owned(),
            detail: detail.map(visible),
        };
        let lines = self.decisions().into_iter().take(MAX_LINES).map(line).collect();
        let reason = self.ending.reason.map(Reason::word);
        Some(Reasons { at: self.at, reason, detail: self.ending.detail.clone().map(visible), lines })
    }

    /// Symbol, rule and numbers of each order and of each symbol passed over.
    fn decisions(&self) -> Vec<(&Symbol, &str, Sentence)> {
        let Body::Trade { orders, skipped } = &self.body else { return Vec::new() };
        let ordered = orders.iter().map(|order| (&order.symbol, order.rule, Sentence::from(order_detail(order))));
        ordered.chain(skipped.iter().map(|skip| (&skip.symbol, skip.rule.word(), skip.detail.clone()))).collect()
    }

    /// One line a symbol or order, in columns.
    pub(super) fn detail_lines(&self) -> String {
        let rows: Vec<Vec<String>> = match &self.body {
            Body::Cleanup { cancelled, kept, settled } => {
                let cancelled = cancelled.iter().map(|line| {
                    let left = format!("{} {} left ({})", line.side, line.quantity, line.order_id);
                    row([line.symbol.as_str(), self.cancel_verb(), &left])
                });
                let kept = kept.iter().map(|kept| {
                    row([kept.symbol.as_str(), kept.reason.word(), kept.detail.in_language(self.language)])
                });
                let settled = settled.iter().map(|line| row([line.symbol.as_str(), line.state.word(), &line.detail]));
                cancelled.chain(kept).chain(settled).collect()
            }
            _ => self.named(self.decisions()),
        };
        columns(&rows)
    }

    /// Rows with a column of the stocks' names, when KIS gave any.
    fn named(&self, lines: Vec<(&Symbol, &str, Sentence)>) -> Vec<Vec<String>> {
        let name = |symbol: &Symbol| self.names.get(symbol).map(String::as_str).unwrap_or_default();
        let has_names = lines.iter().any(|(symbol, ..)| !name(symbol).is_empty());
        let lines = lines.into_iter().map(|(symbol, rule, detail)| match has_names {
            true => row([symbol.as_str(), name(symbol), rule, detail.in_language(self.language)]),
            false => row([symbol.as_str(), rule, detail.in_language(self.language)]),
        });
        lines.collect()
    }
}

fn row<const COUNT: usize>(cells: [&str; COUNT]) -> Vec<String> {
    cells.map(visible).to_vec()
}

/// `fell 3.10 %; buy 11 @ 181.00 accepted (0000040840)`, or `… would be sent`, or why it was not.
fn order_detail(order: &OrderLine) -> String {
    let OrderLine { side, quantity, limit_price, reason, .. } = order;
    let number = order.order_id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
    let words = if reason == order.rule { String::new() } else { format!(": {reason}") };
    let numbers = if order.numbers.is_empty() { String::new() } else { format!("{}; ", order.numbers) };
    let outcome = match order.state {
        None => "would be sent".to_owned(),
        Some(IntentState::NotSent) => reason.clone(),
        Some(state) => format!("{}{number}{words}", state.word()),
    };
    format!("{numbers}{side} {quantity} @ {limit_price} {outcome}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::cleanup::Kept;
    use crate::decide::rule::{Rule, Skip};
    use crate::decide::test_support::{at, symbol, usd};
    use crate::domain::{Exchange, Job, Side};
    use crate::exit::Ending;
    use crate::report::CancelledLine;

    fn report(result: RunResult, reason: Option<Reason>, body: Body) -> Report {
        let ending = Ending { result, reason, ..Ending::done("in a sentence") };
        Report { body, ..Report::new(Some(Job::Buy), None, at("10:00:00"), ending) }
    }

    fn bought(state: Option<IntentState>, reason: &str) -> OrderLine {
        OrderLine {
            intent_id: None,
            symbol: symbol("TSLA"),
            exchange: Exchange::Nasdaq,
            side: Side::Buy,
            quantity: 11,
            limit_price: usd("181"),
            state,
            order_id: (state == Some(IntentState::Accepted)).then(|| "0000040840".parse().unwrap()),
            reason: reason.to_owned(),
            said: None,
            rule: "fell_most",
            numbers: "fell 3.10 %".to_owned(),
        }
    }

    #[test]
    fn one_line_a_symbol_says_rule_and_numbers() {
        let skip = Skip::new(&symbol("META"), Rule::NotPicked, "fell 0.63 %, place 3 of the candidates");
        let body = Body::Trade {
            orders: vec![
                bought(Some(IntentState::Accepted), "fell_most"),
                bought(Some(IntentState::Rejected), "주문가능금액이 부족합니다"),
            ],
            skipped: vec![skip],
        };
        let not_sent = Some(IntentState::NotSent);
        for (state, reason, outcome) in
            [(None, "fell_most", "would be sent"), (not_sent, "not sent: no answer", "not sent: no answer")]
        {
            assert_eq!(order_detail(&bought(state, reason)), format!("fell 3.10 %; buy 11 @ 181.00 {outcome}"));
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
        assert_eq!((kept.at, kept.reason, kept.detail.en.as_str()), (at("10:00:00"), None, "in a sentence"));
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
                detail: "buy 3 @ 9.00 (0000040842), 4 of 20 minutes old".to_owned().into(),
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
