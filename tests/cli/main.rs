//! Drives the real `kis-trade` against kis-sim: one file a subcommand, and one a concern that crosses them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a test fails where it stands"
)]

mod books;
mod harness;
mod post_box;
mod renewals;
mod scenes;
mod strace;

mod bad_input;
mod buy;
mod cleanup;
mod clock;
mod cron;
mod crowd;
mod day_nobody_could_test;
mod exit_codes;
mod failures;
mod first_run;
mod full_disk;
mod guards;
mod journal;
mod json;
mod kills;
mod locks;
mod logs;
mod months_alone;
mod network;
mod notify;
mod order_crowd;
mod order_failures;
mod order_kills;
mod orders;
mod pings;
mod priority;
mod readme;
mod requests;
mod restored;
mod schedule;
mod secrets;
mod sell;
mod state_files;
mod status;
mod status_page;
mod stops;
mod targets;
mod time_zones;
mod token_check;
mod token_edits;
mod tokens;
mod units;
