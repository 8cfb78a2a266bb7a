//! The next morning: what filled at the close is settled by the next run, in whatever rows and however late KIS lists it, and the
//! sheet begins with what the account holds.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::support::books::assert_all_told;
use crate::support::harness::{Mode, World};
use crate::support::sheets::{adopted, at_kis, details, sheet, skipped};

fn decimal(value: &Value) -> Decimal {
    value.as_str().unwrap().parse().unwrap()
}

/// What the newest sheet has of TQQQ is what the account holds.
#[track_caller]
fn assert_own_is_held(world: &World, quantity: u64, told: &str) {
    let sheet = sheet(world);
    let ledger = world.sim.ledger();
    let held = ledger["positions"].as_array().unwrap().iter().find(|held| held["symbol"] == "TQQQ").unwrap();
    let lot = &sheet["ledger"]["lots"]["TQQQ"];
    assert_eq!((&lot["quantity"], &held["quantity"]), (&json!(quantity), &json!(quantity)), "{told}");
    let apart = decimal(&lot["average_cost"]) - decimal(&held["average_cost"]);
    assert!(apart.abs() < Decimal::new(1, 2), "{told}: {lot} against {held}");
}

/// A day whose close at 61.00 fills both mains and one rung: 29 + 3 + 4 + 1 shares.
fn day() -> World {
    let world = adopted(Mode::Real);
    world.json(0, &["sell"]);
    world.json(0, &["buy"]);
    world.sim.price("TQQQ", "61", "75");
    world
}

/// The next morning, with yesterday's close in the quote.
fn next_morning(world: &mut World) {
    world.set_clock("2023-05-25T13:35:00Z".parse().unwrap());
    world.sim.price("TQQQ", "61", "61");
}

#[test]
fn however_a_filled_closing_order_is_listed_it_counts_once() {
    for rows in ["one", "twice", "order_and_fill", "parts"] {
        for evening in [false, true] {
            let told = format!("{rows}, evening run {evening}");
            let mut world = day();
            world.sim.control("POST", "/quirks", json!({ "loc_rows": rows }));
            if evening {
                world.set_clock("2023-05-24T20:20:00Z".parse().unwrap());
                world.json(0, &["cleanup"]);
            }
            next_morning(&mut world);
            let object = world.json(0, &["sell"]);
            assert_eq!(skipped(&object), [""; 0], "{told}: {:?}", details(&object));
            assert_own_is_held(&world, 37, &told);
            assert_eq!(at_kis(&world).len(), 13, "{told}");
            world.set_clock("2023-05-26T01:00:30Z".parse().unwrap());
            world.json(0, &["cleanup"]);
            assert_all_told(&world, &told);
        }
    }
}

#[test]
fn a_list_that_hears_of_the_close_late_is_asked_again() {
    let mut world = day();
    world.sim.control("POST", "/quirks", json!({ "close_lag_seconds": 180 }));
    world.set_clock("2023-05-24T20:01:00Z".parse().unwrap());
    world.json(0, &["cleanup"]);
    assert_eq!(world.files.trades(), [""; 0], "the list does not show it yet");
    world.set_clock("2023-05-24T20:05:00Z".parse().unwrap());
    world.json(0, &["cleanup"]);
    assert_eq!(world.files.trades().len(), 3, "{:?}", world.files.trades());
    next_morning(&mut world);
    world.json(0, &["sell"]);
    assert_own_is_held(&world, 37, "late");
}

#[test]
fn while_yesterday_is_not_final_no_sheet_is_made() {
    let mut world = day();
    let number = world.sim.own_orders()[2]["order_id"].clone();
    let unreadable = json!({ "list": "ccnl", "where": { "odno": number }, "set": { "ft_ccld_qty": "?" } });
    world.sim.control("POST", "/rows", unreadable);
    next_morning(&mut world);
    for command in ["sell", "buy"] {
        let object = world.json(81, &[command]);
        assert_eq!(skipped(&object), ["- yesterday_unsettled"], "{command}");
        assert!(details(&object)[0].contains("20230524-0003"), "{:?}", details(&object));
        assert_eq!(object["orders"], json!([]));
    }
    assert_eq!(world.files.journal_of("sheet").len(), 1);
    world.sim.control("DELETE", "/rows", json!({}));
    world.advance(600);
    let object = world.json(0, &["sell"]);
    assert_eq!(skipped(&object), [""; 0], "{:?}", details(&object));
    assert_own_is_held(&world, 37, "final");
}

#[test]
fn shares_that_no_list_explains_are_a_mismatch_until_one_does() {
    let mut world = adopted(Mode::Real);
    world.json(0, &["sell"]);
    // The answer to the first buy is lost, and no list shows it; it fills all the same.
    world.sim.fault("order", "drop_after", json!({}));
    let hidden = json!({ "list": "ccnl", "where": { "ft_ord_unpr3": "78.11000000" }, "hide": true });
    world.sim.control("POST", "/rows", hidden);
    world.json(81, &["buy"]);
    world.sim.price("TQQQ", "61", "75");
    next_morning(&mut world);
    for command in ["sell", "buy"] {
        let said = details(&world.json(0, &[command]));
        assert!(matches!(&said[..], [one] if one.starts_with("TQQQ ledger_mismatch")), "{said:?}");
    }
    world.sim.control("DELETE", "/rows", json!({}));
    world.advance(600);
    let object = world.json(0, &["sell"]);
    assert_eq!(skipped(&object), [""; 0], "{:?}", details(&object));
    assert_own_is_held(&world, 32, "explained");
}

#[test]
fn a_target_that_fills_by_day_leaves_the_other_lines_in_force() {
    let mut world = day();
    world.sim.price("TQQQ", "82", "75");
    world.advance(600);
    // The limit sell has filled; the rest of the sheet waits for the close.
    for command in ["sell", "buy"] {
        assert_eq!(skipped(&world.json(0, &[command])), [""; 0], "{command}");
    }
    next_morning(&mut world);
    world.sim.price("TQQQ", "82", "82");
    let object = world.json(0, &["buy"]);
    // The quarter went at the close, too: the cycle is over, and another begins.
    assert_eq!(skipped(&object), [""; 0], "{:?}", details(&object));
    assert_eq!(sheet(&world)["ledger"].get("lots"), None);
    assert_eq!(object["orders"][0]["role"], "first");
}

#[test]
fn a_market_row_with_the_price_of_its_fill_is_still_ours() {
    for price in ["zero", "fill"] {
        let world = crate::support::sheets::world(Mode::Real, &crate::support::sheets::TQQQ);
        let mut world = world;
        world.sim.control("POST", "/quirks", json!({ "moc_price": price }));
        world.sim.price("TQQQ", "75", "75");
        world.sim.hold("TQQQ", 100, "69.75");
        crate::support::sheets::adopt(&world, &["t=39.5", "cash=300"]);
        world.json(0, &["sell"]);
        world.set_clock("2023-05-25T13:35:00Z".parse().unwrap());
        let object = world.json(0, &["sell"]);
        assert_eq!(sheet(&world)["date"], "2023-05-25", "{price}: {:?}", details(&object));
        assert_own_is_held(&world, 95, price);
        assert_eq!(sheet(&world)["ledger"]["cash"], "675", "{price}");
    }
}
