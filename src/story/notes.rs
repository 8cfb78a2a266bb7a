//! What a run has learned so far; people see it even when the run fails half way.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::decide::fold::Entry;
use crate::domain::{Event, MarketNow, Position, Symbol, TokenState};
use crate::exit::Failure;
use crate::report::{Body, TokenView};
use crate::story::token::{NoToken, TokenReport};
use crate::story::trade::Progress;

/// Collected on the way.
#[derive(Default)]
pub struct Notes {
    /// Sentences for people.
    pub warnings: Vec<String>,
    /// Known once the account's lock is held.
    pub market: Option<MarketNow>,
    /// Known once the token was looked at.
    pub token: Option<TokenView>,
    /// The command's own part.
    pub body: Body,
    /// What KIS calls the stocks that are held.
    pub names: BTreeMap<Symbol, String>,
    /// What people may want to hear of.
    pub events: Vec<Event>,
    /// Own orders that may live at KIS.
    pub live_orders: Vec<String>,
    /// What the run sent before it made way for a sell and started over.
    pub sent: Progress,
    /// Orders whose cancel the run has asked for, before that and after.
    pub cancels_tried: Vec<Entry>,
    /// True once the run decided about orders; only such a run makes the next one "just now".
    pub has_decided: bool,
    /// The first state file that could not be written although the run went on. No order is sent after that, and the run
    /// ends with 74.
    pub write_failure: Option<Failure>,
}

impl Notes {
    /// Stops before anything is sent when a state file could not be written in this run.
    pub(super) fn check_writes(&self) -> Result<(), Failure> {
        self.write_failure.clone().map_or(Ok(()), Err)
    }

    /// Keeps the names of what is held, for the table that people read.
    pub(super) fn take_names(&mut self, positions: &BTreeMap<Symbol, Position>) {
        self.names = positions.iter().map(|(symbol, position)| (symbol.clone(), position.name.clone())).collect();
    }

    /// Notes what became of the token, and passes it on.
    pub(super) fn take_token(
        &mut self,
        acquired: Result<TokenReport, NoToken>,
        now: DateTime<Utc>,
    ) -> Result<TokenReport, Failure> {
        let view = |state, expires_at: Option<DateTime<Utc>>, renewed| TokenView {
            state,
            expires_at,
            seconds_left: expires_at.map(|at| (at - now).num_seconds()),
            renewed,
        };
        match acquired {
            Ok(mut report) => {
                // A run that started over loads the token that it renewed itself.
                let renewed = report.renewed || self.token.as_ref().is_some_and(|token| token.renewed);
                let state = if renewed { TokenState::Renewed } else { TokenState::Valid };
                self.token = Some(view(state, Some(report.token.expires_at), renewed));
                self.warnings.append(&mut report.warnings);
                self.events.append(&mut report.events);
                self.write_failure = self.write_failure.take().or_else(|| report.save_failed.clone());
                Ok(report)
            }
            Err(none) => {
                self.token = none.state.map(|state| view(state, none.expires_at, false));
                self.warnings.extend(none.warnings);
                self.events.extend(none.events);
                Err(*none.failure)
            }
        }
    }
}
