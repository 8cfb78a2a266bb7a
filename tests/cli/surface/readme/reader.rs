//! Someone who follows the page: a clone, a home directory, one terminal, and a market that does what the page tells.
//!
//! A block that names a file of the clone is typed there; any other where the terminal was left.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::json;
use tempfile::TempDir;

use super::page::{Item, Step, read_page};
use super::{Language, root, sheets};
use crate::support::harness::{Mode, World, rfc3339, steady};

/// When the page's first runs are tried: a day before the printed examples, which begin with a new token.
const FIRST_CONTACT: &str = "2023-05-23T14:00:00Z";

pub struct Reader {
    language: Language,
    world: World,
    dir: TempDir,
    /// Lines that bring back a terminal's variables and folder.
    terminal: String,
    is_forgotten: bool,
}

/// The example crontab as the page has it edited.
fn with_own_paths(text: &str, dir: &Path) -> String {
    let (program, clone) = (dir.join("bin/kis-trade"), dir.join("clone"));
    let text = text.replace("/usr/local/bin/kis-trade", program.to_str().unwrap());
    let text = text.replace("/opt/kis-trade/config.toml", clone.join("config.example.toml").to_str().unwrap());
    text.replace("/opt/kis-trade", clone.to_str().unwrap()).replace("you@example.com", "me@example.com")
}

impl Reader {
    pub fn new(language: Language) -> Reader {
        let dir = TempDir::new().unwrap();
        for folder in ["home", "clone", "bin"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
        }
        // What git would have: neither what was built nor what the program makes.
        for entry in fs::read_dir(root()).unwrap().map(Result::unwrap) {
            let name = entry.file_name();
            let is_edited = name == "crontab.example";
            let is_left_out = ["target", "state", ".git", "config.toml", "credentials.toml"];
            if !is_edited && !is_left_out.contains(&name.to_str().unwrap()) {
                symlink(entry.path(), dir.path().join("clone").join(name)).unwrap();
            }
        }
        let crontab = with_own_paths(&fs::read_to_string(root().join("crontab.example")).unwrap(), dir.path());
        fs::write(dir.path().join("clone/crontab.example"), crontab).unwrap();
        symlink(env!("CARGO_BIN_EXE_kis-trade"), dir.path().join("bin/kis-trade")).unwrap();
        symlink(env!("CARGO_BIN_EXE_kis-rehearse"), dir.path().join("bin/kis-rehearse")).unwrap();
        let world = World::new(Mode::Paper, FIRST_CONTACT);
        let terminal = format!("cd '{}'", dir.path().join("clone").display());
        Reader { language, world, dir, terminal, is_forgotten: false }
    }

    /// A reader who has done what the page of the setup says under "By hand", up to the credentials, and got a token an hour ago.
    pub fn set_up(language: Language) -> Reader {
        let (name, heading) = match language {
            Language::English => ("docs/setup.md", "\n## By hand\n"),
            Language::Korean => ("docs/setup.ko.md", "\n## 직접 설정하기\n"),
        };
        let mut reader = Reader::new(language);
        let page = fs::read_to_string(root().join(name)).unwrap();
        let (_, by_hand) = page.split_once(heading).expect("the section");
        for item in read_page(by_hand) {
            match item {
                Item::Block(words) => reader.go_where_the_files_are(&words),
                Item::Command(step) => reader.follow(&step).expect(name),
                Item::Credentials(text) => {
                    reader.write_credentials(&text);
                    let (code, said) = reader.run("kis-trade token-check");
                    assert_eq!(code, 0, "{said}");
                    reader.world.advance(3600);
                    return reader;
                }
                _ => {}
            }
        }
        panic!("{name} shows no credentials");
    }

    /// The clone, when a command names a file of it; else the terminal stays where it is.
    pub fn go_where_the_files_are(&mut self, words: &[String]) {
        let clone = self.dir.path().join("clone");
        if words.iter().any(|word| word.contains('.') && clone.join(word).is_file()) {
            self.terminal.push_str(&format!("\ncd '{}'", clone.display()));
        }
    }

    /// Writes `credentials.toml` with the page's names and kis-sim's values, and chooses in `config.toml`.
    pub fn write_credentials(&mut self, page: &str) {
        let secret = kis_sim::paper_secret();
        let value = |name: &str| match name {
            "app_key" => kis_sim::PAPER_KEY,
            "app_secret" => secret.as_str(),
            "account_no" => kis_sim::PAPER_ACCOUNT,
            _ => panic!("the page has {name} among the credentials"),
        };
        let names = page.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name.trim());
        let text: String = names.map(|name| format!("{name} = \"{}\"\n", value(name))).collect();
        let path = self.dir.path().join("home/kis-trade/credentials.toml");
        assert!(path.is_file(), "the page did not make {}", path.display());
        fs::write(path, text).unwrap();
        self.edit_config(&[
            ("#base_url = \"http://127.0.0.1:9443\"", &format!("base_url = {:?}", self.world.sim.gateway_url())),
            ("#requests_per_second = 0.9", "requests_per_second = 10000"),
            ("ledger_requests_per_second = 1", "ledger_requests_per_second = 10000"),
            ("watch = [\"SOUN\", \"RGTI\", \"SES\"]", "watch = [\"AAPL\", \"GOOGL\", \"META\", \"TSLA\"]"),
            ("language = \"ko\"", &format!("language = {:?}", self.language.word())),
            ("picks = 3", "picks = 2"),
            ("retry_delay_seconds = 65", "retry_delay_seconds = 0"),
            ("filter = [\"NVDA\", \"AMZN\", \"MSFT\"]", "filter = []"),
        ]);
    }

    /// Whether the program takes a piece of `config.toml`. What every configuration must have is added, the files it names
    /// are made, and its addresses lead nowhere: nothing leaves loopback.
    pub fn try_config(&self, piece: &str) -> Result<(), String> {
        const NOWHERE: &str = "http://127.0.0.1:9/";
        let mut command = self.world.command(&["--config", "piece.toml", "token-check", "--offline"]);
        let watch = if piece.lines().any(|line| line == "[buy]") { "" } else { "[buy]\nwatch = [\"AAPL\"]\n" };
        fs::write(self.world.files.path("piece.toml"), format!("{}\n{watch}", piece.replace("https://", NOWHERE)))
            .unwrap();
        let address = if piece.contains("[ping]") { format!("{NOWHERE}{{command}}") } else { NOWHERE.to_owned() };
        for line in piece.lines().filter(|line| line.contains("_file = \"")) {
            let path = self.world.files.path(line.split('"').nth(1).unwrap());
            let secret = if line.starts_with("token_file") { "123456789:ABCdef" } else { address.as_str() };
            fs::write(&path, secret).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        let output = command.env_remove("KIS_TRADE_NOW").output().unwrap();
        if output.status.code() == Some(77) {
            return Ok(()); // There is no token: the configuration was taken.
        }
        Err(format!(
            "the program does not take this piece of config.toml:\n{}",
            String::from_utf8_lossy(&output.stderr)
        ))
    }

    fn edit_config(&self, edits: &[(&str, &str)]) {
        let path = self.dir.path().join("home/kis-trade/config.toml");
        let mut text = fs::read_to_string(&path).unwrap();
        for (old, new) in edits {
            assert!(text.contains(&format!("\n{old}\n")), "config.example.toml has no line {old}");
            text = text.replace(&format!("\n{old}\n"), &format!("\n{new}\n"));
        }
        fs::write(path, text).unwrap();
    }

    /// Runs a command at the time that its output shows, and compares.
    pub fn follow(&mut self, step: &Step) -> Result<(), String> {
        if let Some(mut world) = scene_of(&step.text) {
            world.set("language", &format!("{:?}", self.language.word())).env("LANG", self.language.locale());
            return expect(step, run_in(&world, &self.path_variable(), &step.text));
        }
        if let Some(at) = step.printed.iter().find_map(|line| time_of(line)) {
            self.world.set_clock(at);
            self.forget_first_contact();
        }
        self.let_the_market_move(&step.text);
        let ended = self.run(&step.text);
        expect(step, ended)?;
        self.check_effect(&step.text)
    }

    /// The printed examples begin with an empty state directory.
    fn forget_first_contact(&mut self) {
        if !std::mem::replace(&mut self.is_forgotten, true) {
            let state = self.dir.path().join("home/kis-trade/state");
            if state.exists() {
                fs::remove_dir_all(state).unwrap();
            }
        }
    }

    /// What the page says beyond the output.
    fn check_effect(&mut self, command: &str) -> Result<(), String> {
        if !command.ends_with("> state/HALT") {
            return Ok(());
        }
        let (code, said) = self.run("kis-trade buy");
        let (cleaned, _) = self.run("kis-trade cleanup");
        self.run("rm state/HALT");
        if code == 80 && said.contains("earnings tonight") && cleaned == 0 {
            return Ok(());
        }
        Err(format!("after `{command}` a buy ends with {code}, a cleanup with {cleaned}: {said}"))
    }

    /// What happens at kis-sim before a command of the printed examples.
    fn let_the_market_move(&mut self, command: &str) {
        match command {
            "kis-trade buy" => drop(self.world.sim.control("POST", "/fills", json!({ "max_quantity_per_minute": 1 }))),
            "kis-trade sell -v" => {
                self.world.sim.price("TSLA", "193.50", "185.77");
                self.world.sim.price("META", "245.12", "246.74");
                self.world.sim.hold("META", 2, "290");
            }
            _ => {}
        }
    }

    fn run(&mut self, command: &str) -> (i32, String) {
        let path = self.dir.path().join("terminal");
        fs::write(&path, &self.terminal).unwrap();
        let script = format!(
            "exec 2>&1\n. '{0}'\nexport KIS_TRADE_NOW={1}\n{command}\ncode=$?\n\
             {{ export -p; printf 'cd %q\\n' \"$PWD\"; }} > '{0}'\nexit $code",
            path.display(),
            rfc3339(self.world.now)
        );
        let mut bash = Command::new("bash");
        bash.env_clear().env("PATH", self.path_variable()).env("HOME", self.dir.path().join("home"));
        bash.env("LANG", self.language.locale());
        let output = bash.args(["--norc", "-c", &script]).stdin(Stdio::null()).output().unwrap();
        self.terminal = fs::read_to_string(&path).unwrap();
        (output.status.code().unwrap_or(-1), String::from_utf8(output.stdout).unwrap())
    }

    fn path_variable(&self) -> String {
        format!("{}:{}", self.dir.path().join("bin").display(), std::env::var("PATH").unwrap())
    }
}

/// A world of its own for commands that need one, such as an order whose outcome is unknown.
fn scene_of(command: &str) -> Option<World> {
    match command {
        "kis-trade cleanup --settle 20230524-0003=0000040842" | "kis-trade cleanup --settle 20230524-0003=absent" => {
            Some(third_of_three_orders_unknown())
        }
        "kis-trade cleanup --settle 20230524-0003=filled:5@61.20" => Some(third_of_three_orders_unlisted()),
        "kis-trade cleanup --settle 0000040842=3" => Some(third_of_three_orders_corrected()),
        "kis-trade cleanup --settle foreign=0000040850" => Some(eleventh_order_of_another_program()),
        "kis-trade status --test-notify" => Some(a_program_that_takes_messages()),
        _ => sheets::scene_of(command),
    }
}

fn a_program_that_takes_messages() -> World {
    let mut world = World::paper();
    world.set("notify.command", r#"["/bin/true"]"#);
    world
}

fn third_of_three_orders_unknown() -> World {
    let mut world = World::paper();
    for symbol in ["AAPL", "AMZN", "TSLA"] {
        world.sim.price(symbol, "95", "100");
    }
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    world.sim.control("POST", "/quirks", json!({ "list_lag_seconds": 60 }));
    world.sim.fault("order", "drop_after", json!({ "nth": 3 }));
    assert_eq!(world.run(&["buy"]).code, 81);
    let mut twin = world.sim.own_orders().pop().expect("the lost order");
    twin["medium"] = json!("OpenAPI");
    let keys = ["symbol", "side", "quantity", "limit_price", "medium"];
    twin.as_object_mut().expect("an order").retain(|key, _| keys.contains(&key.as_str()));
    world.sim.control("POST", "/orders/foreign", twin);
    world.set_clock(world.now + TimeDelta::seconds(90));
    world
}

/// Three orders, the third of which KIS has taken as 0000040842.
fn three_orders(world: &World) {
    for symbol in ["AAPL", "AMZN", "TSLA"] {
        world.sim.price(symbol, "95", "100");
    }
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    assert_eq!(world.run(&["buy"]).code, 0);
    world.sim.control("POST", "/orders/fill", json!({ "order_id": "0000040842", "quantity": 5 }));
}

fn third_of_three_orders_unlisted() -> World {
    let mut world = World::paper();
    world.sim.control("POST", "/rows", json!({ "list": "ccnl", "where": { "odno": "40842" }, "hide": true }));
    three_orders(&world);
    world.set_clock("2023-05-24T21:00:30Z".parse().expect("an instant"));
    assert_eq!(world.run(&["cleanup"]).code, 81);
    world
}

fn third_of_three_orders_corrected() -> World {
    let mut world = World::paper();
    three_orders(&world);
    assert_eq!(world.run(&["cleanup"]).code, 0);
    world.sim.control("POST", "/orders/correct", json!({ "order_id": "0000040842", "filled_quantity": 3 }));
    for _ in 0..2 {
        world.set_clock(world.now + TimeDelta::seconds(61));
        assert_eq!(world.run(&["cleanup"]).code, 0);
    }
    world
}

fn eleventh_order_of_another_program() -> World {
    let world = World::paper();
    for medium in ["모바일"; 10].into_iter().chain(["OpenAPI"]) {
        let order = json!({ "symbol": "TSLA", "side": "buy", "quantity": 1, "limit_price": "10", "medium": medium });
        world.sim.control("POST", "/orders/foreign", order);
    }
    world
}

fn run_in(world: &World, path: &str, command: &str) -> (i32, String) {
    // The configuration is written, and the environment taken, as for any other run of this world.
    let plain = world.command(&[]);
    let folder: PathBuf = plain.get_current_dir().expect("its folder").to_owned();
    let mut bash = Command::new("bash");
    bash.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("PATH", path);
    let script = format!("exec 2>&1\n{command}");
    let output = bash.args(["--norc", "-c", &script]).current_dir(folder).stdin(Stdio::null()).output().unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8(output.stdout).unwrap())
}

fn expect(step: &Step, (code, said): (i32, String)) -> Result<(), String> {
    if code != step.code {
        return Err(format!("`{}` ended with {code}, not with {}:\n{said}", step.text, step.code));
    }
    let lines: Vec<&str> = said.lines().filter(|line| !line.is_empty()).collect();
    let rows = 0..if step.printed.is_empty() { 0 } else { lines.len().max(step.printed.len()) };
    let mut pairs = rows.map(|row| (lines.get(row).copied(), step.printed.get(row).map(String::as_str)));
    let Some((_, shown)) = pairs.find(|(line, shown)| line.map(blank) != shown.map(blank)) else { return Ok(()) };
    let shown = shown.unwrap_or("nothing more");
    Err(format!("`{}` prints other lines than the page, which shows\n{shown}\nIt printed\n{said}", step.text))
}

/// The first instant in a line: `2023-05-24 10:01:00 EDT` or `2023-05-24T14:10:00…Z`.
fn time_of(line: &str) -> Option<DateTime<Utc>> {
    line.match_indices("20").find_map(|(at, _)| {
        let (text, rest) = (line.get(at..at + 19)?, &line[at + 19..]);
        let hours = match text.as_bytes()[10] {
            b'T' => 0,
            _ if rest.starts_with(" EDT") => 4,
            _ if rest.starts_with(" EST") => 5,
            _ => return None,
        };
        let local = NaiveDateTime::parse_from_str(&text.replace('T', " "), "%Y-%m-%d %H:%M:%S").ok()?;
        Some(local.and_utc() + TimeDelta::hours(hours))
    })
}

/// A line without what moves with the machine: seconds, ages, a run's letters, the width of columns.
fn blank(line: &str) -> String {
    if line.starts_with('{') {
        return steady(serde_json::from_str(line).expect("a JSON object")).to_string();
    }
    let is_log = line.contains(" INFO ") || line.contains(" WARN ");
    let words = line.split_whitespace().enumerate().map(|(index, word)| match word {
        _ if is_log && index < 2 => "…",
        _ if word.len() == 8 && word.as_bytes()[2] == b':' && word.as_bytes()[5] == b':' => &word[..5],
        _ if is_age(word) => "AGE",
        _ => word,
    });
    let mut kept: Vec<&str> = Vec::new();
    for word in words {
        kept.push(word);
        if is_korean_part(word, &["초"]) {
            while kept.last().is_some_and(|word| is_korean_part(word, &["일", "시간", "분", "초"])) {
                kept.pop();
            }
            kept.push("AGE");
        }
    }
    kept.join(" ")
}

/// A part of `3분 59초`, for example, in one of these units.
fn is_korean_part(word: &str, units: &[&str]) -> bool {
    let number = units.iter().find_map(|unit| word.strip_suffix(unit));
    number.is_some_and(|number| number.parse::<u32>().is_ok())
}

/// `3m59s`, for example.
fn is_age(word: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_digit() || "dhms".contains(letter);
    word.starts_with(|letter: char| letter.is_ascii_digit()) && word.ends_with('s') && word.chars().all(is_part)
}
