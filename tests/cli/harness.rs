//! One simulated gateway, one state directory, one configuration; runs of the real binary with a cleared environment.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use kis_sim::{Options, Sim};
use serde_json::{Value, json};
use tempfile::TempDir;

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
    pub sim: Sim,
    pub mode: Mode,
    pub now: DateTime<Utc>,
    dir: TempDir,
    /// `section.key` (or `key`) to a TOML value.
    config: BTreeMap<String, String>,
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
        let now: DateTime<Utc> = at.parse().expect("an RFC 3339 instant");
        let sim = Sim::start(Options { start: Some(now), ..Options::default() }).expect("kis-sim starts");
        let mut world =
            World { sim, mode, now, dir: TempDir::new().unwrap(), config: BTreeMap::new(), env: BTreeMap::new() };
        world.control("POST", "/limits", json!({ "gateway_per_second": null, "ledger_per_second": null }));
        world.set_clock(now);
        let gateway = format!("{:?}", world.sim.gateway_url());
        world
            .set("mode", if mode == Mode::Paper { "\"paper\"" } else { "\"real\"" })
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
        self.control("POST", "/clock", json!({ "set": rfc3339(now), "ticking": false }));
    }

    /// Moves both clocks on; kis-sim fills and expires orders on the way.
    pub fn advance(&mut self, seconds: i64) {
        self.now += TimeDelta::seconds(seconds);
        self.control("POST", "/clock", json!({ "advance_seconds": seconds, "ticking": false }));
    }

    /// One request to kis-sim's control port.
    pub fn control(&self, method: &str, path: &str, body: Value) -> Value {
        self.sim.control(method, path, body)
    }

    /// Scripts a fault of the next request to an endpoint, with more keys in `more`.
    pub fn fault(&self, endpoint: &str, kind: &str, more: Value) {
        let mut fault = json!({ "endpoint": endpoint, "kind": kind });
        for (key, value) in more.as_object().expect("an object") {
            fault[key] = value.clone();
        }
        self.control("POST", "/faults", fault);
    }

    /// Pins a quote.
    pub fn price(&self, symbol: &str, last: &str, base: &str) {
        self.control("POST", "/prices", json!({ "symbol": symbol, "last": last, "base": base, "volume": 1000 }));
    }

    /// Gives the account a holding.
    pub fn hold(&self, symbol: &str, quantity: u64, average_cost: &str) {
        let account = self.account();
        let position =
            json!({ "account": account, "symbol": symbol, "quantity": quantity, "average_cost": average_cost });
        self.control("POST", "/positions", position);
    }

    /// `paper` or `real`, as the control port takes it.
    pub fn account(&self) -> &'static str {
        if self.mode == Mode::Paper { "paper" } else { "real" }
    }

    /// The account's books at kis-sim: cash, positions, orders, fills.
    pub fn ledger(&self) -> Value {
        self.control("GET", "/ledger", Value::Null)["accounts"][self.account()].clone()
    }

    /// The account's plain orders at kis-sim, cancel and modify rows left out.
    pub fn orders(&self) -> Vec<Value> {
        let orders = self.ledger()["orders"].as_array().cloned().unwrap_or_default();
        orders.into_iter().filter(|order| order["original_id"].as_str().unwrap_or("").is_empty()).collect()
    }

    /// The TR ids of the requests received, in order; token requests show their path.
    pub fn requests(&self) -> Vec<String> {
        let requests =
            self.control("GET", "/requests", Value::Null)["requests"].as_array().cloned().unwrap_or_default();
        let name = |request: &Value| match request["tr_id"].as_str() {
            Some(tr_id) if !tr_id.is_empty() => tr_id.to_owned(),
            _ => request["path"].as_str().unwrap_or_default().to_owned(),
        };
        requests.iter().map(name).collect()
    }

    /// Forgets the requests received so far.
    pub fn forget_requests(&self) {
        self.control("DELETE", "/requests", json!({}));
    }

    /// A path in the state directory.
    pub fn state(&self, name: &str) -> PathBuf {
        self.dir.path().join("state").join(name)
    }

    /// A path beside the configuration.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The journal's lines of all months.
    pub fn journal(&self) -> Vec<Value> {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(self.state("")).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
        files.sort();
        let text: String = files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The journal's lines of one kind.
    pub fn journal_of(&self, kind: &str) -> Vec<Value> {
        self.journal().into_iter().filter(|line| line["kind"] == kind).collect()
    }

    /// Writes the configuration and prepares a run without starting it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        std::fs::write(self.path("config.toml"), self.config_text()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_kis-trade"));
        command.env_clear().envs(&self.env).env("KIS_TRADE_NOW", rfc3339(self.now)).current_dir(self.dir.path());
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

    fn config_text(&self) -> String {
        let mut sections: BTreeMap<&str, String> = BTreeMap::new();
        for (key, value) in &self.config {
            let (section, key) = key.split_once('.').unwrap_or(("", key));
            sections.entry(section).or_default().push_str(&format!("{key} = {value}\n"));
        }
        let heading = |section: &str| if section.is_empty() { String::new() } else { format!("[{section}]\n") };
        sections.iter().map(|(section, lines)| heading(section) + lines).collect()
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

    /// The one JSON object on standard output.
    pub fn object(&self) -> Value {
        assert_eq!(self.stdout.lines().count(), 1, "not one line: {:?}\n{}", self.stdout, self.stderr);
        serde_json::from_str(&self.stdout).expect("a JSON object")
    }
}

pub fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
