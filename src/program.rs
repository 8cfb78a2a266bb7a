//! Programs of the user's: how one is started and ended, and what is said of its end, wherever the configuration names one. What goes
//! through its standard streams is its caller's business.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group};

use crate::language::{Sentence, sentences};

/// Starts a program: by no shell, with a cleared environment, and in a process group of its own, so that all it starts can be ended with
/// it. `prepare` sets the rest. Rust opens every file so that it is closed in the program.
pub(crate) fn start(command: &[String], prepare: impl FnOnce(&mut Command)) -> Result<Child, Sentence> {
    let (program, arguments) = command.split_first().ok_or_else(no_program)?;
    let mut command = Command::new(program);
    command.args(arguments).env_clear().process_group(0);
    prepare(&mut command);
    command.spawn().map_err(|error| not_started(&error))
}

/// Kills a program's whole group. Call it before the program is waited for: afterwards its number may be another's.
///
/// # Errors
/// A program of another user's, as `sudo` makes it, can't be killed.
pub(crate) fn kill_group(child: &Child) -> Result<(), Errno> {
    kill_process_group(Pid::from_child(child), Signal::KILL)
}

/// How a program ended.
pub(crate) fn ended(status: ExitStatus) -> Sentence {
    let killed = || died(&status.to_string(), status.signal().unwrap_or_default());
    status.code().map_or_else(killed, exited)
}

sentences! {
    no_program()
        "no program is named"
        "실행할 프로그램이 적혀 있지 않습니다"

    not_started(error: &std::io::Error)
        "it can't be started: {error}"
        "프로그램을 시작할 수 없습니다: {error}"

    exited(code: i32)
        "it ended with exit status: {code}"
        "프로그램이 종료 코드 {code}(으)로 끝났습니다"

    died(status: &str, signal: i32)
        "it ended with {status}"
        "프로그램이 시그널 {signal}(으)로 끝났습니다"

    not_waited_for(error: &std::io::Error)
        "it can't be waited for: {error}"
        "프로그램이 끝났는지 알 수 없습니다: {error}"
}
