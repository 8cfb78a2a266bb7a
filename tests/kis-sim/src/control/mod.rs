//! The control port: steers the world and shows it. JSON in, JSON out; the README lists the requests.

mod account;
mod books;
mod events;
mod orders;
mod prices;
mod view;

use crate::account_id::AccountId;
use crate::bounds;
use crate::faults::Fault;
use crate::gateway::{odd_rows, routes};
use crate::http::message::{Reply, Request, Response};
use crate::limits::Limits;
use crate::matching::FillRules;
use crate::mode::Mode;
use crate::rows::Rule;
use crate::shared::Shared;
use crate::tokens::{Life, Token};
use crate::world::World;
use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// What a control request gives: JSON, or the reason it was refused.
pub type Outcome = Result<Value, String>;

/// Answers one request of the control port.
pub fn handle(shared: &Shared, request: &Request) -> Reply {
    let outcome =
        read_body(request).and_then(|body| shared.with(|world| control(world, &request.method, &request.path, body)));
    let (status, body) = match outcome {
        Ok(value) => (200, value),
        Err(error) => (400, json!({ "error": error })),
    };
    let headers = vec![("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned())];
    Reply::Send(Response { status, headers, body: body.to_string().into_bytes() })
}

/// The body, or what a query says instead of one; a query's values are numbers.
fn read_body(request: &Request) -> Outcome {
    let is_empty = request.body.iter().all(u8::is_ascii_whitespace);
    let body = if is_empty {
        json!({})
    } else {
        serde_json::from_slice(&request.body).map_err(|error| format!("the body is not JSON: {error}"))?
    };
    if request.query.is_empty() {
        return Ok(body);
    }
    if request.method != "GET" || !is_empty {
        return Err("only a GET without a body takes a query".to_owned());
    }
    let number = |(name, text): &(String, String)| {
        let number: u64 = text.parse().map_err(|_| format!("{name} is a whole number, not {text:?}"))?;
        Ok((name.clone(), Value::from(number)))
    };
    request.query.iter().map(number).collect::<Result<Map<_, _>, String>>().map(Value::Object)
}

/// Carries out one control request, and lets open orders meet what it changed.
///
/// # Errors
/// An unknown request or a body it does not take; nothing has changed then.
pub fn control(world: &mut World, method: &str, path: &str, body: Value) -> Outcome {
    world.catch_up();
    world.touched |= method != "GET";
    let body = if body.is_null() { json!({}) } else { body };
    if !body.is_object() {
        return Err("the body is not a JSON object".to_owned());
    }
    // Values in faults and rows are only printed, never calculated with.
    if !["/faults", "/rows"].contains(&path) {
        bounds::check(&body)?;
    }
    if method == "GET" && path != "/events" && body.as_object().is_some_and(|fields| !fields.is_empty()) {
        return Err(format!("GET {path} takes no parameters"));
    }
    check_account(world, &body)?;
    let outcome = dispatch(world, method, path, body);
    world.catch_up();
    outcome
}

/// An account that is named has to exist.
fn check_account(world: &World, body: &Value) -> Result<(), String> {
    let Some(named) = body.get("account").and_then(Value::as_str) else { return Ok(()) };
    let id: AccountId = named.parse()?;
    if id.index() < world.accounts.len() { Ok(()) } else { Err(format!("no such account: {named}")) }
}

fn dispatch(world: &mut World, method: &str, path: &str, body: Value) -> Outcome {
    match (method, path) {
        ("GET", "/clock") => Ok(view::clock(world)),
        ("POST", "/clock") => set_clock(world, read(body)?),
        ("GET", "/tokens") => Ok(view::tokens(world)),
        ("POST", "/tokens/expire") => change_tokens(world, read(body)?, |token| token.expired = true),
        ("POST", "/tokens/revoke") => change_tokens(world, read(body)?, |token| token.revoked = true),
        ("POST", "/tokens/kill") => change_tokens(world, read(body)?, |token| token.dead = true),
        ("POST", "/tokens/life") => set_life(world, read(body)?),
        ("GET", "/faults") => Ok(view::faults(world)),
        ("POST", "/faults") => add_fault(world, read(body)?),
        ("DELETE", "/faults") => remove_faults(world, read(body)?),
        ("GET", "/rows") => Ok(json!({ "rows": world.rows.entries })),
        ("POST", "/rows") => add_rule(world, read(body)?),
        ("DELETE", "/rows") => remove_rules(world, read(body)?),
        ("GET", "/limits") => Ok(view::limits(world)),
        ("POST", "/limits") => set_limits(world, read(body)?),
        ("GET", "/quirks") => Ok(json!(world.quirks)),
        ("POST", "/quirks") => set_quirks(world, read(body)?),
        ("GET", "/prices") => Ok(json!({ "prices": world.market.overrides.values().collect::<Vec<_>>() })),
        ("POST", "/prices") => prices::pin(world, read(body)?),
        ("DELETE", "/prices") => prices::unpin(world, read(body)?),
        ("POST", "/cash") => account::set_cash(world, read(body)?),
        ("POST", "/positions") => account::set_position(world, read(body)?),
        ("GET", "/split") => Ok(json!({ "splits": world.market.splits })),
        ("POST", "/split") => events::split(world, read(body)?),
        ("POST", "/transfer") => events::transfer(world, read(body)?),
        ("POST", "/orders/foreign") => orders::place_foreign(world, read(body)?),
        ("POST", "/orders/fill") => orders::fill(world, read(body)?),
        ("POST", "/orders/reject") => orders::reject(world, read(body)?),
        ("POST", "/orders/cancel") => orders::cancel(world, read(body)?),
        ("POST", "/orders/modify") => orders::modify(world, read(body)?),
        ("POST", "/orders/correct") => books::correct(world, read(body)?),
        ("POST", "/orders/seed") => books::seed(world, read(body)?),
        ("GET", "/fills") => Ok(json!(world.fill_rules)),
        ("POST", "/fills") => {
            world.fill_rules = read::<FillRules>(body)?;
            Ok(json!(world.fill_rules))
        }
        ("POST", "/reset") => reset(world, read(body)?),
        ("GET", "/ledger") => Ok(view::ledger(world)),
        ("GET", "/events") => Ok(view::events(world, read::<Since>(body)?.after)),
        ("GET", "/requests") => Ok(json!({ "requests": world.requests.entries() })),
        ("DELETE", "/requests") => Ok(clear(|| world.requests.clear())),
        _ => Err(format!("no such request: {method} {path}")),
    }
}

fn read<T: DeserializeOwned>(body: Value) -> Result<T, String> {
    serde_json::from_value(body).map_err(|error| error.to_string())
}

fn clear(work: impl FnOnce()) -> Value {
    work();
    json!({})
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockChange {
    set: Option<DateTime<Utc>>,
    advance_seconds: Option<i64>,
    ticking: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Since {
    #[serde(default)]
    after: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Beginning {
    start: Option<DateTime<Utc>>,
    cash: Option<Decimal>,
}

/// Begins anew, so that a client's tests need not start a simulator each.
fn reset(world: &mut World, beginning: Beginning) -> Outcome {
    let start = beginning.start.unwrap_or_else(|| world.clock.now());
    let cash = beginning.cash.unwrap_or(world.opening_cash);
    if cash < Decimal::ZERO {
        return Err("cash must not be negative".to_owned());
    }
    world.reset(start, cash);
    Ok(view::clock(world))
}

/// A clock told to stop stops before it is moved, so that it then stands exactly there.
fn set_clock(world: &mut World, change: ClockChange) -> Outcome {
    let target = match (change.set, change.advance_seconds) {
        (Some(_), Some(_)) => return Err("set and advance_seconds exclude each other".to_owned()),
        (None, None) if change.ticking.is_none() => {
            return Err("one of set, advance_seconds and ticking is needed".to_owned());
        }
        (set, None) => set,
        (None, Some(seconds)) => {
            let span = TimeDelta::try_seconds(seconds).ok_or("advance_seconds is too large")?;
            Some(world.clock.now().checked_add_signed(span).ok_or("advance_seconds is too large")?)
        }
    };
    if target.is_some_and(|target| !bounds::covers(target)) {
        return Err("the clock goes from 1970 to 2999".to_owned());
    }
    if let Some(ticking) = change.ticking {
        world.clock.set_ticking(ticking);
    }
    if let Some(target) = target {
        world.set_clock(target);
    }
    Ok(view::clock(world))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhichToken {
    token: Option<String>,
}

fn change_tokens(world: &mut World, which: WhichToken, change: fn(&mut Token)) -> Outcome {
    if !world.tokens.change(which.token.as_deref(), change) {
        return Err("no such token".to_owned());
    }
    Ok(view::tokens(world))
}

fn set_life(world: &mut World, life: Life) -> Outcome {
    if !(1..=31_536_000).contains(&life.expires_in) || life.text_offset_seconds.abs() > 31_536_000 {
        return Err("expires_in is 1 to 31536000 seconds, text_offset_seconds a year at most either way".to_owned());
    }
    world.tokens.life = life;
    Ok(json!(life))
}

fn add_fault(world: &mut World, fault: Fault) -> Outcome {
    if !routes::is_fault_target(&fault.endpoint) {
        return Err(format!("no such endpoint: {}", fault.endpoint));
    }
    match fault.problem() {
        Some(problem) => Err(problem.to_owned()),
        None => Ok(json!({ "id": world.faults.add(fault) })),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhichOne {
    id: Option<u64>,
}

fn remove_faults(world: &mut World, which: WhichOne) -> Outcome {
    let before = world.faults.scripts.len();
    world.faults.scripts.retain(|script| which.id.is_some_and(|id| id != script.id));
    if which.id.is_some() && world.faults.scripts.len() == before {
        return Err("no such fault".to_owned());
    }
    Ok(json!({}))
}

fn add_rule(world: &mut World, rule: Rule) -> Outcome {
    match odd_rows::problem(&rule) {
        Some(problem) => Err(problem),
        None => Ok(json!({ "id": world.rows.add(rule, world.clock.now()) })),
    }
}

fn remove_rules(world: &mut World, which: WhichOne) -> Outcome {
    if world.rows.remove(which.id) { Ok(json!({})) } else { Err("no such rule".to_owned()) }
}

/// Only the limits named change; null lifts one.
fn set_limits(world: &mut World, mut changes: Map<String, Value>) -> Outcome {
    let only = changes.remove("account").map(read::<Mode>).transpose()?;
    let mut changed = world.limits;
    for mode in Mode::ALL.into_iter().filter(|mode| only.is_none_or(|only| only == *mode)) {
        let mut all = serde_json::to_value(changed[mode.index()]).map_err(|error| error.to_string())?;
        if let Value::Object(all) = &mut all {
            all.extend(changes.clone());
        }
        changed[mode.index()] = read::<Limits>(all)?;
    }
    world.limits = changed;
    Ok(view::limits(world))
}

fn set_quirks(world: &mut World, changes: Map<String, Value>) -> Outcome {
    world.switch(world.quirks.changed(changes)?);
    Ok(json!(world.quirks))
}
