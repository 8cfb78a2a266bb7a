//! A crowd: many processes in the same instant, and KIS is asked for one token.

use serde_json::Value;

use crate::support::harness::World;

/// How many start at once.
const CROWD: usize = 32;

/// Most look, some trade: those wait for the account's lock, one after the other.
fn crowd() -> Vec<&'static str> {
    let kinds = ["token-check", "status", "token-check", "status", "token-check", "status", "status", "trade"];
    let mut trading = ["sell", "buy", "cleanup", "sell"].into_iter().cycle();
    let commands = kinds.into_iter().cycle().take(CROWD);
    commands.map(|kind| if kind == "trade" { trading.next().unwrap() } else { kind }).collect()
}

/// A paper account whose runs wait long enough for each other.
fn patient_world() -> World {
    let mut world = World::paper();
    world.set("lock.wait_seconds", "300").set("gateway.timeout_seconds", "30");
    world
}

/// All succeeded and had nothing to warn of, one of them asked for a token, and every other request carried that one.
/// Returns how many requests there were.
fn assert_one_asked(world: &World, objects: &[Value], round: usize) -> usize {
    assert_eq!(objects.len(), CROWD);
    for object in objects {
        assert_eq!(object["exit_code"], 0, "round {round}: {object:#}");
        assert!(object["warnings"].as_array().unwrap().is_empty(), "round {round}: {object:#}");
    }
    let renewed = objects.iter().filter(|object| object["token"]["renewed"] == true).count();
    assert_eq!(renewed, 1, "round {round}: who comes second finds it done");
    let requests = world.sim.request_records();
    let (asked, others): (Vec<_>, Vec<_>) =
        requests.iter().partition(|request| request["path"].as_str().unwrap().starts_with("/oauth2/"));
    assert_eq!(asked.len(), 1, "round {round}");
    let token = &world.files.token_file()["access_token"];
    assert!(others.iter().all(|request| request["token"] == *token), "round {round}: another token was used");
    requests.len()
}

#[test]
fn thirty_two_processes_without_a_token_ask_for_one_fifty_times_over() {
    let mut requests = 0;
    for round in 1..=50 {
        let world = patient_world();
        // In every other round nothing is there at all, and in the others nobody may renew before all have looked.
        let objects = if round % 2 == 0 { world.run_together(&crowd()) } else { world.run_lined_up(&crowd()) };
        requests += assert_one_asked(&world, &objects, round);
        assert_eq!(world.sim.issues(), 1);
    }
    println!("50 crowds without a token: {} runs, {requests} requests, 50 tokens", 50 * CROWD);
}

/// Each of them finds the token due: so each either renews it, or finds under the lock that another one has, and the old
/// token is not used again although it lives. Only who loads a token before it is due may use it after a renewal.
#[test]
fn thirty_two_processes_with_a_due_token_renew_it_once() {
    let mut requests = 0;
    for round in 1..=10 {
        let mut world = patient_world();
        let old = world.have_old_token();
        world.files.edit_token_file("expires_at", (world.now.timestamp() + 3 * 3600).into());
        let objects = world.run_lined_up(&crowd());
        requests += assert_one_asked(&world, &objects, round);
        assert_ne!(world.files.token_file()["access_token"], old);
        assert_eq!(world.sim.issues(), 2);
    }
    println!("10 crowds with a due token: {} runs, {requests} requests, 10 tokens", 10 * CROWD);
}
