//! What the tests share: the world that one runs in, and what it is arranged and judged with.

pub mod books;
pub mod files;
pub mod harness;
pub mod korean;
pub mod post_box;
pub mod renewals;
pub mod scenes;
pub mod sheets;
pub mod simulator;
pub mod strace;
