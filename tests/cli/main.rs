//! Drives the real `kis-trade` against kis-sim: one room a concern, and what they share in `support`.
//!
//! - `commands`: what each command does when nothing goes wrong at KIS.
//! - `orders`: what becomes of an order whose answer is lost, refused or contradicted, and of external orders.
//! - `strategy`: the sheets of strategies, from the rule's numbers to the orders in KIS's books.
//! - `token`: its life, its renewal, and runs killed in the middle of one.
//! - `faults`: processes, disks, clocks, networks, damaged files, and secrets that must not show.
//! - `surface`: what users rely on: exit codes, JSON, the documentation, state files, schedule, notifications, the page.
//! - `long`: a day, and months, of a crontab.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a test fails where it stands"
)]

mod support;

mod commands;
mod faults;
mod long;
mod orders;
mod strategy;
mod surface;
mod token;
