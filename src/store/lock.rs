//! Side-file locks, held as values: the only user of fs2.
//!
//! A lock file is never renamed or deleted, so every process locks the same inode. The lock is `flock(2)`: the kernel
//! releases it when the holder dies, however it dies, and `flock(1)` in a shell excludes us too. Rust opens files
//! with `O_CLOEXEC`, so that no child inherits a lock.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use rustix::fs::OFlags;
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::exit::{Failure, Reason};
use crate::language::Sentence;
use crate::store::file_id::{FileId, replaced};
use crate::store::foreign::foreign;
use crate::store::read;
use crate::store::words::{self, Subject};

/// `flock(2)` has no time limit of its own: a held lock is tried again this often.
const RETRY_EVERY: Duration = Duration::from_millis(50);

/// The longest holder's note that is believed.
const HOLDER_BYTES_MAX: u64 = 512;

/// Who else may hold the lock at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockMode {
    /// None.
    Exclusive,
    /// Others that share.
    Shared,
}

/// Who holds a lock, as its holder wrote it into the lock file.
#[derive(Serialize, Deserialize)]
struct Holder {
    pid: u32,
    /// What it runs, such as `buy`.
    command: String,
    /// When its run began.
    started_at: DateTime<Utc>,
}

/// Another process held the lock for the whole wait.
fn busy(path: &Path, holder: Option<Holder>) -> Failure {
    let what = holder.map_or_else(
        || words::lock_held(path),
        |Holder { pid, command, started_at }| {
            let since = started_at.to_rfc3339_opts(SecondsFormat::Secs, true);
            words::lock_held_by(path, pid, &command, &since)
        },
    );
    Failure::new(Reason::LockBusy, what).next(words::wait_for_other_run())
}

/// The lock file is a symlink, or no plain file.
fn not_ours(what: Sentence) -> Failure {
    Failure::new(Reason::ConfigInvalid, what).next(words::look_before_changing())
}

/// The lock file can't be created, opened or locked.
fn unlockable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Reason::StateUnwritable, words::not_lockable(path, error)).next(words::make_writable())
}

/// A held lock; dropping it releases it.
#[derive(Debug)]
pub struct FileLock {
    file: File,
    path: PathBuf,
    mode: LockMode,
}

impl FileLock {
    /// Takes the lock, trying for at most `wait`; a `wait` of zero tries once.
    ///
    /// An exclusive holder writes who it is and its `command` into the file, for the message of those who wait in vain.
    ///
    /// # Errors
    /// 75 when another process held it for the whole wait, 78 when the lock file is not safe, 74 when it can't be locked.
    pub fn acquire(
        path: &Path,
        mode: LockMode,
        wait: Duration,
        clock: &Clock,
        command: &str,
    ) -> Result<FileLock, Failure> {
        let file = open_lock_file(path)?;
        let give_up_at = clock.since_boot() + wait;
        while !try_lock(&file, mode).map_err(|error| unlockable(path, &error))? {
            let left = give_up_at.saturating_sub(clock.since_boot());
            if left.is_zero() {
                return Err(busy(path, read_holder(&file)));
            }
            clock.sleep(left.min(RETRY_EVERY));
        }
        let lock = FileLock { file, path: path.to_owned(), mode };
        if mode == LockMode::Exclusive {
            let holder =
                Holder { pid: std::process::id(), command: command.to_owned(), started_at: clock.started_at() };
            lock.write_holder(&holder);
        }
        Ok(lock)
    }

    /// Checks that the path still names the locked file: other processes lock what the path names.
    ///
    /// # Errors
    /// 74 when it was removed or replaced.
    pub fn check(&self) -> Result<(), Failure> {
        let id = self.file.metadata().ok().map(|metadata| FileId::of(&metadata));
        if id.is_some() && id == FileId::at(&self.path) { Ok(()) } else { Err(replaced(&self.path)) }
    }

    /// Leaves a note for those who wait. The lock holds without it, so a full disk does no harm.
    fn write_holder(&self, holder: &Holder) {
        let mut line = serde_json::to_vec(holder).unwrap_or_default();
        line.push(b'\n');
        let mut file = &self.file;
        let _ = file.set_len(0).and_then(|()| file.seek(SeekFrom::Start(0))).and_then(|_| file.write_all(&line));
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        if self.mode == LockMode::Exclusive {
            let _ = self.file.set_len(0);
        }
        let _ = unlock(&self.file);
    }
}

/// Reports whether the lock is held just now, in either mode; a file that can't be opened counts as free.
pub fn is_held(path: &Path) -> bool {
    let Ok(file) = read::open(path) else { return false };
    matches!(try_lock(&file, LockMode::Exclusive), Ok(false))
}

/// Releases the lock of an open file.
pub(super) fn unlock(file: &File) -> io::Result<()> {
    fs2::FileExt::unlock(file)
}

/// Reports whether the lock was acquired.
pub(super) fn try_lock(file: &File, mode: LockMode) -> io::Result<bool> {
    let tried = match mode {
        LockMode::Exclusive => fs2::FileExt::try_lock_exclusive(file),
        LockMode::Shared => fs2::FileExt::try_lock_shared(file),
    };
    match tried {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == fs2::lock_contended_error().kind() => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(false),
        Err(error) => Err(error),
    }
}

/// Opens or creates the file; in a directory that can't be written an existing file is locked as it is.
fn open_lock_file(path: &Path) -> Result<File, Failure> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600).custom_flags(flags);
    let opened = options.open(path).or_else(|error| read::open(path).map_err(|_| error));
    let file = opened.map_err(|error| match Errno::from_io_error(&error) {
        Some(Errno::LOOP) => not_ours(words::is_symlink(Subject::At(path))),
        _ => foreign(path).unwrap_or_else(|| unlockable(path, &error)),
    })?;
    let metadata = file.metadata().map_err(|error| unlockable(path, &error))?;
    if !metadata.is_file() {
        return Err(not_ours(words::is_not_plain(Subject::At(path))));
    }
    if let Some(failure) = foreign(path) {
        return Err(failure);
    }
    if metadata.mode() & 0o077 != 0 {
        // A user who can open the file can lock us out.
        let _ = file.set_permissions(Permissions::from_mode(0o600));
    }
    Ok(file)
}

/// Reads the holder's note; one of a process that is gone was left by a killed run.
fn read_holder(mut file: &File) -> Option<Holder> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).ok()?;
    file.take(HOLDER_BYTES_MAX).read_to_string(&mut text).ok()?;
    let holder: Holder = serde_json::from_str(text.trim_end()).ok()?;
    Path::new("/proc").join(holder.pid.to_string()).exists().then_some(holder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    fn acquire(path: &Path, mode: LockMode) -> Result<FileLock, Failure> {
        let clock = Clock::system();
        FileLock::acquire(path, mode, Duration::ZERO, &clock, "buy")
    }

    #[test]
    fn an_exclusive_holder_excludes_all_and_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("api_token.lock");
        let held = acquire(&path, LockMode::Exclusive).unwrap();
        for mode in [LockMode::Exclusive, LockMode::Shared] {
            let failure = acquire(&path, mode).unwrap_err();
            let words = format!("held by pid {} (buy) since ", std::process::id());
            assert!(failure.said.what.contains(&words), "{failure}");
            assert_eq!((failure.exit(), failure.reason), (Exit::TryAgain, Reason::LockBusy));
        }
        drop(held);
        acquire(&path, LockMode::Exclusive).unwrap();
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn sharers_share_and_keep_an_exclusive_one_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("api_token.lock");
        let _first = acquire(&path, LockMode::Shared).unwrap();
        let _second = acquire(&path, LockMode::Shared).unwrap();
        let failure = acquire(&path, LockMode::Exclusive).unwrap_err();
        assert!(failure.said.what.ends_with("held by another process"), "{failure}");
    }

    #[test]
    fn a_note_left_by_a_killed_process_blames_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("account.lock");
        let note = br#"{"pid":4194305,"command":"buy","started_at":"2027-03-09T14:30:02Z"}"#;
        std::io::copy(&mut &note[..], &mut File::create(&path).unwrap()).unwrap();
        let _sharer = acquire(&path, LockMode::Shared).unwrap();
        let failure = acquire(&path, LockMode::Exclusive).unwrap_err();
        assert!(failure.said.what.ends_with("held by another process"), "{failure}");
    }

    #[test]
    fn waits_until_the_holder_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("account.lock");
        let held = acquire(&path, LockMode::Exclusive).unwrap();
        let clock = Clock::system();
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| {
                FileLock::acquire(&path, LockMode::Exclusive, Duration::from_secs(10), &clock, "sell").is_ok()
            });
            drop(held);
            assert!(waiter.join().unwrap());
        });
    }

    #[test]
    fn refuses_what_is_no_lock_file() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link.lock");
        std::os::unix::fs::symlink(folder.path().join("elsewhere"), &link).unwrap();
        let directory = folder.path().join("directory.lock");
        std::fs::create_dir(&directory).unwrap();
        for (path, words) in [(&link, "is a symlink"), (&directory, "is not a plain file")] {
            let failure = acquire(path, LockMode::Exclusive).unwrap_err();
            assert!(failure.said.what.ends_with(words), "{failure}");
            assert_eq!(failure.exit(), Exit::Config);
        }
        let failure = acquire(&folder.path().join("missing/a.lock"), LockMode::Exclusive).unwrap_err();
        assert_eq!(failure.exit(), Exit::StateUnwritable);
    }

    #[test]
    fn tightens_a_lock_file_that_a_shell_created() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("api_token.lock");
        File::create(&path).unwrap().set_permissions(Permissions::from_mode(0o644)).unwrap();
        acquire(&path, LockMode::Shared).unwrap();
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
    }
}
