//! The one JSON object of `--json`.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use crate::decide::cleanup::Kept;
use crate::domain::market_session::MarketNow;
use crate::report::{Body, CancelledLine, OrderLine, Report, SettledLine, TokenView};

impl Report {
    /// The one JSON object of `--json`.
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
        put("command", json!(self.command));
        put("mode", json!(self.mode));
        put("run", json!(self.run));
        put("at", json!(rfc3339(self.at)));
        put("result", json!(self.ending.result.word()));
        put("exit_code", json!(self.exit().code()));
        put("reason", json!(self.ending.reason));
        let detail = [self.ending.detail.as_str(), self.ending.because.as_str()];
        put("detail", json!(detail.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")));
        put("next", if self.ending.next.is_empty() { Value::Null } else { json!(self.ending.next) });
        put("warnings", json!(self.warnings));
        put("dry_run", json!(self.is_dry_run));
        put("market", self.market.map_or(Value::Null, market_json));
        put("token", self.token.as_ref().map_or(Value::Null, token_json));
        put("stops", json!(self.stops));
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
            Body::Schedule { keys, .. } => {
                for (key, value) in keys.as_object().into_iter().flatten() {
                    put(key, value.clone());
                }
            }
        }
        Value::Object(object)
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
        "state": token.state.word(),
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

fn cancelled_json(order: &CancelledLine) -> Value {
    json!({ "order_id": order.order_id, "symbol": order.symbol, "side": order.side, "quantity": order.quantity })
}

fn kept_json(kept: &Kept) -> Value {
    json!({ "order_id": kept.order_id, "symbol": kept.symbol, "reason": kept.reason })
}

fn settled_json(line: &SettledLine) -> Value {
    json!({ "intent_id": line.intent_id, "state": line.state })
}
