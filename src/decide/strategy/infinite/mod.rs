//! Infinite buying: a daily unit, a quarter sold near cost, the rest at a target. Owns both versions of the rule; a sheet is a
//! pure function of the facts and of the last state.

mod adopt;
mod cycle;
mod ladder;
mod lines;
mod mains;
mod morning;
mod shown;
#[cfg(test)]
mod tests;
mod v22;
mod v40;
mod words;

use std::fmt;

use crate::config::{InfiniteSettings, InfiniteVersion};
use crate::decide::rule::Rule;
use crate::decide::strategy::rule::{RuleAnswer, RuleFacts};
use crate::domain::{Json, words};
use crate::language::{Language, Say, Sentence};

pub use adopt::{Adoption, adopted};
use morning::Morning;
pub use shown::{Shown, shown};

words! {
    /// What a line is for.
    pub enum Role {
        /// Sells a quarter near cost.
        Quarter = "quarter",
        /// Sells the rest at the target.
        Target = "target",
        /// Opens a cycle.
        First = "first",
        /// Buys a whole daily unit.
        Full = "full",
        /// Buys one of the two halves of a daily unit.
        Half = "half",
        /// Buys one share far below.
        Rung = "rung",
        /// Sells at any price: the first day of V4.0's reverse mode, or V2.2's quarter stop.
        Moc = "moc",
        /// Sells in V4.0's reverse mode.
        ReverseSell = "reverse-sell",
        /// Buys in V4.0's reverse mode.
        ReverseBuy = "reverse-buy",
        /// Buys after V2.2's quarter stop.
        StopBuy = "stop-buy",
        /// Sells a quarter after V2.2's quarter stop, which ends it.
        StopSell = "stop-sell",
    }
}

impl Role {
    /// The role with this word.
    pub fn of(word: &str) -> Option<Role> {
        Role::WORDS.iter().find(|(known, _)| *known == word).map(|(_, role)| *role)
    }
}

impl Say for Role {
    fn say(&self, language: Language) -> impl fmt::Display {
        match (language, self) {
            (Language::English, role) => role.word(),
            (Language::Korean, Role::Quarter) => "쿼터 매도",
            (Language::Korean, Role::Target) => "목표가 매도",
            (Language::Korean, Role::First) => "첫 매수",
            (Language::Korean, Role::Full) => "1회 매수",
            (Language::Korean, Role::Half) => "절반 매수",
            (Language::Korean, Role::Rung) => "사다리 매수",
            (Language::Korean, Role::Moc) => "MOC 매도",
            (Language::Korean, Role::ReverseSell) => "리버스 매도",
            (Language::Korean, Role::ReverseBuy) => "리버스 매수",
            (Language::Korean, Role::StopBuy) => "쿼터손절 매수",
            (Language::Korean, Role::StopSell) => "쿼터손절 매도",
        }
    }
}

words! {
    /// Where a cycle is.
    pub enum CycleMode {
        /// Buys near cost and below.
        Normal = "normal",
        /// V4.0 without money for another day: sells a little each day and buys under the mean of five closes.
        Reverse = "reverse",
        /// V2.2 without money for another day: sells a quarter, then buys far under cost.
        Stop = "stop",
    }
}

/// Plans a date's sheet: what filled since the last one moves the state, and the state decides.
pub fn plan(settings: &InfiniteSettings, facts: &RuleFacts) -> RuleAnswer {
    let planned = Morning::of(settings, facts).and_then(|morning| match settings.version {
        InfiniteVersion::V40 => v40::plan(&morning, &facts.state),
        InfiniteVersion::V22 => v22::plan(&morning, &facts.state),
    });
    planned.unwrap_or_else(|blocked| RuleAnswer {
        lines: Vec::new(),
        state: facts.state.clone(),
        note: blocked.note,
        blocked: Some(blocked.rule),
    })
}

/// Why no sheet can be made at all; the state stays as it was, and so do the fills that it has yet to take in.
struct Blocked {
    rule: Rule,
    note: Sentence,
}

/// A state as text.
fn to_json(state: &impl serde::Serialize) -> Json {
    serde_json::to_string(state).map(Json).unwrap_or_default()
}
