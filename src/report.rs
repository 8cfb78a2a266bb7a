//! What a run tells: one report, turned into JSON, into text or into a page. Pure; only `main.rs` prints.

pub mod json;
mod page;
mod reasons;
pub mod status;
pub mod table;
mod text;
mod trend;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::decide::cleanup::Kept;
use crate::decide::rule::Skip;
use crate::domain::access_token::TokenState;
use crate::domain::intent::{IntentId, IntentState};
use crate::domain::market_session::MarketNow;
use crate::domain::mode::Mode;
use crate::domain::money::Usd;
use crate::domain::order::{OrderId, Side};
use crate::domain::symbol::{Exchange, Symbol};
use crate::exit::{Ending, Exit, Failure, Reason, RunResult};
use crate::visible::visible_lines;

use status::StatusReport;

/// The token as this run saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenView {
    /// Whether it can be used.
    pub state: TokenState,
    /// Until when it lives; `None` when missing.
    pub expires_at: Option<DateTime<Utc>>,
    /// Seconds of life left; negative when dead, `None` when missing.
    pub seconds_left: Option<i64>,
    /// True when KIS answered a token request in this run and the file was written from it.
    pub renewed: bool,
}

/// One order of this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderLine {
    /// Name in the journal; `None` in a dry run.
    pub intent_id: Option<IntentId>,
    /// Ticker.
    pub symbol: Symbol,
    /// Listing exchange.
    pub exchange: Exchange,
    /// Buy or sell.
    pub side: Side,
    /// Shares.
    pub quantity: u64,
    /// Limit price in USD.
    pub limit_price: Usd,
    /// `planned`, `accepted`, `rejected` or `unknown`.
    pub state: &'static str,
    /// The broker's number, when known.
    pub order_id: Option<OrderId>,
    /// Why it was decided, or why it was refused.
    pub reason: String,
    /// The word of the rule that decided it.
    pub rule: &'static str,
    /// The rule's numbers, for people; may be blank.
    pub numbers: String,
}

/// An order that cleanup cancelled (or would).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelledLine {
    /// The broker's number.
    pub order_id: OrderId,
    /// Ticker.
    pub symbol: Symbol,
    /// Buy or sell.
    pub side: Side,
    /// Shares that were still in the market.
    pub quantity: u64,
}

/// An intent that came to rest or changed.
#[derive(Clone, Debug)]
pub struct SettledLine {
    /// Name in the journal.
    pub intent_id: IntentId,
    /// Ticker.
    pub symbol: Symbol,
    /// What became of it.
    pub state: IntentState,
    /// The order in words, with what filled.
    pub detail: String,
}

/// Where a report is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Screen {
    /// Somebody asked for more: a line a symbol below the one line.
    pub is_verbose: bool,
    /// A terminal: a line a symbol, and nothing twice.
    pub is_terminal: bool,
    /// A terminal that shows more than ASCII: small drawings.
    pub can_draw: bool,
}

/// What only some commands have to tell.
#[derive(Clone, Debug, Default)]
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
        /// Intents that came to rest or changed.
        settled: Vec<SettledLine>,
    },
    /// status.
    Status(Box<StatusReport>),
    /// status, when it only checks a crontab; both parts are the judge's own.
    Schedule {
        /// Its keys in JSON.
        keys: Value,
        /// Its findings for people; blank when the crontab could not be read.
        text: String,
    },
}

/// Everything one run has to say.
#[derive(Clone, Debug)]
pub struct Report {
    /// The command's name; `None` when the command line was not understood.
    pub command: Option<&'static str>,
    /// Paper or real; `None` when the configuration was not understood.
    pub mode: Option<Mode>,
    /// Names the process in its report, its log lines and its journal lines.
    pub run: Option<String>,
    /// When it ended.
    pub at: DateTime<Utc>,
    /// True when nothing was sent on purpose.
    pub is_dry_run: bool,
    /// How it ended, and why.
    pub ending: Ending,
    /// What KIS's code in a failure means and what to do, in English and in Korean.
    pub kis_code: Option<[String; 2]>,
    /// Sentences that also go to standard error.
    pub warnings: Vec<String>,
    /// The market at the start of the job.
    pub market: Option<MarketNow>,
    /// The token.
    pub token: Option<TokenView>,
    /// What keeps orders back at this moment; `None` when that can't be known.
    pub stops: Option<Vec<Reason>>,
    /// Orders of ours that may live at KIS although the run failed.
    pub live_orders: Vec<String>,
    /// The command's own part.
    pub body: Body,
    /// What KIS calls the stocks that are held.
    pub names: BTreeMap<Symbol, String>,
    /// True when `-q` keeps this run silent; the exit code still tells.
    pub is_muted: bool,
}

impl Body {
    /// The part of a command that has nothing to tell yet; its keys stand in JSON all the same.
    pub fn of(command: Option<&str>) -> Body {
        match command {
            Some("buy" | "sell") => Body::Trade { orders: Vec::new(), skipped: Vec::new() },
            Some("cleanup") => Body::Cleanup { cancelled: Vec::new(), kept: Vec::new(), settled: Vec::new() },
            Some("status") => Body::Status(Box::default()),
            _ => Body::Nothing,
        }
    }
}

impl Report {
    /// A report that knows how the run ended, and nothing else yet.
    pub fn new(
        command: Option<&'static str>,
        mode: Option<Mode>,
        at: DateTime<Utc>,
        ending: impl Into<Ending>,
    ) -> Report {
        Report {
            command,
            mode,
            run: None,
            at,
            is_dry_run: false,
            ending: ending.into(),
            kis_code: None,
            warnings: Vec::new(),
            names: BTreeMap::new(),
            market: None,
            token: None,
            stops: None,
            live_orders: Vec::new(),
            body: Body::of(command),
            is_muted: false,
        }
    }

    /// The process's exit code.
    pub fn exit(&self) -> Exit {
        self.ending.exit()
    }

    /// Reports whether the run failed.
    pub fn has_failed(&self) -> bool {
        self.ending.result == RunResult::Failed
    }

    /// Shows hidden characters in its texts, some of which stem from files and servers.
    #[must_use]
    pub fn made_visible(mut self) -> Report {
        let Ending { detail, because, next, .. } = &mut self.ending;
        for text in [detail, because, next].into_iter().chain(&mut self.warnings) {
            *text = visible_lines(text);
        }
        self
    }

    /// Turns a run that went well into a failed one, which nobody may miss.
    pub fn fail(&mut self, failure: Failure) {
        self.ending = failure.into();
        self.is_muted = false;
    }

    /// `PAPER`, `REAL`, or a question mark before the configuration is known.
    pub fn banner(&self) -> &'static str {
        self.mode.map_or("?", Mode::banner)
    }
}
