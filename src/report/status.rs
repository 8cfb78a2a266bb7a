//! The report of `status`, as JSON and as a table. Pure.

mod lines;
mod orders;
mod profit;
mod text;
mod words;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use crate::decide::fold::Entry;
use crate::decide::profit::Trade;
use crate::domain::money::{percent_change, show_percent};
use crate::domain::{
    BrokerOrder, DailyLoss, Exchange, IntentState, KisWords, OrderId, Reasons, RunEnd, Sample, Side, Symbol, Transfer,
    Usd,
};
use crate::language::Sentence;
use crate::report::StrategyLine;
use crate::report::json::{as_rfc3339, as_text, rfc3339};

pub use lines::{AccountLine, PositionLine, SetAsideLine, StandingLine};
pub use profit::ProfitReport;

#[derive(Clone, Debug, Serialize)]
pub struct LastRunLine {
    #[serde(serialize_with = "as_rfc3339")]
    pub at: DateTime<Utc>,
    pub exit_code: u8,
    pub result: String,
    pub reason: Option<String>,
    /// The latest runs of the command, oldest first; for the page.
    #[serde(skip)]
    pub recent: Vec<RunEnd>,
}

#[derive(Clone, Debug, Serialize)]
pub struct StatusOrder {
    /// `None` for external orders.
    pub intent_id: Option<String>,
    /// `None` while unknown.
    pub order_id: Option<OrderId>,
    pub symbol: Symbol,
    pub exchange: Option<Exchange>,
    pub side: Side,
    pub quantity: u64,
    pub filled_quantity: u64,
    #[serde(serialize_with = "as_text")]
    pub limit_price: Usd,
    /// `None` when KIS does not say.
    #[serde(serialize_with = "as_rfc3339")]
    pub submitted_at: Option<DateTime<Utc>>,
    /// False for an external order.
    #[serde(rename = "own")]
    pub is_own: bool,
    /// Orders it could be; only for unknown ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidates: Option<Vec<OrderId>>,
    /// `None` when an external order ended and KIS does not say how.
    #[serde(skip)]
    pub state: Option<IntentState>,
    /// Average price in USD of the fills; zero without any.
    #[serde(skip)]
    pub average_price: Usd,
    /// When the latest fill was seen.
    #[serde(skip)]
    pub filled_at: Option<DateTime<Utc>>,
    /// What KIS answered to an order that it did not take, or may not have taken.
    #[serde(flatten)]
    pub said: Option<KisWords>,
    /// KIS's words about it; may be empty.
    #[serde(skip)]
    pub note: String,
}

impl StatusOrder {
    /// An order of ours, as the journal knows it.
    pub fn own(entry: &Entry) -> StatusOrder {
        let intent = &entry.intent;
        StatusOrder {
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
            candidates: entry
                .state
                .is_unknown()
                .then(|| entry.candidates.iter().map(|key| key.order_id.clone()).collect()),
            state: Some(entry.state),
            average_price: entry.average_price,
            filled_at: entry.filled_at,
            said: entry.refused_with(),
            note: entry.note.clone(),
        }
    }

    /// An external order, as KIS lists it.
    pub fn external(row: &BrokerOrder) -> StatusOrder {
        StatusOrder {
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
            state: match row.remaining_quantity {
                0 if row.filled_quantity == row.quantity => Some(IntentState::Filled),
                0 => None,
                _ => Some(IntentState::Accepted),
            },
            average_price: row.average_price,
            filled_at: None,
            said: None,
            note: row.note.clone(),
        }
    }

    /// Reports whether it may still fill.
    pub fn is_live(&self) -> bool {
        self.state.is_some_and(IntentState::is_live)
    }
}

/// The orders of one session.
#[derive(Clone, Debug, Default)]
pub struct DayOrders {
    /// New York date; `None` before the journal was read.
    pub date: Option<NaiveDate>,
    pub hours: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Oldest first.
    pub orders: Vec<StatusOrder>,
}

/// What `status` shows besides what every command shows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct StatusReport {
    /// Masked.
    #[serde(skip)]
    pub account_number: String,
    pub account: AccountLine,
    /// Holdings; `None` when the balance could not be read.
    pub positions: Option<Vec<PositionLine>>,
    /// What the holdings would bring beyond their cost, in USD; `None` when that can't be known.
    #[serde(skip)]
    pub unrealised: Option<Usd>,
    /// With `--profit` only.
    #[serde(skip)]
    pub profit: Option<ProfitReport>,
    /// The same of the latest months; with a page only.
    #[serde(skip)]
    pub recent_profit: Option<ProfitReport>,
    /// The latest own trades, oldest first.
    #[serde(skip)]
    pub trades: Vec<Trade>,
    /// When something was bought or sold in these months.
    #[serde(skip)]
    pub traded: Vec<(DateTime<Utc>, Side)>,
    /// Orders in the market; `None` when the list could not be read.
    pub open_orders: Option<Vec<StatusOrder>>,
    /// Orders without a known outcome, from the journal.
    pub unknown_orders: Option<Vec<StatusOrder>>,
    /// Symbols that get no order until something is clear; `None` before the journal was read.
    pub set_aside: Option<Vec<SetAsideLine>>,
    /// The strategies of the configuration.
    pub strategies: Vec<StrategyLine>,
    /// Symbols that may not be bought again, and until when.
    #[serde(skip)]
    pub cooldowns: Option<Vec<(Symbol, NaiveDate)>>,
    pub last_runs: Option<BTreeMap<String, LastRunLine>>,
    /// What has kept a command from its work for more than one run.
    pub standing: Option<Vec<StandingLine>>,
    /// Why the last buy and the last sell that decided did what they did, by command.
    pub reasons: Option<BTreeMap<String, Reasons>>,
    /// The account's total over time, oldest first; `None` when nothing draws it.
    #[serde(skip)]
    pub history: Option<Vec<Sample>>,
    /// The current or latest session; for the page.
    #[serde(skip)]
    pub day: DayOrders,
    /// Seconds of life left at which a token is renewed.
    #[serde(skip)]
    pub renew_at_seconds: i64,
    /// Whether the `HALT` file exists; `None` before the state directory was read.
    pub halted: Option<bool>,
    /// Its first line.
    pub halt_reason: Option<Sentence>,
    /// `all` or `sell_only`; `None` before the configuration was read.
    pub trading: Option<&'static str>,
    /// Money that came from outside or went there in the latest month, oldest first.
    #[serde(skip)]
    pub transfers: Vec<Transfer>,
    /// The day's change; `None` before a total was known.
    #[serde(skip)]
    pub daily_loss: Option<DailyLoss>,
    /// Journal files that may be archived or deleted; not in JSON.
    #[serde(skip)]
    pub old_journals: Vec<String>,
}

impl StatusReport {
    pub fn to_json(&self) -> Value {
        let mut object = json!(self);
        object["account"]["number"] = json!(self.account_number);
        let cooldown = |(symbol, until): &(Symbol, NaiveDate)| json!({ "symbol": symbol, "until": until });
        let cooldowns = self.cooldowns.as_ref();
        object["cooldowns"] = json!(cooldowns.map(|all| all.iter().map(cooldown).collect::<Value>()));
        for (command, reasons) in self.reasons.iter().flatten() {
            object["reasons"][command]["at"] = json!(rfc3339(reasons.at));
        }
        let transfer = |Transfer { usd, seen }: &Transfer| json!({ "at": rfc3339(*seen), "usd": usd.to_string() });
        object["transfers"] = self.transfers.iter().map(transfer).collect();
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
        if let Some(profit) = &self.profit {
            object["profit"] = profit.to_json(self.unrealised);
        }
        object
    }
}

pub fn profit_text(cost: Option<Usd>, last: Option<Usd>) -> Option<String> {
    percent_change(cost?, last?).map(show_percent)
}
