//! A lost answer, or a lost request, at each line of a sheet: the broker ends with every line once, and the rest follows.

use serde_json::json;

use crate::support::books::{assert_all_told, assert_nothing_twice};
use crate::support::harness::{Mode, World};
use crate::support::sheets::{BUYS, SELLS, adopted, at_kis, skipped};

/// Every line: its command, its number among those of that command, and how it stands in KIS's books.
fn lines() -> impl Iterator<Item = (&'static str, usize, &'static str)> {
    let sells = SELLS.into_iter().enumerate().map(|(index, order)| ("sell", index, order));
    sells.chain(BUYS.into_iter().enumerate().map(|(index, order)| ("buy", index, order)))
}

/// Runs both commands once; the codes may say that an order is unknown.
fn run_both(world: &World, told: &str) {
    for command in ["sell", "buy"] {
        let run = world.run(&[command]);
        assert!([0, 81].contains(&run.code), "{told}: {command} gave {}: {}{}", run.code, run.stdout, run.stderr);
        assert_nothing_twice(world, told);
    }
}

/// Lets the day end, and everything be told.
fn end(world: &mut World, told: &str) {
    world.set_clock("2023-05-25T01:00:30Z".parse().unwrap());
    assert_eq!(world.run(&["cleanup"]).code, 0, "{told}");
    assert_all_told(world, told);
}

#[test]
fn a_lost_answer_on_any_line_leaves_no_twin_and_the_rest_follows() {
    for (command, index, order) in lines() {
        let told = format!("{command} {index}: {order}");
        let mut world = adopted(Mode::Real);
        let side = if command == "sell" { "sell" } else { "buy" };
        world.sim.fault("order", "drop_after", json!({ "side": side, "nth": index + 1 }));
        run_both(&world, &told);
        world.advance(70);
        run_both(&world, &told);
        let mut books = at_kis(&world);
        books.sort();
        let mut wanted = [&SELLS[..], &BUYS].concat();
        wanted.sort_unstable();
        assert_eq!(books, wanted, "{told}");
        end(&mut world, &told);
    }
}

#[test]
fn a_lost_request_goes_once_more_a_tick_away_from_the_market() {
    for (command, index, order) in lines() {
        let told = format!("{command} {index}: {order}");
        let mut world = adopted(Mode::Real);
        let side = if command == "sell" { "sell" } else { "buy" };
        world.sim.fault("order", "drop_before", json!({ "side": side, "nth": index + 1 }));
        run_both(&world, &told);
        // The broker's list must stay silent for a while before it is believed that nothing arrived.
        for _ in 0..3 {
            world.advance(60 * 60);
            run_both(&world, &told);
        }
        let (head, price) = order.split_once('@').unwrap();
        let (price, kind) = price.split_once(' ').unwrap();
        let cents: i64 = price.replace('.', "").parse().unwrap();
        let away = if side == "sell" { cents + 1 } else { cents - 1 };
        let away = format!("{head}@{}.{:02} {kind}", away / 100, away % 100);
        let mut books = at_kis(&world);
        books.sort();
        let mut wanted: Vec<String> = [&SELLS[..], &BUYS].concat().into_iter().map(str::to_owned).collect();
        wanted.iter_mut().filter(|wanted| **wanted == order).for_each(|wanted| wanted.clone_from(&away));
        wanted.sort();
        assert_eq!(books, wanted, "{told}");
        end(&mut world, &told);
    }
}

#[test]
fn while_an_order_is_unknown_nothing_more_of_its_symbol_is_bought() {
    let world = adopted(Mode::Real);
    world.sim.fault("order", "drop_before", json!({ "side": "buy", "nth": 2 }));
    let object = world.json(81, &["buy"]);
    assert_eq!(at_kis(&world), BUYS[..1]);
    let states: Vec<&str> =
        object["orders"].as_array().unwrap().iter().map(|order| order["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["accepted", "unknown"]);
    assert_eq!(skipped(&object), ["rung order_unknown"; 7]);
    let object = world.json(81, &["buy"]);
    assert_eq!(at_kis(&world), BUYS[..1]);
    assert_eq!(skipped(&object), ["rung order_unknown"; 7]);
}

#[test]
fn an_order_that_is_listed_late_is_waited_for() {
    for (command, index, order) in lines().step_by(4) {
        let told = format!("{command} {index}: {order}");
        let mut world = adopted(Mode::Real);
        world.sim.control("POST", "/quirks", json!({ "list_lag_seconds": 900, "balance_lag_seconds": 900 }));
        world.sim.fault("order", "drop_after", json!({ "side": command, "nth": index + 1 }));
        for _ in 0..8 {
            run_both(&world, &told);
            world.advance(20 * 60);
        }
        let mut books = at_kis(&world);
        books.sort();
        let mut wanted = [&SELLS[..], &BUYS].concat();
        wanted.sort_unstable();
        assert_eq!(books, wanted, "{told}");
        end(&mut world, &told);
    }
}
