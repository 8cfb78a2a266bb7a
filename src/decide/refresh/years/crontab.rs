//! `crontab.example`, minute by minute of the true clock, and who the processes are.

use std::time::Duration;

use chrono::TimeDelta;

use super::books::Watch;
use super::random::Random;
use crate::decide::refresh::{Effect, Event, Policy, Purpose, TokenRun};

/// What a cron line starts, or a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    TokenCheck,
    ForcedTokenCheck,
    Cleanup,
    Status,
    Sell,
    Buy,
}

/// Jobs that may start together.
pub const JOBS: [Job; 5] = [Job::TokenCheck, Job::Cleanup, Job::Status, Job::Sell, Job::Buy];

/// The job of a minute of the hour; no two share one.
pub fn job_at(minute: u64) -> Option<Job> {
    match minute % 60 {
        1 | 31 => Some(Job::TokenCheck),
        5 | 35 => Some(Job::Sell),
        10 => Some(Job::Buy),
        minute if minute % 10 == 2 => Some(Job::Cleanup),
        minute if minute % 5 == 4 => Some(Job::Status),
        _ => None,
    }
}

/// The next minute with a job.
pub fn next_minute(after: u64) -> u64 {
    (after + 1..).find(|minute| job_at(*minute).is_some()).unwrap()
}

/// What a process is about to do.
#[derive(Debug)]
pub enum Doing {
    /// Perform an effect; blocked since then, if at all.
    Effect { effect: Effect, blocked_ms: Option<u64> },
    /// Be told what became of it.
    Hear(Event),
    /// Send requests with the token of this number.
    Work { number: u64, requests: u64 },
    /// Nothing more.
    Nothing,
}

/// One run of the program.
#[derive(Debug)]
pub struct Process {
    pub number: u64,
    pub job: Job,
    pub run: TokenRun,
    pub random: Random,
    pub started_ms: u64,
    pub wake_ms: u64,
    pub doing: Doing,
    /// Killed at its first look; drawn at the start, so that a run that only looks is known as such.
    pub dies_looking: bool,
    pub watch: Watch,
}

impl Process {
    pub fn new(number: u64, job: Job, random: Random, started_ms: u64) -> Process {
        let mut run = TokenRun::new(policy(job));
        let doing = Doing::Effect { effect: run.begin(), blocked_ms: None };
        Process {
            number,
            job,
            run,
            random,
            started_ms,
            wake_ms: started_ms,
            doing,
            dies_looking: false,
            watch: Watch::default(),
        }
    }
}

fn policy(job: Job) -> Policy {
    let purpose = match job {
        Job::TokenCheck => Purpose::Check,
        Job::ForcedTokenCheck => Purpose::ForcedCheck,
        Job::Cleanup | Job::Status | Job::Sell | Job::Buy => Purpose::Work,
    };
    Policy {
        purpose,
        renew_at_left: TimeDelta::hours(4),
        warn_at_left: TimeDelta::hours(2),
        attempts: 3,
        retry_delay: Duration::from_secs(65),
    }
}
