//! Who holds the account, and who waits for it.

use std::time::Duration;

use super::desk::{Locks, Machine};
use crate::domain::job::Job;
use crate::exit::{Failure, Reason};

/// Takes the account's lock. A sell that has to wait for it says so, and goes first.
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

/// Waits without the account, so that no other job waits with this one, and takes it again.
///
/// # Errors
/// As [`lock_account`].
pub async fn wait_without_account<D: Machine + Locks>(desk: &mut D, time: Duration) -> Result<(), Failure> {
    desk.unlock_account();
    desk.wait(time).await;
    if desk.task().job.may_trade() { lock_account(desk).await } else { Ok(()) }
}
