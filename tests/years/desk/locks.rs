//! `account.lock` and `sell.want`.

use std::time::Duration;

use kis_trade::domain::Job;
use kis_trade::exit::{Failure, Reason};
use kis_trade::language::Sentence;
use kis_trade::story::desk::Locks;

use super::SimDesk;
use crate::border::{Awaits, Spot};

impl Locks for SimDesk {
    async fn lock_account(&mut self, wait: Duration) -> Result<(), Failure> {
        let number = self.run.number;
        let give_up_ms = self.run.world().now_ms + u64::try_from(wait.as_millis()).unwrap();
        while !self.run.world().locks.try_account(number) {
            self.run.tell(&"the account is taken");
            if self.run.world().now_ms >= give_up_ms {
                self.watch.has_lost_account = true;
                return Err(Failure::new(Reason::LockBusy, Sentence::verbatim("another run holds the account")));
            }
            let ms = self.run.world().chance.between(300, 1200);
            self.run.border_at(Awaits::Account { until_ms: give_up_ms }, Spot::Waited, ms).await;
        }
        if self.run.job == Job::Sell {
            self.run.world().judge_wait(number);
        }
        Ok(())
    }

    fn unlock_account(&mut self) {
        self.run.world().locks.unlock_account(self.run.number);
    }

    fn holds_account(&self) -> bool {
        self.run.world().locks.account == Some(self.run.number)
    }

    fn is_account_held(&self) -> bool {
        let is_held = self.run.world().locks.account.is_some();
        self.run.tell(&is_held);
        is_held
    }

    async fn announce_sell(&mut self) {
        let now_ms = self.run.world().now_ms;
        self.run.world().locks.want.insert(self.run.number, now_ms);
        self.run.border(Spot::Waited, 1).await;
    }

    fn withdraw_sell(&mut self) {
        self.run.world().locks.want.remove(&self.run.number);
    }

    fn sell_waits(&self) -> bool {
        let waits = !self.run.world().locks.want.is_empty();
        self.run.tell(&waits);
        waits
    }
}
