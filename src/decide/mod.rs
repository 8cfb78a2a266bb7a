//! Facts and time in, plans out: pure.

pub mod refresh;
