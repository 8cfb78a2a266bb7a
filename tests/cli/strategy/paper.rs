//! Paper takes no closing order: until the last half hour they wait, then one limit order a side stands for those that the last price
//! reaches.

use serde_json::json;

use crate::support::harness::{MID_SESSION, Mode, World};
use crate::support::sheets::{Given, TQQQ, adopt, at_kis, sheet, shown, skipped, world_on};

/// Table Q1: buys of 3 at 77.38, 4 at 71.16 and 1 at 68.16, a closing sell of 7 at 77.39 and a limit sell of 23.
fn morning_at(at: &str) -> World {
    let world = world_on(Mode::Paper, at, &Given { splits: 20, more: "", ..TQQQ });
    world.sim.price("TQQQ", "76.40", "76.40");
    world.sim.hold("TQQQ", 30, "71.16");
    adopt(&world, &["t=4.168", "cash=8633.53"]);
    world
}

fn morning() -> World {
    morning_at(MID_SESSION)
}

/// Both commands at an instant: what they sent, and what they passed over.
fn run_both(world: &mut World, at: &str) -> (Vec<String>, Vec<String>) {
    world.set_clock(at.parse().unwrap());
    let objects = ["sell", "buy"].map(|command| world.json(0, &[command]));
    let sent = objects.iter().flat_map(|object| shown(&object["orders"])).collect();
    (sent, objects.iter().flat_map(skipped).collect())
}

const DEFERRED: [&str; 4] = ["quarter loc_deferred", "half loc_deferred", "half loc_deferred", "rung loc_deferred"];

#[test]
fn closing_orders_wait_for_their_window() {
    let mut world = morning();
    let (sent, waiting) = run_both(&mut world, "2023-05-24T14:31:00Z");
    assert_eq!((sent.len(), waiting), (1, DEFERRED.map(str::to_owned).into()));
    assert!(sent[0].starts_with("sell 23@81.8") && sent[0].ends_with(" limit target"), "{sent:?}");
    world.sim.price("TQQQ", "70", "76.40");
    for at in ["2023-05-24T19:29:59Z", "2023-05-24T19:50:00Z"] {
        assert_eq!(run_both(&mut world, at), (Vec::new(), DEFERRED.map(str::to_owned).into()), "{at}");
    }
    assert!(at_kis(&world).iter().all(|order| order.ends_with(" 00")));
}

#[test]
fn in_the_window_one_limit_a_side_stands_for_what_the_last_price_reaches() {
    for (last, order) in [
        ("75", "buy 3@75.38 limit emulated_loc"),
        ("77.39", "sell 7@77.39 limit emulated_loc"),
        ("70", "buy 7@70.35 limit emulated_loc"),
        ("80", "sell 7@79.60 limit emulated_loc"),
    ] {
        for at in ["2023-05-24T19:30:00Z", "2023-05-24T19:40:00Z", "2023-05-24T19:49:59Z"] {
            let mut world = morning();
            run_both(&mut world, "2023-05-24T14:31:00Z");
            world.sim.price("TQQQ", last, "76.40");
            let (sent, _) = run_both(&mut world, at);
            assert_eq!(sent, [order], "{last} at {at}");
            assert_eq!(run_both(&mut world, at).0, [""; 0], "{last} at {at}: once more");
            assert!(at_kis(&world).iter().all(|order| order.ends_with(" 00")));
        }
    }
}

#[test]
fn one_order_a_side_whatever_the_price_does_then() {
    let mut world = morning();
    run_both(&mut world, "2023-05-24T14:31:00Z");
    world.sim.price("TQQQ", "75", "76.40");
    assert_eq!(run_both(&mut world, "2023-05-24T19:35:00Z").0, ["buy 3@75.38 limit emulated_loc"]);
    world.sim.price("TQQQ", "68", "76.40");
    assert_eq!(run_both(&mut world, "2023-05-24T19:45:00Z").0, [""; 0], "one buy a date");
    world.sim.price("TQQQ", "80", "76.40");
    assert_eq!(run_both(&mut world, "2023-05-24T19:46:00Z").0, ["sell 7@79.60 limit emulated_loc"], "and one sell");
}

#[test]
fn on_a_half_day_the_window_is_as_long_before_the_close() {
    let mut world = morning_at("2023-07-03T14:30:00Z");
    run_both(&mut world, "2023-07-03T14:31:00Z");
    world.sim.price("TQQQ", "75", "76.40");
    assert_eq!(run_both(&mut world, "2023-07-03T16:29:59Z").0, [""; 0]);
    assert_eq!(run_both(&mut world, "2023-07-03T16:30:00Z").0, ["buy 3@75.38 limit emulated_loc"]);
    let mut world = morning_at("2023-07-03T14:30:00Z");
    run_both(&mut world, "2023-07-03T14:31:00Z");
    world.sim.price("TQQQ", "75", "76.40");
    assert_eq!(run_both(&mut world, "2023-07-03T16:50:00Z").0, [""; 0]);
}

#[test]
fn what_it_fills_moves_the_state_as_the_closing_orders_would() {
    let mut world = morning();
    run_both(&mut world, "2023-05-24T14:31:00Z");
    world.sim.price("TQQQ", "75", "76.40");
    run_both(&mut world, "2023-05-24T19:40:00Z");
    world.set_clock("2023-05-25T13:35:00Z".parse().unwrap());
    world.sim.price("TQQQ", "75", "75");
    let object = world.json(0, &["buy"]);
    let sheet = sheet(&world);
    assert_eq!(sheet["date"], "2023-05-25", "{object:#}");
    assert_eq!(sheet["ledger"]["lots"]["TQQQ"]["quantity"], 33);
    // The upper half filled, the lower did not.
    let state: serde_json::Value = serde_json::from_str(sheet["state"].as_str().unwrap()).unwrap();
    assert_eq!(state["t"], "4.668");
}

#[test]
fn an_order_at_the_market_is_emulated_as_a_closing_sell() {
    let mut world = world_on(Mode::Paper, MID_SESSION, &TQQQ);
    world.sim.price("TQQQ", "75", "75");
    world.sim.hold("TQQQ", 100, "69.75");
    adopt(&world, &["t=39.5", "cash=300"]);
    let (sent, waiting) = run_both(&mut world, "2023-05-24T14:31:00Z");
    assert_eq!((sent, waiting), (Vec::new(), vec!["moc loc_deferred".to_owned()]));
    assert_eq!(run_both(&mut world, "2023-05-24T19:40:00Z").0, ["sell 5@74.62 limit emulated_loc"]);
    assert_eq!(run_both(&mut world, "2023-05-24T19:45:00Z").0, [""; 0]);
}

#[test]
fn a_lost_answer_in_the_window_leaves_no_twin() {
    for fault in ["drop_after", "drop_before"] {
        let mut world = morning();
        run_both(&mut world, "2023-05-24T14:31:00Z");
        world.sim.price("TQQQ", "75", "76.40");
        world.set_clock("2023-05-24T19:31:00Z".parse().unwrap());
        world.sim.fault("order", fault, json!({}));
        world.run(&["buy"]);
        for minutes in 0..9 {
            world.advance(120);
            let run = world.run(&["buy"]);
            assert!([0, 81].contains(&run.code), "{fault} {minutes}: {}{}", run.stdout, run.stderr);
        }
        let buys = at_kis(&world).iter().filter(|order| order.starts_with("buy")).count();
        assert_eq!(buys, usize::from(fault == "drop_after"), "{fault}: {:?}", at_kis(&world));
    }
}
