//! The token's files, its lock, and its two requests. The judges look on: [`crate::token`].

use kis_trade::decide::token_life::{Attempt, TokenOnDisk};
use kis_trade::domain::{AccessToken, KisError};
use kis_trade::exit::{Failure, Reason};
use kis_trade::language::Sentence;
use kis_trade::story::desk::{TokenLock, TokenOffice};

use super::SimDesk;
use crate::border::Spot;
use crate::journal::unwritable;
use crate::machine::SECOND_MS;
use crate::office::number_of;
use crate::token::Renamed;

/// The token's lock is waited for this long.
pub(super) const LOCK_WAIT_MS: u64 = 15 * SECOND_MS;

impl TokenOffice for SimDesk {
    async fn load_token(&mut self) -> Result<TokenOnDisk, Failure> {
        if self.is_explored() {
            return Ok(self.look_explored().await);
        }
        self.run.world().begin_watch(&mut self.watch);
        // After the longest wait the files are read without the lock.
        self.wait_for_token_lock().await;
        self.run.border(Spot::Looked, 1).await;
        Ok(self.read_token_files())
    }

    async fn lock_token(&mut self) -> Result<TokenLock, Failure> {
        if self.is_explored() {
            return Ok(self.lock_explored().await);
        }
        self.begin_again_if_refused();
        self.run.world().count_effect(&mut self.watch);
        self.run.world().judge_reach_for_lock(&self.watch);
        if !self.wait_for_token_lock().await {
            self.watch.was_locked_out = true;
            self.run.note("lock not had", 0);
            return Ok(TokenLock::NotHeld(Failure::new(
                Reason::LockBusy,
                Sentence::verbatim("another run holds the token's lock"),
            )));
        }
        self.run.world().locks.token = Some(self.run.number);
        self.run.border(Spot::TokenLocked, 1).await;
        let before = self.watch.file_token;
        let look = self.read_token_files();
        if before.is_some() && before < self.watch.file_token {
            self.run.note("the second look found a newer token", 0);
        }
        Ok(TokenLock::Held(look))
    }

    fn unlock_token(&mut self) {
        if self.is_explored() {
            return self.run.world().locks.unlock_token(self.run.number);
        }
        let mut world = self.run.world();
        world.see_files_behind(&mut self.watch);
        world.locks.unlock_token(self.run.number);
    }

    async fn save_attempt(&mut self, attempt: &Attempt) -> Result<(), Failure> {
        if self.is_explored() {
            return self.save_attempt_explored(attempt).await;
        }
        let replaced = {
            let mut world = self.run.world();
            world.count_effect(&mut self.watch);
            world.watch_record(&mut self.watch, attempt);
            let replaced = world.replace_for_token(self.run.number);
            if replaced != Err(Renamed::No) {
                world.disk.files.attempt.rename(Ok(Some(attempt.clone())));
                world.book_record(&mut self.watch, attempt);
            }
            replaced
        };
        self.run.border(Spot::RecordReplaced, replaced.unwrap_or(5)).await;
        if replaced.is_err() {
            (self.watch.could_not_save, self.watch.revoked) = (true, None);
            return Err(unwritable());
        }
        self.run.world().disk.sync_folder();
        self.watch.is_recorded = true;
        Ok(())
    }

    async fn save_token(&mut self, token: &AccessToken) -> Result<(), Failure> {
        if self.is_explored() {
            return self.save_token_explored(token).await;
        }
        self.run.world().count_effect(&mut self.watch);
        self.run.world().judge_save(&mut self.watch, token);
        self.run.border(Spot::Saving, 1).await;
        let replaced = {
            let mut world = self.run.world();
            let replaced = world.replace_for_token(self.run.number);
            if replaced != Err(Renamed::No) {
                world.disk.files.token.rename(Some(token.clone()));
            }
            replaced
        };
        self.run.border(Spot::TokenReplaced, replaced.unwrap_or(5)).await;
        if replaced.is_err() {
            self.watch.could_not_save = true;
            self.watch.hold_given();
            return Err(self.unwritten());
        }
        let mut world = self.run.world();
        world.disk.sync_folder();
        world.book_save(&mut self.watch);
        Ok(())
    }

    async fn issue_token(&mut self) -> Result<AccessToken, KisError> {
        if self.is_explored() {
            return self.issue_explored().await;
        }
        self.run.world().count_effect(&mut self.watch);
        self.run.world().count_request(&mut self.watch);
        self.run.border(Spot::Asking, 1).await;
        let (answer, ms) = {
            let mut world = self.run.world();
            world.judge_token_request(&mut self.watch);
            world.answer_issue(&self.watch)
        };
        self.run.border(Spot::Asked, ms).await;
        self.run.world().hear_issue(&mut self.watch, &answer);
        if answer.is_ok() {
            self.token_skew = Some(self.skew());
        }
        answer
    }

    async fn revoke_token(&mut self, token: &AccessToken) -> Result<(), KisError> {
        if self.is_explored() {
            self.run.border(Spot::Looked, 0).await;
            return Ok(());
        }
        let number = number_of(token);
        let (answer, ms) = {
            let mut world = self.run.world();
            world.count_effect(&mut self.watch);
            world.judge_revocation(&mut self.watch, number);
            world.answer_revocation(&self.watch, number)
        };
        self.run.border(Spot::Revoked, ms).await;
        self.watch.hear_revocation(answer.is_ok());
        answer
    }
}

impl SimDesk {
    /// Waits until nobody else holds the token's lock; false when that takes too long.
    async fn wait_for_token_lock(&self) -> bool {
        let give_up_ms = self.run.world().now_ms + LOCK_WAIT_MS;
        while self.run.world().is_token_locked(self.run.number) {
            if self.run.world().now_ms >= give_up_ms {
                return false;
            }
            let ms = self.run.world().chance.between(50, 250);
            self.run.border(Spot::Waited, ms).await;
        }
        true
    }

    fn read_token_files(&mut self) -> TokenOnDisk {
        let world = self.run.world();
        let files = &world.disk.files;
        let look = TokenOnDisk::new(files.token.cached.clone(), files.attempt.cached.clone());
        self.watch.see(&look);
        look
    }

    /// A run that has a token and wants the lock begins again, for KIS refused it.
    fn begin_again_if_refused(&mut self) {
        if let Some(refused) = self.token.as_ref().filter(|_| !self.watch.is_under_way) {
            let now_ms = self.run.world().now_ms;
            self.watch.begin_again(now_ms, number_of(refused));
        }
    }
}
