//! The state directory: damaged, newer and foreign files, and things that are no files.

mod journal;
mod token;

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};

use serde_json::json;

use crate::faults::bad_input::config::is_root;
use crate::faults::bad_input::table::{Bench, Row, Site, make_fifo, make_private_directory, row};
use crate::support::harness::World;

type Put = fn(&Site, &str);

/// What may stand in the place of a state file and is no plain file.
const KINDS: [(&str, Put); 5] = [
    ("a directory", |site, name| fs::create_dir(site.state(name)).unwrap()),
    ("a FIFO", |site, name| make_fifo(&site.state(name))),
    ("a link", |site, name| {
        crate::faults::bad_input::table::write(&site.path("elsewhere"), b"", 0o600);
        symlink(site.path("elsewhere"), site.state(name)).unwrap();
    }),
    ("a dangling link", |site, name| symlink("nowhere", site.state(name)).unwrap()),
    ("a link to itself", |site, name| symlink(name, site.state(name)).unwrap()),
];

fn remove(site: &Site, name: &str) {
    let _ = fs::remove_file(site.state(name));
}

/// A row that puts `content` into a state file and leaves it there.
fn content_row(name: &'static str, what: &str, exit: i32, word: &str, content: Vec<u8>) -> Row<'static> {
    row(format!("{name} {what}"), exit, word, move |site| site.write_state(name, &content))
}

/// What no version of the program wrote.
fn damages() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("empty", Vec::new()),
        ("one brace", b"{".to_vec()),
        ("a list", b"[]".to_vec()),
        ("null", b"null".to_vec()),
        ("no version", b"{}".to_vec()),
        ("version null", b"{\"version\":null}".to_vec()),
        ("version as text", b"{\"version\":\"1\"}".to_vec()),
        ("version 0", b"{\"version\":0}".to_vec()),
        ("version -1", b"{\"version\":-1}".to_vec()),
        ("version 1.5", b"{\"version\":1.5}".to_vec()),
        ("nothing but its version", b"{\"version\":1}".to_vec()),
        ("NUL bytes", vec![0; 300]),
        ("no UTF-8", b"{\"version\":1,\"x\":\"\xff\"}".to_vec()),
        ("text after it", b"{\"version\":1}{\"version\":1}".to_vec()),
        ("2 MB", vec![b' '; 2 << 20]),
        ("deep", [b"{\"version\":1,\"x\":".as_slice(), &[b'['; 200_000]].concat()),
    ]
}

fn kept(name: &'static str) -> impl Fn(&Site, &crate::faults::bad_input::table::Told) -> Result<(), String> {
    move |site, told| {
        if told.stderr.contains(name) && fs::symlink_metadata(site.state(name)).is_ok() {
            Ok(())
        } else {
            Err(format!("{name} is not named: {}", told.stderr))
        }
    }
}

#[test]
fn small_files() {
    let mut rows = Vec::new();
    for name in ["account.json", "symbols.json", "equity_buy.json", "equity_status.json", "last_run_sell.json"] {
        // A dry run reads no last run.
        let arguments: &[&str] = if name.starts_with("last_run") { &["sell"] } else { &["buy", "--dry-run"] };
        // What a power cut may leave of a derived file counts as missing.
        let is_derived = name.starts_with("equity") || name.starts_with("last_run");
        let is_torn = |what: &str| is_derived && ["empty", "one brace", "NUL bytes", "deep"].contains(&what);
        let damages = damages().into_iter().filter(|(what, _)| !is_torn(what)).map(|(what, content)| {
            row(format!("{name} {what}"), 65, name, move |site| {
                site.write_state(name, &content);
                site.arguments(arguments);
            })
            .after(kept(name))
        });
        rows.extend(damages);
        rows.push(
            row(format!("{name} of a newer version"), 65, "version 2", move |site| {
                site.write_state(name, b"{\"version\":2,\"anything\":[1]}\n");
                site.arguments(arguments);
            })
            .after(kept(name)),
        );
        for (what, put) in KINDS {
            rows.push(
                row(format!("{name} is {what}"), 78, name, move |site| {
                    remove(site, name);
                    put(site, name);
                    site.arguments(arguments);
                })
                .after(kept(name)),
            );
        }
        if is_root() {
            rows.push(row(format!("{name} of somebody else"), 78, "another user", move |site| {
                site.write_state(name, b"{\"version\":1}");
                chown(site.state(name), Some(12_345), None).unwrap();
                site.arguments(arguments);
            }));
        }
    }
    Bench::new().check(rows);
}

#[test]
fn values_in_small_files() {
    let account = |print: &str, mode: &str| {
        json!({ "version": 1, "account_print": print, "mode": mode, "created_at": "2023-05-24T14:30:00Z" })
            .to_string()
            .into_bytes()
    };
    let symbols = |symbol: &str, known: serde_json::Value| {
        json!({ "version": 1, "symbols": { symbol: known } }).to_string().into_bytes()
    };
    let good = json!({ "exchange": "NASD", "last": "170" });
    let sample = |total: &str| {
        let sample = json!({ "at": "2023-05-24T14:00:00Z", "total": total });
        json!({ "version": 1, "dates": { "2023-05-24": { "first": sample, "latest": sample } } })
            .to_string()
            .into_bytes()
    };
    let rows = vec![
        // Nothing was ordered from it yet; what happens after an order the tests of the journal show.
        content_row("account.json", "of another account", 0, "planned", account("00000000", "paper")),
        content_row(
            "account.json",
            "of another account with escapes",
            0,
            "planned",
            account("\u{1b}[2J\u{202e}", "paper"),
        ),
        content_row("account.json", "of an unknown mode", 65, "account.json", account("00000000", "Paper")),
        content_row("symbols.json", "with a path for a symbol", 65, "symbols.json", symbols("../x", good.clone())),
        content_row("symbols.json", "with a small symbol", 65, "symbols.json", symbols("aapl", good.clone())),
        content_row(
            "symbols.json",
            "with an unknown exchange",
            65,
            "symbols.json",
            symbols("AAPL", json!({ "exchange": "LSE", "last": "1" })),
        ),
        content_row(
            "symbols.json",
            "with a price that is none",
            65,
            "symbols.json",
            symbols("AAPL", json!({ "exchange": "NASD", "last": "1e999999999" })),
        ),
        content_row("equity_buy.json", "with a total that is none", 65, "equity_buy.json", sample("NaN")),
        content_row("equity_buy.json", "with a comma", 65, "equity_buy.json", sample("10,000")),
        content_row("equity_buy.json", "that shows a loss", 0, "daily_loss_limit", sample("20000")),
        content_row("equity_buy.json", "of nothing at all", 0, "", sample("0")),
        content_row("equity_buy.json", "below nothing", 0, "", sample("-10000")),
        row("HALT is a directory", 80, "HALT exists", |site| make_private_directory(&site.state("HALT"))),
        row("HALT is a FIFO", 80, "HALT exists", |site| make_fifo(&site.state("HALT"))),
        row("HALT is a dangling link", 80, "HALT exists", |site| symlink("x", site.state("HALT")).unwrap()),
        content_row("HALT", "empty", 80, "HALT exists", Vec::new()),
        content_row("HALT", "with a reason", 80, "wrong prices", b"wrong prices\nmore\n".to_vec()),
        content_row("HALT", "with escapes", 80, "stop", "\u{1b}[2Jstop\u{7}\u{202e}\u{200b}".into()),
        content_row("HALT", "of 1 MB", 80, "halted", vec![b'x'; 1 << 20]),
        content_row("HALT", "no UTF-8", 80, "halted", vec![0xff, 0xfe, 0]),
        row("status goes on under HALT", 0, "halted", |site| {
            make_private_directory(&site.state("HALT"));
            site.arguments(["status"]);
        }),
    ];
    Bench::new().check(rows);
}

#[test]
fn a_damaged_last_run_does_not_stop_the_others() {
    let damaged = |site: &mut Site, arguments: &'static [&'static str]| {
        site.write_state("last_run_buy.json", b"{\"version\":2}");
        site.arguments(arguments);
    };
    Bench::new().check(vec![
        row("status", 0, "last_run_buy.json", move |site| damaged(site, &["status"])),
        row("cleanup", 0, "", move |site| damaged(site, &["cleanup"])),
        row("token-check", 0, "", move |site| damaged(site, &["token-check"])),
        row("buy --dry-run", 0, "planned", move |site| damaged(site, &["buy", "--dry-run"])),
        row("token-check and its own", 0, "last_run_token_check.json", |site| {
            site.write_state("last_run_token_check.json", b"{}");
            site.arguments(["token-check"]);
        })
        .after(|site, _| match site.read_state("last_run_token_check.json").as_slice() {
            b"{}" => Ok(()),
            other => Err(format!("it was replaced: {other:?}")),
        }),
    ]);
}

#[test]
fn fills_for_people() {
    let mut bench = Bench::bare(World::paper()).with_setting("buy.picks", "1");
    bench.world.sim.control("POST", "/fills", json!({ "mode": "at_once" }));
    bench = bench.seeded(&["buy"]).seeded(&["cleanup"]);
    let good = String::from_utf8(bench.seed_file("trades.csv")).unwrap();
    let row_of_order = good.lines().nth(1).unwrap().to_owned();
    let bench = bench;
    // All of it was written, and what a person does to the rows is his affair.
    let with = |name: &str, content: Vec<u8>| {
        let kept = content.clone();
        row(name, 0, "", move |site| {
            site.write_state("trades.csv", &content);
            site.arguments(["cleanup"]);
        })
        .after(move |site, _| match site.read_state("trades.csv") {
            text if text == kept => Ok(()),
            text => Err(format!("it was changed: {}", String::from_utf8_lossy(&text))),
        })
    };
    // What an older program wrote is taken from the file.
    let of_old = |name: &str, content: Vec<u8>| {
        let row_of_order = row_of_order.clone();
        row(format!("of an older program, {name}"), 0, "", move |site| {
            remove(site, "trades.json");
            site.write_state("trades.csv", &content);
            site.arguments(["cleanup"]);
        })
        .after(move |site, _| {
            let text = String::from_utf8_lossy(&site.read_state("trades.csv")).into_owned();
            match text.matches(&row_of_order).count() {
                1 => Ok(()),
                count => Err(format!("the fill stands there {count} times: {text}")),
            }
        })
    };
    let (header, rest) = good.split_at(good.find('\n').unwrap() + 1);
    let half = header.len() + rest.len() / 3;
    let mut rows = vec![
        with("as it is", good.clone().into_bytes()),
        with("empty", Vec::new()),
        with("only its header", header.into()),
        with("half a row", good[..half].into()),
        with("a row without its end", good.trim_end().into()),
        with("a formula behind it", format!("{good}=1+1,,,,,,,,,,,\r\n").into_bytes()),
        with("no text", b"\xff\xfe\0x\0".to_vec()),
        of_old("as it is", good.clone().into_bytes()),
        of_old("empty", Vec::new()),
        of_old("only its header", header.into()),
        of_old("half a row", good[..half].into()),
        of_old("a row without its end", good.trim_end().into()),
        of_old("nonsense behind it", format!("{good}nonsense,1,2\r\n").into_bytes()),
        of_old("other line ends", good.replace("\r\n", "\n").into_bytes()),
        row("deleted", 0, "", |site| {
            remove(site, "trades.csv");
            site.arguments(["cleanup"]);
        }),
        row("no text, and an older program's", 0, "trades.csv.new", |site| {
            remove(site, "trades.json");
            site.write_state("trades.csv", b"\xff\xfe\0x\0");
            site.arguments(["cleanup"]);
        }),
    ];
    for (what, put) in KINDS {
        rows.push(row(what, 0, "trades.csv.new", move |site| {
            remove(site, "trades.json");
            remove(site, "trades.csv");
            put(site, "trades.csv");
            site.arguments(["cleanup"]);
        }));
    }
    bench.check(rows);
}

/// A pacing file with a checksum that fits.
fn rate(version: u8, next_us: u64) -> Vec<u8> {
    let mut bytes = b"KR".to_vec();
    bytes.extend([version, 0]);
    bytes.extend([7; 16]);
    bytes.extend(next_us.to_le_bytes());
    bytes.extend([0; 16]);
    let checksum = crc32fast::hash(&bytes);
    bytes.extend(checksum.to_le_bytes());
    bytes
}

#[test]
fn pacing_and_locks() {
    let mut rows = Vec::new();
    for (what, content) in [
        ("empty", Vec::new()),
        ("one byte", vec![0]),
        ("short", rate(1, 5)[..47].to_vec()),
        ("zeros", vec![0; 48]),
        ("all ones", vec![0xff; 48]),
        ("long", [rate(1, 5), vec![1; 100_000]].concat()),
        ("of another boot", rate(1, 5)),
        ("of another boot, with a slot in a thousand years", rate(1, u64::MAX)),
    ] {
        rows.push(content_row("rate", what, 0, "planned", content));
    }
    rows.push(content_row("rate", "of a newer version", 65, "rate", rate(2, 5)));
    for name in ["rate", "account.lock", "api_token.lock"] {
        for (what, put) in KINDS {
            rows.push(row(format!("{name} is {what}"), 78, name, move |site| {
                remove(site, name);
                put(site, name);
            }));
        }
        rows.push(row(format!("{name} was open to others"), 0, "planned", move |site| {
            site.write_state(name, b"");
            fs::set_permissions(site.state(name), Permissions::from_mode(0o666)).unwrap();
        }));
    }
    for name in ["account.lock", "api_token.lock"] {
        rows.push(content_row(name, "with text in it", 0, "planned", b"\x1b[2J no JSON".to_vec()));
        rows.push(content_row(name, "of 1 MB", 0, "planned", vec![b'x'; 1 << 20]));
    }
    Bench::new().check(rows);
}

#[test]
fn a_held_lock() {
    use std::cell::RefCell;
    let held = RefCell::new(None);
    let hold = |site: &Site, note: &[u8]| {
        site.write_state("account.lock", note);
        let file = fs::File::open(site.state("account.lock")).unwrap();
        rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive).unwrap();
        held.replace(Some(file));
    };
    let (hold, word) = (&hold, "account.lock is held");
    let note = br#"{"pid":1,"command":"sell","started_at":"2023-05-24T14:30:00Z"}"#;
    let rude = "{\"pid\":1,\"command\":\"\u{202e}\\u001b[2J\",\"started_at\":\"2023-05-24T14:30:00Z\"}";
    Bench::new().check(vec![
        row("by somebody who says so", 75, word, move |site| hold(site, note)),
        row("by somebody who says nothing", 75, word, move |site| hold(site, b"")),
        row("by somebody who lies", 75, word, move |site| hold(site, b"{\"pid\":-1}")),
        row("by somebody who is rude", 75, word, move |site| hold(site, rude.as_bytes())),
        row("status needs none", 0, "", move |site| {
            hold(site, note);
            site.arguments(["status"]);
        }),
    ]);
}

fn set_mode(site: &Site, name: &str, mode: u32) {
    fs::set_permissions(site.path(name), Permissions::from_mode(mode)).unwrap();
}

fn is_private(site: &Site, name: &str) -> Result<(), String> {
    match fs::metadata(site.state(name)).unwrap().mode() & 0o777 {
        mode if mode & 0o077 == 0 => Ok(()),
        mode => Err(format!("{name} has mode {mode:o}")),
    }
}

#[test]
fn the_directory_itself() {
    let mut rows = vec![
        row("missing", 0, "planned", |site| fs::remove_dir_all(site.state("")).unwrap())
            .after(|site, _| is_private(site, "")),
        row("a link", 78, "is a symlink", |site| {
            fs::rename(site.state(""), site.path("real")).unwrap();
            symlink("real", site.path("state")).unwrap();
        }),
        row("a link with a slash", 78, "is a symlink", |site| {
            fs::rename(site.state(""), site.path("real")).unwrap();
            symlink("real", site.path("state")).unwrap();
            site.set("state_dir", "\"state/\"");
        }),
        row("a dangling link", 78, "is a symlink", |site| {
            fs::remove_dir_all(site.state("")).unwrap();
            symlink("nowhere", site.path("state")).unwrap();
        }),
        row("a file", 78, "is not a directory", |site| {
            fs::remove_dir_all(site.state("")).unwrap();
            crate::faults::bad_input::table::write(&site.path("state"), b"", 0o600);
        }),
        row("a FIFO", 78, "is not a directory", |site| {
            fs::remove_dir_all(site.state("")).unwrap();
            make_fifo(&site.path("state"));
        }),
        row("the root", 78, "root", |site| {
            site.set("state_dir", "\"/\"");
        }),
        row("in a folder that everybody may write", 78, "sticky", |site| set_mode(site, "", 0o777)),
        row("in a folder that everybody may write, with a sticky bit", 0, "planned", |site| set_mode(site, "", 0o1777)),
        row("that everybody may write", 0, "0700", |site| set_mode(site, "state", 0o777))
            .after(|site, _| is_private(site, "")),
        row("that others may read", 0, "0700", |site| set_mode(site, "state", 0o755))
            .after(|site, _| is_private(site, "")),
        row("a leftover of a killed run", 0, "planned", |site| site.write_state(".tmp-api_token.json-1", b"x")),
        row("files that nobody knows", 0, "planned", |site| {
            site.write_state("notes.txt", b"mine");
            site.write_state("orders-2023-13.jsonl", b"x");
            site.write_state("orders-2023-05.jsonl.bak", b"x");
        }),
    ];
    if is_root() {
        rows.push(row("of somebody else", 78, "another user", |site| {
            chown(site.state(""), Some(12_345), None).unwrap();
        }));
    }
    for name in ["api_token.json", "token_attempt.json", "symbols.json"] {
        rows.push(
            row(format!("{name} was open to others"), 0, name, move |site| {
                let content = site.read_state(name);
                let content = if content.is_empty() { b"{\"version\":1,\"symbols\":{}}".to_vec() } else { content };
                site.write_state(name, &content);
                set_mode(site, &format!("state/{name}"), 0o666);
            })
            .after(move |site, _| is_private(site, name)),
        );
    }
    Bench::new().check(rows);
}
