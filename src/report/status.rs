//! What `status` shows: the account at a glance, as JSON and as a table for people. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use crate::decide::fold::Entry;
use crate::domain::market_session::{korea, new_york};
use crate::domain::money::{Usd, show_percent};
use crate::domain::order::{BrokerOrder, OrderId, Side};
use crate::domain::symbol::{Exchange, Symbol};
use crate::report::Report;
use crate::report::json::rfc3339;

/// One holding.
#[derive(Clone, Debug)]
pub struct PositionLine {
    /// Ticker.
    pub symbol: Symbol,
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
    pub unknown_orders: Vec<OpenOrderLine>,
    /// Symbols that may not be bought again, and until when.
    pub cooldowns: Vec<(Symbol, NaiveDate)>,
    /// By command.
    pub last_runs: BTreeMap<String, LastRunLine>,
    /// Why trading is halted.
    pub halted: Option<String>,
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

    fn to_text(&self, now: DateTime<Utc>) -> String {
        let number = self.order_id.as_ref().map_or_else(|| "?".to_owned(), OrderId::to_string);
        let age = self.submitted_at.map_or_else(|| "?".to_owned(), |at| show_age(now - at));
        let owner = self.intent_id.as_deref().unwrap_or("not ours");
        let candidates = match &self.candidates {
            Some(ids) if !ids.is_empty() => {
                let ids: Vec<String> = ids.iter().map(OrderId::to_string).collect();
                format!("  candidates: {}", ids.join(", "))
            }
            _ => String::new(),
        };
        format!(
            "  {:<4} {:>6} {:<8} @ {:>10}  filled {:>5}  age {:>7}  {number:>10}  {owner}{candidates}\n",
            self.side,
            self.quantity,
            self.symbol,
            self.limit_price.to_string(),
            self.filled_quantity,
            age
        )
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
            "unknown_orders": lines(&self.unknown_orders),
            "cooldowns": self.cooldowns.iter().map(|(symbol, until)| json!({ "symbol": symbol, "until": until })).collect::<Vec<_>>(),
            "last_runs": self.last_runs.iter().map(last_run_json).collect::<Map<_, _>>(),
            "halted": self.halted.is_some(),
            "halt_reason": self.halted,
        });
        match object {
            Value::Object(object) => object,
            _ => Map::new(),
        }
    }

    /// The table for people, mode first.
    pub fn to_text(&self, report: &Report) -> String {
        let mut text = format!("{}  account {}\n", report.banner(), self.account_number);
        if let Some(reason) = &self.halted {
            text.push_str(&format!("HALTED: {reason}\n"));
        }
        text.push_str(&format!("New York  {}\nKorea     {}\n", new_york(report.at), korea(report.at)));
        if let Some(market) = report.market {
            text.push_str(&format!("Market    {}, trading date {}\n", market.phase, market.trading_date));
        }
        text.push_str(&format!("Token     {}\n", token_text(report)));
        let amount =
            |amount: Option<Usd>| amount.map_or_else(|| "unknown".to_owned(), |amount| amount.to_cents().to_string());
        text.push_str(&format!(
            "Account   cash {}  orderable {}  positions {}  total {} USD\n",
            amount(self.account.cash),
            amount(self.account.buying_power),
            amount(self.account.positions),
            amount(self.account.total)
        ));
        text.push_str(&self.positions_text());
        text.push_str(&orders_text("Open orders", self.open_orders.as_deref(), report.at));
        text.push_str(&orders_text("Unknown orders", Some(&self.unknown_orders), report.at));
        if !self.cooldowns.is_empty() {
            let cooldowns: Vec<String> =
                self.cooldowns.iter().map(|(symbol, until)| format!("{symbol} until {until}")).collect();
            text.push_str(&format!("Cool-downs: {}\n", cooldowns.join(", ")));
        }
        text.push_str("Last runs\n");
        for (command, run) in &self.last_runs {
            let reason = run.reason.as_deref().unwrap_or("");
            text.push_str(&format!(
                "  {command:<12} {}  {:>7} ago  exit {:<3} {} {reason}\n",
                new_york(run.at),
                show_age(report.at - run.at),
                run.exit_code,
                run.result
            ));
        }
        text
    }

    fn positions_text(&self) -> String {
        let Some(positions) = &self.positions else { return "Positions: could not be read\n".to_owned() };
        if positions.is_empty() {
            return "Positions: none\n".to_owned();
        }
        let mut text = "Positions\n  symbol   exch    shares  sellable        cost        last    profit\n".to_owned();
        for line in positions {
            let price = |price: Option<Usd>| price.map_or_else(|| "?".to_owned(), |price| price.to_string());
            let profit = line.profit_percent.as_ref().map_or_else(|| "?".to_owned(), |profit| format!("{profit} %"));
            text.push_str(&format!(
                "  {:<8} {:<4} {:>9} {:>9} {:>11} {:>11} {:>9}{}\n",
                line.symbol,
                line.exchange.map_or("?", Exchange::code),
                line.quantity,
                line.sellable_quantity,
                price(line.average_cost),
                price(line.last),
                profit,
                if line.is_managed { "" } else { "  not managed" }
            ));
        }
        text
    }
}

/// Profit as status writes it.
pub fn profit_text(cost: Option<Usd>, last: Option<Usd>) -> Option<String> {
    crate::domain::money::percent_change(cost?, last?).map(show_percent)
}

fn orders_text(title: &str, orders: Option<&[OpenOrderLine]>, now: DateTime<Utc>) -> String {
    match orders {
        None => format!("{title}: could not be read\n"),
        Some([]) => format!("{title}: none\n"),
        Some(orders) => {
            std::iter::once(format!("{title}\n")).chain(orders.iter().map(|order| order.to_text(now))).collect()
        }
    }
}

fn token_text(report: &Report) -> String {
    match &report.token {
        None => "unknown".to_owned(),
        Some(token) => match (token.seconds_left, token.expires_at) {
            (Some(left), Some(until)) => {
                let left = show_age(TimeDelta::seconds(left.max(0)));
                format!("{}, {left} left (until {})", token.state, korea(until))
            }
            _ => token.state.to_owned(),
        },
    }
}

/// `23 h 59 m`, `59 m 3 s`, `3 s`.
pub fn show_age(age: TimeDelta) -> String {
    let seconds = age.num_seconds().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, minutes) => format!("{minutes}m{:02}s", seconds % 60),
        (0, hours, minutes) => format!("{hours}h{minutes:02}m"),
        (days, hours, _) => format!("{days}d{hours:02}h"),
    }
}

fn position_json(line: &PositionLine) -> Value {
    let text = |amount: Option<Usd>| amount.map(|amount| amount.to_string());
    json!({
        "symbol": line.symbol,
        "exchange": line.exchange,
        "quantity": line.quantity,
        "sellable_quantity": line.sellable_quantity,
        "average_cost": text(line.average_cost),
        "last": text(line.last),
        "profit_percent": line.profit_percent,
        "managed": line.is_managed,
    })
}

fn last_run_json((command, run): (&String, &LastRunLine)) -> (String, Value) {
    let value =
        json!({ "at": rfc3339(run.at), "exit_code": run.exit_code, "result": run.result, "reason": run.reason });
    (command.clone(), value)
}
