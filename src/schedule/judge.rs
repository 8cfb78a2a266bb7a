//! Judges a crontab before it runs for months alone: what cron would refuse, cut or never start, and what would be lost.

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::domain::market_session::Session;
use crate::schedule::crontab::{Crontab, Setting};
use crate::schedule::times::Times;

use crate::schedule::finding::{Finding, Rule};
use crate::schedule::line::check_line;
use crate::schedule::secret::{WHERE_SECRETS_GO, is_secret, looks_secret};
use crate::schedule::together::check_together;

/// What a crontab is judged by.
pub struct Facts<'a> {
    /// The crontab.
    pub crontab: &'a Crontab,
    /// The name of a file that cron reads by itself (`/etc/cron.d`); `None` for a user's crontab.
    pub file_name: Option<&'a str>,
    /// False when such a file is not root's, or others may write it.
    pub is_roots_alone: bool,
    /// The sessions of the coming year.
    pub sessions: &'a [Session],
    /// The machine's wall clock, by which cron starts jobs.
    pub wall_clock: &'a dyn Fn(DateTime<Utc>) -> NaiveDateTime,
    /// What kis-trade makes of its arguments; why not, in a line.
    pub read_arguments: &'a dyn Fn(&[String]) -> Result<Invocation, String>,
}

/// A start of kis-trade, as far as a crontab is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The command's name.
    pub job: &'static str,
    /// `-q`.
    pub is_quiet: bool,
    /// `--dry-run`: nothing is sent.
    pub is_dry_run: bool,
    /// `--config`.
    pub config: Option<String>,
    /// `--state-dir`.
    pub state_dir: Option<String>,
    /// The file of `status --html`.
    pub page: Option<String>,
}

/// A start of kis-trade that was found in a line.
pub(super) struct Start {
    pub(super) line: usize,
    pub(super) job: &'static str,
    pub(super) is_dry_run: bool,
    pub(super) times: Option<Times>,
}

/// Everything that is wrong, in the order of the lines.
pub fn check(facts: &Facts) -> Vec<Finding> {
    let mut findings = check_file(facts);
    let mut starts = Vec::new();
    for job in &facts.crontab.jobs {
        starts.extend(check_line(facts, job, &mut findings));
    }
    findings.extend(check_together(facts, &starts));
    findings.sort();
    findings.dedup();
    findings
}

/// How many starts of kis-trade a crontab has.
pub fn count_starts(facts: &Facts) -> usize {
    facts.crontab.jobs.iter().map(|job| check_line(facts, job, &mut Vec::new()).len()).sum()
}

fn check_file(facts: &Facts) -> Vec<Finding> {
    let crontab = facts.crontab;
    let mut findings: Vec<Finding> = crontab
        .faults
        .iter()
        .map(|fault| {
            let detail = format!("cron can't start this line: {}", fault.problem);
            Finding::new(
                fault.line,
                Rule::BadLine,
                detail,
                "write minute, hour, day, month, weekday and the command, or a # before a comment",
            )
        })
        .collect();
    if !crontab.is_ended {
        findings.push(Finding::new(
            crontab.line_count,
            Rule::NoNewline,
            "the last line has no newline at its end: cron refuses the crontab, or passes the line over",
            "end the last line with a newline",
        ));
    }
    if let Some(line) = crontab.carriage_return {
        findings.push(Finding::new(
            line,
            Rule::CarriageReturn,
            "the line ends like a Windows text, and the carriage return becomes part of the command",
            "convert the file: `sed -i 's/\\r$//' FILE`",
        ));
    }
    let is_read = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if let Some(name) = facts.file_name.filter(|name| !is_read(name)) {
        findings.push(Finding::new(
            1,
            Rule::FileIgnored,
            format!("cron reads no file of the name {name}: only letters, digits, - and _ may be in it"),
            "rename it, for example to kis-trade",
        ));
    }
    if facts.file_name.is_some() && !facts.is_roots_alone {
        findings.push(Finding::new(
            1,
            Rule::FileIgnored,
            "cron reads a file of this folder only when it is root's and nobody else may write it",
            "`chown root:root FILE && chmod 644 FILE`",
        ));
    }
    for (line, _) in crontab.comments.iter().filter(|(_, comment)| looks_secret(comment)) {
        let detail = "credentials stand in a comment, which backups and `crontab -l` show";
        findings.push(Finding::new(*line, Rule::Secret, detail, WHERE_SECRETS_GO));
    }
    findings.extend(crontab.settings.iter().flat_map(check_setting));
    findings
}

fn check_setting(setting: &Setting) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |rule, detail: String, next: &str| findings.push(Finding::new(setting.line, rule, detail, next));
    if is_secret(&format!("{}={}", setting.name, setting.value)) {
        let detail = "credentials stand in the crontab, which backups and `crontab -l` show".to_owned();
        find(Rule::Secret, detail, WHERE_SECRETS_GO);
        return findings;
    }
    let (name, value) = (&setting.name, &setting.value);
    match name.as_str() {
        "CRON_TZ" | "TZ" => find(
            Rule::CronTz,
            format!("{name} changes nothing of when Debian's cron starts a job: the machine's own zone counts"),
            "remove it, and let the jobs run round the clock: kis-trade knows New York's hours",
        ),
        "PATH" if !value.contains('$') && value.split(':').any(|folder| !folder.starts_with('/')) => find(
            Rule::RelativePath,
            "PATH holds a folder that is not absolute".to_owned(),
            "write every folder of PATH from the root, such as /usr/local/bin:/usr/bin:/bin",
        ),
        _ => {}
    }
    let is_mail = |name: &str| name == "MAILTO" || name == "MAILFROM";
    if value.contains('$') || (value.starts_with('~') && name != "MAILTO") {
        let detail = format!("cron takes the value of {name} as it is written, $ and ~ too");
        find(Rule::ValueAsWritten, detail, "write the value out");
    } else if value.contains(" #") || (is_mail(name) && value.contains('#')) {
        let detail = format!("what looks like a comment is part of the value of {name}");
        find(Rule::ValueAsWritten, detail, "put the comment on a line of its own");
    }
    findings
}
