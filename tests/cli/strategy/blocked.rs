//! Mornings on which no sheet can be made: nothing is written down or sent, the reason is said, and the next run tries again.

use serde_json::{Value, json};

use crate::support::harness::{Mode, World};
use crate::support::sheets::{BUYS, Given, SELLS, TQQQ, adopted, at_kis, details, sheet, shown, skipped, world};

/// Nothing of the strategy goes out, for this reason.
#[track_caller]
fn assert_blocked(world: &World, rules: &[&str]) -> Vec<Value> {
    let (sheets, orders) = (world.files.journal_of("sheet").len(), at_kis(world).len());
    let objects = ["sell", "buy"].map(|command| world.run(&["--json", command]).object());
    for object in &objects {
        let skips = skipped(object);
        assert!(skips.len() == 1 && rules.iter().any(|rule| skips[0] == format!("- {rule}")), "{:?}", details(object));
        assert_eq!(object["orders"], json!([]));
    }
    assert_eq!((world.files.journal_of("sheet").len(), at_kis(world).len()), (sheets, orders));
    objects.into()
}

#[test]
fn without_a_quote_or_closes_it_waits_for_them() {
    let mut world = adopted(Mode::Real);
    world.sim.control("POST", "/prices", json!({ "symbol": "TQQQ", "blank": true }));
    assert_blocked(&world, &["price_unknown"]);
    world.sim.control("DELETE", "/prices", json!({ "symbol": "TQQQ" }));
    world.sim.price("TQQQ", "75", "75");
    world.advance(600);
    world.json(0, &["sell"]);
    world.json(0, &["buy"]);
    assert_eq!(at_kis(&world), [&SELLS[..], &BUYS].concat());
}

#[test]
fn a_price_that_moved_beyond_belief_is_not_traded_on() {
    for last in ["29", "121"] {
        let mut world = adopted(Mode::Real);
        world.sim.price("TQQQ", last, "75");
        assert_blocked(&world, &["price_suspicious"]);
        world.sim.price("TQQQ", "75", "75");
        world.advance(600);
        world.json(0, &["sell"]);
        assert_eq!(at_kis(&world), SELLS, "{last}");
    }
}

#[test]
fn a_cycle_that_cannot_buy_two_shares_does_not_begin() {
    let world = world(Mode::Real, &TQQQ);
    // 500 a day, and a cap of 280.
    world.sim.price("TQQQ", "250", "250");
    assert_blocked(&world, &["capital_too_small"]);
}

#[test]
fn what_filled_before_a_long_pause_is_not_forgotten() {
    let mut world = world(Mode::Real, &Given { more: "ladder_rungs = 0\n", ..TQQQ });
    world.sim.price("TQQQ", "75", "75");
    world.json(0, &["buy"]);
    assert_eq!(at_kis(&world), ["buy 5@84.00 34"]);
    // The next day all of it is sold, and then the price is too high for a new cycle, for months.
    world.set_clock("2023-05-25T13:35:00Z".parse().unwrap());
    world.json(0, &["sell"]);
    world.json(0, &["buy"]);
    world.sim.price("TQQQ", "90", "75");
    for date in ["2023-05-26", "2023-06-01", "2023-06-15", "2023-07-05", "2023-08-01", "2023-09-05"] {
        world.set_clock(format!("{date}T13:35:00Z").parse().unwrap());
        world.sim.price("TQQQ", "300", "300");
        assert_blocked(&world, &["capital_too_small"]);
    }
    world.set_clock("2023-09-06T13:35:00Z".parse().unwrap());
    world.sim.price("TQQQ", "80", "80");
    assert_eq!(shown(&world.json(0, &["buy"])["orders"]), ["buy 5@89.60 loc first"]);
    let sheet = sheet(&world);
    // 5 bought at 75, and sold at 90: the target by day, the quarter at the close.
    assert_eq!(sheet["ledger"], json!({ "cash": "20075" }), "{sheet:#}");
    let state: Value = serde_json::from_str(sheet["state"].as_str().unwrap()).unwrap();
    assert_eq!((&state["cycles"], &state["t"]), (&json!(1), &json!("0")));
}

#[test]
fn a_split_overnight_sends_nothing_before_a_person_has_looked() {
    let mut world = adopted(Mode::Real);
    world.json(0, &["sell"]);
    world.json(0, &["buy"]);
    let split = json!({
        "symbol": "TQQQ", "from": 1, "to": 2, "quote_at": "2023-05-25T05:00:00Z", "account_at": "2023-05-25T05:00:00Z",
    });
    world.sim.control("POST", "/split", split);
    world.set_clock("2023-05-25T13:35:00Z".parse().unwrap());
    assert_blocked(&world, &["split_suspected", "ledger_mismatch", "price_suspicious"]);
}
