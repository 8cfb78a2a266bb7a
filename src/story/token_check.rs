//! `token-check`: the opening did the work; this only reports how long the token lives.

use std::collections::BTreeSet;

use crate::decide::fold::{Entry, JournalState};
use crate::domain::market_session::korea;
use crate::domain::{Intent, IntentId};
use crate::exit::{Ending, Reason};
use crate::report::status::show_age;
use crate::story::desk::Desk;
use crate::story::run::Run;

/// Reports what the opening found; the renewal itself, forced or due, has happened there.
pub(super) async fn token_check<D: Desk>(run: &mut Run<'_, D>) -> Ending {
    run.warn_of_clock();
    run.warn_of_unpriced();
    for Intent { id, side, quantity, symbol, .. } in unknown_orders(run).await {
        let warning = format!("the outcome of {side} {quantity} {symbol} ({id}) is unknown; run `kis-trade cleanup`");
        run.notes.warnings.push(warning.into());
    }
    if let Some(wait) = run.too_soon {
        let detail = format!("KIS issues one token a minute; it may be asked again in {} s", wait.as_secs());
        return Ending::nothing(Reason::TooSoon, detail);
    }
    let Some(token) = &run.notes.token else {
        return Ending::failed(Reason::TokenRefused, "there is no token", "run `kis-trade token-check`");
    };
    let left = token.seconds_left.map_or_else(String::new, |left| show_age(chrono::TimeDelta::seconds(left)));
    let until = token.expires_at.map_or_else(String::new, korea);
    Ending::done(format!("token {}, {left} left, until {until}", token.state.word()))
}

/// Orders whose outcome is unknown. One without an answer yet may be under way in another run, which then holds the
/// account's lock until the outcome is written down: so the journal is read again once the lock was free.
async fn unknown_orders<D: Desk>(run: &mut Run<'_, D>) -> Vec<Intent> {
    let unanswered = |journal: &JournalState| -> BTreeSet<IntentId> {
        journal.unknown().filter(|entry| entry.posts == 0).map(|entry| entry.intent.id.clone()).collect()
    };
    let mut left_open = unanswered(run.desk.journal());
    if !left_open.is_empty() && run.desk.is_account_held() {
        left_open.clear();
    } else if !left_open.is_empty()
        && let Err(failure) = run.desk.load_journal().await
    {
        run.notes.warnings.push(failure.to_string().into());
    }
    let is_known_to_be_open = |entry: &&Entry| entry.posts > 0 || left_open.contains(&entry.intent.id);
    run.desk.journal().unknown().filter(is_known_to_be_open).map(|entry| entry.intent.clone()).collect()
}
