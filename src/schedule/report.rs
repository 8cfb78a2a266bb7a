//! What `status --check-schedule` found, as JSON and as lines that editors can jump to. Pure.

use serde_json::{Map, Value, json};

use crate::schedule::finding::Finding;

/// A crontab, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct ScheduleReport {
    /// The file as the user named it.
    pub file: String,
    /// How many starts of kis-trade were understood.
    pub starts: usize,
    /// What is wrong, in the order of the lines.
    pub findings: Vec<Finding>,
}

impl ScheduleReport {
    /// The keys that only this has.
    pub fn to_json(&self) -> Map<String, Value> {
        let object = json!({ "crontab": self.file, "starts": self.starts, "findings": self.findings });
        match object {
            Value::Object(object) => object,
            _ => Map::new(),
        }
    }

    /// One finding a line, and below it what to do.
    pub fn to_text(&self) -> String {
        if self.findings.is_empty() {
            return format!("{}: nothing is wrong; {} starts of kis-trade\n", self.file, self.starts);
        }
        let line = |finding: &Finding| {
            let Finding { line, rule, detail, next } = finding;
            format!("{}:{line}: {}: {detail}\n  next: {next}\n", self.file, rule.word())
        };
        self.findings.iter().map(line).collect()
    }
}
