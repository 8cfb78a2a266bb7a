//! Strategies: daily sheets from rules, and what becomes of them. Pure.

pub mod protocol;
pub mod rule;
