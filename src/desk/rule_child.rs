//! A strategy's own program as a process: it is asked one question, and gets no more of this machine than any program of its user's.
//!
//! That is no sandbox. It runs as the user does; what it is kept from are accidents: a hung run, a full disk, an environment that
//! changes from cron to terminal, children left behind.

use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, ExitStatus, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::AsFd;
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;
use rustix::process::{Pid, Resource, Rlimit, WaitId, WaitIdOptions, getrlimit, prlimit, waitid};

use crate::clock::Clock;
use crate::decide::strategy::protocol::{MAX_ANSWER_BYTES, RuleError};
use crate::desk::words;
use crate::exit::Reason;
use crate::language::Sentence;
use crate::program;
use crate::visible::{cut, one_line};

/// All that is in the program's environment, so that cron, a terminal and systemd ask it alike.
const ENVIRONMENT: [(&str, &str); 4] =
    [("PATH", "/usr/local/bin:/usr/bin:/bin"), ("LANG", "C.UTF-8"), ("TZ", "UTC"), ("KIS_TRADE_PROTOCOL", "1")];
const MAX_DATA_BYTES: u64 = 1 << 30;
const MAX_FILE_BYTES: u64 = 16 << 20;
/// The last line of standard error is looked for in as much of its end.
const ERRORS_KEPT: usize = 4 << 10;
/// As long as a server's text may be, in characters.
const MAX_LAST_LINE: usize = 200;
/// The most that is read of a pipe before the others have their turn.
const MOST_AT_A_TIME: usize = 64 << 10;
/// Waits between two looks at whether the program has ended.
const NAP_MIN: Duration = Duration::from_millis(1);
const NAP_MAX: Duration = Duration::from_millis(50);

/// Starts the program, hands it the question on standard input, and returns what it wrote on standard output. An answer longer than
/// the protocol allows is returned cut off just past that, for its reader to refuse. Afterwards nothing of the program's process group
/// is left.
///
/// # Errors
/// `rule_timeout` when it has not ended in time, `rule_failed` when it can't be started or ends badly.
pub fn ask(
    command: &[String],
    workdir: &Path,
    question: &str,
    timeout: Duration,
    clock: &Clock,
) -> Result<Vec<u8>, RuleError> {
    let failed = |detail| RuleError::new(Reason::RuleFailed, detail);
    let give_up_at = clock.since_boot() + timeout;
    let mut talk = Talk::start(command, workdir, question).map_err(failed)?;
    // The program waits for its question: until then it has nothing to compute.
    set_limits(talk.group.pid(), timeout).map_err(|errno| failed(words::rule_not_limited(&errno.into())))?;
    let mut nap = NAP_MIN;
    while !talk.group.has_ended().map_err(failed)? {
        let left = give_up_at.saturating_sub(clock.since_boot());
        if left.is_zero() {
            return Err(RuleError::new(Reason::RuleTimeout, words::rule_timed_out(timeout.as_secs())));
        }
        nap = if talk.go_on(nap.min(left)).map_err(failed)? { NAP_MIN } else { (nap * 2).min(NAP_MAX) };
        if talk.answer.len() > MAX_ANSWER_BYTES {
            return Ok(talk.answer);
        }
    }
    let status = talk.end().map_err(failed)?;
    if status.success() {
        return Ok(talk.answer);
    }
    Err(failed(program::ended(status).and(": ", &Sentence::verbatim(last_line(&talk.errors)))))
}

/// What goes to and from the program. A pipe is dropped when it is over.
struct Talk<'q> {
    input: Option<ChildStdin>,
    output: Option<ChildStdout>,
    error_output: Option<ChildStderr>,
    unasked: &'q [u8],
    answer: Vec<u8>,
    /// The end of standard error.
    errors: Vec<u8>,
    // Dropped last, when no pipe is left that the program could wait for.
    group: Group,
}

impl<'q> Talk<'q> {
    fn start(command: &[String], workdir: &Path, question: &'q str) -> Result<Talk<'q>, Sentence> {
        // The working directory changes before the program's name is looked up.
        let mut command = command.to_vec();
        if let Some(name) = command.first_mut().filter(|name| name.contains('/')) {
            *name = std::path::absolute(&*name)?.to_string_lossy().into_owned();
        }
        let child = program::start(&command, |command| {
            command.envs(ENVIRONMENT).current_dir(workdir);
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        })?;
        let mut group = Group { child, is_reaped: false };
        let Child { stdin, stdout, stderr, .. } = &mut group.child;
        let (input, output, error_output) = (stdin.take(), stdout.take(), stderr.take());
        let (unasked, answer, errors) = (question.as_bytes(), Vec::new(), Vec::new());
        let talk = Talk { input, output, error_output, unasked, answer, errors, group };
        talk.never_block().map_err(|errno| words::rule_not_talked_to(&errno.into()))?;
        Ok(talk)
    }

    /// Of each pipe only our end: the program's own reads and writes wait as usual.
    fn never_block(&self) -> Result<(), Errno> {
        let input = self.input.as_ref().map(AsFd::as_fd);
        let outputs = [self.output.as_ref().map(AsFd::as_fd), self.error_output.as_ref().map(AsFd::as_fd)];
        for end in outputs.into_iter().chain([input]).flatten() {
            fcntl_setfl(end, fcntl_getfl(end)? | OFlags::NONBLOCK)?;
        }
        Ok(())
    }

    /// Waits until a pipe is ready, at most so long, and moves what can be moved. Reports whether anything was ready.
    fn go_on(&mut self, most: Duration) -> Result<bool, Sentence> {
        let mut ends = Vec::with_capacity(3);
        ends.extend(self.input.as_ref().map(|end| PollFd::new(end, PollFlags::OUT)));
        ends.extend(self.output.as_ref().map(|end| PollFd::new(end, PollFlags::IN)));
        ends.extend(self.error_output.as_ref().map(|end| PollFd::new(end, PollFlags::IN)));
        let most = Timespec::try_from(most).ok();
        let ready = match poll(&mut ends, most.as_ref()) {
            Ok(ready) => ready > 0,
            Err(Errno::INTR) => false,
            Err(errno) => return Err(words::rule_not_talked_to(&errno.into())),
        };
        self.write_on();
        self.read_on()?;
        Ok(ready)
    }

    /// A program need not read: only its answer counts.
    fn write_on(&mut self) {
        while let Some(input) = &mut self.input {
            match input.write(self.unasked) {
                Ok(written) if written < self.unasked.len() => self.unasked = self.unasked.split_at(written).1,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(_) | Err(_) => self.input = None,
            }
        }
    }

    fn read_on(&mut self) -> Result<(), Sentence> {
        let Talk { output, error_output, answer, errors, .. } = self;
        read_some(output, |bytes| answer.extend(bytes))?;
        read_some(error_output, |bytes| {
            errors.extend(bytes);
            errors.drain(..errors.len().saturating_sub(ERRORS_KEPT));
        })
    }

    /// Takes what the ended program left in the pipes, and ends what it left running: whoever still holds a pipe is not waited for.
    fn end(&mut self) -> Result<ExitStatus, Sentence> {
        for _ in 0..=MAX_ANSWER_BYTES / MOST_AT_A_TIME {
            self.read_on()?;
        }
        self.group.end()
    }
}

/// Reads what is there, up to a bound; forgets the pipe at its end.
fn read_some<R: Read>(pipe: &mut Option<R>, mut take: impl FnMut(&[u8])) -> Result<(), Sentence> {
    let (mut buffer, mut left) = ([0; 8 << 10], MOST_AT_A_TIME);
    while let Some(open) = pipe.as_mut().filter(|_| left > 0) {
        match open.read(&mut buffer) {
            Ok(0) => *pipe = None,
            Ok(count) => {
                take(buffer.split_at(count).0);
                left = left.saturating_sub(count);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(words::rule_not_talked_to(&error)),
        }
    }
    Ok(())
}

/// The program's process group: nothing of it outlives this value.
struct Group {
    child: Child,
    is_reaped: bool,
}

impl Group {
    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Leaves an ended program unreaped, so that its group's number is nobody else's when the group is killed.
    fn has_ended(&self) -> Result<bool, Sentence> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        match waitid(WaitId::Pid(self.pid()), options) {
            Ok(status) => Ok(status.is_some()),
            Err(Errno::INTR) => Ok(false),
            Err(errno) => Err(program::not_waited_for(&errno.into())),
        }
    }

    /// Kills what runs of it.
    fn end(&mut self) -> Result<ExitStatus, Sentence> {
        let killed = program::kill_group(&self.child);
        self.is_reaped = true;
        // One that runs on although it was killed, since it became another user's, is not waited for: it may never end.
        if let (Err(errno), false) = (killed, self.has_ended()?) {
            return Err(program::not_waited_for(&errno.into()));
        }
        self.child.wait().map_err(|error| program::not_waited_for(&error))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.is_reaped {
            let _ = self.end();
        }
    }
}

/// Sets the program's limits, none above what its user has.
fn set_limits(program: Pid, timeout: Duration) -> Result<(), Errno> {
    // One thread is stopped by the clock, not by this limit; of several it stops those that compute for nothing.
    let cpu_seconds = timeout.as_secs() + 1;
    let limits = [
        (Resource::Cpu, cpu_seconds, cpu_seconds + 1),
        (Resource::Data, MAX_DATA_BYTES, MAX_DATA_BYTES),
        (Resource::Fsize, MAX_FILE_BYTES, MAX_FILE_BYTES),
        (Resource::Core, 0, 0),
    ];
    for (resource, current, maximum) in limits {
        let most = getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let limit = Rlimit { current: Some(current.min(most)), maximum: Some(maximum.min(most)) };
        prlimit(Some(program), resource, limit)?;
    }
    Ok(())
}

/// The last line that says something, fit to be shown; blank when there is none.
fn last_line(errors: &[u8]) -> String {
    let text = String::from_utf8_lossy(errors);
    let lines = text.lines().rev().map(one_line);
    cut(lines.filter(|line| !line.is_empty()).take(1).collect(), MAX_LAST_LINE)
}

#[cfg(test)]
mod tests;
