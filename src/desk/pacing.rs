//! The shared pacing as the client asks for it: a slot before each request, a pause for all after a refusal.

use std::cell::Cell;
use std::io::ErrorKind;
use std::rc::Rc;
use std::time::Duration;

use crate::clock::Clock;
use crate::config::GatewaySettings;
use crate::decide::pace::{Intervals, Want};
use crate::desk::words;
use crate::domain::Job;
use crate::exit::{Failure, Reason};
use crate::kis::rate_slot::{Pace, SlotEvent, SlotKind};
use crate::language::Sentence;
use crate::store::foreign::foreign;
use crate::store::rate::RateFile;
use crate::store::state_dir::StateDir;
use crate::store::words::{unreadable, unwritable};

/// Longest time a run may spend waiting for slots in all.
const MAX_WAIT: Duration = Duration::from_secs(300);

/// Makes the hook that the client calls before each request. Every request of `sell` reserves its slot; of other jobs only
/// orders do, and reads yield.
pub(super) fn make_pace(
    dir: &StateDir,
    settings: &GatewaySettings,
    lock_wait: Duration,
    clock: &Clock,
    job: Job,
) -> Result<Rc<Pace>, Failure> {
    let intervals = Intervals::per_second(settings.requests_per_second, settings.ledger_requests_per_second);
    let file = match RateFile::open(&dir.rate(), &clock.boot_id()) {
        Ok(file) => file.with_lock_wait(lock_wait),
        Err(_) if !job.may_trade() => return Ok(pace_alone(clock, intervals)),
        Err(error) => return Err(pacing_failure(dir, &error)),
    };
    let (dir, clock, is_sell) = (dir.clone(), clock.clone(), job == Job::Sell);
    let waited = Cell::new(Duration::ZERO);
    Ok(Rc::new(move |event| match event {
        SlotEvent::RateLimited => file.penalize(&clock, intervals).map_err(|error| pacing_failure(&dir, &error)),
        SlotEvent::Wanted(kind) => {
            let want = if is_sell || kind == SlotKind::Order { Want::Reserve } else { Want::Polite };
            let ledger = kind == SlotKind::LedgerRead;
            let time =
                file.acquire_slot(&clock, want, ledger, intervals).map_err(|error| pacing_failure(&dir, &error))?;
            waited.set(waited.get() + time);
            if waited.get() > MAX_WAIT {
                return Err(Failure::new(Reason::RateLimited, words::waited_too_long())
                    .because(words::waited_in_all(waited.get().as_secs()))
                    .next(words::ask_less()));
            }
            Ok(())
        }
    }))
}

/// Pacing without a file, for commands that only read a state directory that can't be written: each request waits the
/// longest interval, as if another process had just made one.
fn pace_alone(clock: &Clock, intervals: Intervals) -> Rc<Pace> {
    let clock = clock.clone();
    Rc::new(move |event| {
        let times = if matches!(event, SlotEvent::RateLimited) { 2 } else { 1 };
        clock.sleep(intervals.request.max(intervals.ledger).saturating_mul(times));
        Ok(())
    })
}

fn pacing_failure(dir: &StateDir, error: &std::io::Error) -> Failure {
    let path = dir.rate();
    if let Some(failure) = foreign(&path) {
        return failure;
    }
    let is_no_file = std::fs::symlink_metadata(&path).is_ok_and(|metadata| !metadata.is_file());
    let (reason, what, next) = match error.kind() {
        _ if is_no_file => (Reason::ConfigInvalid, words::rate_is_no_file(&path), words::remove_rate()),
        ErrorKind::WouldBlock => (Reason::LockBusy, words::rate_locked(&path), words::find_its_holder()),
        ErrorKind::TimedOut => (Reason::RateLimited, words::no_slot(), words::pacing_is_busy()),
        ErrorKind::InvalidData => (Reason::StateUnreadable, unreadable(&path), words::use_its_program()),
        _ => (Reason::StateUnwritable, unwritable(&path), words::no_request_without_pacing()),
    };
    Failure::new(reason, what).because(cause_of(error)).next(next)
}

/// Without a number of the system's it is an error of the pacing file's own.
fn cause_of(error: &std::io::Error) -> Sentence {
    match error.kind() {
        _ if error.raw_os_error().is_some() => Sentence::from(error),
        ErrorKind::InvalidInput => words::rate_is_special(),
        ErrorKind::WouldBlock => words::rate_kept_locked(),
        ErrorKind::TimedOut => words::no_slot_in_five_minutes(),
        ErrorKind::InvalidData => words::rate_is_newer(),
        _ => Sentence::from(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_fast_said_to_one_run_holds_all_of_them_up() {
        let folder = tempfile::tempdir().unwrap();
        let (dir, _) = StateDir::open(&folder.path().join("state")).unwrap();
        let clock = Clock::system();
        let settings = GatewaySettings {
            base_url: String::new(),
            is_loopback: true,
            timeout: Duration::ZERO,
            requests_per_second: 10_000.into(),
            ledger_requests_per_second: 10_000.into(),
            settle_after: Vec::new(),
        };
        let run = |job| make_pace(&dir, &settings, Duration::from_secs(15), &clock, job).unwrap();
        let (slowed, other) = (run(Job::Buy), run(Job::Sell));
        // Only a round counts in which the penalty itself took little time, so that the wait is the other run's. It is
        // measured from before the penalty: on a loaded machine some of it may be over when the other run asks.
        let has_waited = (0..20).any(|_| {
            let before = clock.since_boot();
            slowed(SlotEvent::RateLimited).unwrap();
            let penalized = clock.since_boot() - before;
            other(SlotEvent::Wanted(SlotKind::Order)).unwrap();
            let passed = clock.since_boot() - before;
            let counts = penalized < Duration::from_millis(500);
            assert!(!counts || passed >= Duration::from_secs(1), "{passed:?}");
            counts
        });
        assert!(has_waited, "every penalty took too long to measure");
    }
}
