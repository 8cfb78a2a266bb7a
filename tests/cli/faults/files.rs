//! Files around the journal: what is derived from it never stops trading, and a directory belongs to whom it belongs.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::faults::bad_input::config::is_root;
use crate::support::harness::{Mode, Run, World, wait_until};

/// A world with one fill in `trades.csv`, and a stop loss of another symbol due.
fn world() -> World {
    let mut world = World::paper();
    world.set("buy.watch", r#"["NASD:AAPL", "NASD:AMZN"]"#).set("buy.picks", "1");
    world.sim.control("POST", "/fills", json!({ "mode": "at_once" }));
    world.sim.price("AAPL", "95", "100");
    world.sim.price("AMZN", "80", "79");
    assert_eq!(world.json(0, &["buy"])["orders"][0]["symbol"], "AAPL");
    assert_eq!(world.run(&["cleanup"]).code, 0);
    assert_eq!(world.files.trades().len(), 1);
    world.sim.hold("AMZN", 7, "100");
    world.sim.forget_requests();
    world
}

fn is_stop_loss(object: &Value) -> bool {
    let order = &object["orders"][0];
    (&order["symbol"], &order["state"], &order["reason"]) == (&json!("AMZN"), &json!("accepted"), &json!("stop_loss"))
}

/// The rows of a file, without its heading.
fn rows(world: &World, name: &str) -> Vec<String> {
    let text = fs::read_to_string(world.files.state(name)).unwrap();
    text.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn whatever_a_spreadsheet_makes_of_trades_csv_trading_goes_on() {
    let text = |world: &World| fs::read_to_string(world.files.state("trades.csv")).unwrap();
    type Spoil = Box<dyn Fn(&World) -> Option<Vec<u8>>>;
    let spoilt: [(&str, Spoil); 5] = [
        (
            "CP949",
            Box::new(move |world| {
                let with_note =
                    text(world).replace("profit_percent\r\n", "profit_percent,\r\n").replace(",,\r\n", ",,,\r\n");
                let (head, rest) = with_note.split_once(",\r\n").unwrap();
                // 메모, 좋음
                let bytes = [
                    head.trim_start_matches('\u{feff}').as_bytes(),
                    b",\xb8\xde\xb8\xf0\r\n",
                    rest.as_bytes(),
                    b"\xc1\xc1\xc0\xbd\r\n",
                ];
                Some(bytes.concat())
            }),
        ),
        ("semicolons", Box::new(move |world| Some(text(world).replace(',', ";").into_bytes()))),
        (
            "UTF-16",
            Box::new(move |world| {
                Some(
                    [0xfeff].into_iter().chain(text(world).encode_utf16().skip(1)).flat_map(u16::to_le_bytes).collect(),
                )
            }),
        ),
        ("other columns", Box::new(move |world| Some(text(world).replace("symbol", "메모,symbol").into_bytes()))),
        ("a directory", Box::new(|_| None)),
    ];
    for (name, spoil) in spoilt {
        let world = world();
        let path = world.files.state("trades.csv");
        let (whole, bytes) = (fs::read(&path).unwrap(), spoil(&world));
        fs::remove_file(&path).unwrap();
        match &bytes {
            Some(bytes) => fs::write(&path, bytes).unwrap(),
            None => fs::create_dir(&path).unwrap(),
        }
        assert!(is_stop_loss(&world.json(0, &["sell"])), "{name}");
        let warnings = world.json(0, &["cleanup"])["warnings"].to_string();
        assert!(warnings.contains("trades.csv ") && warnings.contains(name), "{name}: {warnings}");
        assert!(warnings.contains("trades.csv.new"), "{name}: {warnings}");
        let new = rows(&world, "trades.csv.new");
        assert!(matches!(&new[..], [row] if row.contains(",AMZN,NASD,sell,7,")), "{name}: {new:?}");
        if let Some(bytes) = bytes {
            assert_eq!(fs::read(&path).unwrap(), bytes, "{name}: it is left as it is");
        }
        // Readable again, it takes what comes next, and nothing that was written elsewhere.
        if path.is_dir() {
            fs::remove_dir(&path).unwrap()
        } else {
            fs::remove_file(&path).unwrap()
        }
        fs::write(&path, &whole).unwrap();
        world.sim.hold("AMZN", 3, "100");
        assert_eq!(world.json(0, &["sell"])["orders"][0]["quantity"], 3, "{name}");
        assert_eq!(world.json(0, &["cleanup"])["warnings"], json!([]), "{name}");
        let added = rows(&world, "trades.csv");
        assert!(added.len() == 2 && added[1].contains(",AMZN,NASD,sell,3,"), "{name}: {added:?}");
        assert_eq!(rows(&world, "trades.csv.new"), new, "{name}");
    }
}

#[test]
fn rows_that_a_person_deletes_or_changes_do_not_come_back() {
    let world = world();
    let path = world.files.state("trades.csv");
    let whole = fs::read_to_string(&path).unwrap();
    for text in
        [whole.split_once('\n').unwrap().0.to_owned() + "\n", whole.replace(",buy,21,", ",buy,,"), String::new()]
    {
        fs::write(&path, &text).unwrap();
        assert_eq!(world.run(&["cleanup"]).code, 0);
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    fs::remove_file(&path).unwrap();
    assert!(is_stop_loss(&world.json(0, &["sell"])));
    assert_eq!(world.run(&["cleanup"]).code, 0);
    assert!(
        matches!(&world.files.trades()[..], [row] if row.contains(",AMZN,NASD,sell,7,")),
        "{:?}",
        world.files.trades()
    );
}

/// Nothing hangs on these but a comfort: a stop loss goes out, and only the exit code tells of the file.
#[test]
fn a_file_that_is_only_derived_never_stops_a_stop_loss() {
    for name in
        ["symbols.json", "last_run_sell.json", "equity_buy.json", "equity_status.json", "clock.json", "trades.json"]
    {
        for (content, is_directory) in [("{]", false), (r#"{"version":9}"#, false), ("", true)] {
            let world = world();
            let path = world.files.state(name);
            let _ = fs::remove_file(&path);
            if is_directory {
                fs::create_dir(&path).unwrap()
            } else {
                fs::write(&path, content).unwrap()
            }
            let run = world.run(&["--json", "sell"]);
            assert!(is_stop_loss(&run.object()), "{name} {content:?}: {} {}", run.stdout, run.stderr);
            assert!(matches!(run.code, 0 | 65 | 78), "{name} {content:?}: {}", run.code);
            let is_named =
                run.stderr.contains(name) || name.starts_with("equity") || (name == "trades.json" && run.code == 0);
            assert!(is_named, "{name} {content:?}: {}", run.stderr);
            if is_directory {
                assert!(path.is_dir(), "{name}");
            }
        }
    }
}

/// Runs end well, say so once, and put a whole file in its place.
#[test]
fn what_a_power_cut_leaves_of_a_derived_file_counts_as_missing() {
    for (command, name) in [
        ("sell", "last_run_sell.json"),
        ("buy", "equity_buy.json"),
        ("status", "equity_status.json"),
        ("status", "last_run_status.json"),
    ] {
        let mut world = world();
        world.set("buy.rebuy", "\"any\"").set("buy.watch", r#"["NASD:AAPL"]"#).set("lock.min_interval_seconds", "0");
        world.json(0, &[command]);
        let path = world.files.state(name);
        let whole = fs::read(&path).unwrap();
        for torn in [vec![], vec![0; whole.len()], whole[..whole.len() / 2].to_vec(), whole[..whole.len() - 2].to_vec()]
        {
            fs::write(&path, &torn).unwrap();
            let [object, next] = [(); 2].map(|()| world.json(0, &[command]));
            assert!(object["warnings"].to_string().contains(name), "{name} {} bytes: {object:#}", torn.len());
            assert!(!next["warnings"].to_string().contains(name), "{name} {} bytes: {next:#}", torn.len());
            serde_json::from_slice::<Value>(&fs::read(&path).unwrap()).unwrap();
        }
    }
}

/// Whatever strayed into a state file stays there.
#[test]
fn nothing_of_a_damaged_state_file_is_repeated() {
    const SECRET: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9-strayed";
    for name in [
        "account.json",
        "symbols.json",
        "equity_buy.json",
        "last_run_buy.json",
        "clock.json",
        "token_attempt.json",
        "trades.json",
    ] {
        for content in [
            format!(r#"{{"version":"{SECRET}"}}"#),
            format!(r#"{{"version":1,"at":"{SECRET}","symbols":"{SECRET}","dates":"{SECRET}","orders":"{SECRET}"}}"#),
            format!("{{\"{SECRET}"),
            SECRET.to_owned(),
        ] {
            let world = world();
            fs::write(world.files.state(name), &content).unwrap();
            for arguments in [vec!["--json", "-v", "buy"], vec!["-v", "status"]] {
                let run = world.run(&arguments);
                assert!(
                    !format!("{}{}", run.stdout, run.stderr).contains("strayed"),
                    "{name} {content}: {} {}",
                    run.stdout,
                    run.stderr
                );
            }
        }
    }
}

#[test]
fn buys_go_on_without_the_samples_and_the_exit_code_tells() {
    let mut world = world();
    world.set("buy.rebuy", "\"any\"").set("buy.watch", r#"["NASD:AAPL"]"#);
    fs::write(world.files.state("equity_buy.json"), "{}").unwrap();
    world.sim.price("AAPL", "90", "100");
    let object = world.json(65, &["buy"]);
    assert_eq!(object["orders"][0]["state"], "accepted", "{object:#}");
    assert!(object["warnings"].to_string().contains("equity_buy.json"), "{object:#}");
    assert_eq!(fs::read_to_string(world.files.state("equity_buy.json")).unwrap(), "{}");
}

/// A shell that does `flock state/rate sleep 9999`.
#[test]
fn a_pacing_file_that_is_kept_locked_is_not_waited_for_for_ever() {
    let mut world = world();
    world.set("lock.wait_seconds", "0");
    let rate = fs::File::options().read(true).write(true).open(world.files.state("rate")).unwrap();
    rate.lock().unwrap();
    for command in ["status", "sell"] {
        let mut child = world.start_together(&[command]).remove(0);
        // One that does wait goes on when this test has failed and the lock is gone.
        wait_until("it waits for ever", || child.try_wait().unwrap().is_some());
        let run = Run::of(child.wait_with_output().unwrap());
        let object = run.object();
        assert_eq!((run.code, &object["reason"]), (75, &json!("lock_busy")), "{command}: {object:#}");
        assert!(object["detail"].to_string().contains("rate is locked"), "{command}: {object:#}");
    }
    assert_eq!(world.sim.order_posts(), 0);
    drop(rate);
    assert!(is_stop_loss(&world.json(0, &["sell"])));
}

/// The same directory with the other mode's keys and account.
fn as_real(world: &mut World) {
    world.set("mode", "\"real\"").env("KIS_APP_KEY", kis_sim::REAL_KEY);
    world.env("KIS_APP_SECRET", &kis_sim::real_secret()).env("KIS_ACCOUNT_NO", kis_sim::REAL_ACCOUNT);
}

#[test]
fn a_typing_error_at_the_first_contact_binds_nothing() {
    let mut world = World::paper();
    world.env("KIS_ACCOUNT_NO", "50000002-01");
    for command in ["token-check", "status", "buy"] {
        world.run(&[command]);
        assert!(!world.files.state("account.json").exists(), "{command}: KIS has not said that the account is good");
    }
    world.env("KIS_ACCOUNT_NO", kis_sim::PAPER_ACCOUNT);
    world.sim.price("AAPL", "101", "100");
    assert_eq!(world.run(&["status"]).code, 0);
    assert!(world.files.state("account.json").exists() && world.files.state("equity_status.json").exists());
    // It was the wrong mode, and nothing was ordered yet.
    as_real(&mut world);
    world.set("buy.watch", r#"["NASD:AAPL"]"#);
    let warnings = world.json(0, &["buy"])["warnings"].to_string();
    assert!(warnings.contains("never ordered anything"), "{warnings}");
    assert!(!world.files.state("equity_status.json").exists(), "the other account's samples");
    world.sim.price("AAPL", "95", "100");
    assert_eq!(world.json(0, &["buy"])["orders"][0]["state"], "accepted");
    // Now it is bound for good.
    world.set("mode", "\"paper\"").env("KIS_APP_KEY", kis_sim::PAPER_KEY);
    world.env("KIS_APP_SECRET", &kis_sim::paper_secret()).env("KIS_ACCOUNT_NO", kis_sim::PAPER_ACCOUNT);
    assert_eq!(world.json(78, &["status"])["reason"], "state_of_another_account");
}

#[test]
fn of_two_accounts_that_race_for_a_fresh_directory_one_trades() {
    let mut world = World::paper();
    world.set("buy.watch", r#"["NASD:AAPL"]"#).set("lock.wait_seconds", "60").set("gateway.timeout_seconds", "60");
    world.sim.price("AAPL", "95", "100");
    world.sim.hold_answer("ccnl");
    let piped =
        |mut command: std::process::Command| command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let first = piped(world.command(&["--json", "buy"]));
    wait_until("the first asked nothing", || world.sim.requests().len() == 2);
    as_real(&mut world);
    let second = piped(world.command(&["--json", "buy"]));
    wait_until("the second wants no lock", || crate::support::harness::has_open(&second, "account.lock"));
    world.sim.let_answer();
    let first = Run::of(first.wait_with_output().unwrap());
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert_eq!(first.object()["orders"][0]["state"], "accepted");
    let second = Run::of(second.wait_with_output().unwrap());
    assert_eq!(
        (second.code, &second.object()["reason"]),
        (78, &json!("state_of_another_account")),
        "{}",
        second.stderr
    );
    assert_eq!(world.sim.order_posts(), 1);
}

#[test]
fn a_directory_full_of_other_things_is_refused_and_left_as_it_is() {
    let mut world = World::new(Mode::Paper, crate::support::harness::MID_SESSION);
    let home = world.files.path("home");
    fs::create_dir(&home).unwrap();
    for name in ["photos.zip", "README.md", "notes.txt"] {
        fs::write(home.join(name), "x").unwrap();
    }
    fs::set_permissions(&home, Permissions::from_mode(0o755)).unwrap();
    world.set("state_dir", "\"home\"");
    for command in ["status", "buy", "token-check"] {
        let object = world.json(78, &[command]);
        assert_eq!(object["reason"], "config_invalid", "{object:#}");
        assert!(object["detail"].to_string().contains("holds nothing of kis-trade's"), "{object:#}");
    }
    assert_eq!((fs::metadata(&home).unwrap().mode() & 0o777, fs::read_dir(&home).unwrap().count()), (0o755, 3));
    // What a clone of the program or a file system brings along is nothing else.
    for name in ["photos.zip", "notes.txt"] {
        fs::remove_file(home.join(name)).unwrap();
    }
    fs::create_dir(home.join("lost+found")).unwrap();
    assert_eq!(world.run(&["status"]).code, 0);
    assert_eq!(fs::metadata(&home).unwrap().mode() & 0o777, 0o700);
}

#[test]
fn files_of_another_user_are_to_be_taken_over_and_never_given_up() {
    if !is_root() {
        return;
    }
    for name in ["", "account.lock", "api_token.json", "symbols.json", "journal"] {
        let world = world();
        let path = if name == "journal" { world.files.journal_path() } else { world.files.state(name) };
        chown(&path, Some(12_345), None).unwrap();
        let run = world.run(&["sell"]);
        let told = format!("{name}: {}", run.stderr);
        assert!(run.stderr.contains("belongs to another user, 12345"), "{told}");
        let state = fs::canonicalize(world.files.state("")).unwrap();
        if name != "symbols.json" {
            assert_eq!((run.code, world.sim.order_posts()), (78, 0), "{told}");
            assert!(run.stderr.contains(&format!("sudo chown -R root {}", state.display())), "{told}");
        }
        for advice in ["remove", "move it away", "another one", "delete"] {
            assert!(!run.stderr.contains(advice), "{told}");
        }
    }
}
