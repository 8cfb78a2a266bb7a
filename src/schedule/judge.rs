//! Judges a whole crontab: what cron would refuse, cut or never start, and what would be lost. Pure.

use std::path::Path;

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::domain::Session;
use crate::schedule::crontab::{Crontab, Setting};
use crate::schedule::finding::{Finding, Flaw, Judgement};
use crate::schedule::line::{Start, check_line};
use crate::schedule::secret::{is_secret, looks_secret};
use crate::schedule::together::{missed_sessions, missing_before_close, missing_jobs, shared_minutes};
use crate::schedule::words;

pub struct Facts<'a> {
    pub crontab: &'a Crontab,
    /// The name of a file in `/etc/cron.d`; `None` for a user's crontab.
    pub file_name: Option<&'a str>,
    /// True when such a file is root's and only root may write it.
    pub is_roots_alone: bool,
    /// Reports whether something is there; `None` where this user can't see it.
    pub exists: &'a dyn Fn(&Path) -> Option<bool>,
    /// Where this program is.
    pub program: &'a str,
    /// Those of the coming year.
    pub sessions: &'a [Session],
    /// The machine's wall clock, by which cron starts jobs.
    pub wall_clock: &'a dyn Fn(DateTime<Utc>) -> NaiveDateTime,
    /// Reports whether a configuration has strategies whose orders for the close are emulated; false where it can't be read.
    pub emulates: &'a dyn Fn(&Path) -> bool,
}

/// What `crontab.example` has in place of an address.
const EXAMPLE_ADDRESS: &str = "you@example.com";

pub fn judge(facts: &Facts) -> Judgement {
    let mut findings = check_file(facts);
    let jobs = facts.crontab.jobs.iter();
    let starts: Vec<Start> = jobs.flat_map(|job| check_line(facts, job, &mut findings)).collect();
    findings.extend(missing_jobs(&starts));
    findings.extend(shared_minutes(facts, &starts));
    findings.extend(missed_sessions(facts, &starts));
    let notes = missing_before_close(facts, &starts).into_iter().collect();
    Judgement { starts: starts.len(), findings: Finding::merged(findings), notes }
}

fn check_file(facts: &Facts) -> Vec<Finding> {
    let crontab = facts.crontab;
    let mut findings = Vec::new();
    let mut find = |line, flaw, detail, next| findings.push(Finding::new(line, flaw, detail, next));
    for (line, problem) in &crontab.faults {
        find(*line, Flaw::BadLine, words::bad_line(problem), words::write_all_fields());
    }
    if !crontab.is_ended {
        find(crontab.line_count, Flaw::NoNewline, words::no_newline(), words::add_newline());
    }
    if let Some(line) = crontab.carriage_return {
        find(line, Flaw::CarriageReturn, words::carriage_return(), words::convert_file());
    }
    let is_read = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if let Some(name) = facts.file_name.filter(|name| !is_read(name)) {
        find(1, Flaw::FileIgnored, words::name_not_read(name), words::rename_file());
    }
    if facts.file_name.is_some() && !facts.is_roots_alone {
        find(1, Flaw::FileIgnored, words::not_roots(), words::give_to_root());
    }
    for (line, _) in crontab.comments.iter().filter(|(_, comment)| looks_secret(comment)) {
        find(*line, Flaw::Secret, words::secret_in_comment(), words::move_secrets());
    }
    findings.extend(crontab.settings.iter().flat_map(check_setting));
    findings
}

fn check_setting(setting: &Setting) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |flaw, detail, next| findings.push(Finding::new(setting.line, flaw, detail, next));
    if is_secret(&format!("{}={}", setting.name, setting.value)) {
        find(Flaw::Secret, words::secret_in_crontab(), words::move_secrets());
        return findings;
    }
    let (name, value) = (&setting.name, &setting.value);
    match name.as_str() {
        "CRON_TZ" | "TZ" => find(Flaw::CronTz, words::zone_ignored(name), words::remove_zone()),
        "MAILTO" if value == EXAMPLE_ADDRESS => {
            find(Flaw::Placeholder, words::example_address(), words::write_own_address());
        }
        "PATH" if !value.contains('$') && value.split(':').any(|folder| !folder.starts_with('/')) => {
            find(Flaw::RelativePath, words::relative_folder_in_path(), words::write_folders_from_root());
        }
        _ => {}
    }
    let is_mail = |name: &str| name == "MAILTO" || name == "MAILFROM";
    if value.contains('$') || (value.starts_with('~') && name != "MAILTO") {
        find(Flaw::ValueAsWritten, words::value_as_written(name), words::write_value_out());
    } else if value.contains(" #") || (is_mail(name) && value.contains('#')) {
        find(Flaw::ValueAsWritten, words::comment_in_value(name), words::move_comment());
    }
    findings
}
