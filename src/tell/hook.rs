//! The user's own program, started once per message: it gets a cleared environment, the message on standard input and no
//! other open file. Whatever it does, the run that started it goes on.

use std::io::Write;
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::clock::Clock;
use crate::language::Sentence;
use crate::program;
use crate::tell::message::NotDelivered;
use crate::tell::words::delivery as words;

/// Longest sleep between two checks of a running hook.
const NAP_MAX: Duration = Duration::from_millis(50);

/// Starts `command`, writes `message` to its standard input, and waits for its end. At `give_up_at` (time since boot) kills it
/// with all that it started.
pub fn run_hook(command: &[String], message: &[u8], clock: &Clock, give_up_at: Duration) -> Result<(), NotDelivered> {
    let mut child = start(command).map_err(NotDelivered::surely)?;
    if let Some(mut input) = child.stdin.take() {
        // A hook need not read: only its exit status counts. The message fits into a pipe's buffer.
        let _ = input.write_all(message);
    }
    wait_for(&mut child, clock, give_up_at).map_err(NotDelivered::perhaps)
}

fn start(command: &[String]) -> Result<Child, Sentence> {
    program::start(command, |command| {
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    })
}

fn wait_for(child: &mut Child, clock: &Clock, give_up_at: Duration) -> Result<(), Sentence> {
    let mut nap = Duration::from_millis(1);
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(program::ended(status)),
            Ok(None) => {}
            Err(error) => return Err(program::not_waited_for(&error)),
        }
        let left = give_up_at.saturating_sub(clock.since_boot());
        if left.is_zero() {
            let _ = program::kill_group(child);
            let _ = child.wait();
            return Err(words::killed());
        }
        clock.sleep(nap.min(left));
        nap = (nap * 2).min(NAP_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Vec<String> {
        ["/bin/sh", "-c", script].map(str::to_owned).to_vec()
    }

    const LIMIT: Duration = Duration::from_secs(10);

    fn run(script: &str) -> Result<(), NotDelivered> {
        let clock = Clock::system();
        run_hook(&shell(script), b"{}\n", &clock, clock.since_boot() + LIMIT)
    }

    #[test]
    fn a_hook_gets_the_message_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("told");
        run(&format!("/usr/bin/env > {0}; cat >> {0}", path.display())).unwrap();
        let told = std::fs::read_to_string(path).unwrap();
        // What a shell sets by itself is not ours.
        let ours: Vec<&str> = told
            .lines()
            .filter(|line| !["PWD=", "SHLVL=", "_=", "OLDPWD="].iter().any(|own| line.starts_with(own)))
            .collect();
        assert_eq!(ours, ["{}"]);
    }

    #[test]
    fn what_goes_wrong_is_told() {
        assert_eq!(run("exit 0"), Ok(()));
        assert_eq!(run("exit 3"), Err(NotDelivered::perhaps(program::exited(3))));
        let clock = Clock::system();
        for command in [vec![], vec!["/nowhere/at-all".to_owned()], vec!["/dev/null".to_owned()]] {
            assert!(run_hook(&command, b"", &clock, LIMIT).is_err(), "{command:?}");
        }
    }

    #[test]
    fn one_that_hangs_is_killed_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pid");
        let mut child =
            start(&shell(&format!("sleep 1000 & echo $! > {0}.new; mv {0}.new {0}; wait", path.display()))).unwrap();
        assert!((0..10_000_000).any(|_| path.exists()), "it never began");
        let error = wait_for(&mut child, &Clock::system(), Duration::ZERO).unwrap_err();
        assert!(error.contains("killed"), "{error}");
        let pid = std::fs::read_to_string(path).unwrap();
        let status = || std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        // Its parent is gone too, and the process that inherits it may leave it as a zombie.
        let is_gone = || status().is_empty() || status().contains(") Z ");
        assert!((0..1_000_000).any(|_| is_gone()), "{}", status());
    }
}
