//! A program as a child: what it sees of this machine, and what is left of it. They need the shell and Debian's essential programs.

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::store::lock::{FileLock, LockMode};
use crate::store::state_dir::StateDir;

const LIMIT: Duration = Duration::from_secs(60);

/// A program's directory.
struct Room {
    folder: TempDir,
}

impl Room {
    fn new() -> Room {
        Room { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn ask(&self, command: &[&str], question: &str) -> Result<Vec<u8>, RuleError> {
        let command: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
        ask(&command, self.folder.path(), question, LIMIT, &Clock::system())
    }

    /// What a script of the shell answers.
    fn said(&self, script: &str) -> String {
        String::from_utf8(self.ask(&["/bin/sh", "-c", script], "question\n").unwrap()).unwrap()
    }
}

fn shell(script: &str) -> Vec<String> {
    ["/bin/sh", "-c", script].map(str::to_owned).to_vec()
}

/// A process that nobody has to wait for any more: its parent is gone, and whoever inherits it may leave it as a zombie.
fn is_gone(pid: &str) -> bool {
    let status = || fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    (0..1_000_000).any(|_| status().is_empty() || status().contains(") Z "))
}

#[test]
fn it_gets_the_question_its_directory_and_four_variables() {
    let room = Room::new();
    let mut told: Vec<String> =
        String::from_utf8(room.ask(&["env"], "").unwrap()).unwrap().lines().map(str::to_owned).collect();
    told.sort();
    assert_eq!(
        told,
        ["KIS_TRADE_PROTOCOL=1", "LANG=C.UTF-8", "PATH=/usr/local/bin:/usr/bin:/bin", "TZ=UTC"],
        "and nothing else"
    );
    assert_eq!(
        room.said("cat; pwd -P"),
        format!("question\n{}\n", room.folder.path().canonicalize().unwrap().display())
    );
    let words = room.ask(&["/bin/sh", "-c", "printf '%s|' \"$@\"", "name", "two words", "$HOME; *"], "").unwrap();
    assert_eq!(words, b"two words|$HOME; *|", "no shell takes the words apart");
}

#[test]
fn it_gets_no_file_that_is_open_here() {
    let room = Room::new();
    let (dir, _) = StateDir::open(&room.path("state")).unwrap();
    let (path, clock) = (dir.account_lock(), Clock::system());
    let _lock = FileLock::acquire(&path, LockMode::Exclusive, Duration::ZERO, &clock, "buy").unwrap();
    let journal = File::create(room.path("orders-2027-03.jsonl")).unwrap();
    let script = "for fd in /proc/$$/fd/*; do [ ! -e \"$fd\" ] || echo \"${fd##*/} $(readlink \"$fd\")\"; done";
    let told = room.said(script);
    let files = told.lines().filter(|line| line.contains(&room.folder.path().display().to_string()));
    assert_eq!(files.count(), 0, "{told}");
    // What the test itself was started with is nobody's file here.
    let inherited = inherited();
    assert!(!inherited.contains(&journal.as_raw_fd()), "{inherited:?}");
    let numbers = told.lines().filter_map(|line| line.split(' ').next()?.parse::<i32>().ok());
    let others: Vec<i32> = numbers.filter(|fd| !(0..=2).contains(fd) && !inherited.contains(fd)).collect();
    assert!(others.is_empty(), "{others:?} of {told}");
}

/// The descriptors that this process was started with and that are not closed in what it starts.
fn inherited() -> Vec<i32> {
    const CLOSE_ON_EXEC: u32 = 0o2_000_000;
    let open = fs::read_dir("/proc/self/fdinfo").unwrap().flatten();
    let flags = |text: String| {
        let flags = text.lines().find_map(|line| line.strip_prefix("flags:").map(str::trim).map(str::to_owned));
        flags.and_then(|flags| u32::from_str_radix(&flags, 8).ok()).unwrap_or(CLOSE_ON_EXEC)
    };
    let stays = open.filter(|entry| {
        let text = fs::read_to_string(entry.path()).unwrap_or_default();
        flags(text) & CLOSE_ON_EXEC == 0
    });
    stays.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

#[test]
fn it_may_write_before_it_reads_and_need_not_read_at_all() {
    let room = Room::new();
    let question = "x".repeat(1 << 20);
    let ask = |script: &str| room.ask(&["/bin/sh", "-c", script], &question).unwrap();
    let answer = ask("head -c 200000 /dev/zero; wc -c");
    assert!(answer.ends_with(b"1048576\n") && answer.len() > 200_000, "{} bytes", answer.len());
    assert!(ask("head -c 200000 /dev/zero >&2; cat").len() > MAX_ANSWER_BYTES);
    assert_eq!(ask("echo unread"), b"unread\n");
    assert_eq!(ask("exec <&-; echo closed"), b"closed\n");
    assert_eq!(ask("exec >&- 2>&-; dd of=/dev/null; exit 0"), b"");
}

#[test]
fn an_answer_is_read_up_to_its_limit_and_a_little_more() {
    let room = Room::new();
    let whole = room.ask(&["head", "-c", "262144", "/dev/zero"], "").unwrap();
    assert_eq!(whole.len(), MAX_ANSWER_BYTES);
    let endless = room.ask(&["yes"], "").unwrap();
    let allowed = MAX_ANSWER_BYTES + 1..=2 * MAX_ANSWER_BYTES;
    assert!(allowed.contains(&endless.len()), "{} bytes", endless.len());
}

#[test]
fn a_bad_end_is_told_with_the_last_line_of_standard_error() {
    let room = Room::new();
    for (script, told) in [
        ("echo '{}'; exit 3", "it ended with exit status: 3"),
        ("echo one >&2; printf 'two \\033[2J\\n\\n' >&2; exit 1", "it ended with exit status: 1: two [2J"),
        ("yes noise | head -n 100000 >&2; echo last >&2; exit 1", "it ended with exit status: 1: last"),
        ("kill -9 $$", "it ended with signal: 9 (SIGKILL)"),
    ] {
        let error = room.ask(&["/bin/sh", "-c", script], "question\n").unwrap_err();
        assert_eq!((error.reason, error.detail.en.as_str()), (Reason::RuleFailed, told), "{script}");
    }
    drop(File::create(room.path("no-program")).unwrap());
    let no_program = room.path("no-program").display().to_string();
    for command in [&[][..], &["/nowhere/at-all"], &["no-such-program"], &[&no_program]] {
        let error = room.ask(command, "").unwrap_err();
        assert_eq!(error.reason, Reason::RuleFailed, "{command:?}: {}", error.detail);
    }
}

#[test]
fn one_that_does_not_end_is_given_up() {
    let room = Room::new();
    let script = shell("mkfifo never; echo '{}'; exec 3<> never; read answer <&3");
    let error = ask(&script, room.folder.path(), "", Duration::from_millis(1), &Clock::system()).unwrap_err();
    assert_eq!(error.reason, Reason::RuleTimeout, "{}", error.detail);
}

#[test]
fn one_that_is_given_up_is_killed_with_all_that_it_started() {
    let room = Room::new();
    let script = "mkfifo never; exec 3<> never; (read x <&3) & echo $! > new; mv new pid; read y <&3";
    let talk = Talk::start(&shell(script), room.folder.path(), "").unwrap();
    assert!((0..10_000_000).any(|_| room.path("pid").exists()), "it never began");
    let child = talk.group.pid().as_raw_nonzero().to_string();
    drop(talk);
    assert!(is_gone(&child));
    assert!(is_gone(&fs::read_to_string(room.path("pid")).unwrap()));
}

#[test]
fn what_it_leaves_running_is_ended_and_not_waited_for() {
    let room = Room::new();
    // The child that stays holds standard output open.
    let pid = room.said("mkfifo never; exec 3<> never; (read x <&3) & echo $!");
    assert!(is_gone(&pid), "{pid}");
}

#[test]
fn its_limits_hold_once_it_has_its_question() {
    let room = Room::new();
    let limits = room.said("read question; cat /proc/self/limits");
    let limit = |name: &str| {
        let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(limit("Max cpu time"), "61 62");
    assert_eq!(limit("Max data size"), "1073741824 1073741824");
    assert_eq!(limit("Max file size"), "16777216 16777216");
    assert_eq!(limit("Max core file size"), "0 0");
    let error = room.ask(&["/bin/sh", "-c", "read question; head -c 17000000 /dev/zero > large"], "\n").unwrap_err();
    assert_eq!(error.reason, Reason::RuleFailed);
    assert_eq!(fs::metadata(room.path("large")).unwrap().len(), MAX_FILE_BYTES);
}

#[test]
fn the_last_line_is_the_last_that_says_something() {
    for (errors, line) in [
        ("", ""),
        ("\n \n", ""),
        ("one", "one"),
        ("Traceback:\n  File \"dip.py\"\nKeyError: 'x'\n\n", "KeyError: 'x'"),
        ("one\r\n\x1b[31mtwo\x1b[0m\r\n", "[31mtwo[0m"),
    ] {
        assert_eq!(last_line(errors.as_bytes()), line, "{errors:?}");
    }
    assert_eq!(last_line(b"\xbb\xea \xff"), "\u{fffd}\u{fffd} \u{fffd}");
    assert_eq!(last_line("가".repeat(300).as_bytes()), "가".repeat(200));
}
