//! The nouns of trading: values without files, network, clock or printing.

pub mod access_token;
pub mod account;
pub mod crontab;
pub mod fill;
pub mod intent;
pub mod kis_error;
pub mod market_session;
pub mod mode;
pub mod money;
pub mod notice;
pub mod nyse_calendar;
pub mod order;
pub mod past;
pub mod position;
pub mod quote;
pub mod record;
pub mod symbol;
pub mod visible;
