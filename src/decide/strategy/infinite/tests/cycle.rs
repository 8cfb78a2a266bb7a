//! How cycles end, and with what the next one begins.

use super::*;

/// The morning after the last shares were sold with a profit: 11000 came in, and 10000 were left.
fn sold_out() -> World {
    let state = v40_state("8", "normal", "10000");
    World::v40(20).with_close("72").with_state(&state).with_own_cash("21000").with_fill(
        Role::Target,
        Side::Sell,
        100,
        100,
        "110",
    )
}

#[test]
fn a_cycle_ends_with_its_last_share_and_sets_its_profit_aside() {
    let world = sold_out();
    let state = world.state();
    assert_eq!((&state["t"], &state["cash"], &state["cycles"]), (&json!("0"), &json!("20000"), &json!(1)));
    assert_eq!(world.sheet()[0], "buy first 12@80.64");
    assert_eq!(world.plan().note, "T 8.00 → 0.00: target; cycle 1 ended");
    assert_eq!(world.next().state()["cycles"], 1, "it ends once");
}

#[test]
fn a_compounding_cycle_hands_its_cash_on() {
    let mut world = sold_out();
    world.settings.compound = true;
    let state = world.state();
    assert_eq!(
        (&state["cash"], &state["principal"], &state["unit"]),
        (&json!("21000"), &json!("21000"), &json!("1050"))
    );
    // The next mornings have no fill and change nothing.
    let mut next = world.next();
    assert_eq!(next.state(), state);
    // A changed principal begins anew.
    next.settings.principal = usd("15000");
    assert_eq!(next.state()["cash"], "15000");
}

#[test]
fn no_cycle_gets_more_than_there_is() {
    for compound in [false, true] {
        let mut world = sold_out().with_own_cash("12000");
        world.settings.compound = compound;
        assert_eq!((&world.state()["cash"], &world.state()["unit"]), (&json!("12000"), &json!("600")));
    }
    let world = sold_out().with_own_cash("-5");
    assert_eq!((world.plan().blocked, &world.state()["cash"]), (Some(Rule::CapitalTooSmall), &json!("0")));
}

#[test]
fn changed_settings_wait_for_the_next_cycle() {
    let state = v40_state("8", "normal", "12000");
    let mut world = World::v40(20).with_lot(100, "80").with_close("72").with_state(&state).with_own_cash("40000");
    world.settings.principal = usd("40000");
    world.settings.splits = 40;
    assert_eq!((&world.state()["unit"], &world.state()["splits"]), (&json!("1000"), &json!(20)));
    assert_eq!(
        world.plan().note,
        "this cycle goes on with principal_usd 20000.00 and splits 20; the new settings count from the next one"
    );
    let over = world.next().with_lot(0, "0").with_fill(Role::Target, Side::Sell, 100, 100, "92");
    let state = over.state();
    assert_eq!((&state["principal"], &state["splits"], &state["unit"]), (&json!("40000"), &json!(40), &json!("1000")));
    assert_eq!(over.plan().note, "T 8.00 → 0.00: target; cycle 1 ended");
}

#[test]
fn a_first_buy_without_a_fill_is_planned_again() {
    let first = World::v40(20).with_close("72");
    let second = first.clone().next();
    assert_eq!((second.sheet(), second.state()), (first.sheet(), first.state()));
    let bought = second.with_fill(Role::First, Side::Buy, 12, 12, "72").with_lot(12, "72");
    assert_eq!((bought.t().as_str(), bought.state()["cash"].as_str()), ("1", Some("19136")));
    assert_eq!(bought.state()["cycles"], 0);
}

#[test]
fn a_sheet_of_version_2_2_ends_its_cycle_alike() {
    let mut state = v22_state("stop", "350", 3, "10000");
    state["t"] = json!("16");
    let world = World::v22(40).with_close("72").with_state(&state).with_own_cash("21000");
    let world = world.with_fill(Role::Target, Side::Sell, 100, 100, "110");
    let state = world.state();
    assert_eq!((&state["mode"], &state["unit"], &state["buys"]), (&json!("normal"), &json!("500"), &json!(0)));
    assert_eq!((&state["since"], &state["cycles"], &state["cash"]), (&json!(null), &json!(1), &json!("20000")));
}
