//! The surroundings of a run: variables, open files, limits, folders.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use crate::faults::bad_input::table::{Bench, Row, row};

const EXEC: &str = "exec \"$0\" \"$@\"";

fn variable(name: &'static str, value: &'static str) -> Row<'static> {
    row(format!("{name}={value}"), 0, "planned", move |site| {
        site.env(name, value);
    })
}

fn script(name: &str, exit: i32, word: &str, before: &str, after: &str) -> Row<'static> {
    let script = format!("{before}{EXEC}{after}");
    row(name, exit, word, move |site| {
        site.shell(&script);
    })
}

#[test]
fn variables_that_change_nothing() {
    let mut rows = vec![
        row("no TZ", 0, "planned", |site| {
            site.unset_env("TZ");
        }),
        row("a variable that is not UTF-8", 0, "planned", |site| {
            use std::os::unix::ffi::OsStrExt;
            site.env("LC_ALL", std::ffi::OsStr::from_bytes(b"\xff\xfe"));
        }),
        row("a name that is not UTF-8", 0, "planned", |site| {
            use std::os::unix::ffi::OsStrExt;
            site.env(std::ffi::OsStr::from_bytes(b"KIS_\xff"), "x");
        }),
    ];
    for (name, value) in [
        ("TZ", "Pacific/Kiritimati"),
        ("TZ", "America/New_York"),
        ("TZ", ":/etc/passwd"),
        ("TZ", "Nowhere/Nothing"),
        ("TZ", "-99:99"),
        ("TZ", ""),
        ("LANG", "C"),
        ("LC_ALL", "de_DE.ISO-8859-1"),
        ("LC_NUMERIC", "de_DE"),
        ("HOME", "/nowhere"),
        ("HOME", ""),
        ("PATH", ""),
        ("TMPDIR", "/nowhere"),
        ("TERM", "\u{1b}[2J"),
        ("COLUMNS", "1"),
        ("COLUMNS", "-5"),
        ("NO_COLOR", "1"),
        ("CLICOLOR_FORCE", "1"),
        ("SSL_CERT_FILE", "/nowhere"),
        ("SSL_CERT_FILE", "/dev/zero"),
        ("SSL_CERT_DIR", "/nowhere"),
        ("NO_PROXY", "*"),
        ("RUST_BACKTRACE", "full"),
        ("RUST_LOG_STYLE", "always"),
        ("RUST_LOG", "off"),
        ("RUST_LOG", "no=such=level"),
        ("RUST_LOG", "trace"),
        ("RUST_LOG", "ureq=trace,rustls=trace,ureq_proto=trace"),
        ("RUST_LOG", "\u{1b}[2J"),
        ("NOTIFY_SOCKET", "/nowhere"),
        ("LD_LIBRARY_PATH", "/nowhere"),
    ] {
        rows.push(variable(name, value));
    }
    Bench::new().check(rows);
}

#[test]
fn proxies_are_ignored() {
    // Whoever listens there must not be called: it would be given the app secret.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let names = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    let rows = names.map(|name| {
        let proxy = proxy.clone();
        let listener = listener.try_clone().unwrap();
        row(name, 0, "planned", move |site| {
            site.env(name, &proxy);
            fs::remove_file(site.state("api_token.json")).unwrap();
        })
        .after(move |_, _| if listener.accept().is_err() { Ok(()) } else { Err("the proxy was called".to_owned()) })
    });
    Bench::new().check(rows.into());
}

#[test]
fn the_rehearsal_clock() {
    let mut rows = Vec::new();
    for bad in [
        "",
        "now",
        "2023-05-24",
        "2023-05-24T14:30:00",
        "2023-05-24 14:30",
        "1684938600",
        "2023-02-30T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "2023-05-24T14:30:00Z ",
        "２０２３-05-24T14:30:00Z",
        "2023-05-24T14:30:00Z\u{1b}[2J",
    ] {
        rows.push(row(format!("KIS_TRADE_NOW={bad:?}"), 78, "KIS_TRADE_NOW", move |site| {
            site.env("KIS_TRADE_NOW", bad);
        }));
    }
    for mode in ["paper", "real"] {
        rows.push(row(format!("KIS_TRADE_NOW with KIS's own gateway, {mode}"), 78, "loopback", move |site| {
            for key in ["base_url", "requests_per_second", "ledger_requests_per_second", "settle_seconds"] {
                site.unset(&format!("gateway.{key}"));
            }
            site.unset("token.retry_delay_seconds").set("mode", &format!("{mode:?}"));
        }));
    }
    for (name, now) in [("ten minutes late", "2023-05-24T14:20:00Z"), ("ten minutes early", "2023-05-24T14:40:00Z")] {
        rows.push(row(format!("a clock {name}"), 71, "clock", move |site| {
            site.env("KIS_TRADE_NOW", now).arguments(["buy"]);
        }));
        rows.push(row(format!("status with a clock {name}"), 0, "clock", move |site| {
            site.env("KIS_TRADE_NOW", now).arguments(["status"]);
        }));
    }
    Bench::new().check(rows);
}

#[test]
fn the_process() {
    let mut rows = vec![
        script("umask 000", 0, "planned", "umask 000; ", "").after(|site, _| {
            let mut open = site.states("");
            open.retain(|name| fs::metadata(site.state(name)).unwrap().mode() & 0o077 != 0);
            if open.is_empty() { Ok(()) } else { Err(format!("{open:?} are open to others")) }
        }),
        script("umask 777", 0, "planned", "umask 777; ", ""),
        script("ulimit -n 10", 0, "planned", "ulimit -n 10; ", ""),
        script("no core, little stack", 0, "planned", "ulimit -c 0; ulimit -s 256; ", ""),
        script("standard input closed", 0, "planned", "", " <&-"),
        script("standard error closed", 0, "planned", "", " 2>&-"),
        script("standard error full", 0, "planned", "", " 2>/dev/full"),
    ];
    for (name, redirect) in [
        ("standard output closed", " >&-"),
        ("all three closed", " <&- >&- 2>&-"),
        ("standard output full", " >/dev/full"),
        ("both outputs full", " >/dev/full 2>/dev/full"),
    ] {
        for text in [false, true] {
            let script = format!("{EXEC}{redirect}");
            rows.push(row(format!("{name}, text: {text}"), 0, "", move |site| {
                site.shell(&script).loses_stdout();
                if text {
                    site.plain();
                }
            }));
            let script = format!("{EXEC}{redirect}");
            rows.push(row(format!("{name}, failing, text: {text}"), 78, "", move |site| {
                site.shell(&script).loses_stdout().set("buy.picks", "0");
                if text {
                    site.plain();
                }
            }));
        }
    }
    rows.push(row("a FIFO nobody reads as standard output", 0, "", |site| {
        site.shell(&format!("{EXEC} | true; wait")).loses_stdout();
    }));
    rows.push(row("an empty environment", 78, "no credentials are set", |site| {
        site.take_credentials();
        site.unset_env("TZ").unset_env("HOME");
    }));
    rows.push(row("the working directory is gone", 78, "", |site| {
        let gone = site.path("gone");
        fs::create_dir(&gone).unwrap();
        site.in_directory(&gone).shell(&format!("rmdir \"$PWD\"; {EXEC}"));
        site.arguments(["buy", "--dry-run"]);
    }));
    rows.push(row("the working directory is gone, with absolute paths", 0, "planned", |site| {
        let gone = site.path("gone");
        fs::create_dir(&gone).unwrap();
        site.in_directory(&gone).shell(&format!("rmdir \"$PWD\"; {EXEC}"));
        let (config, state) = (site.path("config.toml"), site.state(""));
        let (config, state) = (config.to_str().unwrap(), state.to_str().unwrap());
        site.arguments(["--config", config, "--state-dir", state, "buy", "--dry-run"]);
    }));
    rows.push(row("the folder of the configuration is read-only", 0, "planned", |site| {
        fs::set_permissions(site.path(""), fs::Permissions::from_mode(0o555)).unwrap();
    }));
    Bench::new().check(rows);
}

#[test]
fn an_order_is_sent_once_whatever_becomes_of_the_outputs() {
    for redirect in [" <&- >&- 2>&-", " >/dev/full 2>/dev/full"] {
        let bench = Bench::new();
        bench.check(vec![
            row(format!("buy {redirect}"), 0, "", move |site| {
                site.arguments(["buy"]).shell(&format!("{EXEC}{redirect}")).loses_stdout();
            })
            .orders(3)
            .after(|site, _| {
                let journal = site.states("orders-");
                let text = String::from_utf8(site.read_state(&journal[0])).unwrap();
                let count = |kind: &str| text.matches(&format!("\"kind\":\"{kind}\"")).count();
                match (count("intent"), count("outcome")) {
                    (3, 3) => Ok(()),
                    other => Err(format!("{other:?} intents and outcomes")),
                }
            }),
        ]);
    }
}
