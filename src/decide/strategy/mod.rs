//! Strategies: daily sheets from rules, and what becomes of them. Pure.

pub mod checks;
pub mod emulate;
pub mod fills;
pub mod infinite;
pub mod lines;
pub mod orders;
pub mod protocol;
pub mod refuse;
pub mod rule;
#[cfg(test)]
pub(crate) mod test_support;
pub mod words;
