//! Rows, the place each one runs in, and what must hold for all of them.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::harness::{World, rfc3339};

/// Every reason word that users may meet.
const REASONS: &str = "market_closed after_buy_until halted sell_only foreign_order daily_loss_limit total_unknown \
    filter_not_met filter_unknown cash_too_low no_candidate no_position nothing_to_sell nothing_to_cancel ran_just_now \
    too_soon order_rejected order_unknown lock_busy rate_limited token_refused credentials_refused gateway_unreachable \
    gateway_nonsense clock_untrusted state_unreadable state_unwritable state_of_another_account config_invalid usage";

/// State files that any run may replace.
const REPLACED: [&str; 6] = ["token_attempt.json", "symbols.json", "rate", "account.lock", "trades.json", "clock.json"];

type Arrange<'a> = Box<dyn Fn(&mut Site) + 'a>;
type After<'a> = Box<dyn Fn(&Site, &Told) -> Result<(), String> + 'a>;

/// One piece of bad input and what must come of it.
pub struct Row<'a> {
    name: String,
    exit: i32,
    /// Must stand in the message.
    word: String,
    arrange: Arrange<'a>,
    after: Option<After<'a>>,
    orders: usize,
}

/// A row that runs `buy --dry-run`, unless `arrange` says otherwise.
pub fn row<'a>(
    name: impl Into<String>,
    exit: i32,
    word: impl Into<String>,
    arrange: impl Fn(&mut Site) + 'a,
) -> Row<'a> {
    Row { name: name.into(), exit, word: word.into(), arrange: Box::new(arrange), after: None, orders: 0 }
}

impl<'a> Row<'a> {
    /// Looks at what the run left.
    pub fn after(mut self, check: impl Fn(&Site, &Told) -> Result<(), String> + 'a) -> Row<'a> {
        self.after = Some(Box::new(check));
        self
    }

    /// States how many orders the broker has afterwards that it did not have before.
    pub fn orders(mut self, orders: usize) -> Row<'a> {
        self.orders = orders;
        self
    }
}

/// What a run said.
pub struct Told {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    /// The object of `--json`; null when standard output was lost on purpose.
    pub object: Value,
}

/// One world whose gateway many rows share, and the state that a good run leaves.
pub struct Bench {
    pub world: World,
    settings: BTreeMap<String, String>,
    environment: BTreeMap<String, String>,
    seed: Vec<(String, Vec<u8>)>,
}

/// The place one row runs in.
pub struct Site {
    dir: TempDir,
    settings: BTreeMap<String, String>,
    config: Option<Vec<u8>>,
    environment: BTreeMap<OsString, OsString>,
    arguments: Vec<OsString>,
    shell: Option<String>,
    in_directory: Option<PathBuf>,
    loses_stdout: bool,
    is_plain: bool,
    secrets: Vec<String>,
}

/// A file, link or other thing below a directory, with what it holds.
type Snapshot = BTreeMap<String, (String, Vec<u8>)>;

impl Bench {
    /// A paper account in mid-session with a live token.
    pub fn new() -> Bench {
        let bench = Bench::bare(World::paper());
        bench.seeded(&["token-check"])
    }

    /// A world with no state yet.
    pub fn bare(world: World) -> Bench {
        world.sim.control("POST", "/limits", serde_json::json!({ "token_per_minute": false }));
        let (mut settings, environment) = world.settings_and_environment();
        settings.insert("buy.watch".to_owned(), "[\"NASD:AAPL\", \"NASD:AMZN\", \"NASD:TSLA\"]".to_owned());
        settings.insert("lock.wait_seconds".to_owned(), "0".to_owned());
        for (symbol, last, base) in [("AAPL", "170", "175"), ("AMZN", "110", "113"), ("TSLA", "180", "188")] {
            world.sim.price(symbol, last, base);
        }
        Bench { world, settings, environment, seed: Vec::new() }
    }

    /// The same with one more configuration key.
    pub fn new_with(key: &str, value: &str) -> Bench {
        Bench::bare(World::paper()).with_setting(key, value).seeded(&["token-check"])
    }

    /// Sets a configuration key of every row.
    pub fn with_setting(mut self, key: &str, value: &str) -> Bench {
        self.settings.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Sends requests elsewhere, as long as that is a loopback address too.
    pub fn through(mut self, url: &str) -> Bench {
        self.settings.insert("gateway.base_url".to_owned(), format!("{url:?}"));
        self
    }

    /// Keeps the state that one good run leaves, for every row and the next seed to start from.
    pub fn seeded(mut self, arguments: &[&str]) -> Bench {
        let mut site = self.seeded_site();
        site.arguments(arguments);
        let told = self.run(&site).expect("the run that makes the seed");
        assert_eq!(told.code, 0, "{}{}", told.stdout, told.stderr);
        self.seed = snapshot(&site.state(""))
            .into_iter()
            .filter(|(name, (kind, _))| kind == "file" && !name.ends_with(".lock") && !name.starts_with("last_run"))
            .map(|(name, (_, bytes))| (name, bytes))
            .collect();
        self
    }

    /// The content of a seed file.
    pub fn seed_file(&self, name: &str) -> Vec<u8> {
        self.seed.iter().find(|(known, _)| known == name).map(|(_, bytes)| bytes.clone()).expect("a seed file")
    }

    /// The name of the seed's journal.
    pub fn journal_name(&self) -> String {
        let name = self.seed.iter().map(|(name, _)| name).find(|name| name.starts_with("orders-"));
        name.expect("a journal").clone()
    }

    /// Runs every row and tells all that failed at once.
    pub fn check(&self, rows: Vec<Row<'_>>) {
        // Seen with `--no-capture`, so that anyone can count them.
        let _ = writeln!(std::io::stdout(), "rows checked: {}", rows.len());
        let mut failed = Vec::new();
        for row in &rows {
            if let Err(why) = self.try_row(row) {
                failed.push(format!("{}: {why}", row.name));
            }
        }
        assert!(failed.is_empty(), "{} of {} rows failed\n{}", failed.len(), rows.len(), failed.join("\n"));
    }

    /// A place to run in, with the seed's state.
    pub fn seeded_site(&self) -> Site {
        let site = self.site();
        make_private_directory(&site.state(""));
        for (name, bytes) in &self.seed {
            site.write_state(name, bytes);
        }
        site
    }

    fn site(&self) -> Site {
        Site {
            dir: TempDir::new().unwrap(),
            settings: self.settings.clone(),
            config: None,
            environment: self.environment.iter().map(|(name, value)| (name.into(), value.into())).collect(),
            arguments: vec!["buy".into(), "--dry-run".into()],
            shell: None,
            in_directory: None,
            loses_stdout: false,
            is_plain: false,
            secrets: Vec::new(),
        }
    }

    /// Runs one row.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn try_row(&self, row: &Row<'_>) -> Result<(), String> {
        let mut site = self.seeded_site();
        (row.arrange)(&mut site);
        let orders = self.world.sim.orders().len();
        let (state, around) = (snapshot(&site.state("")), self.snapshot_around(&site));
        let told = self.run(&site)?;
        let secrets = self.secrets(&site);
        check_told(&told, row, &secrets, &site)?;
        check_nothing_lost(&state, &snapshot(&site.state("")), &secrets)?;
        if self.snapshot_around(&site) != around {
            return Err("a file of the user's was changed".to_owned());
        }
        let sent = self.world.sim.orders().len() - orders;
        if sent != row.orders {
            return Err(format!("{sent} orders reached the broker, not {}", row.orders));
        }
        row.after.as_ref().map_or(Ok(()), |after| after(&site, &told))
    }

    /// The user's own files; the configuration is written by then.
    fn snapshot_around(&self, site: &Site) -> Snapshot {
        site.write_config();
        let mut around = snapshot(site.dir.path());
        around.retain(|name, _| !["state", "gone"].contains(&name.as_str()) && !name.starts_with("state/"));
        around
    }

    /// Runs the program there.
    ///
    /// # Errors
    /// It did not start, was killed, or did not write what it must.
    pub fn run(&self, site: &Site) -> Result<Told, String> {
        site.write_config();
        let mut arguments = site.arguments.clone();
        if !site.is_plain {
            arguments.insert(0, "--json".into());
        }
        let program = env!("CARGO_BIN_EXE_kis-trade");
        let mut command = match &site.shell {
            None => Command::new(program),
            Some(script) => {
                let mut shell = Command::new("/bin/sh");
                shell.args(["-c", script, program]);
                shell
            }
        };
        let now = rfc3339(self.world.now);
        command.env_clear().env("KIS_TRADE_NOW", now).envs(&site.environment).args(&arguments);
        command.current_dir(site.in_directory.as_deref().unwrap_or(site.dir.path())).stdin(Stdio::null());
        let output = command.output().map_err(|error| format!("it did not start: {error}"))?;
        let text = |bytes| String::from_utf8(bytes).map_err(|_| "it wrote something else than UTF-8".to_owned());
        let (stdout, stderr) = (text(output.stdout)?, text(output.stderr)?);
        let code = output.status.code().ok_or_else(|| format!("killed by a signal: {}", output.status))?;
        let object = if site.loses_stdout || site.is_plain { Value::Null } else { one_object(&stdout, &stderr)? };
        Ok(Told { code, stdout, stderr, object })
    }

    fn secrets(&self, site: &Site) -> Vec<String> {
        let mut secrets: Vec<String> =
            ["KIS_APP_KEY", "KIS_APP_SECRET"].iter().filter_map(|name| self.environment.get(*name).cloned()).collect();
        secrets.extend(self.environment.get("KIS_ACCOUNT_NO").and_then(|account| account.get(..8)).map(str::to_owned));
        let tokens = self.world.sim.control("GET", "/tokens", Value::Null);
        let tokens = tokens["tokens"].as_array().into_iter().flatten();
        secrets.extend(tokens.filter_map(|token| token["token"].as_str().map(str::to_owned)));
        // A secret that was cut is one all the same.
        let pieces =
            secrets.iter().filter(|secret| secret.len() > 24).map(|secret| secret[secret.len() - 20..].to_owned());
        let pieces: Vec<String> =
            pieces.chain(secrets.iter().filter_map(|secret| secret.get(..20).map(str::to_owned))).collect();
        secrets.extend(pieces);
        secrets.extend(site.secrets.iter().cloned());
        secrets
    }
}

impl Site {
    /// Sets a configuration key (`section.key`) to a TOML value.
    pub fn set(&mut self, key: &str, value: &str) -> &mut Site {
        self.settings.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Leaves a configuration key out.
    pub fn unset(&mut self, key: &str) -> &mut Site {
        self.settings.remove(key);
        self
    }

    /// The configuration as it stands.
    pub fn config_text(&self) -> String {
        let mut sections: BTreeMap<&str, String> = BTreeMap::new();
        for (key, value) in &self.settings {
            let (section, key) = key.split_once('.').unwrap_or(("", key));
            sections.entry(section).or_default().push_str(&format!("{key} = {value}\n"));
        }
        let heading = |section: &str| if section.is_empty() { String::new() } else { format!("[{section}]\n") };
        sections.iter().map(|(section, lines)| heading(section) + lines).collect()
    }

    /// Writes these bytes as the configuration.
    pub fn config(&mut self, bytes: impl Into<Vec<u8>>) -> &mut Site {
        self.config = Some(bytes.into());
        self
    }

    /// Sets an environment variable.
    pub fn env(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Site {
        self.environment.insert(name.as_ref().to_owned(), value.as_ref().to_owned());
        self
    }

    /// Removes an environment variable.
    pub fn unset_env(&mut self, name: &str) -> &mut Site {
        self.environment.remove(OsStr::new(name));
        self
    }

    /// Takes the credentials out of the environment and gives them: key, secret, account.
    pub fn take_credentials(&mut self) -> [String; 3] {
        ["KIS_APP_KEY", "KIS_APP_SECRET", "KIS_ACCOUNT_NO"].map(|name| {
            let value = self.environment.remove(OsStr::new(name)).unwrap_or_default();
            value.into_string().unwrap()
        })
    }

    /// The arguments after `--json`.
    pub fn arguments<A: AsRef<OsStr>>(&mut self, arguments: impl IntoIterator<Item = A>) -> &mut Site {
        self.arguments = arguments.into_iter().map(|argument| argument.as_ref().to_owned()).collect();
        self
    }

    /// Runs without `--json`.
    pub fn plain(&mut self) -> &mut Site {
        self.is_plain = true;
        self
    }

    /// All state files, whatever they are: names and contents.
    pub fn all_state(&self) -> Vec<(String, Vec<u8>)> {
        snapshot(&self.state("")).into_iter().map(|(name, (_, bytes))| (name, bytes)).collect()
    }

    /// Starts the program from a shell script, as `"$0" "$@"`.
    pub fn shell(&mut self, script: &str) -> &mut Site {
        self.shell = Some(script.to_owned());
        self
    }

    /// Standard output leads nowhere.
    pub fn loses_stdout(&mut self) -> &mut Site {
        self.loses_stdout = true;
        self
    }

    /// Starts the program somewhere else.
    pub fn in_directory(&mut self, path: &Path) -> &mut Site {
        self.in_directory = Some(path.to_owned());
        self
    }

    /// Must not be shown either.
    pub fn secret(&mut self, text: &str) -> &mut Site {
        self.secrets.push(text.to_owned());
        self
    }

    /// A path beside the configuration.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A path in the state directory.
    pub fn state(&self, name: &str) -> PathBuf {
        self.dir.path().join("state").join(name)
    }

    /// Replaces a state file.
    pub fn write_state(&self, name: &str, bytes: &[u8]) {
        let path = self.state(name);
        let _ = fs::remove_file(&path);
        write(&path, bytes, 0o600);
    }

    /// Reads a state file.
    pub fn read_state(&self, name: &str) -> Vec<u8> {
        fs::read(self.state(name)).unwrap_or_default()
    }

    /// The names of the state files that begin like this.
    pub fn states(&self, beginning: &str) -> Vec<String> {
        let names = fs::read_dir(self.state("")).into_iter().flatten().flatten();
        let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.starts_with(beginning)).collect()
    }

    fn write_config(&self) {
        let path = self.dir.path().join("config.toml");
        // A row may have put something else in its place.
        if self.config.is_some() || fs::symlink_metadata(&path).is_err() {
            write(&path, self.config.as_deref().unwrap_or(self.config_text().as_bytes()), 0o644);
        }
    }
}

/// Writes a file of this mode.
pub fn write(path: &Path, bytes: &[u8], mode: u32) {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(path).unwrap();
    file.write_all(bytes).unwrap();
    file.set_permissions(Permissions::from_mode(mode)).unwrap();
}

/// Makes a directory that only its owner can enter.
pub fn make_private_directory(path: &Path) {
    DirBuilder::new().mode(0o700).recursive(true).create(path).unwrap();
}

/// Makes a FIFO.
pub fn make_fifo(path: &Path) {
    let fifo = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, path, fifo, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR, 0).unwrap();
}

fn one_object(stdout: &str, stderr: &str) -> Result<Value, String> {
    if stdout.lines().count() != 1 {
        return Err(format!("standard output is not one line: {stdout:?}\n{stderr}"));
    }
    let object: Value = serde_json::from_str(stdout).map_err(|error| format!("no JSON ({error}): {stdout:?}"))?;
    if object.is_object() { Ok(object) } else { Err(format!("no JSON object: {stdout:?}")) }
}

fn check_told(told: &Told, row: &Row<'_>, secrets: &[String], site: &Site) -> Result<(), String> {
    let Told { code, stdout, stderr, object } = told;
    let said = format!("{stdout}{stderr}");
    let shown: String = format!("{}\n{stderr}", object["detail"]).chars().take(400).collect();
    if *code != row.exit {
        return Err(format!("exit {code}, not {}: {shown}", row.exit));
    }
    if let Some(secret) = secrets.iter().find(|secret| !secret.is_empty() && said.contains(secret.as_str())) {
        return Err(format!("a secret of {} bytes was shown: {shown}", secret.len()));
    }
    if said.contains("panicked") || said.contains("internal error") {
        return Err(format!("it panicked: {shown}"));
    }
    if let Some(odd) = said.chars().find(|c| is_odd(*c)) {
        return Err(format!("{odd:?} was written to the terminal: {shown:?}"));
    }
    if !said.contains(&row.word) {
        return Err(format!("{:?} is not said: {shown}", row.word));
    }
    if site.loses_stdout || site.is_plain {
        return Ok(());
    }
    if object["exit_code"].as_i64() != Some(i64::from(*code)) {
        return Err(format!("exit_code differs from {code}: {shown}"));
    }
    let texts = ["detail", "next"].iter().filter_map(|key| object[*key].as_str());
    let texts = texts.chain(object["warnings"].as_array().into_iter().flatten().filter_map(Value::as_str));
    for text in texts {
        if let Some(odd) = text.chars().find(|c| is_odd(*c)) {
            return Err(format!("{odd:?} stands in the JSON text {text:?}"));
        }
    }
    let reason = object["reason"].as_str();
    let result = object["result"].as_str().unwrap_or_default();
    let is_known = |reason: &str| REASONS.split_whitespace().any(|known| known == reason);
    match (result, reason) {
        ("done", None) if *code == 0 => Ok(()),
        ("nothing_to_do", Some(reason)) if *code == 0 && is_known(reason) => Ok(()),
        ("failed", Some(reason)) if *code != 0 && is_known(reason) => Ok(()),
        _ => Err(format!("result {result:?} and reason {reason:?} do not go with exit {code}: {shown}")),
    }
}

/// Characters that change what a terminal shows.
fn is_odd(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Every old file is as it was, or only grew, or its content is kept beside it.
fn check_nothing_lost(before: &Snapshot, after: &Snapshot, secrets: &[String]) -> Result<(), String> {
    for (name, (kind, bytes)) in before {
        let found = after.get(name);
        let is_same = found.is_some_and(|(now, content)| now == kind && content == bytes);
        if is_same || may_change(name, bytes, found.map(|(_, content)| content.as_slice()), after) {
            continue;
        }
        return Err(format!("state file {name} ({kind}) was lost or changed; there is {:?}", after.keys()));
    }
    for (name, (_, bytes)) in after {
        let holds = |secret: &String| bytes.windows(secret.len().max(1)).any(|window| window == secret.as_bytes());
        let is_tokens = name.starts_with("api_token.json");
        let is_new = before.get(name).is_none_or(|(_, old)| old != bytes);
        if is_new && !is_tokens && secrets.iter().any(|secret| !secret.is_empty() && holds(secret)) {
            return Err(format!("state file {name} holds a secret"));
        }
    }
    Ok(())
}

fn may_change(name: &str, old: &[u8], new: Option<&[u8]>, after: &Snapshot) -> bool {
    let kept_as = |beginning: &str| {
        let mut kept = after.iter().filter(|(name, _)| name.starts_with(beginning)).map(|(_, (_, bytes))| bytes);
        kept.any(|bytes| bytes == old)
    };
    if name == "api_token.json" || name.starts_with("api_token.json/") {
        return kept_as("api_token.json.bad-") || (is_token(old) && new.is_some_and(is_token));
    }
    if name.starts_with("orders-") {
        let torn = after.iter().filter(|(name, _)| name.starts_with("journal.torn-")).map(|(_, (_, bytes))| bytes);
        let grew = |old: &[u8]| new.is_some_and(|new| new.starts_with(old));
        return grew(old) || torn.into_iter().any(|cut| old.strip_suffix(cut.as_slice()).is_some_and(grew));
    }
    if name == "trades.csv" {
        return new.is_some_and(|new| new.starts_with(old));
    }
    let is_run_file = name.starts_with("last_run_") || name.starts_with("equity_") || name.ends_with(".lock");
    new.is_some() && (REPLACED.contains(&name) || is_run_file)
}

fn is_token(bytes: &[u8]) -> bool {
    let value: Value = serde_json::from_slice(bytes).unwrap_or_default();
    value["access_token"].is_string() && value["expires_at"].is_number()
}

/// Everything below a directory, links not followed.
fn snapshot(folder: &Path) -> Snapshot {
    let mut found = Snapshot::new();
    collect(folder, "", &mut found);
    found
}

fn collect(folder: &Path, prefix: &str, found: &mut Snapshot) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let Ok(metadata) = fs::symlink_metadata(entry.path()) else { continue };
        let content = if metadata.is_dir() {
            collect(&entry.path(), &format!("{name}/"), found);
            ("directory".to_owned(), Vec::new())
        } else if metadata.is_symlink() {
            let target = fs::read_link(entry.path()).unwrap_or_default();
            ("link".to_owned(), target.as_os_str().as_bytes().to_vec())
        } else if metadata.is_file() && metadata.len() < 32 << 20 {
            ("file".to_owned(), fs::read(entry.path()).unwrap_or_default())
        } else {
            (format!("{:o}", metadata.mode()), metadata.len().to_be_bytes().to_vec())
        };
        found.insert(name, content);
    }
}
