//! Each decided order reaches KIS at most once, whatever happens to the request, the answer or the process.

mod blame;
mod crowd;
mod ended;
mod external;
pub mod failures;
mod hands;
mod journal;
mod kills;
mod lists;
mod priority;
mod refused;
mod turns;
mod unknown;
mod words;

use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::harness::{Mode, Run, World, wait_until};

const MODES: [Mode; 2] = [Mode::Paper, Mode::Real];

/// A world in which `buy` wants exactly one order: 21 AAPL at 95.00. Nothing fills by itself.
fn world_of(mode: Mode) -> World {
    let mut world = World::new(mode, crate::support::harness::MID_SESSION);
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    world
}

fn world() -> World {
    world_of(Mode::Paper)
}

fn order_id(mode: Mode) -> &'static str {
    if mode == Mode::Paper { "0000040840" } else { "0030000001" }
}

/// The classes of the outcomes that the journal holds.
fn classes(world: &World) -> Vec<String> {
    world.files.journal_of("outcome").iter().map(|line| line["class"].as_str().unwrap().to_owned()).collect()
}
