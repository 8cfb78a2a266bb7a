//! The journal: written before the request leaves, read after a crash, and believed only when it is whole and ours.

use super::*;

#[test]
fn the_intent_is_on_disk_before_the_request_leaves() {
    // The answer never comes, and the process is gone before it could: what is in the journal was written before.
    let world = world();
    world.sim.fault("order", "delay", json!({ "seconds": 3600 }));
    let mut child = world.command(&["buy"]).spawn().unwrap();
    wait_until("no order came", || world.sim.order_posts() == 1);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(world.files.journal_kinds(), ["intent"]);
    let intent = &world.files.journal_of("intent")[0];
    for (key, value) in [
        ("id", json!("20230524-0001")),
        ("env", json!("paper")),
        ("trading_day", json!("2023-05-24")),
        ("symbol", json!("AAPL")),
        ("exchange", json!("NASD")),
        ("side", json!("buy")),
        ("quantity", json!(21)),
        ("order_type", json!("00")),
        ("tr_id", json!("VTTT1002U")),
        ("baseline", json!([])),
    ] {
        assert_eq!(intent[key], value, "{key}");
    }
    world.sim.control("DELETE", "/faults", Value::Null);
    // The killed run's order is found, not sent again.
    let object = world.json(0, &["buy"]);
    assert_eq!(object["skipped"][0]["rule"], "order_open", "{object:#}");
    assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (1, 1));
}

#[test]
fn a_crash_after_the_order_was_taken_leaves_an_intent_that_the_next_run_finds() {
    for mode in MODES {
        let world = world_of(mode);
        assert_eq!(world.run(&["buy"]).code, 0);
        world.files.forget_journal_lines(1);
        assert_eq!(world.files.journal_kinds(), ["intent"]);
        let status = world.json(0, &["status"]);
        assert_eq!(status["open_orders"][0]["intent_id"], "20230524-0001", "status only looks");
        assert_eq!(world.files.journal_kinds(), ["intent"]);
        let object = world.json(0, &["cleanup"]);
        assert_eq!(object["settled"], json!([{ "intent_id": "20230524-0001", "state": "accepted" }]));
        assert_eq!(
            world.files.journal_of("resolved")[0]["order_id"],
            order_id(mode),
            "bare numbers of paper are the same number"
        );
        assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (1, 1));
    }
}

#[test]
fn a_crash_before_the_request_left_blocks_the_symbol_until_it_is_settled() {
    let mut world = world();
    world.sim.fault("order", "drop_before", json!({}));
    world.run(&["buy"]);
    let after_intent = world.files.journal_kinds().len() - 1;
    world.files.forget_journal_lines(after_intent);
    assert_eq!(world.files.journal_kinds(), ["intent"]);
    let posts = world.sim.order_posts();
    assert_eq!(world.json(81, &["buy"])["skipped"][0]["rule"], "order_unknown");
    world.advance(46 * 60);
    assert_eq!(world.json(0, &["cleanup"])["settled"][0]["state"], "absent");
    assert_eq!(world.sim.order_posts(), posts);
}

#[test]
fn a_torn_last_line_is_cut_off_kept_and_told() {
    let world = world();
    assert_eq!(world.run(&["buy"]).code, 0);
    let path = world.files.journal_path();
    let whole = std::fs::read(&path).unwrap();
    let outcome_begins = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for cut in [whole.len() - 1, whole.len() - 40, outcome_begins + 1] {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let status = world.json(0, &["status"]);
        assert_eq!(status["open_orders"].as_array().unwrap().len(), 1, "status skips it");
        assert_eq!(std::fs::read(&path).unwrap(), &whole[..cut], "and leaves the file alone");
        let object = world.json(0, &["cleanup"]);
        let bytes = cut - outcome_begins;
        let told = object["warnings"][0].as_str().unwrap();
        assert!(told.contains(&format!("{bytes} bytes are kept in journal.torn-")), "{told}");
        let name = told.rsplit(' ').next().unwrap();
        assert_eq!(std::fs::read(world.files.state(name)).unwrap(), &whole[outcome_begins..cut]);
        assert_eq!(world.files.journal_kinds(), ["intent", "repair", "resolved"]);
        assert_eq!(world.run(&["cleanup"]).code, 0);
    }
    assert_eq!((world.sim.order_posts(), world.sim.orders().len()), (1, 1));
}

#[test]
fn an_edited_removed_or_doubled_line_stops_all_trading() {
    let mut world = world();
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#).set("buy.picks", "2");
    world.sim.price("AMZN", "90", "100");
    assert_eq!(world.run(&["buy"]).code, 0);
    let path = world.files.journal_path();
    let whole = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    assert_eq!(lines.len(), 5, "a snapshot, and two lines for each order");
    let joined = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let posts = world.sim.order_posts();
    for (name, text) in [
        ("a digit edited", whole.replacen("\"quantity\":22", "\"quantity\":21", 1)),
        ("a line removed", joined(&[lines[0], lines[1], lines[3], lines[4]])),
        ("the first line removed", joined(&lines[1..])),
        ("a line doubled", joined(&[lines[0], lines[1], lines[2], lines[2], lines[3], lines[4]])),
        ("two lines swapped", joined(&[lines[0], lines[1], lines[3], lines[2], lines[4]])),
        ("garbage between", joined(&[lines[0], "{}", lines[1], lines[2], lines[3], lines[4]])),
        ("a newer version", whole.replace("{\"v\":1,", "{\"v\":2,")),
    ] {
        assert_ne!(text, whole, "{name}");
        std::fs::write(&path, &text).unwrap();
        world.sim.forget_requests();
        for command in ["buy", "sell", "cleanup"] {
            let object = world.run(&["--json", command]).object();
            assert_eq!(
                (&object["exit_code"], &object["reason"]),
                (&json!(65), &json!("state_unreadable")),
                "{name}: {object:#}"
            );
            assert!(object["detail"].as_str().unwrap().contains("orders-2023-05.jsonl"), "{name}: {object:#}");
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "{name}: the file is kept as it is");
        assert!(world.sim.requests().is_empty(), "{name}");
    }
    std::fs::write(&path, whole).unwrap();
    assert_eq!(world.run(&["cleanup"]).code, 0);
    assert_eq!(posts, 2);
}

#[test]
fn a_journal_of_another_account_or_mode_is_not_traded_on() {
    let mut paper = world();
    assert_eq!(paper.run(&["buy"]).code, 0);
    let other = world_of(Mode::Real);
    assert_eq!(other.run(&["token-check"]).code, 0);
    std::fs::copy(paper.files.journal_path(), other.files.state("orders-2023-05.jsonl")).unwrap();
    other.sim.forget_requests();
    for command in ["buy", "sell", "cleanup"] {
        let object = other.json(78, &[command]);
        assert_eq!(object["reason"], "state_of_another_account", "{command}");
    }
    assert!(other.sim.requests().is_empty());
    paper.set("mode", "\"paper\"");
}

#[test]
fn a_new_month_begins_with_a_snapshot_and_keeps_its_orders() {
    let mut world = World::new(Mode::Real, "2023-05-31T14:30:00Z");
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    world.sim.hold("AMZN", 1, "1");
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    assert_eq!(world.run(&["buy"]).code, 0);
    world.set_clock("2023-06-01T14:30:00Z".parse().unwrap());
    let object = world.json(0, &["cleanup"]);
    assert_eq!(object["settled"][0]["intent_id"], "20230531-0001", "{object:#}");
    assert_eq!(world.run(&["buy"]).code, 0);
    let june = std::fs::read_to_string(world.files.state("orders-2023-06.jsonl")).unwrap();
    let first: Value = serde_json::from_str(june.lines().next().unwrap()).unwrap();
    assert_eq!(first["kind"], "snapshot");
    assert_eq!(world.files.journal_of("intent").len(), 2);
    assert_eq!(world.json(0, &["status"])["open_orders"][0]["intent_id"], "20230601-0001");
}
