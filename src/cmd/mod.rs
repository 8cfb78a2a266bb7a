//! The commands: one story a file, and what their openings share.

pub mod token;
