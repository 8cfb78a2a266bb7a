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
mod tests {
    use std::io::Write;
    use std::os::unix::fs::symlink;

    use super::*;

    const BOOT: &str = "a6d1e444-0000-4000-8000-0123456789ab";
    const FAST: Intervals = Intervals { request: Duration::from_micros(100), ledger: Duration::from_micros(500) };

    fn put(dir: &Path, bytes: &[u8]) {
        File::create(dir.join("rate")).unwrap().write_all(bytes).unwrap();
    }

    fn stored(dir: &Path) -> RateState {
        match RateFile::open(&dir.join("rate"), BOOT).unwrap().load().unwrap() {
            Stored::State(state) => state,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn is_48_bytes_for_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let rate = RateFile::open(&dir.path().join("rate"), BOOT).unwrap();
        let path = dir.path().join("rate");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(rate.acquire_slot(&Clock::system(), Want::Polite, false, FAST).unwrap(), Duration::ZERO);
        assert_eq!(path.metadata().unwrap().len(), 48);
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        RateFile::open(&dir.path().join("rate"), BOOT).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let boot = boot_bytes(BOOT);
        let state = RateState {
            next: Duration::from_micros(1_234_567_890_123),
            ledger_next: Duration::from_micros(u64::MAX),
            penalties: 3,
            penalized_at: Duration::from_micros(7),
        };
        assert_eq!(decode(&encode(state, boot), boot).unwrap(), Stored::State(state));
        let split = RateState { next: Duration::from_nanos(1), ..RateState::default() };
        assert_eq!(
            decode(&encode(split, boot), boot).unwrap(),
            Stored::State(RateState { next: Duration::from_micros(1), ..split })
        );
    }

    #[test]
    fn damage_and_another_boot_are_noticed() {
        let boot = boot_bytes(BOOT);
        let good = encode(RateState { next: Duration::from_secs(5), ..RateState::default() }, boot);
        for position in 0..LENGTH {
            let mut bad = good;
            bad[position] ^= 1;
            assert_eq!(decode(&bad, boot).unwrap(), Stored::Unusable, "byte {position}");
        }
        for length in 1..LENGTH {
            assert_eq!(decode(&good[..length], boot).unwrap(), Stored::Unusable, "{length} bytes");
        }
        assert_eq!(decode(&good, boot_bytes("b6d1e444-0000-4000-8000-0123456789ab")).unwrap(), Stored::Unusable);
        let mut newer = good;
        newer[2] = VERSION + 1;
        let checksum = crc32fast::hash(&newer[..44]).to_le_bytes();
        newer[44..].copy_from_slice(&checksum);
        assert_eq!(decode(&newer, boot).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn after_damage_one_interval_passes_first() {
        let clock = Clock::system();
        let slow = Intervals { request: Duration::from_millis(20), ledger: Duration::from_millis(20) };
        let far = RateState { next: clock.since_boot() + Duration::from_secs(100), ..RateState::default() };
        let of_tomorrow = encode(far, boot_bytes(BOOT));
        for damaged in [&b"garbage"[..], &[0; 48], &[0; 100], &of_tomorrow] {
            let dir = tempfile::tempdir().unwrap();
            put(dir.path(), damaged);
            let rate = RateFile::open(&dir.path().join("rate"), BOOT).unwrap();
            // By its state, not by time: a loaded machine may take any time.
            let (state, now) = rate.update(&clock, slow, |state, now| (state, (state, now))).unwrap();
            assert_eq!(state, pace::reset(now, slow));
            put(dir.path(), damaged);
            let before = clock.since_boot();
            rate.acquire_slot(&clock, Want::Polite, false, slow).unwrap();
            assert!(clock.since_boot() - before >= slow.request);
        }
    }

    #[test]
    fn waits_for_its_slot_and_says_how_long() {
        let dir = tempfile::tempdir().unwrap();
        let rate = RateFile::open(&dir.path().join("rate"), BOOT).unwrap();
        let clock = Clock::system();
        let slow = Intervals { request: Duration::from_millis(30), ledger: Duration::from_millis(30) };
        for (want, ledger) in
            [(Want::Reserve, false), (Want::Polite, false), (Want::Reserve, true), (Want::Polite, true)]
        {
            // On a loaded machine the slot may have come before it is asked for; then another round shows it.
            let has_waited = (0..100).any(|_| {
                rate.acquire_slot(&clock, want, ledger, slow).unwrap();
                let slot = stored(dir.path()).next;
                let before = clock.since_boot();
                let waited = rate.acquire_slot(&clock, want, ledger, slow).unwrap();
                let after = clock.since_boot();
                assert!(after >= slot && waited <= after - before, "{want:?}: {waited:?} from {before:?} to {after:?}");
                waited >= Duration::from_millis(25)
            });
            assert!(has_waited, "{want:?}");
        }
    }

    #[test]
    fn a_penalty_reaches_everybody() {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::system();
        let mine = RateFile::open(&dir.path().join("rate"), BOOT).unwrap();
        let theirs = RateFile::open(&dir.path().join("rate"), BOOT).unwrap();
        mine.acquire_slot(&clock, Want::Reserve, false, FAST).unwrap();
        let before = clock.since_boot();
        theirs.penalize(&clock, FAST).unwrap();
        let state = stored(dir.path());
        assert!(state.next >= before + Duration::from_secs(1) && state.ledger_next >= before + Duration::from_secs(1));
        assert!(mine.was_penalized_since(before).unwrap());
        assert!(!mine.was_penalized_since(clock.since_boot()).unwrap());
    }

    #[test]
    fn a_slot_reserved_before_a_penalty_is_given_up() {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::system();
        let slow = Intervals { request: Duration::from_millis(200), ledger: Duration::from_millis(200) };
        let rate = RateFile::open(&dir.path().join("rate"), BOOT).unwrap();
        // A round counts in which the penalty is written before the waiter's slot comes; a loaded machine may miss it.
        let was_in_time = (0..100).any(|_| {
            rate.acquire_slot(&clock, Want::Reserve, false, slow).unwrap();
            let slot = stored(dir.path()).next;
            let theirs = RateFile::open(&dir.path().join("rate"), BOOT).unwrap();
            let waiter = std::thread::spawn(move || {
                let clock = Clock::system();
                theirs.acquire_slot(&clock, Want::Reserve, false, slow).unwrap();
                clock.since_boot()
            });
            // It has the slot once the next free one is another. A look may meet its writing, and then tells nothing.
            let has_slot = |_| {
                std::thread::yield_now();
                matches!(rate.load(), Ok(Stored::State(state)) if state.next != slot)
            };
            assert!((0..100_000_000).any(has_slot), "the waiter never asked");
            let before = clock.since_boot();
            rate.penalize(&clock, slow).unwrap();
            let is_in_time = clock.since_boot() < slot;
            let left = waiter.join().unwrap();
            let until = before + Duration::from_secs(1);
            assert!(!is_in_time || left >= until, "it left at {left:?}, in the penalty until {until:?}");
            // The next round begins without one.
            crate::store::atomic::replace(&dir.path().join("rate"), b"").unwrap();
            is_in_time
        });
        assert!(was_in_time, "no penalty came before the slot");
    }

    #[test]
    fn many_threads_keep_the_rate_together() {
        let dir = tempfile::tempdir().unwrap();
        let started = Clock::system().since_boot();
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let rate = RateFile::open(&dir.path().join("rate"), BOOT).unwrap();
                let want = if thread % 2 == 0 { Want::Reserve } else { Want::Polite };
                std::thread::spawn(move || {
                    let clock = Clock::system();
                    for _ in 0..25 {
                        rate.acquire_slot(&clock, want, thread == 0, FAST).unwrap();
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let taken = Clock::system().since_boot() - started;
        assert!(taken >= FAST.request * 199, "200 requests in {taken:?}");
    }

    #[test]
    fn only_a_regular_file_will_do() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rate");
        symlink("/dev/null", &path).unwrap();
        assert!(RateFile::open(&dir.path().join("rate"), BOOT).is_err());
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert!(RateFile::open(&dir.path().join("rate"), BOOT).is_err());
        assert!(RateFile::open(&dir.path().join("missing/rate"), BOOT).is_err());
    }

    #[test]
    fn a_blank_boot_id_is_an_id_like_any_other() {
        assert_eq!(boot_bytes(""), [0; 16]);
        assert_eq!(boot_bytes("xyz"), [0; 16]);
        assert_ne!(boot_bytes(BOOT), [0; 16]);
        assert_eq!(boot_bytes(BOOT)[..4], [0xa6, 0xd1, 0xe4, 0x44]);
    }
}
