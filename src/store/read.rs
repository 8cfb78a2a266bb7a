//! The one way to read a state file: never through a symlink, never blocked by a FIFO, never without a size limit,
//! never somebody else's.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::OFlags;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::exit::{Failure, Reason};

/// The most of a small JSON state file that is read.
const JSON_BYTES_MAX: u64 = 1 << 20;

/// What stands under the name of a state file.
#[derive(Debug)]
pub(super) enum StateFile {
    /// Nothing.
    Missing,
    /// A plain file of ours.
    Bytes {
        /// All of it.
        bytes: Vec<u8>,
        /// True when others could read or write it. Its mode is 0600 now, where the file system lets us.
        tightened: bool,
    },
    /// Something else than a file.
    NotAFile(Kind),
    /// A file over the limit; not read.
    TooLarge,
    /// A file of another user; not read.
    OtherOwner,
    /// A symlink; not followed.
    Symlink,
    /// The system can't read it.
    Io(io::Error),
}

/// Things that are no plain file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A directory.
    Directory,
    /// A FIFO.
    Fifo,
    /// A socket or a device.
    Other,
}

impl Kind {
    /// What it is, with its article.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Directory => "a directory",
            Kind::Fifo => "a FIFO",
            Kind::Other => "a socket or device",
        }
    }
}

/// Reads the state file at `path`, at most `bytes_max` of it.
pub(super) fn read_state_file(path: &Path, bytes_max: u64) -> StateFile {
    match open_state_file(path, bytes_max) {
        Ok(opened) => read_open(opened, bytes_max).unwrap_or_else(StateFile::Io),
        Err(oddity) => oddity,
    }
}

/// A plain file of ours, open for reading.
#[derive(Debug)]
pub(super) struct OpenStateFile {
    /// The file, at its beginning.
    pub file: File,
    /// True when others could read or write it. Its mode is 0600 now, where the file system lets us.
    pub tightened: bool,
    length: u64,
}

/// Opens the state file at `path`, to be read piece by piece. It may grow past `bytes_max` later.
///
/// # Errors
/// What stands there instead of a plain file of ours of at most `bytes_max`.
pub(super) fn open_state_file(path: &Path, bytes_max: u64) -> Result<OpenStateFile, StateFile> {
    let file = open(path).map_err(|error| explain(path, error))?;
    let metadata = file.metadata().map_err(StateFile::Io)?;
    if let Some(oddity) = oddity(&metadata) {
        return Err(oddity);
    }
    let tightened = metadata.mode() & 0o077 != 0;
    if tightened {
        let _ = file.set_permissions(Permissions::from_mode(0o600));
    }
    if metadata.len() > bytes_max {
        return Err(StateFile::TooLarge);
    }
    Ok(OpenStateFile { file, tightened, length: metadata.len() })
}

/// Reads the first bytes of a plain file of ours, at most `bytes_max`; nothing of anything else.
pub(super) fn read_beginning(path: &Path, bytes_max: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Ok(file) = open(path)
        && file.metadata().is_ok_and(|metadata| oddity(&metadata).is_none())
        && file.take(bytes_max).read_to_end(&mut bytes).is_err()
    {
        bytes.clear();
    }
    bytes
}

fn open(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

fn read_open(opened: OpenStateFile, bytes_max: u64) -> io::Result<StateFile> {
    let OpenStateFile { mut file, tightened, length } = opened;
    // Room for all of it, so that one call reads it.
    let mut bytes = Vec::with_capacity(usize::try_from(length.saturating_add(1)).unwrap_or_default());
    file.by_ref().take(bytes_max.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= bytes_max) {
        Ok(StateFile::Bytes { bytes, tightened })
    } else {
        Ok(StateFile::TooLarge)
    }
}

/// Tells what is wrong with a file that can't even be opened.
fn explain(path: &Path, error: io::Error) -> StateFile {
    if error.kind() == io::ErrorKind::NotFound {
        return StateFile::Missing;
    }
    let oddity = fs::symlink_metadata(path).ok().as_ref().and_then(oddity);
    oddity.unwrap_or(StateFile::Io(error))
}

fn oddity(metadata: &fs::Metadata) -> Option<StateFile> {
    let file_type = metadata.file_type();
    if file_type.is_symlink() {
        Some(StateFile::Symlink)
    } else if file_type.is_dir() {
        Some(StateFile::NotAFile(Kind::Directory))
    } else if file_type.is_fifo() {
        Some(StateFile::NotAFile(Kind::Fifo))
    } else if !file_type.is_file() {
        Some(StateFile::NotAFile(Kind::Other))
    } else if metadata.uid() != rustix::process::geteuid().as_raw() {
        Some(StateFile::OtherOwner)
    } else {
        None
    }
}

/// Why a versioned JSON file says nothing.
#[derive(Debug)]
pub enum Unreadable {
    /// It is not what the program wrote.
    Damaged(Failure),
    /// A newer program wrote it, in a way that must not be guessed.
    Newer(Failure),
    /// It is a symlink, no plain file, or somebody else's.
    Unsafe(Failure),
}

impl From<Unreadable> for Failure {
    fn from(unreadable: Unreadable) -> Failure {
        match unreadable {
            Unreadable::Damaged(failure) | Unreadable::Newer(failure) | Unreadable::Unsafe(failure) => failure,
        }
    }
}

/// What a versioned JSON file says.
#[derive(Debug)]
pub struct Versioned<T> {
    /// Its content, without the version.
    pub value: T,
    /// That others could read it, when they could.
    pub warning: Option<String>,
}

/// Reads a small JSON object that carries a `version`; `None` when there is no file.
///
/// # Errors
///
/// [`Unreadable`]; the file stays as it is.
pub fn load_versioned<T: DeserializeOwned>(path: &Path, version: u64) -> Result<Option<Versioned<T>>, Unreadable> {
    let not_ours = |what: &str| {
        Unreadable::Unsafe(
            Failure::new(Reason::ConfigInvalid, format!("{} {what}", path.display()))
                .next("look at it, and remove it if it is not yours"),
        )
    };
    let (bytes, tightened) = match read_state_file(path, JSON_BYTES_MAX) {
        StateFile::Missing => return Ok(None),
        StateFile::Bytes { bytes, tightened } => (bytes, tightened),
        StateFile::Symlink => return Err(not_ours("is a symlink")),
        StateFile::OtherOwner => return Err(not_ours("belongs to another user")),
        StateFile::NotAFile(kind) => return Err(not_ours(&format!("is {}", kind.word()))),
        StateFile::TooLarge => return Err(damaged(path, "it is too large")),
        StateFile::Io(error) => return Err(damaged(path, &error.to_string())),
    };
    let value = parse_versioned(path, &bytes, version)?;
    Ok(Some(Versioned { value, warning: tightened.then(|| tightened_warning(path)) }))
}

/// The warning about a file that others could read.
pub fn tightened_warning(path: &Path) -> String {
    format!("{} was open to other users of this machine; its mode is 0600 now", path.display())
}

fn parse_versioned<T: DeserializeOwned>(path: &Path, bytes: &[u8], version: u64) -> Result<T, Unreadable> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| damaged(path, &error.to_string()))?;
    match value.get("version").and_then(Value::as_u64) {
        Some(stated) if stated > version => Err(Unreadable::Newer(
            Failure::new(Reason::StateUnreadable, format!("{} can't be read", path.display()))
                .because(format!("it is of version {stated}, and this program knows {version}"))
                .next("use the program that wrote it, or a newer one"),
        )),
        Some(stated) if stated == version => {
            serde_json::from_value(value).map_err(|error| damaged(path, &error.to_string()))
        }
        _ => Err(damaged(path, "it has no version")),
    }
}

fn damaged(path: &Path, cause: &str) -> Unreadable {
    Unreadable::Damaged(
        Failure::new(Reason::StateUnreadable, format!("{} can't be read", path.display()))
            .because(cause)
            .next("look at it, restore it from a backup or remove it, and run again"),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::os::unix::net::UnixListener;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;
    use crate::exit::Exit;
    use crate::store::atomic::{self, replace};

    #[test]
    fn reads_up_to_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        assert!(matches!(read_state_file(&path, 4), StateFile::Missing));
        replace(&path, b"four").unwrap();
        let StateFile::Bytes { bytes, tightened: false } = read_state_file(&path, 4) else { panic!("not read") };
        assert_eq!(bytes, b"four");
        assert!(matches!(read_state_file(&path, 3), StateFile::TooLarge));
        assert_eq!(read_beginning(&path, 3), b"fou");
        assert_eq!(read_beginning(folder.path(), 3), b"");
    }

    #[test]
    fn tightens_what_others_can_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        for mode in [0o644, 0o640, 0o602, 0o777] {
            replace(&path, b"{}").unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            assert!(matches!(read_state_file(&path, 10), StateFile::Bytes { tightened: true, .. }), "{mode:o}");
            assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn tells_what_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        replace(&at("target"), b"{}").unwrap();
        std::os::unix::fs::symlink(at("target"), at("link")).unwrap();
        std::os::unix::fs::symlink(at("nowhere"), at("dangling")).unwrap();
        fs::create_dir(at("directory")).unwrap();
        mknodat(CWD, at("fifo"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        assert!(matches!(read_state_file(&at("link"), 9), StateFile::Symlink));
        assert!(matches!(read_state_file(&at("dangling"), 9), StateFile::Symlink));
        assert!(matches!(read_state_file(&at("directory"), 9), StateFile::NotAFile(Kind::Directory)));
        assert!(matches!(read_state_file(&at("fifo"), 9), StateFile::NotAFile(Kind::Fifo)));
        assert!(matches!(read_state_file(&at("socket"), 9), StateFile::NotAFile(Kind::Other)));
        assert!(matches!(read_state_file(&at("target/below"), 9), StateFile::Io(_)));
    }

    #[test]
    fn refuses_the_file_of_another_user() {
        // Only root can give a file away; elsewhere the kernel refuses before we can look.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        replace(&path, b"{}").unwrap();
        if std::os::unix::fs::chown(&path, Some(12345), None).is_ok() {
            assert!(matches!(read_state_file(&path, 9), StateFile::OtherOwner));
        }
    }
    #[test]
    fn tells_damaged_from_newer_and_unsafe() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let load = |path: &Path| load_versioned::<BTreeMap<String, Value>>(path, 2);
        assert!(load(&path).unwrap().is_none());
        atomic::replace_versioned(&path, 2, &BTreeMap::from([("key", "value")])).unwrap();
        let versioned = load(&path).unwrap().unwrap();
        assert_eq!((versioned.value["key"].as_str(), versioned.warning), (Some("value"), None));
        for text in ["", "{", "null", "[]", "{}", r#"{"version":"2"}"#, r#"{"version":1}"#, r#"{"version":-1}"#] {
            replace(&path, text.as_bytes()).unwrap();
            assert!(matches!(load(&path), Err(Unreadable::Damaged(_))), "{text}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        replace(&path, br#"{"version":3}"#).unwrap();
        assert!(matches!(load(&path), Err(Unreadable::Newer(_))));
        let failure = Failure::from(load(folder.path()).unwrap_err());
        assert_eq!(failure.exit(), Exit::Config);
    }
}
