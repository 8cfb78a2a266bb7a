//! `token-check`: the opening did the work; this only says how long the token lives.

use crate::cmd::notes::{Ending, Notes};
use crate::cmd::open::Opened;
use crate::decide::fold::Entry;
use crate::domain::market_session::korea;
use crate::exit::{Exit, Reason};
use crate::report::status::show_age;
use crate::store::lock::is_held;

/// Tells what the opening found; the renewal itself, forced or due, has happened there.
pub fn run(open: &Opened, notes: &mut Notes) -> Ending {
    if let Err(failure) = open.broker.check_clock() {
        notes.warnings.push(failure.to_string());
    }
    for entry in open.journal.state().unknown().filter(|entry| !is_under_way(open, entry)) {
        let intent = &entry.intent;
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
        return Ending::failed(
            Exit::Credentials,
            Reason::TokenRefused,
            "there is no token",
            "run `kis-trade token-check`",
        );
    };
    let left = token.seconds_left.map_or_else(String::new, |left| show_age(chrono::TimeDelta::seconds(left)));
    let until = token.expires_at.map_or_else(String::new, korea);
    Ending::done(format!("token {}, {left} left, until {until}", token.state))
}

/// Reports whether another run may be waiting for the answer to this order right now.
fn is_under_way(open: &Opened, entry: &Entry) -> bool {
    entry.posts == 0 && is_held(&open.dir.account_lock())
}
