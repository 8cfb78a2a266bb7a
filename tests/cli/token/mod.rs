//! The access token: its life, and its renewal under kills, failing calls and crowds.

mod crowd;
mod edits;
pub mod failures;
mod kills;
mod life;
