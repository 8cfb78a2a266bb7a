//! Drives the real `kis-rehearse` over the bars in the repository: to the cent against two programs that share no code with it, and the
//! fast way against the slow one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails where it stands"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use kis_sim::{Options, Sim};
use serde_json::{Value, json};
use tempfile::TempDir;

const BARS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kis-sim/market-data");
const LIMITS: &str = "[limits]\nmax_order_usd = 20000\nmax_buy_usd_per_day = 40000\nmax_position_usd = 0\n";

/// A configuration, and what is written beside it.
struct Stage(TempDir);

impl Stage {
    /// With strategies below what every configuration here says.
    fn new(strategies: &str) -> Stage {
        let stage = Stage(TempDir::new().unwrap());
        fs::write(stage.path("config.toml"), format!("mode = \"real\"\nlanguage = \"en\"\n{LIMITS}{strategies}"))
            .unwrap();
        stage
    }

    /// V4.0 of TQQQ with 20,000 USD.
    fn v40(splits: u32) -> Stage {
        Stage::new(&strategy("tqqq", "infinite_v40", "TQQQ", 20_000, splits))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn bars(&self, symbol: &str, lines: &str) {
        fs::create_dir_all(self.path("bars")).unwrap();
        let text = format!("date,open,high,low,close,volume\n{lines}");
        fs::write(self.path("bars").join(format!("{symbol}.csv")), text).unwrap();
    }

    fn run(&self, bars: &Path, more: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_kis-rehearse"))
            .arg("--config")
            .arg(self.path("config.toml"))
            .arg("--bars")
            .arg(bars)
            .args(more)
            .env_clear()
            .env("LANG", "C.UTF-8")
            .output()
            .unwrap()
    }

    /// The rows and the sum of a rehearsal over the repository's bars.
    fn rehearse(&self, more: &[&str]) -> (Vec<String>, Value) {
        let csv = self.path("rows.csv");
        let output = self.run(Path::new(BARS), &[more, &["--json", "--csv", csv.to_str().unwrap()]].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        let rows = fs::read_to_string(csv).unwrap().lines().map(str::to_owned).collect();
        (rows, serde_json::from_slice(&output.stdout).unwrap())
    }
}

fn strategy(name: &str, kind: &str, symbol: &str, principal: u32, splits: u32) -> String {
    format!(
        "[[strategy]]\nname = \"{name}\"\nkind = \"{kind}\"\nsymbol = \"{symbol}\"\nprincipal_usd = {principal}\nsplits = {splits}\n"
    )
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Cash, shares and equity of an evening, and the state of that morning.
fn row(rows: &[String], date: &str) -> (String, String, String, Value) {
    let line = rows.iter().find(|line| line.starts_with(date)).unwrap();
    let (before, rest) = line.split_once(",\"").unwrap();
    let (state, after) = rest.rsplit_once("\",").unwrap();
    let cells: Vec<&str> = before.split(',').collect();
    let state = serde_json::from_str(&state.replace("\"\"", "\"")).unwrap();
    (cells[4].to_owned(), cells[5].to_owned(), after.split(',').next().unwrap().to_owned(), state)
}

#[test]
fn z1_twenty_splits_of_tqqq_to_the_cent() {
    let (rows, sum) = Stage::v40(20).rehearse(&["--fee-percent", "0"]);
    let expected = json!({
        "end_usd": "20296.11", "years": "0.70", "drawdown_percent": "-42.02", "cycles": 2, "reverse_days": 14,
        "days_without_money": 0, "refused": 0,
    });
    assert_eq!(sum, expected);
    assert_eq!((rows.len(), &rows[1][..10]), (177, "2025-01-03"), "the first bar has no row");
    let (cash, shares, ..) = row(&rows, "2025-04-08");
    assert_eq!((cash.as_str(), shares.as_str()), ("1319.41", "280"));
    let (.., morning) = row(&rows, "2025-04-09");
    assert_eq!((&morning["t"], &morning["since"]), (&json!("18.1896"), &json!("2025-04-07")));
    assert_eq!(row(&rows, "2025-09-17").2, "20296.11");
}

#[test]
fn z2_forty_splits_of_tqqq_to_the_cent() {
    let (rows, sum) = Stage::v40(40).rehearse(&["--fee-percent", "0"]);
    assert_eq!((&sum["end_usd"], &sum["drawdown_percent"]), (&json!("22450.04"), &json!("-29.54")));
    assert_eq!((&sum["cycles"], &sum["reverse_days"]), (&json!(2), &json!(2)));
    let (cash, shares, ..) = row(&rows, "2025-02-03");
    assert_eq!((cash.as_str(), shares.as_str()), ("16460.78", "46"));
    assert_eq!(row(&rows, "2025-02-04").3["t"], "8.7812");
}

#[test]
fn fees_are_paid_from_the_account_and_change_no_order() {
    let stage = Stage::v40(20);
    let (free, _) = stage.rehearse(&["--fee-percent", "0"]);
    let (paid, _) = stage.rehearse(&[]);
    let orders = |rows: &[String]| -> Vec<String> {
        rows.iter().map(|line| line.split(',').skip(2).take(2).collect::<Vec<_>>().join(",")).collect()
    };
    assert_eq!(orders(&free), orders(&paid));
    // 12 shares at 82.40 cost 0.25 %: 11 of one order, 1 of another.
    assert_eq!((row(&free, "2025-01-03").0, row(&paid, "2025-01-03").0), ("19011.20".into(), "19008.72".into()));
}

/// A gateway in this process, in the place of the program that the rehearsal would start.
fn gateway_as_program(stage: &Stage, start: &str, cash: u32) -> (Sim, PathBuf) {
    let sim =
        Sim::start(Options { start: Some(start.parse().unwrap()), cash: cash.into(), ..Options::default() }).unwrap();
    let program = stage.path("kis-sim");
    let line = json!({ "gateway": sim.gateway_url(), "control": sim.control_url() });
    fs::write(&program, format!("#!/bin/sh\necho '{line}'\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    (sim, program)
}

/// Sixty sessions with sells, targets, a reverse mode and its MOC day; two strategies of both versions.
#[test]
fn the_slow_way_comes_to_the_same_lines() {
    let two = [("tqqq", "infinite_v40", "TQQQ", 20_000), ("soxl", "infinite_v22", "SOXL", 10_000)];
    let stage = Stage::new(&two.map(|(name, kind, symbol, usd)| strategy(name, kind, symbol, usd, 20)).concat());
    let span = ["--from", "2025-01-15", "--to", "2025-04-10"];
    let (fast, sum) = stage.rehearse(&span);
    let (_sim, program) = gateway_as_program(&stage, "2025-01-15T14:30:00Z", 60_000);
    let (slow, sum_of_slow) =
        stage.rehearse(&[&span[..], &["--slow", "--kis-sim", program.to_str().unwrap()]].concat());
    assert_eq!(fast.len(), 61);
    assert!(fast.iter().any(|line| line.contains("moc")), "a MOC day is among them");
    for (fast, slow) in fast.iter().zip(&slow) {
        assert_eq!(fast, slow);
    }
    assert_eq!((slow.len(), sum_of_slow), (fast.len(), sum));
}

#[test]
fn the_first_line_says_that_it_is_idealised() {
    let stage = Stage::v40(40);
    let output = stage.run(Path::new(BARS), &["--to", "2025-03-31"]);
    let said = text(&output.stdout);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "idealised: no slippage; the closing auction fills whole");
    assert_eq!(lines[1], "2025-01-03 to 2025-03-31: 59 sessions, 0.24 years");
    assert_eq!((lines.len(), output.stderr.is_empty()), (5, true), "{said}");
    fs::write(
        stage.path("config.toml"),
        fs::read_to_string(stage.path("config.toml")).unwrap().replace("\"en\"", "\"ko\""),
    )
    .unwrap();
    let korean = text(&stage.run(Path::new(BARS), &["--to", "2025-03-31"]).stdout);
    assert!(korean.starts_with("이상적인 조건입니다: 슬리피지가 없고, 종가 단일가에서 전량 체결됩니다\n"), "{korean}");
}

#[test]
fn what_can_not_be_rehearsed_is_refused_with_the_next_step() {
    let rule_alone = Stage::new("[buy]\nwatch = [\"TQQQ\"]\n");
    let output = rule_alone.run(Path::new(BARS), &[]);
    assert_eq!(output.status.code(), Some(78));
    assert!(text(&output.stderr).contains("next: add a [[strategy]] table"), "{}", text(&output.stderr));
    let stage = Stage::v40(20);
    stage.bars("TQQQ", "2025-01-02,80,81,79,80,5\n2025-01-03,40,41,39,40,5\n");
    let output = stage.run(&stage.path("bars"), &[]);
    assert_eq!(output.status.code(), Some(65));
    assert!(text(&output.stderr).contains("near 2:1: unadjusted split?"), "{}", text(&output.stderr));
    let output = stage.run(&stage.path("none"), &["--json"]);
    assert_eq!(output.status.code(), Some(65));
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(object["exit_code"], 65);
    let output = stage.run(Path::new(BARS), &["--from", "2030-01-01"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_missing_session_is_named_and_left_out() {
    let stage = Stage::v40(20);
    let bar = |day: u32| format!("2025-01-{day:02},80,81,79,80,5\n");
    stage.bars("TQQQ", &[2, 3, 6, 8, 10, 13].map(bar).concat());
    let output = stage.run(&stage.path("bars"), &["--csv", stage.path("rows.csv").to_str().unwrap()]);
    let said = text(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("TQQQ: 1 sessions of NYSE have no bar and are left out: 2025-01-07"), "{said}");
    let rows = fs::read_to_string(stage.path("rows.csv")).unwrap();
    let orders = |date: &str| rows.lines().find(|line| line.starts_with(date)).unwrap().matches(" TQQQ loc ").count();
    assert_eq!(rows.lines().count(), 6);
    assert!(["2025-01-08", "2025-01-10"].into_iter().all(|date| orders(date) > 0), "it goes on: {rows}");
}

#[test]
fn a_program_is_asked_for_a_rehearsal_and_both_ways_agree() {
    let stage = Stage::new("");
    let asked = stage.path("asked");
    // Keeps what it was asked.
    let order = r#"{"tag":"a","symbol":"TQQQ","side":"buy","quantity":5,"kind":"loc","limit_price":"84.00"}"#;
    let answer = format!(r#"{{"protocol":1,"orders":[{order}],"state":{{"buys":[1,"two"]}}}}"#);
    let script = format!("#!/bin/sh\nread -r question\necho \"$question\" >> {}\necho '{answer}'\n", asked.display());
    fs::write(stage.path("rule.sh"), script).unwrap();
    fs::set_permissions(stage.path("rule.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    let dip = "[[strategy]]\nname = \"dip\"\nkind = \"program\"\ncommand = [\"./rule.sh\"]\nsymbols = [\"TQQQ\"]\n\
               principal_usd = 10000\nsettings = { symbol = \"TQQQ\" }\n";
    let config = fs::read_to_string(stage.path("config.toml")).unwrap();
    fs::write(stage.path("config.toml"), config + dip).unwrap();
    let span = ["--from", "2025-01-06", "--to", "2025-01-13"];
    let (fast, _) = stage.rehearse(&span);
    let questions = fs::read_to_string(&asked).unwrap();
    assert_eq!((questions.lines().count(), fast.len()), (5, 6), "once a session");
    assert!(questions.lines().all(|line| line.contains("\"purpose\":\"rehearsal\"")), "{questions}");
    let (_sim, program) = gateway_as_program(&stage, "2025-01-06T14:30:00Z", 20_000);
    let (slow, _) = stage.rehearse(&[&span[..], &["--slow", "--kis-sim", program.to_str().unwrap()]].concat());
    assert_eq!(fast, slow);
    assert!(fast[1..].iter().any(|line| line.contains("buy 5 TQQQ loc")), "{fast:?}");
}

#[test]
fn the_page_shows_equity_beside_holding() {
    let stage = Stage::v40(40);
    let page = stage.path("page.html");
    stage.rehearse(&["--fee-percent", "0", "--html", page.to_str().unwrap()]);
    let html = fs::read_to_string(&page).unwrap();
    assert!(html.contains("<title>TQQQ kis-rehearse</title>") && html.contains("class=\"line other\""), "{html}");
    assert!(html.contains("22,450.04") && html.contains("<span>2025-04</span>"), "{html}");
    assert!(html.contains("idealised: no slippage"), "{html}");
    fs::write(&page, "notes of mine").unwrap();
    let output = stage.run(Path::new(BARS), &["--html", page.to_str().unwrap()]);
    assert_eq!((output.status.code(), fs::read_to_string(&page).unwrap().as_str()), (Some(74), "notes of mine"));
}

#[test]
fn bars_come_from_kis_in_pages_and_are_read_again() {
    let stage = Stage::v40(20);
    let sim =
        Sim::start(Options { start: Some("2025-09-17T14:30:00Z".parse().unwrap()), ..Options::default() }).unwrap();
    let config = fs::read_to_string(stage.path("config.toml")).unwrap();
    let gateway = format!("[gateway]\nbase_url = \"{}\"\nrequests_per_second = 1000\n", sim.gateway_url());
    fs::write(stage.path("config.toml"), config + &gateway).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_kis-rehearse"))
        .args(["--fetch", "TQQQ", "--from", "2025-02-03", "--config"])
        .arg(stage.path("config.toml"))
        .arg("--bars")
        .arg(stage.path("bars"))
        .env_clear()
        .envs([("KIS_APP_KEY", kis_sim::REAL_KEY), ("KIS_APP_SECRET", &kis_sim::real_secret())])
        .envs([("KIS_ACCOUNT_NO", kis_sim::REAL_ACCOUNT), ("KIS_TRADE_NOW", "2025-09-17T14:30:00Z")])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    assert!(said.starts_with("156 bars of TQQQ, 2025-02-03 to 2025-09-16, splits reckoned in: "), "{said}");
    let fetched = fs::read_to_string(stage.path("bars/TQQQ.csv")).unwrap();
    let own = fs::read_to_string(format!("{BARS}/TQQQ.csv")).unwrap();
    let span = own.lines().filter(|line| ("2025-02-03".."2025-09-17").contains(&&line[..10]));
    assert_eq!(fetched.lines().skip(1).collect::<Vec<_>>(), span.collect::<Vec<_>>());
    assert!(stage.run(&stage.path("bars"), &[]).status.success());
}
