//! The five jobs of the program, and how a run may do one.

use std::fmt;

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Job {
    /// Take profits, cut losses.
    Sell,
    /// Buy what the rules pick.
    Buy,
    /// Reconcile the journal, cancel stale orders.
    Cleanup,
    /// Look at everything, send no order.
    Status,
    /// Keep the token alive.
    TokenCheck,
}

impl Job {
    /// Every job.
    pub const ALL: [Job; 5] = [Job::Sell, Job::Buy, Job::Cleanup, Job::Status, Job::TokenCheck];

    /// The command's name.
    pub fn word(self) -> &'static str {
        match self {
            Job::Sell => "sell",
            Job::Buy => "buy",
            Job::Cleanup => "cleanup",
            Job::Status => "status",
            Job::TokenCheck => "token-check",
        }
    }

    /// Reports whether the job sends orders or cancels: then it holds the account's lock.
    pub fn may_trade(self) -> bool {
        matches!(self, Job::Sell | Job::Buy | Job::Cleanup)
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// What a run wants the token for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenPurpose {
    /// Another job. With a live token it tries once to renew and goes on.
    Work,
    /// `token-check`. It repeats, also with a live token.
    Check,
    /// `token-check --force`. It renews before that is due.
    ForcedCheck,
    /// `token-check --offline`. It sends nothing and writes nothing.
    OfflineLook,
}

/// One run's job and how it may do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// What the run is for.
    pub job: Job,
    /// True when nothing may be sent or written.
    pub is_dry_run: bool,
    /// What it wants the token for.
    pub token: TokenPurpose,
}

impl Task {
    /// A job done in earnest.
    pub fn of(job: Job) -> Task {
        let token = if job == Job::TokenCheck { TokenPurpose::Check } else { TokenPurpose::Work };
        Task { job, is_dry_run: false, token }
    }

    /// Reports whether the run only looks at the token's file, without a request: then nobody is told anything.
    pub fn is_offline(self) -> bool {
        self.token == TokenPurpose::OfflineLook
    }

    /// Reports whether the journal and the files derived from it stay as they are: `status`, `token-check`, dry runs.
    pub fn is_read_only(self) -> bool {
        self.is_dry_run || !self.job.may_trade()
    }
}
