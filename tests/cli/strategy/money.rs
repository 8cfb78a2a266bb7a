//! What a sheet's buys may spend: the strategy's own cash, and the account's with what KIS holds back.

use serde_json::json;

use crate::support::harness::{Mode, World};
use crate::support::sheets::{BUYS, Given, TQQQ, adopt, adopted, at_kis, skipped, world};

fn have(world: &World, usd: &str) {
    world.sim.control("POST", "/cash", json!({ "account": world.sim.account(), "usd": usd }));
}

#[test]
fn the_lowest_rungs_go_first_then_all_buys() {
    // The buys cost 868.49, the mains of them 513.33; KIS offers 99.453 % of cash, and a hundredth of a buy is held back.
    for (cash, sent) in [("884", 9), ("880", 8), ("700", 4), ("600", 3), ("523", 2), ("519", 0), ("100", 0)] {
        let world = adopted(Mode::Real);
        have(&world, cash);
        let object = world.json(0, &["buy"]);
        assert_eq!(at_kis(&world), BUYS[..sent], "{cash}: {object:#}");
        let low = skipped(&object);
        assert!(low.len() == 9 - sent && low.iter().all(|skip| skip.ends_with(" cash_too_low")), "{cash}: {low:?}");
    }
}

#[test]
fn money_that_comes_later_in_the_day_sends_the_rest() {
    let mut world = adopted(Mode::Real);
    have(&world, "600");
    world.json(0, &["buy"]);
    assert_eq!(at_kis(&world), BUYS[..3]);
    world.advance(3600);
    have(&world, "100000");
    world.json(0, &["buy"]);
    assert_eq!(at_kis(&world), BUYS);
}

#[test]
fn own_cash_is_not_the_accounts() {
    // The account has 100,000 USD; near the end of a cycle the ladder costs more than the strategy's own 300.
    let world = world(Mode::Real, &TQQQ);
    world.sim.price("TQQQ", "75", "75");
    world.sim.hold("TQQQ", 100, "69.75");
    adopt(&world, &["t=38.5", "cash=300"]);
    let object = world.json(0, &["buy"]);
    assert_eq!(at_kis(&world), ["buy 3@60.06 34", "buy 1@50.00 34", "buy 1@40.00 34"]);
    assert_eq!(skipped(&object), ["rung cash_too_low"; 5]);
}

#[test]
fn strategies_are_served_in_the_order_of_the_file() {
    let mut world = adopted(Mode::Real);
    let second = Given { symbol: "SOXL", principal: "8000", more: "ladder_rungs = 0\n", ..TQQQ };
    world.strategy(&second.named("second"));
    world.sim.price("SOXL", "20", "20");
    // The first needs 868.49, the second 8 × 22.40 = 179.20.
    have(&world, "1080");
    world.json(0, &["buy"]);
    assert_eq!(at_kis(&world), [&BUYS[..], &["buy 8@22.40 34"]].concat());

    let mut world = adopted(Mode::Real);
    world.strategy(&second.named("second"));
    world.sim.price("SOXL", "20", "20");
    have(&world, "1000");
    let object = world.json(0, &["buy"]);
    assert_eq!(
        (at_kis(&world), skipped(&object)),
        (BUYS.map(str::to_owned).into(), vec!["first cash_too_low".to_owned()])
    );
}

/// A default rule beside the strategy: AAPL fell to 95.
fn beside_the_default_rule(cash: &str) -> World {
    let mut world = adopted(Mode::Real);
    world.set("buy.watch", r#"["AAPL"]"#).set("buy.picks", "1");
    world.sim.price("AAPL", "95", "100");
    have(&world, cash);
    world
}

/// How many shares of AAPL the default rule buys.
fn bought(world: &World) -> u64 {
    let object = world.json(0, &["buy"]);
    let orders = object["orders"].as_array().unwrap();
    let of_rule = orders.iter().filter(|order| order["symbol"] == "AAPL");
    of_rule.map(|order| order["quantity"].as_u64().unwrap()).sum()
}

#[test]
fn the_default_rule_gets_what_the_strategies_leave() {
    let world = beside_the_default_rule("2000");
    let left = bought(&world);
    assert_eq!(at_kis(&world)[..9], BUYS);
    assert!((9..=11).contains(&left), "{left} of 2000 less 868.49 less what is held back");
}

#[test]
fn what_a_strategy_has_yet_to_send_is_not_spent_by_the_default_rule() {
    // A sell by hand keeps most buys back; the money for them is kept, too.
    let world = beside_the_default_rule("2000");
    world.sim.price("TQQQ", "35", "75");
    let order = json!({ "account": "real", "symbol": "TQQQ", "side": "sell", "quantity": 1, "limit_price": "45" });
    world.sim.control("POST", "/orders/foreign", order);
    let left = bought(&world);
    assert_eq!(at_kis(&world)[..3], BUYS[6..]);
    assert!((9..=11).contains(&left), "{left} of 2000 less 868.49 less what is held back");
}
