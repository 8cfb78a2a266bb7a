//! Version 2.2 at its boundaries: 20000 in 40 splits, 500 a day.

use super::*;

fn held(quantity: u64, state: &Value) -> World {
    World::v22(40).with_lot(quantity, "50").with_close("48").with_state(state)
}

#[test]
fn t_follows_from_cost_rounded_up_and_the_star_from_t() {
    let world = held(101, &v22_state("normal", "500", 0, "14000"));
    assert_eq!(world.t(), "10.1");
    assert_eq!(world.sheet()[..2], ["sell quarter 25@52.48", "sell target 76@55.00 limit"], "10 % less 5.05 %");
    assert_eq!(held(101, &v22_state("normal", "500", 0, "14000")).with_lot(101, "50.001").t(), "10.11");
    // SOXL: 12 % less 0.6 T.
    let star = super::super::v22::star_percent(percent("12"), percent("10"), 40);
    assert_eq!(star, percent("6"));
}

#[test]
fn a_stop_begins_above_the_last_split_or_without_a_units_cash() {
    assert_eq!(held(390, &v22_state("normal", "500", 0, "500")).state()["mode"], "normal");
    for (quantity, cash) in [(391, "5000"), (390, "499.99")] {
        let world = held(quantity, &v22_state("normal", "500", 0, cash));
        assert_eq!(
            world.sheet(),
            ["sell moc 97@market moc".to_owned(), format!("sell target {}@55.00 limit", quantity - 97)]
        );
        assert_eq!((&world.state()["mode"], &world.state()["since"]), (&json!("stop"), &json!("2027-03-09")));
        assert_eq!(world.plan().note.split("; ").last(), Some("quarter stop since 2027-03-09, 0 of 10 buys"));
    }
}

#[test]
fn the_stop_buys_far_under_cost_with_a_tenth_of_its_cash() {
    let stopped = held(391, &v22_state("normal", "500", 0, "300")).next();
    assert_eq!(stopped.sheet()[0], "sell moc 97@market moc", "the sale stays due until it fills");
    // 300 and 97 sold at 40 are 4180; a tenth of it buys below 45.00.
    let sold = stopped.with_fill(Role::Moc, Side::Sell, 97, 97, "40").with_lot(294, "50").with_close("40");
    let sheet = ["sell stop-sell 73@45.00", "sell target 221@55.00 limit", "buy stop-buy 9@44.00", "buy rung 1@41.80"];
    assert_eq!(sold.sheet()[..4], sheet, "110 % of the close is below 44.99");
    assert_eq!((&sold.state()["unit"], &sold.state()["buys"]), (&json!("418"), &json!(0)));
    assert_eq!(sold.clone().with_close("42").sheet()[2], "buy stop-buy 9@44.99");
    // Each day on which the stop's buy filled counts, and the unit stays.
    let bought =
        sold.next().with_fill(Role::StopBuy, Side::Buy, 9, 9, "40").with_fill(Role::Rung, Side::Buy, 1, 1, "40");
    assert_eq!((&bought.state()["unit"], &bought.state()["buys"]), (&json!("418"), &json!(1)));
}

#[test]
fn the_units_of_a_stop_are_no_more_than_those_of_the_cycle() {
    let mut state = v22_state("stop", "500", 0, "4000");
    state["moc_due"] = json!(true);
    let world = held(300, &state).with_fill(Role::Moc, Side::Sell, 100, 100, "40");
    assert_eq!(world.state()["unit"], "500");
}

#[test]
fn a_stop_ends_when_its_quarter_is_sold_and_normal_days_go_on_with_its_unit() {
    let world = held(220, &v22_state("stop", "418", 2, "3000")).with_fill(Role::StopSell, Side::Sell, 73, 73, "45");
    let state = world.state();
    assert_eq!((&state["mode"], &state["unit"], &state["buys"]), (&json!("normal"), &json!("418"), &json!(0)));
    assert_eq!((state["t"].as_str(), state["since"].as_str()), (Some("22"), None), "T counts whole units");
    assert_eq!(world.sheet()[2], "buy full 8@49.49", "a price below cost: 10 % less 11 % of it");
    assert!(world.plan().note.contains("quarter stop ended, 418.00 USD a day from now on"));
    // Without cash for its unit the next stop begins.
    let spent = held(220, &v22_state("normal", "418", 0, "417.99"));
    assert_eq!(spent.sheet()[0], "sell moc 55@market moc");
}

#[test]
fn after_ten_buys_or_without_money_a_quarter_is_sold_again() {
    let world = |buys, cash: &str| held(300, &v22_state("stop", "418", buys, cash));
    assert_eq!(world(9, "418").sheet()[0], "sell stop-sell 75@45.00");
    for (buys, cash) in [(10, "3000"), (9, "417.99")] {
        assert_eq!(world(buys, cash).sheet()[0], "sell moc 75@market moc");
        assert_eq!(world(buys, cash).state()["since"], "2027-03-02");
    }
    let again = world(10, "3000").next().with_fill(Role::Moc, Side::Sell, 75, 75, "40").with_lot(225, "50");
    assert_eq!(
        (&again.state()["unit"], &again.state()["buys"]),
        (&json!("500"), &json!(0)),
        "a tenth of 6000, at most 500"
    );
}
