//! Strategies from outside: their sheets, what of them reaches KIS, and what keeps the rest from it.

mod hours;
mod kills;
mod ledger;
mod lost;
mod money;
mod own_orders;
mod sheet;
mod tables;
