//! What a person says of a strategy: `cleanup --adopt`, `--set`, `--withdraw`; and `cleanup` itself, which keeps a sheet's orders.

use serde_json::{Value, json};

use crate::support::harness::{Mode, World};
use crate::support::sheets::{BUYS, Given, SELLS, TQQQ, adopted, at_kis, shown, skipped, world};

/// The journal's bytes.
fn journal_bytes(world: &World) -> Vec<Vec<u8>> {
    let files = world.files.state_files().into_iter();
    files.filter(|(name, _)| name.starts_with("orders-")).map(|(_, bytes)| bytes).collect()
}

/// 29 shares at 69.75 that no strategy has taken over.
fn held() -> World {
    let world = world(Mode::Real, &TQQQ);
    world.sim.price("TQQQ", "75", "75");
    world.sim.hold("TQQQ", 29, "69.75");
    world
}

/// The sheet's orders that are open at KIS.
fn open(world: &World) -> Vec<String> {
    let orders = world.sim.own_orders();
    let open = orders.iter().filter(|order| order["state"] == "open");
    open.map(crate::support::sheets::at_kis_one).collect()
}

#[test]
fn taking_over_without_yes_shows_the_sheet_and_stores_nothing() {
    let world = held();
    world.json(0, &["cleanup"]);
    let before = journal_bytes(&world);
    let arguments = ["cleanup", "--adopt", "s", "--set", "t=4", "--set", "cash=19412.28"];
    let object = world.json(0, &arguments);
    assert_eq!(shown(&object["adoption"]["orders"]).len(), 11);
    assert_eq!(object["adoption"]["own_cash_usd"], "19412.28");
    assert!(object["detail"].as_str().unwrap().contains("nothing is stored without --yes"), "{object:#}");
    assert_eq!(journal_bytes(&world), before);
    let lines = world.run(&arguments);
    assert_eq!(lines.lines().len(), 12, "{}", lines.stdout);
    assert_eq!(journal_bytes(&world), before);
    assert_eq!(skipped(&world.json(0, &["sell"])), ["- ledger_mismatch"], "nothing was taken over");
    let object = world.json(0, &[&arguments[..], &["--yes", "--dry-run"]].concat());
    assert_eq!(shown(&object["adoption"]["orders"]).len(), 11);
    assert_eq!(journal_bytes(&world), before);
}

#[test]
fn what_can_not_be_set_is_refused_with_2() {
    let world = held();
    for set in [
        &["t"][..],
        &["t=x"],
        &["t=-1"],
        &["t=40.0001"],
        &["t=4", "t=5"],
        &["cash=-1"],
        &["cash=1e9999"],
        &["cash=5", "cash=5"],
        &["unit=500"],
        &["T=4"],
        &["=4"],
    ] {
        let set: Vec<&str> = set.iter().flat_map(|set| ["--set", set]).collect();
        let run = world.run(&[&["cleanup", "--adopt", "s", "--yes"], &set[..]].concat());
        assert_eq!(run.code, 2, "{set:?}: {}{}", run.stdout, run.stderr);
    }
    for arguments in [
        &["cleanup", "--adopt", "other"][..],
        &["cleanup", "--withdraw", "other"],
        &["cleanup", "--set", "t=4"],
        &["cleanup", "--yes"],
        &["cleanup", "--adopt", "s", "--withdraw", "s"],
    ] {
        let run = world.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}{}", run.stdout, run.stderr);
    }
    assert_eq!(world.files.journal_of("adopted").len(), 0);
    assert_eq!(world.files.journal_of("sheet_withdrawn").len(), 0);
}

#[test]
fn v22_computes_everything_and_takes_nothing() {
    let world = world(Mode::Real, &Given { kind: "infinite_v22", more: "", ..TQQQ });
    world.sim.price("TQQQ", "75", "75");
    world.sim.hold("TQQQ", 29, "69.75");
    for set in ["t=4", "cash=100"] {
        assert_eq!(world.run(&["cleanup", "--adopt", "s", "--set", set, "--yes"]).code, 2, "{set}");
    }
    let adoption = world.json(0, &["cleanup", "--adopt", "s", "--yes"])["adoption"].clone();
    // 29 × 69.75 of 20,000.
    assert_eq!(adoption["own_cash_usd"], "17977.25");
    assert_eq!(adoption["state"]["t"], "4.05");
}

#[test]
fn nothing_is_taken_over_while_orders_of_the_strategy_live() {
    let world = adopted(Mode::Real);
    world.json(0, &["sell"]);
    let run = world.run(&["cleanup", "--adopt", "s", "--yes"]);
    assert_eq!(run.code, 2, "{}", run.stdout);
    assert!(run.stderr.contains("cleanup --withdraw s"), "{}", run.stderr);
}

#[test]
fn cleanup_keeps_the_orders_of_a_sheet() {
    let mut world = adopted(Mode::Real);
    world.set("cleanup.cancel_buys_after_minutes", "1").set("cleanup.cancel_sells_after_minutes", "1");
    world.json(0, &["sell"]);
    world.json(0, &["buy"]);
    world.advance(3 * 3600);
    let object = world.json(0, &["cleanup"]);
    let kept: Vec<&Value> = object["kept"].as_array().unwrap().iter().map(|kept| &kept["reason"]).collect();
    assert_eq!(kept, vec![&json!("strategy_order"); 11]);
    assert_eq!(open(&world).len(), 11);
}

#[test]
fn a_withdrawn_sheet_is_cancelled_and_nothing_more_of_it_is_sent() {
    let mut world = adopted(Mode::Real);
    world.json(0, &["sell"]);
    let planned = world.json(0, &["cleanup", "--withdraw", "s", "--dry-run"]);
    assert_eq!(planned["cancelled"].as_array().map(Vec::len), Some(2), "{planned:#}");
    assert_eq!((world.files.journal_of("sheet_withdrawn").len(), open(&world).len()), (0, 2));
    let object = world.json(0, &["cleanup", "--withdraw", "s"]);
    assert_eq!(object["cancelled"].as_array().map(Vec::len), Some(2), "{object:#}");
    assert_eq!(open(&world), [""; 0]);
    for command in ["buy", "sell", "buy"] {
        world.advance(600);
        assert_eq!(skipped(&world.json(0, &[command])), ["- withdrawn"], "{command}");
    }
    assert_eq!(at_kis(&world), SELLS);
    // The next date has a sheet of its own.
    world.set_clock("2023-05-25T13:35:00Z".parse().unwrap());
    world.json(0, &["sell"]);
    assert_eq!(open(&world), SELLS);
}

#[test]
fn shortly_before_the_close_closing_orders_stay_and_that_is_said() {
    for (at, stay) in [("2023-05-24T19:49:59Z", 0), ("2023-05-24T19:50:00Z", 10)] {
        let mut world = adopted(Mode::Real);
        world.json(0, &["sell"]);
        world.json(0, &["buy"]);
        world.set_clock(at.parse().unwrap());
        let object = world.json(0, &["cleanup", "--withdraw", "s"]);
        assert_eq!(open(&world).len(), stay, "{at}: {object:#}");
        assert!(open(&world).iter().all(|order| order.ends_with(" 34")), "{at}");
        let says = object["warnings"].to_string().contains("10 closing orders stay");
        assert_eq!(says, stay > 0, "{at}: {}", object["warnings"]);
        // What fills of them is booked, and tomorrow begins with it.
        world.set_clock("2023-05-25T13:35:00Z".parse().unwrap());
        world.json(0, &["sell"]);
        let quantity = if stay > 0 { 32 } else { 29 };
        let sheet = crate::support::sheets::sheet(&world);
        assert_eq!(sheet["ledger"]["lots"]["TQQQ"]["quantity"], quantity, "{at}");
    }
}

#[test]
fn halt_and_sell_only_hold_for_strategies() {
    let mut world = adopted(Mode::Real);
    std::fs::write(world.files.state("HALT"), "x").unwrap();
    for command in ["sell", "buy"] {
        assert_eq!(world.run(&[command]).code, 80);
    }
    std::fs::remove_file(world.files.state("HALT")).unwrap();
    world.set("limits.trading", "\"sell_only\"");
    world.json(0, &["sell"]);
    assert_eq!(skipped(&world.json(0, &["buy"])), ["- sell_only"]);
    assert_eq!(at_kis(&world), SELLS);
    world.set("limits.trading", "\"all\"");
    world.json(0, &["buy"]);
    assert_eq!(at_kis(&world), [&SELLS[..], &BUYS].concat());
}

#[test]
fn a_date_may_be_withdrawn_before_it_has_a_sheet() {
    let mut world = adopted(Mode::Real);
    world.json(0, &["cleanup", "--withdraw", "s"]);
    for command in ["sell", "buy"] {
        assert_eq!(skipped(&world.json(0, &[command])), ["- withdrawn"], "{command}");
    }
    assert_eq!(world.files.journal_of("sheet").len(), 0);
    world.set_clock("2023-05-25T13:35:00Z".parse().unwrap());
    world.json(0, &["sell"]);
    assert_eq!(at_kis(&world), SELLS);
}

#[test]
fn what_is_taken_over_after_a_dates_sheet_counts_from_the_next_one() {
    let mut world = adopted(Mode::Real);
    world.json(0, &["sell"]);
    world.json(0, &["cleanup", "--withdraw", "s"]);
    world.sim.hold("TQQQ", 20, "69.75");
    crate::support::sheets::adopt(&world, &["t=3", "cash=20000"]);
    assert_eq!(skipped(&world.json(0, &["buy"])), ["- withdrawn"]);
    world.set_clock("2023-05-25T13:35:00Z".parse().unwrap());
    world.json(0, &["sell"]);
    assert_eq!(
        open(&world).iter().map(|order| order.split('@').next().unwrap()).collect::<Vec<_>>(),
        ["sell 5", "sell 15"]
    );
    assert_eq!(crate::support::sheets::sheet(&world)["ledger"]["cash"], "20000");
}
