//! Every documented exit code, reached by the real program, with its reason word and what people read.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::support::harness::{Run, World};

/// Runs once for people and once for scripts, and checks that both tell the same failure.
fn fails(world: &World, arguments: &[&str], code: i32, reason: &str) -> Run {
    let object = world.run(&[&["--json"], arguments].concat()).object();
    assert_eq!((&object["exit_code"], &object["reason"]), (&json!(code), &json!(reason)), "{object:#}");
    assert_eq!(object["result"], "failed");
    assert_eq!(object["command"], arguments[0]);
    let run = world.run(arguments);
    assert_eq!(run.code, code, "{}{}", run.stdout, run.stderr);
    let stops = object["stops"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let stops: String = stops.map(|stop| format!(", {stop}")).collect();
    let what = format!("kis-trade {} [PAPER{stops}]: ", arguments[0]);
    let lines: Vec<&str> = run.stderr.lines().filter(|line| !line.starts_with("warning: ")).collect();
    assert!(lines[0].starts_with(&what), "{}", run.stderr);
    assert!(lines.iter().any(|line| line.starts_with("  next: ")), "no next step in {}", run.stderr);
    run
}

fn because(run: &Run) -> &str {
    run.stderr.lines().find_map(|line| line.strip_prefix("  because: ")).expect("a cause")
}

#[test]
fn code_0_also_when_there_is_nothing_to_do_and_when_the_market_is_closed() {
    let mut world = World::paper();
    assert_eq!(world.json(0, &["status"])["result"], "done");
    assert_eq!(world.json(0, &["sell"])["reason"], "no_position");
    world.set_clock("2023-05-25T00:30:00Z".parse().unwrap());
    let object = world.json(0, &["buy"]);
    assert_eq!((&object["result"], &object["reason"]), (&json!("nothing_to_do"), &json!("market_closed")));
}

#[test]
fn code_1_when_kis_rejects_an_order() {
    let mut world = World::paper();
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    world.sim.fault(
        "order",
        "reject",
        json!({ "code": "40250000", "message": "주문가능금액이 부족합니다", "times": 2 }),
    );
    let run = fails(&world, &["buy"], 1, "order_rejected");
    assert!(run.stderr.contains("주문가능금액이 부족합니다"), "KIS's own words are missing: {}", run.stderr);
    assert!(run.lines()[1].contains("buy 21 @ 95.01 rejected: "), "{}", run.stdout);
    assert!(world.sim.orders().is_empty());
}

#[test]
fn code_2_for_a_command_line_that_is_not_understood() {
    let world = World::paper();
    for arguments in
        [&[][..], &["hodl"], &["buy", "--fast"], &["--frobnicate", "status"], &["token-check", "--app-key", "x"]]
    {
        let run = world.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}");
        assert_eq!(run.stdout, "", "{arguments:?}");
        assert!(run.stderr.contains("Usage: kis-trade"), "{arguments:?}: {}", run.stderr);
        let run = world.run(&[arguments, &["--json"]].concat());
        let object = run.object();
        assert_eq!((run.code, &object["exit_code"], &object["reason"]), (2, &json!(2), &json!("usage")));
        assert_eq!(
            (&object["command"], &object["mode"], &object["market"]),
            (&json!(null), &json!(null), &json!(null))
        );
    }
    assert_eq!(world.json(2, &["cleanup", "--settle", "nonsense"])["reason"], "usage");
    assert_eq!(world.sim.requests().len(), 0);
}

#[test]
fn code_65_for_a_state_file_that_cannot_be_read() {
    let world = World::paper();
    assert_eq!(world.run(&["cleanup"]).code, 0);
    world.sim.forget_requests();
    std::fs::write(world.files.state("orders-2023-05.jsonl"), "not a journal\nat all\n").unwrap();
    for command in ["buy", "sell", "cleanup", "status"] {
        let run = fails(&world, &[command], 65, "state_unreadable");
        assert!(run.stderr.contains("orders-2023-05.jsonl"), "the file is not named: {}", run.stderr);
    }
    assert_eq!(std::fs::read_to_string(world.files.state("orders-2023-05.jsonl")).unwrap(), "not a journal\nat all\n");
    assert!(world.sim.requests().is_empty());
    assert_eq!(world.run(&["token-check"]).code, 0, "the token is kept fresh whatever the journal says");
}

#[test]
fn code_65_for_a_state_file_of_a_newer_version() {
    for name in ["account.json", "token_attempt.json"] {
        let world = World::paper();
        assert_eq!(world.run(&["buy", "--dry-run"]).code, 0);
        assert_eq!(world.run(&["sell"]).code, 0);
        std::fs::write(world.files.state(name), r#"{"version":99}"#).unwrap();
        let run = fails(&world, &["sell"], 65, "state_unreadable");
        assert!(run.stderr.contains(name), "{name} is not named: {}", run.stderr);
        assert_eq!(std::fs::read_to_string(world.files.state(name)).unwrap(), r#"{"version":99}"#);
    }
}

#[test]
fn code_69_when_the_gateway_cannot_be_reached() {
    let mut world = World::paper();
    assert_eq!(world.run(&["token-check"]).code, 0);
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    // The token belongs to a gateway: the file is told of the new address, so that only the reads fail.
    world.files.edit_token_file("base_url", json!(url));
    world.set("gateway.base_url", &format!("{url:?}"));
    for command in ["status", "sell", "buy", "cleanup"] {
        fails(&world, &[command], 69, "gateway_unreachable");
    }
    std::fs::remove_file(world.files.state("api_token.json")).unwrap();
    std::fs::remove_file(world.files.state("token_attempt.json")).unwrap();
    let run = fails(&world, &["token-check"], 69, "gateway_unreachable");
    assert!(because(&run).starts_with("KIS can't be reached: "), "{}", run.stderr);
}

#[test]
fn code_69_when_the_gateway_answers_nonsense() {
    for kind in ["garbage", "html", "empty", "truncated", "too_large"] {
        let world = World::paper();
        world.sim.fault("ccnl", kind, json!({ "times": 100 }));
        let object = world.json(69, &["sell"]);
        let reason = object["reason"].as_str().unwrap();
        assert!(["gateway_nonsense", "gateway_unreachable"].contains(&reason), "{kind}: {object:#}");
        assert_eq!(
            world.sim.requests().iter().filter(|id| *id == "VTTS3035R").count(),
            3,
            "{kind}: a read has three tries"
        );
    }
}

#[test]
fn code_71_when_the_clock_is_off_the_servers() {
    for seconds in [-121, 121 + 60] {
        let mut world = World::paper();
        world.sim.hold("AAPL", 10, "10");
        world.now += chrono::TimeDelta::seconds(seconds);
        for command in ["buy", "sell", "cleanup"] {
            let run = fails(&world, &[command], 71, "clock_untrusted");
            assert!(because(&run).contains("off the server's clock"), "{}", run.stderr);
        }
        let object = world.json(0, &["status"]);
        assert!(object["warnings"][0].as_str().unwrap().contains("clock"), "{object:#}");
        assert_eq!(world.sim.order_posts(), 0);
    }
}

#[test]
fn code_71_when_the_clock_is_behind_the_newest_journal_line() {
    let mut world = World::paper();
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    assert_eq!(world.run(&["buy"]).code, 0);
    let posts = world.sim.order_posts();
    world.set_clock(world.now - chrono::TimeDelta::seconds(130));
    // Where KIS states its time the clock is confirmed, and the line is passed over.
    world.sim.fault("*", "header", json!({ "headers": { "Date": "" }, "times": 100 }));
    for command in ["buy", "sell", "cleanup"] {
        let run = fails(&world, &[command], 71, "clock_untrusted");
        assert!(because(&run).contains("behind the newest line of the order journal"), "{}", run.stderr);
    }
    for command in ["status", "token-check"] {
        let object = world.json(0, &[command]);
        assert!(object["warnings"][0].as_str().unwrap().contains("clock"), "{object:#}");
    }
    assert_eq!(world.sim.order_posts(), posts);
}

#[test]
fn a_clock_within_two_minutes_of_the_servers_and_an_answer_without_date_are_fine() {
    for seconds in [-100, 100] {
        let mut world = World::paper();
        world.now += chrono::TimeDelta::seconds(seconds);
        assert_eq!(world.run(&["sell"]).code, 0);
    }
    let mut world = World::paper();
    world.now += chrono::TimeDelta::seconds(600);
    world.sim.fault("*", "header", json!({ "headers": { "Date": null }, "times": 100 }));
    assert_eq!(world.run(&["sell"]).code, 0, "no Date header, no check");
}

#[test]
fn code_74_when_the_state_directory_cannot_be_written() {
    let mut world = World::paper();
    world.set("state_dir", r#""/proc/nobody-writes-here""#);
    for command in ["buy", "sell", "cleanup", "status", "token-check"] {
        fails(&world, &[command], 74, "state_unwritable");
    }
}

/// Neither `trades.csv` nor the file beside it takes rows.
fn keep_fills_from_being_written(world: &World) {
    let _ = std::fs::remove_file(world.files.state("trades.csv"));
    let _ = std::fs::remove_file(world.files.state("trades.json"));
    for name in ["trades.csv", "trades.csv.new"] {
        std::fs::create_dir(world.files.state(name)).unwrap();
    }
}

fn let_fills_be_written(world: &World) {
    for name in ["trades.csv", "trades.csv.new"] {
        std::fs::remove_dir(world.files.state(name)).unwrap();
    }
}

#[test]
fn code_74_and_orders_all_the_same_when_only_fills_could_not_be_written() {
    let mut world = World::paper();
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
    world.sim.price("AAPL", "95", "100");
    world.sim.price("AMZN", "110", "109");
    world.sim.hold("AMZN", 5, "100");
    assert_eq!(world.run(&["buy"]).code, 0);
    keep_fills_from_being_written(&world);
    world.sim.forget_requests();
    let run = fails(&world, &["sell"], 74, "state_unwritable");
    assert!(run.stderr.contains("trades.csv"), "{}", run.stderr);
    assert_eq!(world.sim.order_posts(), 1, "the journal is the truth");
    let_fills_be_written(&world);
    assert_eq!(world.run(&["cleanup"]).code, 0);
    let has = |cells: &str| world.files.trades().iter().any(|row| row.contains(cells));
    assert!(has(",AAPL,NASD,buy,21,") && has(",AMZN,NASD,sell,5,"), "no row is lost: {:?}", world.files.trades());
}

#[test]
fn after_code_74_the_journal_goes_on_in_a_fresh_file() {
    use std::os::unix::fs::MetadataExt;
    let mut world = World::paper();
    world.set("lock.wait_seconds", "0");
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    assert_eq!(world.run(&["buy"]).code, 0);
    let inode = || std::fs::metadata(world.files.state("orders-2023-05.jsonl")).unwrap().ino();
    let (old, lines) = (inode(), world.files.journal());
    // While it is open its number is nobody else's.
    let _held = std::fs::File::open(world.files.journal_path()).unwrap();
    assert_eq!(world.run(&["cleanup"]).code, 0);
    assert_eq!(inode(), old, "a run after a good one appends");
    keep_fills_from_being_written(&world);
    fails(&world, &["sell"], 74, "state_unwritable");
    let_fills_be_written(&world);
    // A run that never gets to the journal, though its end takes the place of the failed one's.
    let lock = std::fs::File::open(world.files.state("account.lock")).unwrap();
    lock.lock().unwrap();
    fails(&world, &["sell"], 75, "lock_busy");
    drop(lock);
    let old = inode();
    let _held = std::fs::File::open(world.files.journal_path()).unwrap();
    assert_eq!(world.run(&["cleanup"]).code, 0);
    assert_ne!(inode(), old, "pages of a file that could not be written are not trusted");
    assert!(world.files.journal().starts_with(&lines));
}

#[test]
fn after_a_run_that_wrote_no_end_down_the_journal_goes_on_in_a_fresh_file() {
    use std::os::unix::fs::MetadataExt;
    let mut world = World::paper();
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    let inode = || std::fs::metadata(world.files.state("orders-2023-05.jsonl")).unwrap().ino();
    assert_eq!(world.run(&["buy"]).code, 0);
    let (old, lines) = (inode(), world.files.journal());
    let _held = std::fs::File::open(world.files.journal_path()).unwrap();
    // Killed, or its disk too full for that, too.
    std::fs::remove_file(world.files.state("last_run_buy.json")).unwrap();
    assert_eq!(world.run(&["cleanup"]).code, 0);
    assert_ne!(inode(), old, "how that run's last line fared nobody knows");
    assert!(world.files.journal().starts_with(&lines));
}

#[test]
fn code_75_when_another_run_holds_the_lock() {
    let mut world = World::paper();
    world.set("lock.wait_seconds", "0");
    assert_eq!(world.run(&["cleanup"]).code, 0);
    let lock = std::fs::File::open(world.files.state("account.lock")).unwrap();
    lock.lock().unwrap();
    for command in ["buy", "sell", "cleanup"] {
        fails(&world, &[command], 75, "lock_busy");
    }
}

#[test]
fn code_75_when_kis_limits_the_rate_for_good() {
    let world = World::paper();
    world.sim.fault("ccnl", "code", json!({ "code": "EGW00201", "times": 3 }));
    let object = world.json(75, &["sell"]);
    assert_eq!(object["reason"], "rate_limited");
    assert!(object["detail"].as_str().unwrap().contains("EGW00201"), "{object:#}");
}

#[test]
fn code_77_when_kis_refuses_the_credentials() {
    let mut world = World::paper();
    let secret = "x".repeat(179) + "=";
    world.env("KIS_APP_SECRET", &secret);
    for arguments in [&["token-check"][..], &["sell"]] {
        let run = fails(&world, arguments, 77, "credentials_refused");
        assert!(!(run.stdout + &run.stderr).contains("xxxx"), "the secret is told");
    }
    let world = World::paper();
    assert_eq!(world.run(&["token-check"]).code, 0);
    world.sim.fault("*", "code", json!({ "code": "EGW00304", "times": 100 }));
    let token = world.files.token_file();
    assert_eq!(world.json(77, &["status"])["reason"], "credentials_refused");
    assert_eq!(world.files.token_file(), token, "a wrong secret is no fault of the token");
    assert_eq!(world.sim.issues(), 1);
}

#[test]
fn code_77_for_an_offline_check_without_a_live_token() {
    let world = World::paper();
    fails(&world, &["token-check", "--offline"], 77, "token_refused");
    assert!(world.sim.requests().is_empty());
}

#[test]
fn code_78_when_the_configuration_or_the_environment_is_wrong() {
    let told = |world: &World, word: &str| {
        for command in ["buy", "status", "token-check"] {
            let run = world.run(&["--json", command]);
            let object = run.object();
            assert_eq!((run.code, &object["reason"]), (78, &json!("config_invalid")), "{word}: {object:#}");
            assert!(object["detail"].as_str().unwrap().contains(word), "{word} is not named: {object:#}");
        }
        assert!(world.sim.requests().is_empty());
    };
    let mut world = World::paper();
    world.set("buy.wtach", "[]");
    told(&world, "wtach");
    for (key, value, word) in [
        ("mode", "\"live\"", "mode"),
        ("buy.watch", "[]", "watch"),
        ("buy.watch", r#"["AAPL", "AAPL"]"#, "AAPL"),
        ("buy.watch", r#"["aapl"]"#, "aapl"),
        ("lock.wait_seconds", "3601", "wait_seconds"),
        ("token.attempts", "11", "attempts"),
        ("gateway.timeout_seconds", "121", "timeout_seconds"),
        ("gateway.base_url", "\"https://example.com\"", "base_url"),
        ("gateway.base_url", "\"http://10.0.0.1:9443\"", "base_url"),
        ("limits.max_order_usd", "\"much\"", "max_order_usd"),
    ] {
        let mut world = World::paper();
        world.set(key, value);
        told(&world, word);
    }
    for (name, value) in [("KIS_ACCOUNT_NO", "5000000101"), ("KIS_TRADE_NOW_", ""), ("KIS_APP_KEY", "")] {
        let mut world = World::paper();
        if name.ends_with('_') {
            world.unset_env("KIS_APP_SECRET");
        } else {
            world.env(name, value);
        }
        let object = world.json(78, &["status"]);
        assert_eq!(object["reason"], "config_invalid", "{name}");
    }
}

#[test]
fn code_78_for_a_rehearsal_clock_away_from_loopback() {
    let mut world = World::paper();
    world.set("gateway.base_url", "\"https://openapivts.koreainvestment.com:29443\"");
    world.set("gateway.requests_per_second", "0.9").set("gateway.ledger_requests_per_second", "1");
    world.set("gateway.settle_seconds", "[2, 10]").set("token.retry_delay_seconds", "65");
    let object = world.json(78, &["status"]);
    assert!(object["detail"].as_str().unwrap().contains("KIS_TRADE_NOW"), "{object:#}");
}

#[test]
fn code_78_when_the_account_is_not_of_the_key_or_the_key_of_the_other_environment() {
    for code in ["OPSQ2000", "EGW02004"] {
        let world = World::paper();
        world.sim.fault("ccnl", "code", json!({ "code": code, "times": 9 }));
        let object = world.json(78, &["sell"]);
        assert!(object["detail"].as_str().unwrap().contains(code), "{object:#}");
    }
}

#[test]
fn code_78_for_a_state_directory_of_another_account_or_mode() {
    let mut world = World::paper();
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    assert_eq!(world.run(&["buy"]).code, 0);
    let files = world.files.state_files();
    world.sim.forget_requests();
    world.env("KIS_ACCOUNT_NO", "50000002-01");
    for command in ["buy", "sell", "cleanup", "status", "token-check"] {
        fails(&world, &[command], 78, "state_of_another_account");
    }
    world.env("KIS_ACCOUNT_NO", kis_sim::PAPER_ACCOUNT).set("mode", "\"real\"");
    for command in ["buy", "sell", "cleanup", "status", "token-check"] {
        let object = world.json(78, &[command]);
        assert_eq!(object["reason"], "state_of_another_account");
    }
    assert!(world.sim.requests().is_empty());
    assert_eq!(world.files.state_files(), files);
}

#[test]
fn code_80_while_a_halt_file_exists_market_open_or_not() {
    let mut world = World::paper();
    assert_eq!(world.run(&["cleanup"]).code, 0);
    std::fs::write(world.files.state("HALT"), "earnings week\nsecond line\n").unwrap();
    for at in ["2023-05-24T14:31:00Z", "2023-05-25T00:30:00Z"] {
        world.set_clock(at.parse().unwrap());
        world.sim.forget_requests();
        for arguments in [&["buy"][..], &["sell"], &["buy", "--dry-run"], &["sell", "--dry-run"]] {
            let object = world.json(80, arguments);
            assert_eq!(
                (&object["reason"], &object["detail"]),
                (&json!("halted"), &json!("earnings week")),
                "{arguments:?}"
            );
        }
        assert!(world.sim.requests().is_empty());
        assert_eq!(world.run(&["cleanup"]).code, 0);
        assert_eq!(world.json(0, &["status"])["halted"], true);
    }
    let run = fails(&world, &["buy"], 80, "halted");
    assert!(run.stderr.contains("earnings week") && run.stderr.contains("HALT"), "{}", run.stderr);
}

#[test]
fn code_80_keeps_the_token_fresh() {
    let mut world = World::paper();
    let old = world.have_old_token();
    world.files.edit_token_file("expires_at", json!((world.now + chrono::TimeDelta::hours(3)).timestamp()));
    std::fs::write(world.files.state("HALT"), "").unwrap();
    let object = world.json(80, &["sell"]);
    assert_eq!(object["token"]["state"], "renewed");
    assert_ne!(world.files.token_file()["access_token"], old);
}

#[test]
fn code_81_as_long_as_an_unknown_order_is_left() {
    let mut world = World::paper();
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    world.sim.fault("order", "drop_before", json!({}));
    let run = world.run(&["buy"]);
    assert_eq!(run.code, 81);
    assert!(run.lines()[1].contains("buy 21 @ 95.00 unknown"), "{}", run.stdout);
    for command in ["buy", "sell", "cleanup"] {
        fails(&world, &[command], 81, "order_unknown");
    }
    let object = world.json(81, &["sell"]);
    assert_eq!(object["live_orders"].as_array().unwrap().len(), 1);
    let object = world.json(0, &["status"]);
    assert_eq!(object["unknown_orders"].as_array().unwrap().len(), 1);
    let object = world.json(0, &["token-check"]);
    assert!(object["warnings"][0].as_str().unwrap().contains("unknown"), "{object:#}");
    assert_eq!(world.sim.order_posts(), 1);
}

#[test]
fn help_and_version_are_results_and_name_every_exit_code() {
    let world = World::paper();
    let run = world.run(&["--help"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let lines: Vec<&str> = run.stdout.lines().map(str::trim_start).collect();
    for code in ["0", "1", "2", "65", "69", "71", "74", "75", "76", "77", "78", "80", "81"] {
        assert!(lines.iter().any(|line| line.starts_with(&format!("{code}  "))), "{code} is not explained");
    }
    assert_eq!(world.run(&["--version"]).stdout, format!("kis-trade {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn an_error_with_a_code_of_kis_says_what_it_means_in_both_languages() {
    for (language, words, refused) in [
        ("\"en\"", "KIS's code: KIS does not know this app key on this host.", "too little cash"),
        ("\"ko\"", "KIS 코드: 이 서버에서는 KIS가 모르는 앱키입니다.", "주문가능금액이 모자랍니다"),
    ] {
        let mut world = World::paper();
        world.set("language", language);
        world.sim.fault("tokenP", "reject", json!({ "code": "EGW00103", "message": "유효하지 않은 AppKey입니다." }));
        let run = world.run(&["status"]);
        assert!(run.code == 77 && run.stderr.contains(words), "{}", run.stderr);
        let mut world = World::real();
        world.set("language", language).set("buy.watch", r#"["AAPL"]"#);
        world.sim.price("AAPL", "95", "100");
        world.sim.fault("order", "reject", json!({ "code": "APBK0952", "message": "주문가능금액을 초과 했습니다" }));
        let run = world.run(&["buy"]);
        assert!(run.code == 1 && run.stderr.contains(refused), "{}", run.stderr);
    }
    let mut world = World::real();
    world.set("language", "\"ko\"");
    world.sim.fault("ccnl", "reject", json!({ "code": "OPSQ2000", "message": "ERROR : INPUT INVALID_CHECK_ACNO" }));
    let run = world.run(&["status"]);
    assert!(run.code == 78 && run.stderr.contains("이 앱키의 계좌가 아닙니다"), "{}", run.stderr);
}
