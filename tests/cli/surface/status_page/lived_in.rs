//! An account of some weeks, with something of everything that a page shows.

use chrono::{DateTime, Timelike, Utc};
use serde_json::json;

use super::SCRIPT;
use crate::support::harness::{Mode, World};

/// Some weeks of an account on real prices, seen in the middle of a busy session: fills, a refusal, an open order.
pub fn lived_in() -> World {
    let mut world = World::new(Mode::Paper, "2023-04-24T13:35:00Z");
    world
        .set("buy.watch", r#"["AAPL", "GOOGL", "META", "TSLA", "NVDA"]"#)
        .set("buy.picks", "2")
        .set("buy.rebuy", "\"any\"")
        .set("limits.max_buy_usd_per_day", "6000")
        .set("limits.max_position_usd", "2500")
        .set("sell.take_profit_percent", "8")
        .set("sell.stop_loss_percent", "6");
    let until: DateTime<Utc> = "2023-05-24T13:40:00Z".parse().unwrap();
    let commands: [(i64, &[&str]); 4] =
        [(95, &["status", "--html", "page.html"]), (25, &["token-check"]), (60, &["buy"]), (30, &["sell"])];
    for (minutes, command) in commands.into_iter().cycle() {
        world.advance(minutes * 60);
        // Nights and weekends are long; a look each five hours is enough.
        while world.now < until && !(13..20).contains(&world.now.hour()) {
            world.advance(5 * 3_600);
        }
        if world.now >= until {
            break;
        }
        world.run(command);
    }
    world.set_clock(until);
    world.sim.price("TSLA", "182.50", "185.77");
    world.sim.price("META", "239.90", "246.74");
    world.sim.fault("order", "reject", json!({ "symbol": "META", "message": "주문가능금액이 부족합니다" }));
    world.run(&["buy"]);
    world.advance(35 * 60);
    world.run(&["sell"]);
    world.sim.control("POST", "/prices", json!({ "symbol": "AAPL", "name": SCRIPT }));
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    world.advance(70 * 60);
    world.sim.price("META", "241.10", "246.74");
    world.run(&["buy"]);
    world.advance(12 * 60);
    world.run(&["cleanup"]);
    world
}
