//! Credentials: where they stand, who can read them, what they look like.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};

use crate::faults::bad_input::config::is_root;
use crate::faults::bad_input::table::{Bench, Row, Site, make_fifo, make_private_directory, row, write};

const NAMES: [&str; 3] = ["KIS_APP_KEY", "KIS_APP_SECRET", "KIS_ACCOUNT_NO"];
/// Makes a value of a good one.
type Spoil = fn(&str) -> String;

const KEYS: [&str; 3] = ["app_key", "app_secret", "account_no"];

fn refused<'a>(name: impl Into<String>, word: impl Into<String>, arrange: impl Fn(&mut Site) + 'a) -> Row<'a> {
    row(name, 78, word, arrange)
}

fn toml([key, secret, account]: &[String; 3]) -> String {
    format!("app_key = '{key}'\napp_secret = '{secret}'\naccount_no = '{account}'\n")
}

/// Moves the credentials into a file of this mode, after a change of its text.
fn into_file(site: &mut Site, mode: u32, change: impl Fn(String) -> Vec<u8>) {
    let credentials = site.take_credentials();
    write(&site.path("credentials.toml"), &change(toml(&credentials)), mode);
    site.set("account.credentials_file", "\"credentials.toml\"");
}

fn file_row(name: &str, word: &str, change: impl Fn(String) -> Vec<u8> + 'static) -> Row<'static> {
    refused(name, word, move |site| into_file(site, 0o600, &change))
}

/// Moves the credentials into a directory as systemd makes it.
fn into_directory(site: &mut Site) {
    let credentials = site.take_credentials();
    make_private_directory(&site.path("systemd"));
    for (name, value) in NAMES.iter().zip(&credentials) {
        write(&site.path("systemd").join(name), format!("{value}\n").as_bytes(), 0o444);
    }
    let path = site.path("systemd");
    site.env("CREDENTIALS_DIRECTORY", path);
}

#[test]
fn variables() {
    let mut rows = vec![refused("none at all", "no credentials are set", |site| {
        site.take_credentials();
    })];
    for name in NAMES {
        rows.push(refused(format!("{name} is missing"), name, move |site| {
            site.unset_env(name);
        }));
        let spoilt: [(&str, &str, Spoil); 10] = [
            ("empty", name, |_| String::new()),
            ("one character short", name, |good| good.chars().skip(1).collect()),
            ("one character long", name, |good| format!("{good}7")),
            ("with a line break", "line break", |good| format!("{good}\n")),
            ("with a space", "space", |good| format!(" {good}")),
            ("with a space inside", "space", |good| good.replacen(&good[3..4], " ", 1)),
            ("with a quote", "quote", |good| format!("'{good}'")),
            ("with a control character", name, |good| good.replacen(&good[3..4], "\u{1b}", 1)),
            ("with full-width digits", name, |good| good.replacen(&good[3..4], "１", 1)),
            ("a placeholder", name, |good| format!("YOUR_{}", &good[5..])),
        ];
        for (what, word, spoil) in spoilt {
            rows.push(refused(format!("{name} {what}"), word, move |site| {
                let [key, secret, account] = site.take_credentials();
                for (known, good) in NAMES.iter().zip([key, secret, account]) {
                    let value = if *known == name { spoil(&good) } else { good };
                    site.env(known, &value).secret(if value.len() > 8 { value.trim() } else { "" });
                }
            }));
        }
        rows.push(refused(format!("{name} is not UTF-8"), name, move |site| {
            use std::os::unix::ffi::OsStringExt;
            site.env(name, std::ffi::OsString::from_vec(vec![b'k', 0xe9, 0xff]));
        }));
    }
    for bad in [
        "5000000-01",
        "500000001-01",
        "5000000101",
        "50000001-1",
        "50000001-001",
        "50000001-AB",
        "50000001_01",
        "50000001–01",
        "A0000001-01",
        "50000001-01-01",
        "-50000001-01",
        "12345678-01 # mine",
        "********-**",
    ] {
        rows.push(refused(format!("account number {bad:?}"), "KIS_ACCOUNT_NO", move |site| {
            site.env("KIS_ACCOUNT_NO", bad).secret(bad);
        }));
    }
    rows.push(row("the account of somebody else, and nothing was ordered", 78, "OPSQ2000", |site| {
        site.env("KIS_ACCOUNT_NO", "50000009-01").secret("50000009");
    }));
    rows.push(row("the account of somebody else, and no state", 78, "account", |site| {
        fs::remove_dir_all(site.state("")).unwrap();
        site.env("KIS_ACCOUNT_NO", "50000009-01").secret("50000009");
    }));
    rows.push(row("a secret that KIS does not know", 77, "app secret", |site| {
        fs::remove_dir_all(site.state("")).unwrap();
        let wrong = "w".repeat(180);
        site.env("KIS_APP_SECRET", &wrong).secret(&wrong);
    }));
    rows.push(row("a key that KIS does not know", 77, "app key", |site| {
        fs::remove_dir_all(site.state("")).unwrap();
        let wrong = "PS".to_owned() + &"w".repeat(34);
        site.env("KIS_APP_KEY", &wrong).secret(&wrong);
    }));
    Bench::new().check(rows);
}

#[test]
fn files() {
    let mut rows = vec![
        row("a file of mode 600 is fine", 0, "planned", |site| into_file(site, 0o600, String::into_bytes)),
        row("a file of mode 400 is fine", 0, "planned", |site| into_file(site, 0o400, String::into_bytes)),
        row("with a byte order mark and CRLF it is fine", 0, "planned", |site| {
            into_file(site, 0o600, |text| format!("\u{feff}{}", text.replace('\n', "\r\n")).into_bytes());
        }),
        file_row("empty", "app_key", |_| Vec::new()),
        file_row("an unknown key", "unknown", |text| format!("{text}pin = '1'\n").into_bytes()),
        file_row("a key twice", "duplicate", |text| format!("{text}{text}").into_bytes()),
        file_row("without quotes", "line 1", |text| text.replace('\'', "").into_bytes()),
        file_row("JSON", "line 1", |text| format!("{{{text:?}: 1}}").into_bytes()),
        file_row("a number for the account", "account_no", |text| {
            text.replace("'50000001-01'", "5000000101").into_bytes()
        }),
        file_row("in a section", "unknown", |text| format!("[kis]\n{text}").into_bytes()),
        file_row("UTF-16", "UTF-16", |text| {
            format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
        }),
        file_row("a NUL byte", "NUL", |text| format!("{text}\0").into_bytes()),
        file_row("too large", "larger", |text| format!("{text}#{}", "x".repeat(70_000)).into_bytes()),
        refused("a directory", "directory", |site| {
            site.take_credentials();
            site.set("account.credentials_file", "\"credentials.toml\"");
            fs::create_dir(site.path("credentials.toml")).unwrap();
        }),
        refused("a FIFO", "pipe", |site| {
            site.take_credentials();
            site.set("account.credentials_file", "\"credentials.toml\"");
            make_fifo(&site.path("credentials.toml"));
        }),
        refused("missing", "credentials.toml", |site| {
            site.take_credentials();
            site.set("account.credentials_file", "\"credentials.toml\"");
        }),
        refused("a link", "link", |site| {
            into_file(site, 0o600, String::into_bytes);
            fs::rename(site.path("credentials.toml"), site.path("real.toml")).unwrap();
            symlink("real.toml", site.path("credentials.toml")).unwrap();
        }),
        refused("in config.toml instead", "app_secret", |site| {
            let credentials = site.take_credentials();
            let text = site.config_text().replace("[buy]", &format!("[account]\n{}[buy]", toml(&credentials)));
            site.config(text);
        }),
    ];
    for (key, name) in KEYS.iter().zip(["key", "secret", "account"]) {
        rows.push(refused(format!("{name} is missing"), *key, move |site| {
            into_file(site, 0o600, |text| {
                let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with(key)).collect();
                kept.join("\n").into_bytes()
            });
        }));
    }
    for mode in [0o644, 0o640, 0o604, 0o660, 0o666, 0o601, 0o777, 0o700 | 0o010] {
        rows.push(refused(format!("mode {mode:o}"), format!("{mode:04o}"), move |site| {
            into_file(site, mode, String::into_bytes);
        }));
    }
    if is_root() {
        rows.push(refused("a file of somebody else", "user 12345", |site| {
            into_file(site, 0o600, String::into_bytes);
            chown(site.path("credentials.toml"), Some(12_345), None).unwrap();
        }));
    }
    Bench::new().check(rows);
}

#[test]
fn credentials_directory() {
    let mut rows = vec![
        row("systemd's directory is fine", 0, "planned", into_directory),
        refused("a relative name that is not there", "no credentials are set", |site| {
            site.take_credentials();
            site.env("CREDENTIALS_DIRECTORY", "nowhere");
        }),
        refused("an empty name", "CREDENTIALS_DIRECTORY", |site| {
            site.take_credentials();
            site.env("CREDENTIALS_DIRECTORY", "");
        }),
    ];
    for name in NAMES {
        rows.push(refused(format!("{name} is missing"), name, move |site| {
            into_directory(site);
            fs::remove_file(site.path("systemd").join(name)).unwrap();
        }));
        rows.push(refused(format!("{name} is empty"), name, move |site| {
            into_directory(site);
            write(&site.path("systemd").join(name), b"\n", 0o400);
        }));
        rows.push(refused(format!("{name} is a directory"), name, move |site| {
            into_directory(site);
            fs::remove_file(site.path("systemd").join(name)).unwrap();
            fs::create_dir(site.path("systemd").join(name)).unwrap();
        }));
        rows.push(refused(format!("{name} has two lines"), name, move |site| {
            into_directory(site);
            let path = site.path("systemd").join(name);
            let text = fs::read_to_string(&path).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
            write(&path, format!("{text}{text}").as_bytes(), 0o400);
        }));
    }
    Bench::new().check(rows);
}
