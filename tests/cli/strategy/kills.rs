//! Runs killed with -9 at the system calls of a `sell` and of a `buy` that send a sheet of two sells and nine buys: the runs after it
//! leave the broker with exactly the sheet, no line twice, none lost, and nothing else.
//!
//! By default calls that change something are chosen, evenly over the run, and some pairs of kills; `KIS_TRADE_KILLS=all` takes every
//! call, `KIS_TRADE_KILLS=300` so many.

use serde_json::json;

use crate::support::books::{assert_all_told, assert_nothing_twice, journal};
use crate::support::harness::{Mode, World};
use crate::support::sheets::{BUYS, SELLS, adopted, at_kis};
use crate::support::strace::{Amount, Call, kill_at, kill_everywhere, trace};

/// What happens to the orders of the run that is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gateway {
    Answers,
    /// The answer to the second order is lost.
    LosesAnAnswer,
    /// The second order never arrives.
    LosesARequest,
}

/// The morning of the sheet; before a `buy` its sells are out.
fn arrange(command: &str, gateway: Gateway) -> World {
    let world = adopted(Mode::Real);
    if command == "buy" {
        assert_eq!(world.run(&["sell"]).code, 0);
        world.sim.forget_requests();
    }
    match gateway {
        Gateway::Answers => {}
        Gateway::LosesAnAnswer => world.sim.fault("order", "drop_after", json!({ "nth": 2 })),
        Gateway::LosesARequest => world.sim.fault("order", "drop_before", json!({ "nth": 2 })),
    }
    world
}

/// The line that an order in KIS's books stands for: one that never arrived goes again a tick away from the market.
fn line_of(order: &str) -> String {
    let sheet = [&SELLS[..], &BUYS].concat();
    if sheet.contains(&order) {
        return order.to_owned();
    }
    let (head, tail) = order.split_once('@').unwrap();
    let (price, kind) = tail.split_once(' ').unwrap();
    let cents: i64 = price.replace('.', "").parse().unwrap();
    let cents = if head.starts_with("sell") { cents - 1 } else { cents + 1 };
    format!("{head}@{}.{:02} {kind}", cents / 100, cents % 100)
}

/// Lets the crontab go on for three hours, and the day end; then every line is at KIS once.
fn recover(world: &mut World, told: &str) {
    world.sim.control("DELETE", "/faults", json!({}));
    for (seconds, codes) in [(70, [0, 81]), (3600, [0, 81]), (3600, [0, 81]), (3600, [0, 0])] {
        world.advance(seconds);
        for command in ["sell", "buy"] {
            let run = world.run(&[command]);
            assert!(codes.contains(&run.code), "{told}: then {command}: {}: {}{}", run.code, run.stdout, run.stderr);
            assert_nothing_twice(world, told);
        }
    }
    let books = at_kis(world);
    let mut lines: Vec<String> = books.iter().map(|order| line_of(order)).collect();
    lines.sort();
    let mut sheet = [&SELLS[..], &BUYS].concat();
    sheet.sort_unstable();
    assert_eq!(lines, sheet, "{told}: {books:?}");
    let sheets = journal(world, told).iter().filter(|line| line["kind"] == "sheet").count();
    assert_eq!(sheets, 1, "{told}: a sheet was computed anew");
    world.set_clock("2023-05-25T01:00:30Z".parse().unwrap());
    assert_eq!(world.run(&["cleanup"]).code, 0, "{told}");
    assert_all_told(world, told);
}

/// Kills the command at so many calls that change something.
fn kill_once(command: &'static str, gateway: Gateway, most: usize) {
    let name = format!("a sheet's {command}, {gateway:?}");
    let after = |mut world: World, _: &Call, told: &str| {
        let told = format!("{name}, {told}");
        assert_nothing_twice(&world, &told);
        recover(&mut world, &told);
    };
    let amount = Amount::from_environment(most);
    kill_everywhere(&name, (amount, most * 9 / 10), &|| arrange(command, gateway), &[command], &after);
}

#[test]
fn a_sell_of_a_sheet_killed_anywhere() {
    kill_once("sell", Gateway::Answers, 60);
}

#[test]
fn a_buy_of_a_sheet_killed_anywhere() {
    kill_once("buy", Gateway::Answers, 90);
}

#[test]
fn a_sell_of_a_sheet_killed_while_an_answer_is_lost() {
    kill_once("sell", Gateway::LosesAnAnswer, 30);
}

#[test]
fn a_buy_of_a_sheet_killed_while_an_answer_is_lost() {
    kill_once("buy", Gateway::LosesAnAnswer, 40);
}

#[test]
fn a_run_of_a_sheet_killed_while_a_request_is_lost() {
    kill_once("sell", Gateway::LosesARequest, 20);
    kill_once("buy", Gateway::LosesARequest, 20);
}

#[test]
fn two_runs_of_a_sheet_killed_one_after_the_other() {
    let (first_most, second_most) = match Amount::from_environment(0) {
        Amount::All => (40, 20),
        Amount::AtMost(wanted) => ((wanted / 20).max(4), 3),
    };
    for command in ["sell", "buy"] {
        for first in Amount::AtMost(first_most).choose(trace(&arrange(command, Gateway::Answers), &[command])) {
            let killed = || {
                let mut world = arrange(command, Gateway::Answers);
                assert!(kill_at(&world, &[command], &first), "{command}: {}", first.told("not killed"));
                world.advance(70);
                world
            };
            for second in Amount::AtMost(second_most).choose(trace(&killed(), &[command])) {
                let mut world = killed();
                kill_at(&world, &[command], &second);
                let told = format!("{command}, {}, {}", first.told("killed"), second.told("killed again"));
                assert_nothing_twice(&world, &told);
                recover(&mut world, &told);
            }
        }
    }
}
