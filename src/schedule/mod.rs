//! `status --check-schedule`: reads a crontab and says what is wrong with it. Needs no configuration, no credentials, no
//! state directory and no network.

pub mod crontab;
mod finding;
#[cfg(test)]
mod fuzz;
mod judge;
mod line;
pub mod report;
mod secret;
mod shell;
#[cfg(test)]
mod tests;
pub mod times;
mod together;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use crate::cli::{Cli, Command};
use crate::clock::{Clock, machine_wall_clock};
use crate::domain::market_session::{Session, new_york_date, session_of};
use crate::exit::{Ending, Failure, Reason};
use crate::report::{Body, Report};
use crate::schedule::crontab::{Crontab, Form};
use crate::schedule::judge::{Facts, Invocation, check, count_starts};
use crate::schedule::report::ScheduleReport;

/// The most of a crontab that is read.
const MAX_BYTES: u64 = 256 * 1024;
/// How far ahead sessions are compared: once through both changes of daylight saving.
const DAYS: usize = 366;

/// Checks the crontab at `path`; `-` is standard input.
pub fn run(cli: &Cli, path: &Path) -> Report {
    let now = Clock::system().now();
    let name = if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
    let report = |ending: Ending| Report::new(Some(cli.command.name()), None, now, ending);
    let mut schedule = ScheduleReport { file: name.clone(), ..ScheduleReport::default() };
    let text = match read(path) {
        Ok(text) => text,
        Err(error) => {
            let failure = Failure::new(Reason::ConfigInvalid, format!("{name} can't be read"))
                .because(error)
                .next("name a crontab, or - for standard input: `crontab -l | kis-trade status --check-schedule -`");
            return Report { body: Body::Schedule(schedule), ..report(failure.into()) };
        }
    };
    let (form, file_name) = form_of(path);
    let crontab = Crontab::parse(&text, form);
    let sessions = sessions_from(new_york_date(now));
    let facts = Facts {
        crontab: &crontab,
        file_name: file_name.as_deref(),
        is_roots_alone: is_roots_alone(path),
        sessions: &sessions,
        wall_clock: &machine_wall_clock,
        read_arguments: &read_arguments,
    };
    schedule.findings = check(&facts);
    schedule.starts = count_starts(&facts);
    let found = match schedule.findings.len() {
        0 => format!("nothing is wrong with {name}"),
        1 => format!("{name} has 1 finding"),
        count => format!("{name} has {count} findings"),
    };
    let is_clean = schedule.findings.is_empty();
    let body = Body::Schedule(schedule);
    if is_clean {
        Report { body, is_muted: cli.quiet && !cli.json, ..report(Ending::done(found)) }
    } else {
        let next = "mend the lines named above, and check again";
        Report { body, ..report(Ending::failed(Reason::ConfigInvalid, found, next)) }
    }
}

/// What kis-trade makes of the arguments that a line gives it.
///
/// # Errors
/// What its parser says, in a line.
pub fn read_arguments(arguments: &[String]) -> Result<Invocation, String> {
    let words: Vec<OsString> =
        std::iter::once("kis-trade").chain(arguments.iter().map(String::as_str)).map(OsString::from).collect();
    let show = |path: Option<PathBuf>| path.map(|path| path.display().to_string());
    match Cli::from_arguments(&words) {
        Ok(cli) => Ok(Invocation {
            job: cli.command.name(),
            is_quiet: cli.quiet,
            is_dry_run: cli.command.is_dry_run(),
            config: show(cli.config),
            state_dir: show(cli.state_dir),
            page: match cli.command {
                Command::Status { html, .. } => show(html),
                _ => None,
            },
        }),
        Err(error) => {
            let text = error.render().to_string();
            let line = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
            // Without a command the parser prints its help.
            Err(if error.use_stderr() && text.starts_with("error: ") {
                line.to_owned()
            } else {
                "no command".to_owned()
            })
        }
    }
}

/// A file that cron reads by itself names the user in each line.
fn form_of(path: &Path) -> (Form, Option<String>) {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if whole == Path::new("/etc/crontab") {
        return (Form::System, None);
    }
    let name = whole.file_name().map(|name| name.to_string_lossy().into_owned());
    if whole.parent() == Some(Path::new("/etc/cron.d")) { (Form::System, name) } else { (Form::User, None) }
}

fn is_roots_alone(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.uid() == 0 && metadata.mode() & 0o022 == 0)
}

fn read(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::other(format!("it is larger than {} KiB", MAX_BYTES / 1024)));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("it is not UTF-8 text"))
}

fn sessions_from(date: NaiveDate) -> Vec<Session> {
    date.iter_days().take(DAYS).filter_map(session_of).collect()
}
