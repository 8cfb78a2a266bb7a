//! What each command does, and what holds for all of them.

mod buy;
mod cash;
mod cleanup;
mod cron;
mod guards;
mod profit;
mod quotes;
mod requests;
mod sell;
mod splits;
mod status;
mod stops;
mod time_zones;
mod token_check;
