//! Facts and time in, plans out. Pure: no files, network, clock, environment or printing.

pub mod buy;
pub mod cleanup;
pub mod facts;
pub mod fold;
pub mod invariants;
pub mod odd_rows;
pub mod own_shares;
pub mod pace;
pub mod profit;
pub mod reconcile;
pub mod refusals;
pub mod rule;
pub mod sell;
pub mod split;
pub mod standing;
pub mod strategy;
pub mod submit;
#[cfg(test)]
pub(crate) mod test_support;
#[cfg(test)]
mod tests;
pub mod token_life;
pub mod transfers;
mod words;
