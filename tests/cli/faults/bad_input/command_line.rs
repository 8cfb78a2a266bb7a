//! The command line.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;

use crate::faults::bad_input::table::{Bench, Row, row};

fn usage(name: &str, word: &str, arguments: Vec<OsString>) -> Row<'static> {
    row(name, 2, word, move |site| {
        site.arguments(&arguments);
    })
    .after(|site, told| {
        if told.object["reason"] != "usage" {
            return Err(format!("reason {}", told.object["reason"]));
        }
        // Nothing was looked at, hence nothing was written down.
        if site.states("last_run").is_empty() { Ok(()) } else { Err("a run was written down".to_owned()) }
    })
}

fn words(text: &str) -> Vec<OsString> {
    text.split_whitespace().map(OsString::from).collect()
}

#[test]
fn unusable_arguments() {
    let secret = kis_sim::paper_secret();
    let mut rows = Vec::new();
    for (text, word) in [
        ("", "Usage"),
        ("trade", "trade"),
        ("Buy", "Buy"),
        ("buy sell", "sell"),
        ("buy AAPL", "AAPL"),
        ("buy --help=yes", "help"),
        ("buy --dry-ran", "--dry-ran"),
        ("buy --dry-run=yes", "dry-run"),
        ("buy --dry-run --dry-run", "--dry-run"),
        ("buy --mode real", "--mode"),
        ("buy --force", "--force"),
        ("status --dry-run", "--dry-run"),
        ("--config", "--config"),
        ("buy --config", "--config"),
        ("--config a --config b buy", "--config"),
        ("--state-dir a buy --state-dir b", "--state-dir"),
        ("-v -q buy", "verbose"),
        ("-v -v buy", "verbose"),
        ("-v buy -v", "verbose"),
        ("-v buy --verbose", "verbose"),
        ("-v buy -q", "quiet"),
        ("--config=a buy --config b", "--config"),
        ("token-check --force --offline", "offline"),
        ("token-check --force --force", "force"),
        ("cleanup --settle", "--settle"),
        ("-x", "-x"),
        ("buy -- --dry-run", "--dry-run"),
        ("buy -1", "-1"),
        ("ｂｕｙ", "unrecognized"),
    ] {
        rows.push(usage(&format!("{text:?}"), word, words(text)));
    }
    rows.push(usage("an empty --config", "--config", vec!["--config".into(), "".into(), "buy".into()]));
    rows.push(usage("an empty --state-dir", "--state-dir", vec!["--state-dir".into(), "".into(), "buy".into()]));
    rows.push(usage("--json twice", "json", words("--json buy")));
    rows.push(usage("--json on both sides", "json", words("buy --json")));
    rows.push(usage("a blank that is no ASCII", "unrecognized", vec!["buy\u{a0}--dry-run".into()]));
    rows.push(usage("an empty argument", "", vec!["".into()]));
    rows.push(usage("an empty argument after the command", "", vec!["buy".into(), "".into()]));
    for flag in ["--app-key", "--app-secret", "--account-no", "--token", "--kis-app-secret", "--password"] {
        rows.push(row(format!("{flag} and a secret"), 2, flag, {
            let secret = secret.clone();
            move |site| {
                site.arguments(["buy", flag, &secret]);
            }
        }));
        rows.push(row(format!("{flag}=secret"), 2, flag, {
            let secret = secret.clone();
            move |site| {
                site.arguments([OsStr::new("buy"), OsStr::new(&format!("{flag}={secret}"))]);
            }
        }));
    }
    let broken = OsString::from_vec(vec![b'b', b'u', 0xff, 0xfe]);
    rows.push(usage("a command that is not UTF-8", "", vec![broken.clone()]));
    rows.push(usage("an argument that is not UTF-8", "", vec!["buy".into(), broken.clone()]));
    rows.push(usage("a --settle that is not UTF-8", "", vec!["cleanup".into(), "--settle".into(), broken]));
    rows.push(usage("100 kB", "", vec!["buy".into(), "x".repeat(100_000).into()]));
    rows.push(usage("100 kB of flags", "", vec!["buy".into(), format!("--{}", "x".repeat(100_000)).into()]));
    rows.push(usage("terminal escapes", "", vec!["buy".into(), "\u{1b}[2J\u{202e}\u{7}".into()]));
    rows.push(usage("a line break", "", vec!["buy".into(), "a\nb".into()]));
    Bench::new().check(rows);
}

#[test]
fn unusable_settlements() {
    let mut rows = Vec::new();
    for bad in [
        "=",
        "absent",
        "=absent",
        "20230524-0001",
        "20230524-0001=",
        "20230524-0001=maybe",
        "20230524-0001=-5",
        "20230524-0001=0x10",
        "20230524-0001=12345678901",
        "20230524-0001=0000000000",
        "20230524-1=absent",
        "2023-05-24-0001=absent",
        "foreign=",
        "foreign=absent",
        "foreign=none",
        "foreign=１２",
        "../x=absent",
        "20230524-0001=absent=absent",
        "20230524-0001 = absent",
        "",
    ] {
        rows.push(row(format!("--settle {bad:?}"), 2, "--settle", move |site| {
            site.arguments(["cleanup", "--settle", bad]);
        }));
    }
    rows.push(row("--settle of 100 kB", 2, "--settle", |site| {
        site.arguments(["cleanup", "--settle", &"9".repeat(100_000)]);
    }));
    rows.push(row("--settle of a day that no calendar has", 2, "20230532-0001", |site| {
        site.arguments(["cleanup", "--settle", "20230532-0001=absent"]);
    }));
    rows.push(row("--settle of an intent nobody wrote", 2, "20230524-0001", |site| {
        site.arguments(["cleanup", "--settle", "20230524-0001=absent"]);
    }));
    Bench::new().check(rows);
}

#[test]
fn unusable_names_of_files() {
    let long = "x".repeat(5000);
    let broken = OsString::from_vec(vec![0xff, 0xfe]);
    let with = |flag: &str, value: &OsStr| vec![flag.into(), value.to_owned(), OsString::from("buy")];
    let mut rows = Vec::new();
    for (name, value, word) in [
        ("nowhere", OsStr::new("nowhere.toml"), "nowhere.toml"),
        ("too long", OsStr::new(&long), "can't be read"),
        ("not UTF-8", broken.as_os_str(), "there is no configuration file"),
        ("an escape", OsStr::new("a\u{1b}[2J.toml"), "there is no configuration file"),
    ] {
        let arguments = with("--config", value);
        rows.push(row(format!("--config {name}"), 78, word, move |site| {
            site.arguments(&arguments);
        }));
    }
    for (name, value, word) in [
        ("too long", OsStr::new(&long), "can't be"),
        ("root", OsStr::new("/"), "root"),
        ("a file", OsStr::new("config.toml"), "directory"),
        ("below a file", OsStr::new("config.toml/state"), "directory"),
        ("a device", OsStr::new("/dev/null"), "directory"),
    ] {
        let arguments = with("--state-dir", value);
        rows.push(row(format!("--state-dir {name}"), 78, word, move |site| {
            site.arguments(&arguments);
        }));
    }
    Bench::new().check(rows);
}
