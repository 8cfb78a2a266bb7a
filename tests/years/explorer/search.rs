//! The search: one execution after the other, each by the choices of the one before but for the last that has another
//! option left.

use std::collections::HashSet;
use std::fmt;

use super::choices::Choice;
use super::execution::{Execution, Outcome};
use super::moves::{Cut, Seen};
use super::scenario::Scenario;

/// What a search saw.
#[derive(Default)]
pub struct Count {
    pub executions: u64,
    /// Executions that ended in a state met before.
    pub cut: u64,
    /// Steps that were taken for the first time.
    pub steps: u64,
    /// Choices of the longest execution.
    pub deepest: usize,
    /// How executions end, each once.
    pub ends: HashSet<u64>,
}

/// Sees every execution of a scenario; none goes on from a state that was met before.
pub fn explore(scenario: &Scenario, cut: Cut) -> Count {
    let mut seen = Seen::new(cut);
    let (mut count, mut script) = (Count::default(), Some(Vec::new()));
    while let Some(next) = script {
        let known = seen.points.len();
        let outcome = Execution::new(scenario, &next).go(&mut seen);
        count.executions += 1;
        count.cut += u64::from(outcome.is_cut);
        count.steps += (outcome.steps - known) as u64;
        count.deepest = count.deepest.max(outcome.made.len());
        script = next_script(&outcome, &mut seen);
    }
    count.ends = seen.ends;
    count
}

/// Lives one execution.
pub fn replay(scenario: &Scenario, script: &[usize]) -> Outcome {
    let mut seen = Seen::new(Cut::Never);
    Execution::new(scenario, script).go(&mut seen)
}

/// The choices of the execution after this one: its last choice with an option left takes that.
fn next_script(outcome: &Outcome, seen: &mut Seen) -> Option<Vec<usize>> {
    for (place, choice) in outcome.made.iter().enumerate().rev() {
        while seen.points.last().is_some_and(|point| point.choices > place) {
            seen.points.pop();
        }
        // At a border only moves to new states are taken.
        let of_point = seen.points.last().filter(|point| point.choices == place && point.is_new.len() == choice.of);
        let is_new = |option: &usize| of_point.is_none_or(|point| point.is_new[*option]);
        if let Some(option) = (choice.taken + 1..choice.of).find(is_new) {
            let taken = outcome.made[..place].iter().map(|choice: &Choice| choice.taken);
            return Some(taken.chain([option]).collect());
        }
    }
    None
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count { executions, cut, steps, deepest, ends } = self;
        let ends = ends.len();
        write!(f, "{executions} executions, {cut} of them cut; {steps} states; {deepest} choices at most; {ends} ends")
    }
}
