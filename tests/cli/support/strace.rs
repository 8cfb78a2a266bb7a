//! The tool for tests that kill the real binary, or fail one of its system calls: strace injects both.
//!
//! A run is traced once, which lists its system calls. Then one run for each of them, each in a fresh world, is killed
//! as it enters that call (the call does not happen), or has that call fail. What must hold afterwards is the test's
//! part. Works for every command and every script of kis-sim's faults.
//!
//! strace counts calls by name and by thread. kis-trade has one thread, hence a name and a number mean one call: the same
//! one in every run, as the gateway takes its time and no request waits for its turn ([`TAKES_ITS_TIME`]). What did fail
//! is read from the failing run itself all the same, by what the call shows, and so is what came before it ([`Failed`]).
//! (How often `setsockopt` comes is the clock's matter even so: what holds for any call does not mind which it was.)
//! The loader's calls before the program proper are left out: nothing of ours has happened yet, and a failure there is
//! the loader's to tell. The program proper begins where it opens its configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::support::harness::{Run, World, wait_until};

/// Where strace writes, in the run's working directory.
const LOG: &str = "strace.log";
/// The first call of the program proper.
const BEGINNING: &str = "\"config.toml\"";
/// A call that ends a program can't be entered in vain.
const NEVER: [&str; 2] = ["execve", "exit_group"];
/// Calls that change what others can see: files, locks and what KIS receives.
const CHANGING: [&str; 19] = [
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "renameat2",
    "mkdir",
    "mkdirat",
    "unlink",
    "unlinkat",
    "flock",
    "fchmod",
    "ftruncate",
    "connect",
    "sendto",
    "recvfrom",
    "openat",
    "open",
];

/// Seconds that the gateway takes for an answer here, many times the interval between two requests. A request that has to
/// wait for its turn writes `rate` once more, and then the n-th call of that name is another one. How often that happens
/// depends on how fast the run is: a traced one is slow, one of which strace stops a single call is not.
const TAKES_ITS_TIME: f64 = 0.002;
/// What a failing run shows besides the call that fails: what it sent, and what it wrote down before.
const SHOWN_BESIDES: &str = "write,fsync,fdatasync,sendto";

/// One system call of a run.
#[derive(Clone, Debug)]
pub struct Call {
    pub name: String,
    /// Counted from 1 among the calls of that name.
    pub nth: usize,
    /// The call as strace shows it.
    pub shown: String,
}

impl Call {
    /// What was done at it, for messages.
    pub fn told(&self, what: &str) -> String {
        format!("{what} at {} {}: {}", self.name, self.nth, self.shown)
    }

    /// Reports whether the world may look different before and after it.
    pub fn changes_something(&self) -> bool {
        let opens = self.name.starts_with("open");
        CHANGING.contains(&self.name.as_str()) && (!opens || self.shown.contains("O_CREAT"))
    }
}

/// A run in which a call failed.
pub struct Failed {
    pub run: Run,
    /// Its calls of that name and of [`SHOWN_BESIDES`], up to the first that failed: that one is the last of them.
    pub calls: Vec<Call>,
}

impl Failed {
    /// The call that failed, as this run shows it.
    pub fn call(&self) -> &Call {
        self.calls.last().expect("a call failed")
    }
}

/// How many kills or failures a test makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// One at each call.
    All,
    /// So many, those at calls that change something first.
    AtMost(usize),
}

impl Amount {
    /// `default`, unless the environment variable `KIS_TRADE_KILLS` says `all` or a larger number.
    pub fn from_environment(default: usize) -> Amount {
        match std::env::var("KIS_TRADE_KILLS") {
            Ok(word) if word == "all" => Amount::All,
            Ok(number) => {
                let number = number.parse::<usize>().expect("KIS_TRADE_KILLS is `all` or a number");
                Amount::AtMost(number.max(default))
            }
            Err(_) => Amount::AtMost(default),
        }
    }

    /// Chooses among the calls, always the same ones.
    pub fn choose(self, calls: Vec<Call>) -> Vec<Call> {
        let most = match self {
            Amount::All => calls.len(),
            Amount::AtMost(most) => most.min(calls.len()),
        };
        let (mut chosen, others): (Vec<Call>, Vec<Call>) = calls.into_iter().partition(Call::changes_something);
        if chosen.len() > most {
            return evenly(&chosen, most);
        }
        chosen.extend(evenly(&others, most - chosen.len()));
        chosen
    }
}

/// So many of the calls, spread over all of them.
fn evenly(calls: &[Call], count: usize) -> Vec<Call> {
    (0..count.min(calls.len())).map(|index| calls[index * calls.len() / count].clone()).collect()
}

/// Lists the calls of the program proper.
pub fn trace(world: &World, arguments: &[&str]) -> Vec<Call> {
    let status = traced(world, arguments, &[]).status().expect("strace starts");
    let text = std::fs::read_to_string(world.files.path(LOG)).unwrap_or_default();
    let mut calls = calls_in(text.lines());
    let begins = |call: &Call| call.name.starts_with("open") && call.shown.contains(BEGINNING);
    calls.drain(..calls.iter().position(begins).unwrap_or(calls.len()));
    calls.retain(|call| !NEVER.contains(&&*call.name));
    assert!(calls.len() > 50, "strace ({status}) shows too little, may it trace here? {text}");
    let threads: std::collections::BTreeSet<_> = text.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(threads.len(), 1, "with a second thread the numbers of the calls would mean nothing");
    calls
}

/// The calls that strace wrote down, counted by name.
fn calls_in<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<Call> {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    let mut calls = Vec::new();
    for line in lines {
        // `4711  read(3, …) = 5`; a line of another shape is an end or a signal.
        let Some(shown) = line.split_once(' ').map(|(_, rest)| rest.trim_start()) else { continue };
        let Some((name, _)) = shown.split_once('(') else { continue };
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            continue;
        }
        let nth = count.entry(name).or_default();
        *nth += 1;
        calls.push(Call { name: name.to_owned(), nth: *nth, shown: shown.chars().take(160).collect() });
    }
    calls
}

/// Kills the run with -9 as it enters the call; false when it never came there.
///
/// Not with `--seccomp-bpf`, which makes other runs cheaper: strace 6.1 then forgets the signal.
pub fn kill_at(world: &World, arguments: &[&str], call: &Call) -> bool {
    use std::os::unix::process::ExitStatusExt;
    let inject = format!("inject={}:signal=KILL:when={}", call.name, call.nth);
    let trace = format!("trace={}", call.name);
    let mut command = traced(world, arguments, &["-e", &trace, "-e", &inject]);
    let status = command.status().expect("strace starts");
    wait_until_served(world);
    // strace ends as what it traced did.
    status.signal() == Some(9)
}

/// Lets the call fail with this error; none when the run never came there.
pub fn fail_at(world: &World, arguments: &[&str], call: &Call, error: &str) -> Option<Failed> {
    fail_when(world, arguments, &call.name, error, &call.nth.to_string())
}

/// Lets the call and all later ones of its name fail with this error, as a full disk does.
pub fn fail_from(world: &World, arguments: &[&str], call: &Call, error: &str) -> Option<Failed> {
    fail_when(world, arguments, &call.name, error, &format!("{}+", call.nth))
}

/// Lets calls of these names, separated by commas, fail with this error; `when` counts them for each name.
pub fn fail_when(world: &World, arguments: &[&str], names: &str, error: &str, when: &str) -> Option<Failed> {
    let inject = format!("inject={names}:error={error}:when={when}");
    let trace = format!("trace={names},{SHOWN_BESIDES}");
    let mut command = traced(world, arguments, &["--seccomp-bpf", "-e", &trace, "-e", &inject]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let run = Run::of(command.output().expect("strace starts"));
    wait_until_served(world);
    let log = std::fs::read_to_string(world.files.path(LOG)).unwrap_or_default();
    let first = log.lines().position(|line| line.contains("(INJECTED)"))?;
    Some(Failed { run, calls: calls_in(log.lines().take(first + 1)) })
}

/// Kills a run at each chosen call, in a fresh world each time, and hands the world to `after` with what was done to it.
///
/// Panics unless nearly all were killed, and at least `at_least` of them. The run behind the trace is not killed.
pub fn kill_everywhere(
    name: &str,
    (amount, at_least): (Amount, usize),
    arrange: &dyn Fn() -> World,
    arguments: &[&str],
    after: &dyn Fn(World, &Call, &str),
) {
    let calls = amount.choose(trace(&arrange(), arguments));
    let mut killed = 0;
    for call in &calls {
        let world = arrange();
        if kill_at(&world, arguments, call) {
            killed += 1;
            after(world, call, &call.told("killed"));
        }
    }
    say(&format!("{name}: {killed} kills at {} calls", calls.len()));
    assert!(killed + calls.len() / 20 >= calls.len(), "{name}: of {} runs only {killed} were killed", calls.len());
    assert!(killed >= at_least, "{name}: only {killed} kills");
}

/// Lets the calls of a run fail, each time in a fresh world, and hands the world to `after` with what the run said.
///
/// As [`kill_everywhere`].
pub fn fail_everywhere(
    name: &str,
    (failing, at_least): (&Failing, usize),
    arrange: &dyn Fn() -> World,
    arguments: &[&str],
    after: &dyn Fn(World, &Run, &str),
) {
    let pairs = failing.pairs(trace(&arrange(), arguments));
    let mut failed = 0;
    for (call, error) in &pairs {
        let world = arrange();
        if let Some(failure) = fail_at(&world, arguments, call, error) {
            failed += 1;
            after(world, &failure.run, &failure.call().told(error));
        }
    }
    say(&format!("{name}: {failed} failures of {} wanted", pairs.len()));
    assert!(failed + pairs.len() / 20 >= pairs.len(), "{name}: of {} wanted only {failed} failed", pairs.len());
    assert!(failed >= at_least, "{name}: only {failed} failures");
}

/// Which calls are to fail, and how.
#[derive(Clone, Copy, Debug)]
pub struct Failing<'a> {
    /// Names of calls.
    pub calls: &'a [&'a str],
    /// Names of errors.
    pub errors: &'a [&'a str],
    pub extent: Extent,
}

/// With which of the errors a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// With each.
    Each,
    /// With each where it changes something, else with one of them in turn.
    EachThatChanges,
    /// With one of them in turn.
    InTurn,
}

impl Extent {
    /// `default`, unless the environment variable `KIS_TRADE_KILLS` says `all`.
    pub fn from_environment(default: Extent) -> Extent {
        if Amount::from_environment(0) == Amount::All { Extent::Each } else { default }
    }
}

impl Failing<'_> {
    fn pairs(&self, calls: Vec<Call>) -> Vec<(Call, &str)> {
        let failing = calls.into_iter().filter(|call| self.calls.contains(&call.name.as_str()));
        let of_call = |(index, call): (usize, Call)| {
            let is_each = match self.extent {
                Extent::Each => true,
                Extent::EachThatChanges => call.changes_something(),
                Extent::InTurn => false,
            };
            let errors = if is_each { self.errors } else { &self.errors[index % self.errors.len()..][..1] };
            errors.iter().map(move |error| (call.clone(), *error)).collect::<Vec<_>>()
        };
        failing.enumerate().flat_map(of_call).collect()
    }
}

/// Waits until kis-sim has done with all that it received: a killed run leaves its request behind.
pub fn wait_until_served(world: &World) {
    wait_until("kis-sim serves on and on", || world.sim.is_idle().unwrap());
}

/// The run under strace, its words thrown away. What the world has scripted for a request comes first; all others are
/// answered after a while.
fn traced(world: &World, arguments: &[&str], options: &[&str]) -> Command {
    world.sim.fault("*", "delay", json!({ "seconds": TAKES_ITS_TIME, "times": u32::MAX }));
    let run = world.command(arguments);
    let mut command = Command::new(strace());
    command.args(["-f", "-qq", "-o", LOG]).args(options).arg(run.get_program()).args(run.get_args());
    command.env_clear().envs(run.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir(run.get_current_dir().unwrap());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Where strace is; the test fails without it.
fn strace() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join("strace")).find(|file| file.is_file());
    found.expect("strace is missing; install strace (`apt-get install strace`, or your system's package of that name)")
}

/// For `--no-capture`.
#[allow(clippy::disallowed_macros, reason = "the test runner takes it")]
fn say(text: &str) {
    println!("{text}");
}
