//! The state directory: one file, one module. Nothing here knows the wire.

pub mod atomic;
pub mod equity;
pub mod journal;
pub mod json_file;
pub mod last_run;
pub mod lock;
pub mod read;
pub mod state_dir;
pub mod symbols;
pub mod trades;
