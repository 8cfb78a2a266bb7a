//! A canary: every command on every way to fail, with the log wide open. No piece of the app key, the app secret, the
//! token or the account number may stand in an output, a notification, a state file (the token's own apart), or a file's
//! name.

use std::cell::Cell;

use serde_json::{Value, json};

use crate::faults::bad_input::liar::{Answer, Liar};
use crate::faults::bad_input::table::{Bench, Site, write};
use crate::support::harness::World;

/// So many characters of a secret in one place are a leak.
const PIECE: usize = 10;

/// Spoils an answer with an echo of what the gateway knows of us.
type Lie = Box<dyn Fn(&mut Answer, &str) + Send>;

const COMMANDS: [&[&str]; 8] = [
    &["token-check"],
    &["token-check", "--force"],
    &["status"],
    &["buy", "--dry-run"],
    &["sell", "--dry-run"],
    &["buy"],
    &["sell"],
    &["cleanup"],
];

/// An account with a holding to sell and a bought order to settle, behind a gateway that can lie.
struct Scene {
    bench: Bench,
    liar: Liar,
    /// Notifications looked through.
    notified: Cell<usize>,
}

fn scene() -> Scene {
    let bench = Bench::bare(World::paper());
    let liar = Liar::start(&bench.world.sim.gateway_url());
    bench.world.sim.hold("AAPL", 10, "150");
    Scene { bench: bench.through(liar.url()).seeded(&["buy"]), liar, notified: Cell::new(0) }
}

fn credentials() -> [String; 3] {
    [kis_sim::PAPER_KEY.to_owned(), kis_sim::paper_secret(), kis_sim::PAPER_ACCOUNT.to_owned()]
}

impl Scene {
    fn tokens(&self) -> Vec<String> {
        let tokens = self.bench.world.sim.control("GET", "/tokens", Value::Null);
        let tokens = tokens["tokens"].as_array().into_iter().flatten();
        tokens.filter_map(|token| token["token"].as_str().map(str::to_owned)).collect()
    }

    /// Whatever a gateway knows of us.
    fn all_secrets(&self) -> String {
        let [key, secret, account] = credentials();
        format!("{key} {secret} {account} {} Bearer {}", account.replace('-', ""), self.tokens().join(" "))
    }

    /// Pieces of every secret, without overlap: a longer part of one holds at least one of them whole.
    fn pieces(&self, more: &[String]) -> Vec<String> {
        let [key, secret, account] = credentials();
        let whole = [key, secret].into_iter().chain(self.tokens()).chain(more.iter().cloned());
        let mut pieces = vec![account[..8].to_owned()];
        for text in whole {
            let characters: Vec<char> = text.chars().collect();
            pieces.extend(characters.chunks_exact(PIECE).map(|piece| piece.iter().collect::<String>()));
        }
        // A run of zeros is nobody's secret.
        pieces.retain(|piece| piece.chars().any(|c| c != '0'));
        pieces
    }

    /// Runs all commands after `arrange`, and gives what leaked.
    fn search(&self, name: &str, more: &[String], arrange: impl Fn(&mut Site)) -> Vec<String> {
        let mut leaks = Vec::new();
        for (place, arguments) in COMMANDS.into_iter().enumerate() {
            // Text and JSON take turns, so that every command writes both on some way to fail.
            let is_plain = (place + name.len()).is_multiple_of(2);
            let mut site = self.bench.seeded_site();
            site.arguments(arguments.iter().copied().chain(["-v"])).env("RUST_LOG", "trace");
            if is_plain {
                site.plain();
            }
            // The hook keeps all that it can see of the run: message, environment, command line.
            let told_path = site.path("told");
            let script = format!(
                "(/bin/cat; /usr/bin/env; /usr/bin/tr '\\0' ' ' < /proc/$$/cmdline) >> {}",
                told_path.display()
            );
            site.set("notify.command", &json!(["/bin/sh", "-c", script]).to_string());
            arrange(&mut site);
            let told = match self.bench.run(&site) {
                Ok(told) => told,
                Err(why) => {
                    leaks.push(format!("{name}, {arguments:?}: {why}"));
                    continue;
                }
            };
            let mut places =
                vec![("standard output".to_owned(), told.stdout), ("standard error".to_owned(), told.stderr)];
            let message = std::fs::read(told_path).unwrap_or_default();
            self.notified.set(self.notified.get() + usize::from(!message.is_empty()));
            places.push(("a notification".to_owned(), String::from_utf8_lossy(&message).into_owned()));
            for (file, bytes) in site.all_state() {
                places.push(("a file's name".to_owned(), file.clone()));
                if !file.starts_with("api_token.json") {
                    places.push((file, String::from_utf8_lossy(&bytes).into_owned()));
                }
            }
            for piece in self.pieces(more) {
                let found = places.iter().filter(|(_, text)| text.contains(&piece));
                leaks.extend(found.map(|(place, _)| format!("{name}, {arguments:?}: {piece:?} in {place}")));
            }
        }
        leaks.dedup();
        leaks
    }
}

fn without_token(site: &mut Site) {
    for name in ["api_token.json", "token_attempt.json"] {
        let _ = std::fs::remove_file(site.state(name));
    }
}

#[test]
fn nothing_leaks_on_good_days() {
    let scene = scene();
    let mut leaks = scene.search("a live token", &[], |_| {});
    leaks.extend(scene.search("no token", &[], without_token));
    leaks.extend(scene.search("a token about to end", &[], |site| {
        let mut file: Value = serde_json::from_slice(&site.read_state("api_token.json")).unwrap();
        file["expires_at"] = json!(scene.bench.world.now.timestamp() + 60);
        site.write_state("api_token.json", file.to_string().as_bytes());
    }));
    leaks.extend(scene.search("a torn token file", &[], |site| {
        let file = site.read_state("api_token.json");
        site.write_state("api_token.json", &file[..file.len() - 3]);
    }));
    leaks.extend(scene.search("a damaged token in a good file", &[], |site| {
        let mut file: Value = serde_json::from_slice(&site.read_state("api_token.json")).unwrap();
        file["access_token"] = json!(format!("{}\r\n", file["access_token"].as_str().unwrap()));
        site.write_state("api_token.json", file.to_string().as_bytes());
    }));
    assert_eq!(leaks, [""; 0]);
}

#[test]
fn nothing_leaks_when_kis_refuses() {
    let mut leaks = Vec::new();
    let scene = scene();
    for code in
        ["EGW00121", "EGW00123", "EGW00105", "EGW00304", "OPSQ2000", "EGW02004", "EGW00213", "APBK0952", "XXXX0001"]
    {
        let text = scene.all_secrets();
        scene.liar.lie("", move |answer| {
            let secrets = &text;
            answer.set_json(&json!({ "rt_cd": "1", "msg_cd": code, "msg1": format!("{code} {secrets}") }));
        });
        leaks.extend(scene.search(&format!("{code} with an echo"), &[], |_| {}));
    }
    let text = scene.all_secrets();
    scene.liar.lie("", move |answer| {
        answer.status = "403 Forbidden".to_owned();
        answer.set_json(&json!({ "error_code": "EGW00105", "error_description": text.clone() }));
    });
    leaks.extend(scene.search("refused credentials with an echo", &[], |_| {}));
    assert_eq!(leaks, [""; 0]);
    assert!(scene.notified.get() > 10, "{} notifications", scene.notified.get());
}

#[test]
fn nothing_leaks_when_the_gateway_is_mad() {
    let mut leaks = Vec::new();
    let scene = scene();
    let echo = scene.all_secrets();
    let lies: Vec<(&str, Lie)> = vec![
        ("a page", Box::new(|answer, echo| answer.body = format!("<html>{echo}</html>").into_bytes())),
        ("JSON that breaks off", Box::new(|answer, echo| answer.body = format!("{{\"x\":\"{echo}").into_bytes())),
        ("a key", Box::new(|answer, echo| answer.set_json(&json!({ "rt_cd": "0", echo: 1 })))),
        ("rt_cd", Box::new(|answer, echo| answer.set_json(&json!({ "rt_cd": echo, "msg_cd": echo, "msg1": echo })))),
        ("tr_cont", Box::new(|answer, echo| answer.header("tr_cont", echo))),
        ("a header", Box::new(|answer, echo| answer.header("x-echo", echo))),
        ("Date", Box::new(|answer, echo| answer.header("date", echo))),
        ("the status line", Box::new(|answer, echo| answer.status = format!("200 {echo}"))),
        ("no status", Box::new(|answer, echo| answer.status = echo.to_owned())),
        (
            "a redirect",
            Box::new(|answer, echo| {
                answer.status = "302 Found".to_owned();
                answer.header("location", &format!("http://127.0.0.1:1/?{}", echo.replace(' ', "+")));
            }),
        ),
    ];
    for (name, lie) in lies {
        let echo = echo.clone();
        scene.liar.lie("", move |answer| lie(answer, &echo));
        leaks.extend(scene.search(&format!("an echo in {name}"), &[], |_| {}));
    }
    // Every text of every row, where the answer is otherwise good.
    for path in ["/inquire-balance", "/inquire-ccnl", "/inquire-psamount", "/quotations/price", "/trading/order"] {
        for key in [
            "tr_crcy_cd",
            "pdno",
            "odno",
            "prcs_stat_name",
            "rjct_rson",
            "mdia_dvsn_name",
            "ord_gno_brno",
            "last",
            "ovrs_pdno",
            "ovrs_item_name",
            "rsym",
            "ODNO",
            "KRX_FWDG_ORD_ORGNO",
            "ord_dt",
        ] {
            let echo = echo.clone();
            let lie = move |answer: &mut Answer| {
                let mut body = answer.json();
                replace(&mut body, key, &echo);
                answer.set_json(&body);
            };
            scene.liar.lie(path, lie);
            leaks.extend(scene.search_some(&format!("an echo in {key} of {path}")));
        }
    }
    assert_eq!(leaks, [""; 0]);
}

impl Scene {
    /// One command that reads everything, in a state of its own.
    fn search_some(&self, name: &str) -> Vec<String> {
        let mut leaks = Vec::new();
        for arguments in [["status", "-v"], ["buy", "-v"]] {
            let mut site = self.bench.seeded_site();
            site.arguments(arguments).env("RUST_LOG", "trace");
            let told = self.bench.run(&site).unwrap();
            let mut text = format!("{}{}", told.stdout, told.stderr);
            for (file, bytes) in site.all_state().iter().filter(|(file, _)| !file.starts_with("api_token.json")) {
                text.push_str(file);
                text.push_str(&String::from_utf8_lossy(bytes));
            }
            let found = self.pieces(&[]).into_iter().filter(|piece| text.contains(piece));
            leaks.extend(found.map(|piece| format!("{name}, {arguments:?}: {piece:?}")));
        }
        leaks
    }
}

/// Sets every value of this key, however deep.
fn replace(value: &mut Value, key: &str, text: &str) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                if name == key {
                    *value = json!(text);
                } else {
                    replace(value, key, text);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| replace(value, key, text)),
        _ => {}
    }
}

#[test]
fn nothing_leaks_from_a_network_that_breaks() {
    let mut leaks = Vec::new();
    for kind in ["drop_after", "garbage", "truncated", "too_large", "status_after"] {
        let scene = scene();
        scene.bench.world.sim.fault("*", kind, json!({ "times": 100_000 }));
        leaks.extend(scene.search(kind, &[], |_| {}));
        leaks.extend(scene.search(&format!("{kind}, no token"), &[], without_token));
    }
    let scene = scene();
    leaks.extend(scene.search("nobody listens", &[], |site| {
        site.set("gateway.base_url", "\"http://127.0.0.1:1\"");
        without_token(site);
    }));
    assert_eq!(leaks, [""; 0]);
}

#[test]
fn nothing_leaks_from_what_the_user_wrote() {
    let scene = scene();
    let [key, secret, account] = credentials();
    let wrong =
        ["Kanarienvogel".repeat(14)[..180].to_owned(), format!("PS{}", "Nachtigall".repeat(4))[..36].to_owned()];
    let mut leaks = Vec::new();
    let mut search = |name: &str, arrange: &dyn Fn(&mut Site)| leaks.extend(scene.search(name, &wrong, arrange));
    search("a wrong secret", &|site| {
        without_token(site);
        site.env("KIS_APP_SECRET", &wrong[0]);
    });
    search("a wrong key", &|site| {
        without_token(site);
        site.env("KIS_APP_KEY", &wrong[1]);
    });
    search("key and secret exchanged", &|site| {
        site.env("KIS_APP_KEY", &secret).env("KIS_APP_SECRET", &key);
    });
    search("the secret as account", &|site| {
        site.env("KIS_ACCOUNT_NO", &secret);
    });
    search("the account with more behind it", &|site| {
        site.env("KIS_ACCOUNT_NO", format!("{account} # mine"));
    });
    search("the secret as gateway", &|site| {
        site.set("gateway.base_url", &format!("\"http://{key}:{secret}@127.0.0.1:9443/{account}\""));
    });
    search("the secret as the clock", &|site| {
        site.env("KIS_TRADE_NOW", &secret);
    });
    search("the secrets in config.toml", &|site| {
        let lines = format!("app_key = \"{key}\"\napp_secret = \"{secret}\"\naccount_no = \"{account}\"\n");
        let text = format!("{lines}{}", site.config_text());
        site.config(text);
    });
    search("the secrets as keys and values of config.toml", &|site| {
        let text = format!("\"{secret}\" = 1\nmode = \"{secret}\"\nstate_dir = 5\n[\"{key}\"]\n[{key}]\n");
        site.config(text);
    });
    search("the secrets in broken TOML", &|site| {
        let text = format!("{}\n{secret}\napp_secret = {secret}\n[{key}\n'{account}\n", site.config_text());
        site.config(text);
    });
    for (name, text) in [
        ("no quotes", format!("app_key = {key}\napp_secret = {secret}\naccount_no = {account}\n")),
        ("no names", format!("{key}\n{secret}\n{account}\n")),
        ("other names", format!("key = '{key}'\nsecret = '{secret}'\naccount = '{account}'\n")),
        ("the secret as a name", format!("'{secret}' = '{key}'\n")),
        ("JSON", json!({ "app_key": key, "app_secret": secret, "account_no": account }).to_string()),
        ("a key twice", format!("app_secret = '{secret}'\napp_secret = '{secret}'\n")),
        (
            "a secret that is too long",
            format!("app_key = '{key}'\napp_secret = '{secret}{secret}'\naccount_no = '{account}'\n"),
        ),
        (
            "an account without a hyphen",
            format!("app_key = '{key}'\napp_secret = '{secret}'\naccount_no = 5000000101\n"),
        ),
    ] {
        search(&format!("a credentials file with {name}"), &|site| {
            site.take_credentials();
            site.set("account.credentials_file", "\"credentials.toml\"");
            write(&site.path("credentials.toml"), text.as_bytes(), 0o600);
        });
    }
    assert_eq!(leaks, [""; 0]);
}

#[test]
fn nothing_leaks_from_damaged_state() {
    let scene = scene();
    let echo = scene.all_secrets();
    let mut leaks = Vec::new();
    let journal = scene.bench.journal_name();
    for name in ["account.json", "symbols.json", "token_attempt.json", "equity_buy.json", "last_run_buy.json", &journal]
    {
        // What another program left there is not ours to show either; it stays where it is, so it is not looked into.
        for content in
            [format!("{{\"version\":1,\"x\":\"{echo}\"}}"), format!("{{\"version\":\"{echo}\"}}"), echo.clone()]
        {
            let mut site = scene.bench.seeded_site();
            site.write_state(name, content.as_bytes());
            site.arguments(["buy", "-v"]).env("RUST_LOG", "trace");
            let told = scene.bench.run(&site).unwrap();
            let text = format!("{}{}", told.stdout, told.stderr);
            let found = scene.pieces(&[]).into_iter().filter(|piece| text.contains(piece));
            leaks.extend(found.map(|piece| format!("{name}: {piece:?}")));
        }
    }
    assert_eq!(leaks, [""; 0]);
}
