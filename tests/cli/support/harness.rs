//! One simulated gateway, one state directory, one configuration; runs of the real binary with a cleared environment.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::process::{Child, Command, Output, Stdio};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use kis_sim::Options;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::files::Files;
use super::simulator::Simulator;

/// 10:30 in New York on a Wednesday of which the market data knows every bar.
pub const MID_SESSION: &str = "2023-05-24T14:30:00Z";
/// The same day, 20:30 in New York: closed.
pub const EVENING: &str = "2023-05-25T00:30:00Z";

/// Paper or real, as the words stand in the configuration and on kis-sim's control port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Paper,
    Real,
}

/// Everything one test needs.
pub struct World {
    pub sim: Simulator,
    pub files: Files,
    pub mode: Mode,
    pub now: DateTime<Utc>,
    /// `section.key` (or `key`) to a TOML value.
    config: BTreeMap<String, String>,
    /// The `[[strategy]]` tables, each without its heading.
    strategies: Vec<String>,
    env: BTreeMap<String, String>,
}

/// What one run said and did.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl World {
    /// A paper account with 10,000 USD in mid-session, its request limits lifted, its clock standing still.
    pub fn paper() -> World {
        World::new(Mode::Paper, MID_SESSION)
    }

    /// The same with real TR ids.
    pub fn real() -> World {
        World::new(Mode::Real, MID_SESSION)
    }

    pub fn new(mode: Mode, at: &str) -> World {
        let now = at.parse().expect("an RFC 3339 instant");
        World::with(mode, now, TempDir::new().unwrap(), Options::default())
    }

    /// A world that costs little, for tests that need thousands: in mid-session, without market data, its files in
    /// memory where that can be had. A killed process loses no more there than on a disk.
    pub fn light(mode: Mode) -> World {
        let dir = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap();
        let market_data = Some(dir.path().to_owned());
        World::with(mode, MID_SESSION.parse().unwrap(), dir, Options { market_data, ..Options::default() })
    }

    fn with(mode: Mode, now: DateTime<Utc>, dir: TempDir, options: Options) -> World {
        let sim = Simulator::start(mode, Options { start: Some(now), ..options });
        let (files, config, env) = (Files::in_directory(dir), BTreeMap::new(), BTreeMap::new());
        let mut world = World { sim, files, mode, now, config, strategies: Vec::new(), env };
        world.sim.control("POST", "/limits", json!({ "gateway_per_second": null, "ledger_per_second": null }));
        world.set_clock(now);
        let gateway = format!("{:?}", world.sim.gateway_url());
        world
            .set("mode", if mode == Mode::Paper { "\"paper\"" } else { "\"real\"" })
            .set("language", "\"en\"")
            .set("state_dir", "\"state\"")
            .set("gateway.base_url", &gateway)
            .set("gateway.requests_per_second", "10000")
            .set("gateway.ledger_requests_per_second", "10000")
            .set("gateway.timeout_seconds", "2")
            .set("gateway.settle_seconds", "[0, 0]")
            .set("lock.wait_seconds", "5")
            .set("lock.min_interval_seconds", "0")
            .set("token.retry_delay_seconds", "0")
            .set("buy.filter", "[]")
            .set("buy.watch", "[\"AAPL\", \"AMZN\", \"TSLA\"]");
        let (key, secret, account) = match mode {
            Mode::Paper => (kis_sim::PAPER_KEY, kis_sim::paper_secret(), kis_sim::PAPER_ACCOUNT),
            Mode::Real => (kis_sim::REAL_KEY, kis_sim::real_secret(), kis_sim::REAL_ACCOUNT),
        };
        world.env("KIS_APP_KEY", key).env("KIS_APP_SECRET", &secret).env("KIS_ACCOUNT_NO", account).env("TZ", "UTC");
        world
    }

    /// Sets a configuration key (`section.key`) to a TOML value.
    pub fn set(&mut self, key: &str, value: &str) -> &mut World {
        self.config.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Removes a configuration key.
    pub fn unset(&mut self, key: &str) -> &mut World {
        self.config.remove(key);
        self
    }

    /// Adds a `[[strategy]]` table, given without its heading.
    pub fn strategy(&mut self, table: &str) -> &mut World {
        self.strategies.push(table.to_owned());
        self
    }

    /// Takes all `[[strategy]]` tables out.
    pub fn without_strategies(&mut self) -> &mut World {
        self.strategies.clear();
        self
    }

    /// Sets an environment variable of the runs.
    pub fn env(&mut self, name: &str, value: &str) -> &mut World {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Removes an environment variable of the runs.
    pub fn unset_env(&mut self, name: &str) -> &mut World {
        self.env.remove(name);
        self
    }

    /// Moves both clocks to an instant; kis-sim's stands still there.
    pub fn set_clock(&mut self, now: DateTime<Utc>) {
        self.now = now;
        self.sim.control("POST", "/clock", json!({ "set": rfc3339(now), "ticking": false }));
    }

    /// Moves both clocks on; kis-sim fills and expires orders on the way.
    pub fn advance(&mut self, seconds: i64) {
        self.now += TimeDelta::seconds(seconds);
        self.sim.control("POST", "/clock", json!({ "advance_seconds": seconds, "ticking": false }));
    }

    /// Lets a run issue a token seven hours ago, so that today KIS would give a new one.
    pub fn have_old_token(&mut self) -> String {
        let now = self.now;
        self.set_clock(now - TimeDelta::hours(7));
        assert_eq!(self.run(&["-q", "token-check"]).code, 0);
        self.set_clock(now);
        self.sim.forget_requests();
        self.files.token_file()["access_token"].as_str().unwrap().to_owned()
    }

    /// Asks for a token and puts it down as the older Python tools did, which costs less than a run: as seven hours ago, so
    /// that today KIS would give a new one.
    pub fn put_old_token(&mut self) {
        let now = self.now;
        self.set_clock(now - TimeDelta::hours(7));
        self.put_token();
        self.set_clock(now);
        self.sim.forget_requests();
    }

    fn put_token(&self) {
        let (key, secret) = (&self.env["KIS_APP_KEY"], &self.env["KIS_APP_SECRET"]);
        let body = json!({ "grant_type": "client_credentials", "appkey": key, "appsecret": secret }).to_string();
        let address = self.sim.gateway_url().replace("http://", "");
        let mut stream = TcpStream::connect(&address).unwrap();
        write!(
            stream,
            "POST /oauth2/tokenP HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json; charset=utf-8\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let object: Value = serde_json::from_str(answer.split_once("\r\n\r\n").expect("a head and a body").1).unwrap();
        let file = json!({
            "access_token": object["access_token"],
            "created_at": self.now.timestamp(),
            "expires_at": self.now.timestamp() + 24 * 3600,
            "expires_datetime": "",
        });
        DirBuilder::new().recursive(true).mode(0o700).create(self.files.state("")).unwrap();
        let mut options = File::options();
        let mut written =
            options.write(true).create_new(true).mode(0o600).open(self.files.state("api_token.json")).unwrap();
        written.write_all(file.to_string().as_bytes()).unwrap();
    }

    /// Writes the configuration and prepares a run without starting it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        std::fs::write(self.files.path("config.toml"), self.config_text()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_kis-trade"));
        command.env_clear().envs(&self.env).env("KIS_TRADE_NOW", rfc3339(self.now)).current_dir(self.files.path(""));
        command.args(arguments);
        command
    }

    /// Runs the binary.
    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().expect("the binary starts"))
    }

    /// Runs the binary with `--json` and gives the object; panics unless the exit code is `code`.
    pub fn json(&self, code: i32, arguments: &[&str]) -> Value {
        let run = self.run(&[&["--json"], arguments].concat());
        let object = run.object();
        assert_eq!(run.code, code, "{arguments:?} gave {object:#}\n{}", run.stderr);
        assert_eq!(object["exit_code"], code);
        object
    }

    /// Runs commands at the same time, all started before the first is waited for; gives the object of each.
    pub fn run_together(&self, commands: &[&str]) -> Vec<Value> {
        objects_of(self.start_together(commands))
    }

    /// The same, but the token's lock can't be had before all have looked at the token that do not wait for the account's
    /// lock: of those who find it due, each wants to be the one to renew it.
    pub fn run_lined_up(&self, commands: &[&str]) -> Vec<Value> {
        let mut options = File::options();
        options.read(true).append(true).create(true).mode(0o600);
        DirBuilder::new().recursive(true).mode(0o700).create(self.files.state("")).unwrap();
        let lock = options.open(self.files.state("api_token.lock")).unwrap();
        // Looking needs a shared lock, changing an exclusive one.
        lock.lock_shared().unwrap();
        let children = self.start_together(commands);
        for (child, command) in children.iter().zip(commands) {
            let is_waiting = || has_open(child, "api_token.lock");
            if matches!(*command, "status" | "token-check") {
                wait_until("it never wanted the lock", || is_waiting() && is_waiting() && is_waiting());
            }
        }
        drop(lock);
        objects_of(children)
    }

    /// Starts commands with `--json` at the same time.
    pub fn start_together(&self, commands: &[&str]) -> Vec<Child> {
        let prepared: Vec<Command> = commands.iter().map(|command| self.command(&["--json", command])).collect();
        let spawn = |mut command: Command| command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        prepared.into_iter().map(spawn).collect()
    }

    fn config_text(&self) -> String {
        let mut sections: BTreeMap<&str, String> = BTreeMap::new();
        for (key, value) in &self.config {
            let (section, key) = key.split_once('.').unwrap_or(("", key));
            sections.entry(section).or_default().push_str(&format!("{key} = {value}\n"));
        }
        let heading = |section: &str| if section.is_empty() { String::new() } else { format!("[{section}]\n") };
        let tables = self.strategies.iter().map(|table| format!("[[strategy]]\n{table}\n"));
        sections.iter().map(|(section, lines)| heading(section) + lines).chain(tables).collect()
    }
}

impl Run {
    pub fn of(output: Output) -> Run {
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Standard output without the time of day at its beginning.
    pub fn line(&self) -> &str {
        assert_eq!(self.stdout.lines().count(), 1, "not one line: {:?}\n{}", self.stdout, self.stderr);
        self.stdout.trim_end().splitn(4, ' ').nth(3).expect("date, time, zone, text")
    }

    /// Lines of standard output, the first without the time of day at its beginning.
    pub fn lines(&self) -> Vec<&str> {
        let mut lines: Vec<&str> = self.stdout.lines().collect();
        if let Some(first) = lines.first_mut() {
            *first = first.splitn(4, ' ').nth(3).expect("date, time, zone, text");
        }
        lines
    }

    /// The one JSON object on standard output.
    pub fn object(&self) -> Value {
        assert_eq!(self.stdout.lines().count(), 1, "not one line: {:?}\n{}", self.stdout, self.stderr);
        serde_json::from_str(&self.stdout).expect("a JSON object")
    }
}

fn objects_of(children: Vec<Child>) -> Vec<Value> {
    children.into_iter().map(|child| Run::of(child.wait_with_output().unwrap()).object()).collect()
}

/// Looks until it is so, and leaves the core to whom is looked at. It fails with these words after more looks than the
/// slowest machine needs: a look that is cheap must not make it impatient.
pub fn wait_until(otherwise: &str, mut is_so: impl FnMut() -> bool) {
    const MOST: u64 = 300_000_000;
    let look = |_| {
        std::thread::yield_now();
        is_so()
    };
    assert!((0..MOST).any(look), "{otherwise}");
}

/// Whether a running process has a file of this name open: a lock that it waits for, for example.
pub fn has_open(child: &Child, name: &str) -> bool {
    let fds = std::fs::read_dir(format!("/proc/{}/fd", child.id())).into_iter().flatten().flatten();
    fds.filter_map(|fd| std::fs::read_link(fd.path()).ok()).any(|target| target.ends_with(name))
}

pub fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl World {
    /// The configuration's keys (`section.key`) with their TOML values, and the environment of the runs.
    pub fn settings_and_environment(&self) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
        (self.config.clone(), self.env.clone())
    }
}

/// The object with its times of day blanked: they move with the machine.
pub fn steady(mut object: Value) -> Value {
    blank_time(&mut object["at"]);
    let run = object["run"].as_str().unwrap_or_default();
    assert!(run.len() == 5 && run.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{run:?} names no run");
    object["run"] = json!("RUN");
    if let Some(token) = object.get_mut("token").filter(|token| token.is_object()) {
        blank_time(&mut token["expires_at"]);
        if token["seconds_left"].is_i64() {
            token["seconds_left"] = json!("SECONDS");
        }
    }
    if let Some(runs) = object.get_mut("last_runs").and_then(Value::as_object_mut) {
        runs.values_mut().for_each(|run| blank_time(&mut run["at"]));
    }
    for list in ["open_orders", "unknown_orders"] {
        if let Some(orders) = object.get_mut(list).and_then(Value::as_array_mut) {
            orders.iter_mut().for_each(|order| blank_time(&mut order["submitted_at"]));
        }
    }
    object
}

fn blank_time(value: &mut Value) {
    if let Some(text) = value.as_str() {
        assert!(text.ends_with('Z') && text.parse::<DateTime<Utc>>().is_ok(), "{text} is no RFC 3339 instant in UTC");
        *value = json!("TIME");
    }
}
