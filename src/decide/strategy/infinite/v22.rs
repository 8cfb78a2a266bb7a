//! Version 2.2: the unit is fixed, T follows from cost, and a cycle that runs out of money sells a quarter.

use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::config::StrategyKind;
use crate::decide::facts::CENT;
use crate::decide::rule::Rule;
use crate::decide::strategy::infinite::cycle::Cycle;
use crate::decide::strategy::infinite::lines::Lines;
use crate::decide::strategy::infinite::mains::{Main, Prices, over};
use crate::decide::strategy::infinite::morning::Morning;
use crate::decide::strategy::infinite::{Blocked, CycleMode, Role, to_json, words};
use crate::decide::strategy::rule::RuleAnswer;
use crate::domain::{Json, Line, Lot, Percent, Usd};
use crate::language::Sentence;

/// Buys after a quarter stop, until the next one.
const STOP_BUYS: u32 = 10;

/// What is remembered from one sheet to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    pub kind: StrategyKind,
    /// Daily units spent, by cost; for people, as each morning computes it anew.
    #[serde(with = "rust_decimal::serde::str")]
    pub t: Decimal,
    pub mode: CycleMode,
    /// First date of the quarter stop.
    pub since: Option<NaiveDate>,
    /// Whether the stop has yet to sell its quarter.
    pub moc_due: bool,
    /// USD that the day may spend.
    pub unit: Usd,
    /// Days since the stop's sale on which its buy filled.
    pub buys: u32,
    #[serde(flatten)]
    pub cycle: Cycle,
}

impl State {
    pub fn of(cycle: Cycle) -> State {
        let (kind, mode, unit) = (StrategyKind::InfiniteV22, CycleMode::Normal, daily_unit(&cycle));
        State { kind, t: Decimal::ZERO, mode, since: None, moc_due: false, unit, buys: 0, cycle }
    }

    /// A position taken over.
    pub fn adopted(cycle: Cycle, lot: Lot) -> State {
        let t = t_of(lot, daily_unit(&cycle));
        State { t, ..State::of(cycle) }
    }
}

/// USD a day, down to the cent.
fn daily_unit(cycle: &Cycle) -> Usd {
    Usd(cycle.principal.0 / Decimal::from(cycle.splits.max(1))).down_to_cents()
}

/// Daily units that a lot cost, up to two places.
fn t_of(lot: Lot, unit: Usd) -> Decimal {
    let cost = lot.average_cost.times(lot.quantity).unwrap_or(Usd(Decimal::MAX));
    let t = cost.0.checked_div(unit.0).unwrap_or(Decimal::MAX);
    t.round_dp_with_strategy(2, RoundingStrategy::AwayFromZero).normalize()
}

/// How far the star is over the average cost: `target_percent` on the first day, as far below on the last.
pub(super) fn star_percent(target: Percent, t: Decimal, splits: u32) -> Percent {
    let slope = Decimal::TWO / Decimal::from(splits.max(1));
    target - target.saturating_mul(t).saturating_mul(slope)
}

/// Plans a sheet.
pub(super) fn plan(morning: &Morning<'_>, state: &Json) -> Result<RuleAnswer, Blocked> {
    let state: Option<State> = morning.read_state(state, StrategyKind::InfiniteV22)?;
    let state = state.unwrap_or_else(|| State::of(Cycle::new(morning.settings)));
    let mut day = Day { morning, state, notes: Vec::new() };
    day.take_fills_in();
    let (lines, blocked) = if morning.lot.quantity == 0 {
        match day.first() {
            Ok(lines) => (lines, None),
            Err(rule) => (Vec::new(), Some(rule)),
        }
    } else {
        (day.held(), None)
    };
    let note = Sentence::joined(&day.notes, "; ");
    Ok(RuleAnswer { lines, state: to_json(&day.state), note, blocked })
}

/// A state on its way through a morning.
struct Day<'a> {
    morning: &'a Morning<'a>,
    state: State,
    notes: Vec<Sentence>,
}

impl Day<'_> {
    fn take_fills_in(&mut self) {
        let (morning, before) = (self.morning, self.state.t);
        morning.fills.iter().for_each(|fill| self.state.cycle.book(fill));
        let mut movers: Vec<Role> = morning.fills.iter().filter_map(|fill| Role::of(&fill.role)).collect();
        movers.dedup();
        if movers.contains(&Role::Moc) {
            // The ten buys begin with the money that is there after the sale.
            let tenth = Usd(self.state.cycle.cash.max(Usd::ZERO).0 / Decimal::from(STOP_BUYS)).down_to_cents();
            (self.state.unit, self.state.buys) = (tenth.min(daily_unit(&self.state.cycle)), 0);
            self.state.moc_due = false;
        }
        if movers.contains(&Role::StopBuy) {
            self.state.buys += 1;
        }
        if movers.contains(&Role::StopSell) {
            (self.state.mode, self.state.since, self.state.buys) = (CycleMode::Normal, None, 0);
            self.notes.push(words::stop_ended(self.state.unit));
        }
        self.state.t = t_of(morning.lot, daily_unit(&self.state.cycle));
        if morning.lot.quantity == 0 && (!before.is_zero() || !morning.fills.is_empty()) {
            self.state.cycle.cycles += 1;
            self.notes.push(words::cycle_ended(self.state.cycle.cycles));
        }
        if self.state.t != before {
            let movers: Vec<Sentence> = movers.iter().map(Sentence::of).collect();
            self.notes.insert(0, words::t_moved(before, self.state.t, &movers));
        }
    }

    /// Nothing is held: the first buy of a cycle.
    fn first(&mut self) -> Result<Vec<Line>, Rule> {
        self.state.cycle.provide(self.morning);
        let unit = daily_unit(&self.state.cycle);
        self.state = State { unit, ..State::of(self.state.cycle.clone()) };
        self.morning.first(unit, &mut self.notes)
    }

    fn held(&mut self) -> Vec<Line> {
        let is_out_of_money = self.state.cycle.cash < self.state.unit;
        let is_due = match self.state.mode {
            CycleMode::Normal => {
                is_out_of_money || self.state.t > Decimal::from(self.state.cycle.splits) - Decimal::ONE
            }
            CycleMode::Stop | CycleMode::Reverse => is_out_of_money || self.state.buys >= STOP_BUYS,
        };
        if is_due {
            self.state.mode = CycleMode::Stop;
            self.state.since = self.state.since.or(Some(self.morning.date));
            self.state.moc_due = true;
        }
        self.notes.extend(self.state.since.map(|since| words::stop_since(since, self.state.buys, STOP_BUYS)));
        self.state.cycle.note_changes(self.morning.settings, &mut self.notes);
        if self.state.mode == CycleMode::Normal { self.normal() } else { self.stop() }
    }

    fn normal(&mut self) -> Vec<Line> {
        let (morning, splits) = (self.morning, self.state.cycle.splits);
        let star_percent = star_percent(morning.settings.target_percent, self.state.t, splits);
        let prices = Prices::of(morning.lot.average_cost, star_percent, morning.cap());
        let mains = prices.mains(self.state.unit, self.state.t, splits);
        let mut lines = Lines::of(&morning.settings.symbol);
        morning.sell(Role::Quarter, prices.star, &mut lines);
        morning.buy(&mains, self.state.unit, &mut lines, &mut self.notes);
        lines.all()
    }

    fn stop(&mut self) -> Vec<Line> {
        let morning = self.morning;
        let mut lines = Lines::of(&morning.settings.symbol);
        if self.state.moc_due {
            let quarter = morning.lot.quantity / 4;
            lines.sell_moc(quarter);
            morning.sell_target(morning.lot.quantity - quarter, &mut lines);
            return lines.all();
        }
        let low = over(morning.lot.average_cost, -morning.settings.target_percent);
        let main = Main::of(Role::StopBuy, self.state.unit, (low - CENT).min(morning.cap()));
        morning.sell(Role::StopSell, low, &mut lines);
        morning.buy(main.as_slice(), self.state.unit, &mut lines, &mut self.notes);
        lines.all()
    }
}
