//! How the strategies go together with each other and with the other sections.

use super::{RuleSettings, StrategySettings};
use crate::config::rules::{BuySettings, Limits, SellSettings};
use crate::config::words::strategies as say;
use crate::domain::Usd;
use crate::language::Sentence;

/// What is wrong with a strategy beside those before it and the other sections.
pub(super) fn check_together(
    strategy: &StrategySettings,
    before: &[StrategySettings],
    buy: &BuySettings,
    sell: &SellSettings,
    limits: &Limits,
) -> Vec<Sentence> {
    let mut problems = Vec::new();
    let StrategySettings { name, symbols, .. } = strategy;
    if before.iter().any(|other| other.name == *name) {
        problems.push(say::name_taken(name));
    }
    for symbol in symbols.iter().map(|listed| &listed.symbol) {
        if let Some(other) = before.iter().find(|other| other.trades(symbol)) {
            problems.push(say::symbol_of_another(name, symbol, &other.name));
        }
        if buy.watch.iter().any(|listed| listed.symbol == *symbol) {
            problems.push(say::symbol_in_watch(name, symbol));
        }
        if sell.keep.contains(symbol) {
            problems.push(say::symbol_in_keep(name, symbol));
        }
    }
    problems.extend(check_limits(strategy, limits));
    problems
}

/// The limits must let a built-in strategy do what it is set to: by default they would stop a cycle half-way. A program's orders
/// are checked one by one.
fn check_limits(strategy: &StrategySettings, limits: &Limits) -> Vec<Sentence> {
    let RuleSettings::Infinite(infinite) = &strategy.rule else { return Vec::new() };
    let unit = Usd(strategy.principal.0 / rust_decimal::Decimal::from(infinite.splits.max(1))).to_cents();
    let name = &strategy.name;
    let too_low = |key: &str, most: Usd, needed: Usd, what: fn(Usd) -> Sentence| {
        (most < needed).then(|| say::limit_too_low(name, key, most, &what(needed)))
    };
    let position = limits.max_position.unwrap_or(strategy.principal);
    [
        too_low("max_order_usd", limits.max_order, unit, say::daily_unit),
        too_low("max_buy_usd_per_day", limits.max_buy_per_day, unit, say::daily_unit),
        too_low("max_position_usd", position, strategy.principal, say::whole_principal),
    ]
    .into_iter()
    .flatten()
    .collect()
}
