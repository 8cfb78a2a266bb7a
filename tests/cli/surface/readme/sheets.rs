//! The worlds of docs/sheets.md: one strategy `tqqq`, four days into a cycle.

use serde_json::json;

use crate::support::harness::{Mode, World};
use crate::support::sheets::{Given, TQQQ, prepare};

const ADOPT: &str = "kis-trade cleanup --adopt tqqq --set t=4 --set cash=19412.28";
/// A quarter past ten in New York.
const MORNING: &str = "2023-05-24T14:15:00Z";
const LATE: &str = "2023-05-24T19:40:00Z";

/// What the page's commands find.
pub fn scene_of(command: &str) -> Option<World> {
    if command.starts_with(ADOPT) {
        return Some(held(Mode::Real));
    }
    match command {
        "kis-trade sell && kis-trade buy" => Some(adopted(Mode::Real)),
        "kis-trade status | sed -n '/infinite_v40/,+1p'" | "kis-trade cleanup --withdraw tqqq" => {
            let world = adopted(Mode::Real);
            for job in ["sell", "buy"] {
                world.json(0, &[job]);
            }
            Some(world)
        }
        "kis-trade buy -v" => {
            let mut world = adopted(Mode::Paper);
            world.json(0, &["sell"]);
            world.set_clock(LATE.parse().expect("an instant"));
            world.sim.price("TQQQ", "73.5", "75");
            Some(world)
        }
        _ => None,
    }
}

fn held(mode: Mode) -> World {
    let mut world = World::new(mode, MORNING);
    prepare(&mut world);
    world.strategy(&Given { more: "", ..TQQQ }.named("tqqq"));
    world.put_old_token();
    world.sim.price("TQQQ", "75", "75");
    world.sim.hold("TQQQ", 29, "69.75");
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    world
}

fn adopted(mode: Mode) -> World {
    let world = held(mode);
    let arguments: Vec<&str> = ADOPT.split(' ').skip(1).chain(["--yes"]).collect();
    world.json(0, &arguments);
    world
}
