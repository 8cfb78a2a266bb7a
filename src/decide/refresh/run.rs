//! The step machine of one run.

use std::mem;

use chrono::TimeDelta;

use super::known::Known;
use super::life::{Life, implausible};
use super::limit::{LIMIT, LIMIT_AFTER_THREE, limit_left};
use super::{
    Attempt, AttemptLook, AttemptResult, Effect, Event, IssueError, Look, Policy, Purpose, TokenOutcome, Usable, words,
};
use crate::domain::access_token::AccessToken;
use crate::domain::stamp::Stamp;
use crate::exit::Failure;

/// The token's part of one run: it is begun once, and once more if KIS refuses the token in use.
#[derive(Clone, Debug)]
pub struct TokenRun {
    policy: Policy,
    state: State,
    known: Known,
    attempts_used: u32,
    not_saved: Option<Failure>,
}

/// The effect that is under way.
#[derive(Clone, Debug)]
enum State {
    Idle,
    Looking,
    Locking,
    Recording(Next),
    Issuing,
    Saving(AccessToken),
    Revoking(String),
    Waiting,
}

/// What follows once the record is written.
#[derive(Clone, Debug)]
enum Next {
    Issue,
    Judge(IssueError),
    Use { token: AccessToken, is_saved: bool, not_renewed: Option<Failure> },
    FallBack(Failure),
    AskAfterRevocation { is_revoked: bool },
}

impl TokenRun {
    /// A run that has not begun.
    pub fn new(policy: Policy) -> TokenRun {
        TokenRun { policy, state: State::Idle, known: Known::default(), attempts_used: 0, not_saved: None }
    }

    /// Begins with a look at the files.
    pub fn begin(&mut self) -> Effect {
        self.state = State::Looking;
        Effect::LoadShared
    }

    /// Begins again after KIS refused the token of this print; ends at once when it did so before in this run.
    ///
    /// No waiting here: the run is in the middle of its work. What the issue limit forbids now is the next run's.
    pub fn after_refusal(&mut self, refused_print: &str) -> Effect {
        if self.known.refused_print.replace(refused_print.to_owned()).is_some() {
            return self.without(words::still_dead());
        }
        self.known.has_waited = self.policy.retry_delay.is_zero();
        self.lock()
    }

    /// Takes what became of the last effect and returns the next one.
    pub fn step(&mut self, now: &Stamp, event: Event) -> Effect {
        match (mem::replace(&mut self.state, State::Idle), event) {
            (State::Looking, Event::Loaded(look)) => self.looked(now, look),
            (State::Locking, Event::Locked(look)) => self.locked(now, look),
            (State::Locking, Event::LockNotHad(failure)) => self.fall_back(now, failure),
            (State::Recording(next), Event::AttemptSaved) => self.recorded(now, next),
            (State::Recording(next), Event::AttemptNotSaved(failure)) => self.not_recorded(now, next, failure),
            (State::Issuing, Event::Issued(token)) => self.issued(now, token),
            (State::Issuing, Event::NotIssued(error)) => self.not_issued(now, error),
            (State::Saving(token), Event::TokenSaved) => self.saved(now, token, true),
            (State::Saving(token), Event::TokenNotSaved(failure)) => {
                self.not_saved = Some(failure);
                self.saved(now, token, false)
            }
            (State::Revoking(print), Event::Revoked(answer)) => self.revoked(now, print, answer),
            (State::Waiting, Event::Waited) => {
                self.known.has_waited = true;
                self.lock()
            }
            _ => self.without(words::out_of_step()),
        }
    }

    fn looked(&mut self, now: &Stamp, look: Look) -> Effect {
        self.known.see(look);
        match (self.policy.purpose, self.life(now)) {
            (Purpose::OfflineLook, Life::Fresh | Life::Due) => self.use_file(None),
            (Purpose::OfflineLook, _) => self.without(words::expired_or_missing(self.known.token.as_ref())),
            (Purpose::Work | Purpose::Check, Life::Fresh) => self.use_file(None),
            _ => self.lock(),
        }
    }

    /// The second look, under the exclusive lock: another run may have been here.
    fn locked(&mut self, now: &Stamp, look: Look) -> Effect {
        if let AttemptLook::Damaged(failure) = &look.attempt {
            let failure = failure.clone();
            self.known.see(look);
            return self.fall_back(now, failure);
        }
        self.known.see(look);
        let life = self.life(now);
        let has_another = self.known.refused_print.is_some() && life != Life::Dead;
        if has_another || (life == Life::Fresh && self.policy.purpose != Purpose::ForcedCheck) {
            return self.use_file(None);
        }
        let record = self.known.attempt.as_ref().filter(|_| !self.known.has_waited);
        match record.and_then(|attempt| limit_left(attempt, now)) {
            None => self.record_request(now),
            Some(left) => self.limited(now, life, left),
        }
    }

    /// Another request is not allowed yet.
    fn limited(&mut self, now: &Stamp, life: Life, left: TimeDelta) -> Effect {
        let failure = words::limited(left);
        if self.known.refused_print.is_some() {
            return self.record(now, Next::FallBack(failure), |_| {});
        }
        match self.known.token.clone() {
            Some(token) if life != Life::Dead && self.policy.purpose == Purpose::ForcedCheck => {
                done(TokenOutcome::TooSoon { token, wait: left.to_std().unwrap_or_default() })
            }
            Some(_) if life != Life::Dead => self.fall_back(now, failure),
            _ => self.again(now, failure),
        }
    }

    fn record_request(&mut self, now: &Stamp) -> Effect {
        self.record(now, Next::Issue, |attempt| {
            attempt.last_attempt = now.at;
            attempt.boot.clone_from(&now.boot);
            attempt.up_ms = now.up_ms;
            attempt.result = AttemptResult::Pending;
            attempt.not_before = attempt.not_before.filter(|instant| *instant > now.at);
        })
    }

    fn recorded(&mut self, now: &Stamp, next: Next) -> Effect {
        match next {
            Next::Issue => {
                self.state = State::Issuing;
                Effect::Issue
            }
            Next::Judge(
                error @ (IssueError::CredentialsRefused { .. } | IssueError::WrongMode { .. } | IssueError::Local(_)),
            ) => self.fall_back(now, words::not_issued(error)),
            Next::Judge(error) => self.again(now, words::not_issued(error)),
            Next::FallBack(failure) => self.fall_back(now, failure),
            Next::AskAfterRevocation { is_revoked } => match &self.known.refused_print {
                Some(_) if is_revoked && self.policy.retry_delay.is_zero() => self.record_request(now),
                _ => self.again(now, words::revoked()),
            },
            Next::Use { token, is_saved, not_renewed } => {
                self.known.token = Some(token.clone());
                let not_saved = self.not_saved.clone();
                done(TokenOutcome::Usable(Usable { token, is_renewed: is_saved, not_renewed, not_saved }))
            }
        }
    }

    /// Nothing can be written. A live token will do then; without one the request is made all the same, for this run.
    fn not_recorded(&mut self, now: &Stamp, next: Next, failure: Failure) -> Effect {
        if matches!(next, Next::Issue) && self.known.refused_print.is_none() && self.life(now) != Life::Dead {
            self.known.attempt = None;
            return self.fall_back(now, failure);
        }
        self.not_saved = Some(failure);
        self.recorded(now, next)
    }

    fn issued(&mut self, now: &Stamp, token: AccessToken) -> Effect {
        if let Some(detail) = implausible(&token, now.at) {
            return self.not_issued(now, IssueError::Nonsense { detail: detail.to_owned() });
        }
        let print = token.fingerprint();
        if !self.known.is_bad(&print) {
            self.state = State::Saving(token.clone());
            return Effect::SaveToken(token);
        }
        // Within six hours of an issue KIS returns the same token, dead or not.
        if self.known.was_revoked(&print) {
            return self.record(now, Next::FallBack(words::still_dead()), answered);
        }
        self.state = State::Revoking(print);
        Effect::Revoke(token)
    }

    fn not_issued(&mut self, now: &Stamp, error: IssueError) -> Effect {
        let result = match &error {
            IssueError::TooSoon { .. } => AttemptResult::TooSoon,
            IssueError::CredentialsRefused { .. } | IssueError::WrongMode { .. } => AttemptResult::Refused,
            _ => AttemptResult::Failed,
        };
        self.record(now, Next::Judge(error), |attempt| {
            attempt.result = result;
            attempt.not_before = None;
            if result == AttemptResult::TooSoon {
                attempt.refused_in_a_row = attempt.refused_in_a_row.saturating_add(1);
                let hold = if attempt.refused_in_a_row < 3 { LIMIT } else { LIMIT_AFTER_THREE };
                attempt.not_before = Some(now.at + hold);
            }
        })
    }

    /// The token is in the file, or serves this run alone. A renewal that was due must have gained life: a token that
    /// dies no later than the old one is as good as none, and a human should know before both are dead.
    fn saved(&mut self, now: &Stamp, token: AccessToken, is_saved: bool) -> Effect {
        let old = self.known.token.as_ref().filter(|_| self.life(now) == Life::Due);
        let has_moved = old.is_none_or(|old| old.expires_at < token.expires_at);
        let not_renewed = (!has_moved).then(words::not_moved);
        self.record(now, Next::Use { token, is_saved, not_renewed }, answered)
    }

    fn revoked(&mut self, now: &Stamp, print: String, answer: Result<(), IssueError>) -> Effect {
        // A refusal to revoke is as final as a yes: there is nothing else to try.
        let is_revoked =
            matches!(answer, Ok(()) | Err(IssueError::CredentialsRefused { .. } | IssueError::Nonsense { .. }));
        self.record(now, Next::AskAfterRevocation { is_revoked }, |attempt| {
            answered(attempt);
            if is_revoked {
                attempt.revoked_print = Some(print);
            }
        })
    }

    /// Waits for another attempt, if this run has one left and needs it.
    fn again(&mut self, now: &Stamp, failure: Failure) -> Effect {
        self.attempts_used = self.attempts_used.saturating_add(1);
        let has_enough = self.policy.purpose == Purpose::Work && self.life(now) != Life::Dead;
        if has_enough || self.known.refused_print.is_some() || self.attempts_used >= self.policy.attempts {
            return self.fall_back(now, failure);
        }
        self.state = State::Waiting;
        Effect::Wait(self.policy.retry_delay)
    }

    /// Goes on with the old token if it lives, else ends.
    fn fall_back(&mut self, now: &Stamp, failure: Failure) -> Effect {
        if self.life(now) == Life::Dead { self.without(failure) } else { self.use_file(Some(failure)) }
    }

    fn use_file(&self, not_renewed: Option<Failure>) -> Effect {
        let not_saved = self.not_saved.clone();
        match self.known.token.clone() {
            Some(token) => done(TokenOutcome::Usable(Usable { token, is_renewed: false, not_renewed, not_saved })),
            None => self.without(words::expired_or_missing(None)),
        }
    }

    fn without(&self, failure: Failure) -> Effect {
        done(TokenOutcome::Without { failure, last: self.known.token.clone() })
    }

    fn lock(&mut self) -> Effect {
        self.state = State::Locking;
        Effect::LockAndLoad
    }

    fn life(&self, now: &Stamp) -> Life {
        self.known.life(now, &self.policy)
    }

    fn record(&mut self, now: &Stamp, next: Next, change: impl FnOnce(&mut Attempt)) -> Effect {
        self.state = State::Recording(next);
        Effect::SaveAttempt(self.known.update(now, change))
    }
}

/// KIS gave a token, of whatever use.
fn answered(attempt: &mut Attempt) {
    attempt.result = AttemptResult::Issued;
    attempt.not_before = None;
    attempt.refused_in_a_row = 0;
}

fn done(outcome: TokenOutcome) -> Effect {
    Effect::Done(Box::new(outcome))
}
