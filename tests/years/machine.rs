//! The machine's clocks. True time is milliseconds since the year began; the wall clock may be off from it.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use kis_trade::domain::Stamp;

pub const SECOND_MS: u64 = 1000;
pub const MINUTE_MS: u64 = 60 * SECOND_MS;
pub const HOUR_MS: u64 = 60 * MINUTE_MS;
pub const DAY_MS: u64 = 24 * HOUR_MS;
pub const YEAR_MS: u64 = 365 * DAY_MS;

/// Wall clock, time since boot, and whether the machine is up.
#[derive(Debug)]
pub struct Machine {
    /// Wall clock minus true time.
    pub off_ms: i64,
    /// Nothing starts before; the machine is off or asleep.
    pub down_until_ms: u64,
    /// Times booted.
    pub boot: u64,
    /// Times the wall clock was stepped.
    pub steps: u64,
    booted_ms: u64,
    boot_id: String,
}

impl Machine {
    pub fn new() -> Machine {
        Machine { off_ms: 0, down_until_ms: 0, boot: 0, steps: 0, booted_ms: 0, boot_id: "boot 0".to_owned() }
    }

    /// What a program sees on its clocks.
    pub fn stamp(&self, now_ms: u64) -> Stamp {
        Stamp { at: self.wall(now_ms).trunc_subsecs(3), boot: self.boot_id.clone(), up_ms: self.up_ms(now_ms) }
    }

    /// The wall clock.
    pub fn wall(&self, now_ms: u64) -> DateTime<Utc> {
        true_time(now_ms) + TimeDelta::milliseconds(self.off_ms)
    }

    /// The wall clock's error, and how often it was stepped.
    pub fn clock(&self) -> (i64, u64) {
        (self.off_ms, self.steps)
    }

    /// The time since boot.
    pub fn up_ms(&self, now_ms: u64) -> u64 {
        now_ms.saturating_sub(self.booted_ms)
    }

    /// Moves the wall clock.
    pub fn step_to(&mut self, off_ms: i64) {
        self.off_ms = off_ms;
        self.steps += 1;
    }

    /// Stops the machine; it is up again at `until_ms`.
    pub fn reboot(&mut self, until_ms: u64) {
        self.down_until_ms = until_ms;
        self.booted_ms = until_ms;
        self.boot += 1;
        self.boot_id = format!("boot {}", self.boot);
    }
}

/// True time as KIS, too, writes it.
pub fn true_time(now_ms: u64) -> DateTime<Utc> {
    let start = DateTime::from_timestamp(1_798_761_600, 0).unwrap();
    start + TimeDelta::milliseconds(now_ms.cast_signed())
}
