//! What a run did and why: one line an order, and one a symbol passed over, with the rule and its numbers. Pure.

use crate::decide::rule::OfStrategy;
use crate::domain::{IntentState, OrderKind, ReasonLine, Reasons, Symbol};
use crate::exit::Reason;
use crate::language::Sentence;
use crate::report::table::columns;
use crate::report::{AdoptionLine, Body, OrderLine, Report, RunResult, kind_word, words};
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
        let ordered = orders.iter().map(|order| {
            let role = order.of_strategy.as_ref().map(OfStrategy::name);
            (&order.symbol, role.unwrap_or(order.rule), order_detail(order))
        });
        ordered.chain(skipped.iter().map(|skip| (&skip.symbol, skip.rule.word(), skip.detail.clone()))).collect()
    }

    /// One line an order in columns; with `has_all` also one for each symbol and order that was left alone.
    pub(super) fn detail_lines(&self, has_all: bool) -> String {
        let rows: Vec<Vec<String>> = match &self.body {
            Body::Cleanup { cancelled, kept, settled, adoption } => {
                let verb = if self.is_dry_run { words::would_cancel() } else { words::cancelled() };
                let cancelled = cancelled.iter().map(|line| {
                    let left = words::left_unfilled(line.side, line.quantity, &line.order_id);
                    row([line.symbol.as_str(), self.said(&verb), self.said(&left)])
                });
                let kept = kept.iter().filter(|_| has_all);
                let kept = kept.map(|kept| row([kept.symbol.as_str(), kept.reason.word(), self.said(&kept.detail)]));
                let settled = settled.iter().map(|line| {
                    row([line.symbol.as_str(), self.said(&words::state(line.state)), self.said(&line.detail)])
                });
                let lines = adoption.iter().flat_map(AdoptionLine::lines);
                let lines = lines.map(|(symbol, role, said)| row([&symbol, &role, self.said(&said)]));
                cancelled.chain(kept).chain(settled).chain(lines).collect()
            }
            Body::Trade { orders, .. } => {
                let shown = if has_all { usize::MAX } else { orders.len() };
                self.named(self.decisions().into_iter().take(shown).collect())
            }
            _ => Vec::new(),
        };
        columns(&rows)
    }

    /// Rows with a column of the stocks' names, when KIS gave any.
    fn named(&self, lines: Vec<(&Symbol, &str, Sentence)>) -> Vec<Vec<String>> {
        let name = |symbol: &Symbol| self.names.get(symbol).map(String::as_str).unwrap_or_default();
        let has_names = lines.iter().any(|(symbol, ..)| !name(symbol).is_empty());
        let lines = lines.into_iter().map(|(symbol, rule, detail)| match has_names {
            true => row([symbol.as_str(), name(symbol), rule, self.said(&detail)]),
            false => row([symbol.as_str(), rule, self.said(&detail)]),
        });
        lines.collect()
    }
}

fn row<const COUNT: usize>(cells: [&str; COUNT]) -> Vec<String> {
    cells.map(visible).to_vec()
}

/// `fell 3.10 %; buy 11 @ 181.00 accepted (0000040840)`, or `… would be sent`, or why it was not.
fn order_detail(order: &OrderLine) -> Sentence {
    let OrderLine { reason, numbers, .. } = order;
    let (side, quantity, price) = (order.side, order.quantity, &price_of(order));
    let role = order.of_strategy.as_ref().map(OfStrategy::name);
    let is_plain = reason.en == role.unwrap_or(order.rule);
    let why = if is_plain { Sentence::default() } else { reason.clone() };
    let outcome = match (order.state, &order.order_id) {
        (None, _) => words::would_be_sent(side, quantity, price),
        (Some(IntentState::NotSent), _) => words::not_sent(side, quantity, price, reason),
        (Some(state), None) => words::order_is(side, quantity, price, state).and(": ", &why),
        (Some(state), Some(id)) => words::numbered_order_is(side, quantity, price, state, id).and(": ", &why),
    };
    if numbers.is_empty() { outcome } else { words::by_numbers(numbers, &outcome) }
}

/// The limit price; an order at the market has none.
fn price_of(order: &OrderLine) -> Sentence {
    match order.of_strategy.as_ref().and_then(|its| its.kind) {
        Some(OrderKind::Moc) => kind_word(OrderKind::Moc),
        _ => Sentence::of(&order.limit_price),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::cleanup::Kept;
    use crate::decide::rule::{Rule, Skip};
    use crate::decide::test_support::{at, symbol, usd};
    use crate::domain::{Exchange, Job, Side};
    use crate::exit::Ending;
    use crate::language::Language;
    use crate::report::CancelledLine;

    fn report(result: RunResult, reason: Option<Reason>, body: Body) -> Report {
        let ending = Ending { result, reason, ..Ending::done(Sentence::verbatim("in a sentence")) };
        Report { body, language: Language::English, ..Report::new(Some(Job::Buy), None, at("10:00:00"), ending) }
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
            reason: Sentence::verbatim(reason),
            said: None,
            of_strategy: None,
            rule: "fell_most",
            numbers: Sentence { en: "fell 3.10 %".to_owned(), ko: "3.10% 하락".to_owned() },
        }
    }

    #[test]
    fn one_line_a_symbol_says_rule_and_numbers() {
        let skip =
            Skip::new(&symbol("META"), Rule::NotPicked, Sentence::verbatim("fell 0.63 %, place 3 of the candidates"));
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
            report.detail_lines(true),
            "  TSLA                 fell_most   fell 3.10 %; buy 11 @ 181.00 accepted (0000040840)\n  \
               TSLA                 fell_most   fell 3.10 %; buy 11 @ 181.00 rejected: 주문가능금액이 부족합니다\n  \
               META  메타 플랫폼스  not_picked  fell 0.63 %, place 3 of the candidates\n"
        );
        report.names.clear();
        assert_eq!(
            report.detail_lines(true),
            "  TSLA  fell_most   fell 3.10 %; buy 11 @ 181.00 accepted (0000040840)\n  \
               TSLA  fell_most   fell 3.10 %; buy 11 @ 181.00 rejected: 주문가능금액이 부족합니다\n  \
               META  not_picked  fell 0.63 %, place 3 of the candidates\n"
        );
        assert_eq!(report.detail_lines(false).lines().count(), 2, "orders alone");
        report.language = Language::Korean;
        let first = "  TSLA  fell_most  3.10% 하락 · 매수 11주 @ $181.00 접수(0000040840)";
        assert_eq!(report.detail_lines(false).lines().next(), Some(first));
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
                detail: Sentence::verbatim("buy 3 @ 9.00 (0000040842), 4 of 20 minutes old"),
            }],
            settled: Vec::new(),
            adoption: None,
        };
        assert_eq!(
            report(RunResult::Done, None, body).detail_lines(true),
            "  GOOGL  cancelled  buy 15 left (0000040841)\n  \
               META   too_young  buy 3 @ 9.00 (0000040842), 4 of 20 minutes old\n"
        );
    }

    #[test]
    fn only_a_run_that_decided_replaces_the_reasons_before_it() {
        let empty = || Body::Trade { orders: Vec::new(), skipped: Vec::new() };
        let skipped = || Body::Trade {
            orders: Vec::new(),
            skipped: vec![Skip::new(&symbol("A"), Rule::Hold, Sentence::verbatim("profit 1 %"))],
        };
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
