//! Drives the simulated gateway over loopback HTTP, as a KIS client would. What is expected here is written from
//! KIS's documents and from what KIS was seen to answer, never from the simulator's own code.

mod asking_prices;
mod call;
mod canned;
mod client;
mod closing;
mod closing_rows;
mod daily_chart;
mod errors;
mod faults;
mod hands;
mod harness;
mod held_open;
mod late_fills;
mod ledger_lists;
mod limits;
mod minute_bars;
mod money_queries;
mod odd_requests;
mod odd_rows;
mod order_types;
mod orders;
mod persistence;
mod product_info;
mod profits;
mod quotes;
mod reserved;
mod self_trade;
mod served;
mod sessions;
mod spelling;
mod splits;
mod token;
mod values;
mod websocket;
