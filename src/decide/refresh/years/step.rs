//! Steps of one process: effect, event, effect, until its token stage is through; then its work.

use std::mem;

use super::Year;
use super::crontab::{Doing, Job, Process};
use super::faults::Fault;
use super::kis::number_of;
use super::perform::{Fate, Performed};
use crate::decide::refresh::{Effect, TokenOutcome};

impl Year {
    /// One step of one process; `None` when it is over.
    pub fn advance(&mut self, mut process: Box<Process>) -> Option<Box<Process>> {
        match mem::replace(&mut process.doing, Doing::Nothing) {
            Doing::Effect { effect, blocked_ms } => self.begin_effect(process, effect, blocked_ms),
            Doing::Hear(event) => {
                self.watch_event(&mut process, &event);
                let at = self.machine.moment(self.now_ms);
                let effect = process.run.step(&at, event);
                self.go_to(process, effect)
            }
            Doing::Work { number, requests } => self.work(process, number, requests),
            Doing::Nothing => None,
        }
    }

    fn go_to(&mut self, mut process: Box<Process>, effect: Effect) -> Option<Box<Process>> {
        match effect {
            Effect::Done(outcome) => self.finish_drive(process, *outcome),
            effect => {
                self.watch_effect(&mut process, &effect);
                process.wake_ms = self.now_ms + process.random.below(3);
                process.doing = Doing::Effect { effect, blocked_ms: None };
                Some(process)
            }
        }
    }

    fn begin_effect(
        &mut self,
        mut process: Box<Process>,
        effect: Effect,
        blocked_ms: Option<u64>,
    ) -> Option<Box<Process>> {
        let fate = if blocked_ms.is_none() { self.draw_fate(&mut process, &effect) } else { Fate::Lives };
        if matches!(fate, Fate::KilledBefore | Fate::PowerCutBefore) {
            self.die(&process, fate, &effect);
            return None;
        }
        let since_ms = blocked_ms.unwrap_or(self.now_ms);
        match self.perform(&mut process, &effect, since_ms) {
            Performed::Blocked => {
                process.wake_ms = self.now_ms + process.random.between(50, 250);
                process.doing = Doing::Effect { effect, blocked_ms: Some(since_ms) };
            }
            Performed::Told { event, after_ms } => {
                if fate != Fate::Lives {
                    self.die(&process, fate, &effect);
                    return None;
                }
                process.wake_ms = self.now_ms + after_ms;
                process.doing = Doing::Hear(event);
            }
        }
        Some(process)
    }

    /// The token stage is through: on to the work, or the end.
    fn finish_drive(&mut self, mut process: Box<Process>, outcome: TokenOutcome) -> Option<Box<Process>> {
        self.unlock(&process);
        match outcome {
            TokenOutcome::Usable(usable) => {
                let number = self.judge_usable(&process, &usable);
                process.wake_ms = self.now_ms + process.random.below(3000);
                let is_check = matches!(process.job, Job::TokenCheck | Job::ForcedTokenCheck);
                let requests = if is_check { 0 } else { process.random.between(1, 3) };
                process.doing = Doing::Work { number, requests };
                Some(process)
            }
            TokenOutcome::TooSoon { token, .. } => {
                self.note_of(&process, "forced too soon", number_of(&token));
                None
            }
            TokenOutcome::Without { failure, .. } => {
                self.judge_failure(&process, &failure);
                None
            }
        }
    }

    pub fn unlock(&mut self, process: &Process) {
        if self.lock == Some(process.number) {
            self.lock = None;
        }
    }

    /// The program sends requests; a refused token is renewed once.
    fn work(&mut self, mut process: Box<Process>, number: u64, requests: u64) -> Option<Box<Process>> {
        if requests == 0 || self.faults.is_open(Fault::Unreachable) {
            self.judge_success(&process, number);
            return None;
        }
        if self.kis.takes(number, self.now_ms) {
            process.wake_ms = self.now_ms + process.random.between(100, 15_000);
            process.doing = Doing::Work { number, requests: requests - 1 };
            return Some(process);
        }
        self.note_of(&process, "refused at work", number);
        self.books.refused.insert(number);
        if process.watch.refused.is_some() {
            self.judge_second_refusal(&process, number);
            return None;
        }
        process.watch.begin_again(self.now_ms, number);
        let effect = process.run.after_refusal(self.kis.print(number));
        self.go_to(process, effect)
    }
}
