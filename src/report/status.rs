//! The report of `status`, as JSON and as a table. Pure.

mod day;
mod text;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::decide::fold::Entry;
use crate::domain::history::{DailyLoss, Reasons, RunEnd, Sample, TokenSeen};
use crate::domain::money::{Usd, percent_change, show_percent};
use crate::domain::order::{BrokerOrder, OrderId, Side};
use crate::domain::symbol::{Exchange, Symbol};
use crate::report::json::{as_rfc3339, as_text, rfc3339};

pub use day::{DayOrder, DayOrders};
pub use text::show_age;

/// One holding.
#[derive(Clone, Debug, Serialize)]
pub struct PositionLine {
    /// Ticker.
    pub symbol: Symbol,
    /// KIS's name of it; may be empty.
    pub name: String,
    /// Listing exchange; `None` on paper until it is found.
    pub exchange: Option<Exchange>,
    /// Shares held, own fills included.
    pub quantity: u64,
    /// Shares that can be sold.
    pub sellable_quantity: u64,
    /// Average cost in USD.
    #[serde(serialize_with = "as_text")]
    pub average_cost: Option<Usd>,
    /// Price in USD.
    #[serde(serialize_with = "as_text")]
    pub last: Option<Usd>,
    /// Profit in percent of cost.
    pub profit_percent: Option<String>,
    /// True when the rules of `sell` apply to it.
    #[serde(rename = "managed")]
    pub is_managed: bool,
}

/// One order that is open or unknown.
#[derive(Clone, Debug, Serialize)]
pub struct OpenOrderLine {
    /// The intent; `None` for external orders.
    pub intent_id: Option<String>,
    /// The broker's number; `None` while unknown.
    pub order_id: Option<OrderId>,
    /// Ticker.
    pub symbol: Symbol,
    /// Listing exchange.
    pub exchange: Option<Exchange>,
    /// Buy or sell.
    pub side: Side,
    /// Shares ordered.
    pub quantity: u64,
    /// Shares filled.
    pub filled_quantity: u64,
    /// Limit price in USD.
    #[serde(serialize_with = "as_text")]
    pub limit_price: Usd,
    /// When it was sent; `None` when KIS does not say.
    #[serde(serialize_with = "as_rfc3339")]
    pub submitted_at: Option<DateTime<Utc>>,
    /// False for an external order.
    #[serde(rename = "own")]
    pub is_own: bool,
    /// Orders it could be; only for unknown ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidates: Option<Vec<OrderId>>,
}

/// Amounts in USD; `None` where a part is unknown.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct AccountLine {
    /// What buys may use.
    #[serde(rename = "cash_usd", serialize_with = "as_text")]
    pub cash: Option<Usd>,
    /// What KIS calls orderable.
    #[serde(rename = "buying_power_usd", serialize_with = "as_text")]
    pub buying_power: Option<Usd>,
    /// Holdings at their last prices.
    #[serde(rename = "positions_usd", serialize_with = "as_text")]
    pub positions: Option<Usd>,
    /// Cash, holdings and reserved buys.
    #[serde(rename = "total_usd", serialize_with = "as_text")]
    pub total: Option<Usd>,
}

impl AccountLine {
    /// What open and unknown buys reserve, the rest of the total; `None` when nothing, or unknown.
    pub fn reserved(&self) -> Option<Usd> {
        let reserved = self.total? - self.cash? - self.positions?;
        reserved.is_positive().then_some(reserved)
    }
}

/// The end of the last run of a command.
#[derive(Clone, Debug, Serialize)]
pub struct LastRunLine {
    /// When.
    #[serde(serialize_with = "as_rfc3339")]
    pub at: DateTime<Utc>,
    /// Exit code.
    pub exit_code: u8,
    /// Result word.
    pub result: String,
    /// Reason word.
    pub reason: Option<String>,
}

/// What `status` shows besides what every command shows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct StatusReport {
    /// Account number, masked.
    #[serde(skip)]
    pub account_number: String,
    /// Amounts.
    pub account: AccountLine,
    /// Holdings; `None` when the balance could not be read.
    pub positions: Option<Vec<PositionLine>>,
    /// Orders in the market; `None` when the list could not be read.
    pub open_orders: Option<Vec<OpenOrderLine>>,
    /// Orders without a known outcome, from the journal.
    pub unknown_orders: Option<Vec<OpenOrderLine>>,
    /// Symbols that may not be bought again, and until when.
    #[serde(skip)]
    pub cooldowns: Option<Vec<(Symbol, NaiveDate)>>,
    /// By command.
    pub last_runs: Option<BTreeMap<String, LastRunLine>>,
    /// The latest runs by command, oldest first; for the page.
    #[serde(skip)]
    pub recent_runs: BTreeMap<String, Vec<RunEnd>>,
    /// Why the last buy and the last sell that decided did what they did, by command.
    #[serde(skip)]
    pub reasons: Option<BTreeMap<String, Reasons>>,
    /// The latest tokens, oldest first; for the page.
    #[serde(skip)]
    pub tokens: Vec<TokenSeen>,
    /// The account's total over time, oldest first; `None` when nothing draws it.
    #[serde(skip)]
    pub history: Option<Vec<Sample>>,
    /// The orders of the current or latest session; for the page.
    #[serde(skip)]
    pub day: DayOrders,
    /// Seconds of life left at which a token is renewed.
    #[serde(skip)]
    pub renew_at_seconds: i64,
    /// Whether the `HALT` file exists; `None` before the state directory was read.
    pub halted: Option<bool>,
    /// Its first line.
    pub halt_reason: Option<String>,
    /// `all` or `sell_only`; `None` before the configuration was read.
    pub trading: Option<&'static str>,
    /// The day's change; `None` before a total was known.
    #[serde(skip)]
    pub daily_loss: Option<DailyLoss>,
    /// Journal files that may be archived or deleted; not in JSON.
    #[serde(skip)]
    pub old_journals: Vec<String>,
}

impl OpenOrderLine {
    /// An order of ours.
    pub fn own(entry: &Entry) -> OpenOrderLine {
        let intent = &entry.intent;
        OpenOrderLine {
            intent_id: Some(intent.id.to_string()),
            order_id: entry.order_id.clone(),
            symbol: intent.symbol.clone(),
            exchange: Some(intent.exchange),
            side: intent.side,
            quantity: intent.quantity,
            filled_quantity: entry.filled_quantity,
            limit_price: intent.limit_price,
            submitted_at: Some(entry.submitted.at),
            is_own: true,
            candidates: entry.state.is_unknown().then(|| entry.candidates.clone()),
        }
    }

    /// An external order.
    pub fn external(row: &BrokerOrder) -> OpenOrderLine {
        OpenOrderLine {
            intent_id: None,
            order_id: Some(row.order_id.clone()),
            symbol: row.symbol.clone(),
            exchange: row.exchange,
            side: row.side,
            quantity: row.quantity,
            filled_quantity: row.filled_quantity,
            limit_price: row.limit_price,
            submitted_at: row.ordered_at,
            is_own: false,
            candidates: None,
        }
    }
}

impl StatusReport {
    /// The keys that only `status` has.
    pub fn to_json(&self) -> Value {
        let mut object = json!(self);
        object["account"]["number"] = json!(self.account_number);
        let cooldown = |(symbol, until): &(Symbol, NaiveDate)| json!({ "symbol": symbol, "until": until });
        let cooldowns = self.cooldowns.as_ref();
        object["cooldowns"] = json!(cooldowns.map(|all| all.iter().map(cooldown).collect::<Value>()));
        let reasons = |(command, reasons): (&String, &Reasons)| {
            let Reasons { at, reason, detail, lines } = reasons;
            (command.clone(), json!({ "at": rfc3339(*at), "reason": reason, "detail": detail, "lines": lines }))
        };
        object["reasons"] = json!(self.reasons.as_ref().map(|all| all.iter().map(reasons).collect::<Map<_, _>>()));
        let loss = |loss: DailyLoss| {
            json!({
                "trading_date": loss.trading_date,
                "first_total_usd": loss.first_total.to_string(),
                "change_percent": show_percent(loss.change),
                "limit_percent": loss.limit.normalize().to_string(),
                "stopped": loss.is_past_limit,
            })
        };
        object["daily_loss"] = json!(self.daily_loss.map(loss));
        object
    }
}

/// Profit as status writes it.
pub fn profit_text(cost: Option<Usd>, last: Option<Usd>) -> Option<String> {
    percent_change(cost?, last?).map(show_percent)
}
