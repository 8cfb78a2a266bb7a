//! config.toml: what kind of file it is, how it is encoded, and every key with every bad value.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::faults::bad_input::table::{Bench, Row, Site, make_fifo, row};

/// Keys that take a number, each with a value just beyond its range.
const NUMBERS: [(&str, &str); 35] = [
    ("gateway.timeout_seconds", "121"),
    ("gateway.requests_per_second", "10001"),
    ("gateway.ledger_requests_per_second", "10001"),
    ("lock.wait_seconds", "3601"),
    ("lock.min_interval_seconds", "3601"),
    ("token.renew_at_hours_left", "24"),
    ("token.warn_at_hours_left", "24"),
    ("token.attempts", "11"),
    ("token.retry_delay_seconds", "601"),
    ("buy.picks", "1001"),
    ("buy.min_decline_percent", "101"),
    ("buy.max_quantity", "1000001"),
    ("buy.limit_offset_percent", "200"),
    ("buy.min_cash_usd", "100000001"),
    ("sell.take_profit_percent", "500"),
    ("sell.fallback_take_profit_percent", "150"),
    ("sell.stop_loss_percent", "1500"),
    ("sell.cooldown_days", "3651"),
    ("sell.sells_per_run", "1001"),
    ("sell.limit_offset_percent", "100"),
    ("sell.stop_loss_offset_percent", "100"),
    ("cleanup.cancel_buys_after_minutes", "1441"),
    ("cleanup.cancel_sells_after_minutes", "1441"),
    ("limits.max_order_usd", "100000001"),
    ("limits.max_buy_usd_per_day", "100000001"),
    ("limits.max_positions", "1001"),
    ("limits.max_daily_loss_percent", "500"),
    ("limits.max_position_usd", "100000001"),
    ("limits.max_price_move_percent", "1001"),
    ("fees.percent", "5.01"),
    ("gateway.settle_seconds", "[301]"),
    ("gateway.settle_seconds", "[10, 2]"),
    ("limits.plausible_profit_percent", "[100, -50]"),
    ("limits.plausible_profit_percent", "[-50]"),
    ("limits.plausible_profit_percent", "[-101, 100]"),
];

/// What is no plain decimal number within anybody's range.
const BAD_NUMBERS: [&str; 12] = [
    "-1",
    "1e308",
    "1e-400",
    "nan",
    "inf",
    "\"5\"",
    "\"1,000\"",
    "true",
    "0x10",
    "[5]",
    "2026-03-09",
    "99999999999999999999999999999",
];

/// Keys that may not be zero.
const POSITIVE: [&str; 9] = [
    "gateway.timeout_seconds",
    "gateway.requests_per_second",
    "gateway.ledger_requests_per_second",
    "token.renew_at_hours_left",
    "token.attempts",
    "buy.picks",
    "buy.max_quantity",
    "limits.max_order_usd",
    "limits.max_positions",
];

fn refused<'a>(name: impl Into<String>, word: impl Into<String>, arrange: impl Fn(&mut Site) + 'a) -> Row<'a> {
    row(name, 78, word, arrange).after(|_, told| match told.object["reason"].as_str() {
        Some("config_invalid") => Ok(()),
        other => Err(format!("reason {other:?}")),
    })
}

/// A row that sets one key to one value; the message must name key and line.
fn key_row(key: &'static str, value: &str) -> Row<'static> {
    let name = key.split_once('.').map_or(key, |(_, name)| name);
    let value = value.to_owned();
    refused(format!("{key} = {value}"), name, move |site| {
        site.set(key, &value);
    })
    .after(|_, told| if told.stderr.contains("line ") { Ok(()) } else { Err(format!("no line: {}", told.stderr)) })
}

fn bytes_row(name: &str, word: &str, bytes: impl Into<Vec<u8>>) -> Row<'static> {
    let bytes = bytes.into();
    refused(name, word, move |site| {
        site.config(bytes.clone());
    })
}

/// Puts the good configuration through a change of its text.
fn text_row(name: &str, exit: i32, word: &str, change: impl Fn(String) -> Vec<u8> + 'static) -> Row<'static> {
    row(name, exit, word, move |site| {
        let text = change(site.config_text());
        site.config(text);
    })
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn the_file_itself() {
    let bench = Bench::new();
    bench.check(vec![
        text_row("a byte order mark is fine", 0, "planned", |text| format!("\u{feff}{text}").into_bytes()),
        text_row("CRLF is fine", 0, "planned", |text| text.replace('\n', "\r\n").into_bytes()),
        bytes_row("empty", "watch", ""),
        bytes_row("only a byte order mark", "watch", "\u{feff}"),
        text_row("UTF-16 with its mark", 78, "UTF-16", |text| utf16(&format!("\u{feff}{text}"))),
        text_row("UTF-16 without one", 78, "NUL", |text| utf16(&text)),
        text_row("Latin-1", 78, "UTF-8", |text| [text.as_bytes(), b"# caf\xe9\n"].concat()),
        text_row("a NUL byte", 78, "NUL", |text| text.replace("mode", "mo\0de").into_bytes()),
        text_row("a NUL byte at the end", 78, "NUL", |text| format!("{text}\0").into_bytes()),
        bytes_row("broken TOML", "line 1", "mode = paper\n[buy\nwatch = [\"AAPL\"]\n"),
        bytes_row("not TOML at all", "line 1", "{\"mode\": \"paper\"}"),
        bytes_row("deep nesting", "line", "a = ".to_owned() + &"[".repeat(50_000)),
        text_row("a key twice", 78, "duplicate", |text| format!("mode = \"paper\"\n{text}").into_bytes()),
        text_row("a section twice", 78, "line", |text| format!("{text}\n[buy]\npicks = 3\n").into_bytes()),
        text_row("ANSI escapes in a comment", 78, "", |text| format!("# \u{1b}[2J\n{text}x = 1\n").into_bytes()),
        refused("100 MB", "larger than", |site| {
            let _ = fs::remove_file(site.path("config.toml"));
            File::create(site.path("config.toml")).unwrap().set_len(100 << 20).unwrap();
        }),
        refused("missing", "there is no configuration file", |site| {
            site.arguments(["--config", "nowhere.toml", "buy"]);
        }),
        refused("a directory", "directory", |site| fs::create_dir(site.path("config.toml")).unwrap()),
        refused("a FIFO", "pipe", |site| make_fifo(&site.path("config.toml"))),
        refused("a device", "regular", |site| {
            site.arguments(["--config", "/dev/zero", "buy"]);
        }),
        refused("a link in circles", "link", |site| symlink("config.toml", site.path("config.toml")).unwrap()),
        refused("below a file", "irectory", |site| {
            site.arguments(["--config", "config.toml/x", "buy"]);
        }),
        row("unreadable", if is_root() { 0 } else { 78 }, "", |site| {
            let text = site.config_text();
            crate::faults::bad_input::table::write(&site.path("config.toml"), text.as_bytes(), 0o644);
            fs::set_permissions(site.path("config.toml"), Permissions::from_mode(0o000)).unwrap();
        }),
        refused("an empty name", "KIS_TRADE_CONFIG", |site| {
            site.env("KIS_TRADE_CONFIG", "");
        }),
        refused("an empty state directory", "empty", |site| {
            site.env("KIS_TRADE_STATE_DIR", "");
        }),
        bytes_row(
            "all problems at once",
            "7 problems",
            "mode = \"reel\"\n[gateway]\ntimeout_seconds = 0\nspeed = 1\n[buy]\nwatch = [\"SOUN\", \"soun\", \
             \"SOUN\"]\npicks = 0\n[limits]\nmax_order_usd = 900\nmax_buy_usd_per_day = 800\n",
        ),
    ]);
}

#[test]
fn every_number_key_with_a_value_beyond_its_range() {
    let mut rows: Vec<Row<'_>> = NUMBERS.iter().map(|(key, value)| key_row(key, value)).collect();
    rows.extend(POSITIVE.iter().map(|key| key_row(key, "0")));
    Bench::new().check(rows);
}

#[test]
fn every_number_key_with_what_is_no_number() {
    // Every key meets every bad number, one file a bad number: each key must be told with its line.
    let keys: Vec<&str> = NUMBERS.iter().map(|(key, _)| *key).filter(|key| !is_list(key)).collect();
    let rows = BAD_NUMBERS.iter().map(|bad| {
        let names: Vec<&str> = keys.clone();
        row(format!("all numbers are {bad}"), 78, "problems", move |site| {
            for key in &names {
                site.set(key, bad);
            }
        })
        .after({
            let names = keys.clone();
            move |_, told| {
                let line_of = |key: &str| {
                    let name = key.split_once('.').map_or(key, |(_, name)| name);
                    told.stderr.lines().any(|line| line.contains("line ") && line.contains(&format!("{name} =")))
                };
                let untold: Vec<&&str> = names.iter().filter(|key| !line_of(key)).collect();
                if untold.is_empty() { Ok(()) } else { Err(format!("{untold:?} not told: {}", told.stderr)) }
            }
        })
    });
    let mut rows: Vec<Row<'_>> = rows.collect();
    // And alone, since a file with one slip is what people write.
    let alone = ["buy.picks", "limits.max_order_usd", "sell.stop_loss_percent", "gateway.timeout_seconds"];
    for key in alone {
        rows.extend(
            BAD_NUMBERS.iter().chain(&["１２", "1.2.3", "5%", "1_000_", "\"\"", "{}"]).map(|bad| key_row(key, bad)),
        );
    }
    rows.push(key_row("buy.picks", "2.5"));
    rows.push(key_row("limits.max_positions", "0.1"));
    Bench::new().check(rows);
}

fn is_list(key: &str) -> bool {
    matches!(key, "gateway.settle_seconds" | "limits.plausible_profit_percent")
}

#[test]
fn words_and_lists() {
    let long = format!("[{}]", (0..1001).map(|index| format!("\"A{index}\"")).collect::<Vec<_>>().join(","));
    let mut rows = Vec::new();
    for key in ["buy.watch", "buy.filter", "sell.keep"] {
        for bad in [
            "\"AAPL\"",
            "[\"AAPL\", \"AAPL\"]",
            "[\"aapl\"]",
            "[\"AA PL\"]",
            "[\" AAPL\"]",
            "[\"\"]",
            "[\"ABCDEFGHIJKLM\"]",
            "[\"../x\"]",
            "[\"A;rm\"]",
            "[\"AAPL\u{202e}\"]",
            "[\"ＡＡＰＬ\"]",
            "[\"A\\nB\"]",
            "[\"A\\u001b[2J\"]",
            "[\"--help\"]",
            "[\"$(id)\"]",
            "[\"NAS:AAPL\"]",
            "[\"LSE:VOD\"]",
            "[\"NASD:NASD:AAPL\"]",
            "[1]",
            "[[\"AAPL\"]]",
            "[\"1AAPL\"]",
        ] {
            rows.push(key_row(key, bad));
        }
        rows.push(key_row(key, &long));
    }
    rows.push(key_row("buy.watch", "[]"));
    rows.push(key_row("buy.watch", "[\"AAPL\", \"NASD:AAPL\"]"));
    for (key, bad) in [
        ("mode", "\"Paper\""),
        ("mode", "\"\""),
        ("mode", "true"),
        ("mode", "\"paper \""),
        ("mode", "\"real\\n\""),
        ("buy.rebuy", "\"never\""),
        ("buy.rebuy", "1"),
        ("sell.positions", "\"none\""),
        ("sell.sells_per_run", "\"some\""),
        ("sell.sells_per_run", "0"),
        ("market.buy_until", "\"9:30\""),
        ("market.buy_until", "\"16:01\""),
        ("market.buy_until", "\"25:00\""),
        ("market.buy_until", "\"15:30:00\""),
        ("market.buy_until", "15:30:00"),
        ("market.buy_until", "\"15：30\""),
        ("state_dir", "\"\""),
        ("state_dir", "5"),
        ("state_dir", "\"~/state\""),
        ("state_dir", "\"a\\u0000b\""),
        ("account.credentials_file", "\"\""),
        ("gateway.settle_seconds", "[]"),
        ("gateway.settle_seconds", "[1,2,3,4,5,6]"),
        ("gateway.settle_seconds", "[\"2\"]"),
        ("limits.plausible_profit_percent", "[1,2,3]"),
        ("limits.plausible_profit_percent", "[\"a\",\"b\"]"),
    ] {
        rows.push(key_row(key, bad));
    }
    for (key, word) in [
        ("pick", "picks"),
        ("buy.pick", "picks"),
        ("limits.max_order", "max_order_usd"),
        ("gateway.url", "unknown"),
        ("moode", "mode"),
        ("sell.watch", "[buy]"),
        ("trading.x", "unknown section [`trading`]"),
    ] {
        rows.push(refused(format!("unknown key {key}"), word, move |site| {
            site.set(key, "1");
        }));
    }
    rows.push(refused("a budget above the cap", "max_buy_usd_per_day", |site| {
        site.set("limits.max_order_usd", "900").set("limits.max_buy_usd_per_day", "800");
    }));
    rows.push(refused("a warning before the renewal", "warn_at_hours_left", |site| {
        site.set("token.renew_at_hours_left", "1").set("token.warn_at_hours_left", "2");
    }));
    rows.push(row("amounts that binary fractions miss are exact", 0, "planned", |site| {
        site.set("limits.max_order_usd", "0.1e0").set("limits.max_order_usd", "1999.9999999999999999");
    }));
    Bench::new().check(rows);
}

#[test]
fn addresses_and_modes() {
    let mut rows = Vec::new();
    for bad in [
        "http://10.0.0.1:9443",
        "http://example.com",
        "http://localhost:9443",
        "http://127.0.0.1.example.com:9443",
        "http://128.0.0.1:80",
        "http://0.0.0.0:9443",
        "http://[::2]:9443",
        "http://[::ffff:127.0.0.1]:9443",
        "http://2130706433/",
        "http://0x7f.1:9443",
        "http://127.1:9443",
        "http://127.0.0.1:0",
        "http://127.0.0.1:70000",
        "http://127.0.0.1:-1",
        "http://127.0.0.1:",
        "http://127.0.0.1:9443/uapi",
        "http://127.0.0.1:9443?x",
        "http://127.0.0.1:9443#x",
        "http://127.0.0.1:9443\\\\x",
        "http://user:pa55word@127.0.0.1:9443",
        "http://127.0.0.1@example.com:9443",
        "https://127.0.0.1:9443",
        "https://example.com",
        "https://openapi.koreainvestment.com",
        "https://openapi.koreainvestment.com:9443.example.com",
        "https://openapi.koreainvestment.com:9443/x",
        "http://openapivts.koreainvestment.com:29443",
        "http://openapi.koreainvestment.com:9443",
        "HTTPS://OPENAPIVTS.KOREAINVESTMENT.COM:29443",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "127.0.0.1:9443",
        " http://127.0.0.1:9443",
        "http://127.0.0.1:9443\\u0000",
        "http://127.0.0.1:9443\\n",
        "",
    ] {
        rows.push(refused(format!("base_url {bad:?}"), "base_url", move |site| {
            site.set("gateway.base_url", &format!("\"{bad}\"")).secret("pa55word");
        }));
    }
    rows.push(refused("a base_url that is no text", "base_url", |site| {
        site.set("gateway.base_url", "9443");
    }));
    rows.push(refused("paper at the real gateway", "mode", |site| {
        site.set("gateway.base_url", "\"https://openapi.koreainvestment.com:9443\"");
    }));
    rows.push(refused("real at the paper gateway", "mode", |site| {
        site.set("mode", "\"real\"").set("gateway.base_url", "\"https://openapivts.koreainvestment.com:29443\"");
    }));
    rows.push(refused("rates of the loopback at KIS", "requests_per_second", |site| {
        site.unset("gateway.base_url");
    }));
    rows.push(row("real with the state of paper that ordered nothing", 78, "EGW00213", |site| {
        site.set("mode", "\"real\"");
    }));
    rows.push(row("real with paper's keys and no state", 78, "make `mode` and the credentials agree", |site| {
        fs::remove_dir_all(site.state("")).unwrap();
        site.set("mode", "\"real\"");
    }));
    Bench::new().check(rows);
}

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
