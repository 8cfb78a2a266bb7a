//! What the control port shows.

use crate::account::Account;
use crate::events::{About, Event};
use crate::mode::Mode;
use crate::orders::{Fill, Order, order_number_text};
use crate::world::World;
use chrono::{DateTime, SecondsFormat, Utc};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

/// `GET /clock`.
pub fn clock(world: &World) -> Value {
    json!({ "now": instant(world.clock.now()), "ticking": world.clock.ticking() })
}

/// `GET /tokens`.
pub fn tokens(world: &World) -> Value {
    let tokens = world.tokens.tokens.iter().map(|token| {
        json!({
            "token": token.token, "mode": token.account.mode, "account": token.account, "issued_at": instant(token.issued_at), "expires_at": instant(token.expires_at),
            "expired": token.expired, "revoked": token.revoked, "dead": token.dead,
        })
    });
    json!({ "tokens": tokens.collect::<Vec<_>>(), "issues": world.tokens.issues })
}

/// `GET /events`.
pub fn events(world: &World, after: u64) -> Value {
    let (events, last) = world.events.after(after);
    json!({ "events": events.into_iter().map(event).collect::<Vec<_>>(), "last": last })
}

/// `GET /faults`.
pub fn faults(world: &World) -> Value {
    let scripts = world.faults.scripts.iter().map(|script| {
        let mut shown = json!(script.fault);
        shown["id"] = json!(script.id);
        shown["hits"] = json!(script.hits);
        shown
    });
    json!({ "faults": scripts.collect::<Vec<_>>() })
}

/// Limits by mode.
pub fn limits(world: &World) -> Value {
    let limits = Mode::ALL.map(|mode| (mode.word().to_owned(), json!(world.limits[mode.index()])));
    Value::Object(limits.into_iter().collect())
}

/// `GET /ledger`.
pub fn ledger(world: &World) -> Value {
    let accounts = world.accounts.iter().map(|each| (each.id.to_string(), account(each)));
    json!({ "accounts": accounts.collect::<Map<_, _>>() })
}

/// An amount or a price in USD, with two decimals at least.
pub fn money(amount: Decimal) -> String {
    let mut amount = amount.normalize();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    amount.to_string()
}

fn account(account: &Account) -> Value {
    let held = account.positions.iter().filter(|(_, position)| position.quantity > 0);
    let positions = held.map(|(symbol, position)| {
        json!({
            "symbol": symbol, "exchange": position.exchange, "quantity": position.quantity,
            "sellable": account.sellable(symbol), "average_cost": money(position.average_cost),
        })
    });
    json!({
        "cash": money(account.cash),
        "reserved": money(account.reserved()),
        "positions": positions.collect::<Vec<_>>(),
        "orders": account.orders.iter().map(order).collect::<Vec<_>>(),
        "fills": account.fills.iter().map(fill).collect::<Vec<_>>(),
    })
}

fn order(order: &Order) -> Value {
    json!({
        "order_id": order_number_text(order.number), "branch": order.branch, "date": order.date, "at": instant(order.at), "symbol": order.symbol,
        "exchange": order.exchange, "side": order.side, "type": order.order_type.code(), "quantity": order.quantity,
        "limit_price": money(order.limit_price), "filled_quantity": order.filled_quantity,
        "remaining_quantity": order.remaining_quantity(), "average_price": money(order.average_price()), "state": order.state,
        "medium": order.medium, "revision": order.revision, "original_id": order.original.map(order_number_text),
    })
}

/// What an event does not have is absent.
fn event(event: &Event) -> Value {
    let About { order, new_order, symbol, side, quantity, price, usd } = &event.about;
    let mut shown = json!({
        "n": event.n, "at": instant(event.at), "event": event.kind, "account": event.account,
        "order_id": order.map(order_number_text), "new_order_id": new_order.map(order_number_text), "symbol": symbol,
        "side": side, "quantity": quantity, "price": price.map(money), "usd": usd.map(money),
    });
    if let Value::Object(fields) = &mut shown {
        fields.retain(|_, value| !value.is_null());
    }
    shown
}

fn fill(fill: &Fill) -> Value {
    json!({
        "order_id": order_number_text(fill.number), "at": instant(fill.at), "symbol": fill.symbol, "side": fill.side,
        "quantity": fill.quantity, "price": money(fill.price),
    })
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
