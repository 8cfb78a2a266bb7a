//! Sell goes first: buy and cleanup give the account up between two requests, and lose nothing by it.

use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::support::harness::{Run, World, wait_until};

/// Three symbols that fell, one holding at its take profit, and orders that stay open.
fn world() -> World {
    let mut world = World::paper();
    world.set("lock.wait_seconds", "60").set("gateway.timeout_seconds", "30").set("buy.picks", "2");
    assert_eq!(world.run(&["status"]).code, 0);
    for (symbol, last) in [("AAPL", "95"), ("AMZN", "90"), ("TSLA", "107")] {
        world.sim.price(symbol, last, "100");
    }
    world.sim.hold("TSLA", 5, "100");
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    world.sim.forget_requests();
    world
}

fn start(world: &World, command: &str) -> Child {
    let mut command = world.command(&["--json", command]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn end(child: Child) -> Value {
    let object = Run::of(child.wait_with_output().unwrap()).object();
    assert_eq!(object["exit_code"], 0, "{object:#}");
    object
}

/// Starts a sell that finds the account taken, and waits until it wants it.
fn start_waiting_sell(world: &World) -> Child {
    let sell = start(world, "sell");
    let is_wanted = || {
        let file = std::fs::File::open(world.files.state("sell.want"));
        file.is_ok_and(|file| file.try_lock().is_err())
    };
    wait_until("the sell never waited", is_wanted);
    sell
}

/// Starts `lower`, and a sell while `lower` waits for its first answer from `endpoint`. Returns both results, and the
/// TR ids of the requests that came after the delayed one.
fn sell_meets(world: &World, lower: &str, endpoint: &str, tr_id: &str) -> (Value, Value, Vec<String>) {
    world.sim.hold_answer(endpoint);
    let child = start(world, lower);
    let is_asked = || world.sim.requests().iter().any(|id| id == tr_id);
    wait_until(&format!("{lower} never asked"), is_asked);
    let sell = start_waiting_sell(world);
    world.sim.let_answer();
    let (lower, sell) = (end(child), end(sell));
    let requests = world.sim.requests();
    let delayed = requests.iter().position(|id| id == tr_id).unwrap();
    (lower, sell, requests[delayed + 1..].to_vec())
}

fn symbols(object: &Value, list: &str) -> Vec<String> {
    let rows = object[list].as_array().unwrap();
    rows.iter().map(|row| row["symbol"].as_str().unwrap().to_owned()).collect()
}

const LIST: &str = "VTTS3035R";
const BUY: &str = "VTTT1002U";
const SELL: &str = "VTTT1001U";
const CANCEL: &str = "VTTT1004U";
const QUOTE: &str = "HHDFS00000300";

#[test]
fn a_buy_that_looks_at_quotes_makes_way_and_starts_over() {
    let world = world();
    let (buy, sell, later) = sell_meets(&world, "buy", "price", QUOTE);
    assert_eq!(later[0], LIST, "the next request is the sell's first: {later:?}");
    let (sold, bought) = (later.iter().position(|id| id == SELL), later.iter().position(|id| id == BUY));
    assert!(sold.unwrap() < bought.unwrap(), "{later:?}");
    assert_eq!(
        (symbols(&sell, "orders"), symbols(&buy, "orders")),
        (vec!["TSLA".into()], vec!["AMZN".into(), "AAPL".into()])
    );
    assert_eq!(world.sim.orders().len(), 3);
}

#[test]
fn a_buy_between_two_orders_makes_way_and_then_sends_only_what_is_left() {
    let world = world();
    let (buy, sell, later) = sell_meets(&world, "buy", "order", BUY);
    assert_eq!(later[0], LIST, "the second order waits for the sell: {later:?}");
    assert_eq!(symbols(&sell, "orders"), ["TSLA"]);
    assert_eq!(symbols(&buy, "orders"), ["AMZN", "AAPL"], "both are told: {buy:#}");
    assert_eq!(world.sim.orders().len(), 3, "two picks and one sell");
    let kinds = world.files.journal_kinds();
    let intents: Vec<usize> = (0..kinds.len()).filter(|place| kinds[*place] == "intent").collect();
    assert!(intents.iter().all(|place| kinds[place + 1] == "outcome"), "nothing comes between: {kinds:?}");
}

#[test]
fn a_buy_that_has_sent_all_its_picks_does_not_begin_again() {
    let mut world = world();
    world.set("buy.picks", "1");
    let (buy, _, later) = sell_meets(&world, "buy", "order", BUY);
    assert_eq!(symbols(&buy, "orders"), ["AMZN"]);
    assert!(!later.contains(&BUY.to_owned()), "{later:?}");
    assert_eq!(world.sim.orders().len(), 2);
}

#[test]
fn a_cleanup_between_two_cancels_makes_way_and_tells_of_both() {
    let mut world = world();
    assert_eq!(world.run(&["buy"]).code, 0);
    world.advance(25 * 60);
    world.sim.forget_requests();
    let (cleanup, sell, later) = sell_meets(&world, "cleanup", "order-rvsecncl", CANCEL);
    assert_eq!(later[0], LIST, "the second cancel waits for the sell: {later:?}");
    assert_eq!(symbols(&sell, "orders"), ["TSLA"]);
    let mut cancelled = symbols(&cleanup, "cancelled");
    cancelled.sort();
    assert_eq!(cancelled, ["AAPL", "AMZN"], "{cleanup:#}");
}

#[test]
fn a_buy_that_renewed_the_token_and_made_way_still_says_so() {
    let mut world = world();
    world.advance(70);
    std::fs::remove_file(world.files.state("api_token.json")).unwrap();
    std::fs::remove_file(world.files.state("token_attempt.json")).unwrap();
    let (buy, sell, _) = sell_meets(&world, "buy", "price", QUOTE);
    assert_eq!((&buy["token"]["renewed"], &buy["token"]["state"]), (&json!(true), &json!("renewed")));
    assert_eq!(sell["token"]["renewed"], false);
}

#[test]
fn a_dry_run_makes_way_too_and_plans_afresh() {
    let world = world();
    world.sim.hold_answer("price");
    let mut command = world.command(&["--json", "buy", "--dry-run"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until("no quote was asked for", || world.sim.requests().iter().any(|id| id == QUOTE));
    let sell = start_waiting_sell(&world);
    world.sim.let_answer();
    let sell = end(sell);
    assert_eq!(symbols(&sell, "orders"), ["TSLA"]);
    assert_eq!(symbols(&end(child), "orders"), ["AMZN", "AAPL"]);
}
