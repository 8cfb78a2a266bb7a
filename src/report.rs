//! The report of a run, as JSON, text or a page. Pure; `main.rs` prints it.

mod json;
mod page;
mod reasons;
pub(crate) mod status;
mod strategy;
pub(crate) mod table;
mod text;
mod words;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use crate::decide::cleanup::Kept;
use crate::decide::rule::{OfStrategy, Skip};
use crate::decide::standing::{self, Met};
use crate::domain::{
    Exchange, IntentId, IntentState, Job, KisWords, MarketNow, Mode, OrderId, OrderRequest, Purpose, Side, Symbol,
    TokenState, Usd,
};
use crate::exit::{Ending, Exit, Failure, Reason, RunResult};
use crate::language::{Language, Sentence};
use crate::visible::visible_lines;

pub use page::RehearsalPage;
pub use strategy::{AdoptionLine, SheetLineView, SheetView, StrategyLine};
pub(crate) use strategy::{kind_word, order_words};

use json::{as_rfc3339, as_text, as_word};
use status::StatusReport;

/// The token of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenView {
    pub(crate) state: TokenState,
    /// `None` when missing.
    #[serde(serialize_with = "as_rfc3339")]
    pub(crate) expires_at: Option<DateTime<Utc>>,
    /// Negative when expired, `None` when missing.
    pub(crate) seconds_left: Option<i64>,
    /// True when this run asked KIS for it and saved it.
    pub renewed: bool,
}

/// One order of this run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderLine {
    /// `None` in a dry run.
    pub(crate) intent_id: Option<IntentId>,
    /// Ticker.
    pub symbol: Symbol,
    pub(crate) exchange: Exchange,
    pub(crate) side: Side,
    pub(crate) quantity: u64,
    /// In USD.
    #[serde(serialize_with = "as_text")]
    pub limit_price: Usd,
    /// What became of it; `None` in a dry run.
    #[serde(serialize_with = "as_word")]
    pub state: Option<IntentState>,
    /// `None` when KIS did not say.
    pub(crate) order_id: Option<OrderId>,
    /// Why it was ordered, refused or not sent.
    pub(crate) reason: Sentence,
    /// What KIS answered to an order that it did not take, or may not have taken.
    #[serde(flatten)]
    pub(crate) said: Option<KisWords>,
    /// Whose it is, for a strategy's line.
    #[serde(flatten)]
    pub(crate) of_strategy: Option<OfStrategy>,
    /// The rule that decided it.
    #[serde(skip)]
    pub(crate) rule: &'static str,
    /// The rule's numbers, for people; may be blank.
    #[serde(skip)]
    pub(crate) numbers: Sentence,
}

impl OrderLine {
    /// An order that is decided and not sent yet.
    pub(crate) fn planned(order: &OrderRequest, purpose: Purpose, numbers: Sentence) -> OrderLine {
        OrderLine {
            intent_id: None,
            symbol: order.symbol.clone(),
            exchange: order.exchange,
            side: order.side,
            quantity: order.quantity,
            limit_price: order.limit_price,
            state: None,
            order_id: None,
            reason: Sentence::verbatim(purpose.word()),
            said: None,
            of_strategy: None,
            rule: purpose.word(),
            numbers,
        }
    }
}

/// An order that cleanup cancelled (or would).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CancelledLine {
    pub(crate) order_id: OrderId,
    pub(crate) symbol: Symbol,
    pub(crate) side: Side,
    /// Unfilled shares.
    pub(crate) quantity: u64,
}

/// An intent that changed.
#[derive(Clone, Debug, Serialize)]
pub struct SettledLine {
    pub(crate) intent_id: IntentId,
    #[serde(skip)]
    pub(crate) symbol: Symbol,
    /// The new one.
    pub(crate) state: IntentState,
    /// What KIS answered, when it did not take the order.
    #[serde(flatten)]
    pub(crate) said: Option<KisWords>,
    /// The order and its fills, for people.
    #[serde(skip)]
    pub(crate) detail: Sentence,
}

/// Who reads a report.
#[derive(Clone, Copy, Debug, Default)]
pub struct Screen {
    /// `-v`: a line a symbol below the first line.
    pub is_verbose: bool,
    /// A terminal: a line a symbol instead of one long line.
    pub is_terminal: bool,
    /// A terminal with UTF-8: small drawings.
    pub can_draw: bool,
}

/// The part of a report that depends on the command.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(untagged)]
pub enum Body {
    /// Nothing beyond the common part.
    #[default]
    Nothing,
    /// buy and sell.
    Trade {
        /// Orders of this run.
        orders: Vec<OrderLine>,
        /// Symbols passed over.
        skipped: Vec<Skip>,
    },
    /// cleanup.
    Cleanup {
        /// Orders cancelled.
        cancelled: Vec<CancelledLine>,
        /// Open orders left alone.
        kept: Vec<Kept>,
        /// Intents that changed.
        settled: Vec<SettledLine>,
        /// What a strategy took over, or would.
        #[serde(skip_serializing_if = "Option::is_none")]
        adoption: Option<AdoptionLine>,
    },
    /// status.
    Status(Box<StatusReport>),
    /// `status --check-schedule` and `status --test-notify`, which look at nothing else.
    Check {
        /// The keys of JSON.
        keys: Value,
        /// What was found, a line each; empty when nothing could be checked.
        text: String,
    },
}

/// What one run reports.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// `None` when the command line was not understood.
    pub(crate) command: Option<Job>,
    /// `None` without a valid configuration.
    pub(crate) mode: Option<Mode>,
    /// The run's id, also in its log and journal lines.
    pub(crate) run: Option<String>,
    /// When the run ended.
    pub(crate) at: DateTime<Utc>,
    pub(crate) is_dry_run: bool,
    pub(crate) ending: Ending,
    /// Meaning of KIS's code in a failure; may be blank.
    pub(crate) kis_code: Sentence,
    /// What a person should know besides.
    pub(crate) warnings: Vec<Sentence>,
    /// The language of its text.
    pub(crate) language: Language,
    /// At the start of the job.
    pub(crate) market: Option<MarketNow>,
    pub(crate) token: Option<TokenView>,
    /// The stops in force; `None` when that can't be known.
    pub(crate) stops: Option<Vec<Reason>>,
    /// Own orders that may be open at KIS after a failed run.
    pub(crate) live_orders: Vec<Sentence>,
    /// The command's own part.
    pub(crate) body: Body,
    /// Names of the stocks held.
    pub(crate) names: BTreeMap<Symbol, String>,
    /// True when more than half of the account is in shares, as far as the run looked.
    pub(crate) is_invested: bool,
    /// True when `-q` silences this run.
    pub is_muted: bool,
    /// What a silenced run says all the same.
    pub(crate) lines: Vec<String>,
}

impl Body {
    /// The empty part of a command: its keys are in JSON all the same.
    pub(crate) fn of(command: Option<Job>) -> Body {
        match command {
            Some(Job::Buy | Job::Sell) => Body::Trade { orders: Vec::new(), skipped: Vec::new() },
            Some(Job::Cleanup) => {
                Body::Cleanup { cancelled: Vec::new(), kept: Vec::new(), settled: Vec::new(), adoption: None }
            }
            Some(Job::Status) => Body::Status(Box::default()),
            Some(Job::TokenCheck) | None => Body::Nothing,
        }
    }
}

impl Report {
    pub(crate) fn new(
        command: Option<Job>,
        mode: Option<Mode>,
        at: DateTime<Utc>,
        ending: impl Into<Ending>,
    ) -> Report {
        Report { command, mode, at, ending: ending.into(), body: Body::of(command), ..Report::default() }
    }

    /// The process's exit code.
    pub fn exit(&self) -> Exit {
        self.ending.exit()
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.ending.result == RunResult::Failed
    }

    /// What happened, with the cause of a failure.
    pub(crate) fn detail(&self) -> Sentence {
        self.ending.detail.clone().and(": ", &self.ending.because)
    }

    fn has_stop(&self, stop: Reason) -> bool {
        self.stops.iter().flatten().any(|other| *other == stop)
    }

    /// Shows hidden characters in its texts, some of which come from files and servers.
    #[must_use]
    pub(crate) fn made_visible(mut self) -> Report {
        let Ending { detail, because, next, .. } = &mut self.ending;
        for text in [detail, because, next].into_iter().chain(&mut self.warnings) {
            *text = std::mem::take(text).map(visible_lines);
        }
        self
    }

    /// What this run met that may not last in silence.
    pub(crate) fn met(&self) -> Vec<Met> {
        let skipped: &[Skip] = if let Body::Trade { skipped, .. } = &self.body { skipped } else { &[] };
        standing::met(self.ending.reason, &self.detail(), skipped, self.is_invested)
    }

    /// Turns a success into a failure, which `-q` does not silence.
    pub(crate) fn fail(&mut self, failure: Failure) {
        self.ending = failure.into();
        self.is_muted = false;
    }

    /// `PAPER`, `REAL` or `?`, in both languages.
    pub(crate) fn mode_words(&self) -> Sentence {
        self.mode.map_or_else(|| Sentence::verbatim("?"), words::mode)
    }
}
