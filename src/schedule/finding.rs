//! What can be wrong with a crontab, each in a stable word, as `file:line:` that editors can jump to.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::language::Sentence;
use crate::language::counts::Starts;
use crate::schedule::words;
use crate::visible::visible;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// The first of its lines.
    pub line: usize,
    #[serde(rename = "rule")]
    pub flaw: Flaw,
    /// In a sentence, which never quotes a line: it could hold a secret.
    pub detail: Sentence,
    pub next: Sentence,
    /// All lines of which the same is true.
    pub lines: Vec<usize>,
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
    Placeholder,
    MissingProgram,
    MissingConfig,
    MissingFolder,
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
pub struct Judgement {
    /// Starts of kis-trade.
    pub starts: usize,
    /// In the order of the lines.
    pub findings: Vec<Finding>,
    /// What is no mistake, and still worth a sentence.
    pub notes: Vec<Sentence>,
}

impl Judgement {
    /// The text for people. `file` is the crontab as the user named it.
    pub fn text(&self, file: &Sentence) -> Sentence {
        let notes: Vec<Sentence> = self.notes.iter().map(|note| words::note(file, note)).collect();
        self.verdict(file).and("", &Sentence::joined(&notes, ""))
    }

    fn verdict(&self, file: &Sentence) -> Sentence {
        if self.findings.is_empty() {
            return words::clean(file, Starts::from(self.starts));
        }
        let show = |Finding { line, flaw, detail, next, lines }: &Finding| {
            let rule = serde_json::json!(flaw);
            let rule = rule.as_str().unwrap_or_default();
            match lines.as_slice() {
                [_] => words::finding(file, *line, rule, detail, next),
                lines => {
                    let lines: Vec<String> = lines.iter().map(usize::to_string).collect();
                    words::finding_of_lines(file, *line, rule, detail, &lines.join(", "), next)
                }
            }
        };
        Sentence::joined(&self.findings.iter().map(show).collect::<Vec<_>>(), "")
    }
}

impl Finding {
    pub fn new(line: usize, flaw: Flaw, detail: Sentence, next: Sentence) -> Finding {
        // It may hold words of the file.
        Finding { line, flaw, detail: detail.map(visible), next: next.map(visible), lines: vec![line] }
    }

    /// One finding for what is true of several lines, in the order of the first ones.
    pub fn merged(mut findings: Vec<Finding>) -> Vec<Finding> {
        findings.sort();
        let mut places = BTreeMap::new();
        let mut merged: Vec<Finding> = Vec::new();
        for finding in findings {
            let key = (finding.flaw, finding.detail.clone(), finding.next.clone());
            let place = *places.entry(key).or_insert(merged.len());
            match merged.get_mut(place) {
                Some(known) if known.lines.last() != Some(&finding.line) => known.lines.push(finding.line),
                Some(_) => {}
                None => merged.push(finding),
            }
        }
        merged
    }
}
