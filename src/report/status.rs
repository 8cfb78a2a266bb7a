//! What `status` shows: the account at a glance, as JSON and as a table for people. Pure.

mod day;
mod text;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value, json};

use crate::decide::fold::Entry;
use crate::domain::history::{DailyLoss, Reasons, RunEnd, Sample, TokenSeen};
use crate::domain::money::{Usd, show_percent};
use crate::domain::order::{BrokerOrder, OrderId, Side};
use crate::domain::symbol::{Exchange, Symbol};
use crate::report::json::rfc3339;

pub use day::{DayOrder, DayOrders};
pub use text::show_age;

/// One holding.
#[derive(Clone, Debug)]
pub struct PositionLine {
    /// Ticker.
    pub symbol: Symbol,
    /// KIS's name of it; may be blank.
    pub name: String,
    /// Listing exchange; `None` on paper until it was found.
    pub exchange: Option<Exchange>,
    /// Shares held, own fills included.
    pub quantity: u64,
    /// Shares that can be sold.
    pub sellable_quantity: u64,
    /// Average cost in USD.
    pub average_cost: Option<Usd>,
    /// Price in USD.
    pub last: Option<Usd>,
    /// Profit in percent of cost.
    pub profit_percent: Option<String>,
    /// False when no rule of `sell` watches it.
    pub is_managed: bool,
}

/// One order that is open or unknown.
#[derive(Clone, Debug)]
pub struct OpenOrderLine {
    /// Name in the journal; `None` for orders of other hands.
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
    pub limit_price: Usd,
    /// When it was sent; `None` when KIS does not say.
    pub submitted_at: Option<DateTime<Utc>>,
    /// Ours, or another hand's.
    pub is_own: bool,
    /// Order numbers it could be; only for unknown ones.
    pub candidates: Option<Vec<OrderId>>,
}

/// Amounts in USD; `None` where a part is unknown.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccountLine {
    /// What buys may use.
    pub cash: Option<Usd>,
    /// What KIS says is orderable.
    pub buying_power: Option<Usd>,
    /// Holdings at last.
    pub positions: Option<Usd>,
    /// Cash, holdings and reserved buys.
    pub total: Option<Usd>,
}

impl AccountLine {
    /// What open and unknown buys reserve, in USD; `None` when nothing, or unknown. It is what the total holds besides.
    pub fn reserved(&self) -> Option<Usd> {
        let reserved = self.total? - self.cash? - self.positions?;
        reserved.is_positive().then_some(reserved)
    }
}

/// The end of the last run of a command.
#[derive(Clone, Debug)]
pub struct LastRunLine {
    /// When.
    pub at: DateTime<Utc>,
    /// Exit code.
    pub exit_code: u8,
    /// Result word.
    pub result: String,
    /// Reason word.
    pub reason: Option<String>,
}

/// Everything `status` shows besides what every command shows.
#[derive(Clone, Debug, Default)]
pub struct StatusReport {
    /// Account number, masked.
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
    pub cooldowns: Option<Vec<(Symbol, NaiveDate)>>,
    /// By command.
    pub last_runs: Option<BTreeMap<String, LastRunLine>>,
    /// The latest runs by command, oldest first; for the page.
    pub recent_runs: BTreeMap<String, Vec<RunEnd>>,
    /// Why the last buy and the last sell that decided did what they did, by command.
    pub reasons: Option<BTreeMap<String, Reasons>>,
    /// The latest tokens, oldest first; for the page.
    pub tokens: Vec<TokenSeen>,
    /// The account's total over time, oldest first; `None` when nobody will look at it.
    pub history: Option<Vec<Sample>>,
    /// The orders of the session that runs or was the last; for the page.
    pub day: DayOrders,
    /// Seconds of life left at which a token is renewed.
    pub renew_at_seconds: i64,
    /// Whether the `HALT` file exists; `None` before the state directory was looked at.
    pub halted: Option<bool>,
    /// Its first line.
    pub halt_reason: Option<String>,
    /// What may be traded: `all` or `sell_only`; `None` before the configuration was read.
    pub trading: Option<&'static str>,
    /// The day's change; `None` before a total was known.
    pub daily_loss: Option<DailyLoss>,
    /// Files of the journal that may be archived or deleted; told to people only.
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

    /// An order of another hand.
    pub fn foreign(row: &BrokerOrder) -> OpenOrderLine {
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

    fn to_json(&self) -> Value {
        let mut object = json!({
            "intent_id": self.intent_id,
            "order_id": self.order_id,
            "symbol": self.symbol,
            "exchange": self.exchange,
            "side": self.side,
            "quantity": self.quantity,
            "filled_quantity": self.filled_quantity,
            "limit_price": self.limit_price.to_string(),
            "submitted_at": self.submitted_at.map(rfc3339),
            "own": self.is_own,
        });
        if let (Some(candidates), Some(object)) = (&self.candidates, object.as_object_mut()) {
            object.insert("candidates".to_owned(), json!(candidates));
        }
        object
    }
}

impl StatusReport {
    /// The keys that only `status` has.
    pub fn to_json(&self) -> Map<String, Value> {
        let text = |amount: Option<Usd>| amount.map(|amount| amount.to_string());
        let lines = |lines: &[OpenOrderLine]| lines.iter().map(OpenOrderLine::to_json).collect::<Vec<_>>();
        let object = json!({
            "account": {
                "number": self.account_number,
                "cash_usd": text(self.account.cash),
                "buying_power_usd": text(self.account.buying_power),
                "positions_usd": text(self.account.positions),
                "total_usd": text(self.account.total),
            },
            "positions": self.positions.as_ref().map(|lines| lines.iter().map(position_json).collect::<Vec<_>>()),
            "open_orders": self.open_orders.as_deref().map(lines),
            "unknown_orders": self.unknown_orders.as_deref().map(lines),
            "cooldowns": self.cooldowns.as_deref().map(cooldowns_json),
            "reasons": self.reasons.as_ref().map(|reasons| reasons.iter().map(reasons_json).collect::<Map<_, _>>()),
            "last_runs": self.last_runs.as_ref().map(|runs| runs.iter().map(last_run_json).collect::<Map<_, _>>()),
            "halted": self.halted,
            "halt_reason": self.halt_reason,
            "trading": self.trading,
            "daily_loss": self.daily_loss.map(|loss| json!({
                "trading_date": loss.trading_date,
                "first_total_usd": loss.first_total.to_string(),
                "change_percent": show_percent(loss.change),
                "limit_percent": loss.limit.normalize().to_string(),
                "stopped": loss.is_past_limit,
            })),
        });
        match object {
            Value::Object(object) => object,
            _ => Map::new(),
        }
    }
}

/// Profit as status writes it.
pub fn profit_text(cost: Option<Usd>, last: Option<Usd>) -> Option<String> {
    crate::domain::money::percent_change(cost?, last?).map(show_percent)
}

fn position_json(line: &PositionLine) -> Value {
    let text = |amount: Option<Usd>| amount.map(|amount| amount.to_string());
    json!({
        "symbol": line.symbol,
        "name": line.name,
        "exchange": line.exchange,
        "quantity": line.quantity,
        "sellable_quantity": line.sellable_quantity,
        "average_cost": text(line.average_cost),
        "last": text(line.last),
        "profit_percent": line.profit_percent,
        "managed": line.is_managed,
    })
}

fn cooldowns_json(cooldowns: &[(Symbol, NaiveDate)]) -> Vec<Value> {
    cooldowns.iter().map(|(symbol, until)| json!({ "symbol": symbol, "until": until })).collect()
}

fn last_run_json((command, run): (&String, &LastRunLine)) -> (String, Value) {
    let value =
        json!({ "at": rfc3339(run.at), "exit_code": run.exit_code, "result": run.result, "reason": run.reason });
    (command.clone(), value)
}

fn reasons_json((command, reasons): (&String, &Reasons)) -> (String, Value) {
    let Reasons { at, reason, detail, lines } = reasons;
    (command.clone(), json!({ "at": rfc3339(*at), "reason": reason, "detail": detail, "lines": lines }))
}
