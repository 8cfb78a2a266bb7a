//! Strategies: daily sheets from rules, and what becomes of them. Pure.

pub mod infinite;
pub mod rule;
pub mod words;
