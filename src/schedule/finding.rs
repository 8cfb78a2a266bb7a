//! What can be wrong with a crontab, each in a stable word, as `file:line:` that editors can jump to.

use serde::Serialize;

use crate::visible::visible;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    pub line: usize,
    #[serde(rename = "rule")]
    pub flaw: Flaw,
    /// In a sentence, which never quotes a line: it could hold a secret.
    pub detail: String,
    pub next: String,
}

/// What can be wrong, in the order in which the flaws of one line are shown. docs/scheduling.md explains them to users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    BadLine,
    NoNewline,
    CarriageReturn,
    FileIgnored,
    Secret,
    UserField,
    NoPath,
    ValueAsWritten,
    CronTz,
    Percent,
    UnknownCommand,
    RelativePath,
    BashRedirect,
    Noisy,
    Unheard,
    NoMailto,
    SameMinute,
    SharedMinute,
    MissesMarket,
    NoJob,
    NoSell,
    NoCleanup,
}

#[derive(Debug, Default)]
pub struct Verdict {
    /// Starts of kis-trade.
    pub starts: usize,
    /// In the order of the lines.
    pub findings: Vec<Finding>,
}

impl Verdict {
    /// The text for people. `file` is the crontab as the user named it.
    pub fn to_text(&self, file: &str) -> String {
        if self.findings.is_empty() {
            return format!("{file}: nothing is wrong; {} starts of kis-trade\n", self.starts);
        }
        let show = |Finding { line, flaw, detail, next }: &Finding| {
            let rule = serde_json::json!(flaw);
            format!("{file}:{line}: {}: {detail}\n  next: {next}\n", rule.as_str().unwrap_or_default())
        };
        self.findings.iter().map(show).collect()
    }
}

impl Finding {
    pub fn new(line: usize, flaw: Flaw, detail: impl Into<String>, next: impl Into<String>) -> Finding {
        // It may hold words of the file.
        Finding { line, flaw, detail: visible(&detail.into()), next: next.into() }
    }
}
