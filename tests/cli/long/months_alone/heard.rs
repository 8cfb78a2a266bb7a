//! What people heard in the month, held against kis-sim's books: each event once, all of it, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;

use super::{How, Ran};
use crate::support::books::{Name, name_of};
use crate::support::harness::World;
use crate::support::post_box::{Manner, PostBox};

/// One message that reached the target.
pub struct Post {
    run: usize,
    id: String,
    body: Value,
    is_yes: bool,
}

/// Takes what came since the last time.
pub fn drain(post_box: &PostBox) -> Vec<Post> {
    let posts = post_box.posts();
    post_box.forget();
    posts.into_iter().map(read).collect()
}

fn read(post: crate::support::post_box::Post) -> Post {
    let body: Value = serde_json::from_str(&post.body).expect("JSON");
    let run = post.path.strip_prefix("/hook/").unwrap().parse().unwrap();
    Post { run, id: body["id"].as_str().unwrap().to_owned(), body, is_yes: post.manner == Manner::Takes }
}

/// An event came again only where the target had not clearly taken it, or the run could not write down that it had.
/// Returns the events, each once, and how many came again after a yes.
pub fn assert_each_once<'a>(posts: &'a [Post], runs: &[Ran]) -> (Vec<&'a Post>, usize) {
    let mut by_id: BTreeMap<&str, Vec<&Post>> = BTreeMap::new();
    for post in posts {
        by_id.entry(&post.id).or_default().push(post);
    }
    let mut twice = 0;
    for (id, came) in &by_id {
        let shown: Vec<_> = came.iter().map(|post| (post.run, &runs[post.run], post.is_yes)).collect();
        // What a run had to tell of itself is lost when neither its disk nor the target takes it; an order's event is not.
        let is_lost = |post: &&Post| runs[post.run].how == How::Unwritable && post.body["intent_id"].is_null();
        let is_taken = came.iter().any(|post| post.is_yes);
        assert!(is_taken || came.iter().all(is_lost), "{id} was never taken: {shown:?}");
        let sure = came.iter().position(|post| post.is_yes && runs[post.run].how.writes());
        assert!(sure.is_none_or(|sure| sure + 1 == came.len()), "{id} was told again: {shown:?}");
        twice += came.iter().filter(|post| post.is_yes).count().saturating_sub(1);
    }
    let mut events: Vec<&Post> = by_id.into_values().map(|came| came[0]).collect();
    events.sort_by_key(|post| post.run);
    (events, twice)
}

/// Events of the token, by kind; but for what a run told that could not write down that it did.
pub fn assert_token_hourly(events: &[&Post], runs: &[Ran]) -> usize {
    let mut last: BTreeMap<&str, DateTime<Utc>> = BTreeMap::new();
    let is_token = |post: &&&Post| post.body["event"].as_str().unwrap().starts_with("token_");
    let mut count = 0;
    for post in events.iter().filter(is_token).filter(|post| runs[post.run].how != How::Unwritable) {
        let at: DateTime<Utc> = post.body["at"].as_str().unwrap().parse().unwrap();
        let before = last.insert(post.body["event"].as_str().unwrap(), at);
        // Times are told in whole seconds.
        let is_due = before.is_none_or(|before| (at - before).num_seconds() >= 3599);
        assert!(is_due, "told at {before:?} and again: {}", post.body);
        count += 1;
    }
    count
}

/// What was told of one order.
#[derive(Default, Debug)]
struct Told<'a> {
    accepted: Vec<&'a Value>,
    /// What filled before the end, by the shares that had filled.
    parts: BTreeMap<u64, &'a Value>,
    /// What filled in all, by its shares: more than one where KIS booked a fill after the end.
    wholes: BTreeMap<u64, &'a Value>,
    ends: Vec<&'a str>,
}

/// Every order at KIS was told completely, and nothing was told that did not happen.
pub fn assert_complete(events: &[&Post], runs: &[Ran], world: &World, journal: &[Value]) {
    let mut told: BTreeMap<Name, Told> = BTreeMap::new();
    let mut nameless = Vec::new();
    let mut refused: BTreeSet<(String, &str)> = BTreeSet::new();
    for body in events.iter().map(|post| &post.body).filter(|body| body["intent_id"].is_string()) {
        if body["event"] == "order_rejected" {
            refused.insert((date_of(&body["intent_id"]), body["symbol"].as_str().unwrap()));
        }
        if body["order_id"].is_null() {
            nameless.push(body);
            continue;
        }
        let order = told.entry(name_of(&body["intent_id"], body)).or_default();
        match body["event"].as_str().unwrap() {
            "order_accepted" => order.accepted.push(body),
            "order_partly_filled" => drop(order.parts.insert(body["filled_quantity"].as_u64().unwrap(), body)),
            "order_filled" | "stop_loss" => {
                let is_stop = body["event"] == "stop_loss";
                assert_eq!(is_stop, body["reason"] == "stop_loss", "{body:#}");
                order.wholes.insert(body["filled_quantity"].as_u64().unwrap(), body);
            }
            end @ ("order_cancelled" | "order_expired" | "order_rejected") => order.ends.push(end),
            other => panic!("{other} with an order's number: {body:#}"),
        }
    }
    for order in world.sim.own_orders() {
        let name = name_of(&order["date"], &order);
        let told = told.remove(&name).unwrap_or_else(|| panic!("nobody heard of {order:#}"));
        let is_told_of_symbol = refused.contains(&(date_of(&order["date"]), order["symbol"].as_str().unwrap()));
        assert_order_told(&order, &told, is_told_of_symbol);
    }
    assert!(told.is_empty(), "told, but not in KIS's books: {told:#?}");
    nameless.iter().for_each(|body| assert_nameless(body, journal));
    assert_runs_told_rightly(events, runs);
}

/// The date of an order or of an intent's name, as digits.
fn date_of(text: &Value) -> String {
    text.as_str().unwrap().replace('-', "")[..8].to_owned()
}

/// The same refusal of a symbol is told once a date.
fn assert_order_told(order: &Value, told: &Told, is_refusal_told: bool) {
    assert_eq!(told.accepted.len(), 1, "{order:#} {told:#?}");
    let accepted = told.accepted[0];
    for key in ["symbol", "side", "quantity"] {
        assert_eq!(accepted[key], order[key], "{order:#} {told:#?}");
    }
    assert_eq!(decimal(&accepted["limit_price"]), decimal(&order["limit_price"]), "{order:#} {told:#?}");
    let shares = order["filled_quantity"].as_u64().unwrap();
    assert!(told.parts.keys().all(|part| *part <= shares), "{order:#} {told:#?}");
    let whole = told.wholes.last_key_value();
    assert_eq!(whole.map_or(0, |(all, _)| *all), shares, "{order:#} {told:#?}");
    if let Some((_, body)) = whole {
        // Prices of four decimals, of KIS's average that has as many.
        let off = (decimal(&body["price"]) - decimal(&order["average_price"])).abs();
        assert!(off < Decimal::new(1, 3), "{order:#} {told:#?}");
    }
    match order["state"].as_str().unwrap() {
        _ if shares > 0 => assert!(told.ends.is_empty(), "{order:#} {told:#?}"),
        "rejected" if is_refusal_told && told.ends.is_empty() => {}
        state => assert_eq!(told.ends, [format!("order_{state}")], "{order:#} {told:#?}"),
    }
}

/// Of an intent that became no order, or was not known to.
fn assert_nameless(body: &Value, journal: &[Value]) {
    let of_intent: Vec<&Value> = journal.iter().filter(|line| line["intent"] == body["intent_id"]).collect();
    let has = |key: &str, value: &str| of_intent.iter().any(|line| line[key] == value);
    let is_true = match body["event"].as_str().unwrap() {
        "order_rejected" => has("class", "rejected"),
        "order_absent" => has("verdict", "absent"),
        // A run that was killed wrote no outcome.
        "order_unknown" => !has("class", "accepted") && !has("class", "rejected"),
        _ => false,
    };
    assert!(is_true, "{body:#} {of_intent:#?}");
}

fn assert_runs_told_rightly(events: &[&Post], runs: &[Ran]) {
    // Five letters: of some thousand runs in a month two may have the same.
    let mut codes: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    runs.iter().for_each(|run| codes.entry(&run.id).or_default().push(run.code));
    for body in events.iter().map(|post| &post.body) {
        let Some(codes) = codes.get(body["run_id"].as_str().unwrap()) else { continue };
        let is_true = match body["event"].as_str().unwrap() {
            "run_failed" => codes.iter().any(|code| *code != 0),
            "halted" => codes.contains(&80),
            _ => true,
        };
        assert!(is_true, "the run ended with {codes:?}: {body:#}");
    }
}

/// Words of all kinds of events that came.
pub fn kinds(events: &[&Post]) -> BTreeSet<String> {
    events.iter().map(|post| post.body["event"].as_str().unwrap().to_owned()).collect()
}

fn decimal(value: &Value) -> Decimal {
    value.as_str().unwrap().parse().unwrap()
}
