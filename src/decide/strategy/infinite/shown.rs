//! What people see of a state.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::Deserialize;

use crate::decide::strategy::infinite::{CycleMode, words};
use crate::domain::{Json, Usd};
use crate::language::Sentence;

/// A state, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// T to two places.
    pub t: String,
    /// The mode, in words.
    pub mode: Sentence,
    /// True outside V4.0's reverse mode and V2.2's quarter stop.
    pub is_normal: bool,
    /// USD that the day may spend.
    pub unit: Usd,
    /// USD left to the cycle.
    pub cash: Usd,
    /// Cycles that ended.
    pub cycles: u32,
}

/// T as people read it: two places, half away from zero.
pub(super) fn show_t(t: Decimal) -> String {
    format!("{:.2}", t.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero))
}

/// Shows the state of either version; `None` for one that is not from here.
pub fn shown(state: &Json) -> Option<Shown> {
    #[derive(Deserialize)]
    struct Stored {
        #[serde(with = "rust_decimal::serde::str")]
        t: Decimal,
        mode: CycleMode,
        unit: Usd,
        cash: Usd,
        cycles: u32,
    }
    let stored: Stored = serde_json::from_str(&state.0).ok()?;
    let mode = match stored.mode {
        CycleMode::Normal => words::normal(),
        CycleMode::Reverse => words::reverse(),
        CycleMode::Stop => words::stop(),
    };
    let is_normal = stored.mode == CycleMode::Normal;
    Some(Shown { t: show_t(stored.t), mode, is_normal, unit: stored.unit, cash: stored.cash, cycles: stored.cycles })
}
