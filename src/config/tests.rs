//! Table tests of config.toml and the environment.

mod example;
mod korean;
mod lines;
mod notify;
mod places;
mod strategy_tables;

use std::collections::BTreeSet;
use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::time::Duration;

use rust_decimal::Decimal;
use tempfile::TempDir;

use super::*;
use crate::domain::{Level, Mode, NoticeKind};
use crate::exit::Exit;

const SECOND: Duration = Duration::from_secs(1);
const EXAMPLE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/config.example.toml"));
const MINIMAL: &str = "[buy]\nwatch = [\"SOUN\"]\n";

fn folder_with(content: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    File::create(&path).unwrap().write_all(content.as_ref()).unwrap();
    (folder, path)
}

fn put_secret(path: &Path, text: &str, mode: u32) {
    File::create(path).unwrap().write_all(text.as_bytes()).unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn load_text(content: impl AsRef<[u8]>) -> Result<Settings, Failure> {
    let (_folder, path) = folder_with(content);
    load(&path, None, &Environment::default())
}

/// Loads a file that must fail, and gives its problems, one a line.
fn problems(content: impl AsRef<[u8]>) -> String {
    let failure = load_text(content).expect_err("must be refused");
    assert_eq!((failure.exit(), failure.reason), (Exit::Config, Reason::ConfigInvalid));
    assert!(!failure.said.what.is_empty() && !failure.said.next.is_empty(), "{failure:?}");
    failure.said.because.en
}

/// The keys that a reading of `text` asks for, by dotted name.
fn asked(text: &str) -> Vec<String> {
    let document = Document::parse(text);
    let mut reader = reader::Reader::new(&document);
    settings::read_all(&mut reader, Path::new("/folder"), None);
    reader.finish().1
}

/// A file with one bad line: a section, the line as its second, and what else is needed.
fn with_line(section: &str, line: &str) -> String {
    let gateway = if section == "gateway!" { "base_url = \"http://127.0.0.1:1\"\n" } else { "" };
    let watch = if line.starts_with("watch") { "" } else { "watch = [\"SOUN\"]\n" };
    match section.trim_end_matches('!') {
        "" => format!("# first\n{line}\n[buy]\n{watch}"),
        "buy" => format!("[buy]\n{line}\n{watch}"),
        "gateway" => format!("[gateway]\n{line}\n{gateway}[buy]\n{watch}"),
        other => format!("[{other}]\n{line}\n[buy]\n{watch}"),
    }
}

/// A file with a date for every known key. No key takes a date, so each one that is read complains.
fn only_dates(keys: &[String]) -> String {
    let sections = keys.iter().filter_map(|key| key.split_once('.')).map(|(section, _)| section);
    let top = keys.iter().filter(|key| !key.contains('.'));
    let mut file: String = top.map(|key| format!("{key} = 2026-03-09\n")).collect();
    for section in sections.collect::<BTreeSet<_>>() {
        file += &format!("[{section}]\n");
        for key in keys.iter().filter_map(|key| key.strip_prefix(&format!("{section}."))) {
            file += &format!("{key} = 2026-03-09\n");
        }
    }
    file
}

#[test]
fn every_known_key_is_read() {
    let keys = asked("");
    let because = problems(only_dates(&keys));
    for key in &keys {
        assert!(because.contains(&format!("{} = 2026-03-09: must", document::label(key))), "{key}: {because}");
    }
    assert_eq!(because.lines().count(), keys.len());
}

#[test]
fn the_same_keys_are_asked_for_whatever_the_file_says() {
    let keys = asked("");
    assert!(keys.len() > 40, "{keys:?}");
    for text in [&only_dates(&keys), EXAMPLE, MINIMAL, "mode = \"real\"\n[gateway\n", "notify = 1\nping = []\n"] {
        assert_eq!(asked(text), keys, "{text}");
    }
    let mut sections =
        keys.iter().map(|key| key.split_once('.').map_or("", |(section, _)| section)).collect::<Vec<_>>();
    sections.dedup();
    assert_eq!(sections.len(), sections.iter().collect::<BTreeSet<_>>().len(), "sections are asked for one by one");
}

#[test]
fn all_problems_are_listed_at_once_in_the_order_of_the_file() {
    let because = problems(
        "mode = \"reel\"\r\n[gateway]\r\ntimeout_seconds = 0\r\nspeed = 1\r\n[buy]\r\nwatch = [\r\n\
              \"SOUN\",\r\n  \"soun\",\r\n  \"SOUN\",\r\n]\r\npicks = 0\r\n[limits]\r\nmax_order_usd = 900\r\n\
            max_buy_usd_per_day = 800\r\n",
    );
    let starts = ["line 1: mode", "line 3: [gateway] timeout_seconds", "line 4: [gateway] unknown key `speed`"];
    let more = [
        "line 8: [buy] watch = \"soun\"",
        "line 9: [buy] watch = \"SOUN\"",
        "line 11: [buy] picks",
        "line 13: [limits] max_order_usd",
    ];
    let lines = because.lines().collect::<Vec<_>>();
    assert_eq!(lines.len(), 7, "{because}");
    for (line, start) in lines.iter().zip(starts.into_iter().chain(more)) {
        assert!(line.starts_with(start), "{start}: {because}");
    }
    // The first line counts them.
    let failure = load_text("mode = 1\nx = 1\n").unwrap_err();
    assert!(failure.said.what.ends_with("config.toml has 3 problems"), "{failure:?}");
    assert!(load_text("x = 1\n[buy]\nwatch = [\"A\"]").unwrap_err().said.what.ends_with("has 1 problem"));
}

#[test]
fn broken_syntax_hides_only_what_it_makes_uncertain() {
    // A value that was understood is reported beside the broken line; what may only seem to be missing is not.
    let because = problems(
        "mode = paper\n[gateway]\ntimeout_seconds = 500\n[buy\nwatch = [\"SOUN\"]\n[token]\nretry_delay_seconds = 0\n",
    );
    let lines = because.lines().collect::<Vec<_>>();
    assert_eq!(lines.len(), 3, "{because}");
    assert!(lines[0].starts_with("line 1: mode: not TOML"), "{because}");
    assert!(lines[1].starts_with("line 3: [gateway] timeout_seconds = 500"), "{because}");
    assert!(lines[2].starts_with("line 4: not TOML"), "{because}");
    // A doubled key or section is named by its second line.
    for (file, line) in
        [("mode = \"paper\"\nmode = \"real\"\n", "line 2: mode: "), ("[buy]\n[sell]\n[buy]\n", "line 3: ")]
    {
        let because = problems(file);
        assert!(because.starts_with(line) && because.contains("duplicate key"), "{because}");
    }
    // A broken line may hold a secret.
    let because = problems("[account]\napp_secret = sesame\nopen sesame = \"sesame\"\nsesame\n");
    assert!(because.contains("line 2: app_secret: not TOML") && !because.contains("sesame"), "{because}");
    // Neither depth nor size gets the better of it.
    for file in [
        "[".repeat(100_000),
        "a = ".to_owned() + &"[".repeat(100_000),
        "a.".repeat(100_000),
        "\"".repeat(99_999),
        "=\n".repeat(100_000),
    ] {
        assert!(problems(file).lines().count() <= MOST_PROBLEMS + 1);
    }
    let unknown = (0..50_000).map(|index| format!("key{index} = 1\n")).collect::<String>();
    assert!(problems(unknown).ends_with(" more"));
}

#[test]
fn sections_may_be_written_in_other_ways_but_not_doubled() {
    for good in ["buy.watch = [\"A\"]\n", "buy = { watch = [\"A\"], picks = 2 }\n", "\"buy\".'watch' = [\"A\"]\n"] {
        assert!(load_text(good).is_ok(), "{good}");
    }
    assert!(problems("\"buy.picks\" = 5\n[buy]\nwatch = [\"A\"]\n").contains("line 1: unknown key `buy.picks`"));
    assert!(problems("[[buy]]\nwatch = [\"A\"]\n").contains("write [buy] on a line of its own, once"));
    assert!(problems("[mode]\n[buy]\nwatch = [\"A\"]\n").contains("line 1: mode = {…}: must be"));
    assert!(problems("[buy.more]\nx = 1\n[buy]\nwatch = [\"A\"]\n").contains("unknown key `more`"));
    assert!(problems("[[pong.target]]\nx = 1\n[buy]\nwatch = [\"A\"]\n").contains("line 1: unknown section [`pong`]"));
}

#[test]
fn a_hook_with_a_slash_starts_at_the_files_folder() {
    for (line, command) in [
        ("command = [\"bin/tell\", \"--all\"]", ["bin/tell", "--all"].as_slice()),
        ("command = [\"/bin/tell\", \"bin/x\"]", &["/bin/tell", "bin/x"]),
        ("command = [\"tell\"]", &["tell"]),
        ("command = []", &[]),
    ] {
        let read = load_text(with_line("notify", line)).unwrap().notify.command;
        let is_resolved = |(read, written): (&String, &&str)| {
            read == *written || (read.ends_with(&format!("/{written}")) && read.starts_with('/'))
        };
        assert!(read.len() == command.len() && read.iter().zip(command).all(is_resolved), "{line}: {read:?}");
        assert_eq!(read.first().is_some_and(|program| program.starts_with('/')), line.contains("bin/tell"), "{read:?}");
    }
}

#[test]
fn numbers_are_taken_exactly_as_written() {
    let settings = load_text(with_line(
        "sell",
        "take_profit_percent = 0.1\n\
        fallback_take_profit_percent = 0.2\nstop_loss_percent = 0.3000000000000000000000001",
    ))
    .unwrap();
    let sum = settings.sell.take_profit_percent + settings.sell.fallback_take_profit_percent.unwrap();
    assert_eq!(sum, "0.3".parse::<Decimal>().unwrap());
    assert_eq!(settings.sell.stop_loss_percent.unwrap().to_string(), "0.3000000000000000000000001");
    let settings = load_text(with_line("token", "renew_at_hours_left = 0.1\nretry_delay_seconds = 65.25")).unwrap();
    assert_eq!(settings.token.renew_at_left, Duration::from_secs(360));
    assert_eq!(settings.token.retry_delay, Duration::from_millis(65_250));
    let settings = load_text(with_line("limits", "max_order_usd = 1_999.99")).unwrap();
    assert_eq!(settings.limits.max_order.to_string(), "1999.99");
}

#[test]
fn zero_turns_off_what_can_be_turned_off() {
    let settings = load_text(
        "[buy]\nwatch = [\"A\"]\nfilter = []\n[sell]\nfallback_take_profit_percent = 0\n\
            stop_loss_percent = 0.0\nsells_per_run = \"all\"\npositions = \"all\"\n[cleanup]\n\
            cancel_buys_after_minutes = 0\ncancel_sells_after_minutes = 0\n[limits]\nmax_position_usd = 0\n\
            max_price_move_percent = 0\nplausible_profit_percent = []\n[lock]\nmin_interval_seconds = 0\n",
    )
    .unwrap();
    assert!(settings.buy.filter.is_empty() && settings.sell.sells_all_positions);
    assert_eq!((settings.sell.fallback_take_profit_percent, settings.sell.stop_loss_percent), (None, None));
    assert_eq!(settings.sell.sells_per_run, None);
    assert_eq!((settings.cleanup.cancel_buys_after, settings.cleanup.cancel_sells_after), (None, None));
    assert_eq!((settings.limits.max_position, settings.limits.max_price_move_percent), (None, None));
    assert_eq!(settings.limits.plausible_profit_percent, None);
    assert_eq!(settings.lock.min_interval, Duration::ZERO);
}

#[test]
fn a_limit_or_warning_left_out_follows_the_one_written() {
    let settings = load_text(with_line("limits", "max_buy_usd_per_day = 1000")).unwrap();
    assert_eq!(settings.limits.max_order, "1000".parse().unwrap());
    let settings = load_text(with_line("token", "renew_at_hours_left = 1")).unwrap();
    assert_eq!(settings.token.warn_at_left, 3600 * SECOND);
}

#[test]
fn a_loopback_gateway_loosens_rates_and_times() {
    let file = "mode = \"real\"\n[gateway]\nbase_url = \"http://127.0.0.1:1234/\"\ntimeout_seconds = 0.1\n\
        requests_per_second = 10000\nledger_requests_per_second = 10000\nsettle_seconds = [0, 0.01]\n[token]\n\
        retry_delay_seconds = 0\n[buy]\nwatch = [\"A\"]\n";
    let settings = load_text(file).unwrap();
    assert_eq!(settings.gateway.base_url, "http://127.0.0.1:1234");
    assert!(settings.gateway.is_loopback);
    assert_eq!(settings.gateway.timeout, Duration::from_millis(100));
    assert_eq!(settings.gateway.settle_after, [Duration::ZERO, Duration::from_millis(10)]);
    assert_eq!(settings.token.retry_delay, Duration::ZERO);
    // Without it, each of the same numbers is refused, by its own range.
    assert_eq!(problems(file.replace("base_url", "#base_url")).lines().count(), 6);
    // A refused address is the only problem: the ranges depend on it.
    assert_eq!(problems(file.replace("127.0.0.1", "10.0.0.1")).lines().count(), 1);
    let defaults = load_text("[gateway]\nbase_url = \"http://[::1]:80\"\n[buy]\nwatch = [\"A\"]\n").unwrap();
    assert_eq!(defaults.gateway.requests_per_second, Decimal::new(9, 1));
    assert_eq!(defaults.gateway.settle_after, [2 * SECOND, 10 * SECOND]);
    assert!(
        problems("mode = \"real\"\n[gateway]\nrequests_per_second = 18.01\n[buy]\nwatch = [\"A\"]\n")
            .contains("from 0.1 to 18")
    );
}
