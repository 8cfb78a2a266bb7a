//! The only reader of time and the only sleeper.

use std::fs;
use std::time::Duration;

use chrono::{DateTime, Local, NaiveDateTime, TimeDelta, Utc};
use rustix::time::{ClockId, clock_gettime};

/// Wall time, time since boot, and sleep.
///
/// A rehearsal (`KIS_TRADE_NOW`) starts the wall clock elsewhere; it ticks from there. Time since boot is always the
/// machine's own.
#[derive(Clone, Debug)]
pub struct Clock {
    wall_at_start: DateTime<Utc>,
    boot_time_at_start: Duration,
    is_rehearsal: bool,
}

impl Clock {
    /// The machine's own clock.
    pub fn system() -> Clock {
        Clock { wall_at_start: system_now(), boot_time_at_start: since_boot(), is_rehearsal: false }
    }

    /// A clock that shows `now` at this moment and ticks from there.
    pub fn starting_at(now: DateTime<Utc>) -> Clock {
        Clock { wall_at_start: now, boot_time_at_start: since_boot(), is_rehearsal: true }
    }

    /// The wall clock.
    pub fn now(&self) -> DateTime<Utc> {
        if self.is_rehearsal {
            let ticked = since_boot().saturating_sub(self.boot_time_at_start);
            self.wall_at_start + TimeDelta::from_std(ticked).unwrap_or(TimeDelta::MAX)
        } else {
            system_now()
        }
    }

    /// When the run began, by the wall clock.
    pub fn started_at(&self) -> DateTime<Utc> {
        self.wall_at_start
    }

    /// Time since boot, suspends included: never jumps. Only differences mean anything.
    pub fn since_boot(&self) -> Duration {
        since_boot()
    }

    /// Reports whether the wall clock is made up, so that ages from an earlier run must not use time since boot.
    pub fn is_rehearsal(&self) -> bool {
        self.is_rehearsal
    }

    /// Names this boot of the machine; blank where the kernel does not tell.
    pub fn boot_id(&self) -> String {
        fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned()).unwrap_or_default()
    }

    /// Waits.
    #[allow(clippy::disallowed_methods, reason = "the one place that sleeps")]
    pub fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// What this machine's wall clock shows at an instant: cron starts jobs by it.
pub fn machine_wall_clock(at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&Local).naive_local()
}

#[allow(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
fn system_now() -> DateTime<Utc> {
    Utc::now()
}

fn since_boot() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanos = u32::try_from(time.tv_nsec).unwrap_or_default();
    Duration::new(seconds, nanos)
}
