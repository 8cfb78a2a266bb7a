//! What breaks around the program: its input, the disk, the network, locks, the clock.

pub mod bad_input;
mod clock;
mod files;
pub mod full_disk;
mod korean;
mod locks;
mod network;
mod restored;
mod rows;
mod secrets;
mod standing;
