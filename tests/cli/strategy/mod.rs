//! Strategies from outside: their sheets, what of them reaches KIS, and what keeps the rest from it.

mod added;
mod blocked;
mod default_rule;
mod hands;
mod hours;
mod kills;
mod ledger;
mod lost;
mod money;
mod own_orders;
mod paper;
mod programs;
mod rows;
mod sheet;
mod start;
mod tables;
mod week;
