//! The token's files, their lock and its two requests at the scripted desk.

use chrono::{DateTime, Utc};
use kis_trade::decide::token_life::{Attempt, AttemptLook, AttemptResult, Look};
use kis_trade::domain::{AccessToken, KisError, TokenPurpose};
use kis_trade::exit::Failure;
use kis_trade::story::desk::{TokenLock, TokenOffice};
use kis_trade::story::token::{TokenNotes, TokenReport, TokenRun};

use super::{Answer, ScriptedDesk, block_on, border, seconds, start};

pub type End = Result<TokenReport, Failure>;
type Hook = fn(&mut ScriptedDesk);

/// The files, and what becomes of an attempt to lock or replace them.
#[derive(Clone)]
pub struct Office {
    pub token: Option<AccessToken>,
    pub attempt: AttemptLook,
    pub lock: Result<(), Failure>,
    pub attempt_save: Result<(), Failure>,
    /// A failed save replaced the record: only the last sync of the folder failed.
    pub is_renamed_all_the_same: bool,
    pub token_save: Result<(), Failure>,
    pub revoke_answer: Result<(), KisError>,
    pub before_lock: Option<Hook>,
    pub during_wait: Option<Hook>,
    pub is_locked: bool,
    /// What the story did with them, in its order.
    pub steps: Vec<&'static str>,
    /// What people heard of the last run's token.
    pub heard: TokenNotes,
    pub requests_at: Vec<DateTime<Utc>>,
    /// The record on disk while KIS was asked.
    pub records_at_requests: Vec<Attempt>,
}

impl Office {
    pub fn new(token: AccessToken) -> Office {
        Office {
            token: Some(token),
            attempt: Ok(None),
            lock: Ok(()),
            attempt_save: Ok(()),
            is_renamed_all_the_same: false,
            token_save: Ok(()),
            revoke_answer: Ok(()),
            before_lock: None,
            during_wait: None,
            is_locked: false,
            steps: Vec::new(),
            heard: TokenNotes::default(),
            requests_at: Vec::new(),
            records_at_requests: Vec::new(),
        }
    }

    fn look(&self) -> Look {
        Look::new(self.token.clone(), self.attempt.clone())
    }

    async fn act_under_the_lock(&mut self, step: &'static str) {
        border().await;
        assert!(self.is_locked, "{step}");
        self.steps.push(step);
    }
}

impl TokenOffice for ScriptedDesk {
    async fn look_at_token(&mut self) -> Result<Look, Failure> {
        border().await;
        self.office.steps.push("look");
        Ok(self.office.look())
    }

    async fn lock_token(&mut self) -> Result<TokenLock, Failure> {
        border().await;
        self.office.steps.push("lock");
        if let Some(hook) = self.office.before_lock.take() {
            hook(self);
        }
        self.office.is_locked = self.office.lock.is_ok();
        Ok(match &self.office.lock {
            Ok(()) => TokenLock::Held(self.office.look()),
            Err(failure) => TokenLock::NotHeld(failure.clone()),
        })
    }

    fn unlock_token(&mut self) {
        self.office.is_locked = false;
    }

    async fn save_attempt(&mut self, attempt: &Attempt) -> Result<(), Failure> {
        self.office.act_under_the_lock("record").await;
        if self.office.attempt_save.is_ok() || self.office.is_renamed_all_the_same {
            self.office.attempt = Ok(Some(attempt.clone()));
        }
        self.office.attempt_save.clone()
    }

    async fn save_token(&mut self, token: &AccessToken) -> Result<(), Failure> {
        self.office.act_under_the_lock("save").await;
        self.office.token_save.clone()?;
        self.office.token = Some(token.clone());
        Ok(())
    }

    async fn issue_token(&mut self) -> Result<AccessToken, KisError> {
        self.office.act_under_the_lock("issue").await;
        self.note("renew");
        self.office.requests_at.push(self.at.at);
        assert!(self.office.requests_at.len() < 100_000, "a run asks for tokens without end");
        if let Ok(Some(attempt)) = &self.office.attempt {
            self.office.records_at_requests.push(attempt.clone());
        }
        match self.answer().await {
            Answer::Issued(answer) => answer,
            other => panic!("asked for a token: {other:?}"),
        }
    }

    async fn revoke_token(&mut self, _token: &AccessToken) -> Result<(), KisError> {
        self.office.act_under_the_lock("revoke").await;
        self.office.revoke_answer.clone()
    }
}

/// Runs the token's story alone.
impl ScriptedDesk {
    pub fn with_token(mut self, text: &str, seconds_left: i64) -> ScriptedDesk {
        self.office.token = Some(token(text, self.at.at + seconds(seconds_left)));
        self
    }

    pub fn answering(mut self, answers: impl IntoIterator<Item = Result<AccessToken, KisError>>) -> ScriptedDesk {
        self.script.extend(answers.into_iter().map(Answer::Issued));
        self
    }

    /// KIS's next answer is a token for a day.
    pub fn issuing(self, text: &str) -> ScriptedDesk {
        let expires_at = self.at.at + seconds(24 * 3600);
        self.answering([Ok(token(text, expires_at))])
    }

    pub fn record(&self) -> &Attempt {
        match &self.office.attempt {
            Ok(Some(attempt)) => attempt,
            other => panic!("{other:?}"),
        }
    }

    /// Another run asks for a token at this moment.
    pub fn another_run_asks(&mut self, result: AttemptResult) -> &mut Attempt {
        let at = self.at.clone();
        let serial = if let Ok(Some(attempt)) = &self.office.attempt { attempt.serial } else { 0 };
        self.office.attempt = Ok(Some(Attempt {
            serial: serial + 1,
            last_attempt: at.at,
            boot: at.boot,
            up_ms: at.up_ms,
            result,
            not_before: None,
            refused_in_a_row: 0,
            bad_print: None,
            revoked_print: None,
        }));
        match &mut self.office.attempt {
            Ok(Some(attempt)) => attempt,
            other => panic!("{other:?}"),
        }
    }

    pub fn token_run(&self, purpose: TokenPurpose) -> TokenRun {
        TokenRun::new(purpose, &self.settings.token)
    }

    pub fn acquire(&mut self, run: &mut TokenRun) -> End {
        self.office.steps.clear();
        let end = block_on(run.acquire(self));
        self.office.heard = std::mem::take(&mut run.notes);
        assert!(!self.office.is_locked && self.holds_account);
        end
    }

    pub fn replace(&mut self, run: &mut TokenRun, refused: &AccessToken) -> End {
        self.office.steps.clear();
        let end = block_on(run.after_refusal(self, refused, "EGW00123"));
        self.office.heard = std::mem::take(&mut run.notes);
        assert!(!self.office.is_locked && self.holds_account);
        end
    }

    pub fn run(&mut self, purpose: TokenPurpose) -> End {
        let mut run = self.token_run(purpose);
        self.acquire(&mut run)
    }

    pub fn work(&mut self) -> End {
        self.run(TokenPurpose::Work)
    }

    /// Begins as a job does, then KIS refuses the token.
    pub fn refuse(&mut self) -> End {
        let mut run = self.token_run(TokenPurpose::Work);
        let token = self.acquire(&mut run).unwrap().token;
        self.replace(&mut run, &token)
    }

    pub fn steps(&self) -> String {
        self.office.steps.join(" ")
    }
}

pub fn token(text: &str, expires_at: DateTime<Utc>) -> AccessToken {
    AccessToken::new(text.to_owned(), start(), expires_at)
}
