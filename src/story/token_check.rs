//! `token-check`: the opening did the work; this only reports how long the token lives.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::decide::fold::{Entry, JournalState};
use crate::domain::market_session::korea;
use crate::domain::{Intent, IntentId};
use crate::exit::{Ending, Reason};
use crate::language::counts::Age;
use crate::ordered::Ordered;
use crate::story::desk::Desk;
use crate::story::endings;
use crate::story::run::Run;

/// Reports what the opening found; the renewal itself, forced or due, has happened there.
pub(super) async fn token_check<D: Desk>(run: &mut Run<'_, D>) -> Ending {
    run.warn_of_clock();
    run.warn_of_unpriced();
    for Intent { id, side, quantity, symbol, .. } in unknown_orders(run).await {
        run.notes.warnings.push(endings::outcome_unknown(side, quantity, &symbol, &id));
    }
    if let Some(wait) = run.too_soon {
        return Ending::nothing(Reason::TooSoon, endings::too_soon(wait.as_secs()));
    }
    let Some(token) = &run.notes.token else {
        return Ending::failed(Reason::TokenRefused, endings::no_token(), endings::check_token());
    };
    let left = Age(TimeDelta::seconds(token.seconds_left.unwrap_or_default()));
    let until = token.expires_at.map_or_else(String::new, korea);
    Ending::done(endings::token_lives(token.state, left, &until))
}

/// Orders whose outcome is unknown. One without an answer yet may be under way in another run, which then holds the
/// account's lock until the outcome is written down: so the journal is read again once the lock was free.
async fn unknown_orders<D: Desk>(run: &mut Run<'_, D>) -> Vec<Intent> {
    let unanswered = |journal: &JournalState| -> BTreeSet<IntentId> {
        journal.unknown().filter(|entry| entry.posts == 0).map(|entry| entry.intent.id.clone()).ordered()
    };
    let mut left_open = unanswered(run.desk.journal());
    if !left_open.is_empty() && run.desk.is_account_held() {
        left_open.clear();
    } else if !left_open.is_empty()
        && let Err(failure) = run.desk.load_journal().await
    {
        run.notes.warnings.push(failure.sentence());
    }
    let is_known_to_be_open = |entry: &&Entry| entry.posts > 0 || left_open.contains(&entry.intent.id);
    run.desk.journal().unknown().filter(is_known_to_be_open).map(|entry| entry.intent.clone()).collect()
}
