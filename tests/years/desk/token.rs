//! The token's files, its lock, and its two requests.

use kis_trade::decide::token_life::{Attempt, AttemptLook, Look};
use kis_trade::domain::access_token::AccessToken;
use kis_trade::domain::kis_error::KisError;
use kis_trade::exit::{Failure, Reason};
use kis_trade::story::desk::{TokenLock, TokenOffice};

use super::SimDesk;
use crate::answers::unreachable;
use crate::border::{Awaits, Spot};
use crate::journal::unwritable;
use crate::machine::SECOND_MS;

/// The token's lock is waited for this long.
const LOCK_WAIT_MS: u64 = 15 * SECOND_MS;

impl TokenOffice for SimDesk {
    async fn look_at_token(&mut self) -> Result<Look, Failure> {
        self.run.border(Spot::Looked, 2).await;
        Ok(self.files_say())
    }

    async fn lock_token(&mut self) -> Result<TokenLock, Failure> {
        let number = self.run.number;
        let give_up_ms = self.run.world().now_ms + LOCK_WAIT_MS;
        while !self.run.world().locks.try_token(number) {
            self.run.tell(&"the token's lock is taken");
            if self.run.world().now_ms >= give_up_ms {
                return Ok(TokenLock::NotHeld(Failure::new(Reason::LockBusy, "another run holds the token's lock")));
            }
            let ms = self.run.world().chance.between(50, 500);
            self.run.border_at(Awaits::Token { until_ms: give_up_ms }, Spot::Waited, ms).await;
        }
        self.run.border(Spot::Looked, 2).await;
        Ok(TokenLock::Held(self.files_say()))
    }

    fn unlock_token(&mut self) {
        self.run.world().locks.unlock_token(self.run.number);
    }

    async fn save_attempt(&mut self, attempt: &Attempt) -> Result<(), Failure> {
        if self.run.world().cannot_write() {
            return Err(unwritable());
        }
        self.run.world().disk.files.attempt.rename(AttemptLook::Known(attempt.clone()));
        self.replaced().await;
        Ok(())
    }

    async fn save_token(&mut self, token: &AccessToken) -> Result<(), Failure> {
        if self.run.world().cannot_write() {
            return Err(self.unwritten());
        }
        self.run.world().judge_saved(token);
        self.run.world().disk.files.token.rename(Some(token.clone()));
        self.replaced().await;
        Ok(())
    }

    async fn issue_token(&mut self) -> Result<AccessToken, KisError> {
        if self.run.world().choices.is_some() {
            let answer = self.run.world().issue_as_chosen(self.run.job);
            self.run.tell(&answer);
            self.run.border(Spot::Looked, 0).await;
            return answer;
        }
        let (ms, token) = {
            let mut world = self.run.world();
            let (ms, now_ms) = (world.read_ms(), world.now_ms);
            (ms, ms.is_some().then(|| world.office.issue(now_ms)))
        };
        self.run.border(Spot::Looked, ms.unwrap_or(900)).await;
        let token = token.ok_or_else(unreachable)?;
        self.run.note("token issued", 0);
        self.token_skew = Some(self.skew());
        Ok(token)
    }

    async fn revoke_token(&mut self, _: &AccessToken) -> Result<(), KisError> {
        self.run.border(Spot::Looked, 300).await;
        Ok(())
    }
}

impl SimDesk {
    fn files_say(&self) -> Look {
        let world = self.run.world();
        let files = &world.disk.files;
        let look = Look::new(files.token.cached.clone(), files.attempt.cached.clone());
        drop(world);
        self.run.tell(&look);
        look
    }
}
