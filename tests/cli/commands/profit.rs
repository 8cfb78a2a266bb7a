//! `status --profit`: what own fills won and lost, to the cent.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::support::harness::World;

const MAY: &str = "orders-2023-05.jsonl";
const JUNE: &str = "orders-2023-06.jsonl";
const FIRST_OF_MAY: &str = "2023-05-01T14:30:00Z";
/// The first date of June, and two weeks later.
const FIRST_OF_JUNE: &str = "2023-06-01T14:30:00Z";
const MID_JUNE: &str = "2023-06-14T14:30:00Z";

fn go_to(world: &mut World, at: &str) {
    world.set_clock(at.parse::<DateTime<Utc>>().unwrap());
}

/// Buys 21 AAPL at a price, and offers them at another an hour later.
fn buy_and_sell(world: &mut World, cost: &str, price: &str, base: &str) {
    world.sim.price("AAPL", cost, "100");
    assert_eq!(world.json(0, &["buy"])["orders"][0]["quantity"], 21);
    assert_eq!(world.run(&["cleanup"]).code, 0);
    world.advance(3600);
    world.sim.price("AAPL", price, base);
    assert_eq!(world.json(0, &["sell"])["orders"][0]["quantity"], 21);
}

/// 315.00 won in May, 357.00 lost in June, whose file knows nothing of May.
fn two_months() -> World {
    let mut world = World::paper();
    world.set("buy.watch", r#"["AAPL"]"#);
    go_to(&mut world, FIRST_OF_MAY);
    buy_and_sell(&mut world, "95", "110", "100");
    assert_eq!(world.run(&["cleanup"]).code, 0);
    // A line of three weeks later: by it the orders of that date are of no need any more.
    go_to(&mut world, "2023-05-24T14:30:00Z");
    assert_eq!(world.run(&["cleanup"]).code, 0);
    assert_eq!(world.files.journal_of("day_closed").len(), 1);
    go_to(&mut world, MID_JUNE);
    buy_and_sell(&mut world, "94", "77", "78");
    assert_eq!(world.run(&["cleanup"]).code, 0);
    world
}

fn line(key: &str, name: &str, realised: &str, sells: u64, wins: u64) -> Value {
    json!({ key: name, "realised_usd": realised, "sells": sells, "wins": wins })
}

/// June alone, as counted from a date.
fn june(since: &str) -> Value {
    json!({
        "since": since, "realised_usd": "-357.00", "fees_estimated_usd": "8.98", "unrealised_usd": "0.00",
        "sells": 1, "wins": 0, "sells_without_cost": 0,
        "months": [line("month", "2023-06", "-357.00", 1, 0)],
        "symbols": [line("symbol", "AAPL", "-357.00", 1, 0)],
    })
}

#[test]
fn a_fresh_directory_has_no_profit() {
    let world = World::paper();
    let object = world.json(0, &["status", "--profit"]);
    assert_eq!(
        object["profit"],
        json!({
            "since": null, "realised_usd": "0.00", "fees_estimated_usd": "0.00", "unrealised_usd": "0.00",
            "sells": 0, "wins": 0, "sells_without_cost": 0, "months": [], "symbols": [],
        })
    );
    let text = world.run(&["status", "--profit"]).stdout;
    let block = "\nPositions: none\nProfit: nothing has filled yet\n  realised 0.00  fees 0.00  unrealised 0.00  total 0.00 USD\n";
    assert!(text.contains(block), "{text}");
    assert_eq!(world.json(0, &["status"]).get("profit"), None);
    assert!(!world.run(&["status"]).stdout.contains("rofit"));
}

#[test]
fn two_months_add_up_to_the_cent() {
    let mut world = two_months();
    let all = json!({
        "since": "2023-05-01", "realised_usd": "-42.00", "fees_estimated_usd": "19.74", "unrealised_usd": "0.00",
        "sells": 2, "wins": 1, "sells_without_cost": 0,
        "months": [line("month", "2023-05", "315.00", 1, 1), line("month", "2023-06", "-357.00", 1, 0)],
        "symbols": [line("symbol", "AAPL", "-42.00", 2, 1)],
    });
    assert_eq!(world.json(0, &["status", "--profit"])["profit"], all);
    assert_eq!(world.json(0, &["status", "--profit", "--since", "2023-06-01"])["profit"], june("2023-06-01"));
    world.set("fees.percent", "0.1");
    world.sim.hold("TSLA", 4, "150");
    world.sim.price("TSLA", "151.5", "151");
    let run = world.run(&["status", "--profit"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let block = "
  TSLA     ?            4         4      150.00      151.50    1.00 %  테슬라  not managed
Profit since 2023-05-01 (own fills; wins before fees; fees estimated at 0.1 % a side)
  month       realised  sells   wins
  2023-05       315.00      1      1
  2023-06      -357.00      1      0
  symbol      realised  sells   wins
  AAPL          -42.00      2      1
  realised -42.00  fees -7.90  unrealised 6.00  total -43.90 USD
Open orders: none
";
    assert!(run.stdout.contains(block), "{}", run.stdout);
}

#[test]
fn a_month_that_cannot_be_read_is_named_and_the_others_count() {
    let world = two_months();
    let path = world.files.state(MAY);
    let whole = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, whole.replacen("\"filled_quantity\":21", "\"filled_quantity\":12", 1)).unwrap();
    let object = world.json(0, &["status", "--profit"]);
    assert_eq!((&object["result"], &object["profit"]), (&json!("done"), &june("2023-06-14")));
    let warning = object["warnings"][0].as_str().unwrap();
    assert!(warning.contains(MAY) && warning.contains("its checksum does not fit"), "{warning}");
    assert!(warning.ends_with("; fills that only this file holds are missing from the profit"), "{warning}");
    assert_eq!(object["warnings"].as_array().unwrap().len(), 1);
    assert_eq!(world.json(0, &["status"])["warnings"], json!([]), "without --profit nothing reads it");
    std::fs::remove_file(&path).unwrap();
    let object = world.json(0, &["status", "--profit"]);
    assert_eq!((&object["warnings"], &object["profit"]), (&json!([]), &june("2023-06-14")));
    // The newest month is the journal itself: the run ends as it does without --profit.
    std::fs::write(world.files.state(JUNE), "no journal\n").unwrap();
    let object = world.json(65, &["status", "--profit"]);
    assert_eq!((&object["profit"]["sells"], &object["profit"]["unrealised_usd"]), (&json!(0), &json!(null)));
}

#[test]
fn an_order_that_two_months_know_counts_once_and_fills_that_no_run_wrote_down_count() {
    let mut world = World::paper();
    world.set("buy.watch", r#"["AAPL"]"#);
    go_to(&mut world, "2023-05-31T14:30:00Z");
    buy_and_sell(&mut world, "95", "110", "100");
    let won = json!([line("month", "2023-05", "315.00", 1, 1)]);
    let before = world.files.journal().len();
    let fresh = world.json(0, &["status", "--profit"]);
    assert_eq!((&fresh["profit"]["months"], world.files.journal().len()), (&won, before), "found by this very run");
    go_to(&mut world, FIRST_OF_JUNE);
    assert_eq!(world.run(&["cleanup"]).code, 0);
    let both = world.json(0, &["status", "--profit"])["profit"].clone();
    assert_eq!((&both["months"], &both["since"]), (&won, &json!("2023-05-31")));
    assert!(world.files.state(JUNE).exists());
    std::fs::remove_file(world.files.state(MAY)).unwrap();
    let carried = world.json(0, &["status", "--profit"]);
    assert_eq!((&carried["profit"], &carried["warnings"]), (&both, &json!([])), "the snapshot knows it still");
}

#[test]
fn a_date_is_asked_for_with_the_profit_and_in_one_spelling() {
    let world = World::paper();
    for arguments in [
        &["status", "--since", "2023-05-24"][..],
        &["status", "--profit", "--since"],
        &["status", "--profit", "--since", "2023-02-29"],
        &["status", "--profit", "--since", "2023-5-24"],
        &["status", "--profit", "--since", "24.05.2023"],
        &["status", "--profit", "--check-schedule", "-"],
    ] {
        let object = world.json(2, arguments);
        assert_eq!((&object["reason"], &object["result"]), (&json!("usage"), &json!("failed")), "{arguments:?}");
    }
    let told = world.run(&["status", "--profit", "--since", "2023-5-24"]).stderr;
    assert!(told.contains("'2023-5-24' for '--since <DATE>': it is not a date such as 2027-01-04"), "{told}");
}
