//! A strategy's own shares and average cost against the account's: where they differ nothing is sent, and both are named.

use serde_json::json;

use crate::support::harness::{Mode, World};
use crate::support::sheets::{BUYS, SELLS, TQQQ, adopt, adopted, at_kis, details, hold_and_adopt, skipped, world};

#[track_caller]
fn assert_mismatch(world: &World, command: &str, figures: [&str; 2]) {
    let object = world.json(0, &[command]);
    let said = details(&object);
    assert_eq!(said.len(), 1, "{object:#}");
    assert!(said[0].starts_with("TQQQ ledger_mismatch: "), "{said:?}");
    assert!(figures.iter().all(|figure| said[0].contains(figure)), "{said:?} without {figures:?}");
    assert_eq!(object["orders"], json!([]));
    let warnings = object["warnings"].to_string();
    assert!(warnings.contains("ledger_mismatch"), "{warnings}");
}

#[test]
fn after_a_sale_by_hand_nothing_is_sent() {
    for held in [0, 25, 30] {
        let world = adopted(Mode::Real);
        world.sim.hold("TQQQ", held, "69.75");
        for command in ["sell", "buy"] {
            assert_mismatch(&world, command, ["29", &held.to_string()]);
        }
        assert_eq!(world.files.journal_of("sheet").len(), 0);
        assert_eq!(at_kis(&world), [""; 0]);
    }
}

#[test]
fn an_average_further_apart_than_a_rounding_is_a_mismatch() {
    for (average, is_like) in [("70.79", true), ("68.71", true), ("70.81", false), ("68.69", false)] {
        let world = adopted(Mode::Real);
        world.sim.hold("TQQQ", 29, average);
        if is_like {
            world.json(0, &["sell"]);
            assert_eq!(at_kis(&world), SELLS, "{average}");
        } else {
            assert_mismatch(&world, "sell", ["69.75", average]);
            assert_eq!(at_kis(&world), [""; 0], "{average}");
        }
    }
}

#[test]
fn a_sale_by_hand_at_noon_ends_the_sending() {
    let mut world = adopted(Mode::Real);
    world.json(0, &["sell"]);
    world.advance(90 * 60);
    world.sim.hold("TQQQ", 20, "69.75");
    assert_mismatch(&world, "buy", ["29", "20"]);
    assert_eq!(at_kis(&world), SELLS);
}

#[test]
fn taking_it_over_once_more_ends_the_mismatch() {
    let world = adopted(Mode::Real);
    world.sim.hold("TQQQ", 20, "69.75");
    assert_eq!(skipped(&world.json(0, &["sell"])), ["- ledger_mismatch"]);
    adopt(&world, &["t=3", "cash=19412.28"]);
    world.json(0, &["sell"]);
    assert_eq!(at_kis(&world)[0].split('@').next(), Some("sell 5"));
}

#[test]
fn the_sheet_does_not_know_the_accounts_cash() {
    let sheets = ["3000", "100000", "5000000"].map(|usd| {
        let world = world(Mode::Real, &TQQQ);
        world.sim.control("POST", "/cash", json!({ "account": "real", "usd": usd }));
        hold_and_adopt(&world);
        world.json(0, &["sell"]);
        world.json(0, &["buy"]);
        at_kis(&world)
    });
    let wanted = [&SELLS[..], &BUYS].concat();
    assert_eq!(sheets, [wanted.clone(), wanted.clone(), wanted]);
}
