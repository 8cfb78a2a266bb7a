//! Bad input of every kind, as tables: a row says what is broken, how the run must end, and a word it must say.
//!
//! `table` holds what is checked for every row: no panic, no secret, one JSON object, nothing lost, no order.

mod command_line;
pub mod config;
mod environment;
mod http;
pub mod liar;
mod secrets;
mod state_files;
pub mod table;
