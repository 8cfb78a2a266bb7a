//! The pacing file `rate`: 48 bytes that keep all processes on the state directory under KIS's rate limits.
//!
//! The file is its own lock: it is never renamed, and the lock is held only while 48 bytes are read and written,
//! never while a run waits: whoever holds it for longer is no run of ours, and is waited for within bounds. Nothing is synced: after a power cut the time since boot starts again anyway.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use rustix::fs::OFlags;

use crate::clock::Clock;
use crate::decide::pace::{self, Intervals, RateState, SlotAnswer, Want};
use crate::store::lock::{self, LockMode};

const LENGTH: usize = 48;
const MAGIC: [u8; 2] = *b"KR";
const VERSION: u8 = 1;
/// Longest wait for the file's lock, which runs hold for microseconds.
const LOCK_WAIT_MAX: Duration = Duration::from_secs(15);
/// Many runs at once may need so long, whatever the configuration allows for other locks.
const LOCK_WAIT_MIN: Duration = Duration::from_secs(1);
/// The first pause before it is tried again, and the longest.
const LOCK_PAUSES: (Duration, Duration) = (Duration::from_micros(100), Duration::from_millis(5));
/// Longest wait for a slot.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// The open pacing file.
#[derive(Debug)]
pub struct RateFile {
    file: File,
    boot: [u8; 16],
    lock_wait: Duration,
}

impl RateFile {
    /// Opens the file, or makes it with mode 0600. `boot_id` names this boot of the machine; it may be blank.
    ///
    /// # Errors
    /// When the directory is not writable, or `rate` is no regular file.
    pub fn open(path: &Path, boot_id: &str) -> io::Result<RateFile> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
        let file = options.open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        if metadata.permissions().mode() & 0o077 != 0 {
            file.set_permissions(Permissions::from_mode(0o600))?;
        }
        Ok(RateFile { file, boot: boot_bytes(boot_id), lock_wait: LOCK_WAIT_MAX })
    }

    /// Waits for the file's lock no longer than other locks are waited for.
    #[must_use]
    pub fn with_lock_wait(self, wait: Duration) -> RateFile {
        RateFile { lock_wait: wait.clamp(LOCK_WAIT_MIN, LOCK_WAIT_MAX), ..self }
    }

    /// Waits for a rate slot, and returns how long that took.
    ///
    /// # Errors
    /// When the file cannot be read or written, was written by a newer version, another process keeps it locked
    /// (`WouldBlock`), or no slot came within five minutes (`TimedOut`).
    pub fn acquire_slot(&self, clock: &Clock, want: Want, ledger: bool, intervals: Intervals) -> io::Result<Duration> {
        let started = clock.since_boot();
        let mut waited = Duration::ZERO;
        while waited <= LONGEST_WAIT {
            let now = clock.since_boot();
            match self.update(clock, intervals, |state, now| pace::pace(state, now, want, ledger, intervals))? {
                SlotAnswer::Go(at) => {
                    if !sleep_until(clock, at) {
                        return Ok(waited);
                    }
                    waited = clock.since_boot().saturating_sub(started);
                    // KIS may have told another process to slow down meanwhile: then our slot lies in the penalty.
                    if !self.was_penalized_since(now)? {
                        return Ok(waited);
                    }
                }
                SlotAnswer::TryAgain(at) => {
                    let spread = match want {
                        Want::Polite => pace::jitter(jitter_seed(now), intervals),
                        Want::Reserve => Duration::ZERO,
                    };
                    sleep_until(clock, at + spread);
                    waited = clock.since_boot().saturating_sub(started);
                }
            }
        }
        Err(io::ErrorKind::TimedOut.into())
    }

    /// Slows every process down, because KIS said "too fast".
    ///
    /// # Errors
    /// When the file cannot be read or written, or was written by a newer version.
    pub fn penalize(&self, clock: &Clock, intervals: Intervals) -> io::Result<()> {
        self.update(clock, intervals, |state, now| (pace::penalize(state, now), ()))
    }

    fn update<T>(
        &self,
        clock: &Clock,
        intervals: Intervals,
        step: impl FnOnce(RateState, Duration) -> (RateState, T),
    ) -> io::Result<T> {
        self.lock(clock)?;
        let update = || {
            // Read the time under the lock: a run that waited for it must not act on an older reading.
            let now = clock.since_boot();
            let state = match self.load()? {
                Stored::Nothing => RateState::default(),
                Stored::State(state) if pace::is_believable(state, now) => state,
                Stored::State(_) | Stored::Unusable => pace::reset(now, intervals),
            };
            let (state, value) = step(state, now);
            self.file.write_all_at(&encode(state, self.boot), 0)?;
            Ok(value)
        };
        let updated = update();
        // Closing the file would free the lock too; a failure to free it must not hide the result.
        let unlocked = lock::unlock(&self.file);
        updated.and_then(|value| unlocked.map(|()| value))
    }

    fn lock(&self, clock: &Clock) -> io::Result<()> {
        let give_up_at = clock.since_boot() + self.lock_wait;
        let (mut pause, longest) = LOCK_PAUSES;
        while !lock::try_lock(&self.file, LockMode::Exclusive)? {
            if clock.since_boot() >= give_up_at {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            clock.sleep(pause);
            pause = (pause * 2).min(longest);
        }
        Ok(())
    }

    fn was_penalized_since(&self, reserved_at: Duration) -> io::Result<bool> {
        // Read without the lock: 48 bytes inside one page; a torn read fails its checksum and counts as "no".
        let Stored::State(state) = self.load()? else { return Ok(false) };
        Ok(state.penalties > 0 && state.penalized_at > reserved_at)
    }

    fn load(&self) -> io::Result<Stored> {
        // Whatever follows the 48 bytes is never read: it could not be overwritten by them.
        let mut bytes = [0; LENGTH];
        match self.file.read_at(&mut bytes, 0)? {
            0 => Ok(Stored::Nothing),
            length => decode(&bytes[..length], self.boot),
        }
    }
}

/// What the file holds.
#[derive(Debug, PartialEq, Eq)]
enum Stored {
    /// It is new.
    Nothing,
    /// A state of this boot.
    State(RateState),
    /// Damaged, or of another boot.
    Unusable,
}

fn encode(state: RateState, boot: [u8; 16]) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    bytes[..2].copy_from_slice(&MAGIC);
    bytes[2] = VERSION;
    bytes[3] = state.penalties;
    bytes[4..20].copy_from_slice(&boot);
    bytes[20..28].copy_from_slice(&micros(state.next).to_le_bytes());
    bytes[28..36].copy_from_slice(&micros(state.ledger_next).to_le_bytes());
    bytes[36..44].copy_from_slice(&micros(state.penalized_at).to_le_bytes());
    let checksum = crc32fast::hash(&bytes[..44]);
    bytes[44..].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

fn decode(bytes: &[u8], boot: [u8; 16]) -> io::Result<Stored> {
    let Some((body, checksum)) = bytes.split_at_checked(LENGTH - 4) else { return Ok(Stored::Unusable) };
    let is_ours = checksum == crc32fast::hash(body).to_le_bytes() && body[..2] == MAGIC;
    if is_ours && body[2] > VERSION {
        return Err(io::ErrorKind::InvalidData.into());
    }
    if !is_ours || body[4..20] != boot {
        return Ok(Stored::Unusable);
    }
    let time = |from: usize| {
        let mut field = [0; 8];
        field.copy_from_slice(&body[from..from + 8]);
        Duration::from_micros(u64::from_le_bytes(field))
    };
    Ok(Stored::State(RateState { next: time(20), ledger_next: time(28), penalties: body[3], penalized_at: time(36) }))
}

/// Rounded up, so that a stored slot is never earlier than the one decided.
fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(1000)).unwrap_or(u64::MAX)
}

/// The 16 bytes of a boot id; zeros for a blank one.
fn boot_bytes(boot_id: &str) -> [u8; 16] {
    let digits: String = boot_id.chars().filter(char::is_ascii_hexdigit).take(32).collect();
    // Shorter ids fill the upper digits.
    u128::from_str_radix(&format!("{digits:0<32}"), 16).unwrap_or_default().to_be_bytes()
}

/// Sleeps if `at` lies ahead, and reports whether it did.
fn sleep_until(clock: &Clock, at: Duration) -> bool {
    let wait = at.saturating_sub(clock.since_boot());
    if !wait.is_zero() {
        clock.sleep(wait);
    }
    !wait.is_zero()
}

fn jitter_seed(now: Duration) -> u64 {
    u64::from(std::process::id()) << 32 ^ u64::from(now.subsec_nanos())
}

#[cfg(test)]
mod tests;
