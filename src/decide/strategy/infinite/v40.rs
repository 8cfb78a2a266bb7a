//! Version 4.0: T moves by what filled, the unit follows the cycle's cash, and a cycle that runs out of money goes into reverse.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::config::StrategyKind;
use crate::decide::facts::CENT;
use crate::decide::rule::Rule;
use crate::decide::strategy::infinite::cycle::Cycle;
use crate::decide::strategy::infinite::lines::Lines;
use crate::decide::strategy::infinite::mains::{Main, Prices};
use crate::decide::strategy::infinite::morning::Morning;
use crate::decide::strategy::infinite::{Blocked, CycleMode, Role, to_json, words};
use crate::decide::strategy::rule::RuleAnswer;
use crate::domain::{Json, Line, LineFill, Percent, Usd};
use crate::language::Sentence;

/// Closes whose mean is the star of reverse mode.
const REVERSE_CLOSES: usize = 5;
/// Parts that the cash of reverse mode is split into.
const REVERSE_PARTS: Decimal = Decimal::from_parts(4, 0, 0, false, 0);
/// What selling a quarter leaves of T.
const AFTER_QUARTER: Decimal = Decimal::from_parts(75, 0, 0, false, 2);
/// What selling the rest leaves of T.
const AFTER_TARGET: Decimal = Decimal::from_parts(25, 0, 0, false, 2);
/// Places that T is kept to.
const T_PLACES: u32 = 4;

/// What is remembered from one sheet to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    pub kind: StrategyKind,
    /// Daily units spent, so to speak: what fills moves it, and not the number of shares.
    #[serde(with = "rust_decimal::serde::str")]
    pub t: Decimal,
    pub mode: CycleMode,
    /// First date of reverse mode.
    pub since: Option<NaiveDate>,
    /// Whether reverse mode has yet to sell for the first time.
    pub moc_due: bool,
    /// USD that the day may spend.
    pub unit: Usd,
    #[serde(flatten)]
    pub cycle: Cycle,
}

impl State {
    pub fn of(t: Decimal, cycle: Cycle) -> State {
        let mode = CycleMode::Normal;
        State { kind: StrategyKind::InfiniteV40, t: kept(t), mode, since: None, moc_due: false, unit: Usd::ZERO, cycle }
    }
}

/// T to the places that it is kept to: half to even, so that its error has no direction.
fn kept(t: Decimal) -> Decimal {
    t.round_dp(T_PLACES).normalize()
}

/// Plans a sheet.
pub(super) fn plan(morning: &Morning<'_>, state: &Json) -> Result<RuleAnswer, Blocked> {
    let state: Option<State> = morning.read_state(state, StrategyKind::InfiniteV40)?;
    let state = state.unwrap_or_else(|| State::of(Decimal::ZERO, Cycle::new(morning.settings)));
    let mut day = Day { morning, state, notes: Vec::new() };
    day.take_fills_in();
    let (lines, blocked) = if morning.lot.quantity == 0 {
        match day.first() {
            Ok(lines) => (lines, None),
            Err(rule) => (Vec::new(), Some(rule)),
        }
    } else {
        (day.held()?, None)
    };
    let note = Sentence::joined(&day.notes, "; ");
    Ok(RuleAnswer { lines, state: to_json(&day.state), note, blocked })
}

/// T after a fill; one of a part of the shares moves it by that part.
fn moved(t: Decimal, role: Role, fill: &LineFill, splits: Decimal) -> Decimal {
    let part = Decimal::from(fill.quantity) / Decimal::from(fill.ordered.max(fill.quantity).max(1));
    match role {
        Role::Quarter => t - t * (Decimal::ONE - AFTER_QUARTER) * part,
        Role::Target => t - t * (Decimal::ONE - AFTER_TARGET) * part,
        Role::Moc | Role::ReverseSell => t - t * Decimal::TWO / splits * part,
        Role::First | Role::Full => t + part,
        Role::Half => t + part / Decimal::TWO,
        Role::ReverseBuy => t + (splits - t) / REVERSE_PARTS * part,
        Role::Rung | Role::StopBuy | Role::StopSell => t,
    }
}

/// A state on its way through a morning.
struct Day<'a> {
    morning: &'a Morning<'a>,
    state: State,
    notes: Vec<Sentence>,
}

impl Day<'_> {
    fn take_fills_in(&mut self) {
        let (before, splits) = (self.state.t, self.splits());
        let mut movers = Vec::new();
        for fill in &self.morning.fills {
            self.state.cycle.book(fill);
            let Some(role) = Role::of(&fill.role) else { continue };
            let t = moved(self.state.t, role, fill, splits);
            if t != self.state.t {
                movers.push(Sentence::of(&role));
            }
            self.state.t = t;
            self.state.moc_due &= role != Role::Moc;
        }
        self.state.t = kept(self.state.t);
        let is_over = self.morning.lot.quantity == 0 && (!before.is_zero() || !self.morning.fills.is_empty());
        if is_over {
            self.state.t = Decimal::ZERO;
            self.state.cycle.cycles += 1;
            self.notes.push(words::cycle_ended(self.state.cycle.cycles));
        }
        if self.state.t != before {
            self.notes.insert(0, words::t_moved(before, self.state.t, &movers));
        }
    }

    /// Nothing is held: the first buy of a cycle.
    fn first(&mut self) -> Result<Vec<Line>, Rule> {
        let (morning, cycle) = (self.morning, &mut self.state.cycle);
        cycle.provide(morning);
        (self.state.mode, self.state.since, self.state.moc_due) = (CycleMode::Normal, None, false);
        self.state.unit = self.unit();
        morning.first(self.state.unit, &mut self.notes)
    }

    fn held(&mut self) -> Result<Vec<Line>, Blocked> {
        self.leave_reverse();
        let prices = Prices::of(self.average(), self.star_percent(), self.morning.cap());
        let unit = self.unit();
        let mains = prices.mains(unit, self.state.t, self.state.cycle.splits);
        let is_spent = self.state.t > self.splits() - Decimal::ONE || mains.is_empty();
        if self.state.mode == CycleMode::Normal && is_spent {
            self.state.mode = CycleMode::Reverse;
            (self.state.since, self.state.moc_due) = (Some(self.morning.date), true);
        }
        self.notes.extend(self.state.since.map(words::reverse_since));
        self.state.cycle.note_changes(self.morning.settings, &mut self.notes);
        if self.state.mode == CycleMode::Reverse {
            return self.reverse();
        }
        self.state.unit = unit;
        let mut lines = Lines::of(&self.morning.settings.symbol);
        self.morning.sell(Role::Quarter, prices.star, &mut lines);
        self.morning.buy(&mains, unit, &mut lines, &mut self.notes);
        Ok(lines.all())
    }

    /// Reverse mode ends after a close not too far under the average cost.
    fn leave_reverse(&mut self) {
        let average = self.average();
        let bound = average - average.percent(self.morning.settings.star_percent);
        if self.state.mode == CycleMode::Reverse && self.morning.previous_close > bound {
            (self.state.mode, self.state.since, self.state.moc_due) = (CycleMode::Normal, None, false);
            self.notes.push(words::reverse_ended(self.morning.previous_close, bound.to_cents()));
        }
    }

    fn reverse(&mut self) -> Result<Vec<Line>, Blocked> {
        let (morning, cash) = (self.morning, self.state.cycle.cash.max(Usd::ZERO));
        let part = Usd(cash.0 / REVERSE_PARTS);
        self.state.unit = part.down_to_cents();
        // Twice an n-th of the shares, rounded down.
        let sold = (morning.lot.quantity.saturating_mul(2) / u64::from(self.state.cycle.splits.max(1))).max(1);
        let mut lines = Lines::of(&morning.settings.symbol);
        if self.state.moc_due {
            lines.sell_moc(sold);
            return Ok(lines.all());
        }
        let star = morning.mean_close(REVERSE_CLOSES)?;
        let mains: Vec<Main> = Main::of(Role::ReverseBuy, part, (star - CENT).min(morning.cap())).into_iter().collect();
        if mains.is_empty() {
            lines.sell_moc(sold);
            return Ok(lines.all());
        }
        lines.sell_loc(Role::ReverseSell, sold, star);
        morning.buy(&mains, part, &mut lines, &mut self.notes);
        Ok(lines.all())
    }

    /// USD a day: the cash over the days that are left, down to the cent.
    fn unit(&self) -> Usd {
        let days = self.splits() - self.state.t;
        let cash = self.state.cycle.cash.max(Usd::ZERO);
        if days > Decimal::ZERO { Usd(cash.0 / days).down_to_cents() } else { Usd::ZERO }
    }

    fn star_percent(&self) -> Percent {
        self.morning.settings.star_percent * (Decimal::ONE - Decimal::TWO * self.state.t / self.splits())
    }

    fn splits(&self) -> Decimal {
        Decimal::from(self.state.cycle.splits.max(1))
    }

    fn average(&self) -> Usd {
        self.morning.lot.average_cost
    }
}
