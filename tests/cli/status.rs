//! `status` against kis-sim.
