//! Who goes first at the account: sell before cleanup and buy, and no run holds it for ever.
//!
//! A sell that has to wait for `account.lock` holds `sell.want` meanwhile. Buy and cleanup check it at their safe points,
//! between two requests and never between an intent and its outcome; they release the account, wait until the sell has it,
//! and start over from the first read, once a run.

use std::time::Duration;

use crate::domain::Job;
use crate::exit::{Failure, Reason};
use crate::story::desk::{Locks, Machine};
use crate::story::words;

/// The longest run, counted from the lock; after that it ends at its next safe point, so that no other waits in vain.
const DEADLINE_MS: u64 = 300_000;
/// How often a run that made way checks whether the sell has got the account.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Takes the account's lock. A sell that has to wait announces it.
///
/// # Errors
/// 75 when another run holds it past the wait, 78 or 74 when it can't be locked at all.
pub async fn lock_account<D: Machine + Locks>(desk: &mut D) -> Result<(), Failure> {
    match desk.lock_account(Duration::ZERO).await {
        Err(failure) if failure.reason == Reason::LockBusy => {}
        other => return other,
    }
    let wait = desk.settings().lock.wait;
    if desk.task().job != Job::Sell {
        return desk.lock_account(wait).await;
    }
    desk.announce_sell().await;
    let locked = desk.lock_account(wait).await;
    desk.withdraw_sell();
    locked
}

/// Waits while holding no lock, so that no other job waits with this one.
///
/// # Errors
/// As [`lock_account`].
pub async fn wait_without_account<D: Machine + Locks>(desk: &mut D, time: Duration) -> Result<(), Failure> {
    desk.unlock_account();
    desk.wait(time).await;
    if desk.task().job.may_trade() { lock_account(desk).await } else { Ok(()) }
}

/// Releases the account and waits until the sell that wants it has got it.
pub async fn make_way<D: Machine + Locks>(desk: &mut D) {
    log::info!("making way for a sell");
    desk.unlock_account();
    let wait = u64::try_from(desk.settings().lock.wait.as_millis()).unwrap_or(u64::MAX);
    let give_up_ms = desk.now().up_ms.saturating_add(wait);
    while desk.sell_waits() && desk.now().up_ms < give_up_ms {
        desk.wait(LOOK_EVERY).await;
    }
}

/// Where a run may end or make way: before each read, and between two orders.
#[derive(Debug)]
pub struct SafePoint {
    give_up_ms: u64,
    may_make_way: bool,
    is_held_off: bool,
    makes_way: bool,
}

impl SafePoint {
    /// The safe points of a run whose time begins now. A run makes way once: `is_second` makes way no more.
    pub fn new(desk: &impl Machine, is_second: bool) -> SafePoint {
        let may_make_way = matches!(desk.task().job, Job::Buy | Job::Cleanup) && !is_second;
        let give_up_ms = desk.now().up_ms.saturating_add(DEADLINE_MS);
        SafePoint { give_up_ms, may_make_way, is_held_off: false, makes_way: false }
    }

    /// Suspends the checks between an intent and its outcome, or resumes them.
    pub fn hold_off(&mut self, is_held_off: bool) {
        self.is_held_off = is_held_off;
    }

    /// Reports whether the run ended its story to make way for a sell.
    pub fn makes_way(&self) -> bool {
        self.makes_way
    }

    /// Checks whether the run may go on.
    ///
    /// # Errors
    /// 75 when its time is over, or when it has to make way.
    pub fn check<D: Machine + Locks>(&mut self, desk: &D) -> Result<(), Failure> {
        if self.is_held_off {
            return Ok(());
        }
        if desk.now().up_ms >= self.give_up_ms {
            return Err(Failure::new(Reason::RateLimited, words::took_too_long(DEADLINE_MS / 1000))
                .because(words::slow_or_too_much())
                .next(words::next_run_begins_afresh()));
        }
        self.makes_way = self.may_make_way && desk.sell_waits();
        if self.makes_way {
            return Err(Failure::new(Reason::LockBusy, words::sell_waits()).next(words::next_run_goes_on()));
        }
        Ok(())
    }
}
