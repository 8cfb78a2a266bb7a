//! The commands, each a story told once and run in every world. Knows no file and no wire: see [`desk`].

pub mod desk;
pub mod locks;
pub mod token;
