//! A program that is asked at each run adds to its sheet: what it adds takes no price that the date has already.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use crate::support::harness::{Mode, World};
use crate::support::sheets::{at_kis, prepare};

/// A world whose only strategy is a program that is asked at each run.
fn world() -> World {
    let mut world = World::light(Mode::Real);
    prepare(&mut world);
    world.strategy(
        "name = \"dip\"\nkind = \"program\"\ncommand = [\"rules/rule.sh\"]\nsymbols = [\"TQQQ\"]\nprincipal_usd = 10000\nask = \"run\"",
    );
    world.sim.price("TQQQ", "76.10", "75.93");
    world.put_old_token();
    world
}

/// Lets the program answer with these orders from now on, each `tag side quantity kind price`.
fn answer(world: &World, orders: &[&str]) {
    let order = |text: &&str| {
        let words: Vec<&str> = text.split(' ').collect();
        let [tag, side, quantity, kind, price] = words[..] else { panic!("{text}") };
        format!(
            r#"{{"tag":"{tag}","symbol":"TQQQ","side":"{side}","quantity":{quantity},"kind":"{kind}","limit_price":"{price}"}}"#
        )
    };
    let orders: Vec<String> = orders.iter().map(order).collect();
    let folder = world.files.path("rules");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    let path = folder.join("rule.sh");
    let text = format!("#!/bin/sh\ncat > /dev/null\necho '{{\"protocol\":1,\"orders\":[{}]}}'\n", orders.join(","));
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn an_added_order_takes_no_price_that_the_date_has() {
    for (kind, code) in [("loc", "34"), ("limit", "00")] {
        let mut world = world();
        answer(&world, &["one buy 2 loc 75.00", "two buy 1 loc 74.99"]);
        world.json(0, &["buy"]);
        world.advance(600);
        let three = format!("three buy 3 {kind} 75.00");
        answer(&world, &["one buy 2 loc 75.00", "two buy 1 loc 74.99", &three, "four buy 4 loc 74.98"]);
        world.json(0, &["buy"]);
        let books = at_kis(&world);
        assert_eq!(books[..2], ["buy 2@75.00 34", "buy 1@74.99 34"]);
        let mut added = books[2..].to_vec();
        added.sort();
        let mut wanted = vec![format!("buy 3@74.97 {code}"), "buy 4@74.98 34".to_owned()];
        wanted.sort();
        assert_eq!(added, wanted, "{kind}");
        world.advance(600);
        world.json(0, &["buy"]);
        assert_eq!(at_kis(&world).len(), 4, "{kind}: the same again is nothing new");
    }
}
