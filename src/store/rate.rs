//! The pacing file `rate`: 48 bytes that keep all processes on the state directory under KIS's rate limits.
//!
//! The file is its own lock: it is never renamed, and the lock is held only while 48 bytes are read and written,
//! never while anybody waits. Nothing is synced: after a power cut the time since boot starts again anyway.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use rustix::fs::OFlags;

use crate::clock::Clock;
use crate::decide::pace::{self, Intervals, RateState, Verdict, Want};
use crate::store::lock;

/// The file's name in the state directory.
const FILE_NAME: &str = "rate";
const LENGTH: usize = 48;
const MAGIC: [u8; 2] = *b"KR";
const VERSION: u8 = 1;
/// Longest time that one turn may take.
const LONGEST_TURN: Duration = Duration::from_secs(300);

/// The open pacing file.
#[derive(Debug)]
pub struct RateFile {
    file: File,
    boot: [u8; 16],
}

impl RateFile {
    /// Opens the file, or makes it with mode 0600. `boot_id` names this boot of the machine; it may be blank.
    ///
    /// # Errors
    /// When the directory is not writable, or `rate` is no regular file.
    pub fn open(dir: &Path, boot_id: &str) -> io::Result<RateFile> {
        let no_follow = (OFlags::NOFOLLOW | OFlags::CLOEXEC).bits();
        let no_follow = i32::try_from(no_follow).map_err(io::Error::other)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600).custom_flags(no_follow);
        let file = options.open(dir.join(FILE_NAME))?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "`rate` is not a regular file"));
        }
        if metadata.permissions().mode() & 0o077 != 0 {
            file.set_permissions(Permissions::from_mode(0o600))?;
        }
        Ok(RateFile { file, boot: boot_bytes(boot_id) })
    }

    /// Waits until a request may leave, and says how long that took.
    ///
    /// # Errors
    /// When the file cannot be read or written, was written by a newer version, or no turn came within five minutes
    /// (`TimedOut`).
    pub fn turn(&self, clock: &Clock, want: Want, ledger: bool, intervals: Intervals) -> io::Result<Duration> {
        let started = clock.since_boot();
        loop {
            let now = clock.since_boot();
            let waited = now.saturating_sub(started);
            if waited > LONGEST_TURN {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "no turn for a request within five minutes"));
            }
            match self.update(clock, intervals, |state, now| pace::pace(state, now, want, ledger, intervals))? {
                Verdict::Go { at } if at <= clock.since_boot() => return Ok(waited),
                Verdict::Go { at } => {
                    sleep_until(clock, at);
                    if !self.was_penalized_since(now)? {
                        return Ok(clock.since_boot().saturating_sub(started));
                    }
                    // KIS told another process to slow down while we waited: our slot lies inside the penalty.
                }
                Verdict::TryAgain { at } => {
                    let spread = match want {
                        Want::Polite => pace::jitter(jitter_seed(now), intervals),
                        Want::Reserve => Duration::ZERO,
                    };
                    sleep_until(clock, at + spread);
                }
            }
        }
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
        lock::lock_exclusive(&self.file)?;
        let result = self.update_locked(clock, intervals, step);
        // Closing the file would free the lock too; a failure to free it must not hide the result.
        let unlocked = lock::unlock(&self.file);
        let value = result?;
        unlocked.map(|()| value)
    }

    fn update_locked<T>(
        &self,
        clock: &Clock,
        intervals: Intervals,
        step: impl FnOnce(RateState, Duration) -> (RateState, T),
    ) -> io::Result<T> {
        // Read the time under the lock: whoever waited for it must not act on an older reading.
        let now = clock.since_boot();
        let state = match self.load()? {
            Stored::Nothing => RateState::default(),
            Stored::State(state) if pace::is_believable(state, now) => state,
            Stored::State(_) | Stored::Unusable => pace::reset(now, intervals),
        };
        let (state, value) = step(state, now);
        self.file
            .write_at(&encode(state, self.boot), 0)
            .and_then(|written| if written == LENGTH { Ok(value) } else { Err(io::ErrorKind::WriteZero.into()) })
    }

    fn was_penalized_since(&self, reserved_at: Duration) -> io::Result<bool> {
        // Read without the lock: 48 bytes inside one page; a torn read fails its checksum and counts as "no".
        match self.load()? {
            Stored::State(state) => Ok(state.penalties > 0 && state.penalized_at > reserved_at),
            Stored::Nothing | Stored::Unusable => Ok(false),
        }
    }

    fn load(&self) -> io::Result<Stored> {
        let mut bytes = [0; LENGTH + 1];
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
    if checksum != crc32fast::hash(body).to_le_bytes() || body[..2] != MAGIC {
        return Ok(Stored::Unusable);
    }
    if body[2] > VERSION {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "`rate` was written by a newer version"));
    }
    if body[4..20] != boot {
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
    let digits: Vec<u8> = boot_id.chars().filter_map(|c| c.to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair[0] << 4 | pair[1];
    }
    bytes
}

fn sleep_until(clock: &Clock, at: Duration) {
    let wait = at.saturating_sub(clock.since_boot());
    if !wait.is_zero() {
        clock.sleep(wait);
    }
}

fn jitter_seed(now: Duration) -> u64 {
    u64::from(std::process::id()) << 32 ^ u64::from(now.subsec_nanos())
}
