//! `cleanup` against kis-sim.
