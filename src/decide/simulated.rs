//! What the simulated years share: chance from a seed, a machine's clocks, and the trace of what happened.

pub mod machine;
pub mod random;
pub mod trace;
