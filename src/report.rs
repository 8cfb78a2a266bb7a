//! What a run tells: one report, turned into JSON or into text. Pure; only `main.rs` prints.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use crate::decide::cleanup::Kept;
use crate::decide::rule::Skip;
use crate::domain::intent::{IntentId, IntentState};
use crate::domain::market_session::{MarketNow, new_york};
use crate::domain::mode::Mode;
use crate::domain::money::Usd;
use crate::domain::order::{OrderId, Side};
use crate::domain::symbol::{Exchange, Symbol};
use crate::exit::{Exit, Failure, Reason};
use crate::report_status::StatusReport;

/// How a run ended, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunResult {
    /// Did what it is for.
    Done,
    /// Nothing was to be done; `reason` says why.
    NothingToDo,
    /// Failed; `reason` says why.
    Failed,
}

impl RunResult {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            RunResult::Done => "done",
            RunResult::NothingToDo => "nothing_to_do",
            RunResult::Failed => "failed",
        }
    }
}

/// The token as this run saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenView {
    /// `valid`, `renewed`, `expired` or `missing`.
    pub state: &'static str,
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
        settled: Vec<(IntentId, IntentState)>,
    },
    /// status.
    Status(Box<StatusReport>),
}

/// Everything one run has to say.
#[derive(Clone, Debug)]
pub struct Report {
    /// The command's name; `None` when the command line was not understood.
    pub command: Option<&'static str>,
    /// Paper or real; `None` when the configuration was not understood.
    pub mode: Option<Mode>,
    /// When it ended.
    pub at: DateTime<Utc>,
    /// True when nothing was sent on purpose.
    pub is_dry_run: bool,
    /// How it ended.
    pub result: RunResult,
    /// The process's exit code.
    pub exit: Exit,
    /// The reason word; `None` when done.
    pub reason: Option<Reason>,
    /// What happened, in a sentence.
    pub detail: String,
    /// Cause of a failure; may be blank.
    pub because: String,
    /// What to do next; may be blank.
    pub next: String,
    /// Sentences that also go to standard error.
    pub warnings: Vec<String>,
    /// The market at the start of the job.
    pub market: Option<MarketNow>,
    /// The token.
    pub token: Option<TokenView>,
    /// Orders of ours that may live at KIS although the run failed.
    pub live_orders: Vec<String>,
    /// The command's own part.
    pub body: Body,
    /// True when `-q` keeps this run silent; the exit code still tells.
    pub is_muted: bool,
}

impl Report {
    /// A report of a run that never got to its command.
    pub fn of_failure(
        command: Option<&'static str>,
        mode: Option<Mode>,
        at: DateTime<Utc>,
        failure: Failure,
    ) -> Report {
        Report {
            command,
            mode,
            at,
            is_dry_run: false,
            result: RunResult::Failed,
            exit: failure.exit,
            reason: Some(failure.reason),
            detail: failure.what,
            because: failure.because,
            next: failure.next,
            warnings: Vec::new(),
            market: None,
            token: None,
            live_orders: Vec::new(),
            body: Body::Nothing,
            is_muted: false,
        }
    }

    /// `PAPER`, `REAL`, or a question mark before the configuration is known.
    pub fn banner(&self) -> &'static str {
        self.mode.map_or("?", Mode::banner)
    }

    /// The one JSON object of `--json`.
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
        put("command", json!(self.command));
        put("mode", json!(self.mode));
        put("at", json!(rfc3339(self.at)));
        put("result", json!(self.result.word()));
        put("exit_code", json!(self.exit.code()));
        put("reason", json!(self.reason));
        let detail = [self.detail.as_str(), self.because.as_str()];
        put("detail", json!(detail.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")));
        put("next", if self.next.is_empty() { Value::Null } else { json!(self.next) });
        put("warnings", json!(self.warnings));
        put("dry_run", json!(self.is_dry_run));
        put("market", self.market.map_or(Value::Null, market_json));
        put("token", self.token.as_ref().map_or(Value::Null, token_json));
        put("live_orders", json!(self.live_orders));
        match &self.body {
            Body::Nothing => {}
            Body::Trade { orders, skipped } => {
                put("orders", orders.iter().map(order_json).collect());
                put("skipped", json!(skipped));
            }
            Body::Cleanup { cancelled, kept, settled } => {
                put("cancelled", cancelled.iter().map(cancelled_json).collect());
                put("kept", kept.iter().map(kept_json).collect());
                put("settled", settled.iter().map(settled_json).collect());
            }
            Body::Status(status) => {
                for (key, value) in status.to_json() {
                    put(&key, value);
                }
            }
        }
        Value::Object(object)
    }

    /// What people read on standard output. Several lines on a terminal or when asked for more; else one.
    pub fn to_text(&self, is_detailed: bool) -> String {
        if self.result == RunResult::Failed && !self.has_orders() && !matches!(self.body, Body::Status(_)) {
            return String::new();
        }
        if let Body::Status(status) = &self.body {
            return status.to_text(self);
        }
        let mut text =
            format!("{} {} [{}]: {}\n", new_york(self.at), self.command.unwrap_or("?"), self.banner(), self.summary());
        if is_detailed {
            text.push_str(&self.detail_lines());
        }
        text
    }

    /// What people read on standard error: warnings, and what failed, why, and what to do next.
    pub fn to_errors(&self) -> String {
        let mut text: String = self.warnings.iter().map(|warning| format!("warning: {warning}\n")).collect();
        if self.result == RunResult::Failed {
            text.push_str(&format!("kis-trade {} [{}]: {}\n", self.command.unwrap_or(""), self.banner(), self.detail));
            for (label, words) in [("because", &self.because), ("next", &self.next)] {
                if !words.is_empty() {
                    text.push_str(&format!("  {label}: {}\n", words.replace('\n', "\n    ")));
                }
            }
            if !self.live_orders.is_empty() {
                text.push_str(&format!("  may be live at KIS: {}\n", self.live_orders.join("; ")));
            }
        }
        text
    }

    fn has_orders(&self) -> bool {
        match &self.body {
            Body::Trade { orders, .. } => !orders.is_empty(),
            Body::Cleanup { cancelled, settled, .. } => !cancelled.is_empty() || !settled.is_empty(),
            Body::Nothing | Body::Status(_) => false,
        }
    }

    fn summary(&self) -> String {
        let mut parts = Vec::new();
        match &self.body {
            Body::Trade { orders, skipped } => {
                parts.extend(orders.iter().map(order_text));
                if !skipped.is_empty() {
                    let words: Vec<String> =
                        skipped.iter().map(|skip| format!("{} {}", skip.symbol, skip.rule.word())).collect();
                    parts.push(format!("passed over: {}", words.join(", ")));
                }
            }
            Body::Cleanup { cancelled, kept, settled } => {
                let verb = if self.is_dry_run { "would cancel" } else { "cancelled" };
                parts.extend(cancelled.iter().map(|order| {
                    format!("{verb} {} {} {} ({})", order.side, order.quantity, order.symbol, order.order_id)
                }));
                parts.extend(settled.iter().map(|(id, state)| format!("{id} {}", state.word())));
                parts.extend(
                    kept.iter().map(|kept| format!("kept {} {} ({})", kept.symbol, kept.order_id, kept.reason.word())),
                );
            }
            Body::Nothing | Body::Status(_) => {}
        }
        let head = match (self.result, self.reason) {
            (RunResult::NothingToDo, Some(reason)) => format!("nothing to do, {}: {}", reason.word(), self.detail),
            _ => self.detail.clone(),
        };
        std::iter::once(head).chain(parts).collect::<Vec<_>>().join("; ")
    }

    fn detail_lines(&self) -> String {
        let Body::Trade { skipped, .. } = &self.body else { return String::new() };
        skipped.iter().map(|skip| format!("  {:<12} {:<18} {}\n", skip.symbol, skip.rule.word(), skip.detail)).collect()
    }
}

/// An instant as every file and JSON object writes it.
pub fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn market_json(market: MarketNow) -> Value {
    json!({
        "open": market.is_open,
        "phase": market.phase,
        "trading_date": market.trading_date,
        "opens_at": market.opens_at.map(rfc3339),
        "closes_at": market.closes_at.map(rfc3339),
    })
}

fn token_json(token: &TokenView) -> Value {
    json!({
        "state": token.state,
        "expires_at": token.expires_at.map(rfc3339),
        "seconds_left": token.seconds_left,
        "renewed": token.renewed,
    })
}

fn order_json(order: &OrderLine) -> Value {
    json!({
        "intent_id": order.intent_id,
        "symbol": order.symbol,
        "exchange": order.exchange,
        "side": order.side,
        "quantity": order.quantity,
        "limit_price": order.limit_price.to_string(),
        "state": order.state,
        "order_id": order.order_id,
        "reason": order.reason,
    })
}

fn order_text(order: &OrderLine) -> String {
    let number = order.order_id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
    let OrderLine { state, side, quantity, symbol, limit_price, reason, .. } = order;
    let state = if *state == "planned" { "would order" } else { state };
    format!("{state}: {side} {quantity} {symbol} @ {limit_price}{number} {reason}")
}

fn cancelled_json(order: &CancelledLine) -> Value {
    json!({ "order_id": order.order_id, "symbol": order.symbol, "side": order.side, "quantity": order.quantity })
}

fn kept_json(kept: &Kept) -> Value {
    json!({ "order_id": kept.order_id, "symbol": kept.symbol, "reason": kept.reason })
}

fn settled_json((intent_id, state): &(IntentId, IntentState)) -> Value {
    json!({ "intent_id": intent_id, "state": state })
}
