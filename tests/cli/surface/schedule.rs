//! `status --check-schedule`: a crontab is read and judged, with nothing else at hand.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::harness::Run;

const HEAD: &str = "PATH=/usr/local/bin:/usr/bin:/bin\nMAILTO=me@example.com\n";
/// The program and a configuration that are there.
const RUN: &str =
    concat!(env!("CARGO_BIN_EXE_kis-trade"), " -q --config ", env!("CARGO_MANIFEST_DIR"), "/config.example.toml");

/// A run in an empty folder and an empty environment: no configuration, no credentials, no gateway.
fn command(folder: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kis-trade"));
    command.env_clear().env("TZ", "UTC").current_dir(folder.path()).args(arguments);
    command
}

/// Checks a crontab for people and for scripts; neither may leave anything behind.
fn check(text: &[u8], zone: &str) -> (Run, Value) {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("mine"), text).unwrap();
    let run = |flags: &[&str]| {
        let arguments = [flags, &["status", "--check-schedule", "mine"]].concat();
        Run::of(command(&folder, &arguments).env("TZ", zone).output().unwrap())
    };
    let (people, scripts) = (run(&[]), run(&["--json"]));
    assert_eq!(people.code, scripts.code);
    let object = scripts.object();
    assert_eq!(object["exit_code"], people.code);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "something was left behind");
    (people, object)
}

fn unedited() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("crontab.example")).unwrap()
}

/// The example as a person edits it.
fn example() -> String {
    let edited = unedited().replace("/usr/local/bin/kis-trade -q --config /opt/kis-trade/config.toml", RUN);
    edited.replace(">> /opt/kis-trade/", ">> /tmp/").replace("you@example.com", "me@example.com")
}

/// Nothing of it works before it is edited, and each reason is said once, with its lines.
#[test]
fn the_unedited_example_has_its_placeholders_found() {
    if Path::new("/opt/kis-trade").exists() || Path::new("/usr/local/bin/kis-trade").exists() {
        return;
    }
    let (run, object) = check(unedited().as_bytes(), "UTC");
    assert_eq!(run.code, 78);
    let findings = object["findings"].as_array().unwrap();
    let rules: Vec<(&str, usize)> = findings
        .iter()
        .map(|finding| (finding["rule"].as_str().unwrap(), finding["lines"].as_array().unwrap().len()))
        .collect();
    assert_eq!(
        rules,
        [("placeholder", 1), ("placeholder", 5), ("missing_program", 5), ("missing_folder", 5)],
        "{object:#}"
    );
    assert_eq!(findings[2]["next"], format!("write the path of the program: {}", env!("CARGO_BIN_EXE_kis-trade")));
    let first = findings[1]["line"].as_u64().unwrap();
    let lines = (first..first + 5).map(|line| line.to_string()).collect::<Vec<_>>().join(", ");
    assert!(run.stdout.contains(&format!(" (lines {lines})\n")), "{}", run.stdout);
}

/// A named pipe into which nobody writes, and one that a shell's `<(crontab -l)` makes.
#[test]
fn a_pipe_is_not_waited_for_for_ever() {
    let folder = TempDir::new().unwrap();
    crate::faults::bad_input::table::make_fifo(&folder.path().join("pipe"));
    let run = Run::of(command(&folder, &["status", "--check-schedule", "pipe"]).output().unwrap());
    assert!(run.code == 78 && run.stderr.contains("nothing comes out of it"), "{}", run.stderr);
    std::fs::write(folder.path().join("mine"), example()).unwrap();
    let line = format!("exec {} status --check-schedule <(cat mine)", env!("CARGO_BIN_EXE_kis-trade"));
    let bash = Command::new("bash").args(["-c", &line]).env("TZ", "UTC").current_dir(folder.path()).output().unwrap();
    let run = Run::of(bash);
    assert!(run.code == 0 && run.stdout.contains("nothing is wrong"), "{}{}", run.stdout, run.stderr);
}

#[test]
fn the_example_is_clean_without_configuration_credentials_or_network() {
    for zone in ["UTC", "Asia/Seoul", "America/New_York"] {
        let (run, object) = check(example().as_bytes(), zone);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        assert_eq!(run.stdout, "mine: nothing is wrong; 5 starts of kis-trade\n");
        assert_eq!(
            (&object["result"], &object["reason"], &object["findings"]),
            (&json!("done"), &json!(null), &json!([]))
        );
        assert_eq!((&object["starts"], &object["crontab"], &object["mode"]), (&json!(5), &json!("mine"), &json!(null)));
    }
}

#[test]
fn a_paper_account_with_a_strategy_is_told_of_the_run_before_the_close() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let write = |config: &str, crontab: &str| {
        std::fs::write(path("config.toml"), config).unwrap();
        let config = concat!(env!("CARGO_MANIFEST_DIR"), "/config.example.toml");
        std::fs::write(path("mine"), crontab.replace(config, &path("config.toml"))).unwrap();
    };
    let check = |flags: &[&str]| {
        let arguments = [flags, &["status", "--check-schedule", "mine"]].concat();
        Run::of(command(&folder, &arguments).output().unwrap())
    };
    let strategy = "[[strategy]]\nname = \"a\"\nkind = \"infinite_v40\"\nsymbol = \"TQQQ\"\nprincipal_usd = 5000\n";
    write(strategy, &example());
    let run = check(&[]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let (first, note) = run.stdout.split_once('\n').unwrap();
    assert_eq!(first, "mine: nothing is wrong; 5 starts of kis-trade");
    assert!(note.starts_with("mine: note: on a paper account ") && note.contains("no `buy` runs then"), "{note}");
    assert_eq!(check(&["--json"]).object()["notes"].as_array().unwrap().len(), 1);
    assert_eq!(check(&["-q"]).stdout, "");
    let quiet = "mine: nothing is wrong; 5 starts of kis-trade\n";
    for config in [format!("mode = \"real\"\n{strategy}"), "[buy]\nwatch = [\"A\"]\n".to_owned(), "nonsense".to_owned()]
    {
        write(&config, &example());
        assert_eq!(check(&[]).stdout, quiet, "{config}");
    }
    write(strategy, &example().replace("\n#40 ", "\n40 "));
    assert_eq!(check(&[]).stdout, quiet.replace('5', "6"), "its line is there");
    assert_eq!(check(&["--json"]).object()["notes"], json!([]));
}

#[test]
fn each_finding_has_its_line_and_what_to_do_and_the_code_is_78() {
    let text =
        format!("{HEAD}5 * * * * {RUN} sell\n5 * * * * {RUN} sell >> $(date +%F)\n2 * * * * {RUN} cleanup\nhello\n");
    let (run, object) = check(text.as_bytes(), "UTC");
    assert_eq!(run.code, 78);
    assert_eq!(
        run.stdout,
        "mine:4: percent: a % ends the command, and the rest of the line becomes its standard input\n  \
           next: write \\% for each %\n\
         mine:4: relative_path: the file that output goes to is looked for in the home directory, where cron starts every job\n  \
           next: write the path from the root\n\
         mine:4: same_minute: sell is started in the same minute as by line 3, for example at 00:05\n  \
           next: remove one of the two lines, or change its minutes\n\
         mine:6: bad_line: cron can't start this line: its minute can't be \"hello\"\n  \
           next: write minute, hour, day, month, weekday and the command, or a # before a comment\n"
    );
    assert_eq!(
        run.stderr,
        "kis-trade status [?]: mine has 4 findings\n  next: correct the lines named above, and check again\n"
    );
    assert_eq!((&object["result"], &object["reason"]), (&json!("failed"), &json!("config_invalid")));
    assert_eq!(
        object["findings"][0],
        json!({
            "line": 4, "lines": [4], "rule": "percent", "next": "write \\% for each %",
            "detail": "a % ends the command, and the rest of the line becomes its standard input",
        })
    );
    assert_eq!(object["findings"].as_array().unwrap().len(), 4);
}

#[test]
fn the_mistakes_of_first_crontabs_are_all_found() {
    let text = format!(
        "CRON_TZ=America/New_York\r\n*/30 9-15 * * 1-5 trader ./kis-trade sell\n0 * * * * KIS_APP_KEY=x {RUN} buy\n@hourly {RUN} hodl"
    );
    let (run, object) = check(text.as_bytes(), "UTC");
    assert_eq!(run.code, 78);
    let rules: std::collections::BTreeSet<(u64, &str)> = object["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (finding["line"].as_u64().unwrap(), finding["rule"].as_str().unwrap()))
        .collect();
    for expected in [
        (1, "carriage_return"),
        (1, "cron_tz"),
        (2, "user_field"),
        (2, "no_path"),
        (2, "relative_path"),
        (2, "noisy"),
        (2, "no_mailto"),
        (2, "misses_market"),
        (2, "no_cleanup"),
        (3, "secret"),
        (3, "shared_minute"),
        (4, "unknown_command"),
        (4, "no_newline"),
    ] {
        assert!(rules.contains(&expected), "{expected:?} is not in {rules:#?}");
    }
}

#[test]
fn the_machines_own_time_zone_counts() {
    let text = format!("{HEAD}4-59/5 13-21 * * 1-5 {RUN} status\n");
    assert_eq!(check(text.as_bytes(), "UTC").0.code, 0);
    let (run, object) = check(text.as_bytes(), "Asia/Seoul");
    assert_eq!(run.code, 78);
    assert_eq!(object["findings"][0]["rule"], "misses_market", "{object:#}");
}

#[test]
fn standard_input_is_read_too() {
    let folder = TempDir::new().unwrap();
    let mut check = command(&folder, &["status", "--check-schedule", "-"]);
    let mut child = check.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(example().as_bytes()).unwrap();
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!((run.code, run.stdout.as_str()), (0, "standard input: nothing is wrong; 5 starts of kis-trade\n"));
}

#[test]
fn quiet_says_nothing_about_a_clean_crontab_and_all_about_another() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("good"), example()).unwrap();
    std::fs::write(folder.path().join("bad"), example().trim_end()).unwrap();
    let run = |name| Run::of(command(&folder, &["-q", "status", "--check-schedule", name]).output().unwrap());
    let (good, bad) = (run("good"), run("bad"));
    assert_eq!((good.code, good.stdout.as_str(), good.stderr.as_str()), (0, "", ""));
    assert!(bad.code == 78 && bad.stdout.contains(": no_newline: "), "{}{}", bad.stdout, bad.stderr);
}

#[test]
fn a_crontab_that_cannot_be_read_is_a_sentence() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("large"), vec![b'#'; 300 * 1024]).unwrap();
    std::fs::write(folder.path().join("latin1"), b"# caf\xe9\n").unwrap();
    for (name, why) in [
        ("nowhere", "No such file"),
        (".", "Is a directory"),
        ("large", "larger than 256 KiB"),
        ("latin1", "not UTF-8 text; save it as UTF-8"),
    ] {
        let run = Run::of(command(&folder, &["status", "--check-schedule", name]).output().unwrap());
        assert_eq!((run.code, run.stdout.as_str()), (78, ""), "{name}");
        assert!(run.stderr.contains(why) && run.stderr.contains("\n  next: name a crontab"), "{name}: {}", run.stderr);
        let run = Run::of(command(&folder, &["--json", "status", "--check-schedule", name]).output().unwrap());
        assert_eq!((&run.object()["reason"], &run.object()["findings"]), (&json!("config_invalid"), &json!([])));
    }
}

#[test]
fn what_stands_in_a_line_is_not_told() {
    let secret = kis_sim::paper_secret();
    let key = kis_sim::PAPER_KEY;
    let text = format!(
        "{HEAD}KIS_APP_SECRET={secret}\n7 * * * * KIS_APP_KEY={key} {RUN} sell --app-secret={secret}\n{secret} {key}\n"
    );
    let (run, object) = check(text.as_bytes(), "UTC");
    let told = format!("{}{}{object}", run.stdout, run.stderr);
    assert!(told.contains(": secret: "), "{told}");
    assert!(!told.contains(&secret[..8]) && !told.contains(key), "{told}");
}
