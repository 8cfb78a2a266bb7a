//! Where the machine stands and what season it is change nothing: New York's clock decides.

use serde_json::{Value, json};

use crate::support::harness::{EVENING, Mode, World, steady};

const ZONES: [&str; 4] = ["UTC", "Asia/Seoul", "America/New_York", "Pacific/Kiritimati"];

fn market_at(at: &str) -> Value {
    let world = World::new(Mode::Paper, at);
    world.json(0, &["token-check"])["market"].clone()
}

fn market(open: bool, phase: &str, date: &str, opens_at: &str, closes_at: &str) -> Value {
    json!({ "open": open, "phase": phase, "trading_date": date, "opens_at": opens_at, "closes_at": closes_at })
}

#[test]
fn every_command_says_the_same_in_every_time_zone() {
    for at in ["2023-05-24T14:30:00Z", EVENING, "2023-11-03T19:45:00Z", "2024-01-01T15:00:00Z"] {
        let told = |zone: &str| {
            let mut world = World::new(Mode::Real, at);
            world.env("TZ", zone).set("buy.picks", "1");
            for symbol in ["AAPL", "AMZN", "TSLA"] {
                world.sim.price(symbol, "95", "100");
            }
            world.sim.hold("AMZN", 3, "80");
            let commands =
                [&["buy", "--dry-run"][..], &["buy"], &["sell"], &["cleanup"], &["token-check"], &["status"]];
            // Each a little later, as in life: which look at the account was the first of the date must not hang on speed.
            let objects = commands.map(|arguments| {
                world.advance(10);
                steady(world.json(0, arguments))
            });
            let texts = commands.map(|arguments| world.run(arguments).stdout.lines().next().unwrap_or("").to_owned());
            let zone_of = texts[1].split(' ').nth(2).map(str::to_owned);
            (objects, zone_of, world.files.trades())
        };
        let first = told(ZONES[0]);
        for zone in &ZONES[1..] {
            assert_eq!(told(zone), first, "{zone} at {at}");
        }
    }
}

#[test]
fn in_summer_new_york_opens_at_half_past_one_utc() {
    let day = |open, phase| market(open, phase, "2023-05-24", "2023-05-24T13:30:00Z", "2023-05-24T20:00:00Z");
    let next = market(false, "closed", "2023-05-25", "2023-05-25T13:30:00Z", "2023-05-25T20:00:00Z");
    for (at, expected) in [
        ("2023-05-24T07:59:50Z", day(false, "closed")),
        ("2023-05-24T08:00:00Z", day(false, "pre")),
        ("2023-05-24T13:29:40Z", day(false, "pre")),
        ("2023-05-24T13:30:00Z", day(true, "regular")),
        ("2023-05-24T19:59:40Z", day(true, "regular")),
        ("2023-05-24T20:00:00Z", day(false, "after")),
        ("2023-05-24T23:59:40Z", day(false, "after")),
        ("2023-05-25T00:00:00Z", next),
    ] {
        assert_eq!(market_at(at), expected, "{at}");
    }
}

#[test]
fn in_winter_it_opens_an_hour_later_utc() {
    let day = |open, phase| market(open, phase, "2023-01-18", "2023-01-18T14:30:00Z", "2023-01-18T21:00:00Z");
    for (at, expected) in [
        ("2023-01-18T09:00:00Z", day(false, "pre")),
        ("2023-01-18T14:29:40Z", day(false, "pre")),
        ("2023-01-18T14:30:00Z", day(true, "regular")),
        ("2023-01-18T20:59:40Z", day(true, "regular")),
    ] {
        assert_eq!(market_at(at), expected, "{at}");
    }
    let after = market_at("2023-01-18T21:00:00Z");
    assert_eq!((&after["phase"], &after["open"]), (&json!("after"), &json!(false)));
}

#[test]
fn the_session_moves_by_an_hour_over_the_weekends_when_the_clocks_change() {
    for (at, open) in [
        // Clocks went forward on 12 March 2023 and back on 5 November 2023.
        ("2023-03-10T14:00:00Z", false),
        ("2023-03-10T20:30:00Z", true),
        ("2023-03-13T14:00:00Z", true),
        ("2023-03-13T20:30:00Z", false),
        ("2023-11-03T14:00:00Z", true),
        ("2023-11-03T20:30:00Z", false),
        ("2023-11-06T14:00:00Z", false),
        ("2023-11-06T20:30:00Z", true),
    ] {
        assert_eq!(market_at(at)["open"], open, "{at}");
    }
}

#[test]
fn a_half_day_ends_at_one_and_its_after_market_at_five() {
    let half = |open, phase| market(open, phase, "2023-11-24", "2023-11-24T14:30:00Z", "2023-11-24T18:00:00Z");
    assert_eq!(market_at("2023-11-24T17:59:40Z"), half(true, "regular"));
    assert_eq!(market_at("2023-11-24T18:00:00Z"), half(false, "after"));
    assert_eq!(market_at("2023-11-24T21:59:40Z"), half(false, "after"));
    let monday = market(false, "closed", "2023-11-27", "2023-11-27T14:30:00Z", "2023-11-27T21:00:00Z");
    assert_eq!(market_at("2023-11-24T22:00:00Z"), monday);
}

#[test]
fn on_a_half_day_nothing_is_bought_from_one_o_clock_whatever_buy_until_says() {
    let mut world = World::new(Mode::Paper, "2023-11-24T18:00:00Z");
    world.set("market.buy_until", "\"15:30\"");
    assert_eq!(world.json(0, &["buy"])["reason"], "market_closed");
}

#[test]
fn a_holiday_is_closed_all_day() {
    for (at, next) in [
        ("2023-07-04T15:00:00Z", "2023-07-05"),
        ("2023-11-23T15:00:00Z", "2023-11-24"),
        ("2023-05-29T15:00:00Z", "2023-05-30"),
        ("2023-05-27T15:00:00Z", "2023-05-30"),
        ("2023-04-07T15:00:00Z", "2023-04-10"),
    ] {
        let world = World::new(Mode::Paper, at);
        for command in ["buy", "sell", "cleanup"] {
            let object = world.json(0, &[command]);
            assert_eq!(object["reason"], "market_closed", "{command} at {at}");
            assert_eq!((&object["market"]["open"], &object["market"]["phase"]), (&json!(false), &json!("closed")));
            assert_eq!(object["market"]["trading_date"], next, "{at}");
        }
    }
}

#[test]
fn buying_ends_at_buy_until_and_the_minute_itself_is_too_late() {
    for (at, reason) in [
        ("2023-05-24T19:29:30Z", "no_candidate"),
        ("2023-05-24T19:30:00Z", "after_buy_until"),
        ("2023-05-24T19:59:30Z", "after_buy_until"),
        ("2023-05-24T20:00:00Z", "market_closed"),
    ] {
        let world = World::new(Mode::Paper, at);
        for symbol in ["AAPL", "AMZN", "TSLA"] {
            world.sim.price(symbol, "100", "100");
        }
        assert_eq!(world.json(0, &["buy"])["reason"], reason, "{at}");
        let sell = world.json(0, &["sell"]);
        assert_eq!(sell["reason"], if reason == "market_closed" { reason } else { "no_position" }, "{at}");
    }
}
