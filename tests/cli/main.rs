//! Drives the real `kis-trade` against kis-sim: one file a subcommand, and one a concern that crosses them.

mod harness;

mod buy;
mod cleanup;
mod clock;
mod exit_codes;
mod sell;
mod status;
mod token_check;
