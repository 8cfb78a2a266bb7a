//! State that is older than what KIS knows: a backup put back, a journal or all files deleted.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::support::harness::{Mode, World};

/// Replaces the state directory's files by those of a copy.
fn put_back(world: &World, copy: &BTreeMap<String, Vec<u8>>) {
    for name in world.files.state_files().into_keys() {
        std::fs::remove_file(world.files.state(&name)).unwrap();
    }
    for (name, bytes) in copy {
        std::fs::write(world.files.state(name), bytes).unwrap();
        std::fs::set_permissions(world.files.state(name), PermissionsExt::from_mode(0o600)).unwrap();
    }
}

/// The copy knows nothing of today's orders: KIS does, and they count as another program's.
#[test]
fn a_directory_restored_from_last_week_or_emptied_buys_nothing_over_again() {
    for mode in [Mode::Paper, Mode::Real] {
        for what in ["restored", "the journal deleted", "all deleted"] {
            let mut world = World::new(mode, "2023-05-17T14:30:00Z");
            world.set("buy.watch", r#"["AAPL"]"#);
            world.sim.price("AAPL", "95", "100");
            world.sim.hold("TSLA", 5, "100");
            world.sim.price("TSLA", "107", "106");
            // The order nobody knows ties up cash, which looks like a loss.
            world.set("sell.positions", "\"all\"").set("limits.max_daily_loss_percent", "90");
            world.sim.control("POST", "/fills", json!({ "mode": "never" }));
            assert_eq!(world.run(&["buy"]).code, 0);
            let copy = world.files.state_files();
            world.set_clock("2023-05-24T14:30:00Z".parse().unwrap());
            assert_eq!(world.json(0, &["buy"])["orders"][0]["state"], "accepted");
            world.advance(120);
            match what {
                "restored" => put_back(&world, &copy),
                "all deleted" => put_back(&world, &BTreeMap::new()),
                _ => std::fs::remove_file(world.files.journal_path()).unwrap(),
            }
            world.sim.forget_requests();
            let told = format!("{mode:?}, {what}");
            let object = world.json(0, &["buy"]);
            assert_eq!(object["reason"], "foreign_order", "{told}: {object:#}");
            assert!(object["detail"].to_string().contains("restored backup"), "{told}: {object:#}");
            let sold = world.json(0, &["sell"])["orders"][0].clone();
            assert_eq!((&sold["symbol"], &sold["state"]), (&json!("TSLA"), &json!("accepted")), "{told}: sells go on");
            world.advance(30 * 60);
            let object = world.json(0, &["cleanup"]);
            assert_eq!(object["kept"][0]["reason"], "foreign", "{told}: what it doesn't know it lets alone");
            let id = object["kept"][0]["order_id"].as_str().unwrap();
            assert_eq!(world.json(0, &["status"])["open_orders"][0]["own"], false, "{told}");
            assert_eq!(world.sim.order_posts(), 1, "{told}");
            // A person has looked.
            assert_eq!(world.run(&["cleanup", "--settle", &format!("foreign={id}")]).code, 0, "{told}");
            assert_eq!(world.json(0, &["buy"])["orders"][0]["state"], "accepted", "{told}");
        }
    }
}
