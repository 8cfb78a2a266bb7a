//! What happens between the last look and the request: a person stops trading, or takes the files away.

use super::*;

const LIST: [&str; 2] = ["VTTS3035R", "TTTS3035R"];

/// Starts a run, waits until it has asked for the order list so often while its answer is held back, lets something happen,
/// and ends the run.
fn meanwhile(world: &World, command: &str, lists: usize, happen: impl FnOnce(&World)) -> Value {
    let mut started = world.command(&["--json", command]);
    let child = started.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let asked = || world.sim.requests().iter().filter(|id| LIST.contains(&id.as_str())).count();
    wait_until("the list was never asked for", || asked() >= lists);
    happen(world);
    world.sim.let_answer();
    Run::of(child.wait_with_output().unwrap()).object()
}

/// The gate refuses the order, and the list that is read before the repetition is held back.
fn refused_world(mode: Mode) -> World {
    let mut world = world_of(mode);
    world.set("gateway.timeout_seconds", "60");
    assert_eq!(world.run(&["status"]).code, 0);
    world.sim.forget_requests();
    world.sim.fault("order", "code", json!({ "code": "EGW00201" }));
    world.sim.fault("ccnl", "delay", json!({ "nth": 2, "seconds": 3600 }));
    world
}

#[test]
fn a_halt_before_the_repetition_of_a_refused_order_stops_it() {
    for mode in MODES {
        let world = refused_world(mode);
        let halt = |world: &World| std::fs::write(world.files.state("HALT"), "lunch\n").unwrap();
        let object = meanwhile(&world, "buy", 2, halt);
        let told = format!("{mode:?}: {object:#}");
        assert_eq!((&object["exit_code"], &object["reason"]), (&json!(80), &json!("halted")), "{told}");
        let order = &object["orders"][0];
        assert_eq!((&order["state"], &order["reason"]), (&json!("not_sent"), &json!("not sent: lunch")), "{told}");
        assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (1, 0), "{told}");
        assert_eq!(classes(&world), ["refused", "not_sent"], "{told}");
        std::fs::remove_file(world.files.state("HALT")).unwrap();
        assert_eq!(world.json(0, &["buy"])["orders"][0]["state"], "accepted", "{told}");
    }
}

#[test]
fn a_lock_or_a_journal_that_goes_before_the_repetition_stops_it() {
    let mut journal = String::new();
    for name in ["account.lock", "journal", "all"] {
        let world = refused_world(Mode::Paper);
        let lose = |world: &World| match name {
            "all" => {
                std::fs::rename(world.files.state(""), world.files.path("elsewhere")).unwrap();
                std::fs::create_dir(world.files.state("")).unwrap();
            }
            "journal" => {
                let path = world.files.journal_path();
                std::fs::copy(&path, world.files.path("copy")).unwrap();
                std::fs::rename(world.files.path("copy"), &path).unwrap();
            }
            _ => std::fs::remove_file(world.files.state(name)).unwrap(),
        };
        let object = meanwhile(&world, "buy", 2, lose);
        assert_eq!(
            (&object["exit_code"], &object["reason"]),
            (&json!(74), &json!("state_unwritable")),
            "{name}: {object:#}"
        );
        assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (1, 0), "{name}: {object:#}");
        journal.push_str(&object["detail"].to_string());
    }
    assert!(!journal.contains("delete") && !journal.contains("remove it"), "{journal}");
}

/// Two runs, each with a lock of its own: the first one finds its lock gone before it writes anything down.
#[test]
fn a_lock_that_is_removed_while_a_run_looks_lets_only_the_next_run_order() {
    for what in ["account.lock", ""] {
        let mut world = world_of(Mode::Paper);
        world.set("gateway.timeout_seconds", "60");
        world.set("limits.max_daily_loss_percent", "90");
        world.sim.control("POST", "/limits", json!({ "token_per_minute": false }));
        assert_eq!(world.run(&["status"]).code, 0);
        world.sim.forget_requests();
        world.sim.hold_answer("ccnl");
        let object = meanwhile(&world, "buy", 1, |world| {
            match what {
                "" => std::fs::rename(world.files.state(""), world.files.path("elsewhere")).unwrap(),
                lock => std::fs::remove_file(world.files.state(lock)).unwrap(),
            }
            assert_eq!(world.json(0, &["buy"])["orders"][0]["state"], "accepted", "{what}");
        });
        assert_eq!(
            (&object["exit_code"], &object["reason"]),
            (&json!(74), &json!("state_unwritable")),
            "{what}: {object:#}"
        );
        assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (1, 1), "{what}");
        if !what.is_empty() {
            assert_eq!(world.files.journal_of("intent").len(), 1);
        }
    }
}
