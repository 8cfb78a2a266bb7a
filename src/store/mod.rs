//! The state directory.

pub mod lock;
pub mod rate;
