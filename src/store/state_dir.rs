//! The state directory as a whole: where it may be, whose it is, and what its files are called.
//!
//! It belongs to one account and one mode, for good once something was ordered from it; `account.json` says which.

mod owner;
mod surroundings;
mod words;

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::io::Errno;

use crate::exit::{Failure, Reason};
use crate::language::Sentence;
use crate::store::atomic;
use crate::store::foreign::foreign;
use crate::visible::visible;

/// An open state directory.
#[derive(Clone, Debug)]
pub struct StateDir {
    path: PathBuf,
}

impl StateDir {
    /// Opens the directory, creating it if need be; returns the warnings about it.
    ///
    /// A directory that can't be written is no failure yet: some runs write nothing.
    ///
    /// # Errors
    /// 78 for a place where state is not safe or that is full of other things, 74 when the directory can't be created.
    pub fn open(path: &Path) -> Result<(StateDir, Vec<Sentence>), Failure> {
        let path = tidied(path)?;
        if let Some(parent) = path.parent() {
            // Never writable by others, whatever the umask.
            let created = DirBuilder::new().recursive(true).mode(0o755).create(parent);
            created.map_err(|error| not_created(parent, &error))?;
            refuse_open_parent(parent)?;
        }
        let is_new = create_own(&path).map_err(|error| not_created(&path, &error))?;
        refuse_odd(&path)?;
        let path = fs::canonicalize(&path).map_err(|error| not_created(&path, &error))?;
        path.parent().map_or(Ok(()), refuse_open_parent)?;
        let mut warnings = Vec::new();
        surroundings::refuse_network_mount(&path, &mut warnings)?;
        refuse_others(&path)?;
        warnings.extend(tighten(&path));
        if is_new {
            warnings.extend(keep_out_of_git(&path));
        }
        Ok((StateDir { path }, warnings))
    }

    /// The directory, absolute and without symlinks.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file called `name`.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

/// The files of the directory, each with its path.
macro_rules! files {
    ($($(#[$about:meta])* $name:ident: $file:literal,)+) => {
        impl StateDir {
            $($(#[$about])* pub fn $name(&self) -> PathBuf { self.file($file) })+
        }
    };
}

files! {
    /// The mark of account and mode.
    account: "account.json",
    /// Held by buy, sell and cleanup for the whole run. Taken before the token's lock.
    account_lock: "account.lock",
    /// Held by a sell that waits for the account lock.
    sell_want: "sell.want",
    /// The access token.
    token: "api_token.json",
    /// Held around loading and renewing the token.
    token_lock: "api_token.lock",
    /// When a token was last asked for, and what came of it.
    attempt: "token_attempt.json",
    /// When each event was last announced, and messages still to be sent.
    notified: "notified.json",
    /// Held around that record.
    notified_lock: "notified.lock",
    /// Held around the files of how runs ended.
    last_run_lock: "last_run.lock",
    /// How far the clock was off when a run last saw KIS's.
    clock: "clock.json",
    /// The pacing file.
    rate: "rate",
    /// The file whose existence stops all orders.
    halt: "HALT",
}

/// The path made absolute, without `.` and without a trailing slash that would hide a symlink.
fn tidied(path: &Path) -> Result<PathBuf, Failure> {
    let absolute = std::path::absolute(path).map_err(|error| refused(words::not_found(path, &error)))?;
    Ok(absolute.components().collect())
}

/// Creates the directory itself, unless something is there; reports whether it did.
fn create_own(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => match DirBuilder::new().mode(0o700).create(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            created => created.map(|()| true),
        },
        found => found.map(|_| false),
    }
}

/// Keeps git away from a new directory, which may be in a work tree; returns the warning when that fails.
fn keep_out_of_git(path: &Path) -> Option<Sentence> {
    let created = atomic::create(&path.join(".gitignore"), b"*\n");
    created.err().map(|error| words::no_gitignore(path, &error))
}

/// Refuses a symlink, anything but a directory, the root, and another user's directory.
fn refuse_odd(path: &Path) -> Result<(), Failure> {
    let metadata = fs::symlink_metadata(path).map_err(|error| not_created(path, &error))?;
    if metadata.is_symlink() {
        return Err(refused_place(words::is_symlink(path)).next(words::name_its_target()));
    }
    if !metadata.is_dir() {
        return Err(refused(words::is_no_directory(path)));
    }
    if fs::canonicalize(path).is_ok_and(|path| path.parent().is_none()) {
        return Err(refused(words::is_root(path)));
    }
    foreign(path).map_or(Ok(()), Err)
}

/// Files that only a state directory has, by their names, or by beginning and end.
const OWN_NAMES: [&str; 16] = [
    "HALT",
    "account.json",
    "account.lock",
    "api_token.json",
    "api_token.lock",
    "clock.json",
    "fills.json",
    "last_run.lock",
    "notified.json",
    "notified.lock",
    "rate",
    "sell.want",
    "symbols.json",
    "closes.json",
    "token_attempt.json",
    "trades.json",
];
const OWN_FORMS: [(&str, &str); 6] = [
    (".tmp-", ""),
    ("api_token.json.bad-", ""),
    ("equity_", ".json"),
    ("journal.torn-", ""),
    ("last_run_", ".json"),
    ("orders-", ".jsonl"),
];
/// What may be in a directory that was not used yet.
const HARMLESS: [&str; 3] = [".gitignore", "README.md", "lost+found"];

/// Refuses a directory that is used for something else, such as a home directory, and leaves it as it is.
fn refuse_others(path: &Path) -> Result<(), Failure> {
    let Ok(entries) = fs::read_dir(path) else { return Ok(()) };
    let mut others: Vec<String> = Vec::new();
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let has_form = |(start, end): &(&str, &str)| name.starts_with(start) && name.ends_with(end);
        if OWN_NAMES.contains(&name.as_str()) || OWN_FORMS.iter().any(has_form) {
            return Ok(());
        }
        others.extend(Some(name).filter(|name| !HARMLESS.contains(&name.as_str())));
    }
    let Some(example) = others.iter().min() else { return Ok(()) };
    let failure = refused_place(words::holds_others(path)).because(words::for_example(&visible(example)));
    Err(failure.next(words::name_own_directory()))
}

/// Refuses a parent in which every user may rename our directory.
fn refuse_open_parent(parent: &Path) -> Result<(), Failure> {
    let mode = fs::metadata(parent).map_err(|error| not_created(parent, &error))?.mode();
    if mode & 0o002 != 0 && mode & 0o1000 == 0 {
        return Err(refused_place(words::lies_in_open(parent)).next(words::close_parent(parent)));
    }
    Ok(())
}

/// Removes the permissions of group and others; returns the warning about it.
fn tighten(path: &Path) -> Option<Sentence> {
    let flags = (OFlags::NOFOLLOW | OFlags::DIRECTORY).bits().cast_signed();
    let directory = OpenOptions::new().read(true).custom_flags(flags).open(path).ok()?;
    let mode = directory.metadata().ok()?.mode() & 0o777;
    if mode & 0o077 == 0 {
        return None;
    }
    // What the owner may do stays: a directory made read-only is meant to be.
    let tighter = mode & 0o700;
    let was = format!("{mode:04o}");
    Some(match directory.set_permissions(Permissions::from_mode(tighter)) {
        Ok(()) => words::tightened(path, &was, &format!("{tighter:04o}")),
        Err(error) => words::still_open(path, &was, &error),
    })
}

fn not_created(path: &Path, error: &io::Error) -> Failure {
    match Errno::from_io_error(error) {
        // Rust itself refuses a path with a zero byte, without an error number.
        Some(Errno::LOOP | Errno::NAMETOOLONG | Errno::NOTDIR | Errno::EXIST | Errno::INVAL) | None => {
            refused(words::cannot_be(path)).because(error)
        }
        _ => Failure::new(Reason::StateUnwritable, words::unusable(path)).because(error).next(words::make_writable()),
    }
}

fn refused(what: Sentence) -> Failure {
    refused_place(what).next(words::choose_another())
}

fn refused_place(what: Sentence) -> Failure {
    Failure::new(Reason::ConfigInvalid, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    /// What `open` says, without the warning that some machines' temp folder earns.
    fn open(path: &Path) -> Result<(StateDir, Vec<Sentence>), Failure> {
        StateDir::open(path).map(|(dir, mut warnings)| {
            warnings.retain(|warning| !warning.contains("tmpfs"));
            (dir, warnings)
        })
    }

    #[test]
    fn creates_itself_and_what_is_above() {
        let folder = tempfile::tempdir().unwrap();
        let (dir, warnings) = open(&folder.path().join("a/b/state/")).unwrap();
        assert_eq!(dir.path(), fs::canonicalize(folder.path()).unwrap().join("a/b/state"));
        assert_eq!(dir.path().metadata().unwrap().mode() & 0o777, 0o700);
        assert!(warnings.is_empty(), "{warnings:?}");
        let ignore = dir.file(".gitignore");
        assert_eq!(fs::read_to_string(&ignore).unwrap(), "*\n");
        assert_eq!(ignore.metadata().unwrap().mode() & 0o777, 0o600);
        fs::remove_file(&ignore).unwrap();
        assert!(open(dir.path()).unwrap().1.is_empty());
        assert!(!ignore.exists(), "only a directory of its own making gets one");
        assert_eq!(dir.token(), dir.path().join("api_token.json"));
    }

    #[test]
    fn tightens_a_directory_that_others_can_enter() {
        for (mode, tighter) in [(0o755, 0o700), (0o701, 0o700), (0o555, 0o500)] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("state");
            fs::create_dir(&path).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let (_, warnings) = open(&path).unwrap();
            assert_eq!(warnings.len(), 1);
            let words = format!("(mode {mode:04o}); it is {tighter:04o} now");
            assert!(warnings[0].contains(&words), "{warnings:?}");
            assert_eq!(path.metadata().unwrap().mode() & 0o777, tighter);
        }
    }

    #[test]
    fn refuses_unsafe_places() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("real")).unwrap();
        std::os::unix::fs::symlink(at("real"), at("link")).unwrap();
        std::os::unix::fs::symlink(at("nowhere"), at("dangling")).unwrap();
        fs::File::create(at("file")).unwrap();
        let cases = [
            (PathBuf::from("/"), "is the root"),
            (PathBuf::from("/tmp/.."), "is the root"),
            (at("link"), "is a symlink"),
            (at("link/"), "is a symlink"),
            (at("link/."), "is a symlink"),
            (at("dangling"), "is a symlink"),
            (at("file"), "is not a directory"),
            (at("file/state"), "can't be a directory"),
            (PathBuf::new(), "can't be found"),
            (at("nul\0byte"), "can't be a directory"),
        ];
        for (path, words) in cases {
            let failure = open(&path).unwrap_err();
            assert_eq!((failure.exit(), failure.reason), (Exit::Config, Reason::ConfigInvalid), "{path:?}");
            assert!(failure.to_string().contains(words), "{path:?}: {failure}");
        }
        assert!(!at("nowhere").exists());
    }

    #[test]
    fn a_parent_open_to_all_needs_the_sticky_bit() {
        let folder = tempfile::tempdir().unwrap();
        let parent = folder.path().join("shared");
        fs::create_dir(&parent).unwrap();
        fs::set_permissions(&parent, Permissions::from_mode(0o777)).unwrap();
        let failure = open(&parent.join("state")).unwrap_err();
        assert!(failure.said.what.contains("no sticky bit"), "{failure}");
        assert!(!parent.join("state").exists());
        fs::set_permissions(&parent, Permissions::from_mode(0o1777)).unwrap();
        open(&parent.join("state")).unwrap();
    }

    #[test]
    fn refuses_the_directory_of_another_user() {
        // Only root can give a directory away.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        fs::create_dir(&path).unwrap();
        if std::os::unix::fs::chown(&path, Some(12345), None).is_ok() {
            let failure = open(&path).unwrap_err();
            assert!(
                failure.said.what.contains("another user, 12345") && failure.said.next.contains("sudo chown -R root"),
                "{failure}"
            );
        }
    }

    #[test]
    fn a_directory_of_other_things_is_left_as_it_is() {
        for (names, is_refused) in [
            (&["photos"][..], true),
            (&["README.md", ".gitignore", "notes.txt"], true),
            (&["trades.csv", "rates"], true),
            (&["orders-2023.xlsx", "last_run"], true),
            (&[], false),
            (&[".gitignore", "README.md", "lost+found"], false),
            (&["api_token.json"], false),
            (&["photos", "orders-2027-03.jsonl"], false),
            (&["HALT"], false),
            (&[".tmp-account.json-12"], false),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("state");
            fs::create_dir(&path).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
            names.iter().for_each(|name| drop(fs::File::create(path.join(name)).unwrap()));
            let opened = open(&path);
            assert_eq!(opened.is_err(), is_refused, "{names:?}: {opened:?}");
            let mode = path.metadata().unwrap().mode() & 0o777;
            assert_eq!(
                (mode, fs::read_dir(&path).unwrap().count()),
                (if is_refused { 0o755 } else { 0o700 }, names.len())
            );
        }
    }

    #[test]
    fn a_directory_that_cannot_be_created_is_not_writable() {
        let failure = open(Path::new("/proc/self/kis-trade-state")).unwrap_err();
        assert_eq!(failure.exit(), Exit::StateUnwritable);
    }
}
