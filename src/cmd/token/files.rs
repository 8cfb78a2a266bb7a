//! The token's files and their lock, for one run.

use std::io;
use std::path::Path;
use std::time::Duration;

use super::TokenTools;
use crate::decide::refresh::{Attempt, AttemptLook, Event, Look, Purpose};
use crate::domain::access_token::AccessToken;
use crate::exit::{Failure, Reason};
use crate::store::lock::{FileLock, LockError, LockMode};
use crate::store::read::{Unreadable, tightened_warning};
use crate::store::token_file::{TokenFile, load_attempt, load_token, save_attempt, save_token, set_token_aside};

/// The longest wait for the token's lock; `[lock] wait_seconds` if that is less.
const LOCK_WAIT_MAX: Duration = Duration::from_secs(15);

/// The files, and the exclusive lock while it is held.
pub struct TokenFiles<'a> {
    /// What the stage works with.
    pub tools: TokenTools<'a>,
    purpose: Purpose,
    lock: Option<FileLock>,
    /// A bad token file that can't be set aside must not be overwritten either.
    stuck: Option<Failure>,
    warnings: Vec<String>,
}

impl<'a> TokenFiles<'a> {
    /// Nothing read, nothing locked.
    pub fn new(tools: TokenTools<'a>, purpose: Purpose) -> TokenFiles<'a> {
        TokenFiles { tools, purpose, lock: None, stuck: None, warnings: Vec::new() }
    }

    /// The first look. A replaced file is always whole, so it may be read without the lock.
    pub fn load_shared(&mut self) -> Result<Look, Failure> {
        if self.is_offline() {
            return self.load();
        }
        let lock = match self.acquire(LockMode::Shared) {
            Ok(lock) => Some(lock),
            Err(error @ LockError::Unsafe { .. }) => return Err(error.into_failure()),
            Err(error) => {
                self.warn(format!("the token was read without its lock: {error}"));
                None
            }
        };
        let look = self.load();
        drop(lock);
        look
    }

    /// The second look, under the exclusive lock, which stays held.
    pub fn lock_and_load(&mut self) -> Result<Event, Failure> {
        match self.acquire(LockMode::Exclusive) {
            Ok(lock) => {
                self.lock = Some(lock);
                self.load().map(Event::Locked)
            }
            Err(error @ LockError::Unsafe { .. }) => Err(error.into_failure()),
            Err(error) => Ok(Event::LockNotHad(error.into_failure())),
        }
    }

    /// Reports whether nothing may be sent or written.
    pub fn is_offline(&self) -> bool {
        self.purpose == Purpose::OfflineLook
    }

    /// Lets go of the exclusive lock, if it is held.
    pub fn unlock(&mut self) {
        self.lock = None;
    }

    /// Replaces the record of attempts.
    pub fn save_attempt(&self, attempt: &Attempt) -> Result<(), Failure> {
        let path = self.tools.state_dir.attempt();
        save_attempt(&path, attempt).map_err(|error| unwritable(&path, &error))
    }

    /// Replaces the token file.
    pub fn save_token(&self, token: &AccessToken) -> Result<(), Failure> {
        let path = self.tools.state_dir.token();
        match &self.stuck {
            Some(failure) => Err(failure.clone()),
            None => save_token(&path, token, &self.tools.owner).map_err(|error| unwritable(&path, &error)),
        }
    }

    /// Adds a sentence for people, once.
    pub fn warn(&mut self, warning: String) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// The sentences so far.
    pub fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    fn acquire(&self, mode: LockMode) -> Result<FileLock, LockError> {
        let wait = self.tools.lock_wait.min(LOCK_WAIT_MAX);
        FileLock::acquire(&self.tools.state_dir.token_lock(), mode, wait, self.tools.clock, &self.tools.holder)
    }

    fn load(&mut self) -> Result<Look, Failure> {
        let path = self.tools.state_dir.token();
        self.stuck = None;
        let token = match load_token(&path, &self.tools.owner)? {
            TokenFile::Missing => None,
            TokenFile::Token { token, tightened } => {
                if tightened {
                    self.warn(tightened_warning(&path));
                }
                Some(token)
            }
            TokenFile::Bad { why } => {
                self.set_aside(&why);
                None
            }
        };
        Ok(Look { token, attempt: self.load_attempt()? })
    }

    fn load_attempt(&mut self) -> Result<AttemptLook, Failure> {
        match load_attempt::<Attempt>(&self.tools.state_dir.attempt()) {
            Ok(None) => Ok(AttemptLook::None),
            Ok(Some(file)) => {
                file.warning.into_iter().for_each(|warning| self.warn(warning));
                Ok(AttemptLook::Known(file.value))
            }
            Err(Unreadable::Damaged(failure)) => {
                self.warn(format!("{failure}; no token is asked for until you {}", failure.next));
                Ok(AttemptLook::Damaged(failure))
            }
            Err(other) => Err(other.into()),
        }
    }

    /// Sets a bad token file aside, under the exclusive lock and only then.
    fn set_aside(&mut self, why: &str) {
        if self.is_offline() {
            self.warn(format!("api_token.json can't be used: {why}"));
        }
        if self.lock.is_none() {
            return;
        }
        let path = self.tools.state_dir.token();
        match set_token_aside(&path, self.tools.clock.now()) {
            Ok(aside) => {
                let name = aside.file_name().unwrap_or_default().to_string_lossy().into_owned();
                self.warn(format!("api_token.json can't be used: {why}; it is kept as {name}"));
            }
            Err(error) => {
                self.warn(format!("api_token.json can't be used: {why}; it can't be set aside either: {error}"));
                self.stuck = Some(unwritable(&path, &error));
            }
        }
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Reason::StateUnwritable, format!("{} can't be written", path.display()))
        .because(error)
        .next("make room on the disk and the state directory writable")
}
