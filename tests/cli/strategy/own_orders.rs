//! Orders of the account that could meet each other, refusals that are final, and orders at the market, which go once.

use serde_json::json;

use crate::support::books::{assert_all_told, journal, unknown_intents};
use crate::support::harness::{Mode, World};
use crate::support::sheets::{BUYS, Given, SELLS, TQQQ, adopt, adopted, at_kis, details, shown, skipped, world};

/// A sell that a person placed in the app; its number.
fn sell_by_hand(world: &World, price: &str) -> String {
    let order = json!({
        "account": world.sim.account(), "symbol": "TQQQ", "side": "sell", "quantity": 2, "limit_price": price,
    });
    world.sim.control("POST", "/orders/foreign", order)["order_id"].as_str().unwrap().to_owned()
}

#[test]
fn a_buy_that_could_meet_a_sell_placed_by_hand_is_not_sent() {
    let world = adopted(Mode::Real);
    world.json(0, &["sell"]);
    world.sim.price("TQQQ", "60", "75");
    let number = sell_by_hand(&world, "67.40");
    let object = world.json(0, &["buy"]);
    // At its very price they would meet, a cent under it they would not.
    assert_eq!(skipped(&object), ["half self_trade", "half self_trade", "rung self_trade"]);
    assert!(details(&object)[0].contains(&number), "{object:#}");
    assert_eq!(at_kis(&world), [&SELLS[..], &BUYS[3..]].concat());
    world.sim.control("POST", "/orders/cancel", json!({ "account": "real", "order_id": number }));
    assert_eq!(skipped(&world.json(0, &["buy"])), [""; 0]);
    assert_eq!(at_kis(&world), [&SELLS[..], &BUYS[3..], &BUYS[..3]].concat());
}

#[test]
fn a_refusal_for_meeting_an_own_order_is_final() {
    let mut world = adopted(Mode::Real);
    world.json(0, &["sell"]);
    let words = "자전거래 주문입니다";
    world.sim.fault("order", "reject", json!({ "side": "buy", "code": "APBK1943", "message": words }));
    let object = world.run(&["--json", "buy"]).object();
    let orders = object["orders"].as_array().unwrap();
    let states: Vec<&str> = orders.iter().map(|order| order["state"].as_str().unwrap()).collect();
    assert_eq!(states, [&["rejected"][..], &["accepted"; 8]].concat(), "{object:#}");
    assert_eq!(object["reason"], "order_rejected");
    assert_eq!(unknown_intents(&journal(&world, "refused")), [""; 0]);
    world.advance(60);
    world.json(0, &["buy"]);
    assert_eq!(at_kis(&world), [&SELLS[..], &BUYS[1..]].concat(), "a refused line is not sent again");
    world.set_clock("2023-05-25T01:00:30Z".parse().unwrap());
    world.json(0, &["cleanup"]);
    assert_all_told(&world, "refused");
}

/// V4.0 beyond its last daily unit: the first day of reverse mode sells at the market, and does nothing else.
fn out_of_money() -> World {
    let world = world(Mode::Real, &TQQQ);
    world.sim.price("TQQQ", "75", "75");
    world.sim.hold("TQQQ", 100, "69.75");
    adopt(&world, &["t=39.5", "cash=300"]);
    world
}

#[test]
fn the_first_day_of_reverse_mode_sells_at_the_market_once() {
    let mut world = out_of_money();
    assert_eq!(shown(&world.json(0, &["sell"])["orders"]), ["sell 5@0.00 moc moc"]);
    let booked = at_kis(&world);
    assert!(booked.len() == 1 && booked[0].starts_with("sell 5@") && booked[0].ends_with(" 33"), "{booked:?}");
    for _ in 0..3 {
        world.advance(60 * 60);
        for command in ["sell", "buy"] {
            assert_eq!(world.json(0, &[command])["orders"], json!([]), "{command}");
        }
    }
    assert_eq!(at_kis(&world), booked);
}

#[test]
fn an_order_at_the_market_that_never_arrived_is_not_sent_again_that_day() {
    for (fault, count) in [("drop_before", 0), ("drop_after", 1)] {
        let mut world = out_of_money();
        world.sim.fault("order", fault, json!({}));
        let run = world.run(&["sell"]);
        assert!([0, 81].contains(&run.code), "{fault}: {}{}", run.stdout, run.stderr);
        for _ in 0..4 {
            world.advance(60 * 60);
            let run = world.run(&["sell"]);
            assert!([0, 81].contains(&run.code), "{fault}: {}{}", run.stdout, run.stderr);
            assert_eq!(at_kis(&world).len(), count, "{fault}");
        }
        assert_eq!(world.files.journal_of("intent").len(), 1, "{fault}");
    }
}

#[test]
fn a_netted_sheet_is_no_matter_of_infinite_buying() {
    // Star and top of a day are a cent apart: nothing crosses, whatever T is.
    for t in ["0.5", "12.25", "19.9999", "20", "33.3", "38.9"] {
        let given = Given { more: "ladder_rungs = 0\n", ..TQQQ };
        let world = world(Mode::Real, &given);
        world.sim.price("TQQQ", "70", "70");
        world.sim.hold("TQQQ", 60, "69.75");
        let set = format!("t={t}");
        let orders = shown(&adopt(&world, &[&set, "cash=15000"])["adoption"]["orders"]);
        assert!(orders.iter().all(|order| !order.ends_with("netted")), "{t}: {orders:?}");
    }
}

#[test]
fn beside_another_program_nothing_is_bought_and_sells_go_on() {
    let world = adopted(Mode::Real);
    let order = json!({
        "account": "real", "symbol": "TSLA", "side": "buy", "quantity": 1, "limit_price": "10", "medium": "OpenAPI",
    });
    world.sim.price("TSLA", "100", "100");
    world.sim.control("POST", "/orders/foreign", order);
    assert_eq!(skipped(&world.json(0, &["buy"])), ["- foreign"]);
    world.json(0, &["sell"]);
    assert_eq!(at_kis(&world)[1..], SELLS);
}

#[test]
fn a_side_that_kis_refused_twice_is_left_alone_for_the_day() {
    let mut world = adopted(Mode::Real);
    world.sim.fault(
        "order",
        "reject",
        json!({ "side": "buy", "times": 2, "code": "APBK1507", "message": "매매불가 종목입니다" }),
    );
    let object = world.run(&["--json", "buy"]).object();
    assert_eq!(skipped(&object), ["rung refused_today"; 7], "{object:#}");
    world.advance(3600);
    assert_eq!(skipped(&world.json(0, &["buy"])), ["rung refused_today"; 7]);
    world.json(0, &["sell"]);
    assert_eq!(at_kis(&world), SELLS);
}

#[test]
fn a_market_that_opens_late_leaves_no_line_of_a_sheet_out() {
    let mut world = adopted(Mode::Real);
    let closed = json!({ "code": "APBK0918", "message": "장운영시간이 아닙니다.", "times": 4 });
    world.sim.fault("order", "reject", closed);
    for command in ["sell", "buy", "sell", "buy"] {
        world.sim.forget_requests();
        world.json(1, &[command]);
        assert_eq!(world.sim.order_posts(), 1, "{command}: one order tries for all");
        world.advance(30 * 60);
    }
    world.json(0, &["sell"]);
    world.json(0, &["buy"]);
    // What was refused twice goes two ticks away: no two intents of a date have one price.
    let (sell, buy) = ("sell 7@78.14 34", "buy 3@78.09 34");
    assert_eq!(at_kis(&world), [&[sell], &SELLS[1..], &[buy], &BUYS[1..]].concat());
}

#[test]
fn after_two_refusals_for_cash_a_sheets_buys_wait_until_the_cash_has_moved() {
    let mut world = adopted(Mode::Real);
    world.sim.fault("order", "code", json!({ "code": "APBK0952", "times": 2 }));
    for _ in 0..2 {
        world.json(1, &["buy"]);
        world.advance(60 * 60);
    }
    world.sim.forget_requests();
    assert_eq!(skipped(&world.json(0, &["buy"])), ["- cash_too_low"]);
    assert_eq!(world.sim.order_posts(), 0);
    world.sim.control("POST", "/cash", json!({ "account": world.sim.account(), "usd": "30000" }));
    assert_eq!(skipped(&world.json(0, &["buy"])), [""; 0]);
    assert_eq!(at_kis(&world), [&["buy 3@78.09 34"], &BUYS[1..]].concat());
}
