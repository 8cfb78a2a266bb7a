//! `dist/`: the systemd units start what crontab.example starts, and the service's own command line works.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::support::harness::{Run, World};

const JOBS: [&str; 5] = ["buy", "cleanup", "sell", "status", "token-check"];

fn project(name: &str) -> String {
    std::fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn timer(job: &str) -> String {
    project(&format!("dist/systemd/kis-trade-{job}.timer"))
}

/// The values of a key, in order.
fn values<'a>(unit: &'a str, key: &str) -> Vec<&'a str> {
    unit.lines()
        .filter_map(|line| line.split_once('='))
        .filter(|(name, _)| *name == key)
        .map(|(_, value)| value)
        .collect()
}

/// The minutes of an hour that cron's field, or systemd's, names: lists, and steps from a first value.
fn minutes(field: &str) -> Vec<u32> {
    let number = |text: &str| text.parse::<u32>().unwrap();
    let mut minutes: Vec<u32> = field
        .split(',')
        .flat_map(|part| match part.split_once('/') {
            Some((range, step)) => {
                (number(range.split('-').next().unwrap())..60).step_by(number(step) as usize).collect()
            }
            None => vec![number(part)],
        })
        .collect();
    minutes.sort_unstable();
    minutes
}

/// The jobs of the crontab that README.md has people install, each with its minutes of every hour.
pub fn crontab_minutes() -> BTreeMap<&'static str, Vec<u32>> {
    let mut by_cron = BTreeMap::new();
    for line in project("crontab.example").lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())) {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[1..5], ["*"; 4], "{line}");
        let job = JOBS.into_iter().find(|job| words.contains(job)).expect(line);
        assert_eq!(by_cron.insert(job, minutes(words[0])), None, "{line}");
    }
    assert_eq!(by_cron.len(), JOBS.len());
    by_cron
}

#[test]
fn the_timers_start_what_the_crontab_starts_in_the_same_minutes() {
    let by_cron = crontab_minutes();
    let mut by_systemd = BTreeMap::new();
    for job in JOBS {
        let timer = timer(job);
        assert_eq!(values(&timer, "Unit"), [format!("kis-trade@{job}.service")]);
        let calendar = values(&timer, "OnCalendar")[0];
        let time = calendar.split_whitespace().find(|word| word.contains(':')).unwrap();
        by_systemd.insert(job, minutes(time.split(':').nth(1).unwrap()));
    }
    assert_eq!(by_systemd, by_cron);
    let mut all: Vec<u32> = by_systemd.into_values().flatten().collect();
    all.sort_unstable();
    assert!(all.windows(2).all(|pair| pair[0] != pair[1]), "two jobs share a minute: {all:?}");
}

#[test]
fn a_timer_that_names_hours_names_new_york() {
    for job in JOBS {
        let timer = timer(job);
        let calendar = values(&timer, "OnCalendar")[0];
        let is_round_the_clock = calendar.contains(" *:");
        assert_eq!(calendar.ends_with(" America/New_York"), !is_round_the_clock, "{calendar}");
        assert_eq!((values(&timer, "AccuracySec"), values(&timer, "Persistent")), (vec!["1s"], vec!["false"]), "{job}");
    }
}

#[test]
fn the_services_own_command_line_works_with_the_credentials_that_it_loads() {
    let service = project("dist/systemd/kis-trade@.service");
    let mut world = World::paper();
    let credentials = world.files.path("credentials");
    std::fs::create_dir(&credentials).unwrap();
    let (_, environment) = world.settings_and_environment();
    for loaded in values(&service, "LoadCredential") {
        let (name, path) = loaded.split_once(':').unwrap();
        assert_eq!(path, format!("/etc/kis-trade/{name}"));
        std::fs::write(credentials.join(name), format!("{}\n", environment[name])).unwrap();
        world.unset_env(name);
    }
    assert!(!world.settings_and_environment().1.keys().any(|name| name.starts_with("KIS_")), "not all are loaded");
    // As systemd sets them.
    world.env("CREDENTIALS_DIRECTORY", credentials.to_str().unwrap());
    let state = world.files.path("var-lib");
    for set in values(&service, "Environment") {
        let (name, value) = set.split_once('=').unwrap();
        world.env(name, &value.replace("/var/lib/kis-trade", state.to_str().unwrap()));
    }
    let start = values(&service, "ExecStart")[0];
    let words: Vec<&str> = start.split_whitespace().collect();
    assert_eq!(words[0], "/usr/local/bin/kis-trade");
    for job in JOBS {
        let arguments: Vec<String> = words[1..]
            .iter()
            .map(|word| {
                word.replace("%i", job).replace("/etc/kis-trade/", &format!("{}/", world.files.path("").display()))
            })
            .collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let run = Run::of(world.command(&arguments).output().unwrap());
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""), "{job}");
        assert!(state.join(format!("last_run_{}.json", job.replace('-', "_"))).is_file(), "{job}");
    }
}

#[test]
fn the_service_leaves_no_wall_out() {
    let service = project("dist/systemd/kis-trade@.service");
    for (key, value) in [
        ("User", "kis-trade"),
        ("StateDirectoryMode", "0700"),
        ("UMask", "0077"),
        ("LimitCORE", "0"),
        ("CapabilityBoundingSet", ""),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateTmp", "yes"),
        ("MemoryDenyWriteExecute", "yes"),
    ] {
        assert_eq!(values(&service, key), [value], "{key}");
    }
    assert!(values(&service, "Type") == ["oneshot"] && !values(&service, "TimeoutStartSec").is_empty());
}

#[test]
fn the_log_that_is_rotated_is_the_one_that_the_crontab_writes() {
    let rotated = project("dist/logrotate/kis-trade");
    let log = rotated.lines().find_map(|line| line.strip_suffix(" {")).unwrap();
    let crontab = project("crontab.example");
    let jobs: Vec<&str> = crontab.lines().filter(|line| line.contains(" * * ")).collect();
    // One more is commented out, for paper accounts with strategies.
    assert!(jobs.len() == JOBS.len() + 1 && jobs.iter().all(|line| line.ends_with(&format!(">> {log}"))), "{jobs:?}");
    let has = |word: &str| rotated.lines().any(|line| line.trim() == word);
    assert!(has("rotate 12") && has("maxsize 10M") && has("create 0600 trader trader") && !has("copytruncate"));
}

#[test]
fn by_hand_it_runs_as_the_unit_does() {
    let (unit, script) = (project("dist/systemd/kis-trade@.service"), project("dist/kis-trade-by-hand"));
    let set = |name: &str| values(&script, name)[0].to_owned();
    assert_eq!((set("user"), set("user")), (values(&unit, "User")[0].to_owned(), values(&unit, "Group")[0].to_owned()));
    assert_eq!(set("state"), format!("/var/lib/{}", values(&unit, "StateDirectory")[0]));
    assert!(values(&unit, "ExecStart")[0].contains(&format!(" --config {}/config.toml ", set("settings"))));
    for credential in values(&unit, "LoadCredential") {
        let (name, path) = credential.split_once(':').unwrap();
        assert!(script.contains(name) && path == format!("{}/{name}", set("settings")), "{credential}");
    }

    // Only root can give itself up: to itself, where no other user can read this test's files.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let world = World::paper();
    let (folder, program) = (world.files.path(""), std::path::Path::new(env!("CARGO_BIN_EXE_kis-trade")));
    let run = world.command(&["status"]);
    std::fs::create_dir(world.files.state("")).unwrap();
    std::fs::set_permissions(world.files.state(""), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    for (name, value) in [
        ("KIS_APP_KEY", kis_sim::PAPER_KEY.to_owned()),
        ("KIS_APP_SECRET", kis_sim::paper_secret()),
        ("KIS_ACCOUNT_NO", kis_sim::PAPER_ACCOUNT.to_owned()),
    ] {
        std::fs::write(world.files.path(name), value + "\n").unwrap();
    }
    let here = script
        .replace("user=kis-trade", "user=root")
        .replace("settings=/etc/kis-trade", &format!("settings={}", folder.display()))
        .replace("state=/var/lib/kis-trade", &format!("state={}", world.files.state("").display()));
    let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
    let now = run.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    let clock: Vec<_> = now.filter(|(name, _)| name == "KIS_TRADE_NOW").collect();
    let mut command = std::process::Command::new("/bin/sh");
    command.env_clear().env("PATH", path).envs(clock).args(["-c", &here, "kis-trade-by-hand", "status"]);
    let run = Run::of(command.output().unwrap());
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.starts_with("PAPER  account ****"), "{}", run.stdout);
}
