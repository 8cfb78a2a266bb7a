//! `sell` against kis-sim.
