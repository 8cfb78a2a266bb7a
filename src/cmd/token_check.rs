//! `token-check`: the opening did the work; this only says how long the token lives.

use std::collections::BTreeSet;

use crate::cmd::notes::Notes;
use crate::cmd::open::Opened;
use crate::decide::fold::Entry;
use crate::domain::intent::{Intent, IntentId};
use crate::domain::market_session::korea;
use crate::exit::{Ending, Reason};
use crate::report::status::show_age;
use crate::store::lock::is_held;

/// Tells what the opening found; the renewal itself, forced or due, has happened there.
pub fn run(open: &mut Opened, notes: &mut Notes) -> Ending {
    if let Err(failure) = open.broker.check_clock() {
        notes.warnings.push(failure.to_string());
    }
    for intent in unknown_orders(open, notes) {
        notes.warnings.push(format!(
            "the outcome of {} {} {} ({}) is unknown; run `kis-trade cleanup`",
            intent.side, intent.quantity, intent.symbol, intent.id
        ));
    }
    if let Some(wait) = open.forced_too_soon {
        let detail = format!("KIS issues one token a minute; it may be asked again in {} s", wait.as_secs());
        return Ending::nothing(Reason::TooSoon, detail);
    }
    let Some(token) = &notes.token else {
        return Ending::failed(Reason::TokenRefused, "there is no token", "run `kis-trade token-check`");
    };
    let left = token.seconds_left.map_or_else(String::new, |left| show_age(chrono::TimeDelta::seconds(left)));
    let until = token.expires_at.map_or_else(String::new, korea);
    Ending::done(format!("token {}, {left} left, until {until}", token.state.word()))
}

/// Orders whose outcome nobody knows. One without an answer yet may be under way in another run, which then holds the
/// account's lock, and writes the outcome down before it lets go: so the journal is read again once the lock was free.
fn unknown_orders(open: &mut Opened, notes: &mut Notes) -> Vec<Intent> {
    let unanswered = |open: &Opened| -> BTreeSet<IntentId> {
        let entries = open.journal.state().unknown().filter(|entry| entry.posts == 0);
        entries.map(|entry| entry.intent.id.clone()).collect()
    };
    let mut left_open = unanswered(open);
    if !left_open.is_empty() && is_held(&open.dir.account_lock()) {
        left_open.clear();
    } else if !left_open.is_empty()
        && let Err(failure) = open.journal.reload()
    {
        notes.warnings.push(failure.to_string());
    }
    let is_known_to_be_open = |entry: &&Entry| entry.posts > 0 || left_open.contains(&entry.intent.id);
    open.journal.state().unknown().filter(is_known_to_be_open).map(|entry| entry.intent.clone()).collect()
}
