//! The three stops: `HALT`, `[limits] trading = "sell_only"`, `max_daily_loss_percent`: what each holds back, and that every
//! output shows it.

use serde_json::{Value, json};

use crate::support::harness::{EVENING, MID_SESSION, Mode, World};

fn world_of(mode: Mode) -> World {
    let mut world = World::new(mode, MID_SESSION);
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#).set("limits.trading", "\"sell_only\"");
    world.sim.price("AAPL", "95", "100");
    world.sim.price("AMZN", "84", "83");
    world.sim.hold("AMZN", 10, "100");
    world
}

#[test]
fn sell_only_buys_nothing_and_sells_and_cancels_go_on() {
    for mode in [Mode::Paper, Mode::Real] {
        let world = world_of(mode);
        let object = world.json(0, &["buy"]);
        assert_eq!((&object["result"], &object["reason"]), (&json!("nothing_to_do"), &json!("sell_only")));
        assert!(object["detail"].as_str().unwrap().contains("[limits] trading"), "{object:#}");
        assert_eq!(world.json(0, &["buy", "--dry-run"])["reason"], "sell_only");
        assert_eq!(world.sim.order_posts(), 0);
        assert_eq!(world.json(0, &["sell"])["orders"][0]["state"], "accepted", "a stop loss");
        assert_eq!(world.json(0, &["cleanup"])["exit_code"], 0);
        assert_eq!(world.sim.order_posts(), 1);
    }
}

#[test]
fn sell_only_stands_behind_the_clock_and_before_foreign_orders() {
    for (at, reason) in
        [(EVENING, "market_closed"), ("2023-05-24T19:40:00Z", "after_buy_until"), (MID_SESSION, "sell_only")]
    {
        let mut world = world_of(Mode::Real);
        world.set_clock(at.parse().unwrap());
        let foreign = json!({ "account": "real", "symbol": "TSLA", "side": "buy", "quantity": 1, "limit_price": "10", "medium": "OpenAPI" });
        world.sim.control("POST", "/orders/foreign", foreign);
        assert_eq!(world.json(0, &["buy"])["reason"], reason);
        std::fs::write(world.files.state("HALT"), "x").unwrap();
        assert_eq!(world.json(80, &["buy"])["reason"], "halted");
    }
}

#[test]
fn every_output_shows_the_stops_in_force() {
    let world = world_of(Mode::Paper);
    assert_eq!(world.run(&["token-check"]).code, 0);
    std::fs::write(world.files.state("HALT"), "earnings tonight\n").unwrap();
    for (command, code) in [("buy", 80), ("sell", 80), ("cleanup", 0), ("status", 0), ("token-check", 0)] {
        assert_eq!(world.json(code, &[command])["stops"], json!(["halted", "sell_only"]), "{command}");
    }
    assert!(world.run(&["cleanup"]).line().starts_with("cleanup [PAPER, halted, sell_only]: "));
    for command in ["buy", "sell"] {
        let run = world.run(&[command]);
        let line = format!("kis-trade {command} [PAPER, halted, sell_only]: earnings tonight\n");
        assert!(run.code == 80 && run.stderr.starts_with(&line), "{}", run.stderr);
    }
    let text = world.run(&["status"]).stdout;
    assert!(
        text.contains("\nHALTED: earnings tonight\nSELL ONLY: [limits] trading = \"sell_only\", nothing is bought\n"),
        "{text}"
    );
    let page = page_of(&world);
    for part in [
        "<b>Trading is halted:</b> earnings tonight",
        "<b>Sell only:</b> <code>[limits] trading = &quot;sell_only&quot;</code>: nothing",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let object = world.json(0, &["status"]);
    assert_eq!((&object["halted"], &object["trading"]), (&json!(true), &json!("sell_only")));
    std::fs::remove_file(world.files.state("HALT")).unwrap();
    assert_eq!(world.json(0, &["token-check"])["stops"], json!(["sell_only"]));
    assert!(world.run(&["buy"]).line().starts_with("buy [PAPER, sell_only]: nothing to do, sell_only: "));
}

#[test]
fn the_daily_loss_stop_shows_in_every_output_of_its_date() {
    for mode in [Mode::Paper, Mode::Real] {
        let mut world = World::new(mode, MID_SESSION);
        world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
        world.sim.price("AAPL", "95", "100");
        world.sim.price("AMZN", "100", "100");
        world.sim.hold("AMZN", 100, "100");
        let before = world.json(0, &["status"]);
        assert_eq!((&before["stops"], &before["daily_loss"]["stopped"]), (&json!([]), &json!(false)));
        world.advance(600);
        world.sim.price("AMZN", "84", "100");
        assert_eq!(world.json(0, &["buy"])["reason"], "daily_loss_limit");
        for command in ["cleanup", "status", "token-check"] {
            assert_eq!(world.json(0, &[command])["stops"], json!(["daily_loss_limit"]), "{mode:?} {command}");
        }
        let loss = world.json(0, &["status"])["daily_loss"].clone();
        assert_eq!((&loss["limit_percent"], &loss["stopped"]), (&json!("5"), &json!(true)));
        let change = loss["change_percent"].as_str().unwrap();
        assert!(change.starts_with("-8.0"), "{change}");
        let text = world.run(&["status"]).stdout;
        let line = format!(
            "\nDAILY LOSS: {change} % since the first look of 2023-05-24, more than 5 %: no more buys that day\n"
        );
        assert!(text.contains(&line), "{text}");
        let page = page_of(&world);
        let words = change.replace('-', "\u{2212}");
        let item = format!(
            "<b>Daily loss:</b> {words}\u{a0}% since the first total of 2023-05-24, past the limit of 5\u{a0}%: no more buys that day"
        );
        assert!(page.contains(&item), "{page}");
        world.set_clock("2023-05-25T14:30:00Z".parse().unwrap());
        assert_eq!(world.json(0, &["token-check"])["stops"], json!([]), "a new trading date");
        assert!(!page_of(&world).contains("Daily loss"));
    }
}

/// The page of `status --html`.
fn page_of(world: &World) -> String {
    let file = world.files.state("../status.html");
    assert_eq!(world.run(&["status", "--html", file.to_str().unwrap()]).code, 0);
    std::fs::read_to_string(file).unwrap()
}

#[test]
fn without_a_configuration_the_stops_are_not_known() {
    let mut world = World::paper();
    world.set("buy.picks", "0");
    assert_eq!(world.json(78, &["buy"])["stops"], Value::Null);
}

#[test]
fn a_file_that_only_looks_like_halt_is_named() {
    let world = World::paper();
    assert_eq!(world.json(0, &["status"])["warnings"], json!([]));
    std::fs::write(world.files.state("halt"), "").unwrap();
    let object = world.json(0, &["status"]);
    assert_eq!(object["warnings"], json!(["halt in the state directory halts nothing: the name is `HALT`"]));
    std::fs::write(world.files.state("HALT"), "").unwrap();
    let object = world.json(0, &["status"]);
    assert_eq!((&object["halted"], &object["warnings"]), (&json!(true), &json!([])));
}

#[test]
fn a_reason_in_halt_is_shown_without_what_turns_its_direction() {
    let world = World::new(Mode::Paper, MID_SESSION);
    assert_eq!(world.run(&["status"]).code, 0);
    std::fs::write(world.files.state("HALT"), "\u{202e}멈춤\u{200b} now\u{2069}\u{feff}\n").unwrap();
    assert_eq!(world.json(80, &["buy"])["detail"], "멈춤 now");
    assert_eq!(world.json(0, &["status"])["halt_reason"], "멈춤 now");
}
