//! `status --check-schedule`: checks a crontab before it runs unattended for months. Needs no configuration, no credentials,
//! no state directory and no network; only [`check`] looks at files and the clock.

mod crontab;
mod finding;
#[cfg(test)]
#[path = "../../tests/fuzz/crontabs.rs"]
mod fuzz;
mod judge;
mod line;
mod secret;
mod shell;
#[cfg(test)]
mod tests;
mod there;
mod times;
mod together;
mod words;

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use rustix::fs::OFlags;
use serde_json::json;

use crate::clock::{Clock, machine_wall_clock};
use crate::domain::Job;
use crate::domain::market_session::{new_york_date, session_of};
use crate::exit::{Ending, Failure, Reason};
use crate::language::counts::Findings;
use crate::language::{Language, Sentence};
use crate::report::{Body, Report};
use crontab::{Crontab, Form};
use finding::Judgement;
use judge::Facts;

/// The most of a crontab that is read.
const MAX_BYTES: u64 = 256 * 1024;
/// Longest wait for what comes through a pipe.
const LONGEST_READ: Duration = Duration::from_secs(10);
const READ_AGAIN_AFTER: Duration = Duration::from_millis(10);
/// How far ahead sessions are compared: once through both changes of daylight saving.
const DAYS: usize = 366;

/// Checks the crontab at `path`; `-` is standard input. `emulates` reports whether a configuration has strategies whose orders for
/// the close are emulated, which need runs shortly before it.
pub fn check(path: &Path, language: Language, emulates: &dyn Fn(&Path) -> bool) -> Report {
    let now = Clock::system().now();
    let name =
        if path == Path::new("-") { words::standard_input() } else { Sentence::verbatim(path.display().to_string()) };
    let report = |verdict: &Judgement, text: Sentence, ending: Ending| {
        let keys =
            json!({ "crontab": name, "starts": verdict.starts, "findings": verdict.findings, "notes": verdict.notes });
        let body = Body::Check { keys, text: text.in_language(language).to_owned() };
        Report { body, language, ..Report::new(Some(Job::Status), None, now, ending) }
    };
    let text = match read(path) {
        Ok(text) => text,
        Err(error) => {
            let failure = Failure::new(Reason::ConfigInvalid, words::unreadable(&name))
                .because(error)
                .next(words::name_a_crontab());
            return report(&Judgement::default(), Sentence::default(), failure.into());
        }
    };
    let (form, file_name) = form_of(path);
    let sessions: Vec<_> = new_york_date(now).iter_days().take(DAYS).filter_map(session_of).collect();
    let program = std::env::current_exe().map_or_else(|_| "kis-trade".to_owned(), |path| path.display().to_string());
    let verdict = judge::judge(&Facts {
        crontab: &Crontab::parse(&text, form),
        file_name: file_name.as_deref(),
        is_roots_alone: path.metadata().is_ok_and(|metadata| metadata.uid() == 0 && metadata.mode() & 0o022 == 0),
        exists: &exists,
        program: &program,
        sessions: &sessions,
        wall_clock: &machine_wall_clock,
        emulates,
    });
    let ending = match verdict.findings.len() {
        0 => Ending::done(words::nothing_is_wrong(&name)),
        count => {
            let what = words::has_findings(&name, Findings::from(count));
            Ending::failed(Reason::ConfigInvalid, what, words::correct_lines())
        }
    };
    report(&verdict, verdict.text(&name), ending)
}

/// Reports whether something is there; `None` where this user can't see it.
fn exists(path: &Path) -> Option<bool> {
    match path.metadata() {
        Ok(_) => Some(true),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Some(false),
        Err(_) => None,
    }
}

/// System files name the user in each line.
fn form_of(path: &Path) -> (Form, Option<String>) {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if whole == Path::new("/etc/crontab") {
        return (Form::System, None);
    }
    let name = whole.file_name().map(|name| name.to_string_lossy().into_owned());
    if whole.parent() == Some(Path::new("/etc/cron.d")) { (Form::System, name) } else { (Form::User, None) }
}

fn read(path: &Path) -> Result<String, Sentence> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin().take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    } else {
        let flags = OFlags::NONBLOCK.bits().cast_signed();
        let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        read_patiently(file.take(MAX_BYTES + 1), &mut bytes)?;
        if bytes.is_empty() && !path.metadata()?.is_file() {
            return Err(words::nothing_comes_out());
        }
    }
    if bytes.len() as u64 > MAX_BYTES {
        return Err(words::too_large(MAX_BYTES / 1024));
    }
    String::from_utf8(bytes).map_err(|_| words::is_not_utf8())
}

/// Reads to the end, and waits for the writer of a pipe, such as that of `<(crontab -l)`, but not for ever.
fn read_patiently(mut reader: impl Read, bytes: &mut Vec<u8>) -> io::Result<()> {
    let clock = Clock::system();
    let give_up_at = clock.since_boot() + LONGEST_READ;
    loop {
        match reader.read_to_end(bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && clock.since_boot() < give_up_at => {
                clock.sleep(READ_AGAIN_AFTER);
            }
            ended => return ended.map(drop),
        }
    }
}
