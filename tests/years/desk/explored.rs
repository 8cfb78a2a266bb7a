//! The token's files, its lock, and its two requests in a world that is explored: each answer is a choice.

use kis_trade::decide::token_life::{Attempt, TokenOnDisk};
use kis_trade::domain::{AccessToken, KisError};
use kis_trade::exit::{Failure, Reason};
use kis_trade::language::Sentence;
use kis_trade::story::desk::TokenLock;

use super::SimDesk;
use super::token::LOCK_WAIT_MS;
use crate::border::{Awaits, Spot};
use crate::journal::unwritable;

impl SimDesk {
    pub(super) fn is_explored(&self) -> bool {
        self.run.world().choices.is_some()
    }

    pub(super) async fn look_explored(&self) -> TokenOnDisk {
        self.run.border(Spot::Looked, 2).await;
        self.files_say()
    }

    pub(super) async fn lock_explored(&self) -> TokenLock {
        let number = self.run.number;
        let give_up_ms = self.run.world().now_ms + LOCK_WAIT_MS;
        while !self.run.world().locks.try_token(number) {
            self.run.tell(&"the token's lock is taken");
            if self.run.world().now_ms >= give_up_ms {
                return TokenLock::NotHeld(Failure::new(
                    Reason::LockBusy,
                    Sentence::verbatim("another run holds the token's lock"),
                ));
            }
            self.run.border_at(Awaits::Token { until_ms: give_up_ms }, Spot::Waited, 50).await;
        }
        self.run.border(Spot::Looked, 2).await;
        TokenLock::Held(self.files_say())
    }

    pub(super) async fn save_attempt_explored(&self, attempt: &Attempt) -> Result<(), Failure> {
        if self.run.world().cannot_write() {
            return Err(unwritable());
        }
        self.run.world().disk.files.attempt.rename(Ok(Some(attempt.clone())));
        self.replaced().await;
        Ok(())
    }

    pub(super) async fn save_token_explored(&mut self, token: &AccessToken) -> Result<(), Failure> {
        if self.run.world().cannot_write() {
            return Err(self.unwritten());
        }
        self.run.world().judge_saved(token);
        self.run.world().disk.files.token.rename(Some(token.clone()));
        self.replaced().await;
        Ok(())
    }

    pub(super) async fn issue_explored(&self) -> Result<AccessToken, KisError> {
        let answer = self.run.world().issue_as_chosen(self.run.job);
        self.run.tell(&answer);
        self.run.border(Spot::Looked, 0).await;
        answer
    }

    fn files_say(&self) -> TokenOnDisk {
        let world = self.run.world();
        let files = &world.disk.files;
        let look = TokenOnDisk::new(files.token.cached.clone(), files.attempt.cached.clone());
        drop(world);
        self.run.tell(&look);
        look
    }
}
