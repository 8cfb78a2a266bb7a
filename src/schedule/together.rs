//! All starts of a crontab together: shared minutes, hours that miss the market, missing jobs.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};

use crate::domain::market_session::new_york_date;
use crate::domain::{Job, Session};
use crate::language::{Sentence, counts};
use crate::schedule::finding::{Finding, Flaw};
use crate::schedule::judge::Facts;
use crate::schedule::line::Start;
use crate::schedule::times::Times;
use crate::schedule::words::{self, Day};

/// Dates with every combination of day, month and weekday of a year, leap day included.
const DATES: usize = 366;
/// Report at most this many shared minutes.
const MOST_SHARED: usize = 200;
/// So long before the close a paper account's orders for the close begin and cease to be emulated.
const BEFORE_CLOSE: (TimeDelta, TimeDelta) = (TimeDelta::minutes(30), TimeDelta::minutes(10));

pub fn missing_jobs(starts: &[Start]) -> Vec<Finding> {
    let real = || starts.iter().filter(|start| !start.is_dry_run);
    let first = |job: Job| real().find(|start| start.job == job).map(|start| start.line);
    let Some(any) = starts.first().map(|start| start.line) else {
        return vec![Finding::new(1, Flaw::NoJob, words::no_job(), words::take_example())];
    };
    let mut findings = Vec::new();
    if let (Some(line), None) = (first(Job::Buy), first(Job::Sell)) {
        findings.push(Finding::new(line, Flaw::NoSell, words::no_sell(), words::add_sell()));
    }
    if first(Job::Cleanup).is_none() && (first(Job::Buy).is_some() || first(Job::Sell).is_some()) {
        findings.push(Finding::new(any, Flaw::NoCleanup, words::no_cleanup(), words::add_cleanup()));
    }
    findings
}

pub fn shared_minutes(facts: &Facts, starts: &[Start]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(first) = facts.sessions.first() else { return findings };
    let first = (facts.wall_clock)(first.opens_at).date();
    let dates: Vec<NaiveDate> = first.iter_days().take(DATES).collect();
    for (index, later) in starts.iter().enumerate() {
        for earlier in &starts[..index] {
            let (Some(a), Some(b)) = (earlier.times, later.times) else { continue };
            // One line may start several jobs, one after the other.
            if earlier.line == later.line {
                continue;
            }
            if findings.len() == MOST_SHARED {
                return findings;
            }
            let Some((hour, minute)) = a.shared_with(&b, dates.iter().copied()) else { continue };
            let (at, line) = (format!("{hour:02}:{minute:02}"), earlier.line);
            let (job, other) = (later.job.word(), earlier.job.word());
            findings.push(if job == other {
                let detail = words::same_minute(job, line, &at);
                Finding::new(later.line, Flaw::SameMinute, detail, words::keep_one())
            } else {
                let detail = words::shared_minute(job, other, line, &at);
                Finding::new(later.line, Flaw::SharedMinute, detail, words::give_own_minutes())
            });
        }
    }
    findings
}

/// Each job must run equally often in every session of the coming year, whatever daylight saving does here and there.
pub fn missed_sessions(facts: &Facts, starts: &[Start]) -> Vec<Finding> {
    let full: Vec<&Session> = facts.sessions.iter().filter(|session| !session.is_half_day).collect();
    let mut lines: BTreeMap<Job, (usize, Vec<Times>)> = BTreeMap::new();
    for start in starts.iter().filter(|start| start.job != Job::TokenCheck) {
        lines.entry(start.job).or_insert((start.line, Vec::new())).1.extend(start.times);
    }
    let mut findings = Vec::new();
    for (job, (line, times)) in lines {
        let around: Vec<Times> = times.iter().map(Times::round_the_clock).collect();
        let seen = |session: &&Session| {
            let runs = runs_in(facts, session, &times);
            (runs_in(facts, session, &around) - runs, runs, show(facts, session))
        };
        let seen: Vec<(usize, usize, Sentence)> = full.iter().map(seen).collect();
        // The first of those that are equal.
        let Some((least, often, best)) = seen.iter().min_by_key(|(missed, ..)| *missed) else { continue };
        let Some((most, seldom, worst)) = seen.iter().rev().max_by_key(|(missed, ..)| *missed) else { continue };
        let detail = if seen.iter().all(|(_, runs, _)| *runs == 0) {
            words::never_in_session(job.word(), best)
        } else if least != most {
            words::uneven(job.word(), counts::Times::from(*often), best, counts::Times::from(*seldom), worst)
        } else {
            continue;
        };
        findings.push(Finding::new(line, Flaw::MissesMarket, detail, words::run_round_the_clock()));
    }
    findings
}

/// Says which jobs have no run in the minutes in which a paper account's strategies send what they emulate. Other accounts need none.
pub fn missing_before_close(facts: &Facts, starts: &[Start]) -> Option<Sentence> {
    let is_emulated = |start: &&Start| {
        let config = start.config.as_deref().filter(|config| config.starts_with('/'));
        !start.is_dry_run && config.is_some_and(|config| (facts.emulates)(Path::new(config)))
    };
    let emulated: Vec<&Start> = starts.iter().filter(is_emulated).collect();
    let is_missing = |job: &Job| {
        let times: Vec<Times> =
            emulated.iter().filter(|start| start.job == *job).filter_map(|start| start.times).collect();
        let runs = |session: &Session| {
            runs_between(facts, (session.closes_at - BEFORE_CLOSE.0, session.closes_at - BEFORE_CLOSE.1), &times)
        };
        // Another line names its absence.
        emulated.iter().any(|start| start.job == *job) && facts.sessions.iter().any(|session| runs(session) == 0)
    };
    let missing: Vec<&str> = [Job::Buy, Job::Sell].iter().filter(|job| is_missing(job)).map(|job| job.word()).collect();
    match missing[..] {
        [] => None,
        [one, other, ..] => Some(words::nothing_before_close(&words::both(one, other))),
        [one] => Some(words::nothing_before_close(&Sentence::verbatim(format!("`{one}`")))),
    }
}

fn runs_in(facts: &Facts, session: &Session, times: &[Times]) -> usize {
    runs_between(facts, (session.opens_at, session.closes_at), times)
}

fn runs_between(facts: &Facts, (from, to): (DateTime<Utc>, DateTime<Utc>), times: &[Times]) -> usize {
    let (from, to) = ((facts.wall_clock)(from), (facts.wall_clock)(to));
    // No zone changes its clocks while New York trades: Sundays, or at night.
    let minutes = (0..(to - from).num_minutes()).map(|minute| from + TimeDelta::minutes(minute));
    minutes.filter(|at| times.iter().any(|times| times.starts_at(*at))).count()
}

fn show(facts: &Facts, session: &Session) -> Sentence {
    let date = new_york_date(session.opens_at);
    let wall = |at| {
        let at = (facts.wall_clock)(at);
        (Day(at.weekday()), at.format("%H:%M").to_string())
    };
    let ((opens_on, opens_at), (closes_on, closes_at)) = (wall(session.opens_at), wall(session.closes_at));
    words::session(Day(date.weekday()), date, opens_on, &opens_at, closes_on, &closes_at)
}
