//! All words of the page, in tables by its parts.

pub mod account;
pub mod head;
pub mod names;
pub mod orders;
pub mod runs;
pub mod strategies;
pub mod times;
