//! Reasons that last: for ten trading days the same thing keeps a command from its work, under `-q` and with nobody to send a
//! message to. A person hears of it in each session, or it is on the written list of what may last in silence.

use chrono::{DateTime, TimeDelta, Utc};
use kis_trade::decide::standing::{SILENT_REASONS, SILENT_RULES};
use serde_json::{Value, json};

use crate::support::harness::{Mode, World};

/// 9:45 in New York on ten trading dates, one after the other.
const DAYS: [&str; 10] = [
    "2023-05-24",
    "2023-05-25",
    "2023-05-26",
    "2023-05-30",
    "2023-05-31",
    "2023-06-01",
    "2023-06-02",
    "2023-06-05",
    "2023-06-06",
    "2023-06-07",
];
/// Hours after 9:45 at which the crontab's runs begin.
const HOURS: [i64; 2] = [0, 2];

fn morning(day: &str) -> DateTime<Utc> {
    format!("{day}T13:45:00Z").parse().unwrap()
}

/// What stands still: its name, the command that meets it, the word, and how it comes about, again each day.
type Hindrance = (&'static str, &'static str, fn(&mut World));

/// Nothing fills by itself, and every price is known.
fn quiet_world() -> World {
    let mut world = World::new(Mode::Paper, "2023-05-24T13:45:00Z");
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    world.set("buy.watch", r#"["AAPL"]"#).set("sell.fallback_take_profit_percent", "0");
    world.sim.price("AAPL", "100", "100");
    assert_eq!(world.run(&["token-check"]).code, 0);
    world
}

fn falls(world: &World) {
    world.sim.price("AAPL", "95", "100");
}

fn no_price(world: &World, symbol: &str) {
    world.sim.control("POST", "/prices", json!({ "symbol": symbol, "blank": true }));
}

/// What may last only with a word to a person.
const LOUD: [Hindrance; 18] = [
    ("halted", "buy", |world| std::fs::write(world.files.state("HALT"), "on holiday").unwrap()),
    ("halted", "sell", |world| std::fs::write(world.files.state("HALT"), "on holiday").unwrap()),
    ("sell_only", "buy", |world| {
        world.set("limits.trading", "\"sell_only\"");
    }),
    ("filter_unknown", "buy", |world| {
        no_price(world, "TSLA");
        world.set("buy.filter", r#"["NASD:TSLA"]"#);
    }),
    ("cash_too_low", "buy", |world| {
        falls(world);
        world.set("buy.min_cash_usd", "20000");
    }),
    ("price_unknown", "buy", |world| {
        no_price(world, "AAPL");
        world.set("buy.watch", r#"["NASD:AAPL"]"#);
    }),
    ("price_suspicious", "buy", |world| world.sim.price("AAPL", "60", "100")),
    ("too_expensive", "buy", |world| {
        falls(world);
        world.set("limits.max_order_usd", "90");
    }),
    ("position_limit", "buy", |world| {
        world.sim.hold("AAPL", 10, "100");
        falls(world);
        world.set("limits.max_position_usd", "900");
    }),
    ("untradable", "buy", |world| world.sim.price("AAPL", "0.0095", "0.0099")),
    ("price_unknown", "sell", |world| {
        world.sim.hold("AAPL", 10, "100");
        no_price(world, "AAPL");
    }),
    ("not_managed", "sell", |world| world.sim.hold("META", 10, "100")),
    ("price_suspicious", "sell", |world| world.sim.hold("AAPL", 10, "20")),
    ("gateway_nonsense", "sell", |world| world.sim.fault("balance", "status_before", json!({ "times": 9999 }))),
    ("state_unreadable", "sell", |world| {
        std::fs::write(world.files.state("orders-2023-05.jsonl"), "no journal\n").unwrap();
    }),
    ("credentials_refused", "token-check", |world| {
        world.env("KIS_APP_SECRET", &"x".repeat(180));
        std::fs::remove_file(world.files.state("api_token.json")).unwrap_or_default();
    }),
    ("config_invalid", "sell", |world| {
        world.set("sell.stop_loss_percent", "\"fifteen\"");
    }),
    ("gateway_nonsense", "cleanup", |world| {
        world.sim.fault("ccnl", "status_before", json!({ "times": 9999 }));
    }),
];

/// What may last in silence.
const SILENT: [Hindrance; 9] = [
    ("no_candidate", "buy", |world| world.sim.price("AAPL", "101", "100")),
    ("filter_not_met", "buy", |world| {
        world.sim.price("TSLA", "99", "100");
        world.set("buy.filter", r#"["TSLA"]"#);
    }),
    ("after_buy_until", "buy", |world| {
        world.set("market.buy_until", "\"09:31\"");
    }),
    ("cash_too_low", "buy", |world| {
        world.sim.hold("AAPL", 200, "100");
        falls(world);
        world.set("buy.min_cash_usd", "20000").set("limits.max_position_usd", "0");
    }),
    ("hold", "sell", |world| world.sim.hold("AAPL", 10, "100")),
    ("keep", "sell", |world| {
        world.sim.hold("META", 10, "100");
        world.set("sell.keep", r#"["META"]"#);
    }),
    ("no_position", "sell", |_| {}),
    ("nothing_to_cancel", "cleanup", |_| {}),
    ("done", "token-check", |_| {}),
];

/// What ten days of the crontab print, by date, and the last object of `--json`.
fn ten_days(hindrance: &Hindrance) -> (Vec<String>, World) {
    let (_, command, arrange) = hindrance;
    let mut world = quiet_world();
    let mut said = Vec::new();
    for day in DAYS {
        let mut of_day = String::new();
        for hours in HOURS {
            world.set_clock(morning(day) + TimeDelta::hours(hours));
            arrange(&mut world);
            let run = world.run(&["-q", command]);
            of_day.push_str(&format!("{}{}", run.stdout, run.stderr));
        }
        said.push(of_day);
    }
    (said, world)
}

/// How the latest run ended, as it is written down.
fn last_run(world: &World, command: &str) -> String {
    let name = format!("last_run_{}.json", command.replace('-', "_"));
    std::fs::read_to_string(world.files.state(&name)).unwrap()
}

#[test]
fn a_reason_that_lasts_reaches_a_person_in_every_session() {
    for hindrance in &LOUD {
        let (word, command, _) = hindrance;
        let (said, world) = ten_days(hindrance);
        for (day, said) in DAYS.iter().zip(&said) {
            assert!(!said.is_empty(), "{command} {word}: nobody heard of it on {day}");
        }
        // Without a configuration there is no state directory to write it to.
        assert!(*word == "config_invalid" || last_run(&world, command).contains(word), "{command} {word}: {said:#?}");
    }
}

#[test]
fn what_may_last_in_silence_does() {
    for hindrance in &SILENT {
        let (word, command, _) = hindrance;
        let (said, world) = ten_days(hindrance);
        assert_eq!(said.concat(), "", "{command} {word}");
        let last = last_run(&world, command);
        assert!(last.contains(word), "{command} met something else than {word}: {last}");
    }
}

#[test]
fn status_says_for_how_many_sessions_a_reason_has_lasted() {
    let hindrance = LOUD.iter().find(|(word, ..)| *word == "cash_too_low").unwrap();
    let (_, world) = ten_days(hindrance);
    let standing = world.json(0, &["status"])["standing"].clone();
    assert_eq!(
        standing,
        json!([{ "command": "buy", "reason": "cash_too_low", "since": "2023-05-24T13:45:00Z", "sessions": 10 }])
    );
    let text = world.run(&["status"]).stdout;
    assert!(text.contains("Standing: buy cash_too_low since 2023-05-24 09:45:00 EDT, 10 sessions: "), "{text}");
    let page = world.files.path("page.html");
    world.json(0, &["status", "--html", page.to_str().unwrap()]);
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("<b>Still in the way:</b> <code>buy</code>: not enough cash since"), "{page}");
}

#[test]
fn a_reason_that_has_ended_stands_no_more() {
    let mut world = quiet_world();
    falls(&world);
    world.set("buy.min_cash_usd", "20000");
    for _ in 0..2 {
        world.run(&["-q", "buy"]);
        world.advance(600);
    }
    assert_eq!(world.json(0, &["status"])["standing"][0]["reason"], "cash_too_low");
    world.set("buy.min_cash_usd", "100");
    world.json(0, &["buy"]);
    assert_eq!(world.json(0, &["status"])["standing"], json!([]));
}

#[test]
fn a_message_goes_out_once_a_session() {
    let mut world = quiet_world();
    let script = format!("/bin/cat >> {}", world.files.path("told").display());
    world.set("notify.command", &json!(["/bin/sh", "-c", script]).to_string()).set("buy.min_cash_usd", "20000");
    falls(&world);
    for day in &DAYS[..3] {
        let mut lines = 0;
        for hours in HOURS {
            world.set_clock(morning(day) + TimeDelta::hours(hours));
            lines += world.run(&["-q", "buy"]).stderr.lines().count();
        }
        assert_eq!(lines, 1, "{day}");
    }
    let told = std::fs::read_to_string(world.files.path("told")).unwrap();
    let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let standing: Vec<&Value> = told.iter().filter(|event| event["event"] == "standing").collect();
    assert_eq!(standing.len(), 3, "{told:#?}");
    let detail = standing[2]["detail"].as_str().unwrap();
    let head = "[PAPER] buy has met `cash_too_low` since 2023-05-24 09:45:00 EDT, in 3 sessions: ";
    assert!(detail.starts_with(head), "{detail}");
}

/// The list that people read is the one that the program goes by.
#[test]
fn the_list_of_what_may_last_in_silence_is_in_the_docs() {
    let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/faults.md")).unwrap();
    let (_, section) = docs.split_once("## Reasons that are not reported\n").expect("the section");
    let section = section.split("\n## ").next().unwrap();
    let mut listed: Vec<&str> = section.split('`').skip(1).step_by(2).collect();
    let mut known: Vec<String> = SILENT_REASONS.iter().map(|reason| reason.word()).collect();
    known.extend(SILENT_RULES.iter().map(|rule| rule.word().to_owned()));
    known.extend(["cash_too_low".to_owned(), "no_candidate".to_owned()]);
    known.sort_unstable();
    known.dedup();
    listed.sort_unstable();
    listed.dedup();
    assert_eq!(listed, known);
}
