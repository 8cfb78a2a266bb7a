//! Every flaw with a crontab that has it, and its neighbours that don't.

mod jobs;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::finding::{Finding, Flaw, Judgement};
use super::judge::{Facts, judge};
use crate::domain::Session;
use crate::domain::market_session::session_of;
use crate::schedule::crontab::{Crontab, Form};

const HEAD: &str = "PATH=/usr/local/bin:/usr/bin:/bin\nMAILTO=me@example.com\n";
const RUN: &str = "/usr/local/bin/kis-trade -q --config /opt/kis-trade/config.toml";

fn sessions() -> Vec<Session> {
    let first: NaiveDate = "2027-01-01".parse().unwrap();
    first.iter_days().take(366).filter_map(session_of).collect()
}

/// Judges a text on a machine of this zone.
pub fn judged(text: &str, form: Form, file_name: Option<&str>, zone: Tz, sessions: &[Session]) -> Judgement {
    judge(&Facts {
        crontab: &Crontab::parse(text, form),
        file_name,
        exists: &|path| Some(!path.to_string_lossy().contains("missing")),
        program: "/home/ann/bin/kis-trade",
        is_roots_alone: file_name != Some("not_roots"),
        sessions,
        wall_clock: &|at: DateTime<Utc>| at.with_timezone(&zone).naive_local(),
        emulates: &|config| config.to_string_lossy().contains("paper"),
    })
}

fn found_in(text: &str, form: Form, file_name: Option<&str>, zone: Tz) -> Vec<Finding> {
    judged(text, form, file_name, zone, &sessions()).findings
}

/// Line and flaw of what is found in a user's crontab on a machine in UTC.
fn flaws(text: &str) -> Vec<(usize, Flaw)> {
    let found = found_in(text, Form::User, None, Tz::UTC);
    let mut flaws: Vec<(usize, Flaw)> =
        found.iter().flat_map(|finding| finding.lines.iter().map(|line| (*line, finding.flaw))).collect();
    flaws.sort();
    flaws
}

/// The flaws of one token-check line; it is the third line.
fn flaws_of_line(line: &str) -> Vec<Flaw> {
    let found = flaws(&format!("{HEAD}{line}\n"));
    assert!(found.iter().all(|(at, flaw)| *at == 3 || *flaw == Flaw::NoJob), "{found:?}");
    found.into_iter().map(|(_, flaw)| flaw).collect()
}

fn flaws_of_job(command: &str) -> Vec<Flaw> {
    flaws_of_line(&format!("7 * * * * {command}"))
}

#[test]
fn the_example_is_clean_wherever_the_machine_stands() {
    let example = include_str!("../../crontab.example");
    for zone in [Tz::UTC, Tz::Asia__Seoul, Tz::America__New_York, Tz::Europe__Berlin, Tz::Australia__Lord_Howe] {
        let found = found_in(&example.replace("you@example.com", "me"), Form::User, None, zone);
        assert_eq!(found, [], "{zone}");
    }
    let unedited: Vec<Flaw> =
        found_in(example, Form::User, None, Tz::UTC).into_iter().map(|found| found.flaw).collect();
    assert_eq!(unedited, [Flaw::Placeholder], "only the address, where everything else is there");
}

#[test]
fn what_is_not_there_is_found_once_with_all_its_lines() {
    let missing =
        |text: &str| found_in(text, Form::User, None, Tz::UTC).into_iter().filter(|found| found.flaw != Flaw::NoJob);
    for (command, flaw, words) in [
        (
            "/missing/kis-trade -q --config /c.toml token-check",
            Flaw::MissingProgram,
            "there is no program /missing/kis-trade",
        ),
        ("timeout 9 /missing/kis-trade -q --config /c.toml token-check", Flaw::MissingProgram, "no program"),
        ("/bin/kis-trade -q --config /missing/c.toml token-check", Flaw::MissingConfig, "/missing/c.toml is not there"),
        ("/bin/kis-trade -q --config /opt/kis-trade/missing.toml token-check", Flaw::Placeholder, "the example's path"),
        ("/bin/kis-trade -q --config /c.toml token-check >> /missing/log", Flaw::MissingFolder, "in /missing, which"),
    ] {
        let found: Vec<Finding> = missing(&format!("{HEAD}7 * * * * {command}\n9 * * * * {command}\n")).collect();
        let [only] = &found[..] else { panic!("{command}: {found:?}") };
        assert_eq!((only.flaw, &only.lines[..]), (flaw, &[3, 4][..]), "{command}");
        assert!(only.detail.contains(words), "{command}: {}", only.detail);
    }
    let program =
        missing(&format!("{HEAD}7 * * * * /missing/kis-trade -q --config /c.toml token-check\n")).next().unwrap();
    assert_eq!(program.next, "write the path of the program: /home/ann/bin/kis-trade");
    let in_path = |path: &str| {
        missing(&format!("PATH={path}\nMAILTO=me\n7 * * * * kis-trade -q --config /c.toml token-check\n")).count()
    };
    assert_eq!((in_path("/missing:/missing/bin"), in_path("/missing:/bin")), (1, 0));
    for command in [
        "docker exec box /missing/kis-trade -q --config /missing/c.toml token-check",
        "$HOME/missing/kis-trade -q --config ~/missing/c.toml token-check",
        "cd /opt && ./missing/kis-trade -q --config missing.toml token-check",
    ] {
        assert_eq!(missing(&format!("{HEAD}7 * * * * {command}\n")).collect::<Vec<_>>(), [], "{command}");
    }
}

#[test]
fn what_cron_refuses_is_found_with_its_line() {
    let good = format!("{HEAD}7 * * * * {RUN} token-check\n");
    assert_eq!(flaws(&good), []);
    assert_eq!(flaws(&format!("{good}hello\n61 * * * * x\n")), [(4, Flaw::BadLine), (5, Flaw::BadLine)]);
    assert_eq!(flaws(good.trim_end()), [(3, Flaw::NoNewline)]);
    assert_eq!(flaws(&good.replace("check\n", "check\r\n")), [(3, Flaw::CarriageReturn)]);
}

#[test]
fn a_file_that_cron_does_not_read_is_found() {
    let text = format!("{HEAD}7 * * * * trader {RUN} token-check\n");
    let flaws = |name| {
        let found = found_in(&text, Form::System, Some(name), Tz::UTC);
        found.into_iter().map(|finding| finding.flaw).collect::<Vec<_>>()
    };
    assert_eq!(flaws("kis-trade"), []);
    for name in ["kis.trade", "kis-trade~", "kis-trade.cron", "kis trade"] {
        assert_eq!(flaws(name), [Flaw::FileIgnored], "{name}");
    }
    assert_eq!(flaws("not_roots"), [Flaw::FileIgnored], "by its owner or mode");
}

#[test]
fn a_user_field_belongs_into_system_files_only() {
    assert_eq!(flaws_of_job(&format!("root {RUN} token-check")), [Flaw::UserField]);
    assert_eq!(flaws_of_job(&format!("root timeout 900 {RUN} token-check")), [Flaw::UserField]);
    for wrapper in ["timeout -k 10 900", "nice", "flock /run/kis-trade", "env A=b", "chronic", "cd /opt/kis-trade &&"] {
        assert_eq!(flaws_of_job(&format!("{wrapper} {RUN} token-check")), [], "{wrapper}");
    }
}

#[test]
fn without_path_cron_finds_little() {
    let line = format!("7 * * * * {RUN} token-check\n");
    assert_eq!(flaws(&format!("MAILTO=me\n{line}")), [(2, Flaw::NoPath)]);
    assert_eq!(flaws(&format!("MAILTO=me\n{line}PATH=/bin\n")), [(2, Flaw::NoPath)], "it holds for the lines below");
    assert_eq!(flaws(&format!("MAILTO=me\nPATH=bin:/bin\n{line}")), [(2, Flaw::RelativePath)]);
    assert_eq!(flaws(&format!("MAILTO=me\n7 * * * * PATH=/usr/local/bin:$PATH {RUN} token-check\n")), []);
}

#[test]
fn cron_expands_no_variable_and_knows_no_trailing_comment() {
    let line = format!("7 * * * * {RUN} token-check\n");
    for setting in ["PATH=$HOME/bin:/bin", "PATH=/bin # for date", "KIS_TRADE_CONFIG=~/config.toml"] {
        let found = flaws(&format!("PATH=/bin\nMAILTO=me\n{setting}\n{line}"));
        assert!(found.contains(&(3, Flaw::ValueAsWritten)), "{setting}: {found:?}");
    }
    assert_eq!(flaws(&format!("PATH=/bin\nMAILTO=me # or you\n{line}")), [(2, Flaw::ValueAsWritten)]);
}

#[test]
fn a_time_zone_in_the_crontab_changes_nothing() {
    let line = format!("7 * * * * {RUN} token-check\n");
    for name in ["CRON_TZ", "TZ"] {
        assert_eq!(flaws(&format!("{HEAD}{name}=America/New_York\n{line}")), [(3, Flaw::CronTz)], "{name}");
    }
}

#[test]
fn secrets_are_found_and_never_told() {
    let secret = format!("{}/+=", "abcdEF1H".repeat(22));
    let key = "PSabcdefghijklmnopqrstuvwxyz01234567";
    let line = format!("7 * * * * {RUN} token-check\n");
    for text in [
        format!("{HEAD}KIS_APP_SECRET={secret}\n{line}"),
        format!("{HEAD}7 * * * * KIS_APP_KEY={key} {RUN} token-check\n"),
        format!("{HEAD}7 * * * * env KIS_ACCOUNT_NO=12345678-01 {RUN} token-check\n"),
        format!("{HEAD}7 * * * * {RUN} token-check --app-secret={secret}\n"),
        format!("{HEAD}7 * * * * {RUN} token-check --app-key {key}\n"),
        format!("{HEAD}7 * * * * curl -d 87654321-01 https://example.com; {RUN} token-check\n"),
        format!("{HEAD}7 * * * * {RUN} token-check || curl https://api.telegram.org/bot12345678:abcd/sendMessage\n"),
        format!("{HEAD}HOOK=https://hooks.slack.com/services/T0/B0/abcd\n{line}"),
        format!("{HEAD}#KIS_APP_KEY={key}\n{line}"),
        format!("{HEAD}# was: account 87654321-01\n{line}"),
    ] {
        let found = found_in(&text, Form::User, None, Tz::UTC);
        assert!(found.iter().any(|finding| (finding.line, finding.flaw) == (3, Flaw::Secret)), "{found:?}");
        let told = format!("{found:?}");
        assert!(!told.contains("abcd") && !told.contains("12345678") && !told.contains("87654321"), "{told}");
    }
    for comment in ["# KIS_APP_KEY=… does not belong here", "# 12345678-01", "# https://hooks.slack.com/services/…"]
    {
        assert_eq!(flaws(&format!("{HEAD}{comment}\n{line}")), [], "{comment}");
    }
    assert!(!flaws_of_job(&format!("/opt/{}/kis-trade token-check", "a/".repeat(100))).contains(&Flaw::Secret));
}

#[test]
fn a_bare_percent_is_found() {
    assert_eq!(flaws_of_job(&format!("{RUN} token-check >> /opt/log-$(date +%F)")), [Flaw::Percent]);
    assert_eq!(flaws_of_job(&format!("{RUN} token-check >> /opt/log-$(date +\\%F)")), []);
    assert_eq!(flaws_of_job(&format!("{RUN} token-check >> /opt/`date +\\%F`.log")), []);
    assert_eq!(flaws(&format!("{HEAD}7 * * * * {RUN} token-check\n1 * * * * date +%F\n")), [], "not our line");
}

#[test]
fn what_kis_trade_would_refuse_is_found() {
    for arguments in ["hodl", "", "sell --fast", "-q sell", "token-check --force --offline", "--config"] {
        let found = flaws_of_job(&format!("{RUN} {arguments}"));
        assert!(found.contains(&Flaw::UnknownCommand), "{arguments}: {found:?}");
    }
    assert_eq!(flaws_of_job(&format!("{RUN} hodl")), [Flaw::NoJob, Flaw::UnknownCommand], "-q is -q all the same");
    // Other programs may have our name among their arguments.
    let rest = format!("7 * * * * {RUN} token-check\n");
    for command in
        ["cd /opt/kis-trade", "tar cf /b.tar /opt/kis-trade", "backup /var/lib/kis-trade /b", "pkill kis-trade"]
    {
        assert_eq!(flaws(&format!("{HEAD}{rest}9 * * * * {command}\n")), [], "{command}");
    }
}

#[test]
fn paths_that_depend_on_the_home_directory_are_found() {
    let program = "/usr/local/bin/kis-trade -q";
    for command in [
        "./kis-trade -q --config /c.toml token-check",
        "bin/kis-trade -q --config /c.toml token-check",
        &format!("{program} --config config.toml token-check"),
        &format!("{program} token-check"),
        &format!("{program} --config /c.toml --state-dir state token-check"),
        &format!("{program} --config /c.toml token-check >> kis-trade.log"),
        &format!("{program} --config /c.toml token-check 2>> logs/err"),
        &format!("cd trade && {program} token-check"),
        &format!("KIS_TRADE_CONFIG=c.toml {program} token-check"),
        &format!("KIS_TRADE_CONFIG=/c.toml true; {program} token-check"),
    ] {
        assert_eq!(flaws_of_job(command), [Flaw::RelativePath], "{command}");
    }
    for command in [
        "cd /opt/kis-trade && ./kis-trade -q token-check >> log",
        "cd ~/trade && ./kis-trade -q token-check >> log",
        "kis-trade -q --config /c.toml token-check",
        "~/bin/kis-trade -q --config ~/c.toml token-check >> $HOME/log",
        "KIS_TRADE_CONFIG=/opt/c.toml kis-trade -q token-check",
        "env RUST_LOG=info KIS_TRADE_CONFIG=$HOME/c.toml kis-trade -q token-check",
        "export KIS_TRADE_CONFIG=/opt/c.toml; kis-trade -q token-check",
        "{ cd /opt; kis-trade -q token-check; }",
        "if [ -e /opt/go ]; then kis-trade -q --config /c.toml token-check; fi",
        "docker exec box kis-trade -q --config /c.toml token-check",
    ] {
        assert_eq!(flaws_of_job(command), [], "{command}");
    }
    let by_variable =
        |value: &str| flaws(&format!("{HEAD}KIS_TRADE_CONFIG={value}\n7 * * * * {program} token-check\n"));
    assert_eq!(by_variable("/opt/config.toml"), []);
    assert_eq!(by_variable("config.toml"), [(4, Flaw::RelativePath)]);
    let page = |file: &str| flaws_of_line(&format!("*/5 * * * * {RUN} status --html {file}"));
    assert_eq!((page("/opt/page.html"), page("page.html")), (vec![], vec![Flaw::RelativePath]));
}

#[test]
fn what_only_bash_knows_is_found() {
    for rest in ["&>> /log", ">& /log", "|& logger"] {
        assert_eq!(flaws_of_job(&format!("{RUN} token-check {rest}")), [Flaw::BashRedirect], "{rest}");
    }
    assert_eq!(flaws_of_job(&format!("bash -c '{RUN} token-check &>> /log'")), []);
    assert_eq!(flaws(&format!("{HEAD}SHELL=/bin/bash\n7 * * * * {RUN} token-check &>> /log\n")), []);
}

#[test]
fn mail_that_hides_failures_and_failures_without_mail_are_found() {
    let loud = RUN.replace(" -q", "");
    for (command, expected) in [
        (format!("{loud} token-check"), &[Flaw::Noisy][..]),
        (format!("{loud} token-check >> /log"), &[]),
        (format!("{loud} token-check > /dev/null"), &[]),
        (format!("{RUN} token-check > /dev/null 2>&1"), &[Flaw::Unheard]),
        (format!("{RUN} token-check 2> /dev/null"), &[Flaw::Unheard]),
        (format!("{RUN} token-check >> /log 2>&1"), &[]),
        (format!("{loud} token-check 2>&1 | logger -t kis-trade"), &[]),
    ] {
        assert_eq!(flaws_of_job(&command), expected, "{command}");
    }
    let with = |head: &str, command: &str| flaws(&format!("PATH=/bin\n{head}7 * * * * {command}\n"));
    assert_eq!(with("", &format!("{RUN} token-check")), [(2, Flaw::NoMailto)]);
    assert_eq!(with("", &format!("{RUN} token-check >> /log 2>&1")), []);
    assert_eq!(with("MAILTO=\"\"\n", &format!("{RUN} token-check")), [(3, Flaw::Unheard)]);
    for to_file in [
        format!("{loud} token-check >> /log 2>&1"),
        format!("{loud} token-check >> /log-$(date +\\%F).txt 2>&1"),
        format!("(cd /opt && {loud} token-check) >> /log 2>&1"),
    ] {
        assert_eq!(with("MAILTO=\"\"\n", &to_file), [], "{to_file}");
    }
}
