//! The first minutes: nothing is there yet, a key is in the wrong place, the network is closed. Each is a plain sentence with
//! what to do about it.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use serde_json::json;
use tempfile::TempDir;

use crate::support::harness::{Mode, Run, World};

fn bare(folder: &TempDir, arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kis-trade"));
    Run::of(command.env_clear().current_dir(folder.path()).args(arguments).output().unwrap())
}

/// The line of a failure that begins with `label`.
fn told<'a>(run: &'a Run, label: &str) -> &'a str {
    run.stderr
        .lines()
        .find_map(|line| line.strip_prefix(label))
        .unwrap_or_else(|| panic!("no {label} in {}", run.stderr))
}

/// A first contact that KIS refuses, as people see it.
fn refused(world: &World, code: i32) -> Run {
    let run = world.run(&["token-check"]);
    assert_eq!(run.code, code, "{}", run.stderr);
    assert!(!run.stderr.contains(&kis_sim::paper_secret()[..24]));
    run
}

/// A first contact that gets no answer: the exit code, its reason word, the sentence and the advice.
fn first_contact(world: &World, code: i32, reason: &str) -> (String, String) {
    let object = world.json(code, &["token-check"]);
    assert_eq!(object["reason"], reason, "{object:#}");
    assert!(!object.to_string().contains(&kis_sim::paper_secret()[..24]));
    (object["detail"].as_str().unwrap().to_owned(), object["next"].as_str().unwrap().to_owned())
}

#[test]
fn status_without_anything_says_what_is_missing_and_the_three_steps() {
    let folder = TempDir::new().unwrap();
    let run = bare(&folder, &["status"]);
    assert_eq!((run.code, run.stdout.as_str()), (78, ""));
    assert_eq!(
        run.stderr,
        format!(
            "kis-trade status [?]: there is no configuration file {}/config.toml (--config FILE names another one)\n  \
           because: missing: the configuration, and credentials (KIS_APP_KEY, KIS_APP_SECRET, KIS_ACCOUNT_NO are not set either)\n  \
           next: three steps lead to the first contact:\n    \
             1. copy config.example.toml to config.toml, and name in it what may be bought: watch = [\"SOUN\"] under [buy]\n    \
             2. beside it make a file that only you can read, `install -m 600 /dev/null credentials.toml`, and write app_key, app_secret and account_no into it, each = and its value in quotes\n    \
             3. run `kis-trade token-check`: it says whether KIS takes them, and if not, why\n",
            std::fs::canonicalize(folder.path()).unwrap().display()
        )
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn status_without_credentials_says_what_is_missing_and_the_three_steps() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("config.toml"), "language = \"en\"\n[buy]\nwatch = [\"SOUN\"]\n").unwrap();
    let run = bare(&folder, &["status"]);
    assert_eq!(run.code, 78);
    assert!(run.stderr.starts_with("kis-trade status [PAPER]: no credentials are set\n"), "{}", run.stderr);
    let steps: Vec<&str> = run.stderr.lines().skip_while(|line| !line.starts_with("  next: three steps")).collect();
    assert_eq!(steps.len(), 4, "{}", run.stderr);
    for (line, words) in steps[1..].iter().zip([
        "KIS Developers",
        "install -m 600 /dev/null credentials.toml",
        "`kis-trade token-check`",
    ]) {
        assert!(line.contains(words), "{line}");
    }
    std::fs::write(
        folder.path().join("config.toml"),
        "language = \"en\"\n[account]\ncredentials_file = \"c.toml\"\n[buy]\nwatch = [\"SOUN\"]\n",
    )
    .unwrap();
    let run = bare(&folder, &["status"]);
    assert!(
        run.stderr.contains("there is no credentials file ") && run.stderr.contains("install -m 600 /dev/null"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_three_steps_lead_to_a_token() {
    let mut world = World::paper();
    let example = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/config.example.toml")).unwrap();
    // 1. and 2., as they are told; the gateway is the simulated one.
    let gateway = format!("base_url = {:?}\n", world.sim.gateway_url());
    let watch = example.lines().find(|line| line.starts_with("watch =") || line.starts_with("#watch =")).unwrap();
    let config = example.replacen("#base_url = \"http://127.0.0.1:9443\"\n", &gateway, 1).replacen(
        watch,
        "watch = [\"SOUN\"]",
        1,
    );
    let config = config.replacen("language = \"ko\"", "language = \"en\"", 1);
    let (key, secret, account) = (kis_sim::PAPER_KEY, kis_sim::paper_secret(), kis_sim::PAPER_ACCOUNT);
    for name in ["KIS_APP_KEY", "KIS_APP_SECRET", "KIS_ACCOUNT_NO"] {
        world.unset_env(name);
    }
    let mut run = world.command(&["token-check"]);
    std::fs::write(world.files.path("config.toml"), config).unwrap();
    let made =
        Command::new("install").args(["-m", "600", "/dev/null"]).arg(world.files.path("credentials.toml")).status();
    assert!(made.unwrap().success());
    let credentials = format!("app_key = {key:?}\napp_secret = {secret:?}\naccount_no = {account:?}\n");
    std::fs::write(world.files.path("credentials.toml"), credentials).unwrap();
    let run = Run::of(run.output().unwrap());
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.line().starts_with("token-check [PAPER]: token renewed, "), "{}", run.stdout);
}

#[test]
fn an_app_key_that_kis_does_not_know_is_told_with_the_mode_it_needs() {
    for (mode, words) in [
        (Mode::Paper, "With mode = \"paper\" only the app key of a paper account (모의투자) works"),
        (Mode::Real, "with mode = \"real\" only that of a real one"),
    ] {
        let mut world = World::new(mode, crate::support::harness::MID_SESSION);
        world.env("KIS_APP_KEY", "PSnosuchkey0000000000000000000000000");
        let run = refused(&world, 77);
        assert!(run.stderr.contains("EGW00103") && told(&run, "  KIS's code: ").contains(words), "{}", run.stderr);
        assert_eq!(world.sim.requests(), ["/oauth2/tokenP"], "asking again would change nothing");
    }
}

#[test]
fn an_app_secret_that_is_not_of_the_key_is_told() {
    let mut world = World::paper();
    world.env("KIS_APP_SECRET", &("x".repeat(179) + "="));
    let run = refused(&world, 77);
    let words = "The app secret does not match the app key";
    assert!(run.stderr.contains("EGW00105") && told(&run, "  KIS's code: ").contains(words), "{}", run.stderr);
}

#[test]
fn a_key_of_the_other_mode_is_told_as_78() {
    let words = "paper keys with mode = \"paper\", real keys with mode = \"real\"";
    for mode in [Mode::Real, Mode::Paper] {
        for code in ["EGW02004", "EGW00213"] {
            let world = World::new(mode, crate::support::harness::MID_SESSION);
            world.sim.fault("tokenP", "code", json!({ "code": code, "times": 9 }));
            let run = refused(&world, 78);
            assert!(run.stderr.contains(code) && run.stderr.contains("do not belong together"), "{}", run.stderr);
            assert!(told(&run, "  KIS's code: ").contains(words), "{}", run.stderr);
            assert_eq!(world.sim.requests(), ["/oauth2/tokenP"]);
        }
    }
}

#[test]
fn a_clock_that_is_off_is_told_at_the_first_contact() {
    for seconds in [-600, 600] {
        let mut world = World::paper();
        world.now += chrono::TimeDelta::seconds(seconds);
        let run = world.run(&["token-check"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let warning = told(&run, "warning: ");
        assert!(warning.starts_with("this machine's clock can't be trusted: it is "), "{warning}");
        assert!(warning.contains("off the server's clock"), "{warning}");
    }
}

#[test]
fn a_refused_connection_is_a_sentence() {
    let mut world = World::paper();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    world.set("gateway.base_url", &format!("\"http://{}\"", free.local_addr().unwrap())).set("token.attempts", "1");
    drop(free);
    let (detail, next) = first_contact(&world, 69, "gateway_unreachable");
    assert!(
        detail.contains("the connection was refused: nothing listens there, or a firewall turns it away"),
        "{detail}"
    );
    assert!(next.contains("check [gateway] base_url, and that a firewall lets port 29443"), "{next}");
}

#[test]
fn a_wait_for_a_token_is_told_with_its_reason() {
    let mut world = World::paper();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    world.set("gateway.base_url", &format!("\"http://{}\"", free.local_addr().unwrap())).set("token.attempts", "3");
    drop(free);
    let status = world.run(&["status"]);
    assert!(status.code == 69 && status.stdout.ends_with("Last runs: none\n"), "{}", status.stdout);
    world.env("RUST_LOG", "warn");
    let run = world.run(&["token-check"]);
    let waits: Vec<&str> =
        run.stderr.lines().filter_map(|line| line.split_once(" WARN token: ")).map(|(_, rest)| rest).collect();
    assert_eq!((run.code, waits.len()), (69, 2), "{}", run.stderr);
    assert_eq!(waits[0], "0 s until another attempt; an earlier run asked just now");
    assert!(
        waits[1].starts_with("0 s until another attempt; KIS can't be reached: the connection was refused"),
        "{}",
        waits[1]
    );
}

#[test]
fn a_gateway_that_does_not_answer_in_time_is_a_sentence() {
    let mut world = World::paper();
    world.set("gateway.timeout_seconds", "0.2").set("token.attempts", "1");
    world.sim.fault("tokenP", "delay_before", json!({ "seconds": 3600, "times": 9 }));
    let (detail, next) = first_contact(&world, 69, "gateway_unreachable");
    assert!(detail.contains("timed out after 200 ms without an answer"), "{detail}");
    assert!(next.contains("a firewall drops port 29443") && next.contains("maintenance"), "{next}");
}

/// A first contact with KIS's real host, in which strace fails a system call: nothing can leave this machine.
fn strace_first_contact(call: &str, error: &str) -> (Run, String) {
    let mut world = World::real();
    world.set("gateway.base_url", "\"https://openapi.koreainvestment.com:9443\"").set("token.attempts", "1");
    world.set("gateway.requests_per_second", "15").set("gateway.ledger_requests_per_second", "1");
    world.set("gateway.settle_seconds", "[2, 10]").set("token.retry_delay_seconds", "65");
    world.set("gateway.timeout_seconds", "10");
    let inner = world.command(&["token-check"]);
    let mut outer = Command::new("strace");
    outer.args([
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        &format!("trace={call}"),
        "-e",
        &format!("inject={call}:error={error}"),
    ]);
    outer.arg(inner.get_program()).args(inner.get_args()).current_dir(inner.get_current_dir().unwrap());
    let environment = inner.get_envs().filter_map(|(name, value)| Some((name, value?)));
    outer.env_clear().envs(environment.filter(|(name, _)| *name != "KIS_TRADE_NOW")).env("PATH", "/usr/bin:/bin");
    let run = Run::of(outer.stdin(Stdio::null()).output().expect("strace starts"));
    assert_eq!(run.code, 69, "{}", run.stderr);
    let next = told(&run, "  next: ").to_owned();
    (run, next)
}

#[test]
fn a_machine_without_dns_is_told_in_a_sentence() {
    // No socket of any kind: neither a name server nor KIS can be asked.
    let (run, next) = strace_first_contact("socket", "EACCES");
    assert!(told(&run, "  because: ").contains("there is no DNS: the gateway's name has no address"), "{}", run.stderr);
    assert_eq!(
        next,
        "check that this machine has a network and a name server: `getent hosts openapi.koreainvestment.com`"
    );
}

/// A key or a secret where a path belongs: no part of it is shown.
#[test]
fn a_secret_in_place_of_a_path_is_not_shown() {
    let secret = kis_sim::paper_secret();
    for text in [secret.as_str(), kis_sim::PAPER_KEY, kis_sim::PAPER_ACCOUNT] {
        let folder = TempDir::new().unwrap();
        let config = format!("[account]\ncredentials_file = {text:?}\n[buy]\nwatch = [\"SOUN\"]\n");
        std::fs::write(folder.path().join("config.toml"), config).unwrap();
        let run = bare(&folder, &["token-check"]);
        assert_eq!(run.code, 78);
        assert!(run.stderr.contains(&format!("({} characters): must be a path", text.len())), "{}", run.stderr);
        assert!(!run.stderr.contains(&text[..8]), "{}", run.stderr);
    }
}

#[test]
fn what_first_users_mistype_is_answered_with_what_to_write() {
    let mut world = World::paper();
    for (account, advice) in [
        ("5000000101", "write the account number with a hyphen after its eighth digit, such as 12345678-01"),
        ("50000001", "write the two digits of the product, too"),
        ("5", "has 1 character;"),
    ] {
        world.env("KIS_ACCOUNT_NO", account);
        let run = refused(&world, 78);
        assert!(run.stderr.contains(advice) && !run.stderr.contains("copy them anew"), "{account}: {}", run.stderr);
    }
    let folder = TempDir::new().unwrap();
    let config = |line: &str| format!("[buy]\nwatch = [\"SOUN\"]\n[sell]\n{line}\n");
    for (content, advice) in [
        (
            config("take_profit_percent = 5,5").into_bytes(),
            "line 4: take_profit_percent: not TOML: write no comma in a number; decimals follow a dot, such as 5.5",
        ),
        (
            config("take_profit_percent = \"5,5\"").into_bytes(),
            "must be a number without quotes and commas; decimals follow a dot, such as 5.5",
        ),
        ([config("").as_bytes(), b"# \xbf\xc0\xc0\xfc\n"].concat(), "save it as UTF-8"),
    ] {
        std::fs::write(folder.path().join("config.toml"), content).unwrap();
        let run = bare(&folder, &["status"]);
        assert!(run.code == 78 && run.stderr.contains(advice), "{}", run.stderr);
    }
}

#[test]
fn help_is_a_word_too() {
    let folder = TempDir::new().unwrap();
    let said = |arguments: &[&str]| {
        let run = bare(&folder, arguments);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
        run.stdout
    };
    assert_eq!(said(&["help"]), said(&["--help"]));
    assert_eq!(said(&["help", "sell"]), said(&["sell", "--help"]));
    assert!(said(&["help"]).contains("Print nothing on success but the first after a failure"), "{}", said(&["help"]));
}
