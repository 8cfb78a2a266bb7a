//! Runs that wait: for KIS's minute, for another run, for a lock.

use super::*;

#[test]
fn nothing_is_locked_while_a_run_waits_and_anothers_token_is_used() {
    let stage = stage().answering(Err(too_soon()));
    let mut desk = stage.desk(TokenPurpose::Work);
    desk.during_wait = Box::new(|delay| {
        assert_eq!(delay, Duration::ZERO);
        stage.another_run_renews();
    });
    let report = block_on(stage.story(TokenPurpose::Work).acquire(&mut desk)).unwrap();
    assert_eq!((report.renewed, report.token.expose()), (false, "theirs"));
}

#[test]
fn a_wait_that_fails_ends_the_run_with_its_failure() {
    let stage = stage().answering(Err(too_soon()));
    let mut desk = stage.desk(TokenPurpose::Work);
    desk.account = Err(Failure::new(Reason::LockBusy, Sentence::verbatim("account.lock")));
    let result = block_on(stage.story(TokenPurpose::Work).acquire(&mut desk));
    assert_eq!(exit(result), (Exit::TryAgain, Reason::LockBusy));
}

#[test]
fn a_busy_lock_is_waited_for_in_vain_only_without_a_live_token() {
    for (left, expected) in [(80_000, None), (3600, None), (0, Some((Exit::TryAgain, Reason::LockBusy)))] {
        let stage = stage().with_token("old", left);
        let path = stage.dir.token_lock();
        let _held = FileLock::acquire(&path, LockMode::Exclusive, Duration::ZERO, &stage.clock, "buy").unwrap();
        let result = stage.work();
        match expected {
            None => {
                let report = result.unwrap();
                assert_eq!(report.token.expose(), "old");
                let heard = stage.heard();
                assert!(heard.warnings[0].contains("read without its lock"), "{heard:?}");
                assert!(heard.warnings[0].contains("(buy) since 2027-03-09T14:30:00Z"), "{heard:?}");
            }
            Some(expected) => assert_eq!(exit(result), expected),
        }
    }
}
