//! Until when a sheet is made, and until when its orders are sent: on a full day and on a half day.

use chrono::{DateTime, TimeDelta, Utc};

use crate::support::harness::{Mode, World};
use crate::support::sheets::{BUYS, SELLS, TQQQ, at_kis, hold_and_adopt, skipped, world_on};

/// 10:30 in New York, and 15:40 or, on a half day, 12:40: twenty minutes before the close.
const DAYS: [(&str, &str); 2] =
    [("2023-05-24T14:30:00Z", "2023-05-24T19:40:00Z"), ("2023-07-03T14:30:00Z", "2023-07-03T16:40:00Z")];

fn arrange(at: &str) -> World {
    let world = world_on(Mode::Real, at, &TQQQ);
    hold_and_adopt(&world);
    world
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn without_a_sheet_by_the_cutoff_nothing_is_sent() {
    for (morning, cutoff) in DAYS {
        let mut world = arrange(morning);
        world.set_clock(at(cutoff));
        for command in ["sell", "buy"] {
            assert_eq!(skipped(&world.json(0, &[command])), ["- after_loc_cutoff"], "{cutoff}: {command}");
        }
        assert_eq!(at_kis(&world), [""; 0]);
        assert_eq!(world.files.journal_of("sheet").len(), 0);
    }
}

#[test]
fn a_second_before_the_cutoff_everything_is_sent() {
    for (morning, cutoff) in DAYS {
        let mut world = arrange(morning);
        world.set_clock(at(cutoff) - TimeDelta::seconds(1));
        world.json(0, &["sell"]);
        world.json(0, &["buy"]);
        assert_eq!(at_kis(&world), [&SELLS[..], &BUYS].concat(), "{cutoff}");
    }
}

#[test]
fn after_the_cutoff_closing_orders_stay_unsent_and_limit_orders_go() {
    for (morning, cutoff) in DAYS {
        let mut world = arrange(morning);
        assert_eq!(world.json(0, &["buy"])["orders"].as_array().map(Vec::len), Some(9));
        world.set_clock(at(cutoff));
        let object = world.json(0, &["sell"]);
        assert_eq!(skipped(&object), ["quarter after_loc_cutoff"], "{object:#}");
        assert_eq!(at_kis(&world), [&BUYS[..], &SELLS[1..]].concat());
    }
}

#[test]
fn the_cutoff_is_the_users() {
    let mut world = arrange(DAYS[0].0);
    world.set("market.loc_until", "\"12:00\"");
    world.set_clock(at("2023-05-24T15:59:59Z"));
    world.json(0, &["sell"]);
    world.set_clock(at("2023-05-24T16:00:00Z"));
    let object = world.json(0, &["buy"]);
    assert_eq!(skipped(&object), [["half after_loc_cutoff"; 2].as_slice(), &["rung after_loc_cutoff"; 7]].concat());
    assert_eq!(at_kis(&world), SELLS);
    world.set("market.loc_until", "\"15:51\"");
    assert_eq!(world.run(&["sell"]).code, 78);
}

#[test]
fn the_default_rules_last_call_does_not_bind_strategies() {
    let mut world = arrange(DAYS[0].0);
    world.set("market.buy_until", "\"10:00\"");
    world.json(0, &["buy"]);
    assert_eq!(at_kis(&world), BUYS);
}
