//! kis-trade: one short process a cron line. Open, look, decide, write down, act, check, report, end.
//!
//! # Layers
//!
//! Dependencies point one way: `main -> cmd -> decide, kis, store, clock, notify -> domain`.
//!
//! - [`domain`]: the nouns. Pure.
//! - [`decide`]: facts and time in, plans out; the protocols as folds and step machines. Pure.
//! - [`kis`]: the wire of Korea Investment & Securities. Knows no state file.
//! - [`store`]: the state directory. Knows no wire.
//! - [`cmd`]: the stories, one a command, and the opening they share.
//! - [`notify`]: tells a human, through a program of the user's or a service.
//! - [`report`]: what a run tells, as JSON, as text and as a page. Pure; only `main.rs` prints.
//!
//! # What always holds
//!
//! - Every run loads the token under a lock, renews it when due, and builds a fresh client: a stale token can't persist.
//! - An order's intent is synced to disk before the order is sent; one whose outcome is not known is never sent again.
//! - An incomplete read is an error, never an empty list.
//!
//! # Words
//!
//! - *settle*: bring the journal up to date with KIS's order list ([`cmd::settle`] asks, [`decide::reconcile`] judges). A lost
//!   answer is settled a few seconds later in the same run; `cleanup --settle` is a person's word where the list can't tell.
//! - *candidate*: a row of that list that could be an unknown intent's order. *Claimed*: a row whose number an intent owns.
//!   *Baseline*: numbers that were listed before the intent. *Others*: today's rows that no intent owns. *Foreign*: those of
//!   them that may have come through the Open API; they stop buying.
//! - *notice*: something a run has to tell people. *Message*: an event in words, as it is sent. *Channel*: a target or the user's
//!   program. *Parcel*: a message that waits for a channel ([`decide::outbox`]).
//! - *exchange of a symbol*: as written in the configuration, else as the balance says (real accounts), else as remembered in
//!   `symbols.json`, else asked for on all three and then remembered ([`cmd::quotes`]).
//!
//! # Absent on purpose
//!
//! A daemon, background threads (but one: the ping that a run begins, which nothing waits for), signal handlers, a second token cache, endpoints that move money out of the account.

pub mod cli;
pub mod clock;
pub mod cmd;
pub mod config;
pub mod decide;
pub mod desk;
pub mod domain;
pub mod exit;
mod http;
pub mod kis;
pub mod logging;
pub mod notify;
pub mod report;
pub mod store;
pub mod story;
#[cfg(test)]
mod testing;
