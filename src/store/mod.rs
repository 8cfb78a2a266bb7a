//! The state directory: one file a module, and the three habits they share: a lock held as a value, one way to
//! replace a file, one way to read one.
//!
//! Must not know KIS; must not decide anything.

pub mod atomic;
pub mod clock;
pub mod closes;
pub mod equity;
mod file_id;
pub mod fills;
pub mod foreign;
pub mod halt;
pub mod journal;
pub mod last_run;
pub mod lock;
mod names;
pub mod page_file;
pub mod rate;
pub mod read;
pub mod rule_dir;
pub mod state_dir;
pub mod symbols;
pub mod token_file;
pub mod trades;
pub(crate) mod words;
