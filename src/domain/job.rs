//! The five jobs of the program, and how a run may do one.

words! {
    /// What a run is for.
    pub enum Job {
        /// Take profits, cut losses.
        Sell = "sell",
        /// Buy what the rules pick.
        Buy = "buy",
        /// Reconcile the journal, cancel stale orders.
        Cleanup = "cleanup",
        /// Report everything, send no order.
        Status = "status",
        /// Keep the token alive.
        TokenCheck = "token-check",
    }
}

impl Job {
    /// Reports whether the job sends orders or cancels: then it holds the account's lock.
    pub fn may_trade(self) -> bool {
        matches!(self, Job::Sell | Job::Buy | Job::Cleanup)
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
    /// `token-check --offline`. It sends no request and leaves the token's files as they are.
    OfflineLook,
}

/// One run's job and how it may do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// What the run is for.
    pub job: Job,
    /// True when no order or cancel may be sent and no journal line written. Reads go on, and the token is renewed when due.
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

    /// Reports whether the run only reads the token's file: no request, no notification.
    pub fn is_offline(self) -> bool {
        self.token == TokenPurpose::OfflineLook
    }

    /// Reports whether the journal and the files derived from it stay as they are: `status`, `token-check`, dry runs.
    pub fn is_read_only(self) -> bool {
        self.is_dry_run || !self.job.may_trade()
    }
}
