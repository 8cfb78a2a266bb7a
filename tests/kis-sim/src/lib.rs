//! kis-sim
pub mod account;
pub mod bars;
pub mod calendar;
pub mod clock;
pub mod exchange;
pub mod faults;
pub mod limits;
pub mod market;
pub mod matching;
pub mod mode;
pub mod orders;
pub mod path;
pub mod quirks;
pub mod requests;
pub mod tokens;
pub mod world;
