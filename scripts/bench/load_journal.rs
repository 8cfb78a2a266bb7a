//! Prints how many milliseconds the order journal of a state directory takes to open, and what it holds in memory. For
//! `scripts/bench.sh`.

#![allow(clippy::disallowed_macros, clippy::disallowed_methods, reason = "it measures, and tells its caller, a script")]

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use kis_trade::clock::Clock;
use kis_trade::store::journal::{Access, Journal};

fn main() -> ExitCode {
    let Some(folder) = std::env::args().nth(1) else { return ExitCode::from(2) };
    let clock = Clock::system();
    let from = Instant::now();
    match Journal::load(Path::new(&folder), &clock, "BENCH", Access::InMemory) {
        Ok((journal, _)) => {
            let elapsed_us = from.elapsed().as_micros();
            println!("{}.{:03} {}", elapsed_us / 1000, elapsed_us % 1000, journal.state().entries.len());
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
