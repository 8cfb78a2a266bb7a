//! kis-trade: one short process a cron line. Open, look, decide, write down, act, check, report, exit.
//!
//! # Rooms
//!
//! Imports point one way (`tests/tidy.rs` checks it):
//! `main -> setup, rehearse -> desk -> story -> decide -> config -> domain`; `desk -> kis, store, tell, schedule`; `story, tell, schedule -> report`;
//! `tell -> store`.
//!
//! - [`language`]: sentences in English and Korean; each room's own stand in its `words`.
//! - [`domain`]: the nouns of trading. Pure.
//! - [`config`]: settings and credentials, read and checked once.
//! - [`decide`]: facts and time in, plans out. Pure.
//! - [`story`]: the five commands as `async fn`s over the traits of [`story::desk`]. Knows no file and no wire, so that the same
//!   story runs against KIS and in simulated years (`tests/years`).
//! - [`desk`]: the real desk behind those traits, and the frame of a run.
//! - [`kis`]: the wire of Korea Investment & Securities. Its words never leave it. Knows no state file.
//! - [`store`]: the state directory, one file a module. Knows no wire.
//! - [`tell`]: events in words, the outbox, and the ways to people: a program of the user's, services, pings.
//! - [`schedule`]: judges a crontab. One door.
//! - [`report`]: what a run says, as data, and as JSON, text and page. Pure; `main.rs` prints it.
//! - [`rehearse`]: `kis-rehearse`, a second program: the stories at a desk made of daily bars.
//! - [`setup`]: `--setup`, the way from nothing to the first contact, asked on the terminal.
//! - [`cli`], [`exit`], [`clock`], [`logging`], `http`, `strict_json`, `program`, [`visible`], `ordered`: arguments, how runs end,
//!   the only reader of time, log lines, the HTTP client's settings, JSON of others, programs of the user's, hidden characters made
//!   visible, maps and sets filled.
//!
//! # One `buy`, in order of reading
//!
//! 1. `main.rs`: arguments in, report out. [`desk::run`]: configuration, the desk, the story, the report.
//! 2. [`story::run`]: open, run the command, start over once when a sell waits, close. [`story::open`]: account lock
//!    ([`story::locks`]), token ([`story::token`]), journal, client; the first gates.
//! 3. [`story::buy`]: reconcile ([`story::reconcile`], judged by [`decide::reconcile`]), read ([`story::reads`],
//!    [`story::quotes`]), decide ([`decide::buy`]), then order by order ([`story::trade`]).
//! 4. [`story::submit`]: the intent on disk, the request, the outcome on disk, a search for a lost answer.
//!    [`decide::invariants`] has the last word before each request.
//! 5. [`story::desk`] is where it meets the world: `desk/books.rs` appends to [`store::journal`], `desk/connection.rs` posts
//!    through [`kis::client`].
//!
//! # One renewal
//!
//! [`story::token`] tells it; [`decide::token_life`] decides; `desk/token_files.rs` holds the lock and the two files;
//! [`kis::token`] asks.
//!
//! # What always holds
//!
//! - Every run loads the token under a lock, renews it when due, and builds a fresh client: a stale token can't persist.
//! - An order's intent is synced to disk before the order is sent; one whose outcome is unknown is never sent again.
//! - An incomplete read is an error, never an empty list.
//!
//! # Words
//!
//! - *reconcile*: bring the journal up to date with KIS's order list. A lost answer is looked up a few seconds later in the
//!   same run; `cleanup --settle` is a person's word where the list can't tell.
//! - *candidate*: a row of that list that could be an unknown intent's order. *Claimed*: a row whose number an intent owns.
//!   *Baseline*: numbers that were listed before the intent. *External*: today's rows that no intent owns. *Foreign*: those
//!   of them that may have come through the Open API; they stop buying.
//! - *gate*: KIS's front, which checks token, key and rate before anything is executed. *Ledger*: the system behind it, with a
//!   rate limit of its own. *Turned away*: refused by the gate, hence not executed.
//! - *fold*: the journal's lines applied one after the other; what the program knows of its orders. *Witness*: what the account
//!   showed when an intent was written; "absent" is believed only while it is unchanged.
//! - *rehearsal*: a run whose wall clock is set by `KIS_TRADE_NOW`, against a simulated gateway.
//! - *event*: something that happened in a run. *Notice*: an event that people should hear of. *Message*: a notice in words,
//!   as it is sent. *Channel*: a service or the user's program. *Delivery*: a message that waits for a channel.
//! - *exchange of a symbol*: as written in the configuration, else as the balance says (real accounts), else as remembered in
//!   `symbols.json`, else asked for on all three and then remembered.
//!
//! # Absent on purpose
//!
//! A daemon, an async runtime, background threads (but one: the ping that a run begins, which nothing waits for), signal
//! handlers, a second token cache, endpoints that move money out of the account.

pub mod cli;
pub mod clock;
pub mod config;
pub mod decide;
pub mod desk;
pub mod domain;
pub mod exit;
mod http;
pub mod kis;
pub mod language;
pub mod logging;
mod ordered;
mod program;
pub mod rehearse;
pub mod report;
pub mod schedule;
pub mod setup;
pub mod store;
pub mod story;
mod strict_json;
pub mod tell;
// The fuzz driver, for the parsers that only this crate can reach (KIS's answers, crontabs).
#[cfg(test)]
#[path = "../tests/fuzz/driver.rs"]
mod testing;
pub mod visible;
