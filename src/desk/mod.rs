//! The real desk: files, clock and KIS, which answer a story at once.

pub mod token_files;
