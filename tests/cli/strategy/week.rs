//! Two weeks of March 2025, day by day: `sell` at 09:35, `buy` at 09:40, `cleanup` at 16:20. Every morning the sheet begins with the
//! shares, the average cost and the cash that KIS's books say.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::support::books::{assert_all_told, assert_nothing_twice};
use crate::support::harness::{Mode, World};
use crate::support::sheets::{Given, TQQQ, adopt, details, sheet, world_of_days};

/// Opens in UTC; New York changes to summer time on the 9th.
const OPENS: [&str; 10] = [
    "2025-03-03T14:30:00Z",
    "2025-03-04T14:30:00Z",
    "2025-03-05T14:30:00Z",
    "2025-03-06T14:30:00Z",
    "2025-03-07T14:30:00Z",
    "2025-03-10T13:30:00Z",
    "2025-03-11T13:30:00Z",
    "2025-03-12T13:30:00Z",
    "2025-03-13T13:30:00Z",
    "2025-03-14T13:30:00Z",
];

fn decimal(value: &Value) -> Decimal {
    value.as_str().unwrap().parse().unwrap()
}

/// Shares and average cost of the account, and what its fills have brought in.
fn books(world: &World, symbol: &str) -> (u64, Decimal, Decimal) {
    let ledger = world.sim.ledger();
    let held = ledger["positions"].as_array().unwrap().iter().find(|held| held["symbol"] == symbol);
    let held = held.map(|held| (held["quantity"].as_u64().unwrap(), decimal(&held["average_cost"])));
    let (quantity, average) = held.unwrap_or_default();
    let fills = ledger["fills"].as_array().unwrap().iter().map(|fill| {
        let amount = decimal(&fill["price"]) * Decimal::from(fill["quantity"].as_u64().unwrap());
        if fill["side"] == "sell" { amount } else { -amount }
    });
    (quantity, average, fills.sum())
}

/// Runs the two weeks; returns how many orders were sent and how many of them filled.
fn two_weeks(given: &Given, begin: impl Fn(&World) -> Decimal) -> (usize, usize) {
    let told = format!("{} {}", given.kind, given.symbol);
    let mut world = world_of_days(Mode::Real, OPENS[0], given);
    let mut cash = None;
    for open in OPENS {
        let open: DateTime<Utc> = open.parse().unwrap();
        world.set_clock(open + TimeDelta::minutes(1));
        // A price of yesterday's may come again; the judge looks at requests without their dates.
        world.sim.forget_requests();
        let cash = *cash.get_or_insert_with(|| begin(&world));
        let (quantity, average, earned) = books(&world, given.symbol);
        for (minutes, command) in [(5, "sell"), (10, "buy"), (410, "cleanup")] {
            world.set_clock(open + TimeDelta::minutes(minutes));
            let object = world.json(0, &[command]);
            if command != "cleanup" {
                assert_eq!(details(&object), [""; 0], "{told}, {open}: {command}");
            }
            assert_nothing_twice(&world, &told);
        }
        let sheet = sheet(&world);
        assert_eq!(sheet["date"], open.date_naive().to_string(), "{told}");
        let lot = &sheet["ledger"]["lots"][given.symbol];
        assert_eq!(lot["quantity"].as_u64().unwrap_or(0), quantity, "{told}, {open}");
        let own_average = lot["average_cost"].as_str().map_or(Decimal::ZERO, |text| text.parse().unwrap());
        assert!((own_average - average).abs() < Decimal::new(1, 2), "{told}, {open}: {lot}, {average}");
        let apart = decimal(&sheet["ledger"]["cash"]) - cash - earned;
        assert!(
            apart.abs() < Decimal::new(1, 2),
            "{told}, {open}: {} against {cash} + {earned}",
            sheet["ledger"]["cash"]
        );
    }
    world.set_clock("2025-03-15T01:00:30Z".parse().unwrap());
    world.json(0, &["cleanup"]);
    assert_all_told(&world, &told);
    assert_eq!(world.files.journal_of("sheet").len(), OPENS.len(), "{told}");
    let orders = world.sim.own_orders();
    (orders.len(), orders.iter().filter(|order| order["state"] == "filled").count())
}

fn principal(given: &Given) -> Decimal {
    given.principal.parse().unwrap()
}

#[test]
fn from_the_first_buy_on() {
    for given in [
        Given { more: "", ..TQQQ },
        Given { more: "", symbol: "SOXL", splits: 20, ..TQQQ },
        Given { kind: "infinite_v22", more: "", ..TQQQ },
    ] {
        let (sent, filled) = two_weeks(&given, |_| principal(&given));
        assert!(sent >= 50 && filled >= 10, "{given:?}: {filled} of {sent}");
    }
}

#[test]
fn from_the_first_day_of_reverse_mode_on() {
    let given = Given { more: "", ..TQQQ };
    let (sent, filled) = two_weeks(&given, |world| {
        world.sim.hold("TQQQ", 280, "80");
        adopt(world, &["t=39.5", "cash=2000"]);
        Decimal::from(2000)
    });
    assert!(sent > 20 && filled >= 5, "{filled} of {sent}");
}
