//! `status`: everything at a glance, and nothing is changed by looking.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::harness::{EVENING, Mode, Run, World, wait_until};

#[test]
fn people_read_the_account_at_a_glance() {
    let mut world = World::real();
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#).set("buy.picks", "1");
    world.sim.price("AAPL", "95", "100");
    world.sim.price("AMZN", "107.5", "105");
    world.sim.hold("AMZN", 5, "100");
    world.sim.hold("TSLA", 2, "150");
    world.sim.price("TSLA", "180", "179");
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    assert_eq!(world.run(&["buy"]).code, 0);
    let run = world.run(&["status"]);
    let text: Vec<&str> = run.stdout.lines().collect();
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!(text[0], "REAL  account ****0001-01");
    assert!(text[1].starts_with("New York  2023-05-24 10:30:") && text[1].ends_with(" EDT"), "{}", text[1]);
    assert!(text[2].starts_with("Korea     2023-05-24 23:30:") && text[2].ends_with(" KST"), "{}", text[2]);
    assert_eq!(text[3], "Market    regular, trading date 2023-05-24");
    assert_eq!(text[4], "Token     valid, 23h59m left (until 2023-05-25 23:30:00 KST)");
    assert!(
        text[5].starts_with("Account   cash ") && text[5].contains("positions 897.50  open buys 1995.00  total "),
        "{}",
        text[5]
    );
    assert_eq!(
        text[6..12],
        [
            "Positions",
            "  symbol   exch    shares  sellable        cost        last    profit",
            "  AMZN     NASD         5         5      100.00      107.50    7.50 %  아마존닷컴",
            "  TSLA     NASD         2         2      150.00      180.00   20.00 %  테슬라      not managed",
            "Open orders",
            text[11],
        ]
    );
    assert!(text[11].starts_with("  buy      21 AAPL     @      95.00  filled     0  age"), "{}", text[11]);
    assert!(text[11].ends_with("0030000001  20230524-0001"), "{}", text[11]);
    assert_eq!(text[12..14], ["Unknown orders: none", "Last runs"]);
    assert!(
        text[14].starts_with("  buy          2023-05-24 10:30:") && text[14].contains("exit 0   done"),
        "{}",
        text[14]
    );
}

#[test]
fn looking_changes_nothing_that_trading_rests_on() {
    let mut world = World::paper();
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    assert_eq!(world.run(&["buy"]).code, 0);
    let id = world.sim.orders()[0]["order_id"].clone();
    world.sim.control("POST", "/orders/fill", json!({ "order_id": id, "quantity": 5 }));
    let before = world.files.state_files();
    let object = world.json(0, &["status"]);
    assert_eq!(object["open_orders"][0]["filled_quantity"], 5, "reconciled in memory");
    assert_eq!(object["positions"][0]["quantity"], 5);
    let mut after = world.files.state_files();
    let mut changed: Vec<String> =
        before.iter().filter(|(name, bytes)| after.get(*name) != Some(*bytes)).map(|(name, _)| name.clone()).collect();
    after.retain(|name, _| !before.contains_key(name));
    changed.extend(after.into_keys());
    assert_eq!(changed, ["equity_status.json", "last_run_status.json"]);
    assert!(!world.sim.requests().iter().any(|id| id.ends_with("1004U") || id.ends_with("1001U")));
}

#[test]
fn it_looks_while_the_market_is_closed_and_while_trading_is_halted() {
    let mut world = World::new(Mode::Paper, EVENING);
    assert_eq!(world.run(&["status"]).code, 0);
    std::fs::write(world.files.state("HALT"), "checking the books\n").unwrap();
    let object = world.json(0, &["status"]);
    assert_eq!((&object["halted"], &object["halt_reason"]), (&json!(true), &json!("checking the books")));
    assert!(world.run(&["status"]).stdout.contains("\nHALTED: checking the books\n"));
    std::fs::remove_file(world.files.state("HALT")).unwrap();
    assert_eq!(world.json(0, &["status"])["halted"], false);
    world.set_clock("2023-05-27T12:00:00Z".parse().unwrap());
    assert_eq!(world.json(0, &["status"])["market"]["phase"], "closed");
}

#[test]
fn it_tells_how_each_command_ended_last() {
    let mut world = World::paper();
    assert_eq!(world.json(0, &["status"])["last_runs"], json!({}));
    assert_eq!(world.run(&["sell"]).code, 0);
    world.sim.fault("ccnl", "html", json!({ "times": 3 }));
    assert_eq!(world.run(&["buy"]).code, 69);
    world.advance(90);
    let runs = world.json(0, &["status"])["last_runs"].clone();
    let ended = |command: &str| {
        [&runs[command]["exit_code"], &runs[command]["result"], &runs[command]["reason"]].map(Value::clone)
    };
    assert_eq!(ended("sell"), [json!(0), json!("nothing_to_do"), json!("no_position")]);
    assert_eq!(ended("buy"), [json!(69), json!("failed"), json!("gateway_nonsense")]);
    assert_eq!(ended("status"), [json!(0), json!("done"), json!(null)]);
    assert_eq!(world.run(&["sell", "--dry-run"]).code, 0);
    assert_eq!(world.json(0, &["status"])["last_runs"]["sell"], runs["sell"], "a rehearsal is no run");
}

#[test]
fn the_same_holding_under_two_exchange_codes_is_one() {
    let world = World::real();
    world.sim.hold("AAPL", 7, "100");
    world.sim.price("AAPL", "110", "109");
    world.sim.control("POST", "/quirks", json!({ "duplicate_holding": true }));
    let object = world.json(0, &["status"]);
    assert_eq!(object["positions"].as_array().unwrap().len(), 1, "{object:#}");
    assert_eq!(
        (&object["positions"][0]["quantity"], &object["account"]["positions_usd"]),
        (&json!(7), &json!("770.00"))
    );
}

#[test]
fn won_collateral_is_no_cash() {
    for mode in [Mode::Paper, Mode::Real] {
        let world = World::new(mode, crate::support::harness::MID_SESSION);
        let without = world.json(0, &["status"])["account"].clone();
        world.sim.control(
            "POST",
            "/cash",
            json!({ "account": world.sim.account(), "usd": "10000", "won_collateral_usd": "5000" }),
        );
        world.sim.control("POST", "/quirks", json!({ "psamount_includes_collateral": true }));
        let with = world.json(0, &["status"])["account"].clone();
        let number = |value: &Value| value.as_str().unwrap().parse::<rust_decimal::Decimal>().unwrap();
        let ten_thousand = rust_decimal::Decimal::from(10_000);
        assert!(number(&with["cash_usd"]) <= ten_thousand, "{mode:?}: {with:#}");
        assert!(number(&with["buying_power_usd"]) > number(&without["buying_power_usd"]), "{mode:?}: the quirk shows");
    }
}

#[test]
fn an_order_of_another_program_is_told() {
    let world = World::real();
    let foreign = json!({ "account": "real", "symbol": "TSLA", "side": "buy", "quantity": 1, "limit_price": "10", "medium": "OpenAPI" });
    let id = world.sim.control("POST", "/orders/foreign", foreign)["order_id"].as_str().unwrap().to_owned();
    let object = world.json(0, &["status"]);
    assert_eq!((&object["open_orders"][0]["order_id"], &object["open_orders"][0]["own"]), (&json!(id), &json!(false)));
    assert!(object["warnings"][0].as_str().unwrap().contains(&format!("--settle foreign={id}")));
}

#[test]
fn what_the_files_say_is_told_even_when_kis_cannot_be_read() {
    let mut world = World::paper();
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    world.sim.fault("order", "drop_before", json!({}));
    assert_eq!(world.run(&["buy"]).code, 81);
    world.sim.fault("*", "html", json!({ "times": 99 }));
    let run = world.run(&["status"]);
    assert_eq!(run.code, 69);
    assert!(
        run.stdout.contains("Positions: could not be read") && run.stdout.contains("20230524-0001"),
        "{}",
        run.stdout
    );
    let object = world.json(69, &["status"]);
    assert_eq!((&object["positions"], &object["open_orders"]), (&json!(null), &json!(null)));
    assert_eq!(object["unknown_orders"].as_array().unwrap().len(), 1);
}

#[test]
fn an_order_that_another_run_sends_meanwhile_is_not_taken_for_a_strangers() {
    for mut world in [World::paper(), World::real()] {
        world.set("buy.watch", r#"["AAPL"]"#);
        world.sim.price("AAPL", "95", "100");
        world.sim.control("POST", "/fills", json!({ "mode": "never" }));
        // Status has read the journal and waits for the list, which will show what a buy sends meanwhile.
        world.sim.fault("ccnl", "delay_before", json!({ "seconds": 3600 }));
        world.set("gateway.timeout_seconds", "30");
        let status =
            world.command(&["--json", "status"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let asks_for_the_list = |world: &World| world.sim.requests().iter().any(|id| id.ends_with("3035R"));
        wait_until("status asked nothing", || asks_for_the_list(&world));
        let buy = world.json(0, &["buy"]);
        world.sim.let_answer();
        let object = Run::of(status.wait_with_output().unwrap()).object();
        assert_eq!((&object["exit_code"], &object["warnings"]), (&json!(0), &json!([])), "{object:#}");
        let bought = (&buy["orders"][0]["intent_id"], &buy["orders"][0]["order_id"]);
        let shown = &object["open_orders"][0];
        assert_eq!((&shown["intent_id"], &shown["order_id"]), bought, "{object:#}");
        assert_eq!((&shown["own"], object["open_orders"].as_array().unwrap().len()), (&json!(true), 1));
    }
}

#[test]
fn shares_that_another_run_sells_meanwhile_were_not_sold_by_hand() {
    for mut world in [World::paper(), World::real()] {
        world.set("buy.watch", r#"["AAPL"]"#);
        world.sim.price("AAPL", "95", "100");
        assert_eq!(world.run(&["buy"]).code, 0);
        assert_eq!(world.run(&["cleanup"]).code, 0);
        world.advance(3600);
        world.sim.price("AAPL", "110", "100");
        // Status has read the order list and waits for the balance, which will show nothing any more.
        world.sim.fault("balance", "delay_before", json!({ "seconds": 3600 }));
        world.set("gateway.timeout_seconds", "30");
        world.sim.forget_requests();
        let status =
            world.command(&["--json", "status"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let asks_for_the_balance = |world: &World| world.sim.requests().iter().any(|id| id.ends_with("3012R"));
        wait_until("status asked for no balance", || asks_for_the_balance(&world));
        let sold = world.json(0, &["sell"]);
        assert_eq!(sold["orders"][0]["state"], "accepted", "{sold:#}");
        world.sim.let_answer();
        let object = Run::of(status.wait_with_output().unwrap()).object();
        assert_eq!((&object["exit_code"], &object["warnings"]), (&json!(0), &json!([])), "{object:#}");
    }
}

#[test]
fn it_tells_the_reasons_of_the_last_buy_and_sell_that_decided() {
    let mut world = World::paper();
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#).set("buy.picks", "1");
    world.sim.price("AAPL", "95", "100");
    world.sim.price("AMZN", "101", "100");
    assert_eq!(world.json(0, &["status"])["reasons"], json!({}));
    let bought = world.json(0, &["buy"]);
    let number = bought["orders"][0]["order_id"].as_str().unwrap();
    world.advance(60);
    let sold = world.json(0, &["sell"]);
    let reasons = world.json(0, &["status"])["reasons"].clone();
    let line = |symbol: &str, rule: &str, detail: &str| json!({ "symbol": symbol, "rule": rule, "detail": detail });
    assert_eq!(
        reasons["buy"],
        json!({
            "at": bought["at"], "reason": null, "detail": "1 of 1 order accepted",
            "lines": [
                line("AAPL", "fell_most", &format!("fell 5.00 % from yesterday's close; buy 21 @ 95.00 accepted ({number})")),
                line("AMZN", "decline_too_small", "rose 1.00 % (last 101.00), a fall of more than 0 % is needed"),
            ],
        })
    );
    assert_eq!((&reasons["sell"]["at"], &reasons["sell"]["reason"]), (&sold["at"], &json!("nothing_to_sell")));
    assert_eq!(reasons["sell"]["lines"], json!([line("AAPL", "hold", "profit 0.00 % (take 5 %, stop -15 %)")]));
    let text = world.run(&["status"]).stdout;
    for part in [
        "\nReasons of the buy of 2023-05-24 10:30:00 EDT: 1 of 1 order accepted\n  AAPL  fell_most          fell 5.00 %",
        "\n  AMZN  decline_too_small  rose 1.00 % (last 101.00), a fall of more than 0 % is needed\n",
        "\nReasons of the sell of 2023-05-24 10:31:00 EDT: nothing_to_sell: no holding meets a sell rule\n  AAPL  hold  profit",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    // Neither a closed market, nor a rehearsal, nor a look that failed says anything new.
    world.sim.fault("ccnl", "html", json!({ "times": 3 }));
    assert_eq!(world.run(&["buy"]).code, 69);
    assert_eq!(world.run(&["sell", "--dry-run"]).code, 0);
    world.set_clock(EVENING.parse().unwrap());
    for command in ["buy", "sell"] {
        assert_eq!(world.json(0, &[command])["reason"], "market_closed");
    }
    assert_eq!(world.json(0, &["status"])["reasons"], reasons);
}

#[test]
fn a_filter_that_says_no_is_the_reason() {
    let mut world = World::paper();
    world.set("buy.filter", r#"["MSFT"]"#);
    world.sim.price("MSFT", "300", "301");
    assert_eq!(world.run(&["buy"]).code, 0);
    let reasons = world.json(0, &["status"])["reasons"]["buy"].clone();
    assert_eq!(
        [&reasons["reason"], &reasons["detail"], &reasons["lines"]],
        [&json!("filter_not_met"), &json!("MSFT 300.00 is not above yesterday's close 301.00"), &json!([])]
    );
}

#[test]
fn details_are_one_line_a_symbol_in_columns() {
    let mut world = World::real();
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#).set("buy.picks", "1");
    world.sim.price("AAPL", "95", "100");
    world.sim.price("AMZN", "101", "100");
    world.sim.hold("TSLA", 2, "150");
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    let told = |world: &World, arguments: &[&str]| {
        let lines = world.run(arguments).stdout.lines().map(str::to_owned).collect::<Vec<_>>();
        (lines[0].split_once("]: ").unwrap().1.to_owned(), lines[1..].to_vec())
    };
    let (summary, lines) = told(&world, &["buy", "-v"]);
    assert_eq!(summary, "1 of 1 order accepted");
    assert_eq!(
        lines,
        [
            "  AAPL  fell_most          fell 5.00 % from yesterday's close; buy 21 @ 95.00 accepted (0030000001)",
            "  AMZN  decline_too_small  rose 1.00 % (last 101.00), a fall of more than 0 % is needed",
        ]
    );
    let (_, lines) = told(&world, &["sell", "-v"]);
    assert_eq!(lines, ["  TSLA  테슬라  not_managed  2 shares, not in [buy] watch"]);
    world.advance(5 * 60 + 30);
    let (_, lines) = told(&world, &["cleanup", "-v"]);
    assert_eq!(lines, ["  AAPL  too_young  buy 21 @ 95.00 (0030000001), 5 minutes old, of 20"]);
    world.advance(20 * 60);
    let (_, lines) = told(&world, &["cleanup", "-v", "--dry-run"]);
    assert_eq!(lines, ["  AAPL  would cancel  buy 21 left (0030000001)"]);
    let (_, lines) = told(&world, &["cleanup", "-v"]);
    assert_eq!(
        lines,
        ["  AAPL  cancelled  buy 21 left (0030000001)", "  AAPL  cancelled  buy 21 @ 95.00, 0 filled (20230524-0001)"]
    );
}

#[test]
fn a_terminal_gets_the_trend_and_a_pipe_does_not() {
    let mut world = World::paper();
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.hold("AAPL", 10, "100");
    for (turn, price) in ["100", "104", "103", "101", "107"].into_iter().enumerate() {
        world.sim.price("AAPL", price, "100");
        world.set_clock(format!("2023-05-{:02}T15:00:00Z", 15 + turn).parse().unwrap());
        assert_eq!(world.run(&["status"]).code, 0);
    }
    let on_terminal = |world: &World, arguments: &[&str], locale: &str| {
        let run = world.command(arguments);
        let program = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";
        let mut terminal = Command::new("python3");
        terminal
            .args(["-c", program])
            .arg(run.get_program())
            .args(run.get_args())
            .env_clear()
            .env("PATH", "/usr/bin:/bin");
        terminal.envs(run.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("LC_ALL", locale);
        Run::of(terminal.current_dir(run.get_current_dir().unwrap()).stdin(Stdio::null()).output().unwrap())
    };
    let run = on_terminal(&world, &["status"], "C.UTF-8");
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("\nTrend     ▁▅▄▂█  "), "{}", run.stdout);
    for (what, text) in [
        ("another locale", on_terminal(&world, &["status"], "C").stdout),
        ("a pipe", world.run(&["status", "-v"]).stdout),
    ] {
        assert!(text.contains("Account ") && !text.contains("Trend"), "{what}: {text}");
    }
    world.sim.price("AAPL", "95", "100");
    let text = on_terminal(&world, &["buy", "--dry-run"], "C").stdout;
    assert!(text.contains("would send 1 order\r\n  AAPL  애플  fell_most  fell 5.00 %"), "{text}");
}
