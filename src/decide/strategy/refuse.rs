//! Which orders of an answer can't be taken: they are refused one by one, the rule is told, and the rest goes.

use std::collections::BTreeMap;

use crate::decide::rule::Rule;
use crate::decide::strategy::rule::RuleFacts;
use crate::domain::{Line, OrderKind, RefusedLine, Side, Symbol, Usd};

/// The lines that can be taken, and those that can't: sells beyond what is sellable, buys beyond what can be spent, buys that could
/// meet an own sell which netting can't take, and a second order at the market. `before` are the lines of this date so far.
pub fn sift(lines: Vec<Line>, before: &[Line], facts: &RuleFacts) -> (Vec<Line>, Vec<RefusedLine>) {
    let (mut taken, mut refused): (Vec<Line>, Vec<RefusedLine>) = (Vec::new(), Vec::new());
    let mut sellable: BTreeMap<Symbol, u64> =
        facts.positions.iter().map(|held| (held.symbol.clone(), held.sellable)).collect();
    let mut spendable = facts.spendable;
    for line in &lines {
        let others = || before.iter().chain(lines.iter().filter(|other| other.role != line.role));
        let rule = match line.side {
            Side::Sell => {
                let left = sellable.entry(line.symbol.clone()).or_default();
                if is_second_moc(line, before.iter().chain(&taken)) {
                    Some(Rule::SecondMoc)
                } else if line.quantity > *left {
                    Some(Rule::NothingSellable)
                } else {
                    *left -= line.quantity;
                    None
                }
            }
            Side::Buy if crosses_what_is_not_netted(line, others()) => Some(Rule::SelfTrade),
            Side::Buy => {
                let cost = line.limit_price.and_then(|price| price.times(line.quantity)).unwrap_or(Usd::MAX);
                let fits = cost <= spendable;
                spendable = if fits { spendable - cost } else { spendable };
                (!fits).then_some(Rule::CashTooLow)
            }
        };
        match rule {
            None => taken.push(line.clone()),
            Some(rule) => refused.push(RefusedLine { line: line.clone(), reason: rule.word().to_owned() }),
        }
    }
    (taken, refused)
}

fn is_second_moc<'a>(line: &Line, mut others: impl Iterator<Item = &'a Line>) -> bool {
    let is_like = |other: &Line| other.kind == OrderKind::Moc && other.symbol == line.symbol && other.side == line.side;
    line.kind == OrderKind::Moc && others.any(is_like)
}

/// Reports whether a buy could meet a sell of the same sheet, and one of the two is no LOC order: only those are netted.
fn crosses_what_is_not_netted<'a>(buy: &Line, mut others: impl Iterator<Item = &'a Line>) -> bool {
    others.any(|sell| {
        let is_netted = buy.kind == OrderKind::Loc && sell.kind == OrderKind::Loc;
        let meets = match (buy.limit_price, sell.limit_price) {
            (Some(buy), Some(sell)) => buy >= sell,
            _ => sell.kind == OrderKind::Moc,
        };
        sell.side == Side::Sell && sell.symbol == buy.symbol && meets && !is_netted
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::strategy::rule::{RuleClock, RulePosition};
    use crate::decide::test_support::{at, day, symbol, usd};
    use crate::domain::{Json, Mode};

    fn line(role: &str, side: Side, kind: OrderKind, quantity: u64, price: &str) -> Line {
        let limit_price = (!price.is_empty()).then(|| usd(price));
        Line { role: role.to_owned(), symbol: symbol("TQQQ"), side, kind, quantity, limit_price, note: String::new() }
    }

    fn facts(sellable: u64, spendable: &str) -> RuleFacts {
        let (average_cost, quantity) = (usd("50"), 20);
        RuleFacts {
            mode: Mode::Real,
            clock: RuleClock {
                now: at("09:35:00"),
                trading_date: day(),
                previous_trading_date: day(),
                opens_at: at("09:30:00"),
                closes_at: at("16:00:00"),
                is_half_day: false,
                session_number: 1,
            },
            strategy: "dip".to_owned(),
            own_cash: usd(spendable),
            spendable: usd(spendable),
            positions: vec![RulePosition { symbol: symbol("TQQQ"), quantity, sellable, average_cost }],
            quotes: Vec::new(),
            closes: BTreeMap::new(),
            fills: Vec::new(),
            orders: Vec::new(),
            state: Json::default(),
        }
    }

    /// The roles taken, and those refused with their word.
    fn sifted(lines: &[Line], before: &[Line]) -> (String, String) {
        let (taken, refused) = sift(lines.to_vec(), before, &facts(10, "1000"));
        let taken: Vec<&str> = taken.iter().map(|line| line.role.as_str()).collect();
        let refused: Vec<String> = refused.iter().map(|one| format!("{} {}", one.line.role, one.reason)).collect();
        (taken.join(" "), refused.join(", "))
    }

    #[test]
    fn each_order_is_taken_or_refused_by_itself() {
        use OrderKind::{Limit, Loc, Moc};
        use Side::{Buy, Sell};
        for (lines, taken, refused) in [
            (
                vec![line("a", Sell, Loc, 6, "60"), line("b", Sell, Limit, 5, "70"), line("c", Sell, Limit, 4, "71")],
                "a c",
                "b nothing_sellable",
            ),
            (
                vec![line("a", Buy, Loc, 20, "40"), line("b", Buy, Loc, 6, "40"), line("c", Buy, Loc, 5, "40")],
                "a c",
                "b cash_too_low",
            ),
            (vec![line("a", Sell, Moc, 2, ""), line("b", Sell, Moc, 2, "")], "a", "b second_moc"),
            (vec![line("a", Sell, Moc, 2, ""), line("b", Buy, Loc, 2, "40")], "a", "b self_trade"),
            (vec![line("a", Buy, Limit, 2, "60"), line("b", Sell, Loc, 2, "60")], "b", "a self_trade"),
            (vec![line("a", Buy, Loc, 2, "60"), line("b", Sell, Loc, 2, "60")], "a b", ""),
            (vec![line("a", Buy, Limit, 2, "59.99"), line("b", Sell, Limit, 2, "60")], "a b", ""),
        ] {
            assert_eq!(sifted(&lines, &[]), (taken.to_owned(), refused.to_owned()), "{lines:?}");
        }
        let before = [line("m", Sell, Moc, 2, "")];
        assert_eq!(sifted(&[line("n", Sell, Moc, 1, "")], &before).1, "n second_moc");
        assert_eq!(sifted(&[line("n", Buy, Loc, 1, "10")], &before).1, "n self_trade");
    }
}
