//! The choices of a world that is explored: each is made by a script, and beyond its end the first option is taken.

use std::fmt::Debug;

use chrono::TimeDelta;
use kis_trade::domain::{AccessToken, CancelPhase, Job, KisError};

use super::digest::{digest, joined};
use crate::answers::{Way, unreachable};
use crate::machine::{MINUTE_MS, SECOND_MS, true_time};
use crate::office::Death;
use crate::world::World;

/// What can become of an order's request. The first is no misfortune.
const ANSWERS: [(&str, Way); 13] = [
    ("accepted", Way::Well),
    ("accepted, and filled at once", Way::Well),
    ("accepted, and listed late", Way::Well),
    ("refused at the gate", Way::Gate { token_refused: false }),
    ("the token is refused at the gate", Way::Gate { token_refused: true }),
    ("refused", Way::Rejected),
    ("lost before it arrived", Way::RequestLost),
    ("lost after it arrived", Way::AnswerLost),
    ("lost after it arrived, and listed late", Way::AnswerLost),
    ("never sent", Way::NotSent),
    ("refused at the gate, and taken", Way::GateLies),
    ("answered with another order's number", Way::OtherAnswer),
    ("delivered twice, and unheard", Way::TwiceUnheard),
];
/// What can become of a cancel.
const CANCELS: [&str; 7] = [
    "cancelled at once",
    "cancelled later",
    "the cancel is lost before it arrived",
    "the cancel is lost after it arrived",
    "a cancel that does nothing",
    "the cancel is refused",
    "filled before the cancel",
];
/// What can become of a request for a token.
const TOKENS: [&str; 5] = [
    "a token",
    "no token so soon",
    "the request for a token is lost before it arrived",
    "the request for a token is lost after it arrived",
    "the token that the file has",
];
/// What is listed late is listed so late: after the looks for a lost answer and the next run, before the evening.
const LATE_MS: u64 = 30 * MINUTE_MS;
/// Nobody may ask for a token sooner after another request.
const LIMIT_MS: u64 = 65 * SECOND_MS;
/// `[token] renew_at_hours_left`.
pub const DUE: TimeDelta = TimeDelta::hours(4);

/// One choice that was made.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    pub taken: usize,
    /// So many options there were.
    pub of: usize,
    pub word: &'static str,
    /// The run that it is about.
    pub run: Option<u64>,
}

/// The choices of one execution.
#[derive(Debug, Default)]
pub struct Choices {
    /// What to take at the first choices.
    script: Vec<usize>,
    /// The choices so far.
    pub made: Vec<Choice>,
    /// So many misfortunes may yet happen.
    pub misfortunes: u8,
    /// Of them so many kills, runs that stand still, and power cuts.
    pub kills: u8,
    pub stops: u8,
    pub cuts: u8,
    /// What the run that goes on has learned of the world, as a number.
    pub told: u64,
    /// None happens now.
    pub is_spared: bool,
    /// How late the list shows an order that is placed now.
    pub late_ms: u64,
    /// It fills at once.
    fills_at_once: bool,
    /// A file could not be written.
    has_failed_write: bool,
    /// When the office was asked.
    asked_ms: Option<u64>,
    /// How often it gave or would have given a token.
    pub tokens_asked: u32,
}

impl Choices {
    /// Choices by a script.
    pub fn new(script: &[usize], misfortunes: u8, [kills, stops, cuts]: [u8; 3]) -> Choices {
        Choices { script: script.to_vec(), misfortunes, kills, stops, cuts, ..Choices::default() }
    }

    /// Makes a choice. Where there is only one option it is none.
    pub fn choose(&mut self, of: usize, said: impl Fn(usize) -> (&'static str, Option<u64>)) -> usize {
        if of == 1 {
            return 0;
        }
        let taken = self.script.get(self.made.len()).copied().unwrap_or_default();
        assert!(taken < of, "the script takes option {taken} of {of}: it is of another world");
        let (word, run) = said(taken);
        self.made.push(Choice { taken, of, word, run });
        taken
    }

    /// A choice of which all options but the first are misfortunes.
    pub fn risk(&mut self, words: &[&'static str]) -> usize {
        if self.misfortunes == 0 || self.is_spared {
            return 0;
        }
        let taken = self.choose(words.len(), |taken| (words[taken], None));
        self.misfortunes -= u8::from(taken > 0);
        taken
    }

    /// A run learns something.
    pub fn tell(&mut self, learned: &impl Debug) {
        self.told = joined(self.told, digest(learned));
    }

    /// What the world does next depends on these, too.
    pub fn state(&self) -> impl Debug + use<> {
        (self.misfortunes, self.kills, self.stops, self.cuts, self.has_failed_write, self.asked_ms, self.tokens_asked)
    }

    /// The script that makes the same choices.
    pub fn script(&self) -> String {
        let taken: Vec<String> = self.made.iter().map(|choice| choice.taken.to_string()).collect();
        taken.join(",")
    }

    /// The choices in words, those left out that are the usual ones.
    pub fn words(&self) -> String {
        let said = self.made.iter().enumerate().filter(|(_, choice)| choice.taken > 0 || choice.run.is_some());
        let line = |(place, choice): (usize, &Choice)| match choice.run {
            Some(run) => format!("{place}: run {run} {}\n", choice.word),
            None => format!("{place}: {}\n", choice.word),
        };
        said.map(line).collect()
    }
}

impl World {
    /// The choices of a world that has them.
    pub fn choices(&mut self) -> &mut Choices {
        self.choices.as_mut().unwrap()
    }

    /// What becomes of an order's request.
    pub fn choose_answer(&mut self) -> Way {
        let choices = self.choices();
        let taken = choices.risk(&ANSWERS.map(|(word, _)| word));
        let (word, way) = ANSWERS[taken];
        choices.late_ms = if word.ends_with("listed late") { LATE_MS } else { 0 };
        choices.fills_at_once = word.ends_with("filled at once");
        if matches!(way, Way::Gate { token_refused: true }) {
            self.office.kill(Death::Gone);
        }
        way
    }

    /// An order that was just taken fills, if that was chosen.
    pub fn fill_at_once(&mut self, index: usize) {
        if self.choices.as_ref().is_some_and(|choices| choices.fills_at_once) {
            self.fill_whole(index);
        }
    }

    /// All of an order fills.
    pub fn fill_whole(&mut self, index: usize) {
        let (shares, price) = (self.broker.orders[index].remaining, self.broker.orders[index].limit);
        self.broker.fill(index, shares, price, self.now_ms);
        self.broker.working.retain(|working| *working != index);
        self.note("fills", shares);
    }

    /// What becomes of a cancel.
    pub fn cancel_as_chosen(&mut self, index: usize) -> CancelPhase {
        if self.broker.orders[index].remaining == 0 {
            return CancelPhase::Refused;
        }
        let taken = self.choices().risk(&CANCELS);
        let (source, now_ms) = (self.broker.orders[index].source, self.now_ms);
        self.note(CANCELS[taken], 0);
        match taken {
            2 => return CancelPhase::Unknown,
            5 => return CancelPhase::Refused,
            6 => {
                self.fill_whole(index);
                return CancelPhase::Refused;
            }
            _ => {}
        }
        let effect_ms = [Some(0), Some(2 * MINUTE_MS), None, Some(0), None][taken];
        self.broker.cancel(index, source, now_ms, effect_ms);
        self.broker.end_cancelled(now_ms);
        if taken == 3 { CancelPhase::Unknown } else { CancelPhase::Done }
    }

    /// Whether KIS answers a read.
    pub fn choose_read(&mut self) -> bool {
        self.choices().risk(&["answered", "the read is not answered"]) == 0
    }

    /// Whether a write fails.
    pub fn choose_full_disk(&mut self) -> bool {
        let choices = self.choices();
        let fails = choices.risk(&["written", "the disk is full"]) > 0;
        choices.has_failed_write |= fails;
        fails
    }

    /// A request for a token: never soon after another one, and from `token-check` never while the file has a fresh one.
    pub fn issue_as_chosen(&mut self, job: Job) -> Result<AccessToken, KisError> {
        let now_ms = self.now_ms;
        let choices = self.choices();
        let is_soon = choices.asked_ms.replace(now_ms).is_some_and(|asked_ms| now_ms < asked_ms + LIMIT_MS);
        choices.tokens_asked += 1;
        let is_known = !choices.has_failed_write;
        let taken = choices.risk(&TOKENS);
        self.holds(!is_soon || !is_known, "a request for a token within a minute of the last");
        let known = self.disk.files.token.cached.clone();
        let is_fresh = known.as_ref().is_some_and(|token| token.time_left(true_time(now_ms)) > DUE);
        self.holds(!is_fresh || job != Job::TokenCheck, "a token is renewed twice");
        self.note(TOKENS[taken], 0);
        match (taken, known) {
            (1, _) => Err(KisError::TooSoon { message: "one token a minute".to_owned() }),
            (2, _) => Err(unreachable()),
            (3, _) => {
                self.office.issue_anew(now_ms);
                Err(unreachable())
            }
            (4, Some(token)) => Ok(token),
            _ => Ok(self.office.issue_anew(now_ms)),
        }
    }

    /// A token goes to its file. The file never falls back.
    pub fn judge_saved(&self, token: &AccessToken) {
        let known = self.disk.files.token.cached.as_ref();
        let falls_back = known.is_some_and(|known| token.expires_at < known.expires_at);
        self.holds(!falls_back, "an older token takes the place of a newer one");
    }
}
