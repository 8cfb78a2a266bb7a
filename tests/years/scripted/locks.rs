//! Who goes first, at a desk made of values.

use std::time::Duration;

use kis_trade::domain::Job;
use kis_trade::exit::{Exit, Reason};
use kis_trade::story::desk::{Locks, Machine};
use kis_trade::story::locks::{SafePoint, lock_account, make_way, wait_without_account};

use super::{START_MS, ScriptedDesk, block_on};

const MINUTE_MS: u64 = 60_000;

#[test]
fn a_run_past_its_time_ends_but_not_between_an_intent_and_its_outcome() {
    let mut desk = ScriptedDesk::new(Job::Buy);
    let mut point = SafePoint::new(&desk, false);
    desk.pass(Duration::from_millis(5 * MINUTE_MS - 1));
    assert_eq!(point.check(&desk), Ok(()));
    desk.pass(Duration::from_millis(1));
    let failure = point.check(&desk).unwrap_err();
    assert_eq!((failure.exit(), failure.reason), (Exit::TryAgain, Reason::RateLimited));
    assert!(!point.makes_way(), "nobody waits for it");
    point.hold_off(true);
    assert_eq!(point.check(&desk), Ok(()));
    point.hold_off(false);
    assert!(point.check(&desk).is_err());
}

#[test]
fn a_waiting_sell_is_made_way_for_once() {
    for job in [Job::Buy, Job::Cleanup] {
        let mut desk = ScriptedDesk::new(job);
        let mut point = SafePoint::new(&desk, false);
        assert_eq!(point.check(&desk), Ok(()), "no sell ever waited");
        desk.sell_waits_until_ms += MINUTE_MS;
        assert_eq!(point.check(&desk).unwrap_err().reason, Reason::LockBusy);
        assert!(point.makes_way());
        point.hold_off(true);
        assert_eq!(point.check(&desk), Ok(()), "an intent is under way");
        point.hold_off(false);
        assert!(point.check(&desk).is_err(), "the sell still waits");
        assert_eq!(SafePoint::new(&desk, true).check(&desk), Ok(()), "once a run");
        desk.pass(Duration::from_millis(MINUTE_MS));
        assert_eq!(point.check(&desk), Ok(()));
        assert!(!point.makes_way());
    }
    for job in [Job::Sell, Job::Status, Job::TokenCheck] {
        let mut desk = ScriptedDesk::new(job);
        desk.sell_waits_until_ms += MINUTE_MS;
        assert_eq!(SafePoint::new(&desk, false).check(&desk), Ok(()), "{job}");
    }
}

#[test]
fn only_a_sell_that_has_to_wait_says_so_and_only_while_it_waits() {
    for (job, held_ms, expected, has_it) in [
        (Job::Sell, 0, "lock 0", true),
        (Job::Sell, MINUTE_MS, "lock 0, lock as announced 300, withdraw", true),
        (Job::Sell, 6 * MINUTE_MS, "lock 0, lock as announced 300, withdraw", false),
        (Job::Buy, 0, "lock 0", true),
        (Job::Buy, MINUTE_MS, "lock 0, lock 300", true),
        (Job::Cleanup, 6 * MINUTE_MS, "lock 0, lock 300", false),
    ] {
        let mut desk = ScriptedDesk::new(job);
        desk.held_until_ms += held_ms;
        let locked = block_on(lock_account(&mut desk));
        assert_eq!((desk.story().as_str(), locked.is_ok()), (expected, has_it), "{job} {held_ms}");
        assert_eq!((desk.holds_account(), desk.sell_waits()), (has_it, false), "{job} {held_ms}");
        assert!(locked.err().is_none_or(|failure| failure.reason == Reason::LockBusy));
    }
}

#[test]
fn nothing_is_locked_while_a_run_waits() {
    let wait = Duration::from_secs(65);
    for (job, expected) in [
        (Job::Buy, "unlock, wait 65, lock 0"),
        (Job::Sell, "unlock, wait 65, lock 0"),
        (Job::Status, "unlock, wait 65"),
        (Job::TokenCheck, "unlock, wait 65"),
    ] {
        let mut desk = ScriptedDesk::new(job);
        block_on(wait_without_account(&mut desk, wait)).unwrap();
        assert_eq!((desk.story().as_str(), desk.holds_account()), (expected, job.may_trade()), "{job}");
    }
    // Another run took the account meanwhile, and a sell that has to wait for it announces it.
    for (job, held_ms, expected, has_it) in [
        (Job::Sell, 2 * MINUTE_MS, "unlock, wait 65, lock 0, lock as announced 300, withdraw", true),
        (Job::Buy, 10 * MINUTE_MS, "unlock, wait 65, lock 0, lock 300", false),
    ] {
        let mut desk = ScriptedDesk::new(job);
        desk.held_until_ms += held_ms;
        let locked = block_on(wait_without_account(&mut desk, wait));
        assert_eq!((desk.story().as_str(), locked.is_ok(), desk.holds_account()), (expected, has_it, has_it), "{job}");
    }
}

#[test]
fn who_makes_way_waits_until_no_sell_does_but_not_for_ever() {
    for (sell_ms, expected_ms) in [(0, 0), (50, 60), (10 * MINUTE_MS, 5 * MINUTE_MS)] {
        let mut desk = ScriptedDesk::new(Job::Buy);
        desk.sell_waits_until_ms += sell_ms;
        block_on(make_way(&mut desk));
        assert!(!desk.holds_account());
        assert_eq!((desk.log[0].as_str(), desk.now().up_ms - START_MS), ("unlock", expected_ms), "{sell_ms}");
    }
}
