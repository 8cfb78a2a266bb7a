//! The commands, each a story written once and run in every world. A story meets the world through a [`desk`] alone: it
//! knows no file and no wire.

mod balance;
pub mod buy;
pub mod cleanup;
mod clock;
pub mod desk;
mod endings;
pub mod locks;
pub mod notes;
pub mod open;
pub mod quotes;
pub mod reads;
pub mod reconcile;
pub mod run;
pub mod sell;
mod splits;
pub mod status;
pub mod strategy;
pub mod submit;
pub mod token;
pub mod token_check;
mod total;
pub mod trade;
mod unpriced;
mod words;
