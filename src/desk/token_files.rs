//! The token's files and their lock, for one run: `api_token.json`, and in `token_attempt.json` the last request for a token
//! and its result, so that not even crashes make us ask too often.
//!
//! A damaged record of attempts is never repaired or guessed at: a run with a live token goes on with a warning and asks
//! for none; a run without one ends with 65 until a person has looked.

use std::path::Path;
use std::time::Duration;

use crate::clock::Clock;
use crate::decide::token_life::{Attempt, TokenOnDisk};
use crate::desk::words;
use crate::domain::{AccessToken, Task, TokenPurpose};
use crate::exit::{Failure, Reason};
use crate::language::Sentence;
use crate::store::atomic::replace_versioned;
use crate::store::lock::{FileLock, LockMode};
use crate::store::read::{Unreadable, load_versioned};
use crate::store::state_dir::StateDir;
use crate::store::token_file::{TokenFile, TokenOwner, load_token, save_token, set_token_aside};
use crate::store::words::{free_space, unwritable};
use crate::story::desk::TokenLock;

const ATTEMPT_VERSION: u64 = 1;

/// The longest wait for the token's lock; `[lock] wait_seconds` if that is less.
const LOCK_WAIT_MAX: Duration = Duration::from_secs(15);

/// The files, and the exclusive lock while it is held.
pub struct TokenFiles {
    dir: StateDir,
    clock: Clock,
    owner: TokenOwner,
    lock_wait: Duration,
    command: &'static str,
    is_offline: bool,
    lock: Option<FileLock>,
    /// Why a bad token file can't be set aside; it must not be overwritten then.
    stuck: Option<Failure>,
}

impl TokenFiles {
    /// Nothing read, nothing locked. `lock_wait` is `[lock] wait_seconds`.
    pub fn new(dir: &StateDir, clock: &Clock, owner: TokenOwner, lock_wait: Duration, task: Task) -> TokenFiles {
        TokenFiles {
            dir: dir.clone(),
            clock: clock.clone(),
            owner,
            lock_wait: lock_wait.min(LOCK_WAIT_MAX),
            command: task.job.word(),
            is_offline: task.token == TokenPurpose::OfflineLook,
            lock: None,
            stuck: None,
        }
    }

    /// As `TokenOffice::load_token`.
    pub fn load(&mut self) -> Result<TokenOnDisk, Failure> {
        if self.is_offline {
            return Ok(self.read(Vec::new()));
        }
        match self.acquire(LockMode::Shared) {
            Ok(_lock) => Ok(self.read(Vec::new())),
            Err(failure) if failure.reason == Reason::ConfigInvalid => Err(failure),
            Err(busy) => Ok(self.read(vec![words::token_read_without_lock(&busy.sentence())])),
        }
    }

    /// As `TokenOffice::lock_token`.
    pub fn lock(&mut self) -> Result<TokenLock, Failure> {
        match self.acquire(LockMode::Exclusive) {
            Ok(lock) => {
                self.lock = Some(lock);
                Ok(TokenLock::Held(self.read(Vec::new())))
            }
            Err(failure) if failure.reason == Reason::ConfigInvalid => Err(failure),
            Err(busy) => Ok(TokenLock::NotHeld(busy)),
        }
    }

    pub fn unlock(&mut self) {
        self.lock = None;
    }

    pub fn save_attempt(&self, attempt: &Attempt) -> Result<(), Failure> {
        let path = self.dir.attempt();
        replace_versioned(&path, ATTEMPT_VERSION, attempt).map_err(|error| not_saved(&path, error))
    }

    pub fn save_token(&self, token: &AccessToken) -> Result<(), Failure> {
        let path = self.dir.token();
        match &self.stuck {
            Some(failure) => Err(failure.clone()),
            None => save_token(&path, token, &self.owner).map_err(|why| not_saved(&path, why)),
        }
    }

    fn acquire(&self, mode: LockMode) -> Result<FileLock, Failure> {
        FileLock::acquire(&self.dir.token_lock(), mode, self.lock_wait, &self.clock, self.command)
    }

    fn read(&mut self, warnings: Vec<Sentence>) -> TokenOnDisk {
        let mut on_disk = TokenOnDisk { warnings, ..TokenOnDisk::new(None, Ok(None)) };
        let loaded = self.read_token(&mut on_disk).and_then(|()| self.read_attempt(&mut on_disk));
        on_disk.unusable = loaded.err();
        on_disk
    }

    fn read_token(&mut self, on_disk: &mut TokenOnDisk) -> Result<(), Failure> {
        let path = self.dir.token();
        self.stuck = None;
        match load_token(&path, &self.owner)? {
            TokenFile::Missing => {}
            TokenFile::Token(token, warning) => {
                on_disk.warnings.extend(warning);
                on_disk.token = Some(token);
            }
            TokenFile::Bad(why) => on_disk.warnings.extend(self.set_aside(&why)),
        }
        Ok(())
    }

    fn read_attempt(&self, on_disk: &mut TokenOnDisk) -> Result<(), Failure> {
        match load_versioned::<Attempt>(&self.dir.attempt(), ATTEMPT_VERSION) {
            Ok(None) => {}
            Ok(Some(file)) => {
                on_disk.warnings.extend(file.warning);
                on_disk.attempt = Ok(Some(file.value));
            }
            Err(Unreadable::Damaged(failure)) => {
                on_disk.warnings.push(words::attempt_damaged(&failure.sentence()));
                on_disk.attempt = Err(failure);
            }
            Err(other) => return Err(other.into()),
        }
        Ok(())
    }

    /// Sets a bad token file aside, under the exclusive lock and only then. Returns a sentence for people.
    fn set_aside(&mut self, why: &Sentence) -> Option<Sentence> {
        if self.is_offline {
            return Some(words::token_unusable(why));
        }
        self.lock.as_ref()?;
        let path = self.dir.token();
        match set_token_aside(&path, self.clock.now()) {
            Ok(aside) => {
                let name = aside.file_name().unwrap_or_default().to_string_lossy().into_owned();
                Some(words::token_kept(why, &name))
            }
            Err(error) => {
                let warning = words::token_stuck(why, &error);
                self.stuck = Some(not_saved(&path, error));
                Some(warning)
            }
        }
    }
}

fn not_saved(path: &Path, cause: impl Into<Sentence>) -> Failure {
    Failure::new(Reason::StateUnwritable, unwritable(path)).because(cause).next(free_space())
}

#[cfg(test)]
mod tests;
