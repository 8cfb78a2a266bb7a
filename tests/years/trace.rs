//! What happened, for whoever must understand a failure, and as one number to compare years by.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;

use crate::chance::mixed;
use crate::machine::true_time;

const LINES: usize = 80;
/// What happens to all is no run's.
pub const NOBODY: u64 = u64::MAX;

#[derive(Debug)]
struct Line {
    at_ms: u64,
    run: u64,
    word: &'static str,
    number: u64,
}

/// The last lines, a hash over all, and how often each thing happened.
#[derive(Debug, Default)]
pub struct Trace {
    lines: VecDeque<Line>,
    /// Lines so far.
    pub steps: u64,
    pub hash: u64,
    pub counts: BTreeMap<Cow<'static, str>, u64>,
}

impl Trace {
    /// Writes down what happened.
    pub fn note(&mut self, at_ms: u64, run: u64, word: &'static str, number: u64) {
        let bytes = word.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        self.hash = mixed(self.hash ^ mixed(at_ms ^ mixed(run ^ mixed(number ^ bytes))));
        self.count(word);
        self.steps += 1;
        if self.lines.len() == LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(Line { at_ms, run, word, number });
    }

    /// Counts what is no line of its own.
    pub fn count(&mut self, word: impl Into<Cow<'static, str>>) {
        *self.counts.entry(word.into()).or_default() += 1;
    }

    pub fn text(&self) -> String {
        let mut text = String::new();
        for Line { at_ms, run, word, number } in &self.lines {
            let who = if *run == NOBODY { "world".to_owned() } else { format!("run {run}") };
            let time = true_time(*at_ms).format("%m-%d %H:%M:%S%.3f");
            writeln!(text, "{time} {who}: {word} {number}").unwrap();
        }
        text
    }
}
