//! Version 4.0 at its boundaries.

use super::*;

/// 30 shares at 70, the last close at 72.
fn held(state: &Value) -> World {
    World::v40(20).with_lot(30, "70").with_close("72").with_state(state)
}

fn normal(t: &str) -> World {
    held(&v40_state(t, "normal", "9000"))
}

#[test]
fn t1_t_moves_by_role_sells_first() {
    use Role::{Full, Half, Quarter, Target};
    let table: [(&str, &[Role], &str); 4] = [
        ("7", &[Quarter], "5.25"),
        ("20", &[Full, Target], "6"),
        ("20", &[Half, Target], "5.5"),
        ("10", &[Full, Target], "3.5"),
    ];
    for (before, roles, after) in table {
        let world = roles.iter().fold(normal(before), |world, role| {
            let side = if matches!(role, Quarter | Target) { Side::Sell } else { Side::Buy };
            world.with_fill(*role, side, 10, 10, "70")
        });
        assert_eq!(world.t(), after, "{before} {roles:?}");
    }
}

#[test]
fn a_fill_of_a_part_of_the_shares_moves_t_by_that_part() {
    for (role, side, before, after) in [
        (Role::Quarter, Side::Sell, "8", "7.5"),
        (Role::Target, Side::Sell, "8", "6.5"),
        (Role::Full, Side::Buy, "8", "8.25"),
        (Role::First, Side::Buy, "0", "0.25"),
        (Role::Half, Side::Buy, "8", "8.125"),
        (Role::Rung, Side::Buy, "8", "8"),
        (Role::Moc, Side::Sell, "8", "7.8"),
        (Role::ReverseSell, Side::Sell, "8", "7.8"),
        (Role::ReverseBuy, Side::Buy, "8", "8.75"),
    ] {
        assert_eq!(normal(before).with_fill(role, side, 3, 12, "70").t(), after, "{role}");
    }
    // The broker never fills more than was ordered; if it did, that would be the whole line.
    assert_eq!(normal("8").with_fill(Role::Full, Side::Buy, 3, 2, "70").t(), "9");
}

#[test]
fn t_and_cash_follow_the_fills_and_the_note_says_so() {
    let world = normal("4.17").with_fill(Role::Half, Side::Buy, 3, 3, "70.015");
    let answer = world.plan();
    assert_eq!(world.state()["cash"], "8789.95", "9000 less 210.045 to the cent");
    assert_eq!(answer.note, "T 4.17 → 4.67: half");
    assert_eq!(answer.note.ko, "T값 4.17 → 4.67: 절반 매수");
    // A quarter and the target of one day leave nothing but what was bought.
    let world = normal("8").with_fill(Role::Full, Side::Buy, 5, 5, "70");
    let world =
        world.with_fill(Role::Quarter, Side::Sell, 7, 7, "75").with_fill(Role::Target, Side::Sell, 23, 23, "80");
    assert_eq!((world.t().as_str(), world.state()["cash"].as_str()), ("2.5", Some("11015")));
    assert_eq!(world.plan().note, "T 8.00 → 2.50: quarter, target, full");
    assert_eq!(normal("8").plan().note, "");
}

#[test]
fn fills_of_other_symbols_and_unknown_roles_do_not_move_t() {
    let mut world =
        normal("8").with_fill(Role::Full, Side::Buy, 1, 1, "70").with_fill(Role::Full, Side::Buy, 1, 1, "70");
    world.facts.fills[0].symbol = symbol("SOXL");
    world.facts.fills[1].role = "dip".to_owned();
    assert_eq!((world.t().as_str(), world.state()["cash"].as_str()), ("8", Some("8930")), "its dollars are gone");
}

#[test]
fn t_is_kept_to_four_places_half_to_even() {
    let after = |t: &str| normal(t).with_fill(Role::Quarter, Side::Sell, 7, 7, "75").t();
    assert_eq!(after("11.70833"), "8.7812");
    assert_eq!(
        (after("11.7083333334"), after("0.0002"), after("0.0006")),
        ("8.7813".to_owned(), "0.0002".to_owned(), "0.0004".to_owned())
    );
}

#[test]
fn the_two_halves_end_at_half_of_the_splits() {
    // With a star of its own, for the usual one meets the average just there.
    let prices = mains::Prices::of(usd("70"), percent("10"), usd("100"));
    for (t, roles) in [("9.9999", vec![Role::Half, Role::Half]), ("10", vec![Role::Full])] {
        let mains = prices.mains(usd("500"), percent(t), 20);
        assert_eq!(mains.iter().map(|main| main.role).collect::<Vec<_>>(), roles, "{t}");
    }
    assert_eq!(normal("10").sheet()[2], "buy full 12@69.99");
}

#[test]
fn a_low_at_the_top_leaves_one_buy() {
    // The cap is 112 % of the close: 70.00 at 62.50, a cent more at 62.51.
    let world = |close: &str| held(&v40_state("4", "normal", "9000")).with_close(close);
    assert_eq!(world("62.50").sheet()[2], "buy full 8@70.00");
    assert_eq!(world("62.51").sheet()[2..4], ["buy half 4@70.01", "buy half 4@70.00"]);
}

#[test]
fn a_half_without_shares_passes_its_half_on() {
    // A unit of 112.50: half of it pays for no share at 76.99, all of it for one at 70.
    let world = held(&v40_state("4", "normal", "1800"));
    assert_eq!(world.sheet()[2], "buy full 1@70.00");
    let after = world.next().with_fill(Role::Full, Side::Buy, 1, 1, "70").with_lot(31, "70");
    assert_eq!(after.t(), "5");
}

#[test]
fn a_cycle_begins_with_two_shares_a_day_or_not_at_all() {
    // The cap is 112.00: two of it are 224.00 a day, in 20 splits 4480.
    let world = |principal: &str| World::v40(20).with_principal(principal).with_close("100");
    assert_eq!(world("4480").sheet()[0], "buy first 2@112.00");
    let answer = world("4479.99").plan();
    assert_eq!((answer.lines.len(), answer.blocked), (0, Some(Rule::CapitalTooSmall)));
    assert_eq!(answer.note, "no cycle begins: 223.99 USD a day would not buy two shares at 112.00");
}

#[test]
fn reverse_begins_above_the_last_split_or_without_a_share_a_day() {
    assert_eq!(normal("19").state()["mode"], "normal");
    let world = normal("19.0001");
    assert_eq!(world.sheet(), ["sell moc 3@market moc"]);
    assert_eq!((&world.state()["mode"], &world.state()["since"]), (&json!("reverse"), &json!("2027-03-09")));
    assert_eq!(world.plan().note, "reverse since 2027-03-09");
    assert_eq!(world.plan().note.ko, "2027-03-09부터 리버스 모드");
    // At T 14 a share is bought at 65.79 at most; six days of that are 394.74.
    let world = |cash: &str| held(&v40_state("14", "normal", cash));
    assert_eq!(world("394.74").sheet()[2], "buy full 1@65.79", "star 65.80");
    assert_eq!(world("394.73").sheet(), ["sell moc 3@market moc"]);
}

#[test]
fn r1_reverse_trades_around_the_mean_of_five_closes() {
    let closes = ["48.10", "49", "47.50", "50.20", "48.20"];
    let mut state = v40_state("38", "reverse", "700");
    state["splits"] = json!(40);
    let world = World::v40(40).with_lot(200, "70").with_closes(&closes).with_state(&state);
    let sheet = ["sell reverse-sell 10@48.60", "buy reverse-buy 3@48.59", "buy rung 1@43.75"];
    assert_eq!(world.sheet(), sheet, "the next rung, 35.00, is too deep");
    assert_eq!(world.state()["unit"], "175");
    assert_eq!(world.with_closes(&closes[1..]).plan().blocked, Some(Rule::PriceUnknown), "four closes are no five");
}

#[test]
fn r2_reverse_sells_a_twentieth_of_what_is_left() {
    let mut state = v40_state("38", "reverse", "700");
    state["splits"] = json!(40);
    let mut quantity = 200;
    let sold = [(); 4].map(|()| {
        let world = World::v40(40).with_lot(quantity, "70").with_closes(&["48"; 5]).with_state(&state);
        let sold = world.plan().lines[0].quantity;
        quantity -= sold;
        sold
    });
    assert_eq!(sold, [10, 9, 9, 8]);
    let world = World::v40(40).with_lot(19, "70").with_closes(&["48"; 5]).with_state(&state);
    assert_eq!(world.sheet()[0], "sell reverse-sell 1@48.00", "one share at the least");
}

#[test]
fn reverse_without_a_share_for_a_quarter_of_the_cash_sells_at_the_market_again() {
    let world = |cash: &str| held(&v40_state("18", "reverse", cash)).with_closes(&["48"; 5]);
    assert_eq!(world("191.96").sheet()[1], "buy reverse-buy 1@47.99");
    assert_eq!(world("191.95").sheet(), ["sell moc 3@market moc"]);
}

#[test]
fn the_sale_of_the_first_day_stays_due_until_it_fills() {
    let first = normal("19.5").with_close("50").next().with_closes(&["50"; 5]);
    assert_eq!(first.sheet(), ["sell moc 3@market moc"], "it was never sent");
    let sold = first.with_fill(Role::Moc, Side::Sell, 3, 3, "50").with_lot(27, "70");
    assert_eq!((sold.t().as_str(), sold.sheet()[0].as_str()), ("17.55", "sell reverse-sell 2@50.00"));
    assert_eq!(sold.plan().note, "T 19.50 → 17.55: moc; reverse since 2027-03-09");
}

#[test]
fn reverse_ends_strictly_above_the_bound_and_t_carries_on() {
    // 15 % under 70 is 59.50.
    let world = |close: &str| held(&v40_state("16.5", "reverse", "3500")).with_closes(&[close; 5]);
    assert_eq!(world("59.50").state()["mode"], "reverse");
    let over = world("59.51");
    assert_eq!((&over.state()["mode"], &over.state()["since"]), (&json!("normal"), &json!(null)));
    assert_eq!(over.t(), "16.5");
    assert!(over.sheet()[0].starts_with("sell quarter 7@"), "{:?}", over.sheet());
    assert_eq!(over.plan().note, "reverse ended: close 59.51 is above 59.50");
    // With T beyond the last split it begins again at once.
    let world = held(&v40_state("19.2", "reverse", "3500")).with_close("60");
    assert_eq!(world.sheet(), ["sell moc 3@market moc"]);
    assert_eq!(world.state()["since"], "2027-03-09");
}

#[test]
fn the_ladder_ends_at_its_depth_at_its_count_and_at_a_dollar() {
    // The first buy: 1000 at 112.00 is 8 shares; the rungs are 111.11, 100.00, 90.90, 83.33, 76.92.
    let world = World::v40(20).with_close("100");
    let rungs = |world: &World| world.sheet().len() - 1;
    assert_eq!(rungs(&world.clone().with_depth("16.67")), 4, "83.33 is as deep as may be");
    assert_eq!(rungs(&world.clone().with_depth("16.66")), 3);
    let mut few = world.without_depth_limit();
    assert_eq!(rungs(&few), 8);
    few.settings.ladder_rungs = 0;
    assert_eq!(rungs(&few), 0);
    // 2.24 a day buys 2 shares at 1.12; the next rung is at 0.74.
    let cheap = World::v40(20).with_principal("44.80").with_close("1").without_depth_limit();
    assert_eq!(cheap.sheet(), ["buy first 2@1.12"]);
    assert_eq!(cheap.plan().note, "rungs under 1 USD are left out");
    // 3.00 a day at 1.12: a rung at a dollar is sent.
    let dollar = World::v40(20).with_principal("60").with_close("1").without_depth_limit();
    assert_eq!(dollar.sheet(), ["buy first 2@1.12", "buy rung 1@1.00"]);
}

#[test]
fn few_shares_are_sold_at_the_target_alone() {
    let world = normal("2").with_lot(3, "70");
    assert_eq!(world.sheet()[0], "sell target 3@80.50 limit", "a quarter of three is none");
}
