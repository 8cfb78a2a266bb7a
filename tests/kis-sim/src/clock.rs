//! The simulated clock: a base instant plus the real time elapsed while it ticks.
//!
//! The only reader of real time, and the only sleeper.

use chrono::{DateTime, TimeDelta, Utc};
use std::time::{Duration, Instant};

/// A wall clock that can be moved and stopped.
#[derive(Debug)]
pub struct Clock {
    base: DateTime<Utc>,
    anchor: Instant,
    ticking: bool,
}

impl Clock {
    /// A clock that shows `base` now.
    pub fn new(base: DateTime<Utc>, ticking: bool) -> Clock {
        Clock { base, anchor: real_instant(), ticking }
    }

    /// The simulated instant.
    pub fn now(&self) -> DateTime<Utc> {
        self.at(self.anchor.elapsed())
    }

    /// Moves the clock; it goes on ticking, or stands, as before.
    pub fn set(&mut self, to: DateTime<Utc>) {
        self.base = to;
        self.anchor = real_instant();
    }

    /// Starts or stops it without a jump.
    pub fn set_ticking(&mut self, ticking: bool) {
        self.set(self.now());
        self.ticking = ticking;
    }

    /// Whether real time moves it.
    pub fn ticking(&self) -> bool {
        self.ticking
    }

    fn at(&self, elapsed: Duration) -> DateTime<Utc> {
        if !self.ticking {
            return self.base;
        }
        let passed = TimeDelta::from_std(elapsed).unwrap_or_default();
        self.base.checked_add_signed(passed).unwrap_or(self.base)
    }
}

/// The machine's wall clock.
#[allow(clippy::disallowed_methods, reason = "this is the home of time")]
pub fn machine_time() -> DateTime<Utc> {
    Utc::now()
}

/// The machine's monotonic clock.
#[allow(clippy::disallowed_methods, reason = "this is the home of time")]
pub fn real_instant() -> Instant {
    Instant::now()
}

/// Waits in real time.
#[allow(clippy::disallowed_methods, reason = "this is the home of time")]
pub fn sleep(span: Duration) {
    std::thread::sleep(span);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_only_when_told() {
        let start: DateTime<Utc> = "2026-03-10T14:00:00Z".parse().unwrap();
        let mut clock = Clock::new(start, false);
        assert_eq!(clock.at(Duration::from_secs(5)), start);
        clock.set_ticking(true);
        assert_eq!(clock.at(Duration::from_secs(5)) - clock.base, TimeDelta::seconds(5));
        clock.set(start - TimeDelta::days(1));
        assert!(clock.now() < start);
    }
}
