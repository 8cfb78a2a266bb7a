//! `token_check` against kis-sim.
