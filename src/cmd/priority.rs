//! Who goes first at the account: sell before cleanup and buy, and nobody for ever.
//!
//! A sell that has to wait for `account.lock` holds `sell.want` meanwhile. Buy and cleanup look at it at their safe points,
//! between two requests and never between an intent and its outcome; they let go of the account, wait until the sell has
//! it, and start over from the first read, once a run.

use std::path::PathBuf;
use std::time::Duration;

use crate::clock::Clock;
use crate::cmd::base::Base;
use crate::exit::{Failure, Reason};
use crate::store::lock::{FileLock, Holder, LockError, LockMode, is_held};

/// The longest run, counted from the lock: then it ends at its next safe point, so that no other waits in vain.
const DEADLINE: Duration = Duration::from_secs(300);
/// How often a run that made way looks whether the sell has got the account.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Longest wait for those who only look whether a sell waits.
const WANT_WAIT: Duration = Duration::from_secs(1);

/// Takes the account lock. A sell that has to wait says so.
///
/// # Errors
/// 75 when another run holds it past the wait, 78 or 74 when it can't be locked at all.
pub fn lock_account(base: &Base, command: &str) -> Result<FileLock, Failure> {
    let holder = Holder::this_process(command, &base.clock);
    let path = base.dir.account_lock();
    let acquire = |wait| FileLock::acquire(&path, LockMode::Exclusive, wait, &base.clock, &holder);
    let locked = match acquire(Duration::ZERO) {
        Err(LockError::Busy { .. }) if command == "sell" => {
            // Several sells may wait. Without this lock the sell only waits longer.
            let want = FileLock::acquire(&base.dir.sell_want(), LockMode::Shared, WANT_WAIT, &base.clock, &holder);
            let locked = acquire(base.settings.lock.wait);
            drop(want);
            locked
        }
        Err(LockError::Busy { .. }) => acquire(base.settings.lock.wait),
        other => other,
    };
    locked.map_err(LockError::into_failure)
}

/// Where a run may end or make way; looked at before each read, and by the stories between two orders.
pub struct SafePoint {
    clock: Clock,
    give_up_at: Duration,
    /// `sell.want`, for runs that make way.
    want: Option<PathBuf>,
    is_held_off: bool,
    makes_way: bool,
}

impl SafePoint {
    /// The safe points of a run whose time begins now.
    pub fn new(base: &Base, command: &str) -> SafePoint {
        let give_up_at = base.clock.since_boot() + DEADLINE;
        let want = matches!(command, "buy" | "cleanup").then(|| base.dir.sell_want());
        SafePoint { clock: base.clock.clone(), give_up_at, want, is_held_off: false, makes_way: false }
    }

    /// Holds the looks off between an intent and its outcome, or ends that.
    pub fn hold_off(&mut self, is_held_off: bool) {
        self.is_held_off = is_held_off;
    }

    /// Makes way no more: a run starts over once.
    pub fn stay(&mut self) {
        self.want = None;
    }

    /// Reports whether the run ended its story to make way for a sell.
    pub fn makes_way(&self) -> bool {
        self.makes_way
    }

    /// Looks whether the run may go on.
    ///
    /// # Errors
    /// 75 when its time is over, or when it has to make way.
    pub fn check(&mut self) -> Result<(), Failure> {
        if self.is_held_off {
            return Ok(());
        }
        if self.clock.since_boot() >= self.give_up_at {
            let what = format!("the run took longer than {} s", DEADLINE.as_secs());
            return Err(Failure::new(Reason::RateLimited, what)
                .because("KIS answers slowly, or too much is asked of it")
                .next("the next run begins afresh; if it stays, lengthen the intervals in the crontab, or shorten [buy] watch"));
        }
        self.makes_way = self.want.as_deref().is_some_and(is_held);
        if self.makes_way {
            return Err(
                Failure::new(Reason::LockBusy, "a sell waits for the account").next("nothing: the next run goes on")
            );
        }
        Ok(())
    }
}

/// Lets go of the account and waits until the sell that wants it has got it.
pub fn make_way(base: &Base, account_lock: Option<FileLock>) {
    log::info!("making way for a sell");
    drop(account_lock);
    let want = base.dir.sell_want();
    let give_up_at = base.clock.since_boot() + base.settings.lock.wait;
    while is_held(&want) && base.clock.since_boot() < give_up_at {
        base.clock.sleep(LOOK_EVERY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    fn safe_point(give_up_at: Duration, want: Option<PathBuf>) -> SafePoint {
        SafePoint { clock: Clock::system(), give_up_at, want, is_held_off: false, makes_way: false }
    }

    #[test]
    fn a_run_past_its_time_ends_but_not_between_an_intent_and_its_outcome() {
        let mut late = safe_point(Duration::ZERO, None);
        let failure = late.check().unwrap_err();
        assert_eq!((failure.exit(), failure.reason), (Exit::TryAgain, Reason::RateLimited));
        assert!(!late.makes_way(), "nobody waits for it");
        late.hold_off(true);
        assert_eq!(late.check(), Ok(()));
        late.hold_off(false);
        assert!(late.check().is_err());
        assert_eq!(safe_point(Duration::MAX, None).check(), Ok(()));
    }

    #[test]
    fn a_waiting_sell_is_made_way_for_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sell.want");
        let mut point = safe_point(Duration::MAX, Some(path.clone()));
        assert_eq!(point.check(), Ok(()), "no sell ever waited");
        let clock = Clock::system();
        let holder = Holder::this_process("sell", &clock);
        let want = || FileLock::acquire(&path, LockMode::Shared, Duration::ZERO, &clock, &holder).unwrap();
        let (first, second) = (want(), want());
        assert_eq!(point.check().unwrap_err().reason, Reason::LockBusy);
        assert!(point.makes_way());
        point.hold_off(true);
        assert_eq!(point.check(), Ok(()), "an intent is under way");
        point.hold_off(false);
        drop(first);
        assert!(point.check().is_err(), "the second sell still waits");
        drop(second);
        assert_eq!(point.check(), Ok(()));
        assert!(!point.makes_way());
        let _third = want();
        point.stay();
        assert_eq!(point.check(), Ok(()), "once a run");
    }
}
