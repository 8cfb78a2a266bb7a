//! What a run has learned so far; people see it even when the run fails half way.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::decide::fold::Entry;
use crate::domain::{Event, MarketNow, Position, Quote, Symbol, TokenState};
use crate::exit::{Ending, Failure};
use crate::language::Sentence;
use crate::ordered::Ordered;
use crate::report::{AdoptionLine, Body, TokenView};
use crate::story::token::TokenNotes;
use crate::story::trade::Progress;

/// Collected on the way.
#[derive(Default)]
pub struct Notes {
    /// Sentences for people.
    pub warnings: Vec<Sentence>,
    /// Known once the account's lock is held.
    pub market: Option<MarketNow>,
    /// Known once the token was looked at.
    pub token: Option<TokenView>,
    /// The command's own part.
    pub body: Body,
    /// What KIS calls the stocks that are held.
    pub names: BTreeMap<Symbol, String>,
    /// True when more than half of the account is in shares.
    pub is_invested: bool,
    /// What people may want to hear of.
    pub events: Vec<Event>,
    /// Own orders that may live at KIS.
    pub live_orders: Vec<Sentence>,
    /// The latest quotes with a price. A run that starts over need not ask again for what is fresh.
    pub quotes: BTreeMap<Symbol, Quote>,
    /// What the run sent before it made way for a sell and started over.
    pub sent: Progress,
    /// Orders whose cancel the run has asked for, before that and after.
    pub cancels_tried: Vec<Entry>,
    /// How the run ends because of the first rule that failed, once everything else is done.
    pub rule_failure: Option<Ending>,
    /// What a strategy took over, or would.
    pub adoption: Option<AdoptionLine>,
    /// True once the run got as far as its decisions: from then on it counts for the next run of its job, even when it fails.
    pub has_decided: bool,
    /// The first state file that could not be written although the run went on. No order is sent after that, and the run
    /// ends with 74.
    pub write_failure: Option<Failure>,
    /// The first file derived from the journal that could not be read or written. Trading goes on: only the run's end says so.
    pub derived_failure: Option<Failure>,
}

impl Notes {
    /// Stops before anything is sent when a state file could not be written in this run.
    pub(super) fn check_writes(&self) -> Result<(), Failure> {
        self.write_failure.clone().map_or(Ok(()), Err)
    }

    /// Goes on without a file that is derived from the journal, or only convenient; people hear of it.
    pub(super) fn go_on_without(&mut self, failure: Failure) {
        self.warnings.push(failure.sentence());
        self.derived_failure.get_or_insert(failure);
    }

    /// Keeps the names of what is held, for the table that people read.
    pub(super) fn take_names(&mut self, positions: &BTreeMap<Symbol, Position>) {
        self.names = positions.iter().map(|(symbol, position)| (symbol.clone(), position.name.clone())).ordered();
    }

    /// Notes what became of the token.
    pub(super) fn take_token(&mut self, said: TokenNotes, now: DateTime<Utc>) {
        // A run that started over loads the token that it renewed itself.
        let was_renewed = self.token.as_ref().is_some_and(|token| token.renewed);
        self.token = said.state.map(|state| {
            let state = if state == TokenState::Valid && was_renewed { TokenState::Renewed } else { state };
            let (expires_at, renewed) = (said.expires_at, state == TokenState::Renewed);
            let seconds_left = expires_at.map(|at| (at - now).num_seconds());
            TokenView { state, expires_at, seconds_left, renewed }
        });
        self.write_failure = self.write_failure.take().or(said.save_failed);
        self.warnings.extend(said.warnings);
        self.events.extend(said.events);
    }
}
