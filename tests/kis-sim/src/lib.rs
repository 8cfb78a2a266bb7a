//! A simulated KIS (Korea Investment & Securities) Open API gateway for US stocks, with a clock you can move.
//!
//! From the inside out: pure pieces that know one thing each (`bounds`, `wall_time`, `calendar`, `clock`, `bars`, `path`, `market`,
//! `splits`, `order_type`, `orders`, `ticket`, `position`, `account_id`, `account`, `matching`, `tokens`, `limits`, `faults`, `rows`, `quirks`); `world`,
//! which holds them all and plays time, and the `agenda` of what is to happen in it; `wire`, KIS's ways of saying
//! things; `gateway` and `control`, the two ports; `http` below them; `options` and `sim`, the start.
//!
//! Invariants: one lock guards the whole world. Money is exact decimals. Everything follows the simulated
//! clock except request limits and scripted delays, which take real time. Both ports bind loopback only.
//!
//! Absent on purpose: algo orders, Korean stocks, and anything shared with the program it is there to test.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod account;
mod account_id;
mod agenda;
mod bars;
mod bounds;
mod calendar;
mod clock;
mod control;
mod events;
mod exchange;
mod faults;
mod gateway;
mod http;
mod limits;
mod market;
mod matching;
mod mode;
mod options;
mod order_type;
mod orders;
mod overrides;
mod path;
mod position;
mod quirks;
mod requests;
mod reservations;
mod rows;
mod shared;
mod sim;
mod splits;
mod state;
mod ticket;
mod tokens;
mod wall_time;
mod wire;
mod world;

pub use account_id::{PAPER_ACCOUNT, PAPER_KEY, REAL_ACCOUNT, REAL_KEY, paper_secret, real_secret};
pub use options::{Options, Prices};
pub use sim::Sim;
pub use wall_time::WallTime;
