//! The one way to replace a file: a reader sees the old content or the new, whole, whatever dies when.
//!
//! Temp file in the same folder (0600 from birth), write, sync, rename, sync the folder. Files that are derived from others and
//! rewritten by every run go without the two syncs: after a power cut such a file may be the old one, empty or torn, and then
//! counts as missing (`read::load_derived`). Most writers hold
//! the file's lock. Those without one (`account.json`, the totals of `status`, a page) may meet: temp files are named by process,
//! and the last rename wins. The temp files of killed runs are removed by the next replacement.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, OFlags, RenameFlags, renameat_with};
use rustix::io::Errno;
use serde::Serialize;

use crate::exit::{Failure, Reason};
use crate::language::Sentence;
use crate::store::names::each_name;
use crate::store::words;

/// Replaces the file at `path`, or creates it.
///
/// # Errors
/// The old content stays, unless only the last sync of the folder failed.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_with(path, bytes, None)
}

/// Creates the file at `path`, unless something is there. For a file that is written once and may be lost: a run killed here
/// leaves no temp file, which only another replacement would remove.
pub(super) fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    open_new(path)?.write_all(bytes)
}

/// Replaces the file at `path`; a page has a mode of the user's choice.
pub(super) fn replace_with(path: &Path, bytes: &[u8], mode: Option<Permissions>) -> io::Result<()> {
    remove_leftovers(path);
    let temp = temp_path(path)?;
    let set_mode = || mode.map_or(Ok(()), |mode| fs::set_permissions(&temp, mode));
    let written = write_temp(&temp, bytes).and_then(|file| file.sync_all());
    let written = written.and_then(|()| set_mode()).and_then(|()| fs::rename(&temp, path));
    if let Err(error) = written {
        let _ = fs::remove_file(&temp);
        return Err(error);
    }
    sync_folder(path)
}

/// Replaces the file at `path` by `value` as indented JSON with a final newline.
pub(super) fn replace_json(path: &Path, value: &impl Serialize) -> io::Result<()> {
    replace(path, &pretty(value)?)
}

fn pretty(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Replaces the file at `path` by the object `value` with its `version` in front.
///
/// # Errors
/// As [`replace`].
pub fn replace_versioned(path: &Path, version: u64, value: &impl Serialize) -> io::Result<()> {
    replace(path, &versioned(version, value)?)
}

/// Replaces a derived file as [`replace_versioned`] does, but leaves it to the system when it reaches the disk.
///
/// # Errors
/// The old content stays.
pub fn replace_derived(path: &Path, version: u64, value: &impl Serialize) -> io::Result<()> {
    let bytes = versioned(version, value)?;
    remove_leftovers(path);
    let temp = temp_path(path)?;
    let written = write_temp(&temp, &bytes).and_then(|_| fs::rename(&temp, path));
    if written.is_err() {
        let _ = fs::remove_file(&temp);
    }
    written
}

fn versioned(version: u64, value: &impl Serialize) -> io::Result<Vec<u8>> {
    #[derive(Serialize)]
    struct Versioned<'a, T> {
        version: u64,
        #[serde(flatten)]
        value: &'a T,
    }
    pretty(&Versioned { version, value })
}

/// Creates the file at `path` as [`replace_versioned`] replaces it, unless one is there.
///
/// # Errors
/// What the system says; nothing when there is a file.
pub(super) fn create_versioned(path: &Path, version: u64, value: &impl Serialize) -> io::Result<()> {
    let bytes = versioned(version, value)?;
    remove_leftovers(path);
    let temp = temp_path(path)?;
    let named = write_temp(&temp, &bytes).and_then(|file| file.sync_all()).and_then(|()| {
        match renameat_with(CWD, &temp, CWD, path, RenameFlags::NOREPLACE) {
            Err(Errno::EXIST) => fs::remove_file(&temp),
            // Not every file system can do that.
            Err(Errno::INVAL | Errno::NOSYS) => fs::rename(&temp, path),
            renamed => renamed.map_err(io::Error::from),
        }
    });
    if named.is_err() {
        let _ = fs::remove_file(&temp);
    }
    named.and_then(|()| sync_folder(path))
}

/// A state file that could not be written, and without which no order is sent.
pub fn unwritten(what: Sentence, cause: impl Into<Sentence>) -> Failure {
    Failure::new(Reason::StateUnwritable, what).because(cause).next(words::free_space_for_orders())
}

/// Makes a created, renamed or removed name in the folder of `path` survive a power cut.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// Removes all but the newest files whose names begin with `prefix`; the rest of the name is a time, so that names sort.
/// What can't be removed stays; it does no harm.
pub(super) fn keep_newest(folder: &Path, prefix: &str, count: usize) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    names.retain(|name| name.as_bytes().starts_with(prefix.as_bytes()));
    names.sort();
    for name in names.iter().rev().skip(count) {
        let _ = fs::remove_file(folder.join(name));
    }
}

/// Removes the temp files of this file that killed runs left: their processes are gone, or had our id.
fn remove_leftovers(path: &Path) {
    let prefix = [b".tmp-", path.file_name().map(OsStr::as_bytes).unwrap_or_default(), b"-"].concat();
    let own = std::process::id().to_string();
    let folder = folder_of(path);
    // What can't be read is not cleaned up.
    let _ = each_name(folder, |name| {
        let id = name.strip_prefix(prefix.as_slice()).and_then(|id| str::from_utf8(id).ok());
        let is_id = |id: &&str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        // The mark of a new directory is written without a lock: another run may be at it right now.
        if id.filter(is_id).is_some_and(|id| id == own || !Path::new("/proc").join(id).exists()) {
            let _ = fs::remove_file(folder.join(OsStr::from_bytes(name)));
        }
    });
}

fn write_temp(temp: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut file = open_new(temp)?;
    file.write_all(bytes)?;
    Ok(file)
}

fn open_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
    options.open(path)
}

fn temp_path(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut temp = OsStr::new(".tmp-").to_owned();
    temp.push(name);
    temp.push(format!("-{}", std::process::id()));
    Ok(path.with_file_name(temp))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn only_the_newest_of_a_name_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.bad-1", "a.bad-2", "a.bad-3", "a", "b.bad-0"] {
            replace(&folder.path().join(name), b"x").unwrap();
        }
        keep_newest(folder.path(), "a.bad-", 2);
        let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["a", "a.bad-2", "a.bad-3", "b.bad-0"]);
        keep_newest(&folder.path().join("nowhere"), "a", 0);
    }

    #[test]
    fn replaces_whole_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("account.json");
        replace(&path, b"a long first text").unwrap();
        replace_json(&path, &serde_json::json!({"version": 1})).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\n  \"version\": 1\n}\n");
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(names(folder.path()), ["account.json"]);
    }

    #[test]
    fn what_is_created_once_overwrites_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        create(&at("new"), b"x").unwrap();
        assert_eq!(
            (fs::read(at("new")).unwrap(), at("new").metadata().unwrap().mode() & 0o777),
            (b"x".to_vec(), 0o600)
        );
        std::os::unix::fs::symlink(at("nowhere"), at("link")).unwrap();
        for name in ["new", "link"] {
            assert_eq!(create(&at(name), b"y").unwrap_err().kind(), io::ErrorKind::AlreadyExists, "{name}");
        }
        assert_eq!((fs::read(at("new")).unwrap(), at("nowhere").exists()), (b"x".to_vec(), false));
    }

    #[test]
    fn a_leftover_of_the_same_process_id_is_no_obstacle() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("account.json");
        File::create(temp_path(&path).unwrap()).unwrap();
        replace(&path, b"new").unwrap();
        assert_eq!(names(folder.path()), ["account.json"]);
    }

    #[test]
    fn a_failure_keeps_the_old_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("account.json");
        replace(&path, b"old").unwrap();
        fs::create_dir(temp_path(&path).unwrap()).unwrap();
        assert!(replace(&path, b"new").is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert!(replace(&folder.path().join("missing/a.json"), b"new").is_err());
        assert!(replace(Path::new("/"), b"new").is_err());
    }

    #[test]
    fn a_target_that_is_a_directory_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("account.json");
        fs::create_dir(&path).unwrap();
        assert!(replace(&path, b"new").is_err());
        assert_eq!(names(folder.path()), ["account.json"]);
    }

    #[test]
    fn removes_what_killed_runs_left_of_that_file_only() {
        let folder = tempfile::tempdir().unwrap();
        // Linux gives no process a number over 4194304.
        let ours = [".tmp-a.json-4194305", ".tmp-a.json-99999999999999999999"];
        let others = [".tmp-a.json-", ".tmp-a.json-1", ".tmp-a.json-4194305x", ".tmp-b.json-4194305", "a.json"];
        for name in ours.iter().chain(&others) {
            File::create(folder.path().join(name)).unwrap();
        }
        replace(&folder.path().join("a.json"), b"new").unwrap();
        assert_eq!(names(folder.path()), others);
    }
}
