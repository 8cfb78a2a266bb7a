//! Slots in one file, shared by every process.

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
    for (want, ledger) in [(Want::Reserve, false), (Want::Polite, false), (Want::Reserve, true), (Want::Polite, true)] {
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
