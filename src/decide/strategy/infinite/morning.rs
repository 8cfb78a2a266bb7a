//! What both versions decide by, on the morning of a trading date.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;

use crate::config::{InfiniteSettings, StrategyKind};
use crate::decide::rule::Rule;
use crate::decide::strategy::infinite::ladder::Ladder;
use crate::decide::strategy::infinite::lines::Lines;
use crate::decide::strategy::infinite::mains::{Main, over};
use crate::decide::strategy::infinite::{Blocked, Role, words};
use crate::decide::strategy::rule::RuleFacts;
use crate::domain::{Json, Line, LineFill, Lot, Side, Usd};
use crate::language::Sentence;

/// The facts of one symbol.
pub(super) struct Morning<'a> {
    pub settings: &'a InfiniteSettings,
    pub date: NaiveDate,
    /// The strategy's own cash in USD, with what finished cycles set aside.
    pub own_cash: Usd,
    pub lot: Lot,
    /// Known closes in USD, oldest first.
    pub closes: Vec<Usd>,
    pub previous_close: Usd,
    /// Sells before buys.
    pub fills: Vec<&'a LineFill>,
    /// For messages.
    strategy: &'a str,
}

impl<'a> Morning<'a> {
    /// Picks the facts out.
    pub fn of(settings: &'a InfiniteSettings, facts: &'a RuleFacts) -> Result<Morning<'a>, Blocked> {
        let symbol = &settings.symbol;
        let closes: Vec<Usd> = facts.closes.get(symbol).into_iter().flatten().map(|(_, close)| *close).collect();
        let quote = facts.quotes.iter().find(|quote| quote.symbol == *symbol);
        let known = closes.last().copied().or_else(|| quote.and_then(|quote| quote.previous_close));
        let Some(previous_close) = known.filter(|close| close.is_positive()) else {
            return Err(Blocked { rule: Rule::PriceUnknown, note: words::previous_close_unknown(symbol) });
        };
        let position = facts.positions.iter().find(|position| position.symbol == *symbol);
        let lot = position.filter(|position| position.quantity > 0).map_or_else(Lot::default, |position| Lot {
            quantity: position.quantity,
            average_cost: position.average_cost,
        });
        let mut fills: Vec<&LineFill> = facts.fills.iter().filter(|fill| fill.symbol == *symbol).collect();
        fills.sort_by_key(|fill| fill.side == Side::Buy);
        Ok(Morning {
            settings,
            date: facts.clock.trading_date,
            own_cash: facts.own_cash.max(Usd::ZERO),
            lot,
            closes,
            previous_close,
            fills,
            strategy: &facts.strategy,
        })
    }

    /// Reads the last state of one version; `None` where a first cycle is to begin.
    pub fn read_state<T: DeserializeOwned>(&self, state: &Json, kind: StrategyKind) -> Result<Option<T>, Blocked> {
        #[derive(serde::Deserialize)]
        struct Kind {
            kind: StrategyKind,
        }
        let stored = serde_json::from_str::<Kind>(&state.0).ok().filter(|stored| stored.kind == kind);
        let read = stored.and_then(|_| serde_json::from_str(&state.0).ok());
        // Shares whose T is unknown are left alone; without shares nothing is lost by beginning anew.
        if read.is_none() && self.lot.quantity > 0 {
            return Err(Blocked { rule: Rule::StateUnknown, note: words::state_unknown(self.strategy) });
        }
        Ok(read)
    }

    /// The highest price of any buy.
    pub fn cap(&self) -> Usd {
        over(self.previous_close, self.settings.first_buy_percent)
    }

    /// The mean of the last closes, half up to the cent; blocked where fewer are known.
    pub fn mean_close(&self, count: usize) -> Result<Usd, Blocked> {
        let first = self.closes.len().checked_sub(count).ok_or_else(|| Blocked {
            rule: Rule::PriceUnknown,
            note: words::closes_unknown(&self.settings.symbol, count),
        })?;
        let sum: Usd = self.closes.iter().skip(first).copied().sum();
        Ok(Usd(sum.0 / Decimal::from(count.max(1))).to_cents())
    }

    /// The first buy of a cycle and its ladder, for a unit that pays for two shares or more.
    pub fn first(&self, unit: Usd, notes: &mut Vec<Sentence>) -> Result<Vec<Line>, Rule> {
        let cap = self.cap();
        if unit < cap + cap {
            notes.push(words::capital_too_small(unit, cap));
            return Err(Rule::CapitalTooSmall);
        }
        let mut lines = Lines::of(&self.settings.symbol);
        self.buy(Main::of(Role::First, unit, cap).as_slice(), unit, &mut lines, notes);
        Ok(lines.all())
    }

    /// Buys in the closing auction: the mains, and the ladder under them.
    pub fn buy(&self, mains: &[Main], unit: Usd, lines: &mut Lines<'_>, notes: &mut Vec<Sentence>) {
        let ladder = Ladder::under(mains, unit, self.previous_close, self.settings);
        if ladder.is_cut_at_a_dollar {
            notes.push(words::rungs_under_a_dollar());
        }
        lines.buy(mains, &ladder);
    }

    /// Sells a quarter, rounded down, in the closing auction at `price`, and the rest at the target.
    pub fn sell(&self, role: Role, price: Usd, lines: &mut Lines<'_>) {
        let quarter = self.lot.quantity / 4;
        lines.sell_loc(role, quarter, price);
        self.sell_target(self.lot.quantity - quarter, lines);
    }

    /// Sells at the target.
    pub fn sell_target(&self, quantity: u64, lines: &mut Lines<'_>) {
        lines.sell_target(quantity, over(self.lot.average_cost, self.settings.target_percent));
    }
}
