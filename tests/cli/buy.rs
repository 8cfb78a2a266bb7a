//! `buy` against kis-sim.
