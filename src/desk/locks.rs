//! `account.lock` and `sell.want`, as locks on files that are never renamed or deleted.

use std::time::Duration;

use crate::decide::invariants::Binding;
use crate::desk::RealDesk;
use crate::exit::Failure;
use crate::store::lock::{FileLock, LockMode, is_held};
use crate::story::desk::{Locks, Machine};

/// Longest wait for `sell.want`, which others hold only to see whether it is free.
const WANT_WAIT: Duration = Duration::from_secs(1);

impl Locks for RealDesk<'_> {
    async fn lock_account(&mut self, wait: Duration) -> Result<(), Failure> {
        let (path, clock) = (self.base.dir.account_lock(), &self.base.clock);
        self.account = Some(FileLock::acquire(&path, LockMode::Exclusive, wait, clock, self.task.job.word())?);
        // While this run waited, one of another account may have ordered something.
        let Binding { mode, account_fingerprint } = self.binding();
        self.is_bound = self.base.dir.check_owner_again(&account_fingerprint, mode)?;
        Ok(())
    }

    fn unlock_account(&mut self) {
        self.account = None;
    }

    fn holds_account(&self) -> bool {
        self.account.is_some()
    }

    fn is_account_held(&self) -> bool {
        is_held(&self.base.dir.account_lock())
    }

    async fn announce_sell(&mut self) {
        // Several sells may wait. Without this lock the sell only waits longer.
        let (path, clock) = (self.base.dir.sell_want(), &self.base.clock);
        self.want = FileLock::acquire(&path, LockMode::Shared, WANT_WAIT, clock, self.task.job.word()).ok();
    }

    fn withdraw_sell(&mut self) {
        self.want = None;
    }

    fn sell_waits(&self) -> bool {
        is_held(&self.base.dir.sell_want())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::testing::Stage;

    #[test]
    fn a_sell_waits_as_long_as_one_of_several_does() {
        Stage::new().show("buy", async |run| {
            assert!(!run.desk.sell_waits(), "no sell ever waited");
            let (path, clock) = (run.desk.base.dir.sell_want(), &run.desk.base.clock);
            let want = || FileLock::acquire(&path, LockMode::Shared, Duration::ZERO, clock, "sell").unwrap();
            let (first, second) = (want(), want());
            assert!(run.desk.sell_waits());
            drop(first);
            assert!(run.desk.sell_waits(), "the second sell still waits");
            drop(second);
            assert!(!run.desk.sell_waits());
            run.desk.announce_sell().await;
            assert!(run.desk.sell_waits());
            run.desk.withdraw_sell();
            assert!(!run.desk.sell_waits());
        });
    }
}
