//! Judges a whole crontab: what cron would refuse, cut or never start, and what would be lost. Pure.

use std::path::Path;

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::domain::Session;
use crate::schedule::crontab::{Crontab, Setting};
use crate::schedule::finding::{Finding, Flaw, Judgement};
use crate::schedule::line::{Start, check_line};
use crate::schedule::secret::{WHERE_SECRETS_GO, is_secret, looks_secret};
use crate::schedule::together::{missed_sessions, missing_jobs, shared_minutes};

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
    Judgement { starts: starts.len(), findings: Finding::merged(findings) }
}

fn check_file(facts: &Facts) -> Vec<Finding> {
    let crontab = facts.crontab;
    let mut findings = Vec::new();
    let mut find = |line, flaw, detail: &str, next: &str| findings.push(Finding::new(line, flaw, detail, next));
    for (line, problem) in &crontab.faults {
        let detail = format!("cron can't start this line: {problem}");
        let next = "write minute, hour, day, month, weekday and the command, or a # before a comment";
        find(*line, Flaw::BadLine, &detail, next);
    }
    if !crontab.is_ended {
        let detail = "the last line has no newline at its end: cron refuses the crontab, or passes the line over";
        find(crontab.line_count, Flaw::NoNewline, detail, "end the last line with a newline");
    }
    if let Some(line) = crontab.carriage_return {
        let detail = "the line ends like a Windows text, and the carriage return becomes part of the command";
        find(line, Flaw::CarriageReturn, detail, "convert the file: `sed -i 's/\\r$//' FILE`");
    }
    let is_read = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if let Some(name) = facts.file_name.filter(|name| !is_read(name)) {
        let detail = format!("cron reads no file of the name {name}: only letters, digits, - and _ may be in it");
        find(1, Flaw::FileIgnored, &detail, "rename it, for example to kis-trade");
    }
    if facts.file_name.is_some() && !facts.is_roots_alone {
        let detail = "cron reads a file of this folder only when it is root's and nobody else may write it";
        find(1, Flaw::FileIgnored, detail, "`chown root:root FILE && chmod 644 FILE`");
    }
    for (line, _) in crontab.comments.iter().filter(|(_, comment)| looks_secret(comment)) {
        let detail = "credentials are in a comment, which backups and `crontab -l` show";
        find(*line, Flaw::Secret, detail, WHERE_SECRETS_GO);
    }
    findings.extend(crontab.settings.iter().flat_map(check_setting));
    findings
}

fn check_setting(setting: &Setting) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |flaw, detail: String, next: &str| findings.push(Finding::new(setting.line, flaw, detail, next));
    if is_secret(&format!("{}={}", setting.name, setting.value)) {
        let detail = "credentials are in the crontab, which backups and `crontab -l` show".to_owned();
        find(Flaw::Secret, detail, WHERE_SECRETS_GO);
        return findings;
    }
    let (name, value) = (&setting.name, &setting.value);
    match name.as_str() {
        "CRON_TZ" | "TZ" => find(
            Flaw::CronTz,
            format!("{name} changes nothing of when Debian's cron starts a job: the machine's own zone counts"),
            "remove it, and let the jobs run round the clock: kis-trade knows New York's hours",
        ),
        "MAILTO" if value == EXAMPLE_ADDRESS => find(
            Flaw::Placeholder,
            "MAILTO is the address of the example: nobody reads what is mailed there".to_owned(),
            "write your own address",
        ),
        "PATH" if !value.contains('$') && value.split(':').any(|folder| !folder.starts_with('/')) => find(
            Flaw::RelativePath,
            "PATH holds a folder that is not absolute".to_owned(),
            "write every folder of PATH from the root, such as /usr/local/bin:/usr/bin:/bin",
        ),
        _ => {}
    }
    let is_mail = |name: &str| name == "MAILTO" || name == "MAILFROM";
    if value.contains('$') || (value.starts_with('~') && name != "MAILTO") {
        let detail = format!("cron takes the value of {name} as it is written, $ and ~ too");
        find(Flaw::ValueAsWritten, detail, "write the value out");
    } else if value.contains(" #") || (is_mail(name) && value.contains('#')) {
        let detail = format!("what looks like a comment is part of the value of {name}");
        find(Flaw::ValueAsWritten, detail, "put the comment on a line of its own");
    }
    findings
}
