//! Rules of the user's own: what a program is asked, what of its answer reaches KIS, how it fails, and what it can see and leave behind.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::harness::{Mode, Run, World};
use crate::support::sheets::{at_kis, details, prepare};

/// Answers with one buy and one state.
const ANSWER: &str = r#"{"protocol":1,"orders":[{"tag":"dip","symbol":"TQQQ","side":"buy","quantity":6,"kind":"loc","limit_price":"75.17","note":"1 % under"}],"state":{"buys":12},"note":"T 4.17"}"#;

/// A world whose only strategy is a program of shell lines, which keeps its question in its directory.
fn world(mode: Mode, lines: &str, more: &str) -> World {
    world_of(mode, r#"["TQQQ"]"#, lines, more)
}

fn world_of(mode: Mode, symbols: &str, lines: &str, more: &str) -> World {
    let mut world = World::light(mode);
    prepare(&mut world);
    put_program(&world, lines);
    world.strategy(&format!(
        "name = \"dip\"\nkind = \"program\"\ncommand = [\"rules/rule.sh\", \"--x\"]\nsymbols = {symbols}\nprincipal_usd = 10000\nsettings = {{ symbol = \"TQQQ\" }}\n{more}"
    ));
    world.sim.price("TQQQ", "76.10", "75.93");
    world.put_old_token();
    world
}

fn put_program(world: &World, lines: &str) {
    let folder = world.files.path("rules");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    let path = folder.join("rule.sh");
    std::fs::write(&path, format!("#!/bin/sh\ncat > question.json\n{lines}\n")).unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
}

/// Shell lines that answer.
fn answer(text: &str) -> String {
    format!("cat <<'END'\n{text}\nEND\n")
}

/// An answer with these orders and no state.
fn orders(orders: &str) -> String {
    answer(&format!(r#"{{"protocol":1,"orders":[{orders}]}}"#))
}

/// What the program kept in its directory.
fn kept(world: &World, name: &str) -> String {
    std::fs::read_to_string(world.files.state("rules/dip").join(name)).unwrap()
}

fn question(world: &World) -> Value {
    serde_json::from_str(&kept(world, "question.json")).unwrap()
}

#[test]
fn its_answer_becomes_orders_and_its_state_comes_back() {
    let mut world = world(Mode::Real, &answer(ANSWER), "");
    let planned = world.json(0, &["buy", "--dry-run"]);
    assert_eq!((&planned["orders"][0]["tag"], &planned["orders"][0]["kind"]), (&json!("dip"), &json!("loc")));
    assert_eq!(question(&world)["call"], json!({ "id": "20230524-dip", "purpose": "dry_run" }));
    assert_eq!(world.sim.order_posts(), 0);
    assert!(!world.files.state("orders-2023-05.jsonl").exists(), "a dry run stores nothing");

    let bought = world.json(0, &["buy"])["orders"][0].clone();
    assert_eq!((&bought["strategy"], &bought["state"]), (&json!("dip"), &json!("accepted")));
    assert_eq!(at_kis(&world), ["buy 6@75.17 34"]);
    let asked = question(&world);
    assert_eq!(asked["call"], json!({ "id": "20230524-dip", "purpose": "plan" }));
    assert_eq!((&asked["mode"], &asked["strategy"]), (&json!("real"), &json!("dip")));
    assert_eq!(asked["money"]["own_cash_usd"], "10000.00");
    assert_eq!((&asked["settings"], &asked["state"]), (&json!({ "symbol": "TQQQ" }), &Value::Null));
    assert_eq!((&asked["positions"], &asked["fills"], &asked["orders"]), (&json!([]), &json!([]), &json!([])));
    assert_eq!(asked["quotes"][0]["previous_close"], "75.93");
    assert_eq!((&asked["order_kinds"], &asked["emulated_kinds"]), (&json!(["limit", "loc", "moc"]), &json!([])));

    // Asked once a date.
    put_program(&world, "exit 1");
    world.json(0, &["sell"]);
    world.json(0, &["buy"]);
    assert_eq!(world.sim.order_posts(), 1);

    // The next morning: what filled, and its state.
    world.sim.price("TQQQ", "75", "75.93");
    world.set_clock("2023-05-24T20:30:00Z".parse().unwrap());
    world.set_clock("2023-05-25T14:00:00Z".parse().unwrap());
    world.sim.price("TQQQ", "76", "75");
    put_program(&world, &answer(r#"{"protocol":1,"orders":[],"state":null}"#));
    assert_eq!(world.json(0, &["sell"])["exit_code"], 0);
    let asked = question(&world);
    let fill = json!({ "tag": "dip", "trading_date": "2023-05-24", "symbol": "TQQQ", "side": "buy", "quantity": 6, "price": "75.00" });
    assert_eq!((&asked["fills"], &asked["state"]), (&json!([fill]), &json!({ "buys": 12 })));
    assert_eq!(asked["positions"][0]["quantity"], 6);
    assert_eq!(asked["money"]["own_cash_usd"], "9550.00");
}

/// Runs `sell` with a program that fails, beside a stop loss of the default rule: that is sold, nothing of the answer is sent, and the
/// old state is kept.
#[track_caller]
fn fails(lines: &str, more: &str, word: &str, part: &str) {
    let mut world = world(Mode::Real, lines, more);
    world.set("buy.watch", "[\"AAPL\"]");
    world.sim.hold("AAPL", 10, "100");
    world.sim.price("AAPL", "80", "85");
    let object = world.json(76, &["sell"]);
    assert_eq!((&object["result"], &object["reason"]), (&json!("failed"), &json!(word)), "{lines}");
    let detail = object["detail"].as_str().unwrap();
    assert!(detail.contains("dip") && detail.contains(part), "{lines}: {detail}");
    assert_eq!(at_kis(&world), ["sell 10@79.20 00"], "{lines}: no stop loss waits for a program");
    assert_eq!(
        object["skipped"].as_array().unwrap().iter().filter(|skip| skip["rule"] == word).count(),
        1,
        "{object:#}"
    );
    assert_eq!(world.files.journal_of("sheet"), Vec::<Value>::new(), "{lines}");
    // Asked again by the next run.
    put_program(&world, &answer(ANSWER));
    assert_eq!(world.json(0, &["buy"])["orders"][0]["tag"], "dip");
    assert_eq!(question(&world)["state"], Value::Null);
}

#[test]
fn a_program_that_ends_badly_or_cannot_be_started_is_rule_failed() {
    fails("echo one >&2\necho 'no such close' >&2\nexit 3", "", "rule_failed", "no such close");
    fails("kill -9 $$", "", "rule_failed", "signal");
}

#[test]
fn a_program_that_gives_no_answer_in_time_is_rule_timeout() {
    fails("mkfifo wait\nread line < wait", "timeout_seconds = 1\n", "rule_timeout", "1 s");
}

#[test]
fn what_is_no_answer_is_rule_nonsense() {
    for (lines, part) in [
        ("true", "nothing"),
        ("echo '[]'", "object"),
        ("echo '{\"protocol\":1,'", "line 2"),
        ("echo '{\"protocol\":1,\"orders\":[],\"state\":NaN}'", "column"),
        ("echo '{\"protocol\":1,\"protocol\":1,\"orders\":[]}'", "same key twice"),
        ("echo '{\"protocol\":1,\"orders\":[]} more'", "column"),
        ("printf '{\"protocol\":1,\"orders\":[],\"note\":\"\\377\"}'", "UTF-8"),
        ("head -c 300000 /dev/zero | tr '\\0' ' '\necho '{}'", "256"),
    ] {
        fails(lines, "", "rule_nonsense", part);
    }
}

#[test]
fn another_protocol_is_rule_version() {
    fails(&answer(r#"{"protocol":2,"orders":[]}"#), "", "rule_version", "1");
    fails(&answer(r#"{"orders":[]}"#), "", "rule_version", "1");
}

#[test]
fn one_wrong_order_refuses_the_whole_answer() {
    const GOOD: &str = r#"{"tag":"a","symbol":"TQQQ","side":"buy","quantity":1,"kind":"loc","limit_price":"70.00"}"#;
    let second = |order: &str| orders(&format!("{GOOD},{order}"));
    for (order, part) in [
        (r#"{"tag":"b","symbol":"TQQQ","side":"buy","quantity":1,"kind":"loc","limit_price":"70.00","x":1}"#, "x"),
        (r#"{"tag":"b","symbol":"SOXL","side":"buy","quantity":1,"kind":"loc","limit_price":"70.00"}"#, "SOXL"),
        (r#"{"tag":"b","symbol":"TQQQ","side":"buy","quantity":1,"kind":"moo","limit_price":"70.00"}"#, "kind"),
        (r#"{"tag":"b","symbol":"TQQQ","side":"buy","quantity":0,"kind":"loc","limit_price":"70.00"}"#, "quantity"),
        (r#"{"tag":"b","symbol":"TQQQ","side":"buy","quantity":1,"kind":"loc","limit_price":70.0}"#, "limit_price"),
        (r#"{"tag":"b","symbol":"TQQQ","side":"buy","quantity":1,"kind":"loc","limit_price":"70.001"}"#, "70.001"),
        (r#"{"tag":"a","symbol":"TQQQ","side":"buy","quantity":1,"kind":"loc","limit_price":"71.00"}"#, "a"),
    ] {
        fails(&second(order), "", "rule_invalid", part);
    }
    let many: Vec<String> = (0..41).map(|number| GOOD.replace("\"a\"", &format!("\"t{number}\""))).collect();
    fails(&orders(&many.join(",")), "", "rule_invalid", "40");
    let state = format!(r#"{{"protocol":1,"orders":[],"state":"{}"}}"#, "x".repeat(65 * 1024));
    fails(&answer(&state), "", "rule_invalid", "64");
}

#[test]
fn an_order_that_cannot_be_taken_is_refused_alone_and_told_back() {
    let lines = orders(
        r#"{"tag":"sell","symbol":"TQQQ","side":"sell","quantity":1,"kind":"limit","limit_price":"90.00"},
           {"tag":"dear","symbol":"TQQQ","side":"buy","quantity":900,"kind":"loc","limit_price":"70.00"},
           {"tag":"good","symbol":"TQQQ","side":"buy","quantity":1,"kind":"loc","limit_price":"70.00"}"#,
    );
    let mut world = world(Mode::Real, &lines, "");
    let object = world.json(0, &["buy"]);
    assert_eq!(at_kis(&world), ["buy 1@70.00 34"]);
    let said = details(&object).join("\n");
    assert!(said.contains("nothing_sellable") && said.contains("cash_too_low"), "{said}");
    world.set_clock("2023-05-24T20:30:00Z".parse().unwrap());
    world.set_clock("2023-05-25T14:00:00Z".parse().unwrap());
    world.sim.price("TQQQ", "76", "76.10");
    put_program(&world, &orders(""));
    world.json(0, &["sell"]);
    let told: Vec<String> = question(&world)["orders"]
        .as_array()
        .unwrap()
        .iter()
        .map(|order| {
            format!(
                "{} {} {}",
                order["tag"].as_str().unwrap(),
                order["state"].as_str().unwrap(),
                order["reason"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(told, ["sell refused nothing_sellable", "dear refused cash_too_low"]);
}

#[test]
fn asked_at_each_run_it_adds_orders_and_a_tag_stays_one_order() {
    const ONE: &str = r#"{"tag":"one","symbol":"TQQQ","side":"buy","quantity":1,"kind":"limit","limit_price":"70.00"}"#;
    const TWO: &str = r#"{"tag":"two","symbol":"TQQQ","side":"buy","quantity":2,"kind":"loc","limit_price":"69.00"}"#;
    let mut world = world(Mode::Real, &orders(ONE), "ask = \"run\"\n");
    world.json(0, &["buy"]);
    world.advance(3600);
    put_program(&world, &orders(&format!("{ONE},{TWO}")));
    world.json(0, &["buy"]);
    assert_eq!(at_kis(&world), ["buy 1@70.00 00", "buy 2@69.00 34"]);
    let first = &question(&world)["orders"][0];
    assert_eq!((&first["tag"], &first["state"]), (&json!("one"), &json!("accepted")));
    world.advance(3600);
    world.json(0, &["buy"]);
    assert_eq!(world.sim.order_posts(), 2, "the same again is nothing new");
    put_program(&world, &orders(&format!("{},{}", ONE.replace("70.00", "71.00"), TWO.replace("two", "three"))));
    world.advance(3600);
    let object = world.json(0, &["buy"]);
    assert!(details(&object).join("\n").contains("tag_reused"), "{object:#}");
    assert_eq!(world.sim.order_posts(), 2, "nothing of that answer is sent");
}

#[test]
fn a_symbol_without_a_price_stops_only_its_own_orders() {
    const SOXL: &str = r#"{"tag":"soxl","symbol":"SOXL","side":"buy","quantity":1,"kind":"loc","limit_price":"20.00"}"#;
    const TQQQ: &str = r#"{"tag":"tqqq","symbol":"TQQQ","side":"buy","quantity":2,"kind":"loc","limit_price":"75.00"}"#;
    let mut world = world_of(Mode::Real, r#"["SOXL", "TQQQ"]"#, &orders(&format!("{SOXL},{TQQQ}")), "");
    world.sim.control("POST", "/prices", json!({ "symbol": "SOXL", "blank": true }));
    let object = world.json(0, &["buy"]);
    let asked = question(&world);
    assert_eq!((&asked["quotes"][0]["last"], &asked["quotes"][1]["last"]), (&Value::Null, &json!("76.10")));
    assert_eq!(asked["closes"]["SOXL"], json!([]));
    assert_eq!(at_kis(&world), ["buy 2@75.00 34"]);
    let skipped = &object["skipped"][0];
    assert_eq!((&skipped["tag"], &skipped["rule"]), (&json!("soxl"), &json!("price_unknown")));

    world.sim.control("DELETE", "/prices", json!({ "symbol": "SOXL" }));
    world.sim.price("SOXL", "20.20", "20.10");
    world.advance(3600);
    world.json(0, &["buy"]);
    assert_eq!(at_kis(&world), ["buy 2@75.00 34", "buy 1@20.00 34"]);
}

#[test]
fn on_paper_it_is_told_which_kinds_are_emulated() {
    let world = world(Mode::Paper, &answer(ANSWER), "");
    let object = world.json(0, &["buy"]);
    assert_eq!(question(&world)["emulated_kinds"], json!(["loc", "moc"]));
    assert!(details(&object).join("\n").contains("loc_deferred"), "{object:#}");
    assert_eq!(world.sim.order_posts(), 0);
}

#[test]
fn it_sees_its_four_variables_its_directory_and_three_descriptors() {
    let lines = "pwd > pwd.txt\nenv | sort > env.txt\nls /proc/$$/fd > fd.txt\ncat /proc/$$/limits > limits.txt\necho $* > arguments.txt\n\
                 ps -o pgid= -p $$ > group.txt\necho $$ > pid.txt\n";
    let world = world(Mode::Real, &format!("{lines}{}", answer(ANSWER)), "");
    world.json(0, &["buy"]);
    let directory = std::fs::canonicalize(world.files.state("rules/dip")).unwrap();
    assert_eq!(kept(&world, "pwd.txt").trim(), directory.to_str().unwrap());
    assert_eq!(std::fs::metadata(&directory).unwrap().permissions().mode() & 0o777, 0o700);
    // The shell adds PWD, and bash `_` and SHLVL.
    let env = kept(&world, "env.txt");
    let env: Vec<&str> =
        env.lines().filter(|line| !["PWD=", "_=", "SHLVL="].iter().any(|own| line.starts_with(own))).collect();
    assert_eq!(env, ["KIS_TRADE_PROTOCOL=1", "LANG=C.UTF-8", "PATH=/usr/local/bin:/usr/bin:/bin", "TZ=UTC"]);
    // The shell reads its script by a descriptor of its own, from 10 on.
    let fds = kept(&world, "fd.txt");
    let fds: Vec<&str> = fds.lines().filter(|fd| fd.parse::<u32>().unwrap() < 10).collect();
    assert_eq!(fds, ["0", "1", "2"]);
    let limits = kept(&world, "limits.txt");
    let limit = |name: &str| {
        let line = limits.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {limits}"));
        line[name.len()..].split_whitespace().next().unwrap().to_owned()
    };
    assert_eq!((limit("Max file size"), limit("Max data size")), ((16 << 20).to_string(), (1_u64 << 30).to_string()));
    assert_ne!(limit("Max cpu time"), "unlimited");
    assert_eq!(kept(&world, "arguments.txt").trim(), "--x");
    assert_eq!(kept(&world, "group.txt").trim(), kept(&world, "pid.txt").trim(), "a group of its own");
}

#[test]
fn what_it_leaves_running_is_gone_when_the_run_ends() {
    let lines = format!("mkfifo never\n(cat never; true) > /dev/null 2>&1 &\necho $! > left.txt\n{}", answer(ANSWER));
    let world = world(Mode::Real, &lines, "");
    world.json(0, &["buy"]);
    let left = kept(&world, "left.txt");
    let state = std::fs::read_to_string(Path::new("/proc").join(left.trim()).join("stat")).unwrap_or_default();
    // One that nobody has waited for yet is dead all the same.
    assert!(state.is_empty() || state.contains(") Z "), "{state}");
}

#[test]
fn an_order_of_unknown_outcome_is_said_before_a_rule_that_failed() {
    let mut world = world(Mode::Real, "exit 3", "");
    world.set("buy.watch", "[\"AAPL\"]");
    world.sim.hold("AAPL", 10, "100");
    world.sim.price("AAPL", "80", "85");
    world.sim.fault("order", "drop_before", json!({}));
    let object = world.json(81, &["sell"]);
    assert_eq!(object["reason"], "order_unknown");
}

#[test]
fn a_program_that_others_may_change_stops_the_run() {
    let world = world(Mode::Real, &answer(ANSWER), "");
    std::fs::set_permissions(world.files.path("rules/rule.sh"), Permissions::from_mode(0o775)).unwrap();
    let Run { code, stderr, .. } = world.run(&["buy"]);
    assert_eq!(code, 78);
    assert!(stderr.contains("rules/rule.sh") && stderr.contains("0775"), "{stderr}");
}

#[test]
fn a_failed_rule_is_one_message_a_date() {
    let mut world = world(Mode::Real, "exit 3", "");
    let hook = world.files.path("hook.sh");
    std::fs::write(&hook, "#!/bin/sh\ncat >> messages.txt\necho >> messages.txt\n").unwrap();
    std::fs::set_permissions(&hook, Permissions::from_mode(0o755)).unwrap();
    world.set("notify.command", &format!("[{:?}]", hook.to_str().unwrap()));
    world.json(76, &["sell"]);
    world.advance(1800);
    world.json(76, &["sell"]);
    let messages = std::fs::read_to_string(world.files.path("messages.txt")).unwrap();
    assert_eq!(messages.matches("\"event\":\"rule_failed\"").count(), 1, "{messages}");
    assert_eq!(messages.matches("\"event\":\"run_failed\"").count(), 0, "{messages}");
}
