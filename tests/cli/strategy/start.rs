//! What of `[[strategy]]` ends a run at its start with 78, and what the message names.

use crate::support::harness::{Mode, World};
use crate::support::sheets::{Given, TQQQ, world};

#[track_caller]
fn assert_refused(world: &World, words: &[&str]) {
    for command in ["sell", "buy", "cleanup"] {
        let run = world.run(&[command]);
        assert_eq!(run.code, 78, "{command}: {}{}", run.stdout, run.stderr);
        for word in words {
            assert!(run.stderr.contains(word), "{word:?} is not in {}", run.stderr);
        }
    }
    assert_eq!(world.sim.requests(), [""; 0]);
}

#[test]
fn limits_that_would_stop_a_cycle_half_way_are_named() {
    // 20,000 in 40 daily units: 500 a day.
    for (key, low, enough) in [
        ("limits.max_order_usd", "499.99", "500"),
        ("limits.max_buy_usd_per_day", "499.99", "500"),
        ("limits.max_position_usd", "19999", "20000"),
    ] {
        let mut world = world(Mode::Real, &TQQQ);
        world.sim.price("TQQQ", "75", "75");
        // A day takes at least one order.
        world.set("limits.max_order_usd", "500").set(key, low);
        assert_refused(&world, &["strategy \"s\"", key.split_once('.').unwrap().1, "raise it"]);
        world.set(key, enough);
        assert_eq!(world.run(&["sell"]).code, 0, "{key}");
    }
}

#[test]
fn by_default_a_position_may_not_hold_the_principal() {
    let mut world = world(Mode::Real, &TQQQ);
    world.unset("limits.max_position_usd").unset("limits.max_order_usd").unset("limits.max_buy_usd_per_day");
    assert_refused(&world, &["max_position_usd", "5000"]);
}

#[test]
fn a_symbol_belongs_to_one_strategy_and_to_nothing_else() {
    let mut world_1 = world(Mode::Real, &TQQQ);
    world_1.set("buy.watch", r#"["AAPL", "TQQQ"]"#);
    assert_refused(&world_1, &["strategy \"s\"", "TQQQ", "[buy] watch"]);

    let mut world_2 = world(Mode::Real, &TQQQ);
    world_2.set("sell.keep", r#"["TQQQ"]"#);
    assert_refused(&world_2, &["strategy \"s\"", "TQQQ", "[sell] keep"]);

    let mut world_3 = world(Mode::Real, &TQQQ);
    world_3.strategy(&TQQQ.named("other"));
    assert_refused(&world_3, &["strategy \"other\"", "TQQQ", "strategy \"s\""]);

    let mut world_4 = world(Mode::Real, &TQQQ);
    world_4.strategy(&Given { symbol: "SOXL", ..TQQQ }.table());
    assert_refused(&world_4, &["\"s\"", "twice"]);
}

#[test]
fn the_filter_may_name_a_strategys_symbol() {
    let mut world = world(Mode::Real, &TQQQ);
    world.set("buy.watch", r#"["AAPL"]"#).set("buy.filter", r#"["TQQQ"]"#);
    world.sim.price("TQQQ", "75", "75");
    world.sim.price("AAPL", "100", "100");
    assert_eq!(world.run(&["sell"]).code, 0);
}

#[test]
fn unknown_keys_and_keys_of_another_kind_are_named() {
    for (more, word) in [
        ("splitz = 40\n", "splitz"),
        ("command = [\"rules/dip.py\"]\n", "command"),
        ("compound = \"yes\"\n", "compound"),
        ("ladder_rungs = -1\n", "ladder_rungs"),
    ] {
        let world = world(Mode::Real, &Given { more, ..TQQQ });
        assert_refused(&world, &["[[strategy]]", word]);
    }
    let world = world(Mode::Real, &Given { kind: "infinite_v22", more: "star_percent = 10\n", ..TQQQ });
    assert_refused(&world, &["star_percent"]);
}
