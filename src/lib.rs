//! kis-trade.

pub mod clock;
pub mod cmd;
pub mod config;
pub mod decide;
pub mod domain;
pub mod exit;
pub mod kis;
pub mod store;
