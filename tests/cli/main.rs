//! Drives the real `kis-trade` against kis-sim: one file a subcommand, and one a concern that crosses them.

mod harness;

mod bad_input;
mod buy;
mod cleanup;
mod exit_codes;
mod secrets;
mod sell;
mod status;
mod token_check;
