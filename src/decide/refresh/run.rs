//! The step machine of one run.

use std::mem;

use chrono::TimeDelta;

use super::known::Known;
use super::life::{Life, implausible};
use super::limit::{LIMIT, LIMIT_AFTER_THREE, limit_left};
use super::{
    Attempt, AttemptLook, AttemptResult, Effect, Event, Look, Moment, Policy, Purpose, TokenOutcome, Usable, words,
};
use crate::domain::access_token::AccessToken;
use crate::domain::kis_error::KisError;
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
    Judge(KisError),
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
    pub fn step(&mut self, at: &Moment, event: Event) -> Effect {
        match (mem::replace(&mut self.state, State::Idle), event) {
            (State::Looking, Event::Loaded(look)) => self.looked(at, look),
            (State::Locking, Event::Locked(look)) => self.locked(at, look),
            (State::Locking, Event::LockNotHad(failure)) => self.fall_back(at, failure),
            (State::Recording(next), Event::AttemptSaved) => self.recorded(at, next),
            (State::Recording(next), Event::AttemptNotSaved(failure)) => self.not_recorded(at, next, failure),
            (State::Issuing, Event::Issued(token)) => self.issued(at, token),
            (State::Issuing, Event::NotIssued(error)) => self.not_issued(at, error),
            (State::Saving(token), Event::TokenSaved) => self.saved(at, token, true),
            (State::Saving(token), Event::TokenNotSaved(failure)) => {
                self.not_saved = Some(failure);
                self.saved(at, token, false)
            }
            (State::Revoking(print), Event::Revoked(answer)) => self.revoked(at, print, answer),
            (State::Waiting, Event::Waited) => {
                self.known.has_waited = true;
                self.lock()
            }
            _ => self.without(words::out_of_step()),
        }
    }

    fn looked(&mut self, at: &Moment, look: Look) -> Effect {
        self.known.see(look);
        match (self.policy.purpose, self.life(at)) {
            (Purpose::OfflineLook, Life::Fresh | Life::Due) => self.use_file(None),
            (Purpose::OfflineLook, _) => self.without(words::expired_or_missing(self.known.token.as_ref())),
            (Purpose::Work | Purpose::Check, Life::Fresh) => self.use_file(None),
            _ => self.lock(),
        }
    }

    /// The second look, under the exclusive lock: another run may have been here.
    fn locked(&mut self, at: &Moment, look: Look) -> Effect {
        if let AttemptLook::Damaged(failure) = &look.attempt {
            let failure = failure.clone();
            self.known.see(look);
            return self.fall_back(at, failure);
        }
        self.known.see(look);
        let life = self.life(at);
        let has_another = self.known.refused_print.is_some() && life != Life::Dead;
        if has_another || (life == Life::Fresh && self.policy.purpose != Purpose::ForcedCheck) {
            return self.use_file(None);
        }
        let record = self.known.attempt.as_ref().filter(|_| !self.known.has_waited);
        match record.and_then(|attempt| limit_left(attempt, at)) {
            None => self.record_request(at),
            Some(left) => self.limited(at, life, left),
        }
    }

    /// Another request is not allowed yet.
    fn limited(&mut self, at: &Moment, life: Life, left: TimeDelta) -> Effect {
        let failure = words::limited(left);
        if self.known.refused_print.is_some() {
            return self.record(at, Next::FallBack(failure), |_| {});
        }
        match self.known.token.clone() {
            Some(token) if life != Life::Dead && self.policy.purpose == Purpose::ForcedCheck => {
                done(TokenOutcome::TooSoon { token, wait: left.to_std().unwrap_or_default() })
            }
            Some(_) if life != Life::Dead => self.fall_back(at, failure),
            _ => self.again(at, failure),
        }
    }

    fn record_request(&mut self, at: &Moment) -> Effect {
        self.record(at, Next::Issue, |attempt| {
            attempt.last_attempt = at.now;
            attempt.boot.clone_from(&at.boot);
            attempt.up_ms = at.up_ms;
            attempt.result = AttemptResult::Pending;
            attempt.not_before = attempt.not_before.filter(|instant| *instant > at.now);
        })
    }

    fn recorded(&mut self, at: &Moment, next: Next) -> Effect {
        match next {
            Next::Issue => {
                self.state = State::Issuing;
                Effect::Issue
            }
            Next::Judge(
                error @ (KisError::CredentialsRefused { .. } | KisError::WrongMode { .. } | KisError::NotSent(_)),
            ) => self.fall_back(at, words::not_issued(error)),
            Next::Judge(error) => self.again(at, words::not_issued(error)),
            Next::FallBack(failure) => self.fall_back(at, failure),
            Next::AskAfterRevocation { is_revoked } => match &self.known.refused_print {
                Some(_) if is_revoked && self.policy.retry_delay.is_zero() => self.record_request(at),
                _ => self.again(at, words::revoked()),
            },
            Next::Use { token, is_saved, not_renewed } => {
                self.known.token = Some(token.clone());
                let not_saved = self.not_saved.clone();
                done(TokenOutcome::Usable(Usable { token, is_renewed: is_saved, not_renewed, not_saved }))
            }
        }
    }

    /// Nothing can be written. A live token will do then; without one the request is made all the same, for this run.
    fn not_recorded(&mut self, at: &Moment, next: Next, failure: Failure) -> Effect {
        if matches!(next, Next::Issue) && self.known.refused_print.is_none() && self.life(at) != Life::Dead {
            self.known.attempt = None;
            return self.fall_back(at, failure);
        }
        self.not_saved = Some(failure);
        self.recorded(at, next)
    }

    fn issued(&mut self, at: &Moment, token: AccessToken) -> Effect {
        if let Some(detail) = implausible(&token, at.now) {
            return self.not_issued(at, KisError::Nonsense { detail: detail.to_owned() });
        }
        let print = token.print();
        if !self.known.is_bad(&print) {
            self.state = State::Saving(token.clone());
            return Effect::SaveToken(token);
        }
        // Within six hours of an issue KIS returns the same token, dead or not.
        if self.known.was_revoked(&print) {
            return self.record(at, Next::FallBack(words::still_dead()), answered);
        }
        self.state = State::Revoking(print);
        Effect::Revoke(token)
    }

    fn not_issued(&mut self, at: &Moment, error: KisError) -> Effect {
        let result = match &error {
            KisError::TooSoon { .. } => AttemptResult::TooSoon,
            KisError::CredentialsRefused { .. } | KisError::WrongMode { .. } => AttemptResult::Refused,
            _ => AttemptResult::Failed,
        };
        self.record(at, Next::Judge(error), |attempt| {
            attempt.result = result;
            attempt.not_before = None;
            if result == AttemptResult::TooSoon {
                attempt.refused_in_a_row = attempt.refused_in_a_row.saturating_add(1);
                let hold = if attempt.refused_in_a_row < 3 { LIMIT } else { LIMIT_AFTER_THREE };
                attempt.not_before = Some(at.now + hold);
            }
        })
    }

    /// The token is in the file, or serves this run alone. A renewal that was due must have gained life: a token that
    /// dies no later than the old one is as good as none, and a human should know before both are dead.
    fn saved(&mut self, at: &Moment, token: AccessToken, is_saved: bool) -> Effect {
        let old = self.known.token.as_ref().filter(|_| self.life(at) == Life::Due);
        let has_moved = old.is_none_or(|old| old.expires_at < token.expires_at);
        let not_renewed = (!has_moved).then(words::not_moved);
        self.record(at, Next::Use { token, is_saved, not_renewed }, answered)
    }

    fn revoked(&mut self, at: &Moment, print: String, answer: Result<(), KisError>) -> Effect {
        // A refusal to revoke is as final as a yes: there is nothing else to try.
        let is_revoked =
            matches!(answer, Ok(()) | Err(KisError::CredentialsRefused { .. } | KisError::Nonsense { .. }));
        self.record(at, Next::AskAfterRevocation { is_revoked }, |attempt| {
            answered(attempt);
            if is_revoked {
                attempt.revoked_print = Some(print);
            }
        })
    }

    /// Waits for another attempt, if this run has one left and needs it.
    fn again(&mut self, at: &Moment, failure: Failure) -> Effect {
        self.attempts_used = self.attempts_used.saturating_add(1);
        let has_enough = self.policy.purpose == Purpose::Work && self.life(at) != Life::Dead;
        if has_enough || self.known.refused_print.is_some() || self.attempts_used >= self.policy.attempts {
            return self.fall_back(at, failure);
        }
        self.state = State::Waiting;
        Effect::Wait(self.policy.retry_delay)
    }

    /// Goes on with the old token if it lives, else ends.
    fn fall_back(&mut self, at: &Moment, failure: Failure) -> Effect {
        if self.life(at) == Life::Dead { self.without(failure) } else { self.use_file(Some(failure)) }
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

    fn life(&self, at: &Moment) -> Life {
        self.known.life(at, &self.policy)
    }

    fn record(&mut self, at: &Moment, next: Next, change: impl FnOnce(&mut Attempt)) -> Effect {
        self.state = State::Recording(next);
        Effect::SaveAttempt(self.known.update(at, change))
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
