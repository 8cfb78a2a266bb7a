//! What can be wrong with a crontab, each in a stable word, and lines of it that editors can jump to.

use serde::Serialize;

use crate::visible::visible;

/// One thing that is wrong, where it stands, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong, as a stable word.
    #[serde(rename = "rule")]
    pub flaw: Flaw,
    /// The same in a sentence. Never quotes a line: a secret could stand in it.
    pub detail: String,
    /// What to do.
    pub next: String,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    /// Cron refuses the line, or never starts it.
    BadLine,
    /// The last line has no newline.
    NoNewline,
    /// A line ends like a Windows text.
    CarriageReturn,
    /// Cron reads no file of this name.
    FileIgnored,
    /// A key, a secret or an account number stands in the file.
    Secret,
    /// A user stands where the command begins.
    UserField,
    /// `PATH` is not set.
    NoPath,
    /// A value that the shell would change, and cron doesn't.
    ValueAsWritten,
    /// `CRON_TZ` or `TZ`, by which Debian's cron starts nothing.
    CronTz,
    /// A bare `%` cuts the command.
    Percent,
    /// kis-trade does not take these arguments.
    UnknownCommand,
    /// A path that depends on where cron starts the job.
    RelativePath,
    /// Only bash understands the redirection.
    BashRedirect,
    /// Every success is mailed.
    Noisy,
    /// Nobody hears of a failure.
    Unheard,
    /// Failures are mailed to a local mailbox that few people read.
    NoMailto,
    /// Two lines start the same job in the same minute.
    SameMinute,
    /// Two jobs share a minute.
    SharedMinute,
    /// The hours fit the market on one side of daylight saving only, or never.
    MissesMarket,
    /// No line starts kis-trade.
    NoJob,
    /// Buys, and never sells.
    NoSell,
    /// Trades, and never cleans up.
    NoCleanup,
}

/// What came out.
#[derive(Debug, Default)]
pub struct Verdict {
    /// How many starts of kis-trade were understood.
    pub starts: usize,
    /// What is wrong, in the order of the lines.
    pub findings: Vec<Finding>,
}

impl Verdict {
    /// One finding a line, and below it what to do. `file` is the crontab as the user named it.
    pub fn to_text(&self, file: &str) -> String {
        if self.findings.is_empty() {
            return format!("{file}: nothing is wrong; {} starts of kis-trade\n", self.starts);
        }
        let show = |Finding { line, flaw, detail, next }: &Finding| {
            format!("{file}:{line}: {}: {detail}\n  next: {next}\n", flaw.word())
        };
        self.findings.iter().map(show).collect()
    }
}

impl Finding {
    /// Makes one.
    pub fn new(line: usize, flaw: Flaw, detail: impl Into<String>, next: impl Into<String>) -> Finding {
        // Words of the file stand in it.
        Finding { line, flaw, detail: visible(&detail.into()), next: next.into() }
    }
}

impl Flaw {
    /// The word as it stands in JSON.
    fn word(self) -> String {
        serde_json::to_value(self).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    }
}
