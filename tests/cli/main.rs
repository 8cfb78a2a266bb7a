//! Drives the real `kis-trade` against kis-sim: one room a concern, and what they share in `support`.

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
mod surface;
mod token;
