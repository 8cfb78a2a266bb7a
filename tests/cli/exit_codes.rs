//! `exit_codes` against kis-sim.
